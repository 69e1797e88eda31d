/* wiring: pipes and sockets of one start. */
#include "wiring.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "page.h"

void wiring_close_given(struct wiring *w)
{
	for (int n = 0; n < w->given_count; n++)
		close(w->given[n]);
	w->given_count = 0;
}

void wiring_close(struct wiring *w)
{
	wiring_close_given(w);
	for (int n = 0; n < 2; n++) {
		if (w->logs[n] >= 0)
			close(w->logs[n]);
	}
	if (w->board >= 0)
		close(w->board);
	if (w->stays_out >= 0 && w->stays_out != w->stays_in)
		close(w->stays_out);
	if (w->stays_in >= 0)
		close(w->stays_in);
}

static int wire_logs(struct wiring *w)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (null < 0)
		return -errno;
	w->given[w->given_count++] = null;
	for (int n = 0; n < 2; n++) {
		int ends[2];

		if (pipe2(ends, O_CLOEXEC) < 0)
			return -errno;
		w->logs[n] = ends[0];
		w->given[w->given_count++] = ends[1];
	}
	return 0;
}

static int wire_socketpair(struct wiring *w)
{
	int ends[2];
	int on = 1;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	w->stays_in = w->stays_out = ends[0];
	w->given[w->given_count++] = ends[1];
	w->channel = "3";
	/* before the process exists: bytes sent earlier would carry no ids */
	return setsockopt(ends[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0 ? -errno : 0;
}

static int wire_pipes(struct wiring *w)
{
	int to[2];
	int from[2];

	if (pipe2(to, O_CLOEXEC) < 0)
		return -errno;
	w->given[w->given_count++] = to[0];
	w->stays_out = to[1];
	if (pipe2(from, O_CLOEXEC) < 0)
		return -errno;
	w->stays_in = from[0];
	w->given[w->given_count++] = from[1];
	w->channel = "3,4";
	return 0;
}

/* Without one the worker runs all the same; what is delivered then counts as begun. */
static int wire_board(struct wiring *w, const char *name)
{
	int given;

	w->board = page_make();
	if (w->board < 0)
		return w->board == -ENOSYS || w->board == -EPERM ? 0 : w->board;
	given = fcntl(w->board, F_DUPFD_CLOEXEC, 3);
	if (given < 0)
		return -errno;
	w->given[w->given_count++] = given;
	w->board_name = name;
	return 0;
}

int wiring_open(struct wiring *w, enum channel_kind kind)
{
	int rc;

	*w = (struct wiring){.stays_in = -1, .stays_out = -1, .board = -1, .logs = {-1, -1}};
	rc = wire_logs(w);
	if (rc < 0)
		return rc;
	switch (kind) {
	case CHANNEL_SOCKETPAIR:
		rc = wire_socketpair(w);
		return rc < 0 ? rc : wire_board(w, "4");
	case CHANNEL_PIPES:
		rc = wire_pipes(w);
		return rc < 0 ? rc : wire_board(w, "5");
	case CHANNEL_NONE:
		return 0;
	}
	return -EINVAL;
}
