/*
 * worker: the side that answers calls, its opening and its orderly end.
 *
 * The end: no new calls (SLOTS 0 and a barrier where we ask for it, GOAWAY or end of file where brood does), all
 * that is in hand answered, all answers written.
 */
#include "callee.h"
#include "conn.h"
#include "lending.h"
#include "store.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memory.h"

static int send_slots(brood_t *b, int slots)
{
	return channel_send(b, &(struct frame){.type = FRAME_SLOTS, .arg = (uint32_t)slots});
}

int brood_slots(brood_t *worker, int slots)
{
	if (!worker->is_worker || slots < 0 || slots > BROOD_MAX_SLOTS)
		return fail(-EINVAL, "cannot set slots to %d: 0..%d, of a worker", slots, BROOD_MAX_SLOTS);
	worker->slots = slots;
	return send_slots(worker, slots);
}

static int send_status(brood_t *worker, const char *key, const char *text)
{
	char body[256];
	size_t length = strcspn(text, "\n");
	int n = snprintf(body, sizeof(body), "%s=%.*s\n", key, length > 200 ? 200 : (int)length, text);

	return channel_send(worker, &(struct frame){.type = FRAME_STATUS,
						    .body = (const uint8_t *)body,
						    .body_size = (uint32_t)n});
}

int brood_status(brood_t *worker, const char *text)
{
	if (!worker->is_worker)
		return fail(-EINVAL, "cannot set the status: not a worker");
	return send_status(worker, "STATUS", text);
}

/* Answers HELLO and says how much we take: ready. */
static int welcome(brood_t *b)
{
	char lines[256];
	char pid[16];
	size_t size = 0;
	int rc;

	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	if (!hello_add_line(lines, sizeof(lines), &size, "pid", pid) ||
	    !hello_add_line(lines, sizeof(lines), &size, "sdk", BROOD_VERSION) ||
	    !hello_add_line(lines, sizeof(lines), &size, "language", "c"))
		size = 0;
	rc = session_offer(b, FRAME_WELCOME, lines, size, (uint32_t)b->slots);
	if (rc < 0)
		return rc;
	rc = b->handler ? send_slots(b, b->slots) : send_status(b, "READY", "1");
	channel_flush(b);
	return rc;
}

static int open_worker(brood_t *b, const struct brood_worker_options *o)
{
	uid_t trusted;
	int rc = handle_user(o->expect_user, &trusted);

	if (rc < 0)
		return rc;
	if (o->slots < 0 || o->slots > BROOD_MAX_SLOTS)
		return fail(-EINVAL, "cannot open the worker: slots %d is not 0..%d", o->slots,
			    BROOD_MAX_SLOTS);
	b->slots = o->slots ? o->slots : 1;
	b->on_notify = o->on_notify;
	session_own_limits(b, o->max_message);
	rc = descriptor_expect(b, o->fds);
	if (rc == 0)
		rc = inherit_channel(b, trusted);
	descriptor_offer(b);
	if (b->is_socket && b->handler)
		b->own.features |= FEATURE_CONN | FEATURE_TAKEN;
	if (b->is_socket)
		b->own.features |= FEATURE_CALLS | FEATURE_STORE;
	if (rc == 0)
		rc = session_await_open(b, now_ms() + BROOD_HANDSHAKE_MS);
	return rc < 0 ? rc : welcome(b);
}

int brood_worker_open(brood_t **worker_out, brood_handler handler, void *user,
		      const struct brood_worker_options *options)
{
	static const struct brood_worker_options defaults;
	brood_t *b;
	int rc = handle_new(true, &b);

	*worker_out = NULL;
	if (rc < 0)
		return rc;
	b->handler = handler;
	b->user = b->notify_user = user;
	rc = open_worker(b, options ? options : &defaults);
	if (rc < 0) {
		brood_close(b);
		return rc;
	}
	*worker_out = b;
	return 0;
}

static int refuse_size(brood_t *b, const struct frame *f)
{
	uint64_t size = f->words & 1u << WORD_LENGTH ? f->length : f->body_size;

	if (size > b->own.max_message)
		return session_refuse(b, f->id, REASON_TOO_LARGE, "request %llu > max_message %u",
				      (unsigned long long)size, b->own.max_message);
	return session_refuse(b, f->id, REASON_TOO_LARGE, "request > max_message %u", b->own.max_message);
}

/* A call whose messages are all still to come. */
static int open_call(brood_t *b, const struct frame *f)
{
	struct message *m = message_copy(NULL, f);

	if (!m)
		return session_refuse(b, f->id, REASON_INTERNAL, "no memory for the request");
	return request_deliver(b, m, true, true);
}

/* A call whose first message lies in memory that came with it. */
static int take_from_memory(brood_t *b, const struct frame *f)
{
	bool goes_on = b->agreed.features & FEATURE_STREAM && !(f->flags & FLAG_EOS);
	uint64_t size = memory_note(f->body, f->body_size).body.size;
	struct message *m = NULL;
	const char *why = NULL;
	enum frame_reason reason;

	if (!(b->agreed.features & FEATURE_MEMFD))
		return session_protocol_error(b, "a body in memory, which was not agreed on");
	if (size > b->own.max_message)
		return session_refuse(b, f->id, REASON_TOO_LARGE, "request %llu > max_message %u",
				      (unsigned long long)size, b->own.max_message);
	reason = lending_take(b, f, &m, &why);
	if (reason != REASON_NONE)
		return session_refuse(b, f->id, reason, "%s", why);
	return request_deliver(b, m, goes_on, false);
}

/* (Part of) a call's first message. */
static int add_to_call(brood_t *b, const struct frame *f)
{
	bool goes_on = b->agreed.features & FEATURE_STREAM && !(f->flags & FLAG_EOS);
	struct message *m = NULL;

	if (goes_on && f->type == FRAME_CALL && f->body_size == 0 && !(f->flags & FLAG_EOM))
		return open_call(b, f);
	switch (assembly_add(&b->assembly, f, &m)) {
	case ASSEMBLY_WHOLE:
		return request_deliver(b, m, goes_on, false);
	case ASSEMBLY_PART:
	case ASSEMBLY_UNKNOWN:
		return 0;
	case ASSEMBLY_TOO_LARGE:
		return refuse_size(b, f);
	case ASSEMBLY_TOO_MANY:
		return session_refuse(b, f->id, REASON_TOO_LARGE, "requests under way hold over %zu bytes",
				      b->assembly.max_held);
	case ASSEMBLY_BROKEN:
		return session_protocol_error(b, "a message that contradicts itself");
	case ASSEMBLY_NO_MEMORY:
		return session_refuse(b, f->id, REASON_INTERNAL, "no memory for the request");
	}
	return 0;
}

int worker_frame(brood_t *b, const struct frame *f)
{
	char text[128];
	enum frame_reason reason;

	if (b->conn && f->type == FRAME_CALL && conn_open_id(b, f->id) < 0)
		return -EPROTO;
	if (b->conn && f->type == FRAME_DATA && conn_check_data(b, f->id) < 0)
		return -EPROTO;
	switch (f->type) {
	case FRAME_CANCEL:
		if (assembly_drop(&b->assembly, f->id))
			return session_refuse(b, f->id, REASON_CANCELLED, "cancelled before it came whole");
		if (request_withdraw(b, f->id)) /* in its place, the shortest end */
			return channel_answer(b, &(struct frame){.type = FRAME_REPLY,
								 .flags = FLAG_EOS,
								 .id = f->id,
								 .arg = frame_status_of(REASON_CANCELLED)});
		request_cancel(b, f->id);
		return 0;
	case FRAME_DATA:
		if (!assembly_has(&b->assembly, f->id) && request_data(b, f))
			return 0;
		return add_to_call(b, f);
	case FRAME_CALL:
		if (f->flags & FLAG_MEMFD)
			return take_from_memory(b, f);
		reason = descriptor_judge(b, f, text, sizeof(text));
		if (reason != REASON_NONE)
			return session_refuse(b, f->id, reason, "%s", text);
		return add_to_call(b, f);
	case FRAME_REPLY:
		callee_answered(b, f);
		return 0;
	case FRAME_STORE:
	case FRAME_FETCH:
		if (b->agreed.features & FEATURE_STORE)
			store_answered(b, f);
		return 0;
	case FRAME_CONN:
		return b->agreed.features & FEATURE_CONN ? conn_receive(b, f) : 0;
	default:
		return 0; /* of a feature that was not agreed on */
	}
}

void worker_check_end(brood_t *b)
{
	bool idle;

	if (b->stage != STAGE_LEAVING)
		return;
	if (b->assembly.first && !b->read_ended)
		return; /* a call whose rest is still on its way */
	if (!conns_are_over(b))
		return;
	pthread_mutex_lock(&b->lock);
	idle = b->in_hand == 0 && (b->write_lost || outbox_bytes(&b->outbox) + b->flows.waiting == 0);
	pthread_mutex_unlock(&b->lock);
	if (idle)
		b->stage = STAGE_ENDED;
}

/* Asks for the end: no more calls, and a barrier behind which none can still be on its way. */
void worker_leave(brood_t *b)
{
	struct frame barrier = {.type = FRAME_FLUSH};

	if (b->last_flush != 0 || b->stage != STAGE_OPEN)
		return;
	barrier.arg = b->last_flush = ++b->next_cookie;
	if (send_slots(b, 0) < 0 || channel_send(b, &barrier) < 0)
		b->stage = STAGE_LEAVING;
}

static _Atomic(brood_t *) served;
static atomic_bool heard_term;

static void on_term(int number)
{
	brood_t *b = atomic_load(&served);

	(void)number;
	atomic_store(&heard_term, true);
	if (b)
		brood_stop(b);
}

/* Takes SIGTERM where nobody else has. */
static bool take_term(brood_t *b, struct sigaction *before)
{
	struct sigaction action = {.sa_handler = on_term, .sa_flags = SA_RESTART};

	if (sigaction(SIGTERM, NULL, before) < 0 || before->sa_handler != SIG_DFL)
		return false;
	atomic_store(&heard_term, false);
	atomic_store(&served, b);
	return sigaction(SIGTERM, &action, NULL) == 0;
}

/* The SIGTERM that comes behind brood's request must not end what main() still has to do; a second one may. */
static void give_term_back(const struct sigaction *before, bool was_asked)
{
	struct sigaction late = {.sa_handler = on_term, .sa_flags = (int)(SA_RESTART | SA_RESETHAND)};

	atomic_store(&served, NULL);
	sigaction(SIGTERM, was_asked && !atomic_load(&heard_term) ? &late : before, NULL);
}

int brood_serve(brood_handler handler, void *user, const struct brood_worker_options *options)
{
	brood_t *b;
	struct sigaction before;
	bool took;
	int rc = brood_worker_open(&b, handler, user, options);

	if (rc < 0) {
		fprintf(stderr, "brood: %s\n", brood_error());
		return rc == -EPROTONOSUPPORT ? BROOD_EXIT_INCOMPATIBLE : EXIT_FAILURE;
	}
	took = take_term(b, &before);
	rc = brood_run(b);
	if (rc < 0)
		fprintf(stderr, "brood: %s\n", brood_error());
	if (took)
		give_term_back(&before, rc == 0);
	brood_close(b);
	return rc < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
