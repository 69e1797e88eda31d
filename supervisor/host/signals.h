/* signals: TERM and INT end everything in order, a second one or QUIT at once; HUP, USR1 and USR2 are told about. */
#ifndef BROOD_SIGNALS_H
#define BROOD_SIGNALS_H

#include "attributes.h"

struct supervisor;

/* All of them, or -errno and none. */
MUST_USE int signals_open(struct supervisor *s);
void signals_close(struct supervisor *s);

#endif
