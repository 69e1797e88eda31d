/*
 * hand: the calls that a worker has in hand, by the id under which it knows them.
 *
 * Ids count up by two for each process; a worker can never name a call that is not its own.
 */
#ifndef BROOD_HAND_H
#define BROOD_HAND_H

#include "pool.h"

/* Puts a call into the worker's hand under a new id, which is returned. */
uint32_t hand_put(struct pool *p, struct worker *w, uint32_t call);
/* The call that this worker has under this id; NONE: not one of its own. */
uint32_t hand_find(const struct pool *p, const struct worker *w, uint32_t wire_id);
/* The worker does not have it any more. */
void hand_take(struct pool *p, struct worker *w, uint32_t call);
/* All calls in its hand, latest delivery first; room for BROOD_MAX_SLOTS. Returns how many. */
uint32_t hand_list(const struct pool *p, const struct worker *w, uint32_t *calls_out);
/* Is there nothing in its hand but what it should have given back by now? */
bool hand_is_done(const struct pool *p, const struct worker *w, struct instant now);
/* A new process: ids begin anew. */
void hand_reset(struct worker *w);

#endif
