/*
 * value: text into typed fields and back. What is shown reads back as the same value.
 */
#ifndef BROOD_VALUE_H
#define BROOD_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "attributes.h"
#include "spec.h"
#include "world.h"
#include "writer.h"

enum value_type {
#define TYPE(name, field, form) VALUE_##name,
#include "type.def"
	VALUE_TYPES
};

enum {
	VALUE_PROBLEM = 768,
	VALUE_PATH_MOST = 4095,
	VALUE_SOCKET_PATH_MOST = 107, /* sun_path and its NUL */
};

/* What reading needs beside the text, and the sentence that says why it failed. */
struct value_reader {
	struct arena *arena; /* for what fields point to */
	const struct world *world;
	char problem[VALUE_PROBLEM];
};

/* Reads text, which is not empty, into a field that is all zero. False: see reader->problem. */
MUST_USE bool value_read(struct value_reader *reader, enum value_type type, const char *text,
			 void *field_out);
/*
 * Writes a field as text; false and nothing where it is not set: no text stands for that but
 * "none".
 */
MUST_USE bool value_show(const struct writer *w, enum value_type type, const void *field);
/* The number that limits apply to; false for types without one and for special words like auto. */
MUST_USE bool value_number(enum value_type type, const void *field, int64_t *number_out);
/* "a time with its unit: 250ms 10s 5m 24h" */
const char *value_form(enum value_type type);

/* a-z 0-9 _ -, at most SPEC_NAME_MOST, not "all", beginning with a letter or digit. */
MUST_USE bool value_check_name(struct value_reader *reader, const char *name);

#endif
