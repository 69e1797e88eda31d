/* include: which files are read, in which order, and what cannot go round in circles. */
#include "check.h"

#include <stdlib.h>

#include "fake.h"

#define COMMAND "command = x\n"

/* Loads files given as path, text, path, text, ..., NULL. */
static struct config *load_files(const char *const *files, enum config_result *result)
{
	struct fake_file table[16] = {{0}};
	struct fake fake = {.files = table};

	for (; files[0]; files += 2) {
		struct fake_file *f = &table[fake.count++];

		f->path = files[0];
		f->bytes = files[1];
		if (strncmp(files[1], "SAME ", 5) == 0)
			f->same_as = (unsigned)atoi(files[1] + 5) + 1;
		if (strncmp(files[1], "LOCKED", 6) == 0)
			f->problem =
				"it is writable by everybody (mode 0666), run chmod go-w on it";
	}
	return fake_load(&fake, result);
}

static void check_problems(const char *const *files, const char *expected)
{
	enum config_result result;
	struct config *config = load_files(files, &result);
	char *problems = fake_problems(config);

	assert_text(expected, problems);
	assert_int_equal(result, strstr(problems, "error") ? CONFIG_INVALID : CONFIG_OK);
	free(problems);
	config_close(config);
}

/* The names of the workers, in the order of the spec. */
static void check_workers(const char *const *files, const char *expected)
{
	enum config_result result;
	struct config *config = load_files(files, &result);
	char names[256] = "";

	assert_int_equal(result, CONFIG_OK);
	for (size_t i = 0; i < config->spec.worker_count; i++) {
		strcat(names, config->spec.workers[i].name);
		strcat(names, " ");
	}
	assert_text(expected, names);
	config_close(config);
}

static void patterns_match_names(void **state)
{
	static const struct {
		const char *pattern;
		const char *name;
		bool matches;
	} cases[] = {
		{"*.ini", "a.ini", true},
		{"*.ini", ".ini", false},
		{"*.ini", ".a.ini", false},
		{".*", ".a", true},
		{"*", "a", true},
		{"*", ".a", false},
		{"a*b*c", "aXbYc", true},
		{"a*b*c", "abc", true},
		{"a*b*c", "aXbYcZ", false},
		{"?.ini", "a.ini", true},
		{"?.ini", "ab.ini", false},
		{"a", "a", true},
		{"a", "ab", false},
		{"ab", "a", false},
		{"**", "abc", true},
		{"*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (include_matches(cases[i].pattern, cases[i].name) != cases[i].matches)
			fail_msg("%s %s", cases[i].pattern, cases[i].name);
	}
}

static void included_files_come_behind_theirs_in_sorted_order(void **state)
{
	static const char *const files[] = {
		"etc/brood.ini",
		"[brood]\ninclude = z.ini, conf.d/*.ini\n[worker:main]\n" COMMAND,
		"etc/conf.d/20.ini",
		"[worker:c]\n" COMMAND,
		"etc/conf.d/10.ini",
		"[brood]\ninclude = sub/x.ini\n[worker:b]\n" COMMAND,
		"etc/conf.d/10.txt",
		"[worker:never]\n" COMMAND,
		"etc/conf.d/.hidden.ini",
		"[worker:never]\n" COMMAND,
		"etc/conf.d/sub/x.ini",
		"[brood]\ninclude = /abs/y.ini\n[worker:bb]\n" COMMAND,
		"/abs/y.ini",
		"[worker:bbb]\n" COMMAND,
		"etc/z.ini",
		"[worker:a]\n" COMMAND "[defaults]\nqueue = 7\n",
		NULL};

	(void)state;
	check_workers(files, "main a b bb bbb c ");
}

static void a_pattern_that_matches_nothing_is_fine(void **state)
{
	static const char *const here[] = {
		"brood.ini", "[brood]\ninclude = *.conf, conf.d/*.ini\n[worker:a]\n" COMMAND, NULL};
	static const char *const nowhere[] = {
		"brood.ini", "[brood]\ninclude = nowhere/*.ini\n[worker:a]\n" COMMAND, NULL};

	(void)state;
	check_workers(here, "a ");
	check_problems(nowhere, "brood.ini:2: warning: [brood] include: directory nowhere/ does "
				"not exist\n1 warning\n");
}

static void defaults_hold_for_workers_of_all_files(void **state)
{
	static const char *const files[] = {"brood.ini",
					    "[brood]\ninclude = b.ini\n[worker:a]\n" COMMAND,
					    "b.ini", "[defaults]\nqueue = 7\n", NULL};
	enum config_result result;
	struct config *config = load_files(files, &result);
	struct place place;

	(void)state;
	assert_int_equal(result, CONFIG_OK);
	assert_int_equal(config->spec.workers[0].queue, 7);
	place = config_origin(config, key_find(KEY_worker, "queue"), 0);
	assert_text("b.ini", place.file);
	assert_int_equal(place.line, 2);
	assert_int_equal(config->spec.brood.include.count, 1);
	config_close(config);
}

static void missing_and_unsafe_files_are_errors_at_their_include(void **state)
{
	static const char *const missing[] = {
		"d/brood.ini", "[brood]\ninclude = x.ini\n[worker:a]\n" COMMAND, NULL};
	static const char *const unsafe[] = {"brood.ini",
					     "[brood]\ninclude = *.conf\n[worker:a]\n" COMMAND,
					     "x.conf", "LOCKED", NULL};
	static const char *const locked[] = {
		"brood.ini", "[brood]\ninclude = locked/*\n[worker:a]\n" COMMAND, NULL};
	static const char *const odd[] = {
		"brood.ini", "[brood]\ninclude = d/*\n[worker:a]\n" COMMAND, "d/a\nb", "", NULL};

	(void)state;
	check_problems(missing, "d/brood.ini:2: error: [brood] include: cannot read d/x.ini: "
				"No such file or directory\n1 error\n");
	check_problems(unsafe,
		       "brood.ini:2: error: [brood] include: cannot read x.conf: it is writable by "
		       "everybody (mode 0666), run chmod go-w on it\n1 error\n");
	check_problems(locked,
		       "brood.ini:2: error: [brood] include: cannot list directory locked/: "
		       "Permission denied\n1 error\n");
	check_problems(
		odd,
		"brood.ini:2: error: [brood] include: in directory d/ the name of a file holds "
		"control characters or is not UTF-8\n1 error\n");
}

static void errors_in_included_files_name_them(void **state)
{
	static const char *const files[] = {
		"brood.ini", "[brood]\ninclude = c/b.ini\n[worker:a]\n" COMMAND "nice = 99\n",
		"c/b.ini",
		"[worker:a]\n" COMMAND "[brood]\nmax_clients = 5\ninclud = x\n[brood]\n"
		"[endpoint:e]\nlisten = unix:e\npool = b\n",
		NULL};

	(void)state;
	check_problems(
		files,
		"brood.ini:5: error: [worker:a] nice: '99' is above 19\n"
		"c/b.ini:1: error: duplicate section [worker:a], first at brood.ini:3\n"
		"c/b.ini:4: error: [brood] 'max_clients' may stand in the main file only, not in "
		"an "
		"included one\n"
		"c/b.ini:5: error: [brood] unknown key 'includ', did you mean 'include'?\n"
		"c/b.ini:6: error: duplicate section [brood], first at c/b.ini:3\n"
		"c/b.ini:9: error: [endpoint:e] pool: no worker is named 'b', there is no section "
		"[worker:b]\n6 errors\n");
}

static void circles_are_refused(void **state)
{
	static const char *const self[] = {"brood.ini",
					   "[brood]\ninclude = *.ini\n[worker:a]\n" COMMAND, NULL};
	static const char *const round[] = {"brood.ini",
					    "[brood]\ninclude = b.ini\n[worker:a]\n" COMMAND,
					    "b.ini",
					    "[brood]\ninclude = d/c.ini\n",
					    "d/c.ini",
					    "[brood]\ninclude = ../link.ini\n",
					    "d/../link.ini",
					    "SAME 1",
					    NULL};
	static const char *const twice[] = {
		"brood.ini", "[brood]\ninclude = b.ini, ./b.ini\n[worker:a]\n" COMMAND,
		"b.ini",     "# nothing\n",
		"./b.ini",   "SAME 1",
		NULL};

	(void)state;
	check_problems(self,
		       "brood.ini:2: error: [brood] include: brood.ini includes itself\n1 error\n");
	check_problems(round,
		       "d/c.ini:2: error: [brood] include: b.ini includes itself by way of other "
		       "files\n1 error\n");
	check_problems(twice,
		       "brood.ini:2: error: [brood] include: ./b.ini is included twice, first at "
		       "brood.ini:2\n1 error\n");
}

static void a_bad_list_of_files_is_told(void **state)
{
	static const char *const files[] = {
		"brood.ini", "[brood]\ninclude = */x.ini\n[worker:a]\n" COMMAND, NULL};

	(void)state;
	check_problems(
		files,
		"brood.ini:2: error: [brood] include: '*/x.ini': * and ? may stand in the last "
		"part of a path only\n1 error\n");
}

static void depth_is_limited(void **state)
{
	static const char *const files[] = {"0", "[brood]\ninclude = 1\n[worker:a]\n" COMMAND,
					    "1", "[brood]\ninclude = 2\n",
					    "2", "[brood]\ninclude = 3\n",
					    "3", "[brood]\ninclude = 4\n",
					    "4", "[brood]\ninclude = 5\n",
					    "5", "[brood]\ninclude = 6\n",
					    "6", "[brood]\ninclude = 7\n",
					    "7", "[brood]\ninclude = 8\n",
					    "8", "# the last one\n",
					    NULL};
	static const char *const deeper[] = {"0", "[brood]\ninclude = 1\n[worker:a]\n" COMMAND,
					     "1", "[brood]\ninclude = 2\n",
					     "2", "[brood]\ninclude = 3\n",
					     "3", "[brood]\ninclude = 4\n",
					     "4", "[brood]\ninclude = 5\n",
					     "5", "[brood]\ninclude = 6\n",
					     "6", "[brood]\ninclude = 7\n",
					     "7", "[brood]\ninclude = 8\n",
					     "8", "\n[brood]\ninclude = 9\n",
					     "9", "",
					     NULL};

	(void)state;
	check_workers(files, "a ");
	check_problems(deeper,
		       "8:3: error: [brood] include: files are nested more than 8 deep\n1 error\n");
}

/* `count` files a.ini that the main one asks for by a pattern, each of `size` bytes. */
static void check_many(size_t count, size_t size, const char *expected)
{
	struct fake_file *table = calloc(count + 1, sizeof(*table));
	struct fake fake = {.files = table, .count = count + 1};
	char *text = malloc(size + 1);
	char(*paths)[32] = calloc(count, sizeof(*paths));
	enum config_result result;
	struct config *config;
	char *problems;

	memset(text, '\n', size);
	table[0] = (struct fake_file){.path = "brood.ini",
				      .bytes = "[brood]\ninclude = d/*\n[worker:a]\n" COMMAND};
	for (size_t i = 0; i < count; i++) {
		snprintf(paths[i], sizeof(paths[i]), "d/%zu", i);
		table[i + 1] = (struct fake_file){.path = paths[i], .bytes = text, .size = size};
	}
	config = fake_load(&fake, &result);
	problems = fake_problems(config);
	assert_text(expected, problems);
	free(problems);
	config_close(config);
	free(paths);
	free(table);
	free(text);
}

static void files_are_counted_and_weighed(void **state)
{
	(void)state;
	check_many(INCLUDE_FILES_MOST - 1, 1, "");
	check_many(INCLUDE_FILES_MOST, 1,
		   "brood.ini:2: error: [brood] include: more than 256 files\n1 error\n");
	check_many(INCLUDE_FILES_MOST + 1, 1,
		   "brood.ini:2: error: [brood] include: more than 256 files\n1 error\n");
	check_many(17, 1024 * 1024,
		   "brood.ini:2: error: [brood] include: all files together are more than 16777216 "
		   "bytes\n"
		   "1 error\n");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(patterns_match_names),
	cmocka_unit_test(included_files_come_behind_theirs_in_sorted_order),
	cmocka_unit_test(a_pattern_that_matches_nothing_is_fine),
	cmocka_unit_test(defaults_hold_for_workers_of_all_files),
	cmocka_unit_test(missing_and_unsafe_files_are_errors_at_their_include),
	cmocka_unit_test(errors_in_included_files_name_them),
	cmocka_unit_test(circles_are_refused),
	cmocka_unit_test(a_bad_list_of_files_is_told),
	cmocka_unit_test(depth_is_limited),
	cmocka_unit_test(files_are_counted_and_weighed),
};

CHECK_MAIN(tests)
