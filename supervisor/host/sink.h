/*
 * sink: where the log goes, whatever stderr is, without ever waiting for it.
 *
 * stderr is shared with whoever started brood, so its O_NONBLOCK is left as it is. docs/decisions/0005 tells what is
 * done instead.
 */
#ifndef BROOD_SINK_H
#define BROOD_SINK_H

#include <uv.h>

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "attributes.h"

struct sink {
	int fd;
	bool is_socket;
	bool has_room_told; /* it can be waited for; else a write takes all or fails */
	bool is_awaited;
	size_t piece;  /* write whole lines of so many bytes at once; a longer line goes alone */
	int room;      /* an epoll that holds fd alone: libuv would make fd itself nonblocking */
	pid_t carrier; /* the process that waits in our place; 0: none is needed */
	uv_poll_t poll;
	void (*on_room)(void *user);
	void *user;
};

/* Finds out what stderr is. on_room is called while sink_await() is on. 0, or -errno and nothing is open. */
MUST_USE int sink_open(struct sink *k, uv_loop_t *uv, void (*on_room)(void *user), void *user);
/* How much was written, or -errno; -EAGAIN: it has no room. */
MUST_USE ssize_t sink_write(const struct sink *k, const char *text, size_t size);
/* Tells when there is room, until it is called with false. */
void sink_await(struct sink *k, bool wanted);
/* Gives what was written already a moment to arrive. */
void sink_close(struct sink *k);

#endif
