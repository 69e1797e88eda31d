/* deadlines: a binary heap that knows where everybody stands. */
#include "deadlines.h"

#include <assert.h>

static void put(struct deadlines *d, uint32_t place, struct deadline entry)
{
	d->heap[place] = entry;
	d->places[entry.owner] = place + 1;
}

static void rise(struct deadlines *d, uint32_t place, struct deadline entry)
{
	while (place > 0) {
		uint32_t parent = (place - 1) / 2;

		if (!instant_is_before(entry.at, d->heap[parent].at))
			break;
		put(d, place, d->heap[parent]);
		place = parent;
	}
	put(d, place, entry);
}

static void sink(struct deadlines *d, uint32_t place, struct deadline entry)
{
	for (;;) {
		uint32_t child = 2 * place + 1;

		if (child >= d->count)
			break;
		if (child + 1 < d->count &&
		    instant_is_before(d->heap[child + 1].at, d->heap[child].at))
			child++;
		if (!instant_is_before(d->heap[child].at, entry.at))
			break;
		put(d, place, d->heap[child]);
		place = child;
	}
	put(d, place, entry);
}

static void settle(struct deadlines *d, uint32_t place, struct deadline entry)
{
	if (place > 0 && instant_is_before(entry.at, d->heap[(place - 1) / 2].at))
		rise(d, place, entry);
	else
		sink(d, place, entry);
}

static void remove_at(struct deadlines *d, uint32_t place)
{
	struct deadline last = d->heap[--d->count];

	d->places[d->heap[place].owner] = 0;
	if (place < d->count)
		settle(d, place, last);
}

void deadlines_set(struct deadlines *d, uint32_t owner, struct instant at)
{
	uint32_t place = d->places[owner];

	assert(owner < d->owners);
	if (instant_is_never(at)) {
		if (place > 0)
			remove_at(d, place - 1);
		return;
	}
	if (place > 0)
		settle(d, place - 1, (struct deadline){at, owner});
	else
		rise(d, d->count++, (struct deadline){at, owner});
}

struct instant deadlines_next(const struct deadlines *d)
{
	return d->count > 0 ? d->heap[0].at : INSTANT_NEVER;
}

bool deadlines_take(struct deadlines *d, struct instant now, uint32_t *owner_out)
{
	if (d->count == 0 || instant_is_before(now, d->heap[0].at))
		return false;
	*owner_out = d->heap[0].owner;
	remove_at(d, 0);
	return true;
}
