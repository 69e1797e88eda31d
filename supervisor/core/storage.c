/* storage: one piece of memory, cut into the tables of a fleet. Sizes follow from the configuration alone. */
#include "storage.h"

#include "roster.h"

enum { OVERFLOW_ROOM = 1 << 18 }; /* calls */

/* A share of the storage; with base NULL it only counts. */
struct carver {
	char *base;
	size_t used;
};

static void *carve(struct carver *c, size_t count, size_t size)
{
	size_t at = (c->used + 15) & ~(size_t)15;

	c->used = at + count * size;
	return c->base ? c->base + at : NULL;
}

static uint32_t power_above(uint32_t n)
{
	uint32_t power = 16;

	while (power < n)
		power *= 2;
	return power;
}

static uint32_t count_workers(const struct config_spec *spec)
{
	uint32_t n = 0;

	for (size_t i = 0; i < spec->worker_count; i++)
		n += roster_records_most(&spec->workers[i]);
	return n;
}

/* Connections that workers may have to pools that they call. */
static uint32_t count_inner(const struct config_spec *spec)
{
	uint32_t n = 0;

	for (size_t i = 0; i < spec->worker_count; i++) {
		const struct worker_spec *w = &spec->workers[i];

		n += (uint32_t)w->calls.count * w->call_connections * roster_records_most(w);
	}
	return n;
}

uint32_t storage_first_inner(const struct config_spec *spec)
{
	return spec->brood.max_clients + FLEET_ADMIN_CLIENTS;
}

uint32_t storage_callers(const struct config_spec *spec)
{
	return storage_first_inner(spec) + count_inner(spec);
}

/* What clients may have open. */
static uint64_t count_open(const struct config_spec *spec)
{
	uint32_t most = BROOD_CLIENT_SLOTS;

	for (size_t i = 0; i < spec_entrances(spec); i++)
		most = spec->endpoints[i].max_calls > most ? spec->endpoints[i].max_calls : most;
	return (uint64_t)storage_callers(spec) * most;
}

/*
 * What all queues and all workers together can hold (see overflow.h); clients cannot bring more than they may have
 * open. Where they are only asked to pause, room for a reasonable number that comes all the same: none of it costs
 * anything before it is used.
 */
static uint32_t count_calls(const struct config_spec *spec)
{
	uint64_t held = 0;
	uint64_t brought = count_open(spec);
	bool pauses = false;

	for (size_t i = 0; i < spec->worker_count; i++) {
		const struct worker_spec *w = &spec->workers[i];

		held += 2 * (uint64_t)w->queue +
			(uint64_t)roster_records_most(w) * (w->slots ? w->slots : BROOD_MAX_SLOTS);
		pauses |= w->on_overflow == OVERFLOW_PAUSE;
	}
	held += pauses ? OVERFLOW_ROOM : 0;
	/* orphans: calls that a worker still has although their client was answered */
	brought += (uint64_t)count_workers(spec) * BROOD_MAX_SLOTS;
	return (uint32_t)(held < brought ? held : brought);
}

static size_t count_keys(const struct config_spec *spec)
{
	size_t n = 0;

	for (size_t i = 0; i < spec->worker_count; i++)
		n += spec->workers[i].order_keys;
	return n;
}

static size_t count_buckets(const struct config_spec *spec)
{
	size_t n = 0;

	for (size_t i = 0; i < spec->worker_count; i++)
		n += affinity_buckets(spec->workers[i].order_keys);
	return n;
}

static void layout(struct fleet *f, struct carver *c)
{
	const struct config_spec *spec = f->spec;
	uint32_t calls = count_calls(spec);
	uint32_t clients = storage_callers(spec);
	struct census *census = &f->entrance.census;

	f->worker_count = count_workers(spec);
	f->pool_count = (uint32_t)spec->worker_count;
	f->workers = carve(c, f->worker_count, sizeof(*f->workers));
	f->seats = carve(c, f->worker_count, sizeof(*f->seats));
	f->bonds = carve(c, count_keys(spec), sizeof(*f->bonds));
	f->buckets = carve(c, count_buckets(spec), sizeof(*f->buckets));
	f->pools = carve(c, f->pool_count, sizeof(*f->pools));
	f->entrance.endpoint_count = (uint32_t)spec_entrances(spec);
	f->entrance.endpoints = carve(c, spec_entrances(spec), sizeof(struct endpoint));
	census->capacity = power_above(4 * spec->brood.max_clients);
	census->entries = carve(c, census->capacity, sizeof(*census->entries));
	f->ledger.caller_count = clients;
	f->ledger.stalled = CALL_LIST_EMPTY;
	f->ledger.callers = carve(c, clients, sizeof(struct caller));
	f->ledger.errands.of = carve(c, f->worker_count, sizeof(struct errand));
	f->ledger.errands.first = NONE;
	f->ledger.table = (struct call_table){.capacity = calls, .free = NONE};
	f->ledger.table.calls = carve(c, calls, sizeof(struct call));
	f->ledger.turns = (struct turns){.shares_free = NONE, .lanes_free = NONE};
	f->ledger.turns.shares = carve(c, calls, sizeof(struct share));
	f->ledger.turns.lanes = carve(c, calls, sizeof(struct lane));
	f->ledger.first_owner = f->worker_count + 1 + f->pool_count;
	f->deadlines.owners = f->ledger.first_owner + calls;
	f->deadlines.heap = carve(c, f->deadlines.owners, sizeof(struct deadline));
	f->deadlines.places = carve(c, f->deadlines.owners, sizeof(uint32_t));
	f->jobs = carve(c, JOBS_MOST, sizeof(struct job));
	f->suspects = carve(c, 1, sizeof(*f->suspects));
	f->penalties = carve(c, 1, sizeof(*f->penalties));
	f->cells = carve(c, (size_t)f->worker_count * WORKER_CELLS, sizeof(uint32_t));
}

size_t storage_needed(const struct config_spec *spec)
{
	struct fleet probe = {.spec = spec};
	struct carver c = {0};

	layout(&probe, &c);
	return c.used;
}

void storage_assign(struct fleet *f, void *storage)
{
	struct carver c = {.base = storage};

	layout(f, &c);
}
