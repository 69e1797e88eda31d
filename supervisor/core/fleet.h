/*
 * fleet: all of the core. One event in, actions out.
 *
 * The fleet owns workers, pools, the ledger of calls, the entrance and the jobs; their storage comes from the caller.
 * fleet_step() is the only way in; fleet_next() says when it wants to be called again at the latest. Everything
 * else may be read by whoever describes the state (admin/), between steps.
 */
#ifndef BROOD_FLEET_H
#define BROOD_FLEET_H

#include "attributes.h"
#include "deadlines.h"
#include "entrance.h"
#include "event.h"
#include "job.h"
#include "ledger.h"
#include "pool.h"
#include "worker.h"

/* Calls of operators that may be open at once, beside the clients of endpoints. */
enum { FLEET_ADMIN_CLIENTS = 64 };

struct fleet {
	const struct config_spec *spec;
	struct worker *workers;
	uint32_t worker_count; /* records, also those that were never in use */
	uint32_t *seats;
	uint32_t *cells;
	struct bond *bonds; /* of all pools; so many have been given to them */
	uint32_t *buckets;
	size_t bonds_given;
	size_t buckets_given;
	struct pool *pools;
	uint32_t pool_count;
	uint32_t elastic;   /* the first pool about whose size load decides; NONE: there is none */
	bool has_new_sizes; /* which ones these are is to be found out anew */
	struct ledger ledger;
	struct deadlines deadlines;
	struct suspects *suspects;
	struct penalties *penalties; /* own_uid is to be set behind fleet_init() */
	struct entrance entrance;
	struct job *jobs; /* JOBS_MOST of them */
	uint32_t jobs_open;
	uint64_t serial; /* of transitions */
	uint64_t random;
	bool is_stopping;
	bool is_finished;
	bool is_stepping;
	struct instant now; /* of the last event */
	struct actions *out; /* of the running step */
};

/* `storage` is storage_needed() bytes, zeroed; it stays the caller's. `seed` is any number. */
void fleet_init(struct fleet *f, const struct config_spec *spec, void *storage, uint64_t seed);

/* The emit function of `out` must not call this. */
void fleet_step(struct fleet *f, const struct event *e, struct actions *out);
/* When the core wants a FLEET_TICK at the latest; never if it waits for nothing. */
struct instant fleet_next(const struct fleet *f);

/* How many instances there are. */
uint32_t fleet_processes(const struct fleet *f);
/* The instance with this number of its pool. */
struct worker *fleet_worker(struct fleet *f, uint32_t pool, uint32_t instance);

#endif
