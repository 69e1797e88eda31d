/* spares: what comes back is given out again, within the limit, by size. */
#include "check.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "spares.h"

static void what_was_given_back_is_taken_again(void **state)
{
	struct spares s = {.most = 1 << 10};
	void *a = spares_take(&s, 100);
	void *b;

	(void)state;
	assert_non_null(a);
	memset(a, 1, 100);
	spares_give(&s, a, 100);
	assert_int_equal(s.kept, SPARES_STEP);
	b = spares_take(&s, SPARES_STEP); /* of the same step */
	assert_ptr_equal(a, b);
	assert_int_equal(s.kept, 0);
	memset(b, 2, SPARES_STEP); /* all of it can be used, whoever asked for less before */
	spares_give(&s, b, SPARES_STEP);
	spares_close(&s);
	assert_int_equal(s.kept, 0);
}

static void the_last_one_back_is_the_first_one_out(void **state)
{
	struct spares s = {.most = 1 << 10};
	void *a = spares_take(&s, 8);
	void *b = spares_take(&s, 8);

	(void)state;
	assert_true(a != b);
	spares_give(&s, a, 8);
	spares_give(&s, b, 8);
	assert_ptr_equal(spares_take(&s, 8), b);
	assert_ptr_equal(spares_take(&s, 8), a);
	spares_give(&s, a, 8);
	spares_give(&s, b, 8);
	spares_close(&s);
}

static void sizes_do_not_mix(void **state)
{
	struct spares s = {.most = 1 << 20};

	(void)state;
	for (size_t size = 1; size <= SPARES_LARGEST + 2; size++) {
		uint8_t *p = spares_take(&s, size);

		assert_non_null(p);
		p[0] = p[size - 1] = 1; /* the sanitizer looks */
		spares_give(&s, p, size);
	}
	/* one of each step, and nothing larger */
	assert_int_equal(s.kept, (size_t)SPARES_STEP * SPARES_SIZES * (SPARES_SIZES + 1) / 2);
	spares_close(&s);
	assert_int_equal(s.kept, 0);
}

static void no_more_is_kept_than_may_be(void **state)
{
	struct spares s = {.most = 3 * SPARES_STEP + 1};
	void *blocks[5];

	(void)state;
	for (size_t i = 0; i < 5; i++)
		blocks[i] = spares_take(&s, 100);
	for (size_t i = 0; i < 5; i++)
		spares_give(&s, blocks[i], 100);
	assert_int_equal(s.kept, 3 * SPARES_STEP);
	spares_close(&s);
}

static void without_spares_it_is_malloc(void **state)
{
	struct spares none = {.most = 0};
	void *p = spares_take(NULL, 100);

	(void)state;
	assert_non_null(p);
	spares_give(NULL, p, 100);
	p = spares_take(&none, 100);
	spares_give(&none, p, 100);
	assert_int_equal(none.kept, 0);
	spares_give(&none, NULL, 100);
	spares_close(&none);
}

static void large_ones_are_kept_up_to_a_limit(void **state)
{
	struct spares s = {.large_most = 10 * SPARES_LARGE_LEAST};
	size_t size = 0;
	void *small = malloc(SPARES_LARGE_LEAST);
	void *large = malloc(9 * SPARES_LARGE_LEAST);

	(void)state;
	assert_null(spares_find_large(&s, SPARES_LARGE_LEAST, &size));
	spares_give_large(&s, small, SPARES_LARGE_LEAST);
	spares_give_large(&s, large, 9 * SPARES_LARGE_LEAST);
	assert_int_equal(s.large_kept, 10 * SPARES_LARGE_LEAST);
	assert_ptr_equal(spares_find_large(&s, 2 * SPARES_LARGE_LEAST, &size), large);
	assert_int_equal(size, 9 * SPARES_LARGE_LEAST);
	assert_null(spares_find_large(&s, 2 * SPARES_LARGE_LEAST, &size));
	memset(large, 1, 9 * SPARES_LARGE_LEAST);
	spares_give_large(&s, large, 9 * SPARES_LARGE_LEAST);
	spares_close(&s);
	assert_int_equal(s.large_kept, 0);
}

static void what_is_taken_may_be_large_too(void **state)
{
	struct spares s = {.most = 1 << 20, .large_most = 10 * SPARES_LARGE_LEAST};
	void *block = spares_take(&s, SPARES_LARGE_LEAST + 100);
	void *between = spares_take(&s, SPARES_LARGEST + 1);

	(void)state;
	spares_give(&s, between, SPARES_LARGEST + 1); /* never kept */
	assert_int_equal(s.large_kept, 0);
	spares_give(&s, block, SPARES_LARGE_LEAST + 100);
	assert_int_equal(s.large_kept, SPARES_LARGE_LEAST + 100);
	assert_int_equal(s.kept, 0);
	assert_ptr_equal(spares_take(&s, SPARES_LARGE_LEAST + 50), block);
	memset(block, 1, SPARES_LARGE_LEAST + 50);
	spares_give(&s, block, SPARES_LARGE_LEAST + 50);
	spares_close(&s);
	assert_int_equal(s.large_kept, 0);
}

static void a_larger_one_takes_the_place_of_a_smaller_one(void **state)
{
	struct spares s = {.large_most = (SPARES_LARGE_COUNT + 1) * SPARES_LARGE_LEAST};
	size_t size = 0;
	void *larger = malloc(2 * SPARES_LARGE_LEAST);

	(void)state;
	for (int i = 0; i < SPARES_LARGE_COUNT; i++)
		spares_give_large(&s, malloc(SPARES_LARGE_LEAST), SPARES_LARGE_LEAST);
	spares_give_large(&s, larger, 2 * SPARES_LARGE_LEAST);
	assert_int_equal(s.large_kept, s.large_most);
	/* no more fits, and one that is too large or too small never does; the sanitizer sees that they are freed */
	spares_give_large(&s, malloc(SPARES_LARGE_LEAST), SPARES_LARGE_LEAST);
	spares_give_large(&s, malloc(s.large_most + 1), s.large_most + 1);
	spares_give_large(&s, malloc(100), 100);
	spares_give_large(NULL, malloc(SPARES_LARGE_LEAST), SPARES_LARGE_LEAST);
	assert_int_equal(s.large_kept, s.large_most);
	assert_ptr_equal(spares_find_large(&s, 2 * SPARES_LARGE_LEAST, &size), larger);
	free(larger);
	spares_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_given_back_is_taken_again),
		cmocka_unit_test(the_last_one_back_is_the_first_one_out),
		cmocka_unit_test(sizes_do_not_mix),
		cmocka_unit_test(no_more_is_kept_than_may_be),
		cmocka_unit_test(without_spares_it_is_malloc),
		cmocka_unit_test(large_ones_are_kept_up_to_a_limit),
		cmocka_unit_test(what_is_taken_may_be_large_too),
		cmocka_unit_test(a_larger_one_takes_the_place_of_a_smaller_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
