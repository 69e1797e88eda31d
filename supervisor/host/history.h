/*
 * history: the latest output of one instance, of all its generations, in a ring of bytes.
 *
 * Grows with what is written, up to its limit; then the oldest lines make room. Text is escaped already.
 */
#ifndef BROOD_HISTORY_H
#define BROOD_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum history_stream { HISTORY_STDOUT, HISTORY_STDERR };

struct history_line {
	int64_t wall_ms;
	uint32_t generation;
	uint16_t size;
	uint8_t stream;   /* enum history_stream */
	bool is_continued; /* the rest of a line that was too long */
};

struct history {
	char *bytes;
	size_t capacity;
	size_t limit;
	size_t start; /* of the oldest record */
	size_t used;
	size_t lines;
};

/* limit: bytes, at least 4096. Nothing is allocated until something is kept. */
void history_init(struct history *h, size_t limit);
/* Keeps a line, or as much of its beginning as the limit allows; without memory it is not kept. */
void history_add(struct history *h, const struct history_line *line, const char *text);
/*
 * Gives the newest `count` lines, oldest of them first, to `take`. The text is valid until it returns. Copies nothing
 * but the lines themselves.
 */
void history_walk(const struct history *h, size_t count,
		  void (*take)(void *to, const struct history_line *line, const char *text), void *to);
void history_close(struct history *h);

#endif
