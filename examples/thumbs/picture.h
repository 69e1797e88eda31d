/*
 * picture: from the bytes of a picture file to the bytes of its thumbnail.
 *
 * All that comes from outside is checked against the limits below before memory is taken for it.
 * Every failure has a sentence, struct reason, that can be shown to whoever sent the file.
 */
#ifndef THUMBS_PICTURE_H
#define THUMBS_PICTURE_H

#include <stddef.h>
#include <stdint.h>

enum {
	PICTURE_SIDE_MOST = 16384,       /* pixels in one direction */
	PICTURE_PIXELS_MOST = 100000000, /* pixels in all: 400 MB, decoded */
	PICTURE_MEMORY_MOST = 500000000, /* bytes a decoder may take at once, whatever it reads */
	PICTURE_BOX_MOST = 2048,         /* side of the box of a thumbnail */
};

enum picture_result {
	PICTURE_OK,
	PICTURE_UNKNOWN,   /* no picture, or of a format that is not read here */
	PICTURE_BROKEN,    /* it begins like a picture, but cannot be decoded */
	PICTURE_TOO_LARGE, /* over a limit; nothing was decoded */
	PICTURE_NO_MEMORY,
};

struct reason {
	char text[160];
};

struct box {
	int width;
	int height;
};

/* Rows without gaps, malloc()ed. Channels: 1 grey, 3 RGB, 4 RGB and alpha. */
struct picture {
	uint8_t *pixels;
	struct box size;
	int channels;
};

/* A written file. data is malloc()ed; type is "image/jpeg" or "image/png". */
struct picture_file {
	uint8_t *data;
	size_t size;
	const char *type;
};

/* JPEG, PNG, GIF (its first picture), BMP, TGA, PGM and PPM. */
enum picture_result picture_decode(const void *data, size_t size, struct picture *picture_out,
				   struct reason *why);
/* `picture` made to fit into `limit`: of the same shape, never larger, at least 1x1. */
struct box picture_fit(struct box picture, struct box limit);
/* A smaller copy; `to` must not be larger than the picture. */
enum picture_result picture_shrink(const struct picture *picture, struct box to,
				   struct picture *small_out, struct reason *why);
/* As JPEG, or as PNG where something shines through. */
enum picture_result picture_encode(const struct picture *picture, struct picture_file *file_out,
				   struct reason *why);
/* Are these sides within the limits? */
enum picture_result picture_check_size(int width, int height, struct reason *why);
/* Keeps the sentence, returns the result. */
enum picture_result picture_fail(struct reason *why, enum picture_result result, const char *format,
				 ...) __attribute__((format(printf, 3, 4)));

/* Both may be given what is all zero. */
void picture_free(struct picture *picture);
void picture_file_free(struct picture_file *file);

#endif
