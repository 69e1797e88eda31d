/*
 * settle: what becomes of the calls of a worker that is gone.
 */
#ifndef BROOD_SETTLE_H
#define BROOD_SETTLE_H

#include "pool.h"

/*
 * So many times max_attempts a call goes back to the queue because no handler had seen it, as its workers say on their
 * boards; then its death counts as if one had.
 */
enum { SETTLE_RETURNS = 16 };

/* No handler has seen this call: to be told before settle_worker(). */
void settle_unsent(struct pool *p, struct worker *w, uint32_t wire_id);
/* The worker says that this call has reached its handler. */
void settle_started(struct pool *p, struct worker *w, uint32_t wire_id);
/* The call may have begun, and this is its key: to be told before settle_worker(). */
void settle_suspect(struct pool *p, struct worker *w, uint32_t wire_id, uint64_t key);
/* The worker cannot answer any more: what it had in hand is answered or goes back to the queue. */
struct trace_calls settle_worker(struct pool *p, struct worker *w, const struct exit_facts *facts, struct instant now,
				 struct actions *out);

#endif
