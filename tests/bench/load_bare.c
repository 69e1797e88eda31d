/*
 * load_bare: the client of the walls: as many calls at once as wanted, one recv and one sendmsg a turn.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "bare.h"
#include "common.h"
#include "load.h"

enum { JOIN_MOST = 4 << 10, READ_MOST = 256 << 10, IN_SIZE = 2 * BARE_FRAME_MOST };

/* A call: its message as it goes out, and how much of it has come back. */
struct call {
	uint8_t *message;
	size_t seen;
};

struct line {
	int fd;
	uint8_t *in;
	size_t begin;
	size_t end;
	struct call calls[LOAD_FLIGHT_MOST];
	/* small messages are joined here, large ones stand in the queue */
	uint8_t *joined;
	size_t joined_begin;
	size_t joined_end;
	unsigned queue[LOAD_FLIGHT_MOST];
	unsigned queued;
	size_t sent; /* of the first one in the queue */
	bool is_blocked;
};

struct session {
	const struct load *load;
	struct result *result;
	struct line *lines;
	size_t message_size;
	uint64_t started;
	unsigned open;
	int epoll; /* -1: one line */
};

static bool is_joined(const struct session *s)
{
	return s->message_size <= JOIN_MOST;
}

/* ------------------------------------------------------------------ sending */

static void start_call(struct session *s, struct line *l, unsigned number)
{
	struct call *c = &l->calls[number];

	load_stamp(c->message + BARE_HEADER, s->load->size, ++s->started);
	c->seen = 0;
	s->open++;
	if (is_joined(s)) {
		memcpy(l->joined + l->joined_end, c->message, s->message_size);
		l->joined_end += s->message_size;
	} else {
		l->queue[l->queued++] = number;
	}
}

static size_t gather(const struct session *s, const struct line *l, struct iovec *vector, size_t *total)
{
	size_t n = 0;

	*total = 0;
	if (is_joined(s)) {
		*total = l->joined_end - l->joined_begin;
		vector[0] = (struct iovec){l->joined + l->joined_begin, *total};
		return *total > 0;
	}
	for (; n < l->queued; n++) {
		size_t from = n == 0 ? l->sent : 0;

		vector[n] = (struct iovec){l->calls[l->queue[n]].message + from, s->message_size - from};
		*total += vector[n].iov_len;
	}
	return n;
}

static void note_sent(const struct session *s, struct line *l, size_t sent)
{
	unsigned whole;

	if (is_joined(s)) {
		l->joined_begin += sent;
		if (l->joined_begin == l->joined_end)
			l->joined_begin = l->joined_end = 0;
		return;
	}
	l->sent += sent;
	whole = (unsigned)(l->sent / s->message_size);
	l->sent %= s->message_size;
	l->queued -= whole;
	memmove(l->queue, l->queue + whole, l->queued * sizeof(l->queue[0]));
}

static void send_out(struct session *s, struct line *l)
{
	struct iovec vector[LOAD_FLIGHT_MOST];
	struct msghdr m = {.msg_iov = vector};
	size_t total;
	ssize_t n = 0;

	m.msg_iovlen = gather(s, l, vector, &total);
	if (total > 0)
		n = sendmsg(l->fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN)
		die("a bare peer is gone: %s", strerror(errno));
	if (n > 0)
		note_sent(s, l, (size_t)n);
	l->is_blocked = n < 0 || (size_t)n < total;
}

/* ---------------------------------------------------------------- receiving */

static void take_frame(struct session *s, struct line *l, const uint8_t *frame, size_t size)
{
	uint32_t number = bare_number(frame + 8);
	struct call *c = &l->calls[number % LOAD_FLIGHT_MOST];

	if (number >= s->load->flight || c->seen + size > s->message_size ||
	    bare_number(c->message + c->seen) != bare_number(frame))
		die("a bare answer of the wrong length");
	load_compare(c->message + c->seen + BARE_HEADER, frame + BARE_HEADER, size - BARE_HEADER);
	c->seen += size;
	if (frame[4] == 0)
		return;
	if (c->seen != s->message_size)
		die("a bare answer that ends too early");
	s->open--;
	s->result->calls++;
	if (load_goes_on(s->load, s->result, s->started))
		start_call(s, l, number);
}

static void take_frames(struct session *s, struct line *l)
{
	while (l->end - l->begin >= BARE_HEADER &&
	       l->end - l->begin >= bare_frame_size(l->in + l->begin)) {
		size_t size = bare_frame_size(l->in + l->begin);

		take_frame(s, l, l->in + l->begin, size);
		l->begin += size;
	}
	if (l->begin == l->end) {
		l->begin = l->end = 0;
	} else if (l->begin > 0) {
		memmove(l->in, l->in + l->begin, l->end - l->begin);
		l->end -= l->begin;
		l->begin = 0;
	}
}

/* wait: the socket may block until something comes. */
static void receive(struct session *s, struct line *l, bool wait)
{
	size_t room = IN_SIZE - l->end;
	ssize_t n = recv(l->fd, l->in + l->end, room < READ_MOST ? room : READ_MOST,
			 wait ? 0 : MSG_DONTWAIT);

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		die("a bare peer is gone");
	if (n < 0)
		return;
	l->end += (size_t)n;
	take_frames(s, l);
}

/* ------------------------------------------------------------------- turns */

static void run_one(struct session *s)
{
	struct line *l = &s->lines[0];

	while (s->open > 0) {
		struct pollfd p = {.fd = l->fd, .events = POLLIN | POLLOUT};

		send_out(s, l);
		if (l->is_blocked)
			poll(&p, 1, -1);
		if (!l->is_blocked || p.revents & POLLIN)
			receive(s, l, !l->is_blocked);
	}
}

static void run_many(struct session *s)
{
	struct epoll_event events[LOAD_CLIENTS_MOST];

	for (unsigned i = 0; i < s->load->clients; i++)
		send_out(s, &s->lines[i]);
	while (s->open > 0) {
		int ready = epoll_wait(s->epoll, events, LOAD_CLIENTS_MOST, -1);

		for (int i = 0; i < ready; i++) {
			struct line *l = events[i].data.ptr;

			receive(s, l, false);
			send_out(s, l);
			if (l->is_blocked)
				die("many connections are for small calls only");
		}
	}
}

static void open_line(struct session *s, struct line *l, int fd)
{
	l->fd = fd;
	l->in = malloc(IN_SIZE);
	l->joined = malloc(LOAD_FLIGHT_MOST * JOIN_MOST);
	if (!l->in || !l->joined)
		die("no memory");
	for (unsigned i = 0; i < s->load->flight; i++) {
		struct call *c = &l->calls[i];

		c->message = malloc(s->message_size);
		if (!c->message)
			die("no memory");
		load_fill(c->message, s->message_size);
		bare_write_headers(c->message, s->load->size, i);
	}
	if (s->epoll >= 0) {
		struct epoll_event e = {.events = EPOLLIN, .data = {.ptr = l}};

		if (epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &e) < 0)
			die("epoll_ctl: %s", strerror(errno));
	}
}

static void close_line(struct session *s, struct line *l)
{
	for (unsigned i = 0; i < s->load->flight; i++)
		free(l->calls[i].message);
	free(l->in);
	free(l->joined);
}

void load_bare(const int *fds, const struct load *l, struct result *r)
{
	struct session s = {.load = l, .result = r, .epoll = -1};

	s.message_size = bare_message_size(l->size);
	s.lines = calloc(l->clients, sizeof(*s.lines));
	if (l->clients > 1)
		s.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (!s.lines || (l->clients > 1 && s.epoll < 0))
		die("no memory");
	for (unsigned i = 0; i < l->clients; i++)
		open_line(&s, &s.lines[i], fds[i]);
	load_begin(r);
	for (unsigned i = 0; i < l->clients * l->flight; i++)
		start_call(&s, &s.lines[i % l->clients], i / l->clients);
	if (l->clients > 1)
		run_many(&s);
	else
		run_one(&s);
	load_end(r);
	for (unsigned i = 0; i < l->clients; i++)
		close_line(&s, &s.lines[i]);
	free(s.lines);
	if (s.epoll >= 0)
		close(s.epoll);
}
