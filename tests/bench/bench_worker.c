/*
 * bench_worker: the worker that is measured: echo, by the SDK or bare.
 *
 *   bench-worker SLOTS   a worker of brood; the method "pid" tells its process
 *   bench-worker bare    started by bare C: says that it is ready on descriptor 3, then echoes frames there
 */
#include <brood.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bare.h"
#include "marks.h"

enum { BARE_FD = 3 };

/* As many bytes as it is asked for. */
static void give(brood_request_t *request, const void *body, size_t size)
{
	uint32_t wanted = 0;
	void *bytes;

	memcpy(&wanted, body, size < sizeof(wanted) ? size : sizeof(wanted));
	bytes = calloc(1, (size_t)wanted + 1);
	if (bytes)
		brood_reply(request, bytes, wanted);
	else
		brood_reply_error(request, BROOD_RESOURCE_EXHAUSTED, "no memory");
	free(bytes);
}

static void echo(brood_request_t *request, void *user)
{
	size_t size;
	const void *body = brood_request_body(request, &size);

	(void)user;
	if (strcmp(brood_request_method(request), "pid") == 0) {
		int32_t pid = (int32_t)getpid();

		brood_reply(request, &pid, sizeof(pid));
		return;
	}
	if (strcmp(brood_request_method(request), "give") == 0) {
		give(request, body, size);
		return;
	}
	brood_reply(request, body, size);
}

static int serve(int slots, int marks)
{
	struct brood_worker_options options = {.slots = slots};
	brood_t *worker;
	int rc = brood_worker_open(&worker, echo, NULL, &options);

	if (rc < 0) {
		fprintf(stderr, "bench-worker: %s\n", brood_error());
		return EXIT_FAILURE;
	}
	marks_write(marks, MARK_READY);
	if (marks >= 0)
		close(marks);
	rc = brood_run(worker);
	brood_close(worker);
	return rc < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int serve_bare(int marks)
{
	static const int fds[] = {BARE_FD};

	if (write(BARE_FD, "r", 1) != 1)
		return EXIT_FAILURE;
	marks_write(marks, MARK_READY);
	if (marks >= 0)
		close(marks);
	bare_node_run(fds, 1, false);
}

int main(int argc, char **argv)
{
	int marks = marks_writer();

	marks_write(marks, MARK_START);
	if (argc > 1 && strcmp(argv[1], "bare") == 0)
		return serve_bare(marks);
	return serve(argc > 1 ? (int)strtol(argv[1], NULL, 10) : 1, marks);
}
