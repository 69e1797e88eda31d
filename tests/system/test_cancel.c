/* Calls that nobody waits for any more, calls without time, and calls that never become whole. */
#include "check.h"

#include "head.h"
#include "raw.h"
#include "stage.h"

static struct stage s;

static void open_stage(const char *brood)
{
	stage_open(&s,
		   "[brood]\n%s\n[worker:w]\ncommand = %s\nslots = 1\n[endpoint:e]\nlisten = unix:e.sock\npool = w\n",
		   brood, home_badworker());
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

static void cancel(uint32_t id)
{
	raw_send(&(struct frame){.type = FRAME_CANCEL, .id = id, .arg = frame_status_of(REASON_CANCELLED)});
}

/* The next answer is this one. */
static void expect(uint32_t id, enum frame_reason reason, bool not_processed, const char *text)
{
	struct frame f;

	assert_true(raw_await(FRAME_REPLY, &f));
	assert_int_equal(f.id, id);
	assert_int_equal(frame_status_reason(f.arg), reason);
	assert_int_equal((f.flags & FLAG_NOT_PROCESSED) != 0, not_processed);
	if (!strstr(raw_text(&f), text))
		fail_msg("expected \"%s\", got \"%s\"", text, raw_text(&f));
}

static void expect_ok(uint32_t id, const char *body)
{
	struct frame f;

	assert_true(raw_await(FRAME_REPLY, &f));
	assert_int_equal(f.id, id);
	assert_int_equal(f.arg, 0);
	assert_int_equal(f.body_size, strlen(body));
	assert_memory_equal(f.body, body, f.body_size);
}

static void a_call_that_waits_is_taken_out_of_the_queue(void **state)
{
	(void)state;
	open_stage("");
	raw_call(1, "sleep", "100");
	raw_call(3, "echo", "never");
	raw_call(5, "echo", "soon");
	cancel(3);
	expect(3, REASON_CANCELLED, true, "cancelled by the caller");
	expect_ok(1, "100");
	expect_ok(5, "soon");
	close_stage();
}

static void a_worker_hears_that_its_call_is_cancelled(void **state)
{
	(void)state;
	open_stage("");
	raw_call(1, "cancel", "");
	stage_await_log(&s, "has begun");
	cancel(1);
	expect(1, REASON_CANCELLED, false, "cancelled by the caller, it may have run");
	stage_await_log(&s, "noticed that it is cancelled");
	raw_call(3, "echo", "next"); /* its slot is free again, and its late answer went nowhere */
	expect_ok(3, "next");
	close_stage();
}

static void a_worker_hears_that_its_caller_is_gone(void **state)
{
	(void)state;
	open_stage("");
	raw_call(1, "cancel", "");
	stage_await_log(&s, "has begun");
	raw_close();
	stage_await_log(&s, "noticed that it is cancelled");
	stage_until(5000, "it is settled", stage_counter(&s, "w", "closed") == 1);
	raw_connect(stage_address(&s, "e.sock"));
	raw_greet();
	raw_call(1, "echo", "next");
	expect_ok(1, "next");
	close_stage();
}

static void a_worker_hears_that_the_time_is_over(void **state)
{
	struct head_writer w;
	unsigned char block[64];
	struct frame f = {.type = FRAME_CALL, .flags = FLAG_EOM | FLAG_EOS, .id = 1, .words = 1u << WORD_DEADLINE};

	(void)state;
	open_stage("");
	w = (struct head_writer){.block = block, .capacity = sizeof(block)};
	assert_true(head_add_text(&w, ":method", "cancel"));
	f.head = block;
	f.head_size = (uint32_t)w.size;
	f.body = (const uint8_t *)"slow";
	f.body_size = 4;
	f.deadline_ms = 50;
	raw_send(&f);
	expect(1, REASON_DEADLINE, false, "(a worker has it, it may still run)");
	stage_await_log(&s, "noticed that it is cancelled");
	f.id = 3;
	f.deadline_ms = 0;
	raw_send(&f);
	expect(3, REASON_DEADLINE, true, "the call came with no time left");
	close_stage();
}

static void what_is_not_open_cannot_be_cancelled(void **state)
{
	(void)state;
	open_stage("");
	raw_call(1, "echo", "a");
	expect_ok(1, "a");
	cancel(1); /* as happens when both sides are quick */
	cancel(3);
	cancel(0x7fffffff);
	for (int i = 0; i < 1000; i++)
		cancel(1);
	raw_call(3, "echo", "b");
	cancel(1);
	expect_ok(3, "b");
	close_stage();
}

static void begin(uint32_t id, uint32_t size)
{
	static const uint8_t zeros[250000];

	raw_send(&(struct frame){.type = FRAME_CALL, .id = id, .body = zeros, .body_size = size});
}

static void half_a_call_can_be_cancelled(void **state)
{
	(void)state;
	open_stage("");
	begin(1, 40000);
	cancel(1);
	expect(1, REASON_CANCELLED, true, "");
	raw_send(&(struct frame){.type = FRAME_DATA, .flags = FLAG_EOM | FLAG_EOS, .id = 1, .body_size = 0});
	raw_call(3, "echo", "whole");
	expect_ok(3, "whole");
	assert_int_equal(stage_counter(&s, "w", "accepted"), 1);
	close_stage();
}

static void halves_of_calls_hold_no_more_than_is_allowed(void **state)
{
	(void)state;
	open_stage("max_partial = 1M\n");
	for (uint32_t id = 1; id <= 7; id += 2)
		begin(id, 250000);
	begin(9, 250000);
	expect(9, REASON_OVERLOADED, true, "max_partial is 1048576");
	raw_call(11, "echo", "whole"); /* a call that comes in one piece needs none of it */
	expect_ok(11, "whole");
	cancel(1);
	expect(1, REASON_CANCELLED, true, "");
	begin(13, 250000); /* there is room again */
	cancel(13);
	expect(13, REASON_CANCELLED, true, "");
	raw_close(); /* also when the client goes */
	raw_connect(stage_address(&s, "e.sock"));
	raw_greet();
	for (uint32_t id = 1; id <= 7; id += 2)
		begin(id, 250000);
	for (uint32_t id = 1; id <= 7; id += 2) {
		cancel(id);
		expect(id, REASON_CANCELLED, true, "");
	}
	close_stage();
}

static void halves_of_a_user_leave_some_for_others(void **state)
{
	(void)state;
	open_stage("max_partial = 64M\nmax_partial_per_uid = 1M\n");
	for (uint32_t id = 1; id <= 7; id += 2)
		begin(id, 250000);
	begin(9, 250000);
	expect(9, REASON_OVERLOADED, true, "bytes, max_partial_per_uid is 1048576");
	raw_call(11, "echo", "whole");
	expect_ok(11, "whole");
	close_stage();
}

/* ------------------------------------------------------------------ too slow */

static void open_slow_stage(void)
{
	stage_open(&s,
		   "[worker:w]\ncommand = %s\n[endpoint:e]\nlisten = unix:e.sock\npool = w\npartial_timeout = 300ms\n",
		   home_badworker());
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "w", NULL), 0);
	raw_connect(stage_address(&s, "e.sock"));
	raw_greet();
}

/* It is answered, and all that is open beside it goes on. */
static void C3_a_request_that_does_not_become_whole_is_given_up(void **state)
{
	int64_t began;

	(void)state;
	open_slow_stage();
	began = stage_now_ms();
	begin(1, 1000);
	raw_call(3, "echo", "meanwhile");
	expect_ok(3, "meanwhile");
	expect(1, REASON_DEADLINE, true, "the request was not whole within partial_timeout, 300 ms");
	assert_in_range(stage_now_ms() - began, 290, 2000);
	raw_send(&(struct frame){.type = FRAME_DATA, .flags = FLAG_EOM | FLAG_EOS, .id = 1});
	raw_call(5, "echo", "and on");
	expect_ok(5, "and on");
	begin(7, 1000); /* a second time */
	expect(7, REASON_DEADLINE, true, "");
	assert_int_equal(stage_counter(&s, "w", "accepted"), 2);
	close_stage();
}

/* C2 in the middle of a frame there is no other way to go on. Byte by byte is not whole either. */
static void C3_half_a_frame_ends_its_connection(void **state)
{
	static unsigned char bytes[64];
	struct frame f;
	size_t size = raw_encode(bytes, &(struct frame){.type = FRAME_PING});

	(void)state;
	open_slow_stage();
	for (size_t part = 1; part < size; part += 5) {
		raw_bytes(bytes, part);
		assert_true(raw_await(FRAME_GOAWAY, &f));
		assert_int_equal(f.arg, REASON_DEADLINE);
		assert_string_equal(raw_text(&f), "a frame was not whole within partial_timeout, 300 ms");
		assert_false(raw_receive(&f));
		raw_close();
		raw_connect(stage_address(&s, "e.sock"));
		raw_greet();
	}
	close_stage();
}

static bool only_one_is_left(void)
{
	json_t *status = stage_status(&s);
	json_t *e = json_array_get(json_object_get(status, "endpoints"), 0);
	long long clients = json_integer_value(json_object_get(e, "clients"));

	json_decref(status);
	return clients == 1;
}

static void C3_many_slow_ones_cost_nobody_anything(void **state)
{
	enum { SLOW = 200 };
	static int fds[SLOW];

	(void)state;
	open_slow_stage();
	for (int i = 0; i < SLOW; i++) {
		raw_bytes("\x0c", 1);
		fds[i] = raw.fd;
		raw.fd = -1;
		frame_close(&raw.in);
		raw_connect(stage_address(&s, "e.sock"));
		raw_greet();
	}
	raw_call(1, "echo", "honest");
	expect_ok(1, "honest");
	stage_until(10000, "they are gone", only_one_is_left());
	raw_call(3, "echo", "honest");
	expect_ok(3, "honest");
	for (int i = 0; i < SLOW; i++)
		close(fds[i]);
	close_stage();
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(a_call_that_waits_is_taken_out_of_the_queue),
	cmocka_unit_test(a_worker_hears_that_its_call_is_cancelled),
	cmocka_unit_test(a_worker_hears_that_its_caller_is_gone),
	cmocka_unit_test(a_worker_hears_that_the_time_is_over),
	cmocka_unit_test(what_is_not_open_cannot_be_cancelled),
	cmocka_unit_test(half_a_call_can_be_cancelled),
	cmocka_unit_test(halves_of_calls_hold_no_more_than_is_allowed),
	cmocka_unit_test(halves_of_a_user_leave_some_for_others),
	cmocka_unit_test(C3_a_request_that_does_not_become_whole_is_given_up),
	cmocka_unit_test(C3_half_a_frame_ends_its_connection),
	cmocka_unit_test(C3_many_slow_ones_cost_nobody_anything),
};

CHECK_MAIN(tests)
