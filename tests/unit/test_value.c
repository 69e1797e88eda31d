/*
 * value: each type reads what it says, shows what it read so that it reads the same, and refuses
 * the rest.
 */
#include "check.h"

#include <stdlib.h>

#include "fake.h"
#include "key.h"

struct sample {
	enum value_type type;
	const char *text;
	const char *shown; /* NULL: not set, nothing is shown */
};

#define SAME(type, text)                                                                           \
	{                                                                                          \
		VALUE_##type, text, text                                                           \
	}

static const struct sample samples[] = {
	SAME(count, "0"),
	SAME(count, "17"),
	SAME(count, "4294967295"),
	{VALUE_count, "none", "0"},
	SAME(nice, "-20"),
	SAME(nice, "0"),
	SAME(nice, "2147483647"),
	SAME(nice, "inherit"),
	SAME(percent, "10%"),
	{VALUE_percent, "0", "0%"},
	{VALUE_percent, "none", "0%"},
	SAME(slots, "auto"),
	SAME(slots, "126"),
	SAME(duration, "250ms"),
	SAME(duration, "10s"),
	SAME(duration, "5m"),
	SAME(duration, "24h"),
	SAME(duration, "90s"),
	{VALUE_duration, "1000ms", "1s"},
	{VALUE_duration, "120m", "2h"},
	{VALUE_duration, "0ms", "0"},
	SAME(duration, "0"),
	{VALUE_duration, "none", "0"},
	SAME(duration, "9223372036854775807ms"),
	SAME(size, "1000"),
	SAME(size, "64K"),
	SAME(size, "1G"),
	{VALUE_size, "1024K", "1M"},
	{VALUE_size, "4096", "4K"},
	{VALUE_size, "none", "0"},
	SAME(size, "0"),
	SAME(mode, "0660"),
	{VALUE_mode, "22", "0022"},
	SAME(mode, "0000"),
	SAME(bool, "yes"),
	SAME(bool, "no"),
	{VALUE_bool, "true", "yes"},
	{VALUE_bool, "off", "no"},
	{VALUE_bool, "on", "yes"},
	{VALUE_bool, "false", "no"},
	SAME(name, "thumbs-2_x"),
	SAME(path, "/srv/app"),
	SAME(path, "\"/srv/my app\""),
	{VALUE_path, "/srv/my app", "\"/srv/my app\""},
	{VALUE_path, "none", NULL},
	SAME(path, "\"none\""),
	SAME(listen, "unix:web.sock"),
	SAME(listen, "unix:locks/admin.sock"),
	SAME(listen, "unix:/run/x/web.sock"),
	SAME(listen, "\"unix:my web.sock\""),
	SAME(command, "/bin/true"),
	SAME(command, "sh -c \"a ; b\""),
	SAME(command, "x \"\" y"),
	SAME(command, "x 'say \"hi\"'"),
	{VALUE_command, "  a\t b  ", "a b"},
	{VALUE_command, "a'b'\"c\"d", "abcd"},
	{VALUE_command, "grep \\d+ x", "grep '\\d+' x"},
	{VALUE_command, "x \"a \\\" b \\\\ ' \\n\"", "x \"a \\\" b \\\\ ' \\\\n\""},
	{VALUE_command, "x ${WORKER}-${INSTANCE:02} $$ $HOME",
	 "x ${WORKER}-${INSTANCE:02} $$ $HOME"},
	SAME(env, "A=1, B=, _C9=x"),
	{VALUE_env, "A=\"x\"", "A=x"},
	{VALUE_env, "A=two words , B=\"x, y\"", "\"A=two words\", \"B=x, y\""},
	{VALUE_env, "BROOD_DEBUG=1", "BROOD_DEBUG=1"},
	{VALUE_env, "none", NULL},
	SAME(include, "conf.d/*.ini, x.ini"),
	{VALUE_user, "www-data", "www-data"},
	{VALUE_user, "33", "www-data"},
	{VALUE_user, "0", "root"},
	SAME(user, "4294967294"),
	{VALUE_user, "none", NULL},
	SAME(group, "shop"),
	{VALUE_group, "50", "shop"},
	SAME(group, "777"),
	{VALUE_group, "none", NULL},
	{VALUE_groups, "shop, 777", "50, 777"},
	SAME(groups, "none"),
	SAME(callees, "thumbs, index:direct"),
	{VALUE_callees, "none", NULL},
	{VALUE_callees, " a ,b:direct", "a, b:direct"},
	SAME(allow, "self, root"),
	{VALUE_allow, "uid:33, user:alice, gid:50, group:audio",
	 "uid:33, uid:1000, gid:50, gid:44"},
	{VALUE_limits, "nofile=4096, core=0", "nofile=4096, core=0"},
	{VALUE_limits, "as=1G:infinity", "as=1073741824:infinity"},
	SAME(limits, "stack=infinity"),
	{VALUE_limits, "none", NULL},
	SAME(signal, "TERM"),
	{VALUE_signal, "SIGTERM", "TERM"},
	{VALUE_signal, "15", "TERM"},
	{VALUE_signal, "RTMIN", "RTMIN"},
	{VALUE_signal, "SIGRTMIN+3", "RTMIN+3"},
	{VALUE_signal, "RTMAX-30", "RTMIN"},
	{VALUE_signal, "64", "RTMIN+30"},
	{VALUE_signal, "RTMAX", "RTMIN+30"},
	{VALUE_signal, "16", "16"},
	SAME(exits, "0, 78, 255, HUP, PIPE"),
	{VALUE_exits, "SIGTERM,143", "143, TERM"},
	SAME(exits, "none"),
	SAME(restart_limit, "5/10s"),
	SAME(restart_limit, "none"),
	{VALUE_restart_limit, "0", "none"},
	SAME(ready_rule, "auto"),
	SAME(ready_rule, "channel"),
	SAME(ready_rule, "alive:1s"),
	SAME(ready_rule, "alive:0"),
	SAME(restart_when, "always"),
	SAME(restart_when, "on-failure"),
	SAME(restart_when, "never"),
	SAME(channel_kind, "socketpair"),
	SAME(channel_kind, "pipes"),
	SAME(channel_kind, "none"),
	SAME(instances, "1"),
	SAME(instances, "1024"),
	SAME(instances, "2..8"),
	SAME(instances, "0..1"),
	{VALUE_instances, "4..4", "4"},
	{VALUE_instances, "cpus", "6"},
	{VALUE_instances, "2..cpus", "2..6"},
	{VALUE_instances, "cpus..8", "6..8"},
	SAME(dispatch_kind, "sticky"),
	SAME(update_kind, "replace"),
	SAME(update_kind, "overlap"),
	SAME(keep_kind, "restart"),
	SAME(keep_kind, "no"),
	SAME(keep_kind, "yes"),
	SAME(env_base, "inherit"),
	SAME(env_base, "clean"),
	SAME(bodies_kind, "share"),
	SAME(bodies_kind, "copy"),
	SAME(overflow_kind, "pause"),
	SAME(overflow_kind, "reject"),
	SAME(redeliver_kind, "safe"),
	SAME(redeliver_kind, "always"),
	SAME(redeliver_kind, "never"),
	SAME(framing_kind, "brood"),
	SAME(dispatch_kind, "request"),
	SAME(dispatch_kind, "connection"),
};

/* Room for the field of any type. */
union field {
	struct user_ref user;
	struct exit_set exits;
	struct limit_list limits;
	uint64_t number;
};

struct bench {
	struct fake fake;
	struct world world;
	struct arena arena;
	struct value_reader reader;
};

static void set_up(struct bench *b)
{
	b->fake = (struct fake){0};
	b->world = fake_world(&b->fake);
	arena_open(&b->arena, 1 << 20);
	b->reader = (struct value_reader){.arena = &b->arena, .world = &b->world};
}

static void check_shown(const struct sample *s, const union field *field)
{
	struct fake_text text;
	const struct writer w = fake_writer(&text);
	const bool is_set = value_show(&w, s->type, field);

	if (is_set != (s->shown != NULL))
		fail_msg("'%s' is shown: %d", s->text, is_set);
	assert_text(s->shown ? s->shown : "", text.text);
	free(text.text);
}

static void what_is_read_is_shown_and_reads_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		struct sample s = samples[i];
		union field field = {0};
		struct bench b;

		set_up(&b);
		if (!value_read(&b.reader, s.type, s.text, &field))
			fail_msg("'%s': %s", s.text, b.reader.problem);
		check_shown(&s, &field);
		if (s.shown) {
			field = (union field){0};
			s.text = s.shown;
			if (!value_read(&b.reader, s.type, s.text, &field))
				fail_msg("'%s': %s", s.text, b.reader.problem);
			check_shown(&s, &field);
		}
		arena_close(&b.arena);
	}
}

static void every_type_is_sampled(void **state)
{
	bool met[VALUE_TYPES] = {false};

	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		met[samples[i].type] = true;
	for (int type = 0; type < VALUE_TYPES; type++) {
		assert_true(met[type]);
		assert_int_not_equal(value_form((enum value_type)type)[0], '\0');
	}
}

static void names_of_workers_are_checked(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	assert_true(value_check_name(&b.reader, "a"));
	assert_true(value_check_name(&b.reader, "0123456789abcdef0123456789abcdef"));
	assert_false(value_check_name(&b.reader, "0123456789abcdef0123456789abcdef0"));
	assert_text("name is 33 bytes, at most 32 are allowed", b.reader.problem);
	assert_false(value_check_name(&b.reader, ""));
	assert_text("a name is missing", b.reader.problem);
	assert_false(value_check_name(&b.reader, "all"));
	assert_text("name 'all' stands for all workers, choose another one", b.reader.problem);
	assert_false(value_check_name(&b.reader, "a/b"));
	assert_text("name 'a/b' may hold a-z, 0-9, _ and - only", b.reader.problem);
	assert_false(value_check_name(&b.reader, "-x"));
	assert_text("name '-x' must begin with a letter or a digit", b.reader.problem);
	arena_close(&b.arena);
}

static void numbers_are_those_that_limits_apply_to(void **state)
{
	static const struct {
		enum value_type type;
		const char *text;
		int64_t number;
	} cases[] = {{VALUE_count, "7", 7},        {VALUE_nice, "-7", -7},
		     {VALUE_percent, "7%", 7},     {VALUE_slots, "7", 7},
		     {VALUE_duration, "7s", 7000}, {VALUE_size, "7K", 7168},
		     {VALUE_mode, "0700", 0700}};
	struct bench b;
	union field field;
	int64_t number;

	(void)state;
	set_up(&b);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		field = (union field){0};
		assert_true(value_read(&b.reader, cases[i].type, cases[i].text, &field));
		assert_true(value_number(cases[i].type, &field, &number));
		assert_true(number == cases[i].number);
	}
	field = (union field){0};
	assert_true(value_read(&b.reader, VALUE_slots, "auto", &field));
	assert_false(value_number(VALUE_slots, &field, &number));
	assert_true(value_read(&b.reader, VALUE_bool, "yes", &field));
	assert_false(value_number(VALUE_bool, &field, &number));
	arena_close(&b.arena);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(what_is_read_is_shown_and_reads_the_same),
	cmocka_unit_test(every_type_is_sampled),
	cmocka_unit_test(names_of_workers_are_checked),
	cmocka_unit_test(numbers_are_those_that_limits_apply_to),
};

CHECK_MAIN(tests)
