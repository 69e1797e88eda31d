/* outside: users and groups whose data is long, or whose database is out of order. */
#include "check.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>

#include "outside.h"

/* What the C library answers: an error, or an entry that needs so many bytes. */
static struct {
	int error;
	size_t needs;
	char *name;
	char *home;
	int groups;
} answer;

int __wrap_getpwnam_r(const char *name, struct passwd *entry, char *buffer, size_t size,
		      struct passwd **found);
int __wrap_getpwuid_r(uid_t uid, struct passwd *entry, char *buffer, size_t size,
		      struct passwd **found);
int __wrap_getgrnam_r(const char *name, struct group *entry, char *buffer, size_t size,
		      struct group **found);
int __wrap_getgrgid_r(gid_t gid, struct group *entry, char *buffer, size_t size,
		      struct group **found);
int __wrap_getgrouplist(const char *name, gid_t gid, gid_t *gids, int *count);

static int answer_user(struct passwd *entry, size_t size, struct passwd **found)
{
	*found = NULL;
	if (answer.error != 0 || size < answer.needs)
		return answer.error != 0 ? answer.error : ERANGE;
	*entry = (struct passwd){.pw_name = answer.name,
				 .pw_uid = 7,
				 .pw_gid = 8,
				 .pw_dir = answer.home,
				 .pw_shell = NULL};
	*found = entry;
	return 0;
}

int __wrap_getpwnam_r(const char *name, struct passwd *entry, char *buffer, size_t size,
		      struct passwd **found)
{
	(void)name;
	buffer[size - 1] = '\0';
	return answer_user(entry, size, found);
}

int __wrap_getpwuid_r(uid_t uid, struct passwd *entry, char *buffer, size_t size,
		      struct passwd **found)
{
	(void)uid;
	buffer[size - 1] = '\0';
	return answer_user(entry, size, found);
}

static int answer_group(struct group *entry, size_t size, struct group **found)
{
	*found = NULL;
	if (answer.error != 0 || size < answer.needs)
		return answer.error != 0 ? answer.error : ERANGE;
	*entry = (struct group){.gr_name = answer.name, .gr_gid = 9};
	*found = entry;
	return 0;
}

int __wrap_getgrnam_r(const char *name, struct group *entry, char *buffer, size_t size,
		      struct group **found)
{
	(void)name;
	buffer[size - 1] = '\0';
	return answer_group(entry, size, found);
}

int __wrap_getgrgid_r(gid_t gid, struct group *entry, char *buffer, size_t size,
		      struct group **found)
{
	(void)gid;
	buffer[size - 1] = '\0';
	return answer_group(entry, size, found);
}

int __wrap_getgrouplist(const char *name, gid_t gid, gid_t *gids, int *count)
{
	const int room = *count;

	(void)name;
	*count = answer.groups;
	for (int i = 0; i < answer.groups && i < room; i++)
		gids[i] = gid + (gid_t)i;
	return room < answer.groups ? -1 : answer.groups;
}

static void set_answer(int error, size_t needs)
{
	static char name[] = "name";
	static char home[] = "/home/name";

	answer.error = error;
	answer.needs = needs;
	answer.name = name;
	answer.home = home;
}

static void check(int rc)
{
	const struct world world = outside_world();
	struct world_user user;
	struct world_group group;

	assert_rc(rc, world.find_user(world.context, "x", 0, &user));
	if (rc == 0) {
		assert_text("name", user.name);
		assert_text("/home/name", user.home);
		assert_text("", user.shell); /* missing in some databases */
		assert_int_equal(user.gid, 8);
	}
	assert_rc(rc, world.find_user(world.context, NULL, 7, &user));
	assert_rc(rc, world.find_group(world.context, "x", 0, &group));
	assert_rc(rc, world.find_group(world.context, NULL, 9, &group));
	if (rc == 0)
		assert_int_equal(group.gid, 9);
}

static void long_entries_are_asked_for_again(void **state)
{
	(void)state;
	for (size_t needs = 1; needs <= OUTSIDE_LOOKUP_MOST; needs *= 4) {
		set_answer(0, needs);
		check(0);
	}
	set_answer(0, OUTSIDE_LOOKUP_MOST + 1);
	check(-ERANGE);
}

static void no_such_entry_has_several_errors(void **state)
{
	static const int none[] = {ENOENT, ESRCH, EBADF, EPERM};

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		set_answer(none[i], 1);
		check(-ENOENT);
	}
	set_answer(EIO, 1);
	check(-EIO);
}

static void names_that_do_not_fit_are_never_cut(void **state)
{
	const struct world world = outside_world();
	struct world_user user;
	struct world_group group;
	static char text[WORLD_USER_TEXT + 1];

	(void)state;
	set_answer(0, 1);
	memset(text, 'x', sizeof(text) - 1);
	answer.home = text;
	assert_rc(-ENAMETOOLONG, world.find_user(world.context, "x", 0, &user));
	text[WORLD_USER_TEXT - sizeof("name") - 2] = '\0';
	assert_rc(0, world.find_user(world.context, "x", 0, &user));
	assert_text(text, user.home);
	text[256] = '\0';
	answer.name = text;
	assert_rc(0, world.find_group(world.context, "x", 0, &group));
	assert_text(text, group.name);
	text[256] = 'x';
	assert_rc(-ENAMETOOLONG, world.find_group(world.context, "x", 0, &group));
}

static void many_groups_are_all_told_or_none(void **state)
{
	const struct world world = outside_world();
	unsigned *gids;
	size_t count;

	(void)state;
	for (answer.groups = 1; answer.groups <= OUTSIDE_GROUPS_MOST; answer.groups *= 2) {
		assert_rc(0, world.user_groups(world.context, "x", 5, &gids, &count));
		assert_int_equal(count, answer.groups);
		assert_int_equal(gids[count - 1], 4 + count);
		free(gids);
	}
	assert_rc(-E2BIG, world.user_groups(world.context, "x", 5, &gids, &count));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(long_entries_are_asked_for_again),
	cmocka_unit_test(no_such_entry_has_several_errors),
	cmocka_unit_test(names_that_do_not_fit_are_never_cut),
	cmocka_unit_test(many_groups_are_all_told_or_none),
};

CHECK_MAIN(tests)
