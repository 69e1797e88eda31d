/*
 * Every system call of the channel path fails once, in the supervisor under load: the first, the second, ... until a
 * round makes no more of them. (S4, S10, G5, N2, X5.)
 *
 * A failure that the kernel means to pass costs nobody anything: each call gets its answer, nobody loses a connection
 * or a process. One that is final costs the one peer that it was about. Neither ends brood, leaks, or makes it spin.
 */
#include "check.h"

#include <errno.h>

#include "rig.h"

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

static void what_passes_is_noticed_by_nobody(void **state)
{
	(void)state;
	rig_open(RIG_SUPERVISOR);
	for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++)
		rig_fail_each(&passing[i], RIG_COST_NOTHING);
	rig_close();
}

static void a_start_that_fails_is_tried_again(void **state)
{
	(void)state;
	rig_open(RIG_SUPERVISOR);
	for (size_t i = 0; i < sizeof(starting) / sizeof(starting[0]); i++)
		rig_fail_each(&starting[i], RIG_COST_START);
	rig_close();
}

static void what_is_final_costs_one_peer(void **state)
{
	(void)state;
	rig_open(RIG_SUPERVISOR);
	for (size_t i = 0; i < sizeof(final) / sizeof(final[0]); i++)
		rig_fail_each(&final[i], RIG_COST_PEER);
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
	rig_open(RIG_SUPERVISOR);
	for (size_t i = 0; i < sizeof(memory) / sizeof(memory[0]); i++)
		rig_fail_each(&memory[i], RIG_COST_PEER);
	rig_close();
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(what_passes_is_noticed_by_nobody),
	cmocka_unit_test(a_start_that_fails_is_tried_again),
	cmocka_unit_test(what_is_final_costs_one_peer),
	cmocka_unit_test(memory_that_is_short_costs_one_peer),
};

CHECK_MAIN(tests)
