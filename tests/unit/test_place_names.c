/* place: what is missing, no directory, too long or relative; and the parts and names of paths. */
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "peer.h"
#include "place.h"
#include "room.h"

static char problem[PLACE_PROBLEM];

static void assert_refused(int rc, const char *path, const char *words)
{
	int free_before = room_lowest_fd();
	int fd = -7;

	memset(problem, '#', sizeof(problem));
	assert_rc(rc, place_open(path, PEER_NOBODY, &fd, problem));
	assert_int_equal(fd, -7);
	assert_non_null(memchr(problem, '\0', sizeof(problem)));
	if (!strstr(problem, words))
		fail_msg("\"%s\" does not say \"%s\"", problem, words);
	assert_int_equal(room_lowest_fd(), free_before);
}

static int open_place(const char *path)
{
	int fd = -1;

	if (place_open(path, PEER_NOBODY, &fd, problem) != 0)
		fail_msg("%s", problem);
	return fd;
}

enum { SOMEBODY = 1234 };

static void need_safe_tmp(void)
{
	if (!room_is_safe())
		check_skip("needs a /tmp that only root controls");
}

static void a_path_must_be_absolute(void **state)
{
	static const char *const paths[] = {"", ".", "..", "tmp", "tmp/", "./tmp", "~/tmp"};

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		assert_refused(-EINVAL, paths[i], "is not an absolute path");
}

static void what_is_missing_is_named(void **state)
{
	(void)state;
	need_safe_tmp();
	assert_return_code(mkdir(room_at("a"), 0700), errno);
	assert_return_code(symlink("nowhere", room_at("link")), errno);
	assert_refused(-ENOENT, room_at("no"), "/no does not exist");
	assert_refused(-ENOENT, room_at("a/no/b/c"), "/a/no does not exist");
	assert_refused(-ENOENT, room_at("link"), "/nowhere does not exist");
	assert_refused(-ENOENT, "/no-such-directory-of-brood",
		       "/no-such-directory-of-brood does not exist");
}

/* The sentence tells the way that was gone, not the links by which it was. */
static void what_is_missing_behind_a_link_is_named(void **state)
{
	char expected[PLACE_PROBLEM];

	(void)state;
	need_safe_tmp();
	assert_return_code(mkdir(room_at("a"), 0700), errno);
	assert_return_code(symlink("a", room_at("relative")), errno);
	assert_return_code(symlink(room_at("a"), room_at("absolute")), errno);
	snprintf(expected, sizeof(expected), "%s/a/no does not exist", room_path);
	assert_refused(-ENOENT, room_at("relative/no"), expected);
	assert_text(expected, problem);
	assert_refused(-ENOENT, room_at("absolute/no"), expected);
	assert_text(expected, problem);
}

static void descriptor_zero_is_one_like_others(void **state)
{
	int before;
	int fd;

	(void)state;
	need_safe_tmp();
	before = dup(0);
	assert_return_code(before, errno);
	close(0);
	fd = open_place(room_path);
	close(fd);
	assert_int_equal(room_lowest_fd(), 0);
	assert_refused(-ENOENT, room_at("no"), "does not exist");
	assert_int_equal(dup2(before, 0), 0);
	close(before);
}

static void what_is_no_directory_is_named(void **state)
{
	int fd;

	(void)state;
	need_safe_tmp();
	fd = open(room_at("file"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_return_code(fd, errno);
	close(fd);
	assert_return_code(mkfifo(room_at("fifo"), 0600), errno);
	assert_return_code(symlink("file", room_at("link")), errno);
	assert_refused(-ENOTDIR, room_at("file"), "/file is not a directory");
	assert_refused(-ENOTDIR, room_at("file/"), "/file is not a directory");
	assert_refused(-ENOTDIR, room_at("file/in/the/middle"), "/file is not a directory");
	assert_refused(-ENOTDIR, room_at("file/.."), "/file is not a directory");
	assert_refused(-ENOTDIR, room_at("fifo"), "/fifo is not a directory");
	assert_refused(-ENOTDIR, room_at("link/x"), "/file is not a directory");
	assert_refused(-ENOTDIR, "/dev/null", "/dev/null is not a directory");
}

static void a_directory_that_cannot_be_entered_is_named(void **state)
{
	(void)state;
	need_safe_tmp();
	assert_return_code(mkdir(room_at("a"), 0700), errno);
	assert_return_code(mkdir(room_at("a/b"), 0700), errno);
	assert_return_code(chmod(room_at("a"), 0), errno);
	assert_return_code(chmod(room_at("."), 0755), errno);
	if (geteuid() == 0) /* enters everything */
		assert_return_code(seteuid(SOMEBODY), errno);
	assert_refused(-EACCES, room_at("a/b"), "/a/b cannot be examined");
	if (getuid() == 0)
		assert_return_code(seteuid(0), errno);
	chmod(room_at("a"), 0700);
}

static void the_longest_name_is_fine_and_a_longer_one_is_not(void **state)
{
	char name[NAME_MAX + 2];

	(void)state;
	need_safe_tmp();
	memset(name, 'n', sizeof(name));
	name[NAME_MAX] = '\0';
	assert_return_code(mkdir(room_at(name), 0700), errno);
	close(open_place(room_at(name)));
	name[NAME_MAX] = 'n';
	name[NAME_MAX + 1] = '\0';
	assert_refused(-ENAMETOOLONG, room_at(name), "is followed by a name that is too long");
}

/* Makes directories inside each other until the path has `length` bytes; without the full path. */
static void make_deep(char *path, size_t length)
{
	size_t used = strlen(room_path);
	int fd = open(room_path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	strcpy(path, room_path);
	while (used < length) {
		size_t part = length - used - 1 < 200 ? length - used - 1 : 200;
		int next;

		if (length - used - 1 - part == 1)
			part--; /* one byte would remain, room for a slash only */
		path[used] = '/';
		memset(path + used + 1, 'd', part);
		path[used + 1 + part] = '\0';
		assert_return_code(mkdirat(fd, path + used + 1, 0700), errno);
		next = openat(fd, path + used + 1, O_PATH | O_DIRECTORY | O_CLOEXEC);
		assert_return_code(next, errno);
		close(fd);
		fd = next;
		used += 1 + part;
	}
	close(fd);
}

static void remove_deep(char *path)
{
	while (strlen(path) > strlen(room_path)) {
		assert_return_code(rmdir(path), errno);
		*strrchr(path, '/') = '\0';
	}
}

static void the_longest_path_is_fine_and_a_longer_one_is_not(void **state)
{
	static char path[2 * PATH_MAX];

	(void)state;
	need_safe_tmp();
	make_deep(path, PATH_MAX - 1);
	assert_int_equal(strlen(path), PATH_MAX - 1);
	close(open_place(path));
	remove_deep(path);
	memset(path, '/', PATH_MAX - 1);
	path[PATH_MAX - 1] = '\0';
	close(open_place(path)); /* nothing but slashes is "/" */
	path[PATH_MAX - 1] = '/';
	path[PATH_MAX] = '\0';
	assert_refused(-EINVAL, path, "is not an absolute path of at most 4095 bytes");
	memset(path, 'x', sizeof(path) - 1);
	assert_refused(-EINVAL, path, "is not an absolute path");
}

static void a_link_may_not_make_a_path_too_long(void **state)
{
	static char path[PATH_MAX];
	char target[1001] = "";
	size_t used;

	(void)state;
	need_safe_tmp();
	assert_return_code(mkdir(room_at("a"), 0700), errno);
	memset(target, '/', 999);
	target[999] = 'a'; /* 999 slashes: absolute, and there is no /a that matters */
	assert_return_code(symlink(target, room_at("long")), errno);
	snprintf(path, sizeof(path), "%s/long", room_path);
	used = strlen(path);
	memset(path + used, '/', sizeof(path) - used - 1);
	assert_refused(-ENAMETOOLONG, path, "leads to a path that is too long");
}

static void a_shortage_of_descriptors_is_told_as_such(void **state)
{
	struct rlimit before;
	struct rlimit none;
	int fd = -7;
	int rc;

	(void)state;
	need_safe_tmp();
	assert_return_code(getrlimit(RLIMIT_NOFILE, &before), errno);
	for (rlim_t more = 0; more < 2; more++) {
		none = before;
		none.rlim_cur = (rlim_t)room_lowest_fd() + more;
		assert_return_code(setrlimit(RLIMIT_NOFILE, &none), errno);
		rc = place_open("/tmp", PEER_NOBODY, &fd, problem);
		assert_return_code(setrlimit(RLIMIT_NOFILE, &before), errno);
		assert_rc(-EMFILE, rc);
		assert_int_equal(fd, -7);
		assert_text(more ? "/tmp cannot be opened" : "/ cannot be opened", problem);
	}
}

static void a_name_is_reached_whatever_its_path_is(void **state)
{
	char name[64];
	struct stat st;
	int dirfd;
	int fd;

	(void)state;
	need_safe_tmp();
	assert_return_code(mkdir(room_at("a"), 0700), errno);
	dirfd = open_place(room_at("a"));
	assert_rc(0, place_name(name, sizeof(name), dirfd, "file"));
	assert_return_code(rename(room_at("a"), room_at("b")), errno);
	fd = open(name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
	assert_return_code(fd, errno);
	close(fd);
	close(dirfd);
	assert_return_code(stat(room_at("b/file"), &st), errno);
}

static void a_name_needs_all_its_room(void **state)
{
	static const char expected[] = "/proc/self/fd/42/app.sock";
	char name[64];

	(void)state;
	for (size_t room = 0; room < sizeof(expected); room++)
		assert_rc(-ENAMETOOLONG, place_name(name, room, 42, "app.sock"));
	assert_rc(0, place_name(name, sizeof(expected), 42, "app.sock"));
	assert_text(expected, name);
}

static void a_path_is_split_at_its_last_slash(void **state)
{
	static const struct {
		const char *path;
		int rc;
		const char *directory;
		const char *name;
	} paths[] = {
		{"/a/b/c", 0, "/a/b", "c"},     {"/a", 0, "/", "a"},
		{"//a", 0, "/", "a"},           {"/a//b", 0, "/a/", "b"},
		{"a/b", 0, "a", "b"},           {"/a/.b", 0, "/a", ".b"},
		{"/a/b/", -EINVAL, NULL, NULL}, {"/", -EINVAL, NULL, NULL},
		{"", -EINVAL, NULL, NULL},      {"a", -EINVAL, NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		char directory[16];
		const char *name = NULL;

		assert_rc(paths[i].rc,
			  place_split(paths[i].path, directory, sizeof(directory), &name));
		if (paths[i].rc == 0) {
			assert_text(paths[i].directory, directory);
			assert_text(paths[i].name, name);
		}
	}
}

static void a_directory_needs_all_its_room(void **state)
{
	char directory[8];
	const char *name;

	(void)state;
	for (size_t room = 0; room < 5; room++)
		assert_rc(-ENAMETOOLONG, place_split("/abc/d", directory, room, &name));
	assert_rc(0, place_split("/abc/d", directory, 5, &name));
	assert_text("/abc", directory);
	assert_rc(-ENAMETOOLONG, place_split("/d", directory, 1, &name));
	assert_rc(0, place_split("/d", directory, 2, &name));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, room_make, room_remove)

static const struct CMUnitTest tests[] = {
	TEST(a_path_must_be_absolute),
	TEST(what_is_missing_is_named),
	TEST(what_is_missing_behind_a_link_is_named),
	TEST(descriptor_zero_is_one_like_others),
	TEST(what_is_no_directory_is_named),
	TEST(a_directory_that_cannot_be_entered_is_named),
	TEST(the_longest_name_is_fine_and_a_longer_one_is_not),
	TEST(the_longest_path_is_fine_and_a_longer_one_is_not),
	TEST(a_link_may_not_make_a_path_too_long),
	TEST(a_shortage_of_descriptors_is_told_as_such),
	TEST(a_name_is_reached_whatever_its_path_is),
	TEST(a_name_needs_all_its_room),
	TEST(a_path_is_split_at_its_last_slash),
	TEST(a_directory_needs_all_its_room),
};

CHECK_MAIN(tests)
