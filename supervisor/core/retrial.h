/*
 * retrial: the last attempt of a call that has lost its workers is made alone.
 *
 * An instance is kept for it: it gets nothing new, finishes what it has, and then gets this one call. So a call that
 * kills takes no others along, and one that only stood beside it is cleared. One at a time in each pool; the others
 * of the pool serve on.
 */
#ifndef BROOD_RETRIAL_H
#define BROOD_RETRIAL_H

#include "pool.h"

/* Gives a waiting call to the worker that is kept, or keeps one; lets it go where none waits. */
void retrial_serve(struct pool *p, struct instant now, struct actions *out);
/* This worker does not have this call any more. */
void retrial_ended(struct pool *p, struct worker *w, uint32_t call);

#endif
