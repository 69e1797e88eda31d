/*
 * scratch: an empty directory for one test, and its end. For the tests only.
 */
#ifndef THUMBS_SCRATCH_H
#define THUMBS_SCRATCH_H

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>

/* cmocka's setup and teardown: the test is in a new, empty directory. */
static int enter_scratch(void **state)
{
	char path[] = "/tmp/thumbs-test-XXXXXX";

	*state = NULL;
	if (!mkdtemp(path) || chdir(path) < 0)
		return -1;
	*state = strdup(path);
	return *state ? 0 : -1;
}

static void empty(int fd)
{
	DIR *open = fdopendir(fd);
	struct dirent *entry;

	while (open && (entry = readdir(open))) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			(void)(unlinkat(dirfd(open), entry->d_name, 0) &&
			       unlinkat(dirfd(open), entry->d_name, AT_REMOVEDIR));
	}
	if (open)
		closedir(open);
}

/* Two levels are enough for these tests. */
static int leave_scratch(void **state)
{
	char *path = *state;
	DIR *open = path ? opendir(path) : NULL;
	struct dirent *entry;

	while (open && (entry = readdir(open))) {
		int fd = openat(dirfd(open), entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);

		if (fd >= 0 && strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			empty(fd);
		else if (fd >= 0)
			close(fd);
	}
	if (open)
		closedir(open);
	if (path)
		empty(openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY));
	if (chdir("/") < 0 || (path && rmdir(path) < 0))
		return -1;
	free(path);
	return 0;
}

static inline void write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* Is it a file with this text? */
static inline void assert_file(const char *path, const char *text)
{
	char found[256] = "";
	FILE *f = fopen(path, "r");

	if (!f)
		fail_msg("there is no %s", path);
	found[fread(found, 1, sizeof(found) - 1, f)] = '\0';
	fclose(f);
	assert_string_equal(found, text);
}

#endif
