/* netpbm: correct files become the right pixels, bad headers are refused, and the bug is there,
 * each time. */
#include "check.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "album.h"
#include "netpbm.h"

static enum picture_result decode(const char *text, size_t size, struct picture *out,
				  struct reason *why)
{
	*out = (struct picture){.pixels = NULL};
	assert_true(netpbm_begins((const uint8_t *)text, size));
	return netpbm_decode((const uint8_t *)text, size, out, why);
}

struct good {
	const char *file;
	size_t size;
	struct box is;
	int channels;
	const char *pixels;
};

#define FILE_OF(text) text, sizeof(text) - 1

static void correct_files_are_decoded(void **state)
{
	static const struct good table[] = {
		{FILE_OF("P5 2 2 255\nabcd"), {2, 2}, 1, "abcd"},
		{FILE_OF("P6\n1 2\n255\nabcdef"), {1, 2}, 3, "abcdef"},
		{FILE_OF("P5\n# a comment\n3#another\n1\t255\rxyz and more"), {3, 1}, 1, "xyz"},
		{FILE_OF("P5#at once\n1 1 255 #"), {1, 1}, 1, "#"},
		{FILE_OF("P5 4 1 15\n\x01\x07\x0f\x10"), {4, 1}, 1, "\x11\x77\xff\xff"},
		{FILE_OF("P5 3 1 1\n\0\1\2"), {3, 1}, 1, "\x00\xff\xff"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct good *g = &table[i];
		struct picture p;
		struct reason why;

		assert_int_equal(decode(g->file, g->size, &p, &why), PICTURE_OK);
		assert_int_equal(p.size.width, g->is.width);
		assert_int_equal(p.size.height, g->is.height);
		assert_int_equal(p.channels, g->channels);
		assert_memory_equal(p.pixels, g->pixels,
				    (size_t)(g->is.width * g->is.height * g->channels));
		picture_free(&p);
	}
}

static void bad_headers_are_refused(void **state)
{
	static const struct {
		const char *file;
		enum picture_result result;
		const char *why;
	} table[] = {
		{"P5 ", PICTURE_BROKEN, "without a whole header"},
		{"P5 2", PICTURE_BROKEN, "without a whole header"},
		{"P6 2 2 255", PICTURE_BROKEN, "without a whole header"},
		{"P6 2 2 255x", PICTURE_BROKEN, "without a whole header"},
		{"P6 -2 2 255\n", PICTURE_BROKEN, "without a whole header"},
		{"P6 99999999 2 255\n", PICTURE_BROKEN, "without a whole header"},
		{"P6 # the comment eats it 2 2 255", PICTURE_BROKEN, "without a whole header"},
		{"P6 2 2 0\n", PICTURE_BROKEN, "samples up to 0"},
		{"P6 2 2 65535\n", PICTURE_BROKEN, "samples up to 65535"},
		{"P5 0 2 255\n", PICTURE_BROKEN, "0x2 pixels"},
		{"P5 2 0 255\n", PICTURE_BROKEN, "2x0 pixels"},
		{"P5 16385 1 255\n", PICTURE_TOO_LARGE, "at most 16384"},
		{"P5 16384 16384 255\n", PICTURE_TOO_LARGE, "at most 100000000"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct picture p;
		struct reason why;

		assert_int_equal(decode(table[i].file, strlen(table[i].file), &p, &why),
				 table[i].result);
		assert_null(p.pixels);
		if (!strstr(why.text, table[i].why))
			fail_msg("'%s': no '%s' in '%s'", table[i].file, table[i].why, why.text);
	}
}

static void other_files_do_not_begin_so(void **state)
{
	static const char *const table[] = {"",           "P",     "P5", "P7 1 1", "P512 1 255\n",
					    "Q5 1 1 255", "p5 1 1"};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		assert_false(netpbm_begins((const uint8_t *)table[i], strlen(table[i])));
}

/* Decodes in a child and says how that ended, as wait() does. */
static int decode_in_child(const uint8_t *data, size_t size)
{
	const struct rlimit no_core = {0, 0};
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		struct picture p;
		struct reason why;

		CHECK_CHILD(setrlimit(RLIMIT_CORE, &no_core) == 0);
		CHECK_CHILD(signal(SIGSEGV, SIG_DFL) != SIG_ERR); /* cmocka catches it */
		/* a sanitizer would tell at length */
		CHECK_CHILD(freopen("/dev/null", "w", stderr) != NULL);
		(void)netpbm_decode(data, size, &p, &why);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

/* Several times, with the file at other places in memory. */
static void the_bug_ends_the_process(void **state)
{
	void *others[8];
	uint8_t *data;
	size_t size;

	(void)state;
	for (size_t i = 0; i < 8; i++) {
		int status;

		others[i] = malloc((size_t)1000 << (2 * i));
		assert_non_null(others[i]);
		assert_rc(0, album_read(PICTURES "/crash.ppm", 1000, &data, &size));
		assert_true(size < 200);
		status = decode_in_child(data, size);
		free(data);
		/* a sanitizer exits instead, with a status of its own */
		assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) != 0);
#ifndef BROOD_SANITIZED
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGSEGV);
#endif
	}
	for (size_t i = 0; i < 8; i++)
		free(others[i]);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(correct_files_are_decoded),
	cmocka_unit_test(bad_headers_are_refused),
	cmocka_unit_test(other_files_do_not_begin_so),
	cmocka_unit_test(the_bug_ends_the_process),
};

CHECK_MAIN(tests)
