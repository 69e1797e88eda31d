/*
 * source: the reader in front of inih. Gives the sections and entries of one file, with their
 * lines.
 *
 * inih alone cuts long lines into new keys, joins indented ones, takes malformed headers, and cuts
 * values at " ;". So each line is checked here first; a bad one is reported and inih sees an empty
 * line instead. What arrives at the callbacks is exactly what the file shows.
 *
 * Some builds of inih (Debian's) can be told at run time to take long lines and to leave " ;"
 * alone. With any other, a line longer than its buffer and a " ;" in a value are errors.
 */
#ifndef BROOD_SOURCE_H
#define BROOD_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "attributes.h"
#include "problem.h"

enum {
	SOURCE_BYTES_MOST = 1024 * 1024, /* of one file */
	SOURCE_LINE_MOST = 65534,        /* of one line, without its end */
	SOURCE_PLAIN_LINE_MOST = 198,    /* the same where inih has no run-time settings */
	SOURCE_SECTION_MOST = 49,        /* inih cuts longer names */
};

/* Text given to these is valid until they return. */
struct source_taker {
	void *context;
	/* A header. The entries that follow are in it. */
	void (*section)(void *context, unsigned line, const char *name);
	void (*entry)(void *context, unsigned line, const char *key, const char *value);
	/* A line of the present section was refused. */
	void (*refused)(void *context);
};

struct source {
	const char *bytes;
	size_t size;
	struct place place; /* the file; problems are reported with its lines */
	bool is_plain;      /* do as if inih had no run-time settings */
};

/* Has this inih run-time settings? */
bool source_has_settings(void);

/*
 * Reads all of it. Problems go to the list; false only without memory. Sets inih's process-wide
 * settings, so it must not run twice at a time.
 */
MUST_USE bool source_read(const struct source *source, const struct source_taker *taker,
			  struct problem_list *problems);

#endif
