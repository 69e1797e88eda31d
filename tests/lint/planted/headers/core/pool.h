/* does not include what it needs */
#ifndef BROOD_POOL_H
#define BROOD_POOL_H

#include "frame.h"

struct pool {
	struct frame frame;
	uint32_t calls;
	size_t bytes;
};

#endif
