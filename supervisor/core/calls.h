/*
 * calls: the records of all calls that brood has accepted and not yet forgotten, in one table of fixed size.
 *
 * A record is on two lists: that of its client (as long as the client waits), and the queue of its pool (as long
 * as no worker has it). Numbers instead of pointers; NONE is no record.
 */
#ifndef BROOD_CALLS_H
#define BROOD_CALLS_H

#include <stdbool.h>
#include <stdint.h>

#include "action.h"
#include "chain.h"
#include "instant.h"

enum call_state {
	CALL_FREE,
	CALL_QUEUED,    /* waits for a worker */
	CALL_IN_FLIGHT, /* a worker has it, the client waits */
	CALL_ORPHAN,    /* a worker has it, the client was answered or is gone */
};

struct call {
	enum call_state state;
	uint32_t client;
	uint32_t id;      /* as the client knows it */
	uint32_t body;    /* the host's name for the bytes */
	uint32_t size;
	uint32_t worker;  /* NONE while queued */
	uint32_t wire_id; /* as the worker knows it */
	uint32_t delivery; /* number of its delivery on that worker's channel */
	uint32_t queue_next;
	uint32_t queue_before;
	uint32_t client_next;
	uint32_t client_before;
	struct chain_link lane_link;
	uint32_t lane;  /* of its client, while it waits; see turns */
	uint32_t share; /* of its user */
	uint32_t bond;  /* key that says where it goes, see affinity; NONE */
	uint16_t pool;
	uint32_t reply_most; /* bytes that a message of its answer or of its request may have; 0: any number */
	uint32_t replied;    /* of the answer's message under way so many have been passed on */
	uint32_t asked;      /* and so many have come of the request's, behind the first one */
	uint8_t attempt;
	uint16_t returns; /* so often it went back to the queue because no handler had seen it */
	bool idempotent;
	bool is_started; /* its worker has said so by STARTED */
	bool is_unsent; /* the host has told that no handler has seen it */
	bool is_answering; /* a part of its answer has been passed on */
	bool is_last;   /* to be tried alone: see retrial */
	uint32_t uid;   /* of the caller: it may be gone before the call is */
	uint64_t key;   /* names the request, see suspects; 0: not known */
	bool has_ended; /* the whole request is there */
	bool has_parts; /* some of it came behind the first message, so brood does not hold it whole */
	bool takes_streams; /* its client takes an answer of several messages */
	struct instant accepted_at;
	struct instant deadline; /* of its client; once cancelled: of the worker that has it */
	struct instant given_at; /* when that worker got it */
};

struct call_table {
	struct call *calls;
	uint32_t capacity;
	uint32_t used; /* records that were ever in use: storage beyond is untouched */
	uint32_t free; /* list by queue_next */
};

/* Is there a record for one more call? */
bool calls_have_room(const struct call_table *t);
/* A fresh record, or NONE if all are in use. */
uint32_t calls_new(struct call_table *t);
void calls_free(struct call_table *t, uint32_t index);

void calls_enqueue(struct call_table *t, struct call_list *queue, uint32_t index);
void calls_enqueue_first(struct call_table *t, struct call_list *queue, uint32_t index);
void calls_dequeue(struct call_table *t, struct call_list *queue, uint32_t index);

void calls_join_client(struct call_table *t, struct call_list *list, uint32_t index);
void calls_leave_client(struct call_table *t, struct call_list *list, uint32_t index);

#endif
