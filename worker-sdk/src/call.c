/*
 * call: calls of a client.
 *
 * Each call that was started ends exactly once: by its REPLY, by the end of the connection, or by its own
 * clock where brood's answer to a passed deadline does not come.
 */
#include "handle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* brood's own timer answers first; ours only helps when nothing comes at all. */
enum { DEADLINE_SLACK_MS = 500 };

struct open_call {
	uint32_t id;
	int64_t deadline; /* ms; INT64_MAX: none */
	uint64_t end;     /* the outbox offset behind its last byte; UINT64_MAX: it went in several frames */
	brood_answer_handler handler; /* NULL: brood_call() waits */
	void *user;
	struct waiting *waiting;
};

/* The place where a blocking call waits for its answer. */
struct waiting {
	struct brood_answer answer;
	bool done;
	int rc;
};

static struct open_call **cell_of(brood_t *b, uint32_t id)
{
	return &b->calls[(id >> 1) % CALL_CELLS];
}

static struct open_call *find(brood_t *b, uint32_t id)
{
	struct open_call *c = *cell_of(b, id);

	return c && c->id == id ? c : NULL;
}

int brood_calls_open(const brood_t *client)
{
	return (int)client->calls_open;
}

int brood_calls_allowed(const brood_t *client)
{
	uint32_t most = client->calls_allowed < CALLS_MOST ? client->calls_allowed : CALLS_MOST;

	if (client->is_worker)
		return 0;
	if (client->stage == STAGE_LOST)
		return client->options.no_reconnect ? 0 : 1; /* starting one makes the connection again */
	return client->stage != STAGE_OPEN || client->calls_open >= most ? 0
									 : (int)(most - client->calls_open);
}

const void *brood_answer_find(const struct brood_answer *answer, const char *key, size_t *size_out)
{
	size_t key_size = strlen(key);

	for (size_t i = 0; i < answer->meta_count; i++) {
		const struct brood_meta *m = &answer->meta[i];

		if (m->key_size == key_size && memcmp(m->key, key, key_size) == 0) {
			*size_out = m->value_size;
			return m->value;
		}
	}
	return NULL;
}

void brood_answer_free(struct brood_answer *answer)
{
	free(answer->memory);
	*answer = (struct brood_answer){.text = ""};
}

/* An answer in one piece of memory: metadata table, text, head, body. */
static int build(const struct frame *f, struct brood_answer *out)
{
	struct head_reader reader = {f->head, f->head_size};
	struct head_entry entry;
	struct head_entry text = {.value = "", .value_size = 0};
	size_t entries = 0;
	struct brood_meta *meta;
	char *at;

	while (head_next(&reader, &entry))
		entries += !head_key_is_reserved(&entry);
	if (frame_status_code(f->arg) != CODE_OK) {
		text.value = frame_status_reason(f->arg) ? frame_reason_text(frame_status_reason(f->arg)) : "";
		text.value_size = (uint16_t)strlen(text.value);
		(void)head_find(f->head, f->head_size, ":error", &text);
	}
	meta = malloc(entries * sizeof(*meta) + text.value_size + 1 + f->head_size + f->body_size);
	if (!meta)
		return -ENOMEM;
	at = (char *)(meta + entries);
	*out = (struct brood_answer){
		.code = frame_status_code(f->arg),
		.reason = frame_status_reason(f->arg),
		.not_processed = (f->flags & FLAG_NOT_PROCESSED) != 0,
		.meta = meta,
		.meta_count = entries,
		.memory = meta,
		.text = at,
	};
	memcpy(at, text.value, text.value_size);
	at[text.value_size] = '\0';
	at += text.value_size + 1;
	if (f->head_size > 0)
		memcpy(at, f->head, f->head_size);
	reader = (struct head_reader){(const uint8_t *)at, f->head_size};
	while (head_next(&reader, &entry)) {
		if (!head_key_is_reserved(&entry))
			*meta++ = (struct brood_meta){entry.key, entry.key_size, entry.value, entry.value_size};
	}
	at += f->head_size;
	if (f->body_size > 0)
		memcpy(at, f->body, f->body_size);
	out->body = at;
	out->body_size = f->body_size;
	return 0;
}

/* Takes the call off the table and hands over its answer, which is freed here or by whoever waits. */
static void end(brood_t *b, struct open_call *c, struct brood_answer *answer, int rc)
{
	*cell_of(b, c->id) = NULL;
	b->calls_open--;
	if (c->waiting) {
		*c->waiting = (struct waiting){*answer, true, rc};
	} else {
		c->handler(c->id, answer, c->user);
		brood_answer_free(answer);
	}
	free(c);
}

/* rc: why there is no answer; 0: this is one. The text is copied. */
static void end_by_us(brood_t *b, struct open_call *c, enum frame_reason reason, const char *text,
		      bool not_processed, int rc)
{
	uint32_t status = frame_status_of(reason);
	struct brood_answer answer = {
		.code = frame_status_code(status),
		.reason = frame_status_reason(status),
		.not_processed = not_processed,
		.text = "",
		.memory = strdup(text),
	};

	if (answer.memory)
		answer.text = answer.memory;
	end(b, c, &answer, rc);
}

static void end_by_frame(brood_t *b, struct open_call *c, const struct frame *f)
{
	struct brood_answer answer;

	if (build(f, &answer) < 0) {
		end_by_us(b, c, REASON_INTERNAL, "no memory for the answer", false, 0);
		return;
	}
	end(b, c, &answer, 0);
}

static int too_large(brood_t *b, struct open_call *c)
{
	struct frame cancel = {.type = FRAME_CANCEL, .id = c->id, .arg = frame_status_of(REASON_TOO_LARGE)};

	end_by_us(b, c, REASON_TOO_LARGE, "the reply is larger than this client's max_message", false, 0);
	return channel_send(b, &cancel);
}

int call_frame(brood_t *b, const struct frame *f)
{
	struct open_call *c = find(b, f->id);
	struct message *m = NULL;

	if (f->type == FRAME_SLOTS) {
		b->calls_allowed = f->arg;
		return 0;
	}
	if ((f->type != FRAME_DATA && f->type != FRAME_REPLY) || !c)
		return 0; /* of a feature that was not agreed on, or for a call that has ended here */
	if (f->type == FRAME_REPLY && !assembly_has(&b->assembly, f->id) &&
	    f->body_size <= b->own.max_message) {
		end_by_frame(b, c, f); /* the usual case, without a copy in between */
		return 0;
	}
	switch (assembly_add(&b->assembly, f, &m)) {
	case ASSEMBLY_WHOLE:
		end_by_frame(b, c, &m->frame);
		message_free(m);
		return 0;
	case ASSEMBLY_PART:
	case ASSEMBLY_UNKNOWN:
		return 0;
	case ASSEMBLY_TOO_LARGE:
	case ASSEMBLY_TOO_MANY:
		return too_large(b, c);
	case ASSEMBLY_BROKEN:
		return session_protocol_error(b, "a reply that contradicts itself");
	case ASSEMBLY_NO_MEMORY:
		end_by_us(b, c, REASON_INTERNAL, "no memory for the answer", false, 0);
		return 0;
	}
	return 0;
}

void call_lose_all(brood_t *b, int rc, const char *text)
{
	char why[512];

	if (b->calls_open == 0)
		return;
	snprintf(why, sizeof(why), "%s", text);
	for (size_t i = 0; i < CALL_CELLS; i++) {
		struct open_call *c = b->calls[i];

		/* a call whose last byte never left cannot have been processed */
		if (c)
			end_by_us(b, c, REASON_CONNECTION_LOST, why,
				  c->end != UINT64_MAX && c->end > b->outbox.sent, rc);
	}
}

void call_expire(brood_t *b, int64_t now)
{
	int64_t next = INT64_MAX;

	if (now < b->next_deadline)
		return;
	for (size_t i = 0; i < CALL_CELLS; i++) {
		struct open_call *c = b->calls[i];

		if (!c)
			continue;
		if (c->deadline > now) {
			next = c->deadline < next ? c->deadline : next;
			continue;
		}
		(void)channel_send(b, &(struct frame){.type = FRAME_CANCEL,
						      .id = c->id,
						      .arg = frame_status_of(REASON_DEADLINE)});
		assembly_drop(&b->assembly, c->id);
		end_by_us(b, c, REASON_DEADLINE, "no answer came within the deadline", false, 0);
	}
	b->next_deadline = next;
}

/* Room for method and metadata in a head block; 0 if a key may not be sent. */
static size_t head_room(const char *method, const struct brood_call_options *o)
{
	size_t room = strlen(method) + 16;

	for (size_t i = 0; i < o->meta_count; i++) {
		if (o->meta[i].key_size == 0 || o->meta[i].key[0] == ':')
			return 0;
		room += o->meta[i].key_size + o->meta[i].value_size + 8;
	}
	return room;
}

static bool write_head(struct head_writer *w, const char *method, const struct brood_call_options *o)
{
	if (method[0] && !head_add_text(w, ":method", method))
		return false;
	for (size_t i = 0; i < o->meta_count; i++) {
		const struct brood_meta *m = &o->meta[i];

		if (!head_add(w, m->key, m->key_size, m->value, m->value_size))
			return false;
	}
	return true;
}

/* The next id whose cell is free: ids count up by two, cells of long calls are skipped. */
static uint32_t new_id(brood_t *b)
{
	do {
		b->next_id = b->next_id == 0 ? 1 : b->next_id + 2;
	} while (*cell_of(b, b->next_id) || b->next_id == UINT32_MAX);
	return b->next_id;
}

static int send_call(brood_t *b, struct open_call *c, const char *method, const void *body, size_t size,
		     const struct brood_call_options *o)
{
	struct head_writer w = {.capacity = head_room(method, o)};
	struct frame f = {.type = FRAME_CALL, .flags = FLAG_EOM | FLAG_EOS, .id = c->id,
			  .arg = o->method_number, .body = body, .body_size = (uint32_t)size};
	int rc;

	if (w.capacity == 0 || w.capacity > BROOD_MAX_HEAD)
		return fail(-EINVAL, "cannot call %s: an empty key, a key with ':', or over %u bytes of metadata",
			    method, BROOD_MAX_HEAD);
	w.block = malloc(w.capacity);
	if (!w.block || !write_head(&w, method, o)) {
		free(w.block);
		return fail(w.block ? -EINVAL : -ENOMEM, "cannot call %s: metadata does not fit", method);
	}
	f.head = w.block;
	f.head_size = (uint32_t)w.size;
	if (o->timeout > 0) {
		f.words |= 1u << WORD_DEADLINE;
		f.deadline_ms = (uint32_t)o->timeout;
	}
	if (o->idempotent)
		f.flags |= FLAG_IDEMPOTENT;
	if (o->order) {
		f.words |= 1u << WORD_ORDER;
		f.order = o->order;
	}
	pthread_mutex_lock(&b->lock);
	rc = channel_send_message_locked(b, &f, NULL, NULL);
	c->end = b->flows.waiting ? UINT64_MAX : b->outbox.added;
	if (rc == 0)
		channel_settle_locked(b);
	pthread_mutex_unlock(&b->lock);
	free(w.block);
	return rc;
}

/* Brings a lost or leaving connection back where that can be done. */
static int ensure_open(brood_t *b)
{
	if (b->stage == STAGE_OPEN)
		return 0;
	if (b->stage == STAGE_LEAVING && b->calls_open > 0)
		return fail(-EAGAIN, "cannot call: the server is ending this connection");
	if (loop_is_busy(b))
		return fail(-ECONNRESET, "cannot call: the connection is lost");
	return client_reconnect(b);
}

static int64_t deadline_of(const brood_t *b, const struct brood_call_options *o)
{
	int timeout = o->timeout > 0 ? o->timeout : b->call_timeout;

	return timeout > 0 ? now_ms() + timeout + DEADLINE_SLACK_MS : INT64_MAX;
}

static int check_start(brood_t *b, const char *method, size_t size)
{
	int rc;

	if (b->is_worker)
		return fail(-EINVAL, "cannot call %s: not a client", method);
	rc = ensure_open(b);
	if (rc < 0)
		return rc;
	if (b->stage != STAGE_OPEN || brood_calls_allowed(b) == 0)
		return fail(-EAGAIN, "cannot call %s: %u calls are open, the server allows %u", method,
			    b->calls_open, b->calls_allowed);
	if (size > b->agreed.max_message)
		return fail(-EMSGSIZE, "cannot call %s: request %zu > max_message %u", method, size,
			    b->agreed.max_message);
	return 0;
}

/* Starts a call like the one given, which says who gets the answer. */
static int start(brood_t *b, const char *method, const void *body, size_t size,
		 const struct brood_call_options *o, const struct open_call *like, uint32_t *id_out)
{
	struct open_call *c;
	int rc = check_start(b, method, size);

	if (rc < 0)
		return rc;
	c = malloc(sizeof(*c));
	if (!c)
		return fail(-ENOMEM, "cannot call %s: no memory", method);
	*c = *like;
	c->id = new_id(b);
	c->deadline = deadline_of(b, o);
	rc = send_call(b, c, method, body, size, o);
	if (rc < 0) {
		free(c);
		return rc;
	}
	*cell_of(b, c->id) = c;
	b->calls_open++;
	if (c->deadline < b->next_deadline)
		b->next_deadline = c->deadline;
	if (id_out)
		*id_out = c->id;
	return 0;
}

static const struct brood_call_options no_options;

int brood_call_start(brood_t *client, const char *method, const void *body, size_t size,
		     const struct brood_call_options *options, brood_answer_handler handler, void *user,
		     uint32_t *id_out)
{
	struct open_call like = {.handler = handler, .user = user};

	if (!handler)
		return fail(-EINVAL, "cannot call: no handler for the answer");
	return start(client, method ? method : "", body, size, options ? options : &no_options, &like,
		     id_out);
}

int brood_cancel(brood_t *client, uint32_t id)
{
	struct open_call *c = find(client, id);
	bool has_begun;

	if (!c)
		return fail(-ENOENT, "cannot cancel call %u: not open", id);
	pthread_mutex_lock(&client->lock);
	has_begun = flow_drop(&client->flows, id);
	pthread_mutex_unlock(&client->lock);
	if (!has_begun) { /* the server will never hear of it, so it would never answer */
		end_by_us(client, c, REASON_CANCELLED, "cancelled before it was sent", true, 0);
		return 0;
	}
	return channel_send(client, &(struct frame){.type = FRAME_CANCEL,
						    .id = id,
						    .arg = frame_status_of(REASON_CANCELLED)});
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

/* Starts the call, waiting for a slot if all are in use. */
static int start_waiting(brood_t *b, const char *method, const void *body, size_t size,
			 const struct brood_call_options *o, struct waiting *w, int64_t until)
{
	const struct open_call like = {.waiting = w};

	for (;;) {
		int rc = start(b, method, body, size, o, &like, NULL);

		if (rc != -EAGAIN || now_ms() >= until)
			return rc;
		rc = channel_wait(b, earlier(brood_timeout(b), until));
		if (rc == 0)
			rc = loop_step(b);
		if (rc < 0 && b->stage != STAGE_LOST)
			return rc;
	}
}

static int refuse(struct brood_answer *answer, int rc)
{
	answer->memory = strdup(brood_error());
	if (answer->memory)
		answer->text = answer->memory;
	return rc;
}

/* One attempt: starts the call and waits for its end. 0: there is an answer. */
static int attempt(brood_t *b, const char *method, const void *body, size_t size,
		   const struct brood_call_options *o, struct waiting *w)
{
	int timeout = o->timeout > 0 ? o->timeout : b->call_timeout;
	int rc = start_waiting(b, method, body, size, o, w, timeout > 0 ? now_ms() + timeout : INT64_MAX);

	if (rc < 0)
		return refuse(&w->answer, rc);
	while (!w->done) {
		rc = loop_step(b);
		if (rc == 0 && !w->done)
			rc = channel_wait(b, brood_timeout(b));
		if (rc < 0 && !w->done)
			handle_lose(b, rc); /* ends all open calls, this one too */
	}
	return w->rc;
}

static const struct brood_answer no_answer = {
	.code = BROOD_UNAVAILABLE, .reason = BROOD_REASON_CONNECTION_LOST, .not_processed = 1, .text = ""};

int brood_call(brood_t *client, const char *method, const void *body, size_t size,
	       const struct brood_call_options *options, struct brood_answer *answer_out)
{
	const struct brood_call_options *o = options ? options : &no_options;
	struct waiting w = {.answer = no_answer};
	int rc;

	*answer_out = no_answer;
	if (loop_is_busy(client))
		return refuse(answer_out, fail(-EDEADLK, "cannot wait for a call inside a handler of the "
							 "same connection"));
	rc = attempt(client, method ? method : "", body, size, o, &w);
	if (rc < 0 && w.done && w.answer.not_processed && !client->options.no_reconnect) {
		/* the connection had died unnoticed, and nothing of the call had left: once more, over a new one */
		brood_answer_free(&w.answer);
		w = (struct waiting){.answer = no_answer};
		rc = attempt(client, method ? method : "", body, size, o, &w);
	}
	*answer_out = w.answer;
	return rc;
}
