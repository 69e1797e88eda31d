/*
 * What the kernel may do at any time, it does all the time, to a supervisor under load: one byte a call, every third
 * one interrupted, no room. And what stays (no descriptors, no memory) is tried now and then, not all the time. (S4,
 * S10, G5, N2, W10.)
 */
#include "check.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "rig.h"

/* ----------------------------------------------------------- what does not pass */

enum { STAYS_MS = 400, TURNS_MOST = 60 };

/* As long as it lasts, brood tries now and then; when it is over, who waited is served. */
static void wait_for_better(enum fault_site site, int error)
{
	uint64_t before;
	brood_t *b;
	int rc;

	rig_arm(site, error, 1, 1);
	before = atomic_load(&rig_page->turns);
	rc = brood_connect(&b, stage_address(&rig_stage, "w.sock"),
			   &(struct brood_client_options){.timeout = STAYS_MS});
	if (rc != -ETIMEDOUT)
		fail_msg("%s %s: a client was told %d: %s", rig_site_name(site), rig_error_name(error), rc,
			 brood_error());
	if (atomic_load(&rig_page->turns) - before > TURNS_MOST)
		fail_msg("%s %s: %llu turns in %d ms", rig_site_name(site), rig_error_name(error),
			 (unsigned long long)(atomic_load(&rig_page->turns) - before), STAYS_MS);
	assert_true(rig_hits(site) > 1);
	rig_disarm();
	assert_rc(0, brood_connect(&b, stage_address(&rig_stage, "w.sock"), NULL));
	brood_close(b);
}

static void what_stays_is_tried_now_and_then(void **state)
{
	static const struct rig_fault staying[] = {
		{FAULT_accept4, EMFILE},  {FAULT_accept4, ENFILE}, {FAULT_accept4, ENOBUFS},
		{FAULT_accept4, ENOMEM},  {FAULT_accept4, EPERM},  {FAULT_accept4, EIO},
		{FAULT_sendmsg, ENOBUFS}, {FAULT_sendmsg, ENOMEM},
	};
	struct rig_round r;

	(void)state;
	rig_open(RIG_SUPERVISOR);
	for (size_t i = 0; i < sizeof(staying) / sizeof(staying[0]); i++)
		wait_for_better(staying[i].site, staying[i].error);
	r = rig_play();
	assert_int_equal(r.failed + r.lost_peers, 0);
	rig_check_rest("after it");
	rig_close();
}

/* No allocation of brood's own succeeds for a while: what cannot be done is told, and then all is as before. (S5) */
static void brood_without_memory_comes_back(void **state)
{
	static struct tally t;
	brood_t *b;
	brood_t *other;

	(void)state;
	rig_open(RIG_SUPERVISOR);
	for (int i = 0; i < 3; i++) {
		assert_rc(0, brood_connect(&b, stage_address(&rig_stage, "w.sock"), NULL));
		rig_arm(FAULT_malloc, ENOMEM, 1, 1);
		rig_arm(FAULT_calloc, ENOMEM, 1, 1);
		rig_arm(FAULT_realloc, ENOMEM, 1, 1);
		tally_begin(&t, b, 1, (uint32_t)i);
		for (unsigned n = 0; n < 10; n++)
			(void)tally_start(&t, 30000 * n);
		if (!tally_await(&t, STAGE_WAIT_MS))
			fail_msg("%s", t.broken[0] ? t.broken : "a call was not answered in time");
		if (brood_connect(&other, stage_address(&rig_stage, "w.sock"), NULL) == 0)
			brood_close(other);
		assert_true(rig_hits(FAULT_malloc) + rig_hits(FAULT_calloc) > 0);
		rig_disarm();
		brood_close(b);
		rig_recover();
		rig_check_rest("with memory again");
	}
	assert_int_equal(rig_play().failed, 0);
	rig_close();
}

/* ------------------------------------------------------------- all the time */

/* Whatever the kernel may do at any time, it does all the time, for as long as the rounds last. */
static void play_with(const char *name, const struct rig_fault *faults, size_t count, uint64_t every,
		      int rounds)
{
	for (int i = 0; i < rounds; i++) {
		struct rig_round r;

		for (size_t n = 0; n < count; n++)
			rig_arm(faults[n].site, faults[n].error, 1, every);
		r = rig_play();
		if (r.failed + r.lost_peers + r.starts > 0)
			fail_msg("%s: %u calls failed, %u peers were lost, %u starts more: %s", name,
				 r.failed, r.lost_peers, r.starts, r.why);
		for (size_t n = 0; n < count; n++) {
			if (rig_hits(faults[n].site) == 0)
				fail_msg("%s: no %s was made", name, rig_site_name(faults[n].site));
		}
		rig_check_rest(name);
	}
}

static void every_transfer_is_one_byte(void **state)
{
	static const struct rig_fault all[] = {
		{FAULT_recv, FAULT_SHORT(1)},   {FAULT_recvmsg, FAULT_SHORT(1)},
		{FAULT_read, FAULT_SHORT(1)},   {FAULT_sendmsg, FAULT_SHORT(1)},
		{FAULT_writev, FAULT_SHORT(1)}, {FAULT_write, FAULT_SHORT(1)},
	};

	(void)state;
	rig_open(RIG_SUPERVISOR);
	rig_largest = 30000; /* each byte is some system calls */
	play_with("one byte", all, sizeof(all) / sizeof(all[0]), 1, 1);
	rig_largest = 300000;
	rig_close();
}

static void every_third_call_is_interrupted(void **state)
{
	static const struct rig_fault all[] = {
		{FAULT_recv, EINTR},   {FAULT_recvmsg, EINTR}, {FAULT_read, EINTR},    {FAULT_sendmsg, EINTR},
		{FAULT_writev, EINTR}, {FAULT_write, EINTR},   {FAULT_accept4, EINTR}, {FAULT_waitid, EINTR},
	};

	(void)state;
	rig_open(RIG_SUPERVISOR);
	play_with("EINTR", all, sizeof(all) / sizeof(all[0]), 3, 5);
	rig_close();
}

static void every_second_send_would_block(void **state)
{
	static const struct rig_fault all[] = {
		{FAULT_sendmsg, EAGAIN}, {FAULT_writev, EAGAIN},  {FAULT_write, EAGAIN},
		{FAULT_recv, EAGAIN},    {FAULT_recvmsg, EAGAIN}, {FAULT_read, EAGAIN},
	};

	(void)state;
	rig_open(RIG_SUPERVISOR);
	play_with("EAGAIN", all, sizeof(all) / sizeof(all[0]), 2, 5);
	rig_close();
}

/* ------------------------------------------------------------- from the start */

static bool has_ended(void)
{
	siginfo_t info = {.si_pid = 0};

	return waitid(P_PID, (id_t)rig_stage.pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid != 0;
}

/* Comes up without what failed, or says what it cannot do without, and leaves nothing. False: nothing failed. */
static bool start_without(enum fault_site site, int error, uint64_t k)
{
	bool failed;

	stage_prepare(&rig_stage,
		      "[worker:w]\ncommand = %s\nrestart_delay = 1ms\n[endpoint:e]\nlisten = "
		      "unix:e.sock\npool = w\n",
		      home_badworker());
	rig_arm(site, error, k, 0);
	stage_start(&rig_stage, false, rig_preload);
	stage_until(STAGE_WAIT_MS, "it is up, or has ended",
		    stage_has_log(&rig_stage, "STARTING -> UP") || has_ended());
	failed = rig_hits(site) > 0;
	rig_disarm();
	if (!has_ended())
		kill(rig_stage.pid, SIGTERM);
	stage_await_exit(&rig_stage, STAGE_WAIT_MS);
	if (rig_stage.exit_code != 0 && rig_stage.exit_code != 69 && rig_stage.exit_code != 70 &&
	    rig_stage.exit_code != 73 && rig_stage.exit_code != 78)
		fail_msg("%s %llu %s: brood ended with %d: %s", rig_site_name(site), (unsigned long long)k,
			 rig_error_name(error), rig_stage.exit_code, rig_stage.log);
	if (rig_stage.exit_code != 0 && !rig_stage.log)
		fail_msg("%s %llu %s: brood ended with %d and said nothing", rig_site_name(site),
			 (unsigned long long)k, rig_error_name(error), rig_stage.exit_code);
	stage_clean(&rig_stage);
	return failed;
}

static void a_start_that_cannot_be_says_why(void **state)
{
	static const struct rig_fault faults[] = {
		{FAULT_socket, EMFILE},       {FAULT_epoll_create1, EMFILE},
		{FAULT_epoll_ctl, ENOSPC},    {FAULT_open, EMFILE},
		{FAULT_fstat, EIO},           {FAULT_getsockopt, ENOBUFS},
		{FAULT_pipe2, EMFILE},        {FAULT_socketpair, EMFILE},
		{FAULT_memfd_create, EMFILE}, {FAULT_mmap, ENOMEM},
		{FAULT_clone, EAGAIN},        {FAULT_setsockopt, ENOMEM},
	};

	(void)state;
	rig_make_page();
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		for (uint64_t k = 1; k < 20 && start_without(faults[i].site, faults[i].error, k); k++)
			;
	}
	rig_drop_page();
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(a_start_that_cannot_be_says_why), cmocka_unit_test(what_stays_is_tried_now_and_then),
	cmocka_unit_test(brood_without_memory_comes_back), cmocka_unit_test(every_transfer_is_one_byte),
	cmocka_unit_test(every_third_call_is_interrupted), cmocka_unit_test(every_second_send_would_block),
};

CHECK_MAIN(tests)
