/* config: whichever allocation fails, the configuration is refused and nothing leaks. */
#include "check.h"

#include "fake.h"
#include "fault.h"

static const struct fake_file files[] = {
	{.path = "brood.ini",
	 .bytes =
		 "[brood]\ninclude = *.conf\n[defaults]\nuser = alice\n"
		 "[worker:a]\ncommand = x y\nenv = A=1\n[endpoint:e]\nlisten = unix:e\npool = a\n"},
	{.path = "x.conf", .bytes = "[worker:b]\ncommand = y\n"},
};

static void each_allocation_may_fail(void **state)
{
	struct fake fake = {.files = files, .count = 2};
	enum config_result result = CONFIG_INVALID;
	size_t k = 0;

	(void)state;
	while (result != CONFIG_OK) {
		struct config *config;

		fault_arm(++k, false);
		config = fake_load(&fake, &result);
		assert_int_equal(fault_disarm(), result != CONFIG_OK);
		assert_int_equal(result == CONFIG_NO_MEMORY, config == NULL);
		if (result == CONFIG_INVALID)
			assert_true(config->problems.count[PROBLEM_ERROR] > 0);
		config_close(config);
	}
	assert_true(k > 3);
}

static void without_any_memory_there_is_no_configuration(void **state)
{
	struct fake fake = {.files = files, .count = 2};
	enum config_result result;

	(void)state;
	fault_arm(1, true);
	assert_null(fake_load(&fake, &result));
	assert_true(fault_disarm());
	assert_int_equal(result, CONFIG_NO_MEMORY);
}

static void an_arena_says_why_it_is_exhausted(void **state)
{
	struct arena arena;

	(void)state;
	arena_open(&arena, 1 << 20);
	fault_arm(1, true);
	assert_null(arena_take(&arena, 10));
	(void)fault_disarm();
	assert_true(arena.is_exhausted);
	assert_false(arena.is_over_limit);
	assert_null(arena_take(&arena, 10)); /* it stays so */
	arena_close(&arena);
	arena_open(&arena, 100);
	assert_null(arena_array(&arena, SIZE_MAX / 4, 8));
	assert_true(arena.is_over_limit);
	arena_close(&arena);
	arena_open(&arena, 200000);
	assert_non_null(arena_take(&arena, 100000)); /* more than a block */
	assert_non_null(arena_take(&arena, 0));
	assert_non_null(arena_take(&arena, 99000));
	assert_null(arena_take(&arena, 2000));
	arena_close(&arena);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(each_allocation_may_fail),
	cmocka_unit_test(without_any_memory_there_is_no_configuration),
	cmocka_unit_test(an_arena_says_why_it_is_exhausted),
};

CHECK_MAIN(tests)
