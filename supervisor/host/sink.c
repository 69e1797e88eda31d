/* sink: for each kind of stderr the way to write that does not block. */
#include "sink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "carrier.h"
#include "remote.h"

enum { PIECE_MOST = 64 << 10 };

static bool is_stream(int fd)
{
	int type = 0;
	socklen_t size = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
}

/*
 * A description of our own, if its owner lets us. Pieces of PIPE_BUF are written whole or not at all, so they do not
 * mix with the lines of others.
 */
static int open_anew(struct sink *k)
{
	int fd = open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

	k->piece = PIPE_BUF;
	k->has_room_told = true;
	if (fd < 0)
		return carrier_open(&k->carrier, &k->fd);
	k->fd = fd;
	return 0;
}

static int choose(struct sink *k)
{
	struct stat st;

	if (fstat(STDERR_FILENO, &st) < 0)
		return 0;
	if (S_ISSOCK(st.st_mode)) {
		k->is_socket = k->has_room_told = true;
		k->piece = is_stream(STDERR_FILENO) ? PIECE_MOST : 1; /* a message each line */
	} else if (S_ISFIFO(st.st_mode) || (S_ISCHR(st.st_mode) && isatty(STDERR_FILENO))) {
		return open_anew(k);
	} else if (S_ISREG(st.st_mode) && remote_has_fd(STDERR_FILENO)) {
		k->piece = PIPE_BUF;
		k->has_room_told = true;
		return carrier_open(&k->carrier, &k->fd);
	}
	return 0;
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct sink *k = poll->data;

	(void)status;
	(void)events;
	k->on_room(k->user);
}

static int watch_room(struct sink *k, uv_loop_t *uv)
{
	struct epoll_event writable = {.events = EPOLLOUT};

	k->room = epoll_create1(EPOLL_CLOEXEC);
	if (k->room < 0 || epoll_ctl(k->room, EPOLL_CTL_ADD, k->fd, &writable) < 0)
		return -errno;
	return uv_poll_init(uv, &k->poll, k->room);
}

static void close_fds(struct sink *k)
{
	if (k->room >= 0)
		close(k->room);
	if (k->fd != STDERR_FILENO)
		close(k->fd);
	if (k->carrier > 0)
		carrier_close(k->carrier);
}

int sink_open(struct sink *k, uv_loop_t *uv, void (*on_room)(void *user), void *user)
{
	int rc;

	*k = (struct sink){.fd = STDERR_FILENO, .room = -1, .piece = PIECE_MOST, .on_room = on_room, .user = user};
	rc = choose(k);
	if (rc == 0 && k->has_room_told)
		rc = watch_room(k, uv);
	k->poll.data = k;
	if (rc < 0)
		close_fds(k);
	return rc;
}

ssize_t sink_write(const struct sink *k, const char *text, size_t size)
{
	ssize_t n;

	do {
		n = k->is_socket ? send(k->fd, text, size, MSG_DONTWAIT | MSG_NOSIGNAL)
				 : write(k->fd, text, size);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

void sink_await(struct sink *k, bool wanted)
{
	wanted = wanted && k->has_room_told;
	if (wanted == k->is_awaited)
		return;
	k->is_awaited = wanted;
	if (wanted)
		uv_poll_start(&k->poll, UV_READABLE, on_poll);
	else
		uv_poll_stop(&k->poll);
}

void sink_close(struct sink *k)
{
	if (k->has_room_told)
		uv_close((uv_handle_t *)&k->poll, NULL);
	close_fds(k);
}
