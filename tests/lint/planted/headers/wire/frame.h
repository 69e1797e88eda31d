/* good: nothing is to be said about it */
#ifndef BROOD_FRAME_H
#define BROOD_FRAME_H

#include <stdint.h>

struct frame {
	uint32_t size;
};

#endif
