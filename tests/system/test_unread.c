/*
 * Clients that do not read their answers: what brood keeps for one has one limit, its calls give their slots back, and
 * others are served as if it were not there.
 */
#include "check.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "raw.h"
#include "stage.h"

enum { CAP = 2 << 20, KERNEL = 1 << 20 };

static struct stage s;

static void open_stage(const char *worker, const char *endpoint)
{
	stage_open(&s,
		   "[worker:w]\ncommand = %s --slots 16\n%s\n[endpoint:e]\nlisten = unix:e.sock\npool = w\n"
		   "max_unread = 2M\n%s\n",
		   home_badworker(), worker, endpoint);
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

static void ask(unsigned calls, const char *size)
{
	for (uint32_t i = 0; i < calls; i++)
		raw_call(2 * i + 1, "big", size);
}

static void brood_is_well(void)
{
	char *out;

	assert_int_equal(stage_cli(&s, &out, NULL, "call", "w", "fine", NULL), 0);
	assert_string_equal(out, "fine");
	free(out);
}

static bool all_are_done(long long accepted)
{
	return stage_counter(&s, "w", "accepted") >= accepted && stage_counter(&s, "w", "in_flight") == 0 &&
	       stage_counter(&s, "w", "queued") == 0;
}

/* What has come of all that, read now at last. */
struct sum {
	size_t bytes;
	unsigned replies;
	unsigned good;
	unsigned late;
	unsigned no_room;
};

static struct sum read_all(unsigned replies)
{
	struct sum sum = {.bytes = 0};
	struct frame f;

	while (sum.replies < replies) {
		assert_true(raw_receive(&f));
		sum.bytes += f.body_size;
		if (f.type != FRAME_REPLY)
			continue;
		sum.replies++;
		sum.good += f.arg == 0;
		sum.late += frame_status_reason(f.arg) == REASON_DEADLINE;
		sum.no_room += frame_status_reason(f.arg) == REASON_OVERLOADED;
		if (frame_status_reason(f.arg) == REASON_OVERLOADED)
			assert_true(strstr(raw_text(&f), "this connection does not read, max_unread = 2097152") ||
				    strstr(raw_text(&f), "this connection does not read, and others wait for w"));
	}
	return sum;
}

/* 64 answers of 4 MiB: their streams wait for their client until the deadline of their calls. */
static void C5_long_answers_wait_until_their_deadline(void **state)
{
	struct sum sum;
	pid_t pid;

	(void)state;
	open_stage("call_timeout = 2s", "");
	pid = stage_pid_of(&s, "w/0");
	ask(64, "4194304");
	stage_until(5000, "they have come", stage_counter(&s, "w", "accepted") == 64);
	brood_is_well();
	stage_until(20000, "all are done", all_are_done(64));
	brood_is_well(); /* their slots are free */
	assert_int_equal(stage_pid_of(&s, "w/0"), pid);
	sum = read_all(64);
	assert_in_range(sum.bytes, 1, CAP + KERNEL);
	assert_int_equal(sum.good, 0);
	assert_int_equal(sum.late + sum.no_room, 64);
	raw_call(1001, "echo", "and now");
	assert_int_equal(read_all(1).good, 1);
	close_stage();
}

/* Answers of one frame wait for nobody: they are kept as far as there is room. */
static void C5_short_answers_are_kept_as_far_as_there_is_room(void **state)
{
	struct sum sum;

	(void)state;
	open_stage("call_timeout = 2s", "");
	ask(100, "200000");
	stage_until(20000, "all are done", all_are_done(100));
	brood_is_well();
	sum = read_all(100);
	assert_in_range(sum.bytes, CAP / 8, CAP + KERNEL);
	assert_int_equal(sum.good + sum.late + sum.no_room, 100);
	assert_in_range(sum.good, 2, 15);
	close_stage();
}

/* Its calls do not even reach a worker, as long as it has enough to read. */
static void its_calls_wait_in_the_queue(void **state)
{
	(void)state;
	open_stage("", "");
	ask(5, "200000"); /* more than a quarter of max_unread, less than what stops brood from reading this client */
	stage_until(5000, "they are answered", stage_counter(&s, "w", "replied") == 5);
	raw_call(101, "echo", "waits");
	stage_until(5000, "it waits", stage_counter(&s, "w", "queued") == 1);
	brood_is_well();
	assert_int_equal(stage_counter(&s, "w", "queued"), 1);
	assert_int_equal(read_all(6).good, 6);
	close_stage();
}

/* Both slots wait for it, but not when somebody else does. */
static void C5_its_slots_are_for_others(void **state)
{
	struct frame f;
	char *out;

	(void)state;
	open_stage("slots = 2\ncall_timeout = 60s", "");
	ask(2, "4194304");
	stage_until(5000, "both are taken", stage_counter(&s, "w", "in_flight") == 2);
	assert_int_equal(stage_cli(&s, &out, NULL, "call", "w/echo", "next", NULL), 0);
	assert_string_equal(out, "next");
	free(out);
	for (int i = 0; i < 2; i++) {
		assert_true(raw_await(FRAME_REPLY, &f));
		assert_int_equal(frame_status_reason(f.arg), REASON_OVERLOADED);
		assert_non_null(strstr(raw_text(&f), "this connection does not read, and others wait"));
	}
	assert_int_equal(stage_counter(&s, "w", "crashed"), 0);
	close_stage();
}

static void C5_who_reads_nothing_is_closed(void **state)
{
	struct frame f;

	(void)state;
	open_stage("", "read_timeout = 300ms");
	ask(4, "4194304");
	stage_await_log(&s, "is closed: it has read nothing for 300 ms (read_timeout) while ");
	while (raw_receive(&f))
		;
	stage_until(5000, "it has left", stage_counter(&s, "w", "closed") == 4);
	brood_is_well();
	close_stage();
}

/* Slowly is not never. */
static void who_reads_slowly_gets_everything(void **state)
{
	size_t bytes = 0;

	(void)state;
	open_stage("", "read_timeout = 1s");
	ask(1, "6000000");
	for (struct frame f = {0}; f.type != FRAME_REPLY; bytes += f.body_size) {
		assert_true(raw_receive(&f));
		if (f.type != FRAME_DATA)
			continue;
		(void)poll(NULL, 0, 20);
		raw_send(&(struct frame){.type = FRAME_WINDOW, .id = 1, .arg = f.body_size});
		raw_send(&(struct frame){.type = FRAME_WINDOW, .arg = f.body_size});
	}
	assert_int_equal(bytes, 6000000);
	close_stage();
}

/* To have been stalled once is no step to being closed: patience begins anew with each byte that is read. */
static void who_pauses_again_and_again_stays(void **state)
{
	size_t bytes = 0;
	unsigned chunks = 0;

	(void)state;
	open_stage("call_timeout = 60s", "read_timeout = 3s");
	ask(1, "3000000");
	for (struct frame f = {0}; f.type != FRAME_REPLY; bytes += f.body_size) {
		assert_true(raw_receive(&f));
		if (f.type != FRAME_DATA)
			continue;
		(void)poll(NULL, 0, chunks++ % 15 == 14 ? 2200 : 40);
		raw_send(&(struct frame){.type = FRAME_WINDOW, .id = 1, .arg = f.body_size});
		raw_send(&(struct frame){.type = FRAME_WINDOW, .arg = f.body_size});
	}
	assert_int_equal(bytes, 3000000);
	assert_false(stage_has_log(&s, "is closed"));
	close_stage();
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(C5_long_answers_wait_until_their_deadline),
	cmocka_unit_test(C5_short_answers_are_kept_as_far_as_there_is_room),
	cmocka_unit_test(its_calls_wait_in_the_queue),
	cmocka_unit_test(C5_its_slots_are_for_others),
	cmocka_unit_test(C5_who_reads_nothing_is_closed),
	cmocka_unit_test(who_reads_slowly_gets_everything),
	cmocka_unit_test(who_pauses_again_and_again_stays),
};

CHECK_MAIN(tests)
