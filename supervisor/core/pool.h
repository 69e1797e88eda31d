/*
 * pool: who gets which request, and what becomes of it when a worker dies.
 */
#ifndef BROOD_POOL_H
#define BROOD_POOL_H

#include "affinity.h"
#include "contract.h"
#include "ledger.h"
#include "penalty.h"
#include "slots.h"
#include "suspects.h"
#include "worker.h"

/* Of all calls since brood started: see counters.def. */
struct pool_counters {
#define COUNTER(name, doc) uint64_t name;
#include "counters.def"
};

struct pool {
	const struct worker_spec *spec;
	uint16_t index;
	uint32_t first_worker;
	uint32_t worker_count;    /* records in use, now or before; see roster.h */
	uint32_t worker_capacity;
	uint32_t *seats;          /* by instance: the record */
	uint32_t seat_count;
	uint32_t least; /* instances, see size.h */
	uint32_t most;
	uint32_t benched;
	struct instant idle_since; /* always one with nothing in hand; never: there is none */
	uint32_t next_elastic; /* behind it among those about whose size load decides; NONE */
	uint32_t *cells; /* of all workers, see worker.h */
	struct worker *workers; /* of the whole fleet */
	struct ledger *ledger;
	struct suspects *suspects;   /* of the whole fleet */
	struct penalties *penalties; /* likewise */
	struct affinity affinity;  /* calls with an order key, and where they go */
	struct call_list queue;    /* in the order in which they came; for the order in which they go see turns */
	struct call_list retrials; /* calls that wait for their last attempt, see retrial */
	uint32_t alone;            /* the worker that is kept for one of those; NONE */
	uint32_t alone_call;       /* which it has in hand; NONE */
	uint32_t queued;           /* on both lists, and with their keys */
	uint64_t queued_bytes;
	uint32_t in_flight; /* with an open client; orphans are not counted */
	bool is_tight;       /* see overflow */
	uint32_t pace;       /* calls that the slowest of its clients may have open, while it is tight */
	uint32_t until_pace; /* calls until that is looked at again */
	uint32_t processes; /* of its workers */
	bool is_closing;    /* its last processes are ending as wished: what waits is still served */
	bool is_stopping;   /* all of brood ends, and nothing new comes from outside */
	bool is_kept;       /* then it stays until the pools that call it have ended */
	bool is_proved;     /* an instance has been up for POOL_PROOF since this configuration was loaded */
	struct slots slots;
	struct caller_queue connections; /* that wait to be handed over */
	struct call_list shares; /* users with calls here, see turns */
	uint32_t due;            /* clients whose calls wait for nothing but their turn */
	struct pool_counters counters;
};

enum { POOL_PROOF_MS = 10000 };

struct pool_request {
	uint32_t client;
	uint32_t id;
	uint32_t body;
	uint32_t size;
	uint32_t reply_most;     /* bytes of a message; 0: any number */
	struct duration timeout; /* 0: the pool's call_timeout */
	uint64_t order;          /* affinity key; 0: none */
	bool is_sticky;          /* that is its connection */
	bool idempotent;
	uint64_t key;            /* 0: not known */
	bool goes_on;            /* messages may come behind its first one */
	bool takes_streams;      /* the client takes an answer of several messages */
};

/* What becomes of a call that its client gives up. */
enum pool_loss {
	POOL_CANCELLED,
	POOL_UNSUPPORTED,
	POOL_TOO_LARGE,         /* its answer */
	POOL_REQUEST_TOO_LARGE, /* a message of it, behind the first */
	POOL_CONTRADICTS,       /* it goes on behind its end, or ends inside a message */
	POOL_ONE_MESSAGE,       /* its answer has several messages, and the client takes one */
	POOL_NO_ROOM,           /* for what comes of it */
	POOL_UNREAD,            /* its client does not read, and there is no room for more */
	POOL_STALLED,           /* its client does not read, and others wait */
	POOL_CLIENT_GONE,
	POOL_EXPIRED,
};

/* May this worker get calls, as far as its own state goes? */
bool pool_may_use(const struct pool *p, const struct worker *w);
/* The same, and it is not kept for a call that runs alone. */
bool pool_gives_to(const struct pool *p, const struct worker *w);
/* Does nobody wait for a slot, so that one more call of this client need not either? */
bool pool_is_idle(const struct pool *p, uint32_t client);
/* Does a key say where this call goes? */
bool pool_has_key(const struct pool *p, const struct pool_request *r);
/* A new call: delivered, queued, or answered. */
void pool_call(struct pool *p, const struct pool_request *r, struct instant now, struct actions *out);
/* A worker's final frame, with so many bytes of body. */
void pool_reply(struct pool *p, struct worker *w, uint32_t wire_id, uint32_t size, struct instant now,
		struct actions *out);
/* Does a message of the answer become longer than it may be, with so many bytes more? */
bool pool_is_overlong(const struct call *c, uint32_t size);
/* The client cancelled, is gone, or has waited too long. */
void pool_lose(struct pool *p, uint32_t call, enum pool_loss how, struct instant now,
	       struct actions *out);
/* Slots, state or wish of a worker have changed. */
void pool_update(struct pool *p, struct worker *w);
/* State or wish of any worker have changed: is the pool closing? */
void pool_review(struct pool *p);
/* Gives waiting calls to free slots, those that are due excepted; answers them all if no worker will ever come. */
void pool_serve(struct pool *p, struct instant now, struct actions *out);
/* A one-way message. */
void pool_notify(struct pool *p, struct actions *out);
/* Has this draining worker nothing left to do that anybody waits for, or that it may still finish? */
bool pool_is_drained(const struct pool *p, const struct worker *w, struct instant now);
/* Has the pool shown that its program works, so that a death belongs to the call and not to the program? */
bool pool_has_proof(struct pool *p, struct instant now);

/* For settle. A call waits; `first`: before all others. */
void pool_enqueue(struct pool *p, uint32_t call, bool first);
/* For settle and retrial. A call leaves the list on which it waits. */
void pool_unqueue(struct pool *p, uint32_t call);
/* For stream. A call that waits has become larger by so many bytes. */
void pool_grow(struct pool *p, uint32_t call, uint32_t bytes);
/* For retrial. Like pool_lose(), and nobody is served. */
void pool_give_up(struct pool *p, uint32_t call, enum pool_loss how, struct instant now, struct actions *out);
/* For retrial. */
void pool_deliver(struct pool *p, uint32_t call, struct worker *w, struct instant now, struct actions *out);
/* For stream. Is there no room for so many bytes more of its answer, because its client does not read? */
bool pool_is_unread(const struct pool *p, const struct call *c, uint32_t size);
/* For settle. brood's own answer to an accepted call. */
void pool_answer(struct pool *p, uint32_t call, const struct answer *a, struct actions *out);
/* For settle. Nobody waits for it and nobody has it. */
void pool_forget(struct pool *p, uint32_t call, struct actions *out);

#endif
