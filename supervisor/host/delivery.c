/*
 * delivery: see delivery.h. The bytes of a request are lent to the channel where that is worth it.
 */
#include "delivery.h"

#include "contract.h"
#include "instance.h"
#include "loop.h"
#include "supervisor.h"

static void give(struct instance *i, enum event_kind kind, uint32_t id)
{
	loop_give(i->s, (struct event){.kind = kind, .worker = i->index, .generation = i->generation, .id = id});
}

void delivery_send(struct instance *i, const struct action *a)
{
	struct request *r = request_at(&i->s->requests, a->body);
	const struct frame *m = &r->message->frame;
	struct frame f = {
		.type = FRAME_CALL,
		.flags = (uint8_t)(FLAG_EOM | FLAG_EOS | (a->idempotent ? FLAG_IDEMPOTENT : 0)),
		.id = a->id,
		.arg = m->arg,
		.words = 1u << WORD_DEADLINE | 1u << WORD_PEER | 1u << WORD_DELIVERY,
		.deadline_ms = a->left.ms < UINT32_MAX ? (uint32_t)a->left.ms : UINT32_MAX,
		.peer = r->peer,
		.attempt = a->attempt,
		.head = m->head,
		.head_size = m->head_size,
		.body = m->body,
		.body_size = m->body_size,
		.nfds = m->fds ? m->nfds : 0,
		.fds = m->fds,
	};

	r->is_lent = f.body_size >= OUTBOX_LEND_LEAST;
	if (link_is_cut(&i->link)) {
		r->is_lent = false;
		r->end = UINT64_MAX; /* never sent */
		return;
	}
	if (r->is_lent)
		r->refs++;
	link_send_message(&i->link, &f, r->is_lent ? request_unref : NULL, r);
	r->end = i->link.outbox.added;
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

void delivery_tell_unsent(struct instance *i)
{
	const struct worker *w = instance_worker(i);
	const struct call_table *table = &i->s->fleet.ledger.table;

	if (w->generation != i->generation)
		return;
	for (uint32_t n = 0; n < WORKER_CELLS; n++) {
		const struct call *c;

		if (w->cells[n] == NONE)
			continue;
		c = &table->calls[w->cells[n]];
		if (!is_sent(i, request_at(&i->s->requests, c->body)))
			give(i, FLEET_UNSENT, c->wire_id);
	}
}
