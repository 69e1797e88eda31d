/*
 * caller: a client whose system calls may fail: connects, makes calls, waits for them in both ways, and gives account.
 *
 *   caller ADDRESS SEED
 *
 * Exit code: 0 all calls were answered with what they asked for · 3 some were not, each with a reason · 4 no
 * connection, with a reason · 1 a promise was broken (stderr says which).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tally.h"

enum { SECONDS = 25, WAIT_MS = 15000, HONEST = 3, UNCONNECTED = 4 };

static int broken(const char *what)
{
	fprintf(stderr, "caller: %s\n", what);
	return 1;
}

/* One call in the simplest way; 0, HONEST or 1. */
static int call_simply(brood_t *b)
{
	struct brood_answer a;
	int rc = brood_call(b, "echo", "simple", 6, NULL, &a);
	int result = 0;

	if (rc < 0 || a.code != BROOD_OK)
		result = a.code != BROOD_OK && a.text && a.text[0] ? HONEST
								   : broken("a failure without a reason");
	else if (a.body_size != 6 || memcmp(a.body, "simple", 6) != 0)
		result = broken("a wrong answer");
	if (result == HONEST)
		fprintf(stderr, "caller: %s\n", a.text);
	brood_answer_free(&a);
	return result;
}

static int call_many(brood_t *b, uint64_t seed)
{
	static const size_t sizes[] = {0, 5, 70000, 300000, 17, 1, 4000, 270000}; /* the last in memory */
	static struct tally t;

	tally_begin(&t, b, seed, (uint32_t)getpid());
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		(void)tally_start(&t, sizes[i]);
	if (!tally_await(&t, WAIT_MS))
		return broken(t.broken[0] ? t.broken : "a call was not answered in time");
	if (t.failed > 0)
		fprintf(stderr, "caller: %s\n", t.why);
	return t.failed > 0 ? HONEST : 0;
}

int main(int argc, char **argv)
{
	brood_t *b;
	int worst;
	int result;

	alarm(SECONDS);
	if (argc != 3)
		return broken("usage: caller ADDRESS SEED");
	if (brood_connect(&b, argv[1], NULL) < 0) {
		fprintf(stderr, "caller: %s\n", brood_error());
		return brood_error()[0] ? UNCONNECTED : 1;
	}
	worst = call_simply(b);
	result = worst == 1 ? 1 : call_many(b, strtoull(argv[2], NULL, 10));
	worst = result == 1 || result > worst ? result : worst;
	if (worst != 1 && brood_flush(b, BROOD_FLUSH_PROCESSED, WAIT_MS) < 0) {
		fprintf(stderr, "caller: %s\n", brood_error());
		worst = HONEST;
	}
	brood_close(b);
	return worst;
}
