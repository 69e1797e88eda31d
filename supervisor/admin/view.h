/* view: the core's state as JSON. Reads, never changes. */
#ifndef BROOD_VIEW_H
#define BROOD_VIEW_H

#include "admin.h"

/* Of these targets; none: everything. */
json_t *view_status(const struct fleet *f, const struct admin_world *w, const struct admin_target *targets,
		    size_t count);
/* why.c */
json_t *view_why(const struct fleet *f, const struct admin_world *w, const struct worker *worker);
/* What is held against requests. */
json_t *view_suspects(const struct fleet *f, const struct admin_world *w);
/* Is it of one of these targets? All are if there are none. */
bool view_is_meant(const struct admin_target *targets, size_t count, const struct worker *w);
/* Names of what the instance has parked. */
json_t *view_stored(const struct admin_world *w, const struct worker *worker);
/* Words for people. */
const char *view_wish(enum worker_wish wish);
const char *view_role(enum worker_role role);

#endif
