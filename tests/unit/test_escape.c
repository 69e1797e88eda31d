/*
 * escape: every character is kept or escaped as the head of escape.h says; what comes out is valid
 * UTF-8 on one line, never cut inside a character or an escape. The oracle below decides by tables
 * of its own.
 */
#include "check.h"

#include <stdbool.h>

#include "dice.h"
#include "escape.h"

/* Ranges of characters that are escaped; all other valid ones are kept. */
static const struct {
	uint32_t first;
	uint32_t last;
} escaped[] = {
	{0x0, 0x8},         {0xa, 0x1f},        {0x7f, 0x9f},     {0x00ad, 0x00ad}, {0x034f, 0x034f},
	{0x061c, 0x061c},   {0x115f, 0x1160},   {0x17b4, 0x17b5}, {0x180b, 0x180e}, {0x200b, 0x200c},
	{0x200e, 0x200f},   {0x2028, 0x202e},   {0x2060, 0x206f}, {0x3164, 0x3164}, {0xfe00, 0xfe0d},
	{0xfeff, 0xfeff},   {0xffa0, 0xffa0},   {0xfff0, 0xfffb}, {0x1bca0, 0x1bca3},
	{0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

static bool is_escaped(uint32_t c)
{
	for (size_t i = 0; i < sizeof(escaped) / sizeof(escaped[0]); i++) {
		if (c >= escaped[i].first && c <= escaped[i].last)
			return true;
	}
	return false;
}

static size_t encode(uint32_t c, unsigned char out[4])
{
	if (c < 0x80) {
		out[0] = (unsigned char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (unsigned char)(0xc0 | c >> 6);
		out[1] = (unsigned char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (unsigned char)(0xe0 | c >> 12);
		out[1] = (unsigned char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (unsigned char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (unsigned char)(0xf0 | c >> 18);
	out[1] = (unsigned char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (unsigned char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (unsigned char)(0x80 | (c & 0x3f));
	return 4;
}

/* The character at p by the table of well-formed sequences in the Unicode standard; 0: none. */
static size_t well_formed(const unsigned char *p, size_t left)
{
	static const struct {
		unsigned char first[2];
		unsigned char second[2];
		size_t length;
	} rows[] = {
		{{0x00, 0x7f}, {0, 0}, 1},       {{0xc2, 0xdf}, {0x80, 0xbf}, 2},
		{{0xe0, 0xe0}, {0xa0, 0xbf}, 3}, {{0xe1, 0xec}, {0x80, 0xbf}, 3},
		{{0xed, 0xed}, {0x80, 0x9f}, 3}, {{0xee, 0xef}, {0x80, 0xbf}, 3},
		{{0xf0, 0xf0}, {0x90, 0xbf}, 4}, {{0xf1, 0xf3}, {0x80, 0xbf}, 4},
		{{0xf4, 0xf4}, {0x80, 0x8f}, 4},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t n = rows[i].length;

		if (p[0] < rows[i].first[0] || p[0] > rows[i].first[1] || left < n)
			continue;
		if (n > 1 && (p[1] < rows[i].second[0] || p[1] > rows[i].second[1]))
			return 0;
		for (size_t k = 2; k < n; k++) {
			if (p[k] < 0x80 || p[k] > 0xbf)
				return 0;
		}
		return n;
	}
	return 0;
}

static uint32_t character_at(const unsigned char *p, size_t length)
{
	uint32_t c = length == 1 ? p[0] : p[0] & (0x7fu >> length);

	for (size_t i = 1; i < length; i++)
		c = c << 6 | (p[i] & 0x3fu);
	return c;
}

/* What ought to come out. */
static size_t expected_of(const unsigned char *p, size_t size, char *out)
{
	size_t written = 0;

	for (size_t at = 0; at < size;) {
		size_t n = well_formed(p + at, size - at);

		if (n > 0 && !is_escaped(character_at(p + at, n))) {
			memcpy(out + written, p + at, n);
			written += n;
		} else if (n > 1) {
			written += (size_t)snprintf(out + written, 16, "\\u{%x}",
						    character_at(p + at, n));
		} else {
			written += (size_t)snprintf(out + written, 16, "\\x%02x", p[at]);
		}
		at += n > 0 ? n : 1;
	}
	out[written] = '\0';
	return written;
}

static void check(const unsigned char *p, size_t size)
{
	char expected[1024];
	char actual[1024];
	size_t used = 99;
	size_t n = expected_of(p, size, expected);

	assert_int_equal(escape_text(p, size, actual, sizeof(actual), &used), n);
	assert_int_equal(used, size);
	assert_memory_equal(actual, expected, n + 1);
	assert_true(n <= size * ESCAPE_GROWTH);
	for (size_t at = 0; at < n;) {
		size_t length = well_formed((const unsigned char *)actual + at, n - at);

		assert_true(length > 0);
		assert_false(is_escaped(character_at((const unsigned char *)actual + at, length)));
		at += length;
	}
}

static void known_texts(void **state)
{
	static const struct {
		const char *text;
		const char *expected;
	} rows[] = {
		/* clang-format off */
		{"", ""},
		{"plain text\t\\ and \"quotes\"", "plain text\t\\ and \"quotes\""},
		{"Gr\xc3\xbc\xc3\x9f Gott \xe2\x82\xac \xf0\x9f\x90\xa3",
		 "Gr\xc3\xbc\xc3\x9f Gott \xe2\x82\xac \xf0\x9f\x90\xa3"},
		{"\x1b[31mred\x1b]0;title\x07", "\\x1b[31mred\\x1b]0;title\\x07"},
		{"one\r\ntwo", "one\\x0d\\x0atwo"},
		{"\x7f", "\\x7f"},
		{"\xc2\x9b" "31m", "\\u{9b}31m"},                /* CSI of C1, as UTF-8 */
		{"\x9b" "31m", "\\x9b31m"},                      /* and as a byte */
		{"\xe2\x80\xae" "txt.exe", "\\u{202e}txt.exe"},  /* turns text around */
		{"a\xe2\x80\xa8" "b", "a\\u{2028}b"},            /* ends lines for some */
		{"\xef\xbb\xbf" "a", "\\u{feff}a"},              /* byte order mark */
		{"\xd8\x9c", "\\u{61c}"},
		{"pay\xe2\x80\x8b" "load", "pay\\u{200b}load"}, /* cannot be seen */
		{"\xf3\xa0\x81\x81", "\\u{e0041}"},             /* a tag */
		{"\xe2\x9d\xa4\xef\xb8\x8f", "\xe2\x9d\xa4\xef\xb8\x8f"}, /* a red heart */
		{"\xc0\xaf", "\\xc0\\xaf"},                      /* overlong */
		{"\xe0\x80\xaf", "\\xe0\\x80\\xaf"},
		{"\xed\xa0\x80", "\\xed\\xa0\\x80"},             /* half of a surrogate pair */
		{"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},    /* beyond the last character */
		{"\xe2\x82", "\\xe2\\x82"},                      /* a character cut short */
		{"\xe2\x82X", "\\xe2\\x82X"},
		/* clang-format on */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char out[256];

		escape_text(rows[i].text, strlen(rows[i].text), out, sizeof(out), NULL);
		assert_text(rows[i].expected, out);
	}
}

static void every_character(void **state)
{
	(void)state;
	for (uint32_t c = 0; c <= 0x10ffff; c++) {
		unsigned char text[4];
		char out[16];
		char expected[16];
		size_t size = encode(c, text);

		if (c >= 0xd800 && c <= 0xdfff)
			continue;
		escape_text(text, size, out, sizeof(out), NULL);
		expected_of(text, size, expected);
		if (strcmp(out, expected) != 0)
			fail_msg("U+%04X becomes %s, not %s", c, out, expected);
	}
}

static void every_two_bytes(void **state)
{
	(void)state;
	for (unsigned a = 0; a < 256; a++) {
		for (unsigned b = 0; b < 256; b++)
			check((unsigned char[]){(unsigned char)a, (unsigned char)b}, 2);
	}
}

/* Bytes that like to be near each other, so that many are nearly well-formed. */
static void random_bytes(void **state)
{
	static const unsigned char likely[] = {0x00, 0x0a, 0x1b, 0x41, 0x80, 0x8f, 0x9f, 0xa0,
					       0xbb, 0xbf, 0xc0, 0xc2, 0xd8, 0xe0, 0xe2, 0xed,
					       0xef, 0xf0, 0xf4, 0xf5, 0xfe, 0xff};
	struct dice dice = dice_open();

	(void)state;
	for (int i = 0; i < 30000; i++) {
		unsigned char text[64];
		size_t size = dice_below(&dice, sizeof(text));

		for (size_t k = 0; k < size; k++)
			text[k] = dice_once_in(&dice, 3)
					  ? (unsigned char)dice_throw(&dice)
					  : likely[dice_below(&dice, sizeof(likely))];
		check(text, size);
	}
}

/* In any room: whole pieces only, and what did not fit follows. */
static void text_is_cut_between_pieces(void **state)
{
	static const char text[] = "a\x1b"
				   "b\xe2\x82\xac\xe2\x80\xae\xf0\x9f\x90\xa3\xff"
				   "c";
	char whole[64];
	size_t size = sizeof(text) - 1;

	(void)state;
	escape_text(text, size, whole, sizeof(whole), NULL);
	for (size_t room = 1; room <= sizeof(whole); room++) {
		char joined[128] = "";
		char out[sizeof(whole)];
		size_t length = 0;
		size_t at = 0;

		while (at < size) {
			size_t used;
			size_t n = escape_text(text + at, size - at, out, room, &used);

			assert_true(n < room);
			assert_int_equal(strlen(out), n);
			assert_int_equal(used == 0, n == 0);
			if (used == 0)
				break;
			memcpy(joined + length, out, n + 1);
			length += n;
			at += used;
		}
		/* nine bytes hold the longest piece, \u{202e}, and its end */
		assert_int_equal(at == size, room >= 9);
		assert_memory_equal(joined, whole, length);
		assert_true(at < size || length == strlen(whole));
	}
}

static void a_nul_does_not_end_the_text(void **state)
{
	char out[64];

	(void)state;
	assert_int_equal(escape_text("a\0b", 3, out, sizeof(out), NULL), 6);
	assert_text("a\\x00b", out);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(known_texts),
	cmocka_unit_test(every_character),
	cmocka_unit_test(every_two_bytes),
	cmocka_unit_test(random_bytes),
	cmocka_unit_test(text_is_cut_between_pieces),
	cmocka_unit_test(a_nul_does_not_end_the_text),
};

CHECK_MAIN(tests)
