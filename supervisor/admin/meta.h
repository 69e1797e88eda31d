/* meta: a call's metadata as JSON: a list of {key, value}, values in base64 as bodies are. */
#ifndef BROOD_META_H
#define BROOD_META_H

#include <jansson.h>

#include "attributes.h"
#include "head.h"

enum meta_result { META_OK, META_MALFORMED, META_TOO_LARGE, META_NO_MEMORY };

/* Appends the entries of a list (NULL: none) to a head block. Keys may not be brood's own. */
MUST_USE enum meta_result meta_read(json_t *list, struct head_writer *w);
/* The application's entries of a well-formed block as a list; keys are escaped. NULL without memory. */
json_t *meta_show(const void *block, size_t size);

#endif
