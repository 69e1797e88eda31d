/* flow: credit is kept to the byte, for the id and for the connection; long messages take turns. */
#include "check.h"

#include "contract.h"
#include "tap.h"

enum { CRUMB = 1024, CHUNK = TAP_FRAME - FRAME_HEADER - 16 };

static struct tap t;

static int close_tap(void **state)
{
	(void)state;
	tap_close(&t);
	return 0;
}

static void send_frame(uint8_t type, uint32_t id, unsigned flags, size_t size)
{
	struct frame f = tap_frame(type, id, flags, size);

	f.body += t.bodies[id]; /* what was sent before, which here has always come */
	assert_true(flow_send(&t.set, &f, NULL, NULL));
	tap_run(&t);
}

static void give(uint32_t id, uint32_t bytes)
{
	assert_true(flow_credit(&t.set, id, bytes));
	tap_run(&t);
}

/* For a message of each kind: credit is spent to the byte. `id`: 0 for the connection's. */
static void check_credit(uint8_t type, unsigned flags, uint32_t id)
{
	send_frame(type, 1, flags, 100000);
	assert_int_equal(t.bodies[1], 8192);
	give(id, 5000);
	assert_int_equal(t.bodies[1], 13192);
	give(id, CRUMB - 1);
	assert_int_equal(t.bodies[1], 13192);
	give(id, 1);
	assert_int_equal(t.bodies[1], 13192 + CRUMB);
	give(id == 0 ? 1 : 0, 100); /* credit of the wrong kind moves nothing */
	assert_int_equal(t.bodies[1], 13192 + CRUMB);
	give(id, 40000);
	assert_int_equal(t.bodies[1], 13192 + CRUMB + 40000);
	assert_int_equal(t.set.waiting, 100000 - t.bodies[1]);
}

static void what_waits_is_counted_for_each_id(void **state)
{
	(void)state;
	tap_open(&t, 8192, TAP_PLENTY - 1000);
	send_frame(FRAME_DATA, 1, 0, 20000);
	send_frame(FRAME_DATA, 2, FLAG_EOM, 9000);
	assert_int_equal(flow_bytes(&t.set, 1), 20000 - 8192);
	assert_int_equal(flow_bytes(&t.set, 2), 9000 - 8192);
	assert_int_equal(flow_bytes(&t.set, 3), 0);
	assert_int_equal(t.set.ending, 0);
	send_frame(FRAME_REPLY, 1, FLAG_EOM | FLAG_EOS, 0);
	assert_int_equal(flow_bytes(&t.set, 1), 20000 - 8192);
	send_frame(FRAME_DATA, 4, FLAG_EOM, 8192);
	send_frame(FRAME_DATA, 4, FLAG_EOM, 1);
	send_frame(FRAME_DATA, 4, FLAG_EOM, 0);
	assert_int_equal(flow_bytes(&t.set, 4), 2 * FRAME_COST_LEAST);
	assert_true(flow_drop(&t.set, 4));
	assert_int_equal(t.set.ending, 1);
	send_frame(FRAME_REPLY, 2, FLAG_EOS, 0);
	assert_int_equal(t.set.ending, 2);
	give(1, 20000);
	assert_int_equal(flow_bytes(&t.set, 1), 0);
	assert_int_equal(t.set.ending, 1);
	assert_true(flow_drop(&t.set, 2));
	assert_int_equal(t.set.ending, 0);
	assert_int_equal(t.set.waiting, 0);
}

static void credit_of_the_id_is_spent_to_the_byte(void **state)
{
	(void)state;
	tap_open(&t, 8192, TAP_PLENTY - 1000);
	check_credit(FRAME_CALL, FLAG_EOM | FLAG_EOS, 1);
	tap_close(&t);
	tap_open(&t, 8192, TAP_PLENTY - 1000);
	check_credit(FRAME_DATA, FLAG_EOM, 1);
	tap_close(&t);
	tap_open(&t, 8192, TAP_PLENTY - 1000);
	check_credit(FRAME_REPLY, FLAG_EOM | FLAG_EOS, 1);
}

static void credit_of_the_connection_is_spent_to_the_byte(void **state)
{
	(void)state;
	tap_open(&t, TAP_PLENTY - 1000, 8192);
	check_credit(FRAME_CALL, FLAG_EOM | FLAG_EOS, 0);
	tap_close(&t);
	tap_open(&t, TAP_PLENTY - 1000, 8192);
	check_credit(FRAME_DATA, FLAG_EOM, 0);
	tap_close(&t);
	tap_open(&t, TAP_PLENTY - 1000, 8192);
	check_credit(FRAME_REPLY, FLAG_EOM | FLAG_EOS, 0);
}

static void the_last_crumb_of_a_message_goes_as_soon_as_it_may(void **state)
{
	(void)state;
	tap_open(&t, 4096, TAP_PLENTY);
	send_frame(FRAME_DATA, 1, FLAG_EOM, 4096 + 10);
	assert_int_equal(t.bodies[1], 4096);
	give(1, FRAME_COST_LEAST - 1);
	assert_int_equal(t.bodies[1], 4096);
	give(1, 1);
	assert_int_equal(t.bodies[1], 4096 + 10);
	assert_int_equal(t.frames[t.count - 1].flags, FLAG_EOM);
}

static void a_small_frame_costs_what_it_takes_to_keep_it(void **state)
{
	(void)state;
	tap_open(&t, 4096, 0);
	send_frame(FRAME_DATA, 1, FLAG_EOM, 1);
	send_frame(FRAME_CALL, 3, 0, 1);
	send_frame(FRAME_DATA, 5, FLAG_EOM, 0);
	send_frame(FRAME_DATA, 5, FLAG_EOS, 0);
	assert_int_equal(t.count, 0);
	for (size_t i = 1; i <= 4; i++) {
		give(0, FRAME_COST_LEAST - 1);
		assert_int_equal(t.count, i - 1);
		give(0, 1);
		assert_int_equal(t.count, i);
	}
	assert_int_equal(t.set.credit, 0);
}

static void a_call_without_a_message_yet_needs_no_credit(void **state)
{
	(void)state;
	tap_open(&t, 0, 0);
	send_frame(FRAME_CALL, 3, 0, 0);
	send_frame(FRAME_CALL, 5, FLAG_EOM, 10);
	assert_int_equal(t.count, 2);
	assert_int_equal(t.set.waiting, 0);
}

static void a_reply_never_waits_for_credit(void **state)
{
	(void)state;
	tap_open(&t, 5000, 5000);
	send_frame(FRAME_REPLY, 1, FLAG_EOM | FLAG_EOS, TAP_FRAME - FRAME_HEADER);
	assert_int_equal(t.count, 1);
	/* nor does the end of a long one */
	send_frame(FRAME_REPLY, 3, FLAG_EOM | FLAG_EOS, 5000 + CHUNK);
	assert_int_equal(t.bodies[3], 5000 + CHUNK);
	assert_int_equal(t.frames[t.count - 1].type, FRAME_REPLY);
	assert_int_equal(t.set.credit, 0);
	send_frame(FRAME_REPLY, 5, FLAG_EOM | FLAG_EOS, CHUNK + 17);
	assert_int_equal(t.bodies[5], 0);
	give(0, 17);
	assert_int_equal(t.bodies[5], 0); /* a chunk that is not the last is no crumb */
	give(0, CRUMB);
	assert_int_equal(t.bodies[5], CHUNK + 17);
}

/* Whatever else goes behind the data of its call goes as soon as that has gone. */
static void only_data_and_calls_wait_for_credit(void **state)
{
	(void)state;
	tap_open(&t, 4096, TAP_PLENTY);
	send_frame(FRAME_DATA, 1, FLAG_EOM, 4096);
	send_frame(FRAME_HEADERS, 1, 0, 10);
	assert_int_equal(t.count, 2);
	assert_int_equal(t.frames[1].type, FRAME_HEADERS);
	assert_int_equal(t.frames[1].body_size, 10);
}

/* What a receiver gives back must be what was spent, or credit grows into a protocol error. */
static void credit_given_back_is_credit_spent(void **state)
{
	static const struct {
		uint8_t type;
		uint8_t flags;
	} frames[] = {
		{FRAME_CALL, FLAG_EOM | FLAG_EOS},  {FRAME_CALL, FLAG_EOM}, {FRAME_CALL, 0},
		{FRAME_DATA, FLAG_EOM | FLAG_EOS},  {FRAME_DATA, FLAG_EOM}, {FRAME_DATA, 0},
		{FRAME_REPLY, FLAG_EOM | FLAG_EOS},
	};

	(void)state;
	tap_open(&t, 1 << 20, 4 << 20);
	for (uint32_t i = 0; i < 7; i++) {
		for (uint32_t size = 10; size < 100000; size += 49990) {
			size_t heard = t.count;
			int64_t back = 0;

			send_frame(frames[i].type, i + 1, frames[i].flags, size);
			for (; heard < t.count; heard++) {
				const struct frame *f = &t.frames[heard];

				if (f->type == FRAME_DATA ||
				    (f->type == FRAME_CALL && !(f->flags & FLAG_EOM)))
					back += f->body_size > 64 ? f->body_size : 64;
			}
			assert_int_equal(t.set.credit + back, 4 << 20);
			give(0, (uint32_t)back);
			flow_drop(&t.set, i + 1);
		}
	}
}

static void what_was_spent_on_opening_counts_for_the_stream(void **state)
{
	(void)state;
	tap_open(&t, 8192, TAP_PLENTY);
	send_frame(FRAME_CALL, 1, 0, 3000);
	send_frame(FRAME_DATA, 1, FLAG_EOM, 8000);
	assert_int_equal(t.bodies[1], 8192);
	give(1, 3000);
	assert_int_equal(t.bodies[1], 11000);
}

static void more_credit_than_there_is_is_refused(void **state)
{
	(void)state;
	tap_open(&t, 0x7ffffff0, 0x7ffffff0);
	assert_true(flow_credit(&t.set, 0, 0));
	assert_true(flow_credit(&t.set, 0, 15));
	assert_false(flow_credit(&t.set, 0, 1));
	send_frame(FRAME_DATA, 1, 0, 0);
	assert_true(flow_credit(&t.set, 1, 15 + FRAME_COST_LEAST));
	assert_false(flow_credit(&t.set, 1, 1));
	assert_false(flow_credit(&t.set, 1, UINT32_MAX));
	for (int i = 0; i < 1000; i++) /* and it does not come round again */
		assert_false(flow_credit(&t.set, 0, UINT32_MAX));
}

static void credit_for_a_call_that_has_ended_is_no_error(void **state)
{
	(void)state;
	tap_open(&t, 4096, 4096);
	assert_true(flow_credit(&t.set, 99, UINT32_MAX));
	send_frame(FRAME_DATA, 1, FLAG_EOM | FLAG_EOS, 10);
	assert_true(flow_credit(&t.set, 1, UINT32_MAX));
}

static void one_without_credit_does_not_stop_another(void **state)
{
	(void)state;
	tap_open(&t, 4096, TAP_PLENTY);
	send_frame(FRAME_CALL, 1, FLAG_EOM | FLAG_EOS, 1 << 20);
	send_frame(FRAME_CALL, 3, FLAG_EOM | FLAG_EOS, 1 << 20);
	assert_int_equal(t.bodies[1], 4096);
	assert_int_equal(t.bodies[3], 4096);
	give(3, 1 << 20);
	assert_int_equal(t.bodies[1], 4096);
	assert_int_equal(t.bodies[3], 1 << 20);
	send_frame(FRAME_CALL, 5, FLAG_EOM | FLAG_EOS, 10);
	assert_int_equal(t.bodies[5], 10);
}

static void connection_credit_is_shared_in_turns(void **state)
{
	(void)state;
	tap_open(&t, TAP_PLENTY, 0);
	for (uint32_t id = 1; id <= 4; id++)
		send_frame(FRAME_CALL, id, FLAG_EOM | FLAG_EOS, 1 << 20);
	for (size_t i = 1; i <= 400; i++) {
		give(0, CRUMB);
		for (uint32_t id = 1; id <= 4; id++)
			assert_in_range(t.bodies[id], i / 4 * CRUMB, (i + 3) / 4 * CRUMB);
	}
}

static void long_messages_take_turns(void **state)
{
	size_t came[4] = {0};

	(void)state;
	tap_open(&t, TAP_PLENTY, TAP_PLENTY);
	for (uint32_t id = 1; id <= 3; id++) {
		struct frame f = tap_frame(FRAME_CALL, id, FLAG_EOM | FLAG_EOS, 4 << 20);

		assert_true(flow_send(&t.set, &f, NULL, NULL));
	}
	tap_run(&t);
	for (size_t i = 0; i < t.count; i++) {
		came[t.frames[i].id] += t.frames[i].body_size;
		/* the first had the outbox to itself, and one turn; nobody is ever ahead by more */
		for (uint32_t id = 2; id <= 3; id++)
			assert_in_range(came[id] + TAP_ROOM + 2 * TAP_FRAME, came[1], SIZE_MAX);
		assert_in_range(came[2] + CHUNK, came[3], came[3] + 2 * CHUNK);
	}
}

static void a_small_frame_waits_for_no_more_than_the_room(void **state)
{
	struct frame ping = {.type = FRAME_PING, .arg = 1};
	size_t before = 0;

	(void)state;
	tap_open(&t, TAP_PLENTY, TAP_PLENTY);
	for (uint32_t id = 1; id <= 5; id++) {
		struct frame f = tap_frame(FRAME_CALL, id, FLAG_EOM | FLAG_EOS, 1 << 20);

		assert_true(flow_send(&t.set, &f, NULL, NULL));
	}
	for (int i = 0; i < 50; i++) {
		assert_in_range(outbox_bytes(&t.out), TAP_ROOM, TAP_ROOM + TAP_FRAME - 1);
		tap_take(&t, 1000 + 77u * (unsigned)i);
		flow_pump(&t.set);
	}
	before = outbox_bytes(&t.out);
	assert_true(outbox_frame(&t.out, &ping));
	tap_take(&t, before + FRAME_HEADER);
	assert_int_equal(t.frames[t.count - 1].type, FRAME_PING);
	tap_run(&t);
	for (uint32_t id = 1; id <= 5; id++)
		assert_int_equal(t.bodies[id], 1 << 20);
}

static void chunks_stay_small_however_large_a_frame_may_be(void **state)
{
	struct frame f = tap_frame(FRAME_CALL, 1, FLAG_EOM | FLAG_EOS, 4 << 20);

	(void)state;
	tap_open(&t, TAP_PLENTY, TAP_PLENTY);
	t.set.max_frame = BROOD_MAX_FRAME;
	assert_true(flow_send(&t.set, &f, NULL, NULL));
	/* two chunks of 64 KiB fill the room; the first tells the LENGTH of all */
	assert_int_equal(outbox_bytes(&t.out), 2 * (FRAME_HEADER + (64 << 10)) + 16);
}

#define TEST(name) cmocka_unit_test_teardown(name, close_tap)

static const struct CMUnitTest tests[] = {
	cmocka_unit_test_teardown(what_waits_is_counted_for_each_id, close_tap),
	TEST(credit_of_the_id_is_spent_to_the_byte),
	TEST(credit_of_the_connection_is_spent_to_the_byte),
	TEST(the_last_crumb_of_a_message_goes_as_soon_as_it_may),
	TEST(a_small_frame_costs_what_it_takes_to_keep_it),
	TEST(a_call_without_a_message_yet_needs_no_credit),
	TEST(a_reply_never_waits_for_credit),
	TEST(only_data_and_calls_wait_for_credit),
	TEST(credit_given_back_is_credit_spent),
	TEST(what_was_spent_on_opening_counts_for_the_stream),
	TEST(more_credit_than_there_is_is_refused),
	TEST(credit_for_a_call_that_has_ended_is_no_error),
	TEST(one_without_credit_does_not_stop_another),
	TEST(connection_credit_is_shared_in_turns),
	TEST(long_messages_take_turns),
	TEST(a_small_frame_waits_for_no_more_than_the_room),
	TEST(chunks_stay_small_however_large_a_frame_may_be),
};

CHECK_MAIN(tests)
