/* tables: what a supervisor keeps for workers, clients and requests, sized by its configuration. */
#ifndef BROOD_TABLES_H
#define BROOD_TABLES_H

#include "attributes.h"

struct supervisor;

/* s->spec is set. 0 or -ENOMEM; tables_free() in any case. */
MUST_USE int tables_make(struct supervisor *s);
/* Once the loop is closed: nothing refers to them any more. */
void tables_free(struct supervisor *s);

#endif
