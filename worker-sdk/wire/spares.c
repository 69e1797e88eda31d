/*
 * spares: lists of blocks, last in first out, so that the block that is taken is warm in the cache.
 *
 * Under AddressSanitizer a block that is kept is poisoned: whoever still uses it is found out, as with free().
 */
#include "spares.h"

#include <stdlib.h>

void *spares_fresh(size_t size)
{
	return malloc(size);
}

void spares_free(void *block)
{
	free(block);
}

static void drop_large(struct spares *s, unsigned at)
{
	SPARES_UNPOISON(s->large[at].block, s->large[at].size);
	free(s->large[at].block);
	s->large_kept -= s->large[at].size;
	s->large[at].block = NULL;
	s->large[at].size = 0;
}

void *spares_find_large(struct spares *s, size_t size, size_t *size_out)
{
	for (unsigned i = 0; s && size >= SPARES_LARGE_LEAST && i < SPARES_LARGE_COUNT; i++) {
		void *block = s->large[i].block;

		if (s->large[i].size < size)
			continue;
		*size_out = s->large[i].size;
		SPARES_UNPOISON(block, *size_out);
		s->large_kept -= *size_out;
		s->large[i].block = NULL;
		s->large[i].size = 0;
		return block;
	}
	return NULL;
}

void *spares_take_large(struct spares *s, size_t size)
{
	size_t has;
	void *block = spares_find_large(s, size, &has);

	return block ? block : malloc(size);
}

/* The place of the smallest block; an empty one counts as none at all. */
static unsigned smallest(const struct spares *s)
{
	unsigned found = 0;

	for (unsigned i = 1; i < SPARES_LARGE_COUNT; i++) {
		if (s->large[i].size < s->large[found].size)
			found = i;
	}
	return found;
}

void spares_give_large(struct spares *s, void *block, size_t size)
{
	unsigned at = s ? smallest(s) : 0;

	if (!s || !block || size < SPARES_LARGE_LEAST || s->large[at].size >= size ||
	    s->large_kept - s->large[at].size + size > s->large_most) {
		free(block);
		return;
	}
	drop_large(s, at);
	s->large[at].block = block;
	s->large[at].size = size;
	s->large_kept += size;
	SPARES_POISON(block, size);
}

void spares_close(struct spares *s)
{
	for (size_t i = 0; i < SPARES_SIZES; i++) {
		while (s->first[i])
			free(spares_take(s, (i + 1) * SPARES_STEP));
	}
	for (unsigned i = 0; i < SPARES_LARGE_COUNT; i++)
		drop_large(s, i);
}
