/* More calls than a pool can take: clients are slowed down, or told; none is forgotten, and brood stays small. */
#include "check.h"

#include <brood.h>

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "raw.h"
#include "stage.h"

enum { CLIENTS = 40, CALLS = 256 };

static struct stage s;

static void open_stage(const char *worker, const char *endpoint)
{
	stage_open(&s,
		   "[worker:w]\ncommand = %s --slots 4\n%s\n[endpoint:e]\nlisten = unix:e.sock\npool = w\n%s\n",
		   home_badworker(), worker, endpoint);
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "w", NULL), 0);
}

static void close_stage(void)
{
	stage_check_ledger(&s, "w");
	stage_close(&s);
}

/* ------------------------------------------------------------------- clients */

static struct crowd {
	brood_t *clients[CLIENTS];
	unsigned answers;
	unsigned overloaded;
	unsigned others;
} crowd;

static void on_answer(uint32_t id, const struct brood_answer *a, void *user)
{
	(void)id;
	(void)user;
	crowd.answers++;
	crowd.overloaded += a->code == BROOD_RESOURCE_EXHAUSTED;
	crowd.others += a->code != BROOD_OK && a->code != BROOD_RESOURCE_EXHAUSTED;
	if (a->code == BROOD_RESOURCE_EXHAUSTED)
		assert_true(a->not_processed);
}

static void start_call(brood_t *b)
{
	assert_rc(0, brood_call_start(b, "echo", "x", 1, NULL, on_answer, NULL, NULL));
}

/* Everybody says everything that it may say, before anybody listens. */
static void shout(void)
{
	crowd = (struct crowd){.answers = 0};
	for (int i = 0; i < CLIENTS; i++) {
		assert_rc(0, brood_connect(&crowd.clients[i], stage_address(&s, "e.sock"), NULL));
		assert_int_equal(brood_calls_allowed(crowd.clients[i]), CALLS);
	}
	for (int i = 0; i < CLIENTS; i++) {
		for (int n = 0; n < CALLS; n++)
			start_call(crowd.clients[i]);
		assert_int_equal(brood_call_start(crowd.clients[i], "echo", "x", 1, NULL, on_answer, NULL, NULL),
				 -EAGAIN);
	}
}

static void listen_once(void)
{
	for (int i = 0; i < CLIENTS; i++)
		assert_rc(0, brood_process(crowd.clients[i]));
}

static void leave(void)
{
	for (int i = 0; i < CLIENTS; i++)
		brood_close(crowd.clients[i]);
}

static bool all_may_have_all(void)
{
	listen_once();
	for (int i = 0; i < CLIENTS; i++) {
		if (brood_calls_allowed(crowd.clients[i]) != CALLS)
			return false;
	}
	return true;
}

static void none_is_refused_where_clients_pause(void **state)
{
	unsigned fewest = CALLS;

	(void)state;
	open_stage("queue = 100", "");
	shout();
	while (crowd.answers < CLIENTS * CALLS) {
		listen_once();
		for (int i = 0; i < CLIENTS; i++) {
			unsigned may = (unsigned)(brood_calls_open(crowd.clients[i]) +
						  brood_calls_allowed(crowd.clients[i]));

			fewest = may < fewest ? may : fewest;
		}
	}
	assert_int_equal(crowd.overloaded + crowd.others, 0);
	assert_int_equal(fewest, 2); /* 80 of the queue and 4 slots, for 40 clients */
	stage_until(10000, "all may have all again", all_may_have_all());
	leave();
	stage_await_log(&s, "of 100 calls wait (");
	assert_true(stage_has_log(&s, "its clients are slowed down"));
	stage_await_log(&s, "there is room again");
	assert_int_equal(stage_counter(&s, "w", "refused"), 0);
	close_stage();
}

/* Even what SLOTS allows no more was allowed when it was sent; what is more than that stays with the client. */
static void fewer_slots_than_are_open(void **state)
{
	uint32_t fewest = 8;
	char *out;
	struct frame f;

	(void)state;
	open_stage("queue = 2", "max_calls = 8");
	raw_connect(stage_address(&s, "e.sock"));
	raw_greet_with(8);
	raw_call(1, "sleep", "2000");
	for (uint32_t id = 3; id <= 15; id += 2)
		raw_call(id, "echo", "x");
	stage_until(5000, "they have come", stage_counter(&s, "w", "accepted") == 8);
	(void)stage_cli(&s, &out, NULL, "status", NULL);
	if (!strstr(out, "the queue gets full, oldest"))
		print_error("%s", out);
	assert_non_null(strstr(out, "the queue gets full, oldest call waits "));
	free(out);
	for (int answers = 0; answers < 8;) {
		assert_true(raw_receive(&f));
		if (f.type == FRAME_SLOTS)
			fewest = f.arg < fewest ? f.arg : fewest;
		else
			assert_int_equal(f.arg, 0);
		answers += f.type == FRAME_REPLY;
	}
	assert_int_equal(fewest, 4); /* 4 slots and 1.6 of the queue, of which powers of two are told */
	raw_close();
	close_stage();
}

static void what_does_not_fit_is_told_where_that_is_wanted(void **state)
{
	(void)state;
	open_stage("queue = 100\non_overflow = reject", "");
	shout();
	while (crowd.answers < CLIENTS * CALLS)
		listen_once();
	assert_true(crowd.overloaded > 0);
	assert_int_equal(crowd.others, 0);
	assert_int_equal(stage_counter(&s, "w", "refused"), crowd.overloaded);
	leave();
	stage_await_log(&s, "what does not fit is refused");
	stage_await_log(&s, "there is room again");
	close_stage();
}

/* ---------------------------------------------------------------- two users */

enum { STRANGER = 54321, POLITE_CALLS = 50, FLOOD_CLIENTS = 10 };

/* One call after the other, as another user. */
static _Noreturn void be_polite(const char *address)
{
	brood_t *b;

	CHECK_CHILD(setgid(STRANGER) == 0 && setuid(STRANGER) == 0);
	CHECK_CHILD(brood_connect(&b, address, NULL) == 0);
	for (int i = 0; i < POLITE_CALLS; i++) {
		struct brood_answer a;

		CHECK_CHILD(brood_call(b, "echo", "x", 1, NULL, &a) == 0 && a.code == BROOD_OK);
		brood_answer_free(&a);
	}
	_exit(0);
}

/*
 * 2560 calls of one user wait, for which the worker needs 13 s; another one's wait for one or two of them each: 50 of
 * hers are done while most of the flood still waits.
 */
static void C9_another_user_does_not_wait_behind_a_flood(void **state)
{
	brood_t *clients[FLOOD_CLIENTS];
	int status;
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		check_skip("needs root, to become another user");
	open_stage("slots = 2\nqueue = 100000\ncall_timeout = 60s", "mode = 0666\nallow = self, uid:54321");
	for (int i = 0; i < FLOOD_CLIENTS; i++) {
		assert_rc(0, brood_connect(&clients[i], stage_address(&s, "e.sock"), NULL));
		for (int n = 0; n < CALLS; n++)
			assert_rc(0, brood_call_start(clients[i], "sleep", "5", 1, NULL, on_answer, NULL, NULL));
	}
	stage_until(20000, "they wait", stage_counter(&s, "w", "accepted") >= FLOOD_CLIENTS * CALLS);
	pid = fork();
	if (pid == 0)
		be_polite(stage_address(&s, "e.sock"));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_true(stage_counter(&s, "w", "queued") > FLOOD_CLIENTS * CALLS / 2);
	for (int i = 0; i < FLOOD_CLIENTS; i++)
		brood_close(clients[i]);
	stage_check_ledger(&s, "w");
	stage_close(&s);
}

/* ------------------------------------------------------------------ a flood */

static long long rss_of(pid_t pid)
{
	char path[64];
	char line[256];
	long long kib = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		(void)sscanf(line, "VmRSS: %lld", &kib);
	fclose(f);
	return kib * 1024;
}

static void C10_a_million_calls_that_nobody_waits_for(void **state)
{
	static unsigned char many[64 << 10];
	uint32_t id = 1;
	uint64_t sent = 0;
	long long before;

	(void)state;
	open_stage("", "");
	raw_connect(stage_address(&s, "e.sock"));
	raw_greet();
	before = rss_of(s.pid);
	for (int stalled = 0; id < 2000000 && !stalled;) {
		size_t size = 0;

		for (; size + 100 < sizeof(many); id += 2)
			size += raw_encode(many + size, &(struct frame){.type = FRAME_CALL,
									.flags = FLAG_EOM | FLAG_EOS,
									.id = id,
									.body = (const uint8_t *)"x",
									.body_size = 1});
		for (size_t at = 0; at < size && !stalled;) {
			struct pollfd p = {.fd = raw.fd, .events = POLLOUT};
			ssize_t n = send(raw.fd, many + at, size - at, MSG_NOSIGNAL | MSG_DONTWAIT);

			at += n > 0 ? (size_t)n : 0;
			sent += n > 0 ? (size_t)n : 0;
			if (n < 0)
				stalled = poll(&p, 1, 500) == 0;
		}
	}
	assert_in_range(sent, 100000, 8 << 20); /* back-pressure, not memory */
	assert_true(rss_of(s.pid) - before < 8 << 20);
	assert_int_equal(stage_cli(&s, NULL, NULL, "call", "w/echo", "still fine", NULL), 0);
	raw_close();
	close_stage();
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(none_is_refused_where_clients_pause),
	cmocka_unit_test(fewer_slots_than_are_open),
	cmocka_unit_test(what_does_not_fit_is_told_where_that_is_wanted),
	cmocka_unit_test(C9_another_user_does_not_wait_behind_a_flood),
	cmocka_unit_test(C10_a_million_calls_that_nobody_waits_for),
};

CHECK_MAIN(tests)
