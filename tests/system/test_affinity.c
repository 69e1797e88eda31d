/* Calls with the same order key, and those of a sticky connection, meet the same process. */
#include "check.h"

#include <brood.h>

#include <signal.h>
#include <stdlib.h>

#include "stage.h"

enum { KEYS = 32 };

/* Which process answers a call with this key. */
static pid_t ask(brood_t *client, uint64_t key)
{
	struct brood_call_options options = {.order = key};
	struct brood_answer answer;
	char text[32] = "";
	pid_t pid;

	assert_rc(0, brood_call(client, "pid", NULL, 0, &options, &answer));
	assert_int_equal(answer.code, BROOD_OK);
	assert_true(answer.body_size < sizeof(text));
	memcpy(text, answer.body, answer.body_size);
	pid = (pid_t)atoi(text);
	brood_answer_free(&answer);
	return pid;
}

static unsigned count_of(const pid_t *pids, unsigned count)
{
	unsigned different = 0;

	for (unsigned i = 0; i < count; i++) {
		unsigned k = 0;

		while (pids[k] != pids[i])
			k++;
		different += k == i;
	}
	return different;
}

static void keys_stay_until_their_process_goes(void **state)
{
	pid_t pids[KEYS + 1];
	struct stage s;
	brood_t *client;
	pid_t gone;

	(void)state;
	stage_open(&s,
		   "[worker:echo]\ncommand = %s\ninstances = 4\nrestart_delay = 1h\nrestart_delay_max = 1h\n"
		   "restart_reset = 1h\n[endpoint:echo]\nlisten = unix:echo.sock\npool = echo\n",
		   home_badworker());
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "echo", NULL), 0);
	assert_rc(0, brood_connect(&client, stage_address(&s, "echo.sock"), NULL));
	for (uint64_t key = 1; key <= KEYS; key++)
		pids[key] = ask(client, key);
	assert_true(count_of(pids + 1, KEYS) > 1);
	for (int round = 0; round < 5; round++) {
		for (uint64_t key = 1; key <= KEYS; key++)
			assert_int_equal(ask(client, key), pids[key]);
	}
	/* nobody else's key moves */
	gone = pids[1];
	assert_int_equal(kill(gone, SIGKILL), 0);
	stage_await_log(&s, "(signal 9 KILL");
	for (uint64_t key = 1; key <= KEYS; key++) {
		pid_t pid = ask(client, key);

		assert_int_not_equal(pid, gone);
		if (pids[key] != gone)
			assert_int_equal(pid, pids[key]);
		pids[key] = pid;
	}
	for (uint64_t key = 1; key <= KEYS; key++)
		assert_int_equal(ask(client, key), pids[key]);
	brood_close(client);
	stage_check_ledger(&s, "echo");
	stage_close(&s);
}

static void a_connection_may_have_one_process(void **state)
{
	struct stage s;
	brood_t *clients[4];
	pid_t pids[4];

	(void)state;
	stage_open(&s,
		   "[worker:echo]\ncommand = %s\ninstances = 4\n"
		   "[endpoint:echo]\nlisten = unix:echo.sock\npool = echo\ndispatch = sticky\n",
		   home_badworker());
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "echo", NULL), 0);
	for (int i = 0; i < 4; i++) {
		assert_rc(0, brood_connect(&clients[i], stage_address(&s, "echo.sock"), NULL));
		pids[i] = ask(clients[i], 7);
	}
	assert_int_equal(count_of(pids, 4), 4);
	for (uint64_t key = 0; key < KEYS; key++)
		assert_int_equal(ask(clients[key % 4], key), pids[key % 4]);
	for (int i = 0; i < 4; i++)
		brood_close(clients[i]);
	stage_check_ledger(&s, "echo");
	stage_close(&s);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(keys_stay_until_their_process_goes),
	cmocka_unit_test(a_connection_may_have_one_process),
};

CHECK_MAIN(tests)
