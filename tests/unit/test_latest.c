/* latest: against sorting all there is; and no line is made that is not wanted. */
#include "check.h"

#include <stdlib.h>

#include "dice.h"
#include "latest.h"

enum { WORKERS = 20, LINES_MOST = 200 };

/* What there is. */
static struct {
	int64_t times[WORKERS][LINES_MOST];
	size_t counts[WORKERS];
	size_t made; /* lines, as JSON */
} all;

static size_t first_of(uint32_t worker, size_t count)
{
	return all.counts[worker] > count ? all.counts[worker] - count : 0;
}

static void times(void *context, uint32_t worker, size_t count, void (*take)(void *to, int64_t wall_ms), void *to)
{
	(void)context;
	for (size_t i = first_of(worker, count); i < all.counts[worker]; i++)
		take(to, all.times[worker][i]);
}

static void lines(void *context, uint32_t worker, size_t count, json_t *array)
{
	(void)context;
	for (size_t i = first_of(worker, count); i < all.counts[worker]; i++) {
		json_array_append_new(array, json_integer((json_int_t)(worker * LINES_MOST + i)));
		all.made++;
	}
}

static const struct admin_world world = {.times = times, .lines = lines};

static json_t *latest(size_t wanted)
{
	struct latest l;

	assert_true(latest_open(&l, wanted));
	for (uint32_t w = 0; w < WORKERS; w++)
		latest_add(&l, &world, w);
	all.made = 0;
	return latest_close(&l, &world);
}

/* Its time, then its worker, then its place: one number, larger for a later line. */
static int64_t key_of(json_int_t line)
{
	size_t worker = (size_t)line / LINES_MOST;

	return all.times[worker][(size_t)line % LINES_MOST] * WORKERS * LINES_MOST + line;
}

static int compare(const void *a, const void *b)
{
	const int64_t *x = a;
	const int64_t *y = b;

	return (*x > *y) - (*x < *y);
}

/* Few different times, so that many lines are of one moment. */
static void throw_lines(struct dice *dice)
{
	for (uint32_t w = 0; w < WORKERS; w++) {
		int64_t time = (int64_t)dice_below(dice, 50);

		all.counts[w] = dice_below(dice, LINES_MOST + 1);
		for (size_t i = 0; i < all.counts[w]; i++) {
			time += (int64_t)dice_below(dice, 3);
			all.times[w][i] = time;
		}
	}
}

static void the_newest_come_in_their_order(void **state)
{
	struct dice dice = dice_open();

	(void)state;
	for (int round = 0; round < 200; round++) {
		static int64_t keys[WORKERS * LINES_MOST];
		size_t wanted = dice_below(&dice, 400);
		size_t count = 0;
		json_t *found;

		throw_lines(&dice);
		for (uint32_t w = 0; w < WORKERS; w++) {
			for (size_t i = 0; i < all.counts[w]; i++)
				keys[count++] = key_of((json_int_t)(w * LINES_MOST + i));
		}
		qsort(keys, count, sizeof(keys[0]), compare);
		found = latest(wanted);
		if (wanted > count)
			wanted = count;
		assert_int_equal(json_array_size(found), wanted);
		assert_int_equal(all.made, wanted);
		for (size_t i = 0; i < wanted; i++)
			assert_int_equal(key_of(json_integer_value(json_array_get(found, i))),
					 keys[count - wanted + i]);
		json_decref(found);
	}
}

static void a_clock_that_was_set_back_turns_no_lines_around(void **state)
{
	static const int64_t set_back[] = {100, 200, 50, 60, 300};
	json_t *found;

	(void)state;
	memset(&all, 0, sizeof(all));
	memcpy(all.times[3], set_back, sizeof(set_back));
	all.counts[3] = sizeof(set_back) / sizeof(set_back[0]);
	all.times[7][0] = 250;
	all.counts[7] = 1;
	found = latest(4);
	assert_int_equal(json_array_size(found), 4);
	assert_int_equal(json_integer_value(json_array_get(found, 0)), 3 * LINES_MOST + 2);
	assert_int_equal(json_integer_value(json_array_get(found, 1)), 3 * LINES_MOST + 3);
	assert_int_equal(json_integer_value(json_array_get(found, 2)), 7 * LINES_MOST);
	assert_int_equal(json_integer_value(json_array_get(found, 3)), 3 * LINES_MOST + 4);
	json_decref(found);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(the_newest_come_in_their_order),
	cmocka_unit_test(a_clock_that_was_set_back_turns_no_lines_around),
};

CHECK_MAIN(tests)
