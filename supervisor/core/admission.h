/* admission: which calls a pool lets in, and why not. */
#ifndef BROOD_ADMISSION_H
#define BROOD_ADMISSION_H

#include "pool.h"

/* Will there ever be a worker for what waits? */
bool admission_has_prospect(const struct pool *p);
/* Why no worker can take a call now or later: the latest failure, if there is one. */
struct answer admission_no_worker(const struct pool *p);
/* Would one more death prove this request guilty? Then it is tried alone. */
bool admission_is_trial(const struct pool *p, uint64_t key, struct instant now);
/* May this call come in? If not, says why. */
bool admission_admits(const struct pool *p, const struct pool_request *r, struct instant now, struct answer *why);

#endif
