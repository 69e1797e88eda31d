/*
 * show, explain: what counts is printed, and what is printed without origins reads as the same
 * configuration.
 */
#include "check.h"

#include <stdlib.h>

#include "explain.h"
#include "fake.h"
#include "show.h"

static const char rich[] = "[brood]\n"
			   "max_partial = 3000000\n"
			   "[defaults]\n"
			   "user = www-data\n"
			   "env = FROM=defaults\n"
			   "[worker:a]\n"
			   "command = sh -c \"echo 'it''s'; \\\"x\\\\\" ${WORKER} '' a,b\n"
			   "cwd = \"/srv/my app\"\n"
			   "umask = 7\n"
			   "user = alice\n"
			   "group = 777\n"
			   "groups = none\n"
			   "env = A=\"1, 2\", B='\"', C=\"\\\"'\", D= , E=a b\n"
			   "env_base = clean\n"
			   "limits = nofile=1K:infinity, core=0\n"
			   "nice = -5\n"
			   "instances = 3\n"
			   "autostart = off\n"
			   "channel = pipes\n"
			   "ready = alive:1500ms\n"
			   "stop_signal = RTMIN+3\n"
			   "restart = on-failure\n"
			   "restart_jitter = 0%\n"
			   "success_exit = none\n"
			   "no_restart_exit = 255, 0, 64, SIGKILL, RTMAX\n"
			   "restart_limit = 3/1m\n"
			   "slots = 126\n"
			   "stop_timeout = none\n"
			   "[worker:b]\n"
			   "command = \"/opt/a b/x\" \\d+ \"#\" 'a;b' $$HOME\n"
			   "channel = none\n"
			   "env = none\n"
			   "user = 4000\n"
			   "group = shop\n"
			   "groups = shop, 33\n"
			   "[endpoint:e]\n"
			   "listen = \"unix:/run/my app/e.sock\"\n"
			   "pool = a\n"
			   "mode = 666\n"
			   "user = 33\n"
			   "group = 777\n"
			   "allow = root, user:alice, gid:50\n";

static struct config *load(const char *text)
{
	enum config_result result;
	struct config *config = fake_load_text(text, strlen(text), &result);

	if (result != CONFIG_OK) {
		char *problems = fake_problems(config);

		print_error("%s%s", text, problems);
		free(problems);
		fail_msg("the result is %d", result);
	}
	return config;
}

static bool same_words(char *const *a, size_t a_count, char *const *b, size_t b_count)
{
	if (a_count != b_count)
		return false;
	for (size_t i = 0; i < a_count; i++) {
		if (strcmp(a[i], b[i]) != 0)
			return false;
	}
	return true;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_workers(const struct worker_spec *a, const struct worker_spec *b)
{
	return same_text(a->name, b->name) &&
	       same_words(a->command.argv, a->command.argc, b->command.argv, b->command.argc) &&
	       same_text(a->cwd, b->cwd) && a->umask.bits == b->umask.bits &&
	       a->user.is_set == b->user.is_set && a->user.uid == b->user.uid &&
	       a->user.gid == b->user.gid && same_text(a->user.name, b->user.name) &&
	       a->group.is_set == b->group.is_set && a->group.gid == b->group.gid &&
	       a->groups.is_set == b->groups.is_set && a->groups.count == b->groups.count &&
	       (a->groups.count == 0 ||
		memcmp(a->groups.gids, b->groups.gids, a->groups.count * sizeof(unsigned)) == 0) &&
	       same_words(a->env.entries, a->env.count, b->env.entries, b->env.count) &&
	       a->env_base == b->env_base && a->limits.count == b->limits.count &&
	       a->nice == b->nice && a->instances.least == b->instances.least &&
	       a->instances.most == b->instances.most && a->autostart == b->autostart &&
	       a->channel == b->channel && a->ready.kind == b->ready.kind &&
	       a->ready.alive.ms == b->ready.alive.ms && a->stop_signal == b->stop_signal &&
	       a->stop_timeout.ms == b->stop_timeout.ms && a->restart.when == b->restart.when &&
	       a->restart.jitter == b->restart.jitter &&
	       memcmp(&a->restart.success, &b->restart.success, sizeof(a->restart.success)) == 0 &&
	       memcmp(&a->restart.no_restart, &b->restart.no_restart, sizeof(a->restart.success)) ==
		       0 &&
	       a->restart.limit.count == b->restart.limit.count &&
	       a->restart.limit.within.ms == b->restart.limit.within.ms && a->slots == b->slots;
}

static bool same_limits(const struct limit_list *a, const struct limit_list *b)
{
	for (size_t i = 0; i < a->count; i++) {
		if (a->limits[i].resource != b->limits[i].resource ||
		    a->limits[i].soft != b->limits[i].soft ||
		    a->limits[i].hard != b->limits[i].hard)
			return false;
	}
	return true;
}

static bool same_endpoints(const struct endpoint_spec *a, const struct endpoint_spec *b)
{
	return same_text(a->name, b->name) && same_text(a->listen.path, b->listen.path) &&
	       a->pool == b->pool && a->mode.bits == b->mode.bits && a->user.uid == b->user.uid &&
	       a->group.gid == b->group.gid && a->allow.count == b->allow.count &&
	       memcmp(a->allow.rules, b->allow.rules, a->allow.count * sizeof(a->allow.rules[0])) ==
		       0 &&
	       a->max_message.bytes == b->max_message.bytes &&
	       a->handshake_timeout.ms == b->handshake_timeout.ms;
}

static void what_is_shown_reads_as_the_same(void **state)
{
	struct config *first = load(rich);
	char *shown = fake_show(first, NULL, false);
	struct config *second = load(shown);
	char *again = fake_show(second, NULL, false);

	(void)state;
	assert_text(shown, again);
	assert_int_equal(first->spec.worker_count, second->spec.worker_count);
	for (size_t i = 0; i < first->spec.worker_count; i++) {
		assert_true(same_workers(&first->spec.workers[i], &second->spec.workers[i]));
		assert_true(same_limits(&first->spec.workers[i].limits,
					&second->spec.workers[i].limits));
	}
	assert_true(same_endpoints(&first->spec.endpoints[0], &second->spec.endpoints[0]));
	assert_true(first->spec.brood.max_partial.bytes == second->spec.brood.max_partial.bytes);
	free(again);
	free(shown);
	config_close(second);
	config_close(first);
}

static void quoting_is_as_plain_as_it_can_be(void **state)
{
	struct config *config = load(rich);
	char *shown = fake_show(config, NULL, false);

	(void)state;
	assert_non_null(strstr(
		shown, "\ncommand = sh -c \"echo 'it''s'; \\\"x\\\\\" ${WORKER} \"\" \"a,b\"\n"));
	assert_non_null(strstr(shown, "\ncommand = \"/opt/a b/x\" '\\d+' \"#\" \"a;b\" $$HOME\n"));
	assert_non_null(strstr(shown, "\nenv = \"A=1, 2\", 'B=\"', \"C=\\\"'\", D=, \"E=a b\"\n"));
	assert_non_null(strstr(shown, "\nno_restart_exit = 0, 64, 255, KILL, RTMIN+30\n"));
	assert_non_null(strstr(shown, "\nallow = root, uid:1000, gid:50\n"));
	assert_non_null(strstr(shown, "\nready = alive:1500ms\n"));
	free(shown);
	config_close(config);
}

static void origins_stand_behind_the_values(void **state)
{
	static const char *const expected[] = {
		"[brood]\n# include =    # default\nmax_clients = 1024    # default\n",
		"\nmax_partial = 3000000    # brood.ini:2\n",
		"\n\n[worker:a]\n",
		"\ngroup = 777    # brood.ini:11\n",
		"\nuser = alice    # brood.ini:10\n",
		"\nenv = FROM=defaults    # brood.ini:5\n",
		"\n# cwd =    # default\n",
		"\nready = channel    # default\n",
		"\n\n[endpoint:e]\nlisten = unix:e    # brood.ini:18\n",
	};
	struct config *config = load("[brood]\n"
				     "max_partial = 3000000\n"
				     "[defaults]\n"
				     "user = www-data\n"
				     "env = FROM=defaults\n"
				     "[worker:a]\n"
				     "command = x\n"
				     "\n"
				     "\n"
				     "user = alice\n"
				     "group = 777\n"
				     "groups = none\n"
				     "[worker:b]\n"
				     "command = y\n"
				     "\n"
				     "\n"
				     "[endpoint:e]\n"
				     "listen = unix:e\n"
				     "pool = a\n");
	char *shown = fake_show(config, NULL, true);

	(void)state;
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		if (!strstr(shown, expected[i]))
			fail_msg("missing: %s in:\n%s", expected[i], shown);
	}
	free(shown);
	config_close(config);
}

static void one_section_is_shown_by_its_name(void **state)
{
	struct config *config = load("[worker:web]\ncommand = x\n[worker:db]\ncommand = y\n"
				     "[endpoint:web]\nlisten = unix:e\npool = web\n");
	const struct writer nowhere = writer_to_nowhere();
	char *shown = fake_show(config, "web", false);

	(void)state;
	assert_memory_equal(shown, "[worker:web]\ncommand = x\n", 25);
	assert_non_null(strstr(shown, "\n\n[endpoint:web]\nlisten = unix:e\npool = web\n"));
	assert_null(strstr(shown, "[worker:db]"));
	assert_int_equal(show_config(config, "web", false, &nowhere), 2);
	assert_int_equal(show_config(config, "brood", false, &nowhere), 1);
	assert_int_equal(show_config(config, "wbe", false, &nowhere), 0);
	assert_text("web", show_nearest(config, "wbe"));
	assert_null(show_nearest(config, "xyzzy"));
	free(shown);
	config_close(config);
}

static void included_files_are_shown_as_a_comment(void **state)
{
	static const struct fake_file files[] = {
		{.path = "brood.ini", .bytes = "[brood]\ninclude = x.conf, *.none\n"},
		{.path = "x.conf", .bytes = "[worker:a]\ncommand = x\n"}};
	struct fake fake = {.files = files, .count = 2};
	enum config_result result;
	struct config *config = fake_load(&fake, &result);
	char *shown = fake_show(config, NULL, true);

	(void)state;
	assert_int_equal(result, CONFIG_OK);
	assert_memory_equal(shown, "[brood]\n# include = x.conf, *.none    # brood.ini:2\n", 51);
	assert_non_null(strstr(shown, "\n[worker:a]\ncommand = x    # x.conf:2\n"));
	free(shown);
	config_close(config);
}

static void a_key_is_explained(void **state)
{
	struct fake_text text;
	struct writer w = fake_writer(&text);

	(void)state;
	assert_true(explain_key("restart_delay", &w));
	assert_text(
		"restart_delay, in [worker:NAME] or [defaults]\n"
		"  First delay before a restart; doubles up to restart_delay_max. The first end\n"
		"  after a healthy run restarts at once.\n"
		"  type      a time with its unit: 250ms 10s 5m 24h\n"
		"  default   250ms\n"
		"  limits    0ms to 1h\n"
		"  a change  takes effect with the next start of brood\n",
		text.text);
	free(text.text);
	w = fake_writer(&text);
	assert_true(explain_key("user", &w));
	assert_non_null(strstr(text.text, "user, in [worker:NAME] or [defaults]\n"));
	assert_non_null(strstr(text.text, "  default   none\n  a change  takes effect with the next start of brood\n\n"
					  "user, in [endpoint:NAME]\n"));
	assert_non_null(strstr(text.text, "  a change  takes effect with the next start of brood\n"));
	free(text.text);
	w = fake_writer(&text);
	assert_true(explain_key("command", &w));
	assert_non_null(strstr(text.text, "  default   none, it must be given\n"));
	free(text.text);
	w = writer_to_nowhere();
	assert_false(explain_key("commnd", &w));
	assert_text("command", explain_nearest("commnd"));
	assert_text("cwd", explain_nearest("directory"));
	assert_null(explain_nearest("xyzzy"));
}

static void text_is_wrapped_at_blanks(void **state)
{
	struct fake_text text;
	const struct writer w = fake_writer(&text);

	(void)state;
	writer_wrap(&w, "# ", "one two three", 9);
	writer_wrap(&w, "# ", "muchtoolongaword and more", 9);
	writer_wrap(&w, "# ", "muchtoolongaword", 1);
	writer_wrap(&w, "# ", "", 9);
	assert_text("# one two\n# three\n# muchtoolongaword\n# and\n# more\n# muchtoolongaword\n",
		    text.text);
	free(text.text);
}

static void a_file_takes_what_is_written(void **state)
{
	FILE *file = tmpfile();
	const struct writer w = writer_to_file(file);
	char line[32];

	(void)state;
	writer_print(&w, "%d %s\n", 1, "one");
	rewind(file);
	assert_non_null(fgets(line, sizeof(line), file));
	assert_text("1 one\n", line);
	fclose(file);
}

static void long_prints_are_cut(void **state)
{
	struct fake_text text;
	const struct writer w = fake_writer(&text);

	(void)state;
	writer_print(&w, "%*d", WRITER_PRINT_MOST + 100, 1);
	assert_int_equal(text.size, WRITER_PRINT_MOST);
	free(text.text);
}

/* Takes the comment marks off, and gives the keys that must be given a value. */
static char *uncomment(const char *sample)
{
	struct fake_text text;
	const struct writer w = fake_writer(&text);

	for (const char *line = sample; *line != '\0'; line = strchr(line, '\n') + 1) {
		const size_t size = (size_t)(strchr(line, '\n') - line);
		const bool is_empty = size > 1 && line[size - 1] == '=';

		if (line[0] != '#' || line[1] == ' ' || size == 1) {
			writer_put(&w, line, size + 1);
		} else if (strncmp(line, "#[worker:", 9) == 0) {
			writer_text(&w, "[worker:name]\n");
		} else if (strncmp(line, "#[endpoint:", 11) == 0) {
			writer_text(&w, "[endpoint:name]\n");
		} else if (!is_empty) {
			writer_put(&w, line + 1, size);
		} else if (strncmp(line, "#command", 8) == 0 || strncmp(line, "#pool", 5) == 0) {
			writer_put(&w, line + 1, size - 1);
			writer_text(&w, " name\n");
		} else if (strncmp(line, "#listen", 7) == 0) {
			writer_text(&w, "listen = unix:x\n");
		}
	}
	return text.text;
}

static void the_sample_is_a_configuration(void **state)
{
	struct fake_text sample;
	const struct writer w = fake_writer(&sample);
	struct config *config;
	char *live;

	(void)state;
	explain_sample(&w);
	config = load(sample.text);
	assert_int_equal(config->spec.worker_count, 0);
	config_close(config);
	live = uncomment(sample.text);
	config = load(live);
	assert_int_equal(config->problems.count[PROBLEM_WARNING], 0);
	assert_int_equal(config->spec.worker_count, 1);
	assert_int_equal(config->spec.endpoint_count, 1);
	config_close(config);
	for (const char *c = sample.text; *c != '\0'; c = strchr(c, '\n') + 1)
		assert_true(strcspn(c, "\n") <= 100);
	free(live);
	free(sample.text);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(what_is_shown_reads_as_the_same),
	cmocka_unit_test(quoting_is_as_plain_as_it_can_be),
	cmocka_unit_test(origins_stand_behind_the_values),
	cmocka_unit_test(one_section_is_shown_by_its_name),
	cmocka_unit_test(included_files_are_shown_as_a_comment),
	cmocka_unit_test(a_key_is_explained),
	cmocka_unit_test(text_is_wrapped_at_blanks),
	cmocka_unit_test(a_file_takes_what_is_written),
	cmocka_unit_test(long_prints_are_cut),
	cmocka_unit_test(the_sample_is_a_configuration),
};

CHECK_MAIN(tests)
