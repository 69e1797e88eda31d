/* Calls of several messages, frame by frame: what a client may say that an SDK never would. */
#include "check.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "head.h"
#include "raw.h"
#include "stage.h"

static struct stage s;

static void open_stage(const char *worker, int slots)
{
	stage_open(&s,
		   "[brood]\nmax_partial = 2M\n[worker:w]\ncommand = %s %d\n"
		   "[endpoint:e]\nlisten = unix:e.sock\npool = w\n",
		   worker, slots);
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "w", NULL), 0);
	raw.features = FEATURE_CANCEL | FEATURE_STREAM;
	raw_connect(stage_address(&s, "e.sock"));
}

static void close_stage(void)
{
	raw_close();
	raw.features = 0;
	stage_until(10000, "nothing is in hand", stage_counter(&s, "w", "in_flight") == 0);
	stage_check_ledger(&s, "w");
	stage_close(&s);
}

static struct frame part(uint8_t type, uint32_t id, unsigned flags, const char *body)
{
	return (struct frame){.type = type,
			      .flags = (uint8_t)flags,
			      .id = id,
			      .body = (const uint8_t *)body,
			      .body_size = (uint32_t)strlen(body)};
}

static void data(uint32_t id, unsigned flags, const char *body)
{
	struct frame f = part(FRAME_DATA, id, flags, body);

	raw_send(&f);
}

/* A CALL of this method with these flags. */
static void call(uint32_t id, const char *method, unsigned flags, const char *body)
{
	unsigned char block[64];
	struct head_writer w = {.block = block, .capacity = sizeof(block)};
	struct frame f = part(FRAME_CALL, id, flags, body);

	assert_true(head_add_text(&w, ":method", method));
	f.head = block;
	f.head_size = (uint32_t)w.size;
	raw_send(&f);
}

/* The next frame that is no WINDOW. */
static struct frame next(void)
{
	struct frame f;

	do
		assert_true(raw_receive(&f));
	while (f.type == FRAME_WINDOW);
	return f;
}

static void expect(uint8_t type, uint32_t id, const char *body)
{
	struct frame f = next();

	if (f.type != type)
		fail_msg("expected %s, got %s: %s", frame_type_name(type), frame_type_name(f.type), raw_text(&f));
	assert_int_equal(f.id, id);
	assert_int_equal(f.body_size, strlen(body));
	if (f.body_size > 0)
		assert_memory_equal(f.body, body, f.body_size);
}

static void expect_refusal(uint32_t id, enum frame_reason reason)
{
	struct frame f = next();

	assert_int_equal(f.type, FRAME_REPLY);
	assert_int_equal(f.id, id);
	if (f.arg != frame_status_of(reason))
		fail_msg("expected %s, got %x: %s", frame_reason_name(reason), f.arg, raw_text(&f));
}

static void brood_is_well(uint32_t id)
{
	raw_call(id, "unary", "x");
	expect(FRAME_REPLY, id, "one");
}

static void every_byte_on_its_own_is_the_same_as_all(void **state)
{
	unsigned char out[1024];
	struct frame frames[] = {
		part(FRAME_DATA, 1, FLAG_EOM, "one"), part(FRAME_DATA, 1, 0, "tw"),
		part(FRAME_DATA, 1, FLAG_EOM, "o"),   part(FRAME_DATA, 1, FLAG_EOM, ""),
		part(FRAME_DATA, 1, FLAG_EOS, ""),
	};

	(void)state;
	open_stage(TALKER, 1);
	raw_greet();
	call(1, "echo", 0, "");
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		size_t n = raw_encode(out, &frames[i]);

		for (size_t k = 0; k < n; k++)
			raw_bytes(out + k, 1);
	}
	expect(FRAME_HEADERS, 1, "");
	expect(FRAME_DATA, 1, "one");
	expect(FRAME_DATA, 1, "two");
	expect(FRAME_DATA, 1, "");
	expect(FRAME_REPLY, 1, "");
	close_stage();
}

static void a_request_that_contradicts_itself_ends_alone(void **state)
{
	(void)state;
	open_stage(TALKER, 4);
	raw_greet();
	call(1, "hold", 0, "");
	expect(FRAME_HEADERS, 1, "");
	call(3, "hold", FLAG_EOM, "a");
	expect(FRAME_HEADERS, 3, "");
	expect(FRAME_DATA, 3, "a");
	data(1, 0, "begun");
	data(1, FLAG_EOS, ""); /* inside a message */
	expect_refusal(1, REASON_INVALID);
	data(1, FLAG_EOM, "dropped");
	call(5, "stall", FLAG_EOM, "a");
	data(5, FLAG_EOM | FLAG_EOS, "b");
	data(5, FLAG_EOM, "c"); /* behind the end */
	expect_refusal(5, REASON_INVALID);
	call(7, "stall", FLAG_EOM | FLAG_EOS, "a");
	data(7, FLAG_EOM | FLAG_EOS, "b"); /* the same of a usual call */
	expect_refusal(7, REASON_INVALID);
	data(3, FLAG_EOM | FLAG_EOS, "b");
	expect(FRAME_DATA, 3, "b");
	expect(FRAME_REPLY, 3, "");
	brood_is_well(9);
	close_stage();
}

/* Its first message comes in chunks, and still others follow; all its credit comes back. */
static void a_long_first_message(void **state)
{
	static char body[100001];
	uint64_t credit = 0;
	uint64_t came = 0;
	struct frame f;

	(void)state;
	memset(body, 'x', sizeof(body) - 1);
	open_stage(TALKER, 1);
	raw_greet();
	for (uint32_t id = 1; id < 100; id += 2) {
		call(id, "drink", 0, body);
		data(id, FLAG_EOM, body);
		data(id, FLAG_EOM, body);
		data(id, FLAG_EOM, body);
		data(id, FLAG_EOS, "");
		do {
			assert_true(raw_receive(&f));
			credit += f.type == FRAME_WINDOW && f.id == 0 ? f.arg : 0;
			came += f.type == FRAME_WINDOW && f.id == id ? f.arg : 0;
		} while (f.type != FRAME_REPLY);
		assert_int_equal(f.id, id);
		assert_int_equal(f.body_size, strlen("3 400000"));
		assert_memory_equal(f.body, "3 400000", f.body_size);
	}
	assert_int_equal(credit, 50 * (400000 + 64));
	assert_true(came >= 50 * 200000); /* of the first message all, of the rest in large pieces */
	close_stage();
}

static void more_than_its_credit_ends_the_connection(void **state)
{
	static char body[200001];
	struct frame f;

	(void)state;
	memset(body, 'x', sizeof(body) - 1);
	open_stage(TALKER, 1);
	raw_greet();
	call(1, "stall", FLAG_EOM, "");
	for (int i = 0; i < 30; i++) {
		struct frame more = part(FRAME_DATA, 1, FLAG_EOM, body);
		static unsigned char out[1 << 20];
		size_t n = raw_encode(out, &more);

		if (send(raw.fd, out, n, MSG_NOSIGNAL) < 0)
			break; /* it has seen enough */
	}
	assert_true(raw_await(FRAME_GOAWAY, &f));
	assert_non_null(strstr(raw_text(&f), "DATA beyond its credit"));
	raw_close();
	raw_connect(stage_address(&s, "e.sock"));
	raw_greet();
	stage_await_log(&s, "stall: cancelled");
	brood_is_well(1);
	close_stage();
}

/* What comes for a call that waits is kept, within max_partial, and not sent before it. */
static void what_comes_while_a_call_waits(void **state)
{
	static char body[200001];
	uint32_t id;

	(void)state;
	memset(body, 'x', sizeof(body) - 1);
	open_stage(TALKER, 1);
	raw_greet();
	call(1, "stall", FLAG_EOM, "");
	stage_await_log(&s, "stall has begun");
	call(3, "echo", 0, "");
	data(3, FLAG_EOM, "first");
	data(3, FLAG_EOM, "second");
	data(3, FLAG_EOS, "");
	for (id = 5; id < 20; id += 2) {
		call(id, "drink", 0, "");
		for (int i = 0; i < 5; i++)
			data(id, FLAG_EOM, body);
	}
	for (id = 9; id < 20; id += 2) {
		struct frame f = next(); /* two of them fit into 2 MiB */

		assert_int_equal(f.id, id);
		assert_int_equal(f.arg, frame_status_of(REASON_OVERLOADED));
		assert_string_equal(raw_text(&f), "requests under way fill max_partial or max_partial_per_uid");
	}
	data(5, FLAG_EOS, "");
	data(7, FLAG_EOS, "");
	raw_send(&(struct frame){.type = FRAME_CANCEL, .id = 1, .arg = frame_status_of(REASON_CANCELLED)});
	expect_refusal(1, REASON_CANCELLED);
	expect(FRAME_HEADERS, 3, "");
	expect(FRAME_DATA, 3, "first");
	expect(FRAME_DATA, 3, "second");
	expect(FRAME_REPLY, 3, "");
	expect(FRAME_REPLY, 5, "5 1000000");
	expect(FRAME_REPLY, 7, "5 1000000");
	close_stage();
}

static void a_client_that_closes_its_own_direction(void **state)
{
	(void)state;
	open_stage(TALKER, 4);
	raw_greet();
	call(1, "hold", FLAG_EOM, "a");
	expect(FRAME_HEADERS, 1, "");
	expect(FRAME_DATA, 1, "a");
	call(3, "count", FLAG_EOM | FLAG_EOS, "3");
	assert_int_equal(shutdown(raw.fd, SHUT_WR), 0);
	/* the order of the two is open */
	for (int i = 0; i < 5; i++) {
		struct frame f = next();

		if (f.id == 1) {
			assert_int_equal(f.arg, frame_status_of(REASON_INVALID));
		} else {
			assert_int_equal(f.id, 3);
			assert_true(f.type == FRAME_DATA || f.arg == 0);
		}
	}
	assert_false(raw_receive(&(struct frame){0}));
	close_stage();
}

/* Those that do not know of streams get one message, or are told why not. */
static void peers_without_streams(void **state)
{
	(void)state;
	open_stage(TALKER, 1);
	raw.features = FEATURE_CANCEL;
	raw_greet();
	raw_call(1, "count", "2");
	expect_refusal(1, REASON_UNSUPPORTED);
	raw_call(3, "echo", "x");
	expect_refusal(3, REASON_UNSUPPORTED);
	brood_is_well(5);
	close_stage();
	open_stage(OLDWORKER, 1);
	raw_greet();
	call(1, "any", FLAG_EOM, "a");
	data(1, FLAG_EOM, "b");
	expect_refusal(1, REASON_UNSUPPORTED);
	call(3, "any", 0, "");
	expect_refusal(3, REASON_UNSUPPORTED);
	raw_call(5, "any", "x");
	expect(FRAME_REPLY, 5, "old");
	close_stage();
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(every_byte_on_its_own_is_the_same_as_all),
	cmocka_unit_test(a_request_that_contradicts_itself_ends_alone),
	cmocka_unit_test(a_long_first_message),
	cmocka_unit_test(more_than_its_credit_ends_the_connection),
	cmocka_unit_test(what_comes_while_a_call_waits),
	cmocka_unit_test(a_client_that_closes_its_own_direction),
	cmocka_unit_test(peers_without_streams),
};

CHECK_MAIN(tests)
