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

enum {
	/* a name is taken by moving something over it, too: that is no IN_DELETE */
	WATCHED = IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR,
	/* what publishing does is an event again, and others may take names away in a loop: so often in a while */
	LOOKS_MOST = 8,
	LOOK_FAILED = LOOKS_MOST / 2, /* and so many a failed one is worth */
	WHILE_MS = 1000,
	/* numbers of watches grow with each directory that is made again: not all that ever were are tried */
	REMOVED_MOST = 1024,
};

static void add_directory(struct watch *w, int dirfd, const char *behind)
{
	char path[48];
	int number;

	snprintf(path, sizeof(path), "/proc/self/fd/%d%s", dirfd, behind);
	number = inotify_add_watch(w->fd, path, WATCHED); /* one directory twice is one watch */
	if (number > w->last)
		w->last = number;
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

/* False: something is still lost. */
static bool repair(struct supervisor *s)
{
	bool all;

	if (!renew_directory(s))
		return false;
	all = control_renew(s);
	all &= listen_renew(s);
	add_directories(s);
	return all;
}

static void on_retry(uv_timer_t *timer);

/* Looks after everything; what cannot be had is tried again in a while. */
static void look(struct supervisor *s)
{
	struct watch *w = &s->watch;
	bool all = repair(s);

	w->looks += all ? 1 : LOOK_FAILED;
	if (w->looks >= LOOKS_MOST)
		uv_poll_stop(&w->poll);
	if (w->looks >= LOOKS_MOST || !all)
		uv_timer_start(&w->retry, on_retry, WHILE_MS, 0);
}

static void on_change(uv_poll_t *poll, int status, int events)
{
	struct supervisor *s = poll->data;
	struct watch *w = &s->watch;

	(void)status;
	(void)events;
	empty(w->fd);
	if (uv_now(&s->uv) - w->since >= WHILE_MS) {
		w->since = uv_now(&s->uv);
		w->looks = 0;
	}
	look(s);
}

/* Of what fails for long, one look in a while is left: our own attempt is an event that gets no second. */
static void on_retry(uv_timer_t *timer)
{
	struct supervisor *s = timer->data;
	struct watch *w = &s->watch;

	w->since = uv_now(&s->uv);
	w->looks = LOOKS_MOST - LOOK_FAILED;
	uv_poll_start(&w->poll, UV_READABLE, on_change);
	look(s);
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

/*
 * The kernel keeps who closes a descriptor that has watches waiting until nobody can still look at them: some 20 ms. Of
 * watches that were removed before, it sees to that while the workers end.
 */
static void remove_watches(const struct watch *w)
{
	for (int number = w->last; number > 0 && number > w->last - REMOVED_MOST; number--)
		(void)inotify_rm_watch(w->fd, number);
}

void watch_end(struct supervisor *s)
{
	struct watch *w = &s->watch;

	if (w->fd < 0 || w->has_ended)
		return;
	w->has_ended = true;
	uv_close((uv_handle_t *)&w->poll, NULL);
	uv_close((uv_handle_t *)&w->retry, NULL);
	remove_watches(w);
}

void watch_close(struct supervisor *s)
{
	watch_end(s);
	if (s->watch.fd >= 0)
		close(s->watch.fd);
	s->watch.fd = -1;
}
