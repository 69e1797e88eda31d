/*
 * Workers and clients that mean harm, or die in the middle of a word: half frames, garbage behind what is valid,
 * answers to calls of others, cancels of others, announcements that nobody keeps. Each costs its author alone; the
 * ledger is balanced behind each. (W8, C7, C8, P6, P7, P8; W14, P1, P5, P12 are in test_worker, test_client and
 * test_pressure.)
 */
#include "check.h"

#include <brood.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>

#include "contract.h"
#include "raw.h"
#include "stage.h"

/* Wire ids of a worker's calls: its first, and its second. */
#define FIRST  "02000000"
#define SECOND "04000000"
/* A REPLY of four bytes, up to its id; status OK; and the beginning of one with 100 bytes. */
#define REPLY      \
	"10000000" \
	"13030000"
#define OK "00000000"
#define LONG_REPLY \
	"70000000" \
	"13030000"

static struct stage s;

/* "h" does what it should not, one process; "w" are others. */
static void open_stage(const char *more)
{
	stage_open(&s,
		   "[worker:h]\ncommand = %s --slots 4\nrestart_delay = 1ms\nrestart_delay_max = 2ms\n%s\n"
		   "[worker:w]\ncommand = %s --slots 4\n"
		   "[endpoint:h]\nlisten = unix:h.sock\npool = h\n[endpoint:w]\nlisten = unix:w.sock\npool = "
		   "w\n",
		   home_badworker(), more, home_badworker());
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "all", NULL), 0);
}

/* Nobody else has noticed anything, and the account is right. */
static void others_are_well(void)
{
	char *out;

	assert_int_equal(stage_cli(&s, &out, NULL, "call", "w", "fine", NULL), 0);
	assert_string_equal(out, "fine");
	free(out);
	stage_check_ledger(&s, "h");
	stage_check_ledger(&s, "w");
	assert_int_equal(stage_pid_of(&s, "w/0") > 0, 1);
}

static void expect_answer(uint32_t id, uint32_t status, const char *body)
{
	struct frame f;

	assert_true(raw_await(FRAME_REPLY, &f));
	assert_int_equal(f.id, id);
	if (f.arg != status)
		fail_msg("call %u: status %x, expected %x: %s", id, f.arg, status, raw_text(&f));
	if (body) {
		assert_int_equal(f.body_size, strlen(body));
		assert_memory_equal(f.body, body, f.body_size);
	}
}

static void join(const char *endpoint)
{
	raw_connect(stage_address(&s, endpoint));
	raw_greet();
}

/* Nothing more comes than what answers a PING. */
static void expect_silence(void)
{
	struct frame f;

	raw_send(&(struct frame){.type = FRAME_PING, .arg = 99});
	do
		assert_true(raw_receive(&f));
	while (f.type == FRAME_WINDOW);
	assert_int_equal(f.type, FRAME_PONG);
}

/* ------------------------------------------------------------------- workers */

/* W8: cut anywhere, the answer of a worker that dies in it is none. */
static void half_an_answer_is_none(void **state)
{
	static const char whole[] = LONG_REPLY FIRST OK "6c69657320696e2068616c76657321";

	(void)state;
	open_stage("max_attempts = 1");
	for (int digits = 2; digits < (int)sizeof(whole); digits += 4) {
		char hex[sizeof(whole)];

		snprintf(hex, sizeof(hex), "%.*s", digits, whole);
		join("h.sock");
		raw_call(1, "raw-and-exit", hex);
		expect_answer(1, frame_status_of(REASON_WORKER_CRASHED), NULL);
		expect_silence();
		raw_close();
	}
	others_are_well();
	stage_close(&s);
}

/* W8: an answer that came whole is valid, whatever comes behind it. */
static void garbage_behind_an_answer_does_not_spoil_it(void **state)
{
	static const char *const garbage[] = {
		"ffffffffffffffffffffffffffffffff",
		"0b000000"
		"13030000" FIRST OK, /* too short a frame, as its size says */
		REPLY FIRST OK "6c696573"
			       "ffffffffffffffffffffffffffffffff", /* a second answer, and then nonsense */
	};

	(void)state;
	open_stage("max_attempts = 1");
	for (size_t i = 0; i < sizeof(garbage) / sizeof(garbage[0]); i++) {
		join("h.sock");
		raw_call(1, "answer-and-raw", garbage[i]);
		expect_answer(1, 0, "fine");
		stage_await_log(&s, "its channel: protocol error at byte");
		stage_await_state(&s, "h/0", "up", (int)i + 2);
		expect_silence();
		raw_close();
	}
	others_are_well();
	stage_close(&s);
}

/* W8: a worker can answer the calls that it has, in any order and once; never one that another worker has. */
static void a_call_is_answered_by_who_has_it(void **state)
{
	struct frame f;

	(void)state;
	open_stage("");
	assert_int_equal(stage_cli(&s, NULL, NULL, "restart", "w", NULL), 0); /* its next call is the first */
	join("w.sock");
	raw_call(1, "sleep", "400");
	stage_until(5000, "w has it", stage_counter(&s, "w", "in_flight") == 1);
	/* h has no such call: it is the first of w */
	assert_int_equal(stage_cli(&s, NULL, NULL, "call", "--timeout=100ms", "h/raw",
				   REPLY SECOND OK "6c696573", NULL),
			 1);
	assert_int_equal(stage_cli(&s, NULL, NULL, "call", "--timeout=100ms", "h/raw",
				   REPLY "06000000" OK "6c696573", NULL),
			 1);
	assert_true(raw_await(FRAME_REPLY, &f));
	assert_int_equal(f.id, 1);
	assert_int_equal(f.body_size, 3);
	assert_memory_equal(f.body, "400", 3);
	expect_silence();
	raw_close();
	assert_true(stage_counter(&s, "h", "stale") >= 2);
	assert_int_equal(stage_counter(&s, "w", "stale"), 0);
	assert_int_equal(stage_cli(&s, NULL, NULL, "restart", "h", NULL), 0);
	others_are_well();
	stage_close(&s);
}

/* W8: the second answer to a call is nobody's. */
static void a_second_answer_is_dropped(void **state)
{
	(void)state;
	open_stage("");
	join("h.sock");
	raw_call(1, "answer-and-raw", REPLY FIRST OK "6c696573" REPLY FIRST OK "6c696573");
	expect_answer(1, 0, "fine");
	stage_until(5000, "both are told", stage_counter(&s, "h", "stale") == 2);
	expect_silence();
	raw_close();
	others_are_well();
	stage_close(&s);
}

/* P11, W10: stopped in the middle of a frame, it is late, not dead; what it says then is whole, and too late. */
static void a_worker_that_stops_in_mid_frame_is_late(void **state)
{
	pid_t pid;

	(void)state;
	open_stage("call_timeout = 300ms");
	pid = stage_pid_of(&s, "h/0");
	join("h.sock");
	raw_call(1, "raw-and-stop",
		 "10000000"
		 "1303/0000" FIRST OK "6c696573");
	expect_answer(1, frame_status_of(REASON_DEADLINE), NULL);
	others_are_well();
	assert_int_equal(kill(pid, SIGCONT), 0);
	raw_call(3, "echo", "and on");
	expect_answer(3, 0, "and on");
	assert_int_equal(stage_pid_of(&s, "h/0"), pid);
	expect_silence();
	raw_close();
	others_are_well();
	stage_close(&s);
}

/* P8: who speaks another version only is told so, is incompatible, and not started again. */
static void a_worker_of_another_version_is_not_started_again(void **state)
{
	unsigned char out[HELLO_MOST + 64];
	char hex[2 * sizeof(out) + 1];
	size_t n = raw_encode_hello(out, 2, 3);
	char *text;

	(void)state;
	out[4] = FRAME_WELCOME;
	for (size_t i = 0; i < n; i++)
		snprintf(hex + 2 * i, 3, "%02x", out[i]);
	stage_open(&s, "[worker:h]\ncommand = %s --at-start welcome=%s\nautostart = no\n", home_badworker(),
		   hex);
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "h", NULL), 1);
	stage_await_log(&s, "this brood speaks versions 1..1, the worker 2..3");
	stage_await_state(&s, "h/0", "failed", 1);
	assert_int_equal(stage_cli(&s, &text, NULL, "why", "h/0", NULL), 0);
	assert_non_null(strstr(text, "exit 78"));
	free(text);
	stage_await_state(&s, "h/0", "failed", 1);
	stage_close(&s);
}

/* ------------------------------------------------------------------- clients */

/* C8: ids are a connection's own. */
static void nobody_cancels_the_calls_of_others(void **state)
{
	struct brood_answer a;
	brood_t *b;
	int fd;

	(void)state;
	open_stage("");
	assert_rc(0, brood_connect(&b, stage_address(&s, "w.sock"), NULL));
	join("w.sock");
	fd = raw.fd;
	for (uint32_t id = 1; id < 2000; id += 2) {
		raw_send(&(struct frame){.type = FRAME_CANCEL, .id = id, .arg = 1});
		if (id == 1)
			assert_rc(0, brood_call(b, "echo", "mine", 4, NULL, &a)); /* its id is 1, too */
		else
			continue;
		assert_int_equal(a.code, BROOD_OK);
		brood_answer_free(&a);
	}
	assert_int_equal(raw.fd, fd);
	expect_silence();
	raw_call(1, "echo", "still here");
	expect_answer(1, 0, "still here");
	raw_close();
	brood_close(b);
	others_are_well();
	stage_close(&s);
}

/* C7, C8: clients that leave in the middle of a frame, at each of its bytes. */
static void who_leaves_in_mid_frame_leaves_nothing(void **state)
{
	static const char body[] = "a body that never comes whole";
	unsigned char out[256];
	struct frame f = {.type = FRAME_CALL,
			  .flags = FLAG_EOM | FLAG_EOS,
			  .id = 3,
			  .body = (const uint8_t *)body,
			  .body_size = sizeof(body)};
	size_t size = raw_encode(out, &f);
	int before;

	(void)state;
	open_stage("");
	others_are_well();
	before = stage_fds_of(s.pid);
	for (size_t n = 1; n < size; n += 2) {
		join("w.sock");
		raw_call(1, "echo", "whole");
		raw_bytes(out, n);
		if (n % 4 == 1)
			expect_answer(1, 0, "whole");
		raw_close();
	}
	stage_until(10000, "all are forgotten", stage_fds_of(s.pid) <= before);
	others_are_well();
	stage_close(&s);
}

static long resident_kib(pid_t pid)
{
	char path[64];
	long pages = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/statm", (int)pid);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_int_equal(fscanf(f, "%*d %ld", &pages), 1);
	fclose(f);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

/* P6: 64 MiB announced 100 times, and 1 byte sent of each: memory is for what has come. */
static void what_is_announced_costs_nothing(void **state)
{
	enum { CALLS = 100 };
	long before;

	(void)state;
	open_stage("");
	join("w.sock");
	raw_call(1, "echo", "warm");
	expect_answer(1, 0, "warm");
	before = resident_kib(s.pid);
	for (uint32_t i = 0; i < CALLS; i++)
		raw_send(&(struct frame){.type = FRAME_CALL,
					 .id = 2 * i + 3,
					 .words = 1u << WORD_LENGTH,
					 .length = 64 << 20,
					 .body = (const uint8_t *)"x",
					 .body_size = 1});
	expect_silence();
	assert_in_range(resident_kib(s.pid) - before + 4096, 0, 2 * 4096); /* of 6400 MiB */
	raw_close();
	others_are_well();
	stage_close(&s);
}

/* P7: what has to be understood and is not ends its call, in a sentence, and nothing else. */
static void what_must_be_understood_is_refused(void **state)
{
	/* CALL, EOM|EOS, one extension word with tag 0x90 */
	static const unsigned char call[] = {20, 0, 0, 0, 0x10, 3, 0, 1, 1, 0, 0, 0,
					     0,  0, 0, 0, 0x90, 1, 0, 0, 7, 0, 0, 0};
	/* the same with tag 0x10, which may be skipped */
	static const unsigned char skipped[] = {20, 0, 0, 0, 0x10, 3, 0, 1, 3, 0, 0, 0,
						0,  0, 0, 0, 0x10, 1, 0, 0, 7, 0, 0, 0};

	(void)state;
	open_stage("");
	join("w.sock");
	raw_bytes(call, sizeof(call));
	expect_answer(1, frame_status_of(REASON_UNSUPPORTED), NULL);
	raw_bytes(skipped, sizeof(skipped));
	expect_answer(3, 0, "");
	raw_close();
	others_are_well();
	stage_close(&s);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(half_an_answer_is_none),
	cmocka_unit_test(garbage_behind_an_answer_does_not_spoil_it),
	cmocka_unit_test(a_call_is_answered_by_who_has_it),
	cmocka_unit_test(a_second_answer_is_dropped),
	cmocka_unit_test(a_worker_that_stops_in_mid_frame_is_late),
	cmocka_unit_test(a_worker_of_another_version_is_not_started_again),
	cmocka_unit_test(nobody_cancels_the_calls_of_others),
	cmocka_unit_test(who_leaves_in_mid_frame_leaves_nothing),
	cmocka_unit_test(what_is_announced_costs_nothing),
	cmocka_unit_test(what_must_be_understood_is_refused),
};

CHECK_MAIN(tests)
