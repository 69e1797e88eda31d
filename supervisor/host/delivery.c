/*
 * delivery: see delivery.h. The bytes of a request are lent to the channel where that is worth it.
 */
#include "delivery.h"

#include "bodies.h"
#include "contract.h"
#include "fingerprint.h"
#include "instance.h"
#include "loop.h"
#include "page.h"
#include "passage.h"
#include "supervisor.h"

static void give(struct instance *i, enum event_kind kind, uint32_t id)
{
	loop_give(i->s, &(struct event){.kind = kind, .worker = i->index, .generation = i->generation, .id = id});
}

static void refuse(struct instance *i, uint32_t id, bool is_unreadable)
{
	loop_give(i->s, &(struct event){.kind = FLEET_REFUSED,
					.worker = i->index,
					.generation = i->generation,
					.id = id,
					.number = is_unreadable});
}

/* Does this worker understand such a request? */
static bool knows(const struct instance *i, const struct request *r)
{
	return !r->passage || i->link.agreed.features & FEATURE_STREAM;
}

/* Can it be given to this worker? Else the core is told why not. */
static bool prepare(struct instance *i, struct request *r, uint32_t id)
{
	bool is_shared = r->message->frame.flags & FLAG_MEMFD;
	bool takes = i->link.agreed.features & FEATURE_MEMFD;

	r->is_lent = false;
	r->end = UINT64_MAX; /* not sent */
	if (!i->has_channel) { /* its end is being settled, and what it had not begun was told before this */
		give(i, FLEET_UNSENT, id);
		return false;
	}
	if (link_is_cut(&i->link))
		return false; /* its end will tell */
	if (!knows(i, r)) {
		refuse(i, id, false);
		return false;
	}
	if (is_shared && !takes && bodies_fetch(r->message) < 0) {
		refuse(i, id, true);
		return false;
	}
	return true;
}

void delivery_send(struct instance *i, const struct action *a)
{
	struct request *r = request_at(&i->s->requests, a->body);
	bool is_ready = prepare(i, r, a->id);
	const struct frame *m = &r->message->frame;
	uint8_t ends = r->passage ? m->flags & FLAG_EOM : FLAG_EOM | FLAG_EOS;
	struct frame f = {
		.type = FRAME_CALL,
		.flags = (uint8_t)(ends | (m->flags & FLAG_MEMFD) | (a->idempotent ? FLAG_IDEMPOTENT : 0) |
				 (a->attempt > 1 ? FLAG_REDELIVERED : 0)),
		.id = a->id,
		.arg = m->arg,
		.words = 1u << WORD_DEADLINE | 1u << WORD_PEER | 1u << WORD_DELIVERY,
		.deadline_ms = a->left.ms < UINT32_MAX ? (uint32_t)a->left.ms : UINT32_MAX,
		.peer = r->peer,
		.attempt = a->attempt,
		.key = m->words & 1u << WORD_DELIVERY ? m->key : 0,
		.head = m->head,
		.head_size = m->head_size,
		.body = m->body,
		.body_size = m->body_size,
		.nfds = m->fds ? m->nfds : 0,
		.fds = m->fds,
	};

	if (!is_ready)
		return;
	r->is_lent = f.body_size >= OUTBOX_LEND_LEAST;
	if (r->is_lent)
		r->refs++;
	link_send_message(&i->link, &f, r->is_lent ? request_unref : NULL, r);
	r->end = i->link.outbox.added;
	if (r->passage)
		passage_send_kept(i, r, a->id);
}

void delivery_cancel(struct instance *i, const struct action *a)
{
	bool begun = true;

	if (flow_has(&i->link.flows, a->id))
		begun = flow_drop(&i->link.flows, a->id);
	if (begun)
		link_send(&i->link,
			  &(struct frame){.type = FRAME_CANCEL, .id = a->id, .arg = a->number});
	else /* the worker has seen nothing of it, so nobody else will give the slot back */
		give(i, FLEET_REPLY, a->id);
}

/* Was the whole request written into the channel? */
static bool is_sent(const struct instance *i, const struct request *r)
{
	return r->is_lent ? r->refs == 1 : r->end <= i->link.outbox.sent;
}

/*
 * May a handler have seen this call? A process that lives can still begin what it was sent, whatever it has told so
 * far.
 */
static bool may_have_begun(const struct instance *i, const struct call *c, const struct board *board)
{
	uint64_t features = i->link.agreed.features;

	if (!is_sent(i, request_at(&i->s->requests, c->body)))
		return false;
	if (!i->has_exited || c->is_started)
		return true;
	if (features & FEATURE_BOARD)
		return board_has_started(board, c->wire_id);
	return !(features & FEATURE_STARTED);
}

static void tell_suspect(struct instance *i, const struct call *c)
{
	const struct request *r = request_at(&i->s->requests, c->body);

	loop_give(i->s, &(struct event){.kind = FLEET_SUSPECT,
					.worker = i->index,
					.generation = i->generation,
					.id = c->wire_id,
					.key = fingerprint(&i->s->secret, &r->message->frame, r->peer.uid)});
}

void delivery_tell_unbegun(struct instance *i)
{
	const struct worker *w = instance_worker(i);
	const struct call_table *table = &i->s->fleet.ledger.table;
	struct board board = {0}; /* of which nothing is believed */

	if (w->generation != i->generation || w->in_flight == 0)
		return;
	if (i->board >= 0)
		(void)page_read(i->board, &board);
	for (uint32_t n = 0; n < WORKER_CELLS; n++) {
		const struct call *c;

		if (w->cells[n] == NONE)
			continue;
		c = &table->calls[w->cells[n]];
		if (!may_have_begun(i, c, &board))
			give(i, FLEET_UNSENT, c->wire_id);
		else if (w->spec->quarantine.ms > 0)
			tell_suspect(i, c);
	}
}
