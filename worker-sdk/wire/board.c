/* board: layout, and reading a copy. What is in it was written by somebody who may be hostile. */
#include "board.h"

void board_init(struct board *b)
{
	*b = (struct board){.magic = BOARD_MAGIC, .version = BOARD_VERSION, .slots = BROOD_MAX_SLOTS};
}

bool board_is_sound(const struct board *b)
{
	return b->magic == BOARD_MAGIC && b->version == BOARD_VERSION && b->slots == BROOD_MAX_SLOTS;
}

static const struct board_slot *find(const struct board *b, uint32_t id)
{
	for (size_t i = 0; i < BROOD_MAX_SLOTS; i++) {
		if (b->slot[i].state != BOARD_FREE && b->slot[i].id == id)
			return &b->slot[i];
	}
	return NULL;
}

bool board_has_started(const struct board *copy, uint32_t id)
{
	const struct board_slot *slot;

	if (!board_is_sound(copy))
		return true;
	slot = find(copy, id);
	return slot && slot->state != BOARD_RECEIVED;
}

uint64_t board_started_at(const struct board *copy, uint32_t id)
{
	const struct board_slot *slot = board_is_sound(copy) ? find(copy, id) : NULL;

	return slot && slot->state == BOARD_STARTED ? slot->start_ns : 0;
}
