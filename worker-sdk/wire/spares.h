/*
 * spares: blocks of memory that come back soon, kept for the next who wants one of that size.
 *
 * For what is made and freed once a call: with many calls at once malloc() takes longer for it than everything else.
 * The owner says how many bytes it may keep; what is beyond, and what is larger than SPARES_LARGEST, is malloc's. A
 * block may be given back by free() too. Not thread-safe.
 */
#ifndef BROOD_SPARES_H
#define BROOD_SPARES_H

#include <stddef.h>

#include "attributes.h"

enum { SPARES_STEP = 128, SPARES_LARGEST = 4096, SPARES_SIZES = SPARES_LARGEST / SPARES_STEP };
enum { SPARES_LARGE_LEAST = 64 << 10, SPARES_LARGE_COUNT = 4 };

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

/* At least `size` bytes, not 0, of any content; NULL without memory. `s` may be NULL: malloc(). */
MUST_USE void *spares_take(struct spares *s, size_t size);
/* What spares_take() gave for this size, or NULL. `s` may be NULL: free(). */
void spares_give(struct spares *s, void *block, size_t size);
/*
 * The same for bodies, with malloc() by the caller: a kept block of at least `size` bytes, or NULL. *size_out is what
 * it has; to give it back, tell that. It is kept if it has SPARES_LARGE_LEAST bytes or more and fits in, in place
 * of the smallest if need be.
 */
MUST_USE void *spares_find_large(struct spares *s, size_t size, size_t *size_out);
void spares_give_large(struct spares *s, void *block, size_t size);
/* Frees what is kept. */
void spares_close(struct spares *s);

#endif
