/*
 * brood-fdworker: a worker that is passed descriptors, and passes some.
 *
 *   fdworker [--fds N] [--slots N]
 *
 * The method of a call is a verb; its body is the argument.
 *   write    writes the body into every descriptor that came; answers how many there were
 *   leave    leaves them alone; answers how many there were
 *   give N   answers with N files, that hold "file 0", "file 1", ...
 *   hold     never answers
 *   flood    sends the one that came on its channel, 253 times with each frame, until it is stopped
 *   tight    from now on opens no file more
 *   count    how many are open
 */
#include <brood.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CHANNEL = 3, MOST_AT_ONCE = 253 /* SCM_MAX_FD */ };

static void reply_number(brood_request_t *request, size_t number)
{
	char text[32];

	snprintf(text, sizeof(text), "%zu", number);
	brood_reply(request, text, strlen(text));
}

static size_t count_open(void)
{
	DIR *d = opendir("/proc/self/fd");
	size_t n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n - 3; /* ".", "..", its own */
}

static void write_all(brood_request_t *request, const void *body, size_t size)
{
	size_t count = brood_request_fds(request);

	for (size_t i = 0; i < count; i++) {
		int fd = brood_request_take_fd(request, i);

		if (fd < 0 || !(fcntl(fd, F_GETFD) & FD_CLOEXEC) || write(fd, body, size) != (ssize_t)size)
			abort();
		close(fd);
		if (brood_request_take_fd(request, i) >= 0)
			abort();
	}
	reply_number(request, count);
}

static void give(brood_request_t *request, int count)
{
	struct brood_reply_options reply = {.fd_count = (size_t)count};
	int fds[32];

	for (int i = 0; i < count; i++) {
		char text[16];

		snprintf(text, sizeof(text), "file %d", i);
		fds[i] = memfd_create("given", MFD_CLOEXEC);
		if (fds[i] < 0 || write(fds[i], text, strlen(text)) < 0)
			abort();
	}
	reply.fds = fds;
	reply.body = brood_reply_full(request, &reply) == 0 ? "ok" : brood_error();
	for (int i = 0; i < count; i++)
		close(fds[i]);
}

/* As many copies of one descriptor as one message takes, again and again, behind PINGs that announce none. */
static void flood(brood_request_t *request)
{
	static unsigned char ping[16] = {12, 0, 0, 0, 5};
	static _Alignas(struct cmsghdr) char control[CMSG_SPACE(MOST_AT_ONCE * sizeof(int))];
	struct iovec bytes = {.iov_base = ping, .iov_len = sizeof(ping)};
	struct msghdr m = {.msg_iov = &bytes,
			   .msg_iovlen = 1,
			   .msg_control = control,
			   .msg_controllen = sizeof(control)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	int fd = brood_request_take_fd(request, 0);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(MOST_AT_ONCE * sizeof(int));
	for (size_t i = 0; i < MOST_AT_ONCE; i++)
		memcpy(CMSG_DATA(c) + i * sizeof(int), &fd, sizeof(int));
	while (sendmsg(CHANNEL, &m, MSG_NOSIGNAL) > 0 || errno == EAGAIN) {
		struct pollfd p = {.fd = CHANNEL, .events = POLLOUT};

		poll(&p, 1, -1);
	}
	_exit(7);
}

static void tighten(void)
{
	struct rlimit limit;
	int lowest = dup(0);

	close(lowest);
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = (rlim_t)lowest;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static void serve(brood_request_t *request, void *user)
{
	const char *verb = brood_request_method(request);
	size_t size;
	const char *body = brood_request_body(request, &size);
	char argument[16];

	(void)user;
	snprintf(argument, sizeof(argument), "%.*s", (int)(size < 15 ? size : 15), body);
	if (strcmp(verb, "write") == 0) {
		write_all(request, body, size);
	} else if (strcmp(verb, "leave") == 0) {
		reply_number(request, brood_request_fds(request));
	} else if (strcmp(verb, "give") == 0) {
		give(request, (int)strtol(argument, NULL, 10));
	} else if (strcmp(verb, "flood") == 0) {
		flood(request);
	} else if (strcmp(verb, "tight") == 0) {
		tighten();
		brood_reply(request, NULL, 0);
	} else if (strcmp(verb, "count") == 0) {
		reply_number(request, count_open());
	} else if (strcmp(verb, "hold") != 0) {
		brood_reply_error(request, BROOD_UNIMPLEMENTED, "no verb %s", verb);
	}
}

int main(int argc, char **argv)
{
	struct brood_worker_options options = {.slots = 8};

	for (int i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--fds") == 0)
			options.fds = (int)strtol(argv[i + 1], NULL, 10);
		else if (strcmp(argv[i], "--slots") == 0)
			options.slots = (int)strtol(argv[i + 1], NULL, 10);
	}
	return brood_serve(serve, NULL, &options);
}
