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

bool admission_is_trial(const struct pool *p, uint64_t key, struct instant now)
{
	const struct suspect *s = suspects_find(p->suspects, p->index, key, now);

	return s && s->deaths + 1 >= p->spec->max_attempts;
}

/* Has this request killed too many? */
static bool is_quarantined(const struct pool *p, uint64_t key, struct instant now, struct answer *why)
{
	const struct suspect *s = suspects_find(p->suspects, p->index, key, now);

	if (!s || !s->is_quarantined)
		return false;
	/* no worker saw it, but who is told that repeating is safe will repeat it for as long as it lasts */
	*why = (struct answer){.reason = REASON_QUARANTINED,
			       .pool = p->index,
			       .worker = NONE,
			       .number = s->deaths,
			       .key = key,
			       .waited = duration_between(now, s->until)};
	return true;
}

/* Or has its user? Operators are not users. */
static bool is_penalized(const struct pool *p, const struct caller *client, struct instant now, struct answer *why)
{
	uint32_t deaths;
	struct duration left;

	if (p->spec->crash_penalty.ms == 0 || client->endpoint == NONE)
		return false;
	left = penalty_left(p->penalties, client->uid, now, &deaths);
	if (left.ms == 0)
		return false;
	*why = overflow_answer(p, LIMIT_PENALTY, deaths, client->uid);
	why->waited = left;
	return true;
}

/* Could it be delivered at once? */
static bool is_free(const struct pool *p, const struct pool_request *r)
{
	if (pool_has_key(p, r))
		return affinity_is_free(p, r->order, r->is_sticky, r->client);
	return slots_pick(&p->slots) && pool_is_idle(p, r->client);
}

bool admission_admits(const struct pool *p, const struct pool_request *r, struct instant now, struct answer *why)
{
	const struct caller *client = &p->ledger->callers[r->client];
	bool has_key = pool_has_key(p, r);
	const struct share *share;

	/* what a worker still has in hand may need others while all ends */
	if (p->is_closing || (p->is_stopping && client->caller == NONE)) {
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
	if (is_quarantined(p, r->key, now, why) || is_penalized(p, client, now, why))
		return false;
	if (has_key && !affinity_has_room(p, r->order)) {
		*why = overflow_answer(p, LIMIT_ORDER_KEYS, p->affinity.capacity, p->affinity.capacity);
		return false;
	}
	/* what is tried alone waits, however many slots are free */
	if (is_free(p, r) && calls_have_room(&p->ledger->table) && !admission_is_trial(p, r->key, now))
		return true;
	if (!admission_has_prospect(p)) {
		*why = admission_no_worker(p);
		return false;
	}
	return overflow_admits(p, r, share, why);
}
