/* deadlines: the earliest first, whatever was set and moved; compared with a plain table. */
#include "check.h"

#include "deadlines.h"
#include "dice.h"

enum { OWNERS = 100 };

struct table {
	struct deadline heap[OWNERS];
	uint32_t places[OWNERS];
	struct deadlines d;
};

static void open_table(struct table *t)
{
	*t = (struct table){0};
	t->d = (struct deadlines){.heap = t->heap, .places = t->places, .owners = OWNERS};
}

static struct instant at(int64_t ms)
{
	return (struct instant){ms};
}

static void nothing_is_waited_for(void **state)
{
	struct table t;
	uint32_t owner;

	(void)state;
	open_table(&t);
	assert_true(instant_is_never(deadlines_next(&t.d)));
	assert_false(deadlines_take(&t.d, at(INT64_MAX - 1), &owner));
	deadlines_set(&t.d, 7, INSTANT_NEVER);
	assert_int_equal(t.d.count, 0);
}

static void a_deadline_is_due_at_its_moment_and_once(void **state)
{
	struct table t;
	uint32_t owner = 99;

	(void)state;
	open_table(&t);
	deadlines_set(&t.d, 3, at(1000));
	assert_int_equal(deadlines_next(&t.d).ms, 1000);
	assert_false(deadlines_take(&t.d, at(999), &owner));
	assert_true(deadlines_take(&t.d, at(1000), &owner));
	assert_int_equal(owner, 3);
	assert_false(deadlines_take(&t.d, at(1000), &owner));
}

static void an_owner_has_one_deadline(void **state)
{
	struct table t;
	uint32_t owner;

	(void)state;
	open_table(&t);
	deadlines_set(&t.d, 1, at(500));
	deadlines_set(&t.d, 0, at(400));
	deadlines_set(&t.d, 0, at(600)); /* later */
	assert_int_equal(deadlines_next(&t.d).ms, 500);
	deadlines_set(&t.d, 0, at(100)); /* earlier */
	assert_int_equal(deadlines_next(&t.d).ms, 100);
	deadlines_set(&t.d, 0, INSTANT_NEVER);
	assert_int_equal(deadlines_next(&t.d).ms, 500);
	assert_true(deadlines_take(&t.d, at(1000), &owner));
	assert_int_equal(owner, 1);
	assert_int_equal(t.d.count, 0);
}

/* The plain table: the moment of each owner. */
static int64_t earliest(const int64_t *moments)
{
	int64_t first = INT64_MAX;

	for (int i = 0; i < OWNERS; i++)
		first = moments[i] < first ? moments[i] : first;
	return first;
}

static void change(struct table *t, int64_t *moments, struct dice *dice, int64_t now)
{
	uint32_t owner = (uint32_t)dice_below(dice, OWNERS);

	moments[owner] = dice_once_in(dice, 4) ? INT64_MAX : now + (int64_t)dice_below(dice, 50);
	deadlines_set(&t->d, owner, at(moments[owner]));
}

static void take_all(struct table *t, int64_t *moments, int64_t now)
{
	uint32_t owner;

	while (deadlines_take(&t->d, at(now), &owner)) {
		assert_true(moments[owner] <= now);
		assert_true(moments[owner] == earliest(moments));
		moments[owner] = INT64_MAX;
	}
	assert_true(earliest(moments) > now);
}

static void a_plain_table_agrees(void **state)
{
	struct dice dice = dice_open();
	int64_t moments[OWNERS];
	struct table t;

	(void)state;
	open_table(&t);
	for (int i = 0; i < OWNERS; i++)
		moments[i] = INT64_MAX;
	for (int64_t now = 0; now < 20000; now++) {
		for (size_t n = dice_below(&dice, 8); n > 0; n--)
			change(&t, moments, &dice, now);
		assert_true(deadlines_next(&t.d).ms == earliest(moments));
		if (dice_once_in(&dice, 3))
			take_all(&t, moments, now);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(nothing_is_waited_for),
	cmocka_unit_test(a_deadline_is_due_at_its_moment_and_once),
	cmocka_unit_test(an_owner_has_one_deadline),
	cmocka_unit_test(a_plain_table_agrees),
};

CHECK_MAIN(tests)
