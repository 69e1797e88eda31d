/* good: its layer has _GNU_SOURCE, without which there is no dup3(). There is a <spawn.h> too */
#ifndef BROOD_SPAWN_H
#define BROOD_SPAWN_H

#include <stddef.h>
#include <unistd.h>

#include "pool.h"

static inline int spawn_place(int fd, int to)
{
	return dup3(fd, to, 0);
}

#endif
