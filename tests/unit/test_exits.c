/* exits: which ends a list names, and what stages and signals are called. */
#include "check.h"

#include <signal.h>

#include "exits.h"

static void codes_and_signals_are_apart(void **state)
{
	(void)state;
	for (int n = 0; n <= 255; n++) {
		struct exit_set set = {.codes = {0}};
		struct exit_facts code = {.kind = EXIT_CODE, .value = n};
		struct exit_facts signal = {.kind = EXIT_SIGNAL, .value = n};

		set.codes[n / 64] = (uint64_t)1 << (n % 64);
		assert_true(exits_contain(&set, &code));
		assert_false(exits_contain(&set, &signal));
		code.value = (n + 1) % 256;
		assert_false(exits_contain(&set, &code));
		set = (struct exit_set){.signals = n >= 1 && n <= 64 ? (uint64_t)1 << (n - 1) : 0};
		assert_int_equal(exits_contain(&set, &signal), n >= 1 && n <= 64);
		assert_false(exits_contain(&set, &code));
	}
}

static void only_codes_and_signals_can_be_listed(void **state)
{
	static const struct exit_set all = {
		.codes = {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}, .signals = UINT64_MAX};
	static const struct exit_facts outside[] = {
		{.kind = EXIT_NONE},
		{.kind = EXIT_NOT_STARTED, .value = 2},
		{.kind = EXIT_CHANNEL, .value = 1},
		{.kind = EXIT_CODE, .value = -1},
		{.kind = EXIT_CODE, .value = 256},
		{.kind = EXIT_SIGNAL, .value = 0},
		{.kind = EXIT_SIGNAL, .value = 65},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++)
		assert_false(exits_contain(&all, &outside[i]));
	assert_true(exits_contain(&all, &(struct exit_facts){.kind = EXIT_CODE, .value = 255}));
	assert_true(exits_contain(&all, &(struct exit_facts){.kind = EXIT_SIGNAL, .value = 64}));
}

static void signals_have_names(void **state)
{
	(void)state;
	assert_text("HUP", exits_signal_name(SIGHUP));
	assert_text("KILL", exits_signal_name(SIGKILL));
	assert_text("SEGV", exits_signal_name(SIGSEGV));
	assert_text("TERM", exits_signal_name(SIGTERM));
	assert_text("SYS", exits_signal_name(SIGSYS));
	assert_text("?", exits_signal_name(0));
	assert_text("?", exits_signal_name(-1));
	assert_text("?", exits_signal_name(SIGRTMIN));
}

static void every_stage_has_a_text(void **state)
{
	(void)state;
	for (int stage = STAGE_PREPARE; stage <= STAGE_EXEC; stage++)
		assert_true(strlen(exits_stage_text((enum start_stage)stage)) > 3);
	assert_text("exec", exits_stage_text(STAGE_EXEC));
	assert_text("chdir", exits_stage_text(STAGE_CHDIR));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(codes_and_signals_are_apart),
	cmocka_unit_test(only_codes_and_signals_can_be_listed),
	cmocka_unit_test(signals_have_names),
	cmocka_unit_test(every_stage_has_a_text),
};

CHECK_MAIN(tests)
