/* fds: counted references to a handful of descriptors. */
#include "fds.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS 83 /* Linux 6.16 */
#endif

struct fds {
	atomic_uint refs;
	unsigned count;         /* 1 to FRAME_FDS_MOST */
	size_t *tally;          /* counts what is open, where somebody wants to know; one thread then. May be NULL */
	int fd[FRAME_FDS_MOST]; /* -1: taken */
};

static void close_all(const int *fd, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (fd[i] >= 0)
			close(fd[i]);
	}
}

struct fds *fds_new(const int *fd, size_t count)
{
	struct fds *f = malloc(sizeof(*f));

	assert(count > 0 && count <= FRAME_FDS_MOST);
	if (!f) {
		close_all(fd, count);
		return NULL;
	}
	atomic_init(&f->refs, 1);
	f->count = (unsigned)count;
	f->tally = NULL;
	memcpy(f->fd, fd, count * sizeof(*fd));
	return f;
}

int fds_copy(struct fds **out, const int *fd, size_t count)
{
	int copies[FRAME_FDS_MOST];

	if (count == 0 || count > FRAME_FDS_MOST)
		return -EINVAL;
	for (size_t i = 0; i < count; i++) {
		int error;

		copies[i] = fcntl(fd[i], F_DUPFD_CLOEXEC, 3);
		if (copies[i] >= 0)
			continue;
		error = errno;
		close_all(copies, i);
		return -error;
	}
	*out = fds_new(copies, count);
	return *out ? 0 : -ENOMEM;
}

void fds_count_in(struct fds *f, size_t *tally)
{
	assert(f->tally == NULL);
	f->tally = tally;
	*tally += f->count;
}

struct fds *fds_ref(struct fds *f)
{
	if (f)
		atomic_fetch_add_explicit(&f->refs, 1, memory_order_relaxed);
	return f;
}

void fds_unref(struct fds *f)
{
	if (!f || atomic_fetch_sub_explicit(&f->refs, 1, memory_order_acq_rel) > 1)
		return;
	if (f->tally)
		*f->tally -= f->count;
	close_all(f->fd, f->count);
	free(f);
}

int fds_take(struct fds *f, size_t index)
{
	int fd;

	if (!f || index >= f->count)
		return -1;
	fd = f->fd[index];
	f->fd[index] = -1;
	return fd;
}

bool fds_may_ride(uint8_t type)
{
	switch (type) {
	case FRAME_CALL:
	case FRAME_REPLY:
	case FRAME_CONN:
	case FRAME_STORE:
	case FRAME_FETCH:
		return true;
	default: /* what a later version adds is skipped, with its descriptors */
		return !frame_type_is_known(type);
	}
}

const int *fds_numbers(const struct fds *f, size_t *count_out)
{
	*count_out = f->count;
	return f->fd;
}

bool fds_admit(int socket, bool may_come)
{
	int value = may_come;

	return setsockopt(socket, SOL_SOCKET, SO_PASSRIGHTS, &value, sizeof(value)) == 0 || errno == ENOPROTOOPT;
}
