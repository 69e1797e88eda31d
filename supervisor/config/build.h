/*
 * build: the values of all sections, from text into the spec. Problems are reported at their
 * places.
 */
#ifndef BROOD_BUILD_H
#define BROOD_BUILD_H

#include "config.h"

/* What the builder remembers for crosscheck: the sections of the spec, by their index in it. */
struct build {
	struct config *config;
	const struct world *world;
	struct section **workers;
	struct section **endpoints;
	struct endpoint_spec inner; /* with the defaults: where workers' connections to other pools are counted */
};

/* A value as it counts for a section: its own, that of [defaults], or the default of keys.def. */
struct build_value {
	struct section *owner;       /* NULL: the default */
	struct section_value *given; /* NULL: the default */
	const char *text;            /* NULL: missing */
};

/* Fills config->spec. False: not enough memory. */
MUST_USE bool build_spec(struct build *build, struct config *config, const struct world *world);

struct build_value build_find(const struct build *build, struct section *section,
			      const struct key *key);

#endif
