/*
 * front-worker: a worker that calls another pool, "echo", and puts its own words before what that answers.
 *
 * Its section must name the pool:
 *
 *   [worker:front]
 *   command = front-worker
 *   calls = echo
 */
#include <brood.h>

#include <stdio.h>
#include <stdlib.h>

/* One client for this thread; its connection is made again by itself if it is ever lost. */
static brood_t *echo;

static void front(brood_request_t *request, void *user)
{
	/* whoever waits for this request waits for that call no longer */
	struct brood_call_options options = {.within = request};
	struct brood_answer answer;
	const void *body;
	size_t size;
	char text[4096];

	(void)user;
	if (!echo && brood_connect_pool(&echo, brood_request_worker(request), "echo", NULL) < 0) {
		brood_reply_error(request, BROOD_UNAVAILABLE, "%s", brood_error());
		return;
	}
	body = brood_request_body(request, &size);
	if (brood_call(echo, brood_request_method(request), body, size, &options, &answer) < 0 ||
	    answer.code != BROOD_OK) {
		brood_reply_error(request, answer.code, "echo: %s", answer.text);
	} else {
		size = (size_t)snprintf(text, sizeof(text), "echo says: %.*s", (int)answer.body_size,
					(const char *)answer.body);
		brood_reply(request, text, size < sizeof(text) ? size : sizeof(text) - 1);
	}
	brood_answer_free(&answer);
}

int main(void)
{
	int status = brood_serve(front, NULL, NULL);

	brood_close(echo);
	return status;
}
