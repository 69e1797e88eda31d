/*
 * suggest: edit distance (optimal string alignment) over short words; long ones are near to
 * nothing.
 */
#include "suggest.h"

#include <string.h>

enum { WORD_MOST = 40 };

struct old {
	const char *key;
	const char *text;
};

static const struct old old_keys[] = {
#define OLD_KEY(old, new) {#old, new},
#include "old_key.def"
};

static const struct old old_ideas[] = {
#define OLD_IDEA(old, advice) {#old, advice},
#include "old_key.def"
};

/* Characters that people mix up are one and the same. */
static char fold(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	return c == '-' ? '_' : c;
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/*
 * rows[0] is the row of a[i - 1], rows[1] the one before it, rows[2] the new one; the least of that
 * is returned.
 */
static unsigned fill_row(unsigned rows[3][WORD_MOST + 1], const char *a, size_t i, const char *b,
			 size_t size)
{
	unsigned best = (unsigned)i;

	rows[2][0] = best;
	for (size_t j = 1; j <= size; j++) {
		const unsigned change = fold(a[i - 1]) == fold(b[j - 1]) ? 0 : 1;
		unsigned cost = least(rows[0][j], rows[2][j - 1]) + 1;

		cost = least(cost, rows[0][j - 1] + change);
		if (i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2]) &&
		    fold(a[i - 2]) == fold(b[j - 1]))
			cost = least(cost, rows[1][j - 2] + 1);
		rows[2][j] = cost;
		best = least(best, cost);
	}
	return best;
}

unsigned suggest_distance(const char *a, const char *b, unsigned most)
{
	unsigned rows[3][WORD_MOST + 1];
	const size_t a_size = strnlen(a, WORD_MOST + 1);
	const size_t b_size = strnlen(b, WORD_MOST + 1);

	if (a_size > WORD_MOST || b_size > WORD_MOST || a_size > b_size + most ||
	    b_size > a_size + most)
		return most + 1;
	for (size_t j = 0; j <= b_size; j++)
		rows[0][j] = (unsigned)j;
	memcpy(rows[1], rows[0], sizeof(rows[1]));
	for (size_t i = 1; i <= a_size; i++) {
		if (fill_row(rows, a, i, b, b_size) > most)
			return most +
			       1; /* rows never get better by more than a swap, which costs one */
		memcpy(rows[1], rows[0], sizeof(rows[1]));
		memcpy(rows[0], rows[2], sizeof(rows[0]));
	}
	return least(rows[0][b_size], most + 1);
}

struct suggestion suggest_open(const char *word)
{
	const size_t third = strnlen(word, WORD_MOST) / 3;

	/* one more than is near: only what is nearer than this is taken */
	return (struct suggestion){.word = word, .distance = (unsigned)third + 1};
}

void suggest_consider(struct suggestion *s, const char *candidate)
{
	unsigned distance;

	if (s->distance == 0)
		return;
	distance = suggest_distance(s->word, candidate, s->distance);
	if (distance < s->distance) {
		s->distance = distance;
		s->best = candidate;
	}
}

static const char *find_old(const struct old *table, size_t count, const char *key)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(table[i].key, key) == 0)
			return table[i].text;
	}
	return NULL;
}

const char *suggest_for_old_key(const char *key)
{
	return find_old(old_keys, sizeof(old_keys) / sizeof(old_keys[0]), key);
}

const char *suggest_advice_for_old_key(const char *key)
{
	return find_old(old_ideas, sizeof(old_ideas) / sizeof(old_ideas[0]), key);
}
