/*
 * flow: messages on their way out that do not fit one frame, under credit.
 *
 * A message that fits one frame goes straight into the outbox. A longer one becomes a flow: it leaves in
 * chunks, as far as the receiver gave credit (for this id and for the connection), chunks of several
 * flows take turns, and only so much is put into the outbox at once that a small frame behind it does not
 * wait long. Credit is spent by DATA, and by CALL without EOM, see frame_cost(); REPLY never waits for credit
 * (docs/protocol.md, section 4).
 */
#ifndef BROOD_FLOW_H
#define BROOD_FLOW_H

#include "outbox.h"

struct flow;

struct flow_set {
	struct outbox *out;
	uint32_t max_frame;     /* of the receiver */
	uint32_t stream_window; /* credit of a new id, as the receiver announced */
	int64_t credit;         /* credit of the connection */
	size_t waiting;         /* body bytes that wait here */
	size_t pieces;          /* messages, or parts of such, that wait here */
	size_t ending;          /* ids whose final frame waits here */
	bool broken;            /* no memory in mid-message: the connection must be closed */
	struct flow *first;
	struct flow *last;
};

/*
 * Sends a message, or a part of one: head, words, type, flags and the body, of any length where the type is
 * CALL, DATA or REPLY; all others must fit one frame. The flags are those of the last frame; LENGTH is added
 * where a message is cut. Where the body is lent (release is not NULL), release(owner) is called once it is
 * no longer needed; it may be called before this returns. Else the body is copied. False: no memory, release
 * was not called, and the connection must be closed.
 */
MUST_USE bool flow_send(struct flow_set *s, const struct frame *f, void (*release)(void *owner),
			void *owner);

/* The receiver gave more credit. False: more than it may ever give (a protocol error). */
MUST_USE bool flow_credit(struct flow_set *s, uint32_t id, uint32_t bytes);
/* No credit can come any more: what waits goes without. */
void flow_uncork(struct flow_set *s);
/* Moves what credit and room allow into the outbox. To be called after flow_credit() and outbox_sent(). */
void flow_pump(struct flow_set *s);
/* Does anything of this id wait here? */
bool flow_has(const struct flow_set *s, uint32_t id);
/* What waits here of this id: body bytes, where they are few what their frame costs. */
size_t flow_bytes(const struct flow_set *s, uint32_t id);
/*
 * Forgets what waits for this id. False if its CALL waited and nothing of it has gone to the outbox yet: the
 * receiver will never hear of it. True also if nothing waited.
 */
bool flow_drop(struct flow_set *s, uint32_t id);
/* Forgets everything. */
void flow_close(struct flow_set *s);

#endif
