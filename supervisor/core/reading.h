/*
 * reading: clients that do not read what is sent to them.
 *
 * Their calls have no turn (turns). One that has read nothing for a while is stalled: what it has in the hands of
 * workers stays there until it is due, but not where others wait for a slot; then those answers of which something has
 * come already are given up, and their slots are free.
 */
#ifndef BROOD_READING_H
#define BROOD_READING_H

#include "ledger.h"
#include "pool.h"

struct fleet;

/* Do this client's calls have to wait until it has read? */
static inline bool reading_is_held(const struct caller *client)
{
	return client->reading != READING || client->is_stalled;
}

/* FLEET_READS. */
void reading_changed(struct fleet *f, const struct event *e);
/* A stalled client is gone. */
void reading_forget(struct ledger *l, uint32_t client);
/* Others wait for slots of this pool. */
void reading_yield(struct pool *p, struct instant now, struct actions *out);

#endif
