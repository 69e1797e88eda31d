/*
 * listen: accepting.
 *
 * At a limit, and when the system has no descriptor or memory left, clients wait in the backlog; nobody who was let
 * in is closed for it.
 */
#include "listen.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "supervisor.h"
#include "transfer.h"

enum { ACCEPTS_MOST = 64, RETRY_MS = 100 };

/* libuv's part of one listening socket; lives until both handles are closed. */
struct acceptor {
	struct endpoint_socket *e;
	uv_poll_t poll;
	uv_timer_t retry; /* after EMFILE and its like */
	unsigned handles;
};

static void on_connection(uv_poll_t *poll, int status, int events);

static const struct endpoint_spec *spec_of(const struct endpoint_socket *e)
{
	return &e->s->spec->endpoints[e->index];
}

/* Accepts if neither its own nor the instance's limit is reached, and no retry is waited for. */
static void look(struct endpoint_socket *e)
{
	struct acceptor *a = e->acceptor;
	bool accepts = !e->is_paused && !e->s->fleet.entrance.is_paused && !uv_is_active((uv_handle_t *)&a->retry);

	if (accepts)
		uv_poll_start(&a->poll, UV_READABLE, on_connection);
	else
		uv_poll_stop(&a->poll);
}

static void on_retry(uv_timer_t *timer)
{
	struct acceptor *a = timer->data;

	look(a->e);
}

/* The name of the program behind a pid, for the log only. */
static void name_program(pid_t pid, char *out, size_t size)
{
	char path[40];
	FILE *f;

	snprintf(out, size, "?");
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	f = fopen(path, "re");
	if (!f)
		return;
	if (fgets(out, (int)size, f))
		out[strcspn(out, "\n")] = '\0';
	fclose(f);
}

static void refuse(struct endpoint_socket *e, const struct peer *peer)
{
	char program[32] = "?";

	e->refused++;
	if (log_may_say(&e->s->log, LOG_REFUSED))
		name_program(peer->pid, program, sizeof(program));
	log_say_limited(&e->s->log, LOG_REFUSED, "%s: refused uid %u gid %u pid %d (%s): not in allow",
			spec_of(e)->name, peer->uid, peer->gid, (int)peer->pid, program);
}

/* Who is it, and may they? Asked before a byte is read. */
static void admit(struct endpoint_socket *e, int fd)
{
	const struct allow_list *allow = &spec_of(e)->allow;
	struct peer peer;
	int rc = peer_read(fd, &peer);

	if (rc < 0) {
		log_say_limited(&e->s->log, LOG_REFUSED, "%s: refused a client whose identity is unknown: %s",
				spec_of(e)->name, strerror(-rc));
		close(fd);
		return;
	}
	if (peer_is_admitted(&peer, allow->rules, allow->count, geteuid())) {
		if (spec_of(e)->dispatch == DISPATCH_CONNECTION)
			transfer_open(e->s, e->index, fd, &peer);
		else
			client_open(e->s, e->index, fd, &peer);
	} else {
		refuse(e, &peer);
		close(fd);
	}
	peer_close(&peer);
}

static void on_connection(uv_poll_t *poll, int status, int events)
{
	struct acceptor *a = poll->data;
	struct endpoint_socket *e = a->e;

	(void)status;
	(void)events;
	for (int i = 0; i < ACCEPTS_MOST && e->acceptor; i++) {
		int fd;

		if (e->is_paused || e->s->fleet.entrance.is_paused)
			return;
		fd = accept4(e->name.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd >= 0) {
			admit(e, fd);
			continue;
		}
		if (errno == EINTR || errno == ECONNABORTED)
			continue;
		if (errno != EAGAIN) { /* mostly a shortage; the socket stays readable, so it is left alone a while */
			log_say_limited(&e->s->log, LOG_SHORTAGE, "%s: cannot accept: %s; clients wait",
					spec_of(e)->name, strerror(errno));
			uv_timer_start(&a->retry, on_retry, RETRY_MS, 0);
			look(e);
		}
		return;
	}
}

const char *listen_path(const struct supervisor *s, uint32_t endpoint)
{
	return s->endpoints[endpoint].name.path;
}

/* Is it meant for others than our own user? Then they must be able to reach it. */
static bool is_for_others(const struct endpoint_spec *spec)
{
	return spec->mode.bits & 077 || spec->user.is_set || spec->group.is_set;
}

/* Makes the socket and gives it its name. */
static int publish(struct endpoint_socket *e, struct published *out, char *problem)
{
	const struct endpoint_spec *spec = spec_of(e);
	struct rundir *dir = &e->s->rundir;
	bool is_inside = spec->listen.path[0] != '/';
	char path[PUBLISH_PATH];
	struct publish_request r = {
		.path = path,
		.dirfd = is_inside ? dir->fd : -1,
		.priv_fd = is_inside ? dir->priv_fd : -1,
		.mode = spec->mode.bits,
		.uid = spec->user.is_set ? spec->user.uid : (uid_t)-1,
		.gid = spec->group.is_set ? spec->group.gid : (gid_t)-1,
		.backlog = (int)spec->backlog,
		.lock_fd = e->name.lock_fd,
	};
	int n = snprintf(path, sizeof(path), "%s%s%s", is_inside ? dir->path : "", is_inside ? "/" : "",
			 spec->listen.path);
	int rc;

	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	rc = publish_socket(&r, out, problem);
	if (rc == 0 && is_inside && is_for_others(spec))
		rundir_admit_others(dir);
	return rc;
}

static void on_closed(uv_handle_t *handle)
{
	struct acceptor *a = handle->data;

	if (--a->handles == 0)
		free(a);
}

static void close_acceptor(struct endpoint_socket *e)
{
	struct acceptor *a = e->acceptor;

	e->acceptor = NULL;
	uv_close((uv_handle_t *)&a->poll, on_closed);
	uv_close((uv_handle_t *)&a->retry, on_closed);
}

static int make_acceptor(struct endpoint_socket *e, int fd, struct acceptor **out)
{
	struct acceptor *a = calloc(1, sizeof(*a));
	int rc = a ? uv_poll_init(&e->s->uv, &a->poll, fd) : -ENOMEM;

	if (rc < 0) {
		free(a);
		return rc;
	}
	uv_timer_init(&e->s->uv, &a->retry);
	a->e = e;
	a->handles = 2;
	a->poll.data = a->retry.data = a;
	*out = a;
	return 0;
}

/* Publishes it and makes what accepts from it: both or nothing. */
static int prepare(struct endpoint_socket *e, struct published *name, struct acceptor **a, char *problem)
{
	int rc = publish(e, name, problem);

	if (rc < 0)
		return rc;
	rc = make_acceptor(e, name->fd, a);
	if (rc < 0) {
		snprintf(problem, PUBLISH_PROBLEM, "cannot listen on %.200s: %s", name->path, strerror(-rc));
		publish_withdraw(name);
	}
	return rc;
}

static int open_one(struct endpoint_socket *e, char *problem)
{
	int rc = prepare(e, &e->name, &e->acceptor, problem);

	if (rc == 0)
		look(e);
	return rc;
}

static void complain(struct endpoint_socket *e, const char *problem)
{
	if (strcmp(e->problem, problem) != 0)
		log_say(&e->s->log, "%s: its socket %s is gone: %s", spec_of(e)->name, e->name.path, problem);
	snprintf(e->problem, sizeof(e->problem), "%s", problem);
}

/* Another socket takes the place of one whose name is gone; who waits in the old one's backlog is let in first. */
static bool renew(struct endpoint_socket *e)
{
	struct acceptor *a;
	struct published fresh;
	char problem[PUBLISH_PROBLEM] = "";

	if (prepare(e, &fresh, &a, problem) < 0) {
		complain(e, problem);
		return false;
	}
	log_say(&e->s->log, "%s: its socket %s was gone and is published again", spec_of(e)->name, e->name.path);
	on_connection(&e->acceptor->poll, 0, UV_READABLE);
	close_acceptor(e);
	publish_withdraw(&e->name);
	e->problem[0] = '\0';
	e->name = fresh;
	e->acceptor = a;
	look(e);
	return true;
}

bool listen_renew(struct supervisor *s)
{
	bool all = true;

	for (uint32_t i = 0; i < s->spec->endpoint_count; i++) {
		struct endpoint_socket *e = &s->endpoints[i];

		if (e->acceptor && !publish_is_there(&e->name) && !renew(e))
			all = false;
	}
	return all;
}

int listen_open(struct supervisor *s, char *problem, size_t size)
{
	size_t count = s->spec->endpoint_count;

	s->endpoints = calloc(count + 1, sizeof(*s->endpoints));
	if (!s->endpoints)
		return -ENOMEM;
	for (uint32_t i = 0; i < count; i++) {
		char why[PUBLISH_PROBLEM] = "";
		int rc;

		s->endpoints[i] = (struct endpoint_socket){.s = s, .index = i, .name = PUBLISHED_NONE};
		rc = open_one(&s->endpoints[i], why);
		if (rc < 0) {
			snprintf(problem, size, "cannot open endpoint %s: %s", s->spec->endpoints[i].name,
				 why[0] ? why : strerror(-rc));
			return rc;
		}
	}
	return 0;
}

void listen_pause(struct supervisor *s, uint32_t endpoint, bool pause)
{
	if (endpoint != NONE)
		s->endpoints[endpoint].is_paused = pause;
	for (uint32_t i = 0; i < s->spec->endpoint_count; i++) {
		if (s->endpoints[i].acceptor)
			look(&s->endpoints[i]);
	}
}

void listen_close(struct supervisor *s)
{
	for (uint32_t i = 0; s->endpoints && i < s->spec->endpoint_count; i++) {
		struct endpoint_socket *e = &s->endpoints[i];

		if (!e->acceptor)
			continue;
		close_acceptor(e);
		publish_withdraw(&e->name);
	}
}
