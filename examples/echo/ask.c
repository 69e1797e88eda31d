/*
 * ask: the smallest client. It sends one text to an endpoint and prints the answer.
 *
 * Exit status: 0 there was an answer, 1 there was an error (it is on stderr), 2 usage.
 */
#include <brood.h>

#include <stdio.h>
#include <string.h>

/* One call. If no answer came at all, the SDK has filled in code and text. */
static int ask(brood_t *client, const char *text)
{
	struct brood_answer answer;
	int rc = brood_call(client, NULL, text, strlen(text), NULL, &answer);
	int failed = rc < 0 || answer.code != BROOD_OK;

	if (failed)
		fprintf(stderr, "ask: %s: %s\n", brood_code_name(answer.code), answer.text);
	else
		failed = fwrite(answer.body, 1, answer.body_size, stdout) < answer.body_size ||
			 putchar('\n') == EOF || fflush(stdout) != 0;
	brood_answer_free(&answer);
	return failed;
}

int main(int argc, char **argv)
{
	brood_t *client;
	int failed;

	if (argc != 3) {
		fprintf(stderr, "usage: ask unix:SOCKET TEXT\n");
		return 2;
	}
	if (brood_connect(&client, argv[1], NULL) < 0) {
		fprintf(stderr, "ask: %s\n", brood_error());
		return 1;
	}
	failed = ask(client, argv[2]);
	brood_close(client);
	return failed;
}
