/*
 * config: one configuration: read, checked whole, and where each value comes from.
 *
 * All memory is one arena; nothing outside it is kept. A configuration is not changed after it was
 * loaded, so a running one and a new one live side by side until the new one is taken.
 */
#ifndef BROOD_CONFIG_H
#define BROOD_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "attributes.h"
#include "include.h"
#include "key.h"
#include "problem.h"
#include "section.h"
#include "spec.h"
#include "world.h"

enum { CONFIG_MEMORY_MOST = 128 * 1024 * 1024 };

enum config_result {
	CONFIG_OK,        /* perhaps with warnings */
	CONFIG_INVALID,   /* see problems; spec must not be used */
	CONFIG_NO_MEMORY, /* there is not even a list of problems: *config_out is NULL */
};

/* All-zero: what brood run wants. */
struct config_options {
	size_t memory_most; /* bytes for the whole configuration; 0: CONFIG_MEMORY_MOST */
	bool is_plain_inih; /* see source.h */
};

struct config {
	struct config_spec spec;
	struct problem_list problems; /* sorted by place */
	struct include_queue files;
	struct section_table sections;
	struct arena arena;
	char memory_problem[96]; /* said when there is no memory to say it in */
};

/*
 * Reads `path` and what it includes. `path` is shown in messages as it is. `options` may be NULL.
 * The configuration is to be freed with config_close() unless it is NULL.
 */
MUST_USE enum config_result config_load(const char *path, const struct world *world,
					const struct config_options *options,
					struct config **config_out);
void config_close(struct config *config);

/*
 * Where the value of a key comes from: a line of the section itself or of [defaults]; file is NULL
 * if it is the default of keys.def. `index` is that of the worker or endpoint in the spec, 0 for
 * [brood].
 */
struct place config_origin(const struct config *config, const struct key *key, size_t index);
/* The header of a section; file is NULL if there is none, as there need not be of [brood]. */
struct place config_section_place(const struct config *config, enum key_section section,
				  size_t index);
/*
 * What the fields of the section lie in: &spec.brood, &spec.workers[index], &spec.endpoints[index].
 */
const void *config_section_spec(const struct config *config, enum key_section section,
				size_t index);
size_t config_section_count(const struct config *config, enum key_section section);
const char *config_section_name(const struct config *config, enum key_section section,
				size_t index);

#endif
