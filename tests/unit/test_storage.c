/*
 * storage: the tables of a fleet lie in what was asked for, none over another, for small and for
 * large configurations.
 */
#include "check.h"

#include <stdlib.h>

#include "herd.h"
#include "storage.h"

struct piece {
	char *first;
	size_t size;
};

enum { PIECES = 8 };

static void list_pieces(const struct fleet *f, struct piece *pieces)
{
	const struct ledger *l = &f->ledger;
	const struct deadlines *d = &f->deadlines;

	pieces[0] = (struct piece){(char *)f->workers, f->worker_count * sizeof(*f->workers)};
	pieces[1] = (struct piece){(char *)f->pools, f->pool_count * sizeof(*f->pools)};
	pieces[2] = (struct piece){(char *)f->entrance.endpoints,
				   f->entrance.endpoint_count * sizeof(*f->entrance.endpoints)};
	pieces[3] =
		(struct piece){(char *)f->entrance.census.entries,
			       f->entrance.census.capacity * sizeof(*f->entrance.census.entries)};
	pieces[4] = (struct piece){(char *)l->callers, l->caller_count * sizeof(*l->callers)};
	pieces[5] =
		(struct piece){(char *)l->table.calls, l->table.capacity * sizeof(*l->table.calls)};
	pieces[6] = (struct piece){(char *)d->heap, d->owners * sizeof(*d->heap)};
	pieces[7] = (struct piece){(char *)d->places, d->owners * sizeof(*d->places)};
}

static bool is_within(const struct piece *p, const char *storage, size_t size)
{
	return p->first >= storage && p->first + p->size <= storage + size &&
	       (uintptr_t)p->first % 16 == 0;
}

static bool are_apart(const struct piece *a, const struct piece *b)
{
	return a->first + a->size <= b->first || b->first + b->size <= a->first;
}

static void check_layout(struct herd *h)
{
	struct piece pieces[PIECES];
	size_t size = storage_needed(&h->spec);

	herd_open(h);
	list_pieces(&h->fleet, pieces);
	/* workers, the shutdown, and every call have one deadline each */
	assert_int_equal(h->fleet.deadlines.owners,
			 h->fleet.ledger.first_owner + h->fleet.ledger.table.capacity);
	for (int i = 0; i < PIECES; i++) {
		assert_true(is_within(&pieces[i], h->storage, size));
		for (int k = 0; k < i; k++)
			assert_true(are_apart(&pieces[i], &pieces[k]));
	}
	for (uint32_t w = 0; w < h->fleet.worker_count; w++) {
		struct piece cells = {(char *)h->fleet.workers[w].cells,
				      WORKER_CELLS * sizeof(uint32_t)};

		assert_true(is_within(&cells, h->storage, size));
		for (int k = 0; k < PIECES; k++)
			assert_true(are_apart(&cells, &pieces[k]));
		assert_int_equal(h->fleet.workers[w].cells[WORKER_CELLS - 1], NONE);
	}
}

static void a_small_fleet(void **state)
{
	static struct herd h;

	(void)state;
	herd_describe(&h);
	check_layout(&h);
	assert_int_equal(h.fleet.worker_count, 4);
	assert_int_equal(h.fleet.pools[1].first_worker, 1);
	assert_int_equal(h.fleet.pools[2].first_worker, 3);
	assert_int_equal(h.fleet.workers[2].instance, 1);
	assert_int_equal(h.fleet.workers[2].pool, 1);
	herd_close(&h);
}

/*
 * Where clients could bring more than queues and workers hold, the latter count, and the other way
 * round.
 */
static void calls_that_can_be(void **state)
{
	static struct herd h;
	const uint32_t clients = 4 + FLEET_ADMIN_CLIENTS;

	(void)state;
	herd_describe(&h);
	h.workers[0].slots = 10;
	h.workers[0].queue = 5;
	h.workers[1].queue = 6;
	h.workers[2].queue = 7;
	check_layout(&h);
	assert_int_equal(h.fleet.ledger.table.capacity, 4 * 126 + clients * BROOD_CLIENT_SLOTS);
	herd_close(&h);
	for (int i = 0; i < HERD_POOLS; i++)
		h.workers[i].on_overflow = OVERFLOW_REJECT;
	check_layout(&h);
	/* a queue may become twice as long, so that each user has its part */
	assert_int_equal(h.fleet.ledger.table.capacity, 2 * 5 + 10 + 2 * 6 + 2 * 126 + 2 * 7 + 126);
	herd_close(&h);
	h.workers[2].queue = 1000000;
	check_layout(&h);
	assert_int_equal(h.fleet.ledger.table.capacity, clients * BROOD_CLIENT_SLOTS + 4 * 126);
	herd_close(&h);
}

static void a_large_fleet(void **state)
{
	static struct herd h;

	(void)state;
	herd_describe(&h);
	h.spec.brood.max_clients = 65536;
	for (int i = 0; i < HERD_POOLS; i++)
		h.workers[i].instances = (struct instance_range){SPEC_INSTANCES_MOST, SPEC_INSTANCES_MOST};
	check_layout(&h);
	assert_int_equal(h.fleet.worker_count, HERD_POOLS * SPEC_INSTANCES_MOST);
	assert_true(h.fleet.entrance.census.capacity >= 4 * 65536);
	herd_close(&h);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(a_small_fleet),
	cmocka_unit_test(calls_that_can_be),
	cmocka_unit_test(a_large_fleet),
};

CHECK_MAIN(tests)
