/* Workers that do not give back what nobody waits for any more: each is replaced, and costs its siblings nothing. */
#include "check.h"

#include <signal.h>
#include <stdlib.h>

#include "raw.h"
#include "stage.h"

static struct stage s;

static void open_stage(unsigned instances, const char *worker)
{
	stage_open(&s,
		   "[worker:w]\ncommand = %s --slots 2\ninstances = %u\nstop_timeout = 300ms\nrestart_delay = 5ms\n"
		   "restart_delay_max = 10ms\n%s\n[endpoint:e]\nlisten = unix:e.sock\npool = w\n",
		   home_badworker(), instances, worker);
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "w", NULL), 0);
	raw_connect(stage_address(&s, "e.sock"));
	raw_greet();
}

static void close_stage(void)
{
	raw_close();
	stage_check_ledger(&s, "w");
	stage_close(&s);
}

/* So many answers, all good. */
static void serve(uint32_t first, unsigned count)
{
	struct frame f;

	for (unsigned i = 0; i < count; i++)
		raw_call(first + 2 * i, "echo", "fine");
	for (unsigned i = 0; i < count; i++) {
		assert_true(raw_await(FRAME_REPLY, &f));
		assert_int_equal(f.arg, 0);
		assert_true(f.id >= first);
	}
}

static void expect_reason(uint32_t id, enum frame_reason reason)
{
	struct frame f;

	assert_true(raw_await(FRAME_REPLY, &f));
	assert_int_equal(f.id, id);
	assert_int_equal(frame_status_reason(f.arg), reason);
}

static void W5_a_handler_that_sleeps_for_ever_is_replaced(void **state)
{
	(void)state;
	open_stage(2, "call_timeout = 200ms\ncancel_grace = 300ms");
	raw_call(1, "hang", "");
	expect_reason(1, REASON_DEADLINE);
	for (uint32_t id = 3; id < 11; id += 2)
		serve(id, 1); /* its sibling has less in hand */
	stage_await_log(&s, "UP -> STOPPING (stuck ");
	stage_await_log(&s, "KILLING -> BACKOFF (signal 9 KILL");
	stage_await_log(&s, "gen 2: STARTING -> UP");
	serve(101, 8);
	close_stage();
}

static void P11_a_stopped_worker_is_told_of_and_replaced(void **state)
{
	pid_t pid;
	char *out;

	(void)state;
	open_stage(1, "call_timeout = 200ms\ncancel_grace = 1s");
	raw_call(1, "pid", "");
	assert_true(raw_await(FRAME_REPLY, &(struct frame){0}));
	pid = stage_pid_of(&s, "w/0");
	assert_int_equal(kill(pid, SIGSTOP), 0);
	raw_call(3, "echo", "");
	expect_reason(3, REASON_DEADLINE);
	assert_int_equal(stage_cli(&s, &out, NULL, "why", "w/0", NULL), 0);
	assert_non_null(strstr(out, "state up")); /* W2: to be stopped is not to be dead */
	assert_non_null(strstr(out, " in request 4, for which nobody waits any more; is replaced in "));
	free(out);
	stage_await_log(&s, "UP -> STOPPING (stuck ");
	stage_await_log(&s, "gen 2: STARTING -> UP");
	serve(5, 8);
	assert_int_equal(stage_cli(&s, &out, NULL, "why", "w/0", NULL), 0);
	assert_non_null(strstr(out, "stuck "));
	free(out);
	close_stage();
}

/* What was in its hand beside that had not begun, says its board: it goes to the successor like what waited. */
static void calls_of_others_in_its_hand_are_answered(void **state)
{
	struct frame f;

	(void)state;
	open_stage(1, "cancel_grace = 200ms");
	raw_call(1, "hang", "");
	raw_call(3, "echo", "behind it");
	raw_call(5, "echo", "waits");
	stage_until(5000, "all have come", stage_counter(&s, "w", "accepted") == 3);
	raw_send(&(struct frame){.type = FRAME_CANCEL, .id = 1, .arg = frame_status_of(REASON_CANCELLED)});
	expect_reason(1, REASON_CANCELLED);
	for (int i = 0; i < 2; i++) {
		assert_true(raw_await(FRAME_REPLY, &f));
		assert_true(f.id == 3 || f.id == 5);
		assert_int_equal(frame_status_reason(f.arg), REASON_NONE);
	}
	close_stage();
}

/* Large calls, of which a stopped worker takes a few, and no more than it has slots; its sibling has the others. */
static void P11_a_worker_that_does_not_read_costs_its_callers_little(void **state)
{
	static uint8_t body[200000];
	enum { CALLS = 200, FLIGHT = 4 }; /* their answers stay below what stops brood from reading */
	unsigned answers = 0;
	struct frame f;

	(void)state;
	open_stage(2, "cancel_grace = 60s");
	stage_kill(&s, "w/0", SIGSTOP);
	for (uint32_t i = 0; i < CALLS; i++) {
		raw_send(&(struct frame){.type = FRAME_CALL,
					 .flags = FLAG_EOM | FLAG_EOS,
					 .id = 2 * i + 1,
					 .body = body,
					 .body_size = sizeof(body)});
		while (i + 1 - answers > FLIGHT) {
			assert_true(raw_await(FRAME_REPLY, &f));
			assert_int_equal(f.arg, 0);
			answers++;
		}
	}
	while (answers < CALLS - 2) {
		assert_true(raw_await(FRAME_REPLY, &f));
		assert_int_equal(f.arg, 0);
		answers++;
	}
	assert_int_equal(stage_counter(&s, "w", "in_flight"), 2); /* it has two slots */
	stage_kill(&s, "w/0", SIGCONT);
	for (; answers < CALLS; answers++)
		assert_true(raw_await(FRAME_REPLY, &f));
	close_stage();
}

/* A client that goes away, or goes on, leaves nothing behind in a worker that answers in the end. */
static void C7_who_is_only_slow_is_left_alone(void **state)
{
	pid_t before;

	(void)state;
	open_stage(1, "cancel_grace = 5s");
	before = stage_pid_of(&s, "w/0");
	raw_call(1, "sleep", "400");
	stage_until(5000, "it has come", stage_counter(&s, "w", "accepted") == 1);
	raw_close();
	raw_connect(stage_address(&s, "e.sock"));
	raw_greet();
	serve(1, 4);
	assert_int_equal(stage_counter(&s, "w", "closed"), 1);
	assert_int_equal(stage_pid_of(&s, "w/0"), before);
	close_stage();
}

/* The client sends it again and again, and each time it costs an instance: until it is refused. */
static void a_request_that_hangs_is_refused(void **state)
{
	char *out;

	(void)state;
	open_stage(1, "call_timeout = 200ms\ncancel_grace = 100ms\nmax_attempts = 2");
	for (uint32_t id = 1; id <= 3; id += 2) {
		char up[64];

		raw_call(id, "hang", "");
		expect_reason(id, REASON_DEADLINE);
		snprintf(up, sizeof(up), "gen %u: STARTING -> UP", id / 2 + 2);
		stage_await_log(&s, up);
	}
	raw_call(5, "hang", "");
	expect_reason(5, REASON_QUARANTINED);
	assert_int_equal(stage_cli(&s, &out, NULL, "quarantine", NULL), 0);
	assert_non_null(strstr(out, "refused        2  "));
	free(out);
	serve(7, 2);
	close_stage();
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(W5_a_handler_that_sleeps_for_ever_is_replaced),
	cmocka_unit_test(P11_a_stopped_worker_is_told_of_and_replaced),
	cmocka_unit_test(calls_of_others_in_its_hand_are_answered),
	cmocka_unit_test(P11_a_worker_that_does_not_read_costs_its_callers_little),
	cmocka_unit_test(a_request_that_hangs_is_refused),
	cmocka_unit_test(C7_who_is_only_slow_is_left_alone),
};

CHECK_MAIN(tests)
