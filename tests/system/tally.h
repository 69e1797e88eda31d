/*
 * tally: calls that carry their own name, and an account of what became of each.
 *
 * The payload of a call follows from seed, connection and number; its answer must be the same bytes, and come once.
 * What is broken of that is kept as a sentence; an answer that is an honest error is counted. No asserts: programs use
 * it too.
 */
#ifndef BROOD_TALLY_H
#define BROOD_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <brood.h>

enum { TALLY_MOST = 256 };

struct tally;

struct tally_call {
	struct tally *tally;
	size_t size;
	bool has_ended;
};

struct tally {
	brood_t *b;
	uint64_t seed;
	uint32_t connection;
	unsigned started; /* since tally_begin() */
	unsigned good;    /* answered with the right bytes */
	unsigned failed;  /* answered with an error that says why */
	unsigned lost;    /* of these, ended by the SDK with the connection */
	char why[300];    /* the first error */
	char broken[200]; /* the first promise that was broken; "" if none was */
	struct tally_call calls[TALLY_MOST];
};

/* Forgets what was; `b` stays the caller's. */
void tally_begin(struct tally *t, brood_t *b, uint64_t seed, uint32_t connection);
/* Starts a call for an echo of so many bytes. False: it could not be started; counted as failed. */
bool tally_start(struct tally *t, size_t size);
/* Drives it until all have ended; false if they have not within `ms`. */
bool tally_await(struct tally *t, int ms);

#endif
