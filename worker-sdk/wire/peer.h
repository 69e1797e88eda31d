/*
 * peer: who is at the other end of a socket, as the kernel knows it, and the rules that admit it.
 *
 * Values start as "nobody"; any error of any call leaves them so, and nobody is never admitted. Ids come
 * from the kernel alone, never from text. The pid is for people and logs, never for a decision.
 */
#ifndef BROOD_PEER_H
#define BROOD_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "attributes.h"

#define PEER_NOBODY ((uid_t)-1)
/* What the kernel shows for uids and gids that it cannot map (fs/overflowuid); matches no rule. */
#define PEER_OVERFLOW ((uid_t)65534)

struct peer {
	uid_t uid;
	gid_t gid;
	pid_t pid;
	gid_t *groups; /* supplementary; owned, NULL if none */
	size_t group_count;
};

enum peer_rule_kind {
	PEER_SELF, /* the effective uid of this process */
	PEER_ROOT,
	PEER_UID,
	PEER_GID, /* primary or supplementary */
};

struct peer_rule {
	enum peer_rule_kind kind;
	unsigned id; /* of PEER_UID and PEER_GID */
};

#define PEER_INIT ((struct peer){.uid = PEER_NOBODY, .gid = (gid_t)-1})

/*
 * Reads the peer of a connected AF_UNIX socket: effective ids at connect() for an accepted one, at the
 * last listen() for a client's, of the creator for a socketpair. 0, or -errno (-EAFNOSUPPORT: not
 * AF_UNIX); on error the peer is nobody. To be freed with peer_close().
 */
MUST_USE int peer_read(int fd, struct peer *peer_out);
void peer_close(struct peer *peer);

/* Does one of the rules admit this peer? `self` is our own effective uid. No rules: nobody. */
bool peer_is_admitted(const struct peer *peer, const struct peer_rule *rules, size_t count, uid_t self);

#endif
