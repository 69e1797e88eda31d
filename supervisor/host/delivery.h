/*
 * delivery: calls on their way to a worker.
 */
#ifndef BROOD_DELIVERY_H
#define BROOD_DELIVERY_H

#include "action.h"

struct instance;

/* ACTION_DELIVER: the whole request, as a CALL. */
void delivery_send(struct instance *i, const struct action *a);
/* ACTION_CANCEL. What was not begun is taken back, and the core is told so. */
void delivery_cancel(struct instance *i, const struct action *a);
/* Tells the core which calls cannot have reached the worker. */
void delivery_tell_unsent(struct instance *i);

#endif
