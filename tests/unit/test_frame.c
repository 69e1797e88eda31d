/* frame: what is written is read back, and every field stands where the protocol says. */
#include "check.h"

#include <stdlib.h>

#include "contract.h"
#include "frame.h"
#include "head.h"
#include "sample.h"

/* Decodes bytes that hold exactly one frame. Head and body point into `bytes`. */
static struct frame decode(const uint8_t *bytes, size_t size)
{
	struct frame_decoder d;
	struct frame f;
	struct frame rest;

	frame_open(&d, BROOD_MAX_FRAME);
	frame_feed(&d, bytes, size);
	assert_int_equal(frame_next(&d, &f), FRAME_OK);
	assert_int_equal(frame_next(&d, &rest), FRAME_MORE);
	assert_int_equal(frame_offset(&d), size);
	assert_null(frame_problem(&d));
	assert_false(frame_is_partial(&d));
	frame_close(&d);
	return f;
}

static void assert_same(const struct frame *expected, const struct frame *actual)
{
	const char *difference = sample_difference(expected, actual);

	if (difference)
		fail_msg("%s of %s differs", difference, frame_type_name(expected->type));
}

static void the_header_stands_where_the_protocol_says(void **state)
{
	static const struct frame f = {
		.type = FRAME_CALL,
		.flags = FLAG_EOM | FLAG_EOS,
		.nfds = 16,
		.id = 0x04030201,
		.arg = 0x0d0c0b0a,
		.body = (const uint8_t *)"abc",
		.body_size = 3,
	};
	uint8_t expected[64];
	uint8_t actual[FRAME_PREFIX_MOST + 64];
	size_t size = sample_hex(expected, sizeof(expected),
				 "0f000000 10 03 10 00 01020304 0a0b0c0d 616263");
	struct frame read;

	(void)state;
	assert_int_equal(size, 19);
	assert_int_equal(sample_encode(actual, &f), size);
	assert_int_equal(frame_size(&f), size);
	assert_memory_equal(actual, expected, size);
	read = decode(expected, size);
	assert_same(&f, &read);
}

/* Words as bytes, written by hand from the protocol's text. */
static const struct {
	uint8_t tag;
	const char *hex;
	struct frame frame;
} words[] = {
	{WORD_LENGTH, "02 02 0000 00000000 8877665544332211", {.length = 0x1122334455667788}},
	{WORD_DEADLINE, "03 01 0000 10270000", {.deadline_ms = 10000}},
	{WORD_PEER,
	 "04 03 0000 e8030000 64000000 ffffffff 0102030405060708",
	 {.peer = {1000, 100, UINT32_MAX, 0x0807060504030201}}},
	{WORD_DELIVERY,
	 "05 02 0000 02000000 efcdab8967452301",
	 {.attempt = 2, .key = 0x0123456789abcdef}},
	{WORD_TRACE,
	 "06 04 0000 01000000 000102030405060708090a0b0c0d0e0f 1011121314151617",
	 {.trace_flags = 1, .trace = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11,
				      12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23}}},
	{WORD_ORDER, "07 02 0000 00000000 ffffffffffffff7f", {.order = INT64_MAX}},
};

static void every_word_stands_where_the_protocol_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct frame f = words[i].frame;
		uint8_t expected[128];
		uint8_t actual[128 + FRAME_PREFIX_MOST];
		size_t size = sample_hex(expected, sizeof(expected),
					 "00000000 11 00 00 00 07000000 00000000");
		struct frame read;

		size += sample_hex(expected + size, sizeof(expected) - size, words[i].hex);
		expected[0] = (uint8_t)(size - 4);
		expected[7] = (uint8_t)((size - FRAME_HEADER) / 8);
		f.type = FRAME_DATA;
		f.id = 7;
		f.words = 1u << words[i].tag;
		assert_int_equal(sample_encode(actual, &f), size);
		assert_memory_equal(actual, expected, size);
		read = decode(expected, size);
		assert_same(&f, &read);
	}
}

static void the_head_is_padded_with_zeros(void **state)
{
	static const char hex[] = "21000000 10 00 00 01 03000000 00000000" /* size 33 */
				  "01 01 0000 07000000"                    /* META 7 */
				  "0100 0200 6b 7632 00" /* k = v2, one byte of padding */
				  "626f647921";          /* the body */
	uint8_t bytes[64];
	uint8_t again[FRAME_PREFIX_MOST + 64];
	size_t size = sample_hex(bytes, sizeof(bytes), hex);
	struct frame f = decode(bytes, size);
	struct head_entry e;

	(void)state;
	assert_int_equal(f.words, 0);
	assert_int_equal(f.head_size, 7);
	assert_true(head_find(f.head, f.head_size, "k", &e));
	assert_memory_equal(e.value, "v2", 2);
	assert_int_equal(f.body_size, 5);
	assert_memory_equal(f.body, "body!", 5);
	assert_int_equal(sample_encode(again, &f), size);
	assert_memory_equal(again, bytes, size);
}

static void every_shape_is_read_back(void **state)
{
	uint8_t bytes[SAMPLE_MOST];

	(void)state;
	for (size_t t = 0; t < SAMPLE_TYPES; t++) {
		for (unsigned shape = 0; shape < 4u << SAMPLE_WORDS; shape++) {
			struct frame f =
				sample_frame(sample_types[t], shape >> 2, shape & 1, shape & 2);
			size_t size = sample_encode(bytes, &f);
			struct frame read = decode(bytes, size);

			assert_int_equal(frame_size(&f), size);
			assert_same(&f, &read);
		}
	}
}

static void all_bits_of_every_field_are_kept(void **state)
{
	uint8_t bytes[SAMPLE_MOST];

	(void)state;
	for (unsigned fill = 0; fill < 2; fill++) {
		struct frame f = sample_frame(FRAME_DATA, (1u << SAMPLE_WORDS) - 1, false, false);
		uint32_t all = fill ? UINT32_MAX : 0;
		struct frame read;

		f.flags = fill ? FLAGS_KNOWN & ~FLAG_MEMFD : 0; /* that one has rules of its own */
		f.nfds = fill ? FRAME_FDS_MOST : 0;
		f.id = fill ? all : 1;
		f.arg = f.deadline_ms = f.attempt = f.trace_flags = all;
		f.length = f.key = f.order = fill ? UINT64_MAX : 0;
		f.peer = (struct frame_peer){all, all, all, f.key};
		memset(f.trace, fill ? 255 : 0, sizeof(f.trace));
		read = decode(bytes, sample_encode(bytes, &f));
		assert_same(&f, &read);
	}
}

static void words_come_in_any_order(void **state)
{
	uint8_t bytes[256];
	uint8_t backwards[256];
	struct frame f = sample_frame(FRAME_CALL, (1u << SAMPLE_WORDS) - 1, true, true);
	size_t size = sample_encode(bytes, &f);
	size_t at = FRAME_HEADER;
	size_t end = FRAME_HEADER + 8u * bytes[7];
	size_t to = end;
	struct frame read;

	(void)state;
	memcpy(backwards, bytes, size);
	while (at < end) {
		size_t length = 8u * bytes[at + 1];

		to -= length;
		memcpy(backwards + to, bytes + at, length);
		at += length;
	}
	read = decode(backwards, size);
	assert_same(&f, &read);
}

static void a_head_length_of_zero_is_no_head(void **state)
{
	uint8_t bytes[64];
	size_t size = sample_hex(bytes, sizeof(bytes),
				 "15000000 11 00 00 01 01000000 00000000 01 01 0000 00000000 78");
	struct frame f = decode(bytes, size);

	(void)state;
	assert_int_equal(f.head_size, 0);
	assert_int_equal(f.words, 0);
	assert_int_equal(f.body_size, 1);
	assert_memory_equal(f.body, "x", 1);
}

/* A DATA frame with an unknown word of `length` and, behind it, a DEADLINE. */
static struct frame decode_unknown(uint8_t tag, uint8_t length)
{
	uint8_t bytes[FRAME_PREFIX_MOST + 8] = {0};
	size_t size = FRAME_HEADER + 8u * length + 8;
	uint8_t *word = bytes + FRAME_HEADER;

	sample_hex(bytes, FRAME_HEADER, "00000000 11 00 00 00 01000000 00000000");
	bytes[0] = (uint8_t)(size - 4);
	bytes[1] = (uint8_t)((size - 4) >> 8);
	bytes[7] = (uint8_t)(length + 1);
	memset(word, 0xee, 8u * length); /* which would be nonsense if it were looked at */
	word[0] = tag;
	word[1] = length;
	word[2] = word[3] = 0;
	sample_hex(word + 8u * length, 8, "03 01 0000 2a000000");
	return decode(bytes, size);
}

static void unknown_words_are_skipped(void **state)
{
	(void)state;
	for (unsigned tag = 0; tag < 256; tag++) {
		if (tag >= WORD_META && tag <= WORD_ORDER)
			continue;
		for (uint8_t length = 1; length < FRAME_WORDS_MOST; length++) {
			struct frame f = decode_unknown((uint8_t)tag, length);

			assert_int_equal(f.words, 1u << WORD_DEADLINE);
			assert_int_equal(f.deadline_ms, 42);
			assert_int_equal(f.body_size, 0);
			assert_int_equal(f.unknown_required, tag >= 0x80);
		}
	}
}

static void an_unknown_word_may_come_twice(void **state)
{
	uint8_t bytes[64];
	size_t size = sample_hex(bytes, sizeof(bytes),
				 "1c000000 11 00 00 02 01000000 00000000"
				 "40 01 0000 00000000 40 01 0000 00000000");
	struct frame f = decode(bytes, size);

	(void)state;
	assert_int_equal(f.words, 0);
	assert_false(f.unknown_required);
}

static void unknown_types_are_given_out_with_any_id(void **state)
{
	uint8_t bytes[SAMPLE_MOST];

	(void)state;
	for (unsigned type = 0; type < 256; type++) {
		struct frame f = sample_frame((uint8_t)type, 2, true, true);
		struct frame read;

		if (frame_type_is_known((uint8_t)type))
			continue;
		for (f.id = 0; f.id < 3; f.id++) {
			read = decode(bytes, sample_encode(bytes, &f));
			assert_same(&f, &read);
		}
	}
}

static void unknown_bits_of_words_are_not_written(void **state)
{
	uint8_t bytes[FRAME_PREFIX_MOST];
	struct frame f = sample_frame(FRAME_DATA, 0, false, false);
	struct frame read;

	(void)state;
	f.words = 1u << 0 | 1u << WORD_META | 1u << 8 | 1u << 31;
	assert_int_equal(frame_prefix(bytes, &f), FRAME_HEADER);
	read = decode(bytes, FRAME_HEADER);
	assert_int_equal(read.words, 0);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(the_header_stands_where_the_protocol_says),
	cmocka_unit_test(every_word_stands_where_the_protocol_says),
	cmocka_unit_test(the_head_is_padded_with_zeros),
	cmocka_unit_test(every_shape_is_read_back),
	cmocka_unit_test(all_bits_of_every_field_are_kept),
	cmocka_unit_test(words_come_in_any_order),
	cmocka_unit_test(a_head_length_of_zero_is_no_head),
	cmocka_unit_test(unknown_words_are_skipped),
	cmocka_unit_test(an_unknown_word_may_come_twice),
	cmocka_unit_test(unknown_types_are_given_out_with_any_id),
	cmocka_unit_test(unknown_bits_of_words_are_not_written),
};

CHECK_MAIN(tests)
