/*
 * publish: a Unix socket under a public name, without a moment in which it is not what it should be.
 *
 * It is bound in a private directory, gets owner and mode there, listens, and is then renamed to its name. A name
 * that exists is replaced only if it is a socket of ours that nobody serves.
 */
#ifndef BROOD_PUBLISH_H
#define BROOD_PUBLISH_H

#include <stdbool.h>
#include <sys/types.h>

#include "attributes.h"

enum {
	PUBLISH_PROBLEM = 768,
	PUBLISH_PATH = 4096, /* what may be asked for; longer than any socket's */
	PUBLISHED_PATH = 108, /* what can be published: sun_path */
};

struct publish_request {
	const char *path;  /* absolute */
	int dirfd;         /* of its directory, or -1: it is opened and checked */
	int priv_fd;       /* a 0700 directory on the same file system, or -1: one is made beside */
	unsigned mode;
	uid_t uid; /* (uid_t)-1: ours */
	gid_t gid; /* (gid_t)-1: ours */
	int backlog;
	int lock_fd; /* lent: what held the name outside the runtime directory before, to go on with; or -1 */
	bool wants_credentials; /* SO_PASSCRED: each message tells who sent it */
};

struct published {
	char path[PUBLISHED_PATH];
	int fd;      /* listening, nonblocking; -1: none */
	int dirfd;   /* owned */
	int lock_fd; /* owned, of a name outside the runtime directory */
	dev_t device;
	ino_t inode;
};

#define PUBLISHED_NONE ((struct published){.fd = -1, .dirfd = -1, .lock_fd = -1})

/* 0, or -errno with a sentence; then nothing was made, and nothing of the request was closed. */
MUST_USE int publish_socket(const struct publish_request *r, struct published *out,
			    char problem[PUBLISH_PROBLEM]);
/* Does the path lead to this socket? Not if its directory was moved away with it. */
bool publish_is_there(const struct published *p);
/* Removes the name if it is still this socket, and closes. */
void publish_withdraw(struct published *p);

#endif
