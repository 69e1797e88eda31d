/* lock: open, flock, compare. */
#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Each one too many is somebody who removes the file just between open and flock. */
enum { TRIES_MOST = 100 };

bool lock_is_there(int fd, int dirfd, const char *name)
{
	struct stat held;
	struct stat named;

	/* not st_nlink: a backup of hard links does not make it another file */
	return fstat(fd, &held) == 0 && fstatat(dirfd, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	       held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

int lock_take(int dirfd, const char *name, int *fd_out)
{
	*fd_out = -1;
	for (int i = 0; i < TRIES_MOST; i++) {
		int fd = openat(dirfd, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		int rc = 0;

		if (fd < 0)
			return -errno;
		if (flock(fd, LOCK_EX | LOCK_NB) < 0)
			rc = -errno;
		if (rc == -EWOULDBLOCK || (rc == 0 && lock_is_there(fd, dirfd, name))) {
			*fd_out = fd;
			return rc;
		}
		close(fd);
		if (rc < 0 && rc != -EINTR)
			return rc;
	}
	return -ESTALE;
}
