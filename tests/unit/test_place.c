/* place: which directories are safe, which are not, and what is said. Foreign owners need root. */
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "peer.h"
#include "place.h"
#include "room.h"

enum { STRANGER = 1234 };

static char problem[PLACE_PROBLEM];

static void need_safe_tmp(void)
{
	if (!room_is_safe())
		check_skip("needs a /tmp that only root controls");
}

static void need_root(void)
{
	need_safe_tmp();
	if (geteuid() != 0)
		check_skip("needs root, to give files away");
}

static void make(const char *name, mode_t mode)
{
	assert_return_code(mkdir(room_at(name), mode), errno);
}

static void give(const char *name, uid_t uid)
{
	if (lchown(room_at(name), uid, (gid_t)-1) < 0)
		check_skip("may not give files away here");
}

static void link_to(const char *target, const char *name)
{
	assert_return_code(symlink(target, room_at(name)), errno);
}

static void assert_opens_for(const char *path, uid_t trusted, const char *directory)
{
	struct stat expected;
	struct stat st;
	int free_before = room_lowest_fd();
	int fd = -1;
	int rc = place_open(path, trusted, &fd, problem);

	if (rc != 0)
		fail_msg("%s: %s", path, problem);
	assert_text("", problem);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_return_code(fstat(fd, &st), errno);
	assert_return_code(stat(directory, &expected), errno);
	assert_int_equal(st.st_ino, expected.st_ino);
	assert_int_equal(st.st_dev, expected.st_dev);
	close(fd);
	assert_int_equal(room_lowest_fd(), free_before);
}

static void assert_opens(const char *path)
{
	assert_opens_for(path, PEER_NOBODY, path);
}

/* Refused, with this in the sentence, and nothing left open. */
static void assert_refused_for(int rc, const char *path, uid_t trusted, const char *words)
{
	int free_before = room_lowest_fd();
	int fd = -7;

	assert_rc(rc, place_open(path, trusted, &fd, problem));
	assert_int_equal(fd, -7);
	if (!strstr(problem, words))
		fail_msg("\"%s\" does not say \"%s\"", problem, words);
	assert_int_equal(room_lowest_fd(), free_before);
}

static void assert_refused(int rc, const char *path, const char *words)
{
	assert_refused_for(rc, path, PEER_NOBODY, words);
}

static void a_private_directory_is_safe(void **state)
{
	(void)state;
	need_safe_tmp();
	make("a", 0700);
	make("a/b", 0755);
	make("a/b/c", 0711);
	assert_opens("/");
	assert_opens("/tmp");
	assert_opens(room_path);
	assert_opens(room_at("a/b/c"));
}

static void a_path_may_be_written_in_many_ways(void **state)
{
	(void)state;
	need_safe_tmp();
	make("a", 0700);
	make("a/b", 0700);
	assert_opens(room_at("a/"));
	assert_opens(room_at("a//b///"));
	assert_opens(room_at("./a/./b/."));
	assert_opens(room_at("a/../a/b/.."));
	assert_opens_for("//tmp/../..///../tmp/", PEER_NOBODY, "/tmp");
}

static void others_must_not_write(void **state)
{
	static const struct {
		mode_t mode;
		const char *words;
	} modes[] = {
		{0770, "is writable by its group (mode 0770)"},
		{0720, "is writable by its group (mode 0720)"},
		{0707, "is writable by others (mode 0707)"},
		{0777, "is writable by others (mode 0777)"},
		{0702, "is writable by others (mode 0702)"},
		{02775, "is writable by its group (mode 2775)"},
	};

	(void)state;
	need_safe_tmp();
	make("a", 0700);
	make("a/b", 0700);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		assert_return_code(chmod(room_at("a"), modes[i].mode), errno);
		assert_refused(-EPERM, room_at("a"), modes[i].words);
		assert_refused(-EPERM, room_at("a/b"), modes[i].words); /* in the middle too */
		assert_non_null(strstr(problem, room_at("a")));
		assert_null(strstr(problem, room_at("a/b")));
		assert_non_null(strstr(problem, modes[i].mode & 2 ? "chmod go-w" : "chmod g-w"));
	}
}

static void a_sticky_directory_is_safe_for_what_is_ours(void **state)
{
	(void)state;
	need_safe_tmp();
	make("a", 01777);
	assert_return_code(chmod(room_at("a"), 01777), errno);
	make("a/b", 0700);
	assert_opens(room_at("a"));
	assert_opens(room_at("a/b"));
	assert_return_code(chmod(room_at("a"), 01770), errno);
	assert_opens(room_at("a/b"));
}

static void a_sticky_directory_is_not_safe_for_what_is_not(void **state)
{
	(void)state;
	need_root();
	make("a", 0700);
	assert_return_code(chmod(room_at("a"), 01777), errno);
	make("a/b", 0700);
	make("a/b/c", 0700);
	give("a/b", STRANGER);
	assert_refused(-EPERM, room_at("a/b"), "a/b belongs to another user");
	assert_refused(-EPERM, room_at("a/b/c"), "a/b belongs to another user");
	assert_opens_for(room_at("a/b/c"), STRANGER, room_at("a/b/c"));
}

static void a_directory_of_a_stranger_is_not_safe(void **state)
{
	(void)state;
	need_root();
	make("a", 0755);
	make("a/b", 0755);
	give("a", STRANGER);
	assert_refused(-EPERM, room_at("a"),
		       "belongs to uid 1234, which could replace what is in it");
	assert_refused(-EPERM, room_at("a/b"), "belongs to uid 1234");
	assert_refused_for(-EPERM, room_at("a/b"), STRANGER + 1, "belongs to uid 1234");
	assert_opens_for(room_at("a/b"), STRANGER, room_at("a/b"));
}

static void trusting_nobody_trusts_nobody(void **state)
{
	(void)state;
	need_root();
	make("a", 0755);
	/* the uid next to the one that stands for none, which no file can have */
	give("a", UINT32_MAX - 1);
	assert_refused(-EPERM, room_at("a"), "belongs to uid 4294967294");
}

static void a_link_of_ours_is_followed(void **state)
{
	(void)state;
	need_safe_tmp();
	make("a", 0700);
	make("a/b", 0700);
	make("c", 0700);
	link_to("a/b", "relative");
	link_to(room_at("a"), "absolute");
	link_to("../c", "a/up");
	link_to("relative", "twice");
	link_to("/", "top");
	assert_opens_for(room_at("relative"), PEER_NOBODY, room_at("a/b"));
	assert_opens_for(room_at("absolute/b"), PEER_NOBODY, room_at("a/b"));
	assert_opens_for(room_at("a/up/."), PEER_NOBODY, room_at("c"));
	assert_opens_for(room_at("twice"), PEER_NOBODY, room_at("a/b"));
	assert_opens_for(room_at("twice/../up"), PEER_NOBODY, room_at("c"));
	assert_opens_for(room_at("top/tmp"), PEER_NOBODY, "/tmp");
}

static void what_a_link_leads_to_must_be_safe(void **state)
{
	(void)state;
	need_safe_tmp();
	make("a", 0777);
	make("a/b", 0700);
	make("c", 0700);
	link_to(room_at("a/b"), "c/absolute");
	link_to("../a/b", "c/relative");
	assert_refused(-EPERM, room_at("c/absolute"), "/a is writable by others");
	assert_refused(-EPERM, room_at("c/relative"), "/a is writable by others");
}

static void a_link_of_a_stranger_is_not_followed(void **state)
{
	(void)state;
	need_root();
	make("a", 0700);
	link_to("a", "link");
	give("link", STRANGER);
	assert_refused(-EPERM, room_at("link"), "/link is a symbolic link of another user");
	assert_refused_for(-EPERM, room_at("link"), STRANGER, "is a symbolic link of another user");
}

static void links_may_go_on_for_a_while(void **state)
{
	char from[16] = "a";

	(void)state;
	need_safe_tmp();
	make("a", 0700);
	for (int i = 1; i <= 17; i++) {
		char to[16];

		snprintf(to, sizeof(to), "l%d", i);
		link_to(from, to);
		strcpy(from, to);
	}
	assert_opens_for(room_at("l16"), PEER_NOBODY, room_at("a"));
	assert_refused(-ELOOP, room_at("l17"), "is one symbolic link too many");
}

static void links_that_go_round_are_refused(void **state)
{
	(void)state;
	need_safe_tmp();
	link_to("self", "self");
	link_to("b", "a");
	link_to("a", "b");
	link_to(room_at("deep/x"), "deep");
	assert_refused(-ELOOP, room_at("self"), "is one symbolic link too many");
	assert_refused(-ELOOP, room_at("a"), "is one symbolic link too many");
	assert_refused(-ELOOP, room_at("deep"), "is one symbolic link too many");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, room_make, room_remove)

static const struct CMUnitTest tests[] = {
	TEST(a_private_directory_is_safe),
	TEST(a_path_may_be_written_in_many_ways),
	TEST(others_must_not_write),
	TEST(a_sticky_directory_is_safe_for_what_is_ours),
	TEST(a_sticky_directory_is_not_safe_for_what_is_not),
	TEST(a_directory_of_a_stranger_is_not_safe),
	TEST(trusting_nobody_trusts_nobody),
	TEST(a_link_of_ours_is_followed),
	TEST(what_a_link_leads_to_must_be_safe),
	TEST(a_link_of_a_stranger_is_not_followed),
	TEST(links_may_go_on_for_a_while),
	TEST(links_that_go_round_are_refused),
};

CHECK_MAIN(tests)
