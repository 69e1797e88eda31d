/* instance: see instance.h. What it decides: nothing; in which order things are told to the core: everything. */
#include "instance.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "channel.h"
#include "client.h"
#include "control.h"
#include "delivery.h"
#include "liaison.h"
#include "loop.h"
#include "plan.h"
#include "supervisor.h"
#include "transfer.h"
#include "wiring.h"

const struct worker *instance_worker(const struct instance *i)
{
	return &i->s->fleet.workers[i->index];
}

const char *instance_name(const struct instance *i, char *out, size_t size)
{
	const struct worker *w = instance_worker(i);

	return trace_name(w->spec, w->instance, out, size);
}

/* What it kept of an older process stays, as long as that was the same instance. */
static void prepare(struct instance *i, struct supervisor *s, uint32_t index)
{
	const struct worker *w = &s->fleet.workers[index];

	if (i->s && i->number == w->instance)
		return;
	history_close(&i->history);
	*i = (struct instance){.s = s, .index = index, .number = w->instance, .pidfd = -1, .error_fd = -1,
				.board = -1};
	i->outputs[0].fd = i->outputs[1].fd = -1;
	history_init(&i->history, (size_t)w->spec->log_buffer.bytes);
}

struct instance *instance_of(struct supervisor *s, const struct action *a)
{
	struct instance *i = &s->instances[a->worker];

	return i->is_active && i->generation == a->generation ? i : NULL;
}

/* ------------------------------------------------------------------ the end */

/* One handle less; after the last one the core hears of the end. */
static void one_closed(struct instance *i)
{
	struct event e = {.kind = FLEET_EXIT,
			  .worker = i->index,
			  .generation = i->generation,
			  .exit = i->exit};

	if (--i->handles > 0 || !i->is_ending)
		return;
	i->is_active = false;
	loop_give(i->s, &e);
}

static void on_closed(uv_handle_t *handle)
{
	one_closed(handle->data);
}

static void on_link_closed(struct link *l)
{
	one_closed(l->user);
}

static void on_output_closed(uv_handle_t *handle)
{
	struct output *o = handle->data;

	one_closed(o->instance);
}

/* First the handle, then the descriptor: uv_close() touches the number, which may be another's by then. */
static void unwatch(uv_poll_t *poll, int *fd)
{
	if (*fd < 0)
		return;
	uv_close((uv_handle_t *)poll, on_closed);
	close(*fd);
	*fd = -1;
}

/* No call that was not written out whole can have been seen by the worker. */
static void end_channel_link(struct instance *i)
{
	if (!i->has_channel)
		return;
	i->has_channel = false;
	i->channel_ended = true;
	delivery_tell_unbegun(i);
	transfer_tell_unsent(i);
	liaison_end(i);
	barrier_forget(i);
	if (i->holds_clients)
		client_let_go(i->s, i->index);
	i->holds_clients = false;
	link_close(&i->link, on_link_closed);
}

/* All that it said has been read: did it never introduce itself? */
static bool is_mute(const struct instance *i)
{
	return instance_worker(i)->spec->channel != CHANNEL_NONE && !i->is_introduced &&
	       i->exit.kind != EXIT_NOT_STARTED;
}

/* All is read: closes what is open; the last closed handle tells the core. */
static void finish(struct instance *i)
{
	if (i->is_ending)
		return;
	i->is_ending = true;
	i->exit.was_mute = is_mute(i);
	end_channel_link(i);
	if (i->board >= 0)
		close(i->board);
	i->board = -1;
	for (int n = 0; n < 2; n++)
		output_close(&i->outputs[n]);
	unwatch(&i->error_poll, &i->error_fd);
	unwatch(&i->exit_poll, &i->pidfd);
	i->note[0] = '\0';
	uv_close((uv_handle_t *)&i->grace, on_closed);
}

static void finish_if_read(struct instance *i)
{
	bool read = i->outputs[0].fd < 0 && i->outputs[1].fd < 0 && (!i->has_channel || i->channel_ended);

	if (i->has_exited && read)
		finish(i);
}

/* Tells the core that this process cannot be spoken with any more, although it lives. */
static void tell_lost(struct instance *i, bool broken)
{
	if (i->is_lost_told || i->has_exited)
		return;
	i->is_lost_told = true;
	end_channel_link(i);
	loop_give(i->s, &(struct event){.kind = FLEET_LOST,
					.worker = i->index,
					.generation = i->generation,
					.number = broken});
}

static void on_grace(uv_timer_t *timer)
{
	struct instance *i = timer->data;

	if (i->has_exited)
		finish(i);
	else if (i->channel_ended)
		tell_lost(i, false);
}

void instance_channel_ended(struct instance *i, enum link_end how)
{
	char name[64];

	i->channel_ended = true;
	switch (how) {
	case LINK_CLOSED:
		/* mostly because it is about to exit: what it died of is worth a moment's wait */
		if (!i->has_exited)
			uv_timer_start(&i->grace, on_grace, INSTANCE_GRACE_MS, 0);
		break;
	case LINK_BROKEN:
	case LINK_STRANGER:
	case LINK_FAILED:
		log_say(&i->s->log, "%s gen %u: its channel: %s", instance_name(i, name, sizeof(name)),
			i->generation, link_problem(&i->link));
		tell_lost(i, true);
		break;
	}
	finish_if_read(i);
}

void instance_output_ended(struct instance *i)
{
	finish_if_read(i);
}

/* The core knows the name only; people want to know which file it was, and what exec(2) means by "no such file". */
static void tell_program(const struct instance *i, const struct child_failure *f)
{
	const char *file = i->program[0] ? i->program : instance_worker(i)->spec->command.argv[0];
	struct stat st;
	char name[64];

	if (f->stage != STAGE_EXEC)
		return;
	instance_name(i, name, sizeof(name));
	if (i->program[0])
		log_say(&i->s->log, "cannot start %s: exec of %s: %s", name, file, strerror(f->error));
	if (f->error == ENOENT && file[0] == '/' && stat(file, &st) == 0)
		log_say(&i->s->log,
			"cannot start %s: %s is there, but not what runs it: the interpreter in its first "
			"line (#!), or its loader",
			name, file);
}

static void read_failure(struct instance *i)
{
	struct child_failure f;
	ssize_t n;

	if (i->error_fd < 0)
		return;
	do {
		n = read(i->error_fd, &f, sizeof(f));
	} while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return;
	unwatch(&i->error_poll, &i->error_fd);
	if (n != (ssize_t)sizeof(f) || f.stage > STAGE_EXEC)
		return;
	tell_program(i, &f);
	i->exit = (struct exit_facts){.kind = EXIT_NOT_STARTED,
				      .stage = (enum start_stage)f.stage,
				      .value = f.error};
}

static void on_error_pipe(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	read_failure(poll->data);
}

/* How it ended; a failed start is known from the error pipe already. */
static void note_exit(struct instance *i, const siginfo_t *info)
{
	read_failure(i);
	if (i->exit.kind == EXIT_NOT_STARTED)
		return;
	if (info->si_code == CLD_EXITED)
		i->exit = (struct exit_facts){.kind = EXIT_CODE, .value = info->si_status};
	else
		i->exit = (struct exit_facts){.kind = EXIT_SIGNAL,
					      .value = info->si_status,
					      .dumped_core = info->si_code == CLD_DUMPED};
}

static void on_exit(uv_poll_t *poll, int status, int events)
{
	struct instance *i = poll->data;
	siginfo_t info = {.si_pid = 0};

	(void)status;
	(void)events;
	if (waitid(P_PIDFD, (id_t)i->pidfd, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid == 0)
		return;
	/* as long as the leader is unreaped, its group cannot be another one */
	kill(-i->pid, SIGKILL);
	(void)waitid(P_PIDFD, (id_t)i->pidfd, &info, WEXITED | WNOHANG);
	unwatch(&i->exit_poll, &i->pidfd);
	i->has_exited = true;
	note_exit(i, &info);
	uv_timer_start(&i->grace, on_grace, INSTANCE_GRACE_MS, 0);
	finish_if_read(i);
}

/* ---------------------------------------------------------------- the start */

static void reset(struct instance *i, uint32_t generation)
{
	struct history history = i->history;
	struct supervisor *s = i->s;
	uint32_t cookie = i->barriers.next_cookie;
	uint32_t number = i->number;

	*i = (struct instance){.s = s,
			       .index = i->index,
			       .number = number,
			       .generation = generation,
			       .is_active = true,
			       .pidfd = -1,
			       .error_fd = -1,
			       .board = -1,
			       .history = history};
	i->barriers.next_cookie = cookie;
	uv_timer_init(&s->uv, &i->grace);
	i->grace.data = i;
	i->handles = 1;
	i->outputs[0].fd = i->outputs[1].fd = -1;
}

static int start_process(struct instance *i, struct wiring *w, enum start_stage *stage)
{
	const struct worker *worker = instance_worker(i);
	struct plan_identity id = {worker->spec,    worker->instance,   i->generation,     w->channel,
				   w->board_name, i->s->nofile_soft, i->s->nofile_hard};
	char problem[PLAN_PROBLEM];
	char name[64];
	struct plan plan;
	struct spawned spawned;
	int rc = plan_make(&plan, &id, problem);

	*stage = plan.stage;
	if (rc < 0) {
		log_say(&i->s->log, "cannot start %s: %s", instance_name(i, name, sizeof(name)), problem);
	} else {
		*stage = STAGE_PROCESS;
		plan.child.fd_count = w->given_count;
		memcpy(plan.child.fds, w->given, sizeof(w->given));
		plan_describe(&plan, i->program, sizeof(i->program));
		rc = spawn_process(&plan.child, plan.way, &spawned);
	}
	plan_close(&plan);
	if (rc < 0)
		return rc;
	i->pid = spawned.pid;
	i->pidfd = spawned.pidfd;
	i->error_fd = spawned.error_fd;
	return 0;
}

/* Takes the descriptor, also if it fails: then it is closed. */
static int watch_fd(struct instance *i, uv_poll_t *poll, int *fd, uv_poll_cb ready)
{
	int rc = uv_poll_init(&i->s->uv, poll, *fd);

	if (rc < 0) {
		close(*fd);
		*fd = -1;
		return rc;
	}
	poll->data = i;
	i->handles++;
	return uv_poll_start(poll, UV_READABLE, ready);
}

/* Everything that watches the process. Its descriptors are taken, also if it fails. */
static int watch(struct instance *i, struct wiring *w)
{
	int rc = watch_fd(i, &i->exit_poll, &i->pidfd, on_exit);
	int failed = watch_fd(i, &i->error_poll, &i->error_fd, on_error_pipe);

	for (int n = 0; n < 2; n++) {
		rc = rc < 0 ? rc : failed;
		failed = output_open(&i->outputs[n], i, (enum history_stream)n, w->logs[n], on_output_closed);
		i->handles += i->outputs[n].fd >= 0;
		w->logs[n] = -1;
	}
	return rc < 0 ? rc : failed;
}

/* Closes what is open; the last closed handle tells the core. */
static void fail_start(struct instance *i, enum start_stage stage, int rc)
{
	i->exit = (struct exit_facts){.kind = EXIT_NOT_STARTED, .stage = stage, .value = -rc};
	i->has_exited = true;
	finish(i);
}

/* A process that cannot be watched. Killed, it is gone at once: it has not run for long. */
static void end_unwatched(const struct instance *i)
{
	kill(i->pid, SIGKILL);
	kill(-i->pid, SIGKILL);
	while (waitpid(i->pid, NULL, 0) < 0 && errno == EINTR)
		;
}

void instance_spawn(struct supervisor *s, uint32_t worker, uint32_t generation)
{
	struct instance *i = &s->instances[worker];
	enum start_stage stage = STAGE_PREPARE;
	struct wiring w;
	int rc;

	prepare(i, s, worker);
	reset(i, generation);
	rc = wiring_open(&w, instance_worker(i)->spec->channel);
	i->board = w.board;
	w.board = -1;
	/* HELLO is in the channel before there is anybody to read it: it costs no round trip */
	if (rc == 0 && w.stays_in >= 0) {
		i->has_channel = true;
		i->handles++;
		rc = channel_open(i, w.stays_in, w.stays_out);
		w.stays_in = w.stays_out = -1; /* the link's now */
	}
	if (rc == 0)
		rc = start_process(i, &w, &stage);
	if (rc == 0) {
		wiring_close_given(&w);
		if (i->has_channel)
			channel_bind(i);
		rc = watch(i, &w);
		if (rc < 0)
			end_unwatched(i);
	}
	uv_update_time(&i->s->uv);
	if (rc < 0) {
		wiring_close(&w);
		fail_start(i, stage, rc);
		return;
	}
	loop_give(i->s, &(struct event){.kind = FLEET_SPAWNED,
					.worker = i->index,
					.generation = generation,
					.number = (uint32_t)i->pid});
}

/* ------------------------------------------------------------------ signals */

void instance_signal(struct instance *i, uint32_t generation, int number)
{
	if (i->generation == generation && i->pidfd >= 0)
		(void)syscall(SYS_pidfd_send_signal, i->pidfd, number, NULL, 0);
}

void instance_kill(struct instance *i, uint32_t generation)
{
	if (i->generation != generation || i->pidfd < 0)
		return;
	(void)syscall(SYS_pidfd_send_signal, i->pidfd, SIGKILL, NULL, 0);
	kill(-i->pid, SIGKILL);
}

void instance_said(struct instance *i, const struct history_line *line, const char *text)
{
	char name[80];
	size_t length;

	instance_name(i, name, sizeof(name) - 4);
	history_add(&i->history, line, text);
	control_line(i->s, i, line, text);
	length = strlen(name);
	if (line->is_continued)
		memcpy(name + length, " +", 3);
	log_line(&i->s->log, line->wall_ms, name, text, line->size);
}

void instance_close(struct instance *i)
{
	history_close(&i->history);
}
