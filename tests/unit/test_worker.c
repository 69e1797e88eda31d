/*
 * worker: the rows of lifecycle.def that no story can meet, and what a state, a wish and a passed
 * deadline mean.
 */
#include "check.h"

#include "worker.h"

static const struct worker_spec spec = {
	.name = "w",
	.start_timeout = {30000},
	.stop_signal = 15,
	.stop_timeout = {10000},
	.restart = {.delay = {250}, .delay_max = {30000}, .reset = {30000}},
};

static void processes_and_prospects(void **state)
{
	(void)state;
	for (int s = 0; s < WORKER_STATES; s++) {
		struct worker w = {.state = (enum worker_state)s, .wish = WISH_UP};
		bool process = s != WORKER_DOWN && s != WORKER_BACKOFF && s != WORKER_FAILED;

		assert_int_equal(worker_has_process(&w), process);
		assert_int_equal(worker_has_prospect(&w), process || s == WORKER_BACKOFF);
		w.wish = WISH_DOWN;
		assert_int_equal(worker_has_prospect(&w), s == WORKER_BACKOFF);
		w.wish = WISH_CYCLE;
		assert_int_equal(worker_has_prospect(&w), process || s == WORKER_BACKOFF);
	}
}

static void states_have_words(void **state)
{
	(void)state;
	assert_text("down", worker_state_word(WORKER_DOWN));
	assert_text("up", worker_state_word(WORKER_UP));
	assert_text("failed", worker_state_word(WORKER_FAILED));
	for (int s = 0; s < WORKER_STATES; s++)
		assert_true(strlen(worker_state_word((enum worker_state)s)) > 1);
}

static void a_passed_deadline(void **state)
{
	static const struct worker_spec alive = {.ready = {READY_ALIVE, {1000}}};
	struct worker w = {.spec = &spec, .state = WORKER_STARTING};

	(void)state;
	assert_int_equal(worker_deadline_event(&w), EVENT_DEADLINE);
	w.spec = &alive;
	assert_int_equal(worker_deadline_event(&w), EVENT_READY);
	w.state = WORKER_UP;
	assert_int_equal(worker_deadline_event(&w), EVENT_DEADLINE);
}

/*
 * A wish alone forgets failures where there is no process, and says what follows where one is
 * ending.
 */
static void wishes(void **state)
{
	(void)state;
	for (int s = 0; s < WORKER_STATES; s++) {
		bool process = s != WORKER_DOWN && s != WORKER_BACKOFF && s != WORKER_FAILED;
		bool ending = s == WORKER_DRAINING || s == WORKER_STOPPING || s == WORKER_KILLING;
		struct worker w = {.state = (enum worker_state)s, .history = {.steps = 4}};

		assert_int_equal(worker_wishes(&w, WISH_DOWN), EVENT_WANT_DOWN);
		assert_int_equal(w.is_asked, process);
		assert_int_equal(w.history.steps, 4);
		assert_int_equal(w.cause, process ? CAUSE_COMMAND : CAUSE_NONE);
		w.is_asked = false;
		assert_int_equal(worker_wishes(&w, WISH_UP), EVENT_WANT_UP);
		assert_int_equal(w.is_asked, ending);
		assert_int_equal(w.history.steps, process ? 4 : 0);
		w.history.steps = 4;
		assert_int_equal(worker_wishes(&w, WISH_CYCLE), EVENT_WANT_CYCLE);
		assert_int_equal(w.is_asked, process);
		assert_int_equal(w.history.steps, process ? 4 : 0);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(processes_and_prospects),
	cmocka_unit_test(states_have_words),
	cmocka_unit_test(a_passed_deadline),
	cmocka_unit_test(wishes),
};

CHECK_MAIN(tests)
