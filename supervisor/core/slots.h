/*
 * slots: which workers of a pool have a free slot, and which of them has least in hand.
 *
 * A list for each number of calls in hand, and a mask of those that are not empty: finding, and moving a worker
 * when a call comes or goes, cost the same however many workers there are.
 */
#ifndef BROOD_SLOTS_H
#define BROOD_SLOTS_H

#include "calls.h"
#include "contract.h"
#include "worker.h"

struct slots {
	struct worker *workers; /* of the whole fleet */
	uint64_t mask[2];
	struct call_list lists[BROOD_MAX_SLOTS + 1]; /* of workers, by in_flight */
};

void slots_init(struct slots *s, struct worker *workers);
/* Calls in hand or the right to take calls have changed. */
void slots_set(struct slots *s, struct worker *w, uint32_t in_flight, bool takes_calls);
/* Is there a worker with nothing in hand? */
bool slots_has_idle(const struct slots *s);
/* The worker with a free slot that has least in hand; among equals the one that waited longest. NULL: none. */
struct worker *slots_pick(const struct slots *s);

#endif
