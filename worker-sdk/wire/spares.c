/*
 * spares: lists of blocks, last in first out, so that the block that is taken is warm in the cache.
 *
 * Under AddressSanitizer a block that is kept is poisoned: whoever still uses it is found out, as with free().
 */
#include "spares.h"

#include <stdlib.h>
#include <string.h>

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define SPARES_POISON
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define SPARES_POISON
#endif
#ifdef SPARES_POISON
/* as <sanitizer/asan_interface.h> has them */
void __asan_poison_memory_region(void const volatile *at, size_t size);
void __asan_unpoison_memory_region(void const volatile *at, size_t size);
#define POISON(at, size)   __asan_poison_memory_region(at, size)
#define UNPOISON(at, size) __asan_unpoison_memory_region(at, size)
#else
#define POISON(at, size)   ((void)(at), (void)(size))
#define UNPOISON(at, size) ((void)(at), (void)(size))
#endif

/* All blocks of one list have the same size. */
static size_t whole(size_t size)
{
	return (size + SPARES_STEP - 1) / SPARES_STEP * SPARES_STEP;
}

void *spares_take(struct spares *s, size_t size)
{
	size_t rounded = whole(size);
	void **list;
	void *block;

	if (!s || rounded > SPARES_LARGEST)
		return malloc(size);
	list = &s->first[rounded / SPARES_STEP - 1];
	block = *list;
	if (!block)
		return malloc(rounded);
	UNPOISON(block, rounded);
	memcpy(list, block, sizeof(block));
	s->kept -= rounded;
	return block;
}

void spares_give(struct spares *s, void *block, size_t size)
{
	size_t rounded = whole(size);
	void **list;

	if (!s || !block || rounded > SPARES_LARGEST || s->kept + rounded > s->most) {
		free(block);
		return;
	}
	list = &s->first[rounded / SPARES_STEP - 1];
	memcpy(block, list, sizeof(block));
	*list = block;
	s->kept += rounded;
	POISON(block, rounded);
}

static void drop_large(struct spares *s, unsigned at)
{
	UNPOISON(s->large[at].block, s->large[at].size);
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
		UNPOISON(block, *size_out);
		s->large_kept -= *size_out;
		s->large[i].block = NULL;
		s->large[i].size = 0;
		return block;
	}
	return NULL;
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
	POISON(block, size);
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
