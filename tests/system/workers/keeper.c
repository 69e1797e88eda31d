/*
 * keeper: a worker that parks descriptors with brood, and gets them back.
 *
 * The method of a call is a verb; its body is the argument. Each answers with a number, or -errno and the sentence.
 *   park NAME N   N files, which hold "NAME 0", "NAME 1", ...; "-" is no name
 *   twice NAME    the same file by two numbers
 *   fetch NAME M  at most M of them ("-": all): "how many there are: NAME=CONTENT NAME=CONTENT"
 *   forget NAME
 *   tight         from now on opens no file more
 *   wide          and again
 *   count         how many are open
 *   die           by SIGKILL
 */
#include <brood.h>

#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

enum { WAIT_MS = 10000, MOST = 64 };

static char answer[32768];

static void say_result(int rc)
{
	if (rc < 0)
		snprintf(answer, sizeof(answer), "%d %s", rc, brood_error());
	else
		snprintf(answer, sizeof(answer), "%d", rc);
}

static int make_file(const char *name, int number)
{
	char text[300];
	int fd = memfd_create("parked", MFD_CLOEXEC);

	snprintf(text, sizeof(text), "%s %d", name, number);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		abort();
	return fd;
}

static void park(brood_t *worker, const char *name, int count)
{
	int fds[MOST];

	for (int n = 0; n < count && n < MOST; n++)
		fds[n] = make_file(name, n);
	say_result(brood_worker_store(worker, strcmp(name, "-") == 0 ? NULL : name, fds, (size_t)count, WAIT_MS));
	for (int n = 0; n < count && n < MOST; n++)
		close(fds[n]);
}

static void twice(brood_t *worker, const char *name)
{
	int fds[2] = {make_file(name, 0)};
	int first;

	fds[1] = dup(fds[0]);
	first = brood_worker_store(worker, name, fds, 2, WAIT_MS);
	say_result(first < 0 ? first : brood_worker_store(worker, "other", fds, 1, WAIT_MS));
	close(fds[0]);
	close(fds[1]);
}

static void fetch(brood_t *worker, const char *name, int most)
{
	static struct brood_stored got[MOST];
	int rc = brood_worker_fetch(worker, strcmp(name, "-") == 0 ? NULL : name, got, (size_t)most, WAIT_MS);
	size_t used;

	say_result(rc);
	used = strlen(answer);
	for (int n = 0; n < rc && n < most; n++) {
		char text[300];
		ssize_t size = pread(got[n].fd, text, sizeof(text), 0);

		used += (size_t)snprintf(answer + used, sizeof(answer) - used, "%s%s=%.*s", n > 0 ? " " : ": ",
					 got[n].name, (int)(size > 0 ? size : 0), text);
		close(got[n].fd);
	}
}

static int count_open(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n - 3; /* ".", "..", its own */
}

/* Opens no more files than it has now, or again as many as before. */
static void tighten(bool tight)
{
	struct rlimit limit;
	int lowest = dup(0);

	close(lowest);
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = tight ? (rlim_t)lowest : limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static void serve(brood_request_t *request, void *user)
{
	brood_t *worker = brood_request_worker(request);
	const char *verb = brood_request_method(request);
	size_t size;
	const char *body = brood_request_body(request, &size);
	char argument[400];
	char name[300] = "-";
	int number = MOST;

	(void)user;
	snprintf(argument, sizeof(argument), "%.*s", (int)(size < 399 ? size : 399), body);
	(void)!sscanf(argument, "%299s %d", name, &number);
	say_result(0);
	if (strcmp(verb, "park") == 0)
		park(worker, name, number);
	else if (strcmp(verb, "twice") == 0)
		twice(worker, name);
	else if (strcmp(verb, "fetch") == 0)
		fetch(worker, name, number);
	else if (strcmp(verb, "forget") == 0)
		say_result(brood_worker_unstore(worker, name, WAIT_MS));
	else if (strcmp(verb, "count") == 0)
		say_result(count_open());
	else if (strcmp(verb, "tight") == 0 || strcmp(verb, "wide") == 0)
		tighten(verb[0] == 't');
	else if (strcmp(verb, "die") == 0)
		raise(SIGKILL);
	brood_reply(request, answer, strlen(answer));
}

int main(void)
{
	return brood_serve(serve, NULL, NULL);
}
