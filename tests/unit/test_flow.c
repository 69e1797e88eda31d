/* flow: how a message is cut, whose memory it uses, who waits for whom. Credit is plenty here. */
#include "check.h"

#include <stdlib.h>

#include "sample.h"
#include "tap.h"

static struct tap t;
static unsigned released;

static void release(void *owner)
{
	assert_ptr_equal(owner, &released);
	released++;
}

static int open_tap(void **state)
{
	(void)state;
	released = 0;
	tap_open(&t, TAP_PLENTY, TAP_PLENTY);
	return 0;
}

static int close_tap(void **state)
{
	(void)state;
	tap_close(&t);
	return 0;
}

static void send_copy(const struct frame *f)
{
	assert_true(flow_send(&t.set, f, NULL, NULL));
}

static void send_lent(const struct frame *f)
{
	assert_true(flow_send(&t.set, f, release, &released));
}

/* Body bytes that fit into one frame beside this head and a LENGTH word. */
static size_t room_of(size_t head_size)
{
	size_t meta = head_size ? 8 : 0;

	return TAP_FRAME - FRAME_HEADER - 16 - meta - frame_padded((uint32_t)head_size);
}

static void what_fits_one_frame_goes_out_untouched(void **state)
{
	static const struct {
		uint8_t type;
		uint8_t flags;
		bool body;
	} shapes[] = {
		{FRAME_CALL, FLAG_EOM | FLAG_EOS, true},
		{FRAME_CALL, FLAG_EOM, true},
		{FRAME_REPLY, FLAG_EOM | FLAG_EOS, true},
		{FRAME_REPLY, FLAG_EOS, false},
		{FRAME_HEADERS, 0, false},
		{FRAME_CANCEL, 0, false},
		{FRAME_NOTIFY, FLAG_EOM, true},
		{FRAME_PING, 0, false},
	};

	(void)state;
	t.set.credit = t.set.stream_window = 0; /* none of these needs any */
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		struct frame f = sample_frame(shapes[i].type, 0x3f, true, shapes[i].body);
		uint8_t expected[SAMPLE_MOST];
		struct iovec v;
		size_t size;

		f.flags = shapes[i].flags;
		size = sample_encode(expected, &f);
		send_copy(&f);
		assert_int_equal(outbox_vector(&t.out, &v, 1), 1);
		assert_int_equal(v.iov_len, size);
		assert_memory_equal(v.iov_base, expected, size);
		assert_null(t.set.first);
		assert_int_equal(t.set.waiting, 0);
		outbox_sent(&t.out, size);
	}
}

static void a_frame_of_exactly_the_limit_is_not_cut(void **state)
{
	struct frame f = tap_frame(FRAME_CALL, 1, FLAG_EOM | FLAG_EOS, TAP_FRAME - FRAME_HEADER);

	(void)state;
	send_copy(&f);
	tap_run(&t);
	assert_int_equal(t.count, 1);
	assert_int_equal(t.frames[0].flags, FLAG_EOM | FLAG_EOS);
	assert_int_equal(t.frames[0].words, 0);
	f = tap_frame(FRAME_CALL, 3, FLAG_EOM | FLAG_EOS, TAP_FRAME - FRAME_HEADER + 1);
	send_copy(&f);
	tap_run(&t);
	assert_int_equal(t.count, 3);
	assert_int_equal(t.bodies[3], f.body_size);
}

static void a_long_call_is_a_call_and_data(void **state)
{
	struct frame f = sample_frame(FRAME_CALL, 2, true, true);
	size_t room = room_of(f.head_size) - 8; /* and a DEADLINE word */
	struct frame f_part;

	(void)state;
	f.id = 7;
	f.flags = FLAG_EOM | FLAG_EOS | FLAG_IDEMPOTENT;
	f.nfds = 0;
	f.body = tap_pattern(7);
	f.body_size = 100000;
	send_copy(&f);
	tap_run(&t);
	assert_int_equal(t.count, 100000 / room + 1);
	f_part = t.frames[0];
	assert_int_equal(f_part.type, FRAME_CALL);
	assert_int_equal(f_part.flags, FLAG_IDEMPOTENT);
	assert_int_equal(f_part.arg, f.arg);
	assert_int_equal(f_part.words, 1u << WORD_DEADLINE | 1u << WORD_LENGTH);
	assert_int_equal(f_part.length, 100000);
	assert_int_equal(f_part.head_size, f.head_size);
	assert_int_equal(f_part.body_size, room);
	for (size_t i = 1; i < t.count; i++) {
		assert_int_equal(t.frames[i].type, FRAME_DATA);
		assert_int_equal(t.frames[i].flags, i + 1 == t.count ? FLAG_EOM | FLAG_EOS : 0);
		assert_int_equal(t.frames[i].arg, 0);
		assert_int_equal(t.frames[i].words, 0);
		assert_int_equal(t.frames[i].head_size, 0);
	}
	assert_int_equal(t.bodies[7], 100000);
	assert_null(t.set.first);
}

static void a_long_reply_is_data_and_a_reply(void **state)
{
	struct frame f = sample_frame(FRAME_REPLY, 4, true, true);

	(void)state;
	f.id = 7;
	f.flags = FLAG_EOM | FLAG_EOS | FLAG_NOT_PROCESSED;
	f.nfds = 0;
	f.body = tap_pattern(7);
	f.body_size = 100000;
	send_copy(&f);
	tap_run(&t);
	for (size_t i = 0; i + 1 < t.count; i++) {
		assert_int_equal(t.frames[i].type, FRAME_DATA);
		assert_int_equal(t.frames[i].flags, 0);
		assert_int_equal(t.frames[i].arg, 0);
		assert_int_equal(t.frames[i].words, i ? 0 : 1u << WORD_LENGTH);
		assert_int_equal(t.frames[i].length, i ? 0 : 100000);
		assert_int_equal(t.frames[i].head_size, 0);
	}
	assert_int_equal(t.frames[t.count - 1].type, FRAME_REPLY);
	assert_int_equal(t.frames[t.count - 1].flags, f.flags);
	assert_int_equal(t.frames[t.count - 1].arg, f.arg);
	assert_int_equal(t.frames[t.count - 1].words, f.words);
	assert_int_equal(t.frames[t.count - 1].head_size, f.head_size);
	assert_int_equal(t.bodies[7], 100000);
	assert_null(t.set.first);
}

static void a_part_of_a_message_tells_no_length(void **state)
{
	struct frame f = tap_frame(FRAME_CALL, 7, 0, 100000);

	(void)state;
	send_copy(&f);
	tap_run(&t);
	for (size_t i = 0; i < t.count; i++) {
		assert_int_equal(t.frames[i].words, 0);
		assert_int_equal(t.frames[i].flags, 0);
	}
	assert_int_equal(t.bodies[7], 100000);
	assert_non_null(t.set.first); /* more may come */
}

/* As a relay does, which passes on what it got in other pieces. */
static void only_the_first_chunk_of_a_message_tells_its_length(void **state)
{
	static const struct {
		uint8_t type;
		uint8_t flags;
		bool tells;
	} parts[] = {
		{FRAME_CALL, 0, false},        {FRAME_DATA, 0, false},
		{FRAME_DATA, FLAG_EOM, false}, {FRAME_DATA, FLAG_EOM, true},
		{FRAME_DATA, 0, false},        {FRAME_REPLY, FLAG_EOM | FLAG_EOS, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		struct frame f = tap_frame(parts[i].type, 7, parts[i].flags, 100000);
		size_t heard = t.count;

		f.body += t.bodies[7];
		send_copy(&f);
		tap_run(&t);
		assert_int_equal(t.frames[heard].words, parts[i].tells ? 1u << WORD_LENGTH : 0);
		while (++heard < t.count)
			assert_int_equal(t.frames[heard].words, 0);
	}
}

static void a_stream_keeps_its_messages_apart_and_in_order(void **state)
{
	static const size_t sizes[] = {0, 1, 5000, 100000, 0, TAP_FRAME, 3};
	size_t ends = 0;
	size_t before = 0;

	(void)state;
	for (size_t i = 0; i < 7; i++) {
		unsigned flags = i == 6 ? FLAG_EOM | FLAG_EOS : FLAG_EOM;
		struct frame f = tap_frame(FRAME_DATA, 2, flags, sizes[i]);

		f.body += before;
		before += sizes[i];
		send_copy(&f);
	}
	tap_run(&t);
	before = 0;
	for (size_t i = 0; i < t.count; i++) {
		assert_int_equal(t.frames[i].type, FRAME_DATA);
		before += t.frames[i].body_size;
		if (!(t.frames[i].flags & FLAG_EOM))
			continue;
		assert_int_equal(before, sizes[ends++]);
		before = 0;
		assert_int_equal(!!(t.frames[i].flags & FLAG_EOS), ends == 7);
	}
	assert_int_equal(ends, 7);
	assert_null(t.set.first);
}

static void an_empty_end_closes_the_stream(void **state)
{
	struct frame f = tap_frame(FRAME_DATA, 2, FLAG_EOM, 10);
	struct frame end = tap_frame(FRAME_DATA, 2, FLAG_EOS, 0);

	(void)state;
	send_copy(&f);
	assert_non_null(t.set.first);
	send_copy(&end);
	tap_run(&t);
	assert_int_equal(t.count, 2);
	assert_int_equal(t.frames[1].flags, FLAG_EOS);
	assert_null(t.set.first);
}

static void a_reply_stays_behind_the_data_of_its_call(void **state)
{
	struct frame headers = tap_frame(FRAME_HEADERS, 2, 0, 0);
	struct frame f = tap_frame(FRAME_DATA, 2, FLAG_EOM, 1 << 20);
	struct frame end = tap_frame(FRAME_REPLY, 2, FLAG_EOS, 0);

	(void)state;
	send_copy(&f);
	send_copy(&headers);
	send_copy(&end);
	tap_run(&t);
	assert_int_equal(t.bodies[2], 1 << 20);
	assert_int_equal(t.frames[t.count - 2].type, FRAME_HEADERS);
	assert_int_equal(t.frames[t.count - 1].type, FRAME_REPLY);
	assert_null(t.set.first);
}

static void a_body_that_is_not_lent_is_copied(void **state)
{
	static const size_t sizes[] = {10, 5000, TAP_FRAME, 1 << 20};

	(void)state;
	for (uint32_t i = 0; i < 4; i++) {
		struct frame f = tap_frame(FRAME_CALL, i + 1, FLAG_EOM | FLAG_EOS, sizes[i]);
		uint8_t *body = malloc(sizes[i]);

		memcpy(body, f.body, sizes[i]);
		f.body = body;
		send_copy(&f);
		memset(body, 0, sizes[i]);
		free(body);
	}
	tap_run(&t);
	for (uint32_t i = 0; i < 4; i++)
		assert_int_equal(t.bodies[i + 1], sizes[i]);
}

static void what_waits_for_credit_is_copied_too(void **state)
{
	static const size_t sizes[] = {1, 2, 100, 5000};

	(void)state;
	t.set.credit = 0;
	for (uint32_t i = 0; i < 4; i++) {
		struct frame f = tap_frame(FRAME_DATA, i + 1, FLAG_EOM, sizes[i]);
		uint8_t *body = malloc(sizes[i]);

		memcpy(body, f.body, sizes[i]);
		f.body = body;
		send_copy(&f);
		memset(body, 0, sizes[i]);
		free(body);
	}
	assert_int_equal(t.set.waiting, 1 + 2 + 100 + 5000);
	assert_true(flow_credit(&t.set, 0, 10000));
	tap_run(&t);
	for (uint32_t i = 0; i < 4; i++)
		assert_int_equal(t.bodies[i + 1], sizes[i]);
}

static void the_head_is_always_copied(void **state)
{
	struct frame f = sample_frame(FRAME_REPLY, 0, true, false);
	uint8_t head[64];

	(void)state;
	memcpy(head, f.head, f.head_size);
	f.head = head;
	f.flags = FLAG_EOM | FLAG_EOS;
	f.id = 1;
	f.body = tap_pattern(1);
	f.body_size = 1 << 20;
	send_lent(&f);
	memset(head, 0, sizeof(head));
	tap_run(&t); /* the decoder would find it malformed */
	assert_int_equal(t.frames[t.count - 1].head_size, f.head_size);
}

static void a_small_lent_body_is_given_back_at_once(void **state)
{
	struct frame f = tap_frame(FRAME_CALL, 1, FLAG_EOM | FLAG_EOS, OUTBOX_LEND_LEAST - 1);

	(void)state;
	send_lent(&f);
	assert_int_equal(released, 1);
	tap_run(&t);
	assert_int_equal(released, 1);
}

static void a_lent_body_is_given_back_when_its_last_byte_has_left(void **state)
{
	static const size_t sizes[] = {OUTBOX_LEND_LEAST, TAP_FRAME - FRAME_HEADER, TAP_FRAME,
				       1 << 20};

	(void)state;
	for (uint32_t i = 0; i < 4; i++) {
		struct frame f = tap_frame(FRAME_CALL, i + 1, FLAG_EOM | FLAG_EOS, sizes[i]);

		released = 0;
		send_lent(&f);
		while (outbox_bytes(&t.out) > 1) {
			assert_int_equal(released, 0);
			tap_take(&t, outbox_bytes(&t.out) - 1);
			flow_pump(&t.set);
		}
		/* a last chunk below OUTBOX_LEND_LEAST was copied: it may be given back earlier */
		tap_run(&t);
		assert_int_equal(released, 1);
		assert_int_equal(t.bodies[i + 1], sizes[i]);
	}
}

static void dropping_forgets_what_waits_for_one_id(void **state)
{
	struct frame a = tap_frame(FRAME_CALL, 1, FLAG_EOM | FLAG_EOS, 4 << 20);
	struct frame b = tap_frame(FRAME_CALL, 3, FLAG_EOM | FLAG_EOS, 1 << 20);

	(void)state;
	send_lent(&a);
	send_copy(&b);
	flow_drop(&t.set, 1);
	flow_drop(&t.set, 5);
	assert_int_equal(released, 0); /* chunks of it wait in the outbox */
	tap_run(&t);
	assert_int_equal(released, 1);
	assert_in_range(t.bodies[1], 1, TAP_ROOM + TAP_FRAME);
	assert_int_equal(t.bodies[3], 1 << 20);
	assert_null(t.set.first);
	assert_int_equal(t.set.waiting, 0);
}

static void dropping_tells_whether_the_receiver_knows_of_the_call(void **state)
{
	struct frame long_call = tap_frame(FRAME_CALL, 1, FLAG_EOM | FLAG_EOS, 1 << 20);
	struct frame opening = tap_frame(FRAME_CALL, 3, FLAG_EOM, 10);
	struct frame data = tap_frame(FRAME_DATA, 3, FLAG_EOM, 10);
	struct frame reply = tap_frame(FRAME_REPLY, 2, FLAG_EOM | FLAG_EOS, 1 << 20);

	(void)state;
	t.set.credit = 0;
	send_copy(&long_call);
	assert_true(flow_has(&t.set, 1));
	assert_false(flow_drop(&t.set, 1)); /* not a byte of it has left */
	assert_false(flow_has(&t.set, 1));
	assert_true(flow_drop(&t.set, 1));
	send_copy(&opening); /* leaves at once, and what follows waits */
	assert_false(flow_has(&t.set, 3));
	send_copy(&data);
	assert_true(flow_has(&t.set, 3));
	assert_true(flow_drop(&t.set, 3));
	send_copy(&reply);
	assert_true(flow_has(&t.set, 2));
	assert_true(flow_drop(&t.set, 2));
	t.set.credit = 5000;
	send_copy(&long_call);
	assert_true(flow_drop(&t.set, 1)); /* 5000 bytes of it have left */
	tap_take(&t, SIZE_MAX);
	assert_int_equal(t.bodies[1], 5000);
	assert_int_equal(t.set.waiting, 0);
}

static void closing_gives_every_loan_back_once(void **state)
{
	(void)state;
	for (uint32_t id = 1; id <= 9; id++) {
		struct frame f = tap_frame(FRAME_CALL, id, FLAG_EOM | FLAG_EOS, 200000u * id);

		send_lent(&f);
	}
	tap_take(&t, 1000);
	flow_close(&t.set);
	assert_int_equal(t.set.waiting, 0);
	outbox_close(&t.out);
	assert_int_equal(released, 9);
}

static void the_outbox_may_be_closed_first(void **state)
{
	struct frame f = tap_frame(FRAME_CALL, 1, FLAG_EOM | FLAG_EOS, 4 << 20);

	(void)state;
	send_lent(&f);
	outbox_close(&t.out);
	assert_int_equal(released, 0); /* the flow still has it */
	flow_close(&t.set);
	assert_int_equal(released, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_tap, close_tap)

static const struct CMUnitTest tests[] = {
	TEST(what_fits_one_frame_goes_out_untouched),
	TEST(a_frame_of_exactly_the_limit_is_not_cut),
	TEST(a_long_call_is_a_call_and_data),
	TEST(a_long_reply_is_data_and_a_reply),
	TEST(a_part_of_a_message_tells_no_length),
	TEST(only_the_first_chunk_of_a_message_tells_its_length),
	TEST(a_stream_keeps_its_messages_apart_and_in_order),
	TEST(an_empty_end_closes_the_stream),
	TEST(a_reply_stays_behind_the_data_of_its_call),
	TEST(a_body_that_is_not_lent_is_copied),
	TEST(what_waits_for_credit_is_copied_too),
	TEST(the_head_is_always_copied),
	TEST(a_small_lent_body_is_given_back_at_once),
	TEST(a_lent_body_is_given_back_when_its_last_byte_has_left),
	TEST(dropping_forgets_what_waits_for_one_id),
	TEST(dropping_tells_whether_the_receiver_knows_of_the_call),
	TEST(closing_gives_every_loan_back_once),
	TEST(the_outbox_may_be_closed_first),
};

CHECK_MAIN(tests)
