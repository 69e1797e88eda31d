/* calls: records are fresh, come back, and run out; both lists keep their order whoever leaves. */
#include "check.h"

#include "calls.h"

enum { CAPACITY = 6 };

struct table {
	struct call calls[CAPACITY];
	struct call_table t;
};

static void open_table(struct table *t)
{
	*t = (struct table){0};
	t->t = (struct call_table){.calls = t->calls, .capacity = CAPACITY, .free = NONE};
}

static void fill(struct table *t)
{
	open_table(t);
	for (uint32_t i = 0; i < CAPACITY; i++) {
		assert_int_equal(calls_new(&t->t), i);
		t->calls[i].state = CALL_QUEUED;
	}
}

static void a_record_is_fresh(void **state)
{
	struct table t;
	uint32_t index;

	(void)state;
	open_table(&t);
	memset(t.calls, 0x55, sizeof(t.calls));
	index = calls_new(&t.t);
	assert_int_equal(t.calls[index].state, CALL_FREE);
	assert_int_equal(t.calls[index].worker, NONE);
	assert_int_equal(t.calls[index].queue_next, NONE);
	assert_int_equal(t.calls[index].client_next, NONE);
	assert_int_equal(t.calls[index].attempt, 0);
	assert_false(t.calls[index].is_unsent);
}

static void records_run_out_and_come_back(void **state)
{
	struct table t;

	(void)state;
	fill(&t);
	assert_int_equal(calls_new(&t.t), NONE);
	calls_free(&t.t, 4);
	calls_free(&t.t, 1);
	assert_int_equal(calls_new(&t.t), 1);
	assert_int_equal(calls_new(&t.t), 4);
	assert_int_equal(calls_new(&t.t), NONE);
	assert_int_equal(t.t.used, CAPACITY);
}

static void expect_queue(const struct table *t, const struct call_list *queue, const char *digits)
{
	uint32_t before = NONE;
	uint32_t index = queue->first;

	for (; *digits; digits++) {
		assert_int_equal(index, *digits - '0');
		assert_int_equal(t->calls[index].queue_before, before);
		before = index;
		index = t->calls[index].queue_next;
	}
	assert_int_equal(index, NONE);
	assert_int_equal(queue->last, before);
}

static void a_queue_keeps_its_order(void **state)
{
	struct call_list queue = CALL_LIST_EMPTY;
	struct table t;

	(void)state;
	fill(&t);
	calls_enqueue_first(&t.t, &queue, 2);
	calls_enqueue(&t.t, &queue, 0);
	calls_enqueue(&t.t, &queue, 5);
	calls_enqueue_first(&t.t, &queue, 1);
	calls_enqueue(&t.t, &queue, 3);
	expect_queue(&t, &queue, "12053");
	calls_dequeue(&t.t, &queue, 0); /* from the middle */
	expect_queue(&t, &queue, "1253");
	calls_dequeue(&t.t, &queue, 3); /* the last */
	expect_queue(&t, &queue, "125");
	calls_dequeue(&t.t, &queue, 1); /* the first */
	expect_queue(&t, &queue, "25");
	calls_enqueue(&t.t, &queue, 1);
	expect_queue(&t, &queue, "251");
	calls_dequeue(&t.t, &queue, 2);
	calls_dequeue(&t.t, &queue, 1);
	calls_dequeue(&t.t, &queue, 5);
	expect_queue(&t, &queue, "");
}

static void expect_client(const struct table *t, const struct call_list *list, const char *digits)
{
	uint32_t before = NONE;
	uint32_t index = list->first;

	for (; *digits; digits++) {
		assert_int_equal(index, *digits - '0');
		assert_int_equal(t->calls[index].client_before, before);
		before = index;
		index = t->calls[index].client_next;
	}
	assert_int_equal(index, NONE);
	assert_int_equal(list->last, before);
}

static void both_lists_are_apart(void **state)
{
	struct call_list queue = CALL_LIST_EMPTY;
	struct call_list client = CALL_LIST_EMPTY;
	struct table t;

	(void)state;
	fill(&t);
	for (uint32_t i = 0; i < 4; i++) {
		calls_join_client(&t.t, &client, i);
		calls_enqueue_first(&t.t, &queue, i);
	}
	calls_leave_client(&t.t, &client, 1);
	calls_dequeue(&t.t, &queue, 2);
	expect_client(&t, &client, "023");
	expect_queue(&t, &queue, "310");
	calls_leave_client(&t.t, &client, 3);
	calls_leave_client(&t.t, &client, 0);
	expect_client(&t, &client, "2");
	calls_leave_client(&t.t, &client, 2);
	expect_client(&t, &client, "");
	expect_queue(&t, &queue, "310");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(a_record_is_fresh),
	cmocka_unit_test(records_run_out_and_come_back),
	cmocka_unit_test(a_queue_keeps_its_order),
	cmocka_unit_test(both_lists_are_apart),
};

CHECK_MAIN(tests)
