/*
 * call: calls that go out, in the files call.c (the table of those that are open), outgoing.c (how one starts) and
 * answer.c (how one ends). All belongs to the thread that drives the client.
 */
#ifndef BROOD_CALL_H
#define BROOD_CALL_H

#include "assembly.h"
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
	brood_stream_t *stream; /* NULL: its answer is one message */
	bool has_message;       /* of an answer that is one message it is there */
	struct loan *loan;      /* owned: memory that was lent with it; NULL: none */
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

/* Ends a call, of which a stream hears nothing any more, without waiting for the server: that gets CANCEL. */
void call_abandon(brood_t *b, uint32_t id, const char *text);

/* outgoing.c: starts the call of a stream; goes_on: without a message yet. */
int outgoing_stream(brood_t *b, const char *method, const void *body, size_t size,
		    const struct brood_call_options *options, brood_stream_t *stream, bool goes_on,
		    uint32_t *id_out);

/* stream.c */
/* Initial metadata. */
void stream_headers(brood_stream_t *s, const struct frame *f);
/* DATA or REPLY, of which only the message is looked at. As inbox_add(). */
MUST_USE enum assembly_result stream_receive(brood_stream_t *s, const struct frame *f);
/* The call is over; the answer is the stream's now. */
void stream_finish(brood_stream_t *s, const struct brood_answer *answer);

/* Is there nothing in a REPLY but its body? Then no copy is needed as long as the frame lasts. */
bool answer_is_plain(const struct frame *f);
/* Such an answer. `memory` is what brood_answer_free() will free, holding the body, or NULL. */
void answer_lent(const struct frame *f, void *memory, struct brood_answer *out);
/* What a REPLY says, whatever it was put together from, in memory of its own. 0 or -ENOMEM. */
int answer_of_frame(const struct frame *f, struct brood_answer *out);
/* What the SDK itself says. The text is copied. */
struct brood_answer answer_of_ours(enum frame_reason reason, const char *text, bool not_processed);

#endif
