/*
 * rundir: the runtime directory of one brood: private, locked, and nobody else's (docs/architecture.md, security).
 *
 * Each part of the way belongs to root or us and is not writable by others, but for sticky directories of root's:
 * below /tmp others may take its name before we do, and are then refused, not followed. `lock` in it is held as long
 * as brood lives; `priv` in it is where sockets get their owner and mode before anybody can reach them.
 */
#ifndef BROOD_RUNDIR_H
#define BROOD_RUNDIR_H

#include <stdbool.h>
#include <stddef.h>

#include "attributes.h"

enum { RUNDIR_PATH = 512, RUNDIR_PROBLEM = 640 };

struct rundir {
	char path[RUNDIR_PATH];
	int fd;      /* the directory, -1: none */
	int priv_fd; /* its 0700 subdirectory */
	int lock_fd;
	bool is_open_to_others;
};

#define RUNDIR_INIT ((struct rundir){.fd = -1, .priv_fd = -1, .lock_fd = -1})

/*
 * Makes and locks the directory at `path`. 0, or -errno with one sentence: -EEXIST another brood holds it (the
 * sentence names its pid), -EPERM not safe.
 */
MUST_USE int rundir_open(struct rundir *r, const char *path, char problem[RUNDIR_PROBLEM]);
/* Are the directory and what we need in it still what we hold? */
MUST_USE bool rundir_is_whole(const struct rundir *r);
/*
 * Makes and locks again what somebody has removed or replaced; what is left of it is kept, and so is who may pass
 * through. 0, or -errno with one sentence.
 */
MUST_USE int rundir_renew(struct rundir *r, char problem[RUNDIR_PROBLEM]);
/*
 * Lets others pass through (0711), once an endpoint in it is meant for them; also through the directory "brood"
 * around it where that is ours. Both stay so.
 */
void rundir_admit_others(struct rundir *r);
/* Unlocks, and removes what brood made, as far as it is empty. */
void rundir_close(struct rundir *r);

#endif
