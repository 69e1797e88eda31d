/*
 * Each system call that brood makes to give a worker a connection to another pool, and to serve it, fails once: the
 * first, the second, ... until a round makes no more of them. What passes costs nothing; what is final costs at most
 * the one call that it was about, which is told why; neither ends brood, leaks, or keeps the next call from its answer.
 * (S4, S5, S10.)
 */
#include "check.h"

#include <errno.h>
#include <stdlib.h>

#include "asking.h"
#include "rig.h"

enum { CALLS_MOST = 300 };

static const char *const methods[] = {"echo@b", "echo@d"};

/* Each call makes a connection of its own, and ends it. */
static void open_rig(void)
{
	rig_make_page();
	stage_prepare(&rig_stage,
		      "[defaults]\nrestart_delay = 1ms\nrestart_delay_max = 2ms\n"
		      "[worker:f]\ncommand = %s --threads --slots 2\ncalls = b, d:direct\n"
		      "[worker:b]\ncommand = %s\n[worker:d]\ncommand = %s\n"
		      "[endpoint:f]\nlisten = unix:f.sock\npool = f\n",
		      RELAYER, home_badworker(), home_badworker());
	stage_start(&rig_stage, true, rig_preload);
	assert_int_equal(stage_cli(&rig_stage, NULL, NULL, "start", "all", NULL), 0);
	rig_stage.fds_at_start = stage_fds_of(rig_stage.pid);
}

static void close_rig(void)
{
	rig_disarm();
	stage_close(&rig_stage);
	rig_drop_page();
}

/* How many of both calls have failed; each says why. */
static unsigned play(brood_t *b, char why[300])
{
	unsigned failed = 0;

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		struct brood_answer a;
		int rc = brood_call(b, methods[i], "hello", 5, NULL, &a);

		if (rc == 0 && a.code == BROOD_OK) {
			assert_int_equal(a.body_size, 5);
			assert_memory_equal(a.body, "hello", 5);
		} else {
			failed++;
			assert_true(a.text[0] != '\0');
			snprintf(why, 300, "%s: %s", methods[i], a.text);
		}
		brood_answer_free(&a);
	}
	return failed;
}

static long long open_links(void)
{
	json_t *status = stage_status(&rig_stage);
	json_t *link;
	size_t i;
	long long open = 0;

	json_array_foreach(json_object_get(status, "links"), i, link)
		open += json_integer_value(json_object_get(link, "open"));
	json_decref(status);
	return open;
}

static void fail_each(const struct rig_fault *f, unsigned most)
{
	brood_t *b = asking_connect(&rig_stage, "f.sock");
	uint64_t hits = 1;
	unsigned met = 0;

	for (uint64_t k = 1; k < CALLS_MOST && hits > 0; k = rig_next(k)) {
		char what[120];
		char why[300] = "";
		unsigned failed;

		rig_describe(f, k, what, sizeof(what));
		rig_arm(f->site, f->error, k, 0);
		failed = play(b, why);
		hits = rig_hits(f->site);
		rig_disarm();
		met += hits > 0;
		if (failed > most)
			fail_msg("%s: %u calls failed, the last: %s\n%s", what, failed, why, rig_log());
		stage_until(STAGE_WAIT_MS, what, open_links() == 0);
		if (failed > 0 && play(b, why) > 0) /* whatever it was, it is over */
			fail_msg("%s, and then without it: %s\n%s", what, why, rig_log());
	}
	brood_close(b);
	if (met == 0)
		fail_msg("no %s was ever made: this tests nothing", rig_site_name(f->site));
}

static void what_passes_is_noticed_by_nobody(void **state)
{
	static const struct rig_fault faults[] = {
		{FAULT_recvmsg, EINTR},  {FAULT_recvmsg, EAGAIN},  {FAULT_recvmsg, FAULT_SHORT(1)},
		{FAULT_sendmsg, EINTR},  {FAULT_sendmsg, EAGAIN},  {FAULT_sendmsg, FAULT_SHORT(1)},
		{FAULT_sendmsg, ENOBUFS}, {FAULT_sendmsg, ENOMEM},
	};

	(void)state;
	open_rig();
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		fail_each(&faults[i], 0);
	close_rig();
}

static void what_is_final_costs_one_call(void **state)
{
	static const struct rig_fault faults[] = {
		{FAULT_socketpair, EMFILE}, {FAULT_socketpair, ENFILE}, {FAULT_socketpair, ENOMEM},
		{FAULT_setsockopt, ENOMEM}, {FAULT_recvmsg, EIO},       {FAULT_recvmsg, ECONNRESET},
		{FAULT_sendmsg, EPIPE},     {FAULT_sendmsg, EIO},
	};

	(void)state;
	open_rig();
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		fail_each(&faults[i], 2); /* it may be about the worker that was to make both */
	close_rig();
}

static void memory_that_is_short_costs_one_call(void **state)
{
	static const struct rig_fault faults[] = {{FAULT_malloc, ENOMEM}, {FAULT_calloc, ENOMEM}};

	(void)state;
	open_rig();
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		fail_each(&faults[i], 2);
	close_rig();
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(what_passes_is_noticed_by_nobody),
	cmocka_unit_test(what_is_final_costs_one_call),
	cmocka_unit_test(memory_that_is_short_costs_one_call),
};

CHECK_MAIN(tests)
