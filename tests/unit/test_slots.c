/*
 * slots: the worker with least in hand, among equals the one that waited longest; compared with a
 * plain search.
 */
#include "check.h"

#include "dice.h"
#include "slots.h"

enum { WORKERS = 12 };

struct crew {
	struct worker workers[WORKERS];
	struct slots slots;
};

static void open_crew(struct crew *c, uint32_t slots)
{
	*c = (struct crew){0};
	slots_init(&c->slots, c->workers);
	for (uint32_t i = 0; i < WORKERS; i++) {
		c->workers[i].index = i;
		c->workers[i].slots = slots;
	}
}

static uint32_t picked(const struct crew *c)
{
	const struct worker *w = slots_pick(&c->slots);

	return w ? w->index : NONE;
}

static void nobody_has_a_slot(void **state)
{
	struct crew c;

	(void)state;
	open_crew(&c, 0);
	assert_int_equal(picked(&c), NONE);
	slots_set(&c.slots, &c.workers[0], 0, true); /* announced none */
	assert_int_equal(picked(&c), NONE);
	c.workers[0].slots = 1;
	slots_set(&c.slots, &c.workers[0], 0, false); /* may not take calls */
	assert_int_equal(picked(&c), NONE);
	slots_set(&c.slots, &c.workers[0], 1, true); /* is full */
	assert_int_equal(picked(&c), NONE);
	slots_set(&c.slots, &c.workers[0], 0, true);
	assert_int_equal(picked(&c), 0);
	slots_set(&c.slots, &c.workers[0], 0, false);
	assert_int_equal(picked(&c), NONE);
}

static void equals_take_turns(void **state)
{
	struct crew c;

	(void)state;
	open_crew(&c, 5);
	slots_set(&c.slots, &c.workers[4], 0, true);
	slots_set(&c.slots, &c.workers[1], 0, true);
	slots_set(&c.slots, &c.workers[9], 0, true);
	assert_int_equal(picked(&c), 4);
	slots_set(&c.slots, &c.workers[4], 1, true);
	assert_int_equal(picked(&c), 1);
	slots_set(&c.slots, &c.workers[1], 1, true);
	assert_int_equal(picked(&c), 9);
	slots_set(&c.slots, &c.workers[4], 0, true);
	assert_int_equal(picked(&c), 9); /* it has waited longer */
}

/* Every number of calls in hand, on both sides of 64. */
static void every_load_is_found(void **state)
{
	struct crew c;

	(void)state;
	open_crew(&c, BROOD_MAX_SLOTS);
	for (uint32_t busy = BROOD_MAX_SLOTS; busy-- > 0;) {
		struct worker *w = &c.workers[busy % 2];

		slots_set(&c.slots, w, busy, true);
		assert_int_equal(picked(&c), w->index);
	}
	slots_set(&c.slots, &c.workers[0], BROOD_MAX_SLOTS, true);
	slots_set(&c.slots, &c.workers[1], BROOD_MAX_SLOTS, true);
	assert_int_equal(picked(&c), NONE);
}

static void fewer_slots_than_calls(void **state)
{
	struct crew c;

	(void)state;
	open_crew(&c, 4);
	slots_set(&c.slots, &c.workers[0], 3, true);
	assert_int_equal(picked(&c), 0);
	c.workers[0].slots = 2;
	slots_set(&c.slots, &c.workers[0], 3, true);
	assert_int_equal(picked(&c), NONE);
	slots_set(&c.slots, &c.workers[0], 1, true);
	assert_int_equal(picked(&c), 0);
}

static void a_plain_search_agrees(void **state)
{
	struct dice dice = dice_open();
	uint64_t since[WORKERS] = {0};
	bool takes[WORKERS] = {false};
	struct crew c;

	(void)state;
	open_crew(&c, 1);
	for (uint64_t step = 1; step < 50000; step++) {
		size_t i = dice_below(&dice, WORKERS);
		struct worker *w = &c.workers[i];
		size_t best = WORKERS;

		w->slots = dice_once_in(&dice, 5) ? (uint32_t)dice_below(&dice, 127) : w->slots;
		takes[i] = !dice_once_in(&dice, 5);
		since[i] = step;
		slots_set(&c.slots, w, (uint32_t)dice_below(&dice, 127), takes[i]);
		for (size_t k = 0; k < WORKERS; k++) {
			const struct worker *o = &c.workers[k];
			const struct worker *b = &c.workers[best % WORKERS];

			if (!takes[k] || o->in_flight >= o->slots)
				continue;
			if (best == WORKERS || o->in_flight < b->in_flight ||
			    (o->in_flight == b->in_flight && since[k] < since[best]))
				best = k;
		}
		assert_int_equal(picked(&c), best == WORKERS ? NONE : best);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(nobody_has_a_slot),     cmocka_unit_test(equals_take_turns),
	cmocka_unit_test(every_load_is_found),   cmocka_unit_test(fewer_slots_than_calls),
	cmocka_unit_test(a_plain_search_agrees),
};

CHECK_MAIN(tests)
