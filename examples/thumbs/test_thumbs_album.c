/* album: which files are pictures to send, in which order, and what is refused. */
#include "check.h"

#include <errno.h>
#include <sys/stat.h>

#include "album.h"
#include "scratch.h"

static void a_directory_gives_its_pictures_in_order(void **state)
{
	static const char *const files[] = {"d/b.jpg", "d/a.PNG",       "d/c.ppm", "d/README.md",
					    "d/noext", "d/.hidden.jpg", "d/.jpg",  "d/e.jpg.bak"};
	struct album album = {.entries = NULL};

	(void)state;
	assert_rc(0, mkdir("d", 0700));
	assert_rc(0, mkdir("d/z.jpg", 0700)); /* a directory is no picture */
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		write_text(files[i], "x");
	write_text("alone.txt", "x");
	assert_rc(0, album_add(&album, "d"));
	assert_int_equal(album.count, 3);
	assert_text("d/a.PNG", album.entries[0].path);
	assert_text("a.PNG", album.entries[0].name);
	assert_text("b.jpg", album.entries[1].name);
	assert_text("c.ppm", album.entries[2].name);
	assert_rc(0, album_add(&album,
			       "alone.txt")); /* what is named is sent, whatever it is called */
	assert_int_equal(album.count, 4);
	assert_text("alone.txt", album.entries[3].name);
	album_free(&album);
	assert_rc(0, rmdir("d/z.jpg"));
}

static void a_name_comes_once(void **state)
{
	struct album album = {.entries = NULL};

	(void)state;
	assert_rc(0, mkdir("d", 0700));
	write_text("a.jpg", "x");
	write_text("d/a.jpg", "x");
	assert_rc(0, album_add(&album, "./a.jpg"));
	assert_rc(-EEXIST, album_add(&album, "a.jpg"));
	assert_rc(-EEXIST, album_add(&album, "d"));
	assert_int_equal(album.count, 1);
	album_free(&album);
}

static void there_is_a_limit(void **state)
{
	struct album album = {.entries = NULL};
	char name[32];

	(void)state;
	for (int i = 0; i < ALBUM_MOST; i++) {
		snprintf(name, sizeof(name), "%d.jpg", i);
		write_text(name, "");
		assert_rc(0, album_add(&album, name));
	}
	write_text("more.jpg", "");
	assert_rc(-E2BIG, album_add(&album, "more.jpg"));
	assert_int_equal(album.count, ALBUM_MOST);
	album_free(&album);
}

static void what_is_not_there_is_told(void **state)
{
	struct album album = {.entries = NULL};

	(void)state;
	write_text("file", "");
	assert_rc(-ENOENT, album_add(&album, "nothing.jpg"));
	assert_rc(-ENOENT, album_add(&album, ""));
	assert_rc(-ENOTDIR, album_add(&album, "file/"));
	assert_rc(-ENOTDIR, album_add(&album, "file/x.jpg"));
	album_free(&album);
}

static void files_are_read_whole(void **state)
{
	uint8_t *data;
	size_t size;

	(void)state;
	write_text("five", "12345");
	assert_rc(0, album_read("five", 5, &data, &size));
	assert_int_equal(size, 5);
	assert_memory_equal(data, "12345", 5);
	free(data);
	assert_rc(-EFBIG, album_read("five", 4, &data, &size));
	assert_null(data);
	write_text("empty", "");
	assert_rc(0, album_read("empty", 0, &data, &size));
	assert_int_equal(size, 0);
	free(data);
}

static void only_regular_files_are_read(void **state)
{
	uint8_t *data;
	size_t size;

	(void)state;
	assert_rc(0, mkfifo("fifo", 0600)); /* must not wait for a writer */
	assert_rc(-EINVAL, album_read("fifo", 100, &data, &size));
	assert_rc(-EINVAL, album_read(".", 100, &data, &size));
	assert_rc(-EINVAL, album_read("/dev/zero", 100, &data, &size));
	assert_rc(-ENOENT, album_read("nothing", 100, &data, &size));
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, enter_scratch, leave_scratch)

static const struct CMUnitTest tests[] = {
	IN_SCRATCH(a_directory_gives_its_pictures_in_order),
	IN_SCRATCH(a_name_comes_once),
	IN_SCRATCH(there_is_a_limit),
	IN_SCRATCH(what_is_not_there_is_told),
	IN_SCRATCH(files_are_read_whole),
	IN_SCRATCH(only_regular_files_are_read),
};

CHECK_MAIN(tests)
