/*
 * chain: lists of things that stand in a table, linked by their numbers. NONE is nothing.
 *
 * Each thing has a link for every list that it can be on. Adding at either end and removing cost the same however
 * long the list is.
 */
#ifndef BROOD_CHAIN_H
#define BROOD_CHAIN_H

#include <stddef.h>
#include <stdint.h>

#include "action.h"

struct chain_link {
	uint32_t next;
	uint32_t before;
};

/* Where the links are: that of the first thing in the table, and bytes from one to the next. */
struct chain {
	void *first;
	size_t stride;
};

/* Ends of a list. Zero is not empty: use CALL_LIST_EMPTY. */
struct call_list {
	uint32_t first;
	uint32_t last;
};
#define CALL_LIST_EMPTY ((struct call_list){NONE, NONE})

void chain_add_last(struct chain c, struct call_list *list, uint32_t index);
void chain_add_first(struct chain c, struct call_list *list, uint32_t index);
void chain_remove(struct chain c, struct call_list *list, uint32_t index);

#endif
