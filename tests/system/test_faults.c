/*
 * Every system call of the channel path fails once, in the supervisor under load: the first, the second, ... until a
 * round makes no more of them. (S4, S10, G5, N2, X5.)
 *
 * A failure that the kernel means to pass costs nobody anything: each call gets its answer, nobody loses a connection
 * or a process. One that is final costs the one peer that it was about. Neither ends brood, leaks, or makes it spin.
 */
#include "check.h"

#include <errno.h>
#include <stdlib.h>

#include "rig.h"

enum { CALLS_MOST = 400 };

/* It passes: nobody notices. */
static const struct rig_fault passing[] = {
	{FAULT_recv, EINTR},
	{FAULT_recv, EAGAIN},
	{FAULT_recv, FAULT_SHORT(1)},
	{FAULT_recv, FAULT_SHORT(17)},
	{FAULT_recvmsg, EINTR},
	{FAULT_recvmsg, EAGAIN},
	{FAULT_recvmsg, FAULT_SHORT(1)},
	{FAULT_sendmsg, EINTR},
	{FAULT_sendmsg, EAGAIN},
	{FAULT_sendmsg, FAULT_SHORT(1)},
	{FAULT_sendmsg, ENOBUFS},
	{FAULT_sendmsg, ENOMEM},
	{FAULT_read, EINTR},
	{FAULT_read, EAGAIN},
	{FAULT_read, FAULT_SHORT(1)},
	{FAULT_writev, EINTR},
	{FAULT_writev, EAGAIN},
	{FAULT_writev, FAULT_SHORT(1)},
	{FAULT_write, EINTR},
	{FAULT_write, EAGAIN},
	{FAULT_write, FAULT_SHORT(1)},
	{FAULT_write, ENOSPC},
	{FAULT_write, EIO},
	{FAULT_accept4, EINTR},
	{FAULT_accept4, EAGAIN},
	{FAULT_accept4, ECONNABORTED},
	{FAULT_accept4, EMFILE},
	{FAULT_accept4, ENFILE},
	{FAULT_accept4, ENOBUFS},
	{FAULT_accept4, ENOMEM},
	{FAULT_accept4, EPERM},
	{FAULT_shutdown, ENOTCONN},
	{FAULT_waitid, EINTR},
	{FAULT_pidfd_send_signal, ESRCH},
};

/* A start fails, and is tried again; calls wait meanwhile. */
static const struct rig_fault starting[] = {
	{FAULT_socketpair, EMFILE},  {FAULT_socketpair, ENFILE}, {FAULT_socketpair, ENOMEM},
	{FAULT_socketpair, ENOBUFS}, {FAULT_setsockopt, ENOMEM}, {FAULT_pipe2, EMFILE},
	{FAULT_pipe2, ENFILE},       {FAULT_open, EMFILE},       {FAULT_open, ENFILE},
	{FAULT_fcntl, EMFILE},       {FAULT_fcntl, EINVAL},      {FAULT_clone, EAGAIN},
	{FAULT_clone, ENOMEM},       {FAULT_clone, EPERM},
};

/* It is final, for one peer. */
static const struct rig_fault final[] = {
	{FAULT_recv, ECONNRESET},  {FAULT_recv, EIO},      {FAULT_recvmsg, ECONNRESET},
	{FAULT_recvmsg, EIO},      {FAULT_sendmsg, EPIPE}, {FAULT_sendmsg, EIO},
	{FAULT_writev, EPIPE},     {FAULT_read, EIO},      {FAULT_getsockopt, EIO},
	{FAULT_getsockopt, EPERM},
};

static char what[120];

/* More and more apart: the first calls of a round are all met, of thousands a part. */
static uint64_t step(uint64_t k)
{
	return k < 12 ? k + 1 : k + k / 4;
}

/* What it may cost. */
enum cost { COST_NOTHING, COST_START, COST_PEER };

/* In one test: a peer that was lost at the end of a round is missed in the next one. */
static struct {
	unsigned met; /* failures */
	unsigned lost;
} so_far;

static bool is_too_much(const struct rig_round *r, enum cost cost)
{
	so_far.lost += r->lost_peers + r->starts;
	switch (cost) {
	case COST_NOTHING:
		return r->failed > 0 || r->lost_peers > 0 || r->starts > 0;
	case COST_START:
		return r->failed > 0 || r->lost_peers > 0 || r->starts > 1;
	case COST_PEER:
		return so_far.lost > so_far.met;
	}
	return true;
}

static void fail_each(const struct rig_fault *f, enum cost cost)
{
	unsigned met = 0;

	for (uint64_t k = 1; k < CALLS_MOST; k = step(k)) {
		struct rig_round r;
		uint64_t hits;

		rig_arm(f->site, f->error, k, 0);
		snprintf(what, sizeof(what), "%s %llu: %s", rig_site_name(f->site), (unsigned long long)k,
			 rig_error_name(f->error));
		r = rig_play();
		hits = rig_hits(f->site);
		met += hits > 0;
		so_far.met += hits > 0;
		if (is_too_much(&r, cost))
			fail_msg("%s: %u calls failed, %u peers were lost, %u starts more: %s\n%s", what,
				 r.failed, r.lost_peers, r.starts, r.why, rig_log());
		rig_check_rest(what);
		if (hits == 0)
			break;
	}
	if (getenv("FAULTS_TELL"))
		printf("%-20s %-12s %u\n", rig_site_name(f->site), rig_error_name(f->error), met);
	if (met == 0)
		fail_msg("no %s was ever made: this tests nothing", rig_site_name(f->site));
}

static void open_rig(void)
{
	so_far.met = so_far.lost = 0;
	rig_open(RIG_SUPERVISOR);
}

static void what_passes_is_noticed_by_nobody(void **state)
{
	(void)state;
	open_rig();
	for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++)
		fail_each(&passing[i], COST_NOTHING);
	rig_close();
}

static void a_start_that_fails_is_tried_again(void **state)
{
	(void)state;
	open_rig();
	for (size_t i = 0; i < sizeof(starting) / sizeof(starting[0]); i++)
		fail_each(&starting[i], COST_START);
	rig_close();
}

static void what_is_final_costs_one_peer(void **state)
{
	(void)state;
	open_rig();
	for (size_t i = 0; i < sizeof(final) / sizeof(final[0]); i++)
		fail_each(&final[i], COST_PEER);
	rig_close();
}

/* Of malloc and its like each call of brood's own, but those of libraries. (S5) */
static void memory_that_is_short_costs_one_peer(void **state)
{
	static const struct rig_fault memory[] = {
		{FAULT_malloc, ENOMEM},
		{FAULT_calloc, ENOMEM},
		{FAULT_realloc, ENOMEM},
	};

	(void)state;
	open_rig();
	for (size_t i = 0; i < sizeof(memory) / sizeof(memory[0]); i++)
		fail_each(&memory[i], COST_PEER);
	rig_close();
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(what_passes_is_noticed_by_nobody),
	cmocka_unit_test(a_start_that_fails_is_tried_again),
	cmocka_unit_test(what_is_final_costs_one_peer),
	cmocka_unit_test(memory_that_is_short_costs_one_peer),
};

CHECK_MAIN(tests)
