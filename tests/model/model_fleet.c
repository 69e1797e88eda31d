/*
 * model_fleet: random events against the whole core, each action checked against an independent world.
 *
 *   model_fleet [--seed N] [--seeds COUNT] [--events N] [--verbose]
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "world.h"

static uint64_t number(const char *text)
{
	return strtoull(text ? text : "0", NULL, 0);
}

static void run(struct world *w, uint64_t seed, uint64_t events, bool is_verbose)
{
	world_open(w, seed, is_verbose);
	while (w->events < events)
		world_step(w);
	world_close(w);
	printf("seed %" PRIu64 ": %" PRIu64 " events, %" PRIu64 " starts, %" PRIu64 " deliveries, %" PRIu64
	       " parts, %" PRIu64
	       " answers of workers, %" PRIu64 " of brood: every call one answer\n",
	       seed, w->events, w->spawns, w->deliveries, w->parts, w->forwards, w->answers);
}

int main(int argc, char **argv)
{
	uint64_t seed = (uint64_t)time(NULL);
	uint64_t seeds = 1;
	uint64_t events = 100000;
	bool is_verbose = false;
	struct world *w = malloc(sizeof(*w));

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--seed") == 0)
			seed = number(argv[++i]);
		else if (strcmp(argv[i], "--seeds") == 0)
			seeds = number(argv[++i]);
		else if (strcmp(argv[i], "--events") == 0)
			events = number(argv[++i]);
		else if (strcmp(argv[i], "--verbose") == 0)
			is_verbose = true;
	}
	for (uint64_t i = 0; w && i < seeds; i++)
		run(w, seed + i, events, is_verbose);
	free(w);
	return w ? 0 : 1;
}
