/*
 * picture: limits, the choice of a decoder, scaling and encoding. The codecs are stb's, and
 * netpbm.c.
 */
#include "picture.h"

#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "netpbm.h"
#include "stb.h"

enum { JPEG_QUALITY = 85, GROW_LEAST = 16 << 10 };

enum picture_result picture_fail(struct reason *why, enum picture_result result, const char *format,
				 ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why->text, sizeof(why->text), format, args);
	va_end(args);
	return result;
}

enum picture_result picture_check_size(int width, int height, struct reason *why)
{
	if (width < 1 || height < 1)
		return picture_fail(why, PICTURE_BROKEN, "a picture of %dx%d pixels", width,
				    height);
	if (width > PICTURE_SIDE_MOST || height > PICTURE_SIDE_MOST)
		return picture_fail(
			why, PICTURE_TOO_LARGE,
			"the picture has %dx%d pixels, at most %d are taken in one direction",
			width, height, PICTURE_SIDE_MOST);
	if ((int64_t)width * height > PICTURE_PIXELS_MOST)
		return picture_fail(why, PICTURE_TOO_LARGE,
				    "the picture has %dx%d pixels, at most %d are taken in all",
				    width, height, PICTURE_PIXELS_MOST);
	return PICTURE_OK;
}

/* stb's own reasons are a few words: "bad Huffman code", "outofmem". */
static enum picture_result stb_failed(struct reason *why)
{
	const char *reason = stbi_failure_reason();

	if (reason && strcmp(reason, "outofmem") == 0)
		return picture_fail(why, PICTURE_NO_MEMORY,
				    "no memory for the picture, or it takes more "
				    "than it says");
	return picture_fail(why, PICTURE_BROKEN, "a broken picture: %s",
			    reason ? reason : "unknown");
}

enum picture_result picture_decode(const void *data, size_t size, struct picture *picture_out,
				   struct reason *why)
{
	struct picture p = {.pixels = NULL};
	struct box decoded;
	enum picture_result result;

	if (netpbm_begins(data, size))
		return netpbm_decode(data, size, picture_out, why);
	/* the size first: it costs nothing, and what is over the limits is never decoded */
	if (size == 0 || size > INT_MAX ||
	    !stbi_info_from_memory(data, (int)size, &p.size.width, &p.size.height, &p.channels))
		return picture_fail(why, PICTURE_UNKNOWN,
				    "not a picture: %zu bytes that are no valid JPEG, PNG, GIF, "
				    "BMP, TGA, PGM or PPM",
				    size);
	result = picture_check_size(p.size.width, p.size.height, why);
	if (result != PICTURE_OK)
		return result;
	if (p.channels == 2)
		p.channels = 4;
	p.pixels = stbi_load_from_memory(data, (int)size, &decoded.width, &decoded.height,
					 &(int){0}, p.channels);
	if (!p.pixels)
		return stb_failed(why);
	if (decoded.width != p.size.width || decoded.height != p.size.height) {
		picture_free(&p);
		return picture_fail(why, PICTURE_BROKEN, "a broken picture: it has two sizes");
	}
	*picture_out = p;
	return PICTURE_OK;
}

/* size * to / from, rounded, at least 1. */
static int scaled(int size, int to, int from)
{
	int64_t result = ((int64_t)size * to + from / 2) / from;

	return result < 1 ? 1 : (int)result;
}

struct box picture_fit(struct box picture, struct box limit)
{
	if (picture.width <= limit.width && picture.height <= limit.height)
		return picture;
	if ((int64_t)picture.width * limit.height >= (int64_t)picture.height * limit.width)
		return (struct box){limit.width,
				    scaled(picture.height, limit.width, picture.width)};
	return (struct box){scaled(picture.width, limit.height, picture.height), limit.height};
}

enum picture_result picture_shrink(const struct picture *picture, struct box to,
				   struct picture *small_out, struct reason *why)
{
	struct picture small = {.size = to, .channels = picture->channels};

	small.pixels = malloc((size_t)to.width * (size_t)to.height * (size_t)small.channels);
	if (!small.pixels || !stb_scale(picture->pixels, picture->size.width, picture->size.height,
					picture->channels, small.pixels, to.width, to.height)) {
		free(small.pixels);
		return picture_fail(why, PICTURE_NO_MEMORY, "no memory for a thumbnail of %dx%d",
				    to.width, to.height);
	}
	*small_out = small;
	return PICTURE_OK;
}

/* What an encoder has written so far. */
struct written {
	uint8_t *data;
	size_t size;
	size_t capacity;
	bool failed;
};

static void take(void *context, void *data, int size)
{
	struct written *w = context;

	if (w->failed || size <= 0)
		return;
	if (w->capacity - w->size < (size_t)size) {
		size_t capacity = (w->capacity + (size_t)size) * 2 + GROW_LEAST;
		uint8_t *grown = realloc(w->data, capacity);

		if (!grown) {
			w->failed = true;
			return;
		}
		w->data = grown;
		w->capacity = capacity;
	}
	memcpy(w->data + w->size, data, (size_t)size);
	w->size += (size_t)size;
}

static bool is_opaque(const struct picture *p)
{
	size_t count = (size_t)p->size.width * (size_t)p->size.height;

	if (p->channels < 4)
		return true;
	for (size_t i = 0; i < count; i++) {
		if (p->pixels[4 * i + 3] != 255)
			return false;
	}
	return true;
}

enum picture_result picture_encode(const struct picture *picture, struct picture_file *file_out,
				   struct reason *why)
{
	struct written w = {.data = NULL};
	bool jpeg = is_opaque(picture);
	int width = picture->size.width;
	int height = picture->size.height;
	int done;

	if (jpeg)
		done = stbi_write_jpg_to_func(take, &w, width, height, picture->channels,
					      picture->pixels, JPEG_QUALITY);
	else
		done = stbi_write_png_to_func(take, &w, width, height, picture->channels,
					      picture->pixels, 0);
	if (!done || w.failed) {
		free(w.data);
		return picture_fail(why, PICTURE_NO_MEMORY, "no memory for a file of %dx%d", width,
				    height);
	}
	*file_out = (struct picture_file){w.data, w.size, jpeg ? "image/jpeg" : "image/png"};
	return PICTURE_OK;
}

void picture_free(struct picture *picture)
{
	free(picture->pixels);
	*picture = (struct picture){.pixels = NULL};
}

void picture_file_free(struct picture_file *file)
{
	free(file->data);
	*file = (struct picture_file){.data = NULL};
}
