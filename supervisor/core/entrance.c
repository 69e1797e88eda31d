/* entrance: counting. */
#include "entrance.h"

#include <assert.h>

#include "contract.h"

/* Keys of the census: a user at one endpoint, a user at all. */
static uint64_t key_at(uint32_t endpoint, uint32_t uid)
{
	return (uint64_t)(endpoint + 1) << 32 | uid;
}

static uint64_t key_of(uint32_t uid)
{
	return uid;
}

/* The limit that one more connection of this user would break; 0: none. */
static uint32_t share_limit(const struct entrance *e, uint32_t endpoint, uint32_t uid)
{
	uint32_t here = e->endpoints[endpoint].spec->max_clients_per_uid;
	uint32_t all = e->spec->max_clients_per_uid;

	if (census_count(&e->census, key_at(endpoint, uid)) >= here)
		return here;
	return census_count(&e->census, key_of(uid)) >= all ? all : 0;
}

static void pause_if_full(struct entrance *e, uint32_t endpoint, struct actions *out)
{
	struct endpoint *p = &e->endpoints[endpoint];

	if (!p->is_paused && p->clients >= p->spec->max_clients) {
		p->is_paused = true;
		actions_add(out, &(struct action){.kind = ACTION_PAUSE, .endpoint = endpoint});
	}
	if (!e->is_paused && e->clients >= e->spec->max_clients) {
		e->is_paused = true;
		actions_add(out, &(struct action){.kind = ACTION_PAUSE, .endpoint = NONE});
	}
}

/* Connections of workers, and operators' calls, stand beside those that are limited here. */
static bool is_from_outside(const struct entrance *e, uint32_t endpoint)
{
	return endpoint != NONE && !e->endpoints[endpoint].spec->is_inner;
}

static struct caller fresh(const struct entrance *e, const struct event *knock)
{
	const struct endpoint_spec *spec = knock->endpoint == NONE ? NULL : e->endpoints[knock->endpoint].spec;

	return (struct caller){
		.is_open = true,
		.endpoint = knock->endpoint,
		.uid = knock->number,
		.serial = e->connections,
		.caller = spec && spec->is_inner ? knock->worker : NONE,
		.pool = spec ? spec->pool : NONE,
		.max_unread = spec ? spec->max_unread.bytes : 0,
		.max_calls = spec ? spec->max_calls : BROOD_CLIENT_SLOTS,
		.allowed = spec ? spec->max_calls : BROOD_CLIENT_SLOTS,
		.calls = CALL_LIST_EMPTY,
		.lanes = NONE,
		.share = NONE,
		.worker = NONE,
		.next_waiting = NONE,
	};
}

void entrance_knock(struct entrance *e, struct caller *client, const struct event *knock, struct actions *out)
{
	uint32_t endpoint = knock->endpoint;
	uint32_t uid = knock->number;
	uint32_t limit = is_from_outside(e, endpoint) ? share_limit(e, endpoint, uid) : 0;

	assert(!client->is_open);
	if (limit > 0) {
		e->endpoints[endpoint].over_share++;
		actions_add(out, &(struct action){.kind = ACTION_REFUSE, .client = knock->client, .number = limit});
		return;
	}
	e->connections++;
	*client = fresh(e, knock);
	actions_add(out, &(struct action){.kind = ACTION_ADMIT, .client = knock->client});
	if (endpoint == NONE)
		return;
	e->endpoints[endpoint].admitted++;
	e->endpoints[endpoint].clients++;
	if (!is_from_outside(e, endpoint))
		return;
	census_add(&e->census, key_at(endpoint, uid));
	census_add(&e->census, key_of(uid));
	e->clients++;
	pause_if_full(e, endpoint, out);
}

void entrance_leave(struct entrance *e, struct caller *client, struct actions *out)
{
	uint32_t endpoint = client->endpoint;
	struct endpoint *p;

	assert(client->is_open && client->open_calls == 0);
	client->is_open = false;
	if (endpoint == NONE)
		return;
	p = &e->endpoints[endpoint];
	p->clients--;
	if (p->spec->is_inner)
		return;
	census_remove(&e->census, key_at(endpoint, client->uid));
	census_remove(&e->census, key_of(client->uid));
	e->clients--;
	if (p->is_paused) {
		p->is_paused = false;
		actions_add(out, &(struct action){.kind = ACTION_RESUME, .endpoint = endpoint});
	}
	if (e->is_paused) {
		e->is_paused = false;
		actions_add(out, &(struct action){.kind = ACTION_RESUME, .endpoint = NONE});
	}
}
