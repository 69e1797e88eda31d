/*
 * world: what reading a configuration needs from outside, as callbacks that the caller gives.
 *
 * Results are 0 or -errno. `problem` receives one sentence about the object, without its name and
 * without a full stop: "it is a symbolic link, name the file itself". host/outside.h has the real
 * ones; tests have theirs.
 */
#ifndef BROOD_WORLD_H
#define BROOD_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	WORLD_PROBLEM = 512,
	WORLD_USER_TEXT = 3072, /* name, home and shell of one user */
};

struct world_file {
	char *bytes; /* from malloc(); the receiver frees it */
	size_t size;
	uint64_t identity[2]; /* equal for two names of one file (device, inode) */
};

struct world_user {
	unsigned uid;
	unsigned gid;     /* primary group */
	const char *name; /* these point into text */
	const char *home;
	const char *shell;
	char text[WORLD_USER_TEXT];
};

struct world_group {
	unsigned gid;
	char name[256 + 1];
};

struct world {
	void *context;
	unsigned uid; /* effective, of the brood that will run this configuration */

	/*
	 * The whole file, at most `most` bytes; only one that nobody but root and we could have
	 * written.
	 */
	int (*read_file)(void *context, const char *path, size_t most, struct world_file *file_out,
			 char problem[WORLD_PROBLEM]);
	/* Gives each name in the directory to `take`, in any order, until that returns false. */
	int (*list_directory)(void *context, const char *path,
			      bool (*take)(void *to, const char *name), void *to,
			      char problem[WORLD_PROBLEM]);
	/* By name, or by number if `name` is NULL. -ENOENT: there is none. */
	int (*find_user)(void *context, const char *name, unsigned uid,
			 struct world_user *user_out);
	int (*find_group)(void *context, const char *name, unsigned gid,
			  struct world_group *group_out);
	/*
	 * All groups of a user whose primary group is `gid`; the array is from malloc(), the
	 * receiver frees it.
	 */
	int (*user_groups)(void *context, const char *name, unsigned gid, unsigned **gids_out,
			   size_t *count_out);
	/* Is there such a program (or directory)? NULL: not asked, and no warning given. */
	bool (*exists)(void *context, const char *path, bool is_directory);
	/* May somebody execute this file? May everybody write into this directory? NULL as above. */
	bool (*is_executable)(void *context, const char *path);
	bool (*is_shared)(void *context, const char *path);
	unsigned cpus;    /* that it may use, at least 1 */
	const char *path; /* PATH of that brood; NULL: programs are not looked for in it */
};

#endif
