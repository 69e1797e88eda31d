/* herd: see herd.h. */
#include "herd.h"

#include <stdlib.h>

#include "storage.h"

void herd_describe(struct herd *h)
{
	static const char *const names[HERD_POOLS] = {"one", "two", "idle"};

	*h = (struct herd){.endpoint = {.name = "app", .max_clients = 4, .max_clients_per_uid = 4, .max_calls = 256}};
	for (uint32_t i = 0; i < HERD_POOLS; i++)
		h->workers[i] = (struct worker_spec){
			.name = names[i],
			.instances = {i == 1 ? 2 : 1, i == 1 ? 2 : 1},
			.scale_limit = 1,
			.autostart = i < 2,
			.ready = {.kind = READY_CHANNEL},
			.start_timeout = {30000},
			.stop_signal = 15,
			.stop_timeout = {10000},
			.queue = 1024,
			.queue_bytes = {1 << 20},
			.call_timeout = {30000},
			.restart = {.delay = {250}, .delay_max = {30000}, .reset = {30000}},
		};
	h->spec = (struct config_spec){
		.brood = {.max_clients = 4, .max_clients_per_uid = 4, .shutdown_timeout = {25000}},
		.workers = h->workers,
		.worker_count = HERD_POOLS,
		.endpoints = &h->endpoint,
		.endpoint_count = 1,
	};
}

void herd_open(struct herd *h)
{
	h->storage = calloc(1, storage_needed(&h->spec));
	if (!h->storage)
		abort();
	fleet_init(&h->fleet, &h->spec, h->storage, 1);
}

void herd_close(struct herd *h)
{
	free(h->storage);
}

static void keep(void *user, const struct action *a)
{
	struct herd *h = user;

	if (h->count == HERD_ACTIONS)
		abort();
	if (a->answer)
		h->answers[h->count] = *a->answer;
	h->actions[h->count] = *a;
	h->actions[h->count].answer = NULL;
	h->actions[h->count].trace = NULL;
	h->count++;
}

void herd_give(struct herd *h, int64_t ms, struct event e)
{
	struct actions out = {keep, h};

	h->count = 0;
	e.now.ms = ms;
	fleet_step(&h->fleet, &e, &out);
}

void herd_start(struct herd *h, uint32_t slots)
{
	herd_give(h, 0, (struct event){.kind = FLEET_START});
	for (uint32_t i = 0; i < h->fleet.worker_count; i++)
		herd_give(h, 0,
			  (struct event){.kind = FLEET_SLOTS,
					 .worker = i,
					 .generation = h->fleet.workers[i].generation,
					 .number = slots});
}

void herd_call(struct herd *h, uint32_t client, uint32_t id, uint32_t pool)
{
	int64_t now = h->fleet.now.ms;

	if (!h->fleet.ledger.callers[client].is_open)
		herd_give(h, now,
			  (struct event){.kind = FLEET_CLIENT, .client = client, .endpoint = NONE});
	herd_give(h, now,
		  (struct event){.kind = FLEET_CALL,
				 .client = client,
				 .id = id,
				 .pool = pool,
				 .body = id,
				 .size = 1});
}

const struct action *herd_first(const struct herd *h, enum action_kind kind)
{
	for (uint32_t i = 0; i < h->count; i++) {
		if (h->actions[i].kind == kind)
			return &h->actions[i];
	}
	return NULL;
}

uint32_t herd_count(const struct herd *h, enum action_kind kind)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < h->count; i++)
		count += h->actions[i].kind == kind;
	return count;
}

const struct answer *herd_answer(const struct herd *h, const struct action *a)
{
	return &h->answers[a - h->actions];
}
