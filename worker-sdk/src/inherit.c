/*
 * inherit: from the environment to a channel that was checked.
 *
 * The variables are claims; what is believed is what the kernel says: an unnamed AF_UNIX stream socket whose
 * creator is our parent. Pipes carry no identity; that is said once. The variables are removed and the
 * descriptors made close-on-exec, so that grandchildren inherit nothing.
 */
#include "handle.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static void clean_environment(void)
{
	unsetenv(BROOD_ENV_CHANNEL);
	unsetenv(BROOD_ENV_BOARD);
	unsetenv(BROOD_ENV_WORKER);
	unsetenv(BROOD_ENV_INSTANCE);
	unsetenv(BROOD_ENV_GENERATION);
}

/* Reads a decimal descriptor of at least 3; moves *text behind it. -1 if there is none. */
static int read_fd(const char **text)
{
	const char *p = *text;
	int fd = 0;

	if (!isdigit((unsigned char)*p))
		return -1;
	for (; isdigit((unsigned char)*p); p++) {
		if (fd > 100000)
			return -1;
		fd = fd * 10 + (*p - '0');
	}
	*text = p;
	return fd >= BROOD_CHANNEL_FD ? fd : -1;
}

static int read_fds(const char *text, int *in, int *out)
{
	const char *p = text;

	*in = read_fd(&p);
	*out = *in;
	if (*in >= 0 && *p == ',') {
		p++;
		*out = read_fd(&p);
	}
	if (*in < 0 || *out < 0 || *p != '\0')
		return fail(-EBADF, "cannot use the channel: %s=%.40s is not a descriptor number",
			    BROOD_ENV_CHANNEL, text);
	return 0;
}

static int option(int fd, int name)
{
	int value = -1;
	socklen_t size = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, name, &value, &size) < 0 ? -1 : value;
}

/* An unnamed, connected AF_UNIX stream socket? A connection to a named server would show a name. */
static bool is_unnamed_pair(int fd)
{
	struct sockaddr_un name;
	socklen_t size = sizeof(name);

	return option(fd, SO_DOMAIN) == AF_UNIX && option(fd, SO_TYPE) == SOCK_STREAM &&
	       option(fd, SO_ACCEPTCONN) == 0 &&
	       getpeername(fd, (struct sockaddr *)&name, &size) == 0 && size == sizeof(sa_family_t);
}

static int check_socket(brood_t *b, int fd, uid_t trusted)
{
	int rc;

	if (!is_unnamed_pair(fd))
		return fail(-EPERM, "cannot use the channel: descriptor %d is not an unnamed socketpair", fd);
	rc = peer_read(fd, &b->peer);
	if (rc < 0)
		return fail(rc, "cannot use the channel: who made it is unknown: %s", strerror(-rc));
	if (b->peer.uid != 0 && b->peer.uid != geteuid() && b->peer.uid != trusted)
		return fail(-EPERM, "cannot use the channel: it was made by uid %u, expected 0 or %u",
			    b->peer.uid, geteuid());
	/* pid 0: the supervisor lives in another pid namespace, there the uid must do */
	if (b->peer.pid != 0 && b->peer.pid != getppid())
		return fail(-EPERM,
			    "cannot use the channel: it was made by process %d, our parent is %d "
			    "(a wrapper that does not exec?)",
			    (int)b->peer.pid, (int)getppid());
	return 0;
}

static int check_pipes(int in, int out)
{
	struct stat a;
	struct stat z;

	if (fstat(in, &a) < 0 || fstat(out, &z) < 0)
		return fail(-EBADF, "cannot use the channel: descriptors %d,%d are not open", in, out);
	if (!S_ISFIFO(a.st_mode) || !S_ISFIFO(z.st_mode))
		return fail(-EPERM, "cannot use the channel: descriptors %d,%d are not pipes", in, out);
	fprintf(stderr, "brood: the channel is a pair of pipes, which cannot tell who made them\n");
	return 0;
}

static int make_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ? -errno : 0;
}

/* The descriptor of the board; -1: there is none. */
static int board_fd(void)
{
	const char *text = getenv(BROOD_ENV_BOARD);
	int fd = text ? read_fd(&text) : -1;

	return fd >= 0 && *text == '\0' ? fd : -1;
}

/* One that cannot be kept is no reason to refuse work: brood then takes all calls that it has delivered for begun. */
static void take_board(brood_t *b, int fd)
{
	if (fd < 0)
		return;
	if (notes_open(&b->notes, fd))
		b->own.features |= FEATURE_BOARD;
	else
		fprintf(stderr, "brood: descriptor %d is no board that can be kept; none is\n", fd);
}

int inherit_channel(brood_t *b, uid_t trusted)
{
	const char *text = getenv(BROOD_ENV_CHANNEL);
	int board = board_fd();
	int rc;
	int in;
	int out;

	if (!text)
		return fail(-ENOTCONN, "not started by brood: %s is not set", BROOD_ENV_CHANNEL);
	rc = read_fds(text, &in, &out);
	clean_environment();
	if (getauxval(AT_SECURE))
		return fail(-EPERM, "cannot use the channel: this program runs set-user-id");
	if (rc < 0)
		return rc;
	rc = in == out ? check_socket(b, in, trusted) : check_pipes(in, out);
	if (rc == 0 && (fcntl(in, F_SETFD, FD_CLOEXEC) < 0 || fcntl(out, F_SETFD, FD_CLOEXEC) < 0))
		rc = fail(-errno, "cannot use the channel: %s", strerror(errno));
	if (rc == 0 && in != out) {
		rc = make_nonblocking(in);
		if (rc == 0)
			rc = make_nonblocking(out);
	}
	if (rc < 0)
		return rc;
	b->in = in;
	b->out = out;
	b->is_socket = in == out;
	take_board(b, board);
	return 0;
}
