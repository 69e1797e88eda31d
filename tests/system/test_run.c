/* The main path, as an operator walks it: start, look, call, restart, kill, logs, stop, shut down. */
#include "check.h"

#include <signal.h>
#include <stdlib.h>

#include "stage.h"

static const char one_worker[] = "[worker:echo]\n"
				 "command = %s --at-start print\n"
				 "[endpoint:echo]\n"
				 "listen = unix:echo.sock\n"
				 "pool = echo\n";

static void a_worker_comes_up_and_answers(void **state)
{
	struct stage s;
	char *out;

	(void)state;
	stage_open(&s, one_worker, home_badworker());
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "echo", NULL), 0);
	assert_int_equal(stage_cli(&s, &out, NULL, "call", "echo", "hello", NULL), 0);
	assert_string_equal(out, "hello");
	free(out);
	assert_int_equal(stage_cli(&s, &out, NULL, "call", "echo/pid", NULL), 0);
	assert_int_equal(atoi(out), stage_pid_of(&s, "echo/0"));
	free(out);
	stage_check_ledger(&s, "echo");
	stage_close(&s);
}

static void status_tells_what_there_is(void **state)
{
	struct stage s;
	json_t *status;
	char *out;

	(void)state;
	stage_open(&s, one_worker, home_badworker());
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "all", NULL), 0);
	assert_int_equal(stage_cli(&s, &out, NULL, "status", NULL), 0);
	assert_non_null(strstr(out, "echo"));
	assert_non_null(strstr(out, "echo.sock"));
	assert_null(strstr(out, "\x1b")); /* no colours where nobody looks */
	free(out);
	assert_int_equal(stage_cli(&s, &out, NULL, "status", "--plain", NULL), 0);
	assert_int_equal(strncmp(out, "echo/0\tup\t", 10), 0);
	free(out);
	status = stage_status(&s);
	assert_int_equal(json_integer_value(json_object_get(status, "schema")), 1);
	assert_int_equal(json_integer_value(json_object_get(status, "pid")), s.pid);
	assert_int_equal(json_array_size(json_object_get(status, "endpoints")), 1);
	json_decref(status);
	stage_close(&s);
}

static void a_killed_worker_comes_back_at_once_after_a_healthy_run(void **state)
{
	struct stage s;
	pid_t pid;

	(void)state;
	stage_open(&s,
		   "[worker:echo]\ncommand = %s\nrestart_reset = 0ms\nrestart_delay = 1h\n"
		   "restart_delay_max = 1h\n",
		   home_badworker());
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "echo", NULL), 0);
	for (int generation = 2; generation < 6; generation++) {
		pid = stage_pid_of(&s, "echo/0");
		assert_int_equal(kill(pid, SIGKILL), 0);
		stage_await_log(&s, "(signal 9 KILL");
		stage_await_state(&s, "echo/0", "up", generation);
		assert_int_not_equal(stage_pid_of(&s, "echo/0"), pid);
	}
	stage_close(&s);
}

static void restart_makes_a_new_process(void **state)
{
	struct stage s;
	pid_t before;
	char *out;

	(void)state;
	stage_open(&s, one_worker, home_badworker());
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "echo", NULL), 0);
	before = stage_pid_of(&s, "echo/0");
	assert_int_equal(stage_cli(&s, &out, NULL, "restart", "echo", NULL), 0);
	assert_int_equal(strncmp(out, "restarted 1 of 1", 16), 0);
	free(out);
	assert_int_not_equal(stage_pid_of(&s, "echo/0"), before);
	stage_close(&s);
}

/* It finishes what it has in hand, takes nothing new, and stays down. */
static void drain_lets_calls_finish(void **state)
{
	struct stage s;
	char *out;

	(void)state;
	stage_open(&s, one_worker, home_badworker());
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "echo", NULL), 0);
	assert_int_equal(stage_cli(&s, &out, NULL, "drain", "echo", NULL), 0);
	assert_int_equal(strncmp(out, "drained 1 of 1, 0 lost, 0 requeued, ", 36), 0);
	free(out);
	assert_int_equal(stage_pid_of(&s, "echo/0"), 0);
	assert_int_equal(stage_cli(&s, &out, NULL, "drain", "echo", NULL), 0);
	assert_string_equal(out, "already stopped\n");
	free(out);
	assert_int_equal(stage_cli(&s, &out, NULL, "drain", "echo", "--json", NULL), 0);
	assert_non_null(strstr(out, "\"lost\": 0"));
	assert_non_null(strstr(out, "\"requeued\": 0"));
	free(out);
	stage_close(&s);
}

static void stop_and_start_say_what_they_did(void **state)
{
	struct stage s;
	char *out;
	char *err;

	(void)state;
	stage_open(&s, one_worker, home_badworker());
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "echo", NULL), 0);
	assert_int_equal(stage_cli(&s, &out, NULL, "start", "echo", NULL), 0);
	assert_string_equal(out, "already running\n");
	free(out);
	assert_int_equal(stage_cli(&s, &out, NULL, "stop", "echo", NULL), 0);
	assert_int_equal(strncmp(out, "stopped 1 of 1", 14), 0);
	free(out);
	assert_int_equal(stage_pid_of(&s, "echo/0"), 0);
	assert_int_equal(stage_cli(&s, &out, NULL, "stop", "echo", NULL), 0);
	assert_string_equal(out, "already stopped\n");
	free(out);
	assert_int_equal(stage_cli(&s, NULL, &err, "call", "echo", "x", NULL), 1);
	assert_string_equal(err, "brood: UNAVAILABLE (NO_WORKER): echo is stopped\n");
	free(err);
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "echo/0", NULL), 0);
	stage_close(&s);
}

static void logs_and_why_remember(void **state)
{
	struct stage s;
	char *out;

	(void)state;
	stage_open(&s, one_worker, home_badworker());
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "echo", NULL), 0);
	stage_await_log(&s, "echo/0 | out line");
	assert_int_equal(stage_cli(&s, NULL, NULL, "restart", "echo", NULL), 0);
	stage_await_log(&s, "echo/0 | out line");
	assert_int_equal(stage_cli(&s, &out, NULL, "logs", "echo", NULL), 0);
	/* also what the dead generation said */
	assert_non_null(strstr(strstr(out, "out line") + 1, "out line"));
	assert_non_null(strstr(out, "err line"));
	free(out);
	assert_int_equal(stage_cli(&s, &out, NULL, "logs", "echo", "-n", "1", NULL), 0);
	assert_null(strchr(strchr(out, '\n') + 1, '\n'));
	free(out);
	assert_int_equal(stage_cli(&s, &out, NULL, "why", "echo", NULL), 0);
	assert_non_null(strstr(out, "gen 2: STARTING -> UP"));
	assert_non_null(strstr(out, "gen 1: DRAINING -> STOPPING (nothing in hand), SIGTERM sent"));
	free(out);
	stage_close(&s);
}

static void names_that_are_not_there_have_their_own_exit_code(void **state)
{
	struct stage s;
	char *err;

	(void)state;
	stage_open(&s, one_worker, home_badworker());
	assert_int_equal(stage_cli(&s, NULL, &err, "restart", "ecko", NULL), 4);
	assert_string_equal(err, "brood: no worker 'ecko', did you mean 'echo'?\n");
	free(err);
	assert_int_equal(stage_cli(&s, NULL, &err, "why", "echo/7", NULL), 4);
	free(err);
	assert_int_equal(stage_cli(&s, NULL, &err, "resart", "echo", NULL), 2);
	assert_string_equal(err, "brood: no command 'resart', did you mean 'restart'?\n");
	free(err);
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", NULL), 2);
	stage_close(&s);
}

static void shutdown_waits_for_the_end(void **state)
{
	struct stage s;
	char *out;

	(void)state;
	stage_open(&s, one_worker, home_badworker());
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "echo", NULL), 0);
	assert_int_equal(stage_cli(&s, &out, NULL, "shutdown", NULL), 0);
	assert_string_equal(out, "brood has ended\n");
	free(out);
	stage_await_exit(&s, 5000);
	assert_int_equal(s.exit_code, 0);
	assert_int_equal(stage_cli(&s, NULL, NULL, "status", NULL), 69);
	stage_clean(&s);
}

static void a_pool_that_cannot_start_says_why(void **state)
{
	struct stage s;
	char *out;

	(void)state;
	stage_open(&s, "[worker:bad]\ncommand = %s --at-start exit=3\nautostart = no\n", home_badworker());
	assert_int_equal(stage_cli(&s, &out, NULL, "start", "bad", NULL), 1);
	assert_non_null(strstr(out, "bad/0: not up: exit 3 after "));
	assert_non_null(strstr(out, "brood keeps trying, next in "));
	free(out);
	assert_int_equal(stage_cli(&s, NULL, NULL, "status", NULL), 3);
	stage_close(&s);
}

static char there[STAGE_PATH];

static void go_there(void)
{
	if (chdir(there) < 0)
		_exit(98);
}

/* Without work it stays, and says so; its file is named so that it can be found from elsewhere. */
static void a_brood_without_workers_says_that_it_idles(void **state)
{
	char path[STAGE_PATH];
	struct stage s;
	json_t *status;

	(void)state;
	stage_prepare(&s, "%s", "[brood]\n");
	snprintf(there, sizeof(there), "%s", s.dir);
	snprintf(path, sizeof(path), "%s", s.config);
	snprintf(s.config, sizeof(s.config), "./brood.ini");
	stage_start(&s, true, go_there);
	assert_non_null(strstr(stage_await_log(&s, "0 workers (0 processes), 0 endpoints, in "), path));
	stage_await_log(&s, "no workers are configured: brood idles until it is told to end");
	status = stage_status(&s);
	assert_string_equal(json_string_value(json_object_get(status, "config")), path);
	json_decref(status);
	stage_close(&s);
}

static void why_of_a_pool_is_that_of_each(void **state)
{
	struct stage s;
	json_t *all;
	char *out;

	(void)state;
	stage_open(&s, "[worker:echo]\ncommand = %s\ninstances = 2\n", home_badworker());
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "echo", NULL), 0);
	assert_int_equal(stage_cli(&s, NULL, NULL, "stop", "echo/1", NULL), 0);
	assert_int_equal(stage_cli(&s, &out, NULL, "why", "echo", NULL), 0);
	assert_non_null(strstr(out, "echo/0  should be up, state up, generation 1\n"));
	assert_non_null(strstr(out, "echo/1  should be down, state down, generation 1\n  it was stopped on command\n"));
	assert_null(strstr(out, "STARTING"));
	free(out);
	assert_int_equal(stage_cli(&s, &out, NULL, "why", "--json", "echo", NULL), 0);
	all = json_loads(out, 0, NULL);
	assert_int_equal(json_array_size(all), 2);
	json_decref(all);
	free(out);
	/* what is stopped has nothing in hand, and takes nothing */
	assert_int_equal(stage_cli(&s, &out, NULL, "status", NULL), 0);
	assert_non_null(strstr(strstr(out, "echo/1 down"), " 0  -       -  "));
	free(out);
	stage_close(&s);
}

/* A job that ends with success has done what it was started for. */
static void a_job_may_run_to_its_end(void **state)
{
	struct stage s;
	char *out;

	(void)state;
	stage_open(&s, "[defaults]\nchannel = none\nrestart = on-failure\nautostart = no\n"
		       "[worker:once]\ncommand = sh -c \"echo job done\"\n"
		       "[worker:bad]\ncommand = sh -c \"echo no good; exit 3\"\nrestart = never\n");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(stage_cli(&s, &out, NULL, i == 0 ? "start" : "restart", "once", NULL), 0);
		assert_non_null(strstr(out, "once/0: ran to its end: exit 0 after "));
		assert_non_null(strstr(out, "ed 1 of 1, "));
		free(out);
	}
	assert_int_equal(stage_cli(&s, NULL, NULL, "status", NULL), 0);
	for (int i = 0; i < 2; i++) {
		const char *said;

		assert_int_equal(stage_cli(&s, &out, NULL, "start", "bad", NULL), 1);
		said = strstr(out, "output: no good");
		if (said)
			assert_null(strstr(said + 1, "output: no good")); /* not what an earlier one said */
		free(out);
	}
	stage_close(&s);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(a_worker_comes_up_and_answers),
	cmocka_unit_test(status_tells_what_there_is),
	cmocka_unit_test(a_killed_worker_comes_back_at_once_after_a_healthy_run),
	cmocka_unit_test(restart_makes_a_new_process),
	cmocka_unit_test(drain_lets_calls_finish),
	cmocka_unit_test(stop_and_start_say_what_they_did),
	cmocka_unit_test(logs_and_why_remember),
	cmocka_unit_test(a_brood_without_workers_says_that_it_idles),
	cmocka_unit_test(why_of_a_pool_is_that_of_each),
	cmocka_unit_test(a_job_may_run_to_its_end),
	cmocka_unit_test(names_that_are_not_there_have_their_own_exit_code),
	cmocka_unit_test(shutdown_waits_for_the_end),
	cmocka_unit_test(a_pool_that_cannot_start_says_why),
};

CHECK_MAIN(tests)
