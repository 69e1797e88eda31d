/* Workers that misbehave: they cost themselves, never a sibling, a client or the supervisor. */
#include "check.h"

#include <brood.h>

#include <pwd.h>
#include <signal.h>
#include <stdlib.h>

#include "stage.h"

enum { BOMB = 40 /* processes */ };

static void open_pair(struct stage *s, const char *more)
{
	stage_open(s,
		   "[worker:w]\ncommand = %s\nrestart_delay = 5ms\nrestart_delay_max = 10ms\nstop_timeout = "
		   "300ms\n"
		   "%s\n[worker:good]\ncommand = %s\n",
		   home_badworker(), more, home_badworker());
	assert_int_equal(stage_cli(s, NULL, NULL, "start", "all", NULL), 0);
}

/* Calls; the error text that came, to be freed. */
static char *call_fails(struct stage *s, const char *verb, const char *body)
{
	char *err;

	assert_int_equal(stage_cli(s, NULL, &err, "call", verb, body, NULL), 1);
	return err;
}

static void sibling_is_well(struct stage *s)
{
	char *out;

	assert_int_equal(stage_cli(s, &out, NULL, "call", "good", "still here", NULL), 0);
	assert_string_equal(out, "still here");
	free(out);
}

static void expect_crash(struct stage *s, const char *verb, const char *body, const char *text,
			 int generation)
{
	char *err = call_fails(s, verb, body);

	if (!strstr(err, text))
		fail_msg("expected \"%s\" in: %s", text, err);
	free(err);
	stage_await_state(s, "w/0", "up", generation);
	sibling_is_well(s);
}

static void a_crash_is_answered_with_its_facts(void **state)
{
	struct stage s;

	(void)state;
	open_pair(&s, "limits = core=0");
	expect_crash(&s, "w/exit", "3",
		     "UNAVAILABLE (WORKER_CRASHED): w/0 ended while it had this call: exit 3 "
		     "(attempt 1, it may have run)",
		     2);
	expect_crash(&s, "w/segv", "", "signal 11 SEGV", 3);
	expect_crash(&s, "w/signal", "6", "signal 6 ABRT", 4);
	expect_crash(&s, "w/exit", "0", "exit 0", 5);
	stage_check_ledger(&s, "w");
	stage_close(&s);
}

static void last_words_are_delivered(void **state)
{
	struct stage s;
	char *out;

	(void)state;
	open_pair(&s, "");
	for (int i = 0; i < 20; i++) {
		assert_int_equal(stage_cli(&s, &out, NULL, "call", "w/reply-and-exit", "1", NULL), 0);
		assert_string_equal(out, "last words");
		free(out);
		stage_await_state(&s, "w/0", "up", i + 2);
	}
	stage_check_ledger(&s, "w");
	stage_close(&s);
}

/* W8 */
static void nonsense_on_the_channel_ends_only_its_writer(void **state)
{
	static const char *const nonsense[] = {
		"ffffffffffffffffffffffffffffffff", /* bit 31 */
		"0b000000130000000200000000000000", /* size below 12 */
		"0c00000013800000"
		"0200000000000000", /* reserved flag */
		"0c00000001000000"
		"0000000000000000", /* a second HELLO, empty */
	};
	struct stage s;
	int generation = 2;

	(void)state;
	open_pair(&s, "call_timeout = 5s");
	for (unsigned i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
		char *err = call_fails(&s, "w/raw", nonsense[i]);

		if (!strstr(err, "broke the protocol"))
			fail_msg("%s: %s", nonsense[i], err);
		free(err);
		stage_await_log(&s, "its channel: protocol error at byte");
		stage_await_state(&s, "w/0", "up", generation++);
		sibling_is_well(&s);
	}
	stage_check_ledger(&s, "w");
	stage_close(&s);
}

/* W8 */
static void answers_to_calls_that_are_not_its_own_are_dropped(void **state)
{
	struct stage s;
	json_t *status;

	(void)state;
	open_pair(&s, "call_timeout = 300ms");
	/* REPLY EOM|EOS to id 4711: nobody's */
	free(call_fails(&s, "w/raw", "0c000000130300006712000000000000"));
	sibling_is_well(&s);
	status = stage_status(&s);
	assert_int_equal(json_integer_value(
				 json_object_get(json_object_get(stage_pool(status, "w"), "calls"), "stale")),
			 1);
	json_decref(status);
	stage_close(&s);
}

/* W8 */
static void only_the_worker_itself_may_write_on_its_channel(void **state)
{
	struct stage s;
	char *err;

	(void)state;
	open_pair(&s, "");
	err = call_fails(&s, "w/stranger", "");
	assert_non_null(strstr(err, "broke the protocol"));
	free(err);
	stage_await_log(&s, "its channel: written by process");
	stage_await_state(&s, "w/0", "up", 2);
	stage_close(&s);
}

/* W14 */
static void a_closed_channel_is_death(void **state)
{
	struct stage s;
	char *err;

	(void)state;
	open_pair(&s, "");
	err = call_fails(&s, "w/close-channel", "");
	assert_non_null(strstr(err, "closed its channel"));
	free(err);
	stage_await_state(&s, "w/0", "up", 2);
	assert_true(stage_has_log(&s, "(it closed its channel)"));
	stage_close(&s);
}

/* What main() does behind brood_serve() is not cut short by the signal that follows brood's request. */
static void a_worker_may_tidy_up_when_it_has_served(void **state)
{
	struct stage s;

	(void)state;
	stage_open(&s, "[worker:w]\ncommand = %s --tidy 100\n", home_badworker());
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "w", NULL), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(stage_cli(&s, NULL, NULL, "call", "w", "x", NULL),
				 0); /* then it is asked by FLUSH, too */
		assert_int_equal(stage_cli(&s, NULL, NULL, i == 0 ? "stop" : "restart", "w", NULL), 0);
		stage_await_log(&s, "| is tidy");
		assert_int_equal(stage_cli(&s, NULL, NULL, "start", "w", NULL), 0);
	}
	assert_false(stage_has_log(&s, "signal 15"));
	stage_close(&s);
}

static void a_worker_that_ignores_term_is_killed(void **state)
{
	struct stage s;

	(void)state;
	open_pair(&s, "");
	/* brood_serve() ends by the closed channel, so it has to hang as well */
	assert_int_equal(stage_cli(&s, NULL, NULL, "call", "w/ignore-term", "", NULL), 0);
	free(call_fails(&s, "--timeout=100ms", "w/hang"));
	assert_int_equal(stage_cli(&s, NULL, NULL, "stop", "w", NULL), 0);
	assert_true(stage_has_log(&s, "STOPPING -> KILLING (stop_timeout passed)"));
	assert_true(stage_has_log(&s, "KILLING -> DOWN (signal 9 KILL"));
	stage_close(&s);
}

static void a_deadline_is_kept_and_the_slot_comes_back(void **state)
{
	struct stage s;
	char *err;
	char *out;

	(void)state;
	open_pair(&s, "");
	assert_int_equal(stage_cli(&s, NULL, &err, "call", "--timeout", "150ms", "w/sleep", "600", NULL), 1);
	assert_non_null(strstr(err, "DEADLINE_EXCEEDED (DEADLINE): no answer within 15"));
	assert_non_null(strstr(err, "(a worker has it, it may still run)"));
	free(err);
	/* its only slot is still in use: the next call waits for it */
	assert_int_equal(stage_cli(&s, &out, NULL, "call", "w", "next", NULL), 0);
	assert_string_equal(out, "next");
	free(out);
	stage_check_ledger(&s, "w");
	stage_close(&s);
}

static void children_in_its_group_end_with_it(void **state)
{
	struct stage s;

	(void)state;
	open_pair(&s, "");
	assert_int_equal(stage_cli(&s, NULL, NULL, "call", "w/child", "60000", NULL), 0);
	stage_until(5000, "the child is there", stage_processes(&s) == 4);
	stage_kill(&s, "w/0", SIGKILL);
	stage_await_state(&s, "w/0", "up", 2);
	stage_until(5000, "the child is gone", stage_processes(&s) == 3);
	stage_close(&s);
}

/* W7: a worker that forks for ever gets as far as its limit; brood answers meanwhile, and ends all of them. */
static void a_fork_bomb_ends_with_its_worker(void **state)
{
	struct stage s;
	int64_t before;

	(void)state;
	if (geteuid() != 0 || !getpwnam("games"))
		check_skip("needs root and a user games");
	stage_open(&s,
		   "[worker:w]\ncommand = %s\nuser = games\nlimits = nproc=%d\nstop_timeout = 100ms\n"
		   "[worker:other]\ncommand = %s\n",
		   home_badworker(), BOMB, home_badworker());
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "all", NULL), 0);
	assert_int_equal(stage_cli(&s, NULL, NULL, "call", "w/bomb", "", NULL), 0);
	stage_until(STAGE_WAIT_MS, "it has forked as often as it may", stage_processes(&s) >= BOMB);
	before = stage_now_ms();
	for (int i = 0; i < 10; i++)
		assert_int_equal(stage_cli(&s, NULL, NULL, "call", "other", "fine", NULL), 0);
	assert_in_range(stage_now_ms() - before, 0, STAGE_WAIT_MS);
	assert_int_equal(stage_cli(&s, NULL, NULL, "stop", "w", NULL), 0);
	stage_until(STAGE_WAIT_MS, "all are gone", stage_processes(&s) == 2);
	stage_close(&s);
}

/* W6 */
static void a_grandchild_that_holds_the_pipes_delays_nothing_for_long(void **state)
{
	struct stage s;
	int64_t before;

	(void)state;
	open_pair(&s, "");
	assert_int_equal(stage_cli(&s, NULL, NULL, "call", "w/grandchild", "3000", NULL), 0);
	before = stage_now_ms();
	stage_kill(&s, "w/0", SIGKILL);
	stage_await_state(&s, "w/0", "up", 2);
	assert_true(stage_now_ms() - before < 2500); /* the grandchild would hold them for 3 s */
	stage_close(&s);
}

static void what_it_prints_is_only_ever_log(void **state)
{
	struct stage s;
	char *out;

	(void)state;
	open_pair(&s, "");
	assert_int_equal(stage_cli(&s, NULL, NULL, "call", "w/print",
				   "\x01\xff\x1b[31m garbage\r\n\xe2\x80\xae x\n", NULL),
			 0);
	stage_await_log(&s, "w/0 | \\x01\\xff\\x1b[31m garbage\\x0d");
	stage_await_log(&s, "w/0 | \\u{202e} x");
	assert_int_equal(stage_cli(&s, &out, NULL, "call", "w", "fine", NULL), 0);
	assert_string_equal(out, "fine");
	free(out);
	stage_close(&s);
}

/* W12 */
static void a_flood_of_output_is_told_or_counted(void **state)
{
	struct stage s;
	char *out;

	(void)state;
	open_pair(&s, "log_buffer = 64K");
	/* nobody reads the log meanwhile: the worker must not wait for it */
	assert_int_equal(stage_cli(&s, NULL, NULL, "call", "w/flood", "100000", NULL), 0);
	sibling_is_well(&s);
	stage_await_log(&s, "dropped ");
	assert_int_equal(stage_cli(&s, &out, NULL, "logs", "w", "-n", "3", NULL), 0);
	assert_non_null(strstr(out, "line    99999"));
	free(out);
	stage_close(&s);
}

/* As a client sees it: so many calls, one after the other. */
static int64_t time_calls(struct stage *s, int calls)
{
	int64_t before = stage_now_ms();
	brood_t *b;

	assert_rc(0, brood_connect(&b, stage_address(s, "e.sock"), NULL));
	for (int i = 0; i < calls; i++) {
		struct brood_answer a;

		assert_rc(0, brood_call(b, NULL, "x", 1, NULL, &a));
		assert_int_equal(a.code, BROOD_OK);
		brood_answer_free(&a);
	}
	brood_close(b);
	return stage_now_ms() - before;
}

static void a_flood_of_output_costs_others_no_time(void **state)
{
	struct stage s;
	int64_t beside;

	(void)state;
	stage_open(&s,
		   "[worker:good]\ncommand = %s\n[worker:noisy]\ncommand = yes ''\nchannel = "
		   "none\nstop_timeout = "
		   "100ms\n[endpoint:e]\nlisten = unix:e.sock\npool = good\n",
		   home_badworker());
	stage_await_log(&s, "noisy/0 | ");
	beside = time_calls(&s, 100);
	if (beside > 3000) /* each waited for more than one turn */
		fail_msg("100 calls beside a flood took %d ms", (int)beside);
	stage_close(&s);
}

/* What it has said is all there, although it was read in many turns, some of them after its end. */
static void the_end_of_a_flood_is_not_lost(void **state)
{
	struct stage s;

	(void)state;
	stage_open(&s,
		   "[worker:w]\ncommand = /bin/sh -c 'yes x | head -n 20000; echo the end'\nchannel = none\n"
		   "restart = never\n");
	stage_await_log(&s, "w/0 | the end");
	stage_await_state(&s, "w/0", "down", 1);
	stage_close(&s);
}

static void a_status_line_is_shown(void **state)
{
	struct stage s;
	char *out;

	(void)state;
	open_pair(&s, "");
	assert_int_equal(stage_cli(&s, NULL, NULL, "call", "w/status", "reindexing\x1b 40%", NULL), 0);
	assert_int_equal(stage_cli(&s, &out, NULL, "status", NULL), 0);
	assert_non_null(strstr(out, "reindexing\\x1b 40%"));
	free(out);
	stage_close(&s);
}

/* W13 */
static void a_start_that_takes_too_long_fails(void **state)
{
	struct stage s;
	char *out;

	(void)state;
	stage_open(&s,
		   "[worker:w]\ncommand = %s --at-start hang\nautostart = no\nstart_timeout = 200ms\n"
		   "stop_timeout = 100ms\nrestart_delay = 1h\nrestart_delay_max = 1h\n",
		   home_badworker());
	assert_int_equal(stage_cli(&s, &out, NULL, "start", "w", NULL), 1);
	stage_await_log(&s, "STARTING -> STOPPING (not ready within start_timeout), SIGTERM sent");
	free(out);
	stage_close(&s);
}

static void a_program_without_the_sdk_is_told_what_to_do(void **state)
{
	static const char remedy[] =
		"it never answered on its channel; a program without the SDK needs channel = none";
	static const char *const channels[] = {"socketpair", "pipes"};

	(void)state;
	for (size_t n = 0; n < sizeof(channels) / sizeof(channels[0]); n++) {
		struct stage s;
		char *out;

		stage_open(&s,
			   "[worker:w]\ncommand = sleep 1000\nautostart = no\nstart_timeout = 200ms\n"
			   "restart_delay = 1h\nrestart_delay_max = 1h\nchannel = %s\n",
			   channels[n]);
		assert_int_equal(stage_cli(&s, &out, NULL, "start", "w", NULL), 1);
		assert_non_null(strstr(out, remedy));
		free(out);
		stage_await_log(&s, remedy);
		assert_int_equal(stage_cli(&s, &out, NULL, "why", "w/0", NULL), 0);
		assert_non_null(strstr(out, remedy));
		free(out);
		stage_close(&s);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(a_crash_is_answered_with_its_facts),
	cmocka_unit_test(last_words_are_delivered),
	cmocka_unit_test(nonsense_on_the_channel_ends_only_its_writer),
	cmocka_unit_test(answers_to_calls_that_are_not_its_own_are_dropped),
	cmocka_unit_test(only_the_worker_itself_may_write_on_its_channel),
	cmocka_unit_test(a_closed_channel_is_death),
	cmocka_unit_test(a_worker_may_tidy_up_when_it_has_served),
	cmocka_unit_test(a_worker_that_ignores_term_is_killed),
	cmocka_unit_test(a_deadline_is_kept_and_the_slot_comes_back),
	cmocka_unit_test(children_in_its_group_end_with_it),
	cmocka_unit_test(a_fork_bomb_ends_with_its_worker),
	cmocka_unit_test(a_grandchild_that_holds_the_pipes_delays_nothing_for_long),
	cmocka_unit_test(what_it_prints_is_only_ever_log),
	cmocka_unit_test(a_flood_of_output_is_told_or_counted),
	cmocka_unit_test(a_flood_of_output_costs_others_no_time),
	cmocka_unit_test(the_end_of_a_flood_is_not_lost),
	cmocka_unit_test(a_status_line_is_shown),
	cmocka_unit_test(a_start_that_takes_too_long_fails),
	cmocka_unit_test(a_program_without_the_sdk_is_told_what_to_do),
};

CHECK_MAIN(tests)
