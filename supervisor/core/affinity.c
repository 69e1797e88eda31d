/*
 * affinity: the table of keys of one pool.
 *
 * Whatever changes about a key ends in settle_place(), which says where it stands from then on.
 */
#include "affinity.h"

#include <assert.h>

#include "pool.h"
#include "reading.h"
#include "roster.h"

static struct call *call_at(const struct pool *p, uint32_t index)
{
	return &p->ledger->table.calls[index];
}

static struct bond *bond_at(const struct pool *p, uint32_t index)
{
	return &p->affinity.bonds[index];
}

static struct chain bonds_of(const struct pool *p)
{
	return (struct chain){&p->affinity.bonds->link, sizeof(struct bond)};
}

static uint64_t mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

/* ---------------------------------------------------------------- instances */

static bool is_usable(const struct pool *p, const struct worker *w)
{
	return w->slots > 0 && pool_may_use(p, w);
}

/* By weights of key and instance, so that others stay where they are if one goes; NULL: none is up. */
static struct worker *weighed(const struct pool *p, uint64_t key)
{
	struct worker *best = NULL;
	uint64_t most = 0;

	for (uint32_t n = 0; n < p->seat_count; n++) {
		struct worker *w = roster_at(p, n);
		uint64_t weight = mix(key ^ mix(p->affinity.seed + n));

		if (is_usable(p, w) && (!best || weight > most)) {
			best = w;
			most = weight;
		}
	}
	return best;
}

/* The instance that this key has, or would get now. The seed keeps clients from choosing it. */
static struct worker *instance_for(const struct pool *p, const struct bond *b)
{
	struct worker *w = b->is_connection ? slots_pick(&p->slots) : NULL;

	if (b->seat != NONE && is_usable(p, roster_at(p, b->seat)))
		return roster_at(p, b->seat);
	return w && w->role == ROLE_MEMBER ? w : weighed(p, b->key);
}

/* Have all calls of it that were given out ended, or are they with this one? */
static bool may_go_to(const struct bond *b, const struct worker *w)
{
	return b->retrying == 0 && (b->in_hand == 0 || b->holder == w->index);
}

/* ------------------------------------------------------------------- places */

static struct call_list *list_of(struct pool *p, const struct bond *b)
{
	switch (b->place) {
	case BOND_IDLE:
		return &p->affinity.idle;
	case BOND_READY:
		return &p->workers[b->ready_at].ready;
	case BOND_HELD:
		return &p->affinity.held;
	case BOND_ADRIFT:
		return &p->affinity.adrift;
	case BOND_FREE:
	case BOND_AT_WORK:
		break;
	}
	return NULL;
}

static void put(struct pool *p, uint32_t index, enum bond_place place)
{
	struct bond *b = bond_at(p, index);
	struct call_list *list = list_of(p, b);

	if (list)
		chain_remove(bonds_of(p), list, index);
	b->place = place;
	list = list_of(p, b);
	if (list)
		chain_add_last(bonds_of(p), list, index);
}

static void put_ready(struct pool *p, uint32_t index, const struct worker *w)
{
	struct bond *b = bond_at(p, index);
	struct call_list *list = list_of(p, b);

	if (list)
		chain_remove(bonds_of(p), list, index);
	b->place = BOND_READY;
	b->seat = w->instance;
	b->ready_at = w->index;
	chain_add_last(bonds_of(p), &p->workers[w->index].ready, index);
}

/* What its client would be answered would only pile up. */
static bool does_not_read(const struct pool *p, uint32_t call)
{
	return reading_is_held(&p->ledger->callers[call_at(p, call)->client]);
}

static void settle_place(struct pool *p, uint32_t index)
{
	struct bond *b = bond_at(p, index);
	struct worker *w;

	if (b->calls.first == NONE) {
		put(p, index, b->in_hand + b->retrying > 0 ? BOND_AT_WORK : BOND_IDLE);
		return;
	}
	/* what is in hand somewhere decides where the next one goes, or that it waits */
	w = b->in_hand > 0 && b->seat != NONE ? roster_at(p, b->seat) : instance_for(p, b);
	if (does_not_read(p, b->calls.first) || (w && !may_go_to(b, w)))
		put(p, index, BOND_HELD);
	else if (w && is_usable(p, w))
		put_ready(p, index, w);
	else
		put(p, index, b->in_hand + b->retrying > 0 ? BOND_HELD : BOND_ADRIFT);
}

/* --------------------------------------------------------------------- keys */

uint32_t affinity_buckets(uint32_t keys)
{
	uint32_t buckets = 16;

	while (buckets < keys)
		buckets *= 2;
	return buckets;
}

static uint32_t *bucket_of(const struct pool *p, uint64_t key)
{
	return &p->affinity.buckets[mix(key ^ p->affinity.seed) & p->affinity.bucket_mask];
}

static uint32_t find(const struct pool *p, uint64_t key)
{
	uint32_t index = *bucket_of(p, key) - 1; /* 0 becomes NONE */

	while (index != NONE && bond_at(p, index)->key != key)
		index = bond_at(p, index)->bucket_next;
	return index;
}

/* The one that was not used for longest is another key's from now on. */
static uint32_t forget_oldest(struct pool *p)
{
	uint32_t index = p->affinity.idle.first;
	struct bond *b = bond_at(p, index);
	uint32_t *bucket = bucket_of(p, b->key);

	chain_remove(bonds_of(p), &p->affinity.idle, index);
	if (*bucket - 1 == index) {
		*bucket = b->bucket_next + 1;
	} else {
		struct bond *before = bond_at(p, *bucket - 1);

		while (before->bucket_next != index)
			before = bond_at(p, before->bucket_next);
		before->bucket_next = b->bucket_next;
	}
	return index;
}

static uint32_t add(struct pool *p, uint64_t key, bool is_connection)
{
	struct affinity *a = &p->affinity;
	uint32_t index = a->used < a->capacity ? a->used++ : forget_oldest(p);
	uint32_t *bucket = bucket_of(p, key);

	a->bonds[index] = (struct bond){.key = key,
					.is_connection = is_connection,
					.bucket_next = *bucket - 1,
					.seat = NONE,
					.holder = NONE,
					.calls = CALL_LIST_EMPTY};
	*bucket = index + 1;
	put(p, index, BOND_IDLE);
	return index;
}

bool affinity_has_room(const struct pool *p, uint64_t key)
{
	const struct affinity *a = &p->affinity;

	return a->used < a->capacity || a->idle.first != NONE || find(p, key) != NONE;
}

static bool is_free(const struct bond *b, const struct worker *w)
{
	return b->calls.first == NONE && w && w->is_available && may_go_to(b, w);
}

bool affinity_is_free(const struct pool *p, uint64_t key, bool is_connection, uint32_t client)
{
	uint32_t index = find(p, key);
	const struct bond fresh = {
		.key = key, .is_connection = is_connection, .seat = NONE, .calls = CALL_LIST_EMPTY};
	const struct bond *b = index == NONE ? &fresh : bond_at(p, index);

	return is_free(b, instance_for(p, b)) && !reading_is_held(&p->ledger->callers[client]);
}

void affinity_bind(struct pool *p, uint32_t call, uint64_t key, bool is_connection)
{
	uint32_t index = find(p, key);

	call_at(p, call)->bond = index == NONE ? add(p, key, is_connection) : index;
}

/* -------------------------------------------------------------------- calls */

struct worker *affinity_pick(struct pool *p, uint32_t call)
{
	struct bond *b = bond_at(p, call_at(p, call)->bond);
	struct worker *w = instance_for(p, b);

	if (!is_free(b, w) || does_not_read(p, call))
		return NULL;
	b->seat = w->instance;
	return w;
}

void affinity_wait(struct pool *p, uint32_t call, bool first)
{
	uint32_t index = call_at(p, call)->bond;
	struct bond *b = bond_at(p, index);

	if (call_at(p, call)->is_last) {
		b->retrying++;
	} else {
		if (first)
			calls_enqueue_first(&p->ledger->table, &b->calls, call);
		else
			calls_enqueue(&p->ledger->table, &b->calls, call);
		p->affinity.waiting++;
	}
	settle_place(p, index);
}

void affinity_leave(struct pool *p, uint32_t call)
{
	uint32_t index = call_at(p, call)->bond;
	struct bond *b = bond_at(p, index);

	if (call_at(p, call)->is_last) {
		b->retrying--;
	} else {
		calls_dequeue(&p->ledger->table, &b->calls, call);
		p->affinity.waiting--;
	}
	settle_place(p, index);
}

void affinity_take(struct pool *p, const struct worker *w, uint32_t call)
{
	uint32_t index = call_at(p, call)->bond;
	struct bond *b = bond_at(p, index);

	if (call_at(p, call)->is_last) {
		b->retrying++; /* wherever that is: the others of its key wait for it */
	} else {
		assert(b->in_hand == 0 || b->holder == w->index);
		b->in_hand++;
		b->holder = w->index;
	}
	settle_place(p, index);
}

void affinity_give_back(struct pool *p, uint32_t call)
{
	uint32_t index = call_at(p, call)->bond;
	struct bond *b = bond_at(p, index);

	if (call_at(p, call)->is_last)
		b->retrying--;
	else if (--b->in_hand == 0)
		b->holder = NONE;
	settle_place(p, index);
}

void affinity_update(struct pool *p, struct worker *w)
{
	struct affinity *a = &p->affinity;

	if (a->waiting == 0)
		return;
	while (w->ready.first != NONE && !is_usable(p, w))
		settle_place(p, w->ready.first);
	/* one without a seat is nobody's instance yet */
	while (a->adrift.first != NONE && w->role == ROLE_MEMBER && is_usable(p, w))
		settle_place(p, a->adrift.first);
}

/* Came this unbound call before that bound one? */
static bool is_older(const struct pool *p, uint32_t unbound, uint32_t bound)
{
	return p->due > 0 && !does_not_read(p, unbound) &&
	       instant_is_before(call_at(p, unbound)->accepted_at, call_at(p, bound)->accepted_at);
}

static void serve_worker(struct pool *p, struct worker *w, struct instant now, struct actions *out)
{
	while (w->is_available && w->ready.first != NONE) {
		uint32_t call = bond_at(p, w->ready.first)->calls.first;

		if (!instant_is_before(now, call_at(p, call)->deadline)) {
			pool_give_up(p, call, POOL_EXPIRED, now, out);
			continue;
		}
		if (does_not_read(p, call)) {
			settle_place(p, w->ready.first);
			continue;
		}
		if (is_older(p, p->queue.first, call))
			return;
		pool_unqueue(p, call);
		pool_deliver(p, call, w, now, out);
	}
}

void affinity_resume(struct pool *p)
{
	uint32_t last = p->affinity.held.last;
	uint32_t index = p->affinity.held.first;

	while (index != NONE) {
		uint32_t next = index == last ? NONE : bond_at(p, index)->link.next;

		settle_place(p, index);
		index = next;
	}
}

void affinity_serve(struct pool *p, struct instant now, struct actions *out)
{
	for (uint32_t i = 0; p->affinity.waiting > 0 && i < p->worker_count; i++)
		serve_worker(p, &p->workers[p->first_worker + i], now, out);
}

uint32_t affinity_first(const struct pool *p)
{
	uint32_t index = p->affinity.held.first != NONE ? p->affinity.held.first : p->affinity.adrift.first;

	for (uint32_t i = 0; index == NONE && p->affinity.waiting > 0 && i < p->worker_count; i++)
		index = p->workers[p->first_worker + i].ready.first;
	return index == NONE ? NONE : bond_at(p, index)->calls.first;
}
