/*
 * request: one call in a worker's hand, from any thread.
 *
 * A request is freed by its answer. Until then it is on the handle's list, so that CANCEL finds it; the list
 * and all writing are guarded by the handle's lock.
 */
#include "request.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conn.h"
#include "lending.h"
#include "fds.h"

struct frame *request_frame(const brood_request_t *request)
{
	return &request->message->frame;
}

static struct brood_request *new_request(brood_t *b, struct message *m)
{
	const struct frame *f = &m->frame;
	struct head_entry method = {.value = "", .value_size = 0};
	struct brood_request *r;
	size_t size;

	(void)head_find(f->head, f->head_size, ":method", &method);
	size = sizeof(*r) + method.value_size + 1u;
	r = spares_take(&b->spares, size);
	if (!r)
		return NULL;
	*r = (struct brood_request){.b = b, .message = m, .id = f->id, .note = NOTES_NONE,
				    .deadline = INT64_MAX, .size = size};
	memcpy(r->method, method.value, method.value_size);
	r->method[method.value_size] = '\0';
	if (f->words & 1u << WORD_DEADLINE)
		r->deadline = b->heard_at / 1000 + f->deadline_ms;
	return r;
}

/* From here on it has begun. */
static void note_locked(brood_t *b, struct brood_request *r)
{
	r->note = notes_start(&b->notes, r->id, r->message->frame.key, &b->outbox, &b->flows);
}

static void link_request(brood_t *b, struct brood_request *r)
{
	pthread_mutex_lock(&b->lock);
	b->refs++;
	r->next = b->requests;
	if (r->next)
		r->next->before = r;
	b->requests = r;
	b->in_hand++;
	if (!b->is_handling)
		note_locked(b, r);
	pthread_mutex_unlock(&b->lock);
}

void request_run(brood_request_t *r)
{
	brood_t *b = r->b;
	brood_t *parent = b->parent;

	b->is_handling = true;
	if (parent)
		parent->is_handling = true;
	b->handler(r, b->user);
	b->is_handling = false;
	if (parent)
		parent->is_handling = false;
}

/* One of a handed-over connection may have to wait for its turn. */
static void hand_over(brood_t *b, struct brood_request *r)
{
	if (!b->parent || conn_admits(b, r))
		request_run(r);
}

static void unlink_locked(brood_t *b, struct brood_request *r)
{
	if (r->before)
		r->before->next = r->next;
	else
		b->requests = r->next;
	if (r->next)
		r->next->before = r->before;
	b->in_hand--;
	if (r->x)
		exchange_leave_locked(r->x);
}

/* The handle's spares belong to the thread that drives it: others leave the memory to free(). */
static void free_request(struct brood_request *r, struct spares *home)
{
	free(r->x);
	if (!home)
		r->message->home = NULL; /* else it is where the message came from, which may be malloc() */
	message_free(r->message);
	spares_give(home, r, r->size);
}

/* Answers a call that cannot be handed over. */
static int refuse(brood_t *b, struct message *m, enum frame_reason reason, const char *text)
{
	uint32_t id = m->frame.id;

	message_free(m);
	return session_refuse(b, id, reason, "%s", text);
}

/* What has to wait until a handler that drives the connection itself has returned. */
struct deferral {
	struct deferral *next;
	struct brood_request *request; /* NULL: a barrier */
	uint32_t cookie;
};

static int defer(brood_t *b, struct brood_request *r, uint32_t cookie)
{
	struct deferral *d = malloc(sizeof(*d));

	if (!d)
		return fail(-ENOMEM, "no memory for what waits behind a call");
	*d = (struct deferral){.request = r, .cookie = cookie};
	if (b->deferred)
		b->deferred_last->next = d;
	else
		b->deferred = d;
	b->deferred_last = d;
	return 0;
}

static void hand_over_late(brood_t *b, struct brood_request *r)
{
	pthread_mutex_lock(&b->lock);
	note_locked(b, r);
	pthread_mutex_unlock(&b->lock);
	hand_over(b, r);
}

/* What came while a handler waited, in its order. */
int request_catch_up(brood_t *b)
{
	int rc = 0;

	while (b->deferred) {
		struct deferral d = *b->deferred;

		free(b->deferred);
		b->deferred = d.next;
		if (d.request)
			hand_over_late(b, d.request);
		else if (rc == 0)
			rc = channel_answer(b, &(struct frame){.type = FRAME_FLUSHED, .arg = d.cookie});
	}
	return rc;
}

void request_drop_deferred(brood_t *b)
{
	while (b->deferred) {
		struct deferral *d = b->deferred;

		b->deferred = d->next;
		if (d->request)
			request_discard(d->request);
		free(d);
	}
}

int request_barrier(brood_t *b, uint32_t cookie)
{
	if (b->deferred)
		return defer(b, NULL, cookie);
	return channel_answer(b, &(struct frame){.type = FRAME_FLUSHED, .arg = cookie});
}

int request_deliver(brood_t *b, struct message *m, bool goes_on, bool is_empty)
{
	const char *problem;
	struct brood_request *r;

	if (b->parent) {
		conn_stamp(b, &m->frame);
		problem = conn_problem(b);
		if (problem)
			return refuse(b, m, REASON_OVERLOADED, problem);
	}
	if (m->frame.unknown_required || !b->handler)
		return refuse(b, m, REASON_UNSUPPORTED,
			      b->handler ? "it needs an extension that this SDK does not know"
					 : "this worker takes no calls");
	r = new_request(b, m);
	if (r && goes_on && !request_exchange(r)) {
		spares_give(&b->spares, r, r->size);
		r = NULL;
	}
	if (!r)
		return refuse(b, m, REASON_INTERNAL, "no memory for the request");
	r->is_empty = is_empty;
	if (goes_on) {
		r->x->takes = true;
		r->x->in.has_ended = false;
	}
	link_request(b, r);
	if (b->is_handling)
		return defer(b, r, 0);
	hand_over(b, r);
	return request_catch_up(b);
}

bool request_data(brood_t *b, const struct frame *f)
{
	return exchange_add(b, f) != ASSEMBLY_UNKNOWN;
}

/* The program is to know of it, whatever it waits for. The lock is held. */
static void cancel_locked(struct brood_request *r)
{
	atomic_store(&r->cancelled, true);
	if (!r->x)
		return;
	r->x->is_over = true;
	exchange_touch_locked(r->x);
}

brood_request_t *request_next_waiting(const brood_request_t *r)
{
	return r->behind;
}

void request_wait_behind(brood_request_t *before, brood_request_t *r)
{
	before->behind = r;
}

void request_discard(brood_request_t *r)
{
	brood_t *b = r->b;

	pthread_mutex_lock(&b->lock);
	unlink_locked(b, r);
	free_request(r, NULL);
	handle_unref_unlock(b);
}

void request_cancel(brood_t *b, uint32_t id)
{
	pthread_mutex_lock(&b->lock);
	for (struct brood_request *r = b->requests; r; r = r->next) {
		if (r->id == id)
			cancel_locked(r);
	}
	pthread_mutex_unlock(&b->lock);
}

static bool is_open_locked(const brood_t *b, uint32_t id)
{
	const struct brood_request *r = b->requests;

	while (r && r->id != id)
		r = r->next;
	return r != NULL;
}

bool request_is_open(brood_t *b, uint32_t id)
{
	bool is_open;

	pthread_mutex_lock(&b->lock);
	is_open = is_open_locked(b, id) || flow_has(&b->flows, id);
	pthread_mutex_unlock(&b->lock);
	return is_open;
}

bool request_withdraw(brood_t *b, uint32_t id)
{
	bool waits;

	pthread_mutex_lock(&b->lock);
	waits = !is_open_locked(b, id) && flow_has(&b->flows, id);
	if (waits)
		(void)flow_drop(&b->flows, id);
	pthread_mutex_unlock(&b->lock);
	return waits;
}

void request_cancel_all(brood_t *b)
{
	pthread_mutex_lock(&b->lock);
	for (struct brood_request *r = b->requests; r; r = r->next)
		cancel_locked(r);
	pthread_mutex_unlock(&b->lock);
}

const void *brood_request_body(const brood_request_t *request, size_t *size_out)
{
	*size_out = request->message->frame.body_size;
	return request->message->frame.body;
}

const char *brood_request_method(const brood_request_t *request)
{
	return request->method;
}

uint32_t brood_request_method_number(const brood_request_t *request)
{
	return request->message->frame.arg;
}

const void *brood_request_find(const brood_request_t *request, const char *key, size_t *size_out)
{
	const struct frame *f = &request->message->frame;
	struct head_entry entry;

	if (key[0] == ':' || !head_find(f->head, f->head_size, key, &entry))
		return NULL; /* those are brood's */
	*size_out = entry.value_size;
	return entry.value;
}

int brood_request_meta(const brood_request_t *request, size_t index, struct brood_meta *meta_out)
{
	const struct frame *f = &request->message->frame;
	struct head_reader reader = {f->head, f->head_size};
	struct head_entry entry;

	while (head_next(&reader, &entry)) {
		if (head_key_is_reserved(&entry))
			continue;
		if (index-- > 0)
			continue;
		*meta_out = (struct brood_meta){entry.key, entry.key_size, entry.value, entry.value_size};
		return 0;
	}
	return -ENOENT;
}

brood_t *brood_request_worker(const brood_request_t *request)
{
	return request->b->parent ? request->b->parent : request->b;
}

void brood_request_peer(const brood_request_t *request, struct brood_peer *peer_out)
{
	const struct frame *f = &request->message->frame;

	*peer_out = (struct brood_peer){.uid = UINT32_MAX, .gid = UINT32_MAX};
	if (f->words & 1u << WORD_PEER)
		*peer_out = (struct brood_peer){f->peer.uid, f->peer.gid, f->peer.pid, f->peer.connection};
}

int brood_request_time_left(const brood_request_t *request)
{
	int64_t left;

	if (request->deadline == INT64_MAX)
		return -1;
	left = request->deadline - now_ms();
	if (left <= 0)
		return 0;
	return left > INT32_MAX ? INT32_MAX : (int)left;
}

unsigned brood_request_attempt(const brood_request_t *request)
{
	const struct frame *f = &request->message->frame;

	return f->words & 1u << WORD_DELIVERY && f->attempt > 0 ? f->attempt : 1;
}

uint64_t brood_request_key(const brood_request_t *request)
{
	const struct frame *f = &request->message->frame;

	return f->words & 1u << WORD_DELIVERY ? f->key : 0;
}

int brood_request_is_cancelled(const brood_request_t *request)
{
	return atomic_load(&request->cancelled) || brood_request_time_left(request) == 0;
}

/* Sends the final frame, takes the request off the list and frees it. */
static int finish(brood_request_t *r, const struct frame *f)
{
	brood_t *b = r->b;
	bool is_driver = loop_is_driver(b);
	int rc;

	pthread_mutex_lock(&b->lock);
	unlink_locked(b, r);
	notes_reply(&b->notes, r->note, frame_status_code(f->arg) != CODE_OK);
	rc = channel_send_message_locked(b, f);
	notes_queued(&b->notes, r->note, &b->outbox, &b->flows);
	if (rc == 0)
		channel_settle_locked(b);
	if (b->parent)
		conn_done(b, b->in_hand == 0);
	else if (b->in_hand == 0 && !is_driver)
		channel_wake(b); /* the loop may be waiting for just this */
	free_request(r, is_driver ? &b->spares : NULL);
	handle_unref_unlock(b);
	return rc;
}

static int finish_status(brood_request_t *r, uint32_t reason, const char *text)
{
	uint8_t block[300];
	struct head_writer w = {.block = block, .capacity = sizeof(block)};
	struct frame f = {.type = FRAME_REPLY, .flags = FLAG_EOS, .id = r->id,
			  .arg = frame_status_of(reason), .head = block};

	if (head_add_text(&w, ":error", text))
		f.head_size = (uint32_t)w.size;
	return finish(r, &f);
}

static int refuse_size(brood_request_t *r, size_t size)
{
	char text[128];

	snprintf(text, sizeof(text), "reply %zu > max_message %u", size, r->b->agreed.max_message);
	finish_status(r, REASON_TOO_LARGE, text);
	return fail(-EMSGSIZE, "cannot reply: %s", text);
}

/* The caller learns that there was an answer, the worker why it could not go. */
static int refuse_head(brood_request_t *r, int rc, const char *problem)
{
	finish_status(r, REASON_INTERNAL, rc == -ENOMEM ? "the worker has no memory for its answer"
							: "the worker's answer holds what cannot be sent");
	return fail(rc, "cannot reply: %s", problem);
}

/* Does the answer end with one more message? */
static bool has_message(const struct brood_reply_options *reply)
{
	return !reply->no_message && (reply->code == BROOD_OK || reply->body_size > 0);
}

/*
 * brood owns the deadlines of its calls; those of a connection that it has handed over are ours. Behind one a good
 * answer is still good, but a stream of which messages were refused is not whole, and what failed did so for that.
 */
static bool is_too_late(const brood_request_t *r, unsigned code)
{
	return r->b->conn && (code != BROOD_OK || r->x) && r->deadline <= now_ms();
}

int brood_reply_full(brood_request_t *request, const struct brood_reply_options *reply)
{
	struct meta_block block;
	uint8_t note[FRAME_NOTE_LENDS];
	struct frame f = {
		.type = FRAME_REPLY,
		.flags = (uint8_t)(FLAG_EOS | (has_message(reply) ? FLAG_EOM : 0)),
		.id = request->id,
		.arg = frame_status(REASON_NONE, reply->code),
		.body = reply->body,
		.body_size = (uint32_t)reply->body_size,
	};
	int rc;

	if (is_too_late(request, reply->code))
		return finish_status(request, REASON_DEADLINE, "no answer before the call's deadline");
	if (!(f.flags & FLAG_EOM))
		f.body_size = 0;
	else if (reply->body_size > request->b->agreed.max_message)
		return refuse_size(request, reply->body_size);
	if (reply->code > CODE_UNAUTHENTICATED)
		return refuse_head(request, -EINVAL, "a code above 16, the last that there is");
	rc = meta_write(&block, ":error", reply->code != BROOD_OK ? reply->text : NULL, reply->meta,
			reply->meta_count);
	if (rc < 0)
		return refuse_head(request, rc, block.problem);
	f.head = block.bytes;
	f.head_size = block.size;
	if (!request->has_answer && reply->fd_count == 0)
		lending_put(request_frame(request), &f, note);
	rc = descriptor_attach(request->b, &f, reply->fds, reply->fd_count);
	if (rc == 0)
		rc = finish(request, &f);
	else
		finish_status(request, rc == -EOPNOTSUPP ? REASON_FD_REFUSED : REASON_INTERNAL,
			      "the worker's answer holds descriptors that cannot be passed");
	fds_unref(f.fds);
	free(block.bytes);
	return rc;
}

int brood_reply(brood_request_t *request, const void *body, size_t size)
{
	return brood_reply_full(request, &(struct brood_reply_options){.body = body, .body_size = size});
}

int brood_reply_end(brood_request_t *request)
{
	return brood_reply_full(request, &(struct brood_reply_options){.no_message = 1});
}

int brood_reply_error(brood_request_t *request, unsigned code, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return brood_reply_full(request, &(struct brood_reply_options){.code = code, .text = text});
}
