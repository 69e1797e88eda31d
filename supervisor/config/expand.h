/*
 * expand: ${WORKER}, ${INSTANCE} and $$ in commands and environments.
 *
 *   ${WORKER}       name of the worker
 *   ${INSTANCE}     number of the instance, from 0; ${INSTANCE:02} with at least two digits
 *   $$              a $
 *
 * Any other ${ is an error when the configuration is read; a $ before anything else stays, it is a
 * shell's.
 */
#ifndef BROOD_EXPAND_H
#define BROOD_EXPAND_H

#include <stdbool.h>
#include <stddef.h>

#include "attributes.h"

enum { EXPAND_PROBLEM = 256 };

/* Can it be expanded? False with a sentence. */
MUST_USE bool expand_check(const char *text, char problem[EXPAND_PROBLEM]);

/*
 * Writes checked text for one instance, with a NUL. Returns its length, as snprintf() does: more
 * than `size` - 1 means that it was cut; out may be NULL if size is 0.
 */
size_t expand(const char *text, const char *worker, unsigned instance, char *out, size_t size);

#endif
