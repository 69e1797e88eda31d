/*
 * Every system call of the SDK fails once, in workers and in a client of a running brood: the first, the second, ...
 * until a round makes no more of them. What passes is noticed by nobody; what is final costs that worker or that
 * client, who says why. (S4, S10, G5, W10, X2, X5.)
 */
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "rig.h"

enum { HONEST = 3, UNCONNECTED = 4 };

static char what[120];

/* ------------------------------------------------------------------- workers */

static void what_passes_in_a_worker_is_noticed_by_nobody(void **state)
{
	static const struct rig_fault faults[] = {
		{FAULT_recv, EINTR},
		{FAULT_recv, EAGAIN},
		{FAULT_recv, FAULT_SHORT(1)},
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
		{FAULT_poll, EINTR},
		{FAULT_mmap, ENOMEM},
		{FAULT_recvmsg, EINTR},
		{FAULT_recvmsg, EAGAIN},
		{FAULT_recvmsg, FAULT_SHORT(1)},
		{FAULT_pread, EINTR},
		{FAULT_pwrite, EINTR},
		{FAULT_pwrite, ENOSPC},
	};

	(void)state;
	rig_open(RIG_WORKERS);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		rig_fail_each(&faults[i], RIG_COST_NOTHING);
	rig_close();
}

static void what_is_final_costs_one_worker(void **state)
{
	static const struct rig_fault faults[] = {
		{FAULT_recv, ECONNRESET},
		{FAULT_recv, EIO},
		{FAULT_sendmsg, EPIPE},
		{FAULT_sendmsg, EIO},
		{FAULT_read, EIO},
		{FAULT_writev, EPIPE},
		{FAULT_poll, ENOMEM},
		{FAULT_eventfd, EMFILE},
		{FAULT_eventfd, ENFILE},
		{FAULT_getsockopt, EIO},
		{FAULT_getpeername, ENOBUFS},
		{FAULT_fcntl, EIO},
		{FAULT_malloc, ENOMEM},
		{FAULT_calloc, ENOMEM},
		{FAULT_realloc, ENOMEM},
		{FAULT_fstat, EIO},
		{FAULT_pread, EIO},
	};

	(void)state;
	rig_open(RIG_WORKERS);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		rig_fail_each(&faults[i], RIG_COST_PEER);
	rig_close();
}

/* -------------------------------------------------------------------- client */

static int run_caller(const char *endpoint, char *said, size_t size)
{
	const char *address = stage_address(&rig_stage, endpoint);
	int ends[2];
	size_t used = 0;
	int status;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		dup2(ends[1], STDERR_FILENO);
		rig_preload();
		execl(CALLER, "caller", address, "7", (char *)NULL);
		_exit(99);
	}
	close(ends[1]);
	while (used < size - 1 && (n = read(ends[0], said + used, size - 1 - used)) > 0)
		used += (size_t)n;
	said[used] = '\0';
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void fail_each_of_a_client(const struct rig_fault *f, bool passes)
{
	unsigned met = 0;

	for (uint64_t k = 1; k < RIG_CALLS_MOST; k = rig_next(k)) {
		char said[4000];
		int code;

		rig_describe(f, k, what, sizeof(what));
		rig_arm(f->site, f->error, k, 0);
		code = run_caller("w.sock", said, sizeof(said));
		rig_disarm();
		met += rig_hits(f->site) > 0;
		if (code != 0 && (passes || (code != HONEST && code != UNCONNECTED) || said[0] == '\0'))
			fail_msg("%s: the client ended with %d: %s", what, code, said);
		if (rig_hits(f->site) == 0)
			break;
	}
	rig_check_rest(what);
	if (getenv("FAULTS_TELL"))
		printf("%-20s %-12s %u\n", rig_site_name(f->site), rig_error_name(f->error), met);
	if (met == 0)
		fail_msg("no %s was ever made: this tests nothing", rig_site_name(f->site));
}

static void what_passes_in_a_client_is_noticed_by_nobody(void **state)
{
	static const struct rig_fault faults[] = {
		{FAULT_recv, EINTR},          {FAULT_recv, EAGAIN},         {FAULT_recv, FAULT_SHORT(1)},
		{FAULT_sendmsg, EINTR},       {FAULT_sendmsg, EAGAIN},      {FAULT_sendmsg, FAULT_SHORT(1)},
		{FAULT_sendmsg, ENOBUFS},     {FAULT_sendmsg, ENOMEM},      {FAULT_poll, EINTR},
		{FAULT_connect, EINTR},       {FAULT_setsockopt, ENOMEM},   {FAULT_pread, EINTR},
		{FAULT_pwrite, EINTR},        {FAULT_pwrite, ENOSPC},       {FAULT_ftruncate, EFBIG},
		{FAULT_memfd_create, EMFILE}, {FAULT_memfd_create, EINVAL},
	};

	(void)state;
	rig_open(RIG_NOBODY);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		fail_each_of_a_client(&faults[i], true);
	rig_close();
}

static void what_is_final_is_told_to_the_caller(void **state)
{
	static const struct rig_fault faults[] = {
		{FAULT_recv, ECONNRESET}, {FAULT_recv, EIO},         {FAULT_sendmsg, EPIPE},
		{FAULT_sendmsg, EIO},     {FAULT_poll, ENOMEM},      {FAULT_connect, ECONNREFUSED},
		{FAULT_connect, EAGAIN},  {FAULT_connect, EACCES},   {FAULT_socket, EMFILE},
		{FAULT_socket, ENFILE},   {FAULT_eventfd, EMFILE},   {FAULT_epoll_create1, EMFILE},
		{FAULT_getsockopt, EIO},  {FAULT_getsockopt, EPERM}, {FAULT_malloc, ENOMEM},
		{FAULT_calloc, ENOMEM},   {FAULT_realloc, ENOMEM},   {FAULT_pread, EIO},
	};

	(void)state;
	rig_open(RIG_NOBODY);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		fail_each_of_a_client(&faults[i], false);
	rig_close();
}

/* --------------------------------------------------------------- all the time */

static void arm_all(const struct rig_fault *faults, size_t count, uint64_t every)
{
	for (size_t i = 0; i < count; i++)
		rig_arm(faults[i].site, faults[i].error, 1, every);
}

/* One byte a call, every third interrupted, every second without room: in workers, and in a client. */
static void what_happens_all_the_time_makes_no_difference(void **state)
{
	static const struct rig_fault modes[][6] = {
		{{FAULT_recv, FAULT_SHORT(1)},
		 {FAULT_recvmsg, FAULT_SHORT(1)},
		 {FAULT_sendmsg, FAULT_SHORT(1)},
		 {FAULT_read, FAULT_SHORT(1)},
		 {FAULT_writev, FAULT_SHORT(1)},
		 {FAULT_write, FAULT_SHORT(1)}},
		{{FAULT_recv, EAGAIN},
		 {FAULT_recvmsg, EAGAIN},
		 {FAULT_sendmsg, EAGAIN},
		 {FAULT_read, EAGAIN},
		 {FAULT_writev, EAGAIN},
		 {FAULT_poll, EINTR}},
		{{FAULT_recv, EINTR},
		 {FAULT_recvmsg, EINTR},
		 {FAULT_sendmsg, EINTR},
		 {FAULT_read, EINTR},
		 {FAULT_writev, EINTR},
		 {FAULT_write, EINTR}},
	};
	char said[4000];

	(void)state;
	rig_open(RIG_WORKERS);
	rig_largest = 30000;
	for (uint64_t every = 1; every <= 3; every++) {
		struct rig_round r;
		int code;

		snprintf(what, sizeof(what), "mode %llu", (unsigned long long)every);
		arm_all(modes[every - 1], 6, every);
		r = rig_play();
		if (r.failed + r.lost_peers + r.starts > 0)
			fail_msg("%s: %u calls failed, %u peers were lost: %s\n%s", what, r.failed,
				 r.lost_peers, r.why, rig_log());
		rig_check_rest(what);
		arm_all(modes[every - 1], 6, every);
		code = run_caller("w.sock", said, sizeof(said)); /* workers and client alike */
		if (code != 0)
			fail_msg("%s: the client ended with %d: %s", what, code, said);
		rig_disarm();
	}
	rig_close();
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(what_passes_in_a_worker_is_noticed_by_nobody),
	cmocka_unit_test(what_is_final_costs_one_worker),
	cmocka_unit_test(what_passes_in_a_client_is_noticed_by_nobody),
	cmocka_unit_test(what_is_final_is_told_to_the_caller),
	cmocka_unit_test(what_happens_all_the_time_makes_no_difference),
};

CHECK_MAIN(tests)
