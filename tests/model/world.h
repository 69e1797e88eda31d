/*
 * world: what would be true outside the core: processes, clients, bodies, jobs. It obeys the core's actions, checks
 * each of them against what it knows, and thinks of the next event.
 */
#ifndef BROOD_MODEL_WORLD_H
#define BROOD_MODEL_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "fleet.h"

enum {
	WORLD_WORKERS = 64,
	WORLD_POOLS = 4,
	WORLD_ENDPOINTS = 3, /* the last one hands connections over */
	WORLD_INNER = 2,     /* pool a calls b, and d directly */
	WORLD_KEYS = 40, /* order keys of a pool, at most */
	WORLD_CLIENTS = 24,
	WORLD_CALLS = 4096, /* per client: ids 1, 3, 5, ... of which the last so many are remembered */
	WORLD_BODIES = 1 << 16,
	WORLD_JOBS = 1 << 12,
};

struct world_process {
	bool is_alive;
	bool is_ended; /* its channel was lost; only the exit is still to come */
	uint32_t generation;
	uint32_t slots;
	uint32_t held_count;
	struct {
		uint32_t wire_id;
		uint32_t client;
		uint32_t visit;
		uint32_t id;
		bool cancelled;
		bool unsent;
		bool idempotent;
	} held[BROOD_MAX_SLOTS];
	bool was_signalled;
	bool was_given;   /* something to do */
	bool is_told;     /* that it gets nothing more */
	bool is_asked;    /* whether it has handed over everything */
	bool has_flushed; /* and it has said so */
};

struct world_client {
	bool is_open;
	bool is_handed_over; /* or will be, as a whole: it calls nobody */
	uint32_t served_by;  /* then: by which worker; NONE: it waits */
	uint32_t caller;     /* the worker whose connection it is; NONE: somebody's from outside */
	uint32_t visit; /* how often it has come */
	uint32_t next_id;
	uint32_t waiting; /* calls without an answer */
	uint8_t state[WORLD_CALLS]; /* of id / 2 % WORLD_CALLS: 0 unknown, 1 waiting, 2 answered */
	uint8_t runs[WORLD_CALLS];  /* how many handlers may have seen it */
	bool has_part[WORLD_CALLS]; /* something of its answer was passed on */
	bool goes_on[WORLD_CALLS];  /* its request has not ended */
	bool streams[WORLD_CALLS];  /* it takes an answer of several messages */
	bool has_more[WORLD_CALLS]; /* something came behind the first message */
	bool more_is_out[WORLD_CALLS]; /* and has left for a worker */
};

struct world {
	uint64_t seed;
	uint64_t random;
	uint64_t events;
	struct fleet fleet;
	struct config_spec spec;
	struct worker_spec worker_specs[WORLD_POOLS];
	struct endpoint_spec endpoint_specs[WORLD_ENDPOINTS + WORLD_INNER];
	struct callee callees[WORLD_INNER];
	struct world_process processes[WORLD_WORKERS];
	uint32_t newest[WORLD_POOLS][WORLD_WORKERS]; /* generation of each instance */
	struct world_client clients[WORLD_CLIENTS];
	bool bodies[WORLD_BODIES];
	uint32_t next_body;
	uint32_t bodies_live;
	bool jobs[WORLD_JOBS];
	uint32_t next_job;
	uint32_t jobs_open;
	bool admitted;
	bool refused;
	bool is_finished;
	bool is_verbose;
	bool at_hand_ends; /* the part at hand completes a message */
	uint64_t answers;
	uint64_t forwards;
	uint64_t deliveries;
	uint64_t spawns;
	uint64_t parts; /* of requests */
	void *storage;
};

void world_open(struct world *w, uint64_t seed, bool is_verbose);
/* One random event. */
void world_step(struct world *w);
/* Ends everything in order and checks that nothing is left. */
void world_close(struct world *w);

#endif
