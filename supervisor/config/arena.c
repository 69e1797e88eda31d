/*
 * arena: a chain of blocks; pieces are cut from the newest one.
 *
 * A piece larger than a block gets a block of its own, so nothing is ever moved. Does not shrink.
 */
#include "arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_SIZE = 32 * 1024 };

struct arena_block {
	struct arena_block *older;
	size_t used;
	size_t size;
	alignas(max_align_t) unsigned char bytes[];
};

void arena_open(struct arena *arena, size_t limit)
{
	*arena = (struct arena){.limit = limit};
}

void arena_close(struct arena *arena)
{
	struct arena_block *block = arena->newest;

	while (block) {
		struct arena_block *older = block->older;

		free(block);
		block = older;
	}
	*arena = (struct arena){.is_exhausted = true};
}

static bool add_block(struct arena *arena, size_t least)
{
	size_t size = least > BLOCK_SIZE ? least : BLOCK_SIZE;
	struct arena_block *block = calloc(1, sizeof(*block) + size);

	if (!block)
		return false;
	block->size = size;
	block->older = arena->newest;
	arena->newest = block;
	return true;
}

void *arena_take(struct arena *arena, size_t size)
{
	const size_t unit = alignof(max_align_t);
	void *piece;

	if (arena->is_exhausted)
		return NULL;
	if (size > arena->limit - arena->taken) {
		arena->is_exhausted = true;
		arena->is_over_limit = true;
		return NULL;
	}
	size = (size + unit - 1) / unit * unit;
	if (!arena->newest || size > arena->newest->size - arena->newest->used) {
		if (!add_block(arena, size)) {
			arena->is_exhausted = true;
			return NULL;
		}
	}
	piece = arena->newest->bytes + arena->newest->used;
	arena->newest->used += size;
	arena->taken += size < arena->limit - arena->taken ? size : arena->limit - arena->taken;
	return piece;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / 2 / size)
		return arena_take(arena, SIZE_MAX); /* above any limit */
	return arena_take(arena, count * size);
}

char *arena_copy(struct arena *arena, const char *text, size_t size)
{
	char *copy = arena_take(arena, size + 1);

	if (copy)
		memcpy(copy, text, size);
	return copy;
}

char *arena_text(struct arena *arena, const char *text)
{
	return arena_copy(arena, text, strlen(text));
}
