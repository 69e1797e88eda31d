/*
 * handover: which worker gets a connection as a whole, and what becomes of it.
 *
 * A connection of an endpoint with dispatch = connection is counted like any other (entrance), but no call of it is
 * seen here: it goes to the worker that has fewest, and stays counted until that worker says that it ended, or ends.
 * While no worker takes any, connections wait in order, as long as one may come.
 * Part of fleet: these are called within fleet_step() only.
 */
#ifndef BROOD_HANDOVER_H
#define BROOD_HANDOVER_H

#include "action.h"
#include "pool.h"

struct fleet;
struct event;

/* A client was admitted: is it one to be handed over? Then it is, or waits. */
void handover_admitted(struct fleet *f, uint32_t client);
/* Gives what waits to who may take it; where nobody ever will, it is turned away. */
void handover_serve(struct fleet *f, struct pool *p);
/* The worker says that a connection ended; or that the host could not send it: another one gets it then. */
void handover_event(struct fleet *f, struct worker *w, const struct event *e);
/* Whose connection it is has gone: false where that is none to be handed over. If it waits for that, it is over. */
bool handover_gone(struct fleet *f, uint32_t client);
/* The worker is gone, and with it all connections that it had. */
void handover_settle(struct fleet *f, struct worker *w);

#endif
