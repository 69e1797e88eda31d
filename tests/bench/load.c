/* load: what both kinds of load have in common. */
#include "load.h"

#include <string.h>

#include "common.h"

enum { COMPARE_WHOLE = 4 << 10, PART = 64, CLOCK_EVERY = 16 };

static struct used look(const struct result *r)
{
	return (struct used){
		.ns = now_ns(),
		.client = cpu_ns(0),
		.middle = r->middle ? cpu_ns(r->middle) : 0,
		.end = r->end ? cpu_ns(r->end) : 0,
	};
}

void load_begin(struct result *r)
{
	r->calls = 0;
	r->used = look(r);
}

void load_end(struct result *r)
{
	struct used now = look(r);

	r->used = (struct used){
		.ns = now.ns - r->used.ns,
		.client = now.client - r->used.client,
		.middle = now.middle - r->used.middle,
		.end = now.end - r->used.end,
	};
}

bool load_goes_on(const struct load *l, const struct result *r, uint64_t started)
{
	if (l->calls > 0)
		return started < l->calls;
	if (l->flight * l->clients > 1 && started % CLOCK_EVERY != 0)
		return true; /* a clock read is not nothing beside a call */
	return seconds_between(r->used.ns, now_ns()) < l->seconds;
}

void load_fill(uint8_t *body, size_t size)
{
	uint32_t x = 2463534242u;

	for (size_t i = 0; i < size; i++) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		body[i] = (uint8_t)x;
	}
}

void load_stamp(uint8_t *body, size_t size, uint64_t stamp)
{
	memcpy(body, &stamp, size < sizeof(stamp) ? size : sizeof(stamp));
}

void load_compare(const uint8_t *sent, const uint8_t *received, size_t size)
{
	bool same;

	if (size <= COMPARE_WHOLE)
		same = memcmp(sent, received, size) == 0;
	else
		same = memcmp(sent, received, PART) == 0 &&
		       memcmp(sent + size / 2, received + size / 2, PART) == 0 &&
		       memcmp(sent + size - PART, received + size - PART, PART) == 0;
	if (!same)
		die("an answer of %zu bytes is not what was sent", size);
}
