/*
 * keep-worker: a worker whose count outlives it, also after kill -9.
 *
 * The count lies in a memfd, which is parked with brood under the name "count". Its section must allow that:
 *
 *   [worker:keep]
 *   command = keep-worker
 *   fd_store = 1
 */
#define _GNU_SOURCE
#include <brood.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { WAIT_MS = 5000 };

static uint64_t *count;

/* What the process before us has parked, or a fresh one, which is parked for those behind us. */
static int open_count(brood_t *worker)
{
	struct brood_stored stored = {.fd = -1};
	int found = brood_worker_fetch(worker, "count", &stored, 1, WAIT_MS);
	int fd = stored.fd;

	if (found == 0) {
		fd = memfd_create("count", MFD_CLOEXEC);
		if (fd < 0 || ftruncate(fd, sizeof(*count)) < 0)
			return -1;
		found = brood_worker_store(worker, "count", &fd, 1, WAIT_MS);
	}
	if (found < 0) {
		fprintf(stderr, "keep-worker: %s\n", brood_error());
		return -1;
	}
	count = mmap(NULL, sizeof(*count), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return count == MAP_FAILED ? -1 : 0;
}

static void add(brood_request_t *request, void *user)
{
	char text[24];

	(void)user;
	++*count;
	brood_reply(request, text, (size_t)snprintf(text, sizeof(text), "%llu", (unsigned long long)*count));
}

int main(void)
{
	brood_t *worker;
	int rc;

	if (brood_worker_open(&worker, add, NULL, NULL) < 0) {
		fprintf(stderr, "keep-worker: %s\n", brood_error());
		return EXIT_FAILURE;
	}
	rc = open_count(worker); /* calls that come meanwhile wait */
	if (rc == 0)
		rc = brood_run(worker);
	brood_close(worker);
	return rc < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
