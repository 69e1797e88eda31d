/*
 * Workers are killed at random moments while 200 calls are in flight: every call gets exactly one answer, what it
 * says is right, and the books balance.
 */
#include "check.h"

#include <brood.h>

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

#include "stage.h"

enum { IN_FLIGHT = 200, KILLS = 100, CALLS_MOST = 1 << 18 };

struct ledger {
	brood_t *client;
	unsigned char *answers; /* how often each call was answered */
	unsigned started;
	unsigned answered;
	unsigned replied;
	unsigned crashed;
	unsigned other;
	unsigned wrong;
	bool ends;
};

static void take(uint32_t id, const struct brood_answer *a, void *user)
{
	struct ledger *l = user;
	char expected[64];

	(void)id;
	l->answered++;
	if (a->code == BROOD_OK) {
		unsigned number = a->body_size > 0 ? (unsigned)strtoul(a->body, NULL, 10) : CALLS_MOST;
		int n = snprintf(expected, sizeof(expected), "%u %u ", number, number * 2654435761u);

		l->replied++;
		if (number >= l->started || a->body_size != (size_t)n ||
		    memcmp(a->body, expected, (size_t)n) != 0)
			l->wrong++;
		else
			l->answers[number]++;
	} else if (a->reason == BROOD_REASON_WORKER_CRASHED) {
		l->crashed++;
		l->wrong += a->not_processed || !strstr(a->text, "signal 9 KILL");
	} else {
		l->other++;
		fprintf(stderr, "%s %s: %s\n", brood_code_name(a->code), brood_reason_name(a->reason),
			a->text);
	}
}

static void start_one(struct ledger *l)
{
	char body[64];
	int n = snprintf(body, sizeof(body), "%u %u ", l->started, l->started * 2654435761u);

	/* some take a while: else handlers are so quick that by chance none is killed in one */
	const char *verb = l->started % 64 == 0 ? "nap" : "echo";

	assert_rc(0, brood_call_start(l->client, verb, body, (size_t)n, NULL, take, l, NULL));
	l->started++;
}

/* Kills a worker that is up, now and then; in a process of its own. */
static void kill_at_random(struct stage *s, unsigned seed)
{
	unsigned kills = 0;

	srandom(seed);
	while (kills < KILLS) {
		char *out;
		pid_t pids[16];
		int count = 0;

		CHECK_CHILD(stage_cli(s, &out, NULL, "status", "--plain", NULL) != 69);
		for (char *line = strtok(out, "\n"); line; line = strtok(NULL, "\n")) {
			int pid;

			if (sscanf(line, "%*s up %d", &pid) == 1 && pid > 0)
				pids[count++] = pid;
		}
		free(out);
		if (count > 0 && kill(pids[random() % count], SIGKILL) == 0)
			kills++;
		usleep((useconds_t)(random() % 10000)); /* the moment is random on purpose */
	}
	_exit(0);
}

static void every_call_gets_exactly_one_answer(void **state)
{
	struct ledger l = {.answers = calloc(CALLS_MOST, 1)};
	unsigned seed = (unsigned)time(NULL);
	struct stage s;
	pid_t killer;
	unsigned once = 0;

	(void)state;
	print_message("seed %u\n", seed);
	stage_open(&s,
		   "[worker:echo]\ncommand = %s --slots 8\ninstances = 4\nrestart_delay = 5ms\n"
		   "restart_delay_max = 20ms\nqueue = 4096\n"
		   "[endpoint:echo]\nlisten = unix:echo.sock\npool = echo\n",
		   home_badworker());
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "echo", NULL), 0);
	assert_rc(0, brood_connect(&l.client, stage_address(&s, "echo.sock"), NULL));
	killer = fork();
	if (killer == 0)
		kill_at_random(&s, seed);
	while (!l.ends || brood_calls_open(l.client) > 0) {
		struct pollfd p = {.fd = brood_fd(l.client), .events = POLLIN};

		while (!l.ends && brood_calls_open(l.client) < IN_FLIGHT && l.started < CALLS_MOST)
			start_one(&l);
		(void)poll(&p, 1, 20);
		assert_rc(0, brood_process(l.client));
		l.ends = l.ends || l.started == CALLS_MOST || waitpid(killer, NULL, WNOHANG) == killer;
		(void)stage_has_log(&s, "never"); /* empties the log */
	}
	for (unsigned i = 0; i < l.started; i++)
		once += l.answers[i] == 1;
	print_message("%u calls, %u replied, %u crashed with their worker, %u others\n", l.started, l.replied,
		      l.crashed, l.other);
	assert_int_equal(l.answered, l.started);
	assert_int_equal(l.wrong, 0);
	assert_int_equal(l.other, 0);
	assert_int_equal(once, l.replied); /* nothing twice, nothing mixed up */
	assert_true(l.crashed > 0);
	brood_close(l.client);
	stage_check_ledger(&s, "echo");
	free(l.answers);
	stage_close(&s);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(every_call_gets_exactly_one_answer),
};

CHECK_MAIN(tests)
