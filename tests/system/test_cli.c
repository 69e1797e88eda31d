/* The command line as people meet it: help, mistakes, where it looks for its configuration and its supervisor. */
#include "check.h"

#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stage.h"

static const char plain[] = "[worker:echo]\ncommand = %s\nstop_timeout = 3s\n[endpoint:echo]\nlisten = unix:echo.sock\n"
			    "pool = echo\n";

/* Runs brood with the words, and looks for a text in what it says on either stream. */
#define assert_says(stage, code, text, ...)                                                         \
	do {                                                                                        \
		char *cli_out;                                                                      \
		char *cli_err;                                                                      \
		int cli_code = stage_cli((stage), &cli_out, &cli_err, __VA_ARGS__, NULL);           \
		if (cli_code != (code) || (!strstr(cli_out, (text)) && !strstr(cli_err, (text))))   \
			fail_msg("not %d and \"%s\" but %d:\n%s%s", (code), (text), cli_code,       \
				 cli_out, cli_err);                                                 \
		free(cli_out);                                                                      \
		free(cli_err);                                                                      \
	} while (0)

static void open_lost(struct stage *s)
{
	stage_prepare(s, plain, home_badworker());
	s->cli_is_lost = true;
	unsetenv("BROOD_CONFIG");
	unsetenv("BROOD_SOCKET");
	unsetenv("RUNTIME_DIRECTORY");
}

static void help_is_there_for_all_and_each(void **state)
{
	struct stage s;
	char *all;
	size_t verbs = 0;

	(void)state;
	open_lost(&s);
	assert_says(&s, 2, "usage: brood ", "-q");
	assert_says(&s, 2, "no option '--no-such-option' before the verb (brood help)", "--no-such-option");
	assert_says(&s, 2, "-s needs a value (brood help)", "-s");
	assert_says(&s, 0, "brood -c brood.ini run", "-h");
	assert_int_equal(stage_cli(&s, &all, NULL, "help", NULL), 0);
	/* each line with two blanks in front, in its groups, begins with a verb that has its own page */
	for (char *line = strstr(all, "\nRun\n"); line; line = strchr(line + 1, '\n')) {
		char verb[16];

		if (sscanf(line, "\n  %15[a-z] ", verb) != 1 || line[3] == ' ')
			continue;
		assert_says(&s, 0, verb, "help", verb);
		assert_says(&s, 0, verb, verb, "--help");
		verbs++;
	}
	assert_in_range(verbs, 14, 40);
	for (const char *group = strstr(all, "\n\nRun\n"); group; group = strstr(group + 1, "\n\n")) {
		char heading[40];

		assert_int_equal(sscanf(group, "\n\n%37[A-Za-z ]", heading + 1), 1);
		heading[0] = '\n';
		strcat(heading, "\n");
		assert_null(strstr(group + 2, heading)); /* each stands once */
	}
	free(all);
	assert_says(&s, 2, "no command 'stats', did you mean 'status'?", "stats");
	assert_says(&s, 2, "no command 'stats', did you mean 'status'?", "help", "stats");
	assert_says(&s, 2, "no command 'xyzzy' (brood help)", "xyzzy");
	assert_says(&s, 0, "brood 0.", "version");
	assert_says(&s, 0, "brood 0.", "--version");
	stage_clean(&s);
}

static void options_with_nonsense_are_named(void **state)
{
	struct stage s;

	(void)state;
	open_lost(&s);
	assert_says(&s, 2, "-n 'many': a number of lines, 0 to 10000", "logs", "-n", "many");
	assert_says(&s, 2, "--timeout '5': a time with a unit, like 30s", "stop", "--timeout", "5", "echo");
	assert_says(&s, 2, "--timeout '0s': at least 1ms, at most 24h", "call", "--timeout", "0s", "echo");
	assert_says(&s, 2, "--timeout '25h': at least 1ms, at most 24h", "call", "--timeout", "25h", "echo");
	assert_says(&s, 2, "-i '../x': letters, digits, - and _, at most 32", "-i", "../x", "status");
	assert_says(&s, 2, "status takes no option '--jason', did you mean '--json'?", "status", "--jason");
	assert_says(&s, 2, "stop takes no option '--now' (brood help stop)", "stop", "--now", "echo");
	assert_says(&s, 2, "stop takes no option '-f' (brood help stop)", "stop", "-f", "echo");
	assert_says(&s, 2, "stop takes no option '-x' (brood help stop)", "stop", "-x", "echo");
	assert_says(&s, 2, "start takes no option '--rolling' (brood help start)", "start", "--rolling", "2", "echo");
	assert_says(&s, 2, "--json takes no value (brood help status)", "status", "--json=3");
	assert_says(&s, 2, "--timeout needs a value (brood help status)", "status", "--timeout");
	assert_says(&s, 2, "'abc' is not a number of instances: write 6, +2, -1 or 2..8", "scale", "echo", "abc");
	assert_says(&s, 2, "'3..1' begins with the larger number: write 1..3", "scale", "echo", "3..1");
	assert_says(&s, 2, "'xyz' is no key: 1 to 16 hexadecimal digits", "quarantine", "release", "xyz");
	assert_says(&s, 2, "usage: brood call", "call");
	assert_says(&s, 2, "usage: brood explain", "explain");
	assert_says(&s, 2, "usage: brood config", "config", "a", "b");
	assert_says(&s, 2, "usage: brood config", "config", "--where", "a");
	assert_says(&s, 2, "usage: brood help", "help", "status", "a");
	assert_says(&s, 2, "usage: brood version", "version", "a");
	assert_says(&s, 2, "usage: brood check", "check", "a", "b");
	stage_clean(&s);
}

/* Names come from anywhere: nothing of them reaches a terminal as it is. */
static void no_name_steers_a_terminal(void **state)
{
	char path[2 * STAGE_PATH];
	struct stage s;
	FILE *f;

	(void)state;
	stage_open(&s, "[worker:echo]\ncommand = %s\n", home_badworker());
	assert_says(&s, 4, "no worker 'a\\x1b[31mb'", "call", "a\x1b[31mb");
	assert_says(&s, 4, "no worker 'a\\x1b[31mb'", "stop", "a\x1b[31mb");
	assert_says(&s, 2, "no command 'st\\x1batus', did you mean 'status'?", "st\x1b" "atus");
	assert_says(&s, 78, "\\x1b[31m: error: cannot read the file", "check", "/nowhere/\x1b[31m");
	assert_says(&s, 0, "(not given)", "config", "--where");
	assert_says(&s, 0, "/x\\x1b[31m", "-c", "/x\x1b[31m", "config", "--where");
	snprintf(path, sizeof(path), "%s/\x1b[31m.ini", s.dir);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("[worker:w]\ncommand = /bin/true\n", f);
	fclose(f);
	assert_says(&s, 0, "\\x1b[31m.ini: 1 worker, 0 endpoints, no errors", "check", path);
	assert_says(&s, 0, "\\x1b[31m.ini:2\n", "-c", path, "config", "w");
	stage_close(&s);
}

/* Where there is nothing to tell, that is told. */
static void nothing_is_said_in_words(void **state)
{
	static char method[20000];
	struct stage s;
	char *out;

	(void)state;
	memset(method, 'm', sizeof(method) - 1);
	memcpy(method, "none/", 5);
	stage_open(&s, "[worker:none]\ncommand = %s\ninstances = 0..3\n", home_badworker());
	assert_says(&s, 0, "none  has no instance now, 0 to 3 by load: one is started as soon as a call waits", "why",
		    "none");
	assert_int_equal(stage_cli(&s, &out, NULL, "why", "none", "--json", NULL), 0);
	assert_string_equal(out, "[]\n");
	free(out);
	assert_says(&s, 0, "nothing is held against any request", "quarantine");
	assert_says(&s, 0, "none was running; load starts none until brood start", "drain", "none");
	assert_says(&s, 0, "none is needed now; load starts them", "start", "none");
	assert_says(&s, 0, "none is needed now; load starts them", "start", "none");
	assert_says(&s, 1, "method and metadata are larger than 16 KiB", "call", method);
	assert_says(&s, 1, "UNIMPLEMENTED", "call", "none/nothing");
	assert_int_equal(stage_cli(&s, &out, NULL, "drain", "none", NULL), 0);
	assert_int_equal(strncmp(out, "drained 1 of 1, ", 16), 0); /* and not 3: there was one */
	free(out);
	assert_says(&s, 0, "none has 0 instances", "scale", "none", "0");
	assert_says(&s, 0, "none  has no instances: it was scaled to 0", "why", "none");
	stage_close(&s);
}

static void a_quiet_brood_logs_what_goes_wrong(void **state)
{
	const char *line;
	struct stage s;

	(void)state;
	stage_prepare(&s, "[worker:w]\ncommand = %s\n", home_badworker());
	s.is_quiet = true;
	stage_start(&s, true, NULL);
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "w", NULL), 0);
	assert_int_equal(stage_cli(&s, NULL, NULL, "restart", "w", NULL), 0);
	stage_kill(&s, "w/0", SIGKILL);
	line = stage_await_log(&s, "w/0 gen 2: UP -> BACKOFF (signal 9 KILL");
	assert_int_equal(s.log_seen, strlen(line) + 1); /* it is the first */
	stage_close(&s);
}

static void a_configuration_is_found_or_the_search_explained(void **state)
{
	char home[STAGE_PATH];
	char file[2 * STAGE_PATH];
	struct stage s;

	(void)state;
	open_lost(&s);
	snprintf(home, sizeof(home), "%.400s", s.dir);
	setenv("HOME", home, 1);
	unsetenv("XDG_CONFIG_HOME");
	assert_says(&s, 78, "/nowhere/brood.ini: ", "check", "/nowhere/brood.ini");
	assert_says(&s, 0, "1 worker, 1 endpoint, no errors", "check", s.config);
	assert_says(&s, 0, "1 worker, 1 endpoint, no errors", "-c", s.config, "check");
	assert_says(&s, 0, "(not given)", "config", "--where");
	setenv("BROOD_CONFIG", s.config, 1);
	assert_says(&s, 0, "1 worker, 1 endpoint, no errors", "check");
	assert_says(&s, 0, s.config, "config", "--where");
	unsetenv("BROOD_CONFIG");
	if (geteuid() != 0) {
		assert_says(&s, 0, "(not there)", "config", "--where");
		snprintf(file, sizeof(file), "%s/.config", home);
		assert_int_equal(mkdir(file, 0700), 0);
		snprintf(file, sizeof(file), "%s/.config/brood", home);
		assert_int_equal(mkdir(file, 0700), 0);
		snprintf(file, sizeof(file), "%s/.config/brood/brood.ini", home);
		assert_int_equal(rename(s.config, file), 0);
		assert_says(&s, 0, "1 worker, 1 endpoint, no errors", "check");
		assert_int_equal(rename(file, s.config), 0);
		snprintf(file, sizeof(file), "%s/.config/brood", home);
		assert_int_equal(rmdir(file), 0);
		snprintf(file, sizeof(file), "%s/.config", home);
		assert_int_equal(rmdir(file), 0);
	}
	if (access("/etc/brood/brood.ini", F_OK) < 0)
		assert_says(&s, 78, "no configuration: give one with -c FILE", "check");
	stage_clean(&s);
}

static void values_in_force_are_shown_with_their_origin(void **state)
{
	char line[STAGE_PATH + 32];
	struct stage s;

	(void)state;
	open_lost(&s);
	snprintf(line, sizeof(line), "%.400s:3", s.config);
	assert_says(&s, 0, "stop_timeout", "-c", s.config, "config", "echo");
	assert_says(&s, 0, line, "-c", s.config, "config", "echo");
	assert_says(&s, 0, "stop_timeout = 3s", "-c", s.config, "config", "--plain");
	assert_says(&s, 4, "no worker or endpoint 'ecko', did you mean 'echo'?", "-c", s.config, "config", "ecko");
	assert_says(&s, 4, "no worker or endpoint 'xyzzy'", "-c", s.config, "config", "xyzzy");
	assert_says(&s, 0, "stop_timeout", "explain", "stop_timeout");
	assert_says(&s, 0, "#stop_timeout", "explain", "--all");
	assert_says(&s, 4, "no key 'stop_timout', did you mean 'stop_timeout'?", "explain", "stop_timout");
	assert_says(&s, 4, "no key 'xyzzy' (brood explain --all lists them)", "explain", "xyzzy");
	stage_clean(&s);
}

static void a_supervisor_is_found_by_socket_or_directory(void **state)
{
	char socket[STAGE_PATH + 16];
	struct stage s;

	(void)state;
	stage_open(&s, plain, home_badworker());
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "echo", NULL), 0);
	s.cli_is_lost = true;
	snprintf(socket, sizeof(socket), "%.400s/admin.sock", s.runtime);
	assert_says(&s, 0, "echo", "-s", socket, "status");
	setenv("BROOD_SOCKET", socket, 1);
	assert_says(&s, 0, "echo", "status");
	unsetenv("BROOD_SOCKET");
	setenv("RUNTIME_DIRECTORY", s.runtime, 1);
	assert_says(&s, 0, "echo", "status");
	unsetenv("RUNTIME_DIRECTORY");
	snprintf(socket, sizeof(socket), "%.400s/none.sock", s.runtime);
	assert_says(&s, 69, socket, "-s", socket, "status");
	stage_close(&s);
}

/* Two broods of one unit have to live apart; one for which the unit made a directory lives there. */
static void an_instance_has_a_directory_of_its_own(void **state)
{
	char path[2 * STAGE_PATH];
	struct stage s;

	(void)state;
	open_lost(&s);
	setenv("RUNTIME_DIRECTORY", s.runtime, 1);
	snprintf(path, sizeof(path), "no brood is running at %s/admin.sock", s.runtime);
	assert_says(&s, 69, path, "status");
	assert_says(&s, 69, path, "-i", "run", "status"); /* it is called so */
	snprintf(path, sizeof(path), "no brood is running at %s/shop/admin.sock", s.runtime);
	assert_says(&s, 69, path, "-i", "shop", "status");
	snprintf(path, sizeof(path), "no brood is running at %s/un/admin.sock", s.runtime);
	assert_says(&s, 69, path, "-i", "un", "status");
	snprintf(path, sizeof(path), "%s/:/nowhere", s.runtime);
	setenv("RUNTIME_DIRECTORY", path, 1);
	snprintf(path, sizeof(path), "no brood is running at %s//admin.sock", s.runtime);
	assert_says(&s, 69, path, "-i", "run", "status");
	snprintf(path, sizeof(path), "%s/un (RUNTIME_DIRECTORY and -i)\n", s.runtime);
	setenv("RUNTIME_DIRECTORY", s.runtime, 1);
	assert_says(&s, 0, path, "-i", "un", "config", "--where");
	snprintf(path, sizeof(path), "%s/admin.sock (not there)\n", s.runtime);
	assert_says(&s, 0, path, "config", "--where");
	assert_says(&s, 2, "-i 'lock': a file of brood's own has that name", "-i", "lock", "status");
	assert_says(&s, 2, "-i 'priv': a file of brood's own has that name", "-i", "priv", "shutdown");
	unsetenv("RUNTIME_DIRECTORY");
	stage_clean(&s);
}

/* Whoever could replace a user's socket could answer root; root becomes that user. */
static void root_is_told_how_to_operate_the_brood_of_another(void **state)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	char dir[STAGE_PATH + 16];
	char hint[2 * STAGE_PATH];
	struct stage s;
	int fd;

	(void)state;
	if (geteuid() != 0 || !getpwuid(1))
		skip();
	open_lost(&s);
	snprintf(dir, sizeof(dir), "%.400s/theirs", s.dir);
	assert_int_equal(mkdir(dir, 0700), 0);
	snprintf(a.sun_path, sizeof(a.sun_path), "%.100s/s", dir);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(chown(a.sun_path, 1, 1), 0);
	assert_int_equal(chown(dir, 1, 1), 0);
	snprintf(hint, sizeof(hint), "(operate it as its user: runuser -u %s -- brood -s %s ...)", getpwuid(1)->pw_name,
		 a.sun_path);
	assert_says(&s, 77, hint, "-s", a.sun_path, "status");
	close(fd);
	stage_clean(&s);
}

static void plain_status_has_all_its_columns(void **state)
{
	char pattern[64];
	struct stage s;
	char *out;

	(void)state;
	stage_open(&s, "[worker:echo]\ncommand = %s --slots 1\n", home_badworker());
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "echo", NULL), 0);
	snprintf(pattern, sizeof(pattern), "echo/0\tup\t%d\t0\t0\t1\t0\n", (int)stage_pid_of(&s, "echo/0"));
	assert_int_equal(stage_cli(&s, &out, NULL, "status", "--plain", NULL), 0);
	assert_string_equal(out, pattern);
	free(out);
	stage_close(&s);
}

/* Runs it with -q: nothing on stdout, and on stderr this, or nothing if it is NULL. */
#define assert_quiet(stage, code, text, ...)                                                        \
	do {                                                                                        \
		char *cli_out;                                                                      \
		char *cli_err;                                                                      \
		const char *cli_text = (text);                                                      \
		int cli_code = stage_cli((stage), &cli_out, &cli_err, "-q", __VA_ARGS__, NULL);     \
		if (cli_code != (code) || cli_out[0] || (cli_err[0] != 0) != (cli_text != NULL) ||  \
		    (cli_text && !strstr(cli_err, cli_text)))                                       \
			fail_msg("not %d and nothing but \"%s\" but %d:\n%s%s", (code),             \
				 cli_text ? cli_text : "", cli_code, cli_out, cli_err);             \
		free(cli_out);                                                                      \
		free(cli_err);                                                                      \
	} while (0)

static void quiet_is_nothing_but_errors(void **state)
{
	char wrong[2 * STAGE_PATH];
	struct stage s;
	FILE *f;

	(void)state;
	stage_open(&s, "[worker:echo]\ncommand = %s\n[worker:bad]\ncommand = /bin/false\nautostart = no\n",
		   home_badworker());
	assert_quiet(&s, 0, NULL, "start", "echo");
	assert_quiet(&s, 0, NULL, "status", "echo");
	assert_quiet(&s, 0, NULL, "status", "--json", "echo");
	assert_quiet(&s, 0, NULL, "why", "echo");
	assert_quiet(&s, 0, NULL, "call", "echo", "hello");
	assert_quiet(&s, 1, "UNIMPLEMENTED", "call", "echo/none");
	assert_quiet(&s, 1, "bad/0: not up: exit 1", "start", "bad");
	assert_quiet(&s, 4, "no worker 'ecko', did you mean 'echo'?", "stop", "ecko");
	assert_quiet(&s, 0, NULL, "stop", "all");
	assert_quiet(&s, 0, NULL, "check");
	snprintf(wrong, sizeof(wrong), "%s/wrong.ini", s.dir);
	f = fopen(wrong, "w");
	assert_non_null(f);
	fputs("[worker:w]\n", f);
	fclose(f);
	assert_quiet(&s, 78, "wrong.ini", "check", wrong);
	stage_close(&s);
}

static void a_long_name_is_not_cut(void **state)
{
	static const char name[] = "a-name-that-is-longer-than-any-name-of-a-worker-and-goes-on-for-quite-a-while";
	struct stage s;

	(void)state;
	stage_open(&s, "[worker:echo]\ncommand = %s\n", home_badworker());
	assert_says(&s, 4, name, "call", name);
	stage_close(&s);
}

/* Who waits is told for what, and may stop waiting. */
static void an_interrupt_ends_the_wait(void **state)
{
	char text[4096];
	size_t used = 0;
	struct stage s;
	int ends[2];
	int status;
	pid_t pid;

	(void)state;
	stage_open(&s, "[worker:w]\ncommand = %s --at-start sleep=1000\nautostart = no\n", home_badworker());
	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		setenv("RUNTIME_DIRECTORY", s.runtime, 1);
		dup2(ends[1], STDERR_FILENO);
		execl(home_brood(), "brood", "start", "w", (char *)NULL);
		_exit(99);
	}
	close(ends[1]);
	for (ssize_t n; (n = read(ends[0], text + used, sizeof(text) - 1 - used)) > 0;) {
		used += (size_t)n;
		text[used] = '\0';
		if (strstr(text, "starting ... (^C stops waiting, not the work)"))
			break;
	}
	assert_int_equal(kill(pid, SIGINT), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(ends[0]);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 130);
	stage_await_state(&s, "w/0", "up", 1);
	assert_int_equal(stage_cli(&s, NULL, NULL, "stop", "w", NULL), 0);
	stage_close(&s);
}

/* Follows the logs while something ends brood; the exit code of who followed. */
static int follow_until(void (*finish)(struct stage *s), char *err, size_t size)
{
	struct stage s;
	char first = 0;
	int out[2];
	int ends[2];
	int status;
	pid_t pid;
	size_t used = 0;

	stage_open(&s, "[worker:w]\ncommand = %s --at-start print\n", home_badworker());
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "w", NULL), 0);
	assert_int_equal(pipe(out), 0);
	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		setenv("RUNTIME_DIRECTORY", s.runtime, 1);
		dup2(out[1], STDOUT_FILENO);
		dup2(ends[1], STDERR_FILENO);
		execl(home_brood(), "brood", "logs", "-f", (char *)NULL);
		_exit(99);
	}
	close(out[1]);
	close(ends[1]);
	assert_int_equal(read(out[0], &first, 1), 1); /* it is there, and follows */
	finish(&s);
	for (ssize_t n; (n = read(ends[0], err + used, size - 1 - used)) > 0;)
		used += (size_t)n;
	err[used] = '\0';
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(out[0]);
	close(ends[0]);
	stage_await_exit(&s, 10000);
	stage_until(5000, "no process is left", stage_processes(&s) == 0);
	if (s.exit_code == -SIGKILL) { /* the next one tidies up */
		stage_start(&s, true, NULL);
		stage_close(&s);
	} else {
		stage_clean(&s);
	}
	return WEXITSTATUS(status);
}

static void shut_down(struct stage *s)
{
	assert_int_equal(stage_cli(s, NULL, NULL, "shutdown", NULL), 0);
}

static void kill_brood(struct stage *s)
{
	assert_int_equal(kill(s->pid, SIGKILL), 0);
}

static void who_follows_can_tell_an_ordered_end(void **state)
{
	char err[4096];

	(void)state;
	assert_int_equal(follow_until(shut_down, err, sizeof(err)), 0);
	assert_string_equal(err, "brood has ended\n");
	assert_int_equal(follow_until(kill_brood, err, sizeof(err)), 69);
	assert_non_null(strstr(err, "brood closed the connection"));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(help_is_there_for_all_and_each),
	cmocka_unit_test(options_with_nonsense_are_named),
	cmocka_unit_test(no_name_steers_a_terminal),
	cmocka_unit_test(nothing_is_said_in_words),
	cmocka_unit_test(a_quiet_brood_logs_what_goes_wrong),
	cmocka_unit_test(a_configuration_is_found_or_the_search_explained),
	cmocka_unit_test(values_in_force_are_shown_with_their_origin),
	cmocka_unit_test(a_supervisor_is_found_by_socket_or_directory),
	cmocka_unit_test(an_instance_has_a_directory_of_its_own),
	cmocka_unit_test(quiet_is_nothing_but_errors),
	cmocka_unit_test(a_long_name_is_not_cut),
	cmocka_unit_test(an_interrupt_ends_the_wait),
	cmocka_unit_test(plain_status_has_all_its_columns),
	cmocka_unit_test(root_is_told_how_to_operate_the_brood_of_another),
	cmocka_unit_test(who_follows_can_tell_an_ordered_end),
};

CHECK_MAIN(tests)
