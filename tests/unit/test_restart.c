/*
 * restart: what an end means by policy, and how long the next start waits: the schedule to the
 * millisecond, its jitter within the percent.
 */
#include "check.h"

#include "dice.h"
#include "restart.h"

static const struct restart_policy usual = {
	.when = RESTART_ALWAYS,
	.delay = {250},
	.delay_max = {30000},
	.reset = {30000},
	.success = {.codes = {1}, .signals = 1u << 14 | 1u << 0}, /* 0, TERM, HUP */
	.no_restart = {.codes = {0, (uint64_t)1 << (78 - 64)}},
};

static const struct exit_facts success = {.kind = EXIT_CODE, .value = 0};
static const struct exit_facts failure = {.kind = EXIT_CODE, .value = 1};
static const struct exit_facts hung_up = {.kind = EXIT_SIGNAL, .value = 1};
static const struct exit_facts crash = {.kind = EXIT_SIGNAL, .value = 11};
static const struct exit_facts incompatible = {.kind = EXIT_CODE, .value = 78};
static const struct exit_facts not_started = {.kind = EXIT_NOT_STARTED, .value = 2};

static enum restart_verdict judge(const struct restart_policy *policy, struct restart_history *h,
				  const struct exit_facts *facts, bool was_ready, int64_t now,
				  enum restart_reason *reason)
{
	struct restart_death death = {*facts, false, was_ready};

	return restart_judge(policy, h, &death, (struct instant){now}, reason);
}

static void policy_decides(void **state)
{
	static const struct {
		enum restart_when when;
		const struct exit_facts *facts;
		bool forced;
		enum restart_verdict verdict;
		enum restart_reason reason;
	} rows[] = {
		{RESTART_ALWAYS, &success, false, RESTART_RETRY, RESTART_REASON_NONE},
		{RESTART_ALWAYS, &failure, false, RESTART_RETRY, RESTART_REASON_NONE},
		{RESTART_ALWAYS, &not_started, false, RESTART_RETRY, RESTART_REASON_NONE},
		{RESTART_ALWAYS, &incompatible, false, RESTART_GIVE_UP, RESTART_REASON_EXCLUDED},
		{RESTART_ON_FAILURE, &success, false, RESTART_REST, RESTART_REASON_NONE},
		{RESTART_ON_FAILURE, &hung_up, false, RESTART_REST, RESTART_REASON_NONE},
		{RESTART_ON_FAILURE, &success, true, RESTART_RETRY, RESTART_REASON_NONE},
		{RESTART_ON_FAILURE, &failure, false, RESTART_RETRY, RESTART_REASON_NONE},
		{RESTART_ON_FAILURE, &crash, false, RESTART_RETRY, RESTART_REASON_NONE},
		{RESTART_ON_FAILURE, &not_started, false, RESTART_RETRY, RESTART_REASON_NONE},
		{RESTART_ON_FAILURE, &incompatible, true, RESTART_GIVE_UP, RESTART_REASON_EXCLUDED},
		{RESTART_NEVER, &success, false, RESTART_REST, RESTART_REASON_NONE},
		{RESTART_NEVER, &success, true, RESTART_GIVE_UP, RESTART_REASON_POLICY},
		{RESTART_NEVER, &crash, false, RESTART_GIVE_UP, RESTART_REASON_POLICY},
		{RESTART_NEVER, &not_started, false, RESTART_GIVE_UP, RESTART_REASON_POLICY},
		{RESTART_NEVER, &incompatible, false, RESTART_GIVE_UP, RESTART_REASON_EXCLUDED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct restart_policy policy = usual;
		struct restart_history h = {0};
		struct restart_death death = {*rows[i].facts, rows[i].forced, true};
		enum restart_reason reason = RESTART_REASON_STARTS;

		policy.when = rows[i].when;
		assert_int_equal(restart_judge(&policy, &h, &death, (struct instant){0}, &reason),
				 rows[i].verdict);
		assert_int_equal(reason, rows[i].reason);
	}
}

static void start_retries_counts_failed_starts_in_a_row(void **state)
{
	struct restart_policy policy = usual;
	struct restart_history h = {0};
	enum restart_reason reason;

	(void)state;
	policy.start_retries = 3;
	for (int i = 0; i < 3; i++)
		assert_int_equal(judge(&policy, &h, &success, false, i, &reason), RESTART_RETRY);
	assert_int_equal(judge(&policy, &h, &failure, true, 3, &reason), RESTART_RETRY);
	for (int i = 0; i < 3; i++)
		assert_int_equal(judge(&policy, &h, &not_started, false, i, &reason),
				 RESTART_RETRY);
	assert_int_equal(judge(&policy, &h, &not_started, false, 9, &reason), RESTART_GIVE_UP);
	assert_int_equal(reason, RESTART_REASON_STARTS);
}

/* The restart that is exactly `within` old does not count any more. */
static void restart_limit_is_a_window(void **state)
{
	struct restart_policy policy = usual;
	struct restart_history h = {0};
	enum restart_reason reason;

	(void)state;
	policy.limit = (struct restart_limit){2, {1000}};
	assert_int_equal(judge(&policy, &h, &crash, true, 0, &reason), RESTART_RETRY);
	assert_int_equal(judge(&policy, &h, &crash, true, 999, &reason), RESTART_RETRY);
	assert_int_equal(judge(&policy, &h, &crash, true, 1000, &reason), RESTART_RETRY);
	assert_int_equal(judge(&policy, &h, &crash, true, 1998, &reason), RESTART_GIVE_UP);
	assert_int_equal(reason, RESTART_REASON_FREQUENCY);
	assert_int_equal(judge(&policy, &h, &crash, true, 1999, &reason), RESTART_RETRY);
}

static void restart_limit_of_the_most_that_can_be(void **state)
{
	struct restart_policy policy = usual;
	struct restart_history h = {0};
	enum restart_reason reason;

	(void)state;
	policy.limit = (struct restart_limit){SPEC_RESTARTS_MOST, {1000}};
	for (int i = 0; i < SPEC_RESTARTS_MOST; i++)
		assert_int_equal(judge(&policy, &h, &crash, true, i, &reason), RESTART_RETRY);
	for (int i = 0; i < 100; i++)
		assert_int_equal(judge(&policy, &h, &crash, true, 100, &reason), RESTART_GIVE_UP);
	assert_int_equal(judge(&policy, &h, &crash, true, 100000, &reason), RESTART_RETRY);
	assert_int_equal(h.recent_count, 1);
}

static void expect_delays(const struct restart_policy *policy, struct restart_history *h,
			  const int64_t *expected, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_int_equal(restart_delay(policy, h, false, (uint32_t)i).ms, expected[i]);
}

static void the_schedule_is_exact(void **state)
{
	static const int64_t cold[] = {250,  500,   1000,  2000,  4000,
				       8000, 16000, 30000, 30000, 30000};
	static const int64_t after_a_healthy_run[] = {0,    250,  500,   1000,  2000,
						      4000, 8000, 16000, 30000, 30000};
	struct restart_history h = {0};

	(void)state;
	expect_delays(&usual, &h, cold, 10);
	assert_int_equal(h.retries, 10);
	restart_forgive(&h);
	assert_int_equal(h.retries, 0);
	expect_delays(&usual, &h, after_a_healthy_run, 10);
	assert_int_equal(h.retries, 10);
}

static void delays_of_other_policies(void **state)
{
	static const int64_t none[] = {0, 0, 0, 0};
	static const int64_t capped[] = {100, 100, 100};
	static const int64_t odd[] = {7, 14, 28, 50, 50};
	static const int64_t longest[] = {3600000, 7200000, 14400000, 28800000, 57600000, 86400000};
	struct restart_policy policy = usual;

	(void)state;
	policy.delay.ms = 0;
	expect_delays(&policy, &(struct restart_history){0}, none, 4);
	policy = (struct restart_policy){.delay = {250}, .delay_max = {100}};
	expect_delays(&policy, &(struct restart_history){0}, capped, 3);
	policy = (struct restart_policy){.delay = {7}, .delay_max = {50}};
	expect_delays(&policy, &(struct restart_history){0}, odd, 5);
	policy = (struct restart_policy){.delay = {3600000}, .delay_max = {86400000}};
	expect_delays(&policy, &(struct restart_history){0}, longest, 6);
}

static void what_is_a_calls_fault_keeps_the_pace(void **state)
{
	struct restart_history h = {0};

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_int_equal(restart_delay(&usual, &h, true, 0).ms, 250);
	assert_int_equal(restart_delay(&usual, &h, false, 0).ms, 250);
	assert_int_equal(restart_delay(&usual, &h, false, 0).ms, 500);
	assert_int_equal(restart_delay(&usual, &h, true, 0).ms, 250);
	assert_int_equal(restart_delay(&usual, &h, false, 0).ms, 1000);
	assert_int_equal(h.retries, 9);
	restart_forgive(&h);
	assert_int_equal(restart_delay(&usual, &h, true, 0).ms, 0);
}

static void years_of_failures_do_not_overflow(void **state)
{
	struct restart_history h = {.steps = UINT32_MAX, .retries = 1};

	(void)state;
	assert_int_equal(restart_delay(&usual, &h, false, 0).ms, 30000);
	assert_int_equal(restart_delay(&usual, &h, false, 0).ms, 30000);
}

static void jitter_stays_within_its_percent(void **state)
{
	struct dice dice = dice_open();

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct restart_policy policy = usual;
		struct restart_history h = {.steps = (uint32_t)dice_below(&dice, 12)};
		struct restart_history exactly = h;
		int64_t exact;
		int64_t ms;

		policy.delay.ms = (int64_t)dice_below(&dice, 3600001);
		policy.delay_max.ms = (int64_t)dice_below(&dice, 86400001);
		exact = restart_delay(&policy, &exactly, false, 0).ms;
		policy.jitter = (uint32_t)dice_below(&dice, 101);
		ms = restart_delay(&policy, &h, false, (uint32_t)dice_throw(&dice)).ms;
		assert_true(ms >= 0);
		assert_true(ms >= exact - exact * policy.jitter / 100);
		assert_true(ms <= exact + exact * policy.jitter / 100);
		assert_true(ms <= policy.delay_max.ms);
	}
}

/* Not only within: all of it is used, and evenly. */
static void jitter_spreads(void **state)
{
	struct dice dice = dice_open();
	struct restart_policy policy = usual;
	unsigned counts[51] = {0};

	(void)state;
	policy.jitter = 10;
	for (int i = 0; i < 51000; i++) {
		struct restart_history h = {0};
		int64_t ms = restart_delay(&policy, &h, false, (uint32_t)dice_throw(&dice)).ms;

		assert_in_range(ms, 225, 275);
		counts[ms - 225]++;
	}
	for (int i = 0; i < 51; i++)
		assert_in_range(counts[i], 800, 1200);
}

static void a_healthy_run_keeps_the_window_of_the_limit(void **state)
{
	struct restart_policy policy = usual;
	struct restart_history h = {.retries = 5, .steps = 4, .failed_starts = 3};
	enum restart_reason reason;

	(void)state;
	policy.limit = (struct restart_limit){2, {60000}};
	assert_int_equal(judge(&policy, &h, &failure, true, 0, &reason), RESTART_RETRY);
	restart_forgive(&h);
	assert_int_equal(h.retries + h.steps + h.failed_starts, 0);
	assert_int_equal(judge(&policy, &h, &failure, true, 40000, &reason), RESTART_RETRY);
	restart_forgive(&h);
	assert_int_equal(judge(&policy, &h, &failure, true, 59999, &reason), RESTART_GIVE_UP);
	assert_int_equal(reason, RESTART_REASON_FREQUENCY);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(a_healthy_run_keeps_the_window_of_the_limit),
	cmocka_unit_test(policy_decides),
	cmocka_unit_test(start_retries_counts_failed_starts_in_a_row),
	cmocka_unit_test(restart_limit_is_a_window),
	cmocka_unit_test(restart_limit_of_the_most_that_can_be),
	cmocka_unit_test(the_schedule_is_exact),
	cmocka_unit_test(delays_of_other_policies),
	cmocka_unit_test(what_is_a_calls_fault_keeps_the_pace),
	cmocka_unit_test(years_of_failures_do_not_overflow),
	cmocka_unit_test(jitter_stays_within_its_percent),
	cmocka_unit_test(jitter_spreads),
};

CHECK_MAIN(tests)
