/* error: the sentence that goes with a failure, one per thread; names of codes; clocks. */
#include "handle.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

static _Thread_local char sentence[SENTENCE];

int fail(int rc, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	return rc;
}

const char *brood_error(void)
{
	return sentence;
}

const char *brood_version(void)
{
	return BROOD_VERSION;
}

const char *brood_code_name(unsigned code)
{
	return frame_code_name(code);
}

const char *brood_reason_name(unsigned reason)
{
	return frame_reason_name(reason);
}

/* The public lists are copies for a self-contained header: they cannot drift apart. */
#define CODE(name, value) _Static_assert(BROOD_##name == (value), "brood.h: code " #name);
#define REASON(name, value, code, doc) \
	_Static_assert(BROOD_REASON_##name == (value), "brood.h: reason " #name);
#include "frame.def"

int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t about_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t now_ms(void)
{
	return now_us() / 1000;
}
