/*
 * outdir: names that cannot leave the directory, and files that appear whole.
 */
#include "outdir.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int outdir_open(struct outdir *dir, const char *path)
{
	dir->path = path;
	dir->fd = -1;
	if (mkdir(path, 0777) < 0 && errno != EEXIST)
		return -errno;
	dir->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir->fd < 0 ? -errno : 0;
}

void outdir_close(struct outdir *dir)
{
	if (dir->fd >= 0)
		close(dir->fd);
	dir->fd = -1;
}

/* Is the directory of this path the one that is open? Changes the path. */
static int is_parent(const struct outdir *dir, char *path)
{
	struct stat own;
	struct stat other;

	if (fstat(dir->fd, &own) < 0 || stat(dirname(path), &other) < 0)
		return -errno;
	return own.st_dev == other.st_dev && own.st_ino == other.st_ino;
}

int outdir_holds(const struct outdir *dir, const char *path)
{
	char *given = strdup(path);
	char *real = realpath(path, NULL);
	int rc = given && real ? 0 : -errno;

	if (rc == 0)
		rc = is_parent(dir, given);
	if (rc == 0)
		rc = is_parent(dir, real);
	free(given);
	free(real);
	return rc;
}

static const char *extension_of(const void *type, size_t size)
{
	static const char *const known[][2] = {{"image/jpeg", "jpg"}, {"image/png", "png"}};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (size == strlen(known[i][0]) && memcmp(type, known[i][0], size) == 0)
			return known[i][1];
	}
	return NULL;
}

/* The longest name of all must still have room for what outdir_write() puts around it. */
enum { AROUND_PART = 20 };

int outdir_name(char name_out[OUTDIR_NAME], const char *name, const void *type, size_t type_size)
{
	const char *extension = type ? extension_of(type, type_size) : NULL;
	int n;

	if (!extension || !*name || strchr(name, '/') || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0)
		return -EINVAL;
	n = snprintf(name_out, OUTDIR_NAME, "%s.thumb.%s", name, extension);
	return n < 0 || n >= OUTDIR_NAME - AROUND_PART ? -ENAMETOOLONG : 0;
}

static int write_all(int fd, const char *data, size_t size)
{
	while (size > 0) {
		ssize_t n = write(fd, data, size);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			data += n;
			size -= (size_t)n;
		}
	}
	return 0;
}

int outdir_write(const struct outdir *dir, const char *name, const void *data, size_t size)
{
	char part[OUTDIR_NAME + AROUND_PART];
	int fd;
	int rc;

	snprintf(part, sizeof(part), ".%s.%ld.part", name, (long)getpid());
	(void)unlinkat(dir->fd, part, 0); /* of an earlier process with our number */
	fd = openat(dir->fd, part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	if (fd < 0)
		return -errno;
	rc = write_all(fd, data, size);
	if (close(fd) < 0 && rc == 0)
		rc = -errno;
	if (rc == 0 && renameat(dir->fd, part, dir->fd, name) < 0)
		rc = -errno;
	if (rc < 0)
		(void)unlinkat(dir->fd, part, 0);
	return rc;
}
