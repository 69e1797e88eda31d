/*
 * pool: queue, slots and calls in flight of one pool.
 *
 * Promises exactly one answer for every accepted call, as long as its client is there; stays within queue,
 * queue_bytes and slots. Does not move bytes (host) and does not decide about processes (worker, fleet).
 */
#include "pool.h"

#include <assert.h>

#include "admission.h"
#include "hand.h"
#include "overflow.h"
#include "reading.h"
#include "retrial.h"
#include "size.h"

static struct call *call_at(const struct pool *p, uint32_t index)
{
	return &p->ledger->table.calls[index];
}

/* ------------------------------------------------------------------- slots */

bool pool_may_use(const struct pool *p, const struct worker *w)
{
	if (w->is_leaving || w->is_told || w->is_flushing)
		return false;
	return w->state == WORKER_UP || (w->state == WORKER_DRAINING && p->is_closing);
}

bool pool_gives_to(const struct pool *p, const struct worker *w)
{
	return w->index != p->alone && pool_may_use(p, w);
}

void pool_update(struct pool *p, struct worker *w)
{
	slots_set(&p->slots, w, w->in_flight, pool_gives_to(p, w));
	affinity_update(p, w);
}

/* ----------------------------------------------------------------- answers */

static void release(struct actions *out, uint32_t body)
{
	actions_add(out, &(struct action){.kind = ACTION_RELEASE, .body = body});
}

void pool_answer(struct pool *p, uint32_t index, const struct answer *a, struct actions *out)
{
	struct call *c = call_at(p, index);

	p->counters.errored++;
	p->counters.crashed += a->reason == REASON_WORKER_CRASHED;
	p->counters.expired += a->reason == REASON_DEADLINE;
	actions_add(out, &(struct action){.kind = ACTION_ANSWER,
					  .client = c->client,
					  .id = c->id,
					  .answer = a});
}

static void refuse(struct pool *p, const struct pool_request *r, const struct answer *a,
		   struct actions *out)
{
	p->counters.refused++;
	p->counters.quarantined += a->reason == REASON_QUARANTINED;
	actions_add(out, &(struct action){.kind = ACTION_ANSWER,
					  .client = r->client,
					  .id = r->id,
					  .answer = a});
	release(out, r->body);
}

/* ---------------------------------------------------------------- delivery */

/* Calls with a key wait with it; but the last attempt of any call is made elsewhere. */
static bool waits_with_key(const struct call *c)
{
	return c->bond != NONE && !c->is_last;
}

void pool_enqueue(struct pool *p, uint32_t index, bool first)
{
	const struct call *c = call_at(p, index);
	struct call_list *list = c->is_last ? &p->retrials : &p->queue;

	if (c->bond != NONE)
		affinity_wait(p, index, first);
	if (waits_with_key(c)) {
		turns_wait_apart(p, index);
	} else {
		if (first)
			calls_enqueue_first(&p->ledger->table, list, index);
		else
			calls_enqueue(&p->ledger->table, list, index);
		if (!c->is_last)
			turns_wait(p, index, first);
	}
	p->queued++;
	p->queued_bytes += c->size;
}

void pool_unqueue(struct pool *p, uint32_t index)
{
	const struct call *c = call_at(p, index);

	if (waits_with_key(c)) {
		turns_leave_apart(p, index);
	} else {
		if (!c->is_last)
			turns_leave(p, index);
		calls_dequeue(&p->ledger->table, c->is_last ? &p->retrials : &p->queue, index);
	}
	if (c->bond != NONE)
		affinity_leave(p, index);
	p->queued--;
	p->queued_bytes -= c->size;
}

void pool_grow(struct pool *p, uint32_t index, uint32_t bytes)
{
	struct call *c = call_at(p, index);

	c->size += bytes;
	p->queued_bytes += bytes;
	if (!c->is_last)
		turns_grow(p, index, bytes);
}

void pool_deliver(struct pool *p, uint32_t index, struct worker *w, struct instant now, struct actions *out)
{
	struct call *c = call_at(p, index);

	c->state = CALL_IN_FLIGHT;
	c->is_unsent = false;
	c->given_at = now;
	c->is_started = false;
	c->attempt++;
	p->in_flight++;
	hand_put(p, w, index);
	actions_add(out, &(struct action){.kind = ACTION_DELIVER,
					  .worker = w->index,
					  .generation = w->generation,
					  .id = c->wire_id,
					  .body = c->body,
					  .delivery = c->delivery,
					  .attempt = c->attempt,
					  .idempotent = c->idempotent,
					  .left = duration_between(now, c->deadline)});
}

/* Does anybody come or stay, by what is wished? Asked at each transition; mostly the first that is looked at does. */
static bool has_future(const struct pool *p)
{
	if (size_has_reserve(p))
		return true;
	if (p->is_stopping && p->is_closing)
		return false; /* all have been told to end, and nobody will be told otherwise */
	for (uint32_t i = 0; i < p->worker_count; i++) {
		if (worker_has_prospect(&p->workers[p->first_worker + i]))
			return true;
	}
	return false;
}

void pool_review(struct pool *p)
{
	bool was_closing = p->is_closing;

	p->is_closing = p->processes > 0 && !has_future(p);
	for (uint32_t i = 0; p->is_closing != was_closing && i < p->worker_count; i++)
		pool_update(p, &p->workers[p->first_worker + i]);
}

bool pool_is_idle(const struct pool *p, uint32_t client)
{
	return p->due == 0 && !reading_is_held(&p->ledger->callers[client]);
}

bool pool_has_key(const struct pool *p, const struct pool_request *r)
{
	return r->order != 0 && p->affinity.capacity > 0;
}

/* The worker that gets a new call at once; NULL: it waits. */
static struct worker *pick_for(struct pool *p, uint32_t index)
{
	const struct call *c = call_at(p, index);

	if (c->bond != NONE)
		return affinity_pick(p, index);
	return pool_is_idle(p, c->client) ? slots_pick(&p->slots) : NULL;
}

void pool_call(struct pool *p, const struct pool_request *r, struct instant now, struct actions *out)
{
	struct answer why = {.reason = REASON_NONE};
	struct duration timeout = r->timeout.ms > 0 ? r->timeout : p->spec->call_timeout;
	struct worker *w;
	uint32_t index;

	if (!admission_admits(p, r, now, &why)) {
		refuse(p, r, &why, out);
		return;
	}
	index = ledger_enter(p->ledger, &(struct call){.client = r->client,
						       .id = r->id,
						       .body = r->body,
						       .size = r->size,
						       .reply_most = r->reply_most,
						       .pool = p->index,
						       .idempotent = r->idempotent,
						       .key = r->key,
						       .is_last = admission_is_trial(p, r->key, now),
						       .has_ended = !r->goes_on,
						       .takes_streams = r->takes_streams,
						       .accepted_at = now,
						       .deadline = instant_after(now, timeout)});
	assert(index != NONE); /* the table has room for every queue and every slot (storage.c) */
	turns_enter(p, index);
	p->counters.accepted++;
	call_at(p, index)->bond = NONE;
	if (pool_has_key(p, r))
		affinity_bind(p, index, r->order, r->is_sticky);
	if (call_at(p, index)->is_last) {
		pool_enqueue(p, index, false);
		pool_serve(p, now, out);
		return;
	}
	w = pick_for(p, index);
	if (w) {
		pool_deliver(p, index, w, now, out);
		return;
	}
	pool_enqueue(p, index, false);
	if (p->due + p->affinity.waiting > 0)
		reading_yield(p, now, out);
	overflow_review(p, out);
	overflow_accepted(p, r->client, out);
}

static uint32_t first_of_all(const struct pool *p)
{
	if (p->queue.first != NONE)
		return p->queue.first;
	return p->affinity.waiting > 0 ? affinity_first(p) : p->retrials.first;
}

static void abandon(struct pool *p, struct answer a, struct actions *out)
{
	while (p->queued > 0) {
		uint32_t index = first_of_all(p);
		const struct call *c = call_at(p, index);

		a.not_processed = c->attempt == 0;
		a.may_have_run = c->attempt > 0;
		pool_unqueue(p, index);
		pool_answer(p, index, &a, out);
		ledger_leave(p->ledger, index);
		pool_forget(p, index, out);
	}
}

void pool_serve(struct pool *p, struct instant now, struct actions *out)
{
	struct worker *w;

	retrial_serve(p, now, out);
	affinity_serve(p, now, out);
	while (p->due > 0 && (w = slots_pick(&p->slots)) != NULL) {
		uint32_t index = turns_next(p);

		if (!instant_is_before(now, call_at(p, index)->deadline)) {
			pool_give_up(p, index, POOL_EXPIRED, now, out);
			continue;
		}
		pool_unqueue(p, index);
		pool_deliver(p, index, w, now, out);
	}
	affinity_serve(p, now, out); /* slots that nobody else has wanted */
	if (p->due + p->affinity.waiting > 0)
		reading_yield(p, now, out);
	if (p->queued > 0 && !admission_has_prospect(p)) {
		struct answer a = admission_no_worker(p);

		if (p->is_stopping || p->is_closing)
			a.reason = REASON_DRAINING;
		abandon(p, a, out);
		retrial_serve(p, now, out); /* nobody is kept for what does not wait any more */
	}
	overflow_review(p, out);
}

/* ----------------------------------------------------------------- the end */

void pool_forget(struct pool *p, uint32_t index, struct actions *out)
{
	uint32_t body = call_at(p, index)->body;

	turns_forget(p, index);
	ledger_forget(p->ledger, index);
	release(out, body);
}

bool pool_is_overlong(const struct call *c, uint32_t size)
{
	return c->reply_most > 0 && size > c->reply_most - c->replied;
}

/* Small ones always have room: as many as a client may have calls open. */
enum { UNREAD_SMALL = 1024 };

bool pool_is_unread(const struct pool *p, const struct call *c, uint32_t size)
{
	return p->ledger->callers[c->client].reading == READING_FULL && size > UNREAD_SMALL;
}

static struct answer loss_answer(const struct pool *p, const struct call *c, enum pool_loss how,
				 struct instant now)
{
	static const enum frame_reason reasons[] = {
		[POOL_CANCELLED] = REASON_CANCELLED,
		[POOL_UNSUPPORTED] = REASON_UNSUPPORTED,
		[POOL_TOO_LARGE] = REASON_TOO_LARGE,
		[POOL_REQUEST_TOO_LARGE] = REASON_TOO_LARGE,
		[POOL_CONTRADICTS] = REASON_INVALID,
		[POOL_ONE_MESSAGE] = REASON_UNSUPPORTED,
		[POOL_NO_ROOM] = REASON_OVERLOADED,
		[POOL_UNREAD] = REASON_OVERLOADED,
		[POOL_STALLED] = REASON_OVERLOADED,
		[POOL_CLIENT_GONE] = REASON_CANCELLED,
		[POOL_EXPIRED] = REASON_DEADLINE,
	};
	static const enum answer_side sides[] = {
		[POOL_TOO_LARGE] = SIDE_REPLY,
		[POOL_REQUEST_TOO_LARGE] = SIDE_REQUEST,
		[POOL_ONE_MESSAGE] = SIDE_REPLY,
		[POOL_EXPIRED] = SIDE_NONE, /* the last of all */
	};

	return (struct answer){
		.reason = reasons[how],
		.side = sides[how],
		.over = how == POOL_STALLED ? LIMIT_STALLED : how == POOL_UNREAD ? LIMIT_UNREAD : LIMIT_PARTIAL,
		.not_processed = c->state == CALL_QUEUED && c->attempt == 0,
		.may_have_run = c->state == CALL_IN_FLIGHT || c->attempt > 0,
		.pool = p->index,
		.worker = c->worker,
		.attempt = c->attempt,
		.limit = how == POOL_UNREAD ? p->ledger->callers[c->client].max_unread : c->reply_most,
		.waited = duration_between(c->accepted_at, now),
	};
}

/* It is there, and cannot be passed on. */
static void refuse_reply(struct pool *p, uint32_t index, enum pool_loss why, struct instant now,
			 struct actions *out)
{
	struct answer a = loss_answer(p, call_at(p, index), why, now);

	p->in_flight--;
	pool_answer(p, index, &a, out);
	ledger_leave(p->ledger, index);
}

static void pass_on(struct pool *p, uint32_t index, struct actions *out)
{
	const struct call *c = call_at(p, index);

	p->counters.replied++;
	p->in_flight--;
	actions_add(out, &(struct action){.kind = ACTION_FORWARD, .client = c->client, .id = c->id});
	ledger_leave(p->ledger, index);
}

void pool_reply(struct pool *p, struct worker *w, uint32_t wire_id, uint32_t size, struct instant now,
		struct actions *out)
{
	uint32_t index = hand_find(p, w, wire_id);
	struct call *c;

	if (index == NONE) {
		p->counters.stale++;
		return;
	}
	c = call_at(p, index);
	if (c->state == CALL_IN_FLIGHT && pool_is_overlong(c, size))
		refuse_reply(p, index, POOL_TOO_LARGE, now, out);
	else if (c->state == CALL_IN_FLIGHT && pool_is_unread(p, c, size))
		refuse_reply(p, index, POOL_UNREAD, now, out);
	else if (c->state == CALL_IN_FLIGHT)
		pass_on(p, index, out);
	suspects_clear(p->suspects, p->index, c->key);
	hand_take(p, w, index);
	retrial_ended(p, w, index);
	pool_forget(p, index, out);
	pool_serve(p, now, out);
}

void pool_give_up(struct pool *p, uint32_t call, enum pool_loss how, struct instant now, struct actions *out)
{
	struct call *c = call_at(p, call);
	struct answer a = loss_answer(p, c, how, now);

	if (how == POOL_CLIENT_GONE)
		p->counters.closed++;
	else
		pool_answer(p, call, &a, out);
	if (c->state == CALL_QUEUED) {
		pool_unqueue(p, call);
		ledger_leave(p->ledger, call);
		pool_forget(p, call, out);
		return;
	}
	/* the slot comes back with the worker's final frame, or with its end */
	p->in_flight--;
	actions_add(out, &(struct action){.kind = ACTION_CANCEL,
					  .worker = c->worker,
					  .generation = p->workers[c->worker].generation,
					  .id = c->wire_id,
					  .number = frame_status_of(a.reason)});
	ledger_leave(p->ledger, call);
	ledger_await(p->ledger, call,
		     p->spec->cancel_grace.ms > 0 ? instant_after(now, p->spec->cancel_grace) : INSTANT_NEVER);
}

void pool_lose(struct pool *p, uint32_t call, enum pool_loss how, struct instant now,
	       struct actions *out)
{
	const struct call *c = call_at(p, call);
	/* a worker may have been kept for it, or others of its key have waited for it */
	bool was_waited_for = c->state == CALL_QUEUED && (c->is_last || c->bond != NONE);

	pool_give_up(p, call, how, now, out);
	if (was_waited_for)
		pool_serve(p, now, out);
	overflow_review(p, out);
}

void pool_notify(struct pool *p, struct actions *out)
{
	struct worker *w = slots_pick(&p->slots);

	/* a one-way message needs no slot: where all are busy any that is up will do */
	for (uint32_t i = 0; !w && i < p->worker_count; i++) {
		struct worker *any = &p->workers[p->first_worker + i];

		if (pool_gives_to(p, any) && any->slots > 0)
			w = any;
	}
	if (!w) {
		p->counters.unheard++;
		return;
	}
	p->counters.notified++;
	w->was_given = true;
	actions_add(out, &(struct action){.kind = ACTION_NOTIFY,
					  .worker = w->index,
					  .generation = w->generation});
}

bool pool_is_drained(const struct pool *p, const struct worker *w, struct instant now)
{
	/* one that still takes calls has none in hand only where none waits: pool_serve() sees to that */
	return w->state == WORKER_DRAINING && hand_is_done(p, w, now);
}

bool pool_has_proof(struct pool *p, struct instant now)
{
	for (uint32_t i = 0; !p->is_proved && i < p->worker_count; i++) {
		const struct worker *w = &p->workers[p->first_worker + i];

		if (w->is_ready_seen && worker_has_process(w) &&
		    duration_between(w->up_since, now).ms >= POOL_PROOF_MS)
			p->is_proved = true;
	}
	return p->is_proved;
}
