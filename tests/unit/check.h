/*
 * check: what every cmocka test of brood begins with.
 *
 * The program takes a glob as its argument and runs the tests that match. A test that hangs is ended by
 * alarm(). In a forked child use CHECK_CHILD(): an assert there would run the rest of the tests twice.
 */
#ifndef BROOD_CHECK_H
#define BROOD_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CHECK_CHILD(condition)                                                                      \
	do {                                                                                        \
		if (!(condition)) {                                                                 \
			dprintf(2, "%s:%d: in the child: %s\n", __FILE__, __LINE__, #condition);    \
			_exit(1);                                                                   \
		}                                                                                   \
	} while (0)

/* How many descriptors this process has open. */
static inline int check_open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = -3; /* ".", "..", and the directory's own */

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

/* Asserts a result of the 0 or -errno kind, and names what went wrong. */
#define assert_rc(expected, expression)                                                             \
	do {                                                                                        \
		int check_rc = (expression);                                                        \
		if (check_rc != (expected))                                                         \
			fail_msg("%s is %d (%s), expected %d (%s)", #expression, check_rc,          \
				 strerror(check_rc < 0 ? -check_rc : check_rc), (int)(expected),    \
				 strerror((expected) < 0 ? -(expected) : (expected)));              \
	} while (0)

#define assert_text(expected, actual) assert_string_equal(actual, expected)

/*
 * Ends a test that needs what is not there. The program goes on, and CTest lists it as skipped if all else
 * went well: what nobody tried is not to look like what works.
 */
__attribute__((weak)) unsigned check_skipped; /* one in the whole program */
#define check_skip(why)                                                                             \
	do {                                                                                        \
		check_skipped++;                                                                    \
		fprintf(stderr, "skipped: %s\n", (why));                                            \
		skip();                                                                             \
	} while (0)

/* After so long a test program ends itself. */
#ifndef CHECK_SECONDS
#define CHECK_SECONDS 50
#endif

/* main() of a test program. */
#define CHECK_MAIN(tests)                                                                           \
	int main(int argc, char **argv)                                                             \
	{                                                                                           \
		alarm(CHECK_SECONDS);                                                               \
		if (argc > 1)                                                                       \
			cmocka_set_test_filter(argv[1]);                                            \
		if (cmocka_run_group_tests_name(__FILE__, tests, NULL, NULL) != 0)                  \
			return 1;                                                                   \
		return check_skipped > 0 ? 77 : 0;                                                  \
	}

#endif
