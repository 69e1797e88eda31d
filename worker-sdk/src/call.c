/*
 * call: the table of a client's open calls.
 *
 * Each call that was started ends exactly once: by its REPLY, by the end of the connection, or by its own
 * clock where brood's answer to a passed deadline does not come. Its slot is free again when the server has
 * answered, so a call that ended here before that lingers in the table.
 */
#include "call.h"
#include "exchange.h"
#include "lending.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct open_call **cell_of(brood_t *b, uint32_t id)
{
	return &b->calls[(id >> 1) % CALL_CELLS];
}

static struct open_call *find(brood_t *b, uint32_t id)
{
	struct open_call *c = *cell_of(b, id);

	return c && c->id == id ? c : NULL;
}

/* The next id whose cell is free: ids count up by two, cells of long calls are skipped. */
uint32_t call_new_id(brood_t *b)
{
	do
		b->next_id = b->next_id == 0 ? 1 : b->next_id + 2;
	while (*cell_of(b, b->next_id));
	return b->next_id;
}

void call_add(brood_t *b, struct open_call *c)
{
	*cell_of(b, c->id) = c;
	b->calls_open++;
	if (c->deadline < b->next_deadline)
		b->next_deadline = c->deadline;
}

int brood_calls_open(const brood_t *client)
{
	return (int)client->calls_open;
}

int brood_calls_allowed(const brood_t *client)
{
	uint32_t most = client->calls_allowed < CALLS_MOST ? client->calls_allowed : CALLS_MOST;
	unsigned used = call_slots_used(client);

	if (client->is_worker)
		return 0;
	if (client->stage == STAGE_OPEN)
		return used < most ? (int)(most - used) : 0;
	return client->calls_open == 0 && client_can_reconnect(client); /* by starting one */
}

/* How a call leaves the hands of the caller. */
enum leave { LEAVE_WHOLLY, LEAVE_LINGERING };

/* Hands over the answer, which is freed here or by whoever waits. */
static void hand_over(const struct open_call *c, struct brood_answer *answer, int rc)
{
	if (c->waiting) {
		*c->waiting = (struct waiting){*answer, true, rc};
		return;
	}
	if (c->stream) {
		stream_finish(c->stream, answer);
		return;
	}
	if (c->handler)
		c->handler(c->id, answer, c->user);
	brood_answer_free(answer);
}

static void end(brood_t *b, struct open_call *c, struct brood_answer *answer, int rc, enum leave how)
{
	/* field by field: these were just written or read so, and a copy as a whole would wait for that */
	struct open_call ended = {.id = c->id,
				  .waiting = c->waiting,
				  .stream = c->stream,
				  .handler = c->handler,
				  .user = c->user};
	bool was_answered = how == LEAVE_WHOLLY && answer->reason == REASON_NONE;

	b->calls_open--;
	if (c->loan && answer->reason == REASON_FD_LOST)
		lending_stop(b);
	lending_end(b, c->loan, was_answered, answer->body_size);
	if (how == LEAVE_LINGERING) {
		*c = (struct open_call){.id = c->id, .has_ended = true, .deadline = INT64_MAX};
		b->calls_lingering++;
	} else {
		*cell_of(b, c->id) = NULL;
		spares_give(&b->spares, c, sizeof(*c));
	}
	hand_over(&ended, answer, rc);
}

/* The same with an answer of our own. */
static void end_by_us(brood_t *b, struct open_call *c, enum frame_reason reason, const char *text, bool not_processed,
		      enum leave how)
{
	struct brood_answer answer = answer_of_ours(reason, text, not_processed);

	end(b, c, &answer, 0, how);
}

/* The server has given the slot of a lingering call back. */
static void forget(brood_t *b, struct open_call *c)
{
	*cell_of(b, c->id) = NULL;
	b->calls_lingering--;
	spares_give(&b->spares, c, sizeof(*c));
}

/* Sends no more of it, but CANCEL. False if the server has not heard of the call, and now never will. */
static bool withdraw(brood_t *b, uint32_t id, enum frame_reason reason)
{
	bool has_begun;

	pthread_mutex_lock(&b->lock);
	has_begun = flow_drop(&b->flows, id);
	pthread_mutex_unlock(&b->lock);
	if (has_begun && b->stage != STAGE_LOST)
		(void)channel_send(b, &(struct frame){
					      .type = FRAME_CANCEL, .id = id, .arg = frame_status_of(reason)});
	return has_begun;
}

/* Ends a call for which the server has not answered, and tells the server. */
static void give_up(brood_t *b, struct open_call *c, enum frame_reason reason, const char *text)
{
	bool has_begun = withdraw(b, c->id, reason);

	assembly_drop(&b->assembly, c->id);
	end_by_us(b, c, reason, text, !has_begun, has_begun ? LEAVE_LINGERING : LEAVE_WHOLLY);
}

/* `m`: where the frame lies, NULL: in what was read. A handler is shown it there, who waits gets it for keeps. */
static void end_by_reply(brood_t *b, struct open_call *c, const struct frame *f, struct message *m)
{
	struct brood_answer answer;
	bool is_plain = answer_is_plain(f);

	if (b->flows.first) { /* the rest of its request is of no use */
		pthread_mutex_lock(&b->lock);
		(void)flow_drop(&b->flows, c->id);
		pthread_mutex_unlock(&b->lock);
	}
	if (is_plain && !c->waiting)
		answer_lent(f, NULL, &answer);
	else if (is_plain && m && m->body)
		answer_lent(f, message_take_body(m), &answer);
	else if (answer_of_frame(f, &answer) < 0)
		answer = answer_of_ours(REASON_INTERNAL, "no memory for the answer", false);
	end(b, c, &answer, 0, LEAVE_WHOLLY);
}

/* The answer, or the part of it that came with this frame, cannot be taken. */
static void refuse(brood_t *b, struct open_call *c, const struct frame *f, enum frame_reason reason,
		   const char *text)
{
	if (f->type == FRAME_REPLY)
		end_by_us(b, c, reason, text, false, LEAVE_WHOLLY);
	else
		give_up(b, c, reason, text);
}

/* What a frame has done to an answer. */
static int digest(brood_t *b, struct open_call *c, const struct frame *f, enum assembly_result result)
{
	char text[96];

	switch (result) {
	case ASSEMBLY_WHOLE:
	case ASSEMBLY_PART:
	case ASSEMBLY_UNKNOWN:
		return 0;
	case ASSEMBLY_TOO_LARGE:
		snprintf(text, sizeof(text), "the reply is larger than this client's max_message %u",
			 b->own.max_message);
		refuse(b, c, f, REASON_TOO_LARGE, text);
		return 0;
	case ASSEMBLY_TOO_MANY:
		refuse(b, c, f, REASON_TOO_LARGE, "too many long replies are under way at once");
		return 0;
	case ASSEMBLY_BROKEN:
		return session_protocol_error(b, "a reply that contradicts itself");
	case ASSEMBLY_NO_MEMORY:
		refuse(b, c, f, REASON_INTERNAL, "no memory for the answer");
		return 0;
	}
	return 0;
}

/*
 * Part of an answer that is one message. Where that comes as DATA, REPLY brings none: only then it is known that it was
 * the only one.
 */
static int receive_part(brood_t *b, struct open_call *c, const struct frame *f)
{
	struct frame part = *f;
	struct message *m = NULL;
	enum assembly_result result;

	if (c->has_message && (f->type == FRAME_DATA || f->flags & FLAG_EOM)) {
		refuse(b, c, f, REASON_UNSUPPORTED, "the answer has several messages: open a stream for it");
		return 0;
	}
	if (f->type == FRAME_DATA && f->flags & FLAG_EOM) {
		c->has_message = true;
		part.flags &= (uint8_t)~FLAG_EOM;
	} else if (c->has_message && frame_status_code(f->arg) == CODE_OK) {
		part.flags |= FLAG_EOM;
	}
	result = assembly_add(&b->assembly, &part, &m);
	if (result != ASSEMBLY_WHOLE)
		return digest(b, c, f, result);
	end_by_reply(b, c, &m->frame, m);
	message_free(m);
	return 0;
}

/* Part of an answer that may have any number of messages; the last frame tells how it ended. */
static int receive_stream(brood_t *b, struct open_call *c, const struct frame *f)
{
	enum assembly_result result = stream_receive(c->stream, f);
	struct frame end = *f;

	if (result != ASSEMBLY_WHOLE && result != ASSEMBLY_PART)
		return digest(b, c, f, result);
	if (f->type != FRAME_REPLY)
		return 0;
	end.body = NULL;
	end.body_size = 0;
	end_by_reply(b, c, &end, NULL);
	return 0;
}

/* An answer that lies in the memory that the call has lent. */
static int receive_lent(brood_t *b, struct open_call *c, const struct frame *f)
{
	struct message *m = NULL;
	int rc = assembly_has(&b->assembly, f->id) || c->has_message ? -EPROTO : lending_read(b, c->loan, f, &m);

	if (rc == -EPROTO)
		return session_protocol_error(b, "an answer in memory where it may not lie");
	if (rc < 0) {
		refuse(b, c, f, REASON_INTERNAL,
		       rc == -ENOMEM ? "no memory for the answer" : "the answer cannot be read");
		return 0;
	}
	end_by_reply(b, c, &m->frame, m);
	message_free(m);
	return 0;
}

/* Is it a whole reply, which needs no copy on its way? */
static bool is_whole(const brood_t *b, const struct frame *f)
{
	return f->type == FRAME_REPLY && (f->flags & FLAG_EOM || f->body_size == 0) &&
	       f->body_size <= b->own.max_message && !assembly_has(&b->assembly, f->id);
}

/* False: the answer cannot be handed over with what it brings, and so the call has ended. */
static bool check_descriptors(brood_t *b, struct open_call *c, const struct frame *f)
{
	char text[128];
	enum frame_reason reason = descriptor_judge(b, f, text, sizeof(text));

	if (reason == REASON_NONE)
		return true;
	assembly_drop(&b->assembly, f->id);
	refuse(b, c, f, reason, text);
	return false;
}

int call_frame(brood_t *b, const struct frame *f)
{
	struct open_call *c = find(b, f->id);

	if (f->type == FRAME_SLOTS) {
		b->calls_allowed = f->arg;
		return 0;
	}
	if (f->type == FRAME_HEADERS && c && c->stream)
		stream_headers(c->stream, f);
	if ((f->type != FRAME_DATA && f->type != FRAME_REPLY) || !c)
		return 0; /* of a feature that was not agreed on, or for a call that has ended */
	if (c->has_ended) {
		if (f->type == FRAME_REPLY)
			forget(b, c);
		return 0;
	}
	if (f->nfds > 0 && !check_descriptors(b, c, f))
		return 0;
	if (f->flags & FLAG_MEMFD)
		return receive_lent(b, c, f);
	if (c->stream)
		return receive_stream(b, c, f);
	if (!is_whole(b, f))
		return receive_part(b, c, f);
	end_by_reply(b, c, f, NULL);
	return 0;
}

/* Whose calls go to an instance that has ended is told what that means for them. */
static struct brood_answer lost(const brood_t *b, const char *text, bool unsent)
{
	char longer[SENTENCE];

	if (!b->asker)
		return answer_of_ours(REASON_CONNECTION_LOST, text, unsent);
	snprintf(longer, sizeof(longer), "the connection to %.64s is lost (%.300s), %s", b->address, text,
		 unsent ? "before this call was sent" : "this call may have run");
	return answer_of_ours(REASON_CONNECTION_LOST, longer, unsent);
}

/* Never left whole: then it cannot have been processed. */
static bool is_unsent(const brood_t *b, const struct open_call *c)
{
	return c->end != UINT64_MAX && c->end > b->outbox.sent;
}

static void lose(brood_t *b, struct open_call *c, int rc, const char *text)
{
	struct brood_answer answer = lost(b, text, is_unsent(b, c));

	end(b, c, &answer, rc, LEAVE_WHOLLY);
}

void call_lose_unsent(brood_t *b, int rc, const char *text)
{
	for (size_t i = 0; call_slots_used(b) > 0 && i < CALL_CELLS; i++) {
		struct open_call *c = b->calls[i];

		if (c && !c->has_ended && (is_unsent(b, c) || (b->flows.first && flow_has(&b->flows, c->id))))
			lose(b, c, rc, text);
	}
}

void call_lose_all(brood_t *b, int rc, const char *text)
{
	for (size_t i = 0; call_slots_used(b) > 0 && i < CALL_CELLS; i++) {
		struct open_call *c = b->calls[i];

		if (!c)
			continue;
		if (c->has_ended) {
			forget(b, c);
			continue;
		}
		lose(b, c, rc, text);
	}
}

void call_expire(brood_t *b, int64_t now)
{
	if (now < b->next_deadline)
		return;
	b->next_deadline = INT64_MAX; /* handlers may start calls, which make it sooner */
	for (size_t i = 0; i < CALL_CELLS; i++) {
		struct open_call *c = b->calls[i];

		if (c && c->deadline <= now)
			give_up(b, c, REASON_DEADLINE, "no answer came within the deadline");
		else if (c && c->deadline < b->next_deadline)
			b->next_deadline = c->deadline;
	}
}

void call_abandon(brood_t *b, uint32_t id, const char *text)
{
	struct open_call *c = find(b, id);

	if (!c || c->has_ended)
		return;
	c->stream = NULL;
	give_up(b, c, REASON_CANCELLED, text);
	channel_flush(b);
}

int brood_cancel(brood_t *client, uint32_t id)
{
	struct open_call *c = find(client, id);
	uintptr_t before;

	if (!c || c->has_ended)
		return fail(-ENOENT, "cannot cancel call %u: not open", id);
	if (withdraw(client, id, REASON_CANCELLED))
		return 0; /* the answer comes from the server */
	before = loop_enter(client);
	end_by_us(client, c, REASON_CANCELLED, "cancelled before it was sent", true, LEAVE_WHOLLY);
	exchange_tell(client);
	loop_leave(client, before);
	channel_flush(client); /* what the handler has started */
	return 0;
}
