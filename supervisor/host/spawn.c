/* spawn: three ways to make a process, one result. */
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x1000
#endif

enum { STACK_SIZE = 64 << 10 };

static bool must_fork; /* set once the kernel was found not to know the quicker ways */

void spawn_forget_probes(bool use_fork)
{
	must_fork = use_fork;
}

CHILD_PLAIN static int run(void *plan)
{
	child_run(plan);
}

/* The parent stands still until the child has called exec, so one stack serves all. */
static pid_t make_shared(struct child_plan *plan, int *pidfd)
{
	static char *stack;
	pid_t pid;

	if (!stack) {
		void *memory = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);

		if (memory == MAP_FAILED)
			return -1;
		stack = memory;
	}
	pid = clone(run, stack + STACK_SIZE, CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, plan, pidfd);
	return pid;
}

CHILD_PLAIN static pid_t make_copied(struct child_plan *plan, int *pidfd)
{
	struct clone_args args = {
		.flags = CLONE_PIDFD,
		.pidfd = (uint64_t)(uintptr_t)pidfd,
		.exit_signal = SIGCHLD,
	};
	pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));

	if (pid == 0)
		child_run(plan);
	return pid;
}

CHILD_PLAIN static pid_t make_by_fork(struct child_plan *plan, int *pidfd)
{
	pid_t pid = fork();

	if (pid == 0)
		child_run(plan);
	if (pid < 0)
		return pid;
	/* an unreaped child keeps its pid, so this cannot name another process */
	*pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (*pidfd < 0) {
		int saved = errno;

		kill(pid, SIGKILL);
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
		errno = saved;
		return -1;
	}
	fcntl(*pidfd, F_SETFD, FD_CLOEXEC);
	return pid;
}

/* EPERM and EINVAL may be of this one call: a filter that came or went, a limit. */
static bool is_refused(int error)
{
	return error == ENOSYS || error == EPERM || error == EINVAL;
}

static pid_t make(struct child_plan *plan, enum spawn_way way, int *pidfd)
{
	if (!must_fork) {
		pid_t pid = way == SPAWN_SHARED ? make_shared(plan, pidfd) : make_copied(plan, pidfd);

		if (pid >= 0 || !is_refused(errno))
			return pid;
		must_fork = errno == ENOSYS;
	}
	return make_by_fork(plan, pidfd);
}

/* The write end goes above every descriptor that the child places. */
static int open_error_pipe(struct child_plan *plan, int *read_end)
{
	int ends[2];
	int above = plan->fd_count;

	for (int i = 0; i < plan->fd_count; i++)
		above = plan->fds[i] >= above ? plan->fds[i] + 1 : above;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	plan->error_fd = fcntl(ends[1], F_DUPFD_CLOEXEC, above);
	if (plan->error_fd < 0 || fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0) {
		int rc = -errno;

		if (plan->error_fd >= 0)
			close(plan->error_fd);
		close(ends[0]);
		close(ends[1]);
		return rc;
	}
	close(ends[1]);
	*read_end = ends[0];
	return 0;
}

int spawn_process(struct child_plan *plan, enum spawn_way way, struct spawned *out)
{
	sigset_t all;
	sigset_t before;
	int rc = open_error_pipe(plan, &out->error_fd);

	if (rc < 0)
		return rc;
	plan->parent = getpid();
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	out->pidfd = -1;
	out->pid = make(plan, way, &out->pidfd);
	rc = out->pid < 0 ? -errno : 0;
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(plan->error_fd);
	if (rc < 0)
		close(out->error_fd);
	return rc;
}
