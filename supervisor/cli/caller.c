/*
 * caller: Varlink over the admin socket: JSON ended by NUL.
 *
 * Before a byte is sent, the server is checked as the SDK checks one: root's or our own, in a directory that nobody
 * else can change.
 */
#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "peer.h"
#include "place.h"

enum { REPLY_MOST = 256 << 20, SILENCE_MS = 300 };

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
	(void)number;
	interrupted = 1;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Whose socket it is, if root may not trust it but is meant to operate it. */
static const char *owner_of(const char *path)
{
	struct stat st;
	const struct passwd *user;

	if (geteuid() != 0 || stat(path, &st) < 0 || !S_ISSOCK(st.st_mode) || st.st_uid == 0)
		return NULL;
	user = getpwuid(st.st_uid);
	return user ? user->pw_name : NULL;
}

static int distrust(const char *path, const char *why)
{
	const char *owner = owner_of(path);

	if (!owner)
		return cli_fail(CLI_REFUSED, "cannot trust the socket %s: %s", path, why);
	return cli_fail(CLI_REFUSED, "cannot trust the socket %s: %s (operate it as its user: runuser -u %s -- brood "
				     "-s %s ...)", path, why, owner, path);
}

static int connect_to(const char *path, int *fd_out)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	char directory[512];
	char problem[PLACE_PROBLEM];
	const char *name;
	int dirfd;
	int rc = place_split(path, directory, sizeof(directory), &name);

	if (rc < 0)
		return cli_fail(CLI_USAGE, "cannot use the socket %s: %s", path, strerror(-rc));
	rc = place_open(directory, PEER_NOBODY, &dirfd, problem);
	if (rc == -ENOENT)
		return cli_fail(CLI_NO_SUPERVISOR, "no brood is running at %s", path);
	if (rc < 0)
		return distrust(path, problem);
	*fd_out = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	rc = place_name(a.sun_path, sizeof(a.sun_path), dirfd, name);
	if (rc == 0 && connect(*fd_out, (struct sockaddr *)&a, sizeof(a)) < 0)
		rc = -errno;
	close(dirfd);
	if (rc == 0)
		return 0;
	close(*fd_out);
	if (rc == -ENOENT || rc == -ECONNREFUSED)
		return cli_fail(CLI_NO_SUPERVISOR, "no brood is running at %s", path);
	return cli_fail(rc == -EACCES || rc == -EPERM ? CLI_REFUSED : CLI_FAILED, "cannot connect to %s: %s", path,
			strerror(-rc));
}

int caller_open(struct caller *c, const struct cli *cli)
{
	struct sigaction action = {.sa_handler = on_interrupt};
	struct cli_place place;
	struct peer peer;
	int code = where_socket(cli, &place);
	int rc;

	*c = (struct caller){.cli = cli, .fd = -1};
	if (code == 0)
		code = connect_to(place.socket, &c->fd);
	if (code != 0)
		return code;
	rc = peer_read(c->fd, &peer);
	if (rc < 0 || (peer.uid != 0 && peer.uid != geteuid())) {
		char why[80];

		snprintf(why, sizeof(why), "its server is uid %u, expected 0 or %u", peer.uid, geteuid());
		code = distrust(place.socket, why);
	}
	peer_close(&peer);
	if (code != 0)
		caller_close(c);
	sigaction(SIGINT, &action, NULL);
	return code;
}

void caller_close(struct caller *c)
{
	if (c->fd >= 0)
		close(c->fd);
	free(c->input);
	*c = (struct caller){.fd = -1};
}

static int at_most(int64_t left, int most)
{
	return left < most ? (int)left : most;
}

/* Nobody waits without knowing for what. */
static void tell_waiting(struct caller *c)
{
	if (!c->has_told && c->doing && !c->cli->is_quiet)
		fprintf(stderr, "%s ... (^C stops waiting, not the work)\n", c->doing);
	c->has_told = true;
}

/* poll(), but a ^C is not lost that comes between the look at `interrupted` and the wait. */
static int poll_interruptibly(struct pollfd *p, int ms)
{
	struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
	sigset_t block;
	sigset_t before;
	sigset_t meanwhile;
	int error = EINTR;
	int n = -1;

	sigemptyset(&block);
	sigaddset(&block, SIGINT);
	sigprocmask(SIG_BLOCK, &block, &before);
	meanwhile = before;
	sigdelset(&meanwhile, SIGINT);
	if (!interrupted) {
		n = ppoll(p, 1, &time, &meanwhile);
		error = errno;
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	errno = error;
	return n;
}

/* Waits until it can read or write. 0 or an exit code. */
static int wait_for(struct caller *c, short events, int64_t until)
{
	struct pollfd p = {.fd = c->fd, .events = events};

	for (;;) {
		int64_t left = until < 0 ? INT32_MAX : until - now_ms();
		int n;

		if (left <= 0)
			return cli_fail(CLI_TIMEOUT, "the time is over; brood goes on with it");
		n = poll_interruptibly(&p, at_most(left, c->has_told ? INT32_MAX : SILENCE_MS));
		if (interrupted)
			return cli_fail(CLI_INTERRUPTED, "%s",
					c->doing ? "brood goes on with it in the background" : "interrupted");
		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return cli_fail(CLI_FAILED, "cannot wait: %s", strerror(errno));
		if (n == 0)
			tell_waiting(c);
	}
}

int caller_send(struct caller *c, const char *method, json_t *parameters, bool more)
{
	json_t *message = json_pack("{s:s+, s:o}", "method", "io.brood.", method, "parameters", parameters);
	char *text;
	size_t size;
	size_t sent = 0;
	int code = 0;

	if (more)
		json_object_set_new(message, "more", json_true());
	text = json_dumps(message, JSON_COMPACT);
	json_decref(message);
	if (!text)
		return cli_fail(CLI_FAILED, "no memory");
	if (c->cli->is_verbose)
		fprintf(stderr, "> %s\n", text);
	size = strlen(text) + 1;
	while (code == 0 && sent < size) {
		ssize_t n = send(c->fd, text + sent, size - sent, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n >= 0)
			sent += (size_t)n;
		else if (errno == EAGAIN)
			code = wait_for(c, POLLOUT, -1);
		else if (errno != EINTR)
			code = cli_fail(CLI_FAILED, "cannot send: %s", strerror(errno));
	}
	free(text);
	return code;
}

static bool reserve(struct caller *c)
{
	size_t capacity = c->capacity ? 2 * c->capacity : 65536;
	char *grown;

	if (c->used < c->capacity)
		return true;
	grown = capacity <= REPLY_MOST ? realloc(c->input, capacity) : NULL;
	if (!grown)
		return false;
	c->input = grown;
	c->capacity = capacity;
	return true;
}

static int read_more(struct caller *c, int64_t until)
{
	int code = wait_for(c, POLLIN, until);
	ssize_t n;

	if (code != 0)
		return code;
	if (!reserve(c))
		return cli_fail(CLI_FAILED, "the reply is too large");
	n = recv(c->fd, c->input + c->used, c->capacity - c->used, 0);
	if (n < 0 && errno == EINTR)
		return 0;
	if (n <= 0)
		return cli_fail(CLI_NO_SUPERVISOR, "brood closed the connection%s%s", n < 0 ? ": " : "",
				n < 0 ? strerror(errno) : "");
	c->used += (size_t)n;
	return 0;
}

/* An error of the service, for people. */
static int tell_error(const char *name, json_t *parameters)
{
	const char *did = json_string_value(json_object_get(parameters, "did_you_mean"));
	const char *what = json_string_value(json_object_get(parameters, "name"));

	if (strcmp(name, "io.brood.NoSuchWorker") == 0) {
		if (did)
			return cli_fail(CLI_NO_SUCH, "no worker '%s', did you mean '%s'?", what, did);
		return cli_fail(CLI_NO_SUCH, "no worker '%s' (brood status lists them)", what);
	}
	what = json_string_value(json_object_get(parameters, "reason"));
	if (what)
		return cli_fail(CLI_FAILED, "%s", what);
	what = json_string_value(json_object_get(parameters, "parameter"));
	if (what)
		return cli_fail(CLI_FAILED, "brood does not accept this value of '%s'", what);
	what = json_string_value(json_object_get(parameters, "method"));
	if (what)
		return cli_fail(CLI_FAILED, "the brood that runs there does not know %s, it is of another version",
				what);
	return cli_fail(CLI_FAILED, "brood answers %s", name);
}

static int take_reply(struct caller *c, size_t size, json_t **parameters_out, bool *continues_out)
{
	json_error_t error;
	json_t *reply;
	json_t *parameters;
	const char *name;
	int code = 0;

	if (c->cli->is_verbose)
		fprintf(stderr, "< %s\n", c->input);
	reply = json_loadb(c->input, size, 0, &error);
	c->used -= size + 1;
	memmove(c->input, c->input + size + 1, c->used);
	if (!reply)
		return cli_fail(CLI_FAILED, "cannot read the reply: %s", error.text);
	parameters = json_object_get(reply, "parameters");
	name = json_string_value(json_object_get(reply, "error"));
	*parameters_out = name ? NULL : json_incref(parameters);
	if (continues_out)
		*continues_out = json_is_true(json_object_get(reply, "continues"));
	if (name)
		code = tell_error(name, parameters);
	json_decref(reply);
	return code;
}

int caller_receive(struct caller *c, int64_t timeout_ms, json_t **parameters_out, bool *continues_out)
{
	int64_t until = timeout_ms < 0 ? -1 : now_ms() + timeout_ms;

	*parameters_out = NULL;
	for (;;) {
		char *end = c->used > 0 ? memchr(c->input, '\0', c->used) : NULL;
		int code;

		if (end)
			return take_reply(c, (size_t)(end - c->input), parameters_out, continues_out);
		code = read_more(c, until);
		if (code != 0)
			return code;
	}
}

int caller_await_end(struct caller *c, int64_t timeout_ms)
{
	int64_t until = timeout_ms < 0 ? -1 : now_ms() + timeout_ms;
	char drop[256];

	for (;;) {
		int code = wait_for(c, POLLIN, until);
		ssize_t n;

		if (code != 0)
			return code;
		n = recv(c->fd, drop, sizeof(drop), 0);
		if (n == 0 || (n < 0 && errno != EINTR))
			return 0;
	}
}

int caller_ask(const struct cli *cli, const char *method, json_t *parameters, json_t **parameters_out)
{
	struct caller c;
	int code = caller_open(&c, cli);

	*parameters_out = NULL;
	if (code != 0) {
		json_decref(parameters);
		return code;
	}
	code = caller_send(&c, method, parameters, false);
	if (code == 0)
		code = caller_receive(&c, cli->timeout_ms, parameters_out, NULL);
	caller_close(&c);
	return code;
}
