/*
 * herd: a small fleet for tests of the core: three pools, one endpoint, and what a step emitted.
 *
 * The pools are "one" (1 instance), "two" (2) and "idle" (1, no autostart). Change the specs
 * between herd_describe() and herd_open(). Bodies, clients and calls are whatever the test names.
 */
#ifndef BROOD_HERD_H
#define BROOD_HERD_H

#include "fleet.h"

enum { HERD_POOLS = 3, HERD_ACTIONS = 1024 };

struct herd {
	struct config_spec spec;
	struct worker_spec workers[HERD_POOLS];
	struct endpoint_spec endpoint;
	struct fleet fleet;
	void *storage;
	struct action actions[HERD_ACTIONS]; /* of the last step, without their answer and trace */
	struct answer answers[HERD_ACTIONS]; /* by the place of their action */
	uint32_t count;
};

void herd_describe(struct herd *h);
void herd_open(struct herd *h);
void herd_close(struct herd *h);

/* One step at this moment. */
void herd_give(struct herd *h, int64_t ms, struct event e);
/* Starts all, and makes every instance ready with so many slots. */
void herd_start(struct herd *h, uint32_t slots);
/* An operator's call, for which client `client` is let in if need be. */
void herd_call(struct herd *h, uint32_t client, uint32_t id, uint32_t pool);

/* How many actions of this kind the last step emitted, and the first of them (NULL: none). */
uint32_t herd_count(const struct herd *h, enum action_kind kind);
const struct action *herd_first(const struct herd *h, enum action_kind kind);
/* The answer that goes with an action of the last step. */
const struct answer *herd_answer(const struct herd *h, const struct action *a);

#endif
