/*
 * suspects: requests that workers have died of, by their key, and which of them are let in no more.
 *
 * A death is held against every request that a handler may have had in hand. Only one that was alone in hand is proved
 * guilty: when max_attempts deaths are held against it, it is in quarantine and refused. Before that, at one death
 * less, it is tried alone (see retrial); an answer clears it. So a harmless request that stood beside a killer is tried
 * alone once, and is free again.
 */
#ifndef BROOD_SUSPECTS_H
#define BROOD_SUSPECTS_H

#include <stdbool.h>
#include <stdint.h>

#include "instant.h"
#include "spec.h"

/* The oldest is forgotten for a new one. */
enum { SUSPECTS_MOST = 256 };

struct suspect {
	uint64_t key; /* of the request, as the host names it; never 0 */
	uint16_t pool;
	bool is_quarantined;
	uint32_t deaths;
	struct instant until; /* then it is forgotten */
};

struct suspects {
	struct suspect entries[SUSPECTS_MOST]; /* oldest first */
	uint32_t count;
	uint64_t forgotten; /* for want of room */
};

/* What is held against this request now; NULL: nothing. Forgets what is over. */
const struct suspect *suspects_find(struct suspects *s, uint16_t pool, uint64_t key, struct instant now);
/* A worker has died that may have had it in a handler, alone or not. True: it is in quarantine by that. */
bool suspects_accuse(struct suspects *s, uint16_t pool, uint64_t key, bool was_alone, const struct worker_spec *spec,
		     struct instant now);
/* It was answered. One in quarantine stays there. */
void suspects_clear(struct suspects *s, uint16_t pool, uint64_t key);
/* An operator lets one go, or (key 0) all; how many there were. */
uint32_t suspects_release(struct suspects *s, uint64_t key);

#endif
