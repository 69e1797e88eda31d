/* rundir: mkdir, check, lock. Everything after the first check goes through the open directory. */
#include "rundir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lock.h"
#include "peer.h"
#include "place.h"

static int fail(char *problem, int rc, const char *what, const char *path)
{
	snprintf(problem, RUNDIR_PROBLEM, "cannot %s %.200s: %s", what, path, strerror(-rc));
	return rc;
}

/* Makes the directory `path` inside its parent, which is there and safe. */
static int make_one(const char *path, char *problem)
{
	char place_problem[PLACE_PROBLEM];
	char parent[RUNDIR_PATH];
	const char *name;
	int dirfd;
	int rc = place_split(path, parent, sizeof(parent), &name);

	if (rc == 0)
		rc = place_open(parent, PEER_NOBODY, &dirfd, place_problem);
	if (rc < 0)
		return fail(problem, rc, "make the directory", path);
	if (mkdirat(dirfd, name, 0700) < 0 && errno != EEXIST)
		rc = fail(problem, -errno, "make the directory", path);
	close(dirfd);
	return rc;
}

/* Makes what is missing of the path, from its root on, each part 0700 and inside a parent that is safe. */
static int make_missing(const char *path, char *problem)
{
	char place_problem[PLACE_PROBLEM];
	char part[RUNDIR_PATH];
	size_t length = 1;

	while (path[length] != '\0') {
		int dirfd;
		int rc;

		length += strcspn(path + length, "/");
		snprintf(part, sizeof(part), "%.*s", (int)length, path);
		rc = place_open(part, PEER_NOBODY, &dirfd, place_problem);
		if (rc == 0)
			close(dirfd);
		else if (rc == -ENOENT)
			rc = make_one(part, problem);
		else
			snprintf(problem, RUNDIR_PROBLEM, "cannot use %.200s: %.400s", path, place_problem);
		if (rc < 0)
			return rc;
		length += strspn(path + length, "/");
	}
	return 0;
}

/* Opens a directory for real (place_open() gives a path-only descriptor, which cannot be locked). */
static int reopen(int dirfd, const char *name)
{
	int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int open_directory(struct rundir *r, char *problem)
{
	char place_problem[PLACE_PROBLEM];
	struct stat st;
	int dirfd;
	int rc = make_missing(r->path, problem);

	if (rc < 0)
		return rc;
	rc = place_open(r->path, PEER_NOBODY, &dirfd, place_problem);
	if (rc < 0) {
		snprintf(problem, RUNDIR_PROBLEM, "cannot use %.200s: %.400s", r->path, place_problem);
		return rc;
	}
	r->fd = reopen(dirfd, ".");
	close(dirfd);
	if (r->fd < 0)
		return fail(problem, r->fd, "open", r->path);
	if (fstat(r->fd, &st) < 0)
		return fail(problem, -errno, "examine", r->path);
	if (st.st_uid != geteuid() || st.st_mode & (S_IWGRP | S_IWOTH)) {
		snprintf(problem, RUNDIR_PROBLEM,
			 "cannot use %.200s: it belongs to uid %u with mode %04o, expected uid %u and writable by "
			 "nobody else",
			 r->path, st.st_uid, st.st_mode & 07777, geteuid());
		return -EPERM;
	}
	/* systemd-tmpfiles leaves locked directories alone */
	(void)flock(r->fd, LOCK_SH | LOCK_NB);
	return 0;
}

static void name_holder(int fd, const char *path, char *problem)
{
	char pid[32] = "";
	ssize_t n = pread(fd, pid, sizeof(pid) - 1, 0);

	if (n > 0)
		pid[strspn(pid, "0123456789")] = '\0';
	snprintf(problem, RUNDIR_PROBLEM, "cannot use %.200s: a brood is running there already (pid %s)", path,
		 n > 0 && pid[0] ? pid : "unknown");
}

static int lock(struct rundir *r, char *problem)
{
	char pid[32];
	int length = snprintf(pid, sizeof(pid), "%d\n", (int)getpid());
	int rc = lock_take(r->fd, "lock", &r->lock_fd);

	if (rc == -EWOULDBLOCK) {
		name_holder(r->lock_fd, r->path, problem);
		return -EEXIST;
	}
	if (rc < 0)
		return fail(problem, rc, "lock", r->path);
	if (ftruncate(r->lock_fd, 0) < 0 || pwrite(r->lock_fd, pid, (size_t)length, 0) != length)
		return fail(problem, -EIO, "write the lock file in", r->path);
	return 0;
}

static int open_private(struct rundir *r, char *problem)
{
	struct stat st;

	if (mkdirat(r->fd, "priv", 0700) < 0 && errno != EEXIST)
		return fail(problem, -errno, "make priv in", r->path);
	r->priv_fd = reopen(r->fd, "priv");
	if (r->priv_fd < 0)
		return fail(problem, r->priv_fd, "open priv in", r->path);
	if (fstat(r->priv_fd, &st) == 0 && st.st_uid == geteuid() && (st.st_mode & 0777) == 0700)
		return 0;
	close(r->priv_fd);
	r->priv_fd = -1; /* it is left alone */
	snprintf(problem, RUNDIR_PROBLEM, "cannot use %.200s/priv: it must be ours with mode 0700", r->path);
	return -EPERM;
}

int rundir_open(struct rundir *r, const char *path, char problem[RUNDIR_PROBLEM])
{
	int rc;

	*r = RUNDIR_INIT;
	if (path[0] != '/') {
		snprintf(problem, RUNDIR_PROBLEM, "cannot use '%.200s': it is not an absolute path", path);
		return -EINVAL;
	}
	if (strlen(path) >= sizeof(r->path)) {
		snprintf(problem, RUNDIR_PROBLEM, "cannot use %.200s...: the path has %zu bytes, at most %zu are taken",
			 path, strlen(path), sizeof(r->path) - 1);
		return -ENAMETOOLONG;
	}
	snprintf(r->path, sizeof(r->path), "%s", path);
	rc = open_directory(r, problem);
	if (rc == 0)
		rc = lock(r, problem);
	if (rc == 0)
		rc = open_private(r, problem);
	if (rc < 0)
		rundir_close(r);
	return rc;
}

/*
 * Instances with names live side by side in a directory "brood" (/run/brood/thumbs): others must pass through that,
 * too. It is left alone where it is somebody else's, has another name, or was given another mode.
 */
static void open_parent(const struct rundir *r)
{
	char parent[RUNDIR_PATH];
	const char *name;
	const char *last;
	struct stat st;
	int fd;

	if (place_split(r->path, parent, sizeof(parent), &name) < 0)
		return;
	last = strrchr(parent, '/');
	if (!last || strcmp(last, "/brood") != 0)
		return;
	fd = reopen(r->fd, "..");
	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_uid == geteuid() && (st.st_mode & 07777) == 0700)
		(void)fchmod(fd, 0711);
	if (fd >= 0)
		close(fd);
}

void rundir_admit_others(struct rundir *r)
{
	if (r->is_open_to_others || fchmod(r->fd, 0711) < 0)
		return;
	r->is_open_to_others = true;
	open_parent(r);
}

static void close_if_open(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void rundir_close(struct rundir *r)
{
	bool is_ours = r->priv_fd >= 0;

	close_if_open(&r->priv_fd);
	if (is_ours)
		(void)unlinkat(r->fd, "priv", AT_REMOVEDIR);
	/*
	 * The mode stays: instances with names may live below. The lock file stays: removing it would let two broods
	 * lock two files.
	 */
	close_if_open(&r->lock_fd);
	close_if_open(&r->fd);
}

/* ------------------------------------------------------------- what was lost */

/* A way with links in it leads there as well. */
static bool has_its_path(const struct rundir *r)
{
	char path[RUNDIR_PATH + 2];

	snprintf(path, sizeof(path), "%s/.", r->path);
	return lock_is_there(r->fd, AT_FDCWD, path);
}

static bool is_locked(const struct rundir *r)
{
	return lock_is_there(r->lock_fd, r->fd, "lock");
}

static bool has_private(const struct rundir *r)
{
	return lock_is_there(r->priv_fd, r->fd, "priv");
}

bool rundir_is_whole(const struct rundir *r)
{
	return has_its_path(r) && is_locked(r) && has_private(r);
}

/* Another directory has the name, or none. The old one is held until the new one is. */
static int renew_all(struct rundir *r, char *problem)
{
	struct rundir fresh;
	int rc = rundir_open(&fresh, r->path, problem);

	if (rc < 0)
		return rc;
	if (r->is_open_to_others)
		rundir_admit_others(&fresh);
	rundir_close(r);
	*r = fresh;
	return 0;
}

static int renew_lock(struct rundir *r, char *problem)
{
	struct rundir fresh = *r;
	int rc = lock(&fresh, problem);

	close_if_open(rc < 0 ? &fresh.lock_fd : &r->lock_fd);
	if (rc == 0)
		r->lock_fd = fresh.lock_fd;
	return rc;
}

static int renew_private(struct rundir *r, char *problem)
{
	struct rundir fresh = *r;
	int rc = open_private(&fresh, problem);

	if (rc < 0)
		return rc;
	close_if_open(&r->priv_fd);
	r->priv_fd = fresh.priv_fd;
	return 0;
}

int rundir_renew(struct rundir *r, char problem[RUNDIR_PROBLEM])
{
	int rc = 0;

	if (!has_its_path(r))
		return renew_all(r, problem);
	if (!is_locked(r))
		rc = renew_lock(r, problem);
	if (rc == 0 && !has_private(r))
		rc = renew_private(r, problem);
	return rc;
}
