/* storage: how much memory a fleet needs, and where its tables lie in it. */
#ifndef BROOD_STORAGE_H
#define BROOD_STORAGE_H

#include "fleet.h"

/* Bytes for this configuration. Most of them stay untouched until they are needed. */
MUST_USE size_t storage_needed(const struct config_spec *spec);
/* Numbers of callers: those of connections from outside, of operators' calls, and from here on of workers. */
uint32_t storage_first_inner(const struct config_spec *spec);
/* How many there are. */
uint32_t storage_callers(const struct config_spec *spec);
/* Points the tables of `f`, whose spec is set, into `storage`: zeroed, aligned as malloc aligns. */
void storage_assign(struct fleet *f, void *storage);

#endif
