/* tally: see tally.h. */
#include "tally.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dice.h"

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

__attribute__((format(printf, 2, 3))) static void broke(struct tally *t, const char *format, ...)
{
	va_list args;

	if (t->broken[0])
		return;
	va_start(args, format);
	vsnprintf(t->broken, sizeof(t->broken), format, args);
	va_end(args);
}

/* The bytes of one call, and nobody else's. */
static unsigned char *payload(const struct tally *t, unsigned number, size_t size)
{
	struct dice d = {t->seed ^ (uint64_t)t->connection << 32 ^ (uint64_t)number << 8};
	unsigned char *bytes = malloc(size + 8);

	if (!bytes) /* a fault of this program's own memory: it is the SDK that is tested */
		bytes = malloc(size + 8);
	for (size_t i = 0; bytes && i < size; i += 8) {
		uint64_t word = dice_throw(&d);

		memcpy(bytes + i, &word, 8);
	}
	return bytes;
}

static void check(struct tally *t, struct tally_call *c, const struct brood_answer *a)
{
	unsigned number = (unsigned)(c - t->calls);
	unsigned char *expected = payload(t, number, c->size);

	if (!expected || a->body_size != c->size || (c->size > 0 && memcmp(a->body, expected, c->size) != 0))
		broke(t, "call %u of %zu bytes was answered with %zu others", number, c->size, a->body_size);
	else
		t->good++;
	free(expected);
}

static void on_answer(uint32_t id, const struct brood_answer *a, void *user)
{
	struct tally_call *c = user;
	struct tally *t = c->tally;

	(void)id;
	if (c->has_ended)
		broke(t, "call %u was answered twice", (unsigned)(c - t->calls));
	c->has_ended = true;
	if (a->code == BROOD_OK) {
		check(t, c, a);
		return;
	}
	if (t->failed++ == 0)
		snprintf(t->why, sizeof(t->why), "%s (%s): %s", brood_code_name(a->code),
			 brood_reason_name(a->reason), a->text);
	t->lost += a->reason == BROOD_REASON_CONNECTION_LOST;
	if (a->text[0] == '\0')
		broke(t, "call %u failed without a reason", (unsigned)(c - t->calls));
}

void tally_begin(struct tally *t, brood_t *b, uint64_t seed, uint32_t connection)
{
	memset(t, 0, sizeof(*t));
	t->b = b;
	t->seed = seed;
	t->connection = connection;
}

bool tally_start(struct tally *t, size_t size)
{
	struct tally_call *c = &t->calls[t->started];
	unsigned char *bytes = payload(t, t->started, size);
	int rc;

	*c = (struct tally_call){.tally = t, .size = size};
	t->started++;
	rc = bytes ? brood_call_start(t->b, "echo", bytes, size,
				      &(struct brood_call_options){.timeout = 60000}, on_answer, c, NULL)
		   : -ENOMEM;
	free(bytes);
	if (rc == 0)
		return true;
	c->has_ended = true;
	if (t->failed++ == 0)
		snprintf(t->why, sizeof(t->why), "not started: %s", brood_error());
	return false;
}

bool tally_await(struct tally *t, int ms)
{
	int64_t deadline = now_ms() + ms;

	while (brood_calls_open(t->b) > 0) {
		struct pollfd p = {.fd = brood_fd(t->b), .events = POLLIN};
		int left = brood_timeout(t->b);
		int rc;

		if (left < 0 || left > 100)
			left = 100;
		if (p.fd >= 0)
			(void)poll(&p, 1, left);
		rc = brood_process(t->b);
		if (rc < 0 && brood_calls_open(t->b) > 0)
			broke(t, "a lost connection kept %d calls: %s", brood_calls_open(t->b),
			      brood_error());
		if (t->broken[0] || now_ms() > deadline)
			return false;
	}
	for (unsigned i = 0; i < t->started; i++) {
		if (!t->calls[i].has_ended)
			broke(t, "call %u was never answered", i);
	}
	return t->broken[0] == '\0';
}
