/* crosscheck: what no value can tell alone: references, contradictions, totals, rights. */
#ifndef BROOD_CROSSCHECK_H
#define BROOD_CROSSCHECK_H

#include "build.h"

/*
 * Completes the spec (pools, readiness, groups) and reports problems. Values that could not be read
 * are passed over.
 */
void crosscheck_spec(struct build *build);

#endif
