/*
 * inbox: messages of one stream that have come and wait for the program, and the credit that is due for them.
 *
 * A message gives its credit back when the program takes it, one that is still incomplete as it comes: but not while
 * whole ones wait before it. So what is kept is at most a window and one message, and a message larger than the window
 * still arrives. Has no lock of its own.
 */
#ifndef BROOD_INBOX_H
#define BROOD_INBOX_H

#include "assembly.h"

struct inbox {
	struct assembly assembly; /* of the message under way */
	struct message *first;    /* whole, not taken yet */
	struct message *last;
	struct message *taken;    /* what the program looks at */
	uint32_t window;          /* credit that was given at first */
	uint32_t held;            /* credit of the message under way that is kept back */
	uint32_t due;             /* credit to give back, gathered */
	bool has_ended;           /* nothing more comes */
};

void inbox_open(struct inbox *in, uint32_t max_message, uint32_t window);
void inbox_close(struct inbox *in);

/* Adds DATA. ASSEMBLY_WHOLE: a message, or the end, has come. Any other but ASSEMBLY_PART: see there. */
MUST_USE enum assembly_result inbox_add(struct inbox *in, const struct frame *f);
/* Nothing more comes; a message that is incomplete never will be whole. */
void inbox_end(struct inbox *in);
/* Takes the next message, in place of the last one; false: none waits. */
bool inbox_take(struct inbox *in);
/* Credit to give back now, 0: none. Never keeps more back than a quarter of the window beyond what waits here. */
uint32_t inbox_credit(struct inbox *in);

#endif
