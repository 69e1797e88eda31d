/*
 * album: finds picture files and reads them.
 */
#include "album.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

static int refuse(const char *path, int rc, const char *reason)
{
	fprintf(stderr, "thumbs-send: cannot send %s: %s\n", path, reason);
	return rc;
}

static bool has_picture_extension(const char *name)
{
	static const char *const known[] = {"jpg", "jpeg", "png", "gif",
					    "bmp", "tga",  "pgm", "ppm"};
	const char *dot = strrchr(name, '.');

	if (!dot || dot == name)
		return false;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcasecmp(dot + 1, known[i]) == 0)
			return true;
	}
	return false;
}

static const char *last_component(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Makes room for one more, in steps of powers of two. */
static int grow(struct album *album)
{
	struct album_entry *entries;

	if (album->count & (album->count - 1))
		return 0;
	entries = realloc(album->entries, (album->count ? album->count * 2 : 1) * sizeof(*entries));
	if (!entries)
		return -ENOMEM;
	album->entries = entries;
	return 0;
}

/* Takes the path, which is malloc()ed, in every case. */
static int add_file(struct album *album, char *path)
{
	const char *name = last_component(path);
	int rc = 0;

	if (album->count >= ALBUM_MOST)
		rc = refuse(path, -E2BIG, "too many pictures at once");
	for (size_t i = 0; rc == 0 && i < album->count; i++) {
		if (strcmp(album->entries[i].name, name) == 0)
			rc = refuse(path, -EEXIST,
				    "another picture has the same name, and thumbnails are "
				    "named after their pictures; use two directories");
	}
	if (rc == 0 && grow(album) < 0)
		rc = refuse(path, -ENOMEM, strerror(ENOMEM));
	if (rc < 0) {
		free(path);
		return rc;
	}
	album->entries[album->count++] = (struct album_entry){path, name};
	return 0;
}

static char *join(const char *directory, const char *name)
{
	size_t size = strlen(directory) + strlen(name) + 2;
	char *path = malloc(size);

	if (path)
		snprintf(path, size, "%s/%s", directory, name);
	return path;
}

static int add_from(struct album *album, const char *directory, DIR *open)
{
	struct dirent *entry;
	struct stat st;

	/* the stream is ours alone: NOLINTNEXTLINE(concurrency-mt-unsafe) */
	while ((entry = readdir(open))) {
		char *path;
		int rc;

		if (entry->d_name[0] == '.' || !has_picture_extension(entry->d_name) ||
		    fstatat(dirfd(open), entry->d_name, &st, 0) < 0 || !S_ISREG(st.st_mode))
			continue;
		path = join(directory, entry->d_name);
		rc = path ? add_file(album, path) : refuse(directory, -ENOMEM, strerror(ENOMEM));
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct album_entry *x = a;
	const struct album_entry *y = b;

	return strcmp(x->name, y->name);
}

static int add_directory(struct album *album, const char *path)
{
	size_t before = album->count;
	DIR *open = opendir(path);
	int rc;

	if (!open)
		return refuse(path, -errno, strerror(errno));
	rc = add_from(album, path, open);
	closedir(open);
	if (album->count > before)
		qsort(album->entries + before, album->count - before, sizeof(album->entries[0]),
		      by_name);
	return rc;
}

int album_add(struct album *album, const char *path)
{
	struct stat st;
	char *copy;

	if (stat(path, &st) < 0)
		return refuse(path, -errno, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return add_directory(album, path);
	copy = strdup(path);
	return copy ? add_file(album, copy) : refuse(path, -ENOMEM, strerror(ENOMEM));
}

void album_free(struct album *album)
{
	for (size_t i = 0; i < album->count; i++)
		free(album->entries[i].path);
	free(album->entries);
	*album = (struct album){.entries = NULL};
}

/* Reads until `size` bytes are there or the file ends; a file may be cut while it is read. */
static int read_all(int fd, uint8_t *data, size_t size, size_t *size_out)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = read(fd, data + done, size - done);

		if (n == 0)
			break;
		if (n < 0 && errno != EINTR)
			return -errno;
		done += n > 0 ? (size_t)n : 0;
	}
	*size_out = done;
	return 0;
}

int album_read(const char *path, size_t most, uint8_t **data_out, size_t *size_out)
{
	/* not blocking: it might be a FIFO by now, which would wait for a writer */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	int rc = 0;

	*data_out = NULL;
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		rc = -errno;
	else if (!S_ISREG(st.st_mode))
		rc = -EINVAL;
	else if (st.st_size < 0 || (uintmax_t)st.st_size > most)
		rc = -EFBIG;
	if (rc == 0) {
		*data_out = malloc((size_t)st.st_size + 1);
		rc = *data_out ? read_all(fd, *data_out, (size_t)st.st_size, size_out) : -ENOMEM;
	}
	close(fd);
	if (rc < 0) {
		free(*data_out);
		*data_out = NULL;
	}
	return rc;
}
