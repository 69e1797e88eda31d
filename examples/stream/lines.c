/*
 * lines-worker: calls of several messages. By the method of the call:
 *
 *   upper   each message comes back in upper case, as soon as it is there (both sides stream)
 *   sum     adds up numbers, one a message; one answer (the client streams)
 *   count   as many messages as the request says: 1, 2, 3, ... (the worker streams)
 *
 * A caller that does not read, or does not send, makes its own call wait, and nobody else.
 */
#include <brood.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT = 4096 };

static void upper(brood_request_t *request)
{
	char text[TEXT];
	const void *body;
	size_t size;
	int rc;

	while ((rc = brood_recv(request, &body, &size, -1)) > 0) {
		size_t n = size < sizeof(text) ? size : sizeof(text);

		for (size_t i = 0; i < n; i++)
			text[i] = (char)toupper(((const unsigned char *)body)[i]);
		if (brood_send(request, text, n, -1) < 0)
			break; /* the caller is gone: an answer is due all the same */
	}
	brood_reply_end(request);
}

static long number(const void *body, size_t size)
{
	char text[32];

	snprintf(text, sizeof(text), "%.*s", (int)(size < sizeof(text) ? size : sizeof(text)), (const char *)body);
	return strtol(text, NULL, 10);
}

static void sum(brood_request_t *request)
{
	char text[32];
	const void *body;
	size_t size;
	long total = 0;
	int rc;

	while ((rc = brood_recv(request, &body, &size, -1)) > 0)
		total += number(body, size);
	if (rc < 0) /* the request did not come to its end */
		brood_reply_error(request, BROOD_ABORTED, "%s", brood_error());
	else
		brood_reply(request, text, (size_t)snprintf(text, sizeof(text), "%ld", total));
}

static void count(brood_request_t *request)
{
	char text[32];
	const void *body;
	size_t size;
	long n = 0;

	if (brood_recv(request, &body, &size, -1) > 0)
		n = number(body, size);
	for (long i = 1; i <= n; i++) {
		if (brood_send(request, text, (size_t)snprintf(text, sizeof(text), "%ld", i), -1) < 0)
			break;
	}
	brood_reply_end(request);
}

static void serve(brood_request_t *request, void *user)
{
	const char *method = brood_request_method(request);

	(void)user;
	if (strcmp(method, "upper") == 0)
		upper(request);
	else if (strcmp(method, "sum") == 0)
		sum(request);
	else if (strcmp(method, "count") == 0)
		count(request);
	else
		brood_reply_error(request, BROOD_UNIMPLEMENTED, "no method '%s': upper, sum, count", method);
}

int main(void)
{
	return brood_serve(serve, NULL, NULL);
}
