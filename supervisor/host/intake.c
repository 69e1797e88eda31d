/*
 * intake: what a client sends, to events.
 *
 * A request is kept until it has arrived whole; only then the core hears of it. What is over a limit is answered at
 * once, and the rest of it is dropped as it comes.
 */
#include "intake.h"

#include <stdio.h>
#include <string.h>

#include "barrier.h"
#include "bodies.h"
#include "channel.h"
#include "contract.h"
#include "instance.h"
#include "loop.h"
#include "passage.h"
#include "passing.h"
#include "supervisor.h"

/* Of brood's own keys a client may name the method; the endpoint has fixed the pool. */
static void strip_head(struct frame *f, uint8_t *head)
{
	struct head_reader r = {head, f->head_size};
	struct head_entry e;
	size_t kept = 0;

	while (head_next(&r, &e)) {
		const uint8_t *entry = (const uint8_t *)e.key - 4;
		size_t size = 4u + e.key_size + e.value_size;
		bool is_method = e.key_size == 7 && memcmp(e.key, ":method", 7) == 0;

		if (head_key_is_reserved(&e) && !is_method)
			continue;
		memmove(head + kept, entry, size);
		kept += size;
	}
	f->head_size = (uint32_t)kept;
}

static void answer_now(struct client *c, uint32_t id, enum frame_reason reason, const char *text)
{
	link_answer(&c->link, id, frame_status_of(reason), true, text);
}

/* As the client sees it: a call is open until its answer, or the beginning of it, is on its way. */
static uint32_t calls_of(const struct client *c)
{
	uint32_t open = c->s->fleet.ledger.callers[c->number].open_calls + c->assembly.count +
			(uint32_t)c->link.flows.ending;

	return open < client_endpoint(c)->max_calls ? open : client_endpoint(c)->max_calls;
}

static void refuse_count(struct client *c, uint32_t id)
{
	char text[80];

	snprintf(text, sizeof(text), "%u calls of this connection are open, it may have %u", calls_of(c),
		 client_endpoint(c)->max_calls);
	answer_now(c, id, REASON_OVERLOADED, text);
}

static bool takes_streams(const struct client *c)
{
	return c->link.agreed.features & FEATURE_STREAM;
}

/* What comes behind a first message that this frame completes is passed on piece by piece. */
static bool goes_on(const struct client *c, const struct frame *last)
{
	return takes_streams(c) && !(last->flags & FLAG_EOS);
}

/* Takes over the message. REQUEST_NONE without memory: then it is gone. */
static uint32_t keep_request(struct client *c, struct message *m, bool opens)
{
	struct request_table *t = &c->s->requests;
	struct passage *passage = opens ? passage_new(c, m->frame.id) : NULL;
	uint32_t number = opens && !passage ? REQUEST_NONE : request_put(t, m, &c->peer);

	if (number == REQUEST_NONE) {
		passage_release(passage);
		message_free(m);
		return number;
	}
	request_at(t, number)->passage = passage;
	return number;
}

/* A first message that was completed by the frame `last`. */
static void accept_request(struct client *c, struct message *m, const struct frame *last)
{
	struct supervisor *s = c->s;
	struct frame *f = &m->frame;
	uint32_t id = f->id;
	uint32_t number;
	uint64_t key;
	enum frame_reason reason;
	char text[BODIES_TEXT];

	if (f->words & 1u << WORD_DEADLINE && f->deadline_ms == 0) {
		answer_now(c, f->id, REASON_DEADLINE, "the call came with no time left");
		message_free(m);
		return;
	}
	strip_head(f, m->memory);
	f->flags = (uint8_t)((f->flags & (FLAG_IDEMPOTENT | FLAG_MEMFD)) | (last->flags & FLAG_EOM));
	reason = bodies_take(c, m, text);
	if (reason != REASON_NONE) {
		message_free(m);
		answer_now(c, id, reason, text);
		return;
	}
	number = keep_request(c, m, goes_on(c, last));
	if (number == REQUEST_NONE) {
		answer_now(c, id, REASON_INTERNAL, "no memory for the request");
		return;
	}
	/* as long as no worker has died of a call nothing asks for it */
	key = s->fleet.suspects->count > 0 ? fingerprint(&s->secret, f, c->peer.uid) : 0;
	loop_give(s, &(struct event){
			     .kind = FLEET_CALL,
			     .client = c->number,
			     .id = f->id,
			     .pool = client_endpoint(c)->pool,
			     .body = number,
			     .size = bodies_size(f) + f->head_size,
			     .reply_most = c->assembly.max_message,
			     .order = f->words & 1u << WORD_ORDER ? f->order : 0,
			     .idempotent = (f->flags & FLAG_IDEMPOTENT) != 0,
			     .goes_on = goes_on(c, last),
			     .takes_streams = takes_streams(c),
			     .key = key,
			     .timeout = {f->words & 1u << WORD_DEADLINE ? f->deadline_ms : 0},
		     });
}

static void refuse_size(struct client *c, const struct frame *f)
{
	uint64_t size = f->words & 1u << WORD_LENGTH ? f->length : f->body_size;
	char text[96];

	if (size > c->assembly.max_message)
		snprintf(text, sizeof(text), "request %llu > max_message %u", (unsigned long long)size,
			 c->assembly.max_message);
	else
		snprintf(text, sizeof(text), "request > max_message %u", c->assembly.max_message);
	answer_now(c, f->id, REASON_TOO_LARGE, text);
}

static void refuse_partial(struct client *c, uint32_t id)
{
	char text[120];

	partial_explain(c->s, c->user, text, sizeof(text));
	answer_now(c, id, REASON_OVERLOADED, text);
}

/* A call whose messages are all still to come needs not wait for the first. */
static enum assembly_result open_stream(const struct frame *f, struct message **out)
{
	*out = message_copy(NULL, f);
	return *out ? ASSEMBLY_WHOLE : ASSEMBLY_NO_MEMORY;
}

static bool opens_stream(const struct client *c, const struct frame *f)
{
	return f->type == FRAME_CALL && !(f->flags & (FLAG_EOM | FLAG_EOS)) && f->body_size == 0 && takes_streams(c);
}

static bool add_to_request(struct client *c, const struct frame *f)
{
	struct message *m = NULL;
	size_t held = c->assembly.held;
	enum assembly_result result;

	c->assembly.max_held = held + partial_room(c->s, c->user);
	c->assembly.now = uv_now(&c->s->uv);
	result = opens_stream(c, f) ? open_stream(f, &m) : assembly_add(&c->assembly, f, &m);
	partial_remove(c->s, c->user, held);
	partial_add(c->s, c->user, c->assembly.held);
	switch (result) {
	case ASSEMBLY_WHOLE:
		accept_request(c, m, f);
		break;
	case ASSEMBLY_PART:
		partial_begun(c);
		break;
	case ASSEMBLY_UNKNOWN: /* of a request that was answered already */
		break;
	case ASSEMBLY_TOO_LARGE:
		refuse_size(c, f);
		break;
	case ASSEMBLY_TOO_MANY:
		refuse_partial(c, f->id);
		break;
	case ASSEMBLY_NO_MEMORY:
		answer_now(c, f->id, REASON_INTERNAL, "no memory for the request");
		break;
	case ASSEMBLY_BROKEN:
		return client_break_off(c, "a message that contradicts itself");
	}
	return true;
}

/* May more come of it? */
static bool is_open(const struct client *c, uint32_t id)
{
	return assembly_has(&c->assembly, id) || ledger_find(&c->s->fleet.ledger, c->number, id) != NONE;
}

/* Of a first message; what comes behind it is stream's. */
static void return_credit(struct client *c, const struct frame *f)
{
	uint32_t cost = frame_cost(f);

	if (cost == 0)
		return;
	link_send(&c->link, &(struct frame){.type = FRAME_WINDOW, .arg = cost});
	if (f->flags & FLAG_EOS || !is_open(c, f->id))
		return;
	link_send(&c->link, &(struct frame){.type = FRAME_WINDOW, .id = f->id, .arg = cost});
}

/* Ids are odd and count up, so that none is ever open twice; once they have gone round, each is looked up. */
static bool take_id(struct client *c, uint32_t id)
{
	if (id % 2 == 0 || (int32_t)(id - c->last_id) <= 0)
		return client_break_off(c, "id of a call is even or not above the last");
	if (id < c->last_id)
		c->ids_went_round = true;
	if (c->ids_went_round && is_open(c, id))
		return client_break_off(c, "id of a call is still open from the round before");
	c->last_id = id;
	return true;
}

static bool receive_call(struct client *c, const struct frame *f)
{
	enum frame_reason reason = REASON_NONE;
	char text[PASSING_TEXT] = ""; /* BODIES_TEXT is the same */

	if (!take_id(c, f->id))
		return false;
	if (f->flags & FLAG_MEMFD && !(c->link.agreed.features & FEATURE_MEMFD))
		return client_break_off(c, "a body in memory, which was not agreed on");
	if (f->unknown_required)
		reason = REASON_UNSUPPORTED;
	else if (f->flags & FLAG_MEMFD)
		reason = bodies_judge_call(c, f, text);
	else if (f->nfds > 0)
		reason = passing_judge_call(c, f, text);
	if (reason != REASON_NONE) {
		answer_now(c, f->id, reason, text[0] ? text : NULL);
		return true;
	}
	if (calls_of(c) >= client_endpoint(c)->max_calls)
		refuse_count(c, f->id); /* what still comes of it continues nothing */
	else if (!add_to_request(c, f))
		return false;
	return_credit(c, f);
	return true;
}

static bool receive_data(struct client *c, const struct frame *f)
{
	if ((int32_t)(f->id - c->last_id) > 0)
		return client_break_off(c, "DATA for a call that was never opened");
	if (!assembly_has(&c->assembly, f->id)) {
		link_send(&c->link, &(struct frame){.type = FRAME_WINDOW, .arg = frame_cost(f)});
		return passage_receive(c, f);
	}
	if (!add_to_request(c, f))
		return false;
	return_credit(c, f);
	return true;
}

/* Ends a call that this client has begun; nothing happens if it was answered already. */
static void lose(struct client *c, uint32_t id, enum frame_reason reason)
{
	size_t held = c->assembly.held;

	if (assembly_drop(&c->assembly, id)) {
		partial_remove(c->s, c->user, held - c->assembly.held);
		answer_now(c, id, reason, NULL);
		return;
	}
	loop_give(c->s, &(struct event){.kind = FLEET_CANCEL, .client = c->number, .id = id, .number = reason});
}

static void receive_notify(struct client *c, const struct frame *f)
{
	struct supervisor *s = c->s;

	c->has_notified = true;
	s->at_hand = f;
	s->notified = NONE;
	loop_give(s, &(struct event){.kind = FLEET_NOTIFY, .pool = client_endpoint(c)->pool});
	s->at_hand = NULL;
	if (s->notified == NONE || !channel_holds(&s->instances[s->notified]))
		return;
	c->held_by = s->notified;
	link_pause(&c->link, true);
}

static void receive_flush(struct client *c, uint32_t cookie)
{
	/* also while one is under way: answers come in the order of the questions */
	bool asks = c->has_notified || c->barriers > 0;

	c->has_notified = false;
	if (asks)
		barrier_start(c->s, c, cookie);
	else
		client_flushed(c, cookie);
}

/* It gets the one answer of its call, whether that is on its way, open, or new. */
static bool receive_unknown(struct client *c, const struct frame *f)
{
	bool is_new = f->id % 2 != 0 && (int32_t)(f->id - c->last_id) > 0;

	if (f->flags & FLAG_IGNORABLE || f->id == 0)
		return true;
	if (is_new) {
		if (!take_id(c, f->id))
			return false;
		answer_now(c, f->id, REASON_UNSUPPORTED, NULL);
	} else {
		lose(c, f->id, REASON_UNSUPPORTED);
	}
	return !c->is_gone;
}

bool intake_holds(struct client *c, size_t bytes)
{
	struct supervisor *s = c->s;
	char text[120];

	if (c->frame_held == 0)
		c->frame_since = uv_now(&s->uv);
	partial_remove(s, c->user, c->frame_held);
	partial_add(s, c->user, bytes);
	c->frame_held = bytes;
	if (bytes > 0)
		partial_begun(c);
	/* every client may begin a frame of the usual size */
	if (bytes <= BROOD_MAX_FRAME || partial_room(s, c->user) > 0)
		return true;
	partial_explain(s, c->user, text, sizeof(text));
	return client_end(c, REASON_OVERLOADED, text);
}

bool intake_frame(struct client *c, const struct frame *f)
{
	partial_remove(c->s, c->user, c->frame_held); /* it is whole now */
	c->frame_held = 0;
	switch (f->type) {
	case FRAME_CALL:
		return receive_call(c, f);
	case FRAME_DATA:
		return receive_data(c, f);
	case FRAME_CANCEL:
		lose(c, f->id, REASON_CANCELLED);
		break;
	case FRAME_NOTIFY:
		receive_notify(c, f);
		break;
	case FRAME_FLUSH:
		receive_flush(c, f->arg);
		break;
	case FRAME_PING:
		link_send(&c->link, &(struct frame){.type = FRAME_PONG, .arg = f->arg});
		break;
	case FRAME_WINDOW:
		if (!link_credit(&c->link, f->id, f->arg))
			return client_break_off(c, "more credit than can be");
		break;
	case FRAME_HELLO:
	case FRAME_WELCOME:
		return client_break_off(c, "a second handshake");
	case FRAME_GOAWAY:
	case FRAME_SLOTS:
	case FRAME_PONG:
	case FRAME_FLUSHED:
	case FRAME_STATUS:
	case FRAME_HEADERS:
	case FRAME_REPLY:
	case FRAME_STARTED:
	case FRAME_STORE:
	case FRAME_FETCH:
	case FRAME_AUTH:
	case FRAME_CONN:
	case FRAME_CONN_END:
		break; /* nothing that a client has to say here */
	default:
		return receive_unknown(c, f);
	}
	return !c->is_gone;
}

bool intake_too_large(struct client *c, const struct frame *f)
{
	char text[96];

	snprintf(text, sizeof(text), "frame %llu > max_frame %u", (unsigned long long)f->length,
		 c->link.decoder.max_frame);
	if (c->stage == CLIENT_GREETING || f->type != FRAME_CALL)
		return client_break_off(c, text);
	if (!take_id(c, f->id))
		return false;
	answer_now(c, f->id, REASON_TOO_LARGE, text);
	return true;
}

void client_give_up(struct client *c, uint32_t id, enum frame_reason reason, const char *text)
{
	size_t held = c->assembly.held;

	(void)assembly_drop(&c->assembly, id);
	partial_remove(c->s, c->user, held - c->assembly.held);
	answer_now(c, id, reason, text);
}
