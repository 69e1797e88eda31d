/*
 * errand: calls that workers have open themselves, by their connections to other pools.
 *
 * A worker that drains has not finished before them. Who has none left is listed, so that its drain is looked at.
 */
#ifndef BROOD_ERRAND_H
#define BROOD_ERRAND_H

#include <stdbool.h>
#include <stdint.h>

/* Those of one worker. */
struct errand {
	uint32_t open;
	uint32_t next; /* on the list; NONE */
	bool is_listed;
};

struct errands {
	struct errand *of; /* by worker */
	uint32_t first;    /* of those that had their last one answered; NONE */
};

/* The worker may be NONE: somebody from outside, whose calls are not counted here. */
void errands_begin(struct errands *e, uint32_t worker);
void errands_end(struct errands *e, uint32_t worker);
/* Takes one off the list; NONE: it is empty. It may have begun others since. */
uint32_t errands_take(struct errands *e);
uint32_t errands_open(const struct errands *e, uint32_t worker);

#endif
