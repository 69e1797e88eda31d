/*
 * link: see link.h. Short reads and writes, EINTR, EAGAIN and lost peers end here.
 */
#include "link.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "contract.h"
#include "head.h"
#include "loop.h"
#include "supervisor.h"

enum {
	READS_MOST = 4, /* buffers a turn; then others are served */
	VECTOR_MOST = 64,
	OWED_MOST = 1 << 20,
};

const char *link_problem(const struct link *l)
{
	return l->problem;
}

bool link_is_cut(const struct link *l)
{
	return !l->is_open || l->is_lost;
}

size_t link_waiting(const struct link *l)
{
	return l->is_lost ? 0 : outbox_bytes(&l->outbox) + l->flows.waiting;
}

static void look(struct link *l);

static void end(struct link *l, enum link_end how, const char *problem)
{
	if (l->is_ended)
		return;
	l->is_ended = true;
	snprintf(l->problem, sizeof(l->problem), "%s", problem);
	l->owner->ended(l, how);
	look(l);
}

/* What the peer sent before it went is still read, and then it has ended, even if it never closes: link_turn(). */
static void cannot_write(struct link *l)
{
	if (l->is_lost)
		return;
	l->is_lost = true;
	l->is_half_closed = true;
	loop_mark(l->s, l);
}

void link_break(struct link *l, const char *why)
{
	end(l, LINK_BROKEN, why);
}

/* ------------------------------------------------------------------ reading */

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
		else if (l->only_from != 0)
			n = receive_from(l, l->s->buffer, HOST_READ_SIZE);
		else /* plain recv: descriptors that nobody asked for are destroyed by the kernel */
			n = recv(l->in, l->s->buffer, HOST_READ_SIZE, MSG_DONTWAIT);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

static void end_as_nonsense(struct link *l)
{
	char text[120];

	snprintf(text, sizeof(text), "protocol error at byte %llu: %s",
		 (unsigned long long)frame_offset(&l->decoder), frame_problem(&l->decoder));
	link_goaway(l, REASON_PROTOCOL, text);
	end(l, LINK_BROKEN, text);
}

/* Hands out every frame that was fed; false once the link has ended. */
static bool hand_out(struct link *l)
{
	struct frame f;

	for (;;) {
		switch (frame_next(&l->decoder, &f)) {
		case FRAME_OK:
			if (!l->owner->frame(l, &f) || l->is_ended || !l->is_open)
				return false;
			break;
		case FRAME_TOO_LARGE:
			if (!l->owner->too_large(l, &f) || l->is_ended || !l->is_open)
				return false;
			break;
		case FRAME_MORE:
			return !l->owner->holds || l->owner->holds(l, l->decoder.held);
		case FRAME_NONSENSE:
			end_as_nonsense(l);
			return false;
		case FRAME_NO_MEMORY:
			end(l, LINK_FAILED, "no memory for a frame");
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

static void see_error(struct link *l, int error)
{
	char text[120];

	if (error == 0 || error == ECONNRESET || error == EPIPE) {
		end(l, LINK_CLOSED, "closed");
		return;
	}
	if (error == EPERM && l->stranger != 0) {
		snprintf(text, sizeof(text), "written by process %d instead of %d", (int)l->stranger,
			 (int)l->only_from);
		end(l, LINK_STRANGER, text);
		return;
	}
	end(l, LINK_FAILED, strerror(error));
}

/* Nothing more is taken from a peer that does not read what it has asked for. */
static bool may_read(struct link *l)
{
	size_t most = l->is_full ? l->pause_above / 4 : l->pause_above;

	l->is_full = l->pause_above > 0 && outbox_bytes(&l->outbox) > most;
	return l->is_lost || !(l->is_paused || l->is_full);
}

static void read_all(struct link *l)
{
	for (int i = 0; i < READS_MOST; i++) {
		ssize_t n = receive(l);

		if (n == -EAGAIN && !l->is_lost)
			return;
		if (n <= 0) {
			see_error(l, n == -EAGAIN ? 0 : (int)-n); /* one that does not read has gone, too */
			return;
		}
		if (!digest(l, (size_t)n))
			return;
		if (!may_read(l) || (n < HOST_READ_SIZE && !l->is_lost))
			return;
	}
}

static void on_out(uv_poll_t *poll, int status, int events)
{
	struct link *l = poll->data;

	(void)events;
	if (status < 0) {
		l->events_out = 0;
		cannot_write(l);
		return;
	}
	link_flush(l);
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
	struct link *l = poll->data;

	if (status < 0)
		l->events = 0; /* libuv reports an error condition so, and stops */
	if (l->is_ended && (status < 0 || events & UV_PRIORITIZED)) {
		if (l->owner->hung_up)
			l->owner->hung_up(l);
		return;
	}
	if (status < 0) {
		read_all(l); /* tells which */
		if (!l->is_ended && l->is_open)
			see_error(l, 0);
		return;
	}
	if (events & UV_WRITABLE)
		link_flush(l);
	if (events & UV_READABLE && l->is_open && !l->is_ended && may_read(l))
		read_all(l);
}

/* ------------------------------------------------------------------ writing */

static ssize_t transmit(struct link *l, struct iovec *vector, size_t entries)
{
	ssize_t n;

	do {
		if (l->in == l->out) {
			struct msghdr m = {.msg_iov = vector, .msg_iovlen = entries};

			n = sendmsg(l->out, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
		} else {
			n = writev(l->out, vector, (int)entries); /* SIGPIPE is ignored in brood */
		}
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

static void set(uv_poll_t *poll, int *now, int events, uv_poll_cb callback)
{
	if (*now == events)
		return;
	*now = events;
	if (events)
		uv_poll_start(poll, events, callback);
	else
		uv_poll_stop(poll);
}

/*
 * Sets what the polls look for. A hang-up is only reported to who looks for something: after a half-close that is
 * "priority" data, which is never sent here.
 */
static void look(struct link *l)
{
	bool wants_room = !l->is_lost && !l->is_half_closed && outbox_bytes(&l->outbox) > 0;
	int in = 0;

	if (!l->is_open)
		return;
	if (l->is_ended)
		in = l->owner->hung_up ? UV_PRIORITIZED : 0;
	else if (may_read(l))
		in = UV_READABLE;
	if (l->in == l->out)
		in |= wants_room ? UV_WRITABLE : 0;
	set(&l->poll, &l->events, in, on_ready);
	if (l->in != l->out && l->out >= 0)
		set(&l->poll_out, &l->events_out, wants_room ? UV_WRITABLE : 0, on_out);
}

static void on_closed(uv_handle_t *handle)
{
	struct link *l = handle->data;

	if (--l->handles == 0 && l->closed)
		l->closed(l);
}

static void half_close(struct link *l)
{
	l->is_half_closed = true;
	if (l->in == l->out) {
		shutdown(l->out, SHUT_WR);
		return;
	}
	/* first the handle, then the descriptor: uv_close() touches the number, which may be another's by then */
	uv_close((uv_handle_t *)&l->poll_out, on_closed);
	close(l->out);
	l->out = -2; /* neither open nor equal to in */
}

void link_flush(struct link *l)
{
	struct iovec vector[VECTOR_MOST];

	while (l->is_open && !l->is_lost && !l->is_half_closed && outbox_bytes(&l->outbox) > 0) {
		ssize_t n = transmit(l, vector, outbox_vector(&l->outbox, vector, VECTOR_MOST));

		if (n == -EAGAIN)
			break;
		if (n < 0) {
			cannot_write(l);
			break;
		}
		outbox_sent(&l->outbox, (size_t)n);
		flow_pump(&l->flows);
	}
	if (l->flows.broken)
		cannot_write(l);
	if (l->wants_half_close && !l->is_half_closed && link_waiting(l) == 0)
		half_close(l);
	look(l);
	if (l->owner->flushed && l->is_open && link_waiting(l) == 0)
		l->owner->flushed(l);
}

void link_turn(struct link *l)
{
	link_flush(l);
	if (l->is_lost && l->is_open && !l->is_ended && !l->is_digesting)
		read_all(l);
}

void link_send(struct link *l, const struct frame *f)
{
	if (!l->is_open || l->is_lost)
		return;
	if (!outbox_frame(&l->outbox, f))
		cannot_write(l);
	loop_mark(l->s, l);
}

bool link_send_owed(struct link *l, const struct frame *f)
{
	if (l->outbox.sent >= l->owed_from) {
		l->owed = 0;
		l->owed_from = l->outbox.added;
	}
	l->owed += frame_size(f);
	link_send(l, f);
	return l->owed <= OWED_MOST;
}

void link_send_message(struct link *l, const struct frame *f, void (*release)(void *), void *owner)
{
	if (!l->is_open || l->is_lost) {
		if (release)
			release(owner);
		return;
	}
	if (!flow_send(&l->flows, f, release, owner)) {
		if (release)
			release(owner);
		cannot_write(l);
	}
	loop_mark(l->s, l);
}

bool link_credit(struct link *l, uint32_t id, uint32_t bytes)
{
	bool fine = flow_credit(&l->flows, id, bytes);

	flow_pump(&l->flows);
	loop_mark(l->s, l);
	return fine;
}

static uint32_t write_error(uint8_t *block, size_t capacity, const char *text)
{
	struct head_writer w = {.block = block, .capacity = capacity};

	return text && head_add_text(&w, ":error", text) ? (uint32_t)w.size : 0;
}

void link_goaway(struct link *l, uint32_t reason, const char *text)
{
	uint8_t block[512];
	uint32_t size = write_error(block, sizeof(block), text);

	link_send(l, &(struct frame){.type = FRAME_GOAWAY, .arg = reason, .head = block, .head_size = size});
}

void link_answer(struct link *l, uint32_t id, uint32_t status, bool not_processed, const char *text)
{
	uint8_t block[512];
	uint32_t size = write_error(block, sizeof(block), text);

	flow_drop(&l->flows, id);
	link_send(l, &(struct frame){.type = FRAME_REPLY,
				     .flags = (uint8_t)(FLAG_EOS | (not_processed ? FLAG_NOT_PROCESSED : 0)),
				     .id = id,
				     .arg = status,
				     .head = block,
				     .head_size = size});
}

void link_half_close(struct link *l)
{
	l->wants_half_close = true;
	loop_mark(l->s, l);
}

void link_pause(struct link *l, bool pause)
{
	l->is_paused = pause;
	look(l);
}

void link_agree(struct link *l, const struct hello *agreed)
{
	l->agreed = *agreed;
	l->agreed.lines = NULL;
	l->agreed.lines_size = 0;
	l->flows.max_frame = agreed->max_frame;
	l->flows.stream_window = agreed->stream_window;
	l->flows.credit = agreed->conn_window;
}

/* ---------------------------------------------------------- beginning and end */

int link_open(struct link *l, struct supervisor *s, const struct link_owner *owner, void *user, int in,
	      int out, uint32_t max_frame)
{
	int rc;

	*l = (struct link){.s = s, .owner = owner, .user = user, .in = in, .out = out, .is_open = true};
	frame_open(&l->decoder, max_frame);
	l->flows.out = &l->outbox;
	l->flows.max_frame = BROOD_MAX_FRAME_LEAST;
	rc = uv_poll_init(&s->uv, &l->poll, in);
	if (rc == 0)
		l->handles++;
	if (rc == 0 && in != out) {
		rc = uv_poll_init(&s->uv, &l->poll_out, out);
		l->handles += rc == 0;
	}
	l->poll.data = l->poll_out.data = l;
	if (rc == 0)
		look(l);
	return rc;
}

static void forget_dirty(struct link *l)
{
	struct link **at = &l->s->dirty;

	if (!l->is_dirty)
		return;
	while (*at != l)
		at = &(*at)->next_dirty;
	*at = l->next_dirty;
	l->is_dirty = false;
}

void link_close(struct link *l, void (*closed)(struct link *l))
{
	bool has_poll = l->handles > 0;
	bool has_poll_out = l->out >= 0 && l->out != l->in && l->handles > 1;

	if (!l->is_open)
		return;
	l->is_open = false;
	l->closed = closed;
	l->is_lost = true;
	forget_dirty(l);
	/* first the handles, then the descriptors: see half_close() */
	if (has_poll)
		uv_close((uv_handle_t *)&l->poll, on_closed);
	if (has_poll_out)
		uv_close((uv_handle_t *)&l->poll_out, on_closed);
	if (l->out >= 0 && l->out != l->in)
		close(l->out);
	close(l->in);
	flow_close(&l->flows);
	outbox_close(&l->outbox);
	frame_close(&l->decoder);
	if (l->handles == 0 && closed)
		closed(l);
}
