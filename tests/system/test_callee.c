/*
 * Workers that call other pools: who may, what becomes of their calls when either side dies, drains or is replaced, and
 * that nothing is left behind. "f" calls "b"; a client calls "f".
 */
#include "check.h"

#include <brood.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "asking.h"

static struct stage s;

/* Keys of the caller, and of the pool that is called. */
static void open_stage(const char *options, const char *caller, const char *called)
{
	stage_open(&s,
		   "[defaults]\nrestart_delay = 5ms\nrestart_delay_max = 10ms\n"
		   "[worker:f]\ncommand = %s %s\n%s\n"
		   "[worker:b]\ncommand = %s --slots 4\n%s\n"
		   "[worker:other]\ncommand = %s\n"
		   "[endpoint:f]\nlisten = unix:f.sock\npool = f\n"
		   "[endpoint:b]\nlisten = unix:b.sock\npool = b\n",
		   RELAYER, options, caller, home_badworker(), called, home_badworker());
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "all", NULL), 0);
}

/* With the caller its connections go, so that brood then has as few descriptors as at the start. */
static void close_stage(void)
{
	assert_int_equal(stage_cli(&s, NULL, NULL, "stop", "f", NULL), 0);
	stage_close(&s);
}

static brood_t *connect_to(const char *name)
{
	return asking_connect(&s, name);
}

/* One number of what status says of the connections from f to b. */
static long long connections(const char *key)
{
	json_t *status = stage_status(&s);
	json_t *first = json_array_get(json_object_get(status, "links"), 0);
	long long n = json_integer_value(json_object_get(first, key));

	json_decref(status);
	return n;
}

/* --------------------------------------------------------------- through brood */

static void calls_pass_through(const char *options, const char *calls)
{
	char keys[100];
	char expected[64];
	brood_t *b;

	snprintf(keys, sizeof(keys), "calls = %s", calls);
	open_stage(options, keys, "");
	b = connect_to("f.sock");
	assert_string_equal(asking_text(b, "echo@b", "hello"), "hello");
	assert_string_equal(asking_text(b, "echo@b", ""), "");
	snprintf(expected, sizeof(expected), "%d", (int)stage_pid_of(&s, "b/0"));
	assert_string_equal(asking_text(b, "pid@b", ""), expected);
	/* who calls is the worker, as brood has started it */
	snprintf(expected, sizeof(expected), "%u %u %d", geteuid(), getegid(), (int)stage_pid_of(&s, "f/0"));
	assert_string_equal(asking_text(b, "peer@b", ""), expected);
	brood_close(b);
	stage_check_ledger(&s, "f");
	stage_check_ledger(&s, "b");
}

static void a_worker_calls_another_pool(void **state)
{
	(void)state;
	calls_pass_through("", "b");
	assert_int_equal(stage_counter(&s, "b", "replied"), 4);
	assert_int_equal(connections("admitted"), 1);
	assert_int_equal(connections("open"), 1);
	close_stage();
}

static void each_thread_has_a_client(void **state)
{
	(void)state;
	calls_pass_through("--threads --slots 4", "b");
	assert_int_equal(stage_counter(&s, "b", "replied"), 4);
	assert_int_equal(connections("admitted"), 4);
	stage_until(STAGE_WAIT_MS, "they are closed", connections("open") == 0);
	close_stage();
}

static void who_may_call_whom_is_configuration(void **state)
{
	brood_t *b;
	const char *text;

	(void)state;
	open_stage("", "calls = b", "");
	b = connect_to("f.sock");
	text = asking_text(b, "connect@other", "");
	asking_expect(text, "-1 cannot call other: f may not call other: it is not in calls of [worker:f] (");
	asking_expect(text, "brood.ini:6)");
	asking_expect(asking_text(b, "connect@nobody", ""), "-1 cannot call nobody: no worker is named 'nobody'");
	asking_expect(asking_text(b, "connect@f", ""), "f may not call f");
	asking_expect(asking_text(b, "connect@b", ""), "0 f->b");
	brood_close(b);
	close_stage();
}

/* The same where there is no list at all: the place is that of the section. */
static void without_a_list_nobody_may_be_called(void **state)
{
	brood_t *b;

	(void)state;
	open_stage("", "", "");
	b = connect_to("f.sock");
	asking_expect(asking_text(b, "connect@b", ""), "f may not call b: it is not in calls of [worker:f] (");
	brood_close(b);
	close_stage();
}

/* Which no descriptor can pass, whatever the configuration allows. */
static void over_pipes_nobody_can_be_called(void **state)
{
	brood_t *b;
	const char *text;

	(void)state;
	open_stage("", "channel = pipes", "");
	b = connect_to("f.sock");
	text = asking_text(b, "connect@b", "");
	asking_expect(text, "cannot call b: the channel of this worker is a pair of pipes");
	asking_expect(text, "channel = socketpair");
	brood_close(b);
	close_stage();
}

static void connections_are_limited(void **state)
{
	brood_t *b;

	(void)state;
	open_stage("", "calls = b\ncall_connections = 3", "");
	b = connect_to("f.sock");
	asking_expect(asking_text(b, "many@b", "5"),
	       "3 cannot call b: f/0 has 3 connections to b, call_connections of [worker:f] is 3");
	brood_close(b);
	close_stage();
}

/* It has the time that its own request has, and no more. */
static void a_deadline_is_inherited(void **state)
{
	brood_t *b;
	struct brood_answer a;
	long left;

	(void)state;
	open_stage("", "calls = b", "channel = pipes"); /* so can such a one be called */
	b = connect_to("f.sock");
	left = strtol(asking_text_within(b, "left@b", "", 3000), NULL, 10);
	assert_true(left > 1000 && left <= 3000);
	a = asking_call(b, "sleep@b", "60000", 300);
	assert_int_equal(a.code, BROOD_DEADLINE_EXCEEDED);
	brood_answer_free(&a);
	stage_until(STAGE_WAIT_MS, "both calls are over", stage_counter(&s, "b", "expired") == 1);
	brood_close(b);
	close_stage();
}

/* What any client may send and get: streams, descriptors, long messages (copied, and in memory that is passed). */
static void everything_passes(const char *way)
{
	enum { LONG = 3 << 20 };
	struct brood_answer a;
	int ends[2];
	char got[8] = "";
	char *body = malloc(LONG);
	brood_t *b;

	stage_open(&s,
		   "[worker:f]\ncommand = %s\ncalls = t%s, d%s, b%s\nfds = 1\n"
		   "[worker:t]\ncommand = %s\n[worker:d]\ncommand = %s --fds 1\nfds = 1\n"
		   "[worker:b]\ncommand = %s\n[endpoint:f]\nlisten = unix:f.sock\npool = f\n",
		   RELAYER, way, way, way, TALKER, FDWORKER, home_badworker());
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "all", NULL), 0);
	b = connect_to("f.sock");
	assert_true(strlen(asking_text(b, "stream@t", "20")) >= 20);
	assert_rc(0, pipe2(ends, O_CLOEXEC));
	assert_rc(0, brood_call(b, "lend@d", "lent", 4,
				&(struct brood_call_options){.fds = &ends[1], .fd_count = 1}, &a));
	assert_int_equal(a.code, BROOD_OK);
	brood_answer_free(&a);
	assert_int_equal(read(ends[0], got, sizeof(got)), 4);
	assert_memory_equal(got, "lent", 4);
	for (size_t i = 0; i < LONG; i++)
		body[i] = (char)(i * 31 + i / 4099);
	assert_rc(0, brood_call(b, "echo@b", body, LONG, NULL, &a));
	assert_int_equal(a.code, BROOD_OK);
	assert_int_equal(a.body_size, LONG);
	assert_memory_equal(a.body, body, LONG);
	brood_answer_free(&a);
	free(body);
	close(ends[0]);
	close(ends[1]);
	brood_close(b);
	close_stage();
}

static void everything_passes_through_brood(void **state)
{
	(void)state;
	everything_passes("");
}

static void everything_passes_directly(void **state)
{
	(void)state;
	everything_passes(":direct");
}

/* W1, W2: the one that had the call is killed; the caller learns it, or the call is made again where that is safe. */
static void the_called_instance_dies(void **state)
{
	struct brood_answer a;
	brood_t *b;

	(void)state;
	open_stage("", "calls = b", "");
	b = connect_to("f.sock");
	a = asking_call(b, "segv@b", "", 0);
	assert_int_equal(a.code, BROOD_UNAVAILABLE);
	asking_expect(a.text, "SEGV");
	brood_answer_free(&a);
	assert_string_equal(asking_text(b, "die-first@b", "1"), "2");
	assert_string_equal(asking_text(b, "echo@b", "again"), "again");
	assert_int_equal(stage_counter(&s, "b", "redelivered"), 1);
	assert_int_equal(connections("admitted"), 1); /* the caller's end has stayed */
	brood_close(b);
	close_stage();
}

/* Its calls are cancelled like those of any client that went, and its connection is gone. */
static void the_caller_dies(void **state)
{
	brood_t *b;
	pid_t caller;
	uint32_t id;

	(void)state;
	open_stage("", "calls = b", "");
	b = connect_to("f.sock");
	caller = stage_pid_of(&s, "f/0");
	asking_start(b, "cancel@b", "", &id);
	stage_until(STAGE_WAIT_MS, "the call is with b", stage_counter(&s, "b", "in_flight") == 1);
	assert_rc(0, kill(caller, SIGKILL));
	stage_until(STAGE_WAIT_MS, "it is closed", stage_counter(&s, "b", "closed") == 1);
	assert_int_equal(connections("open"), 0);
	stage_await_state(&s, "f/0", "up", 2);
	assert_string_equal(asking_text(b, "echo@b", "back"), "back");
	brood_close(b);
	stage_check_ledger(&s, "b");
	close_stage();
}

/* While its handler waits for another pool, the worker hears of what comes. */
static void a_waiting_handler_hears_of_a_cancel(void **state)
{
	brood_t *b;
	uint32_t id;

	(void)state;
	open_stage("", "calls = b", "");
	b = connect_to("f.sock");
	asking_start(b, "meanwhile@b", "", &id);
	stage_until(STAGE_WAIT_MS, "calls are made", stage_counter(&s, "b", "replied") > 1);
	assert_rc(0, brood_cancel(b, id));
	assert_rc(0, brood_flush(b, BROOD_FLUSH_SENT, 1000));
	(void)stage_await_log(&s, "cancelled");
	brood_close(b);
	close_stage();
}

/*
 * Nobody waits for what it calls for: the call goes with its request, so that the worker is not taken for stuck. The
 * called one does not even hear of it.
 */
static void a_call_goes_with_its_request(const char *options, const char *calls)
{
	brood_t *b;
	pid_t caller;
	uint32_t id;

	open_stage(options, calls, "");
	b = connect_to("f.sock");
	caller = stage_pid_of(&s, "f/0");
	assert_string_equal(asking_text(b, "echo@b", "x"), "x");
	asking_start(b, "sleep@b", "60000", &id);
	stage_until(STAGE_WAIT_MS, "the call is with f", stage_counter(&s, "f", "in_flight") == 1);
	assert_rc(0, brood_cancel(b, id));
	assert_rc(0, brood_flush(b, BROOD_FLUSH_SENT, 1000));
	assert_string_equal(asking_text_within(b, "many@b", "0", 3000), "0 "); /* f has its hands free */
	assert_int_equal(stage_pid_of(&s, "f/0"), caller);
	brood_close(b);
	/* b sleeps on; nobody waits for that either */
	assert_int_equal(stage_cli(&s, NULL, NULL, "stop", "f", NULL), 0);
	stage_kill(&s, "b/0", SIGKILL);
	stage_await_state(&s, "b/0", "up", 2);
	close_stage();
}

static void a_call_ends_with_its_request(void **state)
{
	(void)state;
	a_call_goes_with_its_request("", "calls = b");
	a_call_goes_with_its_request("--threads", "calls = b");
}

static void a_direct_call_ends_with_its_request(void **state)
{
	(void)state;
	a_call_goes_with_its_request("", "calls = b:direct");
	a_call_goes_with_its_request("--threads", "calls = b:direct");
}

/* A drain is not finished before the calls that the worker has open itself. */
static void a_drain_waits_for_the_calls_of_the_worker(void **state)
{
	brood_t *b;
	char *out;

	(void)state;
	open_stage("", "calls = b\nstop_timeout = 10s", "");
	b = connect_to("f.sock");
	assert_string_equal(asking_text(b, "before@b", "700"), "");
	assert_int_equal(stage_cli(&s, NULL, NULL, "restart", "f", "--no-wait", NULL), 0);
	stage_await_state(&s, "f/0", "draining", 1);
	assert_int_equal(stage_cli(&s, &out, NULL, "why", "f/0", NULL), 0);
	asking_expect(out, "waits for 1 calls of its own to other pools");
	free(out);
	stage_await_state(&s, "f/0", "up", 2);
	assert_true(stage_has_log(&s, "before: OK"));
	brood_close(b);
	close_stage();
}

/* brood ends: who may be called stays until those that call have ended. */
static void at_the_end_the_called_pool_stays_longest(void **state)
{
	brood_t *b;
	struct pollfd p;
	uint32_t id;

	(void)state;
	open_stage("", "calls = b", "");
	b = connect_to("f.sock");
	assert_string_equal(asking_text(b, "before@b", "400"), "");
	asking_start(b, "echo@b", "late", &id);
	stage_until(STAGE_WAIT_MS, "both are with f", stage_counter(&s, "f", "accepted") == 2);
	assert_rc(0, kill(s.pid, SIGTERM));
	p = (struct pollfd){.fd = brood_fd(b), .events = POLLIN};
	while (brood_calls_open(b) > 0) {
		(void)poll(&p, 1, 100);
		(void)brood_process(b);
	}
	(void)stage_await_log(&s, "before: OK");
	stage_await_exit(&s, STAGE_WAIT_MS);
	assert_int_equal(s.exit_code, 0);
	brood_close(b);
	stage_clean(&s);
}

/* Only the process that was started may write on it. */
static void a_connection_is_its_process_alone(void **state)
{
	struct brood_answer a;
	brood_t *b;

	(void)state;
	open_stage("", "calls = b", "");
	b = connect_to("f.sock");
	(void)asking_text(b, "connect@b", "");
	a = asking_call(b, "split@b", "", 0);
	(void)stage_await_log(&s, "f->b: client uid");
	assert_true(stage_has_log(&s, "written by process"));
	/* at most what the parent has said, on another connection */
	assert_int_equal(stage_counter(&s, "b", "accepted"), a.code == BROOD_OK);
	brood_answer_free(&a);
	assert_string_equal(asking_text(b, "echo@b", "on a new one"), "on a new one");
	brood_close(b);
	close_stage();
}

#ifdef FRONT
/* The example, as it stands in README.md. */
static void the_example_works(void **state)
{
	brood_t *b;
	char *out;

	(void)state;
	stage_open(&s,
		   "[worker:f]\ncommand = %s\ncalls = echo\n[worker:echo]\ncommand = %s\n"
		   "[endpoint:f]\nlisten = unix:f.sock\npool = f\n",
		   FRONT, ECHO);
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "all", NULL), 0);
	b = connect_to("f.sock");
	assert_string_equal(asking_text(b, "", "hello"), "echo says: hello");
	assert_int_equal(stage_cli(&s, &out, NULL, "status", NULL), 0);
	asking_expect(out, "\nCALLER WAY      OPEN   TO\nf      relayed  1      echo\n");
	free(out);
	brood_close(b);
	close_stage();
}
#endif

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(a_worker_calls_another_pool),
	cmocka_unit_test(each_thread_has_a_client),
	cmocka_unit_test(who_may_call_whom_is_configuration),
	cmocka_unit_test(without_a_list_nobody_may_be_called),
	cmocka_unit_test(over_pipes_nobody_can_be_called),
	cmocka_unit_test(connections_are_limited),
	cmocka_unit_test(a_deadline_is_inherited),
	cmocka_unit_test(everything_passes_through_brood),
	cmocka_unit_test(everything_passes_directly),
	cmocka_unit_test(the_called_instance_dies),
	cmocka_unit_test(the_caller_dies),
	cmocka_unit_test(a_waiting_handler_hears_of_a_cancel),
	cmocka_unit_test(a_call_ends_with_its_request),
	cmocka_unit_test(a_direct_call_ends_with_its_request),
	cmocka_unit_test(a_drain_waits_for_the_calls_of_the_worker),
	cmocka_unit_test(at_the_end_the_called_pool_stays_longest),
	cmocka_unit_test(a_connection_is_its_process_alone),
#ifdef FRONT
	cmocka_unit_test(the_example_works),
#endif
};

CHECK_MAIN(tests)
