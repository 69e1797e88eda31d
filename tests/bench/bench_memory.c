/*
 * bench_memory: what a supervisor with nothing to do costs: memory, for each worker and each client, and wake-ups.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common.h"
#include "figures.h"
#include "marks.h"
#include "rig.h"

enum { FEW = 4, SOME = 10, MANY = 60, CLIENTS = 10000, CROWDS = 5, SETTLE_MS = 300, WAIT_MS = 60000 };

/* KiB, of several runs. */
struct sizes {
	struct figures few;
	struct figures few_rss;
	struct figures some;
	struct figures each_worker;
	struct figures each_client;
};

static double kib(struct memory m)
{
	return (double)(m.pss ? m.pss : m.rss);
}

/* Starts brood and waits until all its workers are ready. */
static void start(struct rig *r, const struct options *o, unsigned workers)
{
	const struct rig_pool pool = {workers, 1, "", CLIENTS + 24};
	struct mark m;
	int marks;

	r->directory[0] = '\0';
	rig_directory(o, r->directory);
	marks = marks_open(r->directory);
	rig_start(r, o, &pool);
	for (unsigned ready = 0; ready < workers;) {
		if (!marks_next(marks, WAIT_MS, &m))
			die("the workers do not become ready");
		ready += m.kind == MARK_READY;
	}
	close(marks);
	sleep_ms(SETTLE_MS);
}

static void stop(struct rig *r)
{
	rig_stop(r);
	rig_clear(r->directory);
}

static struct memory size_with(const struct options *o, unsigned workers)
{
	struct rig r;
	struct memory m;

	start(&r, o, workers);
	m = memory_of(r.pid);
	stop(&r);
	return m;
}

/* A process that holds so many connections open, as soon as it has said so. */
static pid_t start_crowd(const struct rig *r, unsigned clients, int ready)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (unsigned i = 0; i < clients; i++)
		(void)rig_connect(r);
	if (write(ready, "r", 1) != 1)
		die("cannot tell that all are connected");
	for (;;)
		pause();
}

/* In several processes: an SDK's handle has descriptors of its own. */
static double size_of_client(const struct options *o, unsigned clients)
{
	pid_t crowds[CROWDS];
	int ready[2];
	char told[CROWDS];
	struct rig r;
	double before;
	double after;

	if (pipe(ready) < 0)
		die("no pipe");
	start(&r, o, SOME);
	brood_close(rig_connect(&r)); /* the first one pays for what all use */
	sleep_ms(SETTLE_MS);
	before = kib(memory_of(r.pid));
	for (int i = 0; i < CROWDS; i++)
		crowds[i] = start_crowd(&r, clients / CROWDS, ready[1]);
	for (int i = 0; i < CROWDS; i++) {
		if (read(ready[0], &told[i], 1) != 1)
			die("a crowd is lost");
	}
	sleep_ms(SETTLE_MS);
	after = kib(memory_of(r.pid));
	for (int i = 0; i < CROWDS; i++) {
		kill(crowds[i], SIGKILL);
		(void)waitpid(crowds[i], NULL, 0);
	}
	close(ready[0]);
	close(ready[1]);
	stop(&r);
	return (after - before) / clients;
}

static void measure_memory(const struct options *o)
{
	static struct sizes sizes;
	const struct goal none = {GOAL_NONE, 0};
	unsigned many = o->is_smoke ? SOME + 2 : MANY;
	unsigned rounds = o->rounds < 3 ? o->rounds : 3; /* it hardly varies */
	struct memory few = {0};
	struct memory some = {0};

	for (unsigned i = 0; i < rounds; i++) {
		some = size_with(o, SOME);
		few = size_with(o, FEW);
		figures_add(&sizes.few, kib(few));
		figures_add(&sizes.few_rss, (double)few.rss / 1024);
		figures_add(&sizes.some, kib(some) / 1024);
		figures_add(&sizes.each_worker, (kib(size_with(o, many)) - kib(some)) / (many - SOME));
		figures_add(&sizes.each_client, size_of_client(o, o->is_smoke ? 5 : CLIENTS));
	}
	printf("\nmemory of the supervisor (%s)\n", some.pss ? "pss" : "rss: only root may see pss");
	goal_print("MiB of rss with 4 idle workers", figures_spread(&sizes.few_rss), (struct goal){GOAL_AT_MOST, 6});
	goal_print("KiB with 4 idle workers", figures_spread(&sizes.few), none);
	goal_print("MiB with 10 idle workers", figures_spread(&sizes.some), (struct goal){GOAL_AT_MOST, 4});
	goal_print("KiB for each further worker", figures_spread(&sizes.each_worker),
		   (struct goal){GOAL_AT_MOST, 12});
	goal_print("KiB for each of 10,000 idle clients", figures_spread(&sizes.each_client),
		   (struct goal){GOAL_AT_MOST, 4});
	fflush(stdout);
}

/* --------------------------------------------------------------------- idle */

static void measure_idle(const struct options *o)
{
	uint64_t voluntary[2];
	uint64_t forced[2];
	uint64_t cpu[2];
	brood_t *client;
	struct rig r;

	start(&r, o, SOME);
	client = rig_connect(&r);
	sleep_ms(SETTLE_MS);
	for (int i = 0; i < 2; i++) {
		if (i == 1)
			sleep_ms((unsigned)(o->idle_seconds * 1000));
		switches_of(r.pid, &voluntary[i], &forced[i]);
		cpu[i] = cpu_ns(r.pid);
	}
	brood_close(client);
	stop(&r);
	printf("\nidle for %g s with 10 workers and a client: woken up %llu times, taken off its core %llu times, "
	       "%.1f us of processor time, goal 0: %s\n",
	       o->idle_seconds, (unsigned long long)(voluntary[1] - voluntary[0]),
	       (unsigned long long)(forced[1] - forced[0]), (double)(cpu[1] - cpu[0]) / 1e3,
	       voluntary[1] == voluntary[0] ? "ok" : "SHORT");
}

int main(int argc, char **argv)
{
	struct options o;

	options_read(&o, argc, argv);
	raise_files();
	print_machine(&o, "memory");
	measure_memory(&o);
	measure_idle(&o);
	return EXIT_SUCCESS;
}
