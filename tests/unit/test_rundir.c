/* rundir: made where it is missing, locked, left tidy, and refused where somebody else could interfere. */
#include "check.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "room.h"
#include "rundir.h"

static char problem[RUNDIR_PROBLEM];

static void need_safe_tmp(void)
{
	if (!room_is_safe())
		check_skip("needs a /tmp that only root controls");
}

/* Refused with words in the sentence; nothing stays open. */
static void assert_refused(int rc, const char *path, const char *words)
{
	int before = room_lowest_fd();
	struct rundir r;

	assert_rc(rc, rundir_open(&r, path, problem));
	if (!strstr(problem, words))
		fail_msg("\"%s\" does not say \"%s\"", problem, words);
	assert_int_equal(r.fd, -1);
	assert_int_equal(room_lowest_fd(), before);
}

static unsigned mode_of(const char *path)
{
	struct stat st;

	assert_return_code(lstat(path, &st), errno);
	return st.st_mode & 07777;
}

static void what_is_missing_of_the_way_is_made(void **state)
{
	int before = room_lowest_fd();
	struct rundir r;

	(void)state;
	need_safe_tmp();
	assert_rc(0, rundir_open(&r, room_at("a/b//c/"), problem));
	assert_int_equal(mode_of(room_at("a")), 0700);
	assert_int_equal(mode_of(room_at("a/b/c")), 0700);
	assert_int_equal(mode_of(room_at("a/b/c/priv")), 0700);
	assert_int_equal(mode_of(room_at("a/b/c/lock")), 0600);
	rundir_admit_others(&r);
	assert_int_equal(mode_of(room_at("a/b/c")), 0711);
	rundir_close(&r);
	assert_int_equal(mode_of(room_at("a/b/c")), 0711); /* who lives below goes on */
	assert_int_equal(mode_of(room_at("a/b")), 0700);
	assert_int_equal(access(room_at("a/b/c/priv"), F_OK), -1);
	assert_int_equal(room_lowest_fd(), before);
}

static void others_pass_through_the_directory_of_all_instances(void **state)
{
	struct rundir r;

	(void)state;
	need_safe_tmp();
	assert_return_code(mkdir(room_at("not-brood"), 0700), errno);
	assert_rc(0, rundir_open(&r, room_at("brood/one"), problem));
	assert_int_equal(mode_of(room_at("brood")), 0700);
	rundir_admit_others(&r);
	assert_int_equal(mode_of(room_at("brood")), 0711);
	rundir_close(&r);
	assert_return_code(chmod(room_at("brood"), 0750), errno); /* somebody's wish */
	assert_rc(0, rundir_open(&r, room_at("brood/two"), problem));
	rundir_admit_others(&r);
	assert_int_equal(mode_of(room_at("brood")), 0750);
	rundir_close(&r);
	assert_rc(0, rundir_open(&r, room_at("not-brood/one"), problem));
	rundir_admit_others(&r);
	assert_int_equal(mode_of(room_at("not-brood")), 0700);
	rundir_close(&r);
}

static void two_cannot_have_it(void **state)
{
	char mine[64];
	struct rundir first;
	struct rundir again;

	(void)state;
	need_safe_tmp();
	assert_rc(0, rundir_open(&first, room_at("r"), problem));
	snprintf(mine, sizeof(mine), "a brood is running there already (pid %d)", (int)getpid());
	assert_refused(-EEXIST, room_at("r"), mine);
	assert_int_equal(mode_of(room_at("r/priv")), 0700); /* still the first one's */
	rundir_close(&first);
	assert_rc(0, rundir_open(&again, room_at("r"), problem));
	rundir_close(&again);
}

static void a_lock_file_of_the_dead_is_no_lock(void **state)
{
	struct rundir r;
	int status;
	pid_t pid;

	(void)state;
	need_safe_tmp();
	pid = fork();
	if (pid == 0) {
		CHECK_CHILD(rundir_open(&r, room_at("r"), problem) == 0);
		_exit(0); /* without closing it */
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_rc(0, rundir_open(&r, room_at("r"), problem));
	rundir_close(&r);
}

/* As a backup of hard links leaves it. */
static void a_lock_file_with_two_names_is_a_lock(void **state)
{
	struct rundir r;

	(void)state;
	need_safe_tmp();
	assert_return_code(mkdir(room_at("r"), 0700), errno);
	assert_return_code(mknod(room_at("r/lock"), S_IFREG | 0600, 0), errno);
	assert_return_code(link(room_at("r/lock"), room_at("backup")), errno);
	assert_rc(0, rundir_open(&r, room_at("r"), problem));
	assert_refused(-EEXIST, room_at("r"), "a brood is running there already");
	rundir_close(&r);
}

static void a_lock_that_cannot_be_had_is_refused(void **state)
{
	(void)state;
	need_safe_tmp();
	assert_return_code(mkdir(room_at("r"), 0700), errno);
	assert_return_code(symlink("elsewhere", room_at("r/lock")), errno);
	assert_refused(-ELOOP, room_at("r"), "cannot lock ");
	assert_int_equal(access(room_at("r/elsewhere"), F_OK), -1);
}

static void a_directory_that_others_may_write_is_refused(void **state)
{
	(void)state;
	need_safe_tmp();
	assert_return_code(mkdir(room_at("r"), 0700), errno);
	assert_return_code(chmod(room_at("r"), 0777), errno);
	assert_refused(-EPERM, room_at("r"), "writable by");
	assert_refused(-EPERM, room_at("r/below"), "writable by");
	assert_return_code(chmod(room_at("r"), 01777), errno);
	assert_refused(-EPERM, room_at("r"), "writable by");
	assert_return_code(chmod(room_at("r"), 0770), errno);
	assert_refused(-EPERM, room_at("r"), "writable by");
}

/* What is ours below it cannot be replaced by others; the sticky directory itself is no place. */
static void a_way_through_a_sticky_directory_of_roots_is_taken(void **state)
{
	struct rundir r;

	(void)state;
	need_safe_tmp();
	if (geteuid() != 0)
		check_skip("needs root, to own a sticky directory");
	assert_return_code(mkdir(room_at("tmp"), 0700), errno);
	assert_return_code(chmod(room_at("tmp"), 01777), errno);
	assert_refused(-EPERM, room_at("tmp"), "writable by");
	assert_rc(0, rundir_open(&r, room_at("tmp/r"), problem));
	rundir_close(&r);
	assert_return_code(chown(room_at("tmp/r"), 1234, (gid_t)-1), errno);
	assert_refused(-EPERM, room_at("tmp/r"), "belongs to another user");
}

static void a_directory_of_somebody_else_is_refused(void **state)
{
	(void)state;
	need_safe_tmp();
	assert_return_code(mkdir(room_at("r"), 0755), errno);
	if (geteuid() != 0 || chown(room_at("r"), 1234, (gid_t)-1) < 0)
		check_skip("needs root, to give a directory away");
	assert_refused(-EPERM, room_at("r"), "uid 1234");
}

static void a_private_part_that_is_not_private_is_refused(void **state)
{
	(void)state;
	need_safe_tmp();
	assert_return_code(mkdir(room_at("r"), 0700), errno);
	assert_return_code(mkdir(room_at("r/priv"), 0700), errno);
	assert_return_code(chmod(room_at("r/priv"), 0755), errno);
	assert_refused(-EPERM, room_at("r"), "/priv: it must be ours with mode 0700");
	assert_return_code(rmdir(room_at("r/priv")), errno);
	assert_return_code(symlink("/tmp", room_at("r/priv")), errno);
	assert_refused(-ENOTDIR, room_at("r"), "cannot open priv in ");
}

static void what_is_no_directory_or_no_path_is_named(void **state)
{
	char path[RUNDIR_PATH + 2];
	FILE *f;

	(void)state;
	need_safe_tmp();
	f = fopen(room_at("file"), "w");
	assert_non_null(f);
	fclose(f);
	assert_refused(-ENOTDIR, room_at("file"), "is not a directory");
	assert_refused(-ENOTDIR, room_at("file/below"), "is not a directory");
	assert_refused(-EINVAL, "run", "is not an absolute path");
	assert_refused(-EINVAL, "", "is not an absolute path");
	memset(path, 'n', sizeof(path));
	path[0] = '/';
	path[RUNDIR_PATH] = '\0';
	assert_refused(-ENAMETOOLONG, path, "the path has 512 bytes, at most 511");
}

/* ------------------------------------------------------------- what was lost */

static void open_and_admit(struct rundir *r)
{
	need_safe_tmp();
	assert_rc(0, rundir_open(r, room_at("r"), problem));
	rundir_admit_others(r);
	assert_true(rundir_is_whole(r));
}

/* It is there again, locked, private, and others pass through as before. */
static void assert_renewed(struct rundir *r, int before)
{
	assert_false(rundir_is_whole(r));
	assert_rc(0, rundir_renew(r, problem));
	assert_true(rundir_is_whole(r));
	assert_int_equal(mode_of(room_at("r")), 0711);
	assert_int_equal(mode_of(room_at("r/priv")), 0700);
	assert_refused(-EEXIST, room_at("r"), "a brood is running there already");
	rundir_close(r);
	assert_int_equal(mode_of(room_at("r")), 0711);
	assert_int_equal(room_lowest_fd(), before);
}

static void a_lock_that_is_removed_is_made_again(void **state)
{
	int before = room_lowest_fd();
	struct rundir r;
	int fd;

	(void)state;
	open_and_admit(&r);
	fd = r.fd;
	assert_return_code(unlink(room_at("r/lock")), errno);
	assert_false(rundir_is_whole(&r));
	assert_rc(0, rundir_renew(&r, problem));
	assert_int_equal(r.fd, fd); /* it was not given up meanwhile */
	assert_return_code(unlink(room_at("r/lock")), errno);
	assert_renewed(&r, before);
}

static void a_private_part_that_is_removed_is_made_again(void **state)
{
	int before = room_lowest_fd();
	struct rundir r;

	(void)state;
	open_and_admit(&r);
	assert_return_code(rmdir(room_at("r/priv")), errno);
	assert_renewed(&r, before);
}

static void a_directory_that_is_removed_is_made_again(void **state)
{
	int before = room_lowest_fd();
	struct rundir r;

	(void)state;
	open_and_admit(&r);
	assert_return_code(unlink(room_at("r/lock")), errno);
	assert_return_code(rmdir(room_at("r/priv")), errno);
	assert_return_code(rmdir(room_at("r")), errno);
	assert_renewed(&r, before);
}

static void a_directory_that_is_moved_away_is_made_again(void **state)
{
	int before = room_lowest_fd();
	struct rundir r;

	(void)state;
	open_and_admit(&r);
	assert_return_code(rename(room_at("r"), room_at("away")), errno);
	assert_renewed(&r, before);
	assert_int_equal(mode_of(room_at("away")), 0711);
}

/* What cannot be made again costs nothing of what is left. */
static void what_is_in_the_way_is_told_and_the_rest_kept(void **state)
{
	struct rundir other;
	struct rundir r;

	(void)state;
	open_and_admit(&r);
	assert_return_code(rename(room_at("r"), room_at("away")), errno);
	assert_rc(0, rundir_open(&other, room_at("r"), problem));
	for (int i = 0; i < 3; i++)
		assert_rc(-EEXIST, rundir_renew(&r, problem));
	assert_refused(-EEXIST, room_at("away"), "a brood is running there already");
	rundir_close(&other);
	assert_rc(0, rundir_renew(&r, problem));
	assert_return_code(rmdir(room_at("r/priv")), errno);
	assert_return_code(symlink("/tmp", room_at("r/priv")), errno);
	assert_rc(-ENOTDIR, rundir_renew(&r, problem));
	assert_refused(-EEXIST, room_at("r"), "a brood is running there already");
	assert_return_code(unlink(room_at("r/priv")), errno);
	assert_rc(0, rundir_renew(&r, problem));
	rundir_close(&r);
}

static void a_directory_behind_a_link_is_whole(void **state)
{
	struct rundir r;

	(void)state;
	need_safe_tmp();
	assert_return_code(mkdir(room_at("d"), 0700), errno);
	assert_return_code(symlink(room_at("d"), room_at("r")), errno);
	assert_rc(0, rundir_open(&r, room_at("r"), problem));
	assert_true(rundir_is_whole(&r));
	rundir_close(&r);
}

#define IN_A_ROOM(test) cmocka_unit_test_setup_teardown(test, room_make, room_remove)

static const struct CMUnitTest tests[] = {
	IN_A_ROOM(what_is_missing_of_the_way_is_made),
	IN_A_ROOM(others_pass_through_the_directory_of_all_instances),
	IN_A_ROOM(two_cannot_have_it),
	IN_A_ROOM(a_lock_file_of_the_dead_is_no_lock),
	IN_A_ROOM(a_lock_file_with_two_names_is_a_lock),
	IN_A_ROOM(a_lock_that_cannot_be_had_is_refused),
	IN_A_ROOM(a_directory_that_others_may_write_is_refused),
	IN_A_ROOM(a_way_through_a_sticky_directory_of_roots_is_taken),
	IN_A_ROOM(a_directory_of_somebody_else_is_refused),
	IN_A_ROOM(a_private_part_that_is_not_private_is_refused),
	IN_A_ROOM(what_is_no_directory_or_no_path_is_named),
	IN_A_ROOM(a_lock_that_is_removed_is_made_again),
	IN_A_ROOM(a_private_part_that_is_removed_is_made_again),
	IN_A_ROOM(a_directory_that_is_removed_is_made_again),
	IN_A_ROOM(a_directory_that_is_moved_away_is_made_again),
	IN_A_ROOM(what_is_in_the_way_is_told_and_the_rest_kept),
	IN_A_ROOM(a_directory_behind_a_link_is_whole),
};

CHECK_MAIN(tests)
