/* overflow: see overflow.h. How much is too much, and who has to wait for it. */
#include "overflow.h"

#include <stdio.h>

enum { REVIEWS_LEAST = 32 };

static struct share *share_at(const struct pool *p, uint32_t index)
{
	return &p->ledger->turns.shares[index];
}

/* ---------------------------------------------------------------- admission */

struct answer overflow_answer(const struct pool *p, enum answer_limit over, uint64_t number, uint64_t limit)
{
	return (struct answer){.reason = REASON_OVERLOADED,
			       .not_processed = true,
			       .pool = p->index,
			       .worker = NONE,
			       .over = over,
			       .number = number,
			       .limit = limit};
}

/* Users with calls here, the one that asks among them. */
static uint32_t count_users(const struct pool *p, const struct share *s)
{
	uint32_t users = s ? 0 : 1;

	for (uint32_t i = p->shares.first; i != NONE; i = share_at(p, i)->link.next)
		users++;
	return users;
}

/* Has it room of its own in a queue that others have filled? Else says what there is too much of. */
static bool has_room(const struct pool *p, const struct share *s, uint64_t has, uint64_t wants,
		     const struct answer *full, enum answer_limit over, struct answer *why)
{
	uint32_t users = count_users(p, s);
	uint64_t own = full->limit / users;

	if (users > 1 && has + wants <= (own > 0 ? own : 1))
		return true;
	*why = *full;
	if (users > 1 && has > 0) {
		why->over = over;
		why->number = has;
		why->limit = own;
	}
	return false;
}

/* May it have called by its SLOTS? An operator has none. */
static bool is_paced(const struct pool *p, uint32_t client)
{
	return p->spec->on_overflow == OVERFLOW_PAUSE && p->ledger->callers[client].pool == p->index;
}

bool overflow_admits(const struct pool *p, const struct pool_request *r, const struct share *s,
		     struct answer *why)
{
	uint64_t bytes = p->queued_bytes + r->size;
	struct answer count = overflow_answer(p, LIMIT_QUEUE, p->queued, p->spec->queue);
	struct answer size = overflow_answer(p, LIMIT_QUEUE_BYTES, bytes, p->spec->queue_bytes.bytes);

	if (!calls_have_room(&p->ledger->table)) {
		*why = count;
		return false;
	}
	if (p->queued >= p->spec->queue && !is_paced(p, r->client) &&
	    !has_room(p, s, s ? s->waiting : 0, 1, &count, LIMIT_SHARE, why))
		return false;
	return p->queued == 0 || bytes <= p->spec->queue_bytes.bytes ||
	       has_room(p, s, s ? s->waiting_bytes : 0, r->size, &size, LIMIT_SHARE_BYTES, why);
}

/* ------------------------------------------------------------------- pacing */

static void allow(struct caller *client, uint32_t number, uint32_t calls, struct actions *out)
{
	if (client->allowed == calls)
		return;
	client->allowed = calls;
	actions_add(out, &(struct action){.kind = ACTION_SLOTS, .client = number, .number = calls});
}

static bool is_active(const struct pool *p, const struct caller *client)
{
	return client->is_open && client->pool == p->index && client->open_calls > 0 &&
	       share_at(p, client->share)->pool == p->index;
}

/* Calls that may be open so that the queue stays below the mark at which it is tight. */
static uint64_t room(const struct pool *p)
{
	uint64_t fit = (uint64_t)p->spec->queue * 4 / 5;
	uint64_t slots = 0;

	if (p->queued > 0 && p->queued_bytes > 0) {
		uint64_t by_size = p->spec->queue_bytes.bytes * 4 / 5 / (p->queued_bytes / p->queued + 1);

		fit = by_size < fit ? by_size : fit;
	}
	for (uint32_t i = 0; i < p->worker_count; i++) {
		const struct worker *w = &p->workers[p->first_worker + i];

		slots += pool_gives_to(p, w) ? w->slots : 0;
	}
	return fit + slots;
}

/* In powers of two, so that small changes are not told to everybody. */
static uint32_t rounded(uint64_t calls, uint32_t most)
{
	uint32_t power = 1;

	while (2 * (uint64_t)power <= calls && power < most)
		power *= 2;
	return power < most ? power : most;
}

/* How many clients of each user have calls open; returns how many users that are. */
static uint32_t count_active(struct pool *p)
{
	uint32_t users = 0;

	for (uint32_t i = p->shares.first; i != NONE; i = share_at(p, i)->link.next)
		share_at(p, i)->clients = 0;
	for (uint32_t i = 0; i < p->ledger->caller_count; i++) {
		const struct caller *client = &p->ledger->callers[i];

		if (is_active(p, client))
			users += share_at(p, client->share)->clients++ == 0;
	}
	return users;
}

/* What fits is for each user the same, and for each of its clients. */
static void pace(struct pool *p, struct actions *out)
{
	uint64_t fit = room(p);
	uint32_t users = count_active(p);

	p->until_pace = p->ledger->caller_count / 8 + REVIEWS_LEAST;
	p->pace = UINT32_MAX;
	for (uint32_t i = 0; users > 0 && i < p->ledger->caller_count; i++) {
		struct caller *client = &p->ledger->callers[i];
		uint32_t calls;

		if (!is_active(p, client))
			continue;
		calls = rounded(fit / users / share_at(p, client->share)->clients, client->max_calls);
		p->pace = calls < p->pace ? calls : p->pace;
		allow(client, i, calls, out);
	}
}

static void let_run(struct pool *p, struct actions *out)
{
	for (uint32_t i = 0; i < p->ledger->caller_count; i++) {
		struct caller *client = &p->ledger->callers[i];

		if (client->is_open && client->pool == p->index)
			allow(client, i, client->max_calls, out);
	}
}

void overflow_accepted(struct pool *p, uint32_t number, struct actions *out)
{
	struct caller *client = &p->ledger->callers[number];

	if (!p->is_tight || !is_paced(p, number))
		return;
	/* one that had none open before hears of it now, the others when there is something new */
	if (client->open_calls == 1 && client->allowed > p->pace)
		allow(client, number, p->pace, out);
	if (p->until_pace == 0 || --p->until_pace == 0)
		pace(p, out);
}

void overflow_review(struct pool *p, struct actions *out)
{
	uint64_t bytes = p->spec->queue_bytes.bytes;
	bool is_over = 5 * (uint64_t)p->queued >= 4 * (uint64_t)p->spec->queue ||
		       p->queued_bytes / 4 >= bytes / 5;
	bool is_under = 2 * (uint64_t)p->queued < p->spec->queue && p->queued_bytes < bytes / 2;

	if (p->is_tight ? !is_under : !is_over)
		return;
	p->is_tight = !p->is_tight;
	p->counters.tight += p->is_tight;
	actions_add(out, &(struct action){.kind = ACTION_PRESSURE, .pool = p->index});
	if (p->spec->on_overflow != OVERFLOW_PAUSE)
		return;
	if (p->is_tight)
		pace(p, out);
	else
		let_run(p, out);
}

void overflow_text(const struct pool *p, char *out, size_t size)
{
	bool pauses = p->spec->on_overflow == OVERFLOW_PAUSE;

	snprintf(out, size, "%s: %u of %u calls wait (%llu of %llu bytes): %s", p->spec->name, p->queued,
		 p->spec->queue, (unsigned long long)p->queued_bytes,
		 (unsigned long long)p->spec->queue_bytes.bytes,
		 p->is_tight ? pauses ? "its clients are slowed down" : "what does not fit is refused"
			     : "there is room again");
}
