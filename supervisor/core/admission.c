/* admission: see admission.h. */
#include "admission.h"

bool admission_has_prospect(const struct pool *p)
{
	for (uint32_t i = 0; i < p->worker_count; i++) {
		const struct worker *w = &p->workers[p->first_worker + i];

		if (pool_gives_to(p, w) || worker_has_prospect(w))
			return true;
	}
	return false;
}

struct answer admission_no_worker(const struct pool *p)
{
	struct answer a = {.reason = REASON_NO_WORKER, .not_processed = true, .pool = p->index, .worker = NONE};
	struct instant latest = {0};

	for (uint32_t i = 0; i < p->worker_count; i++) {
		const struct worker *w = &p->workers[p->first_worker + i];

		if (w->state != WORKER_FAILED || (a.worker != NONE && !instant_is_before(latest, w->ended_at)))
			continue;
		latest = w->ended_at;
		a.worker = w->index;
		a.exit = w->last_exit;
	}
	return a;
}

static bool is_full(const struct pool *p, uint32_t size)
{
	return p->queued >= p->spec->queue ||
	       (p->queued > 0 && p->queued_bytes + size > p->spec->queue_bytes.bytes);
}

static struct answer overloaded(const struct pool *p, enum answer_limit over, uint64_t number, uint64_t limit)
{
	return (struct answer){.reason = REASON_OVERLOADED,
			       .not_processed = true,
			       .pool = p->index,
			       .worker = NONE,
			       .over = over,
			       .number = number,
			       .limit = limit};
}

bool admission_admits(const struct pool *p, const struct pool_request *r, struct answer *why)
{
	const struct caller *client = &p->ledger->callers[r->client];

	if (p->is_stopping || p->is_closing) {
		*why = (struct answer){.reason = REASON_DRAINING, .not_processed = true, .pool = p->index,
				       .worker = NONE};
		return false;
	}
	if (client->open_calls >= BROOD_CLIENT_SLOTS) {
		*why = overloaded(p, LIMIT_OPEN_CALLS, client->open_calls, BROOD_CLIENT_SLOTS);
		return false;
	}
	if (slots_pick(&p->slots) && p->queue.first == NONE)
		return true;
	if (!admission_has_prospect(p)) {
		*why = admission_no_worker(p);
		return false;
	}
	if (!is_full(p, r->size))
		return true;
	*why = p->queued >= p->spec->queue
		       ? overloaded(p, LIMIT_QUEUE, p->queued, p->spec->queue)
		       : overloaded(p, LIMIT_QUEUE_BYTES, p->queued_bytes + r->size, p->spec->queue_bytes.bytes);
	return false;
}
