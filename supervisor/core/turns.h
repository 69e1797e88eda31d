/*
 * turns: whose call is next where several wait, and what each user has in a pool.
 *
 * The rule: of the users that wait, the one with least in hand is next, and among equals the one that has waited for
 * its turn longest; of a user's clients each has its turn; of a client's calls the oldest. So one client with many
 * calls, and one user with many clients, cost others one call's time and not a queue's.
 */
#ifndef BROOD_TURNS_H
#define BROOD_TURNS_H

#include <stdbool.h>
#include <stdint.h>

#include "calls.h"
#include "chain.h"

struct pool;

/* One user in one pool, as long as it has calls there. */
struct share {
	struct chain_link link; /* of the pool's shares: that which had its turn last is last */
	uint32_t uid;
	uint16_t pool;
	uint32_t calls;   /* waiting, in hand, or in between */
	uint32_t waiting; /* of those: in the queue */
	uint64_t waiting_bytes;
	uint32_t in_hand; /* of those: at a worker, also if nobody waits for them any more */
	struct call_list lanes; /* that wait for their turn */
	uint32_t clients;       /* with calls open; for overflow, while it counts */
};

/* The calls of one client that wait in one pool: there is none without calls. */
struct lane {
	struct chain_link link; /* of its share's lanes */
	struct call_list calls;
	uint32_t share;
	uint32_t next_of_client;
	bool is_held; /* not in the share's list: its client has to read first */
};

/* Of all pools. At most as many of either as there are calls. */
struct turns {
	struct share *shares;
	uint32_t shares_used; /* that were ever in use: storage beyond is untouched */
	uint32_t shares_free; /* list by link.next */
	struct lane *lanes;
	uint32_t lanes_used;
	uint32_t lanes_free;
};

/* What this client's user has in the pool; NULL: no calls. */
const struct share *turns_share(const struct pool *p, uint32_t client);
/* A call was accepted, and is forgotten. */
void turns_enter(struct pool *p, uint32_t call);
void turns_forget(struct pool *p, uint32_t call);
/* It waits; `first`: before all others of its client, which has its turn first. It waits no more. */
void turns_wait(struct pool *p, uint32_t call, bool first);
void turns_leave(struct pool *p, uint32_t call);
/* A call that waits has become larger by so many bytes. */
void turns_grow(struct pool *p, uint32_t call, uint32_t bytes);
/* It waits without a turn, for an instance of its own; and does not any more. */
void turns_wait_apart(struct pool *p, uint32_t call);
void turns_leave_apart(struct pool *p, uint32_t call);
/* A worker has it, and has it no more. */
void turns_take(struct pool *p, uint32_t call);
void turns_give_back(struct pool *p, uint32_t call);
/* Calls of this client have no turn for now, or have one again. */
void turns_hold(struct pool *p, uint32_t client, bool hold);
/* The waiting call that is next: the turn of its client and user is over with that. NONE: none waits. */
uint32_t turns_next(struct pool *p);

#endif
