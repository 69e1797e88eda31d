/*
 * crew: what is told about an instance, and what follows from it for its pool.
 *
 * Every event for a worker's table goes through crew_apply(): its deadline is set, its pool looks again at who is
 * there, and serves.
 */
#include "crew.h"

#include <assert.h>
#include <stddef.h>

#include "command.h"
#include "fleet.h"
#include "handover.h"
#include "roster.h"
#include "size.h"
#include "succession.h"
#include "settle.h"
#include "stream.h"

static uint32_t next_random(struct fleet *f)
{
	f->random ^= f->random >> 12;
	f->random ^= f->random << 25;
	f->random ^= f->random >> 27;
	return (uint32_t)((f->random * 0x2545f4914f6cdd1du) >> 32);
}

static struct pool *pool_of(struct fleet *f, const struct worker *w)
{
	return &f->pools[w->pool];
}

/* The instance has one history, whichever process it is about: that of the one that has the seat. */
static void tell_companion(struct fleet *f, const struct worker *w, uint32_t told)
{
	struct worker *member = roster_companion(pool_of(f, w), w);

	if (w->role != ROLE_MEMBER && member && w->past.count > told)
		trace_keep(&member->past, trace_kept(&w->past, 0));
}

/*
 * What it has parked is kept for the next process of the instance. Of two generations at once the one that has the seat
 * counts, so the end of the other one closes nothing.
 */
static void follow_store(struct fleet *f, const struct worker *w, enum worker_event event)
{
	const struct pool *p = pool_of(f, w);
	bool stays_down = w->state == WORKER_DOWN || w->state == WORKER_FAILED;
	bool is_wanted = w->instance < p->most; /* else it was scaled away */
	bool is_over = false;

	if (w->spec->fd_store == 0 || w->role != ROLE_MEMBER || w->generation == 0)
		return;
	switch (w->spec->fd_store_keep) {
	case KEEP_NO:
		is_over = stays_down || event == EVENT_EXIT_AGAIN;
		break;
	case KEEP_RESTART:
		is_over = stays_down;
		break;
	case KEEP_YES:
		is_over = stays_down && !is_wanted;
		break;
	}
	if (is_over)
		actions_add(f->out, &(struct action){.kind = ACTION_CLOSE_STORED, .worker = w->index});
}

void crew_apply(struct fleet *f, struct worker *w, enum worker_event event, struct worker_context context)
{
	struct pool *p = pool_of(f, w);
	uint32_t told = w->past.count;
	bool had_process = worker_has_process(w);

	context.now = f->now;
	context.out = f->out;
	context.serial = ++f->serial;
	context.random = next_random(f);
	worker_step(w, event, &context);
	p->processes += (uint32_t)worker_has_process(w) - (uint32_t)had_process;
	deadlines_set(&f->deadlines, w->index, w->deadline);
	size_follow(p, w);
	pool_update(p, w);
	pool_review(p);
	pool_serve(p, f->now, f->out);
	handover_serve(f, p);
	tell_companion(f, w, told);
	succession_follow(f, w);
	follow_store(f, w, event);
}

static void apply_plain(struct fleet *f, struct worker *w, enum worker_event event)
{
	crew_apply(f, w, event, (struct worker_context){0});
}

/*
 * Could it still have something to say? Not where it was never given anything to do. One that keeps a call too long
 * does not run, so it is not asked.
 */
static bool may_speak(const struct worker *w)
{
	return w->was_given && w->in_flight == 0;
}

/* It gets nothing more, and its clients are to know. */
static void say_goodbye(struct fleet *f, struct worker *w)
{
	struct pool *p = pool_of(f, w);

	w->is_told = true;
	pool_update(p, w);
	pool_serve(p, f->now, f->out); /* what waits, and nobody is left for it, is told so now */
	actions_add(f->out, &(struct action){.kind = ACTION_SAY_GOODBYE,
					     .worker = w->index,
					     .generation = w->generation});
}

/*
 * The next step of its end, if it drains and this is the time. Calls end by themselves once nothing new is given to it;
 * of connections that were handed over its clients have to be told. Then: nothing in hand and nothing to come, all that
 * it had to say is read, the end.
 */
static void wind_down(struct fleet *f, struct worker *w)
{
	struct pool *p = pool_of(f, w);
	/* nothing in hand, and no call of its own open */
	bool is_empty = pool_is_drained(p, w, f->now) && errands_open(&f->ledger.errands, w->index) == 0;

	if (w->state != WORKER_DRAINING || w->is_flushing)
		return;
	if (w->connections > 0 && !w->is_told && (is_empty || p->queued == 0))
		say_goodbye(f, w);
	if (is_empty && w->connections == 0)
		apply_plain(f, w, may_speak(w) ? EVENT_EMPTY : EVENT_DRAINED);
}

void crew_errands_done(struct fleet *f, struct worker *w)
{
	wind_down(f, w);
}

void crew_wish(struct fleet *f, struct worker *w, enum worker_wish wanted, enum trace_cause cause)
{
	struct worker *heir = succession_has_heir(f, w) ? roster_companion(pool_of(f, w), w) : NULL;

	if (heir && wanted != WISH_UP)
		crew_wish(f, heir, WISH_DOWN, cause);
	crew_apply(f, w, worker_wishes(w, wanted), (struct worker_context){.cause = cause});
	wind_down(f, w);
}

/* The worker that an event is about; NULL if the event is of an older process. */
static struct worker *addressee(struct fleet *f, const struct event *e)
{
	struct worker *w = &f->workers[e->worker];

	return w->generation == e->generation && worker_has_process(w) ? w : NULL;
}

void crew_blame(struct worker *w, enum trace_cause cause)
{
	if (w->cause == CAUSE_NONE || (w->cause == CAUSE_LEAVING && cause == CAUSE_PROTOCOL))
		w->cause = cause;
}

/* One that only has to stay alive is ready by its deadline, whatever it says; its slots count all the same. */
static void say_ready(struct fleet *f, struct worker *w)
{
	if (w->spec->ready.kind != READY_ALIVE) {
		apply_plain(f, w, EVENT_READY);
		return;
	}
	pool_update(pool_of(f, w), w);
	pool_serve(pool_of(f, w), f->now, f->out);
	handover_serve(f, pool_of(f, w));
}

static void take_slots(struct fleet *f, struct worker *w, uint32_t announced)
{
	uint32_t most = w->spec->slots > 0 ? w->spec->slots : BROOD_MAX_SLOTS;

	w->slots = announced < most ? announced : most;
	if (announced == 0) {
		w->is_leaving |= w->state == WORKER_UP;
		if (w->is_leaving)
			crew_blame(w, CAUSE_LEAVING);
		apply_plain(f, w, EVENT_LEAVING);
		wind_down(f, w);
		return;
	}
	say_ready(f, w);
}

static void lose_channel(struct fleet *f, struct worker *w, bool broken)
{
	struct exit_facts facts = {.kind = EXIT_CHANNEL, .value = broken};
	enum trace_cause cause = broken ? CAUSE_PROTOCOL : CAUSE_CHANNEL_CLOSED;
	enum worker_state before = w->state;

	crew_blame(w, cause);
	w->lost_calls = settle_worker(pool_of(f, w), w, &facts, f->now, f->out);
	command_count_calls(f, w, &w->lost_calls);
	handover_settle(f, w);
	crew_apply(f, w, EVENT_LOST, (struct worker_context){.cause = cause, .calls = w->lost_calls});
	w->is_loss_told = w->state != before;
}

/* What became of the calls of this process and no line has told yet. */
static struct trace_calls untold_calls(const struct worker *w, struct trace_calls settled)
{
	if (w->is_loss_told)
		return settled;
	return (struct trace_calls){.crashed = settled.crashed + w->lost_calls.crashed,
				    .orphans = settled.orphans + w->lost_calls.orphans,
				    .requeued = settled.requeued + w->lost_calls.requeued,
				    .redelivered = settled.redelivered + w->lost_calls.redelivered};
}

/* Was there a call in its hand that it may have died of? Whether anybody still waits for it does not matter. */
static bool had_calls(const struct trace_calls *calls)
{
	return calls->crashed > 0 || calls->orphans > 0 || calls->redelivered > 0;
}

static void end_process(struct fleet *f, struct worker *w, const struct exit_facts *facts)
{
	struct pool *p = pool_of(f, w);
	bool proved = pool_has_proof(p, f->now);
	struct trace_calls settled = settle_worker(p, w, facts, f->now, f->out);
	struct worker_context context = {
		.keep_pace = proved && (had_calls(&settled) || had_calls(&w->lost_calls)),
		.calls = untold_calls(w, settled),
	};

	command_count_calls(f, w, &settled);
	handover_settle(f, w);
	w->lost_calls = (struct trace_calls){0};
	w->is_loss_told = false;
	if (succession_has_heir(f, w))
		w->wish = WISH_DOWN; /* its heir is what comes after it */
	crew_apply(f, w, worker_judge(w, facts, f->now), context);
}

void crew_event(struct fleet *f, const struct event *e)
{
	struct worker *w = addressee(f, e);

	if (!w)
		return;
	switch ((int)e->kind) {
	case FLEET_SPAWNED:
		w->pid = (int)e->number;
		break;
	case FLEET_READY:
		say_ready(f, w);
		break;
	case FLEET_SLOTS:
		take_slots(f, w, e->number);
		break;
	case FLEET_LOST:
		lose_channel(f, w, e->number != 0);
		break;
	case FLEET_UNSENT:
		settle_unsent(pool_of(f, w), w, e->id);
		break;
	case FLEET_SUSPECT:
		settle_suspect(pool_of(f, w), w, e->id, e->key);
		break;
	case FLEET_STARTED:
		settle_started(pool_of(f, w), w, e->id);
		break;
	case FLEET_EXIT:
		end_process(f, w, &e->exit);
		break;
	case FLEET_REPLY:
		pool_reply(pool_of(f, w), w, e->id, e->size, f->now, f->out);
		wind_down(f, w);
		break;
	case FLEET_PART:
		stream_reply(pool_of(f, w), w, e->id, &(struct stream_part){e->size, e->ends_message, false},
			     f->now, f->out);
		break;
	case FLEET_HEADERS:
		stream_headers(pool_of(f, w), w, e->id, f->out);
		break;
	case FLEET_FLUSHED:
		if (w->state == WORKER_DRAINING && w->is_flushing)
			apply_plain(f, w, EVENT_FLUSHED);
		break;
	case FLEET_REFUSED:
		stream_refused(pool_of(f, w), w, e->id, e->number ? REASON_INTERNAL : REASON_UNSUPPORTED, f->now,
			       f->out);
		wind_down(f, w);
		break;
	case FLEET_CONN_END:
	case FLEET_CONN_UNSENT:
		handover_event(f, w, e);
		wind_down(f, w);
		break;
	default:
		assert(false && "an event about a worker");
	}
}

void crew_expire(struct fleet *f, struct worker *w)
{
	enum worker_event event = worker_deadline_event(w);
	struct worker_context context = {0};

	if (event == EVENT_DEADLINE && w->state == WORKER_STARTING)
		crew_blame(w, CAUSE_START_TIMEOUT);
	if (w->state == WORKER_DRAINING && w->is_flushing)
		context.cause = CAUSE_UNFLUSHED;
	crew_apply(f, w, event, context);
}

void crew_keeps(struct fleet *f, struct worker *w, const struct call *c)
{
	if (w->state == WORKER_UP && w->cause == CAUSE_NONE) {
		w->cause = CAUSE_STUCK;
		w->stuck = (struct trace_stuck){c->wire_id, duration_between(c->given_at, f->now)};
	}
	apply_plain(f, w, EVENT_STUCK);
	wind_down(f, w); /* where that was all that it still had */
}
