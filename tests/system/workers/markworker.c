/* brood-markworker: notes in a shared file each call that it begins, before anything else, then answers it. */
#include <brood.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "mark.h"

static struct marks *marks;

static void handle(brood_request_t *r, void *user)
{
	size_t size;
	const unsigned char *body = brood_request_body(r, &size);
	struct mark m;
	unsigned char *answer;

	(void)user;
	memcpy(&m, body, sizeof(m));
	atomic_fetch_add(&marks->starts[m.number % MARK_CALLS], 1);
	if (m.nap_us > 0)
		nanosleep(&(struct timespec){.tv_nsec = (long)m.nap_us * 1000}, NULL);
	answer = malloc(size);
	if (!answer)
		abort();
	memcpy(answer, body, sizeof(m));
	for (size_t i = sizeof(m); i < size; i++)
		answer[i] = (unsigned char)~body[i];
	brood_reply(r, answer, size);
	free(answer);
}

int main(int argc, char **argv)
{
	struct brood_worker_options options = {.slots = argc > 2 ? atoi(argv[2]) : 1};
	const char *instance = getenv("BROOD_INSTANCE");
	int fd = argc > 1 ? open(argv[1], O_RDWR | O_CLOEXEC) : -1;

	if (fd < 0 || !instance)
		return 2;
	marks = mmap(NULL, sizeof(*marks), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (marks == MAP_FAILED)
		return 2;
	close(fd);
	atomic_store(&marks->pids[atoi(instance) % MARK_WORKERS], getpid());
	return brood_serve(handle, NULL, &options);
}
