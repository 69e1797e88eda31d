/* expand: what the check lets through is replaced, and nothing else is touched. */
#include "check.h"

#include "expand.h"

static const struct {
	const char *text;
	const char *expanded; /* for instance 7 of thumbs; NULL: refused */
} cases[] = {
	{"", ""},
	{"plain", "plain"},
	{"${WORKER}", "thumbs"},
	{"${INSTANCE}", "7"},
	{"${INSTANCE:02}", "07"},
	{"${INSTANCE:09}", "000000007"},
	{"a${WORKER}b${INSTANCE}c", "athumbsb7c"},
	{"$$", "$"},
	{"$$$$", "$$"},
	{"$${WORKER}", "${WORKER}"},
	{"$$${WORKER}", "$thumbs"},
	{"$", "$"},
	{"a$", "a$"},
	{"$HOME/$1 $( $", "$HOME/$1 $( $"},
	{"${WORKER", NULL},
	{"${worker}", NULL},
	{"${WORKERS}", NULL},
	{"${HOME}", NULL},
	{"${}", NULL},
	{"${", NULL},
	{"$$${", NULL},
	{"${INSTANCE", NULL},
	{"${INSTANCE:}", NULL},
	{"${INSTANCE:2}", NULL},
	{"${INSTANCE:00}", NULL},
	{"${INSTANCE:012}", NULL},
	{"${INSTANCE:02", NULL},
	{"${WORKER}${X}", NULL},
};

static void each_text_is_expanded_or_refused(void **state)
{
	char problem[EXPAND_PROBLEM];
	char out[64];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (expand_check(cases[i].text, problem) != (cases[i].expanded != NULL))
			fail_msg("'%s'", cases[i].text);
		if (!cases[i].expanded)
			continue;
		assert_int_equal(expand(cases[i].text, "thumbs", 7, out, sizeof(out)),
				 strlen(cases[i].expanded));
		assert_text(cases[i].expanded, out);
	}
}

static void the_sentence_shows_the_reference_only(void **state)
{
	char problem[EXPAND_PROBLEM];

	(void)state;
	assert_false(expand_check("/usr/${HOME}/bin/x", problem));
	assert_text("'${HOME}' is not known, only ${WORKER}, ${INSTANCE} and ${INSTANCE:02} are; "
		    "write $$ for a $",
		    problem);
}

static void what_does_not_fit_is_cut_and_told(void **state)
{
	static const char whole[] = "x-thumbs-1000";
	char out[32];

	(void)state;
	for (size_t size = 0; size < sizeof(out); size++) {
		memset(out, '#', sizeof(out));
		assert_int_equal(expand("x-${WORKER}-${INSTANCE:02}", "thumbs", 1000,
					size > 0 ? out : NULL, size),
				 strlen(whole));
		if (size > 0) {
			const size_t length = size - 1 < strlen(whole) ? size - 1 : strlen(whole);

			assert_memory_equal(out, whole, length);
			assert_int_equal(out[length], '\0');
		}
		assert_int_equal(out[size], '#');
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(each_text_is_expanded_or_refused),
	cmocka_unit_test(the_sentence_shows_the_reference_only),
	cmocka_unit_test(what_does_not_fit_is_cut_and_told),
};

CHECK_MAIN(tests)
