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

/*
 * May a call that a handler may have seen be given to another one? What was passed on of its answer cannot be taken
 * back, and of a request that came piece by piece brood holds the first message only.
 */
static bool may_be_repeated(const struct pool *p, const struct call *c)
{
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
static void requeue(struct pool *p, uint32_t index)
{
	struct call *c = call_at(p, index);

	c->state = CALL_QUEUED;
	c->is_last = c->attempt > 0 && c->attempt + 1u >= p->spec->max_attempts;
	pool_enqueue(p, index, true);
}

/* What becomes of one call whose worker is gone. */
static void settle_call(struct pool *p, struct worker *w, uint32_t index, const struct exit_facts *facts,
			struct trace_calls *calls, struct actions *out)
{
	struct call *c = call_at(p, index);
	bool is_untouched = c->is_unsent && c->attempt == 1;

	hand_take(p, w, index);
	retrial_ended(p, w, index);
	if (c->state == CALL_ORPHAN) {
		calls->orphans += !c->is_unsent;
		pool_forget(p, index, out);
		return;
	}
	p->in_flight--;
	if (c->is_unsent && !c->has_parts) {
		c->attempt--; /* it was never tried */
		calls->requeued++;
		p->counters.requeued++;
		requeue(p, index);
		return;
	}
	if (may_be_repeated(p, c)) {
		calls->redelivered++;
		p->counters.redelivered++;
		requeue(p, index);
		return;
	}
	calls->crashed++;
	pool_answer(p, index,
		    &(struct answer){.reason = REASON_WORKER_CRASHED,
				     .not_processed = is_untouched,
				     .may_have_run = !is_untouched,
				     .pool = p->index,
				     .worker = w->index,
				     .attempt = c->attempt,
				     .exit = *facts},
		    out);
	ledger_leave(p->ledger, index);
	pool_forget(p, index, out);
}

struct trace_calls settle_worker(struct pool *p, struct worker *w, const struct exit_facts *facts,
			       struct actions *out)
{
	uint32_t indexes[BROOD_MAX_SLOTS];
	struct trace_calls calls = {0};
	uint32_t count = hand_list(p, w, indexes);

	for (uint32_t i = 0; i < count; i++)
		settle_call(p, w, indexes[i], facts, &calls, out);
	hand_reset(w);
	return calls;
}
