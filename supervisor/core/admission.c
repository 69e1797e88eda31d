/* admission: see admission.h. */
#include "admission.h"

#include "overflow.h"
#include "size.h"

bool admission_has_prospect(const struct pool *p)
{
	for (uint32_t i = 0; i < p->worker_count; i++) {
		const struct worker *w = &p->workers[p->first_worker + i];

		if (pool_gives_to(p, w) || worker_has_prospect(w))
			return true;
	}
	return size_has_reserve(p);
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

bool admission_admits(const struct pool *p, const struct pool_request *r, struct answer *why)
{
	const struct caller *client = &p->ledger->callers[r->client];
	const struct share *share;

	if (p->is_stopping || p->is_closing) {
		*why = (struct answer){.reason = REASON_DRAINING, .not_processed = true, .pool = p->index,
				       .worker = NONE};
		return false;
	}
	if (client->open_calls >= client->max_calls) {
		*why = overflow_answer(p, LIMIT_OPEN_CALLS, client->open_calls, client->max_calls);
		return false;
	}
	share = turns_share(p, r->client);
	if (p->spec->max_calls_per_uid > 0 && share && share->calls >= p->spec->max_calls_per_uid) {
		*why = overflow_answer(p, LIMIT_USER, share->calls, p->spec->max_calls_per_uid);
		return false;
	}
	if (slots_pick(&p->slots) && pool_is_idle(p, r->client) && calls_have_room(&p->ledger->table))
		return true;
	if (!admission_has_prospect(p)) {
		*why = admission_no_worker(p);
		return false;
	}
	return overflow_admits(p, r, share, why);
}
