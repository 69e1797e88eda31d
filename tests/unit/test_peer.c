/* peer: the kernel says who is there, every error is nobody, and nobody is never admitted. */
#include "check.h"

#include <errno.h>
#include <grp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "peer.h"
#include "room.h"

/* A listening socket in a private directory. */
struct place {
	struct sockaddr_un address;
	int listener;
};

static void listen_in(struct place *p)
{
	p->address.sun_family = AF_UNIX;
	snprintf(p->address.sun_path, sizeof(p->address.sun_path), "%s/socket", room_path);
	p->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_return_code(p->listener, errno);
	assert_return_code(bind(p->listener, (struct sockaddr *)&p->address, sizeof(p->address)),
			   errno);
	assert_return_code(listen(p->listener, 4), errno);
	/* reachable for the children that give up root */
	assert_return_code(chmod(p->address.sun_path, 0666), errno);
	assert_return_code(chmod(room_path, 0711), errno);
}

static int connect_to(const struct place *p)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && connect(fd, (const struct sockaddr *)&p->address, sizeof(p->address)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static void assert_nobody(const struct peer *peer)
{
	static const struct peer_rule rules[] = {{PEER_SELF, 0},
						 {PEER_ROOT, 0},
						 {PEER_UID, UINT32_MAX},
						 {PEER_GID, UINT32_MAX},
						 {PEER_GID, 0}};

	assert_int_equal(peer->uid, PEER_NOBODY);
	assert_int_equal(peer->gid, (gid_t)-1);
	assert_int_equal(peer->pid, 0);
	assert_null(peer->groups);
	assert_int_equal(peer->group_count, 0);
	assert_false(peer_is_admitted(peer, rules, 5, peer->uid));
}

static void assert_me(int fd)
{
	struct peer peer;
	static gid_t groups[65536];
	int count = getgroups(65536, groups);

	assert_rc(0, peer_read(fd, &peer));
	assert_int_equal(peer.uid, geteuid());
	assert_int_equal(peer.gid, getegid());
	assert_int_equal(peer.pid, getpid());
	assert_int_equal(peer.group_count, (size_t)count);
	for (int i = 0; i < count; i++) {
		size_t k = 0;

		while (k < peer.group_count && peer.groups[k] != groups[i])
			k++;
		assert_in_range(k, 0, peer.group_count - 1);
	}
	peer_close(&peer);
	assert_nobody(&peer);
	peer_close(&peer);
}

static void a_socketpair_shows_who_made_it(void **state)
{
	int fds[2];

	(void)state;
	assert_return_code(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), errno);
	assert_me(fds[0]);
	assert_me(fds[1]);
	close(fds[0]);
	close(fds[1]);
}

static void both_ends_of_a_connection_show_the_other(void **state)
{
	struct place p;
	int client;
	int server;

	(void)state;
	listen_in(&p);
	client = connect_to(&p);
	assert_return_code(client, errno);
	server = accept(p.listener, NULL, NULL);
	assert_return_code(server, errno);
	assert_me(client);
	assert_me(server);
	close(client);
	assert_me(server); /* and one that has gone is still known */
	close(server);
	close(p.listener);
}

/* Skips where this process may not become somebody else. */
static void need_strangers(void)
{
	pid_t pid;
	int status;

	if (geteuid() != 0)
		check_skip("needs root, to become another user");
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		_exit(setgroups(0, NULL) == 0 && setresgid(100, 100, 100) == 0 &&
				      setresuid(1234, 1234, 1234) == 0
			      ? 0
			      : 77);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (status != 0)
		check_skip("may not become another user here");
}

/* In a child: becomes somebody else, connects, and stays until it is read. */
static void connect_as(const struct place *p, uid_t uid, gid_t gid, const gid_t *groups,
		       size_t count)
{
	char byte;
	int fd;

	CHECK_CHILD(setgroups(count, groups) == 0);
	CHECK_CHILD(setresgid(gid, gid, gid) == 0);
	CHECK_CHILD(setresuid(uid, uid, uid) == 0);
	fd = connect_to(p);
	CHECK_CHILD(fd >= 0);
	CHECK_CHILD(read(fd, &byte, 1) == 0);
	_exit(0);
}

static void another_user_is_shown_with_all_groups(void **state)
{
	static const gid_t groups[] = {5, 70000, 7};
	static const struct peer_rule rules[] = {
		{PEER_UID, 1234}, {PEER_GID, 100}, {PEER_GID, 70000}};
	static const struct peer_rule others[] = {
		{PEER_SELF, 0}, {PEER_ROOT, 0}, {PEER_UID, 100}, {PEER_GID, 1234}, {PEER_GID, 6}};
	struct place p;
	struct peer peer;
	pid_t pid;
	int status;
	int fd;

	(void)state;
	need_strangers();
	listen_in(&p);
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		connect_as(&p, 1234, 100, groups, 3);
	fd = accept(p.listener, NULL, NULL);
	assert_return_code(fd, errno);
	assert_rc(0, peer_read(fd, &peer));
	assert_int_equal(peer.uid, 1234);
	assert_int_equal(peer.gid, 100);
	assert_int_equal(peer.pid, pid);
	assert_int_equal(peer.group_count, 3);
	for (size_t i = 0; i < 3; i++)
		assert_true(peer_is_admitted(&peer, &rules[i], 1, 0));
	assert_false(peer_is_admitted(&peer, others, 5, 0));
	peer_close(&peer);
	close(fd);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(p.listener);
}

static void a_server_is_shown_as_who_listened(void **state)
{
	struct place p;
	struct peer peer;
	pid_t pid;
	int status;
	int fd;

	(void)state;
	need_strangers();
	listen_in(&p);
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		CHECK_CHILD(setresuid(1234, 1234, 1234) == 0);
		CHECK_CHILD(listen(p.listener, 4) == 0);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	fd = connect_to(&p);
	assert_return_code(fd, errno);
	assert_rc(0, peer_read(fd, &peer));
	assert_int_equal(peer.uid, 1234);
	assert_int_equal(peer.pid, pid);
	peer_close(&peer);
	close(fd);
	close(p.listener);
}

static void nobody_is_read_from_tcp(void **state)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof(address);
	struct peer peer;
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int server;

	(void)state;
	if (listener < 0 || client < 0 || bind(listener, (struct sockaddr *)&address, size) < 0 ||
	    listen(listener, 1) < 0 ||
	    getsockname(listener, (struct sockaddr *)&address, &size) < 0 ||
	    connect(client, (struct sockaddr *)&address, size) < 0)
		check_skip("no loopback here");
	server = accept(listener, NULL, NULL);
	assert_return_code(server, errno);
	assert_rc(-EAFNOSUPPORT, peer_read(server, &peer));
	assert_nobody(&peer);
	assert_rc(-EAFNOSUPPORT, peer_read(client, &peer));
	assert_nobody(&peer);
	assert_rc(-EAFNOSUPPORT, peer_read(listener, &peer));
	assert_nobody(&peer);
	close(server);
	close(client);
	close(listener);
}

static void nobody_is_read_from_what_is_no_socket(void **state)
{
	struct peer peer;
	int fds[2];

	(void)state;
	assert_return_code(pipe(fds), errno);
	assert_rc(-ENOTSOCK, peer_read(fds[0], &peer));
	assert_nobody(&peer);
	assert_rc(-ENOTSOCK, peer_read(fds[1], &peer));
	assert_nobody(&peer);
	close(fds[0]);
	close(fds[1]);
	assert_rc(-EBADF, peer_read(fds[0], &peer));
	assert_nobody(&peer);
	assert_rc(-EBADF, peer_read(-1, &peer));
	assert_nobody(&peer);
}

static void nobody_is_read_from_an_unconnected_socket(void **state)
{
	static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
	struct peer peer;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		int fd = socket(AF_UNIX, types[i] | SOCK_CLOEXEC, 0);

		assert_return_code(fd, errno);
		assert_in_range(-peer_read(fd, &peer), 1, 4095);
		assert_nobody(&peer);
		close(fd);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, room_make, room_remove)

static const struct CMUnitTest tests[] = {
	TEST(a_socketpair_shows_who_made_it),
	TEST(both_ends_of_a_connection_show_the_other),
	TEST(another_user_is_shown_with_all_groups),
	TEST(a_server_is_shown_as_who_listened),
	TEST(nobody_is_read_from_tcp),
	TEST(nobody_is_read_from_what_is_no_socket),
	TEST(nobody_is_read_from_an_unconnected_socket),
};

CHECK_MAIN(tests)
