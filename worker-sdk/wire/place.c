/* place: walks a path part by part with descriptors, so that what was checked is what is used. */
#include "place.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "peer.h"

enum { LINKS_MOST = 16 };

struct walk {
	char rest[PATH_MAX]; /* what is still to be walked */
	char done[512];      /* the beginning of what was, for messages */
	int fd;
	int links;
	bool sticky; /* the directory we stand in may be written by others */
	uid_t trusted;
	char *problem;
};

static int fail(struct walk *w, int rc, const char *what)
{
	snprintf(w->problem, PLACE_PROBLEM, "%.300s %s", w->done[0] ? w->done : "/", what);
	return rc;
}

static bool is_trusted(const struct walk *w, uid_t uid)
{
	return uid == 0 || uid == geteuid() || (w->trusted != PEER_NOBODY && uid == w->trusted);
}

/* Checks the directory that was just entered. */
static int check(struct walk *w)
{
	struct stat st;
	char what[200];

	if (fstat(w->fd, &st) < 0)
		return fail(w, -errno, "cannot be examined");
	if (!is_trusted(w, st.st_uid)) {
		snprintf(what, sizeof(what), "belongs to uid %u, which could replace what is in it",
			 st.st_uid);
		return fail(w, -EPERM, what);
	}
	w->sticky = false;
	if (!(st.st_mode & (S_IWGRP | S_IWOTH)))
		return 0;
	if (st.st_mode & S_ISVTX) {
		w->sticky = true; /* others may add names, not replace ours */
		return 0;
	}
	snprintf(what, sizeof(what),
		 "is writable by %s (mode %04o), another user could replace what is in it; run chmod %s",
		 st.st_mode & S_IWOTH ? "others" : "its group", st.st_mode & 07777,
		 st.st_mode & S_IWOTH ? "go-w" : "g-w");
	return fail(w, -EPERM, what);
}

static int enter(struct walk *w, int fd)
{
	if (fd < 0)
		return fail(w, -errno, "cannot be opened");
	if (w->fd >= 0)
		close(w->fd);
	w->fd = fd;
	return check(w);
}

/* Puts the target of a link before what is still to be walked. Its own name stands in `done` from `at` on. */
static int follow(struct walk *w, const char *name, size_t at)
{
	size_t tail = strlen(w->rest) + 1;
	char *end = w->rest + sizeof(w->rest) - tail;
	ssize_t n;

	if (++w->links > LINKS_MOST)
		return fail(w, -ELOOP, "is one symbolic link too many");
	memmove(end, w->rest, tail);
	n = readlinkat(w->fd, name, w->rest, (size_t)(end - w->rest));
	if (n < 0)
		return fail(w, -errno, "is a symbolic link that cannot be read");
	if (w->rest + n == end)
		return fail(w, -ENAMETOOLONG, "leads to a path that is too long");
	w->rest[n] = '/';
	memmove(w->rest + n + 1, end, tail);
	w->done[w->rest[0] == '/' ? 0 : at] = '\0';
	if (w->rest[0] != '/')
		return 0;
	return enter(w, open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
}

static void remember(struct walk *w, const char *name)
{
	size_t used = strlen(w->done);

	snprintf(w->done + used, sizeof(w->done) - used, "/%s", name);
}

/* One part of the path. */
static int step(struct walk *w, const char *name)
{
	struct stat st;
	size_t before = strlen(w->done);
	int fd;

	remember(w, name);
	if (fstatat(w->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return fail(w, -errno, errno == ENOENT ? "does not exist" : "cannot be examined");
	if (S_ISLNK(st.st_mode)) {
		if (st.st_uid != 0 && st.st_uid != geteuid())
			return fail(w, -EPERM, "is a symbolic link of another user");
		return follow(w, name, before);
	}
	if (w->sticky && !is_trusted(w, st.st_uid))
		return fail(w, -EPERM, "belongs to another user");
	fd = openat(w->fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return fail(w, -errno, errno == ENOTDIR ? "is not a directory" : "cannot be opened");
	return enter(w, fd);
}

/* Takes the next part out of the rest; false at the end. */
static bool next_part(struct walk *w, char name[NAME_MAX + 1], int *rc)
{
	const char *from = w->rest + strspn(w->rest, "/");
	size_t length = strcspn(from, "/");

	*rc = 0;
	if (length == 0)
		return false;
	if (length > NAME_MAX) {
		*rc = fail(w, -ENAMETOOLONG, "is followed by a name that is too long");
		return false;
	}
	memcpy(name, from, length);
	name[length] = '\0';
	memmove(w->rest, from + length, strlen(from + length) + 1);
	return true;
}

int place_open(const char *path, uid_t trusted, int *dirfd_out, char problem[PLACE_PROBLEM])
{
	struct walk w = {.fd = -1, .trusted = trusted, .problem = problem};
	char name[NAME_MAX + 1];
	int rc;

	problem[0] = '\0';
	if (path[0] != '/' || strlen(path) >= sizeof(w.rest)) {
		snprintf(problem, PLACE_PROBLEM, "%.300s is not an absolute path of at most %d bytes", path,
			 PATH_MAX - 1);
		return -EINVAL;
	}
	memcpy(w.rest, path, strlen(path) + 1);
	rc = enter(&w, open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
	while (rc == 0 && next_part(&w, name, &rc)) {
		if (strcmp(name, ".") != 0)
			rc = step(&w, name);
	}
	if (rc < 0) {
		if (w.fd >= 0)
			close(w.fd);
		return rc;
	}
	*dirfd_out = w.fd;
	return 0;
}

int place_name(char *out, size_t size, int dirfd, const char *name)
{
	int n = snprintf(out, size, "/proc/self/fd/%d/%s", dirfd, name);

	return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

int place_split(const char *path, char *directory_out, size_t size, const char **name_out)
{
	const char *slash = strrchr(path, '/');
	size_t length;

	if (!slash || slash[1] == '\0')
		return -EINVAL;
	length = slash == path ? 1 : (size_t)(slash - path);
	if (length >= size)
		return -ENAMETOOLONG;
	memcpy(directory_out, path, length);
	directory_out[length] = '\0';
	*name_out = slash + 1;
	return 0;
}

bool place_is_shared(int dirfd)
{
	struct stat st;

	return fstat(dirfd, &st) < 0 || (st.st_mode & (S_IWGRP | S_IWOTH)) != 0;
}
