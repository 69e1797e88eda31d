/*
 * lock: a file that one process at a time holds, as long as it lives.
 *
 * It is never removed: who has opened the old file and who makes a new one would both hold a lock of that name.
 * Somebody else may remove it all the same, so what is locked is compared with the name.
 */
#ifndef BROOD_LOCK_H
#define BROOD_LOCK_H

#include <stdbool.h>

#include "attributes.h"

/*
 * Locks the file `name` of an open directory, made where it is missing. 0; -EWOULDBLOCK: somebody else holds it, and
 * *fd_out is open only to be read; or -errno with *fd_out -1 (-ESTALE: the name changed faster than it could be
 * locked).
 */
MUST_USE int lock_take(int dirfd, const char *name, int *fd_out);
/* Is this open file or directory still the one that has the name? AT_FDCWD for a path. */
MUST_USE bool lock_is_there(int fd, int dirfd, const char *name);

#endif
