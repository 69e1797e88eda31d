/* tap: hears what leaves a flow set. */
#include "check.h"

#include "tap.h"

#include <stdlib.h>

#include "contract.h"

static uint8_t pattern[TAP_PATTERN + TAP_IDS_MOST];

const uint8_t *tap_pattern(uint32_t id)
{
	uint32_t x = 1;

	for (size_t i = 0; pattern[0] == 0 && i < sizeof(pattern); i++) {
		x = x * 1664525u + 1013904223u;
		pattern[sizeof(pattern) - 1 - i] = (uint8_t)(x >> 24 | 1);
	}
	return pattern + id;
}

void tap_open(struct tap *t, uint32_t stream_window, int64_t credit)
{
	*t = (struct tap){
		.set = {.max_frame = TAP_FRAME, .stream_window = stream_window, .credit = credit}};
	t->set.out = &t->out;
	t->frames = calloc(TAP_FRAMES_MOST, sizeof(*t->frames));
	frame_open(&t->decoder, TAP_FRAME);
}

void tap_close(struct tap *t)
{
	flow_close(&t->set);
	assert_int_equal(t->set.waiting, 0);
	assert_null(t->set.first);
	assert_null(t->set.last);
	outbox_close(&t->out);
	frame_close(&t->decoder);
	free(t->frames);
}

struct frame tap_frame(uint8_t type, uint32_t id, unsigned flags, size_t size)
{
	return (struct frame){.type = type,
			      .flags = (uint8_t)flags,
			      .id = id,
			      .body = tap_pattern(id),
			      .body_size = (uint32_t)size};
}

static void hear(struct tap *t, const struct frame *f)
{
	size_t *came = &t->bodies[f->id % TAP_IDS_MOST];

	assert_in_range(t->count, 0, TAP_FRAMES_MOST - 1);
	assert_in_range(frame_size(f), FRAME_HEADER, TAP_FRAME);
	if (f->body_size > 0)
		assert_memory_equal(f->body, tap_pattern(f->id) + *came, f->body_size);
	*came += f->body_size;
	t->frames[t->count] = *f;
	t->frames[t->count].body = t->frames[t->count].head = NULL;
	t->count++;
}

static void decode(struct tap *t, const void *bytes, size_t size)
{
	struct frame f;

	frame_feed(&t->decoder, bytes, size);
	for (;;) {
		switch (frame_next(&t->decoder, &f)) {
		case FRAME_OK:
			hear(t, &f);
			break;
		case FRAME_MORE:
			return;
		case FRAME_TOO_LARGE:
		case FRAME_NONSENSE:
		case FRAME_NO_MEMORY:
			fail_msg("frame %zu: %s", t->count, frame_problem(&t->decoder));
		}
	}
}

void tap_take(struct tap *t, size_t size)
{
	while (size > 0 && outbox_bytes(&t->out) > 0) {
		struct iovec v;
		size_t n;

		assert_int_equal(outbox_vector(&t->out, &v, 1), 1);
		n = v.iov_len < size ? v.iov_len : size;
		decode(t, v.iov_base, n);
		outbox_sent(&t->out, n);
		size -= n;
	}
}

void tap_run(struct tap *t)
{
	do {
		tap_take(t, SIZE_MAX);
		flow_pump(&t->set);
	} while (outbox_bytes(&t->out) > 0);
	assert_false(t->set.broken);
	assert_false(frame_is_partial(&t->decoder));
}
