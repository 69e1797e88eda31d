/*
 * Workers that call other pools, under load: either side is killed at random, or restarted again and again. Each call
 * gets one answer, its own; the books of both pools balance; nothing is left behind.
 *
 * BROOD_SEED replays a run, BROOD_ROUNDS=200 is a long one.
 */
#include "check.h"

#include <brood.h>

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "dice.h"
#include "stage.h"
#include "tally.h"

enum { CLIENTS = 6, CALLS = 30, SIZE_MOST = 9000, INSTANCES = 2, ROUND_MS = 60000 };

static struct stage s;

struct sum {
	unsigned started;
	unsigned good;
	unsigned failed;
	char why[300];
};

static uint64_t seed_of_run(void)
{
	const char *text = getenv("BROOD_SEED");

	return text ? strtoull(text, NULL, 0) : (uint64_t)time(NULL) ^ (uint64_t)getpid() << 32;
}

static unsigned rounds_wanted(unsigned usual)
{
	const char *text = getenv("BROOD_ROUNDS");

	if (!text)
		return usual;
	alarm(0); /* as long as it takes */
	return (unsigned)strtoul(text, NULL, 10);
}

static void open_stage(const char *options, const char *calls, const char *update)
{
	stage_open(&s,
		   "[defaults]\nrestart_delay = 1ms\nrestart_delay_max = 2ms\ninstances = %d\nupdate = %s\n"
		   "quarantine = 0ms\nmax_attempts = 100\n"
		   "[worker:f]\ncommand = %s %s\ncalls = %s\n"
		   "[worker:b]\ncommand = %s --slots 4\n"
		   "[endpoint:f]\nlisten = unix:f.sock\npool = f\n",
		   INSTANCES, update, RELAYER, options, calls, home_badworker());
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "all", NULL), 0);
}

/* Each client has its calls open at once; all of one round are answered before the next one. */
static void play(struct tally t[CLIENTS], struct dice *d, struct sum *sum)
{
	for (unsigned i = 0; i < CLIENTS; i++) {
		tally_begin(&t[i], t[i].b, dice_throw(d), i);
		for (unsigned n = 0; n < CALLS; n++)
			(void)tally_start(&t[i], dice_throw(d) % SIZE_MOST);
	}
	for (unsigned i = 0; i < CLIENTS; i++) {
		if (!tally_await(&t[i], ROUND_MS))
			fail_msg("client %u: %s", i, t[i].broken[0] ? t[i].broken : "a call is not answered");
		sum->started += t[i].started;
		sum->good += t[i].good;
		sum->failed += t[i].failed;
		if (t[i].failed > 0)
			memcpy(sum->why, t[i].why, sizeof(sum->why));
	}
	(void)stage_has_log(&s, "never"); /* empties the log */
}

/* In a process of its own: kills one instance of this pool after the other. */
static void kill_at_random(const char *pool, uint64_t seed, unsigned times)
{
	struct dice d = {seed};

	for (unsigned i = 0; i < times; i++) {
		char name[16];
		pid_t pid;

		snprintf(name, sizeof(name), "%s/%d", pool, (int)(dice_throw(&d) % INSTANCES));
		pid = stage_pid_of(&s, name);
		if (pid > 0)
			(void)kill(pid, SIGKILL);
	}
	_exit(0);
}

/* Likewise: restarts both pools, one instance after the other, and nothing may be lost of it. */
static void restart_both(unsigned times)
{
	for (unsigned i = 0; i < 2 * times; i++) {
		char *out;
		char *err;
		int code = stage_cli(&s, &out, &err, "restart", i % 2 == 0 ? "b" : "f", NULL);

		if (code != 0 || !strstr(out, "restarted 2 of 2, 0 lost, ")) {
			fprintf(stderr, "restart %u: exit %d: %s%s\n", i, code, out, err);
			_exit(1);
		}
		free(out);
		free(err);
	}
	_exit(0);
}

static long long open_links(void)
{
	json_t *status = stage_status(&s);
	json_t *link = json_array_get(json_object_get(status, "links"), 0);
	long long open = json_integer_value(json_object_get(link, "open"));

	json_decref(status);
	return open;
}

/* Plays until the other process has done its work; what is left must be nothing. */
static struct sum play_while(pid_t other, uint64_t seed)
{
	struct tally t[CLIENTS];
	struct dice d = {seed};
	struct sum sum = {0};
	int status = -1;

	for (int i = 0; i < CLIENTS; i++)
		assert_rc(0, brood_connect(&t[i].b, stage_address(&s, "f.sock"), NULL));
	while (waitpid(other, &status, WNOHANG) == 0)
		play(t, &d, &sum);
	assert_int_equal(status, 0);
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "all", NULL), 0);
	for (int i = 0; i < INSTANCES; i++) {
		stage_await_state(&s, i == 0 ? "f/0" : "f/1", "up", 1);
		stage_await_state(&s, i == 0 ? "b/0" : "b/1", "up", 1);
	}
	for (int i = 0; i < CLIENTS; i++)
		brood_close(t[i].b);
	stage_check_ledger(&s, "f");
	stage_until(STAGE_WAIT_MS, "all slots of b are free", stage_counter(&s, "b", "in_flight") == 0);
	stage_check_ledger(&s, "b");
	assert_int_equal(stage_cli(&s, NULL, NULL, "stop", "f", NULL), 0);
	stage_until(STAGE_WAIT_MS, "no connection is left", open_links() == 0);
	return sum;
}

static void tell(const char *what, uint64_t seed, const struct sum *sum)
{
	print_message("%s: seed %#llx, %u calls, %u failed%s%s\n", what, (unsigned long long)seed, sum->started,
		      sum->failed, sum->failed > 0 ? ", the last with: " : "", sum->why);
}

/* Kills instances of one pool; what may fail is said by who calls. */
static struct sum run_killing(const char *options, const char *calls, const char *pool)
{
	uint64_t seed = seed_of_run();
	char what[100];
	struct sum sum;
	pid_t killer;

	open_stage(options, calls, "replace");
	killer = fork();
	if (killer == 0)
		kill_at_random(pool, seed, rounds_wanted(25));
	sum = play_while(killer, seed);
	snprintf(what, sizeof(what), "kill -9 of %s, calls = %s, %s", pool, calls, options);
	tell(what, seed, &sum);
	assert_int_equal(sum.good + sum.failed, sum.started);
	assert_true(sum.good > 0);
	stage_close(&s);
	return sum;
}

static void run_restarting(const char *options, const char *calls, const char *update)
{
	uint64_t seed = seed_of_run();
	char what[100];
	struct sum sum;
	pid_t restarter;

	open_stage(options, calls, update);
	restarter = fork();
	if (restarter == 0)
		restart_both(rounds_wanted(6));
	sum = play_while(restarter, seed);
	snprintf(what, sizeof(what), "rolling restarts, calls = %s, update = %s, %s", calls, update, options);
	tell(what, seed, &sum);
	assert_int_equal(sum.failed, 0);
	assert_int_equal(sum.good, sum.started);
	stage_close(&s);
}

/* W1: what may be run again is; the caller notices nothing. */
static void called_instances_are_killed(void **state)
{
	struct sum sum;

	(void)state;
	sum = run_killing("--slow --safe --slots 4 --threads", "b", "b");
	assert_int_equal(sum.failed, 0);
	sum = run_killing("--slow --slots 4 --threads", "b", "b");
	assert_true(sum.failed > 0); /* else none was killed in the midst of one */
	sum = run_killing("--slow --slots 4 --threads", "b:direct", "b");
	assert_true(sum.failed > 0);
	(void)run_killing("", "b:direct", "b");
}

static void callers_are_killed(void **state)
{
	(void)state;
	(void)run_killing("", "b", "f");
	(void)run_killing("--slots 4 --threads", "b", "f");
	(void)run_killing("", "b:direct", "f");
	(void)run_killing("--slots 4 --threads", "b:direct", "f");
}

static void both_are_restarted(void **state)
{
	(void)state;
	run_restarting("", "b", "replace");
	run_restarting("--slots 4 --threads", "b", "overlap");
	run_restarting("", "b:direct", "replace");
	run_restarting("", "b:direct", "overlap");
	run_restarting("--slots 4 --threads", "b:direct", "replace");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(called_instances_are_killed),
	cmocka_unit_test(callers_are_killed),
	cmocka_unit_test(both_are_restarted),
};

CHECK_MAIN(tests)
