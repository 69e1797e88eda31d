/*
 * child: what happens between the birth of a process and exec, in the one order that is right.
 *
 * Runs in the new process, perhaps in the supervisor's memory: system calls only, no allocation, no stdio, no lock.
 * All it needs was prepared by plan. Every failure is told by its stage and errno through the error pipe.
 */
#ifndef BROOD_CHILD_H
#define BROOD_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

enum { CHILD_FDS_MOST = 8, CHILD_LIMITS_MOST = 16 };

struct child_limit {
	int resource;
	struct rlimit value;
};

struct child_plan {
	const char *const *programs; /* tried in this order; NULL ends them */
	char *const *argv;
	char *const *envp;
	const char *cwd; /* NULL: stay */
	int fds[CHILD_FDS_MOST]; /* what becomes descriptor 0, 1, 2, ... */
	int fd_count;
	int error_fd; /* above fd_count and above all fds; close-on-exec */
	pid_t parent;
	mode_t umask;
	bool sets_nice;
	int nice;
	struct child_limit limits[CHILD_LIMITS_MOST];
	int limit_count;
	bool changes_user;
	uid_t uid;
	gid_t gid;
	const gid_t *groups;
	size_t group_count;
	bool no_new_privs;
};

/* What comes through the error pipe; nothing at all if exec succeeded. */
struct child_failure {
	uint32_t stage; /* enum start_stage */
	int32_t error;
};

/* Kept out of the sanitizers' instrumentation: it may run on a stack that they do not know. */
#define CHILD_PLAIN __attribute__((no_sanitize("address", "undefined", "thread")))

/* Never returns. */
_Noreturn void child_run(struct child_plan *plan);

#endif
