/* marks: see marks.h. A mark is far below PIPE_BUF, so none is torn. */
#include "marks.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

int marks_open(const char *directory)
{
	char path[1024];
	int fd;

	snprintf(path, sizeof(path), "%s/marks", directory);
	if (mkfifo(path, 0600) < 0)
		return -1;
	/* open for writing too, so that it never looks ended */
	fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0)
		setenv(MARKS_ENV, path, 1);
	return fd;
}

bool marks_next(int fd, int timeout_ms, struct mark *out)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, timeout_ms) == 1 && read(fd, out, sizeof(*out)) == (ssize_t)sizeof(*out);
}

int marks_writer(void)
{
	const char *path = getenv(MARKS_ENV);

	return path ? open(path, O_WRONLY | O_CLOEXEC) : -1;
}

void marks_write(int fd, enum mark_kind kind)
{
	struct mark m = {.pid = (int32_t)getpid(), .kind = (uint32_t)kind};
	struct timespec t;

	if (fd < 0)
		return;
	clock_gettime(CLOCK_MONOTONIC, &t);
	m.at = (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
	if (write(fd, &m, sizeof(m)) != (ssize_t)sizeof(m))
		_exit(EXIT_FAILURE);
}
