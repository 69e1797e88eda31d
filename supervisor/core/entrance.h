/*
 * entrance: which connections come in. Limits per endpoint, per user, and for the whole instance.
 *
 * Who a client is was checked before (peer_is_admitted); here it only counts. At a limit of connections new
 * clients are left waiting in the backlog; one over its user's share is told so and closed.
 */
#ifndef BROOD_ENTRANCE_H
#define BROOD_ENTRANCE_H

#include "action.h"
#include "census.h"
#include "event.h"
#include "ledger.h"

struct endpoint {
	const struct endpoint_spec *spec;
	uint32_t clients;
	bool is_paused; /* at max_clients */
	uint64_t admitted;
	uint64_t over_share;
};

struct entrance {
	const struct brood_spec *spec;
	struct endpoint *endpoints;
	uint32_t endpoint_count;
	uint32_t clients; /* of all endpoints */
	uint64_t connections; /* that ever came in */
	bool is_paused;   /* at the instance's max_clients */
	struct census census;
};

/*
 * A client connected: ADMIT or REFUSE, and PAUSE where it was the last one that fits. One of a worker (at an inner
 * endpoint) counts with nobody from outside: those cannot lock it out.
 */
void entrance_knock(struct entrance *e, struct caller *client, const struct event *knock, struct actions *out);
/* A client that was admitted is gone. */
void entrance_leave(struct entrance *e, struct caller *client, struct actions *out);

#endif
