/* transfer: see transfer.h. Which worker gets a connection is the core's business (core/handover). */
#include "transfer.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "answer.h"
#include "client.h"
#include "contract.h"
#include "fds.h"
#include "fdsend.h"
#include "head.h"
#include "instance.h"
#include "loop.h"
#include "storage.h"
#include "supervisor.h"

struct transfer {
	struct transfer *next; /* of those that the same instance has been sent, and has not taken */
	struct transfer **at;  /* what points to it there; NULL: it stands in no such list */
	struct supervisor *s;
	uint32_t number; /* the core's, of the client */
	uint32_t endpoint;
	uint32_t caller; /* the worker whose connection it is; NONE: somebody's from outside */
	struct frame_peer peer;
	struct fds *socket; /* NULL once it is the worker's alone: from then on nobody else can have it */
	uint32_t worker;    /* NONE: it waits for one */
	uint32_t generation;
	uint64_t end; /* of CONN, an offset of the outbox */
};

static const struct endpoint_spec *spec_of(const struct transfer *t)
{
	return &t->s->spec->endpoints[t->endpoint];
}

bool transfer_is_wanted(const struct config_spec *spec, uint16_t pool)
{
	for (size_t i = 0; i < spec_entrances(spec); i++) {
		if (spec->endpoints[i].pool == pool && spec->endpoints[i].dispatch == DISPATCH_CONNECTION)
			return true;
	}
	return false;
}

/* Says why, as far as that can be written at once; the socket is empty, so it can. */
static void say(const struct transfer *t, enum frame_reason reason, const char *text)
{
	uint8_t block[512];
	struct head_writer w = {.block = block, .capacity = sizeof(block)};
	bool fits = head_add_text(&w, ":error", text);
	struct frame f = {
		.type = FRAME_GOAWAY, .arg = reason, .head = block, .head_size = fits ? (uint32_t)w.size : 0};
	struct outbox o = {.first = NULL};
	struct iovec vector[1];
	size_t count;

	if (outbox_frame(&o, &f))
		(void)!fd_send(&o, fds_numbers(t->socket, &count)[0], vector, 1);
	outbox_close(&o);
}

static void join_list(struct transfer *t, struct instance *i)
{
	t->next = i->transfers;
	t->at = &i->transfers;
	if (t->next)
		t->next->at = &t->next;
	i->transfers = t;
}

static void leave_list(struct transfer *t)
{
	if (!t->at)
		return;
	*t->at = t->next;
	if (t->next)
		t->next->at = t->at;
	t->at = NULL;
}

static void let_go(struct transfer *t)
{
	leave_list(t);
	fds_unref(t->socket);
	t->socket = NULL;
}

static void free_transfer(struct transfer *t)
{
	let_go(t);
	t->s->transfers[t->number] = NULL;
	free(t);
}

static void turn_away(struct transfer *t, uint32_t limit)
{
	char text[120];

	snprintf(text, sizeof(text), "uid %u has %u connections already, max_clients_per_uid is %u", t->peer.uid, limit,
		 limit);
	log_say_limited(&t->s->log, LOG_REFUSED, "%s: refused a client: %s", spec_of(t)->name, text);
	say(t, REASON_OVERLOADED, text);
	free_transfer(t);
}

static struct transfer *make(struct supervisor *s, uint32_t number, uint32_t endpoint, int fd, const struct peer *peer)
{
	struct transfer *t = number == NONE ? NULL : malloc(sizeof(*t));

	if (!t) {
		close(fd);
		return NULL;
	}
	*t = (struct transfer){.s = s, .number = number, .endpoint = endpoint, .caller = NONE, .worker = NONE};
	t->peer = (struct frame_peer){peer->uid, peer->gid, (uint32_t)peer->pid, ++s->next_connection};
	t->socket = fds_new(&fd, 1);
	if (!t->socket) {
		free(t);
		return NULL;
	}
	s->transfers[number] = t;
	return t;
}

static void let_in(struct transfer *t)
{
	struct supervisor *s = t->s;

	s->was_admitted = false;
	s->refused_limit = 0;
	loop_give(s, &(struct event){.kind = FLEET_CLIENT,
				     .client = t->number,
				     .endpoint = t->endpoint,
				     .worker = t->caller,
				     .number = t->peer.uid});
	if (!s->was_admitted)
		turn_away(t, s->refused_limit); /* else it may be over already */
}

void transfer_open(struct supervisor *s, uint32_t endpoint, int fd, const struct peer *peer)
{
	struct transfer *t = make(s, client_number(s, 0, s->spec->brood.max_clients), endpoint, fd, peer);

	if (t)
		let_in(t);
	else
		log_say_limited(&s->log, LOG_SHORTAGE, "%s: no memory for a client", s->spec->endpoints[endpoint].name);
}

void transfer_open_of_worker(struct supervisor *s, uint32_t endpoint, int fd, const struct peer *peer, uint32_t worker)
{
	struct transfer *t = make(s, client_inner_number(s), endpoint, fd, peer);

	if (!t)
		return;
	t->caller = worker;
	let_in(t);
}

void transfer_caller_gone(struct supervisor *s, uint32_t worker)
{
	uint32_t count = s->fleet.ledger.caller_count;

	/* of those that wait for an instance nobody else would tell; the others see the end themselves */
	for (uint32_t n = storage_first_inner(s->spec); n < count; n++) {
		if (s->transfers[n] && s->transfers[n]->caller == worker)
			loop_give(s, &(struct event){.kind = FLEET_CLIENT_GONE, .client = n});
	}
}

/* CONN: whose connection it is, what it may send, and how long a call may take that names no deadline. */
static void send_conn(struct transfer *t, struct instance *i)
{
	const struct endpoint_spec *e = spec_of(t);
	uint8_t block[2 * SPEC_NAME_MOST + 64];
	struct head_writer w = {.block = block, .capacity = sizeof(block)};
	size_t count;
	struct frame f = {
		.type = FRAME_CONN,
		.id = t->number + 1,
		.arg = (uint32_t)instance_worker(i)->spec->call_timeout.ms,
		.words = 1u << WORD_PEER | 1u << WORD_LENGTH,
		.length = e->max_message.bytes,
		.peer = t->peer,
		.nfds = 1,
		.fds = t->socket,
		.head = block,
	};

	if (head_add_text(&w, ":endpoint", e->name) && head_add_text(&w, ":pool", e->pool_name))
		f.head_size = (uint32_t)w.size;
	(void)fds_admit(fds_numbers(t->socket, &count)[0], true); /* from now on the worker says what it takes */
	link_send(&i->link, &f);
	t->end = i->link.outbox.added;
}

static void tell_unsent(struct transfer *t)
{
	uint32_t worker = t->worker;

	leave_list(t);
	t->worker = NONE;
	loop_give(t->s, &(struct event){.kind = FLEET_CONN_UNSENT,
					.worker = worker,
					.generation = t->generation,
					.client = t->number});
}

void transfer_send(struct supervisor *s, const struct action *a)
{
	struct transfer *t = s->transfers[a->client];
	struct instance *i = &s->instances[a->worker];

	t->worker = a->worker;
	t->generation = a->generation;
	if (!instance_of(s, a) || !i->has_channel || link_is_cut(&i->link)) {
		tell_unsent(t);
		return;
	}
	send_conn(t, i);
	join_list(t, i);
}

void transfer_drop(struct supervisor *s, const struct action *a)
{
	struct transfer *t = s->transfers[a->client];
	char text[ANSWER_TEXT];

	if (a->answer) {
		answer_text(a->answer, &s->fleet, text, sizeof(text));
		say(t, a->answer->reason, text);
	}
	free_transfer(t);
}

/* One that does not say when it begins to read a connection may have begun when it has got it. */
static bool tells(const struct instance *i)
{
	return i->link.agreed.features & FEATURE_TAKEN;
}

static bool is_written(const struct transfer *t, const struct instance *i)
{
	return t->end <= i->link.outbox.sent;
}

void transfer_written(struct instance *i)
{
	struct transfer *next;

	for (struct transfer *t = tells(i) ? NULL : i->transfers; t; t = next) {
		next = t->next;
		if (is_written(t, i))
			let_go(t);
	}
}

/* A worker speaks only about what it has been handed. */
static struct transfer *find(const struct instance *i, uint32_t id)
{
	struct supervisor *s = i->s;
	struct transfer *t = id > 0 && id <= s->fleet.ledger.caller_count ? s->transfers[id - 1] : NULL;

	return t && t->worker == i->index && t->generation == i->generation ? t : NULL;
}

void transfer_taken(struct instance *i, uint32_t id)
{
	struct transfer *t = find(i, id);

	if (t && tells(i))
		let_go(t);
}

void transfer_ended(struct instance *i, uint32_t id, uint32_t how)
{
	struct transfer *t = find(i, id);

	if (!t)
		return;
	/* only one that ends gives something back: else it might get it again at once */
	if (how == BROOD_CONN_UNTOUCHED && t->at && instance_worker(i)->state != WORKER_UP) {
		tell_unsent(t);
		return;
	}
	loop_give(i->s, &(struct event){.kind = FLEET_CONN_END,
				       .worker = i->index,
				       .generation = i->generation,
				       .client = t->number});
}

void transfer_tell_unsent(struct instance *i)
{
	struct transfer *next;

	transfer_written(i);
	for (struct transfer *t = i->transfers; t; t = next) {
		next = t->next;
		/* as long as it lives it may still find it in its channel, and begin */
		if (i->has_exited || !is_written(t, i))
			tell_unsent(t);
		else
			let_go(t);
	}
}

void transfer_close(struct supervisor *s)
{
	for (uint32_t n = 0; s->transfers && n < s->fleet.ledger.caller_count; n++) {
		if (s->transfers[n])
			free_transfer(s->transfers[n]);
	}
}
