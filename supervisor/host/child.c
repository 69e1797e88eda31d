/*
 * child: the fixed order of a start; see docs/architecture.md for why each step stands where it stands.
 */
#include "child.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "exits.h"

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC 4
#endif

enum { EXIT_STATUS = 127, SIGNALS = 64, GROUPS_SEEN = 1024, MARKED_MOST = 64 << 10 };

/* Tells the parent, and ends. */
CHILD_PLAIN static _Noreturn void give_up(const struct child_plan *plan, enum start_stage stage, int error)
{
	struct child_failure f = {(uint32_t)stage, error};

	while (write(plan->error_fd, &f, sizeof(f)) < 0 && errno == EINTR)
		;
	_exit(EXIT_STATUS);
}

CHILD_PLAIN static void check(const struct child_plan *plan, enum start_stage stage, long rc)
{
	if (rc < 0)
		give_up(plan, stage, errno);
}

/* Ignored and handled signals survive a fork, ignored ones an exec; the mask stays full until the end. */
CHILD_PLAIN static void reset_signals(void)
{
	struct sigaction plain = {.sa_handler = SIG_DFL};

	for (int i = 1; i <= SIGNALS; i++)
		(void)sigaction(i, &plain, NULL); /* KILL, STOP and glibc's own refuse, rightly */
}

/* Up above all targets first, then down: no target overwrites a source that is still needed. */
CHILD_PLAIN static void place_fds(struct child_plan *plan)
{
	for (int i = 0; i < plan->fd_count; i++) {
		plan->fds[i] = fcntl(plan->fds[i], F_DUPFD_CLOEXEC, plan->fd_count);
		check(plan, STAGE_FDS, plan->fds[i]);
	}
	for (int i = 0; i < plan->fd_count; i++)
		check(plan, STAGE_FDS, dup2(plan->fds[i], i));
}

CHILD_PLAIN static void mark(const struct child_plan *plan, const char *name)
{
	int fd = 0;

	if (*name < '0' || *name > '9')
		return; /* . and .. */
	for (; *name >= '0' && *name <= '9'; name++)
		fd = 10 * fd + (*name - '0');
	if (fd >= plan->fd_count)
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/* Where close_range is missing: what is open, by the kernel's list. */
CHILD_PLAIN static bool mark_listed(const struct child_plan *plan)
{
	_Alignas(struct dirent64) char entries[4096];
	int list = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	long size;

	if (list < 0)
		return false;
	while ((size = syscall(SYS_getdents64, list, entries, sizeof(entries))) > 0) {
		for (long at = 0; at < size;) {
			const struct dirent64 *entry = (const void *)(entries + at);

			mark(plan, entry->d_name);
			at += entry->d_reclen;
		}
	}
	close(list);
	return size == 0;
}

/*
 * Without /proc: every number that is likely. What brood opens itself has close-on-exec anyway, and the limit may
 * be a thousand millions, for which the supervisor would stand still.
 */
CHILD_PLAIN static void mark_each(const struct child_plan *plan)
{
	struct rlimit most = {.rlim_cur = 1024};

	(void)getrlimit(RLIMIT_NOFILE, &most);
	for (int fd = plan->fd_count; fd < MARKED_MOST && (rlim_t)fd < most.rlim_cur; fd++)
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
}

CHILD_PLAIN static void close_rest(const struct child_plan *plan)
{
	if (syscall(SYS_close_range, (unsigned)plan->fd_count, ~0u, CLOSE_RANGE_CLOEXEC) < 0 && !mark_listed(plan))
		mark_each(plan);
}

CHILD_PLAIN static void set_limits(const struct child_plan *plan)
{
	for (int i = 0; i < plan->limit_count; i++)
		check(plan, STAGE_LIMITS,
		      setrlimit((__rlimit_resource_t)plan->limits[i].resource, &plan->limits[i].value));
	if (plan->sets_nice)
		check(plan, STAGE_NICE, setpriority(PRIO_PROCESS, 0, plan->nice));
	umask(plan->umask);
}

/* Raw calls: glibc's wrappers would talk to other threads. */
CHILD_PLAIN static void change_user(const struct child_plan *plan)
{
	check(plan, STAGE_USER, syscall(SYS_setgroups, plan->group_count, plan->groups));
	check(plan, STAGE_USER, syscall(SYS_setresgid, plan->gid, plan->gid, plan->gid));
	check(plan, STAGE_USER, syscall(SYS_setresuid, plan->uid, plan->uid, plan->uid));
}

CHILD_PLAIN static bool has_group(const struct child_plan *plan, gid_t gid)
{
	for (size_t i = 0; i < plan->group_count; i++) {
		if (plan->groups[i] == gid)
			return true;
	}
	return gid == plan->gid;
}

/* Reads back what was set: setresuid(-1) "succeeds", a user namespace may keep groups. */
CHILD_PLAIN static void verify_user(const struct child_plan *plan)
{
	uid_t u[3];
	gid_t g[3];
	gid_t groups[GROUPS_SEEN];
	long count = syscall(SYS_getgroups, GROUPS_SEEN, groups);

	check(plan, STAGE_VERIFY, syscall(SYS_getresuid, &u[0], &u[1], &u[2]));
	check(plan, STAGE_VERIFY, syscall(SYS_getresgid, &g[0], &g[1], &g[2]));
	check(plan, STAGE_VERIFY, count);
	for (int i = 0; i < 3; i++) {
		if (u[i] != plan->uid || g[i] != plan->gid)
			give_up(plan, STAGE_VERIFY, EPERM);
	}
	for (long i = 0; i < count; i++) {
		if (!has_group(plan, groups[i]))
			give_up(plan, STAGE_VERIFY, EPERM);
	}
	if (plan->uid != 0 && syscall(SYS_setuid, 0) == 0)
		give_up(plan, STAGE_VERIFY, EPERM);
}

/* After the drop, which would clear it; the second look closes the race with a parent that is gone already. */
CHILD_PLAIN static void tie_to_parent(const struct child_plan *plan)
{
	check(plan, STAGE_PARENT, prctl(PR_SET_PDEATHSIG, SIGKILL));
	if (getppid() != plan->parent)
		_exit(EXIT_STATUS);
}

/* As execvp(3) does: what this user cannot reach is passed over, and told if nothing else is there. */
CHILD_PLAIN static _Noreturn void execute(const struct child_plan *plan)
{
	int error = ENOENT;

	for (const char *const *program = plan->programs; *program; program++) {
		execve(*program, plan->argv, plan->envp);
		if (errno != ENOENT && errno != ENOTDIR)
			error = errno;
		if (errno != ENOENT && errno != ENOTDIR && errno != EACCES)
			break;
	}
	give_up(plan, STAGE_EXEC, error);
}

CHILD_PLAIN _Noreturn void child_run(struct child_plan *plan)
{
	sigset_t none;

	check(plan, STAGE_SESSION, setsid());
	reset_signals();
	place_fds(plan);
	close_rest(plan);
	set_limits(plan);
	if (plan->changes_user) {
		change_user(plan);
		verify_user(plan);
	}
	tie_to_parent(plan);
	if (plan->cwd)
		check(plan, STAGE_CHDIR, chdir(plan->cwd));
	if (plan->no_new_privs)
		check(plan, STAGE_CONFINE, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	execute(plan);
}
