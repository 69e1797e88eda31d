/*
 * dice: random numbers that can be thrown again.
 *
 * The seed is printed; BROOD_SEED in the environment repeats a run. Not for secrets.
 */
#ifndef BROOD_DICE_H
#define BROOD_DICE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct dice {
	uint64_t state;
};

static inline uint64_t dice_throw(struct dice *d)
{
	uint64_t z = d->state += 0x9e3779b97f4a7c15u; /* splitmix64 */

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

/* A number below `limit`, which is not 0. */
static inline size_t dice_below(struct dice *d, size_t limit)
{
	return (size_t)(dice_throw(d) % limit);
}

/* True once in `n` throws. */
static inline int dice_once_in(struct dice *d, size_t n)
{
	return dice_below(d, n) == 0;
}

static inline struct dice dice_with(uint64_t seed)
{
	printf("dice: BROOD_SEED=%llu\n", (unsigned long long)seed);
	return (struct dice){seed};
}

static inline struct dice dice_open(void)
{
	const char *text = getenv("BROOD_SEED");
	struct timespec now;

	if (text)
		return dice_with(strtoull(text, NULL, 10));
	timespec_get(&now, TIME_UTC);
	return dice_with(((uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec) %
			 1000000007u);
}

#endif
