/*
 * key: the table of keys.def: which keys there are, of which type, with which default and limits.
 *
 * The fields and types are checked against each other when this is compiled.
 */
#ifndef BROOD_KEY_H
#define BROOD_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "attributes.h"
#include "value.h"

/* Which struct of spec.h the keys belong to; they are named as in keys.def. */
enum key_section { KEY_brood, KEY_worker, KEY_endpoint, KEY_SECTIONS };

/* What a new value costs while brood runs: nothing, a restart of the worker, a new socket. */
enum key_change { KEY_LIVE, KEY_RESTART, KEY_REOPEN };

struct key {
	enum key_section section;
	const char *name;
	enum value_type type;
	size_t offset;      /* of the field in struct SECTION_spec */
	const char *preset; /* NULL: must be given; "": none */
	const char *least;  /* "": not limited */
	const char *most;
	enum key_change change;
	const char *doc;
};

enum {
	KEY_COUNT_brood = 0
#define KEY(section, ...) +(KEY_##section == KEY_brood)
#include "keys.def"
	,
	KEY_COUNT_worker = 0
#define KEY(section, ...) +(KEY_##section == KEY_worker)
#include "keys.def"
	,
	KEY_COUNT_endpoint = 0
#define KEY(section, ...) +(KEY_##section == KEY_endpoint)
#include "keys.def"
	,
};

size_t key_count(enum key_section section);
size_t key_index(const struct key *key); /* among the keys of its section */
const struct key *key_at(enum key_section section, size_t index);
/* NULL: there is none. */
const struct key *key_find(enum key_section section, const char *name);
/* The nearest key of a section, for "did you mean"; NULL: none is near. */
const struct key *key_nearest(enum key_section section, const char *name);

/* Reads a value and checks its limits; the field is zero before, and again on failure. */
MUST_USE bool key_read(const struct key *key, struct value_reader *reader, const char *text,
		       void *spec);
/* Writes the value; false and nothing where it is not set. */
MUST_USE bool key_show(const struct key *key, const struct writer *w, const void *spec);

#endif
