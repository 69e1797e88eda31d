/*
 * config: too much of anything is refused by a limit that has a name, and soon; K3 of the fault
 * list.
 */
#include "check.h"

#include <stdlib.h>
#include <time.h>

#include "fake.h"
#include "source.h"

/*
 * ASan and UBSan make it slower, and so does a busy machine: a bound for what must not be
 * quadratic.
 */
enum { SECONDS_MOST = 5 };

/* The text `count` times, each @ in it replaced by the number in hexadecimal. */
static char *repeat(const char *text, size_t count, size_t *size_out)
{
	char *all = malloc(count * 80 + 1);
	size_t size = 0;

	for (size_t i = 0; i < count; i++) {
		for (const char *c = text; *c != '\0'; c++) {
			if (*c == '@')
				size += (size_t)sprintf(all + size, "%zx", i);
			else
				all[size++] = *c;
		}
	}
	*size_out = size;
	return all;
}

/* Loads it as one file, and frees it. */
static void check(char *text, size_t size, const char *expected_end)
{
	struct timespec begin;
	struct timespec end;
	enum config_result result;
	struct config *config;
	char *problems;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	config = fake_load_text(text, size, &result);
	clock_gettime(CLOCK_MONOTONIC, &end);
	problems = fake_problems(config);
	assert_int_equal(result, CONFIG_INVALID);
	assert_text(expected_end, strlen(problems) > strlen(expected_end)
					  ? problems + strlen(problems) - strlen(expected_end)
					  : problems);
	assert_true(end.tv_sec - begin.tv_sec < SECONDS_MOST);
	free(problems);
	config_close(config);
	free(text);
}

static void a_megabyte_is_the_most(void **state)
{
	char *text = malloc(SOURCE_BYTES_MOST + 1);

	(void)state;
	memset(text, '\n', SOURCE_BYTES_MOST + 1);
	check(text, SOURCE_BYTES_MOST + 1,
	      "brood.ini: error: cannot read the file: too large\n1 error\n");
}

static void a_hundred_thousand_sections_are_too_many(void **state)
{
	size_t size;
	char *text = repeat("[worker:@]\n", 70000, &size);

	(void)state;
	assert_true(size <= SOURCE_BYTES_MOST);
	check(text, size, "not shown: 4077 errors\n4097 errors\n");
}

static void the_same_section_a_hundred_thousand_times(void **state)
{
	size_t size;
	char *text = repeat("[worker:a]\n", 95000, &size);

	(void)state;
	check(text, size, "not shown: 94980 errors\n95000 errors\n");
}

static void unknown_keys_and_sections_by_the_thousand(void **state)
{
	size_t size;
	char *text = repeat("[x@]\n", 100000, &size);

	(void)state;
	check(text, size, "not shown: 99980 errors\n100000 errors\n");
	text = repeat("[worker:a]\ncommnd=\n", 50000, &size);
	check(text, size, "not shown: 99979 errors\n99999 errors\n");
}

static void workers_endpoints_and_processes_are_limited(void **state)
{
	size_t size;
	char *text = repeat("[worker:w@]\ncommand=x\n", SPEC_WORKERS_MOST + 2, &size);

	(void)state;
	check(text, size,
	      "brood.ini:8193: error: more than 4096 sections [worker:NAME]\n1 error\n");
	text = repeat("[endpoint:w@]\nlisten=unix:x\npool=a\n", SPEC_ENDPOINTS_MOST + 2, &size);
	check(text, size, "not shown: 492 errors\n512 errors\n");
	text = repeat("[worker:w@]\ncommand=x\ninstances=1000\n", 18, &size);
	check(text, size,
	      "brood.ini:51: error: [worker:w10] instances: with this worker there are 17000 "
	      "processes, at "
	      "most 16384 are allowed\n1 error\n");
}

static void pools_that_do_not_exist_cost_little(void **state)
{
	size_t size;
	size_t more;
	char *text = repeat("[worker:aaaaaaaaaaaaaaaaaaaaaa@]\ncommand=x\n", 4000, &size);
	char *endpoints = repeat("[endpoint:e@]\nlisten=unix:x@\npool=bbbbbbbbbbbbbbbbbbbbbbbb\n",
				 256, &more);

	(void)state;
	text = realloc(text, size + more);
	memcpy(text + size, endpoints, more);
	free(endpoints);
	check(text, size + more, "256 errors\n");
}

/* Without memory it is refused, wherever that happens. */
static void any_lack_of_memory_is_an_error(void **state)
{
	static const char text[] =
		"[brood]\ninclude = *.conf\n[defaults]\nuser = alice\n"
		"[worker:a]\ncommand = x y\nenv = A=1\nlimits = core=0\ncwd = /\n"
		"success_exit = 0\ngroups = 33\n"
		"[endpoint:e]\nlisten = unix:e\npool = a\nallow = self\n";
	static const struct fake_file files[] = {
		{.path = "brood.ini", .bytes = text},
		{.path = "x.conf", .bytes = "[worker:b]\ncommand = x\nuser = www-data\n"}};
	struct fake fake = {.files = files, .count = 2, .memory_most = 1};
	enum config_result result = CONFIG_INVALID;
	size_t tries = 0;

	(void)state;
	for (; result == CONFIG_INVALID; fake.memory_most += 8, tries++) {
		struct config *config = fake_load(&fake, &result);

		assert_true(result == CONFIG_OK || config->arena.is_exhausted);
		assert_int_equal(result == CONFIG_OK, config->problems.count[PROBLEM_ERROR] == 0);
		config_close(config);
	}
	assert_int_equal(result, CONFIG_OK);
	assert_true(tries > 100);
}

static void memory_is_limited_by_name(void **state)
{
	const struct fake_file file = {.path = "brood.ini", .bytes = "[worker:a]\n"};
	struct fake fake = {.files = &file, .count = 1, .memory_most = 1000};
	enum config_result result;
	struct config *config;
	char *problems;

	(void)state;
	config = fake_load(&fake, &result);
	problems = fake_problems(config);
	assert_text("error: the configuration needs more than 1000 bytes of memory\n1 error\n",
		    problems);
	free(problems);
	config_close(config);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(a_megabyte_is_the_most),
	cmocka_unit_test(a_hundred_thousand_sections_are_too_many),
	cmocka_unit_test(the_same_section_a_hundred_thousand_times),
	cmocka_unit_test(unknown_keys_and_sections_by_the_thousand),
	cmocka_unit_test(workers_endpoints_and_processes_are_limited),
	cmocka_unit_test(pools_that_do_not_exist_cost_little),
	cmocka_unit_test(memory_is_limited_by_name),
	cmocka_unit_test(any_lack_of_memory_is_an_error),
};

CHECK_MAIN(tests)
