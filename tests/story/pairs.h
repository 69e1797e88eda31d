/*
 * pairs: which (state, event) pairs of lifecycle.def the stories have met, and which they have not.
 */
#ifndef BROOD_STORY_PAIRS_H
#define BROOD_STORY_PAIRS_H

#include <stdbool.h>

#include "attributes.h"

/* Is every ON pair met by a story played before? Prints what is missing. */
MUST_USE bool pairs_are_covered(void);

#endif
