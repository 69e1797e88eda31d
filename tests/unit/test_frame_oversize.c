/* frame: what is over max_frame is told once and skipped without being kept; the stream goes on. */
#include "check.h"

#include "contract.h"
#include "dice.h"
#include "frame.h"
#include "sample.h"

enum { SMALL = 64 }; /* max_frame of these decoders, so that streams stay short */

static uint8_t stream[4096];

/* A DATA frame of this length on the wire. */
static size_t put_data(uint8_t *at, uint32_t id, size_t size)
{
	struct frame f = {.type = FRAME_DATA, .flags = FLAG_EOM, .nfds = 2, .id = id, .arg = 9};

	f.body_size = (uint32_t)(size - FRAME_HEADER);
	memset(at, 0x80, size); /* nonsense, were it taken for a header */
	frame_prefix(at, &f);
	return size;
}

static size_t put_ping(uint8_t *at)
{
	return sample_hex(at, FRAME_HEADER, "0c000000 05 00 00 00 00000000 2a000000");
}

/* What a decoder said about the stream. */
struct account {
	size_t refused;
	size_t fine;
	uint64_t length;
};

static void listen_to(struct frame_decoder *d, const uint8_t *bytes, size_t size, struct account *a)
{
	struct frame f;

	frame_feed(d, bytes, size);
	for (;;) {
		switch (frame_next(d, &f)) {
		case FRAME_OK:
			assert_int_equal(f.type, FRAME_PING);
			assert_int_equal(f.arg, 42);
			a->fine++;
			break;
		case FRAME_TOO_LARGE:
			assert_int_equal(f.type, FRAME_DATA);
			assert_int_equal(f.flags, FLAG_EOM);
			assert_int_equal(f.nfds, 2);
			assert_int_equal(f.id, 7);
			assert_int_equal(f.arg, 9);
			assert_int_equal(f.body_size, 0);
			a->length = f.length;
			a->refused++;
			break;
		case FRAME_MORE:
			return;
		case FRAME_NONSENSE:
		case FRAME_NO_MEMORY:
			fail_msg("%s", frame_problem(d));
		}
	}
}

static void a_frame_of_exactly_the_limit_is_fine(void **state)
{
	struct frame_decoder d;
	struct frame f;

	(void)state;
	frame_open(&d, SMALL);
	frame_feed(&d, stream, put_data(stream, 7, SMALL));
	assert_int_equal(frame_next(&d, &f), FRAME_OK);
	assert_int_equal(f.body_size, SMALL - FRAME_HEADER);
	frame_close(&d);
}

static void one_byte_over_the_limit_is_told_and_skipped(void **state)
{
	(void)state;
	for (size_t over = SMALL + 1; over < 3 * SMALL; over += 31) {
		size_t size = put_ping(stream);

		size += put_data(stream + size, 7, over);
		size += put_ping(stream + size);
		for (size_t cut = 0; cut <= size; cut++) {
			for (size_t next = cut; next <= size; next++) {
				struct account a = {0};
				struct frame_decoder d;

				frame_open(&d, SMALL);
				listen_to(&d, stream, cut, &a);
				listen_to(&d, stream + cut, next - cut, &a);
				listen_to(&d, stream + next, size - next, &a);
				assert_int_equal(a.fine, 2);
				assert_int_equal(a.refused, 1);
				assert_int_equal(a.length, over);
				assert_int_equal(frame_offset(&d), size);
				assert_false(frame_is_partial(&d));
				frame_close(&d);
			}
		}
	}
}

static void it_is_told_as_soon_as_the_header_is_there(void **state)
{
	struct account a = {0};
	struct frame_decoder d;

	(void)state;
	put_data(stream, 7, SMALL + 1);
	frame_open(&d, SMALL);
	for (size_t i = 0; i < FRAME_HEADER; i++) {
		assert_int_equal(a.refused, 0);
		listen_to(&d, stream + i, 1, &a);
	}
	assert_int_equal(a.refused, 1);
	assert_in_range(d.hold_capacity, 0, 512);
	for (size_t i = FRAME_HEADER; i <= SMALL; i++) {
		assert_true(frame_is_partial(&d));
		assert_int_equal(frame_offset(&d), i);
		listen_to(&d, stream + i, 1, &a);
	}
	assert_false(frame_is_partial(&d));
	assert_int_equal(a.refused, 1);
	frame_close(&d);
}

static void oversize_frames_in_a_row_are_told_one_by_one(void **state)
{
	struct account a = {0};
	struct frame_decoder d;
	size_t size = 0;

	(void)state;
	for (int i = 0; i < 5; i++) {
		size += put_data(stream + size, 7, SMALL + 100u);
		size += put_ping(stream + size);
		size += put_data(stream + size, 7, SMALL + 1u);
	}
	frame_open(&d, SMALL);
	listen_to(&d, stream, size, &a);
	assert_int_equal(a.fine, 5);
	assert_int_equal(a.refused, 10);
	assert_int_equal(frame_offset(&d), size);
	frame_close(&d);
}

static void the_largest_length_of_all_is_skipped_without_being_kept(void **state)
{
	static uint8_t rubbish[1 << 20];
	struct account a = {0};
	struct frame_decoder d;
	size_t whole = (size_t)INT32_MAX + 4;
	size_t size = sample_hex(stream, sizeof(stream), "ffffff7f 11 01 02 00 07000000 09000000");

	(void)state;
	memset(rubbish, 0xff, sizeof(rubbish));
	frame_open(&d, BROOD_MAX_FRAME);
	listen_to(&d, stream, size, &a);
	while (size < whole) {
		size_t piece = whole - size < sizeof(rubbish) ? whole - size : sizeof(rubbish);

		listen_to(&d, rubbish, piece, &a);
		size += piece;
	}
	assert_false(frame_is_partial(&d));
	assert_null(d.hold);
	listen_to(&d, stream, put_ping(stream), &a);
	assert_int_equal(a.refused, 1);
	assert_int_equal(a.length, whole);
	assert_int_equal(a.fine, 1);
	assert_int_equal(frame_offset(&d), whole + FRAME_HEADER);
	frame_close(&d);
}

static void words_of_an_oversize_frame_are_not_read(void **state)
{
	struct account a = {0};
	struct frame_decoder d;
	size_t size = put_data(stream, 7, SMALL + 50u);

	(void)state;
	stream[7] = 4; /* four extension words of rubbish */
	size += put_ping(stream + size);
	frame_open(&d, SMALL);
	listen_to(&d, stream, size, &a);
	assert_int_equal(a.refused, 1);
	assert_int_equal(a.fine, 1);
	frame_close(&d);
}

static void random_lengths_in_random_pieces(void **state)
{
	struct dice dice = dice_open();

	(void)state;
	for (int round = 0; round < 5000; round++) {
		struct account a = {0};
		struct frame_decoder d;
		size_t pings = 0;
		size_t size = 0;
		size_t refused = 0;

		while (size < 1000) {
			if (dice_once_in(&dice, 2)) {
				size += put_ping(stream + size);
				pings++;
			} else {
				size += put_data(stream + size, 7,
						 SMALL + 1 + dice_below(&dice, 300));
				refused++;
			}
		}
		frame_open(&d, SMALL);
		for (size_t at = 0; at < size;) {
			size_t piece = 1 + dice_below(&dice, 200);

			if (piece > size - at)
				piece = size - at;
			listen_to(&d, stream + at, piece, &a);
			at += piece;
		}
		assert_int_equal(a.fine, pings);
		assert_int_equal(a.refused, refused);
		frame_close(&d);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(a_frame_of_exactly_the_limit_is_fine),
	cmocka_unit_test(one_byte_over_the_limit_is_told_and_skipped),
	cmocka_unit_test(it_is_told_as_soon_as_the_header_is_there),
	cmocka_unit_test(oversize_frames_in_a_row_are_told_one_by_one),
	cmocka_unit_test(the_largest_length_of_all_is_skipped_without_being_kept),
	cmocka_unit_test(words_of_an_oversize_frame_are_not_read),
	cmocka_unit_test(random_lengths_in_random_pieces),
};

CHECK_MAIN(tests)
