/*
 * problem: what is wrong with a configuration, each with its place.
 *
 * All are counted; the first PROBLEM_SHOWN_MOST errors and as many warnings are kept and shown.
 */
#ifndef BROOD_PROBLEM_H
#define BROOD_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "attributes.h"
#include "writer.h"

enum {
	PROBLEM_SHOWN_MOST = 20,
	PROBLEM_TEXT = 1024, /* bytes of one sentence; the rest is cut */
};

enum problem_severity { PROBLEM_ERROR, PROBLEM_WARNING, PROBLEM_SEVERITIES };

/* Where something stands. `file` is as the user wrote it; line 0: the file as a whole. */
struct place {
	const char *file; /* NULL: nowhere, a default */
	unsigned order;   /* which of the files read it was */
	unsigned line;
};

struct problem {
	struct place place;
	const char *text;
};

struct problem_list {
	struct problem kept[PROBLEM_SEVERITIES][PROBLEM_SHOWN_MOST];
	size_t count[PROBLEM_SEVERITIES]; /* of all, kept or not */
	struct arena *arena;
};

/* Places are kept as they are: their file names must live as long as the list. */
PRINTF_LIKE(4, 5)
void problem_add(struct problem_list *list, enum problem_severity severity, struct place place,
		 const char *format, ...);
/* The same with a text that lives as long as the list; needs no memory. */
void problem_add_text(struct problem_list *list, enum problem_severity severity, struct place place,
		      const char *text);
/* Will the next error be kept? If not, no work need go into its text. */
bool problem_is_wanted(const struct problem_list *list);
size_t problem_kept(const struct problem_list *list, enum problem_severity severity);
/* By place: file after file, line after line. */
void problem_sort(struct problem_list *list);
/*
 * "file:line: error: text" each, errors first, and the closing "3 errors, 1 warning"; without
 * problems nothing.
 */
void problem_print(const struct problem_list *list, const struct writer *w);

#endif
