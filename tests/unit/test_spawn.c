/* spawn: what is done where the kernel, a filter or a limit refuses the usual way. */
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "spawn.h"

enum { LEAKED = 200 };

static int clone_error; /* 0: works */
static int clones;
static long refused; /* a system call; 0: none */
static int refused_error;
static bool no_list;

int __real_clone(int (*run)(void *), void *stack, int flags, void *arg, ...);
int __wrap_clone(int (*run)(void *), void *stack, int flags, void *arg, ...);
long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);
int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);

CHILD_PLAIN int __wrap_clone(int (*run)(void *), void *stack, int flags, void *arg, ...)
{
	va_list more;
	int *pidfd;

	va_start(more, arg);
	pidfd = va_arg(more, int *);
	va_end(more);
	clones++;
	errno = clone_error;
	return clone_error ? -1 : __real_clone(run, stack, flags, arg, pidfd);
}

CHILD_PLAIN long __wrap_syscall(long number, ...)
{
	va_list list;
	long a[4];

	va_start(list, number);
	for (int i = 0; i < 4; i++)
		a[i] = va_arg(list, long);
	va_end(list);
	if (number != refused)
		return __real_syscall(number, a[0], a[1], a[2], a[3]);
	errno = refused_error;
	return -1;
}

CHILD_PLAIN int __wrap_open(const char *path, int flags, ...)
{
	if (!no_list)
		return __real_open(path, flags, 0);
	errno = ENOENT;
	return -1;
}

static int spawn(const char *script, struct spawned *out)
{
	static const char *const programs[] = {"/bin/sh", NULL};
	static char *const envp[] = {NULL};
	char *argv[] = {(char[]){"sh"}, (char[]){"-c"}, strdup(script), NULL};
	struct child_plan plan = {.programs = programs, .argv = argv, .envp = envp, .fds = {0, 1, 2}, .fd_count = 3};
	int rc = spawn_process(&plan, SPAWN_SHARED, out);

	free(argv[2]);
	return rc;
}

/* Its exit code. */
static int run(const char *script)
{
	struct spawned p;
	int status;

	assert_int_equal(spawn(script, &p), 0);
	assert_int_equal(waitpid(p.pid, &status, 0), p.pid);
	close(p.pidfd);
	close(p.error_fd);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int reset(void **state)
{
	(void)state;
	clone_error = clones = refused_error = 0;
	refused = 0;
	no_list = false;
	spawn_forget_probes(false);
	return 0;
}

static void a_process_that_cannot_be_known_is_reaped(void **state)
{
	struct spawned p;

	(void)state;
	clone_error = EPERM;
	refused = SYS_pidfd_open;
	refused_error = EMFILE;
	assert_int_equal(spawn("sleep 1000", &p), -EMFILE);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void a_refusal_is_of_one_call(void **state)
{
	(void)state;
	clone_error = EPERM;
	assert_int_equal(run("exit 3"), 3);
	assert_int_equal(clones, 1);
	clone_error = 0;
	assert_int_equal(run("exit 4"), 4);
	assert_int_equal(clones, 2);
}

static void what_the_kernel_does_not_know_is_not_asked_again(void **state)
{
	(void)state;
	clone_error = ENOSYS;
	assert_int_equal(run("exit 3"), 3);
	assert_int_equal(run("exit 4"), 4);
	assert_int_equal(clones, 1);
}

static void expect_nothing_leaks(void)
{
	char script[64];

	snprintf(script, sizeof(script), "test ! -e /proc/self/fd/%d", LEAKED);
	assert_int_equal(dup2(STDERR_FILENO, LEAKED), LEAKED);
	assert_int_equal(run(script), 0);
	/* it was marked there alone */
	assert_int_equal(fcntl(LEAKED, F_GETFD), 0);
	close(LEAKED);
}

static void nothing_leaks_without_close_range(void **state)
{
	(void)state;
	expect_nothing_leaks();
	refused = SYS_close_range;
	refused_error = ENOSYS;
	expect_nothing_leaks();
	no_list = true;
	expect_nothing_leaks();
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test_setup(a_process_that_cannot_be_known_is_reaped, reset),
	cmocka_unit_test_setup(a_refusal_is_of_one_call, reset),
	cmocka_unit_test_setup(what_the_kernel_does_not_know_is_not_asked_again, reset),
	cmocka_unit_test_setup(nothing_leaks_without_close_range, reset),
};

CHECK_MAIN(tests)
