/* worker_call: what a handler gets to see of a call, however it came. */
#include "duo.h"

#include <errno.h>

static struct duo d;

/* What the last handler saw; the request is kept. */
static struct {
	unsigned count;
	brood_request_t *request;
} seen;

static void keep(brood_request_t *request, void *user)
{
	assert_ptr_equal(user, &seen);
	seen.count++;
	seen.request = request;
}

static int open_worker(void **state)
{
	(void)state;
	memset(&seen, 0, sizeof(seen));
	duo_worker(&d, keep, &seen, &(struct brood_worker_options){.slots = 126, .max_message = 8 << 20});
	return 0;
}

static int close_worker(void **state)
{
	(void)state;
	duo_close(&d);
	return 0;
}

static void answer(void)
{
	struct message *m;

	assert_rc(0, brood_reply(seen.request, NULL, 0));
	m = duo_expect(&d, FRAME_REPLY);
	assert_int_equal(m->frame.arg, 0);
	message_free(m);
}

static void a_call_without_anything_has_empty_values(void **state)
{
	struct brood_peer peer;
	struct brood_meta meta;
	size_t size = 99;

	(void)state;
	peer_end_call(&d.peer, 2, NULL, NULL, 0);
	assert_int_equal(duo_step(&d), 0);
	assert_int_equal(seen.count, 1);
	assert_text("", brood_request_method(seen.request));
	assert_int_equal(brood_request_method_number(seen.request), 0);
	(void)brood_request_body(seen.request, &size);
	assert_int_equal(size, 0);
	assert_null(brood_request_find(seen.request, "a", &size));
	assert_int_equal(brood_request_meta(seen.request, 0, &meta), -ENOENT);
	assert_int_equal(brood_request_time_left(seen.request), -1);
	assert_int_equal(brood_request_attempt(seen.request), 1);
	assert_int_equal(brood_request_is_cancelled(seen.request), 0);
	assert_ptr_equal(brood_request_worker(seen.request), d.b);
	brood_request_peer(seen.request, &peer);
	assert_int_equal(peer.uid, UINT32_MAX);
	assert_int_equal(peer.gid, UINT32_MAX);
	assert_int_equal(peer.pid, 0);
	assert_int_equal(peer.connection, 0);
	answer();
}

/* One frame with all that a call can carry. */
static struct frame full_call(struct head_writer *w)
{
	assert_true(head_add_text(w, ":method", "thumb"));
	assert_true(head_add_text(w, "colour", "red"));
	assert_true(head_add(w, "bin", 3, "\0\1\377", 3));
	assert_true(head_add_text(w, ":pool", "hidden"));
	assert_true(head_add_text(w, "colour", "green"));
	assert_true(head_add_text(w, "empty", ""));
	return (struct frame){
		.type = FRAME_CALL,
		.flags = FLAG_EOM | FLAG_EOS | FLAG_IDEMPOTENT,
		.id = 0xfffffffe,
		.arg = 0x89abcdef,
		.words = 1u << WORD_DEADLINE | 1u << WORD_PEER | 1u << WORD_DELIVERY,
		.deadline_ms = 100000,
		.attempt = 3,
		.key = 0x8877665544332211u,
		.peer = {1000, 1001, 4321, 0x123456789abcdefu},
		.head = w->block,
		.head_size = (uint32_t)w->size,
		.body = (const uint8_t *)"body",
		.body_size = 4,
	};
}

static void assert_meta(size_t index, const char *key, const void *value, size_t size)
{
	struct brood_meta meta;

	assert_int_equal(brood_request_meta(seen.request, index, &meta), 0);
	assert_int_equal(meta.key_size, strlen(key));
	assert_memory_equal(meta.key, key, meta.key_size);
	assert_int_equal(meta.value_size, size);
	if (size > 0)
		assert_memory_equal(meta.value, value, size);
}

static void assert_full_call(void)
{
	struct brood_peer peer;
	struct brood_meta meta;
	size_t size;

	assert_text("thumb", brood_request_method(seen.request));
	assert_int_equal(brood_request_method_number(seen.request), 0x89abcdef);
	assert_memory_equal(brood_request_body(seen.request, &size), "body", 4);
	assert_int_equal(size, 4);
	assert_meta(0, "colour", "red", 3);
	assert_meta(1, "bin", "\0\1\377", 3);
	assert_meta(2, "colour", "green", 5);
	assert_meta(3, "empty", "", 0);
	assert_int_equal(brood_request_meta(seen.request, 4, &meta), -ENOENT);
	assert_int_equal(brood_request_meta(seen.request, SIZE_MAX, &meta), -ENOENT);
	assert_memory_equal(brood_request_find(seen.request, "colour", &size), "red", 3);
	assert_int_equal(size, 3);
	assert_non_null(brood_request_find(seen.request, "empty", &size));
	assert_int_equal(size, 0);
	assert_in_range(brood_request_time_left(seen.request), 50000, 100000);
	assert_int_equal(brood_request_attempt(seen.request), 3);
	assert_true(brood_request_key(seen.request) == 0x8877665544332211u);
	brood_request_peer(seen.request, &peer);
	assert_int_equal(peer.uid, 1000);
	assert_int_equal(peer.gid, 1001);
	assert_int_equal(peer.pid, 4321);
	assert_true(peer.connection == 0x123456789abcdefu);
}

static void everything_that_a_call_carries_is_seen(void **state)
{
	uint8_t block[300];
	struct head_writer w = {.block = block, .capacity = sizeof(block)};
	struct frame f = full_call(&w);

	(void)state;
	peer_end_frame(&d.peer, &f);
	assert_int_equal(duo_step(&d), 0);
	assert_full_call();
	answer();
}

static void step_between(void *user)
{
	assert_int_equal(brood_process(user), 0);
}

static void a_call_may_come_byte_by_byte(void **state)
{
	uint8_t block[300];
	struct head_writer w = {.block = block, .capacity = sizeof(block)};
	struct frame f = full_call(&w);

	(void)state;
	d.peer.between = step_between;
	d.peer.user = d.b;
	for (size_t piece = 1; piece < 40; piece++) {
		seen.count = 0;
		d.peer.piece = piece;
		peer_end_frame(&d.peer, &f);
		assert_int_equal(seen.count, 1);
		assert_full_call();
		answer();
	}
}

static void the_brood_keys_are_not_found_by_a_worker(void **state)
{
	uint8_t block[300];
	struct head_writer w = {.block = block, .capacity = sizeof(block)};
	struct frame f = full_call(&w);
	size_t size;

	(void)state;
	peer_end_frame(&d.peer, &f);
	assert_int_equal(duo_step(&d), 0);
	assert_null(brood_request_find(seen.request, ":pool", &size));
	answer();
}

static void an_attempt_of_zero_is_the_first(void **state)
{
	(void)state;
	peer_end_frame(&d.peer, &(struct frame){.type = FRAME_CALL,
						.flags = FLAG_EOM | FLAG_EOS,
						.id = 2,
						.words = 1u << WORD_DELIVERY});
	assert_int_equal(duo_step(&d), 0);
	assert_int_equal(brood_request_attempt(seen.request), 1);
	answer();
}

static void a_deadline_of_zero_has_passed(void **state)
{
	struct frame f = {.type = FRAME_CALL,
			  .flags = FLAG_EOM | FLAG_EOS,
			  .id = 2,
			  .words = 1u << WORD_DEADLINE};

	(void)state;
	peer_end_frame(&d.peer, &f);
	assert_int_equal(duo_step(&d), 0);
	assert_int_equal(brood_request_time_left(seen.request), 0);
	assert_int_equal(brood_request_is_cancelled(seen.request), 1);
	answer();
	f.deadline_ms = UINT32_MAX;
	peer_end_frame(&d.peer, &f);
	assert_int_equal(duo_step(&d), 0);
	assert_int_equal(brood_request_time_left(seen.request), INT32_MAX);
	assert_int_equal(brood_request_is_cancelled(seen.request), 0);
	answer();
}

/* Bytes that tell where they belong. */
static uint8_t *pattern(size_t size)
{
	uint8_t *bytes = malloc(size + 1);

	assert_non_null(bytes);
	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)(i ^ i >> 8 ^ i >> 16);
	return bytes;
}

static void assert_body(const uint8_t *bytes, size_t size)
{
	size_t came;
	const void *body = brood_request_body(seen.request, &came);

	assert_int_equal(came, size);
	if (size > 0)
		assert_memory_equal(body, bytes, size);
}

static void bodies_of_all_sizes_in_one_frame_are_whole(void **state)
{
	static const size_t sizes[] = {0, 1, 7, 8, 4095, 4096, 65536, BROOD_MAX_FRAME - FRAME_HEADER};
	uint8_t *bytes = pattern(BROOD_MAX_FRAME);

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		d.peer.piece = 60000; /* a socket takes no more at once */
		d.peer.between = step_between;
		d.peer.user = d.b;
		peer_end_call(&d.peer, 2, NULL, bytes, sizes[i]);
		assert_body(bytes, sizes[i]);
		answer();
	}
	free(bytes);
}

/* Sends a chunk and takes the credit that comes back for it. */
static void send_chunk(const struct frame *f)
{
	bool is_free = f->type == FRAME_CALL && f->flags & FLAG_EOM;
	size_t cost = is_free ? 0 : f->body_size < 64 ? 64 : f->body_size;
	size_t connection = 0;
	size_t stream = 0;

	peer_end_frame(&d.peer, f);
	(void)duo_step(&d);
	while (connection < cost || (!(f->flags & FLAG_EOM) && stream < cost)) {
		struct message *m = duo_expect(&d, FRAME_WINDOW);

		if (m->frame.id == 0) {
			connection += m->frame.arg;
		} else {
			assert_int_equal(m->frame.id, f->id);
			stream += m->frame.arg;
		}
		message_free(m);
	}
	assert_int_equal(connection, cost);
	assert_int_equal(stream, f->flags & FLAG_EOM ? 0 : cost);
}

/* A call of this size in chunks. */
static void call_in_chunks(uint32_t id, const uint8_t *bytes, size_t size, size_t chunk, bool announced)
{
	size_t at = 0;

	do {
		size_t n = size - at < chunk ? size - at : chunk;
		struct frame f = {.type = at == 0 ? FRAME_CALL : FRAME_DATA,
				  .id = id,
				  .flags = at + n == size ? FLAG_EOM | FLAG_EOS : 0,
				  .body = bytes + at,
				  .body_size = (uint32_t)n};

		if (at == 0 && announced) {
			f.words = 1u << WORD_LENGTH;
			f.length = size;
		}
		assert_int_equal(seen.count, 0);
		send_chunk(&f);
		at += n;
	} while (at < size);
	assert_int_equal(seen.count, 1);
	assert_body(bytes, size);
	answer();
	seen.count = 0;
}

static void a_message_in_chunks_is_put_together_and_its_credit_returned(void **state)
{
	static const size_t chunks[] = {100, 4096, 50000};
	uint8_t *bytes = pattern(8 << 20);

	(void)state;
	d.peer.between = step_between;
	d.peer.user = d.b;
	d.peer.piece = 60000;
	for (size_t i = 0; i < 3; i++) {
		call_in_chunks(2, bytes, 150 * chunks[i], chunks[i], true);
		call_in_chunks(4, bytes, 150 * chunks[i] - 1, chunks[i], false);
		call_in_chunks(6, bytes, chunks[i] + 1, chunks[i], true);
	}
	call_in_chunks(8, bytes, 8 << 20, 128 << 10, true);
	free(bytes);
}

static void calls_in_chunks_may_be_interleaved(void **state)
{
	uint8_t *bytes = pattern(3 * 40000);

	(void)state;
	for (uint32_t i = 0; i < 3; i++) {
		for (uint32_t id = 2; id <= 20; id += 2)
			send_chunk(&(struct frame){.type = i == 0 ? FRAME_CALL : FRAME_DATA,
						   .id = id,
						   .body = bytes + i * 1000 + id,
						   .body_size = 1000});
	}
	assert_int_equal(seen.count, 0);
	for (uint32_t id = 20; id >= 2; id -= 2) {
		send_chunk(&(struct frame){
			.type = FRAME_DATA, .id = id, .flags = FLAG_EOM | FLAG_EOS});
		assert_int_equal(seen.count, 1);
		assert_body(bytes + id, 3000);
		answer();
		seen.count = 0;
	}
	free(bytes);
}

static void assert_refused(uint32_t id, enum frame_reason reason)
{
	struct message *m = duo_expect(&d, FRAME_REPLY);

	assert_int_equal(m->frame.id, id);
	assert_int_equal(m->frame.arg, frame_status_of(reason));
	assert_true(m->frame.flags & FLAG_EOS);
	message_free(m);
	assert_int_equal(seen.count, 0);
}

static void a_message_over_the_limit_is_refused_by_its_announced_length(void **state)
{
	struct message *m;
	struct frame f = {.type = FRAME_CALL,
			  .id = 2,
			  .words = 1u << WORD_LENGTH,
			  .length = (8 << 20) + 1,
			  .body = (const uint8_t *)"12345",
			  .body_size = 5};

	(void)state;
	peer_end_frame(&d.peer, &f);
	m = duo_expect(&d, FRAME_REPLY);
	assert_int_equal(m->frame.arg, frame_status_of(REASON_TOO_LARGE));
	assert_true(peer_end_has_text(m, ":error", "request 8388609 > max_message 8388608"));
	message_free(m);
	duo_skip(&d, FRAME_WINDOW); /* of the connection: what came was received */
	duo_skip(&d, FRAME_WINDOW);
	/* the rest is dropped, and credited */
	send_chunk(&(struct frame){.type = FRAME_DATA, .id = 2, .body = (const uint8_t *)"1", .body_size = 1});
	send_chunk(&(struct frame){.type = FRAME_DATA, .id = 2, .flags = FLAG_EOM | FLAG_EOS,
				   .body = (const uint8_t *)"1", .body_size = 1});
	assert_int_equal(seen.count, 0);
	peer_end_call(&d.peer, 4, "next", NULL, 0);
	assert_int_equal(duo_step(&d), 0);
	assert_text("next", brood_request_method(seen.request));
	answer();
}

static void a_message_that_grows_over_the_limit_is_refused(void **state)
{
	uint8_t *bytes = pattern(200000);
	size_t sent = 0;
	struct frame f = {.type = FRAME_CALL, .id = 2, .body = bytes, .body_size = 200000};

	(void)state;
	d.peer.between = step_between;
	d.peer.user = d.b;
	d.peer.piece = 60000;
	for (; sent + 200000 <= 8 << 20; sent += 200000) {
		send_chunk(&f);
		f.type = FRAME_DATA;
	}
	peer_end_frame(&d.peer, &f);
	assert_refused(2, REASON_TOO_LARGE);
	duo_skip(&d, FRAME_WINDOW);
	duo_skip(&d, FRAME_WINDOW);
	free(bytes);
}

static void a_frame_over_the_limit_ends_its_message(void **state)
{
	uint8_t *bytes = pattern(BROOD_MAX_FRAME);

	(void)state;
	d.peer.between = step_between;
	d.peer.user = d.b;
	d.peer.piece = 60000;
	send_chunk(&(struct frame){.type = FRAME_CALL, .id = 2, .body = bytes, .body_size = 100});
	peer_end_frame(&d.peer, &(struct frame){.type = FRAME_DATA,
						.id = 2,
						.body = bytes,
						.body_size = BROOD_MAX_FRAME});
	assert_refused(2, REASON_TOO_LARGE);
	/* what follows must not be taken for the rest of a whole message */
	send_chunk(&(struct frame){.type = FRAME_DATA, .id = 2, .flags = FLAG_EOM | FLAG_EOS,
				   .body = bytes, .body_size = 100});
	assert_int_equal(seen.count, 0);
	peer_end_call(&d.peer, 4, "next", NULL, 0);
	assert_int_equal(duo_step(&d), 0);
	answer();
	free(bytes);
}

static void a_word_that_must_be_understood_and_is_not_is_answered(void **state)
{
	static const uint8_t call[] = {20, 0, 0, 0, FRAME_CALL, FLAG_EOM | FLAG_EOS, 0, 1, 2, 0, 0, 0,
				       0,  0, 0, 0, 0xc0, 1, 0, 0, 0, 0, 0, 0};

	(void)state;
	peer_end_bytes(&d.peer, call, sizeof(call));
	assert_refused(2, REASON_UNSUPPORTED);
}

static void a_word_that_is_not_known_is_skipped(void **state)
{
	static const uint8_t call[] = {20, 0, 0, 0, FRAME_CALL, FLAG_EOM | FLAG_EOS, 0, 1, 2, 0, 0, 0,
				       0,  0, 0, 0, 0x40, 1, 0, 0, 0, 0, 0, 0};

	(void)state;
	peer_end_bytes(&d.peer, call, sizeof(call));
	assert_int_equal(duo_step(&d), 0);
	assert_int_equal(seen.count, 1);
	answer();
}

static void data_for_nothing_is_dropped_and_credited(void **state)
{
	(void)state;
	send_chunk(&(struct frame){.type = FRAME_DATA, .id = 2, .body = (const uint8_t *)"12", .body_size = 2});
	send_chunk(&(struct frame){.type = FRAME_DATA, .id = 3, .flags = FLAG_EOM | FLAG_EOS});
	assert_int_equal(seen.count, 0);
}

static void a_call_in_chunks_may_be_cancelled(void **state)
{
	(void)state;
	send_chunk(&(struct frame){.type = FRAME_CALL, .id = 2, .body = (const uint8_t *)"12", .body_size = 2});
	peer_end_say(&d.peer, FRAME_CANCEL, 2, frame_status_of(REASON_CANCELLED));
	assert_refused(2, REASON_CANCELLED);
	send_chunk(&(struct frame){.type = FRAME_DATA, .id = 2, .flags = FLAG_EOM | FLAG_EOS,
				   .body = (const uint8_t *)"12", .body_size = 2});
	assert_int_equal(seen.count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_worker, close_worker)

static const struct CMUnitTest tests[] = {
	TEST(a_call_without_anything_has_empty_values),
	TEST(everything_that_a_call_carries_is_seen),
	TEST(a_call_may_come_byte_by_byte),
	TEST(the_brood_keys_are_not_found_by_a_worker),
	TEST(an_attempt_of_zero_is_the_first),
	TEST(a_deadline_of_zero_has_passed),
	TEST(bodies_of_all_sizes_in_one_frame_are_whole),
	TEST(a_message_in_chunks_is_put_together_and_its_credit_returned),
	TEST(calls_in_chunks_may_be_interleaved),
	TEST(a_message_over_the_limit_is_refused_by_its_announced_length),
	TEST(a_message_that_grows_over_the_limit_is_refused),
	TEST(a_frame_over_the_limit_ends_its_message),
	TEST(a_word_that_must_be_understood_and_is_not_is_answered),
	TEST(a_word_that_is_not_known_is_skipped),
	TEST(data_for_nothing_is_dropped_and_credited),
	TEST(a_call_in_chunks_may_be_cancelled),
};

CHECK_MAIN(tests)
