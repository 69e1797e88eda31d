/*
 * fds: descriptors that travel with one frame.
 *
 * They are shared like the bytes of a lent body: the frame that brought them, the request that keeps them and the
 * outbox that still has to pass them on hold a reference each; the last one closes what nobody took. References may
 * be given back in any thread; taking is for whoever holds the request or the answer.
 */
#ifndef BROOD_FDS_H
#define BROOD_FDS_H

#include <stddef.h>

#include "attributes.h"
#include "frame.h"

struct fds;

/* Takes `count` descriptors over, 1 to FRAME_FDS_MOST. NULL without memory: then they are closed. */
MUST_USE struct fds *fds_new(const int *fd, size_t count);
/* The same with duplicates of them, close-on-exec. 0; -EINVAL: too many or none · -EBADF, -EMFILE, -ENOMEM. */
MUST_USE int fds_copy(struct fds **out, const int *fd, size_t count);
/* From now on *tally says how many of these are open, added to what it says of others. */
void fds_count_in(struct fds *f, size_t *tally);
/* One holder more; NULL is allowed. */
struct fds *fds_ref(struct fds *f);
/* One less; NULL is allowed. */
void fds_unref(struct fds *f);
/* Gives one away; -1 if there is none with this number, or it was taken. */
int fds_take(struct fds *f, size_t index);

/* May a frame of this type carry descriptors? */
bool fds_may_ride(uint8_t type);

/*
 * May peers of this socket send descriptors to it? To close one may take as long as its owner likes (a TCP socket that
 * lingers, a file of FUSE), also where the kernel does it because nobody takes them, or with a connection that is
 * refused. So where none are wanted the sender is stopped (EPERM). Accepted sockets are as their listener is. Before
 * Linux 6.16 nobody is stopped. False: it is as it was.
 */
bool fds_admit(int socket, bool may_come);

/* Their numbers, and how many there are (1 to FRAME_FDS_MOST); -1 stands for one that was taken. */
const int *fds_numbers(const struct fds *f, size_t *count_out);

#endif
