/* store: descriptors that a worker parks with brood; what is asked about them, and who waits for the answer. */
#ifndef BROOD_STORE_H
#define BROOD_STORE_H

#include "handle.h"

/* STORE and FETCH: what brood says to what was asked. */
void store_answered(brood_t *worker, const struct frame *f);
/* Nothing more is answered: whoever waits is told so. */
void store_lose_all(brood_t *worker);

#endif
