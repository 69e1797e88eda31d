/* census: how many there are of each key. Open addressing in storage of the caller. */
#ifndef BROOD_CENSUS_H
#define BROOD_CENSUS_H

#include <stdint.h>

struct census_entry {
	uint64_t key;
	uint32_t count; /* 0: an empty place */
};

struct census {
	struct census_entry *entries;
	uint32_t capacity; /* a power of two, at least twice the number of keys that can be */
};

uint32_t census_count(const struct census *c, uint64_t key);
void census_add(struct census *c, uint64_t key);
/* The key must have been added. */
void census_remove(struct census *c, uint64_t key);

#endif
