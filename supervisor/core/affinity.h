/*
 * affinity: calls with the same order key go to the same instance, in the order in which they came.
 *
 * A key is bound to an instance when its first call comes, by a hash over those that are up, so that keys spread
 * evenly; a connection (dispatch = sticky) to the one that has least in hand. It moves only if that instance goes:
 * ends, or takes no more calls. Then what is in hand there ends first, and what waits goes on elsewhere. A new process
 * of the same instance is the same instance. Calls wait with their key; keys that wait for one instance take turns. A
 * table of order_keys keys: one that is in use is kept, the others are forgotten, longest unused first; where the
 * instances have not changed a forgotten key comes back to the same one.
 */
#ifndef BROOD_AFFINITY_H
#define BROOD_AFFINITY_H

#include <stdbool.h>
#include <stdint.h>

#include "attributes.h"
#include "calls.h"
#include "chain.h"
#include "instant.h"

struct actions;
struct pool;
struct worker;

/* Where a key stands: each but FREE and AT_WORK is a list. */
enum bond_place {
	BOND_FREE,    /* never used */
	BOND_IDLE,    /* nothing of it is here */
	BOND_AT_WORK, /* in hand, nothing waits */
	BOND_READY,   /* waits for a free slot of its instance */
	BOND_HELD,    /* waits for calls of its own that are elsewhere, or until its client reads */
	BOND_ADRIFT,  /* waits for any instance */
};

/* One key. */
struct bond {
	struct chain_link link;
	uint64_t key;
	bool is_connection; /* not a key of a caller's: dispatch = sticky */
	uint32_t bucket_next; /* NONE: the last */
	uint32_t seat;        /* its instance; NONE: none yet */
	uint32_t holder;      /* record of the worker that has calls of it in hand; NONE */
	uint32_t in_hand;     /* so many */
	uint32_t retrying;    /* calls at their last attempt, waiting or in hand, see retrial */
	uint32_t ready_at;    /* record on whose list it is */
	enum bond_place place;
	struct call_list calls; /* that wait */
};

struct affinity {
	struct bond *bonds;
	uint32_t *buckets; /* of bonds + 1; 0: none */
	uint32_t capacity;
	uint32_t bucket_mask;
	uint32_t used; /* that were ever in use: storage beyond is untouched */
	uint64_t seed;
	struct call_list idle; /* longest unused first */
	struct call_list held;
	struct call_list adrift;
	uint32_t waiting; /* calls, of all keys */
};

/* How many buckets a table of so many keys has. */
uint32_t affinity_buckets(uint32_t keys);
/* Is there room for this key? */
bool affinity_has_room(const struct pool *p, uint64_t key);
/* Could a call of this client with this key be delivered at once? */
bool affinity_is_free(const struct pool *p, uint64_t key, bool is_connection, uint32_t client);
/* Binds a new call to its key. There is room. */
void affinity_bind(struct pool *p, uint32_t call, uint64_t key, bool is_connection);
/* The worker that gets this call now; NULL: it must wait. */
struct worker *affinity_pick(struct pool *p, uint32_t call);
/* A bound call waits, before or behind the others of its key; and does not any more. */
void affinity_wait(struct pool *p, uint32_t call, bool first);
void affinity_leave(struct pool *p, uint32_t call);
/* A worker has it; and not any more. */
void affinity_take(struct pool *p, const struct worker *w, uint32_t call);
void affinity_give_back(struct pool *p, uint32_t call);
/* State or slots of a worker have changed. */
void affinity_update(struct pool *p, struct worker *w);
/* Some clients read again. */
void affinity_resume(struct pool *p);
/* Gives what waits to free slots; while unbound calls wait that came before, those go first. */
void affinity_serve(struct pool *p, struct instant now, struct actions *out);
/* Any bound call that waits; NONE: there is none. */
uint32_t affinity_first(const struct pool *p);

#endif
