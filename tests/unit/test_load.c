/*
 * config: what a file says arrives in the spec; what is wrong is told with its line, all of it at
 * once.
 */
#include "check.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "contract.h"
#include "fake.h"

static struct config *load(const char *text, enum config_result expected)
{
	enum config_result result;
	struct config *config = fake_load_text(text, strlen(text), &result);

	if (result != expected) {
		char *problems = fake_problems(config);

		print_error("%s", problems);
		free(problems);
		fail_msg("the result is %d", result);
	}
	return config;
}

static void a_whole_configuration_arrives(void **state)
{
	struct config *c = load("[brood]\n"
				"max_clients = 10\n"
				"[defaults]\n"
				"stop_timeout = 3s\n"
				"user = www-data\n"
				"[worker:thumbs]\n"
				"command = /usr/lib/shop/thumbs --quality 80\n"
				"instances = 8\n"
				"stop_signal = QUIT\n"
				"env = A=1, B=\"x, y\"\n"
				"limits = nofile=4096\n"
				"restart_limit = 5/10s\n"
				"no_restart_exit = 3, KILL\n"
				"[worker:log]\n"
				"command = cat\n"
				"channel = none\n"
				"stop_timeout = 4s\n"
				"user = none\n"
				"[endpoint:web]\n"
				"listen = unix:web.sock\n"
				"pool = thumbs\n"
				"mode = 0660\n"
				"group = shop\n"
				"allow = self, group:shop\n",
				CONFIG_OK);
	const struct worker_spec *thumbs = &c->spec.workers[0];
	const struct worker_spec *log = &c->spec.workers[1];
	const struct endpoint_spec *web = &c->spec.endpoints[0];

	(void)state;
	assert_int_equal(c->spec.brood.max_clients, 10);
	assert_int_equal(c->spec.brood.max_clients_per_uid, 256);
	assert_true(c->spec.brood.shutdown_timeout.ms == 25000);
	assert_int_equal(c->spec.worker_count, 2);
	assert_text("thumbs", thumbs->name);
	assert_int_equal(thumbs->command.argc, 3);
	assert_text("--quality", thumbs->command.argv[1]);
	assert_null(thumbs->command.argv[3]);
	assert_int_equal(thumbs->instances.most, 8);
	assert_int_equal(thumbs->stop_signal, SIGQUIT);
	assert_true(thumbs->stop_timeout.ms == 3000);
	assert_int_equal(thumbs->env.count, 2);
	assert_text("B=x, y", thumbs->env.entries[1]);
	assert_int_equal(thumbs->limits.limits[0].resource, RLIMIT_NOFILE);
	assert_true(thumbs->limits.limits[0].hard == 4096);
	assert_int_equal(thumbs->restart.limit.count, 5);
	assert_true(thumbs->restart.no_restart.codes[0] == 1 << 3);
	assert_true(thumbs->restart.no_restart.signals == 1 << (SIGKILL - 1));
	assert_int_equal(thumbs->ready.kind, READY_CHANNEL);
	assert_int_equal(thumbs->user.uid, 33);
	assert_text("/home", thumbs->user.home);
	assert_false(thumbs->groups.is_set);
	assert_int_equal(thumbs->groups.count, 2);
	assert_int_equal(thumbs->groups.gids[1], 44);
	assert_int_equal(log->ready.kind, READY_ALIVE);
	assert_true(log->ready.alive.ms == 1000);
	assert_true(log->stop_timeout.ms == 4000);
	assert_false(log->user.is_set);
	assert_null(log->cwd);
	assert_int_equal(log->umask.bits, 022);
	assert_int_equal(web->pool, 0);
	assert_text("web.sock", web->listen.path);
	assert_int_equal(web->mode.bits, 0660);
	assert_int_equal(web->group.gid, 50);
	assert_int_equal(web->allow.count, 2);
	assert_int_equal(web->allow.rules[1].kind, PEER_GID);
	assert_int_equal(web->allow.rules[1].id, 50);
	config_close(c);
}

static void check_origin(const struct config *c, enum key_section section, const char *name,
			 size_t index, unsigned line)
{
	const struct place place = config_origin(c, key_find(section, name), index);

	assert_int_equal(place.line, line);
	assert_int_equal(place.file != NULL, line != 0);
}

static void each_value_has_its_origin(void **state)
{
	struct config *c = load("[defaults]\nqueue = 5\nnice = 3\n"
				"[worker:a]\ncommand = x\nnice = 1\n"
				"[worker:b]\ncommand = x\n",
				CONFIG_OK);

	(void)state;
	check_origin(c, KEY_worker, "queue", 0, 2);
	check_origin(c, KEY_worker, "nice", 0, 6);
	check_origin(c, KEY_worker, "nice", 1, 3);
	check_origin(c, KEY_worker, "command", 1, 8);
	check_origin(c, KEY_worker, "slots", 0, 0);
	check_origin(c, KEY_brood, "max_clients", 0, 0);
	assert_int_equal(config_section_place(c, KEY_worker, 1).line, 7);
	assert_null(config_section_place(c, KEY_brood, 0).file);
	config_close(c);
}

static void ten_mistakes_in_one_file_are_ten_messages(void **state)
{
	struct config *c = load("[worker:echo]\n"
				"commnd = /bin/echo\n"
				"  queue = 5\n"
				"[worker:thumbs]\n"
				"command = sh -c \"x\n"
				"start_timeout = 30\n"
				"slots = 200\n"
				"slots = 20\n"
				"restart_delay = 1m\n"
				"[worker:thumbs]\n"
				"[wroker:x]\n"
				"queue = never looked at\n"
				"[endpoint:web]\n"
				"listen = tcp:80\n"
				"pool = thumb\n"
				"allow = everyone\n",
				CONFIG_INVALID);
	char *problems = fake_problems(c);

	(void)state;
	assert_text(
		"brood.ini:2: error: [worker:echo] unknown key 'commnd', did you mean 'command'?\n"
		"brood.ini:3: error: indented line: begin it in the first column, or join it to "
		"the line "
		"before\n"
		"brood.ini:5: error: [worker:thumbs] command: a \" is never closed\n"
		"brood.ini:6: error: [worker:thumbs] start_timeout: '30' has no unit, write 30s\n"
		"brood.ini:7: error: [worker:thumbs] slots: '200' is above 126\n"
		"brood.ini:8: error: [worker:thumbs] duplicate key 'slots', first at brood.ini:7\n"
		"brood.ini:9: error: [worker:thumbs] restart_delay = 1m is longer than "
		"restart_delay_max = 30s (default)\n"
		"brood.ini:10: error: duplicate section [worker:thumbs], first at brood.ini:4\n"
		"brood.ini:11: error: unknown section [wroker:x], did you mean [worker:x]?\n"
		"brood.ini:14: error: [endpoint:web] listen: 'tcp:80' is not supported yet, only "
		"unix:PATH is\n"
		"brood.ini:15: error: [endpoint:web] pool: no worker is named 'thumb', did you "
		"mean "
		"'thumbs'?\n"
		"brood.ini:16: error: [endpoint:web] allow: 'everyone' is not self, root, uid:N, "
		"user:NAME, gid:N or group:NAME\n"
		"12 errors\n",
		problems);
	free(problems);
	config_close(c);
}

static void templates_cannot_break_out_of_a_value(void **state)
{
	/* X14: what a careless template makes of a hostile value */
	static const char *const hostile[] = {
		"x\n[worker:evil]\ncommand = /bin/sh",
		"x\nuser = root",
		"x\ncommand = /bin/sh",
		"x\r[worker:evil]",
		"x\n  user = root",
		"x\"\nuser = root",
		"\nuser = root",
	};
	static const char *const harmless[] = {"]",           "x]", "[worker:evil]", "a;b", "=",
					       "user = root", "#",  "x=y:z",         ":"};
	char text[256];
	enum config_result result;

	(void)state;
	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		struct config *c;

		snprintf(text, sizeof(text),
			 "[worker:a]\nuser = alice\ncommand = \"%s\"\n[worker:b]\ncommand = true\n",
			 hostile[i]);
		c = fake_load_text(text, strlen(text), &result);
		assert_int_equal(result, CONFIG_INVALID);
		config_close(c);
	}
	for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++) {
		struct config *c;

		snprintf(text, sizeof(text), "[worker:a]\ncommand = x \"%s\"\n", harmless[i]);
		c = load(text, CONFIG_OK);
		assert_int_equal(c->spec.worker_count, 1);
		assert_int_equal(c->spec.workers[0].command.argc, 2);
		assert_text(harmless[i], c->spec.workers[0].command.argv[1]);
		config_close(c);
	}
}

/* K5: nothing that is not plainly a user becomes one. */
static void odd_users_start_nothing(void **state)
{
	static const char *const users[] = {
		"0day", "0x0", "-1",       "4294967295", "",   "www", "a:b",
		"+0",   "00",  "\"root\"", "root,alice", "0 ", "'0'", "18446744073709551616"};
	static const char *const keys[] = {"user", "group", "groups"};
	enum config_result result;

	(void)state;
	for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
		for (size_t k = 0; k < 3; k++) {
			const bool is_list = k == 2; /* quotes, commas: fine in a list */
			char text[128];
			struct config *c;

			if (strcmp(users[i], "0 ") == 0 || (is_list && strpbrk(users[i], "\"',")))
				continue; /* the blank is cut, that is root */
			snprintf(text, sizeof(text), "[worker:a]\ncommand = x\n%s = %s\n", keys[k],
				 users[i]);
			c = fake_load_text(text, strlen(text), &result);
			assert_int_equal(result, CONFIG_INVALID);
			assert_int_equal(c->problems.count[PROBLEM_ERROR], 1);
			assert_int_equal(c->problems.kept[PROBLEM_ERROR][0].place.line, 3);
			config_close(c);
		}
	}
}

static void check_groups(const struct worker_spec *w, bool is_set, unsigned first, size_t count)
{
	assert_int_equal(w->groups.is_set, is_set);
	assert_int_equal(w->groups.count, count);
	if (count > 0)
		assert_int_equal(w->groups.gids[0], first);
}

static void groups_are_those_of_the_user_unless_named(void **state)
{
	struct config *c = load("[defaults]\nuser = www-data\ncommand = x\n"
				"[worker:a]\n"
				"[worker:b]\n"
				"[worker:c]\ngroup = shop\n"
				"[worker:d]\ngroup = shop\n"
				"[worker:e]\nuser = alice\n"
				"[worker:f]\ngroups = audio\n"
				"[worker:g]\n"
				"[worker:h]\ngroups = none\n"
				"[worker:i]\nuser = none\n"
				"[worker:j]\nuser = 4000\ngroup = 4000\n",
				CONFIG_OK);
	const struct worker_spec *w = c->spec.workers;

	(void)state;
	check_groups(&w[0], false, 33, 2);
	check_groups(&w[1], false, 33, 2);
	check_groups(&w[2], false, 50, 2);
	check_groups(&w[3], false, 50, 2);
	check_groups(&w[4], false, 1000, 2);
	check_groups(&w[5], true, 44, 1);
	check_groups(&w[6], false, 33, 2);
	check_groups(&w[7], true, 0, 0);
	check_groups(&w[8], false, 0, 0);
	check_groups(&w[9], false, 0, 0);
	assert_null(w[9].user.name);
	assert_int_equal(w[9].user.uid, 4000);
	config_close(c);
}

/* Numbers that other layers have in their headers. */
static void limits_are_those_of_the_contract(void **state)
{
	static const struct {
		enum key_section section;
		const char *key;
		uint64_t least;
		uint64_t most;
		uint64_t preset;
	} cases[] = {
		{KEY_worker, "slots", 1, BROOD_MAX_SLOTS, 0},
		{KEY_endpoint, "max_frame", BROOD_MAX_FRAME_LEAST, BROOD_MAX_FRAME_MOST,
		 BROOD_MAX_FRAME},
		{KEY_endpoint, "max_message", 1024, BROOD_MAX_MESSAGE_MOST, BROOD_MAX_MESSAGE},
		{KEY_endpoint, "handshake_timeout", 100, 3600000, BROOD_HANDSHAKE_MS},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct key *key = key_find(cases[i].section, cases[i].key);
		const char *const texts[] = {key->least, key->most, key->preset};
		const uint64_t expected[] = {cases[i].least, cases[i].most, cases[i].preset};

		for (int n = 0; n < 3; n++) {
			struct value_reader reader = {.arena = NULL};
			uint64_t field = 0;
			int64_t number = 0;

			assert_true(value_read(&reader, key->type, texts[n], &field));
			(void)!value_number(key->type, &field, &number);
			assert_int_equal(number, expected[n]);
		}
	}
}

static void no_default_contradicts_another(void **state)
{
	struct config *c = load(
		"[worker:a]\ncommand = x\n[endpoint:e]\nlisten = unix:e\npool = a\n", CONFIG_OK);

	(void)state;
	assert_int_equal(c->problems.count[PROBLEM_WARNING], 0);
	config_close(c);
}

/* What the table's helpers rely on. */
static void rows_of_a_section_stand_together(void **state)
{
	(void)state;
	for (int section = 0; section < KEY_SECTIONS; section++) {
		for (size_t i = 0; i < key_count((enum key_section)section); i++) {
			const struct key *key = key_at((enum key_section)section, i);

			assert_int_equal(key->section, section);
			assert_int_equal(key_index(key), i);
			assert_ptr_equal(key_find((enum key_section)section, key->name), key);
			assert_true(strlen(key->doc) > 10);
			assert_int_equal(key->doc[strlen(key->doc) - 1], '.');
		}
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(rows_of_a_section_stand_together),
	cmocka_unit_test(no_default_contradicts_another),
	cmocka_unit_test(limits_are_those_of_the_contract),
	cmocka_unit_test(groups_are_those_of_the_user_unless_named),
	cmocka_unit_test(a_whole_configuration_arrives),
	cmocka_unit_test(each_value_has_its_origin),
	cmocka_unit_test(ten_mistakes_in_one_file_are_ten_messages),
	cmocka_unit_test(templates_cannot_break_out_of_a_value),
	cmocka_unit_test(odd_users_start_nothing),
};

CHECK_MAIN(tests)
