/* watch: one inotify descriptor over the directories of all published names. */
#include "watch.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "control.h"
#include "listen.h"
#include "supervisor.h"

enum { WATCHED = IN_DELETE | IN_MOVED_FROM | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR, RETRY_MS = 500 };

static void add_directory(struct watch *w, int dirfd, const char *behind)
{
	char path[48];

	snprintf(path, sizeof(path), "/proc/self/fd/%d%s", dirfd, behind);
	(void)inotify_add_watch(w->fd, path, WATCHED); /* one directory twice is one watch */
}

static void add_directories(struct supervisor *s)
{
	if (s->rundir.fd >= 0) {
		add_directory(&s->watch, s->rundir.fd, "");
		/* a directory that is held open does not tell of its own removal; its parent does */
		add_directory(&s->watch, s->rundir.fd, "/..");
	}
	for (uint32_t i = 0; i < s->spec->endpoint_count; i++) {
		if (s->endpoints[i].acceptor)
			add_directory(&s->watch, s->endpoints[i].name.dirfd, "");
	}
}

/* Makes again what is lost of the runtime directory; what is wrong is said once. */
static bool renew_directory(struct supervisor *s)
{
	struct watch *w = &s->watch;
	char problem[RUNDIR_PROBLEM];

	if (rundir_is_whole(&s->rundir)) {
		w->problem[0] = '\0';
		return true;
	}
	if (rundir_renew(&s->rundir, problem) < 0) {
		if (strcmp(w->problem, problem) != 0)
			log_say(&s->log, "the runtime directory was damaged: %s", problem);
		memcpy(w->problem, problem, sizeof(problem));
		return false;
	}
	w->problem[0] = '\0';
	log_say(&s->log, "the runtime directory %s was damaged and is made again", s->rundir.path);
	return true;
}

/* Forgets events; what they say is looked at afresh. */
static void empty(int fd)
{
	char events[4096];
	ssize_t n;

	do {
		n = read(fd, events, sizeof(events));
	} while (n > 0 || (n < 0 && errno == EINTR));
}

static void on_retry(uv_timer_t *timer);

static void repair(struct supervisor *s)
{
	if (!renew_directory(s)) {
		uv_timer_start(&s->watch.retry, on_retry, RETRY_MS, 0);
		return;
	}
	control_renew(s);
	listen_renew(s);
	add_directories(s);
}

static void on_retry(uv_timer_t *timer)
{
	repair(timer->data);
}

static void on_change(uv_poll_t *poll, int status, int events)
{
	struct supervisor *s = poll->data;

	(void)status;
	(void)events;
	empty(s->watch.fd);
	repair(s);
}

void watch_open(struct supervisor *s)
{
	struct watch *w = &s->watch;

	w->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (w->fd >= 0 && uv_poll_init(&s->uv, &w->poll, w->fd) < 0) {
		close(w->fd);
		w->fd = -1;
	}
	if (w->fd < 0) {
		log_say(&s->log, "cannot watch the runtime directory: %s; a lost socket will not be noticed",
			strerror(errno));
		return;
	}
	uv_timer_init(&s->uv, &w->retry);
	w->poll.data = w->retry.data = s;
	add_directories(s);
	uv_poll_start(&w->poll, UV_READABLE, on_change);
}

void watch_close(struct supervisor *s)
{
	if (s->watch.fd < 0)
		return;
	uv_close((uv_handle_t *)&s->watch.poll, NULL);
	uv_close((uv_handle_t *)&s->watch.retry, NULL);
	close(s->watch.fd);
	s->watch.fd = -1;
}
