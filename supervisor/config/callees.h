/* callees: which pools the instances of a worker may call. */
#ifndef BROOD_CALLEES_H
#define BROOD_CALLEES_H

#include "build.h"

/*
 * Finds the workers that are named by `calls`, warns of circles, and gives the spec an inner endpoint for each pair of
 * caller and called pool. Behind everything else: it looks at channels and at the limits of endpoints.
 */
void callees_check(struct build *build);

#endif
