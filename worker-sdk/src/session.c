/*
 * session: the handshake, and the frames that mean the same for a worker and a client.
 */
#include "conn.h"
#include "exchange.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void session_own_limits(brood_t *b, uint32_t max_message)
{
	if (max_message == 0)
		max_message = BROOD_MAX_MESSAGE;
	if (max_message > BROOD_MAX_MESSAGE_MOST)
		max_message = BROOD_MAX_MESSAGE_MOST;
	b->own = (struct hello){
		.version_min = BROOD_VERSION_MIN,
		.version_max = BROOD_VERSION_MAX,
		.max_frame = BROOD_MAX_FRAME,
		.max_message = max_message,
		.stream_window = BROOD_STREAM_WINDOW,
		.conn_window = BROOD_CONN_WINDOW,
		.features = FEATURE_CANCEL | FEATURE_STREAM,
	};
	b->assembly.max_message = max_message;
	b->assembly.max_held = (size_t)max_message + BROOD_CONN_WINDOW;
}

int session_offer(brood_t *b, uint8_t type, const char *lines, size_t lines_size, uint32_t slots)
{
	uint8_t payload[HELLO_MOST];
	struct hello h = b->own;
	size_t size;

	h.lines = lines;
	h.lines_size = lines_size;
	h.slots = slots;
	if (type == FRAME_WELCOME)
		h.version_min = h.version_max = b->agreed.version_max;
	size = hello_write(payload, sizeof(payload), &h);
	return channel_send(b, &(struct frame){.type = type, .body = payload, .body_size = (uint32_t)size});
}

static int goaway(brood_t *b, uint32_t reason, const char *text)
{
	uint8_t block[600];
	struct head_writer w = {.block = block, .capacity = sizeof(block)};
	bool fits = head_add_text(&w, ":error", text);
	int rc = channel_send(b, &(struct frame){.type = FRAME_GOAWAY,
						 .arg = reason,
						 .head = block,
						 .head_size = fits ? (uint32_t)w.size : 0});

	channel_flush(b);
	return rc;
}

int session_protocol_error(brood_t *b, const char *what)
{
	char text[256];

	snprintf(text, sizeof(text), "protocol error at byte %llu: %s",
		 (unsigned long long)frame_offset(&b->decoder), what);
	goaway(b, REASON_PROTOCOL, text);
	return fail(-EPROTO, "the other side broke the protocol at byte %llu: %s",
		    (unsigned long long)frame_offset(&b->decoder), what);
}

int session_refuse(brood_t *b, uint32_t id, enum frame_reason reason, const char *format, ...)
{
	char text[200];
	uint8_t block[256];
	struct head_writer w = {.block = block, .capacity = sizeof(block)};
	va_list args;
	bool fits;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fits = head_add_text(&w, ":error", text);
	return channel_answer(b, &(struct frame){.type = FRAME_REPLY,
						 .flags = FLAG_EOS | FLAG_NOT_PROCESSED,
						 .id = id,
						 .arg = frame_status_of(reason),
						 .head = block,
						 .head_size = fits ? (uint32_t)w.size : 0});
}

static char *copy(const char *text, size_t size)
{
	char *out = malloc(size + 1);

	if (out) {
		memcpy(out, text, size);
		out[size] = '\0';
	}
	return out;
}

/* Keeps the KEY=VALUE lines of the other side. */
static int keep_info(brood_t *b, const struct hello *h)
{
	const char *at = h->lines;
	size_t left = h->lines_size;

	handle_forget_info(b);
	while (left > 0 && b->info_count < INFO_MOST) {
		const char *end = memchr(at, '\n', left);
		const char *equals = memchr(at, '=', left);
		struct info *info = &b->info[b->info_count];

		info->key = copy(at, (size_t)(equals - at));
		info->value = copy(equals + 1, (size_t)(end - equals - 1));
		if (!info->key || !info->value) {
			free(info->key);
			free(info->value);
			return fail(-ENOMEM, "no memory for the handshake");
		}
		b->info_count++;
		left -= (size_t)(end + 1 - at);
		at = end + 1;
	}
	return 0;
}

static int refuse_version(brood_t *b, const struct hello *peer, enum hello_result why)
{
	char text[256];

	if (why == HELLO_NO_VERSION)
		snprintf(text, sizeof(text), "this side speaks versions %u..%u, the other %u..%u",
			 b->own.version_min, b->own.version_max, peer->version_min, peer->version_max);
	else
		snprintf(text, sizeof(text),
			 "a required feature is missing: this side has 0x%llx, the other requires 0x%llx",
			 (unsigned long long)b->own.features, (unsigned long long)peer->required);
	goaway(b, REASON_VERSION, text);
	return fail(-EPROTONOSUPPORT, "no common protocol: %s", text);
}

static bool has_all(const brood_t *b, uint64_t features)
{
	return (b->agreed.features & features) == features;
}

int session_agree(brood_t *b, const struct frame *f)
{
	struct hello peer;
	enum hello_result result = hello_read(f->body, f->body_size, &peer);

	if (result == HELLO_OK)
		result = hello_agree(&b->own, &peer, &b->agreed);
	if (result == HELLO_NO_VERSION || result == HELLO_NO_FEATURE)
		return refuse_version(b, &peer, result);
	if (result != HELLO_OK)
		return session_protocol_error(b, "malformed handshake");
	b->agreed.lines = NULL;
	b->agreed.lines_size = 0;
	/* CONN brings a socket, so does the answer to CONNECT, and FETCH what was parked */
	b->takes_fds |= (b->agreed.features & (FEATURE_CONN | FEATURE_STORE)) != 0 ||
			has_all(b, FEATURE_CALLS | FEATURE_FDS);
	b->takes_fds |= b->is_worker && b->agreed.features & FEATURE_MEMFD;
	pthread_mutex_lock(&b->lock);
	b->flows.max_frame = b->agreed.max_frame;
	b->flows.stream_window = b->agreed.stream_window;
	b->flows.credit = b->agreed.conn_window;
	pthread_mutex_unlock(&b->lock);
	return keep_info(b, &peer);
}

/* The other side says that it goes, and why. */
static int receive_goaway(brood_t *b, const struct frame *f)
{
	struct head_entry text = {.value = frame_reason_text(f->arg)};

	text.value_size = (uint16_t)strlen(text.value);
	(void)head_find(f->head, f->head_size, ":error", &text);
	fail(0, "the other side ended the connection (%s): %.*s", frame_reason_name(f->arg),
	     (int)text.value_size, text.value);
	switch (f->arg) {
	case REASON_VERSION:
		return -EPROTONOSUPPORT;
	case REASON_PROTOCOL:
		return -EPROTO;
	case REASON_DENIED:
	case REASON_UNAUTHENTICATED:
		return -EACCES;
	case REASON_OVERLOADED:
		return -EBUSY;
	case REASON_DEADLINE:
		return -ETIMEDOUT;
	default:
		break;
	}
	if (b->stage == STAGE_HANDSHAKE)
		return -ECONNRESET;
	b->stage = STAGE_LEAVING; /* a worker ends with its step, not before what came behind this */
	return 0;
}

static int receive_window(brood_t *b, const struct frame *f)
{
	bool fine;

	pthread_mutex_lock(&b->lock);
	fine = flow_credit(&b->flows, f->id, f->arg);
	flow_pump(&b->flows);
	channel_settle_locked(b);
	pthread_mutex_unlock(&b->lock);
	return fine ? 0 : session_protocol_error(b, "more credit than can be");
}

/* Gives back the credit that a chunk used: to the connection always, to the id while more may come. */
static int return_credit(brood_t *b, const struct frame *f, bool keeps)
{
	uint32_t cost = frame_cost(f);
	int rc;

	if (cost == 0)
		return 0;
	rc = channel_send(b, &(struct frame){.type = FRAME_WINDOW, .arg = cost});
	if (rc < 0 || keeps || f->flags & FLAG_EOS)
		return 0; /* a lost connection is noticed by reading */
	(void)channel_send(b, &(struct frame){.type = FRAME_WINDOW, .id = f->id, .arg = cost});
	return 0;
}

static int receive_unknown(brood_t *b, const struct frame *f)
{
	if (f->flags & FLAG_IGNORABLE || f->id == 0)
		return 0; /* an answer needs an id */
	if (b->conn && !conn_awaits(b, f->id)) {
		request_cancel(b, f->id); /* the handler that has it, if there is one, gives its one answer */
		return 0;
	}
	assembly_drop(&b->assembly, f->id); /* the answer closes it */
	return session_refuse(b, f->id, REASON_UNSUPPORTED, "frame type 0x%02x is unknown", f->type);
}

static int receive_open(brood_t *b, const struct frame *f)
{
	switch (f->type) {
	case FRAME_PING:
		return channel_answer(b, &(struct frame){.type = FRAME_PONG, .arg = f->arg});
	case FRAME_FLUSH:
		return request_barrier(b, f->arg);
	case FRAME_PONG:
		b->ponged = f->arg;
		return 0;
	case FRAME_FLUSHED:
		b->flushed = f->arg;
		if (b->stage == STAGE_OPEN && b->last_flush != 0 && f->arg == b->last_flush)
			b->stage = STAGE_LEAVING;
		return 0;
	case FRAME_GOAWAY:
		return receive_goaway(b, f);
	case FRAME_WINDOW:
		return receive_window(b, f);
	case FRAME_STATUS:
		return 0;
	case FRAME_NOTIFY:
		if (b->on_notify)
			b->on_notify(f->arg, f->body, f->body_size, b->notify_user);
		return 0;
	case FRAME_HELLO:
	case FRAME_WELCOME:
		return session_protocol_error(b, "a second handshake");
	default:
		break;
	}
	if (!frame_type_is_known(f->type))
		return receive_unknown(b, f);
	return b->is_worker ? worker_frame(b, f) : call_frame(b, f);
}

/* Is it for a stream, which gives the id's credit back itself? */
static bool keeps_credit(brood_t *b, const struct frame *f)
{
	return f->type == FRAME_DATA && !assembly_has(&b->assembly, f->id) && exchange_waits(b, f->id);
}

int session_frame(brood_t *b, const struct frame *f)
{
	int rc;

	if (b->stage != STAGE_HANDSHAKE) {
		/* asked before: the handler that a frame reaches may change it */
		bool keeps = keeps_credit(b, f);

		rc = receive_open(b, f);
		return rc < 0 ? rc : return_credit(b, f, keeps);
	}
	if (f->type == FRAME_GOAWAY)
		return receive_goaway(b, f);
	if (f->type != (b->is_worker ? FRAME_HELLO : FRAME_WELCOME))
		return session_protocol_error(b, "not a handshake");
	rc = session_agree(b, f);
	if (rc == 0) {
		b->stage = STAGE_OPEN;
		b->calls_allowed = b->agreed.slots; /* until SLOTS says otherwise, perhaps in the same read */
	}
	return rc;
}

int session_too_large(brood_t *b, const struct frame *f)
{
	if (f->id == 0 || b->stage == STAGE_HANDSHAKE)
		return session_protocol_error(b, "frame larger than announced");
	if (!b->is_worker || (b->conn && f->type != FRAME_CALL))
		return session_protocol_error(b, "frame larger than announced");
	if (b->conn && conn_open_id(b, f->id) < 0)
		return -EPROTO;
	assembly_drop(&b->assembly, f->id); /* what follows must not pass for the whole */
	return session_refuse(b, f->id, REASON_TOO_LARGE, "frame %llu > max_frame %u",
			      (unsigned long long)f->length, b->own.max_frame);
}

int brood_notify(brood_t *b, uint32_t topic, const void *body, size_t size)
{
	struct frame f = {.type = FRAME_NOTIFY, .arg = topic, .body = body};

	if (size > b->agreed.max_frame - FRAME_HEADER)
		return fail(-EMSGSIZE, "cannot notify: message %zu > %u, the most that fits one frame", size,
			    b->agreed.max_frame - FRAME_HEADER);
	if (b->stage == STAGE_LOST)
		return fail(-ECONNRESET, "cannot notify: the connection is lost");
	f.body_size = (uint32_t)size;
	return channel_send(b, &f);
}

int session_await_open(brood_t *b, int64_t deadline)
{
	while (b->stage == STAGE_HANDSHAKE) {
		int64_t left = deadline == INT64_MAX ? -1 : deadline - now_ms();
		int rc;

		if (deadline != INT64_MAX && left <= 0)
			return fail(-ETIMEDOUT, "the other side did not finish the handshake in time");
		channel_flush(b);
		rc = channel_wait(b, left > INT32_MAX ? INT32_MAX : (int)left);
		if (rc == 0)
			rc = channel_read(b);
		if (rc < 0)
			return rc;
		if (b->read_ended && b->stage == STAGE_HANDSHAKE)
			return fail(-ECONNRESET,
				    b->is_worker ? "the supervisor closed the channel"
						 : "the server closed the connection before the handshake "
						   "(is this user in the endpoint's allow list?)");
	}
	return 0;
}
