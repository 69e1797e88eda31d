/* brood check, as people meet it: each mistake with file and line, and the same for whoever looks. */
#include "check.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stage.h"

static const char ten_mistakes[] = "[worker:one]\n"
				   "comand = true\n"
				   "instances = many\n"
				   "stop_timeout = 10parsecs\n"
				   "env = 1BAD=x\n"
				   "[worker:two]\n"
				   "instances = 2\n"
				   "[worker:three]\n"
				   "command = true\n"
				   "user = no-such-user\n"
				   "user = root\n"
				   "[endpoint:e]\n"
				   "listen = tcp:localhost:80\n"
				   "pool = four\n"
				   "[wroker:x]\n"
				   "command = true\n";

static const struct {
	int line;
	const char *text;
} expected[] = {
	{2, "[worker:one] unknown key 'comand', did you mean 'command'?"},
	{3, "[worker:one] instances: 'many' is not a whole number"},
	{4, "[worker:one] stop_timeout: '10parsecs' is not a time such as 250ms, 10s, 5m or 24h"},
	{5, "[worker:one] env: '1BAD=x' is not NAME=value"},
	{6, "[worker:two] has no command, which must be given"},
	{10, "[worker:three] user: no user is named 'no-such-user'"},
	{11, "[worker:three] duplicate key 'user', first at "},
	{13, "[endpoint:e] listen: 'tcp:localhost:80' is not supported yet, only unix:PATH is"},
	{14, "[endpoint:e] pool: no worker is named 'four', there is no section [worker:four]"},
	{15, "unknown section [wroker:x], did you mean [worker:x]?"},
};

static void ten_mistakes_are_ten_lines(void **state)
{
	char line[STAGE_PATH + 256];
	struct stage s;
	char *out;
	char *at;

	(void)state;
	stage_prepare(&s, "%s", ten_mistakes);
	assert_int_equal(stage_cli(&s, &out, NULL, "check", NULL), 78);
	at = out;
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		snprintf(line, sizeof(line), "%s:%d: error: %s", s.config, expected[i].line, expected[i].text);
		if (strncmp(at, line, strlen(line)) != 0)
			fail_msg("not \"%s\" but:\n%s", line, at);
		at = strchr(at, '\n') + 1;
	}
	assert_string_equal(at, "10 errors\n");
	free(out);
	stage_start(&s, false, NULL);
	stage_await_exit(&s, 5000);
	assert_int_equal(s.exit_code, 78);
	assert_true(stage_has_log(&s, "brood.ini:15: error: unknown section"));
	assert_true(stage_has_log(&s, "nothing was started"));
	stage_clean(&s);
}

static void a_file_of_root_is_checked_as_root_runs_it(void **state)
{
	const uid_t somebody = 65534;
	struct stage s;
	char *out;

	(void)state;
	if (geteuid() != 0)
		check_skip("needs root, to be somebody else");
	stage_prepare(&s, "[worker:w]\ncommand = true\nuser = daemon\n");
	assert_int_equal(chmod(s.config, 0644), 0);
	s.cli_user = somebody;
	assert_int_equal(stage_cli(&s, &out, NULL, "check", NULL), 0);
	free(out);
	assert_int_equal(chown(s.config, somebody, (gid_t)-1), 0);
	assert_int_equal(stage_cli(&s, &out, NULL, "check", NULL), 78);
	assert_non_null(strstr(out, "brood.ini:3: error: [worker:w] user = daemon: brood does not run as root"));
	free(out);
	stage_clean(&s);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(ten_mistakes_are_ten_lines),
	cmocka_unit_test(a_file_of_root_is_checked_as_root_runs_it),
};

CHECK_MAIN(tests)
