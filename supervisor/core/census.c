/* census: linear probing, with removal by shifting back. */
#include "census.h"

#include <assert.h>

static uint32_t home(const struct census *c, uint64_t key)
{
	return (uint32_t)((key * 0x9e3779b97f4a7c15u) >> 32) & (c->capacity - 1);
}

/* Where the key is, or the empty place where it would be. */
static uint32_t find(const struct census *c, uint64_t key)
{
	uint32_t at = home(c, key);

	while (c->entries[at].count > 0 && c->entries[at].key != key)
		at = (at + 1) & (c->capacity - 1);
	return at;
}

uint32_t census_count(const struct census *c, uint64_t key)
{
	return c->entries[find(c, key)].count;
}

void census_add(struct census *c, uint64_t key)
{
	struct census_entry *e = &c->entries[find(c, key)];

	e->key = key;
	e->count++;
}

void census_remove(struct census *c, uint64_t key)
{
	uint32_t gap = find(c, key);
	uint32_t at = gap;

	assert(c->entries[gap].count > 0);
	if (--c->entries[gap].count > 0)
		return;
	/* whoever was pushed past the gap moves into it */
	for (;;) {
		uint32_t wanted;

		at = (at + 1) & (c->capacity - 1);
		if (c->entries[at].count == 0)
			return;
		wanted = home(c, c->entries[at].key);
		if (((at - wanted) & (c->capacity - 1)) < ((at - gap) & (c->capacity - 1)))
			continue;
		c->entries[gap] = c->entries[at];
		c->entries[at].count = 0;
		gap = at;
	}
}
