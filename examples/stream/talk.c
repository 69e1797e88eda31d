/*
 * talk: one call of several messages. Each line of stdin is a message, each message of the answer a line of stdout.
 *
 * Exit status: 0 it ended well, 1 there was an error (it is on stderr), 2 usage.
 */
#include <brood.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { LINE = 65536 };

/* Prints what has come. `timeout` as of brood_stream_recv(), whose result it gives: 0 at the end, or -EAGAIN. */
static int print(brood_stream_t *stream, int timeout)
{
	const void *body;
	size_t size;
	int rc;

	while ((rc = brood_stream_recv(stream, &body, &size, timeout)) > 0) {
		fwrite(body, 1, size, stdout);
		putchar('\n');
		fflush(stdout);
	}
	return rc;
}

/* Sends all lines; what comes meanwhile is printed. Stops where the call ends before. */
static void talk(brood_stream_t *stream)
{
	static char line[LINE];

	while (fgets(line, sizeof(line), stdin)) {
		if (brood_stream_send(stream, line, strcspn(line, "\n"), -1) < 0)
			return;
		if (print(stream, 0) != -EAGAIN)
			return;
	}
	(void)brood_stream_end(stream);
}

int main(int argc, char **argv)
{
	const struct brood_answer *answer;
	brood_stream_t *stream;
	brood_t *client;
	int failed;

	if (argc != 3) {
		fprintf(stderr, "usage: talk unix:SOCKET METHOD < LINES\n");
		return 2;
	}
	if (brood_connect(&client, argv[1], NULL) < 0 ||
	    brood_stream_open(client, argv[2], NULL, &stream) < 0) {
		fprintf(stderr, "talk: %s\n", brood_error());
		return 1;
	}
	talk(stream);
	(void)print(stream, -1);
	answer = brood_stream_answer(stream);
	failed = answer->code != BROOD_OK;
	if (failed)
		fprintf(stderr, "talk: %s: %s\n", brood_code_name(answer->code), answer->text);
	brood_stream_free(stream);
	brood_close(client);
	return failed;
}
