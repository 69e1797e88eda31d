/*
 * page: the supervisor's side of a worker's board: made before the process, read after its death.
 */
#ifndef BROOD_PAGE_H
#define BROOD_PAGE_H

#include "attributes.h"
#include "board.h"

/* A new memfd with an empty board, which nobody can make shorter or longer. The descriptor, or -errno. */
MUST_USE int page_make(void);
/* A copy of what stands on it. 0 or -errno; of what cannot be read nothing is believed: see board_has_started(). */
int page_read(int fd, struct board *copy_out);

#endif
