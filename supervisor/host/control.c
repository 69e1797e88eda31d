/* control: the admin socket and its operators. */
#include "control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control_task.h"
#include "instance.h"
#include "operator.h"
#include "supervisor.h"

enum { BACKLOG = 128, RETRY_MS = 100 };

/* libuv's part of the listening socket; lives until both handles are closed. */
struct gate {
	struct control *control;
	uv_poll_t poll;
	uv_timer_t retry; /* after EMFILE and its like */
	unsigned handles;
	bool has_told;    /* that nobody can be let in */
};

static void on_connection(uv_poll_t *poll, int status, int events);

/* ---------------------------------------------------------------- operators */

static bool may_operate(const struct peer *peer)
{
	static const struct peer_rule rules[] = {{PEER_SELF, 0}, {PEER_ROOT, 0}};

	return peer_is_admitted(peer, rules, sizeof(rules) / sizeof(rules[0]), geteuid());
}

static void look(struct control *c)
{
	if (!c->gate)
		return;
	if (c->count < OPERATORS_MOST && !uv_is_active((uv_handle_t *)&c->gate->retry))
		uv_poll_start(&c->gate->poll, UV_READABLE, on_connection);
	else
		uv_poll_stop(&c->gate->poll);
}

static void admit(struct control *c, int fd)
{
	struct peer peer;
	struct operator *o;
	int rc = peer_read(fd, &peer);

	if (rc < 0 || !may_operate(&peer)) {
		log_say(&c->s->log, "admin: refused uid %u pid %d", peer.uid, (int)peer.pid);
		close(fd);
		peer_close(&peer);
		return;
	}
	o = operator_open(c->s, fd, &peer);
	peer_close(&peer);
	if (!o)
		return;
	o->next = c->operators;
	c->operators = o;
	c->count++;
	look(c);
}

static void on_retry(uv_timer_t *timer)
{
	const struct gate *gate = timer->data;

	look(gate->control);
}

/* Nobody can be let in now, and the socket stays readable: it is looked at again a little later. */
static void come_back(struct gate *gate, int error)
{
	if (!gate->has_told)
		log_say(&gate->control->s->log, "admin: cannot accept: %s; operators wait", strerror(error));
	gate->has_told = true;
	uv_timer_start(&gate->retry, on_retry, RETRY_MS, 0);
	look(gate->control);
}

static void on_connection(uv_poll_t *poll, int status, int events)
{
	struct gate *gate = poll->data;
	struct control *c = gate->control;
	int fd;

	(void)status;
	(void)events;
	while (c->count < OPERATORS_MOST) {
		fd = accept4(c->name.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
			continue;
		if (fd < 0) {
			if (errno != EAGAIN)
				come_back(gate, errno);
			return;
		}
		gate->has_told = false;
		admit(c, fd);
	}
}

void control_forget(struct operator *o)
{
	struct control *c = o->s->control;
	struct operator **at = &c->operators;

	while (*at && *at != o)
		at = &(*at)->next;
	if (*at) {
		*at = o->next;
		c->count--;
		look(c);
	}
}

/* ---------------------------------------------------------- to all of them */

static bool wants_line(const struct operator *o, const struct instance *i)
{
	const struct worker *w = instance_worker(i);

	for (size_t n = 0; n < o->task.target_count; n++) {
		const struct admin_target *t = &o->task.targets[n];

		if (t->pool == NONE || (t->pool == w->pool && (t->instance == NONE || t->instance == w->instance)))
			return true;
	}
	return o->task.target_count == 0;
}

void control_line(struct supervisor *s, const struct instance *i, const struct history_line *line,
		  const char *text)
{
	struct operator *o;
	struct operator *next;

	for (o = s->control ? s->control->operators : NULL; o; o = next) {
		next = o->next;
		if (o->follows && wants_line(o, i)) {
			char name[80];

			operator_line(o, admin_line(instance_name(i, name, sizeof(name)), line->generation,
						    line->stream == HISTORY_STDERR, line->is_continued,
						    line->wall_ms, text, line->size));
		}
	}
}

void control_resume(struct supervisor *s)
{
	struct operator *o;
	struct operator *next;

	s->has_news = false;
	for (o = s->control ? s->control->operators : NULL; o; o = next) {
		next = o->next;
		operator_resume(o);
	}
}

void control_retry(struct supervisor *s)
{
	for (struct operator *o = s->control ? s->control->operators : NULL; o; o = o->next)
		operator_retry(o);
}

bool control_is_idle(const struct supervisor *s)
{
	const struct operator *o = s->control ? s->control->operators : NULL;

	while (o && outbox_bytes(&o->outbox) == 0)
		o = o->next;
	return o == NULL;
}

/* --------------------------------------------------------------- the socket */

static void on_closed(uv_handle_t *handle)
{
	struct gate *g = handle->data;

	if (--g->handles == 0)
		free(g);
}

static void close_gate(struct control *c)
{
	struct gate *g = c->gate;

	c->gate = NULL;
	if (g) {
		uv_close((uv_handle_t *)&g->poll, on_closed);
		uv_close((uv_handle_t *)&g->retry, on_closed);
	}
	publish_withdraw(&c->name);
}

/* Publishes it and makes what accepts from it: both or nothing. */
static int prepare(struct control *c, struct published *name, struct gate **out, char *why)
{
	char path[PUBLISH_PATH];
	const struct rundir *dir = &c->s->rundir;
	struct publish_request r = {.path = path, .dirfd = dir->fd, .priv_fd = dir->priv_fd, .lock_fd = -1,
				    .mode = 0600, .uid = (uid_t)-1, .gid = (gid_t)-1, .backlog = BACKLOG,
				    .wants_credentials = true};
	struct gate *g = calloc(1, sizeof(*g));
	int rc;

	snprintf(path, sizeof(path), "%s/admin.sock", dir->path);
	rc = g ? publish_socket(&r, name, why) : -ENOMEM;
	if (rc == 0) {
		rc = uv_poll_init(&c->s->uv, &g->poll, name->fd);
		if (rc < 0)
			publish_withdraw(name);
	}
	if (rc < 0) {
		if (!why[0])
			snprintf(why, PUBLISH_PROBLEM, "%s", strerror(-rc));
		free(g);
		return rc;
	}
	uv_timer_init(&c->s->uv, &g->retry);
	g->control = c;
	g->handles = 2;
	g->poll.data = g->retry.data = g;
	*out = g;
	return 0;
}

int control_open(struct supervisor *s, char *problem, size_t size)
{
	struct control *c = calloc(1, sizeof(*c));
	char why[PUBLISH_PROBLEM] = "";
	int rc;

	if (!c) {
		snprintf(problem, size, "cannot open the admin socket: no memory");
		return -ENOMEM;
	}
	s->control = c;
	*c = (struct control){.s = s, .name = PUBLISHED_NONE, .next_job = 1};
	rc = prepare(c, &c->name, &c->gate, why);
	if (rc < 0)
		snprintf(problem, size, "cannot open the admin socket: %.600s", why);
	else
		look(c);
	return rc;
}

bool control_renew(struct supervisor *s)
{
	struct control *c = s->control;
	char why[PUBLISH_PROBLEM] = "";
	struct published fresh;
	struct gate *g;

	if (publish_is_there(&c->name))
		return true;
	if (prepare(c, &fresh, &g, why) < 0) {
		if (strcmp(c->problem, why) != 0)
			log_say(&s->log, "the admin socket is gone: %s", why);
		snprintf(c->problem, sizeof(c->problem), "%s", why);
		return false;
	}
	log_say(&s->log, "the admin socket was gone and is published again");
	if (c->gate)
		on_connection(&c->gate->poll, 0, UV_READABLE); /* who waits at the old one is let in first */
	close_gate(c);
	c->problem[0] = '\0';
	c->name = fresh;
	c->gate = g;
	look(c);
	return true;
}

void control_close(struct supervisor *s)
{
	struct control *c = s->control;

	if (!c)
		return;
	while (c->operators) {
		/* who follows can tell this end from one that nobody ordered */
		if (c->operators->follows)
			operator_send(c->operators, admin_end_reply());
		operator_close(c->operators);
	}
	close_gate(c);
	s->control = NULL;
	free(c);
}
