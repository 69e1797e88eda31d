/* The admin socket as a stranger's program meets it: Varlink, byte by byte; and signals to brood itself. */
#include "check.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "stage.h"

static struct stage s;

static void open_stage(const char *more)
{
	stage_open(&s, "[worker:w]\ncommand = %s\nstop_timeout = 500ms\n%s\n", home_badworker(), more);
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

/* The next message; NULL at the end of the connection. */
static json_t *hear(int fd)
{
	static char text[1 << 20];
	size_t used = 0;
	json_error_t error;
	json_t *o;

	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		ssize_t n;

		assert_int_equal(poll(&p, 1, STAGE_WAIT_MS), 1);
		n = recv(fd, text + used, 1, 0);
		if (n <= 0)
			return NULL;
		if (text[used] == '\0')
			break;
		used++;
	}
	o = json_loads(text, 0, &error);
	if (!o)
		fail_msg("no JSON: %s: %s", error.text, text);
	return o;
}

static void expect_error(int fd, const char *message, const char *error, const char *parameter,
			 const char *value)
{
	json_t *o;

	say(fd, message);
	o = hear(fd);
	assert_non_null(o);
	if (!json_object_get(o, "error") ||
	    strcmp(json_string_value(json_object_get(o, "error")), error) != 0)
		fail_msg("%s: expected %s, got %s", message, error, json_dumps(o, 0));
	if (parameter)
		assert_string_equal(json_string_value(
					    json_object_get(json_object_get(o, "parameters"), parameter)),
				    value);
	json_decref(o);
}

static void it_describes_itself(void **state)
{
	json_t *o;
	const char *text;
	int fd;

	(void)state;
	open_stage("");
	fd = admin_connect();
	say(fd, "{\"method\":\"org.varlink.service.GetInfo\"}");
	o = hear(fd);
	assert_string_equal(json_string_value(json_object_get(json_object_get(o, "parameters"), "product")),
			    "brood");
	json_decref(o);
	say(fd, "{\"method\":\"org.varlink.service.GetInterfaceDescription\","
		"\"parameters\":{\"interface\":\"io.brood\"}}");
	o = hear(fd);
	text = json_string_value(json_object_get(json_object_get(o, "parameters"), "description"));
	assert_non_null(strstr(text, "interface io.brood"));
	assert_non_null(strstr(text, "method Restart("));
	assert_non_null(strstr(text, "error NoSuchWorker"));
	json_decref(o);
	close(fd);
	stage_close(&s);
}

static void what_is_wrong_with_a_message_is_named(void **state)
{
	static const char invalid[] = "org.varlink.service.InvalidParameter";
	int fd;

	(void)state;
	open_stage("");
	fd = admin_connect();
	expect_error(fd, "nonsense", invalid, "parameter", "the message is not JSON");
	expect_error(fd, "", invalid, "parameter", "the message is not JSON");
	expect_error(fd, "[]", invalid, "parameter", "method");
	expect_error(fd, "{\"method\":7}", invalid, "parameter", "method");
	expect_error(fd, "{\"method\":\"io.brood.Nothing\"}", "org.varlink.service.MethodNotFound", "method",
		     "io.brood.Nothing");
	expect_error(fd, "{\"method\":\"a.b.C\"}", "org.varlink.service.InterfaceNotFound", "interface",
		     "a.b");
	expect_error(fd, "{\"method\":\"nodots\"}", "org.varlink.service.InterfaceNotFound", "interface",
		     "nodots");
	expect_error(fd, "{\"method\":\"io.brood.Start\"}", invalid, "parameter", "names");
	expect_error(fd, "{\"method\":\"io.brood.Start\",\"parameters\":[]}", invalid, "parameter",
		     "parameters");
	expect_error(fd, "{\"method\":\"io.brood.Start\",\"parameters\":{\"names\":[]}}", invalid,
		     "parameter", "names");
	expect_error(fd, "{\"method\":\"io.brood.Start\",\"parameters\":{\"names\":[1]}}", invalid,
		     "parameter", "names");
	expect_error(fd, "{\"method\":\"io.brood.Start\",\"parameters\":{\"names\":[\"v\"]}}",
		     "io.brood.NoSuchWorker", "name", "v");
	expect_error(fd, "{\"method\":\"io.brood.Start\",\"parameters\":{\"names\":[\"w/1\"]}}",
		     "io.brood.NoSuchWorker", "name", "w/1");
	expect_error(fd, "{\"method\":\"io.brood.Start\",\"parameters\":{\"names\":[\"w/-1\"]}}",
		     "io.brood.NoSuchWorker", "name", "w/-1");
	expect_error(fd, "{\"method\":\"io.brood.Why\",\"parameters\":{\"name\":\"all\"}}",
		     "io.brood.Refused", NULL, NULL);
	expect_error(fd, "{\"method\":\"io.brood.Call\",\"parameters\":{\"pool\":\"w\",\"body\":\"%\"}}",
		     invalid, "parameter", "body");
	expect_error(fd, "{\"method\":\"io.brood.Logs\",\"parameters\":{\"lines\":-1}}", invalid, "parameter",
		     "lines");
	expect_error(fd,
		     "{\"method\":\"io.brood.Status\",\"parameters\":{\"names\":[\"w\"]},\"method\":\"x\"}",
		     invalid, "parameter", "the message is not JSON"); /* a key twice */
	close(fd);
	stage_close(&s);
}

static void messages_may_come_in_pieces_and_in_rows(void **state)
{
	static const char one[] =
		"{\"method\":\"io.brood.Call\",\"parameters\":{\"pool\":\"w\",\"body\":\"aGk=\"}}";
	char row[4 * sizeof(one)];
	int fd;

	(void)state;
	open_stage("");
	fd = admin_connect();
	for (size_t i = 0; i < sizeof(one); i++)
		assert_int_equal(send(fd, one + i, 1, MSG_NOSIGNAL), 1);
	for (int i = 0; i < 4; i++)
		memcpy(row + (size_t)i * sizeof(one), one, sizeof(one));
	assert_int_equal(send(fd, row, sizeof(row), MSG_NOSIGNAL), sizeof(row));
	assert_int_equal(shutdown(fd, SHUT_WR), 0); /* it still wants its answers */
	for (int i = 0; i < 5; i++) {
		json_t *o = hear(fd);

		assert_non_null(o);
		assert_string_equal(json_string_value(
					    json_object_get(json_object_get(o, "parameters"), "body")),
				    "aGk=");
		json_decref(o);
	}
	assert_null(hear(fd));
	close(fd);
	stage_close(&s);
}

static void a_message_that_never_ends_is_refused(void **state)
{
	char *junk = malloc(2 << 20);
	json_t *o;
	int fd;

	(void)state;
	memset(junk, ' ', 2 << 20);
	open_stage("");
	fd = admin_connect();
	for (size_t sent = 0; sent < 2 << 20;) {
		ssize_t n = send(fd, junk + sent, (2 << 20) - sent, MSG_NOSIGNAL);

		if (n < 0)
			break;
		sent += (size_t)n;
	}
	o = hear(fd);
	assert_string_equal(json_string_value(json_object_get(o, "error")), "io.brood.Refused");
	json_decref(o);
	free(junk);
	close(fd);
	assert_int_equal(stage_cli(&s, NULL, NULL, "status", NULL), 0);
	stage_close(&s);
}

static void lines_can_be_followed(void **state)
{
	json_t *o;
	json_t *line;
	int fd;

	(void)state;
	open_stage("");
	fd = admin_connect();
	say(fd,
	    "{\"method\":\"io.brood.Logs\",\"more\":true,\"parameters\":{\"names\":[\"w\"],\"lines\":0}}");
	o = hear(fd);
	assert_true(json_is_true(json_object_get(o, "continues")));
	json_decref(o);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(stage_cli(&s, NULL, NULL, "call", "w/print", "tick\n", NULL), 0);
		o = hear(fd);
		line = json_array_get(json_object_get(json_object_get(o, "parameters"), "lines"), 0);
		assert_string_equal(json_string_value(json_object_get(line, "text")), "tick");
		assert_string_equal(json_string_value(json_object_get(line, "name")), "w/0");
		json_decref(o);
	}
	close(fd);
	stage_close(&s);
}

/* Whoever does not read what it asked for costs a bounded amount, and nobody else's time. */
static void a_follower_that_never_reads_holds_up_nobody(void **state)
{
	int fd;

	(void)state;
	open_stage("");
	fd = admin_connect();
	say(fd, "{\"method\":\"io.brood.Logs\",\"more\":true}");
	for (int i = 0; i < 3; i++)
		assert_int_equal(stage_cli(&s, NULL, NULL, "call", "w/flood", "50000", NULL), 0);
	assert_int_equal(stage_cli(&s, NULL, NULL, "status", NULL), 0);
	close(fd);
	stage_close(&s);
}

static void a_command_goes_on_without_who_gave_it(void **state)
{
	int fd;

	(void)state;
	open_stage("");
	fd = admin_connect();
	say(fd, "{\"method\":\"io.brood.Restart\",\"parameters\":{\"names\":[\"w\"]}}");
	close(fd);
	stage_await_state(&s, "w/0", "up", 2);
	assert_true(stage_has_log(&s, "admin: uid "));
	stage_close(&s);
}

static void timeouts_and_no_wait_leave_the_job_running(void **state)
{
	char *err;
	char *out;

	(void)state;
	open_stage("");
	assert_int_equal(stage_cli(&s, NULL, NULL, "call", "w/ignore-term", "", NULL), 0);
	assert_int_equal(stage_cli(&s, NULL, NULL, "call", "--timeout", "50ms", "w/hang", NULL), 1);
	assert_int_equal(stage_cli(&s, NULL, &err, "restart", "--timeout", "100ms", "w", NULL), 124);
	assert_non_null(strstr(err, "the time is over; brood goes on with it"));
	free(err);
	stage_await_state(&s, "w/0", "up", 2);
	assert_int_equal(stage_cli(&s, &out, NULL, "restart", "--no-wait", "w", NULL), 0);
	assert_int_equal(strncmp(out, "asked for, job ", 15), 0);
	free(out);
	stage_await_state(&s, "w/0", "up", 3);
	stage_close(&s);
}

static void a_binary_body_goes_through_the_shell(void **state)
{
	char path[STAGE_PATH + 16];
	unsigned char body[100000];
	FILE *f;
	char argument[STAGE_PATH + 32];
	char *out;

	(void)state;
	open_stage("");
	for (size_t i = 0; i < sizeof(body); i++)
		body[i] = (unsigned char)('a' + i % 26);
	snprintf(path, sizeof(path), "%s/body", s.dir);
	f = fopen(path, "w");
	assert_int_equal(fwrite(body, 1, sizeof(body), f), sizeof(body));
	fclose(f);
	snprintf(argument, sizeof(argument), "@%s", path);
	assert_int_equal(stage_cli(&s, &out, NULL, "call", "w/echo", argument, NULL), 0);
	assert_int_equal(strlen(out), sizeof(body));
	assert_memory_equal(out, body, sizeof(body));
	free(out);
	/* an answer that needs many frames comes whole */
	assert_int_equal(stage_cli(&s, &out, NULL, "call", "--json", "w/big", "3000000", NULL), 0);
	assert_true(strlen(out) > 4000000);
	free(out);
	stage_close(&s);
}

static void metadata_goes_both_ways(void **state)
{
	static const char expected[] = "[{\"key\":\"width\",\"value\":\"NjQ=\"},"
				       "{\"key\":\"a\",\"value\":\"Yj1j\"},{\"key\":\"a\",\"value\":\"\"}]";
	json_t *o;
	char *out;
	char *meta;

	(void)state;
	open_stage("");
	assert_int_equal(stage_cli(&s, &out, NULL, "call", "--json", "-m", "width=64", "-m", "a=b=c", "-m", "a=",
				   "w/meta", NULL), 0);
	o = json_loads(out, 0, NULL);
	meta = json_dumps(json_object_get(o, "meta"), JSON_COMPACT);
	assert_string_equal(meta, expected);
	/* no entry but :error is what the answer says */
	assert_string_equal(json_string_value(json_object_get(o, "text")), "");
	free(meta);
	json_decref(o);
	free(out);
	assert_int_equal(stage_cli(&s, NULL, &out, "call", "-m", "detail=not this", "w/meta", "5", NULL), 1);
	assert_string_equal(out, "brood: NOT_FOUND\n");
	free(out);
	/* nor is any the method of a call that names none */
	assert_int_equal(stage_cli(&s, &out, NULL, "call", "-m", "k=exit", "w", "7", NULL), 0);
	assert_string_equal(out, "7");
	free(out);
	assert_int_equal(stage_cli(&s, NULL, NULL, "call", "-m", "novalue", "w", NULL), 2);
	assert_int_equal(stage_cli(&s, NULL, NULL, "call", "-m", ":error=x", "w", NULL), 2);
	assert_int_equal(stage_cli(&s, NULL, NULL, "call", "-m", "=x", "w", NULL), 2);
	stage_close(&s);
}

/* Who calls from the shell is somebody, as any client is. */
static void a_worker_is_told_who_calls(void **state)
{
	char expected[64];
	char *out;

	(void)state;
	open_stage("");
	snprintf(expected, sizeof(expected), "%u %u ", (unsigned)geteuid(), (unsigned)getegid());
	assert_int_equal(stage_cli(&s, &out, NULL, "call", "w/peer", NULL), 0);
	assert_int_equal(strncmp(out, expected, strlen(expected)), 0);
	free(out);
	stage_close(&s);
}

static void metadata_that_cannot_be_sent_is_refused(void **state)
{
	static const char start[] = "{\"method\":\"io.brood.Call\",\"parameters\":{\"pool\":\"w\",\"meta\":";
	static const char *const bad[] = {
		"7", "[7]", "[{}]", "[{\"key\":\"k\"}]", "[{\"key\":\"\",\"value\":\"\"}]",
		"[{\"key\":\":method\",\"value\":\"\"}]", "[{\"key\":\"k\",\"value\":\"%\"}]",
	};
	char large[32 << 10];
	int fd;

	(void)state;
	open_stage("");
	fd = admin_connect();
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(large, sizeof(large), "%s%s}}", start, bad[i]);
		expect_error(fd, large, "org.varlink.service.InvalidParameter", "parameter", "meta");
	}
	snprintf(large, sizeof(large), "%s[{\"key\":\"k\",\"value\":\"%024000d\"}]}}", start, 0);
	expect_error(fd, large, "io.brood.Refused", "reason", "method and metadata are larger than 16 KiB");
	close(fd);
	stage_close(&s);
}

/* ------------------------------------------------------------------ signals */

static bool is_busy(void)
{
	json_t *status = stage_status(&s);
	bool busy = json_integer_value(json_object_get(stage_pool(status, "w"), "busy")) == 1;

	json_decref(status);
	return busy;
}

static void term_finishes_what_is_in_hand(void **state)
{
	int fd;
	json_t *o;

	(void)state;
	stage_open(&s, "[worker:w]\ncommand = %s\n", home_badworker());
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "w", NULL), 0);
	fd = admin_connect();
	say(fd, "{\"method\":\"io.brood.Call\",\"parameters\":{\"pool\":\"w\",\"method\":\"sleep\",\"body\":"
		"\"NTAw\"}}");
	stage_until(5000, "the call is in hand", is_busy());
	assert_int_equal(kill(s.pid, SIGTERM), 0);
	stage_await_log(&s, "ordered stop");
	o = hear(fd);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(o, "parameters"), "code")), 0);
	json_decref(o);
	close(fd);
	stage_await_exit(&s, 10000);
	assert_int_equal(s.exit_code, 0);
	assert_true(stage_has_log(&s, "w/0 gen 1: STOPPING -> DOWN (exit 0"));
	stage_clean(&s);
}

static void a_second_term_ends_everything_at_once(void **state)
{
	(void)state;
	stage_open(&s, "[worker:w]\ncommand = %s\n", home_badworker());
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "w", NULL), 0);
	assert_int_equal(stage_cli(&s, NULL, NULL, "call", "w/ignore-term", "", NULL), 0);
	assert_int_equal(stage_cli(&s, NULL, NULL, "call", "--timeout", "50ms", "w/hang", NULL), 1);
	assert_int_equal(kill(s.pid, SIGTERM), 0);
	stage_await_log(&s, "ordered stop");
	assert_int_equal(kill(s.pid, SIGTERM), 0);
	stage_await_log(&s, "everything ends now");
	stage_await_exit(&s, 5000);
	assert_int_equal(s.exit_code, 0);
	stage_clean(&s);
}

static void other_signals_say_that_they_do_nothing_yet(void **state)
{
	pid_t pid;

	(void)state;
	open_stage("");
	pid = stage_pid_of(&s, "w/0");
	assert_int_equal(kill(s.pid, SIGHUP), 0);
	stage_await_log(&s, "SIGHUP: reload is not supported yet; nothing was done");
	assert_int_equal(kill(s.pid, SIGUSR1), 0);
	stage_await_log(&s, "SIGUSR1: ");
	assert_int_equal(kill(s.pid, SIGUSR2), 0);
	stage_await_log(&s, "SIGUSR2: ");
	assert_int_equal(kill(s.pid, SIGPIPE), 0);
	assert_int_equal(stage_pid_of(&s, "w/0"), pid);
	stage_close(&s);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(it_describes_itself),
	cmocka_unit_test(what_is_wrong_with_a_message_is_named),
	cmocka_unit_test(messages_may_come_in_pieces_and_in_rows),
	cmocka_unit_test(a_message_that_never_ends_is_refused),
	cmocka_unit_test(lines_can_be_followed),
	cmocka_unit_test(a_follower_that_never_reads_holds_up_nobody),
	cmocka_unit_test(a_command_goes_on_without_who_gave_it),
	cmocka_unit_test(timeouts_and_no_wait_leave_the_job_running),
	cmocka_unit_test(a_binary_body_goes_through_the_shell),
	cmocka_unit_test(metadata_goes_both_ways),
	cmocka_unit_test(a_worker_is_told_who_calls),
	cmocka_unit_test(metadata_that_cannot_be_sent_is_refused),
	cmocka_unit_test(term_finishes_what_is_in_hand),
	cmocka_unit_test(a_second_term_ends_everything_at_once),
	cmocka_unit_test(other_signals_say_that_they_do_nothing_yet),
};

CHECK_MAIN(tests)
