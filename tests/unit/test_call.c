/* call: what goes out with a call, and what comes back as its answer. */
#include "duo.h"

#include <errno.h>
#include <stdlib.h>

static struct duo d;

/* What the handler got last, its bytes copied. */
static struct {
	unsigned count;
	uint32_t id;
	struct brood_answer answer; /* without pointers, but for text */
	char text[600];
	uint8_t body[64];
} got;

static void take(uint32_t id, const struct brood_answer *answer, void *user)
{
	assert_ptr_equal(user, &got);
	got.count++;
	got.id = id;
	got.answer = *answer;
	snprintf(got.text, sizeof(got.text), "%s", answer->text);
	if (answer->body_size > 0 && answer->body_size <= sizeof(got.body))
		memcpy(got.body, answer->body, answer->body_size);
}

static int open_client(void **state)
{
	(void)state;
	memset(&got, 0, sizeof(got));
	duo_client(&d, &(struct brood_client_options){.max_message = 1 << 20});
	return 0;
}

static int close_client(void **state)
{
	(void)state;
	duo_close(&d);
	return 0;
}

static uint32_t start(const char *method, const void *body, size_t size,
		      const struct brood_call_options *o)
{
	uint32_t id = 0;

	assert_rc(0, brood_call_start(d.b, method, body, size, o, take, &got, &id));
	assert_int_not_equal(id, 0);
	return id;
}

/* A plain call, of which the peer has heard. */
static uint32_t start_plain(void)
{
	uint32_t id = start("m", NULL, 0, NULL);

	duo_skip(&d, FRAME_CALL);
	return id;
}

static void expect_answer(uint32_t id, unsigned code, unsigned reason)
{
	unsigned before = got.count;

	(void)duo_step(&d);
	assert_int_equal(got.count, before + 1);
	assert_int_equal(got.id, id);
	assert_int_equal(got.answer.code, code);
	assert_int_equal(got.answer.reason, reason);
}

static void a_call_without_anything_is_an_empty_frame(void **state)
{
	struct message *m;

	(void)state;
	for (uint32_t expected = 1; expected <= 7; expected += 2) {
		assert_int_equal(start(expected & 2 ? NULL : "", NULL, 0, NULL), expected);
		m = duo_expect(&d, FRAME_CALL);
		assert_int_equal(m->frame.id, expected);
		assert_int_equal(m->frame.flags, FLAG_EOM | FLAG_EOS);
		assert_int_equal(m->frame.head_size, 0);
		assert_int_equal(m->frame.body_size, 0);
		assert_int_equal(m->frame.words, 0);
		assert_int_equal(m->frame.arg, 0);
		message_free(m);
	}
	assert_int_equal(brood_calls_open(d.b), 4);
	for (uint32_t id = 1; id <= 7; id += 2) {
		peer_end_reply(&d.peer, id, 0, NULL, 0);
		expect_answer(id, BROOD_OK, 0);
	}
	assert_int_equal(brood_calls_open(d.b), 0);
}

static void all_that_is_asked_for_goes_out(void **state)
{
	const struct brood_meta meta[] = {
		brood_meta_text("a", "1"), {"bin", 3, "\0\377", 2}, brood_meta_text("a", "2")};
	const struct brood_call_options o = {.timeout = 12345,
					     .method_number = 0xabcdef01,
					     .idempotent = 1,
					     .order = 0x1122334455667788u,
					     .key = 0x8877665544332211u,
					     .meta = meta,
					     .meta_count = 3};
	struct head_reader reader;
	struct head_entry e;
	struct message *m;

	(void)state;
	(void)start("thumb", "body", 4, &o);
	m = duo_expect(&d, FRAME_CALL);
	assert_int_equal(m->frame.flags, FLAG_EOM | FLAG_EOS | FLAG_IDEMPOTENT);
	assert_int_equal(m->frame.arg, 0xabcdef01);
	assert_int_equal(m->frame.words, 1u << WORD_DEADLINE | 1u << WORD_ORDER | 1u << WORD_DELIVERY);
	assert_true(m->frame.key == 0x8877665544332211u);
	assert_in_range(m->frame.deadline_ms, 12000, 12345);
	assert_true(m->frame.order == 0x1122334455667788u);
	assert_memory_equal(m->frame.body, "body", 4);
	assert_true(peer_end_has_text(m, ":method", "thumb"));
	reader = (struct head_reader){m->frame.head, m->frame.head_size};
	assert_true(head_next(&reader, &e));
	for (size_t i = 0; i < 3; i++) {
		assert_true(head_next(&reader, &e));
		assert_int_equal(e.key_size, meta[i].key_size);
		assert_memory_equal(e.key, meta[i].key, e.key_size);
		assert_int_equal(e.value_size, meta[i].value_size);
		assert_memory_equal(e.value, meta[i].value, e.value_size);
	}
	assert_false(head_next(&reader, &e));
	message_free(m);
	peer_end_reply(&d.peer, 1, 0, NULL, 0);
	expect_answer(1, BROOD_OK, 0);
}

static void no_timeout_of_ones_own_leaves_it_to_the_pool(void **state)
{
	static const int timeouts[] = {0, -1};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		uint32_t id = start("m", NULL, 0, &(struct brood_call_options){.timeout = timeouts[i]});
		struct message *m = duo_expect(&d, FRAME_CALL);

		assert_int_equal(m->frame.words, 0);
		message_free(m);
		peer_end_reply(&d.peer, id, 0, NULL, 0);
		expect_answer(id, BROOD_OK, 0);
	}
}

/* A reply that holds all that one can. */
static void send_full_reply(uint32_t id, uint32_t status, uint8_t flags)
{
	uint8_t block[300];
	struct head_writer w = {.block = block, .capacity = sizeof(block)};

	assert_true(head_add_text(&w, "a", "1"));
	assert_true(head_add_text(&w, ":error", "one sentence"));
	assert_true(head_add(&w, "bin\0", 4, "\0\377", 2));
	assert_true(head_add_text(&w, "a", "2"));
	assert_true(head_add_text(&w, ":other", "hidden"));
	assert_true(head_add_text(&w, "empty", ""));
	peer_end_frame(&d.peer, &(struct frame){.type = FRAME_REPLY,
						.flags = (uint8_t)(FLAG_EOM | FLAG_EOS | flags),
						.id = id,
						.arg = status,
						.head = block,
						.head_size = (uint32_t)w.size,
						.body = (const uint8_t *)"the body",
						.body_size = 8});
}

static void assert_full_meta(const struct brood_answer *a)
{
	size_t size = 77;

	assert_int_equal(a->meta_count, 4);
	assert_int_equal(a->meta[0].key_size, 1);
	assert_memory_equal(a->meta[0].value, "1", 1);
	assert_int_equal(a->meta[1].key_size, 4);
	assert_memory_equal(a->meta[1].key, "bin\0", 4);
	assert_memory_equal(a->meta[1].value, "\0\377", 2);
	assert_memory_equal(a->meta[2].value, "2", 1);
	assert_int_equal(a->meta[3].value_size, 0);
	assert_memory_equal(brood_answer_find(a, "a", &size), "1", 1);
	assert_int_equal(size, 1);
	assert_non_null(brood_answer_find(a, "empty", &size));
	assert_int_equal(size, 0);
	assert_null(brood_answer_find(a, "bin", &size));
	assert_null(brood_answer_find(a, ":error", &size));
	assert_null(brood_answer_find(a, "", &size));
}

static void an_answer_has_all_that_came(void **state)
{
	struct brood_answer a;

	(void)state;
	send_full_reply(1, 0, 0);
	assert_rc(0, brood_call(d.b, "m", "x", 1, NULL, &a));
	assert_int_equal(a.code, BROOD_OK);
	assert_int_equal(a.reason, 0);
	assert_int_equal(a.not_processed, 0);
	assert_text("", a.text); /* of a success there is nothing to say */
	assert_int_equal(a.body_size, 8);
	assert_memory_equal(a.body, "the body", 8);
	assert_full_meta(&a);
	brood_answer_free(&a);
	assert_int_equal(a.body_size, 0);
	assert_int_equal(a.meta_count, 0);
	assert_text("", a.text);
	brood_answer_free(&a);
	duo_skip(&d, FRAME_CALL);
}

static void an_error_has_its_sentence_and_all_the_rest(void **state)
{
	struct brood_answer a;

	(void)state;
	send_full_reply(1, BROOD_ABORTED, FLAG_NOT_PROCESSED);
	assert_rc(0, brood_call(d.b, "m", NULL, 0, NULL, &a));
	assert_int_equal(a.code, BROOD_ABORTED);
	assert_int_equal(a.reason, BROOD_REASON_NONE);
	assert_int_equal(a.not_processed, 1);
	assert_text("one sentence", a.text);
	assert_memory_equal(a.body, "the body", 8);
	assert_full_meta(&a);
	brood_answer_free(&a);
	duo_skip(&d, FRAME_CALL);
}

static void every_code_and_reason_is_passed_on(void **state)
{
	(void)state;
	for (uint32_t code = 0; code <= 16; code++) {
		uint32_t id = start_plain();

		peer_end_reply(&d.peer, id, code, NULL, 0);
		expect_answer(id, code, 0);
		/* there is always one sentence */
		assert_text(code ? brood_code_name(code) : "", got.text);
	}
	for (uint32_t reason = 1; reason < REASONS; reason++) {
		uint32_t id = start_plain();
		uint32_t status = frame_status_of((enum frame_reason)reason);

		peer_end_reply(&d.peer, id, status, NULL, 0);
		expect_answer(id, frame_status_code(status), reason);
		assert_text(frame_reason_text(reason), got.text);
	}
}

static void a_status_that_is_none_becomes_unknown(void **state)
{
	uint32_t id = start_plain();

	(void)state;
	peer_end_reply(&d.peer, id, 17, NULL, 0);
	expect_answer(id, BROOD_UNKNOWN, 0);
	assert_text("UNKNOWN", got.text);
	id = start_plain();
	peer_end_reply(&d.peer, id, UINT32_MAX, NULL, 0);
	expect_answer(id, BROOD_UNKNOWN, 0xffff); /* of a later version, perhaps */
	assert_text("unknown reason", got.text);
	assert_text("?", brood_reason_name(0xffff));
}

static void names_of_codes_and_reasons_are_known(void **state)
{
	(void)state;
	assert_text("OK", brood_code_name(BROOD_OK));
	assert_text("UNAUTHENTICATED", brood_code_name(BROOD_UNAUTHENTICATED));
	assert_text("?", brood_code_name(17));
	assert_text("NONE", brood_reason_name(0));
	assert_text("WORKER_CRASHED", brood_reason_name(BROOD_REASON_WORKER_CRASHED));
	assert_text("?", brood_reason_name(20));
	assert_text(BROOD_VERSION, brood_version());
}

static uint8_t *pattern(size_t size)
{
	uint8_t *bytes = malloc(size + 1);

	assert_non_null(bytes);
	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)(i ^ i >> 8 ^ i >> 16);
	return bytes;
}

static void a_request_of_any_size_arrives(void **state)
{
	static const size_t sizes[] = {0, 1, 4095, 4096, 250000, 300000, 1 << 20};
	uint8_t *bytes = pattern(1 << 20);

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		uint32_t id = start("m", bytes, sizes[i], NULL);
		bool whole = false;
		size_t at = 0;

		while (!whole) {
			struct message *m = duo_expect(&d, at == 0 ? FRAME_CALL : FRAME_DATA);

			assert_int_equal(m->frame.id, id);
			assert_int_equal(peer_end_has_text(m, ":method", "m"), at == 0);
			assert_memory_equal(m->frame.body, bytes + at, m->frame.body_size);
			at += m->frame.body_size;
			whole = m->frame.flags & FLAG_EOM;
			message_free(m);
		}
		assert_int_equal(at, sizes[i]);
		peer_end_say(&d.peer, FRAME_WINDOW, 0, (uint32_t)sizes[i]);
		peer_end_reply(&d.peer, id, 0, NULL, 0);
		expect_answer(id, BROOD_OK, 0);
	}
	free(bytes);
}

static size_t sent_so_far(void)
{
	size_t sent = 0;
	struct message *m;

	(void)duo_step(&d);
	while ((m = peer_end_take(&d.peer))) {
		sent += m->frame.body_size;
		message_free(m);
	}
	return sent;
}

static void a_long_request_waits_for_credit(void **state)
{
	uint8_t *bytes = pattern(5 << 20);
	uint32_t id = start("m", bytes, 5 << 20, NULL);

	(void)state;
	assert_int_equal(sent_so_far(), BROOD_STREAM_WINDOW);
	peer_end_say(&d.peer, FRAME_WINDOW, id, 1 << 20);
	assert_int_equal(sent_so_far(), 1 << 20);
	peer_end_say(&d.peer, FRAME_WINDOW, id, 8 << 20);
	assert_int_equal(sent_so_far(), BROOD_CONN_WINDOW - (2 << 20));
	peer_end_say(&d.peer, FRAME_WINDOW, 0, 8 << 20);
	assert_int_equal(sent_so_far(), (5 << 20) - BROOD_CONN_WINDOW);
	peer_end_reply(&d.peer, id, 0, NULL, 0);
	expect_answer(id, BROOD_OK, 0);
	free(bytes);
}

/* Sends a chunk of an answer, and takes the credit for it. */
static void send_chunk(uint32_t id, const uint8_t *bytes, size_t size)
{
	peer_end_frame(&d.peer, &(struct frame){.type = FRAME_DATA,
						.id = id,
						.body = bytes,
						.body_size = (uint32_t)size});
	for (int i = 0; i < 2; i++) {
		struct message *m = duo_expect(&d, FRAME_WINDOW);

		assert_int_equal(m->frame.id, i == 0 ? 0 : id);
		assert_int_equal(m->frame.arg, size < 64 ? 64 : size);
		message_free(m);
	}
}

static void an_answer_in_chunks_is_put_together(void **state)
{
	uint8_t *bytes = pattern(60000);
	uint32_t id = start_plain();
	uint32_t other = start_plain();

	(void)state;
	send_chunk(id, bytes, 3);
	send_chunk(other, bytes, 20000);
	send_chunk(id, bytes + 3, 5);
	send_chunk(other, bytes + 20000, 20000);
	send_full_reply(id, BROOD_ABORTED, 0);
	expect_answer(id, BROOD_ABORTED, 0);
	assert_int_equal(got.answer.body_size, 16);
	assert_memory_equal(got.body, bytes, 8);
	assert_memory_equal(got.body + 8, "the body", 8);
	assert_text("one sentence", got.text);
	peer_end_reply(&d.peer, other, 0, bytes + 40000, 20000);
	expect_answer(other, BROOD_OK, 0);
	assert_int_equal(got.answer.body_size, 60000);
	free(bytes);
}

static void an_error_in_the_middle_of_an_answer_drops_what_came(void **state)
{
	uint32_t id = start_plain();

	(void)state;
	send_chunk(id, (const uint8_t *)"half", 4);
	peer_end_frame(&d.peer, &(struct frame){.type = FRAME_REPLY,
						.flags = FLAG_EOS,
						.id = id,
						.arg = frame_status_of(REASON_WORKER_CRASHED)});
	expect_answer(id, BROOD_UNAVAILABLE, BROOD_REASON_WORKER_CRASHED);
	assert_int_equal(got.answer.body_size, 0);
}

static void an_answer_may_come_byte_by_byte(void **state)
{
	(void)state;
	for (size_t piece = 1; piece < 50; piece++) {
		uint32_t id = start_plain();

		d.peer.piece = piece;
		send_full_reply(id, BROOD_ABORTED, 0);
		d.peer.piece = 0;
		expect_answer(id, BROOD_ABORTED, 0);
		assert_memory_equal(got.body, "the body", 8);
	}
}

static void assert_too_large(uint32_t id)
{
	struct message *m;

	expect_answer(id, BROOD_RESOURCE_EXHAUSTED, BROOD_REASON_TOO_LARGE);
	assert_text("the reply is larger than this client's max_message 1048576", got.text);
	m = duo_expect(&d, FRAME_CANCEL);
	assert_int_equal(m->frame.id, id);
	assert_int_equal(m->frame.arg, frame_status_of(REASON_TOO_LARGE));
	message_free(m);
	/* its slot comes back with the answer, as of every call */
	assert_int_equal(brood_calls_open(d.b), 0);
	assert_int_equal(brood_calls_allowed(d.b), BROOD_CLIENT_SLOTS - 1);
	peer_end_reply(&d.peer, id, frame_status_of(REASON_CANCELLED), NULL, 0);
	while (duo_step(&d) == 0 && d.peer.first)
		duo_skip(&d, FRAME_WINDOW);
	assert_int_equal(brood_calls_allowed(d.b), BROOD_CLIENT_SLOTS);
	assert_int_equal(got.id, id);
}

static void an_answer_over_our_own_limit_is_refused(void **state)
{
	uint8_t *bytes = pattern(200000);
	uint32_t id = start_plain();

	(void)state;
	peer_end_frame(&d.peer, &(struct frame){.type = FRAME_DATA,
						.id = id,
						.words = 1u << WORD_LENGTH,
						.length = (1 << 20) + 1});
	assert_too_large(id);
	id = start_plain();
	for (int i = 0; i < 5; i++)
		send_chunk(id, bytes, 200000);
	peer_end_frame(&d.peer, &(struct frame){.type = FRAME_DATA,
						.id = id,
						.body = bytes,
						.body_size = (1 << 20) - 1000000 + 1});
	assert_too_large(id);
	free(bytes);
}

static void an_answer_in_one_frame_over_our_own_limit_is_refused(void **state)
{
	struct message *m;
	uint8_t body[1001] = {0};
	uint32_t id;

	(void)state;
	duo_close(&d);
	duo_client(&d, &(struct brood_client_options){.max_message = 1000});
	id = start_plain();
	peer_end_reply(&d.peer, id, 0, body, 1000);
	expect_answer(id, BROOD_OK, 0);
	id = start_plain();
	peer_end_reply(&d.peer, id, 0, body, 1001);
	expect_answer(id, BROOD_RESOURCE_EXHAUSTED, BROOD_REASON_TOO_LARGE);
	assert_int_equal(brood_calls_allowed(d.b), BROOD_CLIENT_SLOTS); /* it was the answer */
	(void)duo_step(&d);
	m = peer_end_take(&d.peer);
	assert_true(!m || m->frame.type == FRAME_CANCEL);
	message_free(m);
}

static void assert_refused(int rc, const char *text, size_t size, const struct brood_call_options *o)
{
	struct brood_answer a;
	uint32_t id = 4711;
	static const uint8_t body[2000];

	assert_rc(rc, brood_call_start(d.b, "m", body, size, o, take, &got, &id));
	assert_non_null(strstr(brood_error(), text));
	assert_rc(rc, brood_call(d.b, "m", body, size, o, &a));
	assert_int_not_equal(a.code, BROOD_OK);
	assert_int_equal(a.not_processed, 1);
	assert_non_null(strstr(a.text, text));
	brood_answer_free(&a);
	assert_int_equal(got.count, 0);
	assert_int_equal(brood_calls_open(d.b), 0);
	duo_expect_silence(&d);
}

static void what_may_not_be_sent_is_refused_at_once(void **state)
{
	static char value[UINT16_MAX + 1];
	const struct {
		struct brood_meta meta;
		const char *text;
	} bad[] = {{brood_meta_text(":method", "x"), "the key ':method' of its metadata begins with ':'"},
		   {brood_meta_text("", "x"), "entry 0 of its metadata has an empty key"},
		   {{value, UINT16_MAX + 1, "", 0}, " bytes of metadata, at most 16384 are allowed"},
		   {{"k", 1, value, UINT16_MAX + 1}, " bytes of metadata, at most 16384 are allowed"},
		   {{"k", 1, value, BROOD_MAX_HEAD}, " bytes of metadata, at most 16384 are allowed"},
		   {{"k", SIZE_MAX - 8, value, 8}, " bytes of metadata, at most 16384 are allowed"}};
	struct hello offer = peer_end_offer();
	char method[BROOD_MAX_HEAD + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_refused(-EINVAL, bad[i].text, 0,
			       &(struct brood_call_options){.meta = &bad[i].meta, .meta_count = 1});
	memset(method, 'm', BROOD_MAX_HEAD);
	method[BROOD_MAX_HEAD] = '\0';
	assert_rc(-EINVAL, brood_call_start(d.b, method, NULL, 0, NULL, take, &got, NULL));
	assert_non_null(strstr(brood_error(), ": its name has 16384 bytes, with all metadata at most 16384"));
	duo_close(&d);
	offer.max_message = 1000;
	duo_client_with(&d, NULL, &offer);
	assert_refused(-EMSGSIZE, "request 1001 > max_message 1000", 1001, NULL);
	assert_rc(-EINVAL, brood_call_start(d.b, "m", NULL, 0, NULL, NULL, NULL, NULL));
}

static void exactly_sixteen_KiB_of_head_data_are_allowed(void **state)
{
	static char value[BROOD_MAX_HEAD];
	struct brood_meta meta = {"key", 3, value, 0};
	const struct brood_call_options o = {.meta = &meta, .meta_count = 1};
	struct message *m;

	(void)state;
	for (int named = 0; named < 2; named++) {
		uint32_t id;
		size_t share = named ? 4 + 7 + 4 : 0; /* of :method */

		meta.value_size = BROOD_MAX_HEAD - (4 + 3) - share;
		id = start(named ? "four" : NULL, NULL, 0, &o);
		m = duo_expect(&d, FRAME_CALL);
		assert_int_equal(m->frame.head_size, BROOD_MAX_HEAD);
		message_free(m);
		meta.value_size++;
		assert_rc(-EINVAL, brood_call_start(d.b, named ? "four" : NULL, NULL, 0, &o, take, &got, NULL));
		peer_end_reply(&d.peer, id, 0, NULL, 0);
		expect_answer(id, BROOD_OK, 0);
	}
}

static void frames_that_mean_nothing_to_a_client_are_skipped(void **state)
{
	static const uint8_t zero[] = {FRAME_STATUS, FRAME_STORE, FRAME_FETCH, FRAME_AUTH, FRAME_STARTED};
	static const uint8_t calls[] = {FRAME_HEADERS, FRAME_CALL, FRAME_CANCEL, FRAME_CONN, FRAME_CONN_END};
	uint32_t id = start_plain();

	(void)state;
	for (size_t i = 0; i < sizeof(zero); i++)
		peer_end_say(&d.peer, zero[i], 0, 1);
	for (size_t i = 0; i < sizeof(calls); i++)
		peer_end_say(&d.peer, calls[i], id, 1);
	duo_expect_silence(&d);
	assert_int_equal(got.count, 0);
	peer_end_reply(&d.peer, id, 0, NULL, 0);
	expect_answer(id, BROOD_OK, 0);
}

static void a_reply_that_contradicts_itself_ends_the_connection(void **state)
{
	static const struct frame frames[] = {
		{.type = FRAME_DATA, .id = 1, .flags = FLAG_EOS, .body = (const uint8_t *)"x", .body_size = 1},
		{.type = FRAME_REPLY, .id = 1, .flags = FLAG_EOS, .body = (const uint8_t *)"x", .body_size = 1},
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		if (i > 0)
			open_client(NULL);
		(void)start_plain();
		peer_end_frame(&d.peer, &frames[i]);
		assert_rc(-EPROTO, duo_step(&d));
		assert_int_equal(got.count, 1);
		assert_int_equal(got.answer.reason, BROOD_REASON_CONNECTION_LOST);
		duo_skip(&d, FRAME_GOAWAY);
		if (i == 0)
			duo_close(&d);
	}
}

static void worker_functions_refuse_a_client(void **state)
{
	(void)state;
	assert_rc(-EINVAL, brood_slots(d.b, 1));
	assert_rc(-EINVAL, brood_status(d.b, "x"));
	duo_expect_silence(&d);
}

static void an_all_zero_answer_may_be_freed_and_searched(void **state)
{
	struct brood_answer a = {0};
	size_t size;

	(void)state;
	assert_null(brood_answer_find(&a, "a", &size));
	brood_answer_free(&a);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_client, close_client)

static const struct CMUnitTest tests[] = {
	TEST(a_call_without_anything_is_an_empty_frame),
	TEST(all_that_is_asked_for_goes_out),
	TEST(no_timeout_of_ones_own_leaves_it_to_the_pool),
	TEST(an_answer_has_all_that_came),
	TEST(an_error_has_its_sentence_and_all_the_rest),
	TEST(every_code_and_reason_is_passed_on),
	TEST(a_status_that_is_none_becomes_unknown),
	TEST(names_of_codes_and_reasons_are_known),
	TEST(a_request_of_any_size_arrives),
	TEST(a_long_request_waits_for_credit),
	TEST(an_answer_in_chunks_is_put_together),
	TEST(an_error_in_the_middle_of_an_answer_drops_what_came),
	TEST(an_answer_may_come_byte_by_byte),
	TEST(an_answer_over_our_own_limit_is_refused),
	TEST(an_answer_in_one_frame_over_our_own_limit_is_refused),
	TEST(what_may_not_be_sent_is_refused_at_once),
	TEST(exactly_sixteen_KiB_of_head_data_are_allowed),
	TEST(frames_that_mean_nothing_to_a_client_are_skipped),
	TEST(a_reply_that_contradicts_itself_ends_the_connection),
	TEST(worker_functions_refuse_a_client),
	TEST(an_all_zero_answer_may_be_freed_and_searched),
};

CHECK_MAIN(tests)
