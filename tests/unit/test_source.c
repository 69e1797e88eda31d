/*
 * source: what inih would cut, join or take silently is refused with its line; all else arrives as
 * it stands.
 */
#include "check.h"

#include <stdlib.h>

#include <ini.h>

#include "fake.h"
#include "source.h"

/* What arrived: "[name]" and "line:key=value", one per line, then the problems. */
struct record {
	struct fake_text text;
	struct writer writer;
};

static void take_section(void *context, unsigned line, const char *name)
{
	struct record *r = context;

	writer_print(&r->writer, "%u:[%s]\n", line, name);
}

static void take_entry(void *context, unsigned line, const char *key, const char *value)
{
	struct record *r = context;

	writer_print(&r->writer, "%u:", line);
	writer_text(&r->writer, key);
	writer_text(&r->writer, "=");
	writer_text(&r->writer, value);
	writer_text(&r->writer, "\n");
}

static void take_refused(void *context)
{
	struct record *r = context;

	writer_text(&r->writer, "refused\n");
}

static char *read_bytes(const char *bytes, size_t size, bool is_plain)
{
	struct record record;
	struct source_taker taker = {&record, take_section, take_entry, take_refused};
	struct arena arena;
	struct problem_list problems = {.arena = &arena};
	/* in memory of exactly this size, so that ASan sees a byte too many */
	char *exact = malloc(size > 0 ? size : 1);
	struct source source = {
		.bytes = exact, .size = size, .place = {"f", 0, 0}, .is_plain = is_plain};

	record.writer = fake_writer(&record.text);
	memcpy(exact, bytes, size);
	arena_open(&arena, 1 << 20);
	assert_true(source_read(&source, &taker, &problems));
	problem_print(&problems, &record.writer);
	arena_close(&arena);
	free(exact);
	return record.text.text;
}

static void check(const char *bytes, size_t size, bool is_plain, const char *expected)
{
	char *heard = read_bytes(bytes, size, is_plain);

	assert_text(expected, heard);
	free(heard);
}

struct sample {
	const char *text;
	const char *expected;
};

#define INDENTED "indented line: begin it in the first column, or join it to the line before\n"

/* The same with and without the settings of inih. */
static const struct sample samples[] = {
	{"", ""},
	{"\n\n", ""},
	{"[a]\nx = 1\n", "1:[a]\n2:x=1\n"},
	{"[a]\nx = 1", "1:[a]\n2:x=1\n"},
	{"[a]", "1:[a]\n"},
	{"[a]\r\nx = 1\r\n", "1:[a]\n2:x=1\n"},
	{"[a] \t\nx=1 \t\n", "1:[a]\n2:x=1\n"},
	{"\xef\xbb\xbf[a]\nx=1\n", "1:[a]\n2:x=1\n"},
	{"[a]\nx: 1\n", "1:[a]\n2:x=1\n"},
	{"[a]\nx = a:b=c\n", "1:[a]\n2:x=a:b=c\n"},
	{"[a]\nx =\n", "1:[a]\n2:x=\n"},
	{"[a]\nx y = 1\n", "1:[a]\n2:x y=1\n"},
	{"[a]\nx = a;b#c\n", "1:[a]\n2:x=a;b#c\n"},
	{"[a]\n# x = 1\n; y = 2\n \t # z\nx = 3\n", "1:[a]\n5:x=3\n"},
	{"[a]\nx = gr\xc3\xbc\xc3\x9f\n", "1:[a]\n2:x=gr\xc3\xbc\xc3\x9f\n"},
	{"[a]\nx = 1\tb\n", "1:[a]\n2:x=1\tb\n"},
	{"[a]\nx=1\nx=2\n[a]\n", "1:[a]\n2:x=1\n3:x=2\n4:[a]\n"},
	/* errors, each with its line, and the rest still read */
	{"x = 1\n[a]\ny = 2\n", "2:[a]\n3:y=2\nf:1: error: entry outside any section, begin with "
				"one such as [worker:NAME]\n"
				"1 error\n"},
	{"[a]\nx = 1\n  y = 2\nz = 3\n",
	 "1:[a]\n2:x=1\nrefused\n4:z=3\nf:3: error: " INDENTED "1 error\n"},
	{" [a]\nx = 1\n",
	 "f:1: error: " INDENTED
	 "f:2: error: entry outside any section, begin with one such as [worker:NAME]\n2 errors\n"},
	{"[a\nx = 1\n[b]\ny = 2\n",
	 "3:[b]\n4:y=2\nf:1: error: section header without ']'\n1 error\n"},
	{"[a] junk\nx = 1\n[b]\n",
	 "3:[b]\nf:1: error: text after ']', a section header stands alone in its line\n1 error\n"},
	{"[a] # junk\n",
	 "f:1: error: text after ']', a section header stands alone in its line\n1 error\n"},
	{"[]\nx = 1\n", "f:1: error: section without a name\n1 error\n"},
	{"[a]\nx\ny = 1\n",
	 "1:[a]\nrefused\n3:y=1\nf:2: error: no '=' in this line, write KEY = VALUE\n1 error\n"},
	{"[a]\n= 1\n", "1:[a]\nrefused\nf:2: error: no key before '='\n1 error\n"},
	{"[a]\n: 1\n", "1:[a]\nrefused\nf:2: error: no key before ':'\n1 error\n"},
	{"[0123456789012345678901234567890123456789012345678]\n",
	 "1:[0123456789012345678901234567890123456789012345678]\n"},
	{"[01234567890123456789012345678901234567890123456789]\nx = 1\n",
	 "f:1: error: section name is 50 bytes, at most 49 are allowed\n1 error\n"},
	{"[a]\nx = \x1b[0m\n",
	 "1:[a]\nrefused\nf:2: error: control character (byte 0x1b) in column 5\n1 error\n"},
	{"[a]\nx = 1\r2\n",
	 "1:[a]\nrefused\nf:2: error: control character (byte 0x0d) in column 6\n1 error\n"},
	{"[a]\nx = \xc3\xbc\x7f\n",
	 "1:[a]\nrefused\nf:2: error: control character (byte 0x7f) in column 6\n1 error\n"},
	{"[a]\nx = \xc2\x9b\n",
	 "1:[a]\nrefused\nf:2: error: control character (byte 0xc2) in column 5\n1 error\n"},
	{"[a]\n# \xff\n",
	 "1:[a]\nrefused\nf:2: error: byte 0xff in column 3 is not UTF-8, save the file as UTF-8\n"
	 "1 error\n"},
	{"[a]\nx = \xc0\xaf\n",
	 "1:[a]\nrefused\nf:2: error: byte 0xc0 in column 5 is not UTF-8, save the file as UTF-8\n"
	 "1 error\n"},
	{"[a]\nx = \xed\xa0\x80\n",
	 "1:[a]\nrefused\nf:2: error: byte 0xed in column 5 is not UTF-8, save the file as UTF-8\n"
	 "1 error\n"},
	{"[a]\nx = \xf4\x90\x80\x80\n",
	 "1:[a]\nrefused\nf:2: error: byte 0xf4 in column 5 is not UTF-8, save the file as UTF-8\n"
	 "1 error\n"},
	{"[a]\nx = \xe2\x82\n",
	 "1:[a]\nrefused\nf:2: error: byte 0xe2 in column 5 is not UTF-8, save the file as UTF-8\n"
	 "1 error\n"},
	{"[a]\n\xef\xbb\xbfx = 1\n", "1:[a]\nrefused\nf:2: error: byte order mark in column 1, it "
				     "may stand at the start of a file "
				     "only\n1 error\n"},
	{"\xef\xbb\xbf\xef\xbb\xbf[a]\n", "f:1: error: byte order mark in column 1, it may stand "
					  "at the start of a file only\n1 error\n"},
	/* ` #` is never cut */
	{"[a]\nx = 1 # one\n", "1:[a]\n2:x=1 # one\nf:2: warning: ' #' is part of the value, "
			       "comments stand in lines of their "
			       "own; quote it if it is meant\n1 warning\n"},
	{"[a]\nx = \"1 # one\" '2 # two'\n", "1:[a]\n2:x=\"1 # one\" '2 # two'\n"},
	{"[a]\nx = # one\n", "1:[a]\n2:x=# one\nf:2: warning: ' #' is part of the value, comments "
			     "stand in lines of their "
			     "own; quote it if it is meant\n1 warning\n"},
};

/* A blank and a semicolon: kept where inih can be told so, refused where it would cut. */
static const struct {
	const char *text;
	const char *with_settings;
	const char *plain;
} semicolons[] = {
	{"[a]\nx = sh -c \"a ; b\"\n", "1:[a]\n2:x=sh -c \"a ; b\"\n",
	 "1:[a]\nrefused\nf:2: error: ' ;' in a value: this build of inih would cut the value "
	 "there\n"
	 "1 error\n"},
	{"[a]\nx = a ; b\n",
	 "1:[a]\n2:x=a ; b\nf:2: warning: ' ;' is part of the value, comments stand in lines of "
	 "their "
	 "own; quote it if it is meant\n1 warning\n",
	 "1:[a]\nrefused\nf:2: error: ' ;' in a value: this build of inih would cut the value "
	 "there\n"
	 "1 error\n"},
	{"[a]\nx\t;y = 1\n", "1:[a]\n2:x\t;y=1\n",
	 "1:[a]\nrefused\nf:2: error: ' ;' in a value: this build of inih would cut the value "
	 "there\n"
	 "1 error\n"},
	{"[a ;b]\nx = 1\n", "1:[a ;b]\n2:x=1\n", "1:[a ;b]\n2:x=1\n"},
};

static void each_line_arrives_or_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		check(samples[i].text, strlen(samples[i].text), true, samples[i].expected);
		check(samples[i].text, strlen(samples[i].text), false, samples[i].expected);
	}
}

static void a_semicolon_never_cuts_silently(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(semicolons) / sizeof(semicolons[0]); i++) {
		const size_t size = strlen(semicolons[i].text);

		check(semicolons[i].text, size, true, semicolons[i].plain);
		check(semicolons[i].text, size, false,
		      source_has_settings() ? semicolons[i].with_settings : semicolons[i].plain);
	}
}

static void a_nul_is_refused_wherever_it_stands(void **state)
{
	static const char text[] = "[a]\nx = 1\0user = root\n\0\n";

	(void)state;
	check(text, sizeof(text) - 1, false,
	      "1:[a]\nrefused\nrefused\n"
	      "f:2: error: control character (byte 0x00) in column 6\n"
	      "f:3: error: control character (byte 0x00) in column 1\n2 errors\n");
}

/* The tail of a long line must not become a key of its own. */
static void check_line_of(size_t size, bool is_plain, bool is_fine)
{
	char *text = malloc(size + 6);
	char *expected = malloc(size + 256);
	const size_t most = is_plain ? SOURCE_PLAIN_LINE_MOST : SOURCE_LINE_MOST;

	memcpy(text, "[a]\n", 4);
	memset(text + 4, 'A', size);
	memcpy(text + 4, "x=", 2);
	memcpy(text + 4 + size - 9, "user=root", 9);
	text[4 + size] = '\n';
	text[5 + size] = '\0';
	if (is_fine)
		sprintf(expected, "1:[a]\n2:x=%.*s\n", (int)size - 2, text + 6);
	else
		sprintf(expected,
			"1:[a]\nrefused\nf:2: error: line is %zu bytes, at most %zu %s\n1 error\n",
			size, most, is_plain ? "with this build of inih" : "are allowed");
	check(text, size + 5, is_plain, expected);
	free(text);
	free(expected);
}

static void a_long_line_is_whole_or_refused(void **state)
{
	(void)state;
	for (size_t size = 150; size <= SOURCE_PLAIN_LINE_MOST; size++)
		check_line_of(size, true, true);
	for (size_t size = SOURCE_PLAIN_LINE_MOST + 1; size < 900; size++)
		check_line_of(size, true, false);
	if (!source_has_settings())
		return;
	check_line_of(199, false, true);
	check_line_of(4096, false, true);
	check_line_of(SOURCE_LINE_MOST, false, true);
	check_line_of(SOURCE_LINE_MOST + 1, false, false);
	check_line_of(200000, false, false);
}

/* Comments and blanks never reach inih, so they may be of any length. */
static void long_comments_and_blanks_are_nothing(void **state)
{
	char text[2048];

	(void)state;
	for (int is_plain = 0; is_plain < 2; is_plain++) {
		memset(text, 'c', sizeof(text));
		memcpy(text, "[a]\n#", 5);
		memcpy(text + 1000, "\nx=1", 4);
		memset(text + 1004, ' ', 1000);
		text[2004] = '\n';
		memset(text + 2005, ' ', sizeof(text) - 2005);
		check(text, sizeof(text), is_plain == 1, "1:[a]\n3:x=1\n");
	}
}

/* An inih that was built to cut at other marks: noticed, not believed. */
static void what_inih_cuts_is_noticed(void **state)
{
	(void)state;
#if BROOD_INIH_SETTINGS
	static const char text[] = "[a]\nx = 1 '#' 2 #3\ny = \" #\"\nz #= 1\n";
	char marks[] = "#;";
	char *usual = ini_inline_comment_prefixes;

	ini_inline_comment_prefixes = marks;
	check(text, strlen(text), true,
	      "1:[a]\nrefused\nrefused\n"
	      "f:2: error: this build of inih reads something else here than the line says\n"
	      "f:3: error: this build of inih reads something else here than the line says\n"
	      "f:4: error: this build of inih cannot read this line\n"
	      "f:2: warning: ' #' is part of the value, comments stand in lines of their own; "
	      "quote it if "
	      "it is meant\n3 errors, 1 warning\n");
	ini_inline_comment_prefixes = usual;
#else
	check_skip("this inih has no settings");
#endif
}

static void only_twenty_of_each_are_shown(void **state)
{
	char text[1024] = "[a]\n";
	char *heard;

	(void)state;
	for (int i = 0; i < 23; i++)
		strcat(text, "x\ny = 1 # 2\n");
	strcat(text, "z\n");
	heard = read_bytes(text, strlen(text), false);
	assert_non_null(strstr(
		heard, "\nf:40: error: no '=' in this line, write KEY = VALUE\nf:3: warning"));
	assert_null(strstr(heard, "f:42: error"));
	assert_non_null(
		strstr(heard, "\nnot shown: 4 errors, 3 warnings\n24 errors, 23 warnings\n"));
	free(heard);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(each_line_arrives_or_is_refused),
	cmocka_unit_test(a_semicolon_never_cuts_silently),
	cmocka_unit_test(a_nul_is_refused_wherever_it_stands),
	cmocka_unit_test(a_long_line_is_whole_or_refused),
	cmocka_unit_test(long_comments_and_blanks_are_nothing),
	cmocka_unit_test(what_inih_cuts_is_noticed),
	cmocka_unit_test(only_twenty_of_each_are_shown),
};

CHECK_MAIN(tests)
