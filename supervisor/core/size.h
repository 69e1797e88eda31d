/*
 * size: how many instances a pool has, between its two bounds, by load.
 *
 * The rule: one more as soon as the oldest call has waited for scale_up_after and no slot is free, or at once if there
 * is no process at all; never while one is on its way. One less when for idle_stop there was always one with nothing
 * in hand.
 * What load may start stands on the bench; what a command has stopped does not. Part of fleet.
 */
#ifndef BROOD_SIZE_H
#define BROOD_SIZE_H

#include "attributes.h"
#include "pool.h"

struct fleet;

/* How many seats a pool of this worker may ever have, by `brood scale`. */
uint32_t size_seats_most(const struct worker_spec *spec);
/* The bounds of a new pool: those of the file. */
void size_open(struct pool *p);
/* Is it one of those that its pool has now? Neither on the bench nor beyond the upper bound without a process. */
bool size_counts(const struct pool *p, const struct worker *w);
/* How many its pool has now, those that were stopped by command left out. */
uint32_t size_now(const struct pool *p);
/* May load start another one? */
bool size_has_reserve(const struct pool *p);
/* A command is about it: load does not decide about it any more, or again. */
void size_bench(struct pool *p, struct worker *w, bool is_benched);
/* After an event for a worker: what has come to its end by itself may be started again by load. */
void size_follow(struct pool *p, struct worker *w);
/* Starts and stops instances so that the pool is within these bounds from now on. */
void size_scale(struct fleet *f, struct pool *p, uint32_t least, uint32_t most);
/* After each step: begins what is due, and asks to be called again when something will be. */
void size_look(struct fleet *f);

#endif
