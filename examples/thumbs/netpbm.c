/*
 * netpbm: a decoder for PGM and PPM, written in an afternoon. IT HAS A BUG, and the bug stays.
 *
 * The header says how many pixels follow, and this decoder believes it: it checks the claim against
 * the limits, but not against the bytes that came. A file that was cut short, or made to harm, has
 * it read far beyond the end of its memory, which ends in SIGSEGV (pictures/crash.ppm brings 26 of
 * 240,000,000 bytes). Image decoders have had bugs of just this kind for thirty years. That is why
 * they run in processes of their own here, under brood: one worker dies, the call that killed it
 * gets an error, every other picture gets its thumbnail, and a new worker is started.
 */
#include "netpbm.h"

#include <stdlib.h>
#include <string.h>

struct reader {
	const uint8_t *data;
	size_t size;
	size_t at;
};

static bool is_blank(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

bool netpbm_begins(const uint8_t *data, size_t size)
{
	return size >= 3 && data[0] == 'P' && (data[1] == '5' || data[1] == '6') &&
	       (is_blank(data[2]) || data[2] == '#');
}

/* Blanks, and comments from # to the end of the line. */
static void skip_blanks(struct reader *r)
{
	while (r->at < r->size && (is_blank(r->data[r->at]) || r->data[r->at] == '#')) {
		if (r->data[r->at] == '#') {
			while (r->at < r->size && r->data[r->at] != '\n')
				r->at++;
		} else {
			r->at++;
		}
	}
}

/* A decimal number of at most seven digits; -1 if there is none. */
static int read_number(struct reader *r)
{
	int value = 0;
	int digits = 0;

	skip_blanks(r);
	for (; r->at < r->size && r->data[r->at] >= '0' && r->data[r->at] <= '9'; r->at++) {
		if (++digits > 7)
			return -1;
		value = value * 10 + (r->data[r->at] - '0');
	}
	return digits > 0 ? value : -1;
}

/* Width, height and largest sample; leaves the reader at the first pixel. */
static enum picture_result read_header(struct reader *r, struct picture *p, int *most_out,
				       struct reason *why)
{
	p->channels = r->data[1] == '5' ? 1 : 3;
	r->at = 2;
	p->size.width = read_number(r);
	p->size.height = read_number(r);
	*most_out = read_number(r);
	if (p->size.width < 0 || p->size.height < 0 || *most_out < 0 || r->at >= r->size ||
	    !is_blank(r->data[r->at]))
		return picture_fail(why, PICTURE_BROKEN, "a netpbm picture without a whole header");
	if (*most_out < 1 || *most_out > 255)
		return picture_fail(
			why, PICTURE_BROKEN,
			"a netpbm picture with samples up to %d; only 1 to 255 is read here",
			*most_out);
	r->at++;
	return picture_check_size(p->size.width, p->size.height, why);
}

/* Copies one row, its samples brought from 0..most to 0..255. */
static void copy_row(uint8_t *to, const uint8_t *from, size_t size, int most)
{
	if (most == 255) {
		memcpy(to, from, size);
		return;
	}
	for (size_t i = 0; i < size; i++) {
		int sample = from[i] < most ? from[i] : most;

		to[i] = (uint8_t)((sample * 255 + most / 2) / most);
	}
}

enum picture_result netpbm_decode(const uint8_t *data, size_t size, struct picture *picture_out,
				  struct reason *why)
{
	struct reader r = {.data = data, .size = size};
	struct picture p = {.pixels = NULL};
	int most;
	enum picture_result result = read_header(&r, &p, &most, why);
	size_t row;

	if (result != PICTURE_OK)
		return result;
	row = (size_t)p.size.width * (size_t)p.channels;
	p.pixels = malloc(row * (size_t)p.size.height);
	if (!p.pixels)
		return picture_fail(why, PICTURE_NO_MEMORY, "no memory for %dx%d pixels",
				    p.size.width, p.size.height);
	/* the bug: nothing asks whether r.size - r.at is enough for all these rows */
	for (int y = 0; y < p.size.height; y++, r.at += row)
		copy_row(p.pixels + (size_t)y * row, data + r.at, row, most);
	*picture_out = p;
	return PICTURE_OK;
}
