/* fdsend: what waits in an outbox, onto a socket, with the descriptors that go with it. */
#ifndef BROOD_FDSEND_H
#define BROOD_FDSEND_H

#include <sys/types.h>

#include "outbox.h"

/*
 * One sendmsg() that waits for nothing and raises no signal, of at most `entries` pieces (`vector` is room for
 * them). Bytes, to be told to outbox_sent(), or -errno. Where the kernel will not pass the descriptors of the frame
 * that comes next (too many of this user's are under way, the receiver's socket takes none), the frame goes without
 * them and says so: it is lost then, and not the connection.
 */
MUST_USE ssize_t fd_send(struct outbox *o, int socket, struct iovec *vector, size_t entries);

#endif
