/* inherit: the environment is a claim; what the kernel says about the descriptor decides. */
#include "duo.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "room.h"

static void never(brood_request_t *request, void *user)
{
	(void)user;
	(void)brood_reply(request, NULL, 0);
}

static const char *const variables[] = {BROOD_ENV_CHANNEL, BROOD_ENV_WORKER, BROOD_ENV_INSTANCE,
					BROOD_ENV_GENERATION};

static void set_environment(const char *channel)
{
	for (size_t i = 1; i < 4; i++)
		assert_return_code(setenv(variables[i], "1", 1), errno);
	assert_return_code(setenv(variables[0], channel, 1), errno);
	duo_parent = getpid();
}

static void assert_environment_is_clean(void)
{
	for (size_t i = 0; i < 4; i++)
		assert_null(getenv(variables[i]));
}

static void assert_refused(int rc, const char *channel, const char *text)
{
	brood_t *b;

	set_environment(channel);
	assert_rc(rc, brood_worker_open(&b, never, NULL, NULL));
	if (!strstr(brood_error(), text))
		fail_msg("'%s': '%s' does not tell '%s'", channel, brood_error(), text);
	assert_environment_is_clean();
}

static void assert_fd_is_refused(int fd, const char *text)
{
	char channel[16];

	assert_return_code(fd, errno);
	snprintf(channel, sizeof(channel), "%d", fd);
	assert_refused(-EPERM, channel, text);
	assert_return_code(fcntl(fd, F_GETFD), errno); /* it was not ours to close */
	close(fd);
}

static void without_a_channel_the_program_runs_alone(void **state)
{
	brood_t *b;

	(void)state;
	unsetenv(BROOD_ENV_CHANNEL);
	assert_rc(-ENOTCONN, brood_worker_open(&b, never, NULL, NULL));
	assert_null(b);
	assert_text("not started by brood: BROOD_CHANNEL is not set", brood_error());
}

static void what_is_no_descriptor_number_is_refused(void **state)
{
	static const char *const texts[] = {
		"",    "x",   "3x",  " 3",	 "3 ",		 "+3",	 "-1",	 "0",
		"1",   "2",   "3,",  ",3",	 "3,4,5",	 "3,x",	 "3, 4", "0x3",
		"3.0", "1,2", "2,3", "99999999", "4294967299", "18446744073709551619", "3,99999999999"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_refused(-EBADF, texts[i], "is not a descriptor number");
}

static void a_descriptor_that_is_not_open_is_refused(void **state)
{
	(void)state;
	assert_refused(-EPERM, "987", "descriptor 987 is not an unnamed socketpair");
	assert_refused(-EBADF, "987,988", "descriptors 987,988 are not open");
}

static void files_and_pipes_are_no_socketpair(void **state)
{
	int fds[2];

	(void)state;
	assert_fd_is_refused(open("/dev/null", O_RDWR | O_CLOEXEC), "not an unnamed socketpair");
	assert_return_code(pipe2(fds, O_CLOEXEC), errno);
	assert_fd_is_refused(fds[0], "not an unnamed socketpair");
	assert_fd_is_refused(fds[1], "not an unnamed socketpair");
}

static void pairs_of_another_type_are_refused(void **state)
{
	static const int types[] = {SOCK_DGRAM, SOCK_SEQPACKET};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		int fds[2];

		assert_return_code(socketpair(AF_UNIX, types[i] | SOCK_CLOEXEC, 0, fds), errno);
		assert_fd_is_refused(fds[0], "not an unnamed socketpair");
		close(fds[1]);
	}
	assert_fd_is_refused(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0),
			     "not an unnamed socketpair");
}

static void tcp_is_refused(void **state)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	assert_return_code(bind(listener, (struct sockaddr *)&address, size), errno);
	assert_return_code(listen(listener, 1), errno);
	assert_return_code(getsockname(listener, (struct sockaddr *)&address, &size), errno);
	assert_return_code(connect(fd, (struct sockaddr *)&address, size), errno);
	assert_fd_is_refused(fd, "not an unnamed socketpair");
	assert_fd_is_refused(listener, "not an unnamed socketpair");
}

static void sockets_with_a_name_are_refused(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", room_path);
	assert_return_code(bind(listener, (struct sockaddr *)&address, sizeof(address)), errno);
	assert_return_code(listen(listener, 1), errno);
	assert_return_code(connect(fd, (struct sockaddr *)&address, sizeof(address)), errno);
	assert_fd_is_refused(fd, "not an unnamed socketpair");
	assert_fd_is_refused(listener, "not an unnamed socketpair");
}

/* A worker in a child of its own, which looks for its channel at `fd`; its result. */
static int open_in_child(int fd, unsigned generations)
{
	char channel[16];
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid != 0) {
		assert_return_code(pid, errno);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		return WEXITSTATUS(status);
	}
	if (generations > 1)
		_exit(open_in_child(fd, generations - 1));
	duo_parent = 0; /* the truth */
	snprintf(channel, sizeof(channel), "%d", fd);
	CHECK_CHILD(setenv(BROOD_ENV_CHANNEL, channel, 1) == 0);
	{
		brood_t *b;
		int rc = brood_worker_open(&b, never, NULL, NULL);

		CHECK_CHILD(rc == 0 || strstr(brood_error(), "it was made by process"));
		brood_close(b);
		_exit(-rc);
	}
}

static void only_the_parent_may_have_made_it(void **state)
{
	struct hello offer = peer_end_offer();
	struct peer_end peer;
	int fds[2];

	(void)state;
	duo_pair(fds);
	peer_end_open(&peer, fds[0], fds[0]);
	peer_end_greet(&peer, FRAME_HELLO, &offer);
	assert_int_equal(open_in_child(fds[1], 2), EPERM);
	assert_int_equal(open_in_child(fds[1], 1), 0);
	close(fds[1]);
	peer_end_skip(&peer, FRAME_WELCOME);
	peer_end_skip(&peer, FRAME_SLOTS);
	peer_end_expect_end(&peer);
	peer_end_close(&peer);
}

static void one_that_was_made_by_hand_is_refused(void **state)
{
	int fds[2];
	char channel[16];

	(void)state;
	duo_pair(fds);
	snprintf(channel, sizeof(channel), "%d", fds[1]);
	set_environment(channel);
	duo_parent = getppid() == getpid() ? 1 : 0;
	{
		brood_t *b;

		assert_rc(-EPERM, brood_worker_open(&b, never, NULL, NULL));
		assert_non_null(strstr(brood_error(), "a wrapper that does not exec?"));
	}
	close(fds[0]);
	close(fds[1]);
}

static int open_made_by(uid_t uid, const char *expected)
{
	struct hello offer = peer_end_offer();
	struct peer_end peer;
	brood_t *b;
	int fds[2];
	int rc;

	assert_return_code(seteuid(uid), errno);
	duo_pair(fds);
	assert_return_code(seteuid(0), errno);
	duo_channel(fds[1], fds[1]);
	peer_end_open(&peer, fds[0], fds[0]);
	peer_end_greet(&peer, FRAME_HELLO, &offer);
	rc = brood_worker_open(&b, never, NULL,
			       &(struct brood_worker_options){.expect_user = expected});
	brood_close(b);
	if (rc < 0) {
		assert_int_equal(peer_end_hear(&peer), 0);
		close(fds[1]);
	}
	peer_end_close(&peer);
	return rc;
}

static void another_user_may_have_made_it_only_where_expected(void **state)
{
	(void)state;
	if (geteuid() != 0)
		check_skip("needs root, to become another user");
	assert_rc(-EPERM, open_made_by(12345, NULL));
	assert_text("cannot use the channel: it was made by uid 12345, expected 0 or 0", brood_error());
	assert_rc(-EPERM, open_made_by(12345, "12346"));
	assert_rc(0, open_made_by(12345, "12345"));
	assert_rc(0, open_made_by(0, "12345"));
	assert_rc(0, open_made_by(1, "daemon"));
}

static void the_environment_is_cleaned_and_the_descriptor_closed_on_exec(void **state)
{
	struct hello offer = peer_end_offer();
	struct peer_end peer;
	char channel[16];
	brood_t *b;
	int fds[2];

	(void)state;
	assert_return_code(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), errno);
	peer_end_open(&peer, fds[0], fds[0]);
	peer_end_greet(&peer, FRAME_HELLO, &offer);
	snprintf(channel, sizeof(channel), "%d", fds[1]);
	set_environment(channel);
	assert_rc(0, brood_worker_open(&b, never, NULL, NULL));
	assert_environment_is_clean();
	assert_int_equal(fcntl(fds[1], F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(b->wake, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(brood_fd(b), F_GETFD), FD_CLOEXEC);
	brood_close(b);
	assert_int_equal(fcntl(fds[1], F_GETFD), -1);
	peer_end_close(&peer);
}

static void one_of_two_that_is_no_pipe_is_refused(void **state)
{
	char channel[32];
	int fds[2];
	int pair[2];

	(void)state;
	assert_return_code(pipe2(fds, O_CLOEXEC), errno);
	duo_pair(pair);
	snprintf(channel, sizeof(channel), "%d,%d", fds[0], pair[0]);
	assert_refused(-EPERM, channel, "are not pipes");
	snprintf(channel, sizeof(channel), "%d,%d", pair[0], fds[1]);
	assert_refused(-EPERM, channel, "are not pipes");
	snprintf(channel, sizeof(channel), "%d,%d", pair[0], pair[1]);
	assert_refused(-EPERM, channel, "are not pipes");
	snprintf(channel, sizeof(channel), "%d,%d", fds[0], fds[0]);
	assert_refused(-EPERM, channel, "not an unnamed socketpair");
	for (size_t i = 0; i < 2; i++) {
		close(fds[i]);
		close(pair[i]);
	}
}

static void pipes_are_taken_with_a_warning(void **state)
{
	struct hello offer = peer_end_offer();
	struct peer_end peer;
	struct brood_peer other;
	brood_t *b;
	int there[2];
	int back[2];

	(void)state;
	assert_return_code(pipe(there), errno);
	assert_return_code(pipe(back), errno);
	duo_channel(there[0], back[1]);
	peer_end_open(&peer, back[0], there[1]);
	peer_end_greet(&peer, FRAME_HELLO, &offer);
	assert_rc(0, brood_worker_open(&b, never, NULL, NULL));
	peer_end_skip(&peer, FRAME_WELCOME);
	peer_end_skip(&peer, FRAME_SLOTS);
	assert_int_equal(fcntl(there[0], F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(back[1], F_GETFD), FD_CLOEXEC);
	assert_true(fcntl(there[0], F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(back[1], F_GETFL) & O_NONBLOCK);
	brood_peer_of(b, &other);
	assert_int_equal(other.uid, UINT32_MAX);
	assert_int_equal(other.pid, 0);
	brood_close(b);
	peer_end_expect_end(&peer);
	peer_end_close(&peer);
}

static void pipes_the_wrong_way_round_are_told(void **state)
{
	char channel[32];
	int fds[2];

	(void)state;
	assert_return_code(pipe2(fds, O_CLOEXEC), errno);
	snprintf(channel, sizeof(channel), "%d,%d", fds[1], fds[0]);
	assert_refused(-EBADF, channel, "cannot read");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, room_make, room_remove)

static const struct CMUnitTest tests[] = {
	TEST(without_a_channel_the_program_runs_alone),
	TEST(what_is_no_descriptor_number_is_refused),
	TEST(a_descriptor_that_is_not_open_is_refused),
	TEST(files_and_pipes_are_no_socketpair),
	TEST(pairs_of_another_type_are_refused),
	TEST(tcp_is_refused),
	TEST(sockets_with_a_name_are_refused),
	TEST(only_the_parent_may_have_made_it),
	TEST(one_that_was_made_by_hand_is_refused),
	TEST(another_user_may_have_made_it_only_where_expected),
	TEST(the_environment_is_cleaned_and_the_descriptor_closed_on_exec),
	TEST(one_of_two_that_is_no_pipe_is_refused),
	TEST(pipes_are_taken_with_a_warning),
	TEST(pipes_the_wrong_way_round_are_told),
};

CHECK_MAIN(tests)
