/*
 * conns: what the connections of one worker have between them. Only conn.c, conns.c and parting.c look inside.
 */
#ifndef BROOD_CONNS_H
#define BROOD_CONNS_H

#include <sys/epoll.h>

#include "conn.h"

enum { CONNS_READY_MOST = 64 };

struct conn {
	struct conn *next;
	struct conn *before;
	brood_t *b;
	uint32_t id; /* brood's */
	struct frame_peer peer;
	uint32_t call_timeout; /* ms */
	char endpoint[64];
	char pool[64];
	int64_t greet_until; /* ms; of one that has not said HELLO yet */
	bool has_greeted;
	bool is_taken;      /* brood was told that it is read, or does not want to know */
	bool is_held;       /* not watched until that has left */
	uint64_t taken_end; /* then: an offset of the worker's outbox */
	int64_t leave_until; /* ms; so long it may take to hear that the worker ends; 0: it was not told */
	bool ids_went_round;
	uint32_t last_id; /* of a call */
	bool is_cut; /* nothing more can come from the client */
};

struct conns {
	struct conn *first; /* those that have not said HELLO stand before all others */
	struct conn *last;
	unsigned count;
	int64_t expire_at; /* ms; none of them has to be closed before */
	struct epoll_event ready[CONNS_READY_MOST];
	int ready_count; /* -1: nobody has looked */
	bool worker_is_ready;
	bool is_woken;    /* by another thread */
	bool is_stepping;
	uint8_t *buffer; /* one read buffer for all */
	unsigned held;    /* so many of them are */
	int64_t leave_at; /* ms; 0: nobody leaves yet */
	int64_t look_at;  /* ms; then one that leaves has waited long enough; INT64_MAX: none */
	atomic_bool has_news; /* another thread has answered the last call of one */
	atomic_int running;   /* handlers' calls, limited by the worker's slots */
	brood_request_t *waiting; /* for their turn, in order */
	brood_request_t *waiting_last;
};

/* --- conn.c: one of them */

/* Gives what it holds back, and tells brood. */
void conn_close(brood_t *worker, struct conn *c);
/* The same for one that was not taken: another worker may have it. */
void conn_give_back(brood_t *worker, struct conn *c);
/* It is to be read: brood is told. */
void conn_take(brood_t *worker, struct conn *c);
/* Has that left the process? */
bool conn_is_told(brood_t *worker, const struct conn *c);
/* Has it ended, and is only to be closed? */
bool conn_is_over(const struct conn *c);
/* Whatever can be done now; it may be over then. */
void conn_step(struct conn *c);

/* --- parting.c: the end */

/* The worker ends: one step for each of them, which closes those that are done. */
void conns_leave(brood_t *worker);

#endif
