/*
 * consumer: what somebody else's program does with an installed libbrood, in C. As a worker it notices that brood has
 * not started it; as a client, that nobody listens.
 */
#include <brood.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static void echo(brood_request_t *request, void *user)
{
	size_t size;
	const void *body = brood_request_body(request, &size);

	(void)user;
	brood_reply(request, body, size);
}

static int differs(const char *what, int expected, int found)
{
	if (found == expected)
		return 0;
	fprintf(stderr, "%s: %d, expected %d (%s)\n", what, found, expected, brood_error());
	return 1;
}

int main(void)
{
	struct brood_worker_options options;
	brood_t *worker = NULL;
	brood_t *client = NULL;
	int wrong;

	memset(&options, 0, sizeof(options));
	options.slots = 2;
	printf("C: libbrood %s, header %s\n", brood_version(), BROOD_VERSION);
	wrong = differs("brood_version()", 0, strcmp(brood_version(), BROOD_VERSION));
	wrong += differs("brood_worker_open()", -ENOTCONN, brood_worker_open(&worker, echo, NULL, &options));
	wrong += differs("brood_connect()", -ENOENT, brood_connect(&client, "./nobody-listens.sock", NULL));
	brood_close(worker);
	brood_close(client);
	return wrong ? 1 : 0;
}
