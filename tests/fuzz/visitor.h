/*
 * visitor: a client of a supervisor in the same process, which knows what it has asked in good faith, and checks what
 * it is told: frames, one answer for an id, the right bytes, no end of its connection that is not its own doing.
 */
#ifndef BROOD_VISITOR_H
#define BROOD_VISITOR_H

#include <stdbool.h>

#include "frame.h"
#include "puppet.h"

struct supervisor;

enum { VISITORS = 4, VISITOR_IDS = 200, VISITOR_BODY = 12 };

struct visitor {
	int fd;         /* -1: none */
	bool is_honest; /* has kept to the protocol */
	bool may_share; /* bodies in memory, says WELCOME */
	bool is_deaf;
	bool has_left; /* closed its own direction */
	bool has_greeted;
	struct frame_decoder ear;
	uint32_t last_id;
	uint32_t unfinished;        /* the call that has only begun; 0: none */
	bool is_asked[VISITOR_IDS]; /* by id / 2 */
	bool is_answered[VISITOR_IDS];
	bool was_with_a_liar[VISITOR_IDS];        /* who may have answered anything */
	uint8_t heard[VISITOR_IDS][VISITOR_BODY]; /* the beginning of its answer */
	uint8_t heard_size[VISITOR_IDS];
};

extern struct visitor visitors[VISITORS];

/* Connects, where it is not connected. */
void visitor_open(struct visitor *v, struct supervisor *s, bool greets);
/*
 * A connection of a worker instead, which is taken. What is promised to clients from outside is not to it: it ends with
 * its worker.
 */
void visitor_adopt(struct visitor *v, int fd, bool greets);
void visitor_close(struct visitor *v);
/* Any bytes. What it says itself is honest; who makes it say others sets is_honest to false. */
void visitor_say(struct visitor *v, const void *bytes, size_t size);
/* A call, with a body of at least VISITOR_BODY bytes; or the beginning of one. */
void visitor_call(struct visitor *v, size_t size, bool begins_only);
/* The end of a call that has begun. */
void visitor_finish(struct visitor *v);
/* Cancels its last call. */
void visitor_cancel(struct visitor *v);
/* Reads and checks what it was told. */
void visitor_hear(struct visitor *v);
/* Has it asked in good faith, and no answer yet? */
bool visitor_is_owed(const struct visitor *v);
/* A puppet says what is not its own: it may answer its own calls so, those that it has and those that it gets. */
void visitor_distrust(struct puppet *p);

#endif
