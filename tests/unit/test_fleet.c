/*
 * fleet: what it remembers of a process for whoever describes it, when it wants to be called, and
 * that delays of instances differ. What it does is told by tests/story.
 */
#include "check.h"

#include "herd.h"

static struct herd h;

static int open_herd(void **state)
{
	(void)state;
	herd_describe(&h);
	herd_open(&h);
	return 0;
}

static int close_herd(void **state)
{
	(void)state;
	herd_close(&h);
	return 0;
}

static void give(int64_t ms, enum event_kind kind, uint32_t number)
{
	herd_give(&h, ms,
		  (struct event){.kind = kind,
				 .generation = h.fleet.workers[0].generation,
				 .number = number,
				 .exit = {.kind = EXIT_CODE, .value = 3}});
}

static void command(int64_t ms, enum command_verb verb)
{
	herd_give(&h, ms,
		  (struct event){
			  .kind = FLEET_COMMAND, .verb = verb, .pool = 0, .instance = NONE, .job = NONE});
}

static void what_is_remembered_of_a_process(void **state)
{
	const struct worker *w = fleet_worker(&h.fleet, 0, 0);

	(void)state;
	herd_give(&h, 1000, (struct event){.kind = FLEET_START});
	give(1001, FLEET_SPAWNED, 4711);
	assert_int_equal(w->pid, 4711);
	assert_int_equal(w->generation, 1);
	assert_int_equal(w->restarts, 0);
	give(1500, FLEET_SLOTS, 5);
	assert_int_equal(w->slots, 5);
	assert_int_equal(w->started_at.ms, 1000);
	assert_int_equal(w->up_since.ms, 1500);
	give(3000, FLEET_EXIT, 0);
	assert_int_equal(w->pid, 0);
	assert_int_equal(w->ended_at.ms, 3000);
	assert_int_equal(w->last_ran.ms, 2000);
	assert_int_equal(w->last_exit.kind, EXIT_CODE);
	assert_int_equal(w->last_exit.value, 3);
	assert_int_equal(w->history.retries, 1);
	assert_int_equal(w->restarts, 0);
	give(3250, FLEET_TICK, 0);
	assert_int_equal(w->generation, 2);
	assert_int_equal(w->restarts, 1);
	assert_int_equal(w->slots, 0);
	assert_int_equal(w->wish, WISH_UP);
}

/* Whoever is alarmed by restarts wants to hear of ends that nobody asked for. */
static void restarts_by_command_are_not_counted(void **state)
{
	const struct worker *w = fleet_worker(&h.fleet, 0, 0);

	(void)state;
	herd_give(&h, 1000, (struct event){.kind = FLEET_START});
	give(1001, FLEET_SPAWNED, 4711);
	give(1500, FLEET_SLOTS, 5);
	command(2000, VERB_RESTART);
	give(2001, FLEET_EXIT, 0);
	assert_int_equal(w->generation, 2);
	assert_int_equal(w->restarts, 0);
	/* nor one that only came earlier by it */
	give(2002, FLEET_EXIT, 0);
	assert_int_equal(w->state, WORKER_BACKOFF);
	command(2003, VERB_RESTART);
	assert_int_equal(w->generation, 3);
	assert_int_equal(w->restarts, 0);
}

static void a_restart_ends_in_the_wish_to_be_up(void **state)
{
	const struct worker *w = fleet_worker(&h.fleet, 0, 0);

	(void)state;
	herd_start(&h, 1);
	command(10, VERB_RESTART);
	assert_int_equal(w->wish, WISH_CYCLE);
	give(20, FLEET_EXIT, 0);
	assert_int_equal(w->state, WORKER_STARTING);
	assert_int_equal(w->wish, WISH_UP);
	command(30, VERB_STOP);
	give(40, FLEET_EXIT, 0);
	assert_int_equal(w->state, WORKER_DOWN);
	assert_int_equal(w->wish, WISH_DOWN);
}

/* At rest nothing wakes up; with failures to forget it is once, when they are forgotten. */
static void nothing_wakes_without_need(void **state)
{
	const struct worker *w = fleet_worker(&h.fleet, 0, 0);

	(void)state;
	herd_start(&h, 1);
	assert_true(instant_is_never(fleet_next(&h.fleet)));
	give(1000, FLEET_EXIT, 0);
	assert_int_equal(fleet_next(&h.fleet).ms, 1250);
	give(1250, FLEET_TICK, 0);
	assert_int_equal(fleet_next(&h.fleet).ms, 31250); /* start_timeout */
	give(2000, FLEET_SLOTS, 1);
	assert_int_equal(fleet_next(&h.fleet).ms, 32000); /* restart_reset */
	give(31999, FLEET_TICK, 0);
	assert_int_equal(w->history.retries, 1);
	give(32000, FLEET_TICK, 0);
	assert_int_equal(h.count, 0);
	assert_int_equal(w->history.retries, 0);
	assert_true(instant_is_never(fleet_next(&h.fleet)));
	give(32001, FLEET_EXIT, 0); /* at once */
	give(32002, FLEET_SLOTS, 1);
	assert_int_equal(w->history.retries, 1);
	assert_int_equal(fleet_next(&h.fleet).ms, 62002);
}

/* A machine that stood still for a day: everything that was due is done in one step, and in its order. */
static void a_long_gap(void **state)
{
	(void)state;
	herd_start(&h, 1);
	herd_call(&h, 0, 1, 0);
	give(1000, FLEET_EXIT, 0);
	herd_call(&h, 0, 3, 0);
	give(86400000, FLEET_TICK, 0);
	assert_int_equal(herd_count(&h, ACTION_ANSWER), 1);
	assert_int_equal(herd_count(&h, ACTION_SPAWN), 1);
	assert_int_equal(fleet_next(&h.fleet).ms, 86400000 + 30000);
	give(86399999, FLEET_TICK, 0); /* time does not go back */
	assert_int_equal(h.fleet.now.ms, 86400000);
}

/* Instances that end in the same moment come back at different ones, and not the same for every seed. */
static void delays_of_a_crowd_differ(void **state)
{
	unsigned counts[1000] = {0};
	unsigned different = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 50; seed++) {
		herd_close(&h);
		herd_describe(&h);
		h.workers[0].instances = (struct instance_range){20, 20};
		h.workers[0].restart.jitter = 50;
		herd_open(&h);
		h.fleet.random = 2 * seed + 1;
		herd_start(&h, 1);
		for (uint32_t i = 0; i < 20; i++)
			herd_give(&h, 100,
				  (struct event){.kind = FLEET_EXIT,
						 .worker = i,
						 .generation = 1,
						 .exit = {.kind = EXIT_CODE}});
		for (uint32_t i = 0; i < 20; i++)
			counts[h.fleet.workers[i].deadline.ms]++;
	}
	for (int ms = 0; ms < 1000; ms++) {
		assert_true(counts[ms] == 0 || (ms >= 100 + 125 && ms <= 100 + 375));
		different += counts[ms] > 0;
	}
	assert_true(different > 200);
}

static const struct answer *first_answer(void)
{
	const struct action *a = herd_first(&h, ACTION_ANSWER);

	assert_non_null(a);
	return herd_answer(&h, a);
}

static void what_may_have_run_is_not_called_safe(void **state)
{
	(void)state;
	herd_start(&h, 1);
	herd_call(&h, 0, 1, 0); /* in flight */
	herd_call(&h, 0, 3, 0); /* queued */
	herd_call(&h, 0, 5, 0);
	herd_give(&h, 1, (struct event){.kind = FLEET_CANCEL, .client = 0, .id = 3});
	assert_true(first_answer()->not_processed);
	assert_false(first_answer()->may_have_run);
	give(2, FLEET_EXIT, 0);
	assert_int_equal(first_answer()->reason, REASON_WORKER_CRASHED);
	assert_false(first_answer()->not_processed);
	assert_true(first_answer()->may_have_run);
	assert_int_equal(first_answer()->attempt, 1);
	command(3, VERB_STOP);
	assert_int_equal(first_answer()->reason, REASON_NO_WORKER);
	assert_true(first_answer()->not_processed);
}

#define WITH_HERD(name) cmocka_unit_test_setup_teardown(name, open_herd, close_herd)

static const struct CMUnitTest tests[] = {
	WITH_HERD(what_is_remembered_of_a_process), WITH_HERD(a_restart_ends_in_the_wish_to_be_up),
	WITH_HERD(restarts_by_command_are_not_counted), WITH_HERD(a_restart_ends_in_the_wish_to_be_up),
	WITH_HERD(nothing_wakes_without_need),      WITH_HERD(a_long_gap),
	WITH_HERD(delays_of_a_crowd_differ),        WITH_HERD(what_may_have_run_is_not_called_safe),
};

CHECK_MAIN(tests)
