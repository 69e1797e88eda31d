/*
 * carrier: a process that reads a pipe and writes it to stderr, and waits there in our place.
 *
 * Only for a stderr that would block us and cannot be told not to. It ends when the pipe does, so it outlives a
 * supervisor that was killed just long enough to pass on its last lines.
 */
#ifndef BROOD_CARRIER_H
#define BROOD_CARRIER_H

#include <sys/types.h>

#include "attributes.h"

/* *fd: where to write, nonblocking; what is written at once is passed on at once. 0 or -errno. */
MUST_USE int carrier_open(pid_t *pid, int *fd);
/* After fd was closed: lets it finish, a moment at most. */
void carrier_close(pid_t pid);

#endif
