/*
 * The end of a worker in order: what it has in hand, what it still has to say, what it has not touched yet.
 */
#include "check.h"

#include <brood.h>

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "stage.h"

static struct stage s;

static void open_stage(const char *worker)
{
	stage_open(&s,
		   "[worker:w]\ncommand = %s --slots 4\nrestart_delay = 5ms\nrestart_delay_max = 10ms\n%s\n"
		   "[endpoint:e]\nlisten = unix:e.sock\npool = w\n",
		   home_badworker(), worker);
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "w", NULL), 0);
}

static void open_handing_stage(const char *worker)
{
	stage_open(&s,
		   "[worker:w]\ncommand = %s --slots 4\nrestart_delay = 5ms\nrestart_delay_max = 10ms\n%s\n"
		   "[endpoint:e]\nlisten = unix:e.sock\npool = w\ndispatch = connection\n",
		   home_badworker(), worker);
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "w", NULL), 0);
}

static brood_t *connect_to(const char *name)
{
	brood_t *b = NULL;

	assert_rc(0, brood_connect(&b, stage_address(&s, name), NULL));
	return b;
}

static void call(brood_t *b, const char *verb, const char *argument)
{
	struct brood_answer answer;

	assert_rc(0, brood_call(b, verb, argument, strlen(argument), NULL, &answer));
	if (answer.code != BROOD_OK)
		fail_msg("%s: %s", verb, answer.text);
	brood_answer_free(&answer);
}

static void call_and_stop(const char *verb, const char *argument, const char *how)
{
	brood_t *b = connect_to("e.sock");

	call(b, verb, argument);
	brood_close(b);
	assert_int_equal(stage_cli(&s, NULL, NULL, how, "w", NULL), 0);
}

/* The signal comes when all that was said behind the last answer is read, over sockets and over pipes. */
static void what_is_said_behind_the_answer_is_heard(void **state)
{
	static const char *const channels[] = {"socketpair", "pipes"};
	static const char *const verbs[] = {"stop", "drain", "restart"};

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		char channel[40];

		snprintf(channel, sizeof(channel), "channel = %s", channels[i / 3]);
		open_stage(channel);
		call_and_stop("late", "300", verbs[i % 3]);
		stage_await_log(&s, "w/0 notifies 7: late");
		stage_await_log(&s, "DRAINING -> STOPPING (nothing in hand, all handed over), SIGTERM sent");
		stage_close(&s);
	}
}

/* One-way messages count as well: their handlers have run before the signal comes. */
static void one_way_messages_are_handed_over_before_the_end(void **state)
{
	char *out = NULL;
	brood_t *b;

	(void)state;
	open_stage("");
	b = connect_to("e.sock");
	for (int i = 0; i < 500; i++)
		assert_rc(0, brood_notify(b, (uint32_t)i, "x", 1));
	assert_rc(0, brood_flush(b, BROOD_FLUSH_READ, STAGE_WAIT_MS));
	assert_int_equal(stage_cli(&s, NULL, NULL, "stop", "w", NULL), 0);
	assert_int_equal(stage_cli(&s, &out, NULL, "logs", "w", "-n", "1", NULL), 0);
	assert_non_null(strstr(out, "notified 499: x"));
	free(out);
	brood_close(b);
	stage_close(&s);
}

/* Who was never given anything has nothing to say about it. */
static void who_was_given_nothing_is_not_asked(void **state)
{
	(void)state;
	open_stage("");
	assert_int_equal(stage_cli(&s, NULL, NULL, "stop", "w", NULL), 0);
	stage_await_log(&s, "DRAINING -> STOPPING (nothing in hand), SIGTERM sent");
	stage_close(&s);
}

/* Who does not answer is not waited for longer than a stop may take, and people are told. */
static void who_does_not_answer_is_asked_to_end(void **state)
{
	static const char *const verbs[] = {"stop", "drain"};
	char *out = NULL;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		int64_t before;

		open_stage("stop_timeout = 300ms");
		before = stage_now_ms();
		call_and_stop("answer-and-hang", "", verbs[i]);
		assert_true(stage_now_ms() - before >= 300);
		stage_await_log(&s, "DRAINING -> STOPPING (stop_timeout passed, it did not answer FLUSH), SIGTERM");
		assert_int_equal(stage_cli(&s, &out, NULL, "why", "w", NULL), 0);
		assert_non_null(strstr(out, "it did not answer FLUSH"));
		free(out);
		stage_close(&s);
	}
}

static unsigned ended;
static unsigned failed;

static void on_end(uint32_t id, const struct brood_answer *answer, void *user)
{
	(void)id;
	(void)user;
	ended++;
	failed += answer->code != BROOD_OK;
}

static void wait_for_end(brood_t *b)
{
	while (ended == 0) {
		struct pollfd p = {.fd = brood_fd(b), .events = POLLIN};

		assert_true(poll(&p, 1, STAGE_WAIT_MS) > 0);
		if (brood_process(b) < 0)
			assert_int_equal(ended, 1);
	}
}

/* Calls over connections that were handed over may take as long as a drain lets others take, which is: any time. */
static void a_drain_waits_for_connections(void **state)
{
	brood_t *busy;
	brood_t *idle;

	(void)state;
	open_handing_stage("stop_timeout = 200ms");
	busy = connect_to("e.sock");
	idle = connect_to("e.sock");
	call(busy, "echo", "x");
	call(idle, "echo", "x");
	ended = failed = 0;
	assert_rc(0, brood_call_start(busy, "sleep", "1500", 4, NULL, on_end, NULL, NULL));
	assert_rc(0, brood_flush(busy, BROOD_FLUSH_READ, STAGE_WAIT_MS));
	assert_int_equal(stage_cli(&s, NULL, NULL, "drain", "w", NULL), 0);
	wait_for_end(busy);
	assert_int_equal(failed, 0);
	brood_close(busy);
	brood_close(idle);
	stage_close(&s);
}

struct visitor {
	pthread_t thread;
	int rc;
	unsigned code;
};

/* Connects, which waits for the worker's greeting, and calls. */
static void *visit(void *user)
{
	struct brood_client_options options = {.timeout = STAGE_WAIT_MS};
	struct visitor *v = user;
	struct brood_answer answer = {.code = BROOD_UNKNOWN};
	brood_t *b = NULL;

	v->rc = brood_connect(&b, stage_address(&s, "e.sock"), &options);
	if (v->rc == 0)
		v->rc = brood_call(b, "echo", "x", 1, NULL, &answer);
	v->code = answer.code;
	if (v->rc < 0)
		fprintf(stderr, "visitor: %s\n", brood_error());
	brood_answer_free(&answer);
	brood_close(b);
	return NULL;
}

static long long clients(void)
{
	json_t *status = stage_status(&s);
	long long n = json_integer_value(
		json_object_get(json_array_get(json_object_get(status, "endpoints"), 0), "clients"));

	json_decref(status);
	return n;
}

enum { VISITORS = 8 };

/* Visitors come to a pool whose workers stand still. */
static void let_come(struct visitor v[VISITORS], unsigned workers)
{
	for (unsigned n = 0; n < workers; n++)
		stage_kill(&s, n ? "w/1" : "w/0", SIGSTOP);
	for (int i = 0; i < VISITORS; i++)
		assert_int_equal(pthread_create(&v[i].thread, NULL, visit, &v[i]), 0);
	stage_until(STAGE_WAIT_MS, "all are handed over", clients() == VISITORS);
}

static void check_visitors(struct visitor v[VISITORS])
{
	for (int i = 0; i < VISITORS; i++) {
		assert_int_equal(pthread_join(v[i].thread, NULL), 0);
		assert_rc(0, v[i].rc);
		assert_int_equal(v[i].code, BROOD_OK);
	}
	stage_until(STAGE_WAIT_MS, "all have ended", clients() == 0);
}

/* W1: what a worker had been handed and not begun to read is served by the next one, also where a stop killed it. */
static void what_was_not_read_outlives_its_worker(void **state)
{
	struct visitor v[VISITORS] = {{.rc = 0}};
	int fds;

	(void)state;
	open_handing_stage("stop_timeout = 200ms");
	fds = stage_fds_of(s.pid);
	let_come(v, 1);
	stage_kill(&s, "w/0", SIGKILL);
	check_visitors(v);
	let_come(v, 1);
	assert_int_equal(stage_cli(&s, NULL, NULL, "restart", "w", NULL), 0);
	check_visitors(v);
	stage_until(STAGE_WAIT_MS, "brood keeps no socket", stage_fds_of(s.pid) == fds);
	stage_close(&s);
}

/* One that drains gives back what it finds in its channel, and the other one serves it. */
static void what_was_not_read_is_given_back(void **state)
{
	struct visitor v[VISITORS] = {{.rc = 0}};
	pid_t other;

	(void)state;
	open_handing_stage("instances = 2");
	let_come(v, 2);
	other = stage_pid_of(&s, "w/1");
	assert_int_equal(stage_cli(&s, NULL, NULL, "drain", "w/0", "--no-wait", NULL), 0);
	stage_kill(&s, "w/0", SIGCONT);
	stage_await_state(&s, "w/0", "down", 1);
	kill(other, SIGCONT);
	check_visitors(v);
	assert_int_equal(stage_pid_of(&s, "w/1"), other);
	stage_close(&s);
}

enum { OPEN_MOST = 256 };

/* A client that has as many calls open as it may, and is slow at times. */
struct crowd {
	pthread_t thread;
	const bool *stops;
	unsigned slow_ms;
	brood_t *b;
	unsigned long fine;
	unsigned long lost;
	unsigned long unsent; /* of those: surely not processed */
};

static void on_answer(uint32_t id, const struct brood_answer *answer, void *user)
{
	struct crowd *c = user;

	(void)id;
	c->fine += answer->code == BROOD_OK;
	c->lost += answer->code != BROOD_OK;
	c->unsent += answer->code != BROOD_OK && answer->not_processed;
	if (answer->code != BROOD_OK && c->lost < 4)
		fprintf(stderr, "lost: %s (%s)%s\n", brood_reason_name(answer->reason), answer->text,
			answer->not_processed ? ", not processed" : "");
	/* goes on at once: here there may be news of the end in the bytes behind this answer */
	if (!__atomic_load_n(c->stops, __ATOMIC_RELAXED))
		(void)!brood_call_start(c->b, "echo", "x", 1, NULL, on_answer, c, NULL);
}

static void *crowd(void *user)
{
	struct crowd *c = user;
	unsigned turns = 0;

	c->b = connect_to("e.sock");
	while (!__atomic_load_n(c->stops, __ATOMIC_RELAXED) || brood_calls_open(c->b) > 0) {
		struct pollfd p = {.events = POLLIN};

		while (!__atomic_load_n(c->stops, __ATOMIC_RELAXED) && brood_calls_open(c->b) < OPEN_MOST &&
		       brood_calls_allowed(c->b) > 0 &&
		       brood_call_start(c->b, "echo", "x", 1, NULL, on_answer, c, NULL) == 0)
			;
		p.fd = brood_fd(c->b);
		(void)poll(&p, 1, 100);
		if (++turns % 50 == 0)
			(void)poll(NULL, 0, (int)c->slow_ms);
		(void)!brood_process(c->b);
	}
	brood_close(c->b);
	return NULL;
}

/* Restarts under clients that have 256 calls open each, some of which look away for longer than an idle one may. */
static void restarts_under_crowds_lose_no_call(void **state)
{
	enum { CROWDS = 3, RESTARTS = 12 };
	struct crowd c[CROWDS] = {{.slow_ms = 0}, {.slow_ms = 30}, {.slow_ms = 400}};
	bool stops = false;

	(void)state;
	open_handing_stage("instances = 2");
	for (int i = 0; i < CROWDS; i++) {
		c[i].stops = &stops;
		assert_int_equal(pthread_create(&c[i].thread, NULL, crowd, &c[i]), 0);
	}
	for (int i = 0; i < RESTARTS; i++)
		assert_int_equal(stage_cli(&s, NULL, NULL, "restart", "w", NULL), 0);
	__atomic_store_n(&stops, true, __ATOMIC_RELAXED);
	for (int i = 0; i < CROWDS; i++) {
		assert_int_equal(pthread_join(c[i].thread, NULL), 0);
		assert_true(c[i].fine > OPEN_MOST);
		assert_int_equal(c[i].lost, 0);
	}
	stage_until(STAGE_WAIT_MS, "all have ended", clients() == 0);
	stage_close(&s);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(what_is_said_behind_the_answer_is_heard),
	cmocka_unit_test(one_way_messages_are_handed_over_before_the_end),
	cmocka_unit_test(who_was_given_nothing_is_not_asked),
	cmocka_unit_test(who_does_not_answer_is_asked_to_end),
	cmocka_unit_test(a_drain_waits_for_connections),
	cmocka_unit_test(what_was_not_read_outlives_its_worker),
	cmocka_unit_test(what_was_not_read_is_given_back),
	cmocka_unit_test(restarts_under_crowds_lose_no_call),
};

CHECK_MAIN(tests)
