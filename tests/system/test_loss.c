/* What others take away from a running brood: its sockets, its directory. And what an idle one costs: nothing. */
#include "check.h"

#include <brood.h>

#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "stage.h"

static struct stage s;

static void open_stage(void)
{
	stage_open(&s,
		   "[worker:w]\ncommand = %s\ninstances = 4\n[endpoint:e]\nlisten = unix:e.sock\npool = "
		   "w\nmode = 0640\n",
		   home_badworker());
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "w", NULL), 0);
}

static void calls_work(brood_t *b)
{
	struct brood_answer a;

	assert_rc(0, brood_call(b, NULL, "x", 1, NULL, &a));
	assert_int_equal(a.code, BROOD_OK);
	brood_answer_free(&a);
}

static bool can_connect(brood_t **b)
{
	return brood_connect(b, stage_address(&s, "e.sock"), NULL) == 0;
}

static void sockets_that_are_removed_come_back(void **state)
{
	brood_t *old;
	brood_t *b;
	struct stat st;

	(void)state;
	open_stage();
	assert_true(can_connect(&old));
	for (int i = 0; i < 5; i++) {
		assert_int_equal(unlink(stage_address(&s, "e.sock") + 5), 0);
		assert_int_equal(unlink(stage_address(&s, "admin.sock") + 5), 0);
		stage_until(5000, "the endpoint is back", can_connect(&b));
		stage_until(5000, "the admin socket is back",
			    stage_cli(&s, NULL, NULL, "-q", "status", NULL) == 0);
		assert_int_equal(stat(stage_address(&s, "e.sock") + 5, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0640);
		calls_work(b);
		brood_close(b);
	}
	assert_true(stage_has_log(&s, "the admin socket was gone and is published again"));
	calls_work(old); /* who was connected has noticed nothing */
	brood_close(old);
	stage_close(&s);
}

__attribute__((format(printf, 1, 2))) static int shell(const char *format, ...)
{
	char command[2 * STAGE_PATH];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	return system(command);
}

static void a_runtime_directory_that_is_removed_comes_back(void **state)
{
	brood_t *old;
	brood_t *b;
	pid_t pid;

	(void)state;
	open_stage();
	pid = stage_pid_of(&s, "w/0");
	assert_true(can_connect(&old));
	for (int i = 0; i < 5; i++) {
		(void)shell("rm -rf '%s' 2>/dev/null", s.runtime);
		stage_until(5000, "the endpoint is back", can_connect(&b));
		calls_work(b);
		brood_close(b);
		stage_until(5000, "the admin socket is back",
			    stage_cli(&s, NULL, NULL, "-q", "status", NULL) == 0);
	}
	calls_work(old);
	brood_close(old);
	assert_int_equal(stage_pid_of(&s, "w/0"), pid);
	stage_close(&s);
}

static bool is_whole_again(void)
{
	struct stat st;

	return stat(stage_address(&s, "lock") + 5, &st) == 0 && stat(stage_address(&s, "priv") + 5, &st) == 0;
}

static void parts_that_are_removed_come_back_and_others_still_pass(void **state)
{
	static const char *const parts[] = {"lock", "priv"};
	struct stat st;
	brood_t *b;

	(void)state;
	open_stage();
	for (int i = 0; i < 2; i++) {
		assert_int_equal(shell("rm -d '%s/%s'", s.runtime, parts[i]), 0);
		stage_until(5000, "all of it is back", is_whole_again());
		assert_int_equal(stat(s.runtime, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0711); /* mode = 0640 is for others */
		assert_true(can_connect(&b));
		calls_work(b);
		brood_close(b);
	}
	stage_close(&s);
}

static void a_runtime_directory_that_is_moved_away_comes_back(void **state)
{
	brood_t *b;

	(void)state;
	open_stage();
	for (int i = 0; i < 3; i++) {
		assert_int_equal(shell("mv '%s' '%s/moved'", s.runtime, s.dir), 0);
		stage_until(5000, "the endpoint is back", can_connect(&b));
		calls_work(b);
		brood_close(b);
		stage_until(5000, "the admin socket is back",
			    stage_cli(&s, NULL, NULL, "-q", "status", NULL) == 0);
		assert_int_equal(shell("rm -r '%s/moved'", s.dir), 0);
	}
	stage_close(&s);
}

/* Lines of the log so far that hold these words. */
static int lines_with(const char *words)
{
	int count = 0;

	(void)stage_has_log(&s, words); /* reads what is there */
	for (const char *at = s.log ? strstr(s.log, words) : NULL; at; at = strstr(at + 1, words))
		count++;
	return count;
}

static long switches(pid_t pid)
{
	char path[64];
	char line[256];
	long n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		long value;

		if (sscanf(line, "voluntary_ctxt_switches: %ld", &value) == 1 ||
		    sscanf(line, "nonvoluntary_ctxt_switches: %ld", &value) == 1)
			n += value;
	}
	fclose(f);
	return n;
}

/*
 * Something else moved over a socket outside the runtime directory: it stays, it is told once, it costs nothing, and
 * others do not notice. Time has to pass to see that.
 */
static void a_name_that_is_taken_over_is_told_and_nothing_more(void **state)
{
	char dir[64];
	brood_t *b;
	long before;

	(void)state;
	snprintf(dir, sizeof(dir), "/run/brood-test-%d", (int)getpid());
	if (mkdir(dir, 0700) < 0)
		check_skip("needs a short path that is ours, /run");
	stage_open(&s,
		   "[worker:w]\ncommand = %s\n[endpoint:e]\nlisten = unix:e.sock\npool = w\n"
		   "[endpoint:out]\nlisten = unix:%s/o.sock\npool = w\n",
		   home_badworker(), dir);
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "w", NULL), 0);
	/* from a directory that nobody watches */
	assert_int_equal(shell("mkdir %s/x && touch %s/x/o && mv -f %s/x/o %s/o.sock", dir, dir, dir, dir), 0);
	stage_await_log(&s, "out: its socket");
	before = switches(s.pid);
	poll(NULL, 0, 2500);
	assert_in_range(switches(s.pid) - before, 0, 40);
	for (int i = 0; i < 5; i++) {
		assert_true(can_connect(&b));
		calls_work(b);
		brood_close(b);
	}
	assert_int_equal(lines_with("there is something that is no socket"), 1);
	assert_int_equal(shell("rm %s/o.sock", dir), 0);
	stage_await_log(&s, "o.sock was gone and is published again");
	stage_close(&s);
	assert_int_equal(shell("rm %s/.o.sock.lock && rmdir %s/x %s", dir, dir, dir), 0);
}

/* Whoever takes a name away as soon as it is there does not keep brood busy. */
static void a_name_that_is_taken_away_in_a_loop_comes_back_now_and_then(void **state)
{
	int64_t end;
	brood_t *b;

	(void)state;
	open_stage();
	for (end = stage_now_ms() + 2500; stage_now_ms() < end; (void)poll(NULL, 0, 1))
		(void)unlink(stage_address(&s, "e.sock") + 5);
	assert_in_range(lines_with("e.sock was gone and is published again"), 2, 30);
	stage_until(5000, "the endpoint is back", can_connect(&b));
	calls_work(b);
	brood_close(b);
	stage_close(&s);
}

/* Time has to pass to see that nothing happens in it. */
static void an_idle_brood_sleeps(void **state)
{
	brood_t *b;
	long before;

	(void)state;
	open_stage();
	assert_true(can_connect(&b));
	calls_work(b);
	poll(NULL, 0, 500); /* the last answers have gone */
	before = switches(s.pid);
	poll(NULL, 0, 5000);
	assert_int_equal(switches(s.pid) - before, 0);
	calls_work(b);
	brood_close(b);
	stage_close(&s);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(sockets_that_are_removed_come_back),
	cmocka_unit_test(a_runtime_directory_that_is_removed_comes_back),
	cmocka_unit_test(parts_that_are_removed_come_back_and_others_still_pass),
	cmocka_unit_test(a_runtime_directory_that_is_moved_away_comes_back),
	cmocka_unit_test(a_name_that_is_taken_over_is_told_and_nothing_more),
	cmocka_unit_test(a_name_that_is_taken_away_in_a_loop_comes_back_now_and_then),
	cmocka_unit_test(an_idle_brood_sleeps),
};

CHECK_MAIN(tests)
