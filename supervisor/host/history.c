/* history: records of fixed head and text, one behind the other, around the end of the buffer. */
#include "history.h"

#include <stdlib.h>
#include <string.h>

enum { CAPACITY_LEAST = 4096 };

void history_init(struct history *h, size_t limit)
{
	*h = (struct history){.limit = limit};
}

static void copy_in(struct history *h, size_t at, const void *from, size_t size)
{
	size_t first;

	at %= h->capacity;
	first = size < h->capacity - at ? size : h->capacity - at;
	memcpy(h->bytes + at, from, first);
	memcpy(h->bytes, (const char *)from + first, size - first);
}

static void copy_out(const struct history *h, size_t at, void *to, size_t size)
{
	size_t first;

	at %= h->capacity;
	first = size < h->capacity - at ? size : h->capacity - at;
	memcpy(to, h->bytes + at, first);
	memcpy((char *)to + first, h->bytes, size - first);
}

static void grow(struct history *h, size_t needed)
{
	size_t capacity = h->capacity ? h->capacity : CAPACITY_LEAST;
	char *grown;

	while (capacity < needed && capacity < h->limit)
		capacity *= 2;
	if (capacity > h->limit)
		capacity = h->limit;
	if (capacity <= h->capacity)
		return;
	grown = malloc(capacity);
	if (!grown)
		return;
	if (h->used > 0)
		copy_out(h, h->start, grown, h->used);
	free(h->bytes);
	h->bytes = grown;
	h->capacity = capacity;
	h->start = 0;
}

static void drop_oldest(struct history *h)
{
	struct history_line line;
	size_t size;

	copy_out(h, h->start, &line, sizeof(line));
	size = sizeof(line) + line.size;
	h->start = (h->start + size) % h->capacity;
	h->used -= size;
	h->lines--;
}

static void add(struct history *h, const struct history_line *line, const char *text)
{
	size_t size = sizeof(*line) + line->size;

	while (h->used + size > h->capacity)
		drop_oldest(h);
	copy_in(h, h->start + h->used, line, sizeof(*line));
	copy_in(h, h->start + h->used + sizeof(*line), text, line->size);
	h->used += size;
	h->lines++;
}

/* As much of the text as fits, never a part of a character. */
static uint16_t fit(const char *text, size_t room)
{
	while (room > 0 && ((unsigned char)text[room] & 0xc0) == 0x80)
		room--;
	return (uint16_t)room;
}

void history_add(struct history *h, const struct history_line *line, const char *text)
{
	size_t size = sizeof(*line) + line->size;
	struct history_line part = *line;

	if (h->used + size > h->capacity)
		grow(h, h->used + size);
	if (h->capacity <= sizeof(part))
		return;
	if (size > h->capacity)
		part.size = fit(text, h->capacity - sizeof(part));
	add(h, &part, text);
}

void history_walk(const struct history *h, size_t count,
		  void (*take)(void *to, const struct history_line *line, const char *text), void *to)
{
	size_t skip = h->lines > count ? h->lines - count : 0;
	size_t at = h->start;
	char *text = h->lines > 0 ? malloc(UINT16_MAX) : NULL;

	for (size_t i = 0; text && i < h->lines; i++) {
		struct history_line line;

		copy_out(h, at, &line, sizeof(line));
		if (i >= skip) {
			copy_out(h, at + sizeof(line), text, line.size);
			take(to, &line, text);
		}
		at += sizeof(line) + line.size;
	}
	free(text);
}

void history_close(struct history *h)
{
	free(h->bytes);
	*h = (struct history){.limit = h->limit};
}
