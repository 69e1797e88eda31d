/* connect_owner: whoever serves is checked before the first byte is sent, and so is the way there. */
#include "duo.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "room.h"

enum { STRANGER = 12345 };

/* A socket that is bound, but on which nobody listens yet: who listens is who the kernel shows. */
static int bind_in(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	assert_return_code(bind(fd, (struct sockaddr *)&address, sizeof(address)), errno);
	assert_return_code(chmod(path, 0666), errno);
	return fd;
}

static struct {
	int listener;
	int told; /* a pipe: the server says that it listens, then how many bytes it has got */
	pid_t pid;
} server;

/* The child: listens as `uid`, takes one connection, counts, and welcomes if it got a HELLO. */
static void serve_as(uid_t uid, int listener, int told)
{
	struct hello offer = peer_end_offer();
	struct peer_end peer;
	struct message *m;
	uint32_t bytes;

	CHECK_CHILD(uid == geteuid() || setuid(uid) == 0);
	CHECK_CHILD(listen(listener, 2) == 0);
	CHECK_CHILD(write(told, "l", 1) == 1);
	peer_end_accept(&peer, listener);
	m = peer_end_wait(&peer);
	bytes = (uint32_t)peer.came;
	message_free(m);
	if (m)
		peer_end_greet(&peer, FRAME_WELCOME, &offer);
	CHECK_CHILD(write(told, &bytes, sizeof(bytes)) == sizeof(bytes));
	while (m)
		message_free(m = peer_end_wait(&peer));
	_exit(0);
}

static void start_server_as(uid_t uid)
{
	int told[2];
	char byte;

	server.listener = bind_in(room_at("socket"));
	assert_return_code(pipe2(told, O_CLOEXEC), errno);
	fflush(NULL);
	server.pid = fork();
	assert_return_code(server.pid, errno);
	if (server.pid == 0) {
		close(told[0]);
		serve_as(uid, server.listener, told[1]);
	}
	close(told[1]);
	server.told = told[0];
	assert_int_equal(read(server.told, &byte, 1), 1);
}

/* How many bytes it got. */
static uint32_t stop_server(void)
{
	uint32_t bytes;
	int status;

	assert_int_equal(read(server.told, &bytes, sizeof(bytes)), sizeof(bytes));
	assert_int_equal(waitpid(server.pid, &status, 0), server.pid);
	assert_int_equal(status, 0);
	close(server.told);
	close(server.listener);
	unlink(room_at("socket"));
	return bytes;
}

static void assert_refused(int rc, const char *address, const struct brood_client_options *o,
			   const char *text)
{
	brood_t *b;
	int fd = room_lowest_fd();

	assert_rc(rc, brood_connect(&b, address, o));
	assert_null(b);
	if (!strstr(brood_error(), text))
		fail_msg("'%s' does not tell '%s'", brood_error(), text);
	assert_int_equal(room_lowest_fd(), fd);
}

static void need_root(void)
{
	if (geteuid() != 0 || !room_is_safe())
		check_skip("needs root, and a /tmp that only root controls");
}

static void a_server_of_another_user_gets_no_byte(void **state)
{
	(void)state;
	need_root();
	start_server_as(STRANGER);
	assert_refused(-EPERM, room_at("socket"), NULL, "it is uid 12345, expected 0 or 0");
	assert_int_equal(stop_server(), 0);
	start_server_as(STRANGER);
	assert_refused(-EPERM, room_at("socket"), &(struct brood_client_options){.expect_user = "12346"},
		       "it is uid 12345, expected 0, 0 or 12346");
	assert_int_equal(stop_server(), 0);
}

static void an_expected_user_may_serve_by_number_or_name(void **state)
{
	brood_t *b;

	(void)state;
	need_root();
	start_server_as(STRANGER);
	assert_rc(0, brood_connect(&b, room_at("socket"),
				   &(struct brood_client_options){.expect_user = "12345"}));
	brood_close(b);
	assert_true(stop_server() > 0);
	start_server_as(1);
	assert_rc(0, brood_connect(&b, room_at("socket"),
				   &(struct brood_client_options){.expect_user = "daemon"}));
	brood_close(b);
	assert_true(stop_server() > 0);
}

static void our_own_user_and_root_may_always_serve(void **state)
{
	brood_t *b;

	(void)state;
	if (!room_is_safe())
		check_skip("needs a /tmp that only root controls");
	start_server_as(geteuid());
	assert_rc(0, brood_connect(&b, room_at("socket"),
				   &(struct brood_client_options){.expect_user = "12345"}));
	brood_close(b);
	assert_true(stop_server() > 0);
}

/* In a child that is nobody in particular. */
static void connect_as_stranger(int rc_expected)
{
	brood_t *b;
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	assert_return_code(pid, errno);
	if (pid == 0) {
		int rc;

		CHECK_CHILD(setuid(STRANGER) == 0);
		rc = brood_connect(&b, room_at("socket"), NULL);
		if (rc != rc_expected)
			dprintf(2, "%d: %s\n", rc, brood_error());
		CHECK_CHILD(rc == rc_expected);
		brood_close(b);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void a_client_that_is_not_root_trusts_root_and_itself(void **state)
{
	(void)state;
	need_root();
	assert_return_code(chmod(room_path, 0711), errno);
	start_server_as(0);
	connect_as_stranger(0);
	assert_true(stop_server() > 0);
	start_server_as(STRANGER);
	connect_as_stranger(0);
	assert_true(stop_server() > 0);
	start_server_as(STRANGER + 1);
	connect_as_stranger(-EPERM);
	assert_int_equal(stop_server(), 0);
}

static void ways_that_others_can_change_are_refused(void **state)
{
	static const struct {
		mode_t mode;
		const char *text;
	} ways[] = {{0777, "is writable by others"}, {0702, "is writable by others"},
		    {0770, "is writable by its group"}};
	char path[128];
	int listener;

	(void)state;
	if (!room_is_safe())
		check_skip("needs a /tmp that only root controls");
	assert_return_code(mkdir(room_at("d"), 0700), errno);
	assert_return_code(mkdir(room_at("d/e"), 0700), errno);
	snprintf(path, sizeof(path), "%s", room_at("d/e/socket"));
	listener = peer_end_listen(path, 2);
	for (size_t i = 0; i < 3; i++) {
		assert_return_code(chmod(room_at("d"), ways[i].mode), errno);
		assert_refused(-EPERM, path, NULL, ways[i].text);
		assert_return_code(fcntl(listener, F_SETFL, O_NONBLOCK), errno);
		assert_int_equal(accept4(listener, NULL, NULL, SOCK_CLOEXEC), -1); /* nobody even came */
		assert_int_equal(errno, EAGAIN);
	}
	assert_return_code(chmod(room_at("d"), 0700), errno);
	assert_refused(-ETIMEDOUT, path, &(struct brood_client_options){.timeout = 20}, "in time");
	close(listener);
}

static void a_directory_of_another_user_is_refused_unless_expected(void **state)
{
	char path[128];
	int listener;

	(void)state;
	need_root();
	assert_return_code(mkdir(room_at("d"), 0755), errno);
	snprintf(path, sizeof(path), "%s", room_at("d/socket"));
	listener = peer_end_listen(path, 2);
	assert_return_code(chown(room_at("d"), STRANGER, STRANGER), errno);
	assert_refused(-EPERM, path, NULL, "belongs to uid 12345");
	assert_refused(-ETIMEDOUT, path,
		       &(struct brood_client_options){.timeout = 20, .expect_user = "12345"}, "in time");
	close(listener);
}

static void a_link_of_another_user_is_refused(void **state)
{
	char path[128];
	int listener;

	(void)state;
	need_root();
	assert_return_code(mkdir(room_at("d"), 0755), errno);
	listener = peer_end_listen(room_at("d/socket"), 2);
	assert_return_code(symlink("d", room_at("link")), errno);
	snprintf(path, sizeof(path), "%s", room_at("link/socket"));
	assert_refused(-ETIMEDOUT, path, &(struct brood_client_options){.timeout = 20}, "in time");
	assert_return_code(lchown(room_at("link"), STRANGER, STRANGER), errno);
	assert_refused(-EPERM, path, NULL, "is a symbolic link of another user");
	close(listener);
}

static void a_pair_that_another_user_made_is_refused(void **state)
{
	char address[16];
	char byte;
	int fds[2];

	(void)state;
	need_root();
	assert_return_code(seteuid(STRANGER), errno);
	duo_pair(fds);
	assert_return_code(seteuid(0), errno);
	snprintf(address, sizeof(address), "fd:%d", fds[1]);
	{
		brood_t *b;

		assert_rc(-EPERM, brood_connect(&b, address, NULL));
		assert_non_null(strstr(brood_error(), "it is uid 12345"));
	}
	assert_int_equal(fcntl(fds[1], F_GETFD), -1);
	assert_int_equal(recv(fds[0], &byte, 1, MSG_DONTWAIT), 0); /* the end, and nothing before it */
	close(fds[0]);
}

/* A TCP connection to ourselves: the client's end, and in *server_out the other. */
static int connect_tcp(int *server_out)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_return_code(bind(listener, (struct sockaddr *)&address, size), errno);
	assert_return_code(listen(listener, 1), errno);
	assert_return_code(getsockname(listener, (struct sockaddr *)&address, &size), errno);
	assert_return_code(connect(fd, (struct sockaddr *)&address, size), errno);
	*server_out = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	assert_return_code(*server_out, errno);
	close(listener);
	return fd;
}

static int tcp_server;

static int use_tcp(const char *address, void *user)
{
	assert_text("anything at all", address);
	assert_ptr_equal(user, &tcp_server);
	return connect_tcp(&tcp_server);
}

static void a_tcp_server_is_nobody(void **state)
{
	char byte;

	(void)state;
	assert_refused(-EAFNOSUPPORT, "anything at all",
		       &(struct brood_client_options){.connect = use_tcp, .user = &tcp_server},
		       "who it is, is unknown");
	assert_int_equal(recv(tcp_server, &byte, 1, 0), 0);
	close(tcp_server);
}

static int refuse(const char *address, void *user)
{
	(void)address;
	(void)user;
	return -EHOSTUNREACH;
}

static void a_connector_that_fails_is_told(void **state)
{
	(void)state;
	assert_refused(-EHOSTUNREACH, "moon", &(struct brood_client_options){.connect = refuse},
		       "cannot connect to moon: No route to host");
}

static int made[2];

static int make_pair(const char *address, void *user)
{
	struct hello offer = peer_end_offer();
	struct peer_end peer;

	(void)address;
	(void)user;
	assert_return_code(socketpair(AF_UNIX, SOCK_STREAM, 0, made), errno);
	peer_end_open(&peer, made[0], made[0]);
	peer_end_greet(&peer, FRAME_WELCOME, &offer);
	return made[1];
}

static void what_a_connector_gives_is_closed_on_exec_and_by_us(void **state)
{
	brood_t *b;

	(void)state;
	assert_rc(0, brood_connect(&b, "any", &(struct brood_client_options){.connect = make_pair}));
	assert_int_equal(fcntl(made[1], F_GETFD), FD_CLOEXEC);
	brood_close(b);
	assert_int_equal(fcntl(made[1], F_GETFD), -1);
	close(made[0]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, room_make, room_remove)

static const struct CMUnitTest tests[] = {
	TEST(a_server_of_another_user_gets_no_byte),
	TEST(an_expected_user_may_serve_by_number_or_name),
	TEST(our_own_user_and_root_may_always_serve),
	TEST(a_client_that_is_not_root_trusts_root_and_itself),
	TEST(ways_that_others_can_change_are_refused),
	TEST(a_directory_of_another_user_is_refused_unless_expected),
	TEST(a_link_of_another_user_is_refused),
	TEST(a_pair_that_another_user_made_is_refused),
	TEST(a_tcp_server_is_nobody),
	TEST(a_connector_that_fails_is_told),
	TEST(what_a_connector_gives_is_closed_on_exec_and_by_us),
};

CHECK_MAIN(tests)
