/*
 * fuzz_board: any bytes as the page of a worker.
 *
 * It can lie about its own calls only, and only in one way: what is not sound says of every call that it has begun, and
 * of none since when. Input: any number of patches to a fresh page: u16 at, u8 n, n bytes.
 */
#include "fuzz.h"

#include <assert.h>
#include <string.h>

#include "board.h"

enum { IDS = 8 };

static void patch(struct board *b, const uint8_t *data, size_t size)
{
	uint8_t bytes[sizeof(*b)];

	memcpy(bytes, b, sizeof(*b));
	while (size >= 3) {
		size_t at = ((size_t)data[0] | (size_t)data[1] << 8) % sizeof(bytes);
		size_t n = data[2];

		data += 3;
		size -= 3;
		if (n > size)
			n = size;
		if (n > sizeof(bytes) - at)
			n = sizeof(bytes) - at;
		memcpy(bytes + at, data, n);
		data += n;
		size -= n;
	}
	memcpy(b, bytes, sizeof(*b));
}

/* What the slots with this id say, told apart from board.c. */
static void check_id(const struct board *b, uint32_t id)
{
	bool started = board_has_started(b, id);
	uint64_t since = board_started_at(b, id);
	bool is_named = false;
	bool may_be_new = true;
	bool may_have_begun = false;

	for (size_t i = 0; i < BROOD_MAX_SLOTS; i++) {
		if (b->slot[i].id != id || b->slot[i].state == BOARD_FREE)
			continue;
		may_be_new = is_named ? may_be_new || b->slot[i].state == BOARD_RECEIVED
				      : b->slot[i].state == BOARD_RECEIVED;
		may_have_begun = may_have_begun || b->slot[i].state != BOARD_RECEIVED;
		is_named = true;
	}
	if (!board_is_sound(b)) {
		assert(started && since == 0);
		return;
	}
	assert(started ? may_have_begun : may_be_new);
	assert(since == 0 || started);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct board b;

	board_init(&b);
	assert(board_is_sound(&b));
	patch(&b, data, size);
	for (uint32_t id = 0; id < IDS; id++)
		check_id(&b, id);
	for (size_t i = 0; i < BROOD_MAX_SLOTS; i += 5)
		check_id(&b, b.slot[i].id);
	return 0;
}
