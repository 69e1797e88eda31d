/*
 * A pool is restarted again and again while clients call it: no call fails, each gets exactly one answer, its own, and
 * the books balance. 20 restarts in a normal run; BROOD_RESTARTS=1000 is the long form.
 */
#include "check.h"

#include <brood.h>

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stage.h"

enum { CLIENTS = 8, IN_FLIGHT = 12, CALLS_MOST = 1 << 24, BODY_MOST = 6000 };

struct load {
	brood_t *clients[CLIENTS];
	unsigned char *answers; /* how often each call was answered */
	unsigned started;
	unsigned answered;
	unsigned failed;
	unsigned wrong;
};

/* What is sent under a number, and nothing else has these bytes. */
static size_t body_of(unsigned number, char body[BODY_MOST])
{
	unsigned mixed = number * 2654435761u;
	size_t size = 16 + mixed % (BODY_MOST - 16);

	snprintf(body, 16, "%u", number);
	for (size_t i = 16; i < size; i++)
		body[i] = (char)(mixed >> (i % 4 * 8)) ^ (char)i;
	return size;
}

static void take(uint32_t id, const struct brood_answer *a, void *user)
{
	struct load *l = user;
	char expected[BODY_MOST];
	unsigned number;

	(void)id;
	l->answered++;
	if (a->code != BROOD_OK) {
		l->failed++;
		fprintf(stderr, "%s %s: %s\n", brood_code_name(a->code), brood_reason_name(a->reason), a->text);
		return;
	}
	number = a->body_size >= 16 ? (unsigned)strtoul(a->body, NULL, 10) : CALLS_MOST;
	if (number >= l->started || a->body_size != body_of(number, expected) ||
	    memcmp((const char *)a->body + 16, expected + 16, a->body_size - 16) != 0)
		l->wrong++;
	else
		l->answers[number]++;
}

static void call_more(struct load *l)
{
	for (int i = 0; i < CLIENTS; i++) {
		while (brood_calls_open(l->clients[i]) < IN_FLIGHT && l->started < CALLS_MOST) {
			char body[BODY_MOST];
			size_t size = body_of(l->started, body);

			assert_rc(0, brood_call_start(l->clients[i], "echo", body, size, NULL, take, l, NULL));
			l->started++;
		}
	}
}

static unsigned calls_open(const struct load *l)
{
	unsigned open = 0;

	for (int i = 0; i < CLIENTS; i++)
		open += (unsigned)brood_calls_open(l->clients[i]);
	return open;
}

static void process(struct load *l)
{
	struct pollfd p[CLIENTS];

	for (int i = 0; i < CLIENTS; i++)
		p[i] = (struct pollfd){.fd = brood_fd(l->clients[i]), .events = POLLIN};
	(void)poll(p, CLIENTS, 20);
	for (int i = 0; i < CLIENTS; i++)
		assert_rc(0, brood_process(l->clients[i]));
}

/* In a process of its own: each restart says that nothing was lost. */
static void restart_again_and_again(struct stage *s, unsigned restarts)
{
	for (unsigned i = 0; i < restarts; i++) {
		char *out;
		char *err;
		int code = stage_cli(s, &out, &err, "restart", "echo", NULL);

		if (code != 0 || strncmp(out, "restarted 3 of 3, 0 lost, 0 requeued, ", 38) != 0) {
			fprintf(stderr, "restart %u: exit %d: %s%s\n", i, code, out, err);
			_exit(1);
		}
		free(out);
		free(err);
	}
	_exit(0);
}

static unsigned restarts_wanted(void)
{
	const char *text = getenv("BROOD_RESTARTS");

	if (!text)
		return 20;
	alarm(0); /* as long as it takes */
	return (unsigned)strtoul(text, NULL, 10);
}

static void run(const char *update)
{
	struct load l = {.answers = calloc(CALLS_MOST, 1)};
	unsigned restarts = restarts_wanted();
	unsigned once = 0;
	int64_t began = stage_now_ms();
	int status = -1;
	struct stage s;
	pid_t restarter;

	assert_non_null(l.answers);
	stage_open(&s,
		   "[worker:echo]\ncommand = %s --slots 4\ninstances = 3\nupdate = %s\n"
		   "[endpoint:echo]\nlisten = unix:echo.sock\npool = echo\n",
		   home_badworker(), update);
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "echo", NULL), 0);
	for (int i = 0; i < CLIENTS; i++)
		assert_rc(0, brood_connect(&l.clients[i], stage_address(&s, "echo.sock"), NULL));
	restarter = fork();
	if (restarter == 0)
		restart_again_and_again(&s, restarts);
	while (waitpid(restarter, &status, WNOHANG) == 0) {
		call_more(&l);
		process(&l);
		(void)stage_has_log(&s, "never"); /* empties the log */
	}
	while (calls_open(&l) > 0)
		process(&l);
	for (unsigned i = 0; i < l.started; i++)
		once += l.answers[i] == 1;
	print_message("update = %s: %u restarts of 3 instances, %u calls, %u failed, %u wrong, %lld ms\n", update,
		      restarts, l.started, l.failed, l.wrong, (long long)(stage_now_ms() - began));
	assert_int_equal(status, 0);
	assert_int_equal(l.failed, 0);
	assert_int_equal(l.wrong, 0);
	assert_int_equal(l.answered, l.started);
	assert_int_equal(once, l.started);
	for (int i = 0; i < CLIENTS; i++)
		brood_close(l.clients[i]);
	stage_check_ledger(&s, "echo");
	assert_int_equal(stage_counter(&s, "echo", "replied"), l.started);
	stage_await_state(&s, "echo/0", "up", (int)restarts + 1);
	stage_await_state(&s, "echo/2", "up", (int)restarts + 1);
	free(l.answers);
	stage_close(&s);
}

static void one_instance_after_another(void **state)
{
	(void)state;
	run("replace");
}

static void a_new_process_beside_the_old_one(void **state)
{
	(void)state;
	run("overlap");
}

/* Exit 1, the old one serves on, and the text says why. */
static void a_new_process_that_does_not_come_up(void **state)
{
	struct stage s;
	char mark[600];
	char *out;
	pid_t before[2];
	json_t *status;
	int fd;

	(void)state;
	snprintf(mark, sizeof(mark), "%s/down.%d", home_scratch(), (int)getpid());
	stage_open(&s,
		   "[worker:echo]\ncommand = sh -c 'test -e %s && exit 7; exec %s --slots 4'\n"
		   "instances = 2\nupdate = overlap\n"
		   "[worker:late]\ncommand = sh -c 'test -e %s && exec sleep 60; exec %s'\n"
		   "update = overlap\nstart_timeout = 2s\n",
		   mark, home_badworker(), mark, home_badworker());
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "all", NULL), 0);
	before[0] = stage_pid_of(&s, "echo/0");
	before[1] = stage_pid_of(&s, "echo/1");
	fd = open(mark, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(stage_cli(&s, &out, NULL, "restart", "echo", NULL), 1);
	assert_non_null(strstr(out, "echo/0: generation 2 did not come up: exit 7 after "));
	assert_non_null(strstr(out, "; generation 1 serves on\n"));
	assert_non_null(strstr(out, "restarted 0 of 2, 1 failed, 1 left as they were, 0 lost, 0 requeued, "));
	free(out);
	assert_int_equal(stage_cli(&s, &out, NULL, "why", "echo/0", NULL), 0);
	assert_non_null(strstr(out, "generation 2, to take its place, did not come up: exit 7 after "));
	free(out);
	assert_int_equal(stage_cli(&s, &out, NULL, "restart", "late", NULL), 1);
	assert_non_null(strstr(out, "late/0: generation 2 did not come up: "));
	free(out);
	assert_rc(0, unlink(mark));
	assert_int_equal(stage_pid_of(&s, "echo/0"), before[0]);
	assert_int_equal(stage_pid_of(&s, "echo/1"), before[1]);
	assert_int_equal(stage_cli(&s, NULL, NULL, "restart", "echo", "--rolling", "2", NULL), 0);
	assert_int_equal(stage_cli(&s, &out, NULL, "why", "echo/0", NULL), 0);
	assert_null(strstr(out, "did not come up")); /* that is the past */
	free(out);
	status = stage_status(&s);
	assert_int_equal(json_integer_value(json_object_get(stage_instance(status, "echo/0"), "generation")), 3);
	assert_int_equal(json_integer_value(json_object_get(stage_instance(status, "echo/1"), "generation")), 2);
	assert_int_equal(json_array_size(json_object_get(status, "instances")), 3);
	json_decref(status);
	stage_close(&s);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(one_instance_after_another),
	cmocka_unit_test(a_new_process_beside_the_old_one),
	cmocka_unit_test(a_new_process_that_does_not_come_up),
};

CHECK_MAIN(tests)
