/*
 * section: what the files say, section by section, before it is understood: which keys were given,
 * as text, and where. Knows which sections and keys there are, and that each may stand once; values
 * it does not read.
 */
#ifndef BROOD_SECTION_H
#define BROOD_SECTION_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "attributes.h"
#include "key.h"
#include "problem.h"

enum section_kind {
	SECTION_BROOD,
	SECTION_DEFAULTS,
	SECTION_WORKER,
	SECTION_ENDPOINT,
	SECTION_KINDS
};

struct section_value {
	const char *text; /* NULL: not given */
	struct place place;
	bool is_bad;  /* could not be read, and that was told */
	bool is_told; /* a value of [defaults] is complained of once, not for every worker */
};

struct section {
	enum section_kind kind;
	const char *name; /* of a worker or endpoint; else NULL */
	struct place place;
	struct section_value *values; /* by key_index() */
	bool is_incomplete;           /* lines were refused: do not complain of what is missing */
	size_t index; /* among those of its kind */
	struct section *next;
	struct section *next_in_bucket;
};

enum { SECTION_BUCKETS = 1024, SECTION_TITLE = 64 };

struct section_table {
	struct arena *arena;
	struct problem_list *problems;
	struct section *first[SECTION_KINDS]; /* in the order of the files */
	struct section *last[SECTION_KINDS];
	size_t count[SECTION_KINDS];
	bool is_over[SECTION_KINDS]; /* there were more than are allowed, and that was told */
	struct section *buckets[SECTION_BUCKETS]; /* by kind and name */

	struct place file;       /* the one being read */
	bool is_main;            /* it is the main file */
	struct section *current; /* NULL: entries are ignored */
	struct section *brood;   /* [brood] of this file, NULL if it has none */
	struct section
		spare; /* for entries that are only checked: of a section that cannot be kept */
	struct section_value spare_values[KEY_COUNT_worker];
	char spare_name[SECTION_TITLE];
};

void section_open(struct section_table *table, struct arena *arena, struct problem_list *problems);
/* The lines that come now are of this file. */
void section_begin_file(struct section_table *table, struct place file, bool is_main);
/* A header, an entry, a refused line: see source_taker. Without memory the arena says so. */
void section_take_header(void *table, unsigned line, const char *name);
void section_take_entry(void *table, unsigned line, const char *key, const char *value);
void section_take_refused(void *table);

/* NULL: there is none. `name` is NULL for [brood] of the main file and [defaults]. */
struct section *section_find(const struct section_table *table, enum section_kind kind,
			     const char *name);
enum key_section section_keys(enum section_kind kind);

struct section_title {
	char text[SECTION_TITLE];
};

/* "[worker:echo]" */
struct section_title section_title(const struct section *section);

#endif
