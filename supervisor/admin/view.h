/* view: the core's state as JSON. Reads, never changes. */
#ifndef BROOD_VIEW_H
#define BROOD_VIEW_H

#include "admin.h"

/* Of these targets; none: everything. */
json_t *view_status(const struct fleet *f, const struct admin_world *w, const struct admin_target *targets,
		    size_t count);
json_t *view_why(const struct fleet *f, const struct admin_world *w, uint32_t worker);
/* What a command came to for one instance. */
json_t *view_result(const struct fleet *f, const struct admin_world *w, uint32_t worker,
		    enum job_progress progress);
/* The workers of a target: first and how many. */
void view_range(const struct fleet *f, const struct admin_target *t, uint32_t *first, uint32_t *count);
/* Is it one of these targets? All are if there are none. */
bool view_is_meant(const struct fleet *f, const struct admin_target *targets, size_t count, uint32_t worker);

#endif
