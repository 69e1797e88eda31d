/* publish: bind aside, finish, rename. */
#include "publish.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "fds.h"
#include "lock.h"
#include "peer.h"
#include "place.h"

/* The longest name a client can give to connect(). */
enum { PATH_MOST = sizeof(((struct sockaddr_un *)0)->sun_path) - 1 };
_Static_assert(PUBLISHED_PATH == PATH_MOST + 1, "what is published is what a client can give");

static int fail(char *problem, int rc, const struct publish_request *r, const char *why)
{
	snprintf(problem, PUBLISH_PROBLEM, "cannot publish %.200s: %s", r->path, why ? why : strerror(-rc));
	return rc;
}

/* ---------------------------------------------------------- what was there */

enum name_state { NAME_FREE, NAME_STALE, NAME_TAKEN };

static int set_address(struct sockaddr_un *a, int dirfd, const char *name)
{
	*a = (struct sockaddr_un){.sun_family = AF_UNIX};
	return place_name(a->sun_path, sizeof(a->sun_path), dirfd, name);
}

/* Does nobody listen behind this socket file? */
static bool is_refused(int dirfd, const char *name)
{
	struct sockaddr_un a;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool refused = false;

	if (fd < 0)
		return false;
	if (set_address(&a, dirfd, name) == 0)
		refused = connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0 && errno == ECONNREFUSED;
	close(fd);
	return refused;
}

static enum name_state examine(const struct publish_request *r, int dirfd, const char *name, char *why,
			       size_t size)
{
	struct stat st;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		if (errno == ENOENT)
			return NAME_FREE;
		snprintf(why, size, "%s", strerror(errno));
		return NAME_TAKEN;
	}
	if (!S_ISSOCK(st.st_mode)) {
		snprintf(why, size,
			 "there is something that is no socket, of uid %u, inode %llu; it is left alone, remove it "
			 "if it may go",
			 st.st_uid, (unsigned long long)st.st_ino);
		return NAME_TAKEN;
	}
	if (st.st_uid != geteuid() && st.st_uid != r->uid) {
		snprintf(why, size, "squatted by uid %u, inode %llu; it is left alone", st.st_uid,
			 (unsigned long long)st.st_ino);
		return NAME_TAKEN;
	}
	if (is_refused(dirfd, name))
		return NAME_STALE;
	snprintf(why, size, "somebody serves a socket of that name (uid %u)", st.st_uid);
	return NAME_TAKEN;
}

/* -------------------------------------------------------------- making one */

/* A socket in the private directory, finished in everything but its name. */
static int make(const struct publish_request *r, int priv_fd, const char *temporary, int *fd_out)
{
	struct sockaddr_un a;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int on = 1;
	int rc = 0;

	if (fd < 0)
		return -errno;
	(void)fds_admit(fd, false); /* not before it is known who has come, and that any are wanted */
	rc = set_address(&a, priv_fd, temporary);
	if (rc == 0 && r->wants_credentials && setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0)
		rc = -errno;
	if (rc == 0 && bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		rc = -errno;
	/* owner first: a changed owner may clear mode bits */
	if (rc == 0 && (r->uid != (uid_t)-1 || r->gid != (gid_t)-1) &&
	    fchownat(priv_fd, temporary, r->uid, r->gid, AT_SYMLINK_NOFOLLOW) < 0)
		rc = -errno;
	if (rc == 0 && fchmodat(priv_fd, temporary, r->mode, 0) < 0)
		rc = -errno;
	if (rc == 0 && listen(fd, r->backlog) < 0)
		rc = -errno;
	if (rc < 0) {
		(void)unlinkat(priv_fd, temporary, 0);
		close(fd);
		return rc;
	}
	*fd_out = fd;
	return 0;
}

static int name_temporary(char *out, size_t size)
{
	uint64_t random;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return -EIO;
	snprintf(out, size, ".n.%016llx", (unsigned long long)random);
	return 0;
}

/* Gives the finished socket its name. A stale one is replaced without a gap. */
static int give_name(const struct publish_request *r, int priv_fd, const char *temporary, int dirfd,
		     const char *name, char *problem)
{
	char why[400];

	if (renameat2(priv_fd, temporary, dirfd, name, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EEXIST)
		return fail(problem, -errno, r, NULL);
	switch (examine(r, dirfd, name, why, sizeof(why))) {
	case NAME_TAKEN:
		return fail(problem, -EADDRINUSE, r, why);
	case NAME_FREE:
	case NAME_STALE:
		break;
	}
	if (renameat(priv_fd, temporary, dirfd, name) < 0)
		return fail(problem, -errno, r, NULL);
	return 0;
}

/* --------------------------------------------------- outside the runtime directory */

/* Two broods may want one name there: each name has a lock of its own beside it. */
static int lock_name(const struct publish_request *r, int dirfd, const char *name, int *fd_out,
		     char *problem)
{
	char lock[NAME_MAX + 1];
	int n = snprintf(lock, sizeof(lock), ".%s.lock", name);
	int rc;

	if (n < 0 || (size_t)n >= sizeof(lock))
		return fail(problem, -ENAMETOOLONG, r, NULL);
	if (r->lock_fd >= 0 && lock_is_there(r->lock_fd, dirfd, lock)) {
		/* one lock by two numbers: it holds until both are closed */
		*fd_out = fcntl(r->lock_fd, F_DUPFD_CLOEXEC, 3);
		return *fd_out < 0 ? fail(problem, -errno, r, NULL) : 0;
	}
	rc = lock_take(dirfd, lock, fd_out);
	if (rc == -EWOULDBLOCK)
		return fail(problem, -EADDRINUSE, r, "another brood publishes that name");
	return rc < 0 ? fail(problem, rc, r, NULL) : 0;
}

static int open_private(int dirfd, const char *name, char *made, size_t size)
{
	int fd;

	snprintf(made, size, ".%.200s.priv", name);
	if (mkdirat(dirfd, made, 0700) < 0 && errno != EEXIST)
		return -errno;
	fd = openat(dirfd, made, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0) {
		struct stat st;

		if (fstat(fd, &st) < 0 || st.st_uid != geteuid() || (st.st_mode & 0777) != 0700) {
			close(fd);
			return -EPERM;
		}
	}
	return fd < 0 ? -errno : fd;
}

/* ----------------------------------------------------------------- together */

static int publish_in(const struct publish_request *r, int priv_fd, const char *name,
		      struct published *out, char *problem)
{
	char temporary[40];
	struct stat st;
	int rc = name_temporary(temporary, sizeof(temporary));

	if (rc == 0)
		rc = make(r, priv_fd, temporary, &out->fd);
	if (rc < 0)
		return fail(problem, rc, r, NULL);
	if (fstatat(priv_fd, temporary, &st, AT_SYMLINK_NOFOLLOW) < 0)
		rc = fail(problem, -errno, r, NULL);
	else
		rc = give_name(r, priv_fd, temporary, out->dirfd, name, problem);
	if (rc < 0) {
		(void)unlinkat(priv_fd, temporary, 0);
		return rc;
	}
	out->device = st.st_dev;
	out->inode = st.st_ino;
	return 0;
}

static int open_directory(const struct publish_request *r, const char *directory, int *dirfd_out,
			  char *problem)
{
	char place_problem[PLACE_PROBLEM];
	int rc;

	if (r->dirfd >= 0) {
		*dirfd_out = fcntl(r->dirfd, F_DUPFD_CLOEXEC, 3);
		return *dirfd_out < 0 ? fail(problem, -errno, r, NULL) : 0;
	}
	rc = place_open(directory, PEER_NOBODY, dirfd_out, place_problem);
	if (rc < 0)
		return fail(problem, rc, r, place_problem);
	if (!place_is_shared(*dirfd_out))
		return 0;
	return fail(problem, -EPERM, r,
		    "its directory may be written by everybody, who could take the name while brood is down; use "
		    "the runtime directory (a relative path) or one of your own");
}

int publish_socket(const struct publish_request *r, struct published *out, char problem[PUBLISH_PROBLEM])
{
	char directory[PATH_MAX];
	char made[NAME_MAX + 1] = "";
	const char *name;
	int priv_fd = r->priv_fd;
	int rc;

	*out = PUBLISHED_NONE;
	if (strlen(r->path) > PATH_MOST) {
		snprintf(problem, PUBLISH_PROBLEM,
			 "cannot publish %.200s: the path has %zu bytes, a socket's holds at most %d", r->path,
			 strlen(r->path), PATH_MOST);
		return -ENAMETOOLONG;
	}
	snprintf(out->path, sizeof(out->path), "%s", r->path);
	rc = place_split(out->path, directory, sizeof(directory), &name);
	if (rc < 0)
		return fail(problem, rc, r, NULL);
	rc = open_directory(r, directory, &out->dirfd, problem);
	if (rc == 0 && priv_fd < 0) {
		rc = lock_name(r, out->dirfd, name, &out->lock_fd, problem);
		if (rc == 0)
			priv_fd = open_private(out->dirfd, name, made, sizeof(made));
		if (rc == 0 && priv_fd < 0)
			rc = fail(problem, priv_fd, r, NULL);
	}
	if (rc == 0)
		rc = publish_in(r, priv_fd, name, out, problem);
	if (priv_fd >= 0 && r->priv_fd < 0) {
		close(priv_fd);
		(void)unlinkat(out->dirfd, made, AT_REMOVEDIR);
	}
	if (rc < 0)
		publish_withdraw(out);
	return rc;
}

static const char *name_of(const struct published *p)
{
	return strrchr(p->path, '/') + 1;
}

static bool is_it(const struct published *p, int dirfd, const char *name)
{
	struct stat st;

	return fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_dev == p->device &&
	       st.st_ino == p->inode;
}

bool publish_is_there(const struct published *p)
{
	return p->fd >= 0 && is_it(p, AT_FDCWD, p->path);
}

void publish_withdraw(struct published *p)
{
	/* wherever its directory is by now */
	if (p->fd >= 0 && p->inode != 0 && is_it(p, p->dirfd, name_of(p)))
		(void)unlinkat(p->dirfd, name_of(p), 0);
	if (p->fd >= 0)
		close(p->fd);
	/* the lock file stays (lock.h) */
	if (p->lock_fd >= 0)
		close(p->lock_fd);
	if (p->dirfd >= 0)
		close(p->dirfd);
	p->fd = p->dirfd = p->lock_fd = -1;
}
