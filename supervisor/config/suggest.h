/*
 * suggest: "did you mean": the nearest of some words, and what names of other supervisors are
 * called here.
 *
 * Insertions, deletions, changes and swaps of neighbours count one each; case and - for _ count
 * nothing. A word is near if no more than a third of it is wrong.
 */
#ifndef BROOD_SUGGEST_H
#define BROOD_SUGGEST_H

#include <stddef.h>

#include "attributes.h"

struct suggestion {
	const char *word;
	const char *best; /* NULL: none is near */
	unsigned distance;
};

/* `word` must live as long as the suggestion is used. */
struct suggestion suggest_open(const char *word);
/* The first of the nearest wins. */
void suggest_consider(struct suggestion *s, const char *candidate);

/* How many edits lead from one to the other; more than `most` is told as most + 1. */
unsigned suggest_distance(const char *a, const char *b, unsigned most);

/* What a key of supervisord's is called in brood: a key, or "key = value"; NULL: not known. */
const char *suggest_for_old_key(const char *key);
/* What to do instead of an old key that has no counterpart; NULL: not known. */
const char *suggest_advice_for_old_key(const char *key);

#endif
