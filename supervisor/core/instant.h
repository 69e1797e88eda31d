/*
 * instant: moments and lengths of time, as types of their own, so that neither can be mistaken for the other or
 * for a bare number. Milliseconds; a moment is on the monotonic clock, and enters the core only with an event.
 */
#ifndef BROOD_INSTANT_H
#define BROOD_INSTANT_H

#include <stdbool.h>
#include <stdint.h>

struct duration {
	int64_t ms; /* never negative */
};

struct instant {
	int64_t ms;
};

#define INSTANT_NEVER ((struct instant){INT64_MAX})

/* The moment `d` later; never if that cannot be told. */
static inline struct instant instant_after(struct instant t, struct duration d)
{
	return d.ms >= INT64_MAX - t.ms ? INSTANT_NEVER : (struct instant){t.ms + d.ms};
}

static inline bool instant_is_before(struct instant a, struct instant b)
{
	return a.ms < b.ms;
}

static inline bool instant_is_never(struct instant t)
{
	return t.ms == INT64_MAX;
}

static inline struct instant instant_earlier(struct instant a, struct instant b)
{
	return a.ms < b.ms ? a : b;
}

/* From `a` to `b`; nothing if `b` is not later. */
static inline struct duration duration_between(struct instant a, struct instant b)
{
	return (struct duration){b.ms > a.ms ? b.ms - a.ms : 0};
}

#endif
