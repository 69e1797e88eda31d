/*
 * trace: durations, exits and every kind of transition as people read them; no text overruns its
 * room.
 */
#include "check.h"

#include "trace.h"

static char program[] = "/usr/bin/thumbs";
static char *words[] = {program, NULL};

static const struct worker_spec thumbs = {
	.name = "thumbs",
	.command = {words, 1},
	.cwd = "/srv/x",
	.user = {.is_set = true, .uid = 33, .name = "www-data"},
};

static const struct exit_facts code3 = {.kind = EXIT_CODE, .value = 3};
static const struct exit_facts segv = {.kind = EXIT_SIGNAL, .value = 11};

static void durations(void **state)
{
	static const struct {
		int64_t ms;
		const char *text;
	} rows[] = {
		{0, "0ms"},
		{1, "1ms"},
		{999, "999ms"},
		{1000, "1.0s"},
		{3299, "3.2s"},
		{59999, "59.9s"},
		{60000, "1m 0s"},
		{130000, "2m 10s"},
		{3599999, "59m 59s"},
		{3600000, "1h 0m"},
		{86399999, "23h 59m"},
		{86400000, "1d 0h"},
		{273600000, "3d 4h"},
		{INT64_MAX, "106751991167d 7h"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[32];

		trace_duration((struct duration){rows[i].ms}, text, sizeof(text));
		assert_text(rows[i].text, text);
	}
}

static void exits(void **state)
{
	static const struct {
		struct exit_facts facts;
		const char *text;
	} rows[] = {
		{{.kind = EXIT_NONE}, "has not ended"},
		{{.kind = EXIT_CODE, .value = 0}, "exit 0"},
		{{.kind = EXIT_CODE, .value = 255}, "exit 255"},
		{{.kind = EXIT_SIGNAL, .value = 11}, "signal 11 SEGV"},
		{{.kind = EXIT_SIGNAL, .value = 6, .dumped_core = true},
		 "signal 6 ABRT, core dumped"},
		{{.kind = EXIT_SIGNAL, .value = 40}, "signal 40 ?"},
		{{.kind = EXIT_SIGNAL, .value = 15, .was_late = true},
		 "signal 15 TERM (not ready within start_timeout)"},
		{{.kind = EXIT_SIGNAL, .value = 15, .was_late = true, .was_mute = true},
		 "signal 15 TERM (it never answered on its channel; a program without the SDK needs channel = none)"},
		{{.kind = EXIT_CODE, .value = 0, .was_mute = true},
		 "exit 0 (it never answered on its channel; a program without the SDK needs channel = none)"},
		{{.kind = EXIT_CODE, .value = 1, .was_mute = true}, "exit 1"},
		{{.kind = EXIT_CHANNEL, .value = 0}, "closed its channel"},
		{{.kind = EXIT_CHANNEL, .value = 1}, "broke the protocol"},
		{{.kind = EXIT_NOT_STARTED, .value = 2, .stage = STAGE_EXEC},
		 "cannot start: exec of /usr/bin/thumbs: No such file or directory"},
		{{.kind = EXIT_NOT_STARTED, .value = 2, .stage = STAGE_SEARCH},
		 "cannot start: looking in PATH for /usr/bin/thumbs: No such file or directory"},
		{{.kind = EXIT_NOT_STARTED, .value = 13, .stage = STAGE_CHDIR},
		 "cannot start: chdir to /srv/x: Permission denied"},
		{{.kind = EXIT_NOT_STARTED, .value = 1, .stage = STAGE_USER},
		 "cannot start: changing user and groups to www-data: Operation not permitted"},
		{{.kind = EXIT_NOT_STARTED, .value = 11, .stage = STAGE_PROCESS},
		 "cannot start: making a process: Resource temporarily unavailable"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[TRACE_TEXT];

		trace_exit(&rows[i].facts, &thumbs, text, sizeof(text));
		assert_text(rows[i].text, text);
	}
}

/* Where the configuration does not say what the stage was about, neither does the text. */
static void exits_without_an_object(void **state)
{
	struct worker_spec bare = {.name = "bare"};
	char text[TRACE_TEXT];

	(void)state;
	trace_exit(&(struct exit_facts){.kind = EXIT_NOT_STARTED, .value = 2, .stage = STAGE_EXEC},
		   &bare, text, sizeof(text));
	assert_text("cannot start: exec: No such file or directory", text);
	trace_exit(&(struct exit_facts){.kind = EXIT_NOT_STARTED, .value = 2, .stage = STAGE_CHDIR},
		   &bare, text, sizeof(text));
	assert_text("cannot start: chdir: No such file or directory", text);
	trace_exit(&(struct exit_facts){.kind = EXIT_NOT_STARTED, .value = 1, .stage = STAGE_USER},
		   &bare, text, sizeof(text));
	assert_text("cannot start: changing user and groups: Operation not permitted", text);
	/* a number that no user has */
	bare.user = (struct user_ref){.is_set = true, .uid = 4000};
	trace_exit(&(struct exit_facts){.kind = EXIT_NOT_STARTED, .value = 1, .stage = STAGE_USER},
		   &bare, text, sizeof(text));
	assert_text("cannot start: changing user and groups to uid 4000: Operation not permitted",
		    text);
}

static void expect(const char *expected, const struct trace *t)
{
	char text[TRACE_TEXT];

	trace_text(t, &thumbs, text, sizeof(text));
	assert_text(expected, text);
}

static void beginnings(void **state)
{
	(void)state;
	expect("gen 1: DOWN -> STARTING (start)", &(struct trace){.generation = 1,
								  .from = WORKER_DOWN,
								  .to = WORKER_STARTING,
								  .event = EVENT_WANT_UP,
								  .cause = CAUSE_COMMAND});
	expect("gen 2: FAILED -> STARTING (on command)", &(struct trace){.generation = 2,
									 .from = WORKER_FAILED,
									 .to = WORKER_STARTING,
									 .event = EVENT_WANT_CYCLE,
									 .cause = CAUSE_COMMAND});
	expect("gen 8: BACKOFF -> STARTING (delay over)", &(struct trace){.generation = 8,
									  .from = WORKER_BACKOFF,
									  .to = WORKER_STARTING,
									  .event = EVENT_DEADLINE});
	expect("gen 8: STARTING -> UP (ready after 1.2s)", &(struct trace){.generation = 8,
									   .from = WORKER_STARTING,
									   .to = WORKER_UP,
									   .event = EVENT_READY,
									   .ran = {1234}});
	expect("gen 9: STOPPING -> STARTING (gen 7: exit 3, ran 10ms)",
	       &(struct trace){.generation = 9,
			       .ended = 7,
			       .from = WORKER_STOPPING,
			       .to = WORKER_STARTING,
			       .event = EVENT_EXIT_AGAIN,
			       .cause = CAUSE_COMMAND,
			       .exit = code3,
			       .ran = {10}});
}

static void endings(void **state)
{
	(void)state;
	expect("gen 7: UP -> BACKOFF (signal 11 SEGV, ran 3.2s), retry 3 in 1.0s",
	       &(struct trace){.generation = 7,
			       .from = WORKER_UP,
			       .to = WORKER_BACKOFF,
			       .event = EVENT_EXIT_RETRY,
			       .exit = segv,
			       .ran = {3250},
			       .retry = 3,
			       .wait = {1000}});
	expect("gen 7: UP -> BACKOFF (signal 11 SEGV, ran 1m 0s), 1 call in hand lost, retry 1 at "
	       "once",
	       &(struct trace){.generation = 7,
			       .from = WORKER_UP,
			       .to = WORKER_BACKOFF,
			       .event = EVENT_EXIT_RETRY,
			       .exit = segv,
			       .ran = {60000},
			       .retry = 1,
			       .calls = {.crashed = 1, .orphans = 4}});
	expect("gen 1: STARTING -> BACKOFF (cannot start: exec of /usr/bin/thumbs: "
	       "No such file or directory), retry 1 in 250ms",
	       &(struct trace){.generation = 1,
			       .from = WORKER_STARTING,
			       .to = WORKER_BACKOFF,
			       .event = EVENT_EXIT_RETRY,
			       .exit = {.kind = EXIT_NOT_STARTED, .value = 2, .stage = STAGE_EXEC},
			       .ran = {3},
			       .retry = 1,
			       .wait = {250}});
	expect("gen 4: DRAINING -> DOWN (exit 3, ran 20ms, it takes no more calls), 2 calls in "
	       "hand lost, "
	       "3 requeued",
	       &(struct trace){.generation = 4,
			       .from = WORKER_DRAINING,
			       .to = WORKER_DOWN,
			       .event = EVENT_EXIT_REST,
			       .cause = CAUSE_LEAVING,
			       .exit = code3,
			       .ran = {20},
			       .calls = {.crashed = 2, .requeued = 3}});
}

/*
 * Why policy gave up stands in the line of the exit, and why the process was to end unless it was
 * ordered.
 */
static void reasons_and_causes(void **state)
{
	static const char *const reasons[] = {
		[RESTART_REASON_NONE] = "",
		[RESTART_REASON_EXCLUDED] = ", listed in no_restart_exit",
		[RESTART_REASON_POLICY] = ", restart = never",
		[RESTART_REASON_STARTS] = ", start_retries used up",
		[RESTART_REASON_FREQUENCY] = ", over restart_limit",
	};
	static const char *const causes[] = {
		[CAUSE_NONE] = "",
		[CAUSE_COMMAND] = "",
		[CAUSE_DRAIN] = "",
		[CAUSE_LEAVING] = ", it takes no more calls",
		[CAUSE_START_TIMEOUT] = ", not ready within start_timeout",
		[CAUSE_CHANNEL_CLOSED] = ", it closed its channel",
		[CAUSE_PROTOCOL] = ", it broke the protocol",
		[CAUSE_STUCK] = ", stuck 12.3s in request 82",
		[CAUSE_UNFLUSHED] = "",
		[CAUSE_LOAD] = "",
		[CAUSE_SIZE] = "",
		[CAUSE_BESIDE] = "",
		[CAUSE_REPLACED] = "",
		[CAUSE_SHUTDOWN] = "",
	};

	(void)state;
	for (int cause = CAUSE_NONE; cause <= CAUSE_SHUTDOWN; cause++) {
		for (int reason = RESTART_REASON_NONE; reason <= RESTART_REASON_FREQUENCY;
		     reason++) {
			char expected[TRACE_TEXT];

			snprintf(expected, sizeof(expected),
				 "gen 5: STOPPING -> FAILED (exit 3, ran 50ms%s%s)", causes[cause],
				 reasons[reason]);
			expect(expected, &(struct trace){.generation = 5,
							 .from = WORKER_STOPPING,
							 .to = WORKER_FAILED,
							 .event = EVENT_EXIT_GIVE_UP,
							 .cause = (enum trace_cause)cause,
							 .reason = (enum restart_reason)reason,
							 .exit = code3,
							 .ran = {50},
							 .stuck = {82, {12345}}});
		}
	}
}

static void ways_to_the_end(void **state)
{
	static const struct {
		enum worker_state from;
		enum worker_state to;
		enum worker_event event;
		enum trace_cause cause;
		int signal;
		const char *text;
	} rows[] = {
		{WORKER_UP, WORKER_DRAINING, EVENT_WANT_DOWN, CAUSE_COMMAND, 0,
		 "gen 5: UP -> DRAINING (on command)"},
		{WORKER_UP, WORKER_DRAINING, EVENT_WANT_DOWN, CAUSE_DRAIN, 0,
		 "gen 5: UP -> DRAINING (drained on command)"},
		{WORKER_UP, WORKER_DRAINING, EVENT_WANT_DOWN, CAUSE_REPLACED, 0,
		 "gen 5: UP -> DRAINING (the new one is up)"},
		{WORKER_UP, WORKER_DRAINING, EVENT_WANT_DOWN, CAUSE_SIZE, 0,
		 "gen 5: UP -> DRAINING (fewer are needed)"},
		{WORKER_DOWN, WORKER_STARTING, EVENT_WANT_UP, CAUSE_LOAD, 0,
		 "gen 5: DOWN -> STARTING (start, calls wait)"},
		{WORKER_DOWN, WORKER_STARTING, EVENT_WANT_UP, CAUSE_BESIDE, 0,
		 "gen 5: DOWN -> STARTING (start, the old one serves meanwhile)"},
		{WORKER_UP, WORKER_DRAINING, EVENT_WANT_DOWN, CAUSE_SHUTDOWN, 0,
		 "gen 5: UP -> DRAINING (brood ends)"},
		{WORKER_UP, WORKER_DRAINING, EVENT_LEAVING, CAUSE_LEAVING, 0,
		 "gen 5: UP -> DRAINING (it takes no more calls)"},
		{WORKER_DRAINING, WORKER_STOPPING, EVENT_DRAINED, CAUSE_COMMAND, 15,
		 "gen 5: DRAINING -> STOPPING (nothing in hand), SIGTERM sent"},
		{WORKER_DRAINING, WORKER_STOPPING, EVENT_FLUSHED, CAUSE_COMMAND, 15,
		 "gen 5: DRAINING -> STOPPING (nothing in hand, all handed over), SIGTERM sent"},
		{WORKER_DRAINING, WORKER_STOPPING, EVENT_DEADLINE, CAUSE_UNFLUSHED, 15,
		 "gen 5: DRAINING -> STOPPING (stop_timeout passed, it did not answer FLUSH), SIGTERM sent"},
		{WORKER_DRAINING, WORKER_STOPPING, EVENT_DEADLINE, CAUSE_COMMAND, 3,
		 "gen 5: DRAINING -> STOPPING (stop_timeout passed), SIGQUIT sent"},
		{WORKER_STARTING, WORKER_STOPPING, EVENT_DEADLINE, CAUSE_START_TIMEOUT, 15,
		 "gen 5: STARTING -> STOPPING (not ready within start_timeout), SIGTERM sent"},
		{WORKER_UP, WORKER_STOPPING, EVENT_LOST, CAUSE_CHANNEL_CLOSED, 15,
		 "gen 5: UP -> STOPPING (it closed its channel), SIGTERM sent"},
		{WORKER_UP, WORKER_STOPPING, EVENT_LOST, CAUSE_PROTOCOL, 15,
		 "gen 5: UP -> STOPPING (it broke the protocol), SIGTERM sent"},
		{WORKER_UP, WORKER_STOPPING, EVENT_STUCK, CAUSE_STUCK, 15,
		 "gen 5: UP -> STOPPING (stuck 12.3s in request 82), SIGTERM sent"},
		{WORKER_STOPPING, WORKER_KILLING, EVENT_DEADLINE, CAUSE_COMMAND, 0,
		 "gen 5: STOPPING -> KILLING (stop_timeout passed)"},
		{WORKER_STOPPING, WORKER_KILLING, EVENT_HALT, CAUSE_SHUTDOWN, 0,
		 "gen 5: STOPPING -> KILLING (brood ends)"},
		{WORKER_BACKOFF, WORKER_DOWN, EVENT_WANT_DOWN, CAUSE_COMMAND, 0,
		 "gen 5: BACKOFF -> DOWN (on command)"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		expect(rows[i].text, &(struct trace){.generation = 5,
						     .from = rows[i].from,
						     .to = rows[i].to,
						     .event = rows[i].event,
						     .cause = rows[i].cause,
						     .signal = rows[i].signal,
						     .stuck = {82, {12345}}});
}

/* Every event in every state has some text, whatever the cause. */
static void nothing_is_without_words(void **state)
{
	(void)state;
	for (int from = 0; from < WORKER_STATES; from++) {
		for (int event = 0; event < WORKER_EVENTS; event++) {
			for (int cause = CAUSE_NONE; cause <= CAUSE_SHUTDOWN; cause++) {
				struct trace t = {.from = (enum worker_state)from,
						  .event = (enum worker_event)event,
						  .cause = (enum trace_cause)cause,
						  .exit = code3};
				char text[TRACE_TEXT];

				trace_text(&t, &thumbs, text, sizeof(text));
				assert_non_null(strstr(text, " ("));
				assert_null(strstr(text, "()"));
				assert_int_equal(text[strlen(text) - 1], ')');
			}
		}
	}
}

static void what_does_not_fit_is_cut(void **state)
{
	static const struct trace t = {
		.generation = UINT32_MAX,
		.from = WORKER_STARTING,
		.to = WORKER_BACKOFF,
		.event = EVENT_EXIT_RETRY,
		.cause = CAUSE_START_TIMEOUT,
		.exit = {.kind = EXIT_NOT_STARTED, .value = 2, .stage = STAGE_CHDIR},
		.retry = 7,
		.wait = {8000},
	};
	char whole[TRACE_TEXT];

	(void)state;
	trace_text(&t, &thumbs, whole, sizeof(whole));
	for (size_t size = 1; size < sizeof(whole); size++) {
		char *text = test_malloc(size); /* its end is guarded */
		size_t length = strlen(whole) < size ? strlen(whole) : size - 1;

		trace_text(&t, &thumbs, text, size);
		assert_int_equal(strlen(text), length);
		assert_memory_equal(text, whole, length);
		trace_exit(&t.exit, &thumbs, text, size);
		assert_true(strlen(text) < size);
		test_free(text);
	}
}

static void the_newest_transitions_are_kept(void **state)
{
	struct trace_ring ring = {.count = 0};

	(void)state;
	assert_null(trace_kept(&ring, 0));
	for (uint32_t i = 1; i <= 40; i++) {
		struct trace t = {.generation = i};

		trace_keep(&ring, &t);
		for (uint32_t n = 0; n < TRACE_KEPT + 2; n++) {
			const struct trace *kept = trace_kept(&ring, n);

			assert_int_equal(kept != NULL, n < i && n < TRACE_KEPT);
			assert_true(!kept || kept->generation == i - n);
		}
	}
}

static void what_is_wished_is_no_trouble(void **state)
{
	static const struct trace usual[] = {
		{.from = WORKER_DOWN, .to = WORKER_STARTING, .event = EVENT_WANT_UP},
		{.from = WORKER_STARTING, .to = WORKER_UP, .event = EVENT_READY},
		{.from = WORKER_UP, .to = WORKER_DRAINING, .event = EVENT_WANT_DOWN},
		{.from = WORKER_UP, .to = WORKER_DRAINING, .event = EVENT_LEAVING},
		{.from = WORKER_STOPPING, .to = WORKER_DOWN, .event = EVENT_EXIT_REST},
		{.from = WORKER_STOPPING, .to = WORKER_STARTING, .event = EVENT_EXIT_AGAIN},
		{.from = WORKER_BACKOFF, .to = WORKER_STARTING, .event = EVENT_DEADLINE},
	};
	static const struct trace trouble[] = {
		{.from = WORKER_UP, .to = WORKER_BACKOFF, .event = EVENT_EXIT_RETRY},
		{.from = WORKER_STARTING, .to = WORKER_FAILED, .event = EVENT_EXIT_GIVE_UP},
		{.from = WORKER_STARTING, .to = WORKER_STOPPING, .event = EVENT_DEADLINE},
		{.from = WORKER_STOPPING, .to = WORKER_KILLING, .event = EVENT_DEADLINE},
		{.from = WORKER_UP, .to = WORKER_STOPPING, .event = EVENT_LOST},
		{.from = WORKER_UP, .to = WORKER_STOPPING, .event = EVENT_STUCK},
		{.from = WORKER_STOPPING, .to = WORKER_DOWN, .event = EVENT_EXIT_REST, .calls = {.crashed = 1}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		assert_false(trace_is_trouble(&usual[i]));
	for (size_t i = 0; i < sizeof(trouble) / sizeof(trouble[0]); i++)
		assert_true(trace_is_trouble(&trouble[i]));
}

static void names(void **state)
{
	char text[64];

	(void)state;
	assert_text("thumbs/0", trace_name(&thumbs, 0, text, sizeof(text)));
	assert_text("thumbs/1023", trace_name(&thumbs, 1023, text, sizeof(text)));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(durations),
	cmocka_unit_test(exits),
	cmocka_unit_test(exits_without_an_object),
	cmocka_unit_test(beginnings),
	cmocka_unit_test(endings),
	cmocka_unit_test(reasons_and_causes),
	cmocka_unit_test(ways_to_the_end),
	cmocka_unit_test(nothing_is_without_words),
	cmocka_unit_test(what_does_not_fit_is_cut),
	cmocka_unit_test(the_newest_transitions_are_kept),
	cmocka_unit_test(what_is_wished_is_no_trouble),
	cmocka_unit_test(names),
};

CHECK_MAIN(tests)
