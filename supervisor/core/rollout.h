/*
 * rollout: a restart that goes from one instance to the next. At most so many at once, and no further after a failure.
 *
 * Part of fleet.
 */
#ifndef BROOD_ROLLOUT_H
#define BROOD_ROLLOUT_H

#include "job.h"

struct fleet;

/* Begins with as many more instances as its limit allows. */
void rollout_go_on(struct fleet *f, struct job *j);

#endif
