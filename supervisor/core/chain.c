/* chain: doubly linked, by number. */
#include "chain.h"

static struct chain_link *link_of(struct chain c, uint32_t index)
{
	return (void *)((char *)c.first + index * c.stride);
}

void chain_add_last(struct chain c, struct call_list *list, uint32_t index)
{
	*link_of(c, index) = (struct chain_link){.next = NONE, .before = list->last};
	if (list->last != NONE)
		link_of(c, list->last)->next = index;
	else
		list->first = index;
	list->last = index;
}

void chain_add_first(struct chain c, struct call_list *list, uint32_t index)
{
	*link_of(c, index) = (struct chain_link){.next = list->first, .before = NONE};
	if (list->first != NONE)
		link_of(c, list->first)->before = index;
	else
		list->last = index;
	list->first = index;
}

void chain_remove(struct chain c, struct call_list *list, uint32_t index)
{
	struct chain_link *l = link_of(c, index);

	if (l->before != NONE)
		link_of(c, l->before)->next = l->next;
	else
		list->first = l->next;
	if (l->next != NONE)
		link_of(c, l->next)->before = l->before;
	else
		list->last = l->before;
	*l = (struct chain_link){NONE, NONE};
}
