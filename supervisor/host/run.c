/* run: the order in which a supervisor comes up, and goes. */
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client.h"
#include "control.h"
#include "instance.h"
#include "listen.h"
#include "loop.h"
#include "shelf.h"
#include "signals.h"
#include "supervisor.h"
#include "tables.h"
#include "transfer.h"

enum {
	EXIT_SYSTEM = 70,  /* a promise of ours was broken, or the system refused something basic */
	EXIT_RUNTIME = 73, /* runtime directory unusable or held by another brood */
	FAREWELL_MS = 1000,
	FDS_EACH_WORKER = 6, /* pidfd, error pipe, two logs, channel (two of pipes) */
	FDS_RESERVE = 64,
};

static void open_standard_fds(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	} while (fd >= 0 && fd <= STDERR_FILENO && fcntl(fd, F_SETFD, 0) == 0);
	if (fd > STDERR_FILENO)
		close(fd);
}

void run_normalise(void)
{
	struct sigaction plain = {.sa_handler = SIG_DFL};
	sigset_t none;

	open_standard_fds();
	for (int i = 1; i < 65; i++)
		(void)sigaction(i, &plain, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_IGN);
	umask(077);
#ifndef BROOD_SANITIZED
	/* nobody of our own uid may read our memory or take our descriptors; sanitizers need it */
	(void)prctl(PR_SET_DUMPABLE, 0);
#endif
}

/* brood itself may use all descriptors that it is allowed; workers get the old limit back. */
static void raise_nofile(struct supervisor *s)
{
	struct rlimit limit;
	uint64_t wanted;

	s->nofile_soft = s->nofile_hard = 1024;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	s->nofile_soft = limit.rlim_cur;
	s->nofile_hard = limit.rlim_max;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		limit.rlim_cur = (rlim_t)s->nofile_soft;
	wanted = (uint64_t)fleet_processes(&s->fleet) * FDS_EACH_WORKER + s->spec->brood.max_clients + FDS_RESERVE;
	for (size_t i = 0; i < s->spec->worker_count; i++) /* a worker's connection to each pool that it calls */
		wanted += s->spec->workers[i].calls.count * s->spec->workers[i].instances.most;
	if (limit.rlim_cur < wanted)
		log_say(&s->log,
			"only %llu descriptors are allowed, %llu may be needed for %u workers and %u clients; raise "
			"the limit (ulimit -n) or lower max_clients",
			(unsigned long long)limit.rlim_cur, (unsigned long long)wanted, fleet_processes(&s->fleet),
			s->spec->brood.max_clients);
}

static int open_all(struct supervisor *s, const struct run_options *o)
{
	char problem[PUBLISH_PROBLEM] = "";
	int rc = rundir_open(&s->rundir, o->runtime_path, problem);

	if (rc < 0) {
		log_say(&s->log, "%s", problem);
		return EXIT_RUNTIME;
	}
	rc = control_open(s, problem, sizeof(problem));
	if (rc == 0)
		rc = listen_open(s, problem, sizeof(problem));
	if (rc < 0 && problem[0]) {
		log_say(&s->log, "%s", problem);
		return EXIT_RUNTIME;
	}
	if (rc == 0)
		rc = signals_open(s);
	if (rc < 0) {
		log_say(&s->log, "cannot start: %s", strerror(-rc));
		return EXIT_SYSTEM;
	}
	watch_open(s);
	return 0;
}

static void close_all(struct supervisor *s)
{
	watch_end(s);
	listen_close(s);
	for (uint32_t i = 0; s->clients && i < s->fleet.ledger.caller_count; i++) {
		if (s->clients[i])
			client_close(s->clients[i]);
	}
	transfer_close(s);
	shelf_close_all(s);
	control_close(s);
	signals_close(s);
	rundir_close(&s->rundir);
	watch_close(s);
}

/* Everything is written, or it has waited long enough. */
static void end(struct supervisor *s)
{
	uv_timer_stop(&s->farewell);
	close_all(s);
	uv_stop(&s->uv);
}

static bool is_all_sent(const struct supervisor *s)
{
	for (uint32_t i = 0; s->clients && i < s->fleet.ledger.caller_count; i++) {
		if (s->clients[i] && link_waiting(&s->clients[i]->link) > 0)
			return false;
	}
	return control_is_idle(s);
}

static void on_farewell(uv_timer_t *timer)
{
	struct supervisor *s = timer->data;

	if (is_all_sent(s) || uv_now(&s->uv) >= s->farewell_until)
		end(s);
}

void run_farewell(struct supervisor *s, int exit_code)
{
	s->exit_code = exit_code;
	s->is_ending = true;
	s->farewell_until = uv_now(&s->uv) + FAREWELL_MS;
	/* never inside the step that brought us here; then as often as a peer may have read something */
	uv_timer_start(&s->farewell, on_farewell, 0, 10);
}

static const char *plural(size_t n, const char *ending)
{
	return n == 1 ? "" : ending;
}

static void say_hello(struct supervisor *s, const struct run_options *o)
{
	const size_t workers = s->spec->worker_count;
	const size_t processes = fleet_processes(&s->fleet);
	const size_t endpoints = s->spec->endpoint_count;

	log_note(&s->log, "brood %s, pid %d, %s, %zu worker%s (%zu process%s), %zu endpoint%s, in %s",
		BROOD_VERSION_TEXT, (int)getpid(), o->config_path, workers, plural(workers, "s"), processes,
		plural(processes, "es"), endpoints, plural(endpoints, "s"), s->rundir.path);
	if (workers == 0)
		log_say(&s->log, "no workers are configured: brood idles until it is told to end");
}

static int run(struct supervisor *s, const struct run_options *o)
{
	int code;

	if (tables_make(s) < 0) {
		log_say(&s->log, "cannot start: no memory");
		return EXIT_SYSTEM;
	}
	raise_nofile(s);
	code = open_all(s, o);
	if (code != 0) {
		close_all(s);
		return code;
	}
	say_hello(s, o);
	loop_give(s, &(struct event){.kind = FLEET_START});
	loop_run(s);
	return s->exit_code;
}

int run_supervisor(const struct config *config, const struct run_options *options)
{
	struct supervisor *s = calloc(1, sizeof(*s));
	int code;
	int rc;

	if (!s)
		return EXIT_SYSTEM;
	s->config = config;
	s->spec = &config->spec;
	s->config_path = options->config_path;
	s->rundir = RUNDIR_INIT;
	s->watch.fd = -1;
	s->started_wall_ms = loop_wall_ms();
	rc = loop_open(s);
	if (rc == 0) {
		rc = log_open(&s->log, &s->uv);
		if (rc < 0)
			loop_close(s);
	}
	if (rc < 0) {
		fprintf(stderr, "brood: cannot start: %s\n", strerror(-rc));
		free(s);
		return EXIT_SYSTEM;
	}
	s->log.is_quiet = options->is_quiet;
	code = run(s, options);
	if (code != 0)
		log_say(&s->log, "end, exit code %d", code);
	else
		log_note(&s->log, "end, exit code %d", code);
	log_close(&s->log);
	loop_close(s);
	tables_free(s);
	free(s);
	return code;
}
