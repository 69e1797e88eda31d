/*
 * Connections that brood hands to a worker as a whole: checked and counted by brood, served by the worker, ended in
 * order with it.
 */
#include "check.h"

#include <brood.h>

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "frame.h"
#include "head.h"
#include "raw.h"
#include "stage.h"

static struct stage s;

static void open_stage(const char *worker, const char *endpoint)
{
	stage_open(&s,
		   "[worker:w]\ncommand = %s --slots 4\nrestart_delay = 5ms\nrestart_delay_max = 10ms\n%s\n"
		   "[endpoint:e]\nlisten = unix:e.sock\npool = w\ndispatch = connection\n%s\n"
		   "[endpoint:r]\nlisten = unix:r.sock\npool = w\n",
		   home_badworker(), worker, endpoint);
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "w", NULL), 0);
}

static brood_t *connect_to(const char *name)
{
	brood_t *b = NULL;

	assert_rc(0, brood_connect(&b, stage_address(&s, name), NULL));
	return b;
}

/* The body of the answer, as text. */
static const char *ask(brood_t *b, const char *verb, const char *argument)
{
	static char text[4096];
	struct brood_answer answer;

	assert_rc(0, brood_call(b, verb, argument, strlen(argument), NULL, &answer));
	if (answer.code != BROOD_OK)
		fail_msg("%s: %s", verb, answer.text);
	snprintf(text, sizeof(text), "%.*s", (int)answer.body_size, (const char *)answer.body);
	brood_answer_free(&answer);
	return text;
}

static long long clients(const char *endpoint)
{
	json_t *status = stage_status(&s);
	json_t *e;
	size_t i;
	long long n = -1;

	json_array_foreach(json_object_get(status, "endpoints"), i, e) {
		if (strcmp(json_string_value(json_object_get(e, "name")), endpoint) == 0)
			n = json_integer_value(json_object_get(e, "clients"));
	}
	json_decref(status);
	return n;
}

static void calls_go_past_brood(void **state)
{
	brood_t *b;
	char pid[16];

	(void)state;
	open_stage("", "");
	b = connect_to("e.sock");
	assert_string_equal(ask(b, "echo", "hello"), "hello");
	snprintf(pid, sizeof(pid), "%d", (int)stage_pid_of(&s, "w/0"));
	assert_string_equal(ask(b, "pid", ""), pid);
	assert_string_equal(brood_info(b, "name"), "e");
	assert_string_equal(brood_info(b, "pool"), "w");
	assert_string_equal(brood_info(b, "call_timeout_ms"), "30000");
	assert_int_equal(stage_counter(&s, "w", "accepted"), 0);
	assert_int_equal(clients("e"), 1);
	brood_close(b);
	stage_until(STAGE_WAIT_MS, "the worker tells the end", clients("e") == 0);
	stage_close(&s);
}

/* Who calls is what the kernel told brood; what the client says of it is nothing. */
static void the_caller_is_who_connected(void **state)
{
	unsigned char block[64];
	struct head_writer w = {.block = block, .capacity = sizeof(block)};
	struct frame call = {.type = FRAME_CALL,
			     .flags = FLAG_EOM | FLAG_EOS,
			     .id = 1,
			     .words = 1u << WORD_PEER | 1u << WORD_DELIVERY,
			     .peer = {4711, 4712, 4713, 4714},
			     .attempt = 9,
			     .head = block};
	char expected[64];
	struct frame f;

	(void)state;
	open_stage("", "");
	assert_true(head_add_text(&w, ":method", "peer"));
	call.head_size = (uint32_t)w.size;
	raw_connect(stage_address(&s, "e.sock"));
	raw_greet();
	raw_send(&call);
	assert_true(raw_await(FRAME_REPLY, &f));
	snprintf(expected, sizeof(expected), "%u %u %d", geteuid(), getegid(), (int)getpid());
	if (f.body_size != strlen(expected) || memcmp(f.body, expected, f.body_size) != 0)
		fail_msg("%.*s is not %s", (int)f.body_size, (const char *)f.body, expected);
	raw_close();
	stage_close(&s);
}

/* Also when all of the answer that waits has to wait for credit: it comes from the client that is waiting for it. */
static void long_messages_pass_whole(void **state)
{
	enum { SIZE = 5 << 20, TIMES = 20 };
	struct brood_answer answer;
	char *body = malloc(SIZE);
	brood_t *b;

	(void)state;
	open_stage("", "max_message = 6M");
	for (size_t i = 0; i < SIZE; i++)
		body[i] = (char)(i * 31 + i / 4099);
	b = connect_to("e.sock");
	assert_int_equal(brood_max_message(b), 6 << 20);
	for (int i = 0; i < TIMES; i++) {
		size_t size = SIZE - (size_t)i * (100 << 10);

		assert_rc(0, brood_call(b, "echo", body, size, NULL, &answer));
		assert_int_equal(answer.code, BROOD_OK);
		assert_int_equal(answer.body_size, size);
		assert_memory_equal(answer.body, body, size);
		brood_answer_free(&answer);
	}
	brood_close(b);
	free(body);
	stage_close(&s);
}

static void the_worker_with_fewest_gets_the_next(void **state)
{
	brood_t *b[8];
	unsigned of[4] = {0};

	(void)state;
	open_stage("instances = 4", "");
	for (int i = 0; i < 8; i++) {
		char name[8];

		b[i] = connect_to("e.sock");
		for (int n = 0; n < 4; n++) {
			snprintf(name, sizeof(name), "w/%d", n);
			of[n] += atoi(ask(b[i], "pid", "")) == (int)stage_pid_of(&s, name);
		}
	}
	for (int n = 0; n < 4; n++)
		assert_int_equal(of[n], 2);
	for (int i = 0; i < 8; i++)
		brood_close(b[i]);
	stage_until(STAGE_WAIT_MS, "all have ended", clients("e") == 0);
	stage_close(&s);
}

/* Limits of connections count what was handed over. */
static void limits_count_them(void **state)
{
	brood_t *first;
	brood_t *second;
	brood_t *third = NULL;

	(void)state;
	open_stage("", "max_clients_per_uid = 2");
	first = connect_to("e.sock");
	second = connect_to("e.sock");
	assert_rc(-EBUSY, brood_connect(&third, stage_address(&s, "e.sock"), NULL));
	assert_non_null(strstr(brood_error(), "max_clients_per_uid is 2"));
	brood_close(first);
	stage_until(STAGE_WAIT_MS, "one is free", clients("e") == 1);
	third = connect_to("e.sock");
	assert_string_equal(ask(third, "echo", "x"), "x");
	brood_close(second);
	brood_close(third);
	stage_close(&s);
}

/* W1: with a killed worker its connections are lost; the next call makes a new one. */
static void a_killed_worker_loses_its_connections(void **state)
{
	struct brood_answer answer;
	brood_t *b;

	(void)state;
	open_stage("", "");
	b = connect_to("e.sock");
	assert_string_equal(ask(b, "echo", "before"), "before");
	assert_rc(-ECONNRESET, brood_call(b, "signal", "9", 1, NULL, &answer));
	assert_int_equal(answer.reason, BROOD_REASON_CONNECTION_LOST);
	brood_answer_free(&answer);
	stage_until(STAGE_WAIT_MS, "it counts no more", clients("e") == 0);
	assert_string_equal(ask(b, "echo", "after"), "after");
	assert_int_equal(clients("e"), 1);
	brood_close(b);
	stage_close(&s);
}

/* While no worker takes any, connections wait. */
static void connections_wait_for_a_worker(void **state)
{
	brood_t *b;

	(void)state;
	open_stage("", "");
	assert_int_equal(stage_cli(&s, NULL, NULL, "stop", "w", NULL), 0);
	assert_rc(-ECONNRESET, brood_connect(&b, stage_address(&s, "e.sock"), NULL));
	assert_non_null(strstr(brood_error(), "NO_WORKER"));
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "w", "--no-wait", NULL), 0);
	b = connect_to("e.sock"); /* before the worker is up, or after */
	assert_string_equal(ask(b, "echo", "x"), "x");
	brood_close(b);
	stage_close(&s);
}

static unsigned ended;
static unsigned failed;

static void on_end(uint32_t id, const struct brood_answer *answer, void *user)
{
	(void)id;
	(void)user;
	ended++;
	if (answer->code != BROOD_OK) {
		failed++;
		fprintf(stderr, "%s: %s\n", brood_reason_name(answer->reason), answer->text);
	}
}

/* A restart finishes what is in hand, tells clients to come again, and they do. */
static void a_restart_finishes_what_is_in_hand(void **state)
{
	brood_t *busy;
	brood_t *idle;
	char before[16];

	(void)state;
	open_stage("instances = 2", "");
	busy = connect_to("e.sock");
	idle = connect_to("e.sock");
	snprintf(before, sizeof(before), "%s", ask(idle, "pid", ""));
	ended = failed = 0;
	assert_rc(0, brood_call_start(busy, "sleep", "300", 3, NULL, on_end, NULL, NULL));
	assert_rc(0, brood_flush(busy, BROOD_FLUSH_READ, STAGE_WAIT_MS));
	assert_int_equal(stage_cli(&s, NULL, NULL, "restart", "w", NULL), 0);
	while (ended == 0) {
		struct pollfd p = {.fd = brood_fd(busy), .events = POLLIN};

		assert_true(poll(&p, 1, STAGE_WAIT_MS) > 0);
		if (brood_process(busy) < 0)
			assert_int_equal(ended, 1); /* the end behind the answer came with it */
	}
	assert_int_equal(failed, 0);
	assert_string_not_equal(ask(idle, "pid", ""), before);
	assert_string_equal(ask(busy, "echo", "x"), "x");
	brood_close(busy);
	brood_close(idle);
	stage_close(&s);
}

/* One client calls on and on, whatever happens to the workers meanwhile. */
static void *call_on(void *user)
{
	brood_t *b = connect_to("e.sock");
	const bool *stops = user;
	unsigned long lost = 0;

	while (!__atomic_load_n(stops, __ATOMIC_RELAXED)) {
		struct brood_answer answer;
		int rc = brood_call(b, "echo", "x", 1, NULL, &answer);

		lost += rc < 0 || answer.code != BROOD_OK;
		if (rc < 0 || answer.code != BROOD_OK)
			fprintf(stderr, "rc %d, %s: %s\n", rc, brood_reason_name(answer.reason), answer.text);
		brood_answer_free(&answer);
	}
	brood_close(b);
	return (void *)lost;
}

/* Restarts under load lose no call: a client is told before, and what it has sent is answered. */
static void restarts_under_load_lose_no_call(void **state)
{
	bool stops = false;
	pthread_t threads[4];

	(void)state;
	open_stage("instances = 2", "");
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, call_on, &stops), 0);
	for (int i = 0; i < 5; i++)
		assert_int_equal(stage_cli(&s, NULL, NULL, "restart", "w", NULL), 0);
	__atomic_store_n(&stops, true, __ATOMIC_RELAXED);
	for (int i = 0; i < 4; i++) {
		void *lost;

		assert_int_equal(pthread_join(threads[i], &lost), 0);
		assert_int_equal((unsigned long)lost, 0);
	}
	stage_until(STAGE_WAIT_MS, "all have ended", clients("e") == 0);
	stage_close(&s);
}

/* Calls, and connects again whenever that is over. */
static void *connect_on(void *user)
{
	const bool *stops = user;
	unsigned long fine = 0;
	brood_t *b = NULL;

	while (!__atomic_load_n(stops, __ATOMIC_RELAXED)) {
		struct brood_answer answer;

		if (!b && brood_connect(&b, stage_address(&s, "e.sock"), NULL) < 0)
			continue;
		fine += brood_call(b, "echo", "x", 1, NULL, &answer) == 0 && answer.code == BROOD_OK;
		brood_answer_free(&answer);
		if (fine % 7 == 0) {
			brood_close(b);
			b = NULL;
		}
	}
	brood_close(b);
	return (void *)fine;
}

/* W1: workers are killed at any moment, in the middle of being handed connections too: no place is lost by that. */
static void kills_under_load_lose_no_place(void **state)
{
	enum { THREADS = 4, KILLS = 30 };
	pthread_t threads[THREADS];
	bool stops = false;
	int fds;

	(void)state;
	open_stage("instances = 2", "");
	fds = stage_fds_of(s.pid);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, connect_on, &stops), 0);
	for (int i = 0; i < KILLS; i++) {
		const char *name = i % 2 ? "w/1" : "w/0";
		pid_t pid;

		stage_until(STAGE_WAIT_MS, "it is there", (pid = stage_pid_of(&s, name)) > 0);
		kill(pid, SIGKILL);
		stage_until(STAGE_WAIT_MS, "its successor is there", stage_pid_of(&s, name) != pid);
	}
	stage_await_state(&s, "w/0", "up", 1);
	__atomic_store_n(&stops, true, __ATOMIC_RELAXED);
	for (int i = 0; i < THREADS; i++) {
		void *fine;

		assert_int_equal(pthread_join(threads[i], &fine), 0);
		assert_true((unsigned long)fine > 0);
	}
	stage_until(STAGE_WAIT_MS, "all have ended", clients("e") == 0);
	stage_await_state(&s, "w/0", "up", 1);
	stage_await_state(&s, "w/1", "up", 1);
	stage_until(STAGE_WAIT_MS, "brood keeps no socket", stage_fds_of(s.pid) == fds);
	stage_close(&s);
}

/* C1: nonsense ends that connection alone, and a client that says nothing is closed. */
static void a_hostile_client_hurts_only_itself(void **state)
{
	static const unsigned char rubbish[64] = {0xff, 0xff, 0xff, 0xff};
	struct frame f;
	brood_t *b;
	pid_t pid;

	(void)state;
	open_stage("", "");
	pid = stage_pid_of(&s, "w/0");
	b = connect_to("e.sock");
	raw_connect(stage_address(&s, "e.sock"));
	raw_bytes(rubbish, sizeof(rubbish));
	assert_true(raw_await(FRAME_GOAWAY, &f));
	assert_false(raw_receive(&f));
	raw_close();
	raw_connect(stage_address(&s, "e.sock"));
	raw_greet();
	raw_bytes(rubbish, sizeof(rubbish));
	assert_true(raw_await(FRAME_GOAWAY, &f));
	raw_close();
	raw_connect(stage_address(&s, "e.sock")); /* says nothing */
	assert_string_equal(ask(b, "echo", "x"), "x");
	assert_false(raw_receive(&f)); /* until the worker has waited long enough */
	raw_close();
	assert_int_equal(stage_pid_of(&s, "w/0"), pid);
	stage_until(STAGE_WAIT_MS, "only one is left", clients("e") == 1);
	brood_close(b);
	stage_close(&s);
}

/* Nothing is kept open: not in brood, not in the worker. */
static void nothing_is_left_of_many(void **state)
{
	int fds;
	int worker_fds;

	(void)state;
	open_stage("", "");
	brood_close(connect_to("e.sock"));
	stage_until(STAGE_WAIT_MS, "it has ended", clients("e") == 0);
	fds = stage_fds_of(s.pid);
	worker_fds = stage_fds_of(stage_pid_of(&s, "w/0"));
	for (int i = 0; i < 20; i++) {
		brood_t *b[10];

		for (int n = 0; n < 10; n++)
			b[n] = connect_to("e.sock");
		for (int n = 0; n < 10; n++) {
			assert_string_equal(ask(b[n], "echo", "x"), "x");
			brood_close(b[n]);
		}
	}
	stage_until(STAGE_WAIT_MS, "all have ended", clients("e") == 0);
	assert_int_equal(stage_fds_of(s.pid), fds);
	assert_int_equal(stage_fds_of(stage_pid_of(&s, "w/0")), worker_fds);
	stage_close(&s);
}

/* One pool may be reached both ways. */
static void the_pool_is_still_called_through_brood(void **state)
{
	brood_t *direct;
	brood_t *relayed;

	(void)state;
	open_stage("", "");
	direct = connect_to("e.sock");
	relayed = connect_to("r.sock");
	for (int i = 0; i < 20; i++) {
		assert_string_equal(ask(direct, "echo", "d"), "d");
		assert_string_equal(ask(relayed, "echo", "r"), "r");
	}
	brood_close(direct);
	brood_close(relayed);
	stage_check_ledger(&s, "w");
	stage_close(&s);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(calls_go_past_brood),
	cmocka_unit_test(the_caller_is_who_connected),
	cmocka_unit_test(long_messages_pass_whole),
	cmocka_unit_test(the_worker_with_fewest_gets_the_next),
	cmocka_unit_test(limits_count_them),
	cmocka_unit_test(a_killed_worker_loses_its_connections),
	cmocka_unit_test(connections_wait_for_a_worker),
	cmocka_unit_test(a_restart_finishes_what_is_in_hand),
	cmocka_unit_test(restarts_under_load_lose_no_call),
	cmocka_unit_test(kills_under_load_lose_no_place),
	cmocka_unit_test(a_hostile_client_hurts_only_itself),
	cmocka_unit_test(nothing_is_left_of_many),
	cmocka_unit_test(the_pool_is_still_called_through_brood),
};

CHECK_MAIN(tests)
