/* reading: who is held back, and who has to yield. */
#include "reading.h"

#include "fleet.h"

static struct chain stalled_of(const struct ledger *l)
{
	return (struct chain){&l->callers->stalled_link, sizeof(*l->callers)};
}

static void set_stalled(struct ledger *l, uint32_t client, bool is_stalled)
{
	struct caller *c = &l->callers[client];

	if (c->is_stalled == is_stalled)
		return;
	c->is_stalled = is_stalled;
	if (is_stalled)
		chain_add_last(stalled_of(l), &l->stalled, client);
	else
		chain_remove(stalled_of(l), &l->stalled, client);
}

void reading_changed(struct fleet *f, const struct event *e)
{
	struct caller *client = &f->ledger.callers[e->client];
	bool was_held = reading_is_held(client);
	bool yields = e->is_stalled && !client->is_stalled;

	client->reading = (enum reading)e->number;
	set_stalled(&f->ledger, e->client, e->is_stalled);
	for (uint32_t i = 0; i < f->pool_count && (yields || was_held != reading_is_held(client)); i++) {
		turns_hold(&f->pools[i], e->client, reading_is_held(client));
		affinity_resume(&f->pools[i]);
		pool_serve(&f->pools[i], f->now, f->out);
	}
}

void reading_forget(struct ledger *l, uint32_t client)
{
	set_stalled(l, client, false);
}

static void yield(struct pool *p, const struct caller *client, struct instant now, struct actions *out)
{
	for (uint32_t i = client->calls.first; i != NONE;) {
		const struct call *c = &p->ledger->table.calls[i];
		uint32_t next = c->client_next;

		if (c->state == CALL_IN_FLIGHT && c->pool == p->index && c->is_answering)
			pool_give_up(p, i, POOL_STALLED, now, out);
		i = next;
	}
}

void reading_yield(struct pool *p, struct instant now, struct actions *out)
{
	const struct ledger *l = p->ledger;

	for (uint32_t i = l->stalled.first; i != NONE; i = l->callers[i].stalled_link.next)
		yield(p, &l->callers[i], now, out);
}
