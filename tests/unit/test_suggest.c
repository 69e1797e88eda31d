/*
 * suggest: the nearest word within a third of its letters, and the names that other supervisors
 * use.
 */
#include "check.h"

#include "key.h"
#include "suggest.h"

static void distance_counts_edits(void **state)
{
	static const struct {
		const char *a;
		const char *b;
		unsigned distance;
	} cases[] = {
		{"", "", 0},
		{"a", "", 1},
		{"command", "command", 0},
		{"commnd", "command", 1},
		{"comand", "command", 1},
		{"commmand", "command", 1},
		{"cammand", "command", 1},
		{"comamnd", "command", 1},
		{"TERM", "TREM", 1},
		{"Command", "command", 0},
		{"stop-timeout", "stop_timeout", 0},
		{"kitten", "sitting", 3},
		{"abc", "xyz", 3},
		{"ab", "ba", 1},
		{"abcdef", "badcfe", 3},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(suggest_distance(cases[i].a, cases[i].b, 9), cases[i].distance);
		assert_int_equal(suggest_distance(cases[i].b, cases[i].a, 9), cases[i].distance);
	}
}

static void distance_stops_at_its_limit(void **state)
{
	static const char forty[] = "0123456789012345678901234567890123456789";
	static const char more[] = "01234567890123456789012345678901234567890";

	(void)state;
	assert_int_equal(suggest_distance("kitten", "sitting", 2), 3);
	assert_int_equal(suggest_distance("abc", "abcdefgh", 2), 3);
	assert_int_equal(suggest_distance(forty, forty, 9), 0);
	assert_int_equal(suggest_distance(more, more, 9), 10); /* too long to be compared */
}

static const char *nearest(const char *word, const char *const *words, size_t count)
{
	struct suggestion s = suggest_open(word);

	for (size_t i = 0; i < count; i++)
		suggest_consider(&s, words[i]);
	return s.best;
}

static void the_nearest_word_is_found(void **state)
{
	static const char *const words[] = {"start", "stop", "restart", "reload"};

	(void)state;
	assert_text("restart", nearest("resart", words, 4));
	assert_text("restart", nearest("RESTART", words, 4));
	assert_text("start", nearest("stat", words, 4)); /* the first of equals */
	assert_text("stop", nearest("stpo", words, 4));
	assert_null(nearest("x", words, 4));
	assert_null(nearest("", words, 4));
	assert_null(nearest("shutdown", words, 4));
	assert_null(nearest("restart", words, 0));
}

static void every_old_key_leads_to_one_of_ours(void **state)
{
	static const char *const old[] = {
#define OLD_KEY(old, new) new,
#include "old_key.def"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(old) / sizeof(old[0]); i++) {
		char name[32];

		snprintf(name, sizeof(name), "%.*s", (int)strcspn(old[i], " "), old[i]);
		if (!key_find(KEY_worker, name) && !key_find(KEY_endpoint, name))
			fail_msg("there is no key %s", name);
	}
	assert_text("restart", suggest_for_old_key("autorestart"));
	assert_text("ready = alive:TIME", suggest_for_old_key("startsecs"));
	assert_null(suggest_for_old_key("restart"));
	assert_text("workers start in the order of their sections",
		    suggest_advice_for_old_key("priority"));
	assert_null(suggest_advice_for_old_key("autorestart"));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(distance_counts_edits),
	cmocka_unit_test(distance_stops_at_its_limit),
	cmocka_unit_test(the_nearest_word_is_found),
	cmocka_unit_test(every_old_key_leads_to_one_of_ours),
};

CHECK_MAIN(tests)
