/*
 * stream: see stream.h.
 *
 * The first message of a call is its request, as of any other; only what comes behind it is passed on piece by piece.
 * Before a worker has the call the host keeps the pieces. A call of which a piece has gone to a worker is never given
 * to another one.
 */
#include "stream.h"

#include "hand.h"
#include "overflow.h"
#include "retrial.h"

/* A piece that waits costs more than its bytes. */
enum { PIECE_COST = 64 };

static struct call *call_at(const struct pool *p, uint32_t index)
{
	return &p->ledger->table.calls[index];
}

/* Does it end inside a message, or come behind the end? */
static bool contradicts(const struct call *c, const struct stream_part *part)
{
	bool is_inside = c->asked > 0 || part->size > 0;

	return c->has_ended || (part->ends_stream && !part->ends_message && is_inside);
}

static void keep(struct pool *p, uint32_t call, const struct stream_part *part, struct actions *out)
{
	pool_grow(p, call, part->size + PIECE_COST);
	actions_add(out, &(struct action){.kind = ACTION_KEEP_PART, .body = call_at(p, call)->body});
	overflow_review(p, out);
}

static void pass_on(const struct pool *p, const struct call *c, struct actions *out)
{
	actions_add(out, &(struct action){.kind = ACTION_SEND_PART,
					  .worker = c->worker,
					  .generation = p->workers[c->worker].generation,
					  .id = c->wire_id,
					  .body = c->body});
}

void stream_request(struct pool *p, uint32_t call, const struct stream_part *part, struct instant now,
		    struct actions *out)
{
	struct call *c = call_at(p, call);

	if (contradicts(c, part)) {
		pool_lose(p, call, POOL_CONTRADICTS, now, out);
		return;
	}
	if (c->reply_most > 0 && part->size > c->reply_most - c->asked) {
		pool_lose(p, call, POOL_REQUEST_TOO_LARGE, now, out);
		return;
	}
	c->asked = part->ends_message ? 0 : c->asked + part->size;
	c->has_ended = part->ends_stream;
	c->has_parts = true;
	if (c->state == CALL_QUEUED)
		keep(p, call, part, out);
	else
		pass_on(p, c, out);
}

/* The call whose answer this worker may add to; NULL: nobody waits for it. */
static struct call *awaited(struct pool *p, const struct worker *w, uint32_t wire_id, uint32_t *index_out)
{
	struct call *c;

	*index_out = hand_find(p, w, wire_id);
	if (*index_out == NONE) {
		p->counters.stale++;
		return NULL;
	}
	c = call_at(p, *index_out);
	return c->state == CALL_IN_FLIGHT ? c : NULL;
}

static void forward(struct call *c, struct actions *out)
{
	c->is_answering = true;
	actions_add(out, &(struct action){.kind = ACTION_FORWARD_PART, .client = c->client, .id = c->id});
}

void stream_reply(struct pool *p, struct worker *w, uint32_t wire_id, const struct stream_part *part,
		  struct instant now, struct actions *out)
{
	uint32_t index;
	struct call *c = awaited(p, w, wire_id, &index);

	if (!c)
		return;
	if (pool_is_overlong(c, part->size)) {
		pool_lose(p, index, POOL_TOO_LARGE, now, out);
		return;
	}
	if (pool_is_unread(p, c, part->size)) {
		pool_lose(p, index, POOL_UNREAD, now, out);
		return;
	}
	if (part->ends_message && !c->takes_streams) {
		pool_lose(p, index, POOL_ONE_MESSAGE, now, out);
		return;
	}
	c->replied = part->ends_message ? 0 : c->replied + part->size;
	forward(c, out);
}

void stream_headers(struct pool *p, struct worker *w, uint32_t wire_id, struct actions *out)
{
	uint32_t index;
	struct call *c = awaited(p, w, wire_id, &index);

	if (c && c->takes_streams && !c->is_answering)
		forward(c, out);
}

void stream_refused(struct pool *p, struct worker *w, uint32_t wire_id, enum frame_reason why, struct instant now,
		    struct actions *out)
{
	uint32_t index = hand_find(p, w, wire_id);

	if (index == NONE)
		return;
	if (call_at(p, index)->state == CALL_IN_FLIGHT) {
		struct answer a = {.reason = why,
				   .not_processed = true,
				   .side = SIDE_REQUEST,
				   .pool = p->index,
				   .worker = w->index};

		p->in_flight--;
		pool_answer(p, index, &a, out);
		ledger_leave(p->ledger, index);
	}
	hand_take(p, w, index);
	retrial_ended(p, w, index);
	pool_forget(p, index, out);
	pool_serve(p, now, out);
}

void stream_cut(struct pool *p, uint32_t call, struct instant now, struct actions *out)
{
	if (!call_at(p, call)->has_ended)
		pool_lose(p, call, POOL_CONTRADICTS, now, out);
}
