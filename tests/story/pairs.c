/*
 * pairs: counts at the one door to the table, worker_step(), which the linker leads through here
 * (--wrap).
 */
#include "pairs.h"

#include <stdio.h>
#include <string.h>

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

static int find(const char *const *names, int count, const char *name)
{
	int i = 0;

	while (i < count && strcmp(names[i], name) != 0)
		i++;
	return i;
}

/* One line of the list; marks the pair as excused. */
static bool excuse(const char *line, bool excused[WORKER_STATES][WORKER_EVENTS])
{
	char state[32];
	char event[32];
	int s;
	int e;

	if (sscanf(line, "%31s %31[A-Z_]: %*c", state, event) != 2) {
		fprintf(stderr, "not 'STATE EVENT: why': %s", line);
		return false;
	}
	s = find(states, WORKER_STATES, state);
	e = find(events, WORKER_EVENTS, event);
	if (s == WORKER_STATES || e == WORKER_EVENTS || !can_be[s][e]) {
		fprintf(stderr, "lifecycle.def has no ON(%s, %s)\n", state, event);
		return false;
	}
	excused[s][e] = true;
	if (met[s][e])
		fprintf(stderr, "%s %s has a reason but also a story: the reason can go\n", state,
			event);
	return !met[s][e];
}

static bool read_reasons(const char *path, bool excused[WORKER_STATES][WORKER_EVENTS])
{
	FILE *f = fopen(path, "r");
	char line[256];
	bool good = f != NULL;

	if (!f)
		fprintf(stderr, "cannot open %s\n", path);
	while (f && fgets(line, sizeof(line), f)) {
		if (line[0] != '#' && line[0] != '\n')
			good &= excuse(line, excused);
	}
	if (f)
		fclose(f);
	return good;
}

bool pairs_are_covered(const char *reasons_path)
{
	bool excused[WORKER_STATES][WORKER_EVENTS] = {{false}};
	bool good = read_reasons(reasons_path, excused);
	unsigned seen = 0;

	for (int s = 0; s < WORKER_STATES; s++) {
		for (int e = 0; e < WORKER_EVENTS; e++) {
			seen += met[s][e];
			if (!can_be[s][e] || met[s][e] || excused[s][e])
				continue;
			fprintf(stderr, "no story meets %s in state %s\n", events[e], states[s]);
			good = false;
		}
	}
	printf("%u pairs of lifecycle.def met\n", seen);
	return good;
}
