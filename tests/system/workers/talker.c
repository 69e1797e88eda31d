/*
 * talker: a worker that answers with several messages and takes several, for the tests of streams. By its method:
 *
 *   count N[ SIZE]   N messages "0", "1", ..., each filled up to SIZE bytes
 *   sum              adds numbers, one a message; the answer is their sum
 *   echo             sends each message back as it comes, with initial and trailing metadata
 *   drink            takes messages as fast as they come; the answer is how many, and how many bytes
 *   stall            takes nothing until it is cancelled
 *   first            answers after its first message, however many come
 *   fail N           N messages, then an error
 *   die N            N messages, then SIGKILL to itself
 *   hold             echo, but in a thread of its own
 *   event            echo, by brood_on_ready(): without waiting
 *   unary            one message, as any call
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <brood.h>

enum { SIZE_MOST = 1 << 20 };

static int slots = 1;

static long number(brood_request_t *r, long *size_out)
{
	char text[64] = "";
	size_t size;
	const void *body = brood_request_body(r, &size);
	long n = 0;

	memcpy(text, body, size < sizeof(text) ? size : sizeof(text) - 1);
	*size_out = 0;
	sscanf(text, "%ld %ld", &n, size_out);
	return n;
}

/* Message i, at least `size` bytes. */
static int say(brood_request_t *r, long i, long size)
{
	static char text[SIZE_MOST];
	int n = snprintf(text, sizeof(text), "%ld", i);

	if (size > n)
		memset(text + n, '.', (size_t)(size - n));
	return brood_send(r, text, (size_t)(size > n ? size : n), -1);
}

static void count(brood_request_t *r)
{
	long size;
	long n = number(r, &size);
	long i = 0;

	while (i < n && say(r, i, size) == 0)
		i++;
	printf("%s after %ld\n", i < n ? brood_error() : "counted", i);
	fflush(stdout);
	brood_reply_end(r);
}

static void sum(brood_request_t *r)
{
	char text[32];
	const void *body;
	size_t size;
	long total = 0;
	int rc;

	while ((rc = brood_recv(r, &body, &size, -1)) > 0) {
		snprintf(text, sizeof(text), "%.*s", (int)size, (const char *)body);
		total += strtol(text, NULL, 10);
	}
	if (rc < 0) {
		brood_reply_error(r, BROOD_CANCELLED, "%s", brood_error());
		return;
	}
	brood_reply(r, text, (size_t)snprintf(text, sizeof(text), "%ld", total));
}

static void echo(brood_request_t *r)
{
	struct brood_meta first = brood_meta_text("mood", "fine");
	struct brood_meta last = brood_meta_text("count", "all");
	const void *body;
	size_t size;
	int rc = brood_send_headers(r, &first, 1);

	while (rc >= 0 && (rc = brood_recv(r, &body, &size, -1)) > 0)
		rc = brood_send(r, body, size, -1);
	if (rc < 0) {
		printf("echo: %s\n", brood_error());
		fflush(stdout);
	}
	brood_reply_full(r, &(struct brood_reply_options){
				    .code = (unsigned)(rc < 0 ? BROOD_CANCELLED : BROOD_OK),
				    .meta = &last,
				    .meta_count = 1,
				    .no_message = 1});
}

static void drink(brood_request_t *r)
{
	char text[64];
	const void *body;
	size_t size;
	size_t bytes = 0;
	long n = 0;
	int rc;

	while ((rc = brood_recv(r, &body, &size, -1)) > 0) {
		n++;
		bytes += size;
	}
	if (rc < 0)
		brood_reply_error(r, BROOD_CANCELLED, "%s", brood_error());
	else
		brood_reply(r, text, (size_t)snprintf(text, sizeof(text), "%ld %zu", n, bytes));
}

static void *stall(void *request)
{
	brood_request_t *r = request;

	while (!brood_request_is_cancelled(r))
		usleep(1000);
	printf("stall: cancelled\n");
	fflush(stdout);
	brood_reply_error(r, BROOD_CANCELLED, "stalled");
	return NULL;
}

static void *hold(void *request)
{
	echo(request);
	return NULL;
}

static void in_thread(void *(*run)(void *), brood_request_t *r)
{
	pthread_t t;

	if (pthread_create(&t, NULL, run, r) != 0)
		abort();
	pthread_detach(t);
}

/* What could not be sent yet. */
struct pending {
	char *body;
	size_t size;
	int waits;
};

static void on_ready(brood_request_t *r, void *user)
{
	struct pending *p = user;
	const void *body;
	size_t size;
	int rc = 0;

	while (rc == 0) {
		if (!p->waits) {
			rc = brood_recv(r, &body, &size, 0);
			if (rc <= 0)
				break;
			p->body = realloc(p->body, size + 1);
			if (size > 0)
				memcpy(p->body, body, size);
			p->size = size;
			p->waits = 1;
		}
		rc = brood_send(r, p->body, p->size, 0);
		p->waits = rc != 0;
	}
	if (rc == -EAGAIN)
		return;
	free(p->body);
	free(p);
	if (rc == 0)
		brood_reply_end(r);
	else
		brood_reply_error(r, BROOD_CANCELLED, "%s", brood_error());
}

static void handle(brood_request_t *r, void *user)
{
	const char *method = brood_request_method(r);
	long size;

	(void)user;
	printf("%s has begun\n", method);
	fflush(stdout);
	if (strcmp(method, "count") == 0)
		count(r);
	else if (strcmp(method, "sum") == 0)
		sum(r);
	else if (strcmp(method, "echo") == 0)
		echo(r);
	else if (strcmp(method, "drink") == 0)
		drink(r);
	else if (strcmp(method, "stall") == 0)
		in_thread(stall, r);
	else if (strcmp(method, "hold") == 0)
		in_thread(hold, r);
	else if (strcmp(method, "event") == 0)
		(void)brood_on_ready(r, on_ready, calloc(1, sizeof(struct pending)));
	else if (strcmp(method, "first") == 0)
		brood_reply(r, "enough", 6);
	else if (strcmp(method, "fail") == 0) {
		for (long i = 0; i < number(r, &size); i++)
			(void)say(r, i, 0);
		brood_reply_error(r, BROOD_ABORTED, "failed as asked");
	} else if (strcmp(method, "die") == 0) {
		for (long i = 0; i < number(r, &size); i++)
			(void)say(r, i, 0);
		kill(getpid(), SIGKILL);
	} else
		brood_reply(r, "one", 3);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		slots = atoi(argv[1]);
	return brood_serve(handle, NULL, &(struct brood_worker_options){.slots = slots});
}
