/*
 * spawn: making a process, and knowing it by a descriptor that cannot mean another one.
 */
#ifndef BROOD_SPAWN_H
#define BROOD_SPAWN_H

#include "attributes.h"
#include "child.h"

enum spawn_way {
	SPAWN_SHARED, /* clone(CLONE_VM|CLONE_VFORK): quick whatever our size; the caller waits for exec */
	SPAWN_COPIED, /* clone3 without sharing, or fork: where the uid changes or exec may take long */
};

struct spawned {
	pid_t pid;
	int pidfd;
	int error_fd; /* nonblocking; end of file: exec has happened, or the process is gone */
};

/*
 * Starts the program. The plan's error_fd and parent are filled in here. 0, or -errno: no process was made. All
 * signals are blocked while the process is born, so that no handler of ours runs in it.
 */
MUST_USE int spawn_process(struct child_plan *plan, enum spawn_way way, struct spawned *out);

/* Old kernels and strict seccomp filters have neither clone3 nor clone's pidfd: then fork is used. For tests. */
void spawn_forget_probes(bool use_fork);

#endif
