/* turns: shares and lanes, made when their first call comes, gone with their last. */
#include "turns.h"

#include <assert.h>

#include "pool.h"
#include "reading.h"

static struct call *call_at(const struct pool *p, uint32_t index)
{
	return &p->ledger->table.calls[index];
}

static struct share *share_at(const struct pool *p, uint32_t index)
{
	return &p->ledger->turns.shares[index];
}

static struct lane *lane_at(const struct pool *p, uint32_t index)
{
	return &p->ledger->turns.lanes[index];
}

static struct chain shares_of(const struct pool *p)
{
	struct share *first = p->ledger->turns.shares;

	return (struct chain){&first->link, sizeof(*first)};
}

static struct chain lanes_of(const struct pool *p)
{
	struct lane *first = p->ledger->turns.lanes;

	return (struct chain){&first->link, sizeof(*first)};
}

static struct chain calls_of(const struct pool *p)
{
	struct call *first = p->ledger->table.calls;

	return (struct chain){&first->lane_link, sizeof(*first)};
}

/* ------------------------------------------------------------------- shares */

static bool is_share_of(const struct pool *p, uint32_t index, uint32_t uid)
{
	const struct share *s = index == NONE ? NULL : share_at(p, index);

	return s && s->calls > 0 && s->pool == p->index && s->uid == uid;
}

static uint32_t find_share(const struct pool *p, uint32_t uid)
{
	uint32_t index = p->shares.first;

	while (index != NONE && share_at(p, index)->uid != uid)
		index = share_at(p, index)->link.next;
	return index;
}

static uint32_t new_share(struct pool *p, uint32_t uid)
{
	struct turns *t = &p->ledger->turns;
	uint32_t index = t->shares_free;

	if (index != NONE)
		t->shares_free = t->shares[index].link.next;
	else
		index = t->shares_used++;
	t->shares[index] = (struct share){.uid = uid, .pool = p->index, .lanes = CALL_LIST_EMPTY};
	chain_add_last(shares_of(p), &p->shares, index);
	return index;
}

/* Mostly it is that of the client's last call. */
static uint32_t share_of(const struct pool *p, const struct caller *client)
{
	return is_share_of(p, client->share, client->uid) ? client->share : find_share(p, client->uid);
}

const struct share *turns_share(const struct pool *p, uint32_t client)
{
	uint32_t index = share_of(p, &p->ledger->callers[client]);

	return index == NONE ? NULL : share_at(p, index);
}

void turns_enter(struct pool *p, uint32_t call)
{
	struct call *c = call_at(p, call);
	struct caller *client = &p->ledger->callers[c->client];

	client->share = share_of(p, client);
	if (client->share == NONE)
		client->share = new_share(p, client->uid);
	c->share = client->share;
	share_at(p, c->share)->calls++;
}

void turns_forget(struct pool *p, uint32_t call)
{
	uint32_t index = call_at(p, call)->share;
	struct turns *t = &p->ledger->turns;
	struct share *s = share_at(p, index);

	if (--s->calls > 0)
		return;
	assert(s->waiting == 0 && s->in_hand == 0);
	chain_remove(shares_of(p), &p->shares, index);
	s->link.next = t->shares_free;
	t->shares_free = index;
}

void turns_wait_apart(struct pool *p, uint32_t call)
{
	const struct call *c = call_at(p, call);
	struct share *s = share_at(p, c->share);

	s->waiting++;
	s->waiting_bytes += c->size;
}

void turns_leave_apart(struct pool *p, uint32_t call)
{
	const struct call *c = call_at(p, call);
	struct share *s = share_at(p, c->share);

	s->waiting--;
	s->waiting_bytes -= c->size;
}

void turns_take(struct pool *p, uint32_t call)
{
	share_at(p, call_at(p, call)->share)->in_hand++;
}

void turns_give_back(struct pool *p, uint32_t call)
{
	share_at(p, call_at(p, call)->share)->in_hand--;
}

/* -------------------------------------------------------------------- lanes */

static uint32_t find_lane(const struct pool *p, const struct call *c)
{
	uint32_t index = p->ledger->callers[c->client].lanes;

	while (index != NONE && lane_at(p, index)->share != c->share)
		index = lane_at(p, index)->next_of_client;
	return index;
}

static void join(struct pool *p, uint32_t lane)
{
	chain_add_last(lanes_of(p), &share_at(p, lane_at(p, lane)->share)->lanes, lane);
	p->due++;
}

static void part(struct pool *p, uint32_t lane)
{
	chain_remove(lanes_of(p), &share_at(p, lane_at(p, lane)->share)->lanes, lane);
	p->due--;
}

static uint32_t new_lane(struct pool *p, const struct call *c)
{
	struct turns *t = &p->ledger->turns;
	struct caller *client = &p->ledger->callers[c->client];
	uint32_t index = t->lanes_free;

	if (index != NONE)
		t->lanes_free = t->lanes[index].link.next;
	else
		index = t->lanes_used++;
	t->lanes[index] = (struct lane){.calls = CALL_LIST_EMPTY,
					.share = c->share,
					.next_of_client = client->lanes,
					.is_held = reading_is_held(client)};
	client->lanes = index;
	if (!t->lanes[index].is_held)
		join(p, index);
	return index;
}

static void end_lane(struct pool *p, const struct call *c, uint32_t index)
{
	struct turns *t = &p->ledger->turns;
	uint32_t *at = &p->ledger->callers[c->client].lanes;

	while (*at != index)
		at = &lane_at(p, *at)->next_of_client;
	*at = lane_at(p, index)->next_of_client;
	if (!lane_at(p, index)->is_held)
		part(p, index);
	t->lanes[index].link.next = t->lanes_free;
	t->lanes_free = index;
}

/* To the other end of its list: after its turn, or to have it next. */
static void move(struct chain chain, struct call_list *list, uint32_t index, bool first)
{
	chain_remove(chain, list, index);
	if (first)
		chain_add_first(chain, list, index);
	else
		chain_add_last(chain, list, index);
}

void turns_wait(struct pool *p, uint32_t call, bool first)
{
	struct call *c = call_at(p, call);
	struct share *s = share_at(p, c->share);
	uint32_t lane = find_lane(p, c);

	if (lane == NONE)
		lane = new_lane(p, c);
	c->lane = lane;
	if (first) {
		chain_add_first(calls_of(p), &lane_at(p, lane)->calls, call);
		if (!lane_at(p, lane)->is_held)
			move(lanes_of(p), &s->lanes, lane, true);
		move(shares_of(p), &p->shares, c->share, true);
	} else {
		chain_add_last(calls_of(p), &lane_at(p, lane)->calls, call);
	}
	s->waiting++;
	s->waiting_bytes += c->size;
}

void turns_leave(struct pool *p, uint32_t call)
{
	struct call *c = call_at(p, call);
	struct share *s = share_at(p, c->share);
	struct lane *lane = lane_at(p, c->lane);

	chain_remove(calls_of(p), &lane->calls, call);
	if (lane->calls.first == NONE)
		end_lane(p, c, c->lane);
	s->waiting--;
	s->waiting_bytes -= c->size;
}

void turns_grow(struct pool *p, uint32_t call, uint32_t bytes)
{
	share_at(p, call_at(p, call)->share)->waiting_bytes += bytes;
}

void turns_hold(struct pool *p, uint32_t client, bool hold)
{
	for (uint32_t i = p->ledger->callers[client].lanes; i != NONE; i = lane_at(p, i)->next_of_client) {
		struct lane *lane = lane_at(p, i);

		if (share_at(p, lane->share)->pool != p->index || lane->is_held == hold)
			continue;
		if (hold)
			part(p, i);
		else
			join(p, i);
		lane->is_held = hold;
	}
}

/* ---------------------------------------------------------------- the choice */

/* Users are few; where they are not, each call looks at all of them. */
static uint32_t next_share(const struct pool *p)
{
	uint32_t best = NONE;

	for (uint32_t i = p->shares.first; i != NONE; i = share_at(p, i)->link.next) {
		const struct share *s = share_at(p, i);

		if (s->lanes.first == NONE)
			continue;
		if (s->in_hand == 0)
			return i;
		if (best == NONE || s->in_hand < share_at(p, best)->in_hand)
			best = i;
	}
	return best;
}

uint32_t turns_next(struct pool *p)
{
	uint32_t index = next_share(p);
	struct share *s;
	uint32_t lane;

	if (index == NONE)
		return NONE;
	s = share_at(p, index);
	lane = s->lanes.first;
	move(shares_of(p), &p->shares, index, false);
	move(lanes_of(p), &s->lanes, lane, false);
	return lane_at(p, lane)->calls.first;
}
