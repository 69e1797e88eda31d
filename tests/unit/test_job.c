/*
 * job: how far a command is, told from states and serial numbers; what is more than can be watched
 * is still done.
 */
#include "check.h"

#include "herd.h"

enum { SINCE = 100, BEFORE = 50, AFTER = 150 };

static void expect(enum command_verb verb, const struct worker *w, enum job_progress expected)
{
	const struct job j = {.verb = verb, .since = SINCE, .count = 1};

	if (job_look(&j, w) != expected)
		fail_msg("verb %d, state %s: %d, expected %d", verb, worker_state_word(w->state),
			 job_look(&j, w), expected);
}

static void a_start(void **state)
{
	static const struct {
		enum job_progress progress;
		struct worker w;
	} rows[] = {
		{JOB_DONE, {.state = WORKER_UP, .wish = WISH_UP, .up_serial = BEFORE}},
		{JOB_DONE, {.state = WORKER_UP, .wish = WISH_UP, .up_serial = AFTER}},
		{JOB_PENDING, {.state = WORKER_STARTING, .wish = WISH_UP, .failed_serial = BEFORE}},
		{JOB_PENDING, {.state = WORKER_STOPPING, .wish = WISH_UP, .up_serial = BEFORE}},
		{JOB_FAILED, {.state = WORKER_BACKOFF, .wish = WISH_UP, .failed_serial = AFTER}},
		{JOB_FAILED, {.state = WORKER_STARTING, .wish = WISH_UP, .failed_serial = AFTER}},
		{JOB_FAILED, {.state = WORKER_FAILED, .wish = WISH_UP, .failed_serial = AFTER}},
		{JOB_FAILED, {.state = WORKER_STOPPING, .wish = WISH_DOWN}},
		/* it was up, and is not any more */
		{JOB_FAILED, {.state = WORKER_DRAINING, .wish = WISH_UP, .up_serial = AFTER}},
		/* it ended with success, and that was all */
		{JOB_DONE, {.state = WORKER_DOWN, .wish = WISH_UP, .failed_serial = AFTER, .down_serial = AFTER}},
		{JOB_PENDING, {.state = WORKER_DOWN, .wish = WISH_UP, .failed_serial = BEFORE, .down_serial = BEFORE}},
		{JOB_FAILED, {.state = WORKER_DOWN, .wish = WISH_DOWN, .down_serial = AFTER}},
		{JOB_FAILED, {.state = WORKER_FAILED, .wish = WISH_UP, .failed_serial = AFTER, .down_serial = AFTER}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		expect(VERB_START, &rows[i].w, rows[i].progress);
}

static void a_stop(void **state)
{
	(void)state;
	for (int s = 0; s < WORKER_STATES; s++) {
		struct worker w = {.state = (enum worker_state)s, .wish = WISH_DOWN};
		bool is_over = s == WORKER_DOWN || s == WORKER_FAILED;

		expect(VERB_STOP, &w, is_over ? JOB_DONE : JOB_PENDING);
		w.wish = WISH_UP; /* somebody wished otherwise */
		expect(VERB_STOP, &w, JOB_FAILED);
		w.wish = WISH_CYCLE;
		expect(VERB_STOP, &w, JOB_FAILED);
	}
}

static void a_restart(void **state)
{
	static const struct {
		enum job_progress progress;
		struct worker w;
	} rows[] = {
		{JOB_PENDING, {.state = WORKER_UP, .wish = WISH_UP, .up_serial = BEFORE}},
		{JOB_PENDING, {.state = WORKER_DRAINING, .wish = WISH_CYCLE, .up_serial = BEFORE}},
		{JOB_PENDING, {.state = WORKER_STARTING, .wish = WISH_UP, .up_serial = BEFORE}},
		{JOB_DONE, {.state = WORKER_UP, .wish = WISH_UP, .up_serial = AFTER}},
		{JOB_FAILED, {.state = WORKER_BACKOFF, .wish = WISH_UP, .up_serial = AFTER}},
		{JOB_FAILED, {.state = WORKER_BACKOFF, .wish = WISH_UP, .failed_serial = AFTER}},
		{JOB_FAILED, {.state = WORKER_STOPPING, .wish = WISH_DOWN}},
		{JOB_DONE, {.state = WORKER_DOWN, .wish = WISH_UP, .failed_serial = AFTER, .down_serial = AFTER}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		expect(VERB_RESTART, &rows[i].w, rows[i].progress);
}

static void a_tally_counts_all(void **state)
{
	struct worker workers[4] = {
		{.state = WORKER_UP},
		{.state = WORKER_UP, .up_serial = AFTER},
		{.state = WORKER_FAILED},
		{.state = WORKER_STARTING, .wish = WISH_UP},
	};
	struct job j = {.verb = VERB_START, .first = 1, .count = 3, .changed = 2, .since = SINCE};
	struct job_outcome o;

	(void)state;
	assert_false(job_tally(&j, workers, &o));
	workers[3].state = WORKER_UP;
	assert_true(job_tally(&j, workers, &o));
	assert_int_equal(o.targets, 3);
	assert_int_equal(o.done, 2);
	assert_int_equal(o.failed, 1);
	assert_int_equal(o.changed, 2);
	assert_false(o.is_untold);
}

static void command(struct herd *h, enum command_verb verb, uint32_t job)
{
	herd_give(h, h->fleet.now.ms,
		  (struct event){.kind = FLEET_COMMAND,
				 .verb = verb,
				 .pool = 0,
				 .instance = NONE,
				 .job = job});
}

/* The one too many is told at once that nobody will tell more; the command itself is obeyed. */
static void more_jobs_than_can_be_watched(void **state)
{
	static struct herd h;

	(void)state;
	herd_describe(&h);
	herd_open(&h);
	for (uint32_t i = 0; i < JOBS_MOST; i++) {
		command(&h, VERB_START, i);
		assert_int_equal(herd_count(&h, ACTION_JOB_DONE), 0);
	}
	command(&h, VERB_RESTART, 999);
	assert_int_equal(herd_count(&h, ACTION_JOB_DONE), 1);
	assert_int_equal(herd_first(&h, ACTION_JOB_DONE)->job, 999);
	assert_true(herd_first(&h, ACTION_JOB_DONE)->outcome.is_untold);
	assert_int_equal(herd_count(&h, ACTION_SIGNAL), 1);
	herd_give(&h, 1,
		  (struct event){.kind = FLEET_EXIT, .generation = 1, .exit = {.kind = EXIT_CODE}});
	herd_give(&h, 2, (struct event){.kind = FLEET_SLOTS, .generation = 2, .number = 1});
	assert_int_equal(herd_count(&h, ACTION_JOB_DONE), JOBS_MOST);
	command(&h, VERB_START, 1);
	assert_false(herd_first(&h, ACTION_JOB_DONE)->outcome.is_untold);
	herd_close(&h);
}

static void a_command_that_nobody_waits_for(void **state)
{
	static struct herd h;

	(void)state;
	herd_describe(&h);
	herd_open(&h);
	command(&h, VERB_START, NONE);
	herd_give(&h, 2, (struct event){.kind = FLEET_SLOTS, .generation = 1, .number = 1});
	assert_int_equal(herd_count(&h, ACTION_JOB_DONE), 0);
	herd_close(&h);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(a_start),
	cmocka_unit_test(a_stop),
	cmocka_unit_test(a_restart),
	cmocka_unit_test(a_tally_counts_all),
	cmocka_unit_test(more_jobs_than_can_be_watched),
	cmocka_unit_test(a_command_that_nobody_waits_for),
};

CHECK_MAIN(tests)
