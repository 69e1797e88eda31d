/*
 * pairs: which (state, event) pairs of lifecycle.def the stories have met, and which they have not.
 */
#ifndef BROOD_STORY_PAIRS_H
#define BROOD_STORY_PAIRS_H

#include <stdbool.h>

#include "attributes.h"

/*
 * Is every ON pair met by a story played before, or named in the list of reasons ("STATE EVENT:
 * why", # is a comment)? Prints what is missing, and every reason that is wrong or that a story has
 * made needless.
 */
MUST_USE bool pairs_are_covered(const char *reasons_path);

#endif
