/* room: a private directory for one test. */
#include "room.h"

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char room_path[64];

int room_make(void **state)
{
	(void)state;
	umask(0);
	strcpy(room_path, "/tmp/brood-test-XXXXXX");
	return mkdtemp(room_path) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(path);
}

int room_remove(void **state)
{
	(void)state;
	return nftw(room_path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *room_at(const char *name)
{
	static char paths[4][PATH_MAX];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, PATH_MAX, "%s/%s", room_path, name);
	return path;
}

bool room_is_safe(void)
{
	struct stat top;
	struct stat tmp;

	return stat("/", &top) == 0 && stat("/tmp", &tmp) == 0 && top.st_uid == 0 &&
	       tmp.st_uid == 0 && !(top.st_mode & (S_IWGRP | S_IWOTH)) &&
	       (tmp.st_mode & S_ISVTX || !(tmp.st_mode & (S_IWGRP | S_IWOTH)));
}

int room_lowest_fd(void)
{
	int fd = open("/", O_PATH | O_CLOEXEC);

	close(fd);
	return fd;
}
