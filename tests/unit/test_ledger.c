/*
 * ledger: a call is its client's and has a deadline from its entry until it leaves; its record
 * stays until forgotten.
 */
#include "check.h"

#include "ledger.h"

enum { CALLS = 3, CALLERS = 2, FIRST_OWNER = 5, OWNERS = FIRST_OWNER + CALLS };

struct books {
	struct call calls[CALLS];
	struct caller callers[CALLERS];
	struct deadline heap[OWNERS];
	uint32_t places[OWNERS];
	struct deadlines deadlines;
	struct ledger ledger;
};

static void open_books(struct books *b)
{
	*b = (struct books){0};
	b->deadlines = (struct deadlines){.heap = b->heap, .places = b->places, .owners = OWNERS};
	b->ledger = (struct ledger){
		.table = {.calls = b->calls, .capacity = CALLS, .free = NONE},
		.callers = b->callers,
		.caller_count = CALLERS,
		.deadlines = &b->deadlines,
		.first_owner = FIRST_OWNER,
	};
	for (int i = 0; i < CALLERS; i++) {
		b->callers[i].calls = CALL_LIST_EMPTY;
		b->callers[i].caller = NONE;
	}
}

static uint32_t enter(struct books *b, uint32_t client, uint32_t id, int64_t deadline)
{
	return ledger_enter(&b->ledger, &(struct call){.client = client,
						       .id = id,
						       .body = 70 + id,
						       .size = 10,
						       .pool = 2,
						       .idempotent = true,
						       .accepted_at = {1},
						       .deadline = {deadline}});
}

static void an_entry_is_copied(void **state)
{
	struct books b;
	uint32_t index;

	(void)state;
	open_books(&b);
	index = enter(&b, 1, 7, 500);
	assert_int_equal(b.calls[index].state, CALL_QUEUED);
	assert_int_equal(b.calls[index].client, 1);
	assert_int_equal(b.calls[index].id, 7);
	assert_int_equal(b.calls[index].body, 77);
	assert_int_equal(b.calls[index].size, 10);
	assert_int_equal(b.calls[index].pool, 2);
	assert_int_equal(b.calls[index].worker, NONE);
	assert_true(b.calls[index].idempotent);
	assert_int_equal(b.calls[index].accepted_at.ms, 1);
	assert_int_equal(b.callers[1].open_calls, 1);
	assert_int_equal(deadlines_next(&b.deadlines).ms, 500);
	assert_int_equal(b.places[FIRST_OWNER + index], 1);
}

static void a_call_is_found_by_client_and_id(void **state)
{
	struct books b;
	uint32_t a7;
	uint32_t b7;

	(void)state;
	open_books(&b);
	a7 = enter(&b, 0, 7, 500);
	b7 = enter(&b, 1, 7, 400);
	assert_int_equal(ledger_find(&b.ledger, 0, 7), a7);
	assert_int_equal(ledger_find(&b.ledger, 1, 7), b7);
	assert_int_equal(ledger_find(&b.ledger, 1, 9), NONE);
	ledger_leave(&b.ledger, b7);
	assert_int_equal(ledger_find(&b.ledger, 1, 7), NONE);
	assert_int_equal(ledger_find(&b.ledger, 0, 7), a7);
}

static void who_leaves_has_no_deadline_but_a_record(void **state)
{
	struct books b;
	uint32_t index;

	(void)state;
	open_books(&b);
	index = enter(&b, 0, 1, 500);
	b.calls[index].state = CALL_IN_FLIGHT;
	ledger_leave(&b.ledger, index);
	assert_int_equal(b.calls[index].state, CALL_ORPHAN);
	assert_int_equal(b.calls[index].body, 71);
	assert_int_equal(b.callers[0].open_calls, 0);
	assert_true(instant_is_never(deadlines_next(&b.deadlines)));
	ledger_forget(&b.ledger, index);
	assert_int_equal(b.calls[index].state, CALL_FREE);
}

static void a_full_table_refuses(void **state)
{
	struct books b;

	(void)state;
	open_books(&b);
	for (uint32_t i = 0; i < CALLS; i++)
		assert_int_equal(enter(&b, 0, i, 100), i);
	assert_int_equal(enter(&b, 1, 1, 100), NONE);
	assert_int_equal(b.callers[1].open_calls, 0);
	ledger_leave(&b.ledger, 1);
	assert_int_equal(enter(&b, 1, 1, 100), NONE); /* a worker may still have it */
	ledger_forget(&b.ledger, 1);
	assert_int_equal(enter(&b, 1, 1, 100), 1);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(an_entry_is_copied),
	cmocka_unit_test(a_call_is_found_by_client_and_id),
	cmocka_unit_test(who_leaves_has_no_deadline_but_a_record),
	cmocka_unit_test(a_full_table_refuses),
};

CHECK_MAIN(tests)
