/*
 * conn: see conn.h. One epoll set (the worker's) holds everything; what is ready is stepped like any handle.
 *
 * The end in order: GOAWAY and a barrier go to each client; one whose calls are answered and that has passed the
 * barrier is closed. A client that does not drive its handle cannot answer the barrier: it gets LEAVE_MS, then its
 * direction is shut, so that what it has sent by then is still served and what it sends later fails at its end.
 */
#include "conn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fds.h"

enum { READY_MOST = 64, LEAVE_MS = 200 };

struct conn {
	struct conn *next;
	struct conn *before;
	brood_t *b;
	uint32_t id; /* brood's */
	struct frame_peer peer;
	uint32_t call_timeout; /* ms */
	char endpoint[64];
	char pool[64];
	int64_t greet_until; /* ms; of one that has not said HELLO yet */
	bool has_greeted;
	bool is_cut; /* nothing more can come from the client */
};

struct conns {
	struct conn *first; /* those that have not said HELLO stand before all others */
	struct conn *last;
	unsigned count;
	int64_t expire_at; /* ms; none of them has to be closed before */
	struct epoll_event ready[READY_MOST];
	int ready_count; /* -1: nobody has looked */
	bool worker_is_ready;
	bool is_woken;    /* by another thread */
	bool is_stepping;
	uint8_t *buffer; /* one read buffer for all */
	int64_t leave_at; /* ms; 0: nobody leaves yet */
	atomic_bool has_news; /* another thread has answered the last call of one */
	atomic_int running;   /* handlers' calls, limited by the worker's slots */
	brood_request_t *waiting; /* for their turn, in order */
	brood_request_t *waiting_last;
};

/* ------------------------------------------------------------------ one of them */

static void tell_end(brood_t *worker, uint32_t id)
{
	(void)channel_send(worker, &(struct frame){.type = FRAME_CONN_END, .id = id});
}

static void leave_list(struct conns *all, struct conn *c)
{
	if (c->before)
		c->before->next = c->next;
	else
		all->first = c->next;
	if (c->next)
		c->next->before = c->before;
	else
		all->last = c->before;
}

static void close_conn(brood_t *worker, struct conn *c)
{
	leave_list(worker->conns, c);
	worker->conns->count--;
	handle_retire(c->b); /* requests in hand keep it */
	tell_end(worker, c->id);
	free(c);
}

static struct conns *open_conns(brood_t *worker)
{
	struct conns *all;

	if (worker->conns)
		return worker->conns;
	if (brood_fd(worker) < 0)
		return NULL;
	all = calloc(1, sizeof(*all));
	if (!all)
		return NULL;
	all->buffer = malloc(READ_SIZE);
	if (!all->buffer) {
		free(all);
		return NULL;
	}
	all->ready_count = -1;
	all->expire_at = INT64_MAX;
	worker->conns = all;
	return all;
}

static void copy_entry(const struct frame *f, const char *key, char *out, size_t size)
{
	struct head_entry e = {.value = "", .value_size = 0};

	(void)head_find(f->head, f->head_size, key, &e);
	snprintf(out, size, "%.*s", (int)e.value_size, e.value);
}

static int set_up(brood_t *worker, struct conn *c, const struct frame *f, int fd)
{
	brood_t *b = handle_new_conn(worker, worker->conns->buffer);
	int flags = fcntl(fd, F_GETFL);

	if (!b)
		return -ENOMEM;
	if (flags >= 0 && !(flags & O_NONBLOCK))
		(void)fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	*c = (struct conn){.b = b,
			   .id = f->id,
			   .peer = f->peer,
			   .call_timeout = f->arg,
			   .greet_until = now_ms() + BROOD_HANDSHAKE_MS};
	copy_entry(f, ":endpoint", c->endpoint, sizeof(c->endpoint));
	copy_entry(f, ":pool", c->pool, sizeof(c->pool));
	b->conn = c;
	b->in = b->out = fd;
	b->is_socket = true;
	b->own.max_message = worker->own.max_message;
	if (f->words & 1u << WORD_LENGTH && f->length > 0 && f->length < b->own.max_message)
		b->own.max_message = (uint32_t)f->length;
	session_own_limits(b, b->own.max_message);
	b->fds_most = worker->fds_most;
	descriptor_offer(b);
	loop_watch(b);
	return 0;
}

static void add(struct conns *all, struct conn *c)
{
	c->next = all->first;
	if (c->next)
		c->next->before = c;
	else
		all->last = c;
	all->first = c;
	all->count++;
	if (c->greet_until < all->expire_at)
		all->expire_at = c->greet_until;
}

/* One that has said HELLO moves behind those that have not. */
static void settle(struct conns *all, struct conn *c)
{
	leave_list(all, c);
	c->next = NULL;
	c->before = all->last;
	if (c->before)
		c->before->next = c;
	else
		all->first = c;
	all->last = c;
}

int conn_receive(brood_t *worker, const struct frame *f)
{
	int fd = fds_take(f->fds, 0);
	struct conn *c = fd >= 0 && worker->stage == STAGE_OPEN && open_conns(worker) ? malloc(sizeof(*c)) : NULL;

	if (!c || set_up(worker, c, f, fd) < 0) {
		free(c);
		if (fd >= 0)
			close(fd);
		tell_end(worker, f->id);
		return 0;
	}
	add(worker->conns, c);
	return 0;
}

/* Its HELLO has come: WELCOME, and how much it may ask for. */
static void greet(struct conn *c)
{
	struct conns *all = c->b->parent->conns;
	char lines[256];
	char timeout[16];
	size_t size = 0;

	c->has_greeted = true;
	settle(all, c);
	snprintf(timeout, sizeof(timeout), "%u", c->call_timeout);
	if (!hello_add_line(lines, sizeof(lines), &size, "name", c->endpoint) ||
	    !hello_add_line(lines, sizeof(lines), &size, "pool", c->pool) ||
	    !hello_add_line(lines, sizeof(lines), &size, "call_timeout_ms", timeout))
		size = 0;
	if (session_offer(c->b, FRAME_WELCOME, lines, size, BROOD_CLIENT_SLOTS) == 0)
		(void)channel_send(c->b, &(struct frame){.type = FRAME_SLOTS, .arg = BROOD_CLIENT_SLOTS});
}

/* Has it nothing to say and nothing to hear any more? */
static bool is_idle(brood_t *b)
{
	bool idle;

	pthread_mutex_lock(&b->lock);
	idle = b->in_hand == 0 && (b->write_lost || outbox_bytes(&b->outbox) + b->flows.waiting == 0);
	pthread_mutex_unlock(&b->lock);
	return idle && !b->assembly.first;
}

static bool is_over(const struct conn *c)
{
	return c->b->stage == STAGE_ENDED || c->b->stage == STAGE_LOST;
}

static void step_once(struct conn *c)
{
	(void)loop_step(c->b);
	while (!is_over(c) && c->b->stage != STAGE_HANDSHAKE && (!c->has_greeted || channel_has_rest(c->b))) {
		if (!c->has_greeted)
			greet(c);
		(void)loop_step(c->b);
	}
}

static void step(brood_t *worker, struct conn *c, uint32_t events)
{
	step_once(c);
	if (events & EPOLLHUP && !is_over(c)) {
		request_cancel_all(c->b); /* nobody hears the answers */
		c->b->stage = STAGE_LOST;
	}
	if (is_over(c))
		close_conn(worker, c);
}

/* -------------------------------------------------------------------- the end */

static void say_goodbye(struct conn *c)
{
	static const char text[] = "the worker that serves this connection ends";
	uint8_t block[80];
	struct head_writer w = {.block = block, .capacity = sizeof(block)};
	brood_t *b = c->b;
	bool fits = head_add_text(&w, ":error", text);

	(void)channel_send(b, &(struct frame){.type = FRAME_GOAWAY,
					      .arg = REASON_DRAINING,
					      .head = block,
					      .head_size = fits ? (uint32_t)w.size : 0});
	b->last_flush = ++b->next_cookie;
	(void)channel_send(b, &(struct frame){.type = FRAME_FLUSH, .arg = b->last_flush});
	channel_flush(b);
}

/* What is still on its way from the client when it has to go. */
static void cut(struct conn *c)
{
	if (c->is_cut)
		return;
	c->is_cut = true;
	(void)shutdown(c->b->in, SHUT_RD);
	step_once(c);
}

static void leave(brood_t *worker, struct conn *c, int64_t now)
{
	brood_t *b = c->b;

	if (!c->has_greeted && now < worker->conns->leave_at)
		return; /* its HELLO may be on its way: it is told, then, and comes back */
	if (!c->has_greeted || is_over(c)) {
		close_conn(worker, c);
		return;
	}
	if (b->last_flush == 0)
		say_goodbye(c);
	if (b->flushed != b->last_flush && now < worker->conns->leave_at)
		return;
	if (is_idle(b))
		cut(c);
	if (is_over(c) || is_idle(b))
		close_conn(worker, c);
}

static void leave_all(brood_t *worker)
{
	struct conns *all = worker->conns;
	int64_t now = now_ms();
	struct conn *next;

	if (all->leave_at == 0)
		all->leave_at = now + LEAVE_MS;
	for (struct conn *c = all->first; c; c = next) {
		next = c->next;
		leave(worker, c, now);
	}
}

void conns_close(brood_t *worker)
{
	struct conns *all = worker->conns;

	if (!all)
		return;
	while (all->first)
		close_conn(worker, all->first);
	while (all->waiting) {
		brood_request_t *r = all->waiting;

		all->waiting = request_next_waiting(r);
		request_discard(r);
	}
	free(all->buffer);
	all->buffer = NULL;
}

void conns_free(brood_t *worker)
{
	free(worker->conns);
	worker->conns = NULL;
}

bool conns_are_over(const brood_t *worker)
{
	return !worker->conns || worker->conns->count == 0;
}

/* ----------------------------------------------------------------- all of them */

static int look(brood_t *worker, int timeout)
{
	struct conns *all = worker->conns;
	int n = epoll_wait(worker->epoll, all->ready, READY_MOST, timeout);

	if (n < 0 && errno != EINTR)
		return fail(-errno, "cannot wait for connections: %s", strerror(errno));
	all->ready_count = n > 0 ? n : 0;
	all->worker_is_ready = all->is_woken = false;
	for (int i = 0; i < all->ready_count; i++) {
		all->worker_is_ready |= all->ready[i].data.ptr == NULL;
		all->is_woken |= all->ready[i].data.ptr == worker;
	}
	return 0;
}

bool conns_are_served(const brood_t *worker)
{
	return worker->conns && !worker->is_handling && !worker->conns->is_stepping;
}

int conns_wait(brood_t *worker, int timeout)
{
	return look(worker, timeout);
}

bool conns_look(brood_t *worker)
{
	const struct conns *all = worker->conns;

	return (all->ready_count < 0 && look(worker, 0) < 0) || all->is_woken;
}

bool conns_worker_is_ready(const brood_t *worker)
{
	return worker->conns->ready_count < 0 || worker->conns->worker_is_ready;
}

/* Closes those that have not said HELLO in time. */
static void expire(brood_t *worker)
{
	struct conns *all = worker->conns;
	int64_t now = all->expire_at == INT64_MAX ? 0 : now_ms();
	struct conn *next;

	if (now < all->expire_at)
		return;
	all->expire_at = INT64_MAX;
	for (struct conn *c = all->first; c && !c->has_greeted; c = next) {
		next = c->next;
		if (c->greet_until <= now)
			close_conn(worker, c);
		else if (c->greet_until < all->expire_at)
			all->expire_at = c->greet_until;
	}
}

/* Those about which another thread has news: their last answer, a message for one of their calls. */
static void review(brood_t *worker)
{
	struct conn *next;

	for (struct conn *c = worker->conns->first; c; c = next) {
		next = c->next;
		if (atomic_load(&c->b->has_due))
			step_once(c);
		worker_check_end(c->b);
		if (is_over(c))
			close_conn(worker, c);
	}
}

/* A worker that has said that it takes no more still serves the connections that it has. */
static bool has_room(const brood_t *worker)
{
	return atomic_load(&worker->conns->running) < (worker->slots > 0 ? worker->slots : 1);
}

/* Calls whose turn has come. */
static void run_waiting(brood_t *worker)
{
	struct conns *all = worker->conns;

	while (all->waiting && has_room(worker)) {
		brood_request_t *r = all->waiting;

		all->waiting = request_next_waiting(r);
		if (!all->waiting)
			all->waiting_last = NULL;
		atomic_fetch_add(&all->running, 1);
		request_run(r);
	}
}

void conns_step(brood_t *worker)
{
	struct conns *all = worker->conns;

	if (all->ready_count < 0)
		(void)look(worker, 0);
	all->is_stepping = true;
	for (int i = 0; i < all->ready_count; i++) {
		if (all->ready[i].data.ptr && all->ready[i].data.ptr != worker)
			step(worker, all->ready[i].data.ptr, all->ready[i].events);
	}
	all->ready_count = -1;
	run_waiting(worker);
	if (atomic_exchange(&all->has_news, false) || all->is_woken)
		review(worker);
	all->is_woken = false;
	expire(worker);
	if (worker->stage == STAGE_LEAVING)
		leave_all(worker);
	all->is_stepping = false;
}

static int until(int64_t moment)
{
	int64_t left = moment - now_ms();

	return left <= 0 ? 0 : left > INT32_MAX ? INT32_MAX : (int)left;
}

int conns_timeout(const brood_t *worker)
{
	const struct conns *all = worker->conns;

	if (all->count == 0)
		return -1;
	if (all->leave_at > 0)
		return all->leave_at > now_ms() ? until(all->leave_at) : -1;
	return all->first->has_greeted ? -1 : until(all->expire_at);
}

/* ------------------------------------------------------------------- its calls */

void conn_stamp(const brood_t *b, struct frame *f)
{
	const struct conn *c = b->conn;

	f->words &= ~(1u << WORD_DELIVERY);
	f->words |= 1u << WORD_PEER;
	f->peer = c->peer;
	if (!(f->words & 1u << WORD_DEADLINE) && c->call_timeout > 0) {
		f->words |= 1u << WORD_DEADLINE;
		f->deadline_ms = c->call_timeout;
	}
}

bool conn_is_full(brood_t *b)
{
	bool full;

	pthread_mutex_lock(&b->lock);
	full = b->in_hand >= BROOD_CLIENT_SLOTS;
	pthread_mutex_unlock(&b->lock);
	return full;
}

bool conn_admits(brood_t *b, brood_request_t *r)
{
	brood_t *worker = b->parent;
	struct conns *all = worker->conns;

	if (!all->waiting && has_room(worker)) {
		atomic_fetch_add(&all->running, 1);
		return true;
	}
	if (all->waiting_last)
		request_wait_behind(all->waiting_last, r);
	else
		all->waiting = r;
	all->waiting_last = r;
	return false;
}

void conn_done(brood_t *b, bool is_last)
{
	struct conns *all = b->parent->conns; /* lives as long as the worker, which this connection refers to */

	atomic_fetch_sub(&all->running, 1);
	if (is_last && !loop_is_driver(b))
		atomic_store(&all->has_news, true);
	if (!loop_is_driver(b->parent))
		channel_wake(b);
}
