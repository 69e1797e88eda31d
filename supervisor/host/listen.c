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

enum { ACCEPTS_MOST = 64, RETRY_MS = 100 };

static void on_connection(uv_poll_t *poll, int status, int events);

static const struct endpoint_spec *spec_of(const struct endpoint_socket *e)
{
	return &e->s->spec->endpoints[e->index];
}

/* Accepts if neither its own nor the instance's limit is reached, and no retry is waited for. */
static void look(struct endpoint_socket *e)
{
	bool accepts = e->is_open && !e->is_paused && !e->s->fleet.entrance.is_paused &&
		       !uv_is_active((uv_handle_t *)&e->retry);

	if (accepts)
		uv_poll_start(&e->poll, UV_READABLE, on_connection);
	else
		uv_poll_stop(&e->poll);
}

static void on_retry(uv_timer_t *timer)
{
	look(timer->data);
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
	char program[32];

	e->refused++;
	name_program(peer->pid, program, sizeof(program));
	log_say(&e->s->log, "%s: refused uid %u gid %u pid %d (%s): not in allow", spec_of(e)->name, peer->uid,
		peer->gid, (int)peer->pid, program);
}

/* Who is it, and may they? Asked before a byte is read. */
static void admit(struct endpoint_socket *e, int fd)
{
	const struct allow_list *allow = &spec_of(e)->allow;
	struct peer peer;
	int rc = peer_read(fd, &peer);

	if (rc < 0) {
		log_say(&e->s->log, "%s: refused a client whose identity is unknown: %s", spec_of(e)->name,
			strerror(-rc));
		close(fd);
		return;
	}
	if (peer_is_admitted(&peer, allow->rules, allow->count, geteuid())) {
		client_open(e->s, e->index, fd, &peer);
	} else {
		refuse(e, &peer);
		close(fd);
	}
	peer_close(&peer);
}

static bool is_shortage(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

static void on_connection(uv_poll_t *poll, int status, int events)
{
	struct endpoint_socket *e = poll->data;

	(void)status;
	(void)events;
	for (int i = 0; i < ACCEPTS_MOST && e->is_open; i++) {
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
		if (is_shortage(errno)) {
			log_say(&e->s->log, "%s: cannot accept: %s; clients wait", spec_of(e)->name,
				strerror(errno));
			uv_timer_start(&e->retry, on_retry, RETRY_MS, 0);
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

static int open_one(struct endpoint_socket *e, char *problem)
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
	};
	int n = snprintf(path, sizeof(path), "%s%s%s", is_inside ? dir->path : "", is_inside ? "/" : "",
			 spec->listen.path);
	int rc;

	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	rc = publish_socket(&r, &e->name, problem);
	if (rc < 0)
		return rc;
	if (is_inside && is_for_others(spec))
		rundir_admit_others(dir);
	rc = uv_poll_init(&e->s->uv, &e->poll, e->name.fd);
	if (rc < 0) {
		publish_withdraw(&e->name);
		return rc;
	}
	uv_timer_init(&e->s->uv, &e->retry);
	e->poll.data = e->retry.data = e;
	e->is_open = true;
	look(e);
	return 0;
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
		if (s->endpoints[i].is_open)
			look(&s->endpoints[i]);
	}
}

void listen_close(struct supervisor *s)
{
	for (uint32_t i = 0; s->endpoints && i < s->spec->endpoint_count; i++) {
		struct endpoint_socket *e = &s->endpoints[i];

		if (!e->is_open)
			continue;
		e->is_open = false;
		uv_close((uv_handle_t *)&e->poll, NULL);
		uv_close((uv_handle_t *)&e->retry, NULL);
		publish_withdraw(&e->name);
	}
}
