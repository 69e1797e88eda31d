/* worker_reply: every answer arrives as it was given, or the caller hears why not. */
#include "duo.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { KEPT_MOST = 126 };

static struct duo d;
static brood_request_t *kept[KEPT_MOST];
static size_t kept_count;

static void keep(brood_request_t *request, void *user)
{
	(void)user;
	assert_in_range(kept_count, 0, KEPT_MOST - 1);
	kept[kept_count++] = request;
}

static int open_worker(void **state)
{
	(void)state;
	kept_count = 0;
	duo_worker(&d, keep, NULL, &(struct brood_worker_options){.slots = KEPT_MOST});
	return 0;
}

static int close_worker(void **state)
{
	(void)state;
	duo_close(&d);
	return 0;
}

/* A request in hand. */
static brood_request_t *call(uint32_t id)
{
	size_t before = kept_count;

	peer_end_call(&d.peer, id, "m", "request", 7);
	assert_int_equal(duo_step(&d), 0);
	assert_int_equal(kept_count, before + 1);
	return kept[before];
}

static struct message *expect_reply(uint32_t id, uint32_t status)
{
	struct message *m = duo_expect(&d, FRAME_REPLY);

	assert_int_equal(m->frame.id, id);
	assert_int_equal(m->frame.arg, status);
	assert_true(m->frame.flags & FLAG_EOS);
	return m;
}

static void the_body_may_be_the_requests_own(void **state)
{
	brood_request_t *r = call(2);
	struct message *m;
	size_t size;
	const void *body = brood_request_body(r, &size);

	(void)state;
	assert_rc(0, brood_reply(r, body, size));
	m = expect_reply(2, 0);
	assert_int_equal(m->frame.body_size, 7);
	assert_memory_equal(m->frame.body, "request", 7);
	assert_true(m->frame.flags & FLAG_EOM);
	message_free(m);
}

static void answers_come_in_the_order_they_are_given(void **state)
{
	(void)state;
	for (uint32_t id = 2; id <= 20; id += 2)
		(void)call(id);
	for (uint32_t i = 10; i-- > 0;) {
		assert_rc(0, brood_reply(kept[i], &i, sizeof(i)));
		message_free(expect_reply(2 * i + 2, 0));
	}
}

static void an_error_carries_code_and_sentence(void **state)
{
	(void)state;
	for (unsigned code = 1; code <= 16; code++) {
		char text[64];
		struct message *m;

		snprintf(text, sizeof(text), "it is 100%% %s", brood_code_name(code));
		assert_rc(0, brood_reply_error(call(2), code, "it is 100%% %s", brood_code_name(code)));
		m = expect_reply(2, code);
		assert_true(peer_end_has_text(m, ":error", text));
		assert_int_equal(m->frame.body_size, 0);
		message_free(m);
	}
}

static void an_error_may_have_no_sentence(void **state)
{
	struct message *m;

	(void)state;
	assert_rc(0, brood_reply_full(call(2), &(struct brood_reply_options){.code = BROOD_NOT_FOUND}));
	m = expect_reply(2, BROOD_NOT_FOUND);
	assert_int_equal(m->frame.head_size, 0);
	message_free(m);
}

static void a_long_sentence_is_cut(void **state)
{
	char text[3000];
	char cut[1024];
	struct message *m;

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	memset(cut, 'x', sizeof(cut));
	cut[1023] = '\0';
	assert_rc(0, brood_reply_error(call(2), BROOD_INTERNAL, "%s", text));
	m = expect_reply(2, BROOD_INTERNAL);
	assert_true(peer_end_has_text(m, ":error", cut));
	message_free(m);
	assert_rc(0, brood_reply_full(call(4), &(struct brood_reply_options){.code = BROOD_INTERNAL,
									  .text = text}));
	m = expect_reply(4, BROOD_INTERNAL);
	assert_true(peer_end_has_text(m, ":error", text)); /* as given */
	message_free(m);
}

static void an_error_with_the_code_of_success_is_one(void **state)
{
	struct message *m;

	(void)state;
	assert_rc(0, brood_reply_error(call(2), BROOD_OK, "ignored"));
	m = expect_reply(2, 0);
	assert_int_equal(m->frame.head_size, 0);
	message_free(m);
}

static void a_full_answer_has_it_all(void **state)
{
	const struct brood_meta meta[] = {
		brood_meta_text("a", "1"),
		{"bin\0key", 7, "\0\377", 2},
		brood_meta_text("a", "2"),
		brood_meta_text("empty", ""),
	};
	struct head_reader reader;
	struct head_entry e;
	struct message *m;

	(void)state;
	assert_rc(0, brood_reply_full(call(2), &(struct brood_reply_options){.code = BROOD_ABORTED,
									  .text = "half",
									  .body = "body",
									  .body_size = 4,
									  .meta = meta,
									  .meta_count = 4}));
	m = expect_reply(2, BROOD_ABORTED);
	assert_memory_equal(m->frame.body, "body", 4);
	assert_true(peer_end_has_text(m, ":error", "half"));
	reader = (struct head_reader){m->frame.head, m->frame.head_size};
	assert_true(head_next(&reader, &e));
	for (size_t i = 0; i < 4; i++) {
		assert_true(head_next(&reader, &e));
		assert_int_equal(e.key_size, meta[i].key_size);
		assert_memory_equal(e.key, meta[i].key, e.key_size);
		assert_int_equal(e.value_size, meta[i].value_size);
		if (e.value_size > 0)
			assert_memory_equal(e.value, meta[i].value, e.value_size);
	}
	assert_false(head_next(&reader, &e));
	message_free(m);
}

static void assert_head_is_refused(const struct brood_reply_options *o)
{
	struct message *m;

	assert_rc(-EINVAL, brood_reply_full(call(2), o));
	m = expect_reply(2, frame_status_of(REASON_INTERNAL));
	assert_true(m->frame.head_size > 0);
	message_free(m);
}

static void metadata_that_may_not_be_sent_is_refused_and_the_caller_told(void **state)
{
	static char value[UINT16_MAX + 1];
	const struct brood_meta bad[] = {
		brood_meta_text(":error", "x"),
		brood_meta_text("", "x"),
		{value, UINT16_MAX + 1, "", 0},
		{"k", 1, value, UINT16_MAX + 1},
		{"k", 1, value, BROOD_MAX_HEAD},
		{"k", SIZE_MAX - 8, value, 8}, /* a sum that wraps round */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_head_is_refused(
			&(struct brood_reply_options){.meta = &bad[i], .meta_count = 1});
	assert_head_is_refused(&(struct brood_reply_options){.code = 17});
	assert_head_is_refused(&(struct brood_reply_options){.code = 0x10000});
}

static void exactly_sixteen_KiB_of_head_data_are_allowed(void **state)
{
	static char value[BROOD_MAX_HEAD];
	struct brood_meta meta[2] = {brood_meta_text("k", "v"), {"key", 3, value, 0}};
	struct message *m;

	(void)state;
	meta[1].value_size = BROOD_MAX_HEAD - (4 + 1 + 1) - (4 + 3);
	assert_rc(0, brood_reply_full(call(2), &(struct brood_reply_options){.meta = meta,
									  .meta_count = 2,
									  .text = "not sent"}));
	m = expect_reply(2, 0);
	assert_int_equal(m->frame.head_size, BROOD_MAX_HEAD);
	message_free(m);
	meta[1].value_size++;
	assert_head_is_refused(&(struct brood_reply_options){.meta = meta, .meta_count = 2});
	meta[1].value_size -= 1 + 4 + 6 + 4; /* ":error" takes its share */
	assert_rc(0, brood_reply_full(call(4), &(struct brood_reply_options){.code = BROOD_UNKNOWN,
									  .meta = meta,
									  .meta_count = 2,
									  .text = "four"}));
	m = expect_reply(4, BROOD_UNKNOWN);
	assert_int_equal(m->frame.head_size, BROOD_MAX_HEAD);
	message_free(m);
}

static void a_worker_with(uint32_t max_message, uint32_t max_frame, uint32_t stream, uint32_t connection)
{
	struct hello offer = peer_end_offer();

	duo_close(&d);
	kept_count = 0;
	offer.max_message = max_message;
	offer.max_frame = max_frame;
	offer.stream_window = stream;
	offer.conn_window = connection;
	duo_worker_with(&d, keep, NULL, &(struct brood_worker_options){.slots = KEPT_MOST}, &offer);
}

static void a_body_over_the_limit_of_the_other_side_is_refused(void **state)
{
	static char body[1001];
	struct message *m;

	(void)state;
	a_worker_with(1000, BROOD_MAX_FRAME, 4096, 4096);
	assert_int_equal(brood_max_message(d.b), 1000);
	assert_rc(-EMSGSIZE, brood_reply(call(2), body, 1001));
	m = expect_reply(2, frame_status_of(REASON_TOO_LARGE));
	assert_true(peer_end_has_text(m, ":error", "reply 1001 > max_message 1000"));
	message_free(m);
	assert_rc(-EMSGSIZE, brood_reply(call(2), body, (size_t)UINT32_MAX + 1001));
	message_free(expect_reply(2, frame_status_of(REASON_TOO_LARGE)));
	assert_rc(0, brood_reply(call(4), body, 1000));
	m = expect_reply(4, 0);
	assert_int_equal(m->frame.body_size, 1000);
	message_free(m);
}

static uint8_t *pattern(size_t size)
{
	uint8_t *bytes = malloc(size + 1);

	assert_non_null(bytes);
	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)(i ^ i >> 8 ^ i >> 16);
	return bytes;
}

/* Takes what has come of a reply; its size so far. */
static size_t take_chunks(const uint8_t *bytes, size_t at, uint32_t max_frame, bool *whole)
{
	struct message *m;

	(void)duo_step(&d);
	while ((m = peer_end_take(&d.peer))) {
		const struct frame *f = &m->frame;

		assert_in_range(frame_size(f), FRAME_HEADER, max_frame);
		assert_true(f->type == FRAME_DATA || f->type == FRAME_REPLY);
		assert_memory_equal(f->body, bytes + at, f->body_size);
		at += f->body_size;
		*whole = f->type == FRAME_REPLY;
		assert_int_equal((f->flags & FLAG_EOM) != 0, *whole);
		message_free(m);
	}
	return at;
}

static void a_long_answer_waits_for_credit(void **state)
{
	enum { STREAM = 100000, CONNECTION = 150000, SIZE = 1000000 };
	uint8_t *bytes = pattern(SIZE);
	bool whole = false;
	size_t at;

	(void)state;
	a_worker_with(SIZE, BROOD_MAX_FRAME_LEAST, STREAM, CONNECTION);
	assert_rc(0, brood_reply(call(2), bytes, SIZE));
	at = take_chunks(bytes, 0, BROOD_MAX_FRAME_LEAST, &whole);
	assert_int_equal(at, STREAM);
	peer_end_say(&d.peer, FRAME_WINDOW, 2, SIZE); /* the id has plenty, the connection has not */
	at = take_chunks(bytes, at, BROOD_MAX_FRAME_LEAST, &whole);
	assert_int_equal(at, CONNECTION);
	assert_false(whole);
	while (!whole) {
		size_t before = at;

		peer_end_say(&d.peer, FRAME_WINDOW, 0, 50000);
		at = take_chunks(bytes, at, BROOD_MAX_FRAME_LEAST, &whole);
		assert_true(at > before);
		assert_in_range(at - before, 1, 50000 + BROOD_MAX_FRAME_LEAST);
	}
	assert_int_equal(at, SIZE);
	free(bytes);
}

static void what_is_short_passes_a_long_answer(void **state)
{
	uint8_t *bytes = pattern(1 << 20);
	bool whole = false;
	size_t at;

	(void)state;
	a_worker_with(1 << 20, BROOD_MAX_FRAME, 4096, 4096);
	assert_rc(0, brood_reply(call(2), bytes, 1 << 20));
	at = take_chunks(bytes, 0, BROOD_MAX_FRAME, &whole);
	assert_int_equal(at, 4096);
	peer_end_say(&d.peer, FRAME_PING, 0, 5);
	duo_skip(&d, FRAME_PONG);
	assert_rc(0, brood_reply(call(4), bytes, 100000));
	message_free(expect_reply(4, 0));
	peer_end_say(&d.peer, FRAME_WINDOW, 2, 1 << 20);
	peer_end_say(&d.peer, FRAME_WINDOW, 0, 1 << 20);
	assert_int_equal(take_chunks(bytes, at, BROOD_MAX_FRAME, &whole), 1 << 20);
	assert_true(whole);
	free(bytes);
}

static void credit_beyond_all_bounds_is_a_protocol_error(void **state)
{
	struct message *m;

	(void)state;
	peer_end_say(&d.peer, FRAME_WINDOW, 0, INT32_MAX);
	peer_end_say(&d.peer, FRAME_WINDOW, 8, UINT32_MAX); /* of an id that is closed: no error */
	assert_rc(-EPROTO, duo_step(&d));
	m = duo_expect(&d, FRAME_GOAWAY);
	assert_int_equal(m->frame.arg, REASON_PROTOCOL);
	message_free(m);
}

static void a_small_socket_buffer_only_makes_it_slow(void **state)
{
	int small = 1;
	uint8_t *bytes = pattern(3 << 20);
	bool whole = false;
	size_t at = 0;

	(void)state;
	a_worker_with(8 << 20, BROOD_MAX_FRAME, 8 << 20, 8 << 20);
	assert_return_code(setsockopt(d.b->out, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)), errno);
	assert_rc(0, brood_reply(call(2), bytes, 3 << 20));
	while (!whole)
		at = take_chunks(bytes, at, BROOD_MAX_FRAME, &whole);
	assert_int_equal(at, 3 << 20);
	free(bytes);
}

static void the_body_is_the_programs_again_at_once(void **state)
{
	enum { SIZE = 200 << 10 }; /* of one frame, more than the socket takes */
	int small = 1;
	uint8_t *bytes = pattern(SIZE);
	uint8_t *spoilt = pattern(SIZE);
	struct message *m;

	(void)state;
	a_worker_with(8 << 20, BROOD_MAX_FRAME, 8 << 20, 8 << 20);
	assert_return_code(setsockopt(d.b->out, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)), errno);
	for (uint32_t id = 2; id <= 6; id += 2) {
		assert_rc(0, brood_reply(call(id), spoilt, SIZE));
		memset(spoilt, 0, SIZE);
		m = expect_reply(id, 0);
		assert_int_equal(m->frame.body_size, SIZE);
		assert_memory_equal(m->frame.body, bytes, SIZE);
		message_free(m);
		memcpy(spoilt, bytes, SIZE);
	}
	free(spoilt);
	free(bytes);
}

static void after_the_handle_was_closed_an_answer_has_no_effect(void **state)
{
	brood_request_t *r = call(2);
	brood_request_t *s = call(4);
	size_t size;

	(void)state;
	brood_close(d.b);
	d.b = NULL;
	assert_int_equal(brood_request_is_cancelled(r), 1);
	assert_memory_equal(brood_request_body(r, &size), "request", 7);
	assert_text("m", brood_request_method(r));
	assert_rc(-EPIPE, brood_reply(r, "x", 1));
	assert_rc(-EPIPE, brood_reply_error(s, 3, "x"));
	peer_end_expect_end(&d.peer);
}

static void after_the_connection_was_lost_an_answer_says_so(void **state)
{
	brood_request_t *r = call(2);

	(void)state;
	peer_end_bytes(&d.peer, "nonsense, as it goes", 20);
	assert_rc(-EPROTO, duo_step(&d));
	duo_skip(&d, FRAME_GOAWAY);
	assert_int_equal(brood_request_is_cancelled(r), 1);
	assert_rc(-EPIPE, brood_reply(r, "x", 1));
}

static void several_answers_of_one_step_leave_together(void **state)
{
	(void)state;
	for (uint32_t id = 2; id <= 2 * KEPT_MOST; id += 2)
		peer_end_call(&d.peer, id, NULL, NULL, 0);
	assert_int_equal(duo_step(&d), 0);
	assert_int_equal(kept_count, KEPT_MOST);
	for (size_t i = 0; i < KEPT_MOST; i++)
		assert_rc(0, brood_reply(kept[i], NULL, 0));
	for (uint32_t id = 2; id <= 2 * KEPT_MOST; id += 2)
		message_free(expect_reply(id, 0));
}

enum { QUICK = 50, SLOW_MS = 30 };

/* Quick ones, then one that is slow; when the second behind it begins, what was answered before is there. */
static void answer_at_once(brood_request_t *request, void *user)
{
	unsigned *served = user;
	struct pollfd p = {.fd = d.peer.in, .events = POLLIN};
	int64_t until = now_ms() + SLOW_MS;

	++*served;
	while (*served == QUICK && now_ms() < until)
		;
	if (*served == QUICK + 2)
		assert_int_equal(poll(&p, 1, 0), 1);
	assert_rc(0, brood_reply(request, NULL, 0));
}

static void behind_a_slow_call_no_answer_waits_for_company(void **state)
{
	unsigned served = 0;

	(void)state;
	duo_close(&d);
	duo_worker(&d, answer_at_once, &served, &(struct brood_worker_options){.slots = KEPT_MOST});
	for (uint32_t id = 2; id <= 2 * KEPT_MOST; id += 2)
		peer_end_call(&d.peer, id, NULL, NULL, 0);
	for (uint32_t id = 2; id <= 2 * KEPT_MOST; id += 2)
		message_free(expect_reply(id, 0));
	assert_int_equal(served, KEPT_MOST);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_worker, close_worker)

static const struct CMUnitTest tests[] = {
	TEST(the_body_may_be_the_requests_own),
	TEST(answers_come_in_the_order_they_are_given),
	TEST(an_error_carries_code_and_sentence),
	TEST(an_error_may_have_no_sentence),
	TEST(a_long_sentence_is_cut),
	TEST(an_error_with_the_code_of_success_is_one),
	TEST(a_full_answer_has_it_all),
	TEST(metadata_that_may_not_be_sent_is_refused_and_the_caller_told),
	TEST(exactly_sixteen_KiB_of_head_data_are_allowed),
	TEST(a_body_over_the_limit_of_the_other_side_is_refused),
	TEST(a_long_answer_waits_for_credit),
	TEST(what_is_short_passes_a_long_answer),
	TEST(credit_beyond_all_bounds_is_a_protocol_error),
	TEST(a_small_socket_buffer_only_makes_it_slow),
	TEST(the_body_is_the_programs_again_at_once),
	TEST(after_the_handle_was_closed_an_answer_has_no_effect),
	TEST(after_the_connection_was_lost_an_answer_says_so),
	TEST(several_answers_of_one_step_leave_together),
	TEST(behind_a_slow_call_no_answer_waits_for_company),
};

CHECK_MAIN(tests)
