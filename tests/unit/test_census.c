/*
 * census: counts of keys, also where keys crowd in one place and go in any order; compared with a
 * plain list.
 */
#include "check.h"

#include "census.h"
#include "dice.h"

enum { CAPACITY = 16, KEYS = CAPACITY / 2 };

static void keys_are_counted_apart(void **state)
{
	struct census_entry entries[CAPACITY] = {{0}};
	struct census c = {entries, CAPACITY};

	(void)state;
	assert_int_equal(census_count(&c, 0), 0);
	census_add(&c, 0);
	census_add(&c, (uint64_t)1 << 32);
	census_add(&c, 0);
	assert_int_equal(census_count(&c, 0), 2);
	assert_int_equal(census_count(&c, (uint64_t)1 << 32), 1);
	assert_int_equal(census_count(&c, 1), 0);
	census_remove(&c, 0);
	assert_int_equal(census_count(&c, 0), 1);
	census_remove(&c, 0);
	assert_int_equal(census_count(&c, 0), 0);
	assert_int_equal(census_count(&c, (uint64_t)1 << 32), 1);
}

/* Keys that want the same place, found by asking where a key lands in an empty table. */
static size_t find_neighbours(uint64_t *keys, size_t count, uint32_t place)
{
	size_t found = 0;

	for (uint64_t key = 1; found < count; key++) {
		struct census_entry entries[CAPACITY] = {{0}};
		struct census c = {entries, CAPACITY};

		census_add(&c, key);
		if (entries[place].count == 1)
			keys[found++] = key;
	}
	return found;
}

/* Any of them may go first: the others stay found, over the end of the table too. */
static void crowded_keys_stay_found(void **state)
{
	uint64_t keys[KEYS];

	(void)state;
	for (uint32_t place = 0; place < CAPACITY; place++) {
		find_neighbours(keys, KEYS - 2, place);
		find_neighbours(keys + KEYS - 2, 2, (place + 1) % CAPACITY);
		for (size_t first = 0; first < KEYS; first++) {
			struct census_entry entries[CAPACITY] = {{0}};
			struct census c = {entries, CAPACITY};

			for (size_t i = 0; i < KEYS; i++)
				census_add(&c, keys[i]);
			census_remove(&c, keys[first]);
			for (size_t i = 0; i < KEYS; i++)
				assert_int_equal(census_count(&c, keys[i]), i != first);
		}
	}
}

static void a_plain_list_agrees(void **state)
{
	struct dice dice = dice_open();
	struct census_entry entries[CAPACITY] = {{0}};
	struct census c = {entries, CAPACITY};
	uint64_t keys[KEYS];
	uint32_t counts[KEYS] = {0};

	(void)state;
	for (int round = 0; round < 200; round++) {
		for (size_t i = 0; i < KEYS; i++)
			keys[i] = dice_throw(&dice);
		for (int step = 0; step < 500; step++) {
			size_t i = dice_below(&dice, KEYS);

			if (counts[i] > 0 && dice_once_in(&dice, 2)) {
				census_remove(&c, keys[i]);
				counts[i]--;
			} else {
				census_add(&c, keys[i]);
				counts[i]++;
			}
			for (size_t k = 0; k < KEYS; k++)
				assert_int_equal(census_count(&c, keys[k]), counts[k]);
		}
		for (size_t i = 0; i < KEYS; i++) {
			for (; counts[i] > 0; counts[i]--)
				census_remove(&c, keys[i]);
		}
	}
	for (size_t i = 0; i < CAPACITY; i++)
		assert_int_equal(entries[i].count, 0);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(keys_are_counted_apart),
	cmocka_unit_test(crowded_keys_stay_found),
	cmocka_unit_test(a_plain_list_agrees),
};

CHECK_MAIN(tests)
