/*
 * penalty: users whose calls have killed workers wait before they may call again.
 *
 * A death counts against a user if all that handlers may have had in hand was that user's: crash_penalty after the
 * first, twice that after the next, 5 minutes at most; forgotten after 5 minutes without one. root and brood's own user
 * are never made to wait.
 */
#ifndef BROOD_PENALTY_H
#define BROOD_PENALTY_H

#include <stdint.h>

#include "instant.h"

enum { PENALTIES_MOST = 128, PENALTY_MOST_MS = 5 * 60 * 1000 };

struct penalty {
	uint32_t uid;
	uint32_t deaths;
	struct instant until;
};

struct penalties {
	struct penalty entries[PENALTIES_MOST]; /* in no order */
	uint32_t count;
	uint32_t own_uid; /* brood's */
};

/* A worker died of a call of this user. */
void penalty_add(struct penalties *p, uint32_t uid, struct duration least, struct instant now);
/* How long this user still waits; 0: not. deaths_out: of how many workers. */
struct duration penalty_left(const struct penalties *p, uint32_t uid, struct instant now, uint32_t *deaths_out);

#endif
