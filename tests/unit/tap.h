/*
 * tap: a flow set, its outbox, and a decoder that hears what leaves it, for the tests of flow.
 *
 * Bodies are taken from one pattern, shifted by the id, so that every byte tells where it belongs.
 */
#ifndef BROOD_TAP_H
#define BROOD_TAP_H

#include "flow.h"

enum {
	TAP_FRAME = 32 << 10,    /* max_frame */
	TAP_ROOM = 128 << 10,    /* what flow puts into the outbox at once */
	TAP_PLENTY = 0x7fffffff, /* all the credit there is */
	TAP_PATTERN = 8 << 20,
	TAP_FRAMES_MOST = 4096,
	TAP_IDS_MOST = 256,
};

struct tap {
	struct outbox out;
	struct flow_set set;
	struct frame_decoder decoder;
	struct frame *frames; /* all that came; their heads and bodies are gone */
	size_t count;
	size_t bodies[TAP_IDS_MOST]; /* body bytes that came, by id */
};

void tap_open(struct tap *t, uint32_t stream_window, int64_t credit);
/* Closes all, in the order of the SDK. */
void tap_close(struct tap *t);
/* A frame with a body of the pattern. */
struct frame tap_frame(uint8_t type, uint32_t id, unsigned flags, size_t size);
const uint8_t *tap_pattern(uint32_t id);
/* Takes up to `size` bytes from the outbox and checks the bodies in them. Does not pump. */
void tap_take(struct tap *t, size_t size);
/* Takes and pumps until nothing moves any more. */
void tap_run(struct tap *t);

#endif
