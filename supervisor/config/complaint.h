/*
 * complaint: what is wrong with values, told where they stand.
 *
 * A value counts for a section wherever it comes from: the section itself, [defaults], or keys.def. One that could not
 * be read was told already, and must not be told again.
 */
#ifndef BROOD_COMPLAINT_H
#define BROOD_COMPLAINT_H

#include "build.h"

/* " (brood.ini:9)" or " (default)" */
struct origin_text {
	char text[320];
};

struct build_value complaint_value(const struct build *b, struct section *s, const char *name);
/* Could it not be read? */
bool complaint_is_bad(const struct build_value *value);
struct origin_text complaint_origin(const struct build_value *value);

/* Reports something at a value that counts for `s`; of [defaults], once. */
PRINTF_LIKE(5, 6)
void complaint_add(struct build *b, enum problem_severity severity, struct section *s,
		   const struct build_value *at, const char *format, ...);
/* Reports a contradiction of two values: at the one that the section itself gives, preferably the first. */
void complaint_of_pair(struct build *b, struct section *s, const char *first_name, const char *relation,
		       const char *second_name);
/* Could both be read? */
bool complaint_pair_is_sound(struct build *b, struct section *s, const char *first, const char *second);

/* For "did you mean"; NULL: none is near. */
const char *complaint_nearest_worker(const struct build *b, const char *name);

#endif
