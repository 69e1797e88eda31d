/*
 * client: making a connection, and making sure who serves it before the first byte is sent.
 */
#include "callee.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "place.h"

enum { CONNECT_MS = 5000, RETRY_LEAST_MS = 5, RETRY_MOST_MS = 100 };

static int64_t deadline_of(int timeout, int otherwise)
{
	if (timeout < 0)
		return INT64_MAX;
	return now_ms() + (timeout ? timeout : otherwise);
}

/* The kernel's own timeout for a connect() that waits for room in the backlog. */
static void limit_connect(int fd, int64_t deadline)
{
	struct timeval t = {0};
	int64_t left = deadline == INT64_MAX ? 0 : deadline - now_ms();

	if (deadline != INT64_MAX && left <= 0)
		left = 1;
	t.tv_sec = left / 1000;
	t.tv_usec = left % 1000 * 1000;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof(t));
}

/* connect() through the directory that was checked, so that nobody can swap it meanwhile. */
static int connect_in(int dirfd, const char *name, const char *path, int64_t deadline)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int rc = place_name(address.sun_path, sizeof(address.sun_path), dirfd, name);

	if (fd < 0)
		return fail(-errno, "cannot connect to %.300s: %s", path, strerror(errno));
	while (rc == 0) {
		limit_connect(fd, deadline);
		if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
			break;
		if (errno != EINTR) /* a signal does not end the waiting for room in the backlog */
			rc = errno == EAGAIN ? -ETIMEDOUT : -errno;
	}
	if (rc < 0) {
		close(fd);
		if (rc == -ENAMETOOLONG)
			return fail(rc, "cannot connect to %.100s...: the socket's name has %zu bytes, too many for a "
					"socket", path, strlen(name));
		return fail(rc, "cannot connect to %.300s: %s", path, strerror(-rc));
	}
	return fd;
}

static int make_absolute(const char *path, char *out, size_t size)
{
	size_t used = 0;
	int n;

	if (path[0] != '/') {
		if (!getcwd(out, size - 1))
			return -errno;
		used = strlen(out);
		out[used++] = '/';
	}
	n = snprintf(out + used, size - used, "%s", path);
	return n < 0 || (size_t)n >= size - used ? -ENAMETOOLONG : 0;
}

/* Cuts "/a/b/c" into "/a/b" and "c" where it stands. */
static int cut_name(char *path, const char **name_out)
{
	char *slash = strrchr(path, '/');

	if (!slash || slash[1] == '\0')
		return -EINVAL;
	*slash = '\0';
	*name_out = slash + 1;
	return 0;
}

static int connect_unix(const char *path, uid_t trusted, int64_t deadline)
{
	char directory[PATH_MAX];
	char problem[PLACE_PROBLEM];
	const char *name = NULL;
	int dirfd;
	int rc = make_absolute(path, directory, sizeof(directory));

	if (path[0] == '\0' || path[strlen(path) - 1] == '/')
		return fail(-EINVAL, "cannot connect to unix:%.300s: that names no socket, write unix:PATH", path);
	if (rc == -ENAMETOOLONG)
		return fail(rc, "cannot connect to %.60s...: its path has %zu bytes, at most %zu are allowed", path,
			    strlen(path), sizeof(directory) - 1);
	if (rc == 0)
		rc = cut_name(directory, &name);
	if (rc < 0)
		return fail(rc, "cannot connect to %.300s: %s", path, strerror(-rc));
	rc = place_open(directory[0] ? directory : "/", trusted, &dirfd, problem);
	if (rc < 0)
		return fail(rc, "cannot connect to %.100s: %s", path, problem);
	rc = connect_in(dirfd, name, path, deadline);
	close(dirfd);
	return rc;
}

static int adopt(const char *number)
{
	char *end;
	long fd = strtol(number, &end, 10);

	if (number[0] < '0' || number[0] > '9' || *end || fd > INT_MAX || fcntl((int)fd, F_GETFD) < 0)
		return fail(-EBADF, "cannot connect to fd:%.100s: not an open descriptor", number);
	return (int)fd;
}

static int connect_once(brood_t *b, uid_t trusted, int64_t deadline)
{
	const char *address = b->address;

	if (b->asker)
		return callee_connect(b->asker, address, deadline);
	if (b->options.connect) {
		int fd = b->options.connect(address, b->options.user);

		return fd < 0 ? fail(fd, "cannot connect to %.300s: %s", address, strerror(-fd)) : fd;
	}
	if (strncmp(address, "fd:", 3) == 0)
		return adopt(address + 3);
	if (strncmp(address, "unix:", 5) == 0)
		return connect_unix(address + 5, trusted, deadline);
	if (address[0] == '/' || address[0] == '.')
		return connect_unix(address, trusted, deadline);
	return fail(-EINVAL, "cannot connect to %.300s: the address is none of unix:PATH, /PATH, fd:N", address);
}

/* Tries again while nobody listens, as long as the user wants to wait for that; each try has its own deadline. */
static int connect_retrying(brood_t *b, uid_t trusted, int64_t *deadline_out)
{
	int64_t until = now_ms() + b->options.retry;
	int pause = RETRY_LEAST_MS;

	for (;;) {
		int fd;

		*deadline_out = deadline_of(b->options.timeout, CONNECT_MS);
		fd = connect_once(b, trusted, *deadline_out);
		if ((fd != -ENOENT && fd != -ECONNREFUSED) || now_ms() + pause > until)
			return fd;
		poll(NULL, 0, pause);
		pause = pause * 2 > RETRY_MOST_MS ? RETRY_MOST_MS : pause * 2;
	}
}

/* Who listens there? Asked before anything is sent. */
static int check_server(brood_t *b, uid_t trusted)
{
	int rc = peer_read(b->in, &b->peer);

	if (rc < 0)
		return fail(rc, "cannot trust the server of %.200s: who it is, is unknown: %s", b->address,
			    strerror(-rc));
	if (b->peer.uid == 0 || b->peer.uid == geteuid() || b->peer.uid == trusted)
		return 0;
	if (trusted != PEER_NOBODY)
		return fail(-EPERM, "cannot trust the server of %.200s: it is uid %u, expected 0, %u or %u",
			    b->address, b->peer.uid, geteuid(), trusted);
	return fail(-EPERM, "cannot trust the server of %.200s: it is uid %u, expected 0 or %u", b->address,
		    b->peer.uid, geteuid());
}

/* What the server says about its pool; 0: nothing that makes sense. */
static int read_timeout(const char *text)
{
	long ms = text ? strtol(text, NULL, 10) : 0;

	return ms > 0 && ms <= INT_MAX ? (int)ms : 0;
}

static int shake_hands(brood_t *b, int64_t deadline)
{
	char lines[256];
	char pid[16];
	size_t size = 0;
	int rc;

	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	if (!hello_add_line(lines, sizeof(lines), &size, "pid", pid) ||
	    !hello_add_line(lines, sizeof(lines), &size, "sdk", BROOD_VERSION) ||
	    !hello_add_line(lines, sizeof(lines), &size, "language", "c"))
		size = 0;
	rc = session_offer(b, FRAME_HELLO, lines, size, 0);
	if (rc == 0)
		rc = session_await_open(b, deadline);
	if (rc < 0)
		return rc;
	b->call_timeout = read_timeout(brood_info(b, "call_timeout_ms"));
	return 0;
}

static void begin_connection(brood_t *b, int fd)
{
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	b->in = b->out = fd;
	b->is_socket = true;
	b->stage = STAGE_HANDSHAKE;
	b->rc = 0;
	b->read_ended = false;
	b->write_lost = b->starved = false;
	b->flows.broken = false;
	if (b->next_id > INT32_MAX)
		b->next_id = 0; /* the server wants each id to be above the last, beginning with 0 */
	descriptor_offer(b);
	frame_open(&b->decoder, b->own.max_frame);
	loop_watch(b);
}

/* A handle that has no connection gets one. */
static int open_connection(brood_t *b)
{
	int64_t deadline;
	uid_t trusted;
	int fd;
	int rc = handle_user(b->expect_user, &trusted);

	if (rc < 0)
		return rc;
	fd = connect_retrying(b, trusted, &deadline);
	if (fd < 0)
		return fd;
	begin_connection(b, fd);
	rc = check_server(b, trusted);
	return rc < 0 ? rc : shake_hands(b, deadline);
}

/*
 * The same by way of a worker. Who made the socket was checked when the worker's channel was. Where the instance that
 * was to serve it ends before it has answered, another one does.
 */
static int open_by_asker(brood_t *b, int64_t until)
{
	int64_t deadline = until == INT64_MAX ? deadline_of(b->options.timeout, CONNECT_MS) : until;
	int pause = RETRY_LEAST_MS;

	for (;;) {
		int fd = callee_connect(b->asker, b->address, deadline);
		int rc;

		if (fd < 0)
			return fd;
		begin_connection(b, fd);
		rc = shake_hands(b, deadline);
		if (rc != -ECONNRESET || !b->read_ended || now_ms() + pause > deadline)
			return rc;
		handle_lose(b, rc);
		poll(NULL, 0, pause);
		pause = pause * 2 > RETRY_MOST_MS ? RETRY_MOST_MS : pause * 2;
	}
}

bool client_can_reconnect(const brood_t *b)
{
	return !b->is_worker && !b->options.no_reconnect &&
	       (b->options.connect || strncmp(b->address, "fd:", 3) != 0);
}

int client_reconnect(brood_t *b, int64_t until)
{
	int rc;

	if (!client_can_reconnect(b))
		return fail(b->rc ? b->rc : -ECONNRESET, "the connection to %.300s is lost", b->address);
	handle_lose(b, -ECONNRESET);
	rc = b->asker ? open_by_asker(b, until) : open_connection(b);
	if (rc < 0) {
		handle_lose(b, rc);
		b->rc = rc; /* also where there was nothing to lose */
	}
	return rc;
}

static int open_client(brood_t *b, const char *address, brood_t *asker)
{
	int rc;

	if (asker) {
		handle_ref(asker);
		b->asker = asker;
	}
	b->address = strdup(address);
	b->expect_user = b->options.expect_user ? strdup(b->options.expect_user) : NULL;
	if (!b->address || (b->options.expect_user && !b->expect_user))
		return fail(-ENOMEM, "no memory for a client");
	session_own_limits(b, b->options.max_message);
	rc = descriptor_expect(b, b->options.fds);
	if (rc < 0)
		return rc;
	return asker ? open_by_asker(b, INT64_MAX) : open_connection(b);
}

int brood_connect(brood_t **client_out, const char *address, const struct brood_client_options *options)
{
	return client_open(client_out, address, NULL, options);
}

int client_open(brood_t **client_out, const char *address, brood_t *asker, const struct brood_client_options *options)
{
	brood_t *b;
	int rc = handle_new(false, &b);

	*client_out = NULL;
	if (rc < 0)
		return rc;
	if (options)
		b->options = *options;
	b->on_notify = b->options.on_notify;
	b->notify_user = b->options.user;
	rc = open_client(b, address, asker);
	if (rc < 0) {
		brood_close(b);
		return rc;
	}
	*client_out = b;
	return 0;
}
