/*
 * client: one connection's beginning and end, and what goes out on it.
 *
 * What comes in is greeting's, until the handshake is done, and intake's then.
 */
#include "client.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "answer.h"
#include "channel.h"
#include "contract.h"
#include "fds.h"
#include "greeting.h"
#include "instance.h"
#include "intake.h"
#include "loop.h"
#include "storage.h"
#include "supervisor.h"
#include "unread.h"

/* Bytes of answers, beside those that wait for credit; then nothing more is read from it. */
enum { UNREAD_MOST = 1 << 20 };

static struct client *client_of(struct link *l)
{
	return l->user;
}

const struct endpoint_spec *client_endpoint(const struct client *c)
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
	if (--c->handles > 0)
		return;
	partial_unref(c->s, c->user);
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
	partial_remove(c->s, c->user, c->assembly.held + c->frame_held);
	assembly_close(&c->assembly);
	uv_close((uv_handle_t *)&c->patience, on_timer_closed);
	link_close(&c->link, on_link_closed);
	loop_give(c->s, &gone);
}

static uint32_t open_calls(const struct client *c)
{
	return c->s->fleet.ledger.callers[c->number].open_calls;
}

/* Is anything still to be said to it? */
static bool is_owed(const struct client *c)
{
	return !link_is_cut(&c->link) && (open_calls(c) > 0 || c->barriers > 0 || link_waiting(&c->link) > 0);
}

/* Did the peer only close its own direction? Then it still wants its answers. */
static bool still_reads(const struct client *c)
{
	struct pollfd p = {.fd = c->link.in, .events = 0};

	return is_owed(c) && poll(&p, 1, 0) == 0;
}

/* One that only waited for its answers has them all. */
static void flushed(struct link *l)
{
	struct client *c = client_of(l);

	if (c->stage == CLIENT_HALF_CLOSED && !is_owed(c))
		client_close(c);
}

static void written(struct link *l)
{
	unread_written(client_of(l));
}

static void hung_up(struct link *l)
{
	client_close(client_of(l));
}

static void ended(struct link *l, enum link_end how)
{
	struct client *c = client_of(l);

	if (how != LINK_CLOSED)
		log_say_limited(&c->s->log, LOG_BROKEN, "%s: client uid %u pid %u: %s", client_endpoint(c)->name,
				c->peer.uid, c->peer.pid, link_problem(l));
	if (how == LINK_CLOSED && c->stage == CLIENT_OPEN && still_reads(c)) {
		c->stage = CLIENT_HALF_CLOSED;
		flow_uncork(&l->flows); /* it can give no credit any more */
		loop_mark(c->s, l);
		loop_give(c->s, &(struct event){.kind = FLEET_CLIENT_CUT, .client = c->number});
		return;
	}
	link_flush(l); /* a GOAWAY that says why */
	client_close(c);
}

bool client_end(struct client *c, enum frame_reason reason, const char *text)
{
	link_goaway(&c->link, reason, text);
	link_break(&c->link, text);
	return false;
}

bool client_break_off(struct client *c, const char *why)
{
	char text[120];

	snprintf(text, sizeof(text), "protocol error at byte %llu: %s",
		 (unsigned long long)frame_offset(&c->link.decoder), why);
	return client_end(c, REASON_PROTOCOL, text);
}

static bool receive(struct link *l, const struct frame *f)
{
	struct client *c = client_of(l);

	return c->stage == CLIENT_GREETING ? greeting_frame(c, f) : intake_frame(c, f);
}

static bool receive_too_large(struct link *l, const struct frame *f)
{
	return intake_too_large(client_of(l), f);
}

static bool holds(struct link *l, size_t bytes)
{
	return intake_holds(client_of(l), bytes);
}

static const struct link_owner owner = {receive, receive_too_large, ended, flushed, written, hung_up, holds};

/* ------------------------------------------------------------------ outward */

/* The frame at hand as this client is to see it. */
static struct frame translated(const struct frame *f, uint8_t type, uint32_t id)
{
	return (struct frame){
		.type = type,
		.flags = f->flags & (FLAG_EOM | FLAG_EOS | FLAG_MEMFD | FLAG_NOT_PROCESSED),
		.id = id,
		.arg = type == FRAME_REPLY ? f->arg : 0,
		.words = f->words & 1u << WORD_LENGTH,
		.length = f->length,
		.head = f->head,
		.head_size = f->head_size,
		.body = f->body,
		.body_size = f->body_size,
		.nfds = f->nfds,
		.fds = f->fds,
	};
}

void client_forward(struct client *c, uint32_t id)
{
	struct frame f = translated(c->s->at_hand, FRAME_REPLY, id);

	if (f.fds && !(c->link.agreed.features & FEATURE_FDS)) {
		link_answer(&c->link, id, frame_status_of(REASON_FD_REFUSED), false,
			    "the answer brings descriptors, which this client cannot take");
		return;
	}
	f.flags |= FLAG_EOS;
	link_send_message(&c->link, &f, NULL, NULL);
	unread_grew(c);
}

/* A chunk on its way to a client; when it has gone, the worker may send more. */
struct parcel {
	struct supervisor *s;
	uint32_t worker;
	uint32_t generation;
	uint32_t wire_id;
	uint32_t cost; /* credit */
	uint8_t bytes[];
};

static void deliver_credit(void *owner_of_parcel)
{
	struct parcel *p = owner_of_parcel;
	struct instance *i = &p->s->instances[p->worker];

	if (i->is_active && i->generation == p->generation)
		channel_credit(i, p->wire_id, p->cost);
	free(p);
}

/* Who reads need not be waited for: a worker gets its credit back at once, while less than a window waits here. */
static bool may_go_on(const struct client *c, uint32_t id, uint32_t cost)
{
	return c->reading == READING &&
	       flow_bytes(&c->link.flows, id) + cost + BROOD_REPLY_WINDOW <= BROOD_STREAM_WINDOW;
}

void client_forward_part(struct client *c, uint32_t id)
{
	const struct frame *f = c->s->at_hand;
	struct frame out = translated(f, f->type, id);
	struct parcel *p;

	if (f->type == FRAME_HEADERS) {
		link_send(&c->link, &out);
		return;
	}

	/* what it has credit for is what does not wait here */
	if (flow_bytes(&c->link.flows, id) + frame_cost(f) > BROOD_STREAM_WINDOW) {
		c->s->at_hand_is_too_much = true;
		return;
	}
	p = malloc(sizeof(*p) + f->body_size);
	if (!p) {
		client_close(c);
		return;
	}
	*p = (struct parcel){c->s, c->s->at_hand_from->index, c->s->at_hand_from->generation, f->id,
			     frame_cost(f)};
	if (f->body_size > 0)
		memcpy(p->bytes, f->body, f->body_size);
	out.body = p->bytes;
	out.flags &= (uint8_t)~FLAG_EOS;
	if (may_go_on(c, id, p->cost)) {
		channel_credit(c->s->at_hand_from, f->id, p->cost);
		p->cost = 0;
	}
	c->s->at_hand_was_taken = true;
	link_send_message(&c->link, &out, deliver_credit, p);
	unread_grew(c);
}

void client_answer(struct client *c, uint32_t id, const struct answer *a)
{
	char text[ANSWER_TEXT];

	answer_text(a, &c->s->fleet, text, sizeof(text));
	link_answer(&c->link, id, frame_status_of(a->reason), a->not_processed, text);
}

void client_allow(struct client *c, uint32_t calls)
{
	if (c->stage == CLIENT_OPEN)
		link_send(&c->link, &(struct frame){.type = FRAME_SLOTS, .arg = calls});
}

void client_say_goodbye(struct client *c)
{
	link_goaway(&c->link, REASON_DRAINING, "brood is stopping");
}

void client_flushed(struct client *c, uint32_t cookie)
{
	link_send(&c->link, &(struct frame){.type = FRAME_FLUSHED, .arg = cookie});
}

void client_let_go(struct supervisor *s, uint32_t worker)
{
	for (uint32_t i = 0; i < s->fleet.ledger.caller_count; i++) {
		struct client *c = s->clients[i];

		if (!c || c->held_by != worker)
			continue;
		c->held_by = NONE;
		link_pause(&c->link, false);
	}
}

/* Frees one that never was the core's. */
static void drop(struct client *c)
{
	c->is_gone = true;
	uv_close((uv_handle_t *)&c->patience, on_timer_closed);
	link_close(&c->link, on_link_closed);
}

/* The share of its user is used up: says so and closes. */
static void turn_away(struct client *c, uint32_t limit)
{
	char text[120];

	snprintf(text, sizeof(text), "uid %u has %u connections already, max_clients_per_uid is %u",
		 c->peer.uid, limit, limit);
	log_say_limited(&c->s->log, LOG_REFUSED, "%s: refused a client: %s", client_endpoint(c)->name, text);
	link_goaway(&c->link, REASON_OVERLOADED, text);
	link_flush(&c->link);
	drop(c);
}

static void init_client(struct client *c, struct supervisor *s, uint32_t endpoint, const struct peer *peer)
{
	const struct endpoint_spec *e = &s->spec->endpoints[endpoint];

	c->s = s;
	c->endpoint = endpoint;
	c->connection = ++s->next_connection;
	c->peer = (struct frame_peer){peer->uid, peer->gid, (uint32_t)peer->pid, c->connection};
	c->assembly.max_message = (uint32_t)e->max_message.bytes;
	c->assembly.spares = &s->spares;
	c->held_by = NONE;
	c->worker = NONE;
	uv_timer_init(&s->uv, &c->patience);
	c->patience.data = c;
	c->handles = 2;
}

/* Asks the core; true if it is in. */
static bool is_admitted(struct client *c)
{
	struct supervisor *s = c->s;

	s->was_admitted = false;
	s->refused_limit = 0;
	loop_give(s, &(struct event){.kind = FLEET_CLIENT,
				     .client = c->number,
				     .endpoint = c->endpoint,
				     .worker = c->worker,
				     .number = c->peer.uid});
	return s->was_admitted;
}

/* One with a number, and a link that is open; NULL: then the descriptor is closed. */
static struct client *make(struct supervisor *s, uint32_t number, uint32_t endpoint, int fd, const struct peer *peer)
{
	struct client *c = calloc(1, sizeof(*c));

	if (!c || number == NONE || (c->user = partial_user(s, peer->uid)) == NULL) {
		free(c);
		close(fd);
		return NULL;
	}
	init_client(c, s, endpoint, peer);
	c->number = number;
	if (link_open(&c->link, s, &owner, c, fd, fd, (uint32_t)client_endpoint(c)->max_frame.bytes) < 0) {
		log_say_limited(&s->log, LOG_SHORTAGE, "%s: cannot watch a client's connection",
				client_endpoint(c)->name);
		drop(c);
		return NULL;
	}
	c->link.pause_above = UNREAD_MOST;
	c->link.takes_fds = s->spec->workers[client_endpoint(c)->pool].fds > 0;
	(void)fds_admit(fd, c->link.takes_fds);
	return c;
}

static void let_in(struct client *c)
{
	if (is_admitted(c)) {
		c->s->clients[c->number] = c;
		greeting_await(c);
	} else {
		turn_away(c, c->s->refused_limit);
	}
}

void client_open(struct supervisor *s, uint32_t endpoint, int fd, const struct peer *peer)
{
	struct client *c = make(s, client_number(s, 0, s->spec->brood.max_clients), endpoint, fd, peer);

	if (c)
		let_in(c);
}

void client_open_of_worker(struct supervisor *s, uint32_t endpoint, int fd, const struct peer *peer, uint32_t worker)
{
	struct client *c = make(s, client_inner_number(s), endpoint, fd, peer);

	if (!c)
		return;
	c->worker = worker;
	c->link.only_from = peer->pid;
	let_in(c);
}

bool client_is_operators(const struct supervisor *s, uint32_t number)
{
	return number >= s->spec->brood.max_clients && number < storage_first_inner(s->spec);
}

uint32_t client_inner_number(struct supervisor *s)
{
	uint32_t first = storage_first_inner(s->spec);

	return client_number(s, first, s->fleet.ledger.caller_count - first);
}
