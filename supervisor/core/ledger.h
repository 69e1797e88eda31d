/*
 * ledger: who waits for what. All accepted calls of all pools, the clients that wait for them, and when they are due.
 *
 * Promises: what was entered leaves exactly once, by ledger_leave() (the client was answered or is gone), and its
 * record is freed exactly once, by ledger_forget() (no worker has it either).
 */
#ifndef BROOD_LEDGER_H
#define BROOD_LEDGER_H

#include "attributes.h"
#include "calls.h"
#include "deadlines.h"
#include "errand.h"
#include "event.h"
#include "turns.h"

/* One connection, or one call of an operator. Storage by the number that the host chose. */
struct caller {
	bool is_open;
	uint32_t endpoint; /* NONE: the admin socket */
	uint32_t uid;
	uint64_t serial; /* of the connection, from 1 */
	uint32_t caller; /* the worker whose connection it is; NONE: somebody's from outside */
	uint32_t pool; /* where its endpoint leads; NONE: anywhere, it has no SLOTS */
	uint32_t open_calls;
	uint32_t max_calls; /* that it may have open, as configured */
	uint32_t allowed;   /* and as it was told last */
	enum reading reading;
	bool is_stalled; /* something waits for it, and it has read nothing for a while */
	struct chain_link stalled_link;
	uint64_t max_unread; /* bytes */
	struct call_list calls; /* in the order they came */
	uint32_t lanes; /* where calls of it wait, by next_of_client; see turns */
	uint32_t worker;       /* that has the connection as a whole; NONE */
	uint32_t next_waiting; /* behind it among those that wait for one; see handover */
	uint32_t share; /* of its user, where its last call went; NONE: there was none */
};

/* Connections that wait to be handed over, by number. */
struct caller_queue {
	uint32_t first; /* NONE: empty */
	uint32_t last;
};

struct ledger {
	struct call_table table;
	struct turns turns;
	struct caller *callers;
	struct call_list stalled; /* clients that are */
	uint32_t caller_count;
	struct errands errands;
	struct deadlines *deadlines; /* shared with the workers */
	uint32_t first_owner;        /* a call's number among the owners of deadlines, minus its index */
};

/* Enters a call; NONE if the table is full. The fields of `call` that describe it are copied. */
MUST_USE uint32_t ledger_enter(struct ledger *l, const struct call *call);
/* The client does not wait any more. The record stays while a worker has the call. */
void ledger_leave(struct ledger *l, uint32_t index);
/* The worker that still has it has until then. After ledger_leave(). */
void ledger_await(struct ledger *l, uint32_t index, struct instant until);
/* Nobody has it any more. */
void ledger_forget(struct ledger *l, uint32_t index);
/* The client's call with this id, or NONE. */
uint32_t ledger_find(const struct ledger *l, uint32_t client, uint32_t id);

#endif
