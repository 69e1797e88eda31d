/*
 * word: how values are split and quoted; the same for all of them.
 *
 * '...' and "..." hold together what is between them; in "..." \" and \\ stand for " and \.
 * Anywhere else a backslash is an ordinary character, but before a blank, a quote or another
 * backslash it is refused, because people who write it there expect a shell.
 */
#ifndef BROOD_WORD_H
#define BROOD_WORD_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "attributes.h"
#include "writer.h"

enum { WORD_COUNT_MOST = 1024 }; /* words of one value */

enum word_separator {
	WORD_BLANKS, /* of a command */
	WORD_COMMAS, /* of a list; blanks around an item do not count */
	WORD_WHOLE,  /* one word, blanks are part of it */
};

struct word_list {
	char **words; /* words[count] is NULL */
	size_t count;
};

/* Splits and unquotes. False with a sentence in *problem_out. */
MUST_USE bool word_split(struct arena *arena, const char *text, enum word_separator separator,
			 struct word_list *list_out, const char **problem_out);

/* Writes a word so that word_split() gives it back. */
void word_show(const struct writer *w, const char *word, enum word_separator separator);

/* ';' or '#' if there is one outside quotes behind a blank, else NUL. */
char word_find_comment(const char *text, size_t size);

#endif
