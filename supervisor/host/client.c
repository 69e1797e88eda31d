/*
 * client: frames of one client, to events; answers, to frames.
 *
 * A request is kept until it has arrived whole; only then the core hears of it. What is over a limit is answered at
 * once, and the rest of it is dropped as it comes.
 */
#include "client.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "answer.h"
#include "barrier.h"
#include "channel.h"
#include "contract.h"
#include "instance.h"
#include "loop.h"
#include "supervisor.h"

static struct client *client_of(struct link *l)
{
	return l->user;
}

static const struct endpoint_spec *endpoint_of(const struct client *c)
{
	return &c->s->spec->endpoints[c->endpoint];
}

struct client *client_at(const struct supervisor *s, uint32_t number)
{
	return s->clients[number];
}

uint32_t client_number(struct supervisor *s, uint32_t first, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		uint32_t number = first + (s->client_hint + i) % count;

		if (!s->fleet.ledger.callers[number].is_open) {
			s->client_hint = (s->client_hint + i + 1) % count;
			return number;
		}
	}
	return NONE;
}

/* ------------------------------------------------------------------ the end */

static void free_client(struct client *c)
{
	if (--c->handles == 0)
		free(c);
}

static void on_link_closed(struct link *l)
{
	free_client(client_of(l));
}

static void on_timer_closed(uv_handle_t *handle)
{
	free_client(handle->data);
}

void client_close(struct client *c)
{
	struct event gone = {.kind = FLEET_CLIENT_GONE, .client = c->number};

	if (c->is_gone)
		return;
	c->is_gone = true;
	c->s->clients[c->number] = NULL;
	c->s->partial_bytes -= c->assembly.held;
	assembly_close(&c->assembly);
	uv_close((uv_handle_t *)&c->greeting, on_timer_closed);
	link_close(&c->link, on_link_closed);
	loop_give(c->s, gone);
}

static uint32_t open_calls(const struct client *c)
{
	return c->s->fleet.ledger.callers[c->number].open_calls;
}

/* Did the peer only close its own direction? Then it still wants its answers. */
static bool still_reads(const struct client *c)
{
	struct pollfd p = {.fd = c->link.in, .events = 0};

	return open_calls(c) > 0 && poll(&p, 1, 0) == 0;
}

/* One that only waited for its answers has them all. */
static void flushed(struct link *l)
{
	struct client *c = client_of(l);

	if (c->stage == CLIENT_HALF_CLOSED && open_calls(c) == 0)
		client_close(c);
}

static void ended(struct link *l, enum link_end how)
{
	struct client *c = client_of(l);

	if (how != LINK_CLOSED)
		log_say(&c->s->log, "%s: client uid %u pid %u: %s", endpoint_of(c)->name, c->peer.uid,
			c->peer.pid, link_problem(l));
	if (how == LINK_CLOSED && c->stage == CLIENT_OPEN && still_reads(c)) {
		c->stage = CLIENT_HALF_CLOSED;
		return;
	}
	link_flush(l); /* a GOAWAY that says why */
	client_close(c);
}

/* Ends it because it broke the protocol. */
static bool break_off(struct client *c, const char *why)
{
	char text[120];

	snprintf(text, sizeof(text), "protocol error at byte %llu: %s",
		 (unsigned long long)frame_offset(&c->link.decoder), why);
	link_goaway(&c->link, REASON_PROTOCOL, text);
	snprintf(c->link.problem, sizeof(c->link.problem), "%s", text);
	c->link.is_ended = true;
	ended(&c->link, LINK_BROKEN);
	return false;
}

/* ---------------------------------------------------------------- handshake */

static struct hello own_hello(const struct client *c)
{
	return (struct hello){
		.version_min = BROOD_VERSION_MIN,
		.version_max = BROOD_VERSION_MAX,
		.max_frame = (uint32_t)endpoint_of(c)->max_frame.bytes,
		.max_message = (uint32_t)endpoint_of(c)->max_message.bytes,
		.stream_window = BROOD_STREAM_WINDOW,
		.conn_window = BROOD_CONN_WINDOW,
		.slots = BROOD_CLIENT_SLOTS,
		.features = FEATURE_CANCEL,
	};
}

static void send_welcome(struct client *c, uint16_t version)
{
	const struct endpoint_spec *e = endpoint_of(c);
	struct hello h = own_hello(c);
	uint8_t payload[HELLO_MOST];
	char lines[512];
	char timeout[24];
	size_t size = 0;

	snprintf(timeout, sizeof(timeout), "%lld",
		 (long long)c->s->spec->workers[e->pool].call_timeout.ms);
	if (!hello_add_line(lines, sizeof(lines), &size, "name", e->name) ||
	    !hello_add_line(lines, sizeof(lines), &size, "pool", e->pool_name) ||
	    !hello_add_line(lines, sizeof(lines), &size, "call_timeout_ms", timeout))
		size = 0;
	h.version_min = h.version_max = version;
	h.lines = lines;
	h.lines_size = size;
	size = hello_write(payload, sizeof(payload), &h);
	link_send(&c->link,
		  &(struct frame){.type = FRAME_WELCOME, .body = payload, .body_size = (uint32_t)size});
	link_send(&c->link, &(struct frame){.type = FRAME_SLOTS, .arg = BROOD_CLIENT_SLOTS});
}

static bool refuse_version(struct client *c, const struct hello *peer)
{
	char text[120];

	snprintf(text, sizeof(text), "this brood speaks versions %u..%u, the client %u..%u",
		 BROOD_VERSION_MIN, BROOD_VERSION_MAX, peer->version_min, peer->version_max);
	link_goaway(&c->link, REASON_VERSION, text);
	snprintf(c->link.problem, sizeof(c->link.problem), "%s", text);
	c->link.is_ended = true;
	ended(&c->link, LINK_BROKEN);
	return false;
}

static bool receive_hello(struct client *c, const struct frame *f)
{
	struct hello own = own_hello(c);
	struct hello peer;
	struct hello agreed;

	if (f->type != FRAME_HELLO)
		return break_off(c, "not a handshake");
	switch (hello_read(f->body, f->body_size, &peer)) {
	case HELLO_OK:
		break;
	case HELLO_NOT_BROOD:
	case HELLO_MALFORMED:
	case HELLO_NO_VERSION:
	case HELLO_NO_FEATURE:
		return break_off(c, "malformed handshake");
	}
	if (hello_agree(&own, &peer, &agreed) != HELLO_OK)
		return refuse_version(c, &peer);
	link_agree(&c->link, &agreed);
	uv_timer_stop(&c->greeting);
	c->stage = CLIENT_OPEN;
	send_welcome(c, agreed.version_max);
	return true;
}

static void on_greeting_late(uv_timer_t *timer)
{
	struct client *c = timer->data;

	log_say(&c->s->log, "%s: client uid %u pid %u said no HELLO within handshake_timeout",
		endpoint_of(c)->name, c->peer.uid, c->peer.pid);
	link_goaway(&c->link, REASON_DEADLINE, "no HELLO within handshake_timeout");
	link_flush(&c->link);
	client_close(c);
}

/* ----------------------------------------------------------------- requests */

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

static void accept_request(struct client *c, struct message *m)
{
	struct supervisor *s = c->s;
	struct frame *f = &m->frame;
	uint32_t number;

	strip_head(f, m->memory);
	number = request_put(&s->requests, m, &c->peer);
	if (number == REQUEST_NONE) {
		answer_now(c, f->id, REASON_INTERNAL, "no memory for the request");
		message_free(m);
		return;
	}
	loop_give(s, (struct event){
			     .kind = FLEET_CALL,
			     .client = c->number,
			     .id = f->id,
			     .pool = endpoint_of(c)->pool,
			     .body = number,
			     .size = f->body_size + f->head_size,
			     .idempotent = (f->flags & FLAG_IDEMPOTENT) != 0,
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

	snprintf(text, sizeof(text), "requests under way hold %zu bytes, max_partial is %llu",
		 c->s->partial_bytes, (unsigned long long)c->s->spec->brood.max_partial.bytes);
	answer_now(c, id, REASON_OVERLOADED, text);
}

/* Every client may bring one message in pieces; beyond that all share max_partial. */
static size_t room_for_partial(const struct client *c)
{
	uint64_t most = c->s->spec->brood.max_partial.bytes;
	uint64_t others = c->s->partial_bytes - c->assembly.held;

	return most > others ? (size_t)(most - others) : 0;
}

static bool add_to_request(struct client *c, const struct frame *f)
{
	struct message *m = NULL;
	size_t held = c->assembly.held;
	enum assembly_result result;

	c->assembly.max_held = room_for_partial(c);
	result = assembly_add(&c->assembly, f, &m);
	c->s->partial_bytes += c->assembly.held - held;
	switch (result) {
	case ASSEMBLY_WHOLE:
		accept_request(c, m);
		break;
	case ASSEMBLY_PART:
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
		return break_off(c, "a message that contradicts itself");
	}
	return true;
}

static void return_credit(struct client *c, const struct frame *f)
{
	struct frame window = {.type = FRAME_WINDOW, .arg = f->body_size};

	if (f->body_size == 0 || (f->type == FRAME_CALL && f->flags & FLAG_EOM))
		return;
	link_send(&c->link, &window);
	if (f->flags & FLAG_EOS || !assembly_has(&c->assembly, f->id))
		return;
	window.id = f->id;
	link_send(&c->link, &window);
}

/* Ids are odd and count up, so that none is ever open twice. */
static bool receive_call(struct client *c, const struct frame *f)
{
	if (f->id % 2 == 0 || (int32_t)(f->id - c->last_id) <= 0)
		return break_off(c, "id of a call is even or not above the last");
	c->last_id = f->id;
	if (f->nfds > 0 || f->unknown_required) {
		answer_now(c, f->id, f->nfds > 0 ? REASON_FD_REFUSED : REASON_UNSUPPORTED, NULL);
		return true;
	}
	if (!add_to_request(c, f))
		return false;
	return_credit(c, f);
	return true;
}

static bool receive_data(struct client *c, const struct frame *f)
{
	if ((int32_t)(f->id - c->last_id) > 0)
		return break_off(c, "DATA for a call that was never opened");
	if (!add_to_request(c, f))
		return false;
	return_credit(c, f);
	return true;
}

static void receive_cancel(struct client *c, uint32_t id)
{
	size_t held = c->assembly.held;

	if (assembly_drop(&c->assembly, id)) {
		c->s->partial_bytes -= held - c->assembly.held;
		answer_now(c, id, REASON_CANCELLED, NULL);
		return;
	}
	loop_give(c->s, (struct event){.kind = FLEET_CANCEL, .client = c->number, .id = id});
}

static void receive_notify(struct client *c, const struct frame *f)
{
	c->has_notified = true;
	c->s->at_hand = f;
	loop_give(c->s, (struct event){.kind = FLEET_NOTIFY, .pool = endpoint_of(c)->pool});
	c->s->at_hand = NULL;
}

static void receive_flush(struct client *c, uint32_t cookie)
{
	bool asks = c->has_notified;

	c->has_notified = false;
	if (asks)
		barrier_start(c->s, c, cookie);
	else
		client_flushed(c, cookie);
}

static bool receive_unknown(struct client *c, const struct frame *f)
{
	if (!(f->flags & FLAG_IGNORABLE) && f->id != 0)
		answer_now(c, f->id, REASON_UNSUPPORTED, NULL);
	return true;
}

static bool receive(struct link *l, const struct frame *f)
{
	struct client *c = client_of(l);

	if (c->stage == CLIENT_GREETING)
		return receive_hello(c, f);
	switch (f->type) {
	case FRAME_CALL:
		return receive_call(c, f);
	case FRAME_DATA:
		return receive_data(c, f);
	case FRAME_CANCEL:
		receive_cancel(c, f->id);
		break;
	case FRAME_NOTIFY:
		receive_notify(c, f);
		break;
	case FRAME_FLUSH:
		receive_flush(c, f->arg);
		break;
	case FRAME_PING:
		link_send(l, &(struct frame){.type = FRAME_PONG, .arg = f->arg});
		break;
	case FRAME_WINDOW:
		if (!link_credit(l, f->id, f->arg))
			return break_off(c, "more credit than can be");
		break;
	case FRAME_HELLO:
	case FRAME_WELCOME:
		return break_off(c, "a second handshake");
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

static bool receive_too_large(struct link *l, const struct frame *f)
{
	struct client *c = client_of(l);
	char text[96];

	snprintf(text, sizeof(text), "frame %llu > max_frame %u", (unsigned long long)f->length,
		 l->decoder.max_frame);
	if (c->stage == CLIENT_GREETING || f->type != FRAME_CALL)
		return break_off(c, text);
	if (f->id % 2 == 0 || (int32_t)(f->id - c->last_id) <= 0)
		return break_off(c, "id of a call is even or not above the last");
	c->last_id = f->id;
	answer_now(c, f->id, REASON_TOO_LARGE, text);
	return true;
}

static const struct link_owner owner = {receive, receive_too_large, ended, flushed};

/* ------------------------------------------------------------------ outward */

/* The frame at hand as this client is to see it. */
static struct frame translated(const struct frame *f, uint8_t type, uint32_t id)
{
	return (struct frame){
		.type = type,
		.flags = f->flags & (FLAG_EOM | FLAG_EOS | FLAG_NOT_PROCESSED),
		.id = id,
		.arg = type == FRAME_REPLY ? f->arg : 0,
		.words = f->words & 1u << WORD_LENGTH,
		.length = f->length,
		.head = f->head,
		.head_size = f->head_size,
		.body = f->body,
		.body_size = f->body_size,
	};
}

void client_forward(struct client *c, uint32_t id)
{
	struct frame f = translated(c->s->at_hand, FRAME_REPLY, id);

	f.flags |= FLAG_EOS;
	link_send_message(&c->link, &f, NULL, NULL);
}

/* A chunk on its way to a client; when it has gone, the worker may send more. */
struct parcel {
	struct supervisor *s;
	uint32_t worker;
	uint32_t generation;
	uint32_t wire_id;
	uint32_t size;
	uint8_t bytes[];
};

static void deliver_credit(void *owner_of_parcel)
{
	struct parcel *p = owner_of_parcel;
	struct instance *i = &p->s->instances[p->worker];

	if (i->is_active && i->generation == p->generation)
		channel_credit(i, p->wire_id, p->size);
	free(p);
}

void client_forward_part(struct client *c, uint32_t id)
{
	const struct frame *f = c->s->at_hand;
	struct frame out = translated(f, FRAME_DATA, id);
	struct parcel *p = malloc(sizeof(*p) + f->body_size);

	if (!p) {
		client_close(c);
		return;
	}
	*p = (struct parcel){c->s, c->s->at_hand_from->index, c->s->at_hand_from->generation, f->id,
			     f->body_size};
	if (f->body_size > 0)
		memcpy(p->bytes, f->body, f->body_size);
	out.body = p->bytes;
	out.flags &= (uint8_t)~FLAG_EOS;
	c->s->at_hand_was_taken = true;
	link_send_message(&c->link, &out, deliver_credit, p);
}

void client_answer(struct client *c, uint32_t id, const struct answer *a)
{
	char text[ANSWER_TEXT];

	answer_text(a, &c->s->fleet, text, sizeof(text));
	link_answer(&c->link, id, frame_status_of(a->reason), a->not_processed, text);
}

void client_say_goodbye(struct client *c)
{
	link_goaway(&c->link, REASON_DRAINING, "brood is stopping");
}

void client_flushed(struct client *c, uint32_t cookie)
{
	link_send(&c->link, &(struct frame){.type = FRAME_FLUSHED, .arg = cookie});
}

/* The share of its user is used up: says so and closes. */
static void turn_away(struct client *c, uint32_t limit)
{
	char text[120];

	snprintf(text, sizeof(text), "uid %u has %u connections already, max_clients_per_uid is %u",
		 c->peer.uid, limit, limit);
	log_say(&c->s->log, "%s: refused a client: %s", endpoint_of(c)->name, text);
	link_goaway(&c->link, REASON_OVERLOADED, text);
	link_flush(&c->link);
	c->is_gone = true;
	uv_close((uv_handle_t *)&c->greeting, on_timer_closed);
	link_close(&c->link, on_link_closed);
}

static void init_client(struct client *c, struct supervisor *s, uint32_t endpoint, const struct peer *peer)
{
	const struct endpoint_spec *e = &s->spec->endpoints[endpoint];

	c->s = s;
	c->endpoint = endpoint;
	c->connection = ++s->next_connection;
	c->peer = (struct frame_peer){peer->uid, peer->gid, (uint32_t)peer->pid, c->connection};
	c->assembly.max_message = (uint32_t)e->max_message.bytes;
	uv_timer_init(&s->uv, &c->greeting);
	c->greeting.data = c;
	c->handles = 2;
}

void client_open(struct supervisor *s, uint32_t endpoint, int fd, const struct peer *peer)
{
	struct client *c = calloc(1, sizeof(*c));
	uint32_t number = client_number(s, 0, s->spec->brood.max_clients);
	int rc;

	if (!c || number == NONE) {
		free(c);
		close(fd);
		return;
	}
	init_client(c, s, endpoint, peer);
	c->number = number;
	rc = link_open(&c->link, s, &owner, c, fd, fd,
		        (uint32_t)s->spec->endpoints[endpoint].max_frame.bytes);
	s->was_admitted = false;
	s->refused_limit = 0;
	if (rc == 0)
		loop_give(s, (struct event){.kind = FLEET_CLIENT,
					    .client = number,
					    .endpoint = endpoint,
					    .number = peer->uid});
	if (rc < 0 || !s->was_admitted) {
		turn_away(c, s->refused_limit);
		return;
	}
	s->clients[number] = c;
	uv_timer_start(&c->greeting, on_greeting_late,
		       (uint64_t)s->spec->endpoints[endpoint].handshake_timeout.ms, 0);
}
