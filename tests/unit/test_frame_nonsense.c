/* frame: every kind of nonsense is named, at its offset, and stops the stream for good. */
#include "check.h"

#include "contract.h"
#include "frame.h"
#include "sample.h"

enum { NONSENSE_MOST = FRAME_PREFIX_MOST + 64 };

/* A PING, which is fine, before the nonsense. */
#define GOOD "0c000000 05 00 00 00 00000000 2a000000 "
#define REST "00000000" /* arg */

static const char size_problem[] = "size below the header's own";
static const char bit_problem[] = "bit 31 of the size is set";
static const char flag_problem[] = "reserved flag";
static const char fds_problem[] = "more than 16 descriptors";
static const char words_problem[] = "more than 32 extension words";
static const char long_problem[] = "extension words longer than the frame";
static const char id_problem[] = "id does not fit the type";
static const char word_problem[] = "malformed extension word";
static const char length_problem[] = "extension word of the wrong length";
static const char twice_problem[] = "extension word twice";
static const char meta_problem[] = "head block over 16 KiB";
static const char meta_long_problem[] = "head block longer than the frame";
static const char padding_problem[] = "padding is not zero";
static const char note_problem[] = "MEMFD on a frame that has no body elsewhere";
static const char head_problem[] = "malformed head block";

/* Nonsense that shows in the header alone. */
static const struct nonsense {
	const char *hex;
	const char *problem;
} headers[] = {
	{"00000080 05 00 00 00 00000000 " REST, bit_problem},
	{"0c000080 05 00 00 00 00000000 " REST, bit_problem},
	{"ffffffff 05 00 00 00 00000000 " REST, bit_problem},
	{"00000000 05 00 00 00 00000000 " REST, size_problem},
	{"01000000 05 00 00 00 00000000 " REST, size_problem},
	{"0b000000 05 00 00 00 00000000 " REST, size_problem},
	{"0c000000 05 80 00 00 00000000 " REST, flag_problem},
	{"0c000000 05 ff 00 00 00000000 " REST, flag_problem},
	{"0c000000 05 00 11 00 00000000 " REST, fds_problem},
	{"0c000000 05 00 fe 00 00000000 " REST, fds_problem},
	{"00400000 11 00 00 21 01000000 " REST, words_problem},
	{"00400000 11 00 00 ff 01000000 " REST, words_problem},
	{"0c000000 05 00 00 01 00000000 " REST, long_problem},
	{"13000000 05 00 00 01 00000000 " REST, long_problem},
	{"0b010000 11 00 00 20 01000000 " REST, long_problem},
	{"0c000000 05 00 00 00 01000000 " REST, id_problem},
	{"0c000000 10 00 00 00 00000000 " REST, id_problem},
	/* an oversize one is not skipped if it is no header at all */
	{"ffffff7f 05 80 00 00 00000000 " REST, flag_problem},
	{"ffffff7f 05 00 00 21 00000000 " REST, words_problem},
};

/* Nonsense that shows in a whole frame, of id 1; size and number of words are one byte each. */
#define DATA(size, words) size "000000 11 00 00 " words " 01000000 " REST
#define NOTE              "0000000000000000 0000000000000000"
#define META              "01 01 0000 "
static const struct nonsense frames[] = {
	{DATA("14", "01") "03 00 0000 00000000", word_problem},
	{DATA("14", "01") "40 00 0000 00000000", word_problem},
	{DATA("14", "01") "40 02 0000 00000000", word_problem},
	{DATA("14", "01") "03 ff 0000 00000000", word_problem},
	{DATA("1c", "01") "02 02 0000 00000000 0000000000000000", word_problem},
	{DATA("14", "01") "03 01 0100 00000000", word_problem},
	{DATA("14", "01") "03 01 0001 00000000", word_problem},
	{DATA("14", "01") "40 01 0001 00000000", word_problem},
	{DATA("1c", "02") "03 01 0000 00000000 03 01 0000 00000000", twice_problem},
	{DATA("1c", "02") "01 01 0000 00000000 01 01 0000 00000000", twice_problem},
	{DATA("18", "01") META "01400000 01000000", meta_problem},
	{DATA("14", "01") META "ffffffff", meta_problem},
	{DATA("14", "01") META "00400000", meta_long_problem},
	{DATA("14", "01") META "01000000", meta_long_problem},
	/* the entry fits, its padding does not */
	{DATA("1b", "01") META "06000000 0100 0100 6b76 00", meta_long_problem},
	{DATA("1c", "01") META "06000000 0100 0100 6b76 0100", padding_problem},
	{DATA("1c", "01") META "06000000 0100 0100 6b76 0001", padding_problem},
	{DATA("1c", "01") META "01000000 01 00000000000000", head_problem},
	{DATA("1c", "01") META "03000000 010000 0000000000", head_problem},
	{DATA("1c", "01") META "04000000 0000 0000 00000000", head_problem},
	{DATA("1c", "01") META "05000000 0100 0100 6b 000000", head_problem},
	{DATA("1c", "01") META "07000000 0100 0100 6b76 01 00", head_problem},
	{DATA("1c", "01") META "06000000 ffff ffff 6b76 0000", head_problem},
	/* a body elsewhere: of CALL and REPLY only, with EOM, the descriptor with CALL, and a note of the right size */
	{"0c000000 05 20 00 00 00000000 " REST, note_problem},
	{"1c000000 11 21 01 00 01000000 " REST NOTE, note_problem},
	{"1c000000 15 21 01 00 00000000 " REST NOTE, note_problem},
	{"1c000000 10 20 01 00 01000000 " REST NOTE, note_problem},
	{"1c000000 10 21 00 00 01000000 " REST NOTE, note_problem},
	{"1c000000 10 21 02 00 01000000 " REST NOTE, note_problem},
	{"1b000000 10 21 01 00 01000000 " REST "0000000000000000 00000000000000", note_problem},
	{"24000000 10 21 01 00 01000000 " REST NOTE "0000000000000000", note_problem},
	{"0c000000 10 21 01 00 01000000 " REST, note_problem},
	{"1c000000 13 20 00 00 01000000 " REST NOTE, note_problem},
	{"1c000000 13 21 01 00 01000000 " REST NOTE, note_problem},
	{"2c000000 13 21 00 00 01000000 " REST NOTE NOTE, note_problem},
	{"1c000000 7f 00 00 01 01000000 " REST "01 01 0000 06000000 0100 ffff 6b76 0000",
	 head_problem},
};

/* Feeds `bytes` cut at `cut`; the last result. */
static enum frame_result feed_cut(struct frame_decoder *d, const uint8_t *bytes, size_t size,
				  size_t cut, size_t *frames_out)
{
	const uint8_t *from[] = {bytes, bytes + cut};
	size_t sizes[] = {cut, size - cut};
	enum frame_result result = FRAME_MORE;
	struct frame f;

	*frames_out = 0;
	for (int i = 0; i < 2 && result == FRAME_MORE; i++) {
		frame_feed(d, from[i], sizes[i]);
		while ((result = frame_next(d, &f)) == FRAME_OK)
			++*frames_out;
	}
	return result;
}

/* Cut anywhere, it is noticed, at its offset, and for ever. */
static void assert_nonsense(const uint8_t *bytes, size_t size, size_t offset, const char *problem)
{
	for (size_t cut = 0; cut <= size; cut++) {
		struct frame_decoder d;
		struct frame f;
		size_t count;

		frame_open(&d, BROOD_MAX_FRAME);
		if (feed_cut(&d, bytes, size, cut, &count) != FRAME_NONSENSE)
			fail_msg("cut at %zu: not noticed: %s", cut, problem);
		assert_text(problem, frame_problem(&d));
		assert_int_equal(frame_offset(&d), offset);
		assert_int_equal(count, offset / FRAME_HEADER);
		frame_feed(&d, bytes, size);
		assert_int_equal(frame_next(&d, &f), FRAME_NONSENSE);
		frame_close(&d);
		assert_int_equal(frame_offset(&d), offset);
	}
}

static void assert_all_nonsense(const struct nonsense *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint8_t bytes[NONSENSE_MOST];
		size_t good = sample_hex(bytes, sizeof(bytes), GOOD GOOD);
		size_t size = sample_hex(bytes + good, sizeof(bytes) - good, rows[i].hex);

		assert_nonsense(bytes + good, size, 0, rows[i].problem);
		assert_nonsense(bytes, good + size, good, rows[i].problem);
	}
}

static void a_header_of_nonsense_is_noticed_alone(void **state)
{
	(void)state;
	assert_all_nonsense(headers, sizeof(headers) / sizeof(headers[0]));
}

static void a_frame_of_nonsense_is_noticed(void **state)
{
	(void)state;
	assert_all_nonsense(frames, sizeof(frames) / sizeof(frames[0]));
}

static void every_size_below_twelve_is_nonsense(void **state)
{
	uint8_t bytes[FRAME_HEADER];

	(void)state;
	sample_hex(bytes, sizeof(bytes), GOOD);
	for (bytes[0] = 0; bytes[0] < 12; bytes[0]++)
		assert_nonsense(bytes, sizeof(bytes), 0, size_problem);
}

static void every_type_refuses_the_ids_of_others(void **state)
{
	uint8_t bytes[SAMPLE_MOST];

	(void)state;
	for (size_t t = 0; t < SAMPLE_TYPES; t++) {
		struct frame f = sample_frame(sample_types[t], 0, false, false);

		f.id = f.id == 0 ? 1 : 0;
		if (!frame_id_is_legal(f.type, f.id))
			assert_nonsense(bytes, sample_encode(bytes, &f), 0, id_problem);
	}
}

static void every_word_has_one_length_and_comes_once(void **state)
{
	uint8_t bytes[NONSENSE_MOST];

	(void)state;
	for (uint8_t i = 0; i < SAMPLE_WORDS; i++) {
		struct frame f = sample_frame(FRAME_DATA, 1u << i, false, false);
		size_t size = sample_encode(bytes, &f);
		size_t right = bytes[FRAME_HEADER + 1];

		/* the same word again */
		memcpy(bytes + size, bytes + FRAME_HEADER, 8 * right);
		bytes[0] = (uint8_t)(size + 8 * right - 4);
		bytes[7] = (uint8_t)(2 * right);
		assert_nonsense(bytes, size + 8 * right, 0, twice_problem);
		memset(bytes + size, 0, sizeof(bytes) - size);
		for (size_t wrong = 1; wrong <= 8; wrong++) {
			bytes[FRAME_HEADER + 1] = (uint8_t)wrong;
			bytes[0] = (uint8_t)(FRAME_HEADER + 8 * wrong - 4);
			bytes[7] = (uint8_t)wrong;
			if (wrong != right)
				assert_nonsense(bytes, FRAME_HEADER + 8 * wrong, 0, length_problem);
		}
	}
}

static void the_largest_head_is_fine_and_one_byte_more_is_not(void **state)
{
	static uint8_t bytes[64 << 10];
	struct frame_decoder d;
	struct frame f;

	(void)state;
	for (uint32_t meta = BROOD_MAX_HEAD; meta <= BROOD_MAX_HEAD + 1; meta++) {
		size_t size = sample_hex(bytes, sizeof(bytes),
					 "14480000 11 00 00 01 01000000 " REST
					 "01 01 0000 00000000 0100");

		bytes[20] = (uint8_t)meta;
		bytes[21] = (uint8_t)(meta >> 8);
		bytes[size] = (uint8_t)((meta - 5) & 0xff);
		bytes[size + 1] = (uint8_t)((meta - 5) >> 8);
		bytes[size + 2] = 'k';
		frame_open(&d, BROOD_MAX_FRAME);
		frame_feed(&d, bytes, 0x4814 + 4);
		if (meta == BROOD_MAX_HEAD) {
			assert_int_equal(frame_next(&d, &f), FRAME_OK);
			assert_int_equal(f.head_size, meta);
		} else {
			assert_int_equal(frame_next(&d, &f), FRAME_NONSENSE);
			assert_text(meta_problem, frame_problem(&d));
		}
		frame_close(&d);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(a_header_of_nonsense_is_noticed_alone),
	cmocka_unit_test(every_size_below_twelve_is_nonsense),
	cmocka_unit_test(every_type_refuses_the_ids_of_others),
	cmocka_unit_test(a_frame_of_nonsense_is_noticed),
	cmocka_unit_test(every_word_has_one_length_and_comes_once),
	cmocka_unit_test(the_largest_head_is_fine_and_one_byte_more_is_not),
};

CHECK_MAIN(tests)
