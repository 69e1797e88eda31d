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

void entrance_knock(struct entrance *e, struct caller *client, uint32_t number, uint32_t endpoint,
		    uint32_t uid, struct actions *out)
{
	uint32_t limit = endpoint == NONE ? 0 : share_limit(e, endpoint, uid);

	assert(!client->is_open);
	if (limit > 0) {
		e->endpoints[endpoint].over_share++;
		actions_add(out, &(struct action){.kind = ACTION_REFUSE, .client = number, .number = limit});
		return;
	}
	*client = (struct caller){
		.is_open = true,
		.endpoint = endpoint,
		.uid = uid,
		.serial = ++e->connections,
		.pool = endpoint == NONE ? NONE : e->endpoints[endpoint].spec->pool,
		.max_unread = endpoint == NONE ? 0 : e->endpoints[endpoint].spec->max_unread.bytes,
		.max_calls = endpoint == NONE ? BROOD_CLIENT_SLOTS : e->endpoints[endpoint].spec->max_calls,
		.calls = CALL_LIST_EMPTY,
		.lanes = NONE,
		.share = NONE,
		.worker = NONE,
		.next_waiting = NONE,
	};
	client->allowed = client->max_calls;
	actions_add(out, &(struct action){.kind = ACTION_ADMIT, .client = number});
	if (endpoint == NONE)
		return;
	census_add(&e->census, key_at(endpoint, uid));
	census_add(&e->census, key_of(uid));
	e->endpoints[endpoint].admitted++;
	e->endpoints[endpoint].clients++;
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
	census_remove(&e->census, key_at(endpoint, client->uid));
	census_remove(&e->census, key_of(client->uid));
	p->clients--;
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
