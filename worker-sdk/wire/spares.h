/*
 * spares: blocks of memory that come back soon, kept for the next who wants one of that size.
 *
 * For what is made and freed once a call: with many calls at once malloc() takes longer for it than everything else.
 * The owner says how many bytes it may keep. What is beyond, or between SPARES_LARGEST and the large ones, is malloc's.
 * A block may be given back by free() too. Not thread-safe.
 */
#ifndef BROOD_SPARES_H
#define BROOD_SPARES_H

#include <stddef.h>
#include <string.h>

#include "attributes.h"

#if defined(__SANITIZE_ADDRESS__)
#define SPARES_ASAN
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SPARES_ASAN
#endif
#endif
/* a block that is kept is poisoned: whoever still uses it is found out, as with free() */
#ifdef SPARES_ASAN
/* as <sanitizer/asan_interface.h> has them */
void __asan_poison_memory_region(void const volatile *at, size_t size);
void __asan_unpoison_memory_region(void const volatile *at, size_t size);
#define SPARES_POISON(at, size)   __asan_poison_memory_region(at, size)
#define SPARES_UNPOISON(at, size) __asan_unpoison_memory_region(at, size)
#else
#define SPARES_POISON(at, size)   ((void)(at), (void)(size))
#define SPARES_UNPOISON(at, size) ((void)(at), (void)(size))
#endif

enum { SPARES_STEP = 128, SPARES_LARGEST = 4096, SPARES_SIZES = SPARES_LARGEST / SPARES_STEP };
enum { SPARES_LARGE_LEAST = 64 << 10, SPARES_LARGE_COUNT = 32 };

struct spares {
	void *first[SPARES_SIZES]; /* by size, in steps */
	size_t kept;               /* bytes */
	size_t most;               /* all-zero is valid, and keeps nothing */
	/* blocks for large bodies, whose pages the kernel would have to make anew */
	struct {
		void *block;
		size_t size;
	} large[SPARES_LARGE_COUNT];
	size_t large_kept;
	size_t large_most;
};

/* malloc() and free(), without <stdlib.h> for everybody. */
MUST_USE void *spares_fresh(size_t size);
void spares_free(void *block);
/*
 * Large ones, with malloc() by the caller: a kept block of at least `size` bytes, or NULL. *size_out is what it has; to
 * give it back, tell that. It is kept if it has SPARES_LARGE_LEAST bytes or more and fits in, in place of the smallest
 * if need be.
 */
MUST_USE void *spares_find_large(struct spares *s, size_t size, size_t *size_out);
void spares_give_large(struct spares *s, void *block, size_t size);
/* One of these, or malloc's. */
MUST_USE void *spares_take_large(struct spares *s, size_t size);

/* At least `size` bytes, not 0, of any content; NULL without memory. `s` may be NULL: malloc(). */
MUST_USE static inline void *spares_take(struct spares *s, size_t size)
{
	size_t step = (size + SPARES_STEP - 1) / SPARES_STEP; /* all blocks of one list have the same size */
	void *block;

	if (!s || step > SPARES_SIZES)
		return spares_take_large(s, size);
	block = s->first[step - 1];
	if (!block)
		return spares_fresh(step * SPARES_STEP);
	SPARES_UNPOISON(block, step * SPARES_STEP);
	memcpy(&s->first[step - 1], block, sizeof(block));
	s->kept -= step * SPARES_STEP;
	return block;
}
/* What spares_take() gave for this size, or NULL. `s` may be NULL: free(). */
static inline void spares_give(struct spares *s, void *block, size_t size)
{
	size_t step = (size + SPARES_STEP - 1) / SPARES_STEP;

	if (s && step > SPARES_SIZES) {
		spares_give_large(s, block, size);
		return;
	}
	if (!s || !block || s->kept + step * SPARES_STEP > s->most) {
		spares_free(block);
		return;
	}
	memcpy(block, &s->first[step - 1], sizeof(block));
	s->first[step - 1] = block;
	s->kept += step * SPARES_STEP;
	SPARES_POISON(block, step * SPARES_STEP);
}
/* Frees what is kept. */
void spares_close(struct spares *s);

#endif
