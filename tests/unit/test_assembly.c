/* assembly: frames become messages, whatever does not is refused, and nothing is kept for ever. */
#include "check.h"

#include "assembly.h"
#include "contract.h"
#include "sample.h"

enum { MOST = 1000, HELD = 1500 };

static struct assembly calls;
static struct assembly replies;

static int open_both(void **state)
{
	(void)state;
	calls = (struct assembly){.max_held = HELD, .max_message = MOST};
	replies = (struct assembly){.max_held = HELD, .max_message = MOST, .of_replies = true};
	return 0;
}

/* Whatever a test did: nothing is held after the end. */
static int close_both(void **state)
{
	(void)state;
	assembly_close(&calls);
	assembly_close(&replies);
	return calls.held || replies.held || calls.first || replies.first;
}

static uint8_t filler[4096];

static struct frame part(uint8_t type, uint32_t id, unsigned flags, size_t size)
{
	for (size_t i = 0; i < sizeof(filler); i++)
		filler[i] = (uint8_t)(i * 7 + id);
	return (struct frame){.type = type,
			      .id = id,
			      .flags = (uint8_t)flags,
			      .body = filler,
			      .body_size = (uint32_t)size};
}

static enum assembly_result add(struct assembly *a, uint8_t type, uint32_t id, unsigned flags,
				size_t size)
{
	struct frame f = part(type, id, flags, size);
	struct message *m = NULL;
	enum assembly_result result = assembly_add(a, &f, &m);

	if (result == ASSEMBLY_WHOLE)
		assert_non_null(m);
	if (result != ASSEMBLY_PART)
		assert_false(assembly_has(a, id));
	message_free(m);
	return result;
}

static void a_whole_call_is_copied(void **state)
{
	struct frame f = sample_frame(FRAME_CALL, (1u << SAMPLE_WORDS) - 1, true, true);
	struct message *m;

	(void)state;
	f.flags = FLAG_EOM | FLAG_EOS | FLAG_IDEMPOTENT;
	f.length = f.body_size;
	assert_int_equal(assembly_add(&calls, &f, &m), ASSEMBLY_WHOLE);
	assert_null(sample_difference(&f, &m->frame));
	assert_ptr_not_equal(m->frame.head, f.head);
	assert_ptr_not_equal(m->frame.body, f.body);
	assert_int_equal(calls.held, 0);
	message_free(m);
	message_free(NULL);
}

static void a_call_in_chunks_keeps_what_opened_it(void **state)
{
	struct frame open = sample_frame(FRAME_CALL, 2, true, true);
	struct frame more = part(FRAME_DATA, open.id, 0, 500);
	struct frame last = part(FRAME_DATA, open.id, FLAG_EOM | FLAG_EOS, 3);
	struct message *m;

	(void)state;
	open.flags = FLAG_IDEMPOTENT;
	assert_int_equal(assembly_add(&calls, &open, &m), ASSEMBLY_PART);
	assert_true(assembly_has(&calls, open.id));
	assert_int_equal(calls.held, open.head_size + open.body_size);
	assert_int_equal(calls.count, 1);
	assert_int_equal(assembly_add(&calls, &more, &m), ASSEMBLY_PART);
	assert_int_equal(calls.held, open.head_size + open.body_size + 500);
	assert_int_equal(assembly_add(&calls, &last, &m), ASSEMBLY_WHOLE);
	assert_int_equal(calls.held + calls.count, 0);
	assert_false(assembly_has(&calls, open.id));
	assert_int_equal(m->frame.type, FRAME_CALL);
	assert_int_equal(m->frame.arg, open.arg);
	assert_int_equal(m->frame.flags, FLAG_IDEMPOTENT);
	assert_int_equal(m->frame.deadline_ms, open.deadline_ms);
	assert_int_equal(m->frame.head_size, open.head_size);
	assert_memory_equal(m->frame.head, open.head, open.head_size);
	assert_int_equal(m->frame.body_size, open.body_size + 503);
	assert_memory_equal(m->frame.body, open.body, open.body_size);
	assert_memory_equal(m->frame.body + open.body_size, filler, 500);
	assert_memory_equal(m->frame.body + open.body_size + 500, filler, 3);
	message_free(m);
}

static void chunks_may_be_empty(void **state)
{
	struct frame last = part(FRAME_DATA, 1, FLAG_EOM, 0);
	struct message *m;

	(void)state;
	assert_int_equal(add(&calls, FRAME_CALL, 1, 0, 0), ASSEMBLY_PART);
	assert_int_equal(add(&calls, FRAME_DATA, 1, 0, 0), ASSEMBLY_PART);
	assert_int_equal(assembly_add(&calls, &last, &m), ASSEMBLY_WHOLE);
	assert_int_equal(m->frame.body_size, 0);
	message_free(m);
	assert_int_equal(add(&replies, FRAME_DATA, 1, 0, 0), ASSEMBLY_PART);
	assert_int_equal(add(&replies, FRAME_REPLY, 1, FLAG_EOM | FLAG_EOS, 0), ASSEMBLY_WHOLE);
}

static void messages_of_several_ids_do_not_mix(void **state)
{
	(void)state;
	for (uint32_t id = 1; id <= 9; id += 2)
		assert_int_equal(add(&calls, FRAME_CALL, id, 0, id), ASSEMBLY_PART);
	for (uint32_t id = 9; id >= 1 && id <= 9; id -= 2)
		assert_int_equal(add(&calls, FRAME_DATA, id, 0, 10 * id), ASSEMBLY_PART);
	assert_int_equal(calls.held, 11 * (1 + 3 + 5 + 7 + 9));
	for (uint32_t id = 1; id <= 9; id += 2) {
		struct frame last = part(FRAME_DATA, id, FLAG_EOM, 5);
		struct message *m;

		assert_int_equal(assembly_add(&calls, &last, &m), ASSEMBLY_WHOLE);
		assert_int_equal(m->frame.id, id);
		assert_int_equal(m->frame.body_size, 11 * id + 5);
		assert_memory_equal(m->frame.body, filler, id);
		assert_memory_equal(m->frame.body + id, filler, 10 * id);
		message_free(m);
	}
	assert_int_equal(calls.held, 0);
}

static void a_reply_after_data_gives_its_head_and_status(void **state)
{
	struct frame end = sample_frame(FRAME_REPLY, 4, true, true);
	struct message *m;

	(void)state;
	end.flags = FLAG_EOM | FLAG_EOS;
	assert_int_equal(add(&replies, FRAME_DATA, end.id, 0, 700), ASSEMBLY_PART);
	assert_int_equal(assembly_add(&replies, &end, &m), ASSEMBLY_WHOLE);
	part(FRAME_DATA, end.id, 0, 0); /* the filler as it was */
	assert_int_equal(m->frame.type, FRAME_REPLY);
	assert_int_equal(m->frame.arg, end.arg);
	assert_int_equal(m->frame.flags, end.flags);
	assert_int_equal(m->frame.words, end.words);
	assert_int_equal(m->frame.head_size, end.head_size);
	assert_memory_equal(m->frame.head, end.head, end.head_size);
	assert_int_equal(m->frame.body_size, 700 + end.body_size);
	assert_memory_equal(m->frame.body, filler, 700);
	assert_memory_equal(m->frame.body + 700, end.body, end.body_size);
	assert_int_equal(replies.held, 0);
	message_free(m);
}

static void a_reply_without_a_message_drops_what_was_kept(void **state)
{
	struct frame end = sample_frame(FRAME_REPLY, 0, true, false);
	struct message *m;

	(void)state;
	end.flags = FLAG_EOS;
	assert_int_equal(add(&replies, FRAME_DATA, end.id, 0, 700), ASSEMBLY_PART);
	assert_int_equal(assembly_add(&replies, &end, &m), ASSEMBLY_WHOLE);
	assert_int_equal(m->frame.body_size, 0);
	assert_int_equal(m->frame.arg, end.arg);
	assert_memory_equal(m->frame.head, end.head, end.head_size);
	assert_int_equal(replies.held, 0);
	assert_false(assembly_has(&replies, end.id));
	message_free(m);
	/* and where nothing was */
	assert_int_equal(add(&replies, FRAME_REPLY, 5, 0, 0), ASSEMBLY_WHOLE);
}

static void a_body_without_a_message_is_broken(void **state)
{
	(void)state;
	assert_int_equal(add(&replies, FRAME_REPLY, 1, FLAG_EOS, 1), ASSEMBLY_BROKEN);
	assert_int_equal(add(&replies, FRAME_DATA, 1, 0, 100), ASSEMBLY_PART);
	assert_int_equal(add(&replies, FRAME_REPLY, 1, 0, 1), ASSEMBLY_BROKEN);
	assert_int_equal(replies.held, 0);
}

static void messages_of_a_stream_end_one_by_one(void **state)
{
	(void)state;
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(add(&replies, FRAME_DATA, 2, FLAG_EOM, 100 * i), ASSEMBLY_WHOLE);
	assert_int_equal(add(&replies, FRAME_DATA, 2, 0, 10), ASSEMBLY_PART);
	assert_int_equal(add(&replies, FRAME_DATA, 2, FLAG_EOM | FLAG_EOS, 10), ASSEMBLY_WHOLE);
	assert_int_equal(add(&replies, FRAME_REPLY, 2, FLAG_EOS, 0), ASSEMBLY_WHOLE);
	assert_int_equal(replies.held, 0);
}

static void the_end_of_a_stream_inside_a_message_is_broken(void **state)
{
	(void)state;
	for (size_t size = 0; size < 2; size++) {
		assert_int_equal(add(&calls, FRAME_CALL, 1, 0, 100), ASSEMBLY_PART);
		assert_int_equal(add(&calls, FRAME_DATA, 1, FLAG_EOS, size), ASSEMBLY_BROKEN);
		assert_int_equal(calls.held, 0);
		assert_int_equal(add(&replies, FRAME_DATA, 1, 0, 100), ASSEMBLY_PART);
		assert_int_equal(add(&replies, FRAME_DATA, 1, FLAG_EOS, size), ASSEMBLY_BROKEN);
		assert_int_equal(replies.held, 0);
	}
	assert_int_equal(add(&calls, FRAME_DATA, 1, FLAG_EOS, 1), ASSEMBLY_BROKEN);
	assert_int_equal(add(&replies, FRAME_DATA, 1, FLAG_EOS, 1), ASSEMBLY_BROKEN);
	assert_int_equal(add(&calls, FRAME_CALL, 1, FLAG_EOS, 1), ASSEMBLY_BROKEN);
}

static void the_empty_end_of_a_stream_continues_nothing(void **state)
{
	(void)state;
	assert_int_equal(add(&calls, FRAME_DATA, 1, FLAG_EOS, 0), ASSEMBLY_UNKNOWN);
	assert_int_equal(add(&replies, FRAME_DATA, 1, FLAG_EOS, 0), ASSEMBLY_UNKNOWN);
}

static void a_call_that_ends_without_a_message_is_broken(void **state)
{
	(void)state;
	assert_int_equal(add(&calls, FRAME_CALL, 1, FLAG_EOS, 0), ASSEMBLY_BROKEN);
}

static void a_second_call_is_broken(void **state)
{
	static const unsigned flags[] = {0, FLAG_EOM, FLAG_EOM | FLAG_EOS};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(add(&calls, FRAME_CALL, 1, 0, 100), ASSEMBLY_PART);
		assert_int_equal(add(&calls, FRAME_CALL, 3, 0, 100), ASSEMBLY_PART);
		assert_int_equal(add(&calls, FRAME_CALL, 1, flags[i], 100), ASSEMBLY_BROKEN);
		assert_true(assembly_has(&calls, 3));
		assert_int_equal(calls.held, 100);
		assert_true(assembly_drop(&calls, 3));
	}
}

static void data_of_an_unknown_call_is_told(void **state)
{
	(void)state;
	assert_int_equal(add(&calls, FRAME_DATA, 1, 0, 10), ASSEMBLY_UNKNOWN);
	assert_int_equal(add(&calls, FRAME_DATA, 1, FLAG_EOM, 10), ASSEMBLY_UNKNOWN);
	assert_int_equal(add(&calls, FRAME_CALL, 1, 0, 10), ASSEMBLY_PART);
	assert_int_equal(add(&calls, FRAME_DATA, 1, FLAG_EOM, 10), ASSEMBLY_WHOLE);
	assert_int_equal(add(&calls, FRAME_DATA, 1, FLAG_EOM, 10), ASSEMBLY_UNKNOWN);
}

static void dropping_forgets_one_message(void **state)
{
	(void)state;
	for (uint32_t id = 1; id <= 3; id++)
		assert_int_equal(add(&calls, FRAME_CALL, id, 0, 100 * id), ASSEMBLY_PART);
	assert_false(assembly_drop(&calls, 4));
	assert_true(assembly_drop(&calls, 2));
	assert_false(assembly_drop(&calls, 2));
	assert_int_equal(calls.held, 400);
	assert_int_equal(add(&calls, FRAME_DATA, 2, FLAG_EOM, 1), ASSEMBLY_UNKNOWN);
	assert_int_equal(add(&calls, FRAME_DATA, 3, FLAG_EOM, 1), ASSEMBLY_WHOLE);
	assert_int_equal(calls.held, 100);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_both, close_both)

static const struct CMUnitTest tests[] = {
	TEST(a_whole_call_is_copied),
	TEST(a_call_in_chunks_keeps_what_opened_it),
	TEST(chunks_may_be_empty),
	TEST(messages_of_several_ids_do_not_mix),
	TEST(a_reply_after_data_gives_its_head_and_status),
	TEST(a_reply_without_a_message_drops_what_was_kept),
	TEST(a_body_without_a_message_is_broken),
	TEST(messages_of_a_stream_end_one_by_one),
	TEST(the_end_of_a_stream_inside_a_message_is_broken),
	TEST(the_empty_end_of_a_stream_continues_nothing),
	TEST(a_call_that_ends_without_a_message_is_broken),
	TEST(a_second_call_is_broken),
	TEST(data_of_an_unknown_call_is_told),
	TEST(dropping_forgets_one_message),
};

CHECK_MAIN(tests)
