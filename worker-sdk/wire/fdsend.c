/* fdsend: one sendmsg(), and what is to be done where it refuses descriptors. */
#include "fdsend.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "fds.h"

/* Room for the control message of one frame. */
union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int) * FRAME_FDS_MOST)];
};

static void attach(struct msghdr *m, union control *control, const struct fds *fds)
{
	size_t count;
	const int *numbers = fds_numbers(fds, &count);
	size_t size = count * sizeof(*numbers);

	memset(control, 0, sizeof(*control));
	control->header.cmsg_level = SOL_SOCKET;
	control->header.cmsg_type = SCM_RIGHTS;
	control->header.cmsg_len = CMSG_LEN(size);
	memcpy(CMSG_DATA(&control->header), numbers, size);
	m->msg_control = control->bytes;
	m->msg_controllen = CMSG_SPACE(size);
}

static bool is_about_descriptors(int error)
{
	return error == ETOOMANYREFS || error == EPERM || error == EBADF;
}

ssize_t fd_send(struct outbox *o, int socket, struct iovec *vector, size_t entries)
{
	union control control;

	for (;;) {
		struct msghdr m = {.msg_iov = vector, .msg_iovlen = outbox_vector(o, vector, entries)};
		const struct fds *fds = outbox_fds(o);
		ssize_t n;

		if (fds)
			attach(&m, &control, fds);
		n = sendmsg(socket, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n >= 0)
			return n;
		if (fds && is_about_descriptors(errno))
			outbox_give_up_fds(o);
		else if (errno != EINTR)
			return -errno;
	}
}
