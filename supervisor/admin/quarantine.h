/* quarantine: keys of requests, as people read and write them. */
#ifndef BROOD_QUARANTINE_H
#define BROOD_QUARANTINE_H

#include <stdbool.h>
#include <stdint.h>

#include "attributes.h"

/* 1 to 16 hexadecimal digits, and not 0. */
MUST_USE bool quarantine_key(const char *text, uint64_t *out);

#endif
