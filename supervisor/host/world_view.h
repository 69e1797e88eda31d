/* world_view: what the host tells admin of the things that the core does not know. */
#ifndef BROOD_WORLD_VIEW_H
#define BROOD_WORLD_VIEW_H

#include "admin.h"

struct supervisor;

struct admin_world world_view(struct supervisor *s);

#endif
