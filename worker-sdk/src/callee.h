/*
 * callee: connections of a worker to pools that it may call.
 *
 * The worker asks brood for each on its own channel, and gets a socket; what is made of that is a client like any
 * other, which asks again when its connection is lost. Asking is done in any thread; the answer is taken by the one
 * that drives the worker.
 */
#ifndef BROOD_CALLEE_H
#define BROOD_CALLEE_H

#include "handle.h"

/* A connected socket to this pool; waits until `deadline` (now_ms() scale). -errno, see brood_connect_pool(). */
int callee_connect(brood_t *worker, const char *pool, int64_t deadline);
/* REPLY to a worker: to what one of these asked. */
void callee_answered(brood_t *worker, const struct frame *f);
/* Nothing more comes from brood: who asks waits no longer. */
void callee_lose_all(brood_t *worker);

/*
 * Does waiting for this client also drive the worker that it belongs to? In the thread that drives that, yes: calls
 * that come meanwhile wait for the next step of the worker, everything else is answered.
 */
bool callee_attends(const brood_t *client);
/* Waits like channel_wait() for both, and takes what came for the worker. 0 or -errno, of the client. */
int callee_wait(brood_t *client, int timeout);

#endif
