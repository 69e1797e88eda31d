/* base64: both ways. */
#include "base64.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *base64_encode(const void *bytes, size_t size)
{
	const uint8_t *p = bytes;
	char *text = malloc((size + 2) / 3 * 4 + 1);
	char *out = text;

	for (size_t i = 0; text && i < size; i += 3) {
		size_t left = size - i;
		uint32_t group = (uint32_t)p[i] << 16 | (left > 1 ? (uint32_t)p[i + 1] << 8 : 0) |
				 (left > 2 ? (uint32_t)p[i + 2] : 0);

		*out++ = digits[group >> 18];
		*out++ = digits[group >> 12 & 63];
		*out++ = left > 1 ? digits[group >> 6 & 63] : '=';
		*out++ = left > 2 ? digits[group & 63] : '=';
	}
	if (text)
		*out = '\0';
	return text;
}

static int value(char c)
{
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* One group of four; returns how many bytes it holds, 0 if it is none. */
static size_t decode_group(const char *text, int is_last, uint8_t out[3])
{
	size_t bytes = 3;
	uint32_t group = 0;

	if (is_last && text[3] == '=')
		bytes = text[2] == '=' ? 1 : 2;
	for (size_t i = 0; i < 4; i++) {
		int v = i <= bytes ? value(text[i]) : 0;

		if (v < 0)
			return 0;
		group = group << 6 | (uint32_t)v;
	}
	out[0] = (uint8_t)(group >> 16);
	out[1] = (uint8_t)(group >> 8);
	out[2] = (uint8_t)group;
	return bytes;
}

void *base64_decode(const char *text, size_t length, size_t *size_out)
{
	uint8_t *bytes;
	size_t size = 0;

	if (length % 4 != 0)
		return NULL;
	bytes = malloc(length / 4 * 3 + 1);
	for (size_t i = 0; bytes && i < length; i += 4) {
		uint8_t group[3];
		size_t n = decode_group(text + i, i + 4 == length, group);

		if (n == 0) {
			free(bytes);
			return NULL;
		}
		memcpy(bytes + size, group, n);
		size += n;
	}
	*size_out = size;
	return bytes;
}
