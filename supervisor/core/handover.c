/* handover: a queue for each pool through the callers, and a count for each worker. */
#include "handover.h"

#include "admission.h"
#include "fleet.h"

static struct caller *caller_at(struct fleet *f, uint32_t client)
{
	return &f->ledger.callers[client];
}

static void enqueue(struct fleet *f, struct pool *p, uint32_t client)
{
	struct caller_queue *q = &p->connections;

	caller_at(f, client)->worker = NONE;
	caller_at(f, client)->next_waiting = NONE;
	if (q->first == NONE)
		q->first = client;
	else
		caller_at(f, q->last)->next_waiting = client;
	q->last = client;
}

static uint32_t dequeue(struct fleet *f, struct pool *p)
{
	struct caller_queue *q = &p->connections;
	uint32_t client = q->first;

	q->first = caller_at(f, client)->next_waiting;
	return client;
}

/* The one that has fewest; NULL: nobody takes any now. One that drains or leaves takes none. */
static struct worker *pick(struct pool *p)
{
	struct worker *best = NULL;

	for (uint32_t i = 0; i < p->worker_count; i++) {
		struct worker *w = &p->workers[p->first_worker + i];

		if (w->state == WORKER_UP && !w->is_leaving && w->slots > 0 &&
		    (!best || w->connections < best->connections))
			best = w;
	}
	return best;
}

/* It is over for this client. `why` is said to it; NULL: nothing can be. */
static void drop(struct fleet *f, uint32_t client, const struct answer *why)
{
	actions_add(f->out, &(struct action){.kind = ACTION_DROP_CONNECTION, .client = client, .answer = why});
	entrance_leave(&f->entrance, caller_at(f, client), f->out);
}

static void turn_away_all(struct fleet *f, struct pool *p)
{
	struct answer why = admission_no_worker(p);

	if (p->is_stopping || p->is_closing)
		why.reason = REASON_DRAINING;
	while (p->connections.first != NONE)
		drop(f, dequeue(f, p), &why);
}

void handover_serve(struct fleet *f, struct pool *p)
{
	struct worker *w;

	while (p->connections.first != NONE && !p->is_stopping && (w = pick(p)) != NULL) {
		uint32_t client = dequeue(f, p);

		caller_at(f, client)->worker = w->index;
		w->connections++;
		w->was_given = true;
		actions_add(f->out, &(struct action){.kind = ACTION_HAND_OVER,
						     .client = client,
						     .worker = w->index,
						     .generation = w->generation});
	}
	if (p->connections.first != NONE && (p->is_stopping || !admission_has_prospect(p)))
		turn_away_all(f, p);
}

/* Is it a connection that is handed over? */
static bool is_meant(const struct fleet *f, const struct caller *c)
{
	return c->is_open && c->endpoint != NONE &&
	       f->entrance.endpoints[c->endpoint].spec->dispatch == DISPATCH_CONNECTION;
}

void handover_admitted(struct fleet *f, uint32_t client)
{
	const struct caller *c = caller_at(f, client);

	if (!is_meant(f, c))
		return;
	enqueue(f, &f->pools[c->pool], client);
	handover_serve(f, &f->pools[c->pool]);
}

/* What a worker says about connections that it does not have is not heard. */
static bool has(struct fleet *f, const struct worker *w, uint32_t client)
{
	return client < f->ledger.caller_count && caller_at(f, client)->is_open &&
	       caller_at(f, client)->worker == w->index;
}

void handover_event(struct fleet *f, struct worker *w, const struct event *e)
{
	struct pool *p = &f->pools[w->pool];

	if (!has(f, w, e->client))
		return;
	w->connections--;
	if (e->kind == FLEET_CONN_UNSENT) {
		enqueue(f, p, e->client);
		if (w->state != WORKER_UP)
			handover_serve(f, p); /* else it is served when the worker's end is settled */
		return;
	}
	caller_at(f, e->client)->worker = NONE;
	drop(f, e->client, NULL);
}

/* Out of the middle of the queue, where that is. */
static bool unqueue(struct fleet *f, struct pool *p, uint32_t client)
{
	uint32_t before = NONE;
	uint32_t at = p->connections.first;

	while (at != NONE && at != client) {
		before = at;
		at = caller_at(f, at)->next_waiting;
	}
	if (at == NONE)
		return false;
	if (before == NONE)
		p->connections.first = caller_at(f, client)->next_waiting;
	else
		caller_at(f, before)->next_waiting = caller_at(f, client)->next_waiting;
	if (p->connections.last == client)
		p->connections.last = before;
	return true;
}

bool handover_gone(struct fleet *f, uint32_t client)
{
	const struct caller *c = caller_at(f, client);

	if (!is_meant(f, c))
		return false;
	if (c->worker == NONE && unqueue(f, &f->pools[c->pool], client))
		drop(f, client, NULL);
	return true; /* else it is the worker's, which sees that itself */
}

void handover_settle(struct fleet *f, struct worker *w)
{
	for (uint32_t i = 0; w->connections > 0 && i < f->ledger.caller_count; i++) {
		if (!has(f, w, i))
			continue;
		w->connections--;
		drop(f, i, NULL);
	}
}
