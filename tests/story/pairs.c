/*
 * pairs: counts at the one door to the table, worker_step(), which the linker leads through here
 * (--wrap).
 */
#include "pairs.h"

#include <stdio.h>

#include "worker.h"

void __real_worker_step(struct worker *w, enum worker_event event, const struct worker_context *c);
void __wrap_worker_step(struct worker *w, enum worker_event event, const struct worker_context *c);

static bool met[WORKER_STATES][WORKER_EVENTS];

static const char *const states[] = {
#define STATE(name, word, doc) #name,
#include "lifecycle.def"
};

static const char *const events[] = {
#define EVENT(name, doc) #name,
#include "lifecycle.def"
};

static const bool can_be[WORKER_STATES][WORKER_EVENTS] = {
#define ON(state, event, next, effect) [WORKER_##state][EVENT_##event] = true,
#include "lifecycle.def"
};

void __wrap_worker_step(struct worker *w, enum worker_event event, const struct worker_context *c)
{
	met[w->state][event] = true;
	__real_worker_step(w, event, c);
}

bool pairs_are_covered(void)
{
	bool good = true;
	unsigned seen = 0;

	for (int s = 0; s < WORKER_STATES; s++) {
		for (int e = 0; e < WORKER_EVENTS; e++) {
			seen += met[s][e];
			if (!can_be[s][e] || met[s][e])
				continue;
			fprintf(stderr, "no story meets %s in state %s\n", events[e], states[s]);
			good = false;
		}
	}
	printf("%u pairs of lifecycle.def met\n", seen);
	return good;
}
