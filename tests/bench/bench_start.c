/*
 * bench_start: starting, restarting and stopping beside bare C (vfork, exec, pidfd), in turn, in one run.
 *
 *   restart   one worker is killed: until its successor runs main(), and until that is ready
 *   fleet     many are started together, all killed at once, and stopped
 *
 * Workers write the moments down themselves, so nobody's polling is measured.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bare_parent.h"
#include "common.h"
#include "figures.h"
#include "marks.h"
#include "rig.h"

enum { WAIT_MS = 60000, KILLS_A_ROUND = 20, PAUSE_MS = 10, BARE = 0, BROOD = 1 };

/* One of the two: who keeps the workers, and where they write. */
struct side {
	struct rig rig; /* of brood; of bare C only its directory and pid are used */
	int marks;
	pid_t *pids; /* of the workers that are ready */
};

/* All in ms. */
struct timing {
	struct figures to_start;
	struct figures to_ready;
};

struct fleet_timing {
	struct figures start;
	struct figures back;
	struct figures stop;
};

static double ms_between(uint64_t from, uint64_t to)
{
	return seconds_between(from, to) * 1e3;
}

static void open_side(struct side *s, const struct options *o, unsigned workers)
{
	s->rig.directory[0] = '\0';
	rig_directory(o, s->rig.directory);
	s->marks = marks_open(s->rig.directory);
	s->pids = calloc(workers, sizeof(*s->pids));
	if (s->marks < 0 || !s->pids)
		die("cannot make a FIFO: %s", strerror(errno));
}

static void start_side(struct side *s, const struct options *o, int which, unsigned workers)
{
	const struct rig_pool pool = {workers, 1, "", 0};

	open_side(s, o, workers);
	if (which == BROOD) {
		rig_start(&s->rig, o, &pool);
		return;
	}
	s->rig.started = now_ns();
	s->rig.pid = bare_parent_start(o->worker, workers);
}

/* Ends it; returns when it had ended. */
static uint64_t stop_side(struct side *s, int which)
{
	uint64_t ended;

	if (which == BROOD) {
		ended = rig_stop(&s->rig);
	} else {
		kill(s->rig.pid, SIGTERM);
		if (waitpid(s->rig.pid, NULL, 0) < 0)
			die("waitpid: %s", strerror(errno));
		ended = now_ns();
	}
	close(s->marks);
	free(s->pids);
	rig_clear(s->rig.directory);
	return ended;
}

/* Waits until so many more workers are ready; returns when the last one was. */
static uint64_t await_ready(struct side *s, unsigned workers)
{
	uint64_t last = 0;
	struct mark m;

	for (unsigned ready = 0; ready < workers;) {
		if (!marks_next(s->marks, WAIT_MS, &m))
			die("%u of %u workers are ready after %d s", ready, workers, WAIT_MS / 1000);
		if (m.kind != MARK_READY)
			continue;
		s->pids[ready++] = m.pid;
		last = m.at > last ? m.at : last;
	}
	return last;
}

/* ------------------------------------------------------------------ restart */

static void kill_one(struct side *s, struct timing *t)
{
	uint64_t killed = now_ns();
	struct mark m;

	if (kill(s->pids[0], SIGKILL) < 0)
		die("the worker is gone: %s", strerror(errno));
	if (!marks_next(s->marks, WAIT_MS, &m) || m.kind != MARK_START)
		die("no new worker");
	figures_add(&t->to_start, ms_between(killed, m.at));
	figures_add(&t->to_ready, ms_between(killed, await_ready(s, 1)));
	sleep_ms(PAUSE_MS); /* its parent has seen it ready */
}

static void print_timing(const char *name, const struct timing *t)
{
	printf("  %-8s to main() %6.3f ms (p99 %.3f)   to ready %6.3f ms (p99 %.3f)\n", name,
	       figures_quantile(&t->to_start, 0.5), figures_quantile(&t->to_start, 0.99),
	       figures_quantile(&t->to_ready, 0.5), figures_quantile(&t->to_ready, 0.99));
}

static void measure_restart(const struct options *o)
{
	static struct timing timings[2];
	static struct side sides[2];
	const struct goal goal = {GOAL_AT_MOST, 1.5};
	unsigned kills = o->is_smoke ? 2 : o->rounds * KILLS_A_ROUND;

	if (kills > ROUNDS_MOST)
		kills = ROUNDS_MOST;
	for (int i = 0; i < 2; i++) {
		start_side(&sides[i], o, i, 1);
		await_ready(&sides[i], 1);
	}
	sleep_ms(PAUSE_MS);
	for (unsigned i = 0; i < kills; i++) {
		kill_one(&sides[i % 2], &timings[i % 2]);
		kill_one(&sides[1 - i % 2], &timings[1 - i % 2]);
	}
	for (int i = 0; i < 2; i++)
		stop_side(&sides[i], i);
	printf("\nrestart of a killed worker, %u times\n", kills);
	print_timing("bare C", &timings[BARE]);
	print_timing("brood", &timings[BROOD]);
	goal_print("to main(), brood / bare C",
		   figures_ratio(&timings[BROOD].to_start, &timings[BARE].to_start), goal);
	goal_print("to ready, brood / bare C",
		   figures_ratio(&timings[BROOD].to_ready, &timings[BARE].to_ready), goal);
	fflush(stdout);
}

/* -------------------------------------------------------------------- fleet */

static void run_fleet(const struct options *o, int which, struct fleet_timing *t)
{
	static struct side s;
	uint64_t killed;
	uint64_t asked;

	start_side(&s, o, which, o->workers);
	figures_add(&t->start, ms_between(s.rig.started, await_ready(&s, o->workers)));
	sleep_ms(PAUSE_MS);
	killed = now_ns();
	for (unsigned i = 0; i < o->workers; i++)
		kill(s.pids[i], SIGKILL);
	figures_add(&t->back, ms_between(killed, await_ready(&s, o->workers)));
	sleep_ms(PAUSE_MS);
	asked = now_ns();
	figures_add(&t->stop, ms_between(asked, stop_side(&s, which)));
}

static void print_fleet(const char *name, const struct fleet_timing *t)
{
	printf("  %-8s all ready %8.1f ms   all back %8.1f ms   all gone %8.1f ms\n", name,
	       figures_quantile(&t->start, 0.5), figures_quantile(&t->back, 0.5),
	       figures_quantile(&t->stop, 0.5));
}

static void measure_fleet(const struct options *o)
{
	static struct fleet_timing timings[2];
	const struct goal goal = {GOAL_AT_MOST, 1.5};
	const struct goal stop_goal = {GOAL_AT_MOST, 2};

	for (unsigned round = 0; round < o->rounds; round++) {
		for (unsigned i = 0; i < 2; i++)
			run_fleet(o, (int)((i + round) % 2), &timings[(i + round) % 2]);
	}
	printf("\n%u workers: started, killed together, stopped\n", o->workers);
	print_fleet("bare C", &timings[BARE]);
	print_fleet("brood", &timings[BROOD]);
	goal_print("start, brood / bare C", figures_ratio(&timings[BROOD].start, &timings[BARE].start), goal);
	goal_print("all back, brood / bare C", figures_ratio(&timings[BROOD].back, &timings[BARE].back), goal);
	goal_print("stop, brood / bare C", figures_ratio(&timings[BROOD].stop, &timings[BARE].stop), stop_goal);
}

int main(int argc, char **argv)
{
	struct options o;

	options_read(&o, argc, argv);
	raise_files();
	print_machine(&o, "start");
	measure_restart(&o);
	measure_fleet(&o);
	return EXIT_SUCCESS;
}
