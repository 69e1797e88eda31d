/*
 * outside: only a regular file that nobody else could have written is read; K4 of the fault list.
 */
#include "check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "config.h"
#include "outside.h"

static char directory[] = "/tmp/brood-outside-XXXXXX";
static struct world world;

static int enter_directory(void **state)
{
	(void)state;
	umask(022);
	world = outside_world();
	return !mkdtemp(directory) || chdir(directory) < 0;
}

static void remove_all(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *entry;

	while (d && (entry = readdir(d)) != NULL) {
		if (entry->d_name[0] != '.' && unlinkat(dirfd(d), entry->d_name, 0) < 0)
			unlinkat(dirfd(d), entry->d_name, AT_REMOVEDIR);
	}
	if (d)
		closedir(d);
}

static int leave_directory(void **state)
{
	(void)state;
	remove_all("listed");
	remove_all(".");
	return chdir("/") < 0 || rmdir(directory) < 0;
}

static void put_file(const char *name, const char *text, mode_t mode)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void check_refused(const char *path, int rc, const char *expected)
{
	struct world_file file = {.bytes = NULL};
	char problem[WORLD_PROBLEM] = "";

	assert_rc(rc, world.read_file(world.context, path, 100, &file, problem));
	assert_text(expected, problem);
	assert_null(file.bytes);
}

static void an_own_file_is_read_whole(void **state)
{
	struct world_file file;
	struct world_file same;
	char problem[WORLD_PROBLEM];

	(void)state;
	put_file("fine.ini", "[worker:a]\n", 0644);
	assert_rc(0, world.read_file(world.context, "fine.ini", 11, &file, problem));
	assert_int_equal(file.size, 11);
	assert_memory_equal(file.bytes, "[worker:a]\n", 11);
	assert_int_equal(link("fine.ini", "link.ini"), 0);
	assert_rc(0, world.read_file(world.context, "./link.ini", 11, &same, problem));
	assert_memory_equal(file.identity, same.identity, sizeof(file.identity));
	free(file.bytes);
	free(same.bytes);
	put_file("empty.ini", "", 0600);
	assert_rc(0, world.read_file(world.context, "empty.ini", 11, &file, problem));
	assert_int_equal(file.size, 0);
	assert_memory_not_equal(file.identity, same.identity, sizeof(file.identity));
	free(file.bytes);
}

static void files_of_others_and_for_others_are_refused(void **state)
{
	(void)state;
	put_file("group.ini", "x", 0664);
	check_refused("group.ini", -EPERM,
		      "it is writable by its group (mode 0664), run chmod go-w on it");
	put_file("all.ini", "x", 0666);
	check_refused("all.ini", -EPERM,
		      "it is writable by everybody (mode 0666), run chmod go-w on it");
	if (geteuid() != 0)
		return;
	put_file("other.ini", "x", 0644);
	assert_int_equal(chown("other.ini", 65534, 65534), 0);
	check_refused("other.ini", -EPERM, "it belongs to uid 65534, neither to root nor to uid 0");
}

static void what_is_no_file_is_refused_without_waiting(void **state)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "socket"};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	assert_int_equal(symlink("fine.ini", "symbolic.ini"), 0);
	check_refused("symbolic.ini", -ELOOP, "it is a symbolic link, name the file itself");
	assert_int_equal(mkfifo("fifo.ini", 0600), 0);
	check_refused("fifo.ini", -EINVAL, "it is a FIFO, not a regular file");
	check_refused(".", -EINVAL, "it is a directory, not a regular file");
	check_refused("/dev/zero", -EINVAL, "it is a device, not a regular file");
	assert_int_equal(bind(fd, (const struct sockaddr *)&name, sizeof(name)), 0);
	check_refused("socket", -ENXIO, strerror(ENXIO));
	check_refused("missing.ini", -ENOENT, "No such file or directory");
	close(fd);
}

static void the_limit_is_exact(void **state)
{
	char text[102];

	(void)state;
	memset(text, 'x', 101);
	text[101] = '\0';
	put_file("large.ini", text, 0600);
	check_refused("large.ini", -EFBIG, "it is 101 bytes, at most 100 are allowed");
}

/* /proc files say that they are empty, and are not: as one that grows after it was examined. */
static void a_file_that_grows_is_still_limited(void **state)
{
	struct world_file file = {.bytes = NULL};
	char problem[WORLD_PROBLEM] = "";
	struct stat st;

	(void)state;
	if (stat("/proc/version", &st) < 0 || (st.st_uid != 0 && st.st_uid != geteuid()))
		check_skip("/proc is not of root, as in a user namespace");
	assert_rc(-EFBIG, world.read_file(world.context, "/proc/version", 5, &file, problem));
	assert_text("it is more than 5 bytes", problem);
}

struct heard {
	size_t count;
	size_t most;
	bool has_b;
};

static bool hear(void *context, const char *name)
{
	struct heard *h = context;

	assert_true(strcmp(name, ".") != 0 && strcmp(name, "..") != 0);
	h->has_b = h->has_b || strcmp(name, "b.ini") == 0;
	return ++h->count < h->most;
}

static int list(const char *path, struct heard *h, char problem[WORLD_PROBLEM])
{
	h->count = 0;
	return world.list_directory(world.context, path, hear, h, problem);
}

static void a_directory_is_listed(void **state)
{
	char problem[WORLD_PROBLEM] = "";
	struct heard h = {.most = 100};

	(void)state;
	assert_int_equal(mkdir("listed", 0755), 0);
	put_file("listed/a.ini", "", 0600);
	put_file("listed/b.ini", "", 0600);
	put_file("listed/c.ini", "", 0600);
	assert_rc(0, list("listed", &h, problem));
	assert_int_equal(h.count, 3);
	assert_true(h.has_b);
	h.most = 2;
	assert_rc(0, list("listed/", &h, problem));
	assert_int_equal(h.count, 2);
	assert_rc(-ENOENT, list("nowhere", &h, problem));
	assert_rc(-ENOTDIR, list("fine.ini", &h, problem));
	assert_int_equal(chmod("listed", 0775), 0);
	assert_rc(-EPERM, list("listed", &h, problem));
	assert_text("it is writable by its group (mode 0775), run chmod go-w on it", problem);
	assert_int_equal(chmod("listed", 0755), 0);
}

static void users_are_found_by_name_and_number(void **state)
{
	struct world_user user;
	struct world_user same;

	(void)state;
	assert_rc(0, world.find_user(world.context, "root", 0, &user));
	assert_int_equal(user.uid, 0);
	assert_int_equal(user.gid, 0);
	assert_text("root", user.name);
	assert_int_equal(user.home[0], '/');
	assert_rc(0, world.find_user(world.context, NULL, 0, &same));
	assert_text(user.shell, same.shell);
	assert_rc(-ENOENT, world.find_user(world.context, "no-such-user-here", 0, &user));
	assert_rc(-ENOENT, world.find_user(world.context, NULL, 4000000000u, &user));
}

static void groups_are_found_by_name_and_number(void **state)
{
	struct world_group group;
	unsigned *gids;
	size_t count;

	(void)state;
	assert_rc(0, world.find_group(world.context, "root", 7, &group));
	assert_int_equal(group.gid, 0);
	assert_rc(0, world.find_group(world.context, NULL, 0, &group));
	assert_text("root", group.name);
	assert_rc(-ENOENT, world.find_group(world.context, "no-such-group-here", 0, &group));
	assert_rc(-ENOENT, world.find_group(world.context, NULL, 4000000000u, &group));
	assert_rc(0, world.user_groups(world.context, "root", 12345, &gids, &count));
	assert_true(count >= 1);
	assert_int_equal(gids[0], 12345);
	free(gids);
}

static void existence_is_that_of_the_right_kind(void **state)
{
	(void)state;
	assert_true(world.exists(world.context, "/bin/sh", false));
	assert_false(world.exists(world.context, "/bin/sh", true));
	assert_true(world.exists(world.context, "/", true));
	assert_false(world.exists(world.context, "/", false));
	assert_false(world.exists(world.context, "nowhere", false));
	assert_true(world.is_executable(world.context, "/bin/sh"));
	assert_false(world.is_executable(world.context, "/etc/passwd"));
	assert_false(world.is_executable(world.context, "/bin"));
	assert_false(world.is_executable(world.context, "nowhere"));
	assert_true(world.is_shared(world.context, "/tmp"));
	assert_false(world.is_shared(world.context, "/etc"));
	assert_false(world.is_shared(world.context, "nowhere"));
}

static void a_configuration_is_loaded_from_files(void **state)
{
	enum config_result result;
	struct config *config;

	(void)state;
	put_file("brood.ini", "[brood]\ninclude = listed/*.ini\n", 0644);
	put_file("listed/b.ini", "[worker:b]\ncommand = /bin/sh\n", 0600);
	put_file("listed/c.ini", "[worker:c]\ncommand = /bin/sh\n", 0660);
	result = config_load("brood.ini", &world, NULL, &config);
	assert_int_equal(result, CONFIG_INVALID);
	assert_int_equal(config->problems.count[PROBLEM_ERROR], 1);
	assert_text("[brood] include: cannot read listed/c.ini: it is writable by its group (mode "
		    "0660), "
		    "run chmod go-w on it",
		    config->problems.kept[PROBLEM_ERROR][0].text);
	config_close(config);
	assert_int_equal(chmod("listed/c.ini", 0600), 0);
	result = config_load("brood.ini", &world, NULL, &config);
	assert_int_equal(result, CONFIG_OK);
	assert_int_equal(config->spec.worker_count, 2);
	config_close(config);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(an_own_file_is_read_whole),
	cmocka_unit_test(files_of_others_and_for_others_are_refused),
	cmocka_unit_test(what_is_no_file_is_refused_without_waiting),
	cmocka_unit_test(the_limit_is_exact),
	cmocka_unit_test(a_file_that_grows_is_still_limited),
	cmocka_unit_test(a_directory_is_listed),
	cmocka_unit_test(users_are_found_by_name_and_number),
	cmocka_unit_test(groups_are_found_by_name_and_number),
	cmocka_unit_test(existence_is_that_of_the_right_kind),
	cmocka_unit_test(a_configuration_is_loaded_from_files),
};

int main(int argc, char **argv)
{
	alarm(50);
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, enter_directory, leave_directory) != 0;
}
