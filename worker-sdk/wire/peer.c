/* peer: credentials of the other end, and rules. */
#include "peer.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { GROUPS_MOST = 65536 };

static int read_groups(int fd, struct peer *peer)
{
	socklen_t size = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &size) == 0 || errno == ENOPROTOOPT)
		return 0; /* none, or a kernel that cannot tell: group rules match the primary group only */
	if (errno != ERANGE || size > GROUPS_MOST * sizeof(gid_t))
		return -errno;
	peer->groups = malloc(size);
	if (!peer->groups)
		return -ENOMEM;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, peer->groups, &size) < 0)
		return -errno;
	peer->group_count = size / sizeof(gid_t);
	return 0;
}

static int read_ids(int fd, struct peer *peer)
{
	int domain;
	struct ucred ids;
	socklen_t size = sizeof(domain);

	/* on TCP, SO_PEERCRED succeeds with pid 0 and uid -1: ask for the family first */
	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) < 0)
		return -errno;
	if (domain != AF_UNIX)
		return -EAFNOSUPPORT;
	size = sizeof(ids);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &ids, &size) < 0)
		return -errno;
	if (size != sizeof(ids) || ids.uid == PEER_NOBODY)
		return -EACCES;
	peer->pid = ids.pid;
	peer->uid = ids.uid;
	peer->gid = ids.gid;
	return 0;
}

int peer_read(int fd, struct peer *peer_out)
{
	int rc;

	*peer_out = PEER_INIT;
	rc = read_ids(fd, peer_out);
	if (rc == 0)
		rc = read_groups(fd, peer_out);
	if (rc < 0)
		peer_close(peer_out);
	return rc;
}

void peer_close(struct peer *peer)
{
	free(peer->groups);
	*peer = PEER_INIT;
}

static bool has_group(const struct peer *peer, gid_t gid)
{
	if (peer->gid == gid)
		return true;
	for (size_t i = 0; i < peer->group_count; i++) {
		if (peer->groups[i] == gid)
			return true;
	}
	return false;
}

static bool matches(const struct peer *peer, const struct peer_rule *rule, uid_t self)
{
	switch (rule->kind) {
	case PEER_SELF:
		return peer->uid == self;
	case PEER_ROOT:
		return peer->uid == 0;
	case PEER_UID:
		return peer->uid == rule->id;
	case PEER_GID:
		return rule->id != PEER_OVERFLOW && has_group(peer, rule->id);
	}
	return false;
}

bool peer_is_admitted(const struct peer *peer, const struct peer_rule *rules, size_t count, uid_t self)
{
	if (peer->uid == PEER_NOBODY || peer->uid == PEER_OVERFLOW || peer->pid == 0)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (matches(peer, &rules[i], self))
			return true;
	}
	return false;
}
