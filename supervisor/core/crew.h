/*
 * crew: the instances of a fleet. What is told about one of them, what is wished for it, and what its pool makes of it.
 *
 * Part of fleet: these are called within fleet_step() only.
 */
#ifndef BROOD_CREW_H
#define BROOD_CREW_H

#include "calls.h"
#include "event.h"
#include "worker.h"

struct fleet;

/* An event about a worker. One of an older process is dropped. */
void crew_event(struct fleet *f, const struct event *e);
/* Its deadline has passed. */
void crew_expire(struct fleet *f, struct worker *w);
/* The last call that it had open itself is over. */
void crew_errands_done(struct fleet *f, struct worker *w);
/* It should have given this call back by now. */
void crew_keeps(struct fleet *f, struct worker *w, const struct call *c);
/* Changes its wish, with all that follows. */
void crew_wish(struct fleet *f, struct worker *w, enum worker_wish wanted, enum trace_cause cause);
/* One event for its table. The fleet's part of the context is filled in here. */
void crew_apply(struct fleet *f, struct worker *w, enum worker_event event, struct worker_context context);
/* Why its process ends. The first cause counts; but who breaks the protocol while it leaves has failed. */
void crew_blame(struct worker *w, enum trace_cause cause);

#endif
