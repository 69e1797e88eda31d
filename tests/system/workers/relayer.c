/*
 * brood-relayer: a worker that calls other pools.
 *
 *   relayer [--slots N] [--threads] [--safe] [--slow]
 *
 * The method of a call is VERB@POOL (without one: b): the pool is called with that method and the same body, within the
 * deadline of the request, and what it answers is answered. With --threads each request has a thread of its own, with a
 * client of its own; with --safe all calls are idempotent; with --slow
 * each goes behind another one that takes 3 ms. Some verbs are its own:
 *   connect@POOL    whether there is a connection, "0 " or "-errno sentence"
 *   many@POOL       body N (0 to 9): makes N connections and keeps them; how many there are, and why not more
 *   before@POOL     answers first, and then calls "sleep" with the body; prints "before: CODE"
 *   stream@POOL     asks for a stream "count" with the body: the messages one after another
 *   meanwhile@POOL  calls "sleep" with the body in an interval of 50 ms until it was cancelled; prints "cancelled"
 *   lend@POOL       passes the descriptor of the request on to "write"
 *   split@POOL      calls "sleep" from a child process on the same connection
 */
#include <brood.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { POOLS_MOST = 4, MANY = 9 };

/* The clients of the thread that drives the worker, by pool. */
static struct {
	char pool[64];
	brood_t *client;
} known[POOLS_MOST];
static brood_t *many[MANY];
static int has_threads;
static int is_safe;
static int is_slow;

static brood_t *client_of(brood_request_t *r, const char *pool)
{
	for (int i = 0; i < POOLS_MOST; i++) {
		if (known[i].client && strcmp(known[i].pool, pool) == 0)
			return known[i].client;
		if (known[i].client)
			continue;
		if (brood_connect_pool(&known[i].client, brood_request_worker(r), pool, NULL) < 0)
			return NULL;
		snprintf(known[i].pool, sizeof(known[i].pool), "%s", pool);
		return known[i].client;
	}
	return NULL;
}

static void reply_text(brood_request_t *r, int rc, const char *text)
{
	char out[600];

	snprintf(out, sizeof(out), "%d %s", rc, text);
	(void)brood_reply(r, out, strlen(out));
}

/* With an answer in any case: where there is none from the pool, the SDK says why. */
static void call(brood_t *client, const char *method, const void *body, size_t size,
		 const struct brood_call_options *o, struct brood_answer *a)
{
	if (brood_call(client, method, body, size, o, a) < 0 && a->code == BROOD_OK)
		abort();
}

static void pass_on(brood_request_t *r, const struct brood_answer *a)
{
	(void)brood_reply_full(r, &(struct brood_reply_options){.code = a->code,
								.text = a->text,
								.body = a->body,
								.body_size = a->body_size,
								.meta = a->meta,
								.meta_count = a->meta_count});
}

static void relay(brood_request_t *r, brood_t *client, const char *verb)
{
	struct brood_call_options o = {.within = r, .idempotent = is_safe || strcmp(verb, "die-first") == 0};
	struct brood_answer a;
	size_t size;
	const void *body = brood_request_body(r, &size);
	int fd = brood_request_fds(r) > 0 ? brood_request_take_fd(r, 0) : -1;

	if (strcmp(verb, "lend") == 0) {
		verb = "write";
		o.fds = &fd;
		o.fd_count = 1;
	}
	if (is_slow)
		call(client, "sleep", "3", 1, &o, &a);
	if (!is_slow || a.code == BROOD_OK) {
		if (is_slow)
			brood_answer_free(&a);
		call(client, verb, body, size, &o, &a);
	}
	pass_on(r, &a);
	brood_answer_free(&a);
	if (fd >= 0)
		close(fd);
}

static void answer_before(brood_request_t *r, brood_t *client)
{
	struct brood_answer a;
	char body[32];
	size_t size;
	const void *text = brood_request_body(r, &size);

	snprintf(body, sizeof(body), "%.*s", (int)size, (const char *)text);
	(void)brood_reply(r, "", 0);
	call(client, "sleep", body, strlen(body), NULL, &a);
	printf("before: %s\n", brood_code_name(a.code));
	fflush(stdout);
	brood_answer_free(&a);
}

static void call_until_cancelled(brood_request_t *r, brood_t *client)
{
	while (!brood_request_is_cancelled(r)) {
		struct brood_answer a;

		call(client, "sleep", "50", 2, NULL, &a);
		brood_answer_free(&a);
	}
	printf("cancelled\n");
	fflush(stdout);
	(void)brood_reply(r, "", 0);
}

static void gather(brood_request_t *r, brood_t *client)
{
	static char out[1 << 16];
	size_t used = 0;
	size_t size;
	const void *body = brood_request_body(r, &size);
	const struct brood_answer *end;
	brood_stream_t *s;
	int rc = brood_stream_call(client, "count", body, size, NULL, &s);

	if (rc < 0) {
		reply_text(r, rc, brood_error());
		return;
	}
	while ((rc = brood_stream_recv(s, &body, &size, -1)) == 1 && used + size < sizeof(out)) {
		memcpy(out + used, body, size);
		used += size;
	}
	end = brood_stream_answer(s);
	if (end && end->code == BROOD_OK)
		(void)brood_reply(r, out, used);
	else
		reply_text(r, rc, end ? end->text : "");
	brood_stream_free(s);
}

static void ignore_answer(uint32_t id, const struct brood_answer *answer, void *user)
{
	(void)id;
	(void)answer;
	(void)user;
}

/* What another process writes is not this worker's word. */
static void call_from_child(brood_request_t *r, brood_t *client)
{
	struct brood_answer a;
	pid_t child = fork();

	if (child == 0)
		_exit(brood_call_start(client, "echo", "child", 5, NULL, ignore_answer, NULL, NULL) < 0);
	waitpid(child, NULL, 0);
	call(client, "echo", "parent", 6, NULL, &a);
	pass_on(r, &a);
	brood_answer_free(&a);
}

static void make_many(brood_request_t *r, const char *pool)
{
	size_t size;
	const void *body = brood_request_body(r, &size);
	int wanted = size == 1 ? *(const char *)body - '0' : 0;
	int made = 0;
	int rc = 0;

	while (made < wanted && made < MANY && rc == 0) {
		rc = many[made] ? 0 : brood_connect_pool(&many[made], brood_request_worker(r), pool, NULL);
		made += rc == 0;
	}
	reply_text(r, made, rc < 0 ? brood_error() : "");
}

static void serve_with(brood_request_t *r, brood_t *client, const char *verb)
{
	if (strcmp(verb, "connect") == 0)
		reply_text(r, 0, brood_info(client, "name"));
	else if (strcmp(verb, "before") == 0)
		answer_before(r, client);
	else if (strcmp(verb, "meanwhile") == 0)
		call_until_cancelled(r, client);
	else if (strcmp(verb, "stream") == 0)
		gather(r, client);
	else if (strcmp(verb, "split") == 0)
		call_from_child(r, client);
	else
		relay(r, client, verb);
}

static void refuse(brood_request_t *r, const char *verb, int rc)
{
	if (strcmp(verb, "connect") == 0)
		reply_text(r, rc, brood_error());
	else
		(void)brood_reply_error(r, BROOD_UNAVAILABLE, "no client: %s", brood_error());
}

static const char *split_method(const brood_request_t *r, char verb[64])
{
	const char *method = brood_request_method(r);
	const char *at = strchr(method, '@');

	snprintf(verb, 64, "%.*s", (int)(at ? at - method : (long)strlen(method)), method);
	return at ? at + 1 : "b";
}

static void *serve_alone(void *request)
{
	brood_request_t *r = request;
	char verb[64];
	const char *pool = split_method(r, verb);
	brood_t *client;
	int rc = brood_connect_pool(&client, brood_request_worker(r), pool, NULL);

	if (rc < 0)
		refuse(r, verb, rc);
	else
		serve_with(r, client, verb);
	brood_close(client);
	return NULL;
}

static void serve(brood_request_t *r, void *user)
{
	char verb[64];
	const char *pool = split_method(r, verb);
	brood_t *client;
	pthread_t thread;

	(void)user;
	if (strcmp(verb, "many") == 0) {
		make_many(r, pool);
	} else if (has_threads) {
		if (pthread_create(&thread, NULL, serve_alone, r) != 0)
			abort();
		pthread_detach(thread);
	} else if ((client = client_of(r, pool)) != NULL) {
		serve_with(r, client, verb);
	} else {
		refuse(r, verb, -1);
	}
}

int main(int argc, char **argv)
{
	struct brood_worker_options o = {.fds = 1};

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--threads") == 0)
			has_threads = 1;
		else if (strcmp(argv[i], "--safe") == 0)
			is_safe = 1;
		else if (strcmp(argv[i], "--slow") == 0)
			is_slow = 1;
		else if (strcmp(argv[i], "--slots") == 0 && i + 1 < argc)
			o.slots = atoi(argv[++i]);
	}
	return brood_serve(serve, NULL, &o);
}
