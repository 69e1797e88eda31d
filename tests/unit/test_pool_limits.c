/*
 * pool: ids that wrap and skip what is still open, the calls that one client may have open, all
 * slots at once.
 */
#include "check.h"

#include "contract.h"
#include "herd.h"

static struct herd h;

static int open_herd(void **state)
{
	(void)state;
	herd_describe(&h);
	herd_open(&h);
	return 0;
}

static int close_herd(void **state)
{
	(void)state;
	herd_close(&h);
	return 0;
}

static uint32_t delivered_as(uint32_t id)
{
	const struct action *a;

	herd_call(&h, 0, id, 0);
	a = herd_first(&h, ACTION_DELIVER);
	assert_non_null(a);
	return a->id;
}

static void reply(uint32_t wire_id)
{
	herd_give(&h, h.fleet.now.ms,
		  (struct event){.kind = FLEET_REPLY, .generation = 1, .id = wire_id});
	assert_int_equal(herd_count(&h, ACTION_FORWARD), 1);
	assert_int_equal(herd_count(&h, ACTION_RELEASE), 1);
}

static void ids_count_up_by_two(void **state)
{
	(void)state;
	herd_start(&h, 8);
	assert_int_equal(delivered_as(1), 2);
	assert_int_equal(delivered_as(3), 4);
	reply(2);
	assert_int_equal(delivered_as(5), 6);
}

/* P20: 0 is the connection's own id, and an odd one would be the worker's. */
static void ids_wrap_around_zero(void **state)
{
	(void)state;
	herd_start(&h, 8);
	h.fleet.workers[0].next_wire_id = UINT32_MAX - 5;
	assert_int_equal(delivered_as(1), UINT32_MAX - 3);
	assert_int_equal(delivered_as(3), UINT32_MAX - 1);
	assert_int_equal(delivered_as(5), 2);
	assert_int_equal(delivered_as(7), 4);
	reply(UINT32_MAX - 1);
	reply(4);
	reply(UINT32_MAX - 3);
	reply(2);
	assert_int_equal(h.fleet.workers[0].in_flight, 0);
}

/* A call that takes long keeps its id, and whatever would share its cell, from the others. */
static void an_open_id_is_skipped(void **state)
{
	uint32_t slow;

	(void)state;
	herd_start(&h, 2);
	slow = delivered_as(1);
	for (uint32_t n = 1; n < 3 * WORKER_CELLS; n++) {
		uint32_t id = delivered_as(2 * n + 1);

		assert_int_equal(id % 2, 0);
		assert_int_not_equal(id / 2 % WORKER_CELLS, slow / 2 % WORKER_CELLS);
		reply(id);
	}
	reply(slow);
}

static void a_new_process_begins_anew(void **state)
{
	(void)state;
	herd_start(&h, 2);
	assert_int_equal(delivered_as(1), 2);
	herd_give(&h, 1,
		  (struct event){.kind = FLEET_EXIT, .generation = 1, .exit = {.kind = EXIT_CODE}});
	herd_give(&h, 251, (struct event){.kind = FLEET_TICK});
	herd_give(&h, 252, (struct event){.kind = FLEET_SLOTS, .generation = 2, .number = 1});
	assert_int_equal(delivered_as(3), 2);
	assert_int_equal(herd_first(&h, ACTION_DELIVER)->delivery, 1);
}

/* Ids that no call of this worker has: odd ones, the same cell at another turn, a sibling's. */
static void an_id_that_is_not_open_is_stale(void **state)
{
	static const uint32_t ids[] = {
		0, 1, 3, 4, 2 + 2 * WORKER_CELLS, UINT32_MAX, UINT32_MAX - 1};

	(void)state;
	herd_start(&h, 2);
	assert_int_equal(delivered_as(1), 2);
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		herd_give(&h, 1,
			  (struct event){.kind = FLEET_REPLY, .generation = 1, .id = ids[i]});
		assert_int_equal(h.count, 0);
		herd_give(&h, 1, (struct event){.kind = FLEET_PART, .generation = 1, .id = ids[i]});
		assert_int_equal(h.count, 0);
	}
	assert_int_equal(h.fleet.pools[0].counters.stale, 2 * sizeof(ids) / sizeof(ids[0]));
	herd_give(&h, 1,
		  (struct event){.kind = FLEET_REPLY, .worker = 1, .generation = 1, .id = 2});
	assert_int_equal(h.count, 0);
	reply(2);
}

static void all_slots_of_a_worker(void **state)
{
	(void)state;
	herd_start(&h, UINT32_MAX); /* more than the protocol allows */
	for (uint32_t n = 0; n < BROOD_MAX_SLOTS; n++)
		assert_int_equal(delivered_as(2 * n + 1), 2 * n + 2);
	herd_call(&h, 0, 999, 0);
	assert_int_equal(h.count, 0);
	herd_give(&h, 1,
		  (struct event){.kind = FLEET_EXIT, .generation = 1, .exit = {.kind = EXIT_CODE}});
	assert_int_equal(herd_count(&h, ACTION_ANSWER), BROOD_MAX_SLOTS);
	assert_int_equal(h.fleet.pools[0].counters.crashed, BROOD_MAX_SLOTS);
	assert_int_equal(h.fleet.pools[0].queued, 1);
}

static void a_client_has_so_many_calls_open(void **state)
{
	const struct action *a;

	(void)state;
	herd_start(&h, 1);
	for (uint32_t n = 0; n < BROOD_CLIENT_SLOTS; n++) {
		herd_call(&h, 0, 2 * n + 1, n % 2);
		assert_int_equal(herd_count(&h, ACTION_ANSWER), 0);
	}
	herd_call(&h, 0, 999, 0);
	a = herd_first(&h, ACTION_ANSWER);
	assert_non_null(a);
	assert_int_equal(herd_answer(&h, a)->reason, REASON_OVERLOADED);
	assert_true(herd_answer(&h, a)->not_processed);
	assert_int_equal(herd_answer(&h, a)->number, BROOD_CLIENT_SLOTS);
	assert_int_equal(herd_answer(&h, a)->limit, BROOD_CLIENT_SLOTS);
	assert_int_equal(herd_count(&h, ACTION_RELEASE), 1);
	herd_call(&h, 1, 1, 0); /* of others it says nothing */
	assert_int_equal(herd_count(&h, ACTION_ANSWER), 0);
	herd_give(&h, 1, (struct event){.kind = FLEET_CANCEL, .client = 0, .id = 5});
	herd_call(&h, 0, 1001, 0);
	assert_int_equal(herd_count(&h, ACTION_ANSWER), 0);
}

#define WITH_HERD(name) cmocka_unit_test_setup_teardown(name, open_herd, close_herd)

static const struct CMUnitTest tests[] = {
	WITH_HERD(ids_count_up_by_two),
	WITH_HERD(ids_wrap_around_zero),
	WITH_HERD(an_open_id_is_skipped),
	WITH_HERD(a_new_process_begins_anew),
	WITH_HERD(an_id_that_is_not_open_is_stale),
	WITH_HERD(all_slots_of_a_worker),
	WITH_HERD(a_client_has_so_many_calls_open),
};

CHECK_MAIN(tests)
