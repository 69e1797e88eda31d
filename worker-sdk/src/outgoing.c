/*
 * outgoing: how a call starts: is there a connection, a slot and a limit it keeps; its frame; waiting for it.
 */
#include "call.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "callee.h"
#include "fds.h"
#include "lending.h"

/* brood's own timer answers first; ours only helps when nothing comes at all. */
enum { DEADLINE_SLACK_MS = 500 };

/* How often a thread that does not drive the worker looks whether the request was cancelled for which it calls. */
enum { LOOK_MS = 100 };

/* All that was said about one call. */
struct outgoing {
	const char *method;
	const void *body;
	size_t size;
	const struct brood_call_options *options;
	int64_t until; /* ms; INT64_MAX: no deadline */
	bool has_deadline; /* of its own; else that of the pool counts */
	brood_answer_handler handler;
	void *user;
	struct waiting *waiting;
	brood_stream_t *stream;
	bool goes_on; /* all its messages are still to come */
};

static const struct brood_call_options no_options;

/* Nobody waits for it longer than for the request that it is made for. */
static void inherit_deadline(struct outgoing *o)
{
	int left = o->options->within ? brood_request_time_left(o->options->within) : -1;

	if (left < 0 || (o->until != INT64_MAX && now_ms() + left >= o->until))
		return;
	o->until = now_ms() + left;
	o->has_deadline = true;
}

static struct outgoing describe(const brood_t *b, const char *method, const void *body, size_t size,
				const struct brood_call_options *options)
{
	struct outgoing o = {
		.method = method ? method : "",
		.body = body,
		.size = size,
		.options = options ? options : &no_options,
		.until = INT64_MAX,
	};

	if (o.options->timeout > 0)
		o.until = now_ms() + o.options->timeout;
	else if (b->call_timeout > 0)
		o.until = about_now_ms() + b->call_timeout;
	o.has_deadline = o.options->timeout > 0;
	inherit_deadline(&o);
	return o;
}

/* Brings a lost or leaving connection back where that can be done. */
static int ensure_open(brood_t *b, int64_t until)
{
	if (b->stage == STAGE_OPEN)
		return 0;
	if (b->stage == STAGE_LEAVING && b->calls_open > 0)
		return fail(-EAGAIN, "cannot call: the server is ending this connection");
	if (loop_is_busy(b))
		return fail(-ECONNRESET, "cannot call: the connection is lost");
	return client_reconnect(b, until);
}

static int check(brood_t *b, const struct outgoing *o)
{
	int rc;

	if (b->is_worker)
		return fail(-EINVAL, "cannot call %.100s: not a client; see brood_connect_pool()", o->method);
	rc = ensure_open(b, o->until);
	if (rc < 0)
		return rc;
	if (brood_calls_allowed(b) == 0)
		return fail(-EAGAIN, "cannot call %.100s: %u calls are open, the server allows %u", o->method,
			    call_slots_used(b), b->calls_allowed);
	if (o->stream && !(b->agreed.features & FEATURE_STREAM))
		return fail(-EOPNOTSUPP, "cannot call %.100s: the server knows no streams", o->method);
	if (o->size > b->agreed.max_message)
		return fail(-EMSGSIZE, "cannot call %.100s: request %zu > max_message %u", o->method, o->size,
			    b->agreed.max_message);
	return 0;
}

/* Filled in where it will stand: to copy what was written a moment ago, in larger pieces, is slow. */
static void fill_in(const struct outgoing *o, uint32_t id, struct frame *f)
{
	const struct brood_call_options *options = o->options;

	*f = (struct frame){
		.type = FRAME_CALL,
		.flags = (uint8_t)((o->goes_on ? 0 : FLAG_EOM | FLAG_EOS) |
				   (options->idempotent ? FLAG_IDEMPOTENT : 0)),
		.id = id,
		.arg = options->method_number,
		.order = options->order,
		.key = options->key,
		.words = (options->order ? 1u << WORD_ORDER : 0) | (options->key ? 1u << WORD_DELIVERY : 0),
		.body = o->body,
		.body_size = (uint32_t)o->size,
	};

	if (o->has_deadline) { /* without one of its own, brood uses the pool's */
		int64_t left = o->until - now_ms();

		f->words |= 1u << WORD_DEADLINE;
		f->deadline_ms = left > 0 ? (uint32_t)left : 0;
	}
}

/* Queues the call and tries to write it. 0; -EPIPE: nobody can have it; -ENOMEM. */
static int transmit(brood_t *b, struct open_call *c, const struct frame *f)
{
	int rc;

	pthread_mutex_lock(&b->lock);
	rc = channel_send_message_locked(b, f);
	c->end = b->flows.waiting ? UINT64_MAX : b->outbox.added;
	if (rc == 0)
		channel_settle_locked(b);
	if (rc == 0 && b->write_lost && b->calls_open == 0)
		rc = fail(-EPIPE, "the connection is lost");
	pthread_mutex_unlock(&b->lock);
	return rc;
}

static int send_call(brood_t *b, struct open_call *c, const struct outgoing *o)
{
	struct frame f;
	struct meta_block block;
	uint8_t note[FRAME_NOTE_LENDS];
	int rc = meta_write(&block, ":method", o->method[0] ? o->method : NULL, o->options->meta,
			    o->options->meta_count);

	if (rc < 0)
		return fail(rc, "cannot call %.100s: %s", o->method, block.problem);
	fill_in(o, c->id, &f);
	f.head = block.bytes;
	f.head_size = block.size;
	rc = descriptor_attach(b, &f, o->options->fds, o->options->fd_count);
	if (rc == 0 && !o->stream)
		c->loan = lending_begin(b, &f, note);
	if (rc == 0)
		rc = transmit(b, c, &f);
	if (rc < 0)
		lending_end(b, c->loan, false, 0);
	fds_unref(f.fds);
	free(block.bytes);
	return rc;
}

/* One attempt on the connection that there is, or that can be made. */
static int start_once(brood_t *b, const struct outgoing *o, uint32_t *id_out)
{
	struct open_call *c;
	int rc = check(b, o);

	if (rc < 0)
		return rc;
	c = spares_take(&b->spares, sizeof(*c));
	if (!c)
		return fail(-ENOMEM, "cannot call %.100s: no memory", o->method);
	*c = (struct open_call){
		.id = call_new_id(b),
		.deadline = o->until == INT64_MAX ? INT64_MAX : o->until + DEADLINE_SLACK_MS,
		.handler = o->handler,
		.user = o->user,
		.waiting = o->waiting,
		.stream = o->stream,
	};
	rc = send_call(b, c, o);
	if (rc < 0) {
		spares_give(&b->spares, c, sizeof(*c));
		return rc;
	}
	call_add(b, c);
	if (id_out)
		*id_out = c->id;
	return 0;
}

static int start(brood_t *b, const struct outgoing *o, uint32_t *id_out)
{
	int rc = start_once(b, o, id_out);

	if (rc != -EPIPE)
		return rc;
	if (loop_is_busy(b) || b->calls_open > 0)
		return fail(-ECONNRESET, "cannot call: the connection is lost");
	/* the server went while nothing was open, so nobody had to notice until now */
	handle_lose(b, fail(-ECONNRESET, "the server closed the connection"));
	rc = start_once(b, o, id_out);
	return rc == -EPIPE ? fail(-ECONNRESET, "cannot call: the connection is lost") : rc;
}

int brood_call_start(brood_t *client, const char *method, const void *body, size_t size,
		     const struct brood_call_options *options, brood_answer_handler handler, void *user,
		     uint32_t *id_out)
{
	struct outgoing o = describe(client, method, body, size, options);

	if (!handler)
		return fail(-EINVAL, "cannot call: no handler for the answer");
	o.handler = handler;
	o.user = user;
	return start(client, &o, id_out);
}

int outgoing_stream(brood_t *b, const char *method, const void *body, size_t size,
		    const struct brood_call_options *options, brood_stream_t *stream, bool goes_on,
		    uint32_t *id_out)
{
	struct outgoing o = describe(b, method, body, size, options);

	o.stream = stream;
	o.goes_on = goes_on;
	return start(b, &o, id_out);
}

/* The sooner of a timeout in ms (-1: none) and a moment (INT64_MAX: never). */
static int earlier(int timeout, int64_t until)
{
	int64_t left = until == INT64_MAX ? INT32_MAX : until - now_ms();

	if (left < 0)
		left = 0;
	if (left > INT32_MAX)
		left = INT32_MAX;
	if (timeout < 0)
		return until == INT64_MAX ? -1 : (int)left;
	return timeout < left ? timeout : (int)left;
}

/* Was the request cancelled for which it is made? Near its deadline that is why, and this call has the same. */
static bool is_in_vain(const struct outgoing *o)
{
	const brood_request_t *r = o->options->within;
	int left = r && brood_request_is_cancelled(r) ? brood_request_time_left(r) : 0;

	return left < 0 || left > DEADLINE_SLACK_MS;
}

/* Who drives the worker hears of a cancelled request as of an answer; others have to look. */
static int wait_for_news(brood_t *b, const struct outgoing *o, int timeout)
{
	if (o->options->within && !callee_attends(b) && (timeout < 0 || timeout > LOOK_MS))
		timeout = LOOK_MS;
	return channel_wait(b, timeout);
}

/* Starts the call, waiting for a slot if all are in use. 1: none came free in time, or nobody waits any more. */
static int start_waiting(brood_t *b, const struct outgoing *o, uint32_t *id_out)
{
	for (;;) {
		int rc = is_in_vain(o) ? 1 : start(b, o, id_out);

		if (rc != -EAGAIN || b->stage == STAGE_LOST)
			return rc;
		if (now_ms() >= o->until)
			return 1;
		rc = wait_for_news(b, o, earlier(brood_timeout(b), o->until));
		if (rc == 0)
			rc = loop_step(b);
		if (rc < 0 && b->stage != STAGE_LOST)
			return rc;
	}
}

static const char in_vain[] = "the request for which it was made is cancelled";

/* What a call that never went out is answered with. */
static int refuse(struct brood_answer *answer, int rc)
{
	enum frame_reason reason = REASON_CONNECTION_LOST;

	if (rc == -EINVAL || rc == -EDEADLK || rc == -EBADF)
		reason = REASON_INVALID;
	else if (rc == -EOPNOTSUPP)
		reason = REASON_FD_REFUSED;
	else if (rc == -EMSGSIZE)
		reason = REASON_TOO_LARGE;
	else if (rc == -ENOMEM || rc == -EMFILE)
		reason = REASON_INTERNAL;
	*answer = answer_of_ours(reason, brood_error(), true);
	return rc;
}

int brood_call(brood_t *client, const char *method, const void *body, size_t size,
	       const struct brood_call_options *options, struct brood_answer *answer_out)
{
	struct outgoing o = describe(client, method, body, size, options);
	struct waiting w = {.done = false};
	uint32_t id;
	int rc;

	if (loop_is_busy(client))
		return refuse(answer_out, fail(-EDEADLK, "cannot wait for a call inside a handler of the "
							 "same connection"));
	o.waiting = &w;
	rc = start_waiting(client, &o, &id);
	if (rc == -ETIMEDOUT && client->asker && now_ms() >= o.until) {
		*answer_out = answer_of_ours(REASON_DEADLINE, "no connection came within the deadline", true);
		return 0;
	}
	if (rc < 0)
		return refuse(answer_out, rc);
	if (rc > 0 && is_in_vain(&o)) {
		*answer_out = answer_of_ours(REASON_CANCELLED, in_vain, true);
		return 0;
	}
	if (rc > 0) {
		*answer_out = answer_of_ours(REASON_DEADLINE, "no slot came free within the deadline", true);
		return 0;
	}
	while (!w.done) {
		/* first: the call has just gone, so there is nothing to read yet */
		rc = wait_for_news(client, &o, brood_timeout(client));
		if (rc == 0)
			rc = loop_step(client);
		if (rc == 0 && !w.done && is_in_vain(&o))
			call_abandon(client, id, in_vain);
		if (rc < 0 && !w.done)
			handle_lose(client, rc); /* ends all open calls, this one too */
	}
	*answer_out = w.answer;
	return w.rc;
}
