/* The number of processes goes by load, and by command. */
#include "check.h"

#include <brood.h>

#include <poll.h>
#include <stdlib.h>

#include "stage.h"

static long long instances_of(struct stage *s)
{
	json_t *status = stage_status(s);
	long long n = json_integer_value(json_object_get(stage_pool(status, "echo"), "instances"));

	json_decref(status);
	return n;
}

static void count(uint32_t id, const struct brood_answer *a, void *user)
{
	(void)id;
	if (a->code != BROOD_OK)
		fprintf(stderr, "%s\n", a->text);
	*(unsigned *)user += a->code == BROOD_OK;
}

/* None until somebody calls, more where calls wait, none again when all is quiet. */
static void it_goes_by_load(void **state)
{
	struct stage s;
	brood_t *client;
	unsigned answered = 0;
	char *out;

	(void)state;
	stage_open(&s,
		   "[worker:echo]\ncommand = %s\ninstances = 0..3\nscale_up_after = 20ms\nidle_stop = 300ms\n"
		   "[endpoint:echo]\nlisten = unix:echo.sock\npool = echo\n",
		   home_badworker());
	assert_int_equal(instances_of(&s), 0);
	assert_int_equal(stage_cli(&s, &out, NULL, "status", NULL), 0);
	assert_non_null(strstr(out, "0..3 by load"));
	free(out);
	assert_rc(0, brood_connect(&client, stage_address(&s, "echo.sock"), NULL));
	for (int i = 0; i < 12; i++)
		assert_rc(0, brood_call_start(client, "sleep", "200", 3, NULL, count, &answered, NULL));
	stage_until(STAGE_WAIT_MS, "three instances", (brood_process(client), instances_of(&s) == 3));
	while (brood_calls_open(client) > 0) {
		struct pollfd p = {.fd = brood_fd(client), .events = POLLIN};

		(void)poll(&p, 1, 20);
		assert_rc(0, brood_process(client));
	}
	assert_int_equal(answered, 12);
	stage_await_log(&s, "(fewer are needed)");
	stage_until(STAGE_WAIT_MS, "no instance", instances_of(&s) == 0);
	brood_close(client);
	stage_check_ledger(&s, "echo");
	stage_close(&s);
}

static void it_goes_by_command(void **state)
{
	struct stage s;
	char *out;
	char *err;

	(void)state;
	stage_open(&s, "[worker:echo]\ncommand = %s\ninstances = 2\n", home_badworker());
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "echo", NULL), 0);
	assert_int_equal(stage_cli(&s, &out, NULL, "scale", "echo", "+2", NULL), 0);
	assert_string_equal(out, "echo has 4 instances: 2 changed, 0 failed, 0 lost, 0 requeued\n");
	free(out);
	assert_int_not_equal(stage_pid_of(&s, "echo/3"), 0);
	assert_int_equal(stage_cli(&s, &out, NULL, "scale", "echo", "-3", NULL), 0);
	assert_string_equal(out, "echo has 1 instance: 3 changed, 0 failed, 0 lost, 0 requeued\n");
	free(out);
	assert_int_equal(instances_of(&s), 1);
	assert_int_equal(stage_cli(&s, &out, NULL, "scale", "echo", "1..3", NULL), 0);
	assert_string_equal(out, "echo has 1 to 3 instances: 0 changed, 0 failed, 0 lost, 0 requeued\n");
	free(out);
	assert_int_equal(stage_cli(&s, NULL, &err, "scale", "echo", "9", NULL), 1);
	assert_string_equal(err,
			    "brood: echo may have 8 instances, 9 are too many; set scale_limit in [worker:echo]\n");
	free(err);
	assert_int_equal(stage_cli(&s, NULL, &err, "scale", "echo", "many", NULL), 2);
	assert_string_equal(err, "brood: 'many' is not a number of instances: write 6, +2, -1 or 2..8\n");
	free(err);
	assert_int_equal(stage_cli(&s, NULL, NULL, "scale", "echo/0", "2", NULL), 1);
	assert_int_equal(stage_cli(&s, NULL, NULL, "scale", "echo", NULL), 2);
	assert_int_equal(stage_cli(&s, NULL, NULL, "scale", "ecko", "2", NULL), 4);
	assert_int_equal(stage_cli(&s, NULL, NULL, "scale", "echo", "2", "--json", NULL), 0);
	assert_int_equal(instances_of(&s), 2);
	stage_close(&s);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(it_goes_by_load),
	cmocka_unit_test(it_goes_by_command),
};

CHECK_MAIN(tests)
