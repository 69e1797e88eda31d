/* scale: how many instances a pool shall have, as people say it. */
#ifndef BROOD_SCALE_H
#define BROOD_SCALE_H

#include <stdbool.h>
#include <stdint.h>

#include "attributes.h"

struct pool;

enum { SCALE_PROBLEM = 256 };

/*
 * Is it written as a number of instances, whatever the pool? If not, `problem` says what is wrong with it.
 */
MUST_USE bool scale_is_written(const char *text, char problem[SCALE_PROBLEM]);

/*
 * "6", "+2" and "-1" (from what there is now), "2..8". False: it means nothing, or there cannot be so many; `problem`
 * says which.
 */
MUST_USE bool scale_read(const struct pool *p, const char *text, uint32_t *least_out, uint32_t *most_out,
			 char problem[SCALE_PROBLEM]);

#endif
