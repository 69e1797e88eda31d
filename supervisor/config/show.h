/*
 * show: a configuration as it counts: every value of every section, defaults filled in.
 *
 * Without origins the text is itself a configuration, and reading it gives the same values. With
 * them each line ends in "    # FILE:LINE" or "    # default", for people: there are no comments
 * behind values.
 */
#ifndef BROOD_SHOW_H
#define BROOD_SHOW_H

#include <stdbool.h>
#include <stddef.h>

#include "attributes.h"
#include "config.h"
#include "writer.h"

/*
 * All sections, or those of the worker and the endpoint called `name` ("brood" is [brood]). How
 * many there were: 0 for an unknown name.
 */
size_t show_config(const struct config *config, const char *name, bool has_origins,
		   const struct writer *w);

/* The nearest name of a worker or endpoint, for "did you mean"; NULL: none is near. */
const char *show_nearest(const struct config *config, const char *name);

#endif
