/* outdir: no name leaves the directory, files are whole, and no picture is overwritten. */
#include "check.h"

#include <errno.h>
#include <sys/stat.h>

#include "outdir.h"
#include "scratch.h"

static void names_are_of_the_picture(void **state)
{
	char name[OUTDIR_NAME];

	(void)state;
	assert_rc(0, outdir_name(name, "cat.jpg", "image/jpeg", 10));
	assert_text("cat.jpg.thumb.jpg", name);
	assert_rc(0, outdir_name(name, "cat.jpg", "image/png and more", 9));
	assert_text("cat.jpg.thumb.png", name);
	assert_rc(0, outdir_name(name, "..jpg", "image/jpeg", 10));
	assert_text("..jpg.thumb.jpg", name);
}

static void no_name_leaves_the_directory(void **state)
{
	static const char *const names[] = {"",         ".",    "..",  "/",      "/etc/passwd",
					    "../x.jpg", "a/b",  "./x", "x/",     "a//",
					    "..//..",   "x/..", "/..", "a/../b", "../../x.png"};
	char name[OUTDIR_NAME];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_rc(-EINVAL, outdir_name(name, names[i], "image/jpeg", 10));
}

static void only_known_types_have_names(void **state)
{
	static const char *const types[] = {"",          "image/jpe", "image/jpegs",
					    "image/gif", "jpg",       "../../x"};
	char name[OUTDIR_NAME];

	(void)state;
	assert_rc(-EINVAL, outdir_name(name, "x.jpg", NULL, 0));
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		assert_rc(-EINVAL, outdir_name(name, "x.jpg", types[i], strlen(types[i])));
}

/* The longest name that is accepted can be written, with all that is put around it. */
static void long_names(void **state)
{
	char picture[OUTDIR_NAME + 1];
	char name[OUTDIR_NAME];
	struct outdir dir;
	size_t length = 0;

	(void)state;
	assert_rc(0, outdir_open(&dir, "out"));
	for (; length < OUTDIR_NAME; length++) {
		picture[length] = 'x';
		picture[length + 1] = '\0';
		if (outdir_name(name, picture, "image/png", 9) < 0)
			break;
	}
	assert_rc(-ENAMETOOLONG, outdir_name(name, picture, "image/png", 9));
	assert_true(length > 200);
	picture[length] = '\0';
	assert_rc(0, outdir_name(name, picture, "image/png", 9));
	assert_rc(0, outdir_write(&dir, name, "x", 1));
	outdir_close(&dir);
}

static void files_are_whole_and_replaced(void **state)
{
	struct outdir dir;

	(void)state;
	assert_rc(0, outdir_open(&dir, "out"));
	assert_rc(0, outdir_write(&dir, "a.thumb.jpg", "first", 5));
	assert_file("out/a.thumb.jpg", "first");
	assert_rc(0, outdir_write(&dir, "a.thumb.jpg", "", 0));
	assert_file("out/a.thumb.jpg", "");
	outdir_close(&dir);
	assert_rc(0, outdir_open(&dir, "out"));
	outdir_close(&dir);
}

/* What a link of that name leads to stays as it is. */
static void links_are_not_followed(void **state)
{
	struct outdir dir;

	(void)state;
	write_text("precious", "precious");
	assert_rc(0, outdir_open(&dir, "out"));
	assert_rc(0, symlink("../precious", "out/a.thumb.jpg"));
	assert_rc(0, outdir_write(&dir, "a.thumb.jpg", "new", 3));
	assert_file("precious", "precious");
	assert_file("out/a.thumb.jpg", "new");
	outdir_close(&dir);
}

static void what_cannot_be_written_leaves_nothing(void **state)
{
	struct outdir dir;
	struct dirent *entry;
	DIR *open;
	int entries = 0;

	(void)state;
	assert_rc(0, outdir_open(&dir, "out"));
	assert_rc(0, mkdir("out/a.thumb.jpg", 0700));
	assert_rc(-EISDIR, outdir_write(&dir, "a.thumb.jpg", "new", 3));
	open = opendir("out");
	assert_non_null(open);
	while ((entry = readdir(open)))
		entries++;
	closedir(open);
	assert_int_equal(entries, 3); /* ".", ".." and the directory */
	outdir_close(&dir);
}

static void a_directory_with_pictures_is_known(void **state)
{
	struct outdir dir;

	(void)state;
	assert_rc(0, outdir_open(&dir, "out"));
	write_text("out/in.jpg", "in");
	write_text("beside.jpg", "beside");
	assert_rc(0, symlink("out/in.jpg", "to-in.jpg"));
	assert_rc(0, symlink("../beside.jpg", "out/to-beside.jpg"));
	assert_rc(0, symlink("out", "other-name"));
	assert_rc(1, outdir_holds(&dir, "out/in.jpg"));
	assert_rc(1, outdir_holds(&dir, "./out/../out/in.jpg"));
	assert_rc(1, outdir_holds(&dir, "other-name/in.jpg"));
	assert_rc(1, outdir_holds(&dir, "to-in.jpg"));
	assert_rc(1, outdir_holds(&dir, "out/to-beside.jpg"));
	assert_rc(0, outdir_holds(&dir, "beside.jpg"));
	assert_rc(-ENOENT, outdir_holds(&dir, "nothing.jpg"));
	outdir_close(&dir);
}

static void what_is_no_directory_is_refused(void **state)
{
	struct outdir dir;

	(void)state;
	write_text("file", "");
	assert_rc(-ENOTDIR, outdir_open(&dir, "file"));
	outdir_close(&dir);
	assert_rc(-ENOENT, outdir_open(&dir, "not/there"));
	outdir_close(&dir);
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, enter_scratch, leave_scratch)

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(names_are_of_the_picture),
	cmocka_unit_test(no_name_leaves_the_directory),
	cmocka_unit_test(only_known_types_have_names),
	IN_SCRATCH(long_names),
	IN_SCRATCH(files_are_whole_and_replaced),
	IN_SCRATCH(links_are_not_followed),
	IN_SCRATCH(what_cannot_be_written_leaves_nothing),
	IN_SCRATCH(a_directory_with_pictures_is_known),
	IN_SCRATCH(what_is_no_directory_is_refused),
};

CHECK_MAIN(tests)
