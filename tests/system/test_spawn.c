/*
 * What a worker's process finds: descriptors, environment, signals, limits, ids. Compared with the announced list,
 * nothing more and nothing less. (W9)
 */
#include "check.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "stage.h"

static char *inventory(struct stage *s)
{
	char *out;

	assert_int_equal(stage_cli(s, NULL, NULL, "start", "w", NULL), 0);
	assert_int_equal(stage_cli(s, &out, NULL, "call", "w/inventory", NULL), 0);
	return out;
}

static bool has_line(const char *text, const char *line)
{
	size_t length = strlen(line);

	for (const char *at = text; at; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (strncmp(at, line, length) == 0 && (at[length] == '\n' || at[length] == '\0'))
			return true;
	}
	return false;
}

#define assert_line(text, line)                                             \
	do {                                                                \
		if (!has_line((text), (line)))                              \
			fail_msg("no line \"%s\" in:\n%s", (line), (text)); \
	} while (0)

static int count_lines(const char *text, const char *prefix)
{
	int n = 0;

	for (const char *at = text; at; at = strchr(at, '\n')) {
		at += *at == '\n';
		n += strncmp(at, prefix, strlen(prefix)) == 0;
	}
	return n;
}

/* Surroundings as bad as they can be: what is ignored, blocked or open here must not reach a worker. */
static void launch_badly(void)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	sigaction(SIGCHLD, &ignore, NULL);
	sigaction(SIGTERM, &ignore, NULL);
	sigaction(SIGUSR1, &ignore, NULL);
	umask(0);
	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	for (int fd = 40; fd < 50; fd++)
		dup2(STDERR_FILENO, fd); /* leaks without close-on-exec */
	setenv("STAYS", "stays", 1);
	setenv("NOTIFY_SOCKET", "/must/go", 1);
	setenv("LISTEN_FDS", "3", 1);
	setenv("WATCHDOG_USEC", "1", 1);
	setenv("SUPERVISOR_ENABLED", "1", 1);
	setenv("BROOD_SOCKET", "/must/go", 1);
	setenv("LD_PRELOAD", "", 1);
	setenv("CREDENTIALS_DIRECTORY", "/must/go", 1);
}

static void a_worker_finds_exactly_the_announced_list(void **state)
{
	struct stage s;
	char *text;

	(void)state;
	stage_prepare(&s, "[worker:w]\ncommand = %s\n", home_badworker());
	stage_start(&s, true, launch_badly);
	text = inventory(&s);
	assert_int_equal(count_lines(text, "fd "), 5);
	assert_line(text, "fd 0 /dev/null");
	assert_int_equal(count_lines(text, "fd 1 pipe:"), 1);
	assert_int_equal(count_lines(text, "fd 2 pipe:"), 1);
	assert_int_equal(count_lines(text, "fd 3 socket:"), 1);
	assert_int_equal(count_lines(text, "fd 4 /memfd:brood-board"), 1);
	assert_int_equal(count_lines(text, "blocked "), 0);
	assert_int_equal(count_lines(text, "ignored "), 0);
	assert_line(text, "env BROOD_CHANNEL=3");
	assert_line(text, "env BROOD_BOARD=4");
	assert_line(text, "env BROOD_WORKER=w");
	assert_line(text, "env BROOD_INSTANCE=0");
	assert_line(text, "env BROOD_GENERATION=1");
	assert_line(text, "env STAYS=stays");
	assert_int_equal(count_lines(text, "env BROOD_"), 5);
	assert_int_equal(count_lines(text, "env NOTIFY_SOCKET"), 0);
	assert_int_equal(count_lines(text, "env LISTEN_"), 0);
	assert_int_equal(count_lines(text, "env WATCHDOG_"), 0);
	assert_int_equal(count_lines(text, "env SUPERVISOR_"), 0);
	assert_int_equal(count_lines(text, "env LD_PRELOAD"), 0);
	assert_int_equal(count_lines(text, "env CREDENTIALS_"), 0);
	/* the SDK leaves nothing for grandchildren */
	assert_int_equal(count_lines(text, "env-now BROOD_"), 0);
	assert_line(text, "umask 022");
	assert_line(text, "sid 1");
	assert_line(text, "no_new_privs 1");
	assert_line(text, "pdeathsig 9");
	free(text);
	stage_close(&s);
}

static void a_channel_of_pipes_is_two_descriptors(void **state)
{
	struct stage s;
	char *text;

	(void)state;
	stage_open(&s, "[worker:w]\ncommand = %s\nchannel = pipes\n", home_badworker());
	text = inventory(&s);
	assert_int_equal(count_lines(text, "fd "), 6);
	assert_int_equal(count_lines(text, "fd 3 pipe:"), 1);
	assert_int_equal(count_lines(text, "fd 4 pipe:"), 1);
	assert_int_equal(count_lines(text, "fd 5 /memfd:brood-board"), 1);
	assert_line(text, "env BROOD_BOARD=5");
	assert_line(text, "env BROOD_CHANNEL=3,4");
	free(text);
	stage_close(&s);
}

static void keys_of_the_configuration_reach_the_process(void **state)
{
	struct stage s;
	struct rlimit nofile;
	char *text;
	char line[600];

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &nofile), 0);
	stage_prepare(&s,
		      "[worker:w]\ncommand = %s\ncwd = %s\numask = 027\nnice = 3\ninstances = 3\n"
		      "limits = nofile=123:456, core=0\nno_new_privs = no\nenv_base = clean\n"
		      "env = A=1, B=\"x, y\", NAME=${WORKER}-${INSTANCE:02}, DOLLAR=$$1\n",
		      home_badworker(), home_scratch());
	stage_start(&s, true, NULL);
	text = inventory(&s);
	assert_line(text, "umask 027");
	assert_line(text, "nice 3");
	assert_line(text, "no_new_privs 0");
	assert_line(text, "limit nofile 123 456");
	assert_line(text, "limit core 0 0");
	snprintf(line, sizeof(line), "cwd %s", home_scratch());
	assert_line(text, line);
	assert_line(text, "env A=1");
	assert_line(text, "env B=x, y");
	assert_true(has_line(text, "env NAME=w-00") || has_line(text, "env NAME=w-01") ||
		    has_line(text, "env NAME=w-02"));
	assert_line(text, "env DOLLAR=$1");
	assert_int_equal(count_lines(text, "env STAGE_MARK"), 0); /* clean */
	free(text);
	stage_close(&s);
}

/* brood raises its own limit of descriptors; a worker gets what brood was given. */
static void a_worker_gets_the_old_descriptor_limit(void **state)
{
	struct stage s;
	struct rlimit nofile;
	char *text;
	char line[80];

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &nofile), 0);
	stage_open(&s, "[worker:w]\ncommand = %s\n", home_badworker());
	text = inventory(&s);
	snprintf(line, sizeof(line), "limit nofile %lld %lld", (long long)nofile.rlim_cur,
		 (long long)nofile.rlim_max);
	assert_line(text, line);
	free(text);
	stage_close(&s);
}

static void a_worker_of_another_user_has_its_ids_and_no_others(void **state)
{
	struct stage s;
	char *text;
	struct passwd *nobody = getpwnam("daemon");

	(void)state;
	if (geteuid() != 0 || !nobody)
		check_skip("needs root and a user daemon");
	stage_open(&s, "[worker:w]\ncommand = %s\nuser = daemon\ngroups = 7, 8\n", home_badworker());
	text = inventory(&s);
	{
		char line[64];

		snprintf(line, sizeof(line), "uid %d %d", (int)nobody->pw_uid, (int)nobody->pw_uid);
		assert_line(text, line);
		snprintf(line, sizeof(line), "gid %d %d", (int)nobody->pw_gid, (int)nobody->pw_gid);
		assert_line(text, line);
	}
	assert_line(text, "group 7");
	assert_line(text, "group 8");
	assert_int_equal(count_lines(text, "group "), 2);
	assert_line(text, "setuid0 0");
	assert_line(text, "pdeathsig 9");
	assert_line(text, "env USER=daemon");
	free(text);
	stage_close(&s);
}

/* 5 and 6 are groups of brood's own, where it is root. */
static void launch_with_groups(void)
{
	static const gid_t groups[] = {5, 6};

	if (setgroups(2, groups) < 0)
		_exit(127);
}

static void a_group_of_its_own_takes_no_other_away(void **state)
{
	struct stage s;
	char *text;

	(void)state;
	if (geteuid() != 0)
		check_skip("needs root");
	stage_prepare(&s, "[worker:w]\ncommand = %s\ngroup = 4242\n", home_badworker());
	stage_start(&s, true, launch_with_groups);
	text = inventory(&s);
	assert_line(text, "gid 4242 4242");
	assert_line(text, "group 5");
	assert_line(text, "group 6");
	assert_int_equal(count_lines(text, "group "), 2);
	free(text);
	stage_close(&s);
}

static void launch_nicely(void)
{
	if (setpriority(PRIO_PROCESS, 0, 7) < 0)
		_exit(127);
}

static void expect_nice(const char *keys, const char *line)
{
	struct stage s;
	char *text;

	stage_prepare(&s, "[worker:w]\ncommand = %s\n%s", home_badworker(), keys);
	stage_start(&s, true, launch_nicely);
	text = inventory(&s);
	assert_line(text, line);
	free(text);
	stage_close(&s);
}

static void nice_is_what_was_asked_for_or_broods_own(void **state)
{
	(void)state;
	expect_nice("", "nice 7");
	if (geteuid() == 0) /* only root may take it back */
		expect_nice("nice = 0\n", "nice 0");
}

static void an_unknown_user_is_an_error_of_the_configuration(void **state)
{
	struct stage s;
	char *out;

	(void)state;
	stage_prepare(&s, "[worker:w]\ncommand = true\nuser = no-such-user\n");
	stage_start(&s, false, NULL);
	stage_await_exit(&s, 5000);
	assert_int_equal(s.exit_code, 78);
	assert_true(stage_has_log(&s, "brood.ini:3: error: [worker:w] user: "));
	assert_int_equal(stage_cli(&s, &out, NULL, "check", NULL), 78);
	free(out);
	stage_clean(&s);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(a_worker_finds_exactly_the_announced_list),
	cmocka_unit_test(a_channel_of_pipes_is_two_descriptors),
	cmocka_unit_test(keys_of_the_configuration_reach_the_process),
	cmocka_unit_test(a_worker_gets_the_old_descriptor_limit),
	cmocka_unit_test(a_worker_of_another_user_has_its_ids_and_no_others),
	cmocka_unit_test(a_group_of_its_own_takes_no_other_away),
	cmocka_unit_test(nice_is_what_was_asked_for_or_broods_own),
	cmocka_unit_test(an_unknown_user_is_an_error_of_the_configuration),
};

CHECK_MAIN(tests)
