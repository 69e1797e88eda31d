/* place: whom it trusts when it is not root that asks. Needs root, to become somebody else. */
#include "check.h"

#include <errno.h>
#include <sys/stat.h>

#include "peer.h"
#include "place.h"
#include "room.h"

enum { SELF = 1234, STRANGER = 4321 };

static bool is_furnished;

/* A directory and a link to it that belong to `uid`. */
static bool put(const char *directory, const char *link, uid_t uid)
{
	return mkdir(room_at(directory), 0755) == 0 && symlink(directory, room_at(link)) == 0 &&
	       lchown(room_at(directory), uid, (gid_t)-1) == 0 &&
	       lchown(room_at(link), uid, (gid_t)-1) == 0;
}

static int furnish(void **state)
{
	if (room_make(state) != 0)
		return -1;
	is_furnished = room_is_safe() && chmod(room_path, 0711) == 0 &&
		       put("root", "root-link", 0) && put("self", "self-link", SELF) &&
		       put("other", "other-link", STRANGER) &&
		       symlink("root", room_at("link")) == 0 &&
		       lchown(room_at("link"), STRANGER, (gid_t)-1) == 0;
	return 0;
}

/* Opens as SELF; the result. */
static int open_as_self(const char *name, uid_t trusted)
{
	char problem[PLACE_PROBLEM];
	int fd = -1;
	int rc;

	if (!is_furnished || seteuid(SELF) < 0)
		check_skip("needs root, to become another user");
	rc = place_open(room_at(name), trusted, &fd, problem);
	assert_return_code(seteuid(0), errno);
	close(fd);
	return rc;
}

static void root_and_self_are_trusted_and_no_other(void **state)
{
	(void)state;
	assert_rc(0, open_as_self(".", PEER_NOBODY));
	assert_rc(0, open_as_self("root", PEER_NOBODY));
	assert_rc(0, open_as_self("self", PEER_NOBODY));
	assert_rc(-EPERM, open_as_self("other", PEER_NOBODY));
}

static void a_third_may_be_trusted(void **state)
{
	(void)state;
	assert_rc(0, open_as_self("other", STRANGER));
	assert_rc(0, open_as_self("self", STRANGER));
	assert_rc(0, open_as_self("root", STRANGER));
	assert_rc(-EPERM, open_as_self("other", STRANGER + 1));
}

static void links_of_root_and_self_are_followed_and_no_other(void **state)
{
	(void)state;
	assert_rc(0, open_as_self("root-link", PEER_NOBODY));
	assert_rc(0, open_as_self("self-link", PEER_NOBODY));
	assert_rc(-EPERM, open_as_self("other-link", STRANGER));
	assert_rc(-EPERM,
		  open_as_self("link", PEER_NOBODY)); /* even where it leads to a safe one */
}

static void what_self_may_not_enter_is_refused(void **state)
{
	(void)state;
	(void)chmod(room_at("self"), 0);
	assert_rc(-EACCES, open_as_self("self/x", PEER_NOBODY));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, furnish, room_remove)

static const struct CMUnitTest tests[] = {
	TEST(root_and_self_are_trusted_and_no_other),
	TEST(a_third_may_be_trusted),
	TEST(links_of_root_and_self_are_followed_and_no_other),
	TEST(what_self_may_not_enter_is_refused),
};

CHECK_MAIN(tests)
