/*
 * arena: the memory of one configuration, taken piece by piece and given back whole.
 *
 * Pieces are zeroed, aligned for any type, and never freed one by one. The arena has a limit, so no
 * configuration can take all memory; at the limit, and without memory, a piece is NULL and the
 * arena stays exhausted.
 */
#ifndef BROOD_ARENA_H
#define BROOD_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#include "attributes.h"

struct arena_block;

struct arena {
	struct arena_block *newest;
	size_t taken; /* bytes handed out so far */
	size_t limit;
	bool is_exhausted;
	bool is_over_limit; /* and that is why; else there was no memory */
};

void arena_open(struct arena *arena, size_t limit);
void arena_close(struct arena *arena);

MUST_USE void *arena_take(struct arena *arena, size_t size);
/*
 * `count` elements of `size` bytes; NULL also where the product cannot be told. Never NULL for
 * count 0 alone.
 */
MUST_USE void *arena_array(struct arena *arena, size_t count, size_t size);
/* A copy of `size` bytes of text with a NUL behind it. */
MUST_USE char *arena_copy(struct arena *arena, const char *text, size_t size);
MUST_USE char *arena_text(struct arena *arena, const char *text);

#endif
