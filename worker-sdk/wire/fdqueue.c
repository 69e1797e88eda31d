/* fdqueue: a list of descriptors in an array; recvmsg() with room for all that the kernel can send at once. */
#include "fdqueue.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	KERNEL_MOST = 253, /* SCM_MAX_FD: what one sendmsg() can carry */
	LOST = -1,
	CAPACITY_LEAST = FRAME_FDS_MOST,
};

/* The kernel pads, so a buffer for n descriptors may bring n + 1: always room for all, and all are looked at. */
union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int) * KERNEL_MOST) + CMSG_SPACE(sizeof(struct ucred))];
};

static bool grow(struct fd_queue *q, size_t more)
{
	size_t capacity = q->capacity > 0 ? q->capacity : CAPACITY_LEAST;
	int *grown;

	if (q->first > 0)
		memmove(q->fd, q->fd + q->first, q->count * sizeof(*q->fd));
	q->first = 0;
	if (q->count + more <= q->capacity)
		return true;
	while (capacity < q->count + more)
		capacity *= 2;
	grown = realloc(q->fd, capacity * sizeof(*grown));
	if (!grown)
		return false;
	q->fd = grown;
	q->capacity = capacity;
	return true;
}

static bool add(struct fd_queue *q, int fd)
{
	if (q->first + q->count == q->capacity && !grow(q, 1)) {
		if (fd != LOST)
			close(fd);
		return false;
	}
	q->fd[q->first + q->count++] = fd;
	return true;
}

/* All descriptors of one control message, each of which is ours now. */
static bool add_rights(struct fd_queue *q, const struct cmsghdr *c)
{
	size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	bool kept = true;

	for (size_t i = 0; i < count; i++) {
		int fd;

		memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
		kept &= add(q, fd);
	}
	return kept;
}

ssize_t fd_queue_receive(struct fd_queue *q, int socket, void *buffer, size_t size, struct ucred *sender)
{
	union control control;
	struct iovec vector = {buffer, size};
	struct msghdr m = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control.bytes,
			   .msg_controllen = sizeof(control.bytes)};
	ssize_t n = recvmsg(socket, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	bool kept = true;

	if (sender)
		*sender = (struct ucred){.pid = 0};
	if (n < 0)
		return -errno;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		if (c->cmsg_level != SOL_SOCKET)
			continue;
		if (c->cmsg_type == SCM_RIGHTS)
			kept &= add_rights(q, c);
		else if (c->cmsg_type == SCM_CREDENTIALS && sender && c->cmsg_len == CMSG_LEN(sizeof(*sender)))
			memcpy(sender, CMSG_DATA(c), sizeof(*sender));
	}
	if (m.msg_flags & MSG_CTRUNC)
		kept &= add(q, LOST);
	return kept ? n : -ENOMEM;
}

static void drop_if_empty(struct fd_queue *q)
{
	if (q->count > 0)
		return;
	free(q->fd);
	*q = (struct fd_queue){.fd = NULL};
}

static int pop(struct fd_queue *q)
{
	assert(q->count > 0);
	q->count--;
	return q->fd[q->first++];
}

static enum fd_match give_up(const int *fd, size_t count, enum fd_match how)
{
	for (size_t i = 0; i < count; i++)
		close(fd[i]);
	return how;
}

static enum fd_match collect(struct fd_queue *q, unsigned count, struct fds **fds_out)
{
	int fd[FRAME_FDS_MOST];

	for (unsigned i = 0; i < count; i++) {
		if (q->count == 0)
			return give_up(fd, i, FD_MATCH_NONE);
		fd[i] = pop(q);
		if (fd[i] == LOST)
			return give_up(fd, i, FD_MATCH_LOST);
	}
	*fds_out = fds_new(fd, count);
	return *fds_out ? FD_MATCH_OK : FD_MATCH_NO_MEMORY;
}

enum fd_match fd_queue_match(struct fd_queue *q, uint8_t nfds, struct fds **fds_out)
{
	enum fd_match result;

	*fds_out = NULL;
	if (nfds == FRAME_FDS_UNSENT)
		return FD_MATCH_LOST;
	assert(nfds > 0 && nfds <= FRAME_FDS_MOST);
	result = collect(q, nfds, fds_out);
	drop_if_empty(q);
	return result;
}

bool fd_queue_is_overfull(const struct fd_queue *q, bool frame_is_partial)
{
	return q->count > (frame_is_partial ? FRAME_FDS_MOST + 1u : 0u);
}

void fd_queue_close(struct fd_queue *q)
{
	for (size_t i = 0; i < q->count; i++) {
		if (q->fd[q->first + i] != LOST)
			close(q->fd[q->first + i]);
	}
	q->count = 0;
	drop_if_empty(q);
}
