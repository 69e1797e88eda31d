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
/*
 * Tells the core which calls no handler has seen: not written whole, or, of a process that is gone, not begun as its
 * board or its STARTED say.
 */
void delivery_tell_unbegun(struct instance *i);

#endif
