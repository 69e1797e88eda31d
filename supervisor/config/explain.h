/* explain: what keys.def says, for people: one key, or all of them as a commented sample. */
#ifndef BROOD_EXPLAIN_H
#define BROOD_EXPLAIN_H

#include <stdbool.h>

#include "attributes.h"
#include "writer.h"

/*
 * All rows of that name: where, sentence, type, default, limits, effect of a change. False: there is
 * no such key.
 */
MUST_USE bool explain_key(const char *name, const struct writer *w);
/*
 * A key like it, for "did you mean", or what a key of another supervisor's is called here; NULL:
 * nothing is near.
 */
const char *explain_nearest(const char *name);

/* conf/brood.ini.sample: every key with its sentence and its default, commented out. */
void explain_sample(const struct writer *w);

#endif
