/*
 * sample: frames of every shape, put on the wire and compared, for the tests of the codec.
 *
 * Bytes are fed in memory of exactly their size, so that AddressSanitizer sees a read behind them.
 * Says what is wrong instead of asserting, so that fuzzers can use it too.
 */
#ifndef BROOD_SAMPLE_H
#define BROOD_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frame.h"

enum {
	SAMPLE_TYPES = 0
#define TYPE(name, value, ids, doc) +1
#include "frame.def"
	,
	SAMPLE_WORDS = 6,  /* extension words beside META */
	SAMPLE_MOST = 512, /* no sample is longer on the wire */
};

extern const uint8_t sample_types[SAMPLE_TYPES];
extern const uint8_t sample_words[SAMPLE_WORDS]; /* their tags */

/* A frame whose fields all differ; bit n of `subset` asks for sample_words[n]. */
struct frame sample_frame(uint8_t type, unsigned subset, bool head, bool body);
/* Writes the whole frame; returns its length. `out` has room for SAMPLE_MOST. */
size_t sample_encode(uint8_t *out, const struct frame *f);
/* The bytes that a text like "0f00 10" names; returns how many. */
size_t sample_hex(uint8_t *out, size_t capacity, const char *hex);

/* Name of the first field that differs; NULL if none does. */
const char *sample_difference(const struct frame *a, const struct frame *b);

/* Decodes, and compares what comes with what is expected. */
struct sample_ear {
	struct frame_decoder decoder;
	const struct frame *expected;
	size_t count;
	size_t heard;
};

/* Feeds a piece and takes every frame in it; returns what is wrong, or NULL. */
const char *sample_hear(struct sample_ear *e, const uint8_t *bytes, size_t size);

#endif
