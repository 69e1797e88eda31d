/*
 * Clients as they are: many at once, slow, gone, mistaken, hostile. Byte by byte against the endpoint, or with the SDK.
 */
#include "check.h"

#include <brood.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "assembly.h"
#include "frame.h"
#include "head.h"
#include "hello.h"
#include "outbox.h"
#include "raw.h"
#include "stage.h"

static struct stage s;

static void open_stage(const char *worker, const char *endpoint)
{
	stage_open(&s,
		   "[worker:w]\ncommand = %s --slots 4\ninstances = 2\nrestart_delay = 5ms\n"
		   "restart_delay_max = 10ms\n%s\n[endpoint:e]\nlisten = unix:e.sock\npool = w\n%s\n",
		   home_badworker(), worker, endpoint);
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "w", NULL), 0);
}

static void expect_goaway(const char *text)
{
	struct frame f;

	assert_true(raw_await(FRAME_GOAWAY, &f));
	if (!strstr(raw_text(&f), text))
		fail_msg("expected \"%s\", got \"%s\"", text, raw_text(&f));
	assert_false(raw_receive(&f));
	raw_close();
}

static void brood_is_well(void)
{
	char *out;

	assert_int_equal(stage_cli(&s, &out, NULL, "call", "w", "fine", NULL), 0);
	assert_string_equal(out, "fine");
	free(out);
}

/* C2, P1 */
static void every_byte_on_its_own_is_the_same_as_all(void **state)
{
	unsigned char out[HELLO_MOST + 256];
	size_t n = raw_encode_hello(out, 1, 1);
	struct frame call = {.type = FRAME_CALL,
			     .flags = FLAG_EOM | FLAG_EOS,
			     .id = 1,
			     .body = (const uint8_t *)"abc",
			     .body_size = 3};
	struct frame f;

	(void)state;
	open_stage("", "");
	raw_connect(stage_address(&s, "e.sock"));
	n += raw_encode(out + n, &call);
	for (size_t i = 0; i < n; i++)
		raw_bytes(out + i, 1);
	assert_true(raw_await(FRAME_REPLY, &f));
	assert_int_equal(f.id, 1);
	assert_int_equal(f.arg, 0);
	assert_int_equal(f.body_size, 3);
	assert_memory_equal(f.body, "abc", 3);
	raw_close();
	stage_close(&s);
}

static void nonsense_is_named_with_its_place(void **state)
{
	static const unsigned char get[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
	unsigned char out[HELLO_MOST + 64];
	struct frame f = {.type = FRAME_PING};

	(void)state;
	open_stage("", "");
	raw_connect(stage_address(&s, "e.sock"));
	raw_bytes(get, sizeof(get) - 1);
	expect_goaway("protocol error at byte 0: ");
	raw_connect(stage_address(&s, "e.sock"));
	raw_send(&f);
	expect_goaway("not a handshake");
	raw_connect(stage_address(&s, "e.sock"));
	raw_bytes(out, raw_encode_hello(out, 2, 9));
	expect_goaway("this brood speaks versions 1..1, the client 2..9");
	raw_connect(stage_address(&s, "e.sock"));
	raw_greet();
	memset(out, 0xff, 16);
	raw_bytes(out, 16);
	expect_goaway("bit 31 of the size is set");
	raw_connect(stage_address(&s, "e.sock"));
	raw_greet();
	raw_bytes(out, raw_encode_hello(out, 1, 1));
	expect_goaway("a second handshake");
	stage_await_log(&s, "e: client uid ");
	brood_is_well();
	stage_close(&s);
}

/* C8 */
static void ids_that_do_not_count_up_are_a_protocol_error(void **state)
{
	struct frame call = {.type = FRAME_CALL, .flags = FLAG_EOM | FLAG_EOS, .id = 4};

	(void)state;
	open_stage("", "");
	raw_connect(stage_address(&s, "e.sock"));
	raw_greet();
	raw_send(&call);
	expect_goaway("id of a call is even or not above the last");
	raw_connect(stage_address(&s, "e.sock"));
	raw_greet();
	call.id = 5;
	raw_send(&call);
	raw_send(&call);
	expect_goaway("id of a call is even or not above the last");
	raw_connect(stage_address(&s, "e.sock"));
	raw_greet();
	call.type = FRAME_DATA;
	raw_send(&call);
	expect_goaway("DATA for a call that was never opened");
	brood_is_well();
	stage_close(&s);
}

/* P7 */
static void unknown_frames_are_skipped_or_answered(void **state)
{
	struct frame odd = {.type = 0x77, .flags = FLAG_IGNORABLE, .id = 9};
	struct frame f;

	(void)state;
	open_stage("", "");
	raw_connect(stage_address(&s, "e.sock"));
	raw_greet();
	raw_send(&odd);
	odd.flags = 0;
	raw_send(&odd);
	assert_true(raw_await(FRAME_REPLY, &f));
	assert_int_equal(f.id, 9);
	assert_int_equal(frame_status_reason(f.arg), REASON_UNSUPPORTED);
	raw_send(&(struct frame){.type = FRAME_PING, .arg = 77});
	assert_true(raw_await(FRAME_PONG, &f));
	assert_int_equal(f.arg, 77);
	raw_close();
	stage_close(&s);
}

/* C4, P5 */
static void what_is_too_large_names_both_numbers_and_the_next_call_works(void **state)
{
	static unsigned char body[200 << 10];
	struct frame call = {
		.type = FRAME_CALL, .flags = FLAG_EOM | FLAG_EOS, .id = 1, .body = body, .body_size = 5000};
	struct frame f;

	(void)state;
	open_stage("", "max_message = 4K\nmax_frame = 64K\n");
	raw_connect(stage_address(&s, "e.sock"));
	raw_greet();
	raw_send(&call);
	assert_true(raw_await(FRAME_REPLY, &f));
	assert_int_equal(frame_status_reason(f.arg), REASON_TOO_LARGE);
	assert_string_equal(raw_text(&f), "request 5000 > max_message 4096");
	assert_true(f.flags & FLAG_NOT_PROCESSED);
	/* a frame over max_frame: its bytes are dropped as they come */
	call.id = 3;
	call.body_size = sizeof(body);
	raw_send(&call);
	assert_true(raw_await(FRAME_REPLY, &f));
	assert_int_equal(f.id, 3);
	assert_string_equal(raw_text(&f), "frame 204816 > max_frame 65536");
	call.id = 5;
	call.body_size = 4096;
	raw_send(&call);
	assert_true(raw_await(FRAME_REPLY, &f));
	assert_int_equal(f.id, 5);
	assert_int_equal(f.arg, 0);
	assert_int_equal(f.body_size, 4096);
	raw_close();
	stage_check_ledger(&s, "w");
	stage_close(&s);
}

/* C2 */
static void who_says_nothing_is_sent_away(void **state)
{
	(void)state;
	open_stage("", "handshake_timeout = 100ms\n");
	raw_connect(stage_address(&s, "e.sock"));
	expect_goaway("no HELLO within handshake_timeout");
	raw_connect(stage_address(&s, "e.sock"));
	raw_bytes("\x30\0\0", 3); /* half a header */
	expect_goaway("no HELLO within handshake_timeout");
	stage_close(&s);
}

/* Its own direction is closed, the other one is not: it still gets its answers. */
/* P12 */
static void a_half_closed_client_gets_its_answers(void **state)
{
	struct frame call = {.type = FRAME_CALL,
			     .flags = FLAG_EOM | FLAG_EOS,
			     .body = (const uint8_t *)"200",
			     .body_size = 3};
	unsigned char block[64];
	struct head_writer w = {.block = block, .capacity = sizeof(block)};
	struct frame f;

	(void)state;
	open_stage("", "");
	assert_true(head_add_text(&w, ":method", "sleep"));
	call.head = block;
	call.head_size = (uint32_t)w.size;
	raw_connect(stage_address(&s, "e.sock"));
	raw_greet();
	for (call.id = 1; call.id < 20; call.id += 2)
		raw_send(&call);
	assert_int_equal(shutdown(raw.fd, SHUT_WR), 0);
	for (int i = 0; i < 10; i++)
		assert_true(raw_await(FRAME_REPLY, &f));
	assert_false(raw_receive(&f)); /* and then it is over */
	raw_close();
	stage_check_ledger(&s, "w");
	stage_close(&s);
}

static bool is_settled(void)
{
	json_t *status = stage_status(&s);
	json_t *calls = json_object_get(stage_pool(status, "w"), "calls");
	bool is = json_integer_value(json_object_get(calls, "in_flight")) == 0 &&
		  json_integer_value(json_object_get(calls, "queued")) == 0;

	json_decref(status);
	return is;
}

static long long counter(const char *name)
{
	return stage_counter(&s, "w", name);
}

/* C7 */
static void a_client_that_is_gone_takes_its_calls_with_it(void **state)
{
	struct frame call = {.type = FRAME_CALL,
			     .flags = FLAG_EOM | FLAG_EOS,
			     .body = (const uint8_t *)"100",
			     .body_size = 3};
	unsigned char block[64];
	struct head_writer w = {.block = block, .capacity = sizeof(block)};

	(void)state;
	open_stage("", "");
	assert_true(head_add_text(&w, ":method", "sleep"));
	call.head = block;
	call.head_size = (uint32_t)w.size;
	for (int i = 0; i < 10; i++) {
		raw_connect(stage_address(&s, "e.sock"));
		raw_greet();
		for (call.id = 1; call.id < 60; call.id += 2)
			raw_send(&call);
		stage_until(5000, "calls have come", counter("accepted") >= 30 * (i + 1));
		raw_close();
		stage_until(5000, "nothing waits", is_settled());
	}
	assert_true(counter("closed") > 0);
	stage_check_ledger(&s, "w");
	brood_is_well();
	stage_close(&s);
}

/* ------------------------------------------------------------- with the SDK */

static brood_t *sdk_connect(void)
{
	brood_t *b;

	assert_rc(0, brood_connect(&b, stage_address(&s, "e.sock"), NULL));
	return b;
}

static void messages_of_every_size_come_back(void **state)
{
	static const size_t sizes[] = {0,      1,      4095,   4096,    65535,  65536,
				       262127, 262144, 262145, 1000000, 5000000};
	unsigned char *body = malloc(5000000);
	brood_t *b;

	(void)state;
	open_stage("", "");
	for (size_t i = 0; i < 5000000; i++)
		body[i] = (unsigned char)(i * 31 + (i >> 7));
	b = sdk_connect();
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct brood_answer a;

		assert_rc(0, brood_call(b, "echo", body, sizes[i], NULL, &a));
		if (a.code != BROOD_OK)
			fail_msg("%zu bytes: %s", sizes[i], a.text);
		assert_int_equal(a.body_size, sizes[i]);
		if (sizes[i] > 0)
			assert_memory_equal(a.body, body, sizes[i]);
		brood_answer_free(&a);
	}
	brood_close(b);
	free(body);
	stage_check_ledger(&s, "w");
	stage_close(&s);
}

struct mix {
	unsigned answered;
	unsigned wrong;
	size_t sizes[512];
};

static void check_mixed(uint32_t id, const struct brood_answer *a, void *user)
{
	struct mix *m = user;
	const unsigned char *body = a->body;

	m->answered++;
	if (a->code != BROOD_OK || a->body_size != m->sizes[(id >> 1) % 512]) {
		m->wrong++;
		return;
	}
	for (size_t i = 0; i < a->body_size; i += 997)
		m->wrong += body[i] != (unsigned char)(i * 7 + (i >> 8));
}

static void large_and_small_answers_share_a_connection(void **state)
{
	struct mix m = {0};
	brood_t *b;

	(void)state;
	open_stage("", "");
	b = sdk_connect();
	for (unsigned i = 0; i < 120; i++) {
		size_t size = i % 3 == 0 ? 700000 + i * 1111 : i * 37;
		char text[24];
		uint32_t id;
		int n = snprintf(text, sizeof(text), "%zu", size);

		assert_rc(0, brood_call_start(b, "big", text, (size_t)n, NULL, check_mixed, &m, &id));
		m.sizes[(id >> 1) % 512] = size;
	}
	while (brood_calls_open(b) > 0) {
		struct pollfd p = {.fd = brood_fd(b), .events = POLLIN};

		(void)poll(&p, 1, 100);
		assert_rc(0, brood_process(b));
	}
	assert_int_equal(m.answered, 120);
	assert_int_equal(m.wrong, 0);
	brood_close(b);
	stage_check_ledger(&s, "w");
	stage_close(&s);
}

static void a_client_that_never_reads_holds_up_nobody(void **state)
{
	struct frame call = {.type = FRAME_CALL,
			     .flags = FLAG_EOM | FLAG_EOS,
			     .body = (const uint8_t *)"900000",
			     .body_size = 6};
	unsigned char block[64];
	struct head_writer w = {.block = block, .capacity = sizeof(block)};

	(void)state;
	open_stage("call_timeout = 2s", "");
	assert_true(head_add_text(&w, ":method", "big"));
	call.head = block;
	call.head_size = (uint32_t)w.size;
	raw_connect(stage_address(&s, "e.sock"));
	raw_greet();
	for (call.id = 1; call.id < 200; call.id += 2)
		raw_send(&call);
	/* its answers fill its windows and the workers' slots; others are served again once they are over time */
	for (int i = 0; i < 3; i++)
		brood_is_well();
	raw_close();
	stage_until(10000, "nothing waits", is_settled());
	brood_is_well();
	stage_check_ledger(&s, "w");
	stage_close(&s);
}

static void one_way_messages_arrive_and_flush_proves_it(void **state)
{
	brood_t *b;

	(void)state;
	open_stage("", "");
	b = sdk_connect();
	for (int i = 0; i < 10; i++) {
		char text[32];
		char expected[64];
		int n = snprintf(text, sizeof(text), "message %d", i);

		assert_rc(0, brood_notify(b, 5, text, (size_t)n));
		assert_rc(0, brood_flush(b, BROOD_FLUSH_PROCESSED, 10000));
		snprintf(expected, sizeof(expected), "| notified 5: message %d", i);
		stage_await_log(&s, expected);
	}
	assert_int_equal(counter("notified"), 10);
	assert_rc(0, brood_flush(b, BROOD_FLUSH_SENT, 1000));
	assert_rc(0, brood_flush(b, BROOD_FLUSH_READ, 10000));
	assert_rc(0, brood_ping(b, 10000));
	/* a worker that dies with the barrier keeps nobody waiting */
	assert_rc(0, brood_notify(b, 5, "x", 1));
	stage_kill(&s, "w/0", SIGKILL);
	stage_kill(&s, "w/1", SIGKILL);
	assert_rc(0, brood_flush(b, BROOD_FLUSH_PROCESSED, 10000));
	brood_close(b);
	stage_close(&s);
}

static void a_worker_that_notifies_is_logged(void **state)
{
	(void)state;
	open_stage("", "");
	assert_int_equal(stage_cli(&s, NULL, NULL, "call", "w/notify", "look\x1b here", NULL), 0);
	stage_await_log(&s, "notifies 7: look\\x1b here");
	stage_close(&s);
}

static void a_full_queue_is_told(void **state)
{
	struct mix m = {0};
	brood_t *b;

	(void)state;
	open_stage("queue = 3\nslots = 1\non_overflow = reject", "");
	b = sdk_connect();
	for (unsigned i = 0; i < 20; i++)
		assert_rc(0, brood_call_start(b, "sleep", "50", 2, NULL, check_mixed, &m, NULL));
	while (brood_calls_open(b) > 0) {
		struct pollfd p = {.fd = brood_fd(b), .events = POLLIN};

		(void)poll(&p, 1, 100);
		assert_rc(0, brood_process(b));
	}
	assert_int_equal(m.answered, 20);
	assert_int_equal(counter("accepted"), 5);
	assert_int_equal(counter("refused"), 15);
	brood_close(b);
	stage_check_ledger(&s, "w");
	stage_close(&s);
}

static void a_supervisor_that_comes_back_is_found_again(void **state)
{
	struct brood_answer a;
	brood_t *b;

	(void)state;
	open_stage("", "");
	assert_rc(0, brood_connect(&b, stage_address(&s, "e.sock"),
				   &(struct brood_client_options){.retry = 10000}));
	assert_rc(0, brood_call(b, NULL, "1", 1, NULL, &a));
	brood_answer_free(&a);
	assert_int_equal(kill(s.pid, SIGTERM), 0);
	stage_await_exit(&s, 10000);
	stage_start(&s, true, NULL);
	assert_rc(0, brood_call(b, NULL, "2", 1, NULL, &a));
	assert_int_equal(a.code, BROOD_OK);
	brood_answer_free(&a);
	brood_close(b);
	stage_close(&s);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(every_byte_on_its_own_is_the_same_as_all),
	cmocka_unit_test(nonsense_is_named_with_its_place),
	cmocka_unit_test(ids_that_do_not_count_up_are_a_protocol_error),
	cmocka_unit_test(unknown_frames_are_skipped_or_answered),
	cmocka_unit_test(what_is_too_large_names_both_numbers_and_the_next_call_works),
	cmocka_unit_test(who_says_nothing_is_sent_away),
	cmocka_unit_test(a_half_closed_client_gets_its_answers),
	cmocka_unit_test(a_client_that_is_gone_takes_its_calls_with_it),
	cmocka_unit_test(messages_of_every_size_come_back),
	cmocka_unit_test(large_and_small_answers_share_a_connection),
	cmocka_unit_test(a_client_that_never_reads_holds_up_nobody),
	cmocka_unit_test(one_way_messages_arrive_and_flush_proves_it),
	cmocka_unit_test(a_worker_that_notifies_is_logged),
	cmocka_unit_test(a_full_queue_is_told),
	cmocka_unit_test(a_supervisor_that_comes_back_is_found_again),
};

CHECK_MAIN(tests)
