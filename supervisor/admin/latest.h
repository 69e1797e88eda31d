/*
 * latest: the newest lines of many instances, by time.
 *
 * Their times are looked at first, so that a line is only made into JSON if it is among those that are wanted.
 */
#ifndef BROOD_LATEST_H
#define BROOD_LATEST_H

#include "admin.h"
#include "attributes.h"

struct latest {
	struct latest_entry *entries;
	size_t count;  /* of entries: up to twice what is wanted */
	size_t wanted;
	uint32_t worker; /* that is being added, */
	uint32_t order;  /* the place of its next line, */
	int64_t time;    /* and the time of the one before */
};

/* False: no memory. */
MUST_USE bool latest_open(struct latest *l, size_t wanted);
/* Workers are added one by one, each once. */
void latest_add(struct latest *l, const struct admin_world *w, uint32_t worker);
/* The lines as an array of Line objects, oldest first; lines of one moment by worker. */
json_t *latest_close(struct latest *l, const struct admin_world *w);

#endif
