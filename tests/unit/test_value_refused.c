/* value: what is refused, with the sentence that people read. */
#include "check.h"

#include <stdlib.h>

#include "fake.h"
#include "key.h"

static const struct refusal {
	enum value_type type;
	const char *text;
	const char *problem;
} refusals[] = {
	{VALUE_count, "", "'' is not a whole number"},
	{VALUE_count, "-1", "'-1' is not a whole number"},
	{VALUE_count, "0x10", "'0x10' is not a whole number"},
	{VALUE_count, "1 2", "'1 2' is not a whole number"},
	{VALUE_count, "010", "'010' has a leading zero, write it without"},
	{VALUE_count, "4294967296", "'4294967296' is too large"},
	{VALUE_count, "99999999999999999999999999999999999999999999999999999999999999999",
	 "'999999999999999999999999999999999999999999999999999999999999...' is too large"},
	{VALUE_nice, "+5", "'+5' is not a whole number"},
	{VALUE_nice, "--5", "'-5' is not a whole number"},
	{VALUE_nice, "-2147483649", "'-2147483649' is too large"},
	{VALUE_percent, "10", "'10' has no unit, write 10%"},
	{VALUE_percent, "ten%", "'ten' is not a whole number"},
	{VALUE_percent, "100000000000000000000000%",
	 "'100000000000000000000000%' is not a whole number"},
	{VALUE_percent, "%", "'%' is not a whole number"},
	{VALUE_slots, "0", "'0' would mean no calls at all, write auto or a number"},
	{VALUE_slots, "many", "'many' is not a whole number"},
	{VALUE_duration, "30", "'30' has no unit, write 30s"},
	{VALUE_duration, "1.5s", "'1.5s' is not a time such as 250ms, 10s, 5m or 24h"},
	{VALUE_duration, "5 m", "'5 m' is not a time such as 250ms, 10s, 5m or 24h"},
	{VALUE_duration, "3d", "'3d' is not a time such as 250ms, 10s, 5m or 24h"},
	{VALUE_duration, "-1s", "'-1s' is not a time such as 250ms, 10s, 5m or 24h"},
	{VALUE_duration, "s", "'s' is not a time such as 250ms, 10s, 5m or 24h"},
	{VALUE_duration, "05s", "'05' has a leading zero, write it without"},
	{VALUE_duration, "9223372036854775808ms", "'9223372036854775808' is too large"},
	{VALUE_duration, "9223372036854775807s", "'9223372036854775807s' is too large"},
	{VALUE_duration, "18446744073709551615s", "'18446744073709551615' is too large"},
	{VALUE_duration, "18446744073709551616000s",
	 "'18446744073709551616000s' is not a time such as 250ms, 10s, 5m or 24h"},
	{VALUE_size, "64KB", "'64KB' is not a size such as 4096, 64K, 16M or 1G"},
	{VALUE_size, "64k", "'64k' is not a size such as 4096, 64K, 16M or 1G"},
	{VALUE_size, "9223372036854775807G", "'9223372036854775807G' is too large"},
	{VALUE_size, "9223372036854775808", "'9223372036854775808' is too large"},
	{VALUE_mode, "0999", "'0999' is not an octal mode such as 0660"},
	{VALUE_mode, "rw", "'rw' is not an octal mode such as 0660"},
	{VALUE_mode, "000777", "'000777' is not an octal mode such as 0660"},
	{VALUE_bool, "maybe", "'maybe' is not yes or no"},
	{VALUE_name, "Web", "name 'Web' may hold a-z, 0-9, _ and - only"},
	{VALUE_path, "\"\"", "the path is empty"},
	{VALUE_path, "\"/srv", "a \" is never closed"},
	{VALUE_path, "/srv/it's", "a ' is never closed"},
	{VALUE_path, "/a\\ b", "a \\ before a blank, a quote or a \\ must itself be in quotes"},
	{VALUE_listen, "web.sock", "'web.sock' is no address, write unix:web.sock"},
	{VALUE_listen, "\"", "a \" is never closed"},
	{VALUE_listen, "tcp:127.0.0.1:80",
	 "'tcp:127.0.0.1:80' is not supported yet, only unix:PATH is"},
	{VALUE_listen, "abstract:x", "'abstract:x' is not supported yet, only unix:PATH is"},
	{VALUE_listen, "fifo:x", "'fifo:x' is not supported yet, only unix:PATH is"},
	{VALUE_listen, "fd:x", "'fd:x' is not supported yet, only unix:PATH is"},
	{VALUE_listen, "unix:", "'unix:' does not name a socket, write unix:NAME.sock"},
	{VALUE_listen, "unix:.", "'unix:.' does not name a socket, write unix:NAME.sock"},
	{VALUE_listen, "unix:/", "'unix:/' does not name a socket, write unix:NAME.sock"},
	{VALUE_listen, "unix:/run/x/",
	 "'unix:/run/x/' does not name a socket, write unix:NAME.sock"},
	{VALUE_listen, "unix:admin.sock",
	 "'unix:admin.sock' is the place of something of brood's own, take another name"},
	{VALUE_listen, "unix:./lock", "'unix:./lock' is the place of something of brood's own, take another name"},
	{VALUE_listen, "unix:priv/e.sock",
	 "'unix:priv/e.sock' is the place of something of brood's own, take another name"},
	{VALUE_listen, "unix:a/../b", "'unix:a/../b' has a part '..', name the directory itself"},
	{VALUE_command, "\"\" x", "the program has no name"},
	{VALUE_command, "sh -c \"a", "a \" is never closed"},
	{VALUE_command, "sh -c 'a", "a ' is never closed"},
	{VALUE_command, "sh -c \"a\\", "a \" is never closed"},
	{VALUE_command, "x a\\ b", "a \\ before a blank, a quote or a \\ must itself be in quotes"},
	{VALUE_command, "x ${HOME}/bin",
	 "'${HOME}' is not known, only ${WORKER}, ${INSTANCE} and ${INSTANCE:02} are; write $$ for "
	 "a $"},
	{VALUE_command, "x ${INSTANCE:2}",
	 "'${INSTANCE:2}' is not known, only ${WORKER}, ${INSTANCE} and ${INSTANCE:02} are; "
	 "write $$ for a $"},
	{VALUE_env, "A", "'A' is not NAME=value"},
	{VALUE_env, "=x", "'=x' is not NAME=value"},
	{VALUE_env, "9A=x", "'9A=x' is not NAME=value"},
	{VALUE_env, "A-B=x", "'A-B=x' is not NAME=value"},
	{VALUE_env, "A=1,", "an item of the list is empty"},
	{VALUE_env, ",A=1", "an item of the list is empty"},
	{VALUE_env, "A=1, ,B=2", "an item of the list is empty"},
	{VALUE_env, "A=1, B=2, A=3", "'A' stands twice in the list"},
	{VALUE_env, "A=${X}",
	 "'${X}' is not known, only ${WORKER}, ${INSTANCE} and ${INSTANCE:02} are; write $$ for a "
	 "$"},
	{VALUE_env, "BROOD_CHANNEL=3", "BROOD_CHANNEL is set by brood itself"},
	{VALUE_env, "X=1, BROOD_GENERATION=", "BROOD_GENERATION is set by brood itself"},
	{VALUE_include, "conf.d/", "'conf.d/' does not name a file"},
	{VALUE_include, "\"\"", "'' does not name a file"},
	{VALUE_include, "a'", "a ' is never closed"},
	{VALUE_include, "*/x.ini", "'*/x.ini': * and ? may stand in the last part of a path only"},
	{VALUE_user, "", "the name of the user is missing"},
	{VALUE_user, "0day", "'0day' is neither the name of a user nor a plain number"},
	{VALUE_user, "0x0", "'0x0' is neither the name of a user nor a plain number"},
	{VALUE_user, "-1", "'-1' is neither the name of a user nor a plain number"},
	{VALUE_user, "+1", "'+1' is neither the name of a user nor a plain number"},
	{VALUE_user, "00", "'00' has a leading zero, write it without"},
	{VALUE_user, "www:data", "'www:data' is neither the name of a user nor a plain number"},
	{VALUE_user, "4294967295", "'4294967295' is no user number, the largest is 4294967294"},
	{VALUE_user, "18446744073709551616", "'18446744073709551616' is too large"},
	{VALUE_user, "www", "no user is named 'www'"},
	{VALUE_user, "broken", "cannot look up user 'broken': Input/output error"},
	{VALUE_user, "5555", "cannot look up user 5555: Input/output error"},
	{VALUE_group, "5555", "cannot look up group 5555: Input/output error"},
	{VALUE_group, "wheel", "no group is named 'wheel'"},
	{VALUE_group, "broken", "cannot look up group 'broken': Input/output error"},
	{VALUE_group, "0x0", "'0x0' is neither the name of a group nor a plain number"},
	{VALUE_group, "4294967295", "'4294967295' is no group number, the largest is 4294967294"},
	{VALUE_groups, "shop, wheel", "no group is named 'wheel'"},
	{VALUE_groups, "shop,", "an item of the list is empty"},
	{VALUE_groups, "-1", "'-1' is neither the name of a group nor a plain number"},
	{VALUE_allow, "everyone",
	 "'everyone' is not self, root, uid:N, user:NAME, gid:N or group:NAME"},
	{VALUE_callees, "a,", "an item of the list is empty"},
	{VALUE_callees, "a, b, a:direct", "'a' stands twice in the list"},
	{VALUE_callees, "a:relayed", "'a:relayed' is neither NAME nor NAME:direct"},
	{VALUE_callees, "a:direct:direct", "'a:direct:direct' is neither NAME nor NAME:direct"},
	{VALUE_callees, "A", "name 'A' may hold a-z, 0-9, _ and - only"},
	{VALUE_callees, ":direct", "a name is missing"},
	{VALUE_allow, "self,", "an item of the list is empty"},
	{VALUE_allow, "none", "'none' is not self, root, uid:N, user:NAME, gid:N or group:NAME"},
	{VALUE_allow, "uid:-1", "'-1' is not a whole number"},
	{VALUE_allow, "uid:", "'' is not a whole number"},
	{VALUE_allow, "uid:0x0", "'0x0' is not a whole number"},
	{VALUE_allow, "uid:4294967295",
	 "'4294967295' is no user number, the largest is 4294967294"},
	{VALUE_allow, "uid:65534",
	 "'uid:65534': 65534 stands for every user that the kernel cannot name, it is never "
	 "admitted"},
	{VALUE_allow, "user:nobody",
	 "'user:nobody': 65534 stands for every user that the kernel cannot name, it is never "
	 "admitted"},
	{VALUE_allow, "gid:65534",
	 "'gid:65534': 65534 stands for every group that the kernel cannot name, it is never "
	 "admitted"},
	{VALUE_allow, "group:nogroup",
	 "'group:nogroup': 65534 stands for every group that the kernel cannot name, it is never "
	 "admitted"},
	{VALUE_allow, "user:", "the name of the user is missing"},
	{VALUE_allow, "user:0day", "'0day' is neither the name of a user nor a plain number"},
	{VALUE_allow, "user:33", "'user:33' is a number, write uid:33"},
	{VALUE_allow, "group:33", "'group:33' is a number, write gid:33"},
	{VALUE_allow, "user:www", "no user is named 'www'"},
	{VALUE_allow, "user:broken", "cannot look up user 'broken': Input/output error"},
	{VALUE_allow, "group:wheel", "no group is named 'wheel'"},
	{VALUE_limits, "nofile", "'nofile' is not NAME=value, such as nofile=4096"},
	{VALUE_limits, "nofiles=1", "no limit is named 'nofiles', did you mean 'nofile'?"},
	{VALUE_limits, "happiness=1", "no limit is named 'happiness'"},
	{VALUE_limits, "nofile=", "'' is neither a number nor infinity"},
	{VALUE_limits, "nofile=many", "'many' is neither a number nor infinity"},
	{VALUE_limits, "as=1T", "'1T' is not a size such as 4096, 64K, 16M or 1G"},
	{VALUE_limits, "core=2:1", "core: the soft limit 2 is above the hard limit 1"},
	{VALUE_limits, "core=2:", "'' is neither a number nor infinity"},
	{VALUE_limits, "nofile:9=5", "no limit is named 'nofile:9', did you mean 'nofile'?"},
	{VALUE_limits, "core=1, core=2", "'core' stands twice in the list"},
	{VALUE_limits, "core=1,", "an item of the list is empty"},
	{VALUE_signal, "TREM", "'TREM' is no signal, did you mean 'TERM'?"},
	{VALUE_signal, "SIGTREM", "'SIGTREM' is no signal, did you mean 'TERM'?"},
	{VALUE_signal, "term", "'term' is no signal, did you mean 'TERM'?"},
	{VALUE_signal, "please", "'please' is no signal"},
	{VALUE_signal, "0", "'0' is no signal, they are 1 to 31 and 34 to 64"},
	{VALUE_signal, "32", "'32' is no signal, they are 1 to 31 and 34 to 64"},
	{VALUE_signal, "65", "'65' is no signal, they are 1 to 31 and 34 to 64"},
	{VALUE_signal, "RTMIN+31", "'RTMIN+31' is no signal"},
	{VALUE_signal, "RTMIN-1", "'RTMIN-1' is no signal"},
	{VALUE_signal, "RTMIN+x", "'RTMIN+x' is no signal"},
	{VALUE_exits, "256", "'256' is above 255, the largest exit code"},
	{VALUE_exits, "0, TREM", "'TREM' is no exit code or signal name, did you mean 'TERM'?"},
	{VALUE_signal, "RTMIN+100", "'RTMIN+100' is no signal"},
	{VALUE_signal, "015", "'015' has a leading zero, write it without"},
	{VALUE_exits, "-1", "'-1' is no exit code or signal name"},
	{VALUE_exits, "0,", "an item of the list is empty"},
	{VALUE_exits, "00", "'00' has a leading zero, write it without"},
	{VALUE_restart_limit, "5", "'5' is not COUNT/TIME such as 5/10s, or none"},
	{VALUE_restart_limit, "/10s", "'/10s' is not COUNT/TIME such as 5/10s, or none"},
	{VALUE_restart_limit, "100000000/10s",
	 "'100000000/10s' is not COUNT/TIME such as 5/10s, or none"},
	{VALUE_restart_limit, "33/10s", "'33' restarts: the number must be 1 to 32"},
	{VALUE_restart_limit, "0/10s", "'0' restarts: the number must be 1 to 32"},
	{VALUE_restart_limit, "x/10s", "'x' is not a whole number"},
	{VALUE_restart_limit, "5/10", "'10' has no unit, write 10s"},
	{VALUE_restart_limit, "5/0",
	 "'5/0' has no time to count restarts in, write one like 5/10s"},
	{VALUE_restart_limit, "5/25h", "'25h' is above 24h"},
	{VALUE_ready_rule, "soon", "'soon' is not auto, channel or alive:TIME"},
	{VALUE_ready_rule, "alive:", "'alive:' is not auto, channel or alive:TIME"},
	{VALUE_ready_rule, "alive:5", "'5' has no unit, write 5s"},
	{VALUE_ready_rule, "alive:25h", "'25h' is above 24h"},
	{VALUE_restart_when, "sometimes", "'sometimes' is not always, on-failure or never"},
	{VALUE_channel_kind, "socket", "'socket' is not socketpair, pipes or none"},
	{VALUE_instances, "0",
	 "'0' would mean no process at all; 0..1 starts it on the first call, autostart = no not before `brood start`"},
	{VALUE_instances, "0..0",
	 "'0..0' would mean no process at all; 0..1 starts it on the first call, autostart = no not before `brood "
	 "start`"},
	{VALUE_instances, "8..2", "'8..2' ends below its beginning: 2 is less than 8"},
	{VALUE_instances, "7..cpus", "'7..cpus' ends below its beginning: 6 is less than 7"},
	{VALUE_instances, "1025", "'1025' is above 1024"},
	{VALUE_instances, "2..", "'' is not a whole number"},
	{VALUE_instances, "..2", "'' is not a whole number"},
	{VALUE_instances, "2..4..8", "'4..8' is not a whole number"},
	{VALUE_instances, "-1", "'-1' is not a whole number"},
	{VALUE_instances, "999999999999999999999..2",
	 "'999999999999999999999..2' is not a whole number, a range (2..8), or cpus for either"},
	{VALUE_dispatch_kind, "all", "'all' is not request, sticky or connection"},
	{VALUE_update_kind, "both", "'both' is not replace or overlap"},
	{VALUE_keep_kind, "maybe", "'maybe' is not restart, no or yes"},
	{VALUE_env_base, "dirty", "'dirty' is not inherit or clean"},
	{VALUE_bodies_kind, "move", "'move' is not own, share or copy"},
	{VALUE_overflow_kind, "drop", "'drop' is not pause or reject"},
	{VALUE_redeliver_kind, "yes", "'yes' is not safe, always or never"},
	{VALUE_framing_kind, "grpc", "'grpc' is not brood"},
};

static void set_up(struct value_reader *reader, struct arena *arena, struct world *world)
{
	static struct fake fake;

	*world = fake_world(&fake);
	arena_open(arena, 1 << 20);
	*reader = (struct value_reader){.arena = arena, .world = world};
}

static void each_refusal_says_why(void **state)
{
	struct value_reader reader;
	struct arena arena;
	struct world world;

	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		struct allow_list room[4] = {{0}};

		set_up(&reader, &arena, &world);
		if (value_read(&reader, refusals[i].type, refusals[i].text, room))
			fail_msg("'%s' was read", refusals[i].text);
		assert_text(refusals[i].problem, reader.problem);
		arena_close(&arena);
	}
}

static void check_refused(enum value_type type, const char *text, const char *problem)
{
	struct value_reader reader;
	struct allow_list room[4] = {{0}};
	struct arena arena;
	struct world world;

	set_up(&reader, &arena, &world);
	assert_false(value_read(&reader, type, text, room));
	assert_text(problem, reader.problem);
	arena_close(&arena);
}

static void a_socket_path_has_107_bytes(void **state)
{
	struct value_reader reader;
	struct arena arena;
	struct world world;
	struct address address = {0};
	char text[128] = "unix:/";

	(void)state;
	memset(text + 6, 'a', 107);
	text[5 + 107] = '\0';
	set_up(&reader, &arena, &world);
	assert_true(value_read(&reader, VALUE_listen, text, &address));
	assert_int_equal(strlen(address.path), 107);
	arena_close(&arena);
	text[5 + 107] = 'a';
	check_refused(VALUE_listen, text, "path is 108 bytes, a socket path holds at most 107");
}

static void addresses_are_compared_without_needless_parts(void **state)
{
	struct value_reader reader;
	struct arena arena;
	struct world world;
	struct address address = {0};

	(void)state;
	set_up(&reader, &arena, &world);
	assert_true(value_read(&reader, VALUE_listen, "unix:/run//./x/.//a.sock", &address));
	assert_text("/run/x/a.sock", address.path);
	assert_text("unix:/run//./x/.//a.sock", address.text);
	assert_true(value_read(&reader, VALUE_listen, "unix:./a.sock", &address));
	assert_text("a.sock", address.path);
	arena_close(&arena);
}

static void long_things_are_refused_by_their_limits(void **state)
{
	char text[6000];

	(void)state;
	memset(text, 'a', 5000);
	text[5000] = '\0';
	check_refused(VALUE_path, text, "path is 5000 bytes, at most 4095 are allowed");
	check_refused(VALUE_include, text, "path is 5000 bytes, at most 4095 are allowed");
	check_refused(VALUE_user, text,
		      "the name of the user is 5000 bytes, at most 256 are allowed");
	check_refused(VALUE_group, text,
		      "the name of the group is 5000 bytes, at most 256 are allowed");
	for (int i = 0; i < 1025; i++)
		memcpy(text + 2 * i, i < 1024 ? "a," : "a", 2);
	check_refused(VALUE_exits, text, "more than 1024 words or items");
}

/* The limits of keys.def, at both ends. */
static void values_beyond_their_limits_name_both_numbers(void **state)
{
	static const struct {
		enum key_section section;
		const char *key;
		const char *text;
		const char *problem; /* NULL: allowed */
	} cases[] = {
		{KEY_worker, "slots", "200", "'200' is above 126"},
		{KEY_worker, "slots", "126", NULL},
		{KEY_worker, "slots", "auto", NULL},
		{KEY_worker, "nice", "-21", "'-21' is below -20"},
		{KEY_worker, "nice", "-20", NULL},
		{KEY_worker, "nice", "20", "'20' is above 19"},
		{KEY_worker, "queue", "none", "'none' is below 1"},
		{KEY_worker, "start_retries", "none", NULL},
		{KEY_worker, "start_timeout", "9ms", "'9ms' is below 10ms"},
		{KEY_worker, "start_timeout", "0", "'0' is below 10ms"},
		{KEY_worker, "start_timeout", "24h", NULL},
		{KEY_worker, "start_timeout", "86400001ms", "'86400001ms' is above 24h"},
		{KEY_worker, "stop_timeout", "0", NULL},
		{KEY_worker, "restart_jitter", "101%", "'101%' is above 100%"},
		{KEY_worker, "umask", "1000", "'1000' is above 777"},
		{KEY_worker, "queue_bytes", "4095", "'4095' is below 4K"},
		{KEY_endpoint, "mode", "01777", "'01777' is above 0777"},
		{KEY_endpoint, "max_frame", "17M", "'17M' is above 16M"},
		{KEY_brood, "max_clients", "65537", "'65537' is above 65536"},
		{KEY_brood, "max_clients", "", "the value is missing"},
	};
	struct config_spec spec;
	struct worker_spec worker;
	struct endpoint_spec endpoint;
	void *const specs[] = {&spec.brood, &worker, &endpoint};
	struct value_reader reader;
	struct arena arena;
	struct world world;

	(void)state;
	set_up(&reader, &arena, &world);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct key *key = key_find(cases[i].section, cases[i].key);
		bool is_read = key_read(key, &reader, cases[i].text, specs[cases[i].section]);

		if (is_read != (cases[i].problem == NULL))
			fail_msg("%s = %s: %d", cases[i].key, cases[i].text, is_read);
		if (!is_read)
			assert_text(cases[i].problem, reader.problem);
	}
	arena_close(&arena);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(each_refusal_says_why),
	cmocka_unit_test(a_socket_path_has_107_bytes),
	cmocka_unit_test(addresses_are_compared_without_needless_parts),
	cmocka_unit_test(long_things_are_refused_by_their_limits),
	cmocka_unit_test(values_beyond_their_limits_name_both_numbers),
};

CHECK_MAIN(tests)
