/* perform: one action of the core, done. */
#ifndef BROOD_PERFORM_H
#define BROOD_PERFORM_H

#include "action.h"

void perform(void *supervisor, const struct action *a);

#endif
