/*
 * bare_node: a relay or an echo with as little work as can be: the limit that brood's relay is compared with.
 *
 * One recv for each readable peer and one sendmsg for each that gets something, a turn; nothing is copied between
 * the two. What does not fit into a socket waits where it was read; until it has gone, its reader reads no further
 * than to the end of its buffer.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "bare.h"
#include "common.h"

enum {
	IN_SIZE = 4 * BARE_MESSAGE_MOST,
	READ_MOST = 256 << 10,
	CHEAP_MOVE = 4 << 10,
	PIECES_MOST = 512,
	EVENTS_MOST = 64,
};

struct peer;

struct piece {
	struct peer *from;
	struct iovec bytes;
};

struct peer {
	int fd;
	uint8_t *in;
	size_t begin; /* of the unit that has not arrived whole: all before was handed over */
	size_t scan;  /* of its frame that has not arrived whole */
	size_t end;   /* of what was read */
	size_t owed;  /* bytes handed over and not sent yet */
	struct piece out[PIECES_MOST];
	unsigned first;
	unsigned count;
	bool is_dirty;
	bool is_stuffed; /* no room to read */
	bool is_blocked; /* no room to write */
	struct peer *next_dirty;
};

struct node {
	int epoll;
	bool is_relay;
	struct peer *peers;
	unsigned count;
	struct peer *dirty;
};

static void watch(struct node *n, struct peer *p, int operation)
{
	struct epoll_event e = {.data = {.ptr = p}};

	if (!p->is_stuffed)
		e.events |= EPOLLIN;
	if (p->is_blocked)
		e.events |= EPOLLOUT;
	if (epoll_ctl(n->epoll, operation, p->fd, &e) < 0)
		die("epoll_ctl: %s", strerror(errno));
}

static void set(struct node *n, struct peer *p, bool *what, bool value)
{
	if (*what == value)
		return;
	*what = value;
	watch(n, p, EPOLL_CTL_MOD);
}

/* ------------------------------------------------------------------ sending */

static void make_room(struct peer *p)
{
	size_t rest = p->end - p->begin;

	if (p->owed > 0)
		return;
	if (rest == 0) {
		p->begin = p->scan = p->end = 0;
	} else if (p->begin > 0 && (rest < CHEAP_MOVE || IN_SIZE - p->end < IN_SIZE / 2)) {
		memmove(p->in, p->in + p->begin, rest);
		p->scan -= p->begin;
		p->end -= p->begin;
		p->begin = 0;
	}
}

static void account(struct node *n, struct peer *p, size_t sent)
{
	while (sent > 0) {
		struct piece *piece = &p->out[p->first];
		size_t part = sent < piece->bytes.iov_len ? sent : piece->bytes.iov_len;

		piece->bytes.iov_base = (uint8_t *)piece->bytes.iov_base + part;
		piece->bytes.iov_len -= part;
		piece->from->owed -= part;
		sent -= part;
		if (piece->from->owed == 0 && piece->from->is_stuffed) {
			make_room(piece->from);
			set(n, piece->from, &piece->from->is_stuffed, false);
		}
		if (piece->bytes.iov_len == 0) {
			p->first++;
			p->count--;
		}
	}
	if (p->count == 0)
		p->first = 0;
}

static void send_out(struct node *n, struct peer *p)
{
	struct iovec vector[64];

	while (p->count > 0) {
		unsigned entries = p->count < 64 ? p->count : 64;
		struct msghdr m = {.msg_iov = vector, .msg_iovlen = entries};
		ssize_t sent;

		for (unsigned i = 0; i < entries; i++)
			vector[i] = p->out[p->first + i].bytes;
		sent = sendmsg(p->fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (sent < 0 && errno != EAGAIN)
			_exit(EXIT_SUCCESS);
		if (sent < 0)
			break;
		account(n, p, (size_t)sent);
	}
	set(n, p, &p->is_blocked, p->count > 0);
}

static void send_all(struct node *n)
{
	while (n->dirty) {
		struct peer *p = n->dirty;

		n->dirty = p->next_dirty;
		p->is_dirty = false;
		if (!p->is_blocked)
			send_out(n, p);
	}
}

/* ---------------------------------------------------------------- receiving */

static void hand_over(struct node *n, struct peer *to, struct peer *from, uint8_t *bytes, size_t size)
{
	struct iovec *last = to->count > 0 ? &to->out[to->first + to->count - 1].bytes : NULL;

	from->owed += size;
	if (last && (uint8_t *)last->iov_base + last->iov_len == bytes) {
		last->iov_len += size;
	} else {
		if (to->first + to->count == PIECES_MOST) {
			memmove(to->out, to->out + to->first, to->count * sizeof(to->out[0]));
			to->first = 0;
		}
		if (to->count == PIECES_MOST)
			die("too many pieces wait for one peer");
		to->out[to->first + to->count++] = (struct piece){from, {bytes, size}};
	}
	if (!to->is_dirty) {
		to->is_dirty = true;
		to->next_dirty = n->dirty;
		n->dirty = to;
	}
}

/* A relay notes the client's number in the frame on the way there, and reads it on the way back. */
static struct peer *addressee(struct node *n, struct peer *from, uint8_t *frame)
{
	uint32_t number;

	if (!n->is_relay)
		return from;
	if (from != &n->peers[0]) {
		bare_put(frame + 12, (uint32_t)(from - n->peers));
		return &n->peers[0];
	}
	number = bare_number(frame + 12);
	if (number == 0 || number >= n->count)
		die("an answer for nobody");
	return &n->peers[number];
}

static void take_units(struct node *n, struct peer *p)
{
	while (p->end - p->scan >= BARE_HEADER) {
		uint8_t *frame = p->in + p->scan;
		size_t size = bare_frame_size(frame);

		if (size > p->end - p->scan)
			return;
		p->scan += size;
		if (!n->is_relay && frame[4] == 0)
			continue; /* an echo waits for the whole message */
		hand_over(n, addressee(n, p, frame), p, p->in + p->begin, p->scan - p->begin);
		p->begin = p->scan;
	}
}

static void receive(struct node *n, struct peer *p)
{
	size_t room;
	ssize_t got;

	make_room(p);
	room = IN_SIZE - p->end;
	if (room == 0) {
		set(n, p, &p->is_stuffed, true);
		return;
	}
	got = recv(p->fd, p->in + p->end, room < READ_MOST ? room : READ_MOST, MSG_DONTWAIT);
	if (got < 0 && errno == EAGAIN)
		return;
	if (got <= 0)
		_exit(EXIT_SUCCESS);
	p->end += (size_t)got;
	take_units(n, p);
}

void bare_node_run(const int *fds, unsigned count, bool is_relay)
{
	struct epoll_event events[EVENTS_MOST];
	struct node n = {.epoll = epoll_create1(EPOLL_CLOEXEC), .is_relay = is_relay, .count = count};

	n.peers = calloc(count, sizeof(*n.peers));
	if (n.epoll < 0 || !n.peers)
		die("no memory");
	for (unsigned i = 0; i < count; i++) {
		n.peers[i].fd = fds[i];
		n.peers[i].in = mmap(NULL, IN_SIZE, PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (n.peers[i].in == MAP_FAILED)
			die("no memory");
		watch(&n, &n.peers[i], EPOLL_CTL_ADD);
	}
	for (;;) {
		int ready = epoll_wait(n.epoll, events, EVENTS_MOST, -1);

		for (int i = 0; i < ready; i++) {
			struct peer *p = events[i].data.ptr;

			if (events[i].events & EPOLLOUT)
				send_out(&n, p);
			if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR) && !p->is_stuffed)
				receive(&n, p);
		}
		send_all(&n);
	}
}
