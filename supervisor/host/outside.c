/*
 * outside: what reading a configuration asks of the kernel and the C library.
 *
 * Nothing here waits for a peer: files are opened O_NONBLOCK, and what is not a regular file is
 * refused before a byte is read. Sentences say what is wrong and, where one helps, which command
 * sets it right.
 */
#include "outside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attributes.h"

enum { LOOKUP_FIRST = 4096, GROUPS_FIRST = 64 };

PRINTF_LIKE(3, 4)
static int fail(char problem[WORLD_PROBLEM], int rc, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(problem, WORLD_PROBLEM, format, arguments);
	va_end(arguments);
	return rc;
}

static const char *kind_text(mode_t mode)
{
	if (S_ISDIR(mode))
		return "a directory";
	if (S_ISFIFO(mode))
		return "a FIFO";
	if (S_ISCHR(mode) || S_ISBLK(mode))
		return "a device";
	return S_ISSOCK(mode) ? "a socket" : "something else";
}

/* Could somebody else have put there what we are about to believe? */
static int check_owner(const struct stat *st, char problem[WORLD_PROBLEM])
{
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return fail(problem, -EPERM, "it belongs to uid %u, neither to root nor to uid %u",
			    st->st_uid, geteuid());
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return fail(problem, -EPERM,
			    "it is writable by %s (mode %04o), run chmod go-w on it",
			    st->st_mode & S_IWOTH ? "everybody" : "its group", st->st_mode & 07777);
	return 0;
}

static int check_file(const struct stat *st, size_t most, char problem[WORLD_PROBLEM])
{
	if (!S_ISREG(st->st_mode))
		return fail(problem, -EINVAL, "it is %s, not a regular file",
			    kind_text(st->st_mode));
	if (st->st_size < 0 || (uint64_t)st->st_size > most)
		return fail(problem, -EFBIG, "it is %lld bytes, at most %zu are allowed",
			    (long long)st->st_size, most);
	return check_owner(st, problem);
}

/* Reads to the end, at most `most` bytes; the file may have grown since it was examined. */
static int read_all(int fd, size_t most, struct world_file *file, char problem[WORLD_PROBLEM])
{
	while (file->size <= most) {
		ssize_t n = read(fd, file->bytes + file->size, most + 1 - file->size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(problem, -errno, "%s", strerror(errno));
		if (n == 0)
			return 0;
		file->size += (size_t)n;
	}
	return fail(problem, -EFBIG, "it is more than %zu bytes", most);
}

static int read_open(int fd, size_t most, struct world_file *file, char problem[WORLD_PROBLEM])
{
	struct stat st;
	int rc;

	if (fstat(fd, &st) < 0)
		return fail(problem, -errno, "%s", strerror(errno));
	rc = check_file(&st, most, problem);
	if (rc < 0)
		return rc;
	file->identity[0] = st.st_dev;
	file->identity[1] = st.st_ino;
	file->bytes = malloc(most + 1);
	if (!file->bytes)
		return fail(problem, -ENOMEM, "not enough memory");
	rc = read_all(fd, most, file, problem);
	if (rc < 0)
		free(file->bytes);
	return rc;
}

static int read_file(void *context, const char *path, size_t most, struct world_file *file_out,
		     char problem[WORLD_PROBLEM])
{
	const int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct world_file file = {0};
	int rc;

	(void)context;
	if (fd < 0 && errno == ELOOP)
		return fail(problem, -ELOOP, "it is a symbolic link, name the file itself");
	if (fd < 0)
		return fail(problem, -errno, "%s", strerror(errno));
	rc = read_open(fd, most, &file, problem);
	close(fd);
	if (rc == 0)
		*file_out = file;
	return rc;
}

static int give_names(DIR *directory, bool (*take)(void *to, const char *name), void *to,
		      char problem[WORLD_PROBLEM])
{
	for (int count = 0; count < OUTSIDE_NAMES_MOST; count++) {
		const struct dirent *entry;

		errno = 0;
		entry = readdir(directory); /* NOLINT(concurrency-mt-unsafe): no other thread has
					       this one */
		if (!entry && errno != 0)
			return fail(problem, -errno, "%s", strerror(errno));
		if (!entry)
			return 0;
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
		    !take(to, entry->d_name))
			return 0;
	}
	return fail(problem, -EFBIG, "it holds more than %d names", OUTSIDE_NAMES_MOST);
}

static int list_directory(void *context, const char *path, bool (*take)(void *to, const char *name),
			  void *to, char problem[WORLD_PROBLEM])
{
	const int fd = open(path, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	DIR *directory;
	int rc;

	(void)context;
	if (fd < 0)
		return fail(problem, -errno, "%s", strerror(errno));
	rc = fstat(fd, &st) < 0 ? fail(problem, -errno, "%s", strerror(errno))
				: check_owner(&st, problem);
	directory = rc == 0 ? fdopendir(fd) : NULL;
	if (!directory) {
		if (rc == 0)
			rc = fail(problem, -errno, "%s", strerror(errno));
		close(fd);
		return rc;
	}
	rc = give_names(directory, take, to, problem);
	closedir(directory);
	return rc;
}

/* Several error numbers mean that there is no such entry, says getpwnam(3). */
static int lookup_error(int error)
{
	if (error == ENOENT || error == ESRCH || error == EBADF || error == EPERM)
		return -ENOENT;
	return -error;
}

/* Doubles a buffer that was too small; false at the limit or without memory. */
static bool grow(char **buffer, size_t *size)
{
	char *larger = *size < OUTSIDE_LOOKUP_MOST ? realloc(*buffer, *size * 2) : NULL;

	if (!larger)
		return false;
	*buffer = larger;
	*size *= 2;
	return true;
}

/* Puts a string at *at behind the others; false if it does not fit. */
static bool put(struct world_user *user, size_t *used, const char *text, const char **at)
{
	const size_t size = strlen(text ? text : "") + 1;

	if (size > sizeof(user->text) - *used)
		return false;
	*at = memcpy(user->text + *used, text ? text : "", size);
	*used += size;
	return true;
}

static int keep_user(const struct passwd *entry, struct world_user *user)
{
	size_t used = 0;

	user->uid = entry->pw_uid;
	user->gid = entry->pw_gid;
	if (!put(user, &used, entry->pw_name, &user->name) ||
	    !put(user, &used, entry->pw_dir, &user->home) ||
	    !put(user, &used, entry->pw_shell, &user->shell))
		return -ENAMETOOLONG;
	return 0;
}

static int find_user(void *context, const char *name, unsigned uid, struct world_user *user_out)
{
	size_t size = LOOKUP_FIRST;
	char *buffer = malloc(size);
	struct passwd entry;
	struct passwd *found = NULL;
	int error = buffer ? 0 : ENOMEM;

	(void)context;
	while (buffer) {
		error = name ? getpwnam_r(name, &entry, buffer, size, &found)
			     : getpwuid_r(uid, &entry, buffer, size, &found);
		if (error != ERANGE || !grow(&buffer, &size))
			break;
	}
	error = found ? keep_user(found, user_out) : error != 0 ? lookup_error(error) : -ENOENT;
	free(buffer);
	return error;
}

static int keep_group(const struct group *entry, struct world_group *group)
{
	const int size = snprintf(group->name, sizeof(group->name), "%s", entry->gr_name);

	group->gid = entry->gr_gid;
	return size < 0 || (size_t)size >= sizeof(group->name) ? -ENAMETOOLONG : 0;
}

static int find_group(void *context, const char *name, unsigned gid, struct world_group *group_out)
{
	size_t size = LOOKUP_FIRST;
	char *buffer = malloc(size);
	struct group entry;
	struct group *found = NULL;
	int error = buffer ? 0 : ENOMEM;

	(void)context;
	while (buffer) {
		error = name ? getgrnam_r(name, &entry, buffer, size, &found)
			     : getgrgid_r(gid, &entry, buffer, size, &found);
		if (error != ERANGE || !grow(&buffer, &size))
			break;
	}
	error = found ? keep_group(found, group_out) : error != 0 ? lookup_error(error) : -ENOENT;
	free(buffer);
	return error;
}

static int user_groups(void *context, const char *name, unsigned gid, unsigned **gids_out,
		       size_t *count_out)
{
	_Static_assert(sizeof(gid_t) == sizeof(unsigned), "gids are given as unsigned");
	int room = GROUPS_FIRST;
	int count = 0;

	(void)context;
	for (; room <= OUTSIDE_GROUPS_MOST; room *= 2) {
		gid_t *gids = malloc((size_t)room * sizeof(*gids));

		if (!gids)
			return -ENOMEM;
		count = room;
		if (getgrouplist(name, gid, gids, &count) >= 0) {
			*gids_out = gids;
			*count_out = (size_t)count;
			return 0;
		}
		free(gids);
	}
	return -E2BIG;
}

static bool exists(void *context, const char *path, bool is_directory)
{
	struct stat st;

	(void)context;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode) == is_directory;
}

static bool is_executable(void *context, const char *path)
{
	struct stat st;

	(void)context;
	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_mode & 0111;
}

static bool is_shared(void *context, const char *path)
{
	struct stat st;

	(void)context;
	return stat(path, &st) == 0 && st.st_mode & S_IWOTH;
}

static unsigned count_cpus(void)
{
	cpu_set_t set;
	long online;

	if (sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) > 0)
		return (unsigned)CPU_COUNT(&set);
	online = sysconf(_SC_NPROCESSORS_ONLN); /* more than fit into a set */
	return online > 0 ? (unsigned)online : 1;
}

struct world outside_world(void)
{
	return (struct world){
		.uid = geteuid(),
		.read_file = read_file,
		.list_directory = list_directory,
		.find_user = find_user,
		.find_group = find_group,
		.user_groups = user_groups,
		.exists = exists,
		.is_executable = is_executable,
		.is_shared = is_shared,
		.cpus = count_cpus(),
		.path = getenv("PATH"),
	};
}
