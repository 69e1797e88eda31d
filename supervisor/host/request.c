/* request: a table of pointers with a stack of free numbers. */
#include "request.h"

#include <stdlib.h>

#include "passage.h"

static bool grow(struct request_table *t)
{
	uint32_t capacity = t->capacity ? 2 * t->capacity : 64;
	struct request **entries = realloc(t->entries, capacity * sizeof(struct request *));
	uint32_t *numbers;

	if (!entries)
		return false;
	t->entries = entries;
	numbers = realloc(t->free, capacity * sizeof(uint32_t));
	if (!numbers)
		return false;
	t->free = numbers;
	for (uint32_t i = t->capacity; i < capacity; i++) {
		entries[i] = NULL;
		t->free[t->free_count++] = capacity - 1 - (i - t->capacity);
	}
	t->capacity = capacity;
	return true;
}

uint32_t request_put(struct request_table *t, struct message *message, const struct frame_peer *peer)
{
	struct request *r;
	uint32_t number;

	if (t->free_count == 0 && !grow(t))
		return REQUEST_NONE;
	r = spares_take(t->spares, sizeof(*r));
	if (!r)
		return REQUEST_NONE;
	*r = (struct request){.message = message, .peer = *peer, .refs = 1, .home = t->spares};
	number = t->free[--t->free_count];
	t->entries[number] = r;
	t->count++;
	return number;
}

struct request *request_at(const struct request_table *t, uint32_t number)
{
	return t->entries[number];
}

void request_unref(void *request)
{
	struct request *r = request;

	if (--r->refs > 0)
		return;
	passage_release(r->passage);
	message_free(r->message);
	spares_give(r->home, r, sizeof(*r));
}

void request_release(struct request_table *t, uint32_t number)
{
	struct request *r = t->entries[number];

	t->entries[number] = NULL;
	t->free[t->free_count++] = number;
	t->count--;
	request_unref(r);
}

void request_close(struct request_table *t)
{
	for (uint32_t i = 0; i < t->capacity; i++) {
		if (t->entries[i])
			request_unref(t->entries[i]);
	}
	free(t->entries);
	free(t->free);
	*t = (struct request_table){0};
}
