/*
 * Workers that call an instance of another pool directly: whose end goes to whom, what becomes of open calls, and that
 * another instance takes the place of one that ends. "f" calls "b"; a client calls "f".
 */
#include "check.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "asking.h"

static struct stage s;
static brood_t *b;

static void open_stage(const char *called)
{
	stage_open(&s,
		   "[defaults]\nrestart_delay = 5ms\nrestart_delay_max = 10ms\n"
		   "[worker:f]\ncommand = %s\ncalls = b:direct\n"
		   "[worker:b]\ncommand = %s --slots 4\n%s\n"
		   "[endpoint:f]\nlisten = unix:f.sock\npool = f\n",
		   RELAYER, home_badworker(), called);
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "all", NULL), 0);
	b = asking_connect(&s, "f.sock");
}

static long long connections(const char *key)
{
	json_t *status = stage_status(&s);
	json_t *first = json_array_get(json_object_get(status, "links"), 0);
	long long n = json_integer_value(json_object_get(first, key));

	json_decref(status);
	return n;
}

/* Nothing is left of the connections when either side has ended. */
static void close_stage(void)
{
	brood_close(b);
	assert_int_equal(stage_cli(&s, NULL, NULL, "stop", "f", NULL), 0);
	stage_until(STAGE_WAIT_MS, "all connections have ended", connections("open") == 0);
	stage_close(&s);
}

static pid_t called_pid(void)
{
	return (pid_t)atoi(asking_text(b, "pid@b", ""));
}

static void calls_go_past_brood(void **state)
{
	char expected[64];

	(void)state;
	open_stage("instances = 2");
	assert_string_equal(asking_text(b, "echo@b", "hello"), "hello");
	snprintf(expected, sizeof(expected), "%u %u %d", geteuid(), getegid(), (int)stage_pid_of(&s, "f/0"));
	assert_string_equal(asking_text(b, "peer@b", ""), expected);
	assert_int_equal(called_pid(), called_pid());
	asking_expect(asking_text(b, "connect@b", ""), "0 f->b");
	assert_int_equal(stage_counter(&s, "b", "accepted"), 0);
	assert_int_equal(connections("open"), 1);
	assert_int_equal(connections("admitted"), 1);
	close_stage();
}

/* W1: what was open on it is told, and the next call goes to another one. */
static void an_instance_that_dies_is_replaced(void **state)
{
	struct brood_answer a;
	pid_t before;

	(void)state;
	open_stage("instances = 2");
	before = called_pid();
	a = asking_call(b, "segv@b", "", 0);
	assert_int_equal(a.code, BROOD_UNAVAILABLE);
	asking_expect(a.text, "the connection to b is lost");
	asking_expect(a.text, "this call may have run");
	brood_answer_free(&a);
	assert_int_not_equal(called_pid(), before);
	assert_int_equal(connections("admitted"), 2);
	close_stage();
}

/* One that waits in the kernel, or is made later, has not been lost with the old one. */
static void a_killed_one_that_was_idle_costs_nothing(void **state)
{
	(void)state;
	open_stage("");
	for (int i = 0; i < 5; i++) {
		assert_rc(0, kill(called_pid(), SIGKILL));
		stage_await_state(&s, "b/0", "up", i + 2);
		assert_string_equal(asking_text(b, "echo@b", "next"), "next");
	}
	close_stage();
}

/* Of the only instance: the next call waits for its successor, within its own deadline. */
static void a_call_waits_for_the_next_process(void **state)
{
	struct brood_answer a;

	(void)state;
	open_stage("restart_delay = 600ms\nrestart_delay_max = 600ms\nrestart_jitter = 0%");
	a = asking_call(b, "segv@b", "", 0);
	assert_int_not_equal(a.code, BROOD_OK);
	brood_answer_free(&a);
	a = asking_call(b, "segv@b", "", 0); /* the second end in a row is not made good at once */
	assert_int_not_equal(a.code, BROOD_OK);
	brood_answer_free(&a);
	a = asking_call(b, "echo@b", "too soon", 200);
	assert_int_equal(a.code, BROOD_DEADLINE_EXCEEDED);
	brood_answer_free(&a);
	assert_string_equal(asking_text(b, "echo@b", "in time"), "in time");
	close_stage();
}

static void a_pool_that_is_stopped_says_so(void **state)
{
	struct brood_answer a;

	(void)state;
	open_stage("");
	assert_string_equal(asking_text(b, "echo@b", "there"), "there");
	assert_int_equal(stage_cli(&s, NULL, NULL, "stop", "b", NULL), 0);
	stage_until(STAGE_WAIT_MS, "its connections have ended", connections("open") == 0);
	a = asking_call(b, "echo@b", "gone", 0);
	assert_int_equal(a.code, BROOD_UNAVAILABLE);
	asking_expect(a.text, "NO_WORKER");
	brood_answer_free(&a);
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "b", NULL), 0);
	assert_string_equal(asking_text(b, "echo@b", "again"), "again");
	close_stage();
}

static void take(uint32_t id, const struct brood_answer *a, void *user)
{
	(void)id;
	if (a->code != BROOD_OK)
		fprintf(stderr, "%s: %s\n", brood_code_name(a->code), a->text);
	*(unsigned *)user = a->code == BROOD_OK ? 1 : 2;
}

/* It drains: what is in flight, or on its way, is answered; the next call goes to another process. */
static void an_instance_that_ends_answers_what_it_has(void **state)
{
	unsigned answered = 0;
	char *out;
	pid_t before;

	(void)state;
	open_stage("");
	before = called_pid();
	assert_rc(0, brood_call_start(b, "sleep@b", "700", 3, NULL, take, &answered, NULL));
	assert_rc(0, brood_flush(b, BROOD_FLUSH_PROCESSED, 1000));
	assert_int_equal(stage_cli(&s, &out, NULL, "restart", "b", NULL), 0);
	asking_expect(out, "restarted 1 of 1, 0 lost");
	free(out);
	while (brood_calls_open(b) > 0)
		assert_rc(0, brood_ping(b, 10000));
	assert_int_equal(answered, 1);
	assert_int_not_equal(called_pid(), before);
	close_stage();
}

/* With the caller its connection ends, and the instance hears that nobody waits any more. */
static void the_caller_dies(void **state)
{
	uint32_t id;

	(void)state;
	open_stage("");
	asking_start(b, "cancel@b", "", &id);
	stage_until(STAGE_WAIT_MS, "the call is with b", connections("open") == 1);
	stage_kill(&s, "f/0", SIGKILL);
	stage_await_state(&s, "f/0", "up", 2);
	stage_until(STAGE_WAIT_MS, "the connection has ended", connections("open") == 0);
	assert_string_equal(asking_text(b, "echo@b", "back"), "back");
	close_stage();
}

/* Those of a caller that dies while they wait for an instance are not kept for it. */
static void what_waits_goes_with_the_caller(void **state)
{
	uint32_t id;

	(void)state;
	stage_open(&s,
		   "[worker:f]\ncommand = %s\ncalls = b:direct\nrestart_delay = 5ms\nrestart_delay_max = 10ms\n"
		   "[worker:b]\ncommand = sleep 1000\n"
		   "[endpoint:f]\nlisten = unix:f.sock\npool = f\n",
		   RELAYER);
	stage_await_state(&s, "f/0", "up", 1);
	b = asking_connect(&s, "f.sock");
	asking_start(b, "echo@b", "waits", &id);
	stage_until(STAGE_WAIT_MS, "the connection waits", connections("open") == 1);
	stage_kill(&s, "f/0", SIGKILL);
	stage_until(STAGE_WAIT_MS, "it is gone", connections("open") == 0);
	close_stage();
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(calls_go_past_brood),
	cmocka_unit_test(an_instance_that_dies_is_replaced),
	cmocka_unit_test(a_killed_one_that_was_idle_costs_nothing),
	cmocka_unit_test(a_call_waits_for_the_next_process),
	cmocka_unit_test(a_pool_that_is_stopped_says_so),
	cmocka_unit_test(an_instance_that_ends_answers_what_it_has),
	cmocka_unit_test(the_caller_dies),
	cmocka_unit_test(what_waits_goes_with_the_caller),
};

CHECK_MAIN(tests)
