/*
 * Delivery: what becomes of calls when the worker that has them is killed (faults: P9, P10, W1). A call that had not
 * begun is never answered with an error; one that may have begun runs again only where it may.
 */
#include "check.h"

#include <brood.h>

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "stage.h"

enum { CALLS_MOST = 64 };

/* One call and what came of it. */
struct made {
	const char *method;
	const char *body;
	int idempotent;
	bool answered;
	unsigned code;
	unsigned reason;
	int not_processed;
	char text[300];
};

static brood_t *client;
static struct made calls[CALLS_MOST];
static size_t call_count;

static void take(uint32_t id, const struct brood_answer *a, void *user)
{
	struct made *c = user;

	(void)id;
	assert_false(c->answered);
	c->answered = true;
	c->code = a->code;
	c->reason = a->reason;
	c->not_processed = a->not_processed;
	snprintf(c->text, sizeof(c->text), "%.*s", (int)(a->code == BROOD_OK ? a->body_size : strlen(a->text)),
		 a->code == BROOD_OK ? (const char *)a->body : a->text);
}

static struct made *start(const char *method, const char *body, int idempotent)
{
	struct made *c = &calls[call_count++];
	struct brood_call_options o = {.idempotent = idempotent};

	*c = (struct made){.method = method, .body = body, .idempotent = idempotent};
	assert_rc(0, brood_call_start(client, method, body, strlen(body), &o, take, c, NULL));
	assert_rc(0, brood_process(client));
	return c;
}

static bool step(void)
{
	struct pollfd p = {.fd = brood_fd(client), .events = POLLIN};

	(void)poll(&p, 1, 10);
	return brood_process(client) == 0;
}

static void await(const struct made *c)
{
	stage_until(STAGE_WAIT_MS, c->method, !step() || c->answered);
}

static void await_all(void)
{
	for (size_t i = 0; i < call_count; i++)
		await(&calls[i]);
}

static void open_pool(struct stage *s, const char *more, int slots)
{
	call_count = 0;
	stage_open(s,
		   "[worker:w]\ncommand = %s --slots %d\nrestart_delay = 5ms\nrestart_delay_max = 10ms\n%s\n"
		   "[endpoint:w]\nlisten = unix:w.sock\npool = w\n",
		   home_badworker(), slots, more);
	assert_int_equal(stage_cli(s, NULL, NULL, "start", "w", NULL), 0);
	assert_rc(0, brood_connect(&client, stage_address(s, "w.sock"), NULL));
}

static void close_pool(struct stage *s)
{
	brood_close(client);
	stage_check_ledger(s, "w");
	stage_close(s);
}

static void assert_crashed(const struct made *c, const char *words)
{
	assert_int_equal(c->code, BROOD_UNAVAILABLE);
	assert_int_equal(c->reason, BROOD_REASON_WORKER_CRASHED);
	assert_false(c->not_processed);
	if (!strstr(c->text, words))
		fail_msg("expected \"%s\" in: %s", words, c->text);
}

static void assert_answer(const struct made *c, const char *body)
{
	if (c->code != BROOD_OK)
		fail_msg("%s %s: %s", c->method, brood_reason_name(c->reason), c->text);
	assert_string_equal(c->text, body);
}

/*
 * One call in a handler, seven more delivered behind it: the kernel and the SDK hold them, the board says that they
 * have not begun.
 */
static void only_what_had_begun_is_lost(const char *channel)
{
	struct made *hung;
	struct stage s;

	open_pool(&s, channel, 8);
	hung = start("hang", "1", 0);
	for (int i = 0; i < 7; i++)
		(void)start("echo", "x", 0);
	stage_await_log(&s, "hangs 1");
	stage_until(STAGE_WAIT_MS, "all are delivered", stage_counter(&s, "w", "in_flight") == 8);
	stage_kill(&s, "w/0", SIGKILL);
	await_all();
	assert_crashed(hung, "signal 9 KILL (attempt 1, it may have run)");
	for (size_t i = 1; i < call_count; i++)
		assert_answer(&calls[i], "x");
	assert_int_equal(stage_counter(&s, "w", "requeued"), 7);
	assert_int_equal(stage_counter(&s, "w", "redelivered"), 0);
	close_pool(&s);
}

static void calls_that_had_not_begun_go_to_the_next_process(void **state)
{
	(void)state;
	only_what_had_begun_is_lost("");
}

static void on_pipes_too(void **state)
{
	(void)state;
	only_what_had_begun_is_lost("channel = pipes");
}

static void what_may_run_twice_does(void **state)
{
	struct made *safe;
	struct made *other;
	struct stage s;

	(void)state;
	open_pool(&s, "", 1);
	safe = start("die-first", "1", 1);
	await_all();
	assert_answer(safe, "2"); /* the worker sees its second attempt */
	other = start("die-first", "1", 0);
	await_all();
	assert_crashed(other, "attempt 1, it may have run");
	close_pool(&s);
}

static void always_and_never(void **state)
{
	struct made *c;
	struct stage s;

	(void)state;
	open_pool(&s, "redeliver = always\nmax_attempts = 4", 1);
	c = start("die-first", "3", 0);
	await_all();
	assert_answer(c, "4");
	close_pool(&s);
	open_pool(&s, "redeliver = never", 1);
	c = start("die-first", "1", 1);
	await_all();
	assert_crashed(c, "attempt 1, it may have run");
	close_pool(&s);
}

/* Whoever stands beside a call that kills is answered; that call kills max_attempts workers and no more. */
static void poison_kills_its_attempts_and_nobody_else(void **state)
{
	struct made *poison;
	struct stage s;

	(void)state;
	open_pool(&s, "redeliver = always\ninstances = 3", 4);
	for (int i = 0; i < 10; i++)
		(void)start("sleep", "20", 0);
	poison = start("die-first", "100", 0);
	for (int i = 0; i < 30; i++)
		(void)start("sleep", "1", 0);
	await_all();
	assert_crashed(poison, "attempt 3");
	for (size_t i = 0; i < call_count; i++) {
		if (&calls[i] != poison)
			assert_answer(&calls[i], calls[i].body);
	}
	assert_int_equal(stage_counter(&s, "w", "crashed"), 1);
	close_pool(&s);
}

/*
 * X16: what a worker writes on its page concerns its own calls alone, and a page that makes no sense proves nothing.
 * One that denies a call in its hand gets it again, and dies of it again, so often as max_attempts allows.
 */
static void X16_who_lies_on_its_board_harms_itself(void **state)
{
	struct made *c;
	struct stage s;

	(void)state;
	open_pool(&s, "max_attempts = 1\nquarantine = 0ms", 2);
	c = start("scribble", "wipe", 0);
	await(c);
	assert_crashed(c, "signal 9 KILL");
	c = start("scribble", "noise", 0);
	await(c);
	assert_crashed(c, "signal 9 KILL");
	c = start("scribble", "slots", 0);
	await(c);
	assert_crashed(c, "(given back 16 times as not begun, the most for max_attempts = 1, it may have run)");
	assert_int_equal(stage_counter(&s, "w", "requeued"), 16);
	stage_until(STAGE_WAIT_MS, "it has left the pool", stage_counter(&s, "w", "in_flight") == 0);
	c = start("echo", "after all", 0);
	await(c);
	assert_answer(c, "after all");
	close_pool(&s);
}

/* The same request again: refused without a worker, for everybody, until somebody lets it go. */
static void a_poison_request_is_quarantined(void **state)
{
	struct made *c;
	struct stage s;
	long long restarts;
	char *out;
	char key[40] = "";

	(void)state;
	open_pool(&s, "max_attempts = 2", 1);
	for (int i = 0; i < 2; i++) {
		c = start("segv", "poison", 0);
		await(c);
		assert_crashed(c, "signal 11 SEGV");
	}
	stage_await_state(&s, "w/0", "up", 3);
	for (int i = 0; i < 10; i++) {
		c = start("segv", "poison", i % 2);
		await(c);
		assert_int_equal(c->reason, BROOD_REASON_QUARANTINED);
		assert_int_equal(c->code, BROOD_INTERNAL);
		assert_false(c->not_processed); /* who repeats what is safe to repeat would go on for ten minutes */
		assert_non_null(strstr(c->text, "has killed or hung 2 instances of w: refused for another 9m 5"));
	}
	restarts = stage_counter(&s, "w", "crashed");
	assert_int_equal(restarts, 2);
	assert_int_equal(stage_counter(&s, "w", "quarantined"), 10);
	c = start("echo", "another", 0);
	await(c);
	assert_answer(c, "another");
	/* what the answer says can be done */
	assert_int_equal(stage_cli(&s, &out, NULL, "quarantine", NULL), 0);
	assert_int_equal(sscanf(out, "KEY %*[^\n] %39s", key), 1);
	assert_non_null(strstr(calls[call_count - 2].text, key));
	free(out);
	assert_int_equal(stage_cli(&s, NULL, NULL, "quarantine", "release", key, NULL), 0);
	assert_int_equal(stage_cli(&s, NULL, NULL, "quarantine", "release", key, NULL), 4);
	c = start("segv", "poison", 0);
	await(c);
	assert_crashed(c, "signal 11 SEGV");
	close_pool(&s);
}

/* How many files lie in a directory; the newest one's text, to be freed. */
static int read_letters(const char *dir, char **text_out)
{
	struct dirent **names;
	int count = scandir(dir, &names, NULL, alphasort);
	char path[STAGE_PATH + 300];
	int letters = 0;
	FILE *f;

	*text_out = NULL;
	for (int i = 0; i < count; i++) {
		struct stat st;

		snprintf(path, sizeof(path), "%s/%s", dir, names[i]->d_name);
		if (stat(path, &st) == 0 && S_ISREG(st.st_mode)) {
			letters++;
			assert_int_equal(st.st_mode & 0777, 0600);
			free(*text_out);
			*text_out = calloc(1, (size_t)st.st_size + 1);
			f = fopen(path, "r");
			assert_int_equal(fread(*text_out, 1, (size_t)st.st_size, f), st.st_size);
			fclose(f);
		}
		free(names[i]);
	}
	free(names);
	return letters;
}

static void dead_letters_are_written(void **state)
{
	struct made *c;
	struct stage s;
	char more[STAGE_PATH + 100];
	char dir[STAGE_PATH];
	char *text;

	(void)state;
	snprintf(dir, sizeof(dir), "%.400s/letters.%d", home_scratch(), (int)getpid());
	snprintf(more, sizeof(more), "dead_letter = %s", dir);
	open_pool(&s, more, 1);
	c = start("exit", "3", 0);
	await(c);
	assert_crashed(c, "exit 3");
	c = start("die-first", "1", 1); /* redelivered: nothing to bury */
	await(c);
	assert_answer(c, "2");
	assert_int_equal(read_letters(dir, &text), 1);
	assert_non_null(strstr(text, "worker: w/0\n"));
	assert_non_null(strstr(text, "answer: w/0 ended while it had this call: exit 3 (attempt 1, it may have "
				     "run)\n"));
	assert_non_null(strstr(text, "method: exit\n"));
	assert_non_null(strstr(text, "body: 1\n\n"));
	free(text);
	/* a directory that cannot be used costs no call anything */
	assert_return_code(chmod(dir, 0777), errno);
	c = start("exit", "4", 0);
	await(c);
	assert_crashed(c, "exit 4");
	stage_await_log(&s, "cannot write a dead letter to ");
	assert_int_equal(read_letters(dir, &text), 1);
	free(text);
	close_pool(&s);
	snprintf(more, sizeof(more), "rm -r %s", dir);
	assert_int_equal(system(more), 0);
}

/* The oldest go for a new one; what is larger than all may be is not written. */
static void dead_letters_have_a_limit_of_bytes(void **state)
{
	static char body[70000];
	struct stage s;
	char size[32];
	char more[STAGE_PATH + 100];
	char dir[STAGE_PATH];
	char *text;

	(void)state;
	snprintf(dir, sizeof(dir), "%.400s/letters.%d", home_scratch(), (int)getpid());
	snprintf(more, sizeof(more), "dead_letter = %s\ndead_letter_bytes = 64K\nquarantine = 0ms", dir);
	open_pool(&s, more, 1);
	for (int i = 0; i < 4; i++) {
		memset(body, 'a', 29999 - (size_t)i);
		body[29999 - i] = '\0';
		snprintf(size, sizeof(size), "\nbody: %zu\n", strlen(body));
		await(start("segv", body, 0));
		assert_int_equal(read_letters(dir, &text), i == 0 ? 1 : 2);
		assert_non_null(strstr(text, size)); /* the newest is the last by name */
		free(text);
	}
	stage_await_log(&s, "is full of dead letters (at most 1000, dead_letter_bytes = 65536): the oldest is removed");
	stage_await_log(&s, "the oldest is removed, 2 so far");
	memset(body, 'a', sizeof(body) - 1);
	await(start("segv", body, 0));
	assert_int_equal(read_letters(dir, &text), 2);
	free(text);
	stage_await_log(&s, "w: no dead letter of 7");
	close_pool(&s);
	snprintf(more, sizeof(more), "rm -r %s", dir);
	assert_int_equal(system(more), 0);
}

/*
 * A call that comes right behind the death, at any moment of its settling, was seen by nobody: it is for the next
 * process. (Now and then one comes when the channel is closed and the core has not heard of the exit.)
 */
static void a_call_right_behind_a_death_is_not_lost(void **state)
{
	struct stage s;

	(void)state;
	open_pool(&s, "", 1);
	for (int i = 0; i < 120; i++) {
		struct brood_answer a;
		char text[16];
		pid_t pid;

		assert_rc(0, brood_call(client, "pid", "", 0, NULL, &a));
		if (a.code != BROOD_OK)
			fail_msg("kill %d: %s", i, a.text);
		snprintf(text, sizeof(text), "%.*s", (int)a.body_size, (const char *)a.body);
		pid = (pid_t)atoi(text);
		brood_answer_free(&a);
		poll(NULL, 0, i % 7); /* the worker is at rest */
		assert_int_equal(kill(pid, SIGKILL), 0);
		poll(NULL, 0, i % 3);
	}
	close_pool(&s);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(calls_that_had_not_begun_go_to_the_next_process),
	cmocka_unit_test(a_call_right_behind_a_death_is_not_lost),
	cmocka_unit_test(on_pipes_too),
	cmocka_unit_test(what_may_run_twice_does),
	cmocka_unit_test(always_and_never),
	cmocka_unit_test(poison_kills_its_attempts_and_nobody_else),
	cmocka_unit_test(X16_who_lies_on_its_board_harms_itself),
	cmocka_unit_test(a_poison_request_is_quarantined),
	cmocka_unit_test(dead_letters_are_written),
	cmocka_unit_test(dead_letters_have_a_limit_of_bytes),
};

CHECK_MAIN(tests)
