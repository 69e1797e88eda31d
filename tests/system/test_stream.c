/*
 * Calls of several messages, with real processes: all kinds, slow readers on either side, and every way in which one
 * ends in the middle. Each has exactly one end, and what it held comes back.
 */
#include "check.h"

#include <brood.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "stage.h"

/* The same tests for both ways of a connection; where they end differently, that is said. */
#ifdef HANDED_OVER
#define DISPATCH "dispatch = connection\n"
#define REASON_KILLED BROOD_REASON_CONNECTION_LOST
#define REASON_CANCEL BROOD_REASON_NONE /* the handler's own answer */
#define STATE_ENDING "stopping"         /* brood sees no call that would have to be waited for */
enum { IS_RELAYED = 0 };
#else
#define DISPATCH ""
#define REASON_KILLED BROOD_REASON_WORKER_CRASHED
#define REASON_CANCEL BROOD_REASON_CANCELLED
#define STATE_ENDING "draining"
enum { IS_RELAYED = 1 };
#endif

static struct stage s;
static brood_t *client;

static void open_stage(int slots)
{
	stage_open(&s,
		   "[worker:w]\ncommand = %s %d\nrestart_delay = 5ms\n[endpoint:e]\nlisten = unix:e.sock\npool = w\n"
		   DISPATCH, TALKER, slots);
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "w", NULL), 0);
	assert_int_equal(brood_connect(&client, stage_address(&s, "e.sock"), NULL), 0);
}

static void close_stage(void)
{
	brood_close(client);
	client = NULL;
	stage_until(10000, "nothing is in hand", stage_counter(&s, "w", "in_flight") == 0);
	stage_check_ledger(&s, "w");
	stage_close(&s);
}

static brood_stream_t *start(const char *method, const char *body)
{
	brood_stream_t *stream;
	int rc = brood_stream_call(client, method, body, strlen(body), NULL, &stream);

	if (rc < 0)
		fail_msg("%s: %s", method, brood_error());
	return stream;
}

static brood_stream_t *open_request(const char *method)
{
	brood_stream_t *stream;
	int rc = brood_stream_open(client, method, NULL, &stream);

	if (rc < 0)
		fail_msg("%s: %s", method, brood_error());
	return stream;
}

static void send_text(brood_stream_t *stream, const char *text)
{
	int rc = brood_stream_send(stream, text, strlen(text), -1);

	if (rc < 0)
		fail_msg("cannot send %s: %s", text, brood_error());
}

static void expect(brood_stream_t *stream, const char *text)
{
	const void *body;
	size_t size;
	int rc = brood_stream_recv(stream, &body, &size, 20000);

	if (rc != 1)
		fail_msg("expected %s, got %d: %s", text, rc, brood_error());
	assert_int_equal(size, strlen(text));
	assert_memory_equal(body, text, size);
}

/* Whatever still comes of it; then its end, which is the stream's only one. */
static void expect_end(brood_stream_t *stream, unsigned code, unsigned reason)
{
	const struct brood_answer *a;
	const void *body;
	size_t size;
	int rc;

	while ((rc = brood_stream_recv(stream, &body, &size, 20000)) > 0)
		;
	assert_int_equal(rc, 0);
	a = brood_stream_answer(stream);
	assert_non_null(a);
	if (a->code != code || a->reason != reason)
		fail_msg("expected %s %s, got %s %s: %s", brood_code_name(code), brood_reason_name(reason),
			 brood_code_name(a->code), brood_reason_name(a->reason), a->text);
	brood_stream_free(stream);
}

static void expect_ok(brood_stream_t *stream)
{
	const void *body;
	size_t size;

	assert_int_equal(brood_stream_recv(stream, &body, &size, 20000), 0);
	expect_end(stream, BROOD_OK, BROOD_REASON_NONE);
}

static void an_answer_of_thousands_of_messages(void **state)
{
	brood_stream_t *stream;
	char text[16];

	(void)state;
	open_stage(1);
	stream = start("count", "5000");
	for (int i = 0; i < 5000; i++) {
		snprintf(text, sizeof(text), "%d", i);
		expect(stream, text);
	}
	expect_ok(stream);
	expect_ok(start("count", "0"));
	close_stage();
}

static void a_request_of_thousands_of_messages(void **state)
{
	brood_stream_t *stream;
	char text[16];

	(void)state;
	open_stage(1);
	stream = open_request("sum");
	for (int i = 1; i <= 5000; i++) {
		snprintf(text, sizeof(text), "%d", i);
		send_text(stream, text);
	}
	assert_int_equal(brood_stream_end(stream), 0);
	assert_int_equal(brood_stream_end(stream), 0);
	assert_int_equal(brood_stream_send(stream, "1", 1, -1), -EINVAL);
	expect(stream, "12502500");
	expect_ok(stream);
	stream = start("sum", "7"); /* the same handler serves the usual call */
	expect(stream, "7");
	expect_ok(stream);
	stream = open_request("sum");
	assert_int_equal(brood_stream_end(stream), 0);
	expect(stream, "0");
	expect_ok(stream);
	close_stage();
}

/* There and back again, one by one, for each way to write a worker. */
static void both_sides_talk_in_turns(void **state)
{
	static const char *const methods[] = {"echo", "hold", "event"};
	const struct brood_meta *meta;
	const void *value;
	size_t count;

	(void)state;
	open_stage(1);
	for (size_t m = 0; m < 3; m++) {
		brood_stream_t *stream = open_request(methods[m]);
		char text[32];

		for (int i = 0; i < 200; i++) {
			snprintf(text, sizeof(text), "%s %d", methods[m], i);
			send_text(stream, text);
			expect(stream, text);
		}
		send_text(stream, "");
		expect(stream, "");
		assert_int_equal(brood_stream_headers(stream, &meta, &count, -1), 0);
		assert_int_equal(count, m < 2);
		if (count > 0)
			assert_memory_equal(meta[0].key, "mood", 4);
		assert_null(brood_stream_answer(stream));
		assert_int_equal(brood_stream_end(stream), 0);
		assert_int_equal(brood_stream_recv(stream, &value, &count, -1), 0);
		value = brood_answer_find(brood_stream_answer(stream), "count", &count);
		assert_true((value != NULL) == (m < 2));
		expect_ok(stream);
	}
	close_stage();
}

/* A message larger than the window, and than a frame. */
static void large_messages_pass_both_ways(void **state)
{
	enum { SIZE = 9 << 20 };
	brood_stream_t *stream;
	unsigned char *bytes = malloc(SIZE);
	const void *body;
	size_t size;

	(void)state;
	open_stage(1);
	for (size_t i = 0; i < SIZE; i++)
		bytes[i] = (unsigned char)(i * 7 + i / 251);
	stream = open_request("echo");
	for (int i = 0; i < 3; i++) {
		assert_int_equal(brood_stream_send(stream, bytes, SIZE - (size_t)i, -1), 0);
		assert_int_equal(brood_stream_recv(stream, &body, &size, 20000), 1);
		assert_int_equal(size, SIZE - i);
		assert_memory_equal(body, bytes, size);
	}
	assert_int_equal(brood_stream_end(stream), 0);
	expect_ok(stream);
	free(bytes);
	close_stage();
}

static void a_call_may_be_answered_before_its_request_ends(void **state)
{
	brood_stream_t *stream;

	(void)state;
	open_stage(1);
	stream = open_request("first");
	expect(stream, "enough");
	while (brood_stream_send(stream, "more", 4, -1) == 0)
		;
	assert_non_null(brood_stream_answer(stream));
	assert_int_equal(brood_stream_end(stream), -ECANCELED);
	expect_ok(stream);
	stream = start("fail", "3");
	expect(stream, "0");
	expect(stream, "1");
	expect(stream, "2");
	assert_int_equal(brood_stream_recv(stream, &(const void *){NULL}, &(size_t){0}, -1), 0);
	assert_string_equal(brood_stream_answer(stream)->text, "failed as asked");
	expect_end(stream, BROOD_ABORTED, BROOD_REASON_NONE);
	close_stage();
}

/* ------------------------------------------------------------- slow readers */

#ifndef HANDED_OVER
static long resident_kib(pid_t pid)
{
	char path[64];
	char line[256];
	long kib = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "VmRSS: %ld", &kib) == 1)
			break;
	}
	fclose(f);
	return kib;
}
#endif

static void call_often(brood_t *b, int times)
{
	for (int i = 0; i < times; i++) {
		struct brood_answer a;

		assert_int_equal(brood_call(b, "unary", "x", 1, NULL, &a), 0);
		assert_int_equal(a.code, BROOD_OK);
		assert_int_equal(a.body_size, 3);
		brood_answer_free(&a);
	}
}

#ifndef HANDED_OVER
/* It stops its worker, after what fits into the windows; others go on, on the same connection, too. */
static void who_does_not_read_stops_its_own_stream(void **state)
{
#ifdef BROOD_SANITIZED
	enum { GROWTH_KIB = 30000 }; /* what was freed is kept for a while */
#else
	enum { GROWTH_KIB = 5000 };
#endif
	enum { COUNT = 400, SIZE = 100000 };
	brood_stream_t *stream;
	const void *body;
	size_t size;
	long before;

	(void)state;
	stage_open(&s,
		   "[worker:w]\ncommand = %s 1\ninstances = 2\n[endpoint:e]\nlisten = unix:e.sock\npool = w\n", TALKER);
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "w", NULL), 0);
	assert_int_equal(brood_connect(&client, stage_address(&s, "e.sock"), NULL), 0);
	before = resident_kib(s.pid);
	stream = start("count", "400 100000");
	call_often(client, 2000);
	assert_null(brood_stream_answer(stream));
	/* 40 MB were asked for: brood holds a window of it */
	assert_true(resident_kib(s.pid) - before < GROWTH_KIB);
	assert_false(stage_has_log(&s, "counted after"));
	for (int i = 0; i < COUNT; i++) {
		assert_int_equal(brood_stream_recv(stream, &body, &size, 20000), 1);
		assert_int_equal(size, SIZE);
		assert_int_equal(strtol(body, NULL, 10), i);
	}
	expect_ok(stream);
	stage_await_log(&s, "counted after 400");
	close_stage();
}
#endif

/* Small messages are held back, too. */
static void a_worker_that_takes_nothing_stops_its_caller(void **state)
{
	static char body[60000];
	brood_stream_t *stream;
	brood_stream_t *small;
	size_t sent = 0;
	long messages = 0;
	int rc;

	(void)state;
	open_stage(3);
	stream = open_request("stall");
	stage_await_log(&s, "stall has begun");
	while ((rc = brood_stream_send(stream, body, sizeof(body), 200)) == 0)
		sent += sizeof(body);
	assert_int_equal(rc, -EAGAIN);
	/* each of three processes takes a window */
	assert_in_range(sent, 1 << 20, 5 << 20);
	call_often(client, 100);
	small = open_request("stall");
	while ((rc = brood_stream_send(small, "", 0, 200)) == 0)
		messages++;
	assert_int_equal(rc, -EAGAIN);
	assert_in_range(messages, 1000, 5 * (1 << 20) / 64);
	call_often(client, 100);
	assert_int_equal(brood_stream_cancel(stream), 0);
	expect_end(stream, BROOD_CANCELLED, REASON_CANCEL);
	stage_await_log(&s, "stall: cancelled");
	brood_stream_free(small); /* cancels it */
	call_often(client, 1);
	stage_await_log(&s, "stall: cancelled");
	close_stage();
}

static void a_stream_beside_other_calls(void **state)
{
	brood_stream_t *streams[8];
	char text[32];

	(void)state;
	open_stage(16);
	for (int i = 0; i < 8; i++)
		streams[i] = open_request("hold");
	for (int n = 0; n < 100; n++) {
		for (int i = 0; i < 8; i++) {
			snprintf(text, sizeof(text), "stream %d message %d", i, n);
			send_text(streams[i], text);
		}
		call_often(client, 3);
	}
	for (int i = 7; i >= 0; i--) {
		assert_int_equal(brood_stream_end(streams[i]), 0);
		for (int n = 0; n < 100; n++) {
			snprintf(text, sizeof(text), "stream %d message %d", i, n);
			expect(streams[i], text);
		}
		expect_ok(streams[i]);
	}
	close_stage();
}

/* ------------------------------------------------------- ends in the middle */

static void a_worker_that_is_killed_in_mid_stream(void **state)
{
	static const char *const methods[] = {"echo", "hold", "event"};

	(void)state;
	open_stage(1);
	for (int i = 0; i < 3; i++) {
		brood_stream_t *stream = open_request(methods[i]);
		pid_t pid = stage_pid_of(&s, "w/0");

		send_text(stream, "a");
		expect(stream, "a");
		assert_int_equal(kill(pid, SIGKILL), 0);
		expect_end(stream, BROOD_UNAVAILABLE, REASON_KILLED);
		stage_await_state(&s, "w/0", "up", i + 2);
	}
	expect_end(start("die", "10"), BROOD_UNAVAILABLE, REASON_KILLED);
	stage_await_state(&s, "w/0", "up", 5);
	call_often(client, 10);
	assert_int_equal(stage_counter(&s, "w", "crashed"), IS_RELAYED ? 4 : 0);
	close_stage();
}

/* In a process of its own, which is killed with a stream under way. */
static void a_client_that_is_killed_in_mid_stream(void **state)
{
	int ready[2];
	char byte;
	pid_t pid;

	(void)state;
	open_stage(1);
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		brood_stream_t *stream;
		const void *body;
		size_t size;
		brood_t *b;

		if (brood_connect(&b, stage_address(&s, "e.sock"), NULL) < 0 ||
		    brood_stream_open(b, "echo", NULL, &stream) < 0 || brood_stream_send(stream, "x", 1, -1) < 0 ||
		    brood_stream_recv(stream, &body, &size, -1) != 1 || write(ready[1], "r", 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	stage_await_log(&s, "echo: cannot receive a message: the call is over");
	stage_until(5000, "it is settled", stage_counter(&s, "w", "closed") == IS_RELAYED);
	call_often(client, 10);
	close(ready[0]);
	close(ready[1]);
	close_stage();
}

static void a_deadline_in_mid_stream(void **state)
{
	const struct brood_call_options o = {.timeout = 300};
	brood_stream_t *stream;
	const void *body;
	size_t size;

	(void)state;
	open_stage(1);
	assert_int_equal(brood_stream_open(client, "echo", &o, &stream), 0);
	send_text(stream, "in time");
	expect(stream, "in time");
	assert_int_equal(brood_stream_recv(stream, &body, &size, 1), -EAGAIN);
	expect_end(stream, BROOD_DEADLINE_EXCEEDED, BROOD_REASON_DEADLINE);
	stage_await_log(&s, "echo: cannot receive a message: the call is over");
	assert_int_equal(brood_stream_call(client, "count", "1000 100000", 11, &o, &stream), 0);
	stage_await_log(&s, "cannot send a message: the call is over after"); /* nobody reads */
	expect_end(stream, BROOD_DEADLINE_EXCEEDED, BROOD_REASON_DEADLINE);
	call_often(client, 10);
	close_stage();
}

static void a_stop_lets_a_stream_finish(void **state)
{
	brood_stream_t *stream;
	pid_t cli;

	(void)state;
	open_stage(1);
	stream = open_request("echo");
	send_text(stream, "a");
	expect(stream, "a");
	cli = fork();
	if (cli == 0)
		_exit(stage_cli(&s, NULL, NULL, "stop", "w", NULL));
	stage_await_state(&s, "w/0", STATE_ENDING, 1);
	send_text(stream, "b");
	expect(stream, "b");
	assert_int_equal(brood_stream_end(stream), 0);
	expect_ok(stream);
	assert_int_equal(waitpid(cli, NULL, 0), cli);
	stage_await_state(&s, "w/0", "down", 1);
	close_stage();
}

/* What is over can still be looked at, whatever becomes of the rest. */
static void a_stream_outlives_its_client(void **state)
{
	brood_stream_t *stream;
	brood_stream_t *open;
	const void *body;
	size_t size;

	(void)state;
	open_stage(2);
	stream = start("count", "3");
	open = open_request("hold");
	expect(stream, "0");
	stage_await_log(&s, "counted after 3");
	send_text(open, "x");
	expect(open, "x");
	brood_close(client);
	assert_int_equal(brood_stream_recv(stream, &body, &size, -1), 1);
	expect_end(stream, BROOD_OK, BROOD_REASON_NONE);
	assert_int_equal(brood_stream_send(open, "y", 1, -1), -ECANCELED);
	assert_int_equal(brood_stream_cancel(open), -ENOENT);
	expect_end(open, BROOD_UNAVAILABLE, BROOD_REASON_CONNECTION_LOST);
	assert_int_equal(brood_connect(&client, stage_address(&s, "e.sock"), NULL), 0);
	close_stage();
}

/* The usual call of a worker that answers with more than one message. */
static void a_call_for_one_message_is_told_of_more(void **state)
{
	struct brood_answer a;

	(void)state;
	open_stage(1);
	assert_int_equal(brood_call(client, "count", "1", 1, NULL, &a), 0);
	assert_int_equal(a.code, BROOD_OK); /* one message is one message, however it comes */
	assert_int_equal(a.body_size, 1);
	brood_answer_free(&a);
	assert_int_equal(brood_call(client, "count", "2", 1, NULL, &a), 0);
	assert_int_equal(a.code, BROOD_UNIMPLEMENTED);
	assert_int_equal(a.reason, BROOD_REASON_UNSUPPORTED);
	brood_answer_free(&a);
	assert_int_equal(brood_call(client, "count", "0", 1, NULL, &a), 0);
	assert_int_equal(a.code, BROOD_OK);
	assert_int_equal(a.body_size, 0);
	brood_answer_free(&a);
	call_often(client, 10);
	close_stage();
}

#ifndef HANDED_OVER
/* From the shell: all messages, and how it ended. */
static void the_command_line_prints_every_message(void **state)
{
	char *out;
	char *err;

	(void)state;
	open_stage(2);
	assert_int_equal(stage_cli(&s, &out, NULL, "call", "w/count", "3", NULL), 0);
	assert_string_equal(out, "0\n1\n2\n");
	free(out);
	assert_int_equal(stage_cli(&s, &out, NULL, "call", "w/sum", "7", NULL), 0);
	assert_string_equal(out, "7");
	free(out);
	assert_int_equal(stage_cli(&s, &out, &err, "call", "w/fail", "2", NULL), 1);
	assert_string_equal(out, "0\n1\n");
	assert_non_null(strstr(err, "ABORTED: failed as asked"));
	free(out);
	free(err);
	assert_int_equal(stage_cli(&s, &out, &err, "call", "w/die", "0", NULL), 1);
	assert_non_null(strstr(err, "WORKER_CRASHED"));
	free(out);
	free(err);
	stage_await_state(&s, "w/0", "up", 2);
	assert_int_equal(stage_cli(&s, &out, NULL, "call", "--json", "w/count", "1", NULL), 0);
	assert_non_null(strstr(out, "\"body\":\"MA==\""));
	free(out);
	/* more than all windows together: it is read as fast as the worker may send */
	assert_int_equal(stage_cli(&s, &out, NULL, "call", "w/count", "100 100000", NULL), 0);
	assert_int_equal(strlen(out), 100 * 100001);
	free(out);
	close_stage();
}
#endif

#ifdef TALK
/* What the shell gives for this line, in which %s is TALK and its socket. */
static void expect_output(const char *format, const char *output)
{
	char command[2048];
	char got[256] = "";
	char talk[1024];
	FILE *f;

	snprintf(talk, sizeof(talk), "%s %s", TALK, stage_address(&s, "e.sock"));
	snprintf(command, sizeof(command), "%.*s%s%s", (int)strcspn(format, "%"), format, talk,
		 format + strcspn(format, "%") + 2);
	f = popen(command, "r");
	assert_non_null(f);
	got[fread(got, 1, sizeof(got) - 1, f)] = '\0';
	pclose(f);
	assert_string_equal(got, output);
}

static void the_example_does_what_it_says(void **state)
{
	(void)state;
	stage_open(&s, "[worker:w]\ncommand = %s\n[endpoint:e]\nlisten = unix:e.sock\npool = w\n", LINES);
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "w", NULL), 0);
	assert_int_equal(brood_connect(&client, stage_address(&s, "e.sock"), NULL), 0);
	expect_output("printf '1\\n2\\n39\\n' | %s sum", "42\n");
	expect_output("printf 'hello\\nthere\\n' | %s upper", "HELLO\nTHERE\n");
	expect_output("echo 3 | %s count", "1\n2\n3\n");
	expect_output("echo 1000000 | %s count 2>&1 | head -n 2", "1\n2\n");
	expect_output("echo 3 | %s what 2>&1", "talk: UNIMPLEMENTED: no method 'what': upper, sum, count\n");
	close_stage();
}
#endif

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(an_answer_of_thousands_of_messages),
	cmocka_unit_test(a_request_of_thousands_of_messages),
	cmocka_unit_test(both_sides_talk_in_turns),
	cmocka_unit_test(large_messages_pass_both_ways),
	cmocka_unit_test(a_call_may_be_answered_before_its_request_ends),
#ifndef HANDED_OVER /* there all calls of a connection share one worker's slots */
	cmocka_unit_test(who_does_not_read_stops_its_own_stream),
#endif
	cmocka_unit_test(a_worker_that_takes_nothing_stops_its_caller),
	cmocka_unit_test(a_stream_beside_other_calls),
	cmocka_unit_test(a_worker_that_is_killed_in_mid_stream),
	cmocka_unit_test(a_client_that_is_killed_in_mid_stream),
	cmocka_unit_test(a_deadline_in_mid_stream),
	cmocka_unit_test(a_stop_lets_a_stream_finish),
	cmocka_unit_test(a_stream_outlives_its_client),
	cmocka_unit_test(a_call_for_one_message_is_told_of_more),
#ifndef HANDED_OVER
	cmocka_unit_test(the_command_line_prints_every_message),
#endif
#ifdef TALK
	cmocka_unit_test(the_example_does_what_it_says),
#endif
};

CHECK_MAIN(tests)
