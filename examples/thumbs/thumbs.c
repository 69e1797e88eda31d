/*
 * thumbs: a worker that makes thumbnails. Run a pool of them under brood.
 *
 * - Request: the bytes of a picture file; metadata "width" and "height" may name the box to fit.
 * - Reply: the thumbnail; metadata "type" is image/jpeg or image/png, "width" and "height" its
 * size, "original-width" and "original-height" that of the picture.
 * - Errors: INVALID_ARGUMENT for what is no picture, broken or over the limits, RESOURCE_EXHAUSTED.
 *
 * A decoder that crashes takes this process with it, and nothing else: see netpbm.c.
 */
#include <brood.h>

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "picture.h"

struct settings {
	struct box box;
	int slow; /* ms */
};

enum { SIZE = 160, SLOW_MOST = 60000 };

/* A decimal number from 1 to `most`, all of `size` bytes; 0 if it is none. */
static int read_number(const char *text, size_t size, int most)
{
	int value = 0;

	for (size_t i = 0; i < size; i++) {
		if (text[i] < '0' || text[i] > '9')
			return 0;
		value = value * 10 + (text[i] - '0');
		if (value > most)
			return 0;
	}
	return value;
}

/* Replaces *side by the number that the caller sent, if there is one. */
static bool read_side(const brood_request_t *request, const char *key, int *side)
{
	size_t size;
	const char *text = brood_request_find(request, key, &size);

	if (!text)
		return true;
	*side = read_number(text, size, PICTURE_BOX_MOST);
	return *side > 0;
}

static void reply(brood_request_t *request, const struct picture_file *file, struct box original,
		  struct box small)
{
	char number[4][12];
	const int values[4] = {small.width, small.height, original.width, original.height};
	struct brood_meta meta[5];

	for (int i = 0; i < 4; i++)
		snprintf(number[i], sizeof(number[i]), "%d", values[i]);
	meta[0] = brood_meta_text("type", file->type);
	meta[1] = brood_meta_text("width", number[0]);
	meta[2] = brood_meta_text("height", number[1]);
	meta[3] = brood_meta_text("original-width", number[2]);
	meta[4] = brood_meta_text("original-height", number[3]);
	if (brood_reply_full(request, &(struct brood_reply_options){.body = file->data,
								    .body_size = file->size,
								    .meta = meta,
								    .meta_count = 5}) < 0)
		fprintf(stderr, "thumbs: %s\n", brood_error());
}

static unsigned code_of(enum picture_result result)
{
	switch (result) {
	case PICTURE_OK:
		return BROOD_OK;
	case PICTURE_NO_MEMORY:
		return BROOD_RESOURCE_EXHAUSTED;
	case PICTURE_UNKNOWN:
	case PICTURE_BROKEN:
	case PICTURE_TOO_LARGE:
		return BROOD_INVALID_ARGUMENT;
	}
	return BROOD_INTERNAL;
}

/* Decodes, shrinks and encodes. What was made is freed by the caller, also after a failure. */
static enum picture_result make(const void *data, size_t size, struct box box,
				struct picture *picture_out, struct picture *small_out,
				struct picture_file *file_out, struct reason *why)
{
	enum picture_result result = picture_decode(data, size, picture_out, why);

	if (result == PICTURE_OK)
		result = picture_shrink(picture_out, picture_fit(picture_out->size, box), small_out,
					why);
	if (result == PICTURE_OK)
		result = picture_encode(small_out, file_out, why);
	return result;
}

static void pause_for(int ms)
{
	struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};

	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		;
}

/* Called by the SDK for each call. */
static void answer(brood_request_t *request, void *user)
{
	const struct settings *settings = user;
	struct box box = settings->box;
	struct picture picture = {.pixels = NULL};
	struct picture small = {.pixels = NULL};
	struct picture_file file = {.data = NULL};
	struct reason why;
	enum picture_result result;
	size_t size;
	const void *data = brood_request_body(request, &size);

	if (!read_side(request, "width", &box.width) ||
	    !read_side(request, "height", &box.height)) {
		brood_reply_error(request, BROOD_INVALID_ARGUMENT,
				  "cannot make a thumbnail: width and height are 1 to %d",
				  PICTURE_BOX_MOST);
		return;
	}
	pause_for(settings->slow);
	result = make(data, size, box, &picture, &small, &file, &why);
	if (result == PICTURE_OK)
		reply(request, &file, picture.size, small.size);
	else
		brood_reply_error(request, code_of(result), "cannot make a thumbnail: %s",
				  why.text);
	picture_free(&picture);
	picture_free(&small);
	picture_file_free(&file);
}

static int usage(void)
{
	fprintf(stderr,
		"usage: thumbs [--size PIXELS] [--slow MS]      (started by brood)\n"
		"  --size PIXELS  the box where a call names none: 1 to %d; default %d\n"
		"  --slow MS      take so much longer for each picture, to have something to "
		"watch\n",
		PICTURE_BOX_MOST, SIZE);
	return 2;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"size", required_argument, NULL, 's'},
		{"slow", required_argument, NULL, 'w'},
		{NULL, 0, NULL, 0},
	};
	struct settings settings = {.box = {SIZE, SIZE}};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		int number = 0;

		if (option == 's' || option == 'w')
			number = read_number(optarg, strlen(optarg),
					     option == 's' ? PICTURE_BOX_MOST : SLOW_MOST);
		if (number == 0 && !(option == 'w' && strcmp(optarg, "0") == 0))
			return usage();
		if (option == 's')
			settings.box = (struct box){number, number};
		else
			settings.slow = number;
	}
	if (optind < argc)
		return usage();
	return brood_serve(answer, &settings, NULL);
}
