/*
 * fleet: from an event to the instance or pool that it is about, and what follows from it for others.
 *
 * Instances are crew's, operators command's. A step ends when no deadline is due any more.
 */
#include "fleet.h"

#include <assert.h>

#include "command.h"
#include "crew.h"
#include "handover.h"
#include "roster.h"
#include "size.h"
#include "reading.h"
#include "storage.h"
#include "stream.h"

static void init_pool(struct fleet *f, uint16_t index, uint32_t first)
{
	struct pool *p = &f->pools[index];
	uint32_t keys = f->spec->workers[index].order_keys;

	*p = (struct pool){
		.spec = &f->spec->workers[index],
		.index = index,
		.first_worker = first,
		.worker_capacity = roster_records_most(&f->spec->workers[index]),
		.seats = f->seats + first,
		.cells = f->cells,
		.affinity = {.bonds = f->bonds + f->bonds_given,
			     .buckets = f->buckets + f->buckets_given,
			     .capacity = keys,
			     .bucket_mask = affinity_buckets(keys) - 1,
			     .seed = f->random * 0x9e3779b97f4a7c15u + index,
			     .idle = CALL_LIST_EMPTY,
			     .held = CALL_LIST_EMPTY,
			     .adrift = CALL_LIST_EMPTY},
		.workers = f->workers,
		.ledger = &f->ledger,
		.suspects = f->suspects,
		.penalties = f->penalties,
		.queue = CALL_LIST_EMPTY,
		.shares = CALL_LIST_EMPTY,
		.retrials = CALL_LIST_EMPTY,
		.connections = {NONE, NONE},
		.alone = NONE,
		.alone_call = NONE,
	};
	f->bonds_given += keys;
	f->buckets_given += affinity_buckets(keys);
	slots_init(&p->slots, f->workers);
	roster_open(p);
	size_open(p);
}

void fleet_init(struct fleet *f, const struct config_spec *spec, void *storage, uint64_t seed)
{
	uint32_t first = 0;

	*f = (struct fleet){.spec = spec, .random = seed | 1, .elastic = NONE, .has_new_sizes = true};
	storage_assign(f, storage);
	f->ledger.deadlines = &f->deadlines;
	f->entrance.spec = &spec->brood;
	for (uint32_t i = 0; i < f->entrance.endpoint_count; i++)
		f->entrance.endpoints[i] = (struct endpoint){.spec = &spec->endpoints[i]};
	for (uint32_t i = 0; i < f->pool_count; i++) {
		init_pool(f, (uint16_t)i, first);
		first += f->pools[i].worker_capacity;
	}
}

/* ------------------------------------------------------------------ clients */

static struct pool *pool_of_call(struct fleet *f, uint32_t index)
{
	return &f->pools[f->ledger.table.calls[index].pool];
}

static void lose_client(struct fleet *f, uint32_t number)
{
	struct caller *client = &f->ledger.callers[number];

	if (handover_gone(f, number))
		return;
	client->pool = NONE; /* it is told nothing any more */
	reading_forget(&f->ledger, number);
	while (client->calls.first != NONE) {
		uint32_t index = client->calls.first;

		pool_lose(pool_of_call(f, index), index, POOL_CLIENT_GONE, f->now, f->out);
	}
	entrance_leave(&f->entrance, client, f->out);
}

static enum pool_loss loss_of(uint32_t reason)
{
	if (reason == REASON_UNSUPPORTED)
		return POOL_UNSUPPORTED;
	return reason == REASON_OVERLOADED ? POOL_NO_ROOM : POOL_CANCELLED;
}

/* Requests that have not come whole now never will. */
static void cut_client(struct fleet *f, uint32_t number)
{
	uint32_t index = f->ledger.callers[number].calls.first;

	while (index != NONE) {
		uint32_t next = f->ledger.table.calls[index].client_next;

		stream_cut(pool_of_call(f, index), index, f->now, f->out);
		index = next;
	}
}

/* Do all calls of this connection go to one instance? */
static bool is_sticky(const struct fleet *f, const struct caller *client)
{
	return client->endpoint != NONE &&
	       f->entrance.endpoints[client->endpoint].spec->dispatch == DISPATCH_STICKY;
}

static void call(struct fleet *f, const struct event *e)
{
	const struct caller *client = &f->ledger.callers[e->client];
	bool sticky = is_sticky(f, client);

	pool_call(&f->pools[e->pool],
		  &(struct pool_request){.client = e->client,
					 .id = e->id,
					 .body = e->body,
					 .size = e->size,
					 .reply_most = e->reply_most,
					 .timeout = e->timeout,
					 .idempotent = e->idempotent,
					 .key = e->key,
					 .order = sticky ? client->serial : e->order,
					 .is_sticky = sticky,
					 .goes_on = e->goes_on,
					 .takes_streams = e->takes_streams},
		  f->now, f->out);
}

static void client_event(struct fleet *f, const struct event *e)
{
	uint32_t index;

	switch ((int)e->kind) {
	case FLEET_CLIENT:
		entrance_knock(&f->entrance, &f->ledger.callers[e->client], e, f->out);
		handover_admitted(f, e->client);
		break;
	case FLEET_CLIENT_GONE:
		lose_client(f, e->client);
		break;
	case FLEET_CALL:
		call(f, e);
		break;
	case FLEET_CANCEL:
		index = ledger_find(&f->ledger, e->client, e->id);
		if (index != NONE)
			pool_lose(pool_of_call(f, index), index, loss_of(e->number), f->now, f->out);
		break;
	case FLEET_CLIENT_CUT:
		cut_client(f, e->client);
		break;
	case FLEET_REQUEST:
		index = ledger_find(&f->ledger, e->client, e->id);
		if (index != NONE)
			stream_request(pool_of_call(f, index), index,
				       &(struct stream_part){e->size, e->ends_message, e->ends_stream}, f->now,
				       f->out);
		break;
	case FLEET_READS:
		reading_changed(f, e);
		break;
	case FLEET_NOTIFY:
		pool_notify(&f->pools[e->pool], f->out);
		break;
	default:
		assert(false && "an event about a client");
	}
}

/* --------------------------------------------------------------------- time */

/* Either its client has waited long enough, or we have for a worker to give it back. */
static void expire_call(struct fleet *f, uint32_t index)
{
	const struct call *c = &f->ledger.table.calls[index];

	if (c->state == CALL_ORPHAN)
		crew_keeps(f, &f->workers[c->worker], c);
	else
		pool_lose(pool_of_call(f, index), index, POOL_EXPIRED, f->now, f->out);
}

static void expire(struct fleet *f)
{
	uint32_t owner;

	while (deadlines_take(&f->deadlines, f->now, &owner)) {
		if (owner < f->worker_count)
			crew_expire(f, &f->workers[owner]);
		else if (owner == f->worker_count)
			command_halt(f);
		else if (owner >= f->ledger.first_owner)
			expire_call(f, owner - f->ledger.first_owner);
	}
}

static void dispatch(struct fleet *f, const struct event *e)
{
	switch (e->kind) {
	case FLEET_START:
		command_start(f);
		break;
	case FLEET_TICK:
		break;
	case FLEET_SPAWNED:
	case FLEET_READY:
	case FLEET_SLOTS:
	case FLEET_LOST:
	case FLEET_UNSENT:
	case FLEET_STARTED:
	case FLEET_SUSPECT:
	case FLEET_EXIT:
	case FLEET_REPLY:
	case FLEET_PART:
	case FLEET_HEADERS:
	case FLEET_FLUSHED:
	case FLEET_REFUSED:
	case FLEET_CONN_END:
	case FLEET_CONN_UNSENT:
		crew_event(f, e);
		break;
	case FLEET_CLIENT:
	case FLEET_CLIENT_GONE:
	case FLEET_CLIENT_CUT:
	case FLEET_CALL:
	case FLEET_REQUEST:
	case FLEET_CANCEL:
	case FLEET_NOTIFY:
	case FLEET_READS:
		client_event(f, e);
		break;
	case FLEET_COMMAND:
		command_take(f, e);
		break;
	case FLEET_RELEASE:
		(void)suspects_release(f->suspects, e->key);
		break;
	case FLEET_SHUTDOWN:
		command_shut_down(f);
		break;
	case FLEET_HALT:
		command_halt(f);
		break;
	}
}

/* Workers that drain, and waited only for answers to calls of their own. */
static void review_errands(struct fleet *f)
{
	uint32_t worker;

	while ((worker = errands_take(&f->ledger.errands)) != NONE)
		crew_errands_done(f, &f->workers[worker]);
}

void fleet_step(struct fleet *f, const struct event *e, struct actions *out)
{
	uint64_t before = f->serial;

	assert(!f->is_stepping);
	f->is_stepping = true;
	f->out = out;
	if (instant_is_before(f->now, e->now))
		f->now = e->now;
	dispatch(f, e);
	expire(f);
	review_errands(f);
	size_look(f);
	if (f->serial != before || e->kind == FLEET_COMMAND)
		command_end_jobs(f);
	command_finish(f);
	f->is_stepping = false;
}

struct instant fleet_next(const struct fleet *f)
{
	return deadlines_next(&f->deadlines);
}

uint32_t fleet_processes(const struct fleet *f)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < f->pool_count; i++)
		n += f->pools[i].seat_count;
	return n;
}

struct worker *fleet_worker(struct fleet *f, uint32_t pool, uint32_t instance)
{
	return roster_at(&f->pools[pool], instance);
}
