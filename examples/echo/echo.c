/*
 * echo: the smallest worker. It answers each call with the bytes that came.
 *
 * brood_serve() is its whole life: it opens the channel that brood has handed to this program,
 * calls echo() for each call, and returns when brood asks the worker to end.
 */
#include <brood.h>

static void echo(brood_request_t *request, void *user)
{
	size_t size;
	const void *body = brood_request_body(request, &size);

	(void)user;
	brood_reply(request, body, size);
}

int main(void)
{
	return brood_serve(echo, NULL, NULL);
}
