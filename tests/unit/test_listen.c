/* listen: an endpoint that has lost its name gets a whole one again, or keeps what it has. */
#include "check.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "listen.h"
#include "room.h"
#include "supervisor.h"

/* ------------------------------------------------------------------- faults */

int __real_uv_poll_init(uv_loop_t *loop, uv_poll_t *poll, int fd);
int __wrap_uv_poll_init(uv_loop_t *loop, uv_poll_t *poll, int fd);

static bool polls_fail;

int __wrap_uv_poll_init(uv_loop_t *loop, uv_poll_t *poll, int fd)
{
	return polls_fail ? -ENOSPC : __real_uv_poll_init(loop, poll, fd);
}

/* -------------------------------------------------------------------- scene */

static struct supervisor s;
static struct endpoint_spec endpoint;
static struct config_spec spec;
static char path[100];
static int fds_before;

static int open_scene(void **state)
{
	if (room_make(state) < 0)
		return -1;
	polls_fail = false;
	fds_before = room_lowest_fd();
	snprintf(path, sizeof(path), "%s", room_at("s"));
	endpoint = (struct endpoint_spec){.name = "e", .mode = {0600}, .backlog = 4};
	endpoint.listen.path = path;
	spec = (struct config_spec){.endpoints = &endpoint, .endpoint_count = 1};
	s = (struct supervisor){.spec = &spec, .rundir = RUNDIR_INIT};
	if (uv_loop_init(&s.uv) < 0)
		return -1;
	s.log = (struct log){.sink = {.fd = memfd_create("log", MFD_CLOEXEC)}, .is_open = true};
	return s.log.sink.fd < 0 ? -1 : 0;
}

static int close_scene(void **state)
{
	listen_close(&s);
	uv_run(&s.uv, UV_RUN_DEFAULT);
	if (uv_loop_close(&s.uv) < 0)
		return -1;
	free(s.endpoints);
	free(s.log.pending);
	close(s.log.sink.fd);
	if (room_lowest_fd() != fds_before)
		return -1;
	return room_remove(state);
}

static void open_endpoint(void)
{
	char problem[PUBLISH_PROBLEM] = "";

	if (!room_is_safe())
		check_skip("needs a /tmp that only root controls");
	if (listen_open(&s, problem, sizeof(problem)) < 0)
		fail_msg("%s", problem);
}

static int connects(void)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int rc;

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	rc = connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0 ? -errno : 0;
	close(fd);
	return rc;
}

/* How many lines of the log hold these words? */
static unsigned lines_with(const char *words)
{
	static char text[16384];
	ssize_t n = pread(s.log.sink.fd, text, sizeof(text) - 1, 0);
	unsigned count = 0;

	assert_true(n >= 0);
	text[n] = '\0';
	for (const char *at = strstr(text, words); at; at = strstr(at + 1, words))
		count++;
	return count;
}

/* -------------------------------------------------------------------- tests */

static void what_is_there_is_left_alone(void **state)
{
	int fd;

	(void)state;
	open_endpoint();
	fd = s.endpoints[0].name.fd;
	assert_true(listen_renew(&s));
	assert_int_equal(s.endpoints[0].name.fd, fd);
	assert_int_equal(lines_with("e:"), 0);
}

/* Nothing is half renewed: no name without anybody who accepts. */
static void a_new_socket_that_cannot_be_watched_is_given_up(void **state)
{
	int before;

	(void)state;
	open_endpoint();
	before = room_lowest_fd();
	assert_return_code(unlink(path), errno);
	polls_fail = true;
	for (int i = 0; i < 3; i++) {
		assert_false(listen_renew(&s));
		assert_int_equal(connects(), -ENOENT);
		assert_non_null(s.endpoints[0].acceptor);
	}
	assert_int_equal(lines_with("cannot listen on "), 1);
	assert_int_equal(room_lowest_fd(), before);
	polls_fail = false;
	assert_true(listen_renew(&s));
	assert_int_equal(connects(), 0);
	assert_int_equal(lines_with("was gone and is published again"), 1);
}

static void what_is_wrong_is_said_when_it_changes(void **state)
{
	(void)state;
	open_endpoint();
	for (int i = 0; i < 3; i++) {
		assert_return_code(unlink(path), errno);
		assert_return_code(symlink("elsewhere", path), errno);
		assert_false(listen_renew(&s));
		assert_false(listen_renew(&s));
		assert_int_equal(lines_with("something that is no socket"), i + 1);
		assert_return_code(unlink(path), errno);
		assert_true(listen_renew(&s));
	}
	assert_return_code(unlink(path), errno);
	polls_fail = true;
	assert_false(listen_renew(&s));
	assert_return_code(symlink("elsewhere", path), errno);
	assert_false(listen_renew(&s));
	assert_int_equal(lines_with("cannot listen on "), 1);
	assert_int_equal(lines_with("something that is no socket"), 4);
}

/* The socket is still in its directory, but clients no longer find it. */
static void a_directory_that_is_moved_away_takes_the_name_along(void **state)
{
	(void)state;
	if (mkdir(room_at("d"), 0700) < 0)
		fail_msg("%s", strerror(errno));
	snprintf(path, sizeof(path), "%s", room_at("d/s"));
	open_endpoint();
	assert_return_code(rename(room_at("d"), room_at("away")), errno);
	assert_false(listen_renew(&s));
	assert_return_code(mkdir(room_at("d"), 0700), errno);
	assert_true(listen_renew(&s));
	assert_int_equal(connects(), 0);
	assert_int_equal(access(room_at("away/s"), F_OK), -1);
}

#define IN_A_SCENE(test) cmocka_unit_test_setup_teardown(test, open_scene, close_scene)

static const struct CMUnitTest tests[] = {
	IN_A_SCENE(what_is_there_is_left_alone),
	IN_A_SCENE(a_new_socket_that_cannot_be_watched_is_given_up),
	IN_A_SCENE(what_is_wrong_is_said_when_it_changes),
	IN_A_SCENE(a_directory_that_is_moved_away_takes_the_name_along),
};

CHECK_MAIN(tests)
