/*
 * fdqueue: descriptors on their way in, between the reading that brought them and the frame that announces them.
 *
 * On a stream socket the kernel glues descriptors to *earlier* bytes: one reading may bring three plain frames and
 * the beginning of a fourth together with the fourth's descriptors. So they wait here, in order, and each frame is
 * given as many as its header names, once it is whole. What the kernel could not deliver (this process is at its
 * limit of descriptors, or a security module has dropped some) is remembered in its place, so that exactly the frame
 * it belonged to fails.
 */
#ifndef BROOD_FDQUEUE_H
#define BROOD_FDQUEUE_H

#include <stdbool.h>
#include <sys/types.h>

#include "fds.h"

struct ucred;

/* All-zero is an empty one. It holds no memory while it is empty. */
struct fd_queue {
	int *fd; /* -1: here some were lost */
	size_t first;
	size_t count;
	size_t capacity;
};

/*
 * One recvmsg() that waits for nothing. Bytes, 0 at the end, or -errno; -ENOMEM: descriptors came that could not be
 * kept, the stream is lost. Where `sender` is not NULL it says who wrote, pid 0 if the kernel did not.
 */
MUST_USE ssize_t fd_queue_receive(struct fd_queue *q, int socket, void *buffer, size_t size, struct ucred *sender);

enum fd_match {
	FD_MATCH_OK,        /* fds_out holds what the frame announced */
	FD_MATCH_LOST,      /* some of them did not make it; those that did are closed */
	FD_MATCH_NONE,      /* they never came: the peer broke the protocol */
	FD_MATCH_NO_MEMORY, /* they are closed */
};

/* For the frame that has just come whole: nfds as in its header. */
MUST_USE enum fd_match fd_queue_match(struct fd_queue *q, uint8_t nfds, struct fds **fds_out);
/*
 * All frames that were whole have had theirs. Is something left that no frame has announced? One that has come in
 * part may still announce as many as a frame can.
 */
bool fd_queue_is_overfull(const struct fd_queue *q, bool frame_is_partial);
/* Closes all. */
void fd_queue_close(struct fd_queue *q);

#endif
