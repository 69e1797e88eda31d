/* publish: a name outside the runtime directory: its lock, what stands there already, and what stays when it fails. */
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "lock.h"
#include "publish.h"
#include "room.h"

static char problem[PUBLISH_PROBLEM];

/* -------------------------------------------------- somebody between open and flock */

int __real_flock(int fd, int operation);
int __wrap_flock(int fd, int operation);

static unsigned removals; /* how many times more the lock file is removed at the last moment */
static unsigned locked;

int __wrap_flock(int fd, int operation)
{
	locked++;
	if (removals > 0) {
		removals--;
		(void)unlink(room_at(".s.lock"));
	}
	return __real_flock(fd, operation);
}

/* ------------------------------------------------------------------ helpers */

static const char *path; /* of the socket; NULL: as always */

static int make(void **state)
{
	removals = 0;
	path = NULL;
	return room_make(state);
}

static int publish_with(struct published *out, int lock_fd)
{
	struct publish_request r = {
		.path = path ? path : room_at("s"),
		.dirfd = -1,
		.priv_fd = -1,
		.mode = 0600,
		.uid = (uid_t)-1,
		.gid = (gid_t)-1,
		.backlog = 4,
		.lock_fd = lock_fd,
	};

	if (!room_is_safe())
		check_skip("needs a /tmp that only root controls");
	return publish_socket(&r, out, problem);
}

static int publish(struct published *out)
{
	return publish_with(out, -1);
}

static void assert_said(const char *words)
{
	if (!strstr(problem, words))
		fail_msg("\"%s\" does not say \"%s\"", problem, words);
}

/* Refused with words in the sentence; nothing stays open. */
static void assert_refused(int rc, int lock_fd, const char *words)
{
	int before = room_lowest_fd();
	struct published p;

	assert_rc(rc, publish_with(&p, lock_fd));
	assert_said(words);
	assert_int_equal(p.fd, -1);
	assert_int_equal(p.lock_fd, -1);
	assert_int_equal(room_lowest_fd(), before);
}

static void touch(const char *file)
{
	assert_return_code(mknod(file, S_IFREG | 0600, 0), errno);
}

static bool is_locked(void)
{
	int fd = open(room_at(".s.lock"), O_RDWR | O_CLOEXEC);
	bool refused;

	assert_true(fd >= 0);
	refused = __real_flock(fd, LOCK_EX | LOCK_NB) < 0;
	close(fd);
	return refused;
}

static int connects(void)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int rc;

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", room_at("s"));
	rc = connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0 ? -errno : 0;
	close(fd);
	return rc;
}

/* -------------------------------------------------------------------- tests */

static void a_name_is_published_and_withdrawn(void **state)
{
	int before = room_lowest_fd();
	struct published p;

	(void)state;
	assert_rc(0, publish(&p));
	assert_true(publish_is_there(&p));
	assert_rc(0, connects());
	assert_true(is_locked());
	publish_withdraw(&p);
	assert_int_equal(access(room_at("s"), F_OK), -1);
	assert_int_equal(access(room_at(".s.priv"), F_OK), -1);
	assert_int_equal(access(room_at(".s.lock"), F_OK), 0);
	assert_false(is_locked());
	assert_int_equal(room_lowest_fd(), before);
}

static void two_cannot_have_it(void **state)
{
	struct published p;

	(void)state;
	assert_rc(0, publish(&p));
	assert_refused(-EADDRINUSE, -1, "another brood publishes that name");
	assert_true(publish_is_there(&p));
	publish_withdraw(&p);
	assert_rc(0, publish(&p));
	publish_withdraw(&p);
}

/* What fails keeps its hands off the descriptor it was lent: by the next time it may be somebody else's. */
static void a_failure_does_not_take_the_lock_away(void **state)
{
	struct published old;
	struct published fresh;
	int lock_fd;

	(void)state;
	assert_rc(0, publish(&old));
	lock_fd = old.lock_fd;
	assert_int_equal(unlink(room_at("s")), 0);
	touch(room_at("s"));
	for (int i = 0; i < 3; i++)
		assert_refused(-EADDRINUSE, lock_fd, "there is something that is no socket");
	assert_true(fcntl(lock_fd, F_GETFD) >= 0);
	assert_true(lock_is_there(lock_fd, AT_FDCWD, room_at(".s.lock")));
	assert_true(is_locked());
	assert_int_equal(unlink(room_at("s")), 0);
	assert_rc(0, publish_with(&fresh, lock_fd));
	publish_withdraw(&old);
	assert_true(is_locked());
	assert_rc(0, connects());
	publish_withdraw(&fresh);
	assert_false(is_locked());
}

static void a_lock_that_was_removed_is_taken_anew(void **state)
{
	struct published old;
	struct published fresh;

	(void)state;
	assert_rc(0, publish(&old));
	assert_int_equal(unlink(room_at("s")), 0);
	assert_int_equal(unlink(room_at(".s.lock")), 0);
	assert_rc(0, publish_with(&fresh, old.lock_fd));
	publish_withdraw(&old);
	assert_true(is_locked());
	publish_withdraw(&fresh);
}

/* The lock of a file that has lost its name is none, and another one's file stays. */
static void a_lock_is_held_under_its_name(void **state)
{
	struct published p;

	(void)state;
	removals = 3;
	assert_rc(0, publish(&p));
	assert_true(lock_is_there(p.lock_fd, AT_FDCWD, room_at(".s.lock")));
	assert_true(is_locked());
	publish_withdraw(&p);
}

static void a_lock_that_is_removed_for_ever_is_given_up(void **state)
{
	(void)state;
	locked = 0;
	removals = 1000000;
	assert_refused(-ESTALE, -1, "Stale file handle");
	assert_in_range(locked, 2, 1000);
}

static void a_lock_is_no_link(void **state)
{
	(void)state;
	touch(room_at("precious"));
	assert_return_code(symlink(room_at("precious"), room_at(".s.lock")), errno);
	assert_refused(-ELOOP, -1, "symbolic links");
}

/* 107 bytes, and not one more. */
static void a_path_is_as_long_as_a_socket_s_may_be(void **state)
{
	char longest[PUBLISHED_PATH + 1];
	int length = snprintf(longest, sizeof(longest), "%s/", room_path);
	struct published p;

	(void)state;
	memset(longest + length, 'n', sizeof(longest) - (size_t)length);
	longest[PUBLISHED_PATH] = '\0';
	path = longest;
	assert_refused(-ENAMETOOLONG, -1, "the path has 108 bytes, a socket's holds at most 107");
	longest[PUBLISHED_PATH - 1] = '\0';
	assert_rc(0, publish(&p));
	assert_true(publish_is_there(&p));
	assert_text(longest, p.path);
	publish_withdraw(&p);
	assert_int_equal(access(longest, F_OK), -1);
}

#define IN_A_ROOM(test) cmocka_unit_test_setup_teardown(test, make, room_remove)

static const struct CMUnitTest tests[] = {
	IN_A_ROOM(a_name_is_published_and_withdrawn),
	IN_A_ROOM(two_cannot_have_it),
	IN_A_ROOM(a_failure_does_not_take_the_lock_away),
	IN_A_ROOM(a_lock_that_was_removed_is_taken_anew),
	IN_A_ROOM(a_lock_is_held_under_its_name),
	IN_A_ROOM(a_lock_that_is_removed_for_ever_is_given_up),
	IN_A_ROOM(a_lock_is_no_link),
	IN_A_ROOM(a_path_is_as_long_as_a_socket_s_may_be),
};

CHECK_MAIN(tests)
