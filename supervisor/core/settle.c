/*
 * settle: what becomes of the calls of a worker that is gone.
 *
 * Each call in its hand goes back to the queue or is answered, exactly once; the order of those that go back is kept.
 */
#include "settle.h"

#include "hand.h"
#include "retrial.h"

static struct call *call_at(const struct pool *p, uint32_t index)
{
	return &p->ledger->table.calls[index];
}

void settle_unsent(struct pool *p, struct worker *w, uint32_t wire_id)
{
	uint32_t index = hand_find(p, w, wire_id);

	/* a worker whose board says so of a call that it has begun to answer is not believed */
	if (index != NONE && !call_at(p, index)->is_answering)
		call_at(p, index)->is_unsent = true;
}

void settle_started(struct pool *p, struct worker *w, uint32_t wire_id)
{
	uint32_t index = hand_find(p, w, wire_id);

	if (index != NONE)
		call_at(p, index)->is_started = true;
}

void settle_suspect(struct pool *p, struct worker *w, uint32_t wire_id, uint64_t key)
{
	uint32_t index = hand_find(p, w, wire_id);

	if (index != NONE)
		call_at(p, index)->key = key;
}

/* ---------------------------------------------------------------- the blame */

/* Did it die by itself, and not because somebody wished it? */
static bool is_own_death(const struct worker *w)
{
	return w->cause == CAUSE_NONE || w->cause == CAUSE_PROTOCOL || w->cause == CAUSE_CHANNEL_CLOSED;
}

/* What may have begun in this worker, orphans too: the killer is among them. */
static uint32_t list_begun(const struct pool *p, const uint32_t *calls, uint32_t count, uint32_t *begun_out)
{
	uint32_t begun = 0;

	for (uint32_t i = 0; i < count; i++) {
		if (!call_at(p, calls[i])->is_unsent)
			begun_out[begun++] = calls[i];
	}
	return begun;
}

static uint32_t uid_of(const struct pool *p, uint32_t call)
{
	return p->ledger->table.calls[call].uid;
}

/* If all of it was one user's, it is that user who has to wait. */
static void penalize(struct pool *p, const uint32_t *begun, uint32_t count, struct instant now)
{
	for (uint32_t i = 1; i < count; i++) {
		if (uid_of(p, begun[i]) != uid_of(p, begun[0]))
			return;
	}
	penalty_add(p->penalties, uid_of(p, begun[0]), p->spec->crash_penalty, now);
}

/* Should it have been given back by now? */
static bool is_overdue(const struct call *c, struct instant now)
{
	return c->state == CALL_ORPHAN && !instant_is_before(now, c->deadline);
}

/*
 * Of a worker that was ended because it hung only the calls are held against that it did not give back; it may be
 * another one that kept it from doing so, so here too guilt is proved alone.
 */
static void accuse(struct pool *p, const struct worker *w, const uint32_t *calls, uint32_t count, struct instant now)
{
	bool has_hung = w->cause == CAUSE_STUCK;
	uint32_t begun[BROOD_MAX_SLOTS];
	uint32_t n = list_begun(p, calls, count, begun);

	if (n == 0 || (!has_hung && !is_own_death(w)))
		return;
	for (uint32_t i = 0; i < n; i++) {
		const struct call *c = call_at(p, begun[i]);

		if (!has_hung || is_overdue(c, now))
			(void)suspects_accuse(p->suspects, p->index, c->key, n == 1, p->spec, now);
	}
	if (!has_hung)
		penalize(p, begun, n, now);
}

/* ---------------------------------------------------------------- the calls */

/*
 * May a call that a handler may have seen be given to another one? What was passed on of its answer cannot be taken
 * back, and of a request that came piece by piece brood holds the first message only.
 */
static bool may_be_repeated(const struct pool *p, const struct call *c, const struct suspect *held)
{
	if (held && held->is_quarantined)
		return false;
	if (c->is_answering || !c->has_ended || c->has_parts || c->attempt >= p->spec->max_attempts)
		return false;
	switch (p->spec->redeliver) {
	case REDELIVER_SAFE:
		return c->idempotent;
	case REDELIVER_ALWAYS:
		return true;
	case REDELIVER_NEVER:
		break;
	}
	return false;
}

/* Before all that wait: it has waited longest. */
static void requeue(struct pool *p, uint32_t index, const struct suspect *held)
{
	struct call *c = call_at(p, index);

	c->state = CALL_QUEUED;
	c->is_last = c->attempt > 0 && (c->attempt + 1u >= p->spec->max_attempts ||
					(held && held->deaths + 1 >= p->spec->max_attempts));
	pool_enqueue(p, index, true);
}

/* What becomes of one call whose worker is gone. */
static void settle_call(struct pool *p, struct worker *w, uint32_t index, const struct exit_facts *facts,
			struct instant now, struct trace_calls *calls, struct actions *out)
{
	struct call *c = call_at(p, index);
	const struct suspect *held = suspects_find(p->suspects, p->index, c->key, now);
	uint32_t returns_most = SETTLE_RETURNS * p->spec->max_attempts;
	bool has_returned_enough = c->is_unsent && c->returns >= returns_most;
	bool is_untouched = c->is_unsent && c->attempt == 1 && !has_returned_enough;
	struct answer crashed;

	hand_take(p, w, index);
	retrial_ended(p, w, index);
	if (c->state == CALL_ORPHAN) {
		calls->orphans += !c->is_unsent;
		pool_forget(p, index, out);
		return;
	}
	p->in_flight--;
	if (c->is_unsent && !c->has_parts && !has_returned_enough) {
		c->attempt--; /* it was never tried */
		c->returns++;
		calls->requeued++;
		p->counters.requeued++;
		requeue(p, index, held);
		return;
	}
	if (may_be_repeated(p, c, held)) {
		calls->redelivered++;
		p->counters.redelivered++;
		requeue(p, index, held);
		return;
	}
	calls->crashed++;
	crashed = (struct answer){.reason = REASON_WORKER_CRASHED,
				  .not_processed = is_untouched,
				  .may_have_run = !is_untouched,
				  .pool = p->index,
				  .worker = w->index,
				  .attempt = c->attempt,
				  .number = has_returned_enough ? c->returns : 0,
				  .limit = p->spec->max_attempts,
				  .key = c->key,
				  .exit = *facts};
	pool_answer(p, index, &crashed, out);
	if (p->spec->dead_letter)
		actions_add(out, &(struct action){.kind = ACTION_BURY,
						  .worker = w->index,
						  .body = c->body,
						  .answer = &crashed});
	ledger_leave(p->ledger, index);
	pool_forget(p, index, out);
}

struct trace_calls settle_worker(struct pool *p, struct worker *w, const struct exit_facts *facts, struct instant now,
				 struct actions *out)
{
	uint32_t indexes[BROOD_MAX_SLOTS];
	struct trace_calls calls = {0};
	uint32_t count = hand_list(p, w, indexes);

	accuse(p, w, indexes, count, now);
	for (uint32_t i = 0; i < count; i++)
		settle_call(p, w, indexes[i], facts, now, &calls, out);
	hand_reset(w);
	return calls;
}
