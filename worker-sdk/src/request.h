/* request: one call in a worker's hand: request.c (its life), message.c (its messages beyond the first). */
#ifndef BROOD_REQUEST_H
#define BROOD_REQUEST_H

#include "exchange.h"

struct brood_request {
	struct brood_request *next;
	struct brood_request *before;
	brood_t *b; /* referenced */
	struct message *message;
	uint32_t id;
	uint32_t note; /* its slot on the board */
	int64_t deadline; /* ms, now_ms() scale; INT64_MAX: none */
	atomic_bool cancelled;
	bool is_empty;      /* it was opened before there was a message */
	bool is_taken;      /* the first message was taken by brood_recv() */
	bool has_answer;    /* a message of the answer, or initial metadata, is on its way */
	struct exchange *x; /* owned; NULL as long as it is a call like most */
	brood_handler on_ready;
	void *ready_user;
	struct brood_request *behind; /* of those that wait for a slot; see conn.c */
	size_t size;   /* of this and method */
	char method[]; /* ends with NUL */
};

/* Its exchange, made where there is none yet; NULL without memory. */
struct exchange *request_exchange(brood_request_t *r);

#endif
