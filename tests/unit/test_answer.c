/* answer: the sentence of every reason, with its numbers; none overruns its room. */
#include "check.h"

#include "answer.h"
#include "herd.h"

static struct herd herd;

static int open_herd(void **state)
{
	(void)state;
	herd_describe(&herd);
	herd_open(&herd);
	return 0;
}

static int close_herd(void **state)
{
	(void)state;
	herd_close(&herd);
	return 0;
}

static void expect(const char *expected, const struct answer *a)
{
	char text[ANSWER_TEXT];

	answer_text(a, &herd.fleet, text, sizeof(text));
	assert_text(expected, text);
}

static void no_worker(void **state)
{
	(void)state;
	expect("two is stopped",
	       &(struct answer){.reason = REASON_NO_WORKER, .pool = 1, .worker = NONE});
	expect("no instance of two can run, two/1 failed: exit 78",
	       &(struct answer){.reason = REASON_NO_WORKER,
				.pool = 1,
				.worker = 2,
				.exit = {.kind = EXIT_CODE, .value = 78}});
}

static void crashes(void **state)
{
	(void)state;
	expect("two/0 ended while it had this call: signal 11 SEGV, core dumped "
	       "(attempt 2, it may have run)",
	       &(struct answer){.reason = REASON_WORKER_CRASHED,
				.pool = 1,
				.worker = 1,
				.attempt = 2,
				.exit = {.kind = EXIT_SIGNAL, .value = 11, .dumped_core = true}});
	expect("one/0 closed its channel while it had this call (attempt 1, it may have run)",
	       &(struct answer){.reason = REASON_WORKER_CRASHED,
				.worker = 0,
				.attempt = 1,
				.exit = {.kind = EXIT_CHANNEL}});
	expect("one/0 broke the protocol while it had this call (attempt 1, it may have run)",
	       &(struct answer){.reason = REASON_WORKER_CRASHED,
				.worker = 0,
				.attempt = 1,
				.exit = {.kind = EXIT_CHANNEL, .value = 1}});
	expect("one/0 closed its channel while it had this call (attempt 1, it has not run)",
	       &(struct answer){.reason = REASON_WORKER_CRASHED,
				.not_processed = true,
				.worker = 0,
				.attempt = 1,
				.exit = {.kind = EXIT_CHANNEL}});
}

static void sides_of_a_stream(void **state)
{
	(void)state;
	expect("a message of the request is larger than max_message, 70 bytes",
	       &(struct answer){.reason = REASON_TOO_LARGE, .side = SIDE_REQUEST, .limit = 70});
	expect("the reply is larger than max_message, 70 bytes",
	       &(struct answer){.reason = REASON_TOO_LARGE, .side = SIDE_REPLY, .limit = 70});
	expect("two takes no requests of several messages",
	       &(struct answer){.reason = REASON_UNSUPPORTED, .side = SIDE_REQUEST, .pool = 1});
	expect("the answer has several messages, and this client takes one",
	       &(struct answer){.reason = REASON_UNSUPPORTED, .side = SIDE_REPLY});
	expect("requests under way fill max_partial or max_partial_per_uid",
	       &(struct answer){.reason = REASON_OVERLOADED, .over = LIMIT_PARTIAL});
	expect("the request ends inside a message, goes on behind its end, or never ends",
	       &(struct answer){.reason = REASON_INVALID});
}

static void deadlines(void **state)
{
	(void)state;
	expect("no answer within 30.0s (it waited in the queue)",
	       &(struct answer){.reason = REASON_DEADLINE, .waited = {30000}});
	expect("no answer within 250ms (a worker has it, it may still run)",
	       &(struct answer){.reason = REASON_DEADLINE, .waited = {250}, .may_have_run = true});
}

static void the_others(void **state)
{
	(void)state;
	expect("one is overloaded: 1 call waits, queue = 1",
	       &(struct answer){.reason = REASON_OVERLOADED, .over = LIMIT_QUEUE, .number = 1, .limit = 1});
	expect("one is overloaded: 1024 calls wait, queue = 1024",
	       &(struct answer){.reason = REASON_OVERLOADED, .over = LIMIT_QUEUE, .number = 1024, .limit = 1024});
	expect("one is overloaded: 4097 bytes would wait, queue_bytes = 4096",
	       &(struct answer){.reason = REASON_OVERLOADED, .over = LIMIT_QUEUE_BYTES, .number = 4097, .limit = 4096});
	expect("256 calls of this connection are open, it may have 256",
	       &(struct answer){.reason = REASON_OVERLOADED, .over = LIMIT_OPEN_CALLS, .number = 256, .limit = 256});
	expect("2 calls of this user wait for one or are in its hands, max_calls_per_uid = 2",
	       &(struct answer){.reason = REASON_OVERLOADED, .over = LIMIT_USER, .number = 2, .limit = 2});
	expect("one is overloaded: 1 call of this user waits, its part of queue is 1",
	       &(struct answer){.reason = REASON_OVERLOADED, .over = LIMIT_SHARE, .number = 1, .limit = 1});
	expect("one is overloaded: 4097 bytes of this user wait, its part of queue_bytes is 2048",
	       &(struct answer){.reason = REASON_OVERLOADED, .over = LIMIT_SHARE_BYTES, .number = 4097, .limit = 2048});
	expect("there is no room for its answer: this connection does not read, max_unread = 2097152",
	       &(struct answer){.reason = REASON_OVERLOADED, .over = LIMIT_UNREAD, .limit = 2097152});
	expect("its answer was given up: this connection does not read, and others wait for one",
	       &(struct answer){.reason = REASON_OVERLOADED, .over = LIMIT_STALLED});
	expect("cancelled by the caller", &(struct answer){.reason = REASON_CANCELLED});
	expect("cancelled by the caller, it may have run",
	       &(struct answer){.reason = REASON_CANCELLED, .may_have_run = true});
	expect("one is stopping", &(struct answer){.reason = REASON_DRAINING});
	herd.fleet.is_stopping = true;
	expect("brood is stopping", &(struct answer){.reason = REASON_DRAINING});
}

static void every_reason_has_a_sentence(void **state)
{
	(void)state;
	for (int reason = REASON_NONE; reason < REASONS; reason++) {
		struct answer a = {.reason = (enum frame_reason)reason,
				   .exit = {.kind = EXIT_CODE}};
		char text[ANSWER_TEXT];

		answer_text(&a, &herd.fleet, text, sizeof(text));
		assert_true(strlen(text) > 5);
	}
}

static void what_does_not_fit_is_cut(void **state)
{
	static const struct answer answers[] = {
		{.reason = REASON_WORKER_CRASHED, .exit = {.kind = EXIT_SIGNAL, .value = 11}},
		{.reason = REASON_NO_WORKER, .exit = {.kind = EXIT_NOT_STARTED, .value = 2}},
		{.reason = REASON_OVERLOADED, .number = UINT64_MAX, .limit = UINT64_MAX},
		{.reason = REASON_DEADLINE, .waited = {INT64_MAX}},
		{.reason = REASON_INTERNAL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		for (size_t size = 1; size < ANSWER_TEXT; size++) {
			char *text = test_malloc(size); /* its end is guarded */

			answer_text(&answers[i], &herd.fleet, text, size);
			assert_true(strlen(text) < size);
			test_free(text);
		}
	}
}

#define WITH_HERD(name) cmocka_unit_test_setup_teardown(name, open_herd, close_herd)

static const struct CMUnitTest tests[] = {
	WITH_HERD(no_worker),
	WITH_HERD(crashes),
	WITH_HERD(sides_of_a_stream),
	WITH_HERD(deadlines),
	WITH_HERD(the_others),
	WITH_HERD(every_reason_has_a_sentence),
	WITH_HERD(what_does_not_fit_is_cut),
};

CHECK_MAIN(tests)
