/* mark: what a markworker and the test that drives it share: a file, mapped by both, and how a payload is answered. */
#ifndef BROOD_TEST_MARK_H
#define BROOD_TEST_MARK_H

#include <stdatomic.h>
#include <stdint.h>

enum { MARK_CALLS = 1 << 22, MARK_WORKERS = 64 };

struct marks {
	_Atomic(int) pids[MARK_WORKERS]; /* by instance */
	_Atomic(uint8_t) starts[MARK_CALLS]; /* how often the handler has begun this call */
};

/* A request begins with this; `size` bytes follow. The answer is the same with every byte of the payload inverted. */
struct mark {
	uint32_t number;
	uint32_t nap_us; /* how long the handler takes */
};

#endif
