/*
 * conns: all connections that one worker was handed. One epoll set (the worker's) holds everything; what is ready is
 * stepped like any handle. Their calls share the worker's slots: those that find none wait here, in order.
 */
#include "conns.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int look(brood_t *worker, int timeout)
{
	struct conns *all = worker->conns;
	int n = epoll_wait(worker->epoll, all->ready, CONNS_READY_MOST, timeout);

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

/* -------------------------------------------------------- calls that wait for their turn */

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

/* ------------------------------------------------------------------ one step for each */

/* brood does not read what it is told: nothing is read from this one either, until it does. */
static void hold(struct conns *all, struct conn *c)
{
	c->is_held = true;
	all->held++;
	pthread_mutex_lock(&c->b->lock);
	loop_unwatch_locked(c->b);
	pthread_mutex_unlock(&c->b->lock);
}

static void release_held(brood_t *worker)
{
	struct conns *all = worker->conns;

	if (all->held == 0)
		return;
	channel_flush(worker); /* room is why we are here, and nobody would call again behind the last byte */
	for (struct conn *c = all->first; c && all->held > 0; c = c->next) {
		if (!c->is_held || !conn_is_told(worker, c))
			continue;
		c->is_held = false;
		all->held--;
		loop_watch(c->b);
	}
}

static void step(brood_t *worker, struct conn *c, uint32_t events)
{
	if (!conn_is_told(worker, c)) {
		hold(worker->conns, c);
		return;
	}
	conn_step(c);
	if (events & EPOLLHUP && !conn_is_over(c)) {
		request_cancel_all(c->b); /* nobody hears the answers */
		c->b->stage = STAGE_LOST;
	}
	if (conn_is_over(c))
		conn_close(worker, c);
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
			conn_close(worker, c);
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
			conn_step(c);
		worker_check_end(c->b);
		if (conn_is_over(c))
			conn_close(worker, c);
	}
}

static bool is_conn(const brood_t *worker, const struct epoll_event *e)
{
	return e->data.ptr && e->data.ptr != worker;
}

void conns_step(brood_t *worker)
{
	struct conns *all = worker->conns;

	if (all->ready_count < 0)
		(void)look(worker, 0);
	all->is_stepping = true;
	release_held(worker);
	for (int i = 0; i < all->ready_count; i++) {
		if (is_conn(worker, &all->ready[i]))
			conn_take(worker, all->ready[i].data.ptr);
	}
	for (int i = 0; i < all->ready_count; i++) {
		if (is_conn(worker, &all->ready[i]))
			step(worker, all->ready[i].data.ptr, all->ready[i].events);
	}
	all->ready_count = -1;
	run_waiting(worker);
	if (atomic_exchange(&all->has_news, false) || all->is_woken)
		review(worker);
	all->is_woken = false;
	expire(worker);
	if (worker->stage == STAGE_LEAVING)
		conns_leave(worker);
	release_held(worker); /* those of this step: if the last byte leaves now, nobody calls again */
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
		return all->look_at == INT64_MAX ? -1 : until(all->look_at);
	return all->first->has_greeted ? -1 : until(all->expire_at);
}

/* -------------------------------------------------------------------- the end */

void conns_close(brood_t *worker)
{
	struct conns *all = worker->conns;

	if (!all)
		return;
	while (all->first)
		conn_close(worker, all->first);
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
