/*
 * Descriptors that workers park with brood: they outlive what they are to outlive, and nothing else.
 */
#include "check.h"

#include <brood.h>

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "stage.h"

static struct stage s;
static brood_t *b;
static int before; /* brood's open files with nothing parked */

/* How many files brood keeps for its workers beside what it needs itself. */
static int parked(void)
{
	return stage_fds_of(s.pid) - before;
}

static void open_stage(const char *worker)
{
	stage_open(&s,
		   "[worker:w]\ncommand = %s\nrestart_delay = 5ms\nrestart_delay_max = 10ms\n%s\n"
		   "[endpoint:e]\nlisten = unix:e.sock\npool = w\n",
		   KEEPER, worker);
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "w", NULL), 0);
	assert_rc(0, brood_connect(&b, stage_address(&s, "e.sock"), NULL));
	before = stage_fds_of(s.pid);
}

/* Scaled away and back, no instance has anything parked. */
static void close_stage(const char *instances)
{
	brood_close(b);
	assert_int_equal(stage_cli(&s, NULL, NULL, "scale", "w", "0", NULL), 0);
	assert_int_equal(stage_cli(&s, NULL, NULL, "scale", "w", instances, NULL), 0);
	stage_close(&s);
}

static const char *ask(const char *verb, const char *argument)
{
	static char text[32768];
	struct brood_answer answer;

	(void)!brood_call(b, verb, argument, strlen(argument), NULL, &answer);
	snprintf(text, sizeof(text), "%.*s", (int)answer.body_size, (const char *)answer.body);
	brood_answer_free(&answer);
	return text;
}

static void expect(const char *verb, const char *argument, const char *expected)
{
	assert_string_equal(ask(verb, argument), expected);
}

/* -errno, and a sentence that holds this. */
static void expect_failure(const char *verb, const char *argument, int rc, const char *text)
{
	const char *said = ask(verb, argument);

	assert_int_equal(atoi(said), rc);
	if (!strstr(said, text))
		fail_msg("'%s' does not hold '%s'", said, text);
}

/* W1: a new process of the instance, by kill -9. */
static void kill_it(void)
{
	pid_t pid = 0;

	stage_until(STAGE_WAIT_MS, "it is there", (pid = stage_pid_of(&s, "w/0")) > 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
	stage_until(STAGE_WAIT_MS, "its successor is there", stage_pid_of(&s, "w/0") != pid);
	stage_await_state(&s, "w/0", "up", 1);
}

static void command(const char *verb)
{
	assert_int_equal(stage_cli(&s, NULL, NULL, verb, "w", NULL), 0);
}

static void what_is_parked_outlives_its_process(void **state)
{
	int own;

	(void)state;
	open_stage("fd_store = 5");
	expect("fetch", "-", "0");
	expect("park", "a 2", "2");
	expect("park", "- 1", "3");
	expect("park", "b 1", "4");
	assert_int_equal(parked(), 4);
	own = atoi(ask("count", ""));
	for (int i = 0; i < 3; i++) {
		kill_it();
		expect("fetch", "-", "4: a=a 0 a=a 1 stored=- 0 b=b 0");
		expect("fetch", "a", "2: a=a 0 a=a 1");
		expect("fetch", "stored", "1: stored=- 0");
		expect("fetch", "c", "0");
		expect("fetch", "a 1", "2: a=a 0"); /* there are more than were asked for */
		expect("fetch", "- 0", "4");
		assert_int_equal(atoi(ask("count", "")), own);
		assert_int_equal(parked(), 4);
	}
	expect("forget", "a", "2");
	expect("forget", "a", "0");
	expect("forget", "-", "0"); /* that is its name here */
	expect("forget", "stored", "1");
	assert_int_equal(parked(), 1);
	kill_it();
	expect("fetch", "-", "1: b=b 0");
	close_stage("1");
}

/* Each instance has its own, whichever process it has. */
static void instances_do_not_share(void **state)
{
	char own[2][40];

	(void)state;
	open_stage("fd_store = 5\ninstances = 2");
	for (int n = 0; n < 2; n++) {
		char name[16];
		char *out = NULL;

		snprintf(name, sizeof(name), "w/%d", n);
		snprintf(own[n], sizeof(own[n]), "x%d 1", n);
		assert_int_equal(stage_cli(&s, NULL, NULL, "stop", n ? "w/0" : "w/1", NULL), 0);
		expect("park", own[n], "1");
		expect("fetch", "-", n ? "1: x1=x1 0" : "1: x0=x0 0");
		assert_int_equal(stage_cli(&s, &out, NULL, "why", name, NULL), 0);
		assert_non_null(strstr(out, n ? "1 descriptors are parked: x1" : "1 descriptors are parked: x0"));
		free(out);
		assert_int_equal(stage_cli(&s, NULL, NULL, "start", "w", NULL), 0);
	}
	close_stage("2");
}

/* What a command does is said by fd_store_keep; a death alone closes nothing. */
static void what_outlives_a_command_is_configured(void **state)
{
	static const struct {
		const char *keep;
		int after_restart;
		int after_stop;
	} rows[] = {{"restart", 2, 0}, {"no", 0, 0}, {"yes", 2, 2}};
	char text[80];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		snprintf(text, sizeof(text), "fd_store = 5\nfd_store_keep = %s", rows[i].keep);
		open_stage(text);
		expect("park", "a 2", "2");
		kill_it();
		assert_int_equal(parked(), 2);
		command("restart");
		assert_int_equal(parked(), rows[i].after_restart);
		expect("fetch", "a", rows[i].after_restart ? "2: a=a 0 a=a 1" : "0");
		if (!rows[i].after_restart)
			expect("park", "a 2", "2");
		command("drain");
		command("start");
		assert_int_equal(parked(), rows[i].after_stop);
		expect("fetch", "a", rows[i].after_stop ? "2: a=a 0 a=a 1" : "0");
		close_stage("1");
	}
}

/* An instance that is scaled away takes it along, whatever was to be kept. */
static void what_is_scaled_away_is_closed(void **state)
{
	(void)state;
	open_stage("fd_store = 5\nfd_store_keep = yes\ninstances = 2");
	assert_int_equal(stage_cli(&s, NULL, NULL, "stop", "w/0", NULL), 0);
	expect("park", "a 3", "3"); /* of w/1 */
	assert_int_equal(stage_cli(&s, NULL, NULL, "stop", "w/1", NULL), 0);
	command("start");
	assert_int_equal(parked(), 3);
	assert_int_equal(stage_cli(&s, NULL, NULL, "stop", "w/1", NULL), 0);
	assert_int_equal(stage_cli(&s, NULL, NULL, "scale", "w", "1", NULL), 0);
	assert_int_equal(stage_cli(&s, NULL, NULL, "scale", "w", "2", NULL), 0);
	stage_await_state(&s, "w/1", "up", 3);
	assert_int_equal(parked(), 0);
	close_stage("2");
}

/* With update = overlap both generations have the same, and the end of the old one closes nothing. */
static void two_generations_share(void **state)
{
	(void)state;
	open_stage("fd_store = 5\nupdate = overlap");
	expect("park", "a 2", "2");
	command("restart");
	expect("fetch", "a", "2: a=a 0 a=a 1");
	assert_int_equal(parked(), 2);
	command("restart");
	expect("forget", "a", "2");
	assert_int_equal(parked(), 0);
	close_stage("1");
}

/* The same open file is kept once, under its first name, whatever its numbers. */
static void the_same_file_is_kept_once(void **state)
{
	(void)state;
	open_stage("fd_store = 5");
	expect("twice", "a", "1");
	expect("fetch", "-", "1: a=a 0");
	assert_int_equal(parked(), 1);
	close_stage("1");
}

static void what_is_too_much_or_nonsense_is_refused(void **state)
{
	static char name[300];

	(void)state;
	open_stage("fd_store = 20");
	expect("park", "a 16", "16");
	expect_failure("park", "b 5", -ENOSPC, "16 descriptors are parked, 5 more are too many: fd_store is 20");
	assert_int_equal(parked(), 16); /* all or none */
	expect("park", "b 4", "20");
	expect_failure("park", "b 17", -EINVAL, "at most 16");
	expect_failure("park", "b 0", -EINVAL, "none was given");
	expect_failure("park", "a:b 1", -EINVAL, "byte 1 of the name");
	expect_failure("park", "\x07 1", -EINVAL, "byte 0 of the name");
	expect_failure("park", "\xc3\xa4 1", -EINVAL, "byte 0 of the name");
	memset(name, 'n', 256);
	expect_failure("fetch", name, -EINVAL, "1 to 255");
	name[255] = '\0';
	expect("fetch", name, "0");
	expect("forget", "b", "4");
	snprintf(name + 255, sizeof(name) - 255, " 1");
	expect("park", name, "17");
	close_stage("1");
}

static void without_the_key_there_is_none(void **state)
{
	(void)state;
	open_stage("");
	expect_failure("park", "a 1", -EOPNOTSUPP, "fd_store");
	expect_failure("fetch", "a", -EOPNOTSUPP, "fd_store");
	expect_failure("forget", "a", -EOPNOTSUPP, "fd_store");
	assert_int_equal(parked(), 0);
	close_stage("1");
}

/* P: at a limit of open files, on either side, the question fails and nothing else. */
static void limits_of_open_files_are_told(void **state)
{
	struct rlimit limit;
	struct rlimit tight;

	(void)state;
	open_stage("fd_store = 8");
	expect("park", "a 3", "3");
	expect("tight", "", "0");
	expect_failure("fetch", "a", -EMFILE, "limit of open files");
	expect("wide", "", "0");
	expect("fetch", "a", "3: a=a 0 a=a 1 a=a 2");
	assert_int_equal(prlimit(s.pid, RLIMIT_NOFILE, NULL, &limit), 0);
	tight = limit;
	tight.rlim_cur = (rlim_t)stage_fds_of(s.pid) + 1;
	assert_int_equal(prlimit(s.pid, RLIMIT_NOFILE, &tight, NULL), 0);
	expect_failure("park", "b 4", -EMFILE, "limit of open files");
	assert_int_equal(prlimit(s.pid, RLIMIT_NOFILE, &limit, NULL), 0);
	assert_int_equal(parked(), 3);
	expect("park", "b 4", "7");
	kill_it();
	expect("fetch", "b 1", "4: b=b 0");
	close_stage("1");
}

/*
 * Parked, and killed at once: what was acknowledged is there. The next call may reach the one that is dying; then it is
 * lost with it, and nobody knows whether that was parked.
 */
static void kills_at_any_moment_lose_nothing(void **state)
{
	enum { ROUNDS = 30 };
	bool is_parked[ROUNDS];
	int least = 0;

	(void)state;
	open_stage("fd_store = 100");
	for (int i = 0; i < ROUNDS; i++) {
		char argument[32];
		pid_t pid;

		snprintf(argument, sizeof(argument), "n%d 1", i);
		is_parked[i] = atoi(ask("park", argument)) > 0;
		least += is_parked[i];
		stage_until(STAGE_WAIT_MS, "it is there", (pid = stage_pid_of(&s, "w/0")) > 0);
		kill(pid, SIGKILL);
	}
	kill_it();
	assert_true(least > ROUNDS / 2);
	for (int i = 0; i < ROUNDS; i++) {
		char name[16];

		snprintf(name, sizeof(name), "n%d 0", i);
		assert_true(atoi(ask("fetch", name)) >= is_parked[i]);
	}
	assert_int_equal(parked(), atoi(ask("fetch", "- 0")));
	assert_true(parked() >= least);
	command("stop");
	command("start");
	assert_int_equal(parked(), 0);
	close_stage("1");
}

#ifdef KEEP
/* The example: its count goes on where it was. */
static void the_example_goes_on_counting(void **state)
{
	(void)state;
	stage_open(&s,
		   "[worker:w]\ncommand = %s\nfd_store = 1\nrestart_delay = 5ms\n"
		   "[endpoint:e]\nlisten = unix:e.sock\npool = w\n",
		   KEEP);
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "w", NULL), 0);
	assert_rc(0, brood_connect(&b, stage_address(&s, "e.sock"), NULL));
	for (int i = 1; i < 20; i++) {
		char expected[16];

		snprintf(expected, sizeof(expected), "%d", i);
		expect("add", "", expected);
		if (i % 4 == 0)
			kill_it();
	}
	close_stage("1");
}
#endif

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(what_is_parked_outlives_its_process),
	cmocka_unit_test(instances_do_not_share),
	cmocka_unit_test(what_outlives_a_command_is_configured),
	cmocka_unit_test(what_is_scaled_away_is_closed),
	cmocka_unit_test(two_generations_share),
	cmocka_unit_test(the_same_file_is_kept_once),
	cmocka_unit_test(what_is_too_much_or_nonsense_is_refused),
	cmocka_unit_test(without_the_key_there_is_none),
	cmocka_unit_test(limits_of_open_files_are_told),
	cmocka_unit_test(kills_at_any_moment_lose_nothing),
#ifdef KEEP
	cmocka_unit_test(the_example_goes_on_counting),
#endif
};

CHECK_MAIN(tests)
