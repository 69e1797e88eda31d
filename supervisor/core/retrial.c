/* retrial: one worker of a pool, kept for one call. */
#include "retrial.h"

#include <assert.h>

static struct worker *kept_worker(const struct pool *p)
{
	return &p->workers[p->alone];
}

static void let_go(struct pool *p)
{
	struct worker *w = kept_worker(p);

	p->alone = NONE;
	pool_update(p, w);
}

/* One that leaves, or is stopped, will not be empty in time for us. */
static void let_go_of_lost(struct pool *p)
{
	if (p->alone != NONE && p->alone_call == NONE && !pool_may_use(p, kept_worker(p)))
		let_go(p);
}

static bool keep_one(struct pool *p)
{
	struct worker *w;

	if (p->alone != NONE)
		return true;
	w = slots_pick(&p->slots);
	if (!w)
		return false;
	p->alone = w->index;
	pool_update(p, w);
	return true;
}

void retrial_serve(struct pool *p, struct instant now, struct actions *out)
{
	let_go_of_lost(p);
	while (p->retrials.first != NONE && p->alone_call == NONE && keep_one(p)) {
		uint32_t index = p->retrials.first;

		if (!instant_is_before(now, p->ledger->table.calls[index].deadline)) {
			pool_give_up(p, index, POOL_EXPIRED, now, out);
			continue;
		}
		if (kept_worker(p)->in_flight > 0)
			return;
		pool_unqueue(p, index);
		p->alone_call = index;
		pool_deliver(p, index, kept_worker(p), now, out);
	}
	if (p->alone != NONE && p->alone_call == NONE && p->retrials.first == NONE)
		let_go(p);
}

void retrial_ended(struct pool *p, struct worker *w, uint32_t call)
{
	if (p->alone_call != call)
		return;
	assert(p->alone == w->index);
	p->alone_call = NONE;
	let_go(p);
}
