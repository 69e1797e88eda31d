/* assembly: limits hold to the byte, and what is held is counted to the byte. */
#include "check.h"

#include <stdlib.h>

#include "assembly.h"
#include "dice.h"

enum { MOST = 40000, HELD = 100000, IDS = 8 };

static uint8_t filler[MOST + 1];

static struct frame part(uint8_t type, uint32_t id, unsigned flags, size_t size)
{
	return (struct frame){.type = type,
			      .id = id,
			      .flags = (uint8_t)flags,
			      .body = filler,
			      .body_size = (uint32_t)size};
}

static enum assembly_result add(struct assembly *a, const struct frame *f)
{
	struct message *m = NULL;
	enum assembly_result result = assembly_add(a, f, &m);

	message_free(m);
	return result;
}

static struct assembly opened(bool of_replies)
{
	return (struct assembly){.max_held = HELD, .max_message = MOST, .of_replies = of_replies};
}

static void a_whole_message_may_have_exactly_the_limit(void **state)
{
	struct assembly calls = opened(false);
	struct assembly replies = opened(true);

	(void)state;
	for (size_t over = 0; over < 2; over++) {
		enum assembly_result expected = over ? ASSEMBLY_TOO_LARGE : ASSEMBLY_WHOLE;
		struct frame f = part(FRAME_CALL, 1, FLAG_EOM, MOST + over);

		assert_int_equal(add(&calls, &f), expected);
		f = part(FRAME_REPLY, 1, FLAG_EOM, MOST + over);
		assert_int_equal(add(&replies, &f), expected);
		f = part(FRAME_DATA, 1, FLAG_EOM, MOST + over);
		assert_int_equal(add(&replies, &f), expected);
	}
	assert_int_equal(calls.held + replies.held, 0);
	assert_null(calls.first);
	assert_null(replies.first);
}

static void heads_count_too(void **state)
{
	struct assembly a = opened(false);
	struct frame f = part(FRAME_CALL, 1, 0, 100);

	(void)state;
	f.head = filler;
	f.head_size = 16384;
	for (f.id = 1; f.id <= 6; f.id++)
		assert_int_equal(add(&a, &f), ASSEMBLY_PART);
	assert_int_equal(a.held, 6 * 16484);
	assert_int_equal(add(&a, &f), ASSEMBLY_TOO_MANY);
	assert_int_equal(a.held, 6 * 16484);
	assembly_close(&a);
	assert_int_equal(a.held, 0);
}

static void a_message_in_chunks_may_have_exactly_the_limit(void **state)
{
	(void)state;
	for (size_t over = 0; over < 2; over++) {
		struct assembly a = opened(false);
		struct assembly r = opened(true);
		enum assembly_result expected = over ? ASSEMBLY_TOO_LARGE : ASSEMBLY_WHOLE;
		struct frame open = part(FRAME_CALL, 1, 0, MOST / 2);
		struct frame last = part(FRAME_DATA, 1, FLAG_EOM, MOST / 2 + over);
		struct frame end = part(FRAME_REPLY, 1, FLAG_EOM, MOST / 2 + over);

		assert_int_equal(add(&a, &open), ASSEMBLY_PART);
		assert_int_equal(add(&a, &last), expected);
		assert_int_equal(a.held, 0);
		assert_false(assembly_has(&a, 1));
		open.type = FRAME_DATA;
		assert_int_equal(add(&r, &open), ASSEMBLY_PART);
		assert_int_equal(add(&r, &end), expected);
		assert_int_equal(r.held, 0);
		assert_false(assembly_has(&r, 1));
	}
}

static void what_follows_a_message_too_large_is_unknown(void **state)
{
	struct assembly a = opened(false);
	struct frame open = part(FRAME_CALL, 1, 0, MOST);
	struct frame more = part(FRAME_DATA, 1, 0, 1);
	struct frame last = part(FRAME_DATA, 1, FLAG_EOM, 1);

	(void)state;
	assert_int_equal(add(&a, &open), ASSEMBLY_PART);
	assert_int_equal(add(&a, &more), ASSEMBLY_TOO_LARGE);
	assert_int_equal(add(&a, &more), ASSEMBLY_UNKNOWN);
	assert_int_equal(add(&a, &last), ASSEMBLY_UNKNOWN);
	assert_int_equal(a.held, 0);
}

static void an_announced_length_is_refused_at_once(void **state)
{
	static const uint64_t lengths[] = {MOST, MOST + 1, UINT32_MAX, 1ull << 32, UINT64_MAX};

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct assembly a = opened(false);
		struct frame open = part(FRAME_CALL, 1, 0, 10);
		struct frame only = part(FRAME_CALL, 3, FLAG_EOM, 10);

		open.words = only.words = 1u << WORD_LENGTH;
		open.length = only.length = lengths[i];
		assert_int_equal(add(&a, &open),
				 lengths[i] > MOST ? ASSEMBLY_TOO_LARGE : ASSEMBLY_PART);
		assert_int_equal(add(&a, &only),
				 lengths[i] > MOST ? ASSEMBLY_TOO_LARGE : ASSEMBLY_WHOLE);
		assembly_close(&a);
		assert_int_equal(a.held, 0);
	}
}

/* A message contradicts the length that it announced as soon as it is longer, or when it ends. 0: not told. */
static void an_announced_length_must_be_true(void **state)
{
	static const struct {
		uint64_t length;
		enum assembly_result after[4]; /* 10, 13010, 26010, MOST bytes */
	} cases[] = {
		{0, {ASSEMBLY_PART, ASSEMBLY_PART, ASSEMBLY_PART, ASSEMBLY_WHOLE}},
		{MOST, {ASSEMBLY_PART, ASSEMBLY_PART, ASSEMBLY_PART, ASSEMBLY_WHOLE}},
		{9, {ASSEMBLY_BROKEN, ASSEMBLY_UNKNOWN, ASSEMBLY_UNKNOWN, ASSEMBLY_UNKNOWN}},
		{10, {ASSEMBLY_PART, ASSEMBLY_BROKEN, ASSEMBLY_UNKNOWN, ASSEMBLY_UNKNOWN}},
		{26009, {ASSEMBLY_PART, ASSEMBLY_PART, ASSEMBLY_BROKEN, ASSEMBLY_UNKNOWN}},
		{26011, {ASSEMBLY_PART, ASSEMBLY_PART, ASSEMBLY_PART, ASSEMBLY_BROKEN}},
		{MOST - 1, {ASSEMBLY_PART, ASSEMBLY_PART, ASSEMBLY_PART, ASSEMBLY_BROKEN}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct assembly a = opened(false);
		struct frame open = part(FRAME_CALL, 1, 0, 10);
		struct frame more = part(FRAME_DATA, 1, 0, 13000);
		struct frame last = part(FRAME_DATA, 1, FLAG_EOM, MOST - 26010);

		open.words = 1u << WORD_LENGTH;
		open.length = cases[i].length;
		assert_int_equal(add(&a, &open), cases[i].after[0]);
		assert_int_equal(add(&a, &more), cases[i].after[1]);
		assert_int_equal(add(&a, &more), cases[i].after[2]);
		assert_int_equal(add(&a, &last), cases[i].after[3]);
		assert_int_equal(a.held + a.count, 0);
	}
}

static void all_that_is_held_has_a_limit(void **state)
{
	struct assembly a = opened(false);
	struct frame f = part(FRAME_CALL, 1, 0, HELD / 4);

	(void)state;
	for (f.id = 1; f.id <= 4; f.id++)
		assert_int_equal(add(&a, &f), ASSEMBLY_PART);
	assert_int_equal(a.held, HELD);
	f.body_size = 1;
	assert_int_equal(add(&a, &f), ASSEMBLY_TOO_MANY); /* a new one */
	assert_int_equal(a.held, HELD);
	f.type = FRAME_DATA;
	f.id = 2;
	assert_int_equal(add(&a, &f), ASSEMBLY_TOO_MANY); /* one more byte of an old one */
	assert_false(assembly_has(&a, 2));
	assert_int_equal(a.held, HELD - HELD / 4);
	f.id = 3;
	f.flags = FLAG_EOM;
	assert_int_equal(add(&a, &f), ASSEMBLY_WHOLE); /* others live */
	assert_int_equal(a.held, HELD / 2);
	assembly_close(&a);
	assert_int_equal(a.held, 0);
}

static void a_whole_message_needs_no_room_among_the_held(void **state)
{
	struct assembly a = opened(false);
	struct frame f = part(FRAME_CALL, 1, 0, HELD / 4);
	struct frame whole = part(FRAME_CALL, 9, FLAG_EOM, MOST);

	(void)state;
	for (f.id = 1; f.id <= 4; f.id++)
		assert_int_equal(add(&a, &f), ASSEMBLY_PART);
	assert_int_equal(add(&a, &whole), ASSEMBLY_WHOLE);
	assembly_close(&a);
}

static void a_limit_of_nothing_lets_nothing_through(void **state)
{
	struct assembly a = {0};
	struct frame f = part(FRAME_CALL, 1, FLAG_EOM, 1);

	(void)state;
	assert_int_equal(add(&a, &f), ASSEMBLY_TOO_LARGE);
	f.flags = 0;
	assert_int_equal(add(&a, &f), ASSEMBLY_TOO_LARGE);
	f.body_size = 0;
	assert_int_equal(add(&a, &f), ASSEMBLY_PART);
	f.type = FRAME_DATA;
	f.flags = FLAG_EOM;
	assert_int_equal(add(&a, &f), ASSEMBLY_WHOLE);
}

static struct frame random_frame(struct dice *d, bool of_replies)
{
	static const uint8_t types[2][2] = {{FRAME_CALL, FRAME_DATA}, {FRAME_DATA, FRAME_REPLY}};
	size_t size = dice_once_in(d, 4) ? dice_below(d, MOST + 2) : dice_below(d, 5000);
	struct frame f = part(types[of_replies][dice_below(d, 2)], 1 + (uint32_t)dice_below(d, IDS),
			      (unsigned)dice_below(d, 4), dice_once_in(d, 4) ? 0 : size);

	if (dice_once_in(d, 4)) {
		f.words = 1u << WORD_LENGTH;
		f.length = dice_below(d, MOST + MOST / 8);
	}
	return f;
}

/* Any frames in any order: the count is exact, and only ASSEMBLY_PART keeps anything. */
static void random_frames_are_counted_to_the_byte(void **state)
{
	struct dice d = dice_open();

	(void)state;
	for (int round = 0; round < 400; round++) {
		struct assembly a = opened(round & 1);
		size_t held[IDS + 1] = {0};

		for (size_t steps = dice_below(&d, 300); steps > 0; steps--) {
			struct frame f = random_frame(&d, a.of_replies);
			size_t sum = 0;
			struct message *m = NULL;
			enum assembly_result result = assembly_add(&a, &f, &m);

			if (result == ASSEMBLY_WHOLE)
				assert_in_range(m->frame.body_size, 0, MOST);
			message_free(m);
			held[f.id] = result == ASSEMBLY_PART ? held[f.id] + f.body_size : 0;
			assert_int_equal(assembly_has(&a, f.id), result == ASSEMBLY_PART);
			for (size_t id = 1; id <= IDS; id++)
				sum += held[id];
			assert_int_equal(a.held, sum);
			assert_in_range(a.held, 0, HELD);
		}
		assembly_close(&a);
		assert_int_equal(a.held, 0);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(heads_count_too),
	cmocka_unit_test(a_whole_message_may_have_exactly_the_limit),
	cmocka_unit_test(a_message_in_chunks_may_have_exactly_the_limit),
	cmocka_unit_test(what_follows_a_message_too_large_is_unknown),
	cmocka_unit_test(an_announced_length_is_refused_at_once),
	cmocka_unit_test(an_announced_length_must_be_true),
	cmocka_unit_test(all_that_is_held_has_a_limit),
	cmocka_unit_test(a_whole_message_needs_no_room_among_the_held),
	cmocka_unit_test(a_limit_of_nothing_lets_nothing_through),
	cmocka_unit_test(random_frames_are_counted_to_the_byte),
};

CHECK_MAIN(tests)
