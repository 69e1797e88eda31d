/*
 * loop: driving a handle, in a loop of one's own or in brood_run().
 *
 * brood_fd() is one epoll descriptor over the channel's descriptors and the eventfd, so a foreign loop needs
 * to know only one, whatever the channel is made of. brood_run() does without it.
 */
#include "callee.h"
#include "conn.h"
#include "exchange.h"
#include "store.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* Bytes of answers that wait for a client of a handed-over connection; then nothing more is read from it. */
enum { UNREAD_MOST = 1 << 20 };

uintptr_t loop_this_thread(void)
{
	static _Thread_local char token;

	return (uintptr_t)&token;
}

uintptr_t loop_enter(brood_t *b)
{
	return atomic_exchange(&b->driver, loop_this_thread());
}

void loop_leave(brood_t *b, uintptr_t before)
{
	atomic_store(&b->driver, before);
}

bool loop_is_home(const brood_t *b)
{
	return atomic_load_explicit(&b->home, memory_order_relaxed) == loop_this_thread();
}

bool loop_is_driver(const brood_t *b)
{
	return atomic_load(&b->driver) == loop_this_thread();
}

bool loop_is_busy(const brood_t *b)
{
	return atomic_load(&b->driver) != 0;
}

static void watch(brood_t *b, int fd, uint32_t events, void *whose)
{
	struct epoll_event e = {.events = events, .data = {.ptr = whose}};

	/* a hang-up is reported even if nothing was asked for: what nobody waits for leaves the set */
	if (events == 0 && !whose) {
		(void)epoll_ctl(b->epoll, EPOLL_CTL_DEL, fd, NULL);
		return;
	}
	if (epoll_ctl(b->epoll, EPOLL_CTL_MOD, fd, &e) < 0 && errno == ENOENT)
		(void)epoll_ctl(b->epoll, EPOLL_CTL_ADD, fd, &e);
}

/*
 * Is more read from it? From a client that does not read its answers nothing is. One whose answers wait for nothing
 * but credit has read what could be written: the credit is what it sends next.
 */
static bool wants_in_locked(const brood_t *b)
{
	size_t written = outbox_bytes(&b->outbox);

	return !b->read_ended && !(b->parent && written > 0 && written + b->flows.waiting > UNREAD_MOST);
}

/*
 * Sets what the epoll descriptor waits for, and whose it is: of a connection that was handed over, itself, and its
 * hang-up is waited for always; of the eventfd the handle, of its own descriptors nobody.
 */
static void watch_all_locked(brood_t *b)
{
	uint32_t out = !b->write_lost && outbox_bytes(&b->outbox) > 0 ? EPOLLOUT : 0;
	uint32_t in = wants_in_locked(b) ? EPOLLIN : 0;

	b->polls_out = out != 0;
	b->polls_in = in != 0;
	if (!b->parent)
		watch(b, b->wake, EPOLLIN, b);
	if (b->in < 0)
		return;
	if (b->in == b->out) {
		watch(b, b->in, in | out, b->conn);
		return;
	}
	watch(b, b->in, in, NULL);
	watch(b, b->out, out, NULL);
}

void loop_watch(brood_t *b)
{
	if (b->epoll < 0)
		return;
	pthread_mutex_lock(&b->lock);
	watch_all_locked(b);
	pthread_mutex_unlock(&b->lock);
}

/* Before they are closed: where another process holds a copy, closing alone would leave them in the set. */
void loop_unwatch_locked(brood_t *b)
{
	if (b->epoll < 0 || b->in < 0)
		return;
	watch(b, b->in, 0, NULL);
	watch(b, b->out, 0, NULL);
}

void loop_want_out_locked(brood_t *b)
{
	bool wants = !b->write_lost && outbox_bytes(&b->outbox) > 0;

	if (b->epoll >= 0 && (b->polls_out != wants || (b->parent && b->polls_in != wants_in_locked(b))))
		watch_all_locked(b);
}

int brood_fd(brood_t *b)
{
	int fd;

	if (b->epoll >= 0)
		return b->epoll;
	fd = epoll_create1(EPOLL_CLOEXEC);
	if (fd < 0)
		return fail(-errno, "cannot make an epoll descriptor: %s", strerror(errno));
	pthread_mutex_lock(&b->lock);
	b->epoll = fd;
	watch_all_locked(b);
	pthread_mutex_unlock(&b->lock);
	return fd;
}

short brood_events(const brood_t *b)
{
	(void)b;
	return POLLIN; /* waiting for room is inside the epoll set */
}

int brood_timeout(const brood_t *b)
{
	int64_t left;

	if (b->stage == STAGE_ENDED)
		return 0;
	if (b->stage == STAGE_LOST)
		return -1; /* it was told by whoever lost it */
	if (channel_has_rest(b) || (b->deferred && !b->is_handling))
		return 0;
	if (b->conns)
		return conns_timeout(b);
	if (b->next_deadline == INT64_MAX)
		return -1;
	left = b->next_deadline - now_ms();
	if (left <= 0)
		return 0;
	return left > INT32_MAX ? INT32_MAX : (int)left;
}

void brood_stop(brood_t *b)
{
	atomic_store(&b->stop, true);
	channel_wake(b);
}

static void obey_stop(brood_t *b)
{
	if (!atomic_load(&b->stop) || b->stop_seen)
		return;
	b->stop_seen = true;
	if (b->is_worker)
		worker_leave(b);
	else if (b->stage == STAGE_OPEN)
		b->stage = STAGE_LEAVING;
}

/* The peer sends nothing more. For a worker that is the order to end, for a client the end. */
static int see_end(brood_t *b)
{
	if (b->is_worker && b->stage == STAGE_OPEN)
		b->stage = STAGE_LEAVING;
	if (b->is_worker && b->stage != STAGE_HANDSHAKE) {
		pthread_mutex_lock(&b->lock);
		flow_uncork(&b->flows); /* nobody can give credit any more */
		pthread_mutex_unlock(&b->lock);
		exchange_cut(b);
		callee_lose_all(b);
		store_lose_all(b);
		return 0;
	}
	return fail(-ECONNRESET, "the server closed the connection");
}

static void check_client_end(brood_t *b)
{
	if (b->stage == STAGE_LEAVING && b->stop_seen && b->calls_open == 0)
		b->stage = STAGE_ENDED;
}

static int hear(brood_t *b)
{
	int rc = channel_read(b);

	return rc == 0 && b->read_ended ? see_end(b) : rc;
}

/*
 * A server that ends closes its ear first, and then answers what it had heard by then. What it had not heard ends now.
 * Is there anything left to hear?
 */
static bool still_hears(brood_t *b)
{
	if (b->is_worker || b->read_ended || (b->stage != STAGE_OPEN && b->stage != STAGE_LEAVING))
		return false;
	b->stage = STAGE_LEAVING;
	(void)shutdown(b->out, SHUT_WR); /* it is not to wait for credit that cannot be given any more */
	call_lose_unsent(b, -ECONNRESET, "the server does not read any more");
	return b->calls_open > 0;
}

static int step(brood_t *b)
{
	int rc;

	obey_stop(b);
	rc = b->deferred && !b->is_handling ? request_catch_up(b) : 0;
	if (rc < 0)
		return rc;
	rc = !conns_are_served(b) || conns_worker_is_ready(b) ? hear(b) : 0;
	if (rc == 0)
		call_expire(b, now_ms());
	if (rc == 0 && conns_are_served(b))
		conns_step(b);
	channel_flush(b);
	if (rc < 0 || channel_cut(b) == 0)
		return rc;
	rc = hear(b); /* what the other side said before it went */
	if (rc == 0)
		rc = channel_cut(b);
	if (rc == -EPIPE && still_hears(b))
		return 0;
	if (rc != -EPIPE || !b->read_ended)
		return rc;
	request_cancel_all(b);
	return 0; /* the supervisor is gone, with answers unread: an end like any other */
}

/* One step inside brood's own waiting functions. */
int loop_step(brood_t *b)
{
	uintptr_t before;
	int rc;

	if (b->stage == STAGE_LOST)
		return b->rc;
	before = loop_enter(b);
	atomic_store_explicit(&b->home, loop_this_thread(), memory_order_relaxed);
	notes_beat(&b->notes);
	rc = step(b);
	exchange_tell(b);
	loop_leave(b, before);
	if (rc < 0)
		return handle_lose(b, rc);
	if (b->is_worker)
		worker_check_end(b);
	else
		check_client_end(b);
	return b->stage == STAGE_LOST ? b->rc : 0;
}

/* The same inside a handler, for what only that one waits for. Its caller hears of the end of the connection. */
static void inner_step(brood_t *b, int rc)
{
	notes_beat(&b->notes);
	if (rc == 0)
		rc = step(b);
	if (rc == 0)
		return;
	b->inner_rc = rc;
	request_cancel_all(b);
}

void loop_attend(brood_t *worker, int64_t until)
{
	int64_t left = until == INT64_MAX ? INT32_MAX : until > 0 ? until - now_ms() : 0;
	bool was_handling = worker->is_handling;
	uintptr_t before = loop_enter(worker);

	if (left < 0 || channel_has_rest(worker))
		left = 0;
	worker->is_handling = true;
	inner_step(worker, channel_wait(worker, left > INT32_MAX ? INT32_MAX : (int)left));
	worker->is_handling = was_handling;
	loop_leave(worker, before);
}

int loop_wait(brood_t *b, int64_t until)
{
	int64_t left = until == INT64_MAX ? INT32_MAX : until - now_ms();
	int timeout = brood_timeout(b);
	int rc;

	if (left < 0)
		left = 0;
	if (until != INT64_MAX && (timeout < 0 || timeout > left))
		timeout = (int)(left > INT32_MAX ? INT32_MAX : left);
	rc = channel_wait(b, timeout);
	if (loop_is_busy(b)) {
		inner_step(b, rc);
		return 0;
	}
	if (rc == 0)
		rc = loop_step(b);
	if (rc < 0)
		handle_lose(b, rc);
	return 0;
}

int brood_process(brood_t *b)
{
	int rc;

	if (loop_is_busy(b))
		return fail(-EDEADLK, "brood_process() inside a handler of the same connection");
	if (b->epoll >= 0 && (!conns_are_served(b) || conns_look(b)))
		(void)channel_take_wakes(b);
	rc = loop_step(b);
	if (b->epoll >= 0 && b->read_ended)
		loop_watch(b);
	if (rc < 0)
		return rc;
	return b->stage == STAGE_ENDED ? 1 : 0;
}

int brood_run(brood_t *b)
{
	for (;;) {
		int rc = brood_process(b);

		if (rc != 0)
			return rc < 0 ? rc : 0;
		rc = channel_wait(b, brood_timeout(b));
		if (rc < 0)
			return rc;
	}
}
