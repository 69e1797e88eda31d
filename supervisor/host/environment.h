/*
 * environment: what a worker finds in its environment.
 *
 * Base (brood's own without what is brood's own, or a clean one), then what goes with its user, then the env key, then
 * BROOD_*; what comes later replaces what was there.
 */
#ifndef BROOD_ENVIRONMENT_H
#define BROOD_ENVIRONMENT_H

#include <stddef.h>

#include "attributes.h"

struct plan_identity;

struct environment {
	char **entries; /* each from malloc(); not ended by NULL */
	size_t count;
	size_t capacity;
	size_t size; /* bytes of all strings with their NULs */
};

/* 0 or -ENOMEM. To be freed with environment_close(). */
MUST_USE int environment_make(struct environment *env, char **own, const struct plan_identity *id);
void environment_close(struct environment *env);

#endif
