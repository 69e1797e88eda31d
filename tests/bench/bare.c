/* bare: frames and processes of the walls. */
#include "bare.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common.h"

enum { BODY_MOST = BARE_FRAME_MOST - BARE_HEADER };

size_t bare_message_size(size_t body)
{
	size_t frames = body == 0 ? 1 : (body + BODY_MOST - 1) / BODY_MOST;

	return body + frames * BARE_HEADER;
}

void bare_write_headers(uint8_t *message, size_t body, uint32_t id)
{
	do {
		size_t part = body < BODY_MOST ? body : BODY_MOST;

		body -= part;
		bare_put(message, (uint32_t)(BARE_HEADER - 4 + part));
		bare_put(message + 4, body == 0);
		bare_put(message + 8, id);
		bare_put(message + 12, 0);
		message += BARE_HEADER + part;
	} while (body > 0);
}

void bare_pair(int ends[2])
{
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		die("socketpair: %s", strerror(errno));
}

/* Reads until a whole message is there; 0: the peer is gone. */
static size_t read_message(int fd, uint8_t *buffer)
{
	size_t frame = 0;
	size_t end = 0;

	for (;;) {
		ssize_t n = recv(fd, buffer + end, 2 * BARE_MESSAGE_MOST - end, 0);

		if (n <= 0)
			return 0;
		end += (size_t)n;
		while (end - frame >= BARE_HEADER && end - frame >= bare_frame_size(buffer + frame)) {
			bool is_last = buffer[frame + 4] != 0;

			frame += bare_frame_size(buffer + frame);
			if (is_last)
				return frame;
		}
	}
}

static _Noreturn void echo_blocking(int fd)
{
	uint8_t *buffer = malloc(2 * BARE_MESSAGE_MOST);
	size_t size;

	if (!buffer)
		die("no memory");
	while ((size = read_message(fd, buffer)) > 0) {
		for (size_t at = 0; at < size;) {
			ssize_t n = send(fd, buffer + at, size - at, MSG_NOSIGNAL);

			if (n < 0)
				_exit(EXIT_SUCCESS);
			at += (size_t)n;
		}
	}
	_exit(EXIT_SUCCESS);
}

pid_t bare_start(enum bare_role role, const int *fds, unsigned count)
{
	pid_t parent = getpid();
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(EXIT_FAILURE);
		if (role == BARE_BLOCKING_ECHO)
			echo_blocking(fds[0]);
		bare_node_run(fds, count, role == BARE_RELAY);
	}
	for (unsigned i = 0; i < count; i++)
		close(fds[i]);
	return pid;
}
