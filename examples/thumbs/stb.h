/*
 * stb: what is used here of the stb libraries (public domain, https://github.com/nothings/stb).
 *
 * They are headers that hold their own implementation; stb.c compiles it once. stb_image is told to
 * leave out the formats that are not needed: fewer formats, fewer decoders to go wrong.
 */
#ifndef THUMBS_STB_H
#define THUMBS_STB_H

#include <stdint.h>

#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_ONLY_JPEG
#define STBI_ONLY_PNG
#define STBI_ONLY_GIF
#define STBI_ONLY_BMP
#define STBI_ONLY_TGA
#define STBI_WRITE_NO_STDIO

#include <stb/stb_image.h>
#include <stb/stb_image_write.h>

/* Scales sRGB pixels without gaps between rows; channels 1, 3 or 4. 0 if memory is short. */
int stb_scale(const uint8_t *pixels, int width, int height, int channels, uint8_t *scaled_out,
	      int to_width, int to_height);

#endif
