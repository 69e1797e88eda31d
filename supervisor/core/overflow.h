/*
 * overflow: what happens where a pool's queue gets full.
 *
 * At 80 % of queue or queue_bytes the pool is tight, until both are below half again; either is told once. While it
 * is tight, on_overflow = pause lets each client of its endpoints have only so many calls open as fit (ACTION_SLOTS);
 * what such a client was allowed before, and is on its way, still comes in. Bytes, and all calls with on_overflow =
 * reject, are refused beyond the limit. But of n users that have calls here, each may have an nth of the queue, even
 * where others have filled it: it never holds twice its limits for that.
 */
#ifndef BROOD_OVERFLOW_H
#define BROOD_OVERFLOW_H

#include "pool.h"

/* OVERLOADED: this limit was met with this number. */
struct answer overflow_answer(const struct pool *p, enum answer_limit over, uint64_t number, uint64_t limit);
/* Fits one more call of this user (NULL: it has none here)? If not, says why. */
bool overflow_admits(const struct pool *p, const struct pool_request *r, const struct share *s,
		     struct answer *why);
/* A call of this client was accepted. */
void overflow_accepted(struct pool *p, uint32_t client, struct actions *out);
/* The queue has changed. */
void overflow_review(struct pool *p, struct actions *out);

enum { OVERFLOW_TEXT = 200 };
/* "thumbs: 820 of 1024 calls wait (5242880 of 67108864 bytes): its clients are slowed down" */
void overflow_text(const struct pool *p, char *out, size_t size);

#endif
