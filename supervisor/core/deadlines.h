/*
 * deadlines: all moments that the core waits for, earliest first. A binary heap in storage of the caller.
 *
 * Each owner (a number below `owners`) has at most one deadline. Every operation costs log(waiting).
 */
#ifndef BROOD_DEADLINES_H
#define BROOD_DEADLINES_H

#include <stdbool.h>
#include <stdint.h>

#include "instant.h"

struct deadline {
	struct instant at;
	uint32_t owner;
};

struct deadlines {
	struct deadline *heap;
	uint32_t *places; /* of each owner: its place in the heap + 1; 0: it waits for nothing */
	uint32_t count;
	uint32_t owners;
};

/* Sets, moves, or with INSTANT_NEVER removes the deadline of an owner. */
void deadlines_set(struct deadlines *d, uint32_t owner, struct instant at);
/* The earliest moment; never if there is none. */
struct instant deadlines_next(const struct deadlines *d);
/* Removes the earliest one if it is not after `now`; false if there is none. */
bool deadlines_take(struct deadlines *d, struct instant now, uint32_t *owner_out);

#endif
