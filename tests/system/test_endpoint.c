/*
 * Endpoints: who may connect, what is seen of the socket from outside, what happens to a name that is taken; and the
 * other way round: a client that meets an impostor.
 */
#include "check.h"

#include <brood.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "stage.h"

enum { STRANGER = 54321 };

static const char plain[] = "[worker:w]\ncommand = %s\n[endpoint:e]\nlisten = unix:e.sock\npool = w\n%s";

static void need_root(void)
{
	if (geteuid() != 0)
		check_skip("needs root, to become another user");
}

static struct sockaddr_un address_of(const char *path)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};

	assert_true(strlen(path) < sizeof(a.sun_path));
	memcpy(a.sun_path, path, strlen(path) + 1);
	return a;
}

static const char *path_of(struct stage *s, const char *name)
{
	return stage_address(s, name) + 5;
}

static int connect_plain(const char *path)
{
	struct sockaddr_un a = address_of(path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0) {
		close(fd);
		return -errno;
	}
	return fd;
}

/* Runs `does` in a child that is another user; its exit code. */
static int as_stranger(int (*does)(const char *path), const char *path)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		CHECK_CHILD(setgid(STRANGER) == 0 && setuid(STRANGER) == 0);
		_exit(does(path));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* ------------------------------------------------------------------ callers */

/* 0: closed without a byte, and nothing of ours was read (a reset says that bytes were left unread). */
static int is_refused_unread(const char *path)
{
	static const char request[] = "a request that must not be read";
	int fd = connect_plain(path);
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char byte;

	if (fd < 0)
		return 10;
	if (send(fd, request, sizeof(request), MSG_NOSIGNAL) < 0 && errno != EPIPE)
		return 11;
	if (poll(&p, 1, 10000) != 1)
		return 12;
	return recv(fd, &byte, 1, 0) == 0 || errno == ECONNRESET ? 0 : 13;
}

static void another_user_is_refused_before_a_byte_is_read(void **state)
{
	struct stage s;

	(void)state;
	need_root();
	stage_open(&s, plain, home_badworker(), "mode = 0666\n");
	assert_int_equal(as_stranger(is_refused_unread, path_of(&s, "e.sock")), 0);
	stage_await_log(&s, "e: refused uid 54321 gid 54321 pid ");
	stage_check_ledger(&s, "w");
	stage_close(&s);
}

static void who_is_refused_all_the_time_does_not_fill_the_log(void **state)
{
	struct stage s;
	int lines = 0;

	(void)state;
	need_root();
	stage_open(&s, plain, home_badworker(), "mode = 0666\nallow = uid:0\n");
	for (int i = 0; i < 30; i++)
		assert_int_equal(as_stranger(is_refused_unread, path_of(&s, "e.sock")), 0);
	assert_int_equal(kill(s.pid, SIGTERM), 0);
	stage_await_exit(&s, 10000);
	for (const char *at = s.log; (at = strstr(at, "e: refused uid 54321")) != NULL; at++)
		lines++;
	assert_int_equal(lines, 10);
	assert_true(stage_has_log(&s, "20 more lines about refused clients were left out"));
	stage_clean(&s);
}

static int calls_well(const char *path)
{
	struct brood_answer a;
	brood_t *b;
	int rc = brood_connect(&b, path, NULL);

	if (rc < 0) {
		dprintf(2, "%s\n", brood_error());
		return 20;
	}
	rc = brood_call(b, "peer", NULL, 0, NULL, &a);
	if (rc < 0 || a.code != BROOD_OK || strncmp(a.body, "54321 54321 ", 12) != 0)
		return 21;
	brood_answer_free(&a);
	brood_close(b);
	return 0;
}

static void another_user_who_is_allowed_is_named_to_the_worker(void **state)
{
	struct stage s;

	(void)state;
	need_root();
	stage_open(&s, plain, home_badworker(), "mode = 0666\nallow = uid:54321\n");
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "w", NULL), 0);
	/* brood runs as root here, which every client trusts */
	assert_int_equal(as_stranger(calls_well, path_of(&s, "e.sock")), 0);
	/* and who is not listed is refused, be it root */
	assert_int_equal(is_refused_unread(path_of(&s, "e.sock")), 0);
	stage_close(&s);
}

static int cannot_reach(const char *path)
{
	return connect_plain(path) == -EACCES ? 0 : 30;
}

static void the_admin_socket_is_for_its_owner(void **state)
{
	struct stage s;
	struct stat st;

	(void)state;
	stage_open(&s, plain, home_badworker(), "");
	assert_int_equal(stat(path_of(&s, "admin.sock"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(s.runtime, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	if (geteuid() == 0)
		assert_int_equal(as_stranger(cannot_reach, path_of(&s, "admin.sock")), 0);
	stage_close(&s);
}

static void too_many_connections_of_one_user_are_told_why(void **state)
{
	struct stage s;
	brood_t *first;
	brood_t *second;
	brood_t *third;

	(void)state;
	stage_open(&s, plain, home_badworker(), "max_clients_per_uid = 2\n");
	assert_rc(0, brood_connect(&first, stage_address(&s, "e.sock"), NULL));
	assert_rc(0, brood_connect(&second, stage_address(&s, "e.sock"), NULL));
	assert_rc(-EBUSY, brood_connect(&third, stage_address(&s, "e.sock"), NULL));
	assert_non_null(strstr(brood_error(), "has 2 connections already, max_clients_per_uid is 2"));
	brood_close(first);
	assert_rc(0, brood_connect(&third, stage_address(&s, "e.sock"),
				   &(struct brood_client_options){.retry = 0}));
	brood_close(second);
	brood_close(third);
	stage_close(&s);
}

static bool is_full(struct stage *s)
{
	json_t *status = stage_status(s);
	json_t *e = json_array_get(json_object_get(status, "endpoints"), 0);
	bool full = strcmp(json_string_value(json_object_get(e, "state")), "full") == 0;

	json_decref(status);
	return full;
}

static void over_max_clients_one_waits_and_is_served(void **state)
{
	struct stage s;
	brood_t *first;
	brood_t *second;
	int status;
	pid_t pid;

	(void)state;
	stage_open(&s, plain, home_badworker(), "max_clients = 1\n");
	assert_rc(0, brood_connect(&first, stage_address(&s, "e.sock"), NULL));
	pid = fork();
	if (pid == 0) {
		brood_close(first); /* the copy that came with the fork */
		CHECK_CHILD(brood_connect(&second, stage_address(&s, "e.sock"),
					  &(struct brood_client_options){.timeout = 15000}) == 0);
		_exit(0);
	}
	stage_until(5000, "the endpoint is full", is_full(&s));
	brood_close(first);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	stage_close(&s);
}

/* -------------------------------------------------------------------- names */

static int watches(const char *path)
{
	struct stat st;
	int seen = 0;

	/* ends when told by the parent's SIGTERM, at the latest */
	for (int i = 0; i < 2000000; i++) {
		if (lstat(path, &st) < 0) {
			if (seen > 0 && errno == ENOENT && i > 1000)
				seen = 1;
			continue;
		}
		if (!S_ISSOCK(st.st_mode) || (st.st_mode & 07777 & ~0640u) != 0)
			return 41;
		seen++;
		if (seen > 200)
			return 0;
	}
	return seen > 0 ? 0 : 42;
}

static void a_socket_is_never_seen_with_a_wider_mode(void **state)
{
	struct stage s;
	char path[STAGE_PATH];

	(void)state;
	stage_prepare(&s, plain, home_badworker(), "mode = 0640\n");
	snprintf(path, sizeof(path), "%s", path_of(&s, "e.sock"));
	for (int i = 0; i < 10; i++) {
		pid_t pid = fork();
		int status;

		if (pid == 0)
			_exit(watches(path));
		stage_start(&s, true, NULL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
		assert_int_equal(kill(s.pid, SIGTERM), 0);
		stage_await_exit(&s, 10000);
	}
	stage_clean(&s);
}

static void what_is_at_the_name_and_not_ours_stays(void **state)
{
	struct stage s;
	char path[STAGE_PATH];
	char text[16] = "";
	int fd;

	(void)state;
	stage_prepare(&s, plain, home_badworker(), "");
	assert_int_equal(mkdir(s.runtime, 0700), 0);
	snprintf(path, sizeof(path), "%s", path_of(&s, "e.sock"));
	fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, "precious", 8), 8);
	close(fd);
	stage_start(&s, false, NULL);
	stage_await_exit(&s, 10000);
	assert_int_equal(s.exit_code, 73);
	assert_true(stage_has_log(&s, "cannot open endpoint e: cannot publish"));
	assert_true(stage_has_log(&s, "there is something that is no socket"));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(read(fd, text, sizeof(text)), 8);
	assert_memory_equal(text, "precious", 8);
	close(fd);
	unlink(path);
	/* a symbolic link is as foreign */
	assert_int_equal(symlink("/nonexistent", path), 0);
	stage_start(&s, false, NULL);
	stage_await_exit(&s, 10000);
	assert_int_equal(s.exit_code, 73);
	unlink(path);
	stage_clean(&s);
}

static void a_stale_socket_is_replaced_and_a_live_one_is_not(void **state)
{
	struct stage s;
	char path[STAGE_PATH];
	struct sockaddr_un a;
	int fd;

	(void)state;
	stage_prepare(&s, plain, home_badworker(), "");
	assert_int_equal(mkdir(s.runtime, 0700), 0);
	snprintf(path, sizeof(path), "%s", path_of(&s, "e.sock"));
	a = address_of(path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, 1), 0);
	stage_start(&s, false, NULL);
	stage_await_exit(&s, 10000);
	assert_int_equal(s.exit_code, 73);
	assert_true(stage_has_log(&s, "somebody serves a socket of that name"));
	close(fd); /* now it is stale */
	stage_start(&s, true, NULL);
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "w", NULL), 0);
	stage_close(&s);
}

static void kill_9_leaves_nothing_that_blocks_the_next_start(void **state)
{
	struct stage s;

	(void)state;
	stage_prepare(&s, plain, home_badworker(), "");
	for (int i = 0; i < 10; i++) {
		brood_t *b;
		struct brood_answer a;

		stage_start(&s, true, NULL);
		assert_int_equal(stage_cli(&s, NULL, NULL, "start", "w", NULL), 0);
		assert_rc(0, brood_connect(&b, stage_address(&s, "e.sock"), NULL));
		assert_rc(0, brood_call(b, NULL, "x", 1, NULL, &a));
		assert_int_equal(a.code, BROOD_OK);
		brood_answer_free(&a);
		assert_int_equal(kill(s.pid, SIGKILL), 0);
		stage_await_exit(&s, 10000);
		/* the workers die with their parent */
		stage_until(5000, "no process is left", stage_processes(&s) == 0);
		assert_rc(-ECONNRESET, brood_ping(b, 5000));
		brood_close(b);
	}
	stage_start(&s, true, NULL);
	stage_close(&s);
}

static void one_brood_for_one_directory(void **state)
{
	struct stage s;
	struct stage second;

	(void)state;
	stage_open(&s, plain, home_badworker(), "");
	second = s;
	second.log = NULL;
	second.log_fd = -1;
	second.log_size = second.log_seen = 0;
	for (int i = 0; i < 5; i++) {
		char expected[64];

		stage_start(&second, false, NULL);
		stage_await_exit(&second, 10000);
		assert_int_equal(second.exit_code, 73);
		snprintf(expected, sizeof(expected), "a brood is running there already (pid %d)", (int)s.pid);
		assert_true(stage_has_log(&second, expected));
	}
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "w", NULL), 0);
	free(second.log);
	close(second.log_fd);
	stage_close(&s);
}

static void a_shared_directory_is_no_place_for_an_endpoint(void **state)
{
	struct stage s;

	(void)state;
	stage_prepare(
		&s,
		"[worker:w]\ncommand = %s\n[endpoint:e]\nlisten = unix:/tmp/brood-test-e.sock\npool = w\n",
		home_badworker());
	stage_start(&s, false, NULL);
	stage_await_exit(&s, 10000);
	assert_int_equal(s.exit_code, 73);
	assert_true(stage_has_log(&s, "its directory may be written by everybody"));
	stage_clean(&s);
}

static void an_endpoint_may_lie_in_a_directory_of_ones_own(void **state)
{
	struct stage s;
	char dir[64];
	char address[128];
	struct stat st;
	brood_t *b;

	(void)state;
	snprintf(dir, sizeof(dir), "/run/brood-test-%d", (int)getpid());
	if (mkdir(dir, 0700) < 0)
		check_skip("needs a short path that is ours, /run");
	stage_open(&s,
		   "[worker:w]\ncommand = %s\n[endpoint:e]\nlisten = unix:%s/e.sock\npool = w\nmode = 0660\n",
		   home_badworker(), dir);
	snprintf(address, sizeof(address), "%s/e.sock", dir);
	assert_int_equal(stat(address, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0660);
	assert_rc(0, brood_connect(&b, address, NULL));
	brood_close(b);
	stage_close(&s);
	snprintf(address, sizeof(address), "%s/.e.sock.lock", dir);
	assert_int_equal(unlink(address), 0); /* a lock is not removed */
	assert_int_equal(rmdir(dir), 0);      /* nothing else was left in it */
}

/* ----------------------------------------------------------------- impostor */

static void a_client_sends_nothing_to_an_impostor(void **state)
{
	char dir[STAGE_PATH];
	char path[STAGE_PATH + 16];
	struct sockaddr_un a;
	pid_t pid;
	int ready[2];
	int status;
	char byte;
	brood_t *b;

	(void)state;
	need_root();
	/* root's client, a server of somebody else in a directory that is fine */
	snprintf(dir, sizeof(dir), "%s/i.XXXXXX", home_scratch());
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/s", dir);
	a = address_of(path);
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		int fd = socket(AF_UNIX, SOCK_STREAM, 0);
		struct pollfd p;
		int peer;

		CHECK_CHILD(bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
		CHECK_CHILD(setgid(STRANGER) == 0 && setuid(STRANGER) == 0);
		CHECK_CHILD(listen(fd, 5) ==
			    0); /* the ids of whoever calls listen() are what a client sees */
		CHECK_CHILD(write(ready[1], "x", 1) == 1);
		peer = accept(fd, NULL, NULL);
		p = (struct pollfd){.fd = peer, .events = POLLIN};
		CHECK_CHILD(poll(&p, 1, 10000) == 1);
		CHECK_CHILD(recv(peer, &byte, 1, 0) == 0); /* the end, and not a byte before it */
		_exit(0);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_rc(-EPERM, brood_connect(&b, path, NULL));
	assert_non_null(strstr(brood_error(), "it is uid 54321, expected 0 or 0"));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(ready[0]);
	close(ready[1]);
	unlink(path);
	rmdir(dir);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(another_user_is_refused_before_a_byte_is_read),
	cmocka_unit_test(who_is_refused_all_the_time_does_not_fill_the_log),
	cmocka_unit_test(another_user_who_is_allowed_is_named_to_the_worker),
	cmocka_unit_test(the_admin_socket_is_for_its_owner),
	cmocka_unit_test(too_many_connections_of_one_user_are_told_why),
	cmocka_unit_test(over_max_clients_one_waits_and_is_served),
	cmocka_unit_test(a_socket_is_never_seen_with_a_wider_mode),
	cmocka_unit_test(what_is_at_the_name_and_not_ours_stays),
	cmocka_unit_test(a_stale_socket_is_replaced_and_a_live_one_is_not),
	cmocka_unit_test(kill_9_leaves_nothing_that_blocks_the_next_start),
	cmocka_unit_test(one_brood_for_one_directory),
	cmocka_unit_test(a_shared_directory_is_no_place_for_an_endpoint),
	cmocka_unit_test(an_endpoint_may_lie_in_a_directory_of_ones_own),
	cmocka_unit_test(a_client_sends_nothing_to_an_impostor),
};

CHECK_MAIN(tests)
