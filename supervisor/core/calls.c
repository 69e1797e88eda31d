/* calls: the table and its two lists. */
#include "calls.h"

#include <assert.h>

bool calls_have_room(const struct call_table *t)
{
	return t->free != NONE || t->used < t->capacity;
}

uint32_t calls_new(struct call_table *t)
{
	uint32_t index = t->free;

	if (index != NONE)
		t->free = t->calls[index].queue_next;
	else if (t->used < t->capacity)
		index = t->used++;
	else
		return NONE;
	t->calls[index] = (struct call){
		.worker = NONE,
		.queue_next = NONE,
		.queue_before = NONE,
		.client_next = NONE,
		.client_before = NONE,
	};
	return index;
}

void calls_free(struct call_table *t, uint32_t index)
{
	assert(t->calls[index].state != CALL_FREE);
	t->calls[index].state = CALL_FREE;
	t->calls[index].queue_next = t->free;
	t->free = index;
}

void calls_enqueue(struct call_table *t, struct call_list *queue, uint32_t index)
{
	struct call *c = &t->calls[index];

	c->queue_next = NONE;
	c->queue_before = queue->last;
	if (queue->last != NONE)
		t->calls[queue->last].queue_next = index;
	else
		queue->first = index;
	queue->last = index;
}

void calls_enqueue_first(struct call_table *t, struct call_list *queue, uint32_t index)
{
	struct call *c = &t->calls[index];

	c->queue_before = NONE;
	c->queue_next = queue->first;
	if (queue->first != NONE)
		t->calls[queue->first].queue_before = index;
	else
		queue->last = index;
	queue->first = index;
}

void calls_dequeue(struct call_table *t, struct call_list *queue, uint32_t index)
{
	struct call *c = &t->calls[index];

	if (c->queue_before != NONE)
		t->calls[c->queue_before].queue_next = c->queue_next;
	else
		queue->first = c->queue_next;
	if (c->queue_next != NONE)
		t->calls[c->queue_next].queue_before = c->queue_before;
	else
		queue->last = c->queue_before;
	c->queue_next = c->queue_before = NONE;
}

void calls_join_client(struct call_table *t, struct call_list *list, uint32_t index)
{
	struct call *c = &t->calls[index];

	c->client_next = NONE;
	c->client_before = list->last;
	if (list->last != NONE)
		t->calls[list->last].client_next = index;
	else
		list->first = index;
	list->last = index;
}

void calls_leave_client(struct call_table *t, struct call_list *list, uint32_t index)
{
	struct call *c = &t->calls[index];

	if (c->client_before != NONE)
		t->calls[c->client_before].client_next = c->client_next;
	else
		list->first = c->client_next;
	if (c->client_next != NONE)
		t->calls[c->client_next].client_before = c->client_before;
	else
		list->last = c->client_before;
	c->client_next = c->client_before = NONE;
}
