/* Operators who do not behave: who never read, who leave, who are many. None of them costs the others anything. */
#include "check.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "stage.h"

#define STATUS "{\"method\":\"io.brood.Status\"}"
#define INFO   "{\"method\":\"org.varlink.service.GetInfo\"}"
#define CALL(method, body, more)                                                                                 \
	"{\"method\":\"io.brood.Call\"," more "\"parameters\":{\"pool\":\"w\",\"method\":\"" method "\",\"body\":\"" \
	body "\"}}"
#define HANG CALL("keep", "", "")

enum { OPERATORS_MOST = 64, RESERVE = 4, UNREAD_MOST = 2 << 20 };

static struct stage s;

static void open_stage(void)
{
	stage_open(&s, "[worker:w]\ncommand = %s --slots 100\nstop_timeout = 500ms\ncall_timeout = 60s\n",
		   home_badworker());
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "w", NULL), 0);
}

static int admin_connect(void)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", stage_address(&s, "admin.sock") + 5);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

static void say(int fd, const char *message)
{
	assert_int_equal(send(fd, message, strlen(message) + 1, MSG_NOSIGNAL), strlen(message) + 1);
}

/* Reads what is there, waiting up to `ms` for it, and counts the messages; -1 at the end of the connection. */
static int count_replies(int fd, int ms)
{
	static char buffer[1 << 20];
	struct pollfd p = {.fd = fd, .events = POLLIN};
	ssize_t n = poll(&p, 1, ms) == 1 ? recv(fd, buffer, sizeof(buffer), 0) : 0;
	int count = 0;

	if (n == 0)
		return p.revents ? -1 : 0;
	assert_true(n > 0);
	for (ssize_t i = 0; i < n; i++)
		count += buffer[i] == '\0';
	return count;
}

static void await_replies(int fd, int expected)
{
	while (expected > 0) {
		int n = count_replies(fd, STAGE_WAIT_MS);

		if (n <= 0)
			fail_msg("%d replies are missing, and %s", expected, n < 0 ? "the end came" : "nothing comes");
		expected -= n;
	}
	assert_int_equal(expected, 0);
}

/* The first reply, whole. */
static json_t *hear(int fd)
{
	static char text[1 << 18];
	size_t used = 0;
	json_t *o;

	do {
		struct pollfd p = {.fd = fd, .events = POLLIN};

		assert_int_equal(poll(&p, 1, STAGE_WAIT_MS), 1);
		assert_int_equal(recv(fd, text + used, 1, 0), 1);
	} while (text[used++] != '\0');
	o = json_loads(text, 0, NULL);
	assert_non_null(o);
	return o;
}

static json_t *expect_error(int fd, const char *error)
{
	json_t *o = hear(fd);
	const char *name = json_string_value(json_object_get(o, "error"));

	if (!name || strcmp(name, error) != 0)
		fail_msg("expected %s, got %s", error, json_dumps(o, 0));
	return o;
}

/* ------------------------------------------------------------- who never read */

/* Sends the message again and again until nobody takes it any more; how many were sent. */
static int send_until_stopped(int fd, const char *message)
{
	size_t size = strlen(message) + 1;
	size_t sent = 0;

	while (sent < UNREAD_MOST) {
		struct pollfd p = {.fd = fd, .events = POLLOUT};
		size_t at = sent % size;
		ssize_t n;

		if (poll(&p, 1, 1000) == 0)
			break;
		n = send(fd, message + at, size - at, MSG_NOSIGNAL | MSG_DONTWAIT);
		assert_true(n > 0 || errno == EAGAIN);
		sent += n > 0 ? (size_t)n : 0;
	}
	if (sent >= UNREAD_MOST)
		fail_msg("brood goes on reading, and keeping what is not read");
	return (int)(sent / size);
}

static void who_never_reads_is_not_read(void **state)
{
	int count;
	int fd;

	(void)state;
	open_stage();
	fd = admin_connect();
	count = send_until_stopped(fd, STATUS);
	assert_int_equal(stage_cli(&s, NULL, NULL, "status", NULL), 0);
	await_replies(fd, count); /* and goes on as soon as it reads */
	close(fd);
	stage_close(&s);
}

static void many_messages_may_wait_behind_a_call(void **state)
{
	enum { MESSAGES = 50000 };
	int fd;
	pid_t sender;

	(void)state;
	open_stage();
	fd = admin_connect();
	sender = fork();
	if (sender == 0) {
		bool ok = send(fd, CALL("sleep", "MTUwMA==", ""), sizeof(CALL("sleep", "MTUwMA==", "")), 0) > 0;

		for (int i = 0; ok && i < MESSAGES; i++)
			ok = send(fd, INFO, sizeof(INFO), MSG_NOSIGNAL) == sizeof(INFO);
		_exit(ok ? 0 : 1);
	}
	await_replies(fd, 1 + MESSAGES);
	close(fd);
	stage_close(&s);
}

/* --------------------------------------------------------- who want no answer */

#define ONEWAY(method, parameters) "{\"method\":\"io.brood." method "\",\"oneway\":true,\"parameters\":" parameters "}"

/* The only reply is the one to the last message. */
static void who_wants_no_answer_gets_none(void **state)
{
	static const char *const silent[] = {
		ONEWAY("Status", "{}"),
		ONEWAY("Start", "{\"names\":[\"w\"]}"),
		ONEWAY("Start", "{\"names\":[\"x\"]}"),
		ONEWAY("Nothing", "{}"),
		ONEWAY("Logs", "{}"),
		"{\"method\":\"io.brood.Logs\",\"oneway\":true,\"more\":true}",
		CALL("print", "c2lsZW50Cg==", "\"oneway\":true,"),
		CALL("none", "", "\"oneway\":true,"),
		ONEWAY("Restart", "{\"names\":[\"w\"]}"),
	};
	int fd;

	(void)state;
	open_stage();
	fd = admin_connect();
	for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++) {
		json_t *o;

		say(fd, silent[i]);
		say(fd, INFO);
		o = hear(fd);
		if (!json_object_get(json_object_get(o, "parameters"), "vendor"))
			fail_msg("%s was answered: %s", silent[i], json_dumps(o, 0));
		json_decref(o);
	}
	assert_int_equal(count_replies(fd, 50), 0);
	close(fd);
	stage_await_state(&s, "w/0", "up", 2);
	stage_await_log(&s, "silent");
	stage_close(&s);
}

/* The call is made even if its caller is gone before it is over. */
static void a_call_that_wants_no_answer_outlives_its_caller(void **state)
{
	int fd;

	(void)state;
	open_stage();
	fd = admin_connect();
	say(fd, CALL("sleep", "MzAw", "\"oneway\":true,"));
	close(fd);
	stage_until(STAGE_WAIT_MS, "the call has been answered", stage_counter(&s, "w", "replied") == 1);
	stage_check_ledger(&s, "w");
	stage_close(&s);
}

/* ------------------------------------------------------------------ who leave */

static void the_call_of_who_leaves_is_cancelled(void **state)
{
	int fds[OPERATORS_MOST];

	(void)state;
	open_stage();
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < OPERATORS_MOST - RESERVE; i++) {
			fds[i] = admin_connect();
			say(fds[i], HANG);
			if (i % 2)
				assert_int_equal(shutdown(fds[i], SHUT_WR), 0);
		}
		stage_until(STAGE_WAIT_MS, "the calls have come",
			    stage_counter(&s, "w", "accepted") == (round + 1) * (OPERATORS_MOST - RESERVE));
		for (int i = 0; i < OPERATORS_MOST - RESERVE; i++)
			close(fds[i]);
		stage_until(STAGE_WAIT_MS, "the calls are over",
			    stage_counter(&s, "w", "closed") == (round + 1) * (OPERATORS_MOST - RESERVE));
	}
	stage_close(&s);
}

static void who_has_said_all_may_follow(void **state)
{
	int fd;

	(void)state;
	open_stage();
	fd = admin_connect();
	say(fd, "{\"method\":\"io.brood.Logs\",\"more\":true,\"parameters\":{\"lines\":0}}");
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	await_replies(fd, 1);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(stage_cli(&s, NULL, NULL, "call", "w/print", "tick\n", NULL), 0);
		await_replies(fd, 1);
	}
	close(fd);
	stage_close(&s);
}

/* ----------------------------------------------------------------- who ask much */

/* Never the end of it for the whole. */
static void an_answer_that_is_too_large_is_an_error(void **state)
{
	char *err;
	char *out;

	(void)state;
	stage_open(&s, "[worker:w]\ncommand = %s\n[endpoint:e]\nlisten = unix:e.sock\npool = w\nmax_message = 200M\n",
		   home_badworker());
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "w", NULL), 0);
	assert_int_equal(stage_cli(&s, &out, &err, "call", "w/big", "80000000", NULL), 1);
	assert_string_equal(out, "");
	assert_non_null(strstr(err, "TOO_LARGE"));
	free(out);
	free(err);
	assert_int_equal(stage_cli(&s, &out, NULL, "call", "w/echo", "still there", NULL), 0);
	assert_string_equal(out, "still there");
	free(out);
	stage_check_ledger(&s, "w");
	stage_close(&s);
}

/* Bytes that are no text have to be shown somehow. */
static void a_path_that_is_no_text_is_shown(void **state)
{
	char old[STAGE_PATH];
	char *out;

	(void)state;
	stage_prepare(&s, "[worker:w]\ncommand = %s\n", home_badworker());
	memcpy(old, s.config, sizeof(old));
	snprintf(s.config, sizeof(s.config), "%.400s/\xff.ini", s.dir);
	assert_int_equal(rename(old, s.config), 0);
	stage_start(&s, true, NULL);
	(void)stage_cli(&s, &out, NULL, "status", NULL);
	assert_non_null(strstr(out, "/\\xff.ini"));
	free(out);
	stage_close(&s);
}

/* ------------------------------------------------------------- who name much */

enum { NAMES_MOST = 256 };

/* "w/0" as often as a message may name anything. */
static void say_command(int fd, const char *method)
{
	char message[NAMES_MOST * 8 + 128];
	size_t used = (size_t)snprintf(message, sizeof(message),
				       "{\"method\":\"io.brood.%s\",\"parameters\":{\"names\":[", method);

	for (int i = 0; i < NAMES_MOST; i++)
		used += (size_t)snprintf(message + used, sizeof(message) - used, "%s\"w/0\"", i > 0 ? "," : "");
	snprintf(message + used, sizeof(message) - used, "]}}");
	say(fd, message);
}

static void expect_done(int fd, long long done, long long failed)
{
	json_t *o = hear(fd);
	json_t *p = json_object_get(o, "parameters");

	if (json_integer_value(json_object_get(p, "targets")) != NAMES_MOST ||
	    json_integer_value(json_object_get(p, "done")) != done ||
	    json_integer_value(json_object_get(p, "failed")) != failed)
		fail_msg("not %lld done and %lld failed: %s", done, failed, json_dumps(o, 0));
	json_decref(o);
}

/* All that is named is waited for, and what cannot be waited for is not called done. */
static void all_that_is_named_is_waited_for(void **state)
{
	int fds[3];

	(void)state;
	stage_open(&s, "[worker:w]\ncommand = %s --at-start hang\nautostart = no\nstart_timeout = 60s\n"
		   "stop_timeout = 500ms\n", home_badworker());
	for (int i = 0; i < 3; i++)
		fds[i] = admin_connect();
	say_command(fds[0], "Start");
	assert_int_equal(count_replies(fds[0], 300), 0);
	say_command(fds[1], "Start");
	assert_int_equal(count_replies(fds[1], 300), 0);
	say_command(fds[2], "Start");
	json_decref(expect_error(fds[2], "io.brood.Refused"));
	assert_int_equal(count_replies(fds[1], 50), 0);
	say_command(fds[2], "Stop"); /* makes both starts fail, and room for itself */
	expect_done(fds[0], 0, NAMES_MOST);
	expect_done(fds[1], 0, NAMES_MOST);
	for (int i = 0; i < 3; i++)
		close(fds[i]);
	stage_close(&s);
}

/* ------------------------------------------------------------------ who are many */

static void there_is_always_a_place_to_ask(void **state)
{
	int fds[OPERATORS_MOST];

	(void)state;
	open_stage();
	for (int i = 0; i < OPERATORS_MOST - RESERVE; i++) {
		fds[i] = admin_connect();
		say(fds[i], HANG);
	}
	stage_until(STAGE_WAIT_MS, "the calls have come",
		    stage_counter(&s, "w", "accepted") == OPERATORS_MOST - RESERVE);
	for (int i = OPERATORS_MOST - RESERVE; i < OPERATORS_MOST - 1; i++) {
		fds[i] = admin_connect();
		say(fds[i], i % 2 ? HANG : "{\"method\":\"io.brood.Logs\",\"more\":true}");
		json_decref(expect_error(fds[i], "io.brood.Refused"));
	}
	assert_int_equal(stage_cli(&s, NULL, NULL, "status", NULL), 0);
	for (int i = 0; i < OPERATORS_MOST - 1; i++)
		close(fds[i]);
	stage_close(&s);
}

/* Ticks of the processor that brood has used. */
static unsigned long ticks_of_brood(void)
{
	char path[64];
	char text[1024];
	unsigned long user;
	unsigned long system;
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)s.pid);
	f = fopen(path, "r");
	assert_non_null(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	assert_int_equal(sscanf(strrchr(text, ')') + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
				&system),
			 2);
	return user + system;
}

/* One who cannot be let in is not asked for again and again. */
static void without_descriptors_operators_wait(void **state)
{
	struct rlimit before;
	struct rlimit none;
	unsigned long ticks;
	int fd;

	(void)state;
	open_stage();
	assert_int_equal(prlimit(s.pid, RLIMIT_NOFILE, NULL, &before), 0);
	none = (struct rlimit){3, before.rlim_max};
	assert_int_equal(prlimit(s.pid, RLIMIT_NOFILE, &none, NULL), 0);
	fd = admin_connect();
	say(fd, INFO);
	ticks = ticks_of_brood();
	assert_int_equal(count_replies(fd, 1000), 0);
	ticks = ticks_of_brood() - ticks;
	assert_int_equal(prlimit(s.pid, RLIMIT_NOFILE, &before, NULL), 0);
	await_replies(fd, 1);
	assert_true(stage_has_log(&s, "admin: cannot accept: "));
	if (ticks * 4 > (unsigned long)sysconf(_SC_CLK_TCK))
		fail_msg("brood used %lu ticks in a second of waiting", ticks);
	close(fd);
	stage_close(&s);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(who_never_reads_is_not_read),
	cmocka_unit_test(many_messages_may_wait_behind_a_call),
	cmocka_unit_test(who_wants_no_answer_gets_none),
	cmocka_unit_test(a_call_that_wants_no_answer_outlives_its_caller),
	cmocka_unit_test(the_call_of_who_leaves_is_cancelled),
	cmocka_unit_test(who_has_said_all_may_follow),
	cmocka_unit_test(an_answer_that_is_too_large_is_an_error),
	cmocka_unit_test(a_path_that_is_no_text_is_shown),
	cmocka_unit_test(all_that_is_named_is_waited_for),
	cmocka_unit_test(there_is_always_a_place_to_ask),
	cmocka_unit_test(without_descriptors_operators_wait),
};

CHECK_MAIN(tests)
