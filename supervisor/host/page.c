/* page: never mapped here, so that nothing its worker does to it can reach us. */
#include "page.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

static int fill(int fd)
{
	struct board empty;

	board_init(&empty);
	/* the header alone: what was never written reads as zeros, and costs no memory */
	if (ftruncate(fd, sizeof(empty)) < 0 ||
	    pwrite(fd, &empty, offsetof(struct board, slot), 0) != (ssize_t)offsetof(struct board, slot))
		return -errno;
	return fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0 ? -errno : 0;
}

int page_make(void)
{
	int fd = memfd_create("brood-board", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int rc;

	if (fd < 0)
		return -errno;
	rc = fill(fd);
	if (rc < 0) {
		close(fd);
		return rc;
	}
	return fd;
}

int page_read(int fd, struct board *copy_out)
{
	ssize_t n;

	*copy_out = (struct board){0};
	do {
		n = pread(fd, copy_out, sizeof(*copy_out), 0);
	} while (n < 0 && errno == EINTR);
	if (n == (ssize_t)sizeof(*copy_out))
		return 0;
	*copy_out = (struct board){0};
	return n < 0 ? -errno : -EIO;
}
