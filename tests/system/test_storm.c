/*
 * What comes in storms, or round again: connections by the ten thousand, programs that end as soon as they start, ids
 * that have counted through. (C6, W3, P20)
 */
#include "check.h"

#include <brood.h>

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "raw.h"
#include "stage.h"

static struct stage s;

static void open_stage(const char *more)
{
	stage_open(&s,
		   "[worker:w]\ncommand = %s --slots 4\nrestart_delay = 1ms\n"
		   "[endpoint:w]\nlisten = unix:w.sock\npool = w\n%s\n",
		   home_badworker(), more);
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "w", NULL), 0);
}

static void brood_is_well(void)
{
	char *out;

	assert_int_equal(stage_cli(&s, &out, NULL, "call", "w", "fine", NULL), 0);
	assert_string_equal(out, "fine");
	free(out);
	stage_check_ledger(&s, "w");
}

static void expect_goaway(const char *text)
{
	struct frame f;

	assert_true(raw_await(FRAME_GOAWAY, &f));
	if (!strstr(raw_text(&f), text))
		fail_msg("expected \"%s\" in: %s", text, raw_text(&f));
	assert_false(raw_receive(&f));
	raw_close();
}

static void expect_answer(uint32_t id, const char *body)
{
	struct frame f;

	assert_true(raw_await(FRAME_REPLY, &f));
	assert_int_equal(f.id, id);
	assert_int_equal(f.arg, 0);
	assert_int_equal(f.body_size, strlen(body));
	assert_memory_equal(f.body, body, f.body_size);
}

/* P20: ids go round through 2^31 and zero; one that is still open is not taken again. */
static void ids_go_round_and_none_is_open_twice(void **state)
{
	static const uint32_t ids[] = {3, 0x7fffffff, 0x80000001, 0xffffffff};

	(void)state;
	open_stage("");
	raw_connect(stage_address(&s, "w.sock"));
	raw_greet();
	raw_call(1, "cancel", "");
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		char body[16];

		snprintf(body, sizeof(body), "%x", ids[i]);
		raw_call(ids[i], "echo", body);
		expect_answer(ids[i], body);
	}
	raw_call(1, "echo", "again");
	expect_goaway("id of a call is still open");
	raw_connect(stage_address(&s, "w.sock"));
	raw_greet();
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		raw_call(ids[i], "echo", "x");
		expect_answer(ids[i], "x");
	}
	raw_call(3, "echo", "round again");
	expect_answer(3, "round again");
	raw_close();
	brood_is_well();
	stage_close(&s);
}

/* Comes and goes, in the middle of a word every other time. */
static void come_and_go(const struct sockaddr_un *a, unsigned i)
{
	static unsigned char hello[HELLO_MOST + 64];
	size_t size = raw_encode_hello(hello, 1, 1);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)a, sizeof(*a)), 0);
	if (i % 2)
		(void)!send(fd, hello, i % (size + 1), MSG_NOSIGNAL);
	close(fd);
}

/* C6: nothing of ten thousand (BROOD_STORM) that came and went is kept, and who stays is served meanwhile. */
static void who_comes_and_goes_leaves_nothing(void **state)
{
	const char *many = getenv("BROOD_STORM");
	unsigned count = many ? (unsigned)strtoul(many, NULL, 10) : 10000;
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fds;

	(void)state;
	open_stage("max_clients = 10000\nmax_clients_per_uid = 10000");
	snprintf(a.sun_path, sizeof(a.sun_path), "%s", stage_address(&s, "w.sock") + 5);
	brood_is_well();
	fds = stage_fds_of(s.pid);
	raw_connect(stage_address(&s, "w.sock"));
	raw_greet();
	for (unsigned i = 0; i < count; i++) {
		come_and_go(&a, i);
		if (i % 1000 == 0) {
			raw_call(1 + i / 1000 * 2, "echo", "here");
			expect_answer(1 + i / 1000 * 2, "here");
		}
	}
	raw_close();
	stage_until(STAGE_WAIT_MS, "they have left nothing open", stage_fds_of(s.pid) == fds);
	brood_is_well();
	stage_close(&s);
}

enum { FAILING = 100, RETRIES = 3 };

/* How many lines of the log hold this text. */
static unsigned lines_with(const char *text)
{
	unsigned n = 0;

	for (const char *at = s.log; at && (at = strstr(at, text)); at++)
		n++;
	return n;
}

static bool have_all_failed(void)
{
	json_t *status = stage_status(&s);
	unsigned failed = 0;

	for (int i = 0; i < FAILING; i++) {
		char name[32];
		json_t *state;

		snprintf(name, sizeof(name), "bad/%d", i);
		state = json_object_get(stage_instance(status, name), "state");
		failed += strcmp(json_string_value(state), "failed") == 0;
	}
	json_decref(status);
	return failed == FAILING;
}

/* W3: a crowd that ends as soon as it starts is tried as often as was said, later and later; others notice nothing. */
static void a_crowd_that_cannot_start_is_given_up(void **state)
{
	char text[64];
	char *out;

	(void)state;
	stage_open(&s,
		   "[worker:w]\ncommand = %s\n[worker:bad]\ncommand = sh -c \"echo no luck; exit 7\"\n"
		   "instances = %d\nautostart = no\nstart_retries = %d\nrestart_delay = 40ms\n"
		   "restart_delay_max = 80ms\nrestart_jitter = 0%%\n",
		   home_badworker(), FAILING, RETRIES);
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "w", NULL), 0);
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "bad", NULL), 1);
	stage_until(STAGE_WAIT_MS, "all are given up", (brood_is_well(), have_all_failed()));
	stage_has_log(&s, "");
	assert_int_equal(lines_with(": BACKOFF -> STARTING (delay over)"), FAILING * RETRIES);
	snprintf(text, sizeof(text), "retry %d in 80ms", RETRIES);
	assert_int_equal(lines_with("retry 1 in 40ms"), FAILING);
	assert_int_equal(lines_with(text), FAILING);
	assert_int_equal(lines_with(" | no luck"), FAILING * (RETRIES + 1));
	assert_int_equal(stage_cli(&s, &out, NULL, "why", "bad/99", NULL), 0);
	assert_non_null(strstr(out, "exit 7"));
	assert_non_null(strstr(out, "no luck"));
	free(out);
	stage_close(&s);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(ids_go_round_and_none_is_open_twice),
	cmocka_unit_test(who_comes_and_goes_leaves_nothing),
	cmocka_unit_test(a_crowd_that_cannot_start_is_given_up),
};

CHECK_MAIN(tests)
