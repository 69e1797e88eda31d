/* config: each sentence about sections, keys and contradictions, exactly as it is printed. */
#include "check.h"

#include <stdlib.h>

#include "fake.h"
#include "source.h"

#define WORKER   "[worker:a]\ncommand = x\n"
#define ENDPOINT "[endpoint:e]\nlisten = unix:e.sock\npool = a\n"

struct sample {
	const char *text;
	const char *problems;
};

static const struct sample sections[] = {
	{WORKER ENDPOINT, ""},
	{"", "brood.ini: warning: there is no section [worker:NAME], so there is nothing to run\n1 "
	     "warning\n"},
	{"[worker]\n", "brood.ini:1: error: [worker] has no name, write [worker:NAME]\n1 error\n"},
	{"[worker:]\n",
	 "brood.ini:1: error: [worker:] has no name, write [worker:NAME]\n1 error\n"},
	{"[endpoint]\n",
	 "brood.ini:1: error: [endpoint] has no name, write [endpoint:NAME]\n1 error\n"},
	{"[brood:x]\n", "brood.ini:1: error: [brood:x] takes no name, write [brood]\n1 error\n"},
	{"[defaults:x]\n",
	 "brood.ini:1: error: [defaults:x] takes no name, write [defaults]\n1 error\n"},
	{"[worker:Web]\nx = 1\n",
	 "brood.ini:1: error: [worker:Web] name 'Web' may hold a-z, 0-9, _ and - only\n"
	 "brood.ini:2: error: [worker:Web] unknown key 'x'\n2 errors\n"},
	{"[worker:all]\n", "brood.ini:1: error: [worker:all] name 'all' stands for all workers, "
			   "choose another one\n1 error\n"},
	{"[worker:a/b]\n",
	 "brood.ini:1: error: [worker:a/b] name 'a/b' may hold a-z, 0-9, _ and - only\n1 error\n"},
	{"[worker:0123456789abcdef0123456789abcdef0]\n",
	 "brood.ini:1: error: [worker:0123456789abcdef0123456789abcdef0] name is 33 bytes, at most "
	 "32 are "
	 "allowed\n1 error\n"},
	{"[worker:-a]\n", "brood.ini:1: error: [worker:-a] name '-a' must begin with a letter or a "
			  "digit\n1 error\n"},
	{"[program:x]\ncommand = x\n",
	 "brood.ini:1: error: unknown section [program:x], did you mean [worker:x]?\n1 error\n"},
	{"[supervisord]\n",
	 "brood.ini:1: error: unknown section [supervisord], did you mean [brood]?\n1 error\n"},
	{"[include]\nfiles = x\n", "brood.ini:1: error: unknown section [include], include is a "
				   "key: [brood] include = conf.d/*.ini\n"
				   "1 error\n"},
	{"[wroker]\n",
	 "brood.ini:1: error: unknown section [wroker], did you mean [worker:NAME]?\n1 error\n"},
	{"[ worker:a]\n",
	 "brood.ini:1: error: unknown section [ worker:a], did you mean [worker:a]?\n1 error\n"},
	{"[default]\n",
	 "brood.ini:1: error: unknown section [default], did you mean [defaults]?\n1 error\n"},
	{"[unix_http_server]\n",
	 "brood.ini:1: error: unknown section [unix_http_server], there are [brood], [defaults], "
	 "[worker:NAME] and [endpoint:NAME]\n1 error\n"},
	{WORKER WORKER,
	 "brood.ini:3: error: duplicate section [worker:a], first at brood.ini:1\n1 error\n"},
	{"[brood]\n[defaults]\n[brood]\n[defaults]\n" WORKER,
	 "brood.ini:3: error: duplicate section [brood], first at brood.ini:1\n"
	 "brood.ini:4: error: duplicate section [defaults], first at brood.ini:2\n2 errors\n"},
	{"[worker:a]\n[endpoint:e]\n",
	 "brood.ini:1: error: [worker:a] has no command, which must be given\n"
	 "brood.ini:2: error: [endpoint:e] has no listen, which must be given\n"
	 "brood.ini:2: error: [endpoint:e] has no pool, which must be given\n3 errors\n"},
	{"[defaults]\ncommand = /bin/${WORKER}\n[worker:a]\n", ""},
	{"[defaults]\ncomand = /bin/${WORKER}\n[worker:a]\n",
	 "brood.ini:2: error: [defaults] unknown key 'comand', did you mean 'command'?\n1 error\n"},
};

static const struct sample keys[] = {
	{WORKER "autorestart = 1\n", "brood.ini:3: error: [worker:a] unknown key 'autorestart', "
				     "did you mean 'restart'?\n1 error\n"},
	{WORKER "directory = 1\nenvironment = 2\nnumprocs = 3\nstartretries = 4\n",
	 "brood.ini:3: error: [worker:a] unknown key 'directory', did you mean 'cwd'?\n"
	 "brood.ini:4: error: [worker:a] unknown key 'environment', did you mean 'env'?\n"
	 "brood.ini:5: error: [worker:a] unknown key 'numprocs', did you mean 'instances'?\n"
	 "brood.ini:6: error: [worker:a] unknown key 'startretries', did you mean "
	 "'start_retries'?\n4 errors\n"},
	{WORKER "stopsignal = 1\nstopwaitsecs = 2\nstartsecs = 3\nexitcodes = 4\npriority = 5\n",
	 "brood.ini:3: error: [worker:a] unknown key 'stopsignal', did you mean 'stop_signal'?\n"
	 "brood.ini:4: error: [worker:a] unknown key 'stopwaitsecs', did you mean 'stop_timeout'?\n"
	 "brood.ini:5: error: [worker:a] unknown key 'startsecs', did you mean 'ready = "
	 "alive:TIME'?\n"
	 "brood.ini:6: error: [worker:a] unknown key 'exitcodes', did you mean 'success_exit'?\n"
	 "brood.ini:7: error: [worker:a] unknown key 'priority': workers start in the order of "
	 "their "
	 "sections\n5 errors\n"},
	{WORKER "listen = unix:x\n", "brood.ini:3: error: [worker:a] unknown key 'listen', it "
				     "belongs into [endpoint:NAME]\n1 error\n"},
	{WORKER ENDPOINT "queue = 1\n", "brood.ini:6: error: [endpoint:e] unknown key 'queue', it "
					"belongs into [worker:NAME] or [defaults]\n"
					"1 error\n"},
	{WORKER "include = x\n", "brood.ini:3: error: [worker:a] unknown key 'include', it belongs "
				 "into [brood]\n1 error\n"},
	{WORKER "xyzzy = 1\n", "brood.ini:3: error: [worker:a] unknown key 'xyzzy'\n1 error\n"},
	{WORKER "Queue-Bytes = 1\n", "brood.ini:3: error: [worker:a] unknown key 'Queue-Bytes', "
				     "did you mean 'queue_bytes'?\n1 error\n"},
	{WORKER "command = y\n",
	 "brood.ini:3: error: [worker:a] duplicate key 'command', first at brood.ini:2\n1 error\n"},
	{WORKER "cwd =\n", "brood.ini:3: error: [worker:a] cwd: the value is missing\n1 error\n"},
	{"[defaults]\nslots = 200\n" WORKER "[worker:b]\ncommand = y\n",
	 "brood.ini:2: error: [defaults] slots: '200' is above 126\n1 error\n"},
	{WORKER "nice = 3 ; kind\n",
	 "brood.ini:3: error: [worker:a] nice: '3 ; kind' is not a whole number\n"
	 "brood.ini:3: warning: ' ;' is part of the value, comments stand in lines of their own; "
	 "quote it if "
	 "it is meant\n1 error, 1 warning\n"},
};

static const struct sample contradictions[] = {
	{WORKER "ready = channel\nchannel = none\n",
	 "brood.ini:3: error: [worker:a] ready = channel contradicts channel = none "
	 "(brood.ini:4)\n1 error\n"},
	{"[defaults]\nready = channel\n" WORKER
	 "channel = none\n[worker:b]\nchannel = none\ncommand = y\n",
	 "brood.ini:5: error: [worker:a] ready = channel (brood.ini:2) contradicts channel = none\n"
	 "brood.ini:7: error: [worker:b] ready = channel (brood.ini:2) contradicts channel = "
	 "none\n2 errors\n"},
	{"[defaults]\nready = channel\nchannel = none\n" WORKER "[worker:b]\ncommand = y\n",
	 "brood.ini:2: error: [defaults] ready = channel contradicts channel = none "
	 "(brood.ini:3)\n1 error\n"},
	{WORKER "restart_delay = 1m\nrestart_delay_max = 30s\n",
	 "brood.ini:3: error: [worker:a] restart_delay = 1m is longer than restart_delay_max = 30s "
	 "(brood.ini:4)\n1 error\n"},
	{WORKER "restart_delay_max = 100ms\n",
	 "brood.ini:3: error: [worker:a] restart_delay = 250ms (default) is longer than "
	 "restart_delay_max = 100ms\n1 error\n"},
	{WORKER "restart_delay = 1m\nrestart_delay_max = soon\n",
	 "brood.ini:4: error: [worker:a] restart_delay_max: 'soon' is not a time such as 250ms, "
	 "10s, 5m or "
	 "24h\n1 error\n"},
	{WORKER "ready = alive:30s\n", "brood.ini:3: error: [worker:a] ready = alive:30s can never "
				       "be reached within start_timeout = 30s "
				       "(default)\n1 error\n"},
	{WORKER "channel = none\nstart_timeout = 500ms\n",
	 "brood.ini:4: error: [worker:a] ready = auto (default) can never be reached within "
	 "start_timeout = 500ms\n1 error\n"},
	{WORKER "user = 5000\n", "brood.ini:3: error: [worker:a] user = 5000: no user has this "
				 "number, so group must be given too\n"
				 "1 error\n"},
	{WORKER "user = 5000\ngroup = 5000\n", ""},
	{WORKER "user = lost\n", "brood.ini:3: error: [worker:a] user = lost: cannot look up the "
				 "groups: Input/output error\n"
				 "1 error\n"},
	{WORKER "user = lost\ngroups = none\n", ""},
	{WORKER ENDPOINT
	 "[worker:b]\ncommand = x\nchannel = none\n[endpoint:f]\nlisten = unix:f\npool = b\n",
	 "brood.ini:11: error: [endpoint:f] pool = b: [worker:b] takes no calls, it has channel = "
	 "none "
	 "(brood.ini:8)\n1 error\n"},
	{WORKER "channel = pipes\n[endpoint:e]\nlisten = unix:e\npool = a\ndispatch = connection\n",
	 "brood.ini:7: error: [endpoint:e] dispatch = connection: [worker:a] cannot be handed a connection, it has "
	 "channel = pipes (brood.ini:3)\n1 error\n"},
	{WORKER "channel = pipes\nfds = 2\n",
	 "brood.ini:4: error: [worker:a] fds = 2 needs a socketpair, not channel = pipes (brood.ini:3)\n1 error\n"},
	{WORKER "[endpoint:e]\nlisten = unix:e\npool = xyzzy\n",
	 "brood.ini:5: error: [endpoint:e] pool: no worker is named 'xyzzy', there is no section "
	 "[worker:xyzzy]\n1 error\n"},
	{WORKER "calls = thumb\n[worker:thumbs]\ncommand = x\n",
	 "brood.ini:3: error: [worker:a] calls: no worker is named 'thumb', did you mean 'thumbs'?\n1 error\n"},
	{WORKER "calls = xyzzy\n",
	 "brood.ini:3: error: [worker:a] calls: no worker is named 'xyzzy', there is no section [worker:xyzzy]\n"
	 "1 error\n"},
	{WORKER "calls = a\n",
	 "brood.ini:3: error: [worker:a] calls: a cannot call itself: with all slots taken by calls that wait for it, "
	 "it would wait for itself\n1 error\n"},
	{WORKER "calls = b, b:direct\n[worker:b]\ncommand = x\n",
	 "brood.ini:3: error: [worker:a] calls: 'b' stands twice in the list\n1 error\n"},
	{WORKER "calls = b\nchannel = pipes\n[worker:b]\ncommand = x\n",
	 "brood.ini:3: error: [worker:a] calls = b needs a socketpair, not channel = pipes (brood.ini:4)\n1 error\n"},
	{WORKER "calls = b\n[worker:b]\ncommand = x\nchannel = pipes\n", ""},
	{WORKER "calls = b:direct\n[worker:b]\ncommand = x\nchannel = pipes\n",
	 "brood.ini:3: error: [worker:a] calls: [worker:b] cannot be handed connections (b:direct), it has channel = "
	 "pipes (brood.ini:6)\n1 error\n"},
	{WORKER "calls = b\n[worker:b]\ncommand = x\nchannel = none\n",
	 "brood.ini:3: error: [worker:a] calls: [worker:b] takes no calls, it has channel = none (brood.ini:6)\n"
	 "1 error\n"},
	{"[defaults]\ncalls = b\n" WORKER "[worker:b]\ncommand = x\ncalls = none\n", ""},
	{WORKER "calls = b, d\n[worker:b]\ncommand = x\ncalls = c\n[worker:c]\ncommand = x\ncalls = a:direct\n"
		"[worker:d]\ncommand = x\n",
	 "brood.ini:3: warning: [worker:a] calls: a -> b -> c -> a is a circle: all slots can be taken by calls that "
	 "wait for each other; only their deadlines (call_timeout) end that\n1 warning\n"},
	{WORKER "calls = b\n[worker:b]\ncommand = x\ncalls = a\n[worker:c]\ncommand = x\ncalls = d, a\n"
		"[worker:d]\ncommand = x\ncalls = c\n",
	 "brood.ini:3: warning: [worker:a] calls: a -> b -> a is a circle: all slots can be taken by calls that wait "
	 "for each other; only their deadlines (call_timeout) end that\n"
	 "brood.ini:9: warning: [worker:c] calls: c -> d -> c is a circle: all slots can be taken by calls that wait "
	 "for each other; only their deadlines (call_timeout) end that\n2 warnings\n"},
	{WORKER ENDPOINT "[endpoint:f]\nlisten = unix:./e.sock\npool = a\n",
	 "brood.ini:7: error: [endpoint:f] listen = unix:./e.sock: [endpoint:e] listens there "
	 "already "
	 "(brood.ini:4)\n1 error\n"},
	{WORKER "command : y\n[worker:b]\ncommand = /missing/x -v\ncwd = /missing\n",
	 "brood.ini:3: error: [worker:a] duplicate key 'command', first at brood.ini:2\n"
	 "brood.ini:5: warning: [worker:b] command: program /missing/x does not exist\n"
	 "brood.ini:6: warning: [worker:b] cwd: directory /missing does not exist\n1 error, 2 "
	 "warnings\n"},
	{"[defaults]\ncwd = /missing\n" WORKER "[worker:b]\ncommand = /missing/${WORKER}\n",
	 "brood.ini:2: warning: [defaults] cwd: directory /missing does not exist\n1 warning\n"},
	{"[worker:a]\ncommand = true\ndead_letter = dead\n",
	 "brood.ini:3: error: [worker:a] dead_letter: 'dead' is not an absolute path\n1 error\n"},
	{WORKER "cwd = missing\n",
	 "brood.ini:3: warning: [worker:a] cwd: directory missing does not exist here; a relative one begins where "
	 "brood is started\n1 warning\n"},
	{"[worker:a]\ncommand = missing -v\n",
	 "brood.ini:2: warning: [worker:a] command: program missing is not in PATH (/usr/bin:/bin)\n1 warning\n"},
	{"[worker:a]\ncommand = x\nenv = PATH=/missing:bin\n",
	 "brood.ini:2: warning: [worker:a] command: program x is not in PATH (/missing:bin)\n1 warning\n"},
	{"[worker:a]\ncommand = /etc/plain\n",
	 "brood.ini:2: warning: [worker:a] command: program /etc/plain is not executable\n1 warning\n"},
	{"[worker:a]\ncommand = x 100 && echo >/tmp/x\n",
	 "brood.ini:2: warning: [worker:a] command: '&&' is a mere argument, there is no shell; if one is "
	 "wanted, write command = sh -c '...'\n1 warning\n"},
	{"[worker:a]\ncommand = x 2>&1\n",
	 "brood.ini:2: warning: [worker:a] command: '2>&1' is a mere argument, there is no shell; if one is "
	 "wanted, write command = sh -c '...'\n1 warning\n"},
	{"[worker:a]\ncommand = ~/bin/x\n",
	 "brood.ini:2: warning: [worker:a] command: '~/bin/x' is a mere argument, there is no shell; if one is "
	 "wanted, write command = sh -c '...'\n1 warning\n"},
	{"[worker:a]\ncommand = x --home=$HOME/x\n",
	 "brood.ini:2: warning: [worker:a] command: '--home=$HOME/x' is a mere argument, there is no shell; if "
	 "one is wanted, write command = sh -c '...'\n1 warning\n"},
	{WORKER "env = PATH=/x:$PATH\n",
	 "brood.ini:3: warning: [worker:a] env: '$PATH' is not replaced, write what it stands for\n1 warning\n"},
	{"[worker:a]\ncommand = sh -c 'x | y > $HOME/z'\n[worker:b]\ncommand = x $$HOME a|b $1 '>='\n", ""},
	{WORKER "[endpoint:e]\nlisten = unix:/missing/x\npool = a\n",
	 "brood.ini:4: warning: [endpoint:e] listen: directory /missing does not exist, brood cannot start "
	 "without it\n1 warning\n"},
	{WORKER "[endpoint:e]\nlisten = unix:/shared/x\npool = a\n",
	 "brood.ini:4: warning: [endpoint:e] listen: everybody may write to /shared, brood does not start with a "
	 "socket there\n1 warning\n"},
};

static void check(const struct sample *sample, unsigned uid)
{
	const struct fake_file file = {.path = "brood.ini", .bytes = sample->text};
	struct fake fake = {.files = &file, .count = 1, .uid = uid};
	enum config_result result;
	struct config *config;
	char *problems;

	config = fake_load(&fake, &result);
	problems = fake_problems(config);
	assert_text(sample->problems, problems);
	assert_int_equal(result, strstr(problems, "error") ? CONFIG_INVALID : CONFIG_OK);
	free(problems);
	config_close(config);
}

#define CHECK_ALL(samples, uid)                                                                    \
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)                          \
	check(&(samples)[i], uid)

static void sections_are_checked(void **state)
{
	(void)state;
	CHECK_ALL(sections, 0);
}

static void keys_are_checked(void **state)
{
	(void)state;
	if (!source_has_settings())
		check_skip("this inih reads ' ;' in another way");
	CHECK_ALL(keys, 0);
}

static void contradictions_are_found(void **state)
{
	(void)state;
	CHECK_ALL(contradictions, 0);
}

/* Only root may become somebody else or give a socket away. */
static void users_need_root(void **state)
{
	static const struct sample samples[] = {
		{WORKER "user = www-data\n", "brood.ini:3: error: [worker:a] user = www-data: "
					     "brood does not run as root\n1 error\n"},
		{WORKER "group = shop\n", "brood.ini:3: error: [worker:a] group = shop: brood does "
					  "not run as root\n1 error\n"},
		{WORKER "groups = none\n", "brood.ini:3: error: [worker:a] groups = none: brood "
					   "does not run as root\n1 error\n"},
		{"[defaults]\nuser = www-data\n" WORKER "[worker:b]\ncommand = y\n",
		 "brood.ini:2: error: [defaults] user = www-data: brood does not run as root\n1 "
		 "error\n"},
		{"[defaults]\nuser = www-data\n" WORKER "user = none\n", ""},
		{"[defaults]\nuser = alice\n" WORKER "usr = bob\n",
		 "brood.ini:5: error: [worker:a] unknown key 'usr', did you mean 'user'?\n1 "
		 "error\n"},
		{WORKER ENDPOINT "user = alice\n", "brood.ini:6: error: [endpoint:e] user = alice: "
						   "brood does not run as root\n1 error\n"},
		{WORKER ENDPOINT "group = shop\n", ""},
	};

	(void)state;
	CHECK_ALL(samples, 1000);
}

static void a_file_that_cannot_be_read_is_one_message(void **state)
{
	const struct fake_file file = {.path = "/etc/brood/brood.ini", .problem = "it is a FIFO"};
	struct fake fake = {.files = &file, .count = 1};
	enum config_result result;
	struct config *config;
	char *problems;

	(void)state;
	config = fake_load(&fake, &result);
	problems = fake_problems(config);
	assert_int_equal(result, CONFIG_INVALID);
	assert_text("/etc/brood/brood.ini: error: cannot read the file: it is a FIFO\n1 error\n",
		    problems);
	free(problems);
	config_close(config);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(sections_are_checked),
	cmocka_unit_test(keys_are_checked),
	cmocka_unit_test(contradictions_are_found),
	cmocka_unit_test(users_need_root),
	cmocka_unit_test(a_file_that_cannot_be_read_is_one_message),
};

CHECK_MAIN(tests)
