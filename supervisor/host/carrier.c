/* carrier: a loop of two calls, in a process of its own. */
#include "carrier.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { AGAIN_MS = 1000, END_MS = 500, LOOK_MS = 5 };

/* Will it be better later? Waits until then, but not for nobody: false if it is hopeless. */
static bool wait_for_better(int error)
{
	struct pollfd p[2] = {{.fd = STDIN_FILENO}, {.fd = STDERR_FILENO}};

	if (error == EAGAIN) {
		p[1].events = POLLOUT; /* somebody who shares it has made it nonblocking */
		return poll(&p[1], 1, AGAIN_MS) >= 0;
	}
	if (error != ENOSPC && error != EDQUOT)
		return false;
	return poll(p, 1, AGAIN_MS) == 0; /* else brood is gone */
}

static bool pass_on(const char *text, size_t size)
{
	while (size > 0) {
		ssize_t n = write(STDERR_FILENO, text, size);

		if (n < 0 && errno != EINTR && !wait_for_better(errno))
			return false;
		if (n > 0) {
			text += n;
			size -= (size_t)n;
		}
	}
	return true;
}

static _Noreturn void carry(void)
{
	char text[PIPE_BUF];
	ssize_t n;

	do {
		n = read(STDIN_FILENO, text, sizeof(text));
	} while ((n < 0 && errno == EINTR) || (n > 0 && pass_on(text, (size_t)n)));
	_exit(0);
}

/* Nothing ends it but the end of the pipe: what is sent to our whole group is for brood to answer. */
static _Noreturn void become_carrier(int from, int to)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	dup2(from, STDIN_FILENO);
	close(from);
	close(to);
	(void)syscall(SYS_close_range, STDERR_FILENO + 1, UINT32_MAX, 0);
	(void)prctl(PR_SET_NAME, "brood-log");
	carry();
}

int carrier_open(pid_t *pid, int *fd)
{
	int ends[2];
	int rc;

	/* O_DIRECT: what was one write stays one, so that lines are not cut in the middle */
	if (pipe2(ends, O_CLOEXEC | O_DIRECT) < 0)
		return -errno;
	*pid = fcntl(ends[1], F_SETFL, O_DIRECT | O_NONBLOCK) < 0 ? -1 : fork();
	rc = -errno;
	if (*pid == 0)
		become_carrier(ends[0], ends[1]);
	close(ends[0]);
	if (*pid < 0) {
		close(ends[1]);
		return rc;
	}
	*fd = ends[1];
	return 0;
}

void carrier_close(pid_t pid)
{
	int waited = 0;
	pid_t gone;

	do {
		gone = waitpid(pid, NULL, WNOHANG);
		if (gone == 0)
			poll(NULL, 0, LOOK_MS);
		waited += LOOK_MS;
	} while (gone == 0 && waited < END_MS);
}
