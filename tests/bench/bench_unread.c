/*
 * bench_unread: what a client that never reads costs: brood memory, and others speed.
 *
 * It asks for a GiB of answers in 256 calls and reads none of them. Others make their calls beside it, in turn with
 * rounds in which it is not there.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common.h"
#include "figures.h"
#include "load.h"
#include "rig.h"

enum { CALLS = 256, ANSWER = 4 << 20, CAP_MIB = 32, SAMPLE_MS = 10, STALLED_MS = 1500 };

static void ignore(uint32_t id, const struct brood_answer *answer, void *user)
{
	(void)id;
	(void)answer;
	(void)user;
}

/* A process that asks and does not read. */
static pid_t start_deaf(const struct rig *r, const struct options *o)
{
	uint32_t size = o->is_smoke ? 100000 : ANSWER;
	brood_t *client;
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	client = rig_connect(r);
	for (int i = 0; i < CALLS; i++) {
		if (brood_call_start(client, "give", &size, sizeof(size), NULL, ignore, NULL, NULL) < 0)
			die("%s", brood_error());
	}
	for (;;)
		pause();
}

static void end_deaf(pid_t pid)
{
	kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
}

static double mib(pid_t pid)
{
	return (double)memory_of(pid).rss / 1024;
}

/* The most that brood takes while the answers come. */
static double peak(const struct rig *r, unsigned ms)
{
	double most = 0;

	for (unsigned at = 0; at < ms; at += SAMPLE_MS) {
		double now = mib(r->pid);

		most = now > most ? now : most;
		sleep_ms(SAMPLE_MS);
	}
	return most;
}

/* Calls a second, and calls a second of brood's own time, which others on this machine do not take away. */
struct rates {
	struct figures wall;
	struct figures own;
};

static void measure(const struct rig *r, const struct options *o, struct rates *out)
{
	struct load l = {.size = 1024, .flight = 16, .clients = 4, .seconds = o->is_smoke ? 0.05 : o->seconds * 3};
	struct result result = {.middle = r->pid};

	load_sdk(r->address, &l, &result);
	figures_add(&out->wall, (double)result.calls / ((double)result.used.ns / 1e9));
	figures_add(&out->own, (double)result.calls / ((double)result.used.middle / 1e9));
}

int main(int argc, char **argv)
{
	const struct rig_pool pool = {2, 64, "", 0};
	static struct rates warm;
	static struct rates alone;
	static struct rates beside;
	static struct figures grown;
	struct options o;
	struct rig r = {.directory = ""};

	options_read(&o, argc, argv);
	raise_files();
	print_machine(&o, "a client that never reads 1 GiB of answers");
	rig_start(&r, &o, &pool);
	(void)rig_wait(&r);
	measure(&r, &o, &warm); /* what all rounds need is there */
	for (unsigned i = 0; i < o.rounds; i++) {
		double before;
		double most;
		pid_t deaf;

		measure(&r, &o, &alone);
		before = mib(r.pid);
		deaf = start_deaf(&r, &o);
		most = peak(&r, o.is_smoke ? 100 : STALLED_MS);
		measure(&r, &o, &beside);
		if (mib(r.pid) > most)
			most = mib(r.pid);
		end_deaf(deaf);
		figures_add(&grown, most - before);
		sleep_ms(200);
	}
	(void)rig_stop(&r);
	rig_clear(r.directory);
	goal_print("MiB of rss more (max_unread 32 MiB)", figures_spread(&grown),
		   (struct goal){GOAL_AT_MOST, CAP_MIB + 1});
	goal_print("calls/s of others, alone", figures_spread(&alone.wall), (struct goal){GOAL_NONE, 0});
	goal_print("calls/s of others beside it, of those alone", figures_ratio(&beside.wall, &alone.wall),
		   (struct goal){GOAL_AT_LEAST, 0.95});
	goal_print("the same, for each second of brood's processor time", figures_ratio(&beside.own, &alone.own),
		   (struct goal){GOAL_AT_LEAST, 0.95});
	return EXIT_SUCCESS;
}
