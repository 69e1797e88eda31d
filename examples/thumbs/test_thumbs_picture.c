/* picture: the arithmetic of the box, what is refused and how, the pictures that are shipped. */
#include "check.h"

#include <stdlib.h>

#include "album.h"
#include "picture.h"

static void a_picture_fits_its_box(void **state)
{
	static const struct {
		struct box picture;
		struct box limit;
		struct box expected;
	} table[] = {
		{{640, 480}, {160, 160}, {160, 120}},
		{{480, 640}, {160, 160}, {120, 160}},
		{{400, 400}, {160, 160}, {160, 160}},
		{{451, 300}, {160, 160}, {160, 106}},
		{{451, 300}, {160, 50}, {75, 50}},
		{{100, 50}, {160, 160}, {100, 50}}, /* never larger */
		{{160, 160}, {160, 160}, {160, 160}},
		{{161, 1}, {160, 160}, {160, 1}},
		{{16384, 1}, {160, 160}, {160, 1}}, /* never nothing */
		{{1, 16384}, {160, 160}, {1, 160}},
		{{16384, 16384}, {2048, 2048}, {2048, 2048}},
		{{16384, 6103}, {1, 1}, {1, 1}},
		{{300, 200}, {2048, 20}, {30, 20}},
		{{3, 2}, {2, 2}, {2, 1}},
		{{2, 3}, {2, 2}, {1, 2}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct box is = picture_fit(table[i].picture, table[i].limit);

		assert_int_equal(is.width, table[i].expected.width);
		assert_int_equal(is.height, table[i].expected.height);
	}
}

static void refused(const void *data, size_t size, enum picture_result expected, const char *reason)
{
	struct picture p = {.pixels = NULL};
	struct reason why = {""};
	enum picture_result result = picture_decode(data, size, &p, &why);

	if (result != expected || !strstr(why.text, reason))
		fail_msg("is %d '%s', expected %d '%s'", (int)result, why.text, (int)expected,
			 reason);
	assert_null(p.pixels);
}

static void what_is_no_picture_is_refused(void **state)
{
	static const char *const table[] = {
		"",
		"x",
		"hello, world\n",
		"<!DOCTYPE html><html></html>",
		"%PDF-1.7\n",
		"GIF",
		"\x89PNG",
		"\x89PNG\r\n\x1a\n",
		"BM",
		"P4 8 1\n\xff",
		"P3 1 1 255 1 2 3",
		"\177ELF\2\1\1",
		"/* a C file */\nint main(void)\n{\n\treturn 0;\n}\n",
	};
	static const char zeros[4096];

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		refused(table[i], strlen(table[i]), PICTURE_UNKNOWN, "not a picture");
	refused(zeros, sizeof(zeros), PICTURE_UNKNOWN, "4096 bytes that are no valid JPEG");
}

/* A BMP that claims 16384x16384 pixels, a PNG of 20000x1000, and one of 60000x60000. */
static void bombs_are_refused_before_decoding(void **state)
{
	static const uint8_t wide[] =
		"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x4e\x20\0\0\x03\xe8\x08\2\0\0\0"
		"\0\0\0\0\0\0\0\0IDAT\0\0\0\0\0\0\0\0IEND";
	static const uint8_t huge[] =
		"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xea\x60\0\0\xea\x60\x08\2\0\0\0"
		"\0\0\0\0\0\0\0\0IDAT\0\0\0\0\0\0\0\0IEND";
	static const uint8_t bmp[] =
		"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\0\x40\0\0\0\x40\0\0\1\0\x18"
		"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

	(void)state;
	refused(bmp, sizeof(bmp), PICTURE_TOO_LARGE, "16384x16384 pixels, at most 100000000");
	refused(wide, sizeof(wide), PICTURE_TOO_LARGE, "20000x1000 pixels, at most 16384");
	/* stb_image has a limit of its own, and does not call what is beyond it a picture */
	refused(huge, sizeof(huge), PICTURE_UNKNOWN, "no valid JPEG, PNG");
}

struct shipped {
	const char *name;
	struct box size;
	int channels;
	struct box thumbnail;
	const char *type;
};

static const struct shipped shipped[] = {
	{"camera.png", {400, 400}, 3, {160, 160}, "image/jpeg"},
	{"cat.jpg", {451, 300}, 3, {160, 106}, "image/jpeg"},
	{"coffee.jpg", {600, 400}, 3, {160, 107}, "image/jpeg"},
	{"eye.ppm", {140, 140}, 3, {140, 140}, "image/jpeg"},
	{"horse.png", {400, 328}, 4, {160, 131}, "image/png"},
	{"rocket.jpg", {640, 427}, 3, {160, 107}, "image/jpeg"},
};

static uint8_t *read_shipped(const char *name, size_t *size)
{
	char path[1024];
	uint8_t *data;

	snprintf(path, sizeof(path), PICTURES "/%s", name);
	assert_rc(0, album_read(path, 60000, &data, size));
	return data;
}

/* How different two pictures of the same size are: mean of the differences of all samples. */
static int difference(const struct picture *a, const struct picture *b)
{
	size_t count = (size_t)a->size.width * (size_t)a->size.height * (size_t)a->channels;
	size_t sum = 0;

	assert_int_equal(a->size.width, b->size.width);
	assert_int_equal(a->size.height, b->size.height);
	assert_int_equal(a->channels, b->channels);
	for (size_t i = 0; i < count; i++)
		sum += (size_t)abs(a->pixels[i] - b->pixels[i]);
	return (int)(sum / count);
}

/* The thumbnail decodes again, to the size expected and to about the same pixels. */
static void every_shipped_picture_becomes_a_thumbnail(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(shipped) / sizeof(shipped[0]); i++) {
		const struct shipped *s = &shipped[i];
		struct picture picture;
		struct picture small;
		struct picture again;
		struct picture_file file;
		struct reason why;
		size_t size;
		uint8_t *data = read_shipped(s->name, &size);
		struct box box;

		assert_int_equal(picture_decode(data, size, &picture, &why), PICTURE_OK);
		assert_int_equal(picture.size.width, s->size.width);
		assert_int_equal(picture.size.height, s->size.height);
		assert_int_equal(picture.channels, s->channels);
		box = picture_fit(picture.size, (struct box){160, 160});
		assert_int_equal(box.width, s->thumbnail.width);
		assert_int_equal(box.height, s->thumbnail.height);
		assert_int_equal(picture_shrink(&picture, box, &small, &why), PICTURE_OK);
		assert_int_equal(picture_encode(&small, &file, &why), PICTURE_OK);
		assert_text(s->type, file.type);
		assert_true(file.size > 500 && file.size < 20000);
		assert_int_equal(picture_decode(file.data, file.size, &again, &why), PICTURE_OK);
		assert_true(difference(&small, &again) < 8);
		picture_free(&picture);
		picture_free(&small);
		picture_free(&again);
		picture_file_free(&file);
		free(data);
	}
}

/* Cut anywhere, it is refused or decoded in part: what is under test is that nothing else happens.
 */
static void a_cut_file_does_no_harm(void **state)
{
	static const char *const names[] = {"cat.jpg", "coffee.jpg", "horse.png", "camera.png"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t size;
		uint8_t *data = read_shipped(names[i], &size);

		for (size_t cut = 0; cut < size; cut += cut < 1000 ? 13 : size / 20) {
			uint8_t *part = malloc(cut + 1); /* an end of its own, that is watched */
			struct picture p = {.pixels = NULL};
			struct reason why;

			assert_non_null(part);
			memcpy(part, data, cut);
			(void)picture_decode(part, cut, &p, &why);
			picture_free(&p);
			free(part);
		}
		free(data);
	}
}

static void one_colour_stays_one_colour(void **state)
{
	static const uint8_t grey[300 * 200] = {0};
	const struct picture p = {
		.pixels = (uint8_t *)(uintptr_t)grey, .size = {300, 200}, .channels = 1};
	struct picture small;
	struct picture_file file;
	struct reason why;

	(void)state;
	assert_int_equal(picture_shrink(&p, (struct box){30, 20}, &small, &why), PICTURE_OK);
	for (size_t i = 0; i < (size_t)30 * 20; i++)
		assert_int_equal(small.pixels[i], 0);
	assert_int_equal(picture_encode(&small, &file, &why), PICTURE_OK);
	assert_text("image/jpeg", file.type);
	picture_free(&small);
	picture_file_free(&file);
}

/* A GIF always has an alpha channel; where it shows nothing, the thumbnail is a JPEG. */
static void opacity_decides_about_the_type(void **state)
{
	uint8_t pixels[4 * 4 * 4];
	const struct picture p = {.pixels = pixels, .size = {4, 4}, .channels = 4};
	struct picture_file file;
	struct reason why;

	(void)state;
	memset(pixels, 255, sizeof(pixels));
	assert_int_equal(picture_encode(&p, &file, &why), PICTURE_OK);
	assert_text("image/jpeg", file.type);
	picture_file_free(&file);
	pixels[4 * 7 + 3] = 254;
	assert_int_equal(picture_encode(&p, &file, &why), PICTURE_OK);
	assert_text("image/png", file.type);
	picture_file_free(&file);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(a_picture_fits_its_box),
	cmocka_unit_test(what_is_no_picture_is_refused),
	cmocka_unit_test(bombs_are_refused_before_decoding),
	cmocka_unit_test(every_shipped_picture_becomes_a_thumbnail),
	cmocka_unit_test(a_cut_file_does_no_harm),
	cmocka_unit_test(one_colour_stays_one_colour),
	cmocka_unit_test(opacity_decides_about_the_type),
};

CHECK_MAIN(tests)
