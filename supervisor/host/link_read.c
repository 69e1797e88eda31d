/*
 * link_read: bytes in, frames out. Short reads, EINTR, EAGAIN and lost peers end here.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "link.h"
#include "link_parts.h"
#include "supervisor.h"

enum { READS_MOST = 4 }; /* buffers a turn; then others are served */

/* One read of a socket on which descriptors may come. */
static ssize_t receive_with_fds(struct link *l)
{
	struct ucred sender;
	ssize_t n = fd_queue_receive(&l->arrived, l->in, l->s->buffer, HOST_READ_SIZE, &sender);

	if (n > 0 && l->only_from != 0 && sender.pid != l->only_from) {
		l->stranger = sender.pid;
		n = -EPERM;
	}
	if (n < 0)
		errno = (int)-n;
	return n < 0 ? -1 : n;
}

/* One read of a socket on which only one process may write. Descriptors do not fit, so none arrive. */
static ssize_t receive_from(struct link *l, void *buffer, size_t size)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(struct ucred))];
	} control;
	struct iovec vector = {buffer, size};
	struct msghdr m = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control.bytes,
			   .msg_controllen = sizeof(control.bytes)};
	ssize_t n = recvmsg(l->in, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	struct cmsghdr *c;
	struct ucred ids = {.pid = 0};

	if (n <= 0)
		return n;
	for (c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS &&
		    c->cmsg_len == CMSG_LEN(sizeof(ids)))
			memcpy(&ids, CMSG_DATA(c), sizeof(ids));
	}
	if (ids.pid != l->only_from) {
		l->stranger = ids.pid;
		errno = EPERM;
		return -1;
	}
	return n;
}

static ssize_t receive(struct link *l)
{
	ssize_t n;

	do {
		if (l->in != l->out)
			n = read(l->in, l->s->buffer, HOST_READ_SIZE);
		else if (l->takes_fds)
			n = receive_with_fds(l);
		else if (l->only_from != 0)
			n = receive_from(l, l->s->buffer, HOST_READ_SIZE);
		else /* plain recv: descriptors that nobody asked for are destroyed by the kernel */
			n = recv(l->in, l->s->buffer, HOST_READ_SIZE, MSG_DONTWAIT);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

static bool end_as_broken(struct link *l, const char *why)
{
	char text[120];

	snprintf(text, sizeof(text), "protocol error at byte %llu: %s",
		 (unsigned long long)frame_offset(&l->decoder), why);
	link_goaway(l, REASON_PROTOCOL, text);
	link_end(l, LINK_BROKEN, text);
	return false;
}

/* Gives a frame that came whole the descriptors that it announces. False: the link has ended. */
static bool claim(struct link *l, struct frame *f)
{
	if (!fds_may_ride(f->type))
		return end_as_broken(l, "descriptors with a frame that carries none");
	if (!l->takes_fds)
		return true; /* they are gone; who knows what the frame was for says so */
	switch (fd_queue_match(&l->arrived, f->nfds, &f->fds)) {
	case FD_MATCH_OK:
		fds_count_in(f->fds, &l->s->fds_held);
		return true;
	case FD_MATCH_LOST:
	case FD_MATCH_NO_MEMORY:
		f->fds_lost = true;
		return true;
	case FD_MATCH_NONE:
		return end_as_broken(l, "a frame announces descriptors that did not come with it");
	}
	return true;
}

/* Hands out one frame, of which only the header is known where it is too large. */
static bool give(struct link *l, struct frame *f, bool (*owner_takes)(struct link *l, const struct frame *f))
{
	bool goes_on = f->nfds == 0 || claim(l, f);

	if (goes_on)
		goes_on = owner_takes(l, f) && !l->is_ended && l->is_open;
	fds_unref(f->fds);
	return goes_on;
}

/* Hands out every frame that was fed; false once the link has ended. */
static bool hand_out(struct link *l)
{
	struct frame f;

	for (;;) {
		switch (frame_next(&l->decoder, &f)) {
		case FRAME_OK:
			if (!give(l, &f, l->owner->frame))
				return false;
			break;
		case FRAME_TOO_LARGE:
			if (!give(l, &f, l->owner->too_large))
				return false;
			break;
		case FRAME_MORE:
			if (fd_queue_is_overfull(&l->arrived, frame_is_partial(&l->decoder)))
				return end_as_broken(l, "descriptors that no frame announces");
			return !l->owner->holds || l->owner->holds(l, l->decoder.held);
		case FRAME_NONSENSE:
			return end_as_broken(l, frame_problem(&l->decoder));
		case FRAME_NO_MEMORY:
			link_end(l, LINK_FAILED, "no memory for a frame");
			return false;
		}
	}
}

static bool digest(struct link *l, size_t size)
{
	bool goes_on;

	frame_feed(&l->decoder, l->s->buffer, size);
	l->is_digesting = true;
	goes_on = hand_out(l);
	l->is_digesting = false;
	return goes_on;
}

void link_see_error(struct link *l, int error)
{
	char text[120];

	if (error == 0 || error == ECONNRESET || error == EPIPE) {
		link_end(l, LINK_CLOSED, "closed");
		return;
	}
	if (error == EPERM && l->stranger != 0) {
		snprintf(text, sizeof(text), "written by process %d instead of %d", (int)l->stranger,
			 (int)l->only_from);
		link_end(l, LINK_STRANGER, text);
		return;
	}
	link_end(l, LINK_FAILED, strerror(error));
}

/* Nothing more is taken from a peer that does not read what it has asked for. */
bool link_may_read(struct link *l)
{
	size_t most = l->is_full ? l->pause_above / 4 : l->pause_above;

	l->is_full = l->pause_above > 0 && outbox_bytes(&l->outbox) > most;
	return l->is_lost || !(l->is_paused || l->is_full);
}

void link_read(struct link *l)
{
	for (int i = 0; i < READS_MOST; i++) {
		ssize_t n = receive(l);

		if (n == -EAGAIN && !l->is_lost)
			return;
		if (n <= 0) {
			link_see_error(l, n == -EAGAIN ? 0 : (int)-n); /* one that does not read has gone, too */
			return;
		}
		if (!digest(l, (size_t)n))
			return;
		if (!link_may_read(l) || (n < HOST_READ_SIZE && !l->is_lost))
			return;
	}
}
