/* escape: one pass, one decision for each character. Pure. */
#include "escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Decodes one character; returns its length in bytes, or 0 if it is not valid UTF-8. */
static size_t decode(const unsigned char *p, size_t left, uint32_t *character)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t length = p[0] < 0x80 ? 1 : p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : p[0] >= 0xc2 ? 2 : 0;
	uint32_t c;

	if (length == 0 || length > left || p[0] > 0xf4)
		return 0;
	if (length == 1) {
		*character = p[0];
		return 1;
	}
	c = p[0] & (0x7fu >> length);
	for (size_t i = 1; i < length; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3fu);
	}
	if (c < least[length] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*character = c;
	return length;
}

/*
 * Characters that turn text around, end lines, or cannot be seen. Those that join and colour emoji (200d, fe0e,
 * fe0f) are left alone.
 */
static const struct {
	uint32_t first;
	uint32_t last;
} hidden[] = {
	{0x00ad, 0x00ad}, {0x034f, 0x034f}, {0x061c, 0x061c}, {0x115f, 0x1160}, {0x17b4, 0x17b5},
	{0x180b, 0x180e}, {0x200b, 0x200c}, {0x200e, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f},
	{0x3164, 0x3164}, {0xfe00, 0xfe0d}, {0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xfff0, 0xfffb},
	{0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

static bool is_printable(uint32_t c)
{
	if (c == '\t')
		return true;
	if (c < 0x20 || (c >= 0x7f && c < 0xa0))
		return false;
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
		if (c >= hidden[i].first && c <= hidden[i].last)
			return false;
	}
	return true;
}

/* The escaped form of what stands at p; *taken tells how many bytes that is. */
static size_t one(const unsigned char *p, size_t left, char piece[16], size_t *taken)
{
	uint32_t c = 0;
	size_t length = decode(p, left, &c);

	*taken = length ? length : 1;
	if (length > 0 && is_printable(c)) {
		memcpy(piece, p, length);
		return length;
	}
	if (length > 1)
		return (size_t)snprintf(piece, 16, "\\u{%x}", c);
	return (size_t)snprintf(piece, 16, "\\x%02x", p[0]);
}

size_t escape_text(const void *text, size_t length, char *out, size_t size, size_t *used_out)
{
	const unsigned char *p = text;
	size_t used = 0;
	size_t written = 0;

	while (used < length) {
		char piece[16];
		size_t taken;
		size_t n = one(p + used, length - used, piece, &taken);

		if (written + n >= size)
			break;
		memcpy(out + written, piece, n);
		written += n;
		used += taken;
	}
	out[written] = '\0';
	if (used_out)
		*used_out = used;
	return written;
}
