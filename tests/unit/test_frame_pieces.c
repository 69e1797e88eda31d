/* frame: a stream cut anywhere gives the frames of the whole, and costs what has arrived. */
#include "check.h"

#include <stdlib.h>

#include "contract.h"
#include "dice.h"
#include "frame.h"
#include "sample.h"

enum { ALL_WORDS = (1 << SAMPLE_WORDS) - 1, ROW_MOST = 64 };

/* Several frames on the wire, and what they must be decoded to. */
struct row {
	struct frame frames[ROW_MOST];
	size_t count;
	uint8_t bytes[ROW_MOST * SAMPLE_MOST];
	size_t size;
};

static void add(struct row *r, const struct frame *f)
{
	assert_in_range(r->count, 0, ROW_MOST - 1);
	r->frames[r->count++] = *f;
	r->size += sample_encode(r->bytes + r->size, f);
}

static void add_shape(struct row *r, uint8_t type, unsigned subset, bool head, bool body)
{
	struct frame f = sample_frame(type, subset, head, body);

	add(r, &f);
}

static void hear(struct sample_ear *e, const uint8_t *bytes, size_t size)
{
	const char *problem = sample_hear(e, bytes, size);

	if (problem)
		fail_msg("frame %zu: %s", e->heard, problem);
}

/* Feeds the row in pieces that end at the given offsets, which rise, and then the rest. */
static void hear_cut(const struct row *r, const size_t *cuts, size_t count)
{
	struct sample_ear e = {.expected = r->frames, .count = r->count};
	size_t at = 0;

	frame_open(&e.decoder, BROOD_MAX_FRAME);
	for (size_t i = 0; i < count; i++) {
		hear(&e, r->bytes + at, cuts[i] - at);
		at = cuts[i];
	}
	hear(&e, r->bytes + at, r->size - at);
	assert_int_equal(e.heard, r->count);
	assert_int_equal(frame_offset(&e.decoder), r->size);
	assert_false(frame_is_partial(&e.decoder));
	frame_close(&e.decoder);
}

static void every_shape_may_be_cut_at_every_byte(void **state)
{
	static struct row r;

	(void)state;
	for (size_t t = 0; t < SAMPLE_TYPES; t++) {
		for (unsigned shape = 0; shape < 4u << SAMPLE_WORDS; shape++) {
			r.count = r.size = 0;
			add_shape(&r, sample_types[t], shape >> 2, shape & 1, shape & 2);
			for (size_t cut = 0; cut <= r.size; cut++)
				hear_cut(&r, &cut, 1);
		}
	}
}

static void every_shape_may_be_cut_at_every_two_bytes(void **state)
{
	static struct row r;

	(void)state;
	for (unsigned shape = 0; shape < 4; shape++) {
		for (unsigned i = 0; i <= SAMPLE_WORDS; i++) {
			unsigned subset = i < SAMPLE_WORDS ? 1u << i : ALL_WORDS;
			size_t cuts[2];

			r.count = r.size = 0;
			add_shape(&r, FRAME_DATA, subset, shape & 1, shape & 2);
			for (cuts[0] = 0; cuts[0] <= r.size; cuts[0]++) {
				for (cuts[1] = cuts[0]; cuts[1] <= r.size; cuts[1]++)
					hear_cut(&r, cuts, 2);
			}
		}
	}
}

/* One frame of each type, with and without the rest. */
static void fill(struct row *r)
{
	r->count = r->size = 0;
	for (size_t t = 0; t < SAMPLE_TYPES; t++) {
		add_shape(r, sample_types[t], ALL_WORDS & (unsigned)t, t & 1, t & 2);
		add_shape(r, sample_types[t], 0, false, false);
	}
}

static void frames_in_a_row_may_be_cut_at_every_byte(void **state)
{
	static struct row r;

	(void)state;
	fill(&r);
	for (size_t cut = 0; cut <= r.size; cut++)
		hear_cut(&r, &cut, 1);
}

static void frames_in_a_row_may_be_cut_at_every_two_bytes(void **state)
{
	static struct row r;
	size_t cuts[2];

	(void)state;
	add_shape(&r, FRAME_PING, 0, false, false);
	add_shape(&r, FRAME_CALL, 2, true, true);
	add_shape(&r, FRAME_CANCEL, 0, false, false);
	for (cuts[0] = 0; cuts[0] <= r.size; cuts[0]++) {
		for (cuts[1] = cuts[0]; cuts[1] <= r.size; cuts[1]++)
			hear_cut(&r, cuts, 2);
	}
}

static void frames_come_byte_by_byte(void **state)
{
	static struct row r;
	struct sample_ear e;

	(void)state;
	fill(&r);
	e = (struct sample_ear){.expected = r.frames, .count = r.count};
	frame_open(&e.decoder, BROOD_MAX_FRAME);
	for (size_t i = 0; i < r.size; i++)
		hear(&e, r.bytes + i, 1);
	assert_int_equal(e.heard, r.count);
	frame_close(&e.decoder);
}

static void random_rows_may_be_cut_at_random(void **state)
{
	static struct row r;
	struct dice d = dice_open();

	(void)state;
	for (int round = 0; round < 3000; round++) {
		size_t cuts[16];
		size_t count = dice_below(&d, 16);
		size_t at = 0;

		r.count = r.size = 0;
		for (size_t n = 1 + dice_below(&d, 12); n > 0; n--)
			add_shape(&r, sample_types[dice_below(&d, SAMPLE_TYPES)],
				  (unsigned)dice_below(&d, ALL_WORDS + 1), dice_once_in(&d, 2),
				  dice_once_in(&d, 2));
		for (size_t i = 0; i < count; i++)
			cuts[i] = at += dice_below(&d, (r.size - at) / (count - i) + 1);
		hear_cut(&r, cuts, count);
	}
}

static void every_prefix_of_a_frame_is_none(void **state)
{
	uint8_t bytes[SAMPLE_MOST];

	(void)state;
	for (size_t t = 0; t < SAMPLE_TYPES; t++) {
		struct frame f = sample_frame(sample_types[t], ALL_WORDS, true, true);
		size_t size = sample_encode(bytes, &f);

		for (size_t prefix = 0; prefix < size; prefix++) {
			struct sample_ear e = {.count = 0};

			frame_open(&e.decoder, BROOD_MAX_FRAME);
			hear(&e, bytes, prefix);
			assert_int_equal(frame_is_partial(&e.decoder), prefix > 0);
			assert_int_equal(frame_offset(&e.decoder), 0);
			frame_close(&e.decoder);
		}
	}
}

static void nothing_fed_is_no_frame(void **state)
{
	struct frame_decoder d;
	struct frame f;

	(void)state;
	frame_open(&d, BROOD_MAX_FRAME);
	assert_int_equal(frame_next(&d, &f), FRAME_MORE);
	frame_feed(&d, "", 1);
	assert_true(frame_is_partial(&d)); /* it is there, if not looked at */
	frame_close(&d);
	frame_feed(&d, NULL, 0);
	assert_int_equal(frame_next(&d, &f), FRAME_MORE);
	assert_false(frame_is_partial(&d));
	frame_close(&d);
	frame_close(&d);
	frame_close(&(struct frame_decoder){.max_frame = 0});
}

static void an_announced_length_costs_no_memory(void **state)
{
	static const uint32_t sizes[] = {BROOD_MAX_FRAME, BROOD_MAX_FRAME - 1, 1000};
	uint8_t bytes[FRAME_PREFIX_MOST + 4] = {0};
	struct frame f = {.type = FRAME_DATA, .id = 1};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct sample_ear e = {.count = 0};

		f.body_size = sizes[i] - FRAME_HEADER;
		frame_prefix(bytes, &f);
		frame_open(&e.decoder, BROOD_MAX_FRAME);
		hear(&e, bytes, 20);
		assert_int_equal(e.decoder.held, 20);
		assert_in_range(e.decoder.hold_capacity, 20, 512);
		frame_close(&e.decoder);
		assert_null(e.decoder.hold);
	}
}

static void memory_grows_with_the_bytes_that_came(void **state)
{
	static uint8_t bytes[BROOD_MAX_FRAME];
	struct frame f = {.type = FRAME_DATA,
			  .id = 1,
			  .body = bytes,
			  .body_size = sizeof(bytes) - FRAME_HEADER};
	uint8_t prefix[FRAME_PREFIX_MOST];
	struct sample_ear e = {.expected = &f, .count = 1};

	(void)state;
	frame_open(&e.decoder, BROOD_MAX_FRAME);
	hear(&e, prefix, frame_prefix(prefix, &f));
	for (size_t came = 0; came < f.body_size;) {
		size_t piece = f.body_size - came < 1000 ? f.body_size - came : 1000;

		assert_in_range(e.decoder.hold_capacity, 0,
				came < 256 ? 512 : 2 * (came + FRAME_HEADER));
		hear(&e, bytes, piece);
		came += piece;
	}
	assert_int_equal(e.heard, 1);
	assert_null(e.decoder.hold); /* a large one is not kept for an idle peer */
	hear(&e, prefix, 1);
	assert_int_equal(e.decoder.held, 1);
	frame_close(&e.decoder);
}

static void a_frame_in_one_piece_is_not_copied(void **state)
{
	uint8_t bytes[SAMPLE_MOST];
	struct frame f = sample_frame(FRAME_CALL, ALL_WORDS, true, true);
	size_t size = sample_encode(bytes, &f);
	struct frame_decoder d;
	struct frame read;

	(void)state;
	frame_open(&d, BROOD_MAX_FRAME);
	frame_feed(&d, bytes, size);
	assert_int_equal(frame_next(&d, &read), FRAME_OK);
	assert_ptr_equal(read.body + read.body_size, bytes + size);
	assert_null(d.hold);
	frame_close(&d);
}

static void a_frame_that_was_given_out_is_not_partial(void **state)
{
	uint8_t bytes[SAMPLE_MOST];
	struct frame f = sample_frame(FRAME_CALL, ALL_WORDS, true, true);
	size_t size = sample_encode(bytes, &f);
	struct frame_decoder d;
	struct frame read;

	(void)state;
	for (size_t cut = 1; cut < size; cut++) {
		frame_open(&d, BROOD_MAX_FRAME);
		frame_feed(&d, bytes, cut);
		assert_int_equal(frame_next(&d, &read), FRAME_MORE);
		assert_true(frame_is_partial(&d));
		frame_feed(&d, bytes + cut, size - cut);
		assert_int_equal(frame_next(&d, &read), FRAME_OK);
		assert_false(frame_is_partial(&d));
		assert_int_equal(frame_offset(&d), size);
		assert_int_equal(frame_next(&d, &read), FRAME_MORE);
		assert_false(frame_is_partial(&d));
		frame_close(&d);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(nothing_fed_is_no_frame),
	cmocka_unit_test(every_prefix_of_a_frame_is_none),
	cmocka_unit_test(frames_come_byte_by_byte),
	cmocka_unit_test(every_shape_may_be_cut_at_every_byte),
	cmocka_unit_test(every_shape_may_be_cut_at_every_two_bytes),
	cmocka_unit_test(frames_in_a_row_may_be_cut_at_every_byte),
	cmocka_unit_test(frames_in_a_row_may_be_cut_at_every_two_bytes),
	cmocka_unit_test(random_rows_may_be_cut_at_random),
	cmocka_unit_test(an_announced_length_costs_no_memory),
	cmocka_unit_test(memory_grows_with_the_bytes_that_came),
	cmocka_unit_test(a_frame_in_one_piece_is_not_copied),
	cmocka_unit_test(a_frame_that_was_given_out_is_not_partial),
};

CHECK_MAIN(tests)
