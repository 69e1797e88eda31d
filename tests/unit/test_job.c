/*
 * job: how far a command is, told from states and serial numbers; what is more than can be watched
 * is still done.
 */
#include "check.h"

#include "herd.h"

enum { SINCE = 100, BEFORE = 50, BEGUN = 110, AFTER = 150 };

static void expect(enum command_verb verb, const struct worker *w, enum job_progress expected)
{
	const struct job j = {.verb = verb, .since = SINCE};

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
		struct worker w = {.state = (enum worker_state)s, .wish = WISH_DOWN, .companion = NONE};
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
		/* the new one did not come up; it did before */
		{JOB_FAILED, {.state = WORKER_UP, .wish = WISH_UP, .up_serial = BEFORE, .trial = {.serial = AFTER}}},
		{JOB_PENDING, {.state = WORKER_UP, .wish = WISH_UP, .up_serial = BEFORE, .trial = {.serial = BEFORE}}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct worker w = rows[i].w;

		w.companion = NONE;
		w.asked_serial = BEGUN;
		expect(VERB_RESTART, &w, rows[i].progress);
		w.asked_serial = BEFORE; /* its turn has not come */
		expect(VERB_RESTART, &w, JOB_PENDING);
	}
}

/* As long as the old generation is there, calls of it may still be lost. */
static void with_a_companion_it_is_not_over(void **state)
{
	const struct worker up = {.state = WORKER_UP, .wish = WISH_UP, .up_serial = AFTER, .asked_serial = BEGUN,
				  .companion = 7};
	const struct worker down = {.state = WORKER_DOWN, .wish = WISH_DOWN, .companion = 7};

	(void)state;
	expect(VERB_RESTART, &up, JOB_PENDING);
	expect(VERB_STOP, &down, JOB_PENDING);
	expect(VERB_DRAIN, &down, JOB_PENDING);
}

static void a_tally_counts_all(void **state)
{
	struct worker workers[4] = {
		{.state = WORKER_UP, .wish = WISH_UP},
		{.state = WORKER_UP, .wish = WISH_UP, .up_serial = AFTER},
		{.state = WORKER_FAILED, .wish = WISH_UP},
		{.state = WORKER_STARTING, .wish = WISH_UP},
	};
	uint32_t seats[4] = {0, 1, 2, 3};
	const struct pool pools[2] = {{.workers = workers, .seats = seats, .seat_count = 1, .most = 1},
				      {.workers = workers, .seats = seats + 1, .seat_count = 3, .most = 3}};
	struct job j = {.verb = VERB_START, .changed = 2, .since = SINCE, .lost = 5, .requeued = 6};
	struct job_outcome o;

	(void)state;
	job_aim(&j, 1, NONE, 2);
	assert_false(job_tally(&j, pools, &o));
	workers[3].state = WORKER_UP;
	assert_true(job_tally(&j, pools, &o));
	assert_int_equal(o.targets, 3);
	assert_int_equal(o.done, 2);
	assert_int_equal(o.failed, 1);
	assert_int_equal(o.changed, 2);
	assert_int_equal(o.lost, 5);
	assert_int_equal(o.requeued, 6);
	assert_false(o.is_untold);
	job_aim(&j, 1, 0, 2);
	assert_true(job_tally(&j, pools, &o));
	assert_int_equal(o.targets, 1);
	job_aim(&j, NONE, NONE, 2);
	assert_true(job_tally(&j, pools, &o));
	assert_int_equal(o.targets, 4);
	/* a restart that has stopped leaves alone what it has not begun */
	j.verb = VERB_RESTART;
	assert_false(job_tally(&j, pools, &o));
	j.has_stopped = true;
	assert_true(job_tally(&j, pools, &o));
	assert_int_equal(o.left, 4);
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
	/* a restart must be watched to go on: without that it is not begun */
	command(&h, VERB_RESTART, 998);
	assert_int_equal(herd_count(&h, ACTION_JOB_DONE), 1);
	assert_true(herd_first(&h, ACTION_JOB_DONE)->outcome.is_untold);
	assert_int_equal(herd_count(&h, ACTION_SIGNAL), 0);
	herd_give(&h, h.fleet.now.ms,
		  (struct event){.kind = FLEET_COMMAND, .verb = VERB_START, .pool = 1, .instance = NONE, .job = 999});
	assert_int_equal(herd_count(&h, ACTION_JOB_DONE), 1);
	assert_int_equal(herd_first(&h, ACTION_JOB_DONE)->job, 999);
	assert_true(herd_first(&h, ACTION_JOB_DONE)->outcome.is_untold);
	assert_int_equal(herd_count(&h, ACTION_SPAWN), 2);
	herd_give(&h, 2, (struct event){.kind = FLEET_SLOTS, .generation = 1, .number = 1});
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
	cmocka_unit_test(with_a_companion_it_is_not_over),
	cmocka_unit_test(a_tally_counts_all),
	cmocka_unit_test(more_jobs_than_can_be_watched),
	cmocka_unit_test(a_command_that_nobody_waits_for),
};

CHECK_MAIN(tests)
