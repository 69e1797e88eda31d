/* common: see common.h. */
#include "common.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fflush(stdout);
	fputs("bench: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(EXIT_FAILURE);
}

void raise_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void sleep_ms(unsigned ms)
{
	struct timespec left = {ms / 1000, (long)(ms % 1000) * 1000000};

	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		;
}

/* ---------------------------------------------------------------- processes */

uint64_t cpu_ns(pid_t pid)
{
	struct timespec t;
	clockid_t clock = CLOCK_PROCESS_CPUTIME_ID;

	if (pid != 0 && clock_getcpuclockid(pid, &clock) != 0)
		die("process %d is gone", (int)pid);
	if (clock_gettime(clock, &t) < 0)
		die("process %d is gone", (int)pid);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* The number behind a word at the beginning of a line of a /proc file; false if there is none. */
static bool find_number(const char *path, const char *word, uint64_t *number_out)
{
	FILE *f = fopen(path, "re");
	size_t length = strlen(word);
	char line[256];
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f)) {
		found = strncmp(line, word, length) == 0;
		if (found)
			*number_out = strtoull(line + length, NULL, 10);
	}
	if (f)
		fclose(f);
	return found;
}

struct memory memory_of(pid_t pid)
{
	struct memory m = {0};
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	if (!find_number(path, "VmRSS:", &m.rss))
		die("cannot read the memory of process %d", (int)pid);
	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
	if (!find_number(path, "Pss:", &m.pss))
		m.pss = 0;
	return m;
}

void switches_of(pid_t pid, uint64_t *voluntary, uint64_t *forced)
{
	char path[128];
	struct dirent *entry;
	DIR *tasks;

	*voluntary = *forced = 0;
	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	tasks = opendir(path);
	if (!tasks)
		die("process %d is gone", (int)pid);
	while ((entry = readdir(tasks)) != NULL) {
		uint64_t n;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/%d/task/%.20s/status", (int)pid, entry->d_name);
		if (find_number(path, "voluntary_ctxt_switches:", &n))
			*voluntary += n;
		if (find_number(path, "nonvoluntary_ctxt_switches:", &n))
			*forced += n;
	}
	closedir(tasks);
}
