/*
 * call: calls that go out, in the files call.c (the table of those that are open), outgoing.c (how one starts) and
 * answer.c (how one ends). All belongs to the thread that drives the client.
 */
#ifndef BROOD_CALL_H
#define BROOD_CALL_H

#include "handle.h"

/* The place where a blocking call waits for its answer. */
struct waiting {
	struct brood_answer answer;
	bool done;
	int rc;
};

struct open_call {
	uint32_t id;
	bool has_ended;   /* for us; the server still has to give its slot back */
	int64_t deadline; /* ms; INT64_MAX: none */
	uint64_t end;     /* the outbox offset behind its last byte; UINT64_MAX: it went in several frames */
	brood_answer_handler handler; /* NULL: a blocking call waits */
	void *user;
	struct waiting *waiting;
};

/* Calls that the server counts as open, whether they have ended here or not. */
static inline unsigned call_slots_used(const brood_t *b)
{
	return b->calls_open + b->calls_lingering;
}

/* An id that is not in use. */
uint32_t call_new_id(brood_t *b);
/* Puts it into the table. */
void call_add(brood_t *b, struct open_call *c);

/* Is there nothing in a REPLY but its body? Then no copy is needed as long as the frame lasts. */
bool answer_is_plain(const struct frame *f);
/* Such an answer. `memory` is what brood_answer_free() will free, holding the body, or NULL. */
struct brood_answer answer_lent(const struct frame *f, void *memory);
/* What a REPLY says, whatever it was put together from, in memory of its own. 0 or -ENOMEM. */
int answer_of_frame(const struct frame *f, struct brood_answer *out);
/* What the SDK itself says. The text is copied. */
struct brood_answer answer_of_ours(enum frame_reason reason, const char *text, bool not_processed);

#endif
