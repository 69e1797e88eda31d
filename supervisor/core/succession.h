/*
 * succession: a new generation of an instance beside the old one (update = overlap).
 *
 * The heir is started, becomes ready, and only then gets the seat; the old one finishes what it has in hand and ends.
 * An heir that does not become ready ends, and nothing else has changed. Part of fleet.
 */
#ifndef BROOD_SUCCESSION_H
#define BROOD_SUCCESSION_H

#include "worker.h"

struct fleet;

/* Starts an heir beside this one, which is up. False: not now, there is a companion already or no record left. */
bool succession_begin(struct fleet *f, struct worker *member);
/* Will another generation take over when this one ends? */
bool succession_has_heir(const struct fleet *f, const struct worker *w);
/* After every event for a worker: what its new state means for its companion. */
void succession_follow(struct fleet *f, struct worker *w);

#endif
