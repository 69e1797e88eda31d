/*
 * stb: the implementations of the stb libraries, compiled without our warnings.
 *
 * A file of some kilobytes can hold gigabytes of packed zeros, whatever size of picture it claims:
 * what the decoders allocate at once is therefore limited here.
 */
#include <stddef.h>
#include <stdlib.h>

#include "picture.h"

static void *limited_malloc(size_t size)
{
	return size > PICTURE_MEMORY_MOST ? NULL : malloc(size);
}

static void *limited_realloc(void *memory, size_t size)
{
	return size > PICTURE_MEMORY_MOST ? NULL : realloc(memory, size);
}

#define STBI_MALLOC  limited_malloc
#define STBI_REALLOC limited_realloc
#define STBI_FREE    free

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_WRITE_IMPLEMENTATION
#include "stb.h"

/* THUMBS_STB_RESIZE: the version of stb_image_resize that was found. */
#if THUMBS_STB_RESIZE == 1
#define STB_IMAGE_RESIZE_IMPLEMENTATION
#include <stb/stb_image_resize.h>

int stb_scale(const uint8_t *pixels, int width, int height, int channels, uint8_t *scaled_out,
	      int to_width, int to_height)
{
	int alpha = channels == 4 ? 3 : STBIR_ALPHA_CHANNEL_NONE;

	return stbir_resize_uint8_srgb(pixels, width, height, 0, scaled_out, to_width, to_height, 0,
				       channels, alpha, 0);
}
#else
#define STB_IMAGE_RESIZE_IMPLEMENTATION
#include <stb/stb_image_resize2.h>

int stb_scale(const uint8_t *pixels, int width, int height, int channels, uint8_t *scaled_out,
	      int to_width, int to_height)
{
	stbir_pixel_layout layout = channels == 1   ? STBIR_1CHANNEL
				    : channels == 3 ? STBIR_RGB
						    : STBIR_RGBA;

	return stbir_resize_uint8_srgb(pixels, width, height, 0, scaled_out, to_width, to_height, 0,
				       layout) != NULL;
}
#endif
