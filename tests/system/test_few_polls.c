/*
 * What happens where a descriptor cannot be watched: each in turn, from the first of brood to the last of a worker.
 * A start that fails so is one like any other: told, cleared away and tried again.
 */
#include "check.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stage.h"

enum {
	FIRST = 2, /* the very first is the log's: without it brood leaves at once */
	LAST = 10,
	OF_AN_INSTANCE = 5, /* channel, pidfd, error pipe, stdout, stderr */
};

static struct stage s;
static int fails;

static void launch(void)
{
	char number[16];
	char *argv[] = {(char[]){"brood"}, (char[]){"-c"}, s.config, (char[]){"run"}, NULL};

	snprintf(number, sizeof(number), "%d", fails);
	setenv("POLL_FAILS", number, 1);
	execv(FEW_POLLS, argv);
	_exit(127);
}

static bool is_gone(void)
{
	siginfo_t info = {.si_pid = 0};

	return waitid(P_PID, (id_t)s.pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0;
}

/* Was a start seen to fail? */
static bool run_with_one_less(void)
{
	bool failed;

	stage_prepare(&s, "[worker:w]\ncommand = %s\nrestart_delay = 1ms\n", home_badworker());
	stage_start(&s, false, launch);
	stage_until(STAGE_WAIT_MS, "it is up, or has ended", stage_has_log(&s, "STARTING -> UP") || is_gone());
	failed = stage_has_log(&s, "STARTING -> BACKOFF (cannot start: preparing: No space left on device)") ||
		 stage_has_log(&s, "STARTING -> BACKOFF (cannot start: making a process: No space left on device)");
	if (!is_gone()) {
		assert_int_equal(stage_processes(&s), 2);
		kill(s.pid, SIGTERM);
	}
	stage_await_exit(&s, STAGE_WAIT_MS);
	if (s.exit_code != 0 && s.exit_code != 73)
		fail_msg("without its poll %d, brood ended with %d:\n%s", fails, s.exit_code, s.log);
	stage_clean(&s);
	return failed;
}

static void a_process_that_cannot_be_watched_is_a_failed_start(void **state)
{
	int seen = 0;

	(void)state;
	for (fails = FIRST; fails <= LAST; fails++)
		seen += run_with_one_less();
	assert_int_equal(seen, OF_AN_INSTANCE);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(a_process_that_cannot_be_watched_is_a_failed_start),
};

CHECK_MAIN(tests)
