/*
 * fingerprint: a number that names a request, the same whoever sends it and however often.
 *
 * Made of what the worker sees: the caller's own key where it gave one (then it is that user's), else method and body;
 * of a body above a MiB the ends and a sample of the rest. Keyed by a secret of this run, so that nobody can make a
 * request that passes for another one.
 */
#ifndef BROOD_FINGERPRINT_H
#define BROOD_FINGERPRINT_H

#include <stddef.h>
#include <stdint.h>

#include "frame.h"

struct fingerprint_secret {
	uint64_t words[2];
};

/* Never 0. */
uint64_t fingerprint(const struct fingerprint_secret *secret, const struct frame *request, uint32_t uid);
/* How many bytes of a body of this size it looks at. */
size_t fingerprint_cost(size_t size);

#endif
