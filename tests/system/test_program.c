/*
 * The program of a worker: how it is found, what is refused, and what becomes of a worker whose program is taken away
 * or changed while it runs. A start that fails names its stage. (W4, W15)
 */
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "stage.h"

static void make_room(char dir[STAGE_PATH])
{
	snprintf(dir, STAGE_PATH, "%s/programs-%d", home_scratch(), (int)getpid());
	assert_int_equal(mkdir(dir, 0755), 0);
	assert_int_equal(chmod(dir, 0755), 0);
}

static void write_program(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0700);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (int)strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

/* `hint`: what the log says besides, or NULL. */
static void expect_failed_start(const char *keys, const char *expected, const char *hint)
{
	struct stage s;
	char *out;

	stage_open(&s,
		   "[worker:w]\nautostart = no\nstart_retries = 1\nrestart_delay = 1h\nrestart_delay_max = "
		   "1h\n%s\n",
		   keys);
	assert_int_equal(stage_cli(&s, &out, NULL, "start", "w", NULL), 1);
	if (!strstr(out, expected))
		fail_msg("expected \"%s\" in: %s", expected, out);
	if (hint)
		stage_await_log(&s, hint);
	stage_await_log(&s, expected);
	free(out);
	assert_int_equal(stage_processes(&s), 1); /* brood alone */
	stage_close(&s);
}

/* W4 */
static void a_start_that_fails_names_stage_and_reason(void **state)
{
	char keys[1024];

	(void)state;
	expect_failed_start("command = /nonexistent/prog",
			    "cannot start: exec of /nonexistent/prog: No such file or directory", NULL);
	expect_failed_start(
		"command = no-such-program-anywhere",
		"cannot start: looking in PATH for no-such-program-anywhere: No such file or directory",
		NULL);
	expect_failed_start("command = passwd\nenv = PATH=/etc",
			    "cannot start: looking in PATH for passwd: Permission denied", NULL);
	expect_failed_start("command = /dev/null", "cannot start: exec of /dev/null: Permission denied",
			    NULL);
	snprintf(keys, sizeof(keys), "command = %s\ncwd = /nonexistent/dir", home_badworker());
	expect_failed_start(keys, "cannot start: chdir to /nonexistent/dir: No such file or directory", NULL);
}

/* W4: what can be found but not executed; a writer of the program may be the one who installs it just now. */
static void what_is_no_program_is_named(void **state)
{
	char dir[STAGE_PATH];
	char path[STAGE_PATH + 16];
	char keys[2 * STAGE_PATH];
	char expected[2 * STAGE_PATH];
	int fd;

	(void)state;
	make_room(dir);
	snprintf(path, sizeof(path), "%s/program", dir);
	snprintf(keys, sizeof(keys), "command = %s", path);
	write_program(path, "neither magic nor interpreter\n", 0755);
	snprintf(expected, sizeof(expected), "cannot start: exec of %s: Exec format error", path);
	expect_failed_start(keys, expected, NULL);
	write_program(path, "#!/nonexistent/interpreter\n", 0755);
	snprintf(expected, sizeof(expected), "cannot start: exec of %s: No such file or directory", path);
	expect_failed_start(keys, expected,
			    "is there, but not what runs it: the interpreter in its first line (#!)");
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	snprintf(expected, sizeof(expected), "cannot start: exec of %s: Text file busy", path);
	expect_failed_start(keys, expected, NULL);
	close(fd);
	unlink(path);
	rmdir(dir);
}

/* What lies in the worker's cwd is no answer to a name, nor to an empty or relative directory of PATH. */
static void a_name_is_never_run_from_the_cwd(void **state)
{
	struct stage s;
	char dir[STAGE_PATH];
	char path[STAGE_PATH + 16];
	char *out;

	(void)state;
	make_room(dir);
	snprintf(path, sizeof(path), "%s/stray", dir);
	write_program(path, "#!/bin/sh\necho stray was run\n", 0755);
	stage_prepare(&s,
		      "[worker:w]\nautostart = no\nrestart = never\ncommand = stray\ncwd = %s\n"
		      "env = PATH=:.:/nowhere\n",
		      dir);
	stage_start(&s, true, NULL);
	assert_int_equal(stage_cli(&s, &out, NULL, "start", "w", NULL), 1);
	assert_non_null(strstr(out, "looking in PATH for stray: No such file or directory"));
	free(out);
	stage_await_log(&s, "cannot start w/0: stray is in no directory of its PATH (:.:/nowhere)");
	assert_false(stage_has_log(&s, "stray was run"));
	stage_close(&s);
	unlink(path);
	rmdir(dir);
}

/* ... and what is relative is looked at there, not where brood is. */
static void a_relative_program_is_checked_in_the_cwd(void **state)
{
	struct stage s;
	char dir[STAGE_PATH];
	char path[STAGE_PATH + 16];
	char *out;

	(void)state;
	make_room(dir);
	snprintf(path, sizeof(path), "%s/here", dir);
	write_program(path, "#!/bin/sh\nexec sleep 1000\n", 0777);
	stage_prepare(&s,
		      "[worker:w]\nautostart = no\nchannel = none\nready = alive:10ms\n"
		      "command = ./here\ncwd = %s\n",
		      dir);
	stage_start(&s, true, NULL);
	assert_int_equal(stage_cli(&s, &out, NULL, "start", "w", NULL), 1);
	free(out);
	stage_await_log(&s, "/./here is writable by everybody; run chmod o-w on it");
	assert_int_equal(chmod(path, 0755), 0);
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "w", NULL), 0);
	assert_int_equal(stage_cli(&s, NULL, NULL, "stop", "w", NULL), 0);
	stage_close(&s);
	unlink(path);
	rmdir(dir);
}

static void what_may_not_be_executed_is_named(void **state)
{
	struct stage s;
	char dir[STAGE_PATH];
	char path[STAGE_PATH + 16];
	char line[2 * STAGE_PATH];
	char *out;

	(void)state;
	if (geteuid() != 0 || !getpwnam("daemon"))
		check_skip("needs root and a user daemon");
	make_room(dir);
	snprintf(path, sizeof(path), "%s/closed", dir);
	write_program(path, "#!/bin/sh\n", 0700);
	stage_prepare(&s,
		      "[worker:w]\nautostart = no\nuser = daemon\ncommand = closed\nenv = \"PATH=/bin:%s\"\n",
		      dir);
	stage_start(&s, true, NULL);
	assert_int_equal(stage_cli(&s, &out, NULL, "start", "w", NULL), 1);
	assert_non_null(strstr(out, "exec of closed: Permission denied"));
	free(out);
	snprintf(line, sizeof(line), "cannot start w/0: exec of %s: Permission denied", path);
	assert_true(stage_has_log(&s, line) || stage_await_log(&s, line));
	stage_close(&s);
	unlink(path);
	rmdir(dir);
}

/* A directory of root's PATH that the worker's user cannot enter, or a file that it may not execute, is passed over. */
static void the_search_goes_on_after_what_is_closed(void **state)
{
	struct stage s;
	char dir[STAGE_PATH];
	char path[STAGE_PATH + 16];

	(void)state;
	if (geteuid() != 0 || !getpwnam("daemon"))
		check_skip("needs root and a user daemon");
	make_room(dir);
	snprintf(path, sizeof(path), "%s/sleep", dir);
	write_program(path, "#!/bin/sh\necho closed was run\n", 0700);
	stage_prepare(&s,
		      "[worker:w]\nautostart = no\nchannel = none\nready = alive:10ms\nuser = daemon\n"
		      "command = sleep 1000\nenv = \"PATH=%s:/usr/bin:/bin\"\n",
		      dir);
	stage_start(&s, true, NULL);
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "w", NULL), 0);
	assert_int_equal(stage_cli(&s, NULL, NULL, "stop", "w", NULL), 0);
	assert_false(stage_has_log(&s, "closed was run"));
	stage_close(&s);
	unlink(path);
	rmdir(dir);
}

static void a_program_that_others_may_change_is_refused(void **state)
{
	struct stage s;
	char path[STAGE_PATH];
	char *out;

	(void)state;
	snprintf(path, sizeof(path), "%s/writable-%d", home_scratch(), (int)getpid());
	write_program(path, "#!/bin/sh\n", 0777);
	stage_open(&s, "[worker:w]\nautostart = no\ncommand = %s\n", path);
	assert_int_equal(stage_cli(&s, &out, NULL, "start", "w", NULL), 1);
	free(out);
	stage_await_log(&s, "is writable by everybody; run chmod o-w on it");
	unlink(path);
	stage_close(&s);
}

/* W15: a worker runs on whatever becomes of its program; its next start fails, and succeeds once all is well again. */
static void a_program_may_change_while_it_runs(void **state)
{
	static const char *const refusals[] = {"No such file or directory", "is writable by everybody",
					       "Permission denied", "Exec format error"};
	struct stage s;
	char dir[STAGE_PATH];
	char path[STAGE_PATH + 16];
	char text[2 * STAGE_PATH];
	int generation = 1;
	char *out;

	(void)state;
	make_room(dir);
	snprintf(path, sizeof(path), "%s/program", dir);
	snprintf(text, sizeof(text), "#!/bin/sh\nexec %s\n", home_badworker());
	write_program(path, text, 0755);
	stage_open(&s,
		   "[worker:w]\ncommand = %s\nrestart_delay = 5ms\nrestart_delay_max = 20ms\n"
		   "[worker:other]\ncommand = %s\n",
		   path, home_badworker());
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "all", NULL), 0);
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		json_t *status;

		if (i == 0)
			assert_int_equal(unlink(path), 0);
		else
			write_program(path, i == 3 ? "nothing\n" : text,
				      i == 1   ? 0777
				      : i == 2 ? 0644
					       : 0755);
		assert_int_equal(stage_cli(&s, &out, NULL, "call", "w", "runs on", NULL), 0);
		assert_string_equal(out, "runs on");
		free(out);
		stage_kill(&s, "w/0", SIGKILL);
		stage_await_log(&s, refusals[i]);
		assert_int_equal(stage_cli(&s, NULL, NULL, "call", "other", "fine", NULL), 0);
		unlink(path); /* a new file is put in its place, as installers do */
		write_program(path, text, 0755);
		stage_await_state(&s, "w/0", "up", generation + 1);
		status = stage_status(&s);
		generation =
			(int)json_integer_value(json_object_get(stage_instance(status, "w/0"), "generation"));
		json_decref(status);
	}
	stage_check_ledger(&s, "w");
	stage_close(&s);
	unlink(path);
	rmdir(dir);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(a_start_that_fails_names_stage_and_reason),
	cmocka_unit_test(what_is_no_program_is_named),
	cmocka_unit_test(a_name_is_never_run_from_the_cwd),
	cmocka_unit_test(a_relative_program_is_checked_in_the_cwd),
	cmocka_unit_test(what_may_not_be_executed_is_named),
	cmocka_unit_test(the_search_goes_on_after_what_is_closed),
	cmocka_unit_test(a_program_that_others_may_change_is_refused),
	cmocka_unit_test(a_program_may_change_while_it_runs),
};

CHECK_MAIN(tests)
