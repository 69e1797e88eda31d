/*
 * Peers that ask and do not read, or leave by halves. What brood keeps for them has a limit, nobody else waits for
 * them, nothing that was promised is lost, and nothing of them stays.
 */
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "contract.h"
#include "raw.h"
#include "stage.h"

enum { QUIET_MS = 500, FLOOD_MOST = 64 << 20 };

static struct stage s;

static void open_stage(const char *worker, const char *endpoint)
{
	stage_open(&s,
		   "[worker:w]\ncommand = %s\nslots = 4\nrestart_delay = 5ms\nrestart_delay_max = 10ms\n%s\n"
		   "[endpoint:e]\nlisten = unix:e.sock\npool = w\n%s\n",
		   home_badworker(), worker, endpoint);
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "w", NULL), 0);
}

static void join(void)
{
	raw_connect(stage_address(&s, "e.sock"));
	raw_greet();
}

static void brood_is_well(void)
{
	char *out;

	assert_int_equal(stage_cli(&s, &out, NULL, "call", "w", "fine", NULL), 0);
	assert_string_equal(out, "fine");
	free(out);
}

/* Sends copies of these bytes until nobody has taken any for a while; returns how many bytes were taken. */
static size_t flood(const void *bytes, size_t size)
{
	size_t copies = (64 << 10) / size + 1;
	char *many = malloc(copies * size);
	size_t sent = 0;

	for (size_t i = 0; i < copies; i++)
		memcpy(many + i * size, bytes, size);
	while (sent < FLOOD_MOST) {
		struct pollfd p = {.fd = raw.fd, .events = POLLOUT};
		size_t at = sent % (copies * size);
		ssize_t n;

		if (poll(&p, 1, QUIET_MS) == 0)
			break;
		n = send(raw.fd, many + at, copies * size - at, MSG_NOSIGNAL | MSG_DONTWAIT);
		assert_true(n > 0 || errno == EAGAIN);
		sent += n > 0 ? (size_t)n : 0;
	}
	free(many);
	return sent;
}

static size_t flood_frame(const struct frame *f)
{
	static unsigned char bytes[70000];

	return flood(bytes, raw_encode(bytes, f));
}

static void P18_questions_whose_answers_nobody_reads_are_not_taken(void **state)
{
	(void)state;
	open_stage("", "");
	join();
	assert_in_range(flood_frame(&(struct frame){.type = FRAME_PING, .arg = 1}), 1 << 20, 4 << 20);
	brood_is_well();
	raw_close();
	join();
	assert_in_range(flood_frame(&(struct frame){.type = FRAME_FLUSH, .arg = 1}), 1 << 20, 4 << 20);
	brood_is_well();
	raw_close();
	stage_close(&s);
}

static void a_client_that_comes_back_to_reading_gets_everything(void **state)
{
	struct frame f;
	size_t answers;

	(void)state;
	open_stage("", "");
	join();
	answers = flood_frame(&(struct frame){.type = FRAME_PING, .arg = 1}) / FRAME_HEADER;
	for (size_t i = 0; i < answers; i++)
		assert_true(raw_await(FRAME_PONG, &f));
	raw_call(1, "echo", "after all that");
	assert_true(raw_await(FRAME_REPLY, &f));
	raw_close();
	stage_close(&s);
}

static void calls_whose_answers_nobody_reads_keep_their_slots(void **state)
{
	(void)state;
	open_stage("call_timeout = 5s", "");
	join();
	for (uint32_t id = 1; id < 4000; id += 2) {
		struct pollfd p = {.fd = raw.fd, .events = POLLOUT};

		if (poll(&p, 1, QUIET_MS) == 0)
			break;
		raw_call(id, "big", id % 4 == 1 ? "200000" : "900000"); /* in one frame, and in several */
	}
	brood_is_well();
	/* some of the answers are under way */
	assert_in_range(stage_counter(&s, "w", "accepted"), 4, BROOD_CLIENT_SLOTS + 20);
	raw_close();
	stage_close(&s);
}

static void one_way_messages_wait_with_their_sender(void **state)
{
	static const uint8_t body[1000];
	struct frame notify = {.type = FRAME_NOTIFY, .arg = 9, .body = body, .body_size = sizeof(body)};
	struct frame f;
	pid_t pid;

	(void)state;
	open_stage("log_buffer = 4K", "");
	join();
	pid = stage_pid_of(&s, "w/0");
	assert_int_equal(kill(pid, SIGSTOP), 0);
	assert_in_range(flood_frame(&notify), 1 << 20, 6 << 20);
	assert_int_equal(stage_cli(&s, NULL, NULL, "status", NULL), 0);
	assert_int_equal(kill(pid, SIGCONT), 0);
	raw_close(); /* in the middle of a frame, as may be */
	join();
	raw_send(&notify);
	raw_send(&(struct frame){.type = FRAME_FLUSH, .arg = 77});
	assert_true(raw_await(FRAME_FLUSHED, &f));
	assert_int_equal(f.arg, 77);
	raw_close();
	brood_is_well();
	stage_close(&s);
}

static void barriers_are_answered_in_order(void **state)
{
	struct frame f;
	pid_t pid;

	(void)state;
	open_stage("", "");
	join();
	pid = stage_pid_of(&s, "w/0");
	assert_int_equal(kill(pid, SIGSTOP), 0);
	raw_send(&(struct frame){.type = FRAME_NOTIFY, .arg = 9, .body = (const uint8_t *)"x", .body_size = 1});
	raw_send(&(struct frame){.type = FRAME_FLUSH, .arg = 1});
	raw_send(&(struct frame){.type = FRAME_FLUSH, .arg = 2});
	raw_send(&(struct frame){.type = FRAME_PING, .arg = 3});
	assert_true(raw_receive(&f));
	assert_int_equal(f.type, FRAME_PONG);
	assert_int_equal(kill(pid, SIGCONT), 0);
	for (uint32_t cookie = 1; cookie <= 2; cookie++) {
		assert_true(raw_await(FRAME_FLUSHED, &f));
		assert_int_equal(f.arg, cookie);
	}
	raw_close();
	stage_close(&s);
}

static void calls_that_never_become_whole_are_counted(void **state)
{
	enum { CALLS = 5000 };
	struct frame f;
	unsigned refused = 0;

	(void)state;
	open_stage("", "");
	join();
	for (uint32_t i = 0; i < CALLS; i++)
		raw_send(&(struct frame){.type = FRAME_CALL, .id = 2 * i + 1});
	raw_send(&(struct frame){.type = FRAME_PING});
	while (raw_receive(&f) && f.type == FRAME_REPLY) {
		assert_int_equal(frame_status_reason(f.arg), REASON_OVERLOADED);
		assert_string_equal(raw_text(&f), "256 calls of this connection are open, it may have 256");
		refused++;
	}
	assert_int_equal(f.type, FRAME_PONG);
	assert_int_equal(refused, CALLS - BROOD_CLIENT_SLOTS);
	raw_close();
	brood_is_well();
	stage_close(&s);
}

/* Whole, in parts, and from a worker that would not stop. */
static void answers_keep_to_max_message(void **state)
{
	static const char *const sizes[] = {"2000", "300000", "20000000"};
	struct frame f;

	(void)state;
	open_stage("", "max_message = 1K\n");
	join();
	for (uint32_t i = 0; i < 3; i++) {
		raw_call(4 * i + 1, "big", sizes[i]);
		assert_true(raw_await(FRAME_REPLY, &f));
		assert_int_equal(frame_status_reason(f.arg), REASON_TOO_LARGE);
		raw_call(4 * i + 3, "big", "1024");
		assert_true(raw_await(FRAME_REPLY, &f));
		assert_int_equal(f.arg, 0);
		assert_int_equal(f.body_size, 1024);
	}
	raw_close();
	stage_check_ledger(&s, "w");
	stage_close(&s);
}

/* All that may be open is open, in a worker or in the queue: not one more may even begin. */
static void none_begins_where_all_are_open(void **state)
{
	struct frame f;

	(void)state;
	open_stage("stop_timeout = 200ms", "");
	join();
	for (uint32_t i = 0; i < BROOD_CLIENT_SLOTS; i++)
		raw_call(2 * i + 1, "keep", "");
	for (uint32_t i = 0; i < 3; i++) {
		raw_send(&(struct frame){.type = FRAME_CALL, .id = 2 * (BROOD_CLIENT_SLOTS + i) + 1});
		assert_true(raw_await(FRAME_REPLY, &f));
		assert_int_equal(f.id, 2 * (BROOD_CLIENT_SLOTS + i) + 1);
		assert_int_equal(frame_status_reason(f.arg), REASON_OVERLOADED);
	}
	raw_close();
	stage_close(&s);
}

/* Frames that ask for nothing cost nothing, however many. */
static void P18_floods_that_need_no_answer(void **state)
{
	static const struct frame frames[] = {
		{.type = FRAME_CANCEL, .id = 1}, {.type = FRAME_SLOTS, .arg = 7}, {.type = FRAME_PONG, .arg = 7},
		{.type = FRAME_WINDOW, .id = 1, .arg = 1 << 20}, {.type = FRAME_STATUS}};

	(void)state;
	open_stage("", "");
	join();
	raw_call(1, "echo", "done");
	assert_true(raw_await(FRAME_REPLY, &(struct frame){0}));
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++)
		assert_true(flood_frame(&frames[i]) >= FLOOD_MOST);
	raw_call(3, "echo", "still here");
	assert_true(raw_await(FRAME_REPLY, &(struct frame){0}));
	raw_close();
	stage_close(&s);
}

static void P18_more_credit_than_can_be(void **state)
{
	struct frame f;

	(void)state;
	open_stage("", "");
	join();
	raw_send(&(struct frame){.type = FRAME_WINDOW, .arg = 0x7fffffff}); /* beside what it began with */
	assert_true(raw_await(FRAME_GOAWAY, &f));
	assert_int_equal(f.arg, REASON_PROTOCOL);
	assert_non_null(strstr(raw_text(&f), "more credit than can be"));
	assert_false(raw_receive(&f));
	raw_close();
	brood_is_well();
	stage_close(&s);
}

/* What a header may say of a frame's length, and what comes of it. Nothing is kept for a length. */
static void C4_lengths(void **state)
{
	static const struct {
		uint32_t size;
		bool is_nonsense;
		const char *text;
	} rows[] = {
		{0, true, NULL},
		{1, true, NULL},
		{11, true, NULL},
		{BROOD_MAX_FRAME - 4 + 1, false, "frame 262145 > max_frame 262144"},
		{0x7fffffff, false, "frame 2147483651 > max_frame 262144"},
		{0x80000000, true, NULL},
		{0xffffffff, true, NULL},
	};

	(void)state;
	open_stage("", "");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned char header[FRAME_HEADER];
		struct frame f;

		join();
		(void)frame_prefix(header, &(struct frame){.type = FRAME_CALL, .flags = FLAG_EOM | FLAG_EOS, .id = 1});
		for (int n = 0; n < 4; n++)
			header[n] = (unsigned char)(rows[i].size >> 8 * n);
		raw_bytes(header, sizeof(header));
		assert_true(raw_await(rows[i].is_nonsense ? FRAME_GOAWAY : FRAME_REPLY, &f));
		if (rows[i].is_nonsense)
			assert_int_equal(f.arg, REASON_PROTOCOL);
		else
			assert_string_equal(raw_text(&f), rows[i].text);
		raw_close();
	}
	brood_is_well();
	stage_close(&s);
}

/* --------------------------------------------------------------- by halves */

static void answers_that_wait_survive_a_half_close(void **state)
{
	struct frame f;
	unsigned answers = 0;
	size_t bytes = 0;

	(void)state;
	open_stage("", "");
	join();
	for (uint32_t id = 1; id < 100; id += 2)
		raw_call(id, "big", id % 4 == 1 ? "200000" : "1900000"); /* more than its credit */
	stage_until(20000, "all have come", stage_counter(&s, "w", "accepted") == 50);
	assert_int_equal(shutdown(raw.fd, SHUT_WR), 0);
	while (raw_receive(&f)) {
		answers += f.type == FRAME_REPLY;
		bytes += f.body_size;
	}
	assert_int_equal(answers, 50);
	assert_int_equal(bytes, 25 * (200000 + 1900000));
	raw_close();
	stage_close(&s);
}

static void a_barrier_survives_a_half_close(void **state)
{
	struct frame f;
	pid_t pid;

	(void)state;
	open_stage("", "");
	join();
	pid = stage_pid_of(&s, "w/0");
	assert_int_equal(kill(pid, SIGSTOP), 0);
	raw_send(&(struct frame){.type = FRAME_NOTIFY, .arg = 9, .body = (const uint8_t *)"x", .body_size = 1});
	raw_send(&(struct frame){.type = FRAME_FLUSH, .arg = 5});
	raw_send(&(struct frame){.type = FRAME_PING});
	assert_true(raw_await(FRAME_PONG, &f)); /* it has been read */
	assert_int_equal(shutdown(raw.fd, SHUT_WR), 0);
	assert_int_equal(kill(pid, SIGCONT), 0);
	assert_true(raw_await(FRAME_FLUSHED, &f));
	assert_int_equal(f.arg, 5);
	assert_false(raw_receive(&f));
	raw_close();
	stage_close(&s);
}

static void who_leaves_by_halves_leaves_nothing(void **state)
{
	int before;

	(void)state;
	open_stage("call_timeout = 30s", "");
	brood_is_well();
	before = stage_fds_of(s.pid);
	for (int i = 0; i < 30; i++) {
		join();
		raw_call(1, i % 3 == 0 ? "big" : i % 3 == 1 ? "keep" : "sleep", i % 3 == 0 ? "5000000" : "200");
		if (i % 2)
			stage_until(5000, "it has come", stage_counter(&s, "w", "accepted") >= i + 2);
		assert_int_equal(shutdown(raw.fd, SHUT_WR), 0);
		raw_close();
	}
	stage_until(10000, "all are forgotten", stage_fds_of(s.pid) <= before);
	assert_true(stage_counter(&s, "w", "closed") > 0);
	assert_int_equal(stage_cli(&s, NULL, NULL, "restart", "w", NULL), 0); /* of "keep" it has no slot left */
	brood_is_well();
	stage_close(&s);
}

/* ------------------------------------------------------------------ workers */

static void expect_replaced(const char *why)
{
	stage_await_log(&s, why);
	stage_await_state(&s, "w/0", "up", 2);
	brood_is_well();
}

static void a_worker_that_asks_and_does_not_read_is_replaced(void **state)
{
	(void)state;
	open_stage("", "");
	assert_int_equal(stage_cli(&s, NULL, NULL, "call", "w/ask", NULL), 1);
	expect_replaced("it asks more than it reads");
	stage_close(&s);
}

static void a_worker_that_overdraws_its_credit_is_replaced(void **state)
{
	(void)state;
	open_stage("", "");
	join();
	raw_call(1, "overdraw", ""); /* its answer is not read */
	expect_replaced("DATA beyond its credit");
	raw_close();
	stage_close(&s);
}

static void a_worker_that_reads_no_more_is_replaced(void **state)
{
	(void)state;
	open_stage("", "");
	assert_int_equal(stage_cli(&s, NULL, NULL, "call", "w/deaf", NULL), 0);
	/* what could not be written to it goes to its successor */
	assert_int_equal(stage_cli(&s, NULL, NULL, "call", "w/echo", "not lost", NULL), 0);
	stage_await_state(&s, "w/0", "up", 2);
	brood_is_well();
	stage_close(&s);
}

static void a_status_that_only_brood_may_say_is_not_passed_on(void **state)
{
	static const struct {
		const char *hex; /* of the status, as it stands on the wire */
		uint32_t status;
	} cases[] = {
		{"ffffffff", 2},                         /* no such code */
		{"0e001000", 14},                        /* WORKER_CRASHED: UNAVAILABLE, but not by brood's word */
		{"0a000000", 10},                        /* its own */
		{"08000500", 5u << 16 | 8},              /* TOO_LARGE, as the SDK says it */
	};

	(void)state;
	open_stage("", "");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char body[80];
		struct frame f;

		assert_int_equal(stage_cli(&s, NULL, NULL, "restart", "w", NULL), 0); /* so its first call is 2 */
		join();
		snprintf(body, sizeof(body), "0c00000013020000" "02000000" "%s", cases[i].hex);
		raw_call(1, "raw", body);
		assert_true(raw_await(FRAME_REPLY, &f));
		assert_int_equal(f.arg, cases[i].status);
		raw_close();
	}
	stage_close(&s);
}

static void a_call_with_a_frame_of_unknown_type_has_one_answer(void **state)
{
	struct frame f;

	(void)state;
	open_stage("", "");
	join();
	raw_call(1, "sleep", "300");
	raw_send(&(struct frame){.type = 0x7e, .id = 1});
	assert_true(raw_await(FRAME_REPLY, &f));
	assert_int_equal(frame_status_reason(f.arg), REASON_UNSUPPORTED);
	raw_call(3, "sleep", "1");
	assert_true(raw_await(FRAME_REPLY, &f));
	assert_int_equal(f.id, 3); /* and no second one for 1 */
	raw_send(&(struct frame){.type = 0x7e, .id = 5});
	assert_true(raw_await(FRAME_REPLY, &f));
	assert_int_equal(f.id, 5);
	raw_close();
	stage_check_ledger(&s, "w");
	stage_close(&s);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(P18_questions_whose_answers_nobody_reads_are_not_taken),
	cmocka_unit_test(P18_floods_that_need_no_answer),
	cmocka_unit_test(P18_more_credit_than_can_be),
	cmocka_unit_test(C4_lengths),
	cmocka_unit_test(a_client_that_comes_back_to_reading_gets_everything),
	cmocka_unit_test(calls_whose_answers_nobody_reads_keep_their_slots),
	cmocka_unit_test(one_way_messages_wait_with_their_sender),
	cmocka_unit_test(barriers_are_answered_in_order),
	cmocka_unit_test(calls_that_never_become_whole_are_counted),
	cmocka_unit_test(none_begins_where_all_are_open),
	cmocka_unit_test(answers_keep_to_max_message),
	cmocka_unit_test(answers_that_wait_survive_a_half_close),
	cmocka_unit_test(a_barrier_survives_a_half_close),
	cmocka_unit_test(who_leaves_by_halves_leaves_nothing),
	cmocka_unit_test(a_worker_that_asks_and_does_not_read_is_replaced),
	cmocka_unit_test(a_worker_that_overdraws_its_credit_is_replaced),
	cmocka_unit_test(a_worker_that_reads_no_more_is_replaced),
	cmocka_unit_test(a_status_that_only_brood_may_say_is_not_passed_on),
	cmocka_unit_test(a_call_with_a_frame_of_unknown_type_has_one_answer),
};

CHECK_MAIN(tests)
