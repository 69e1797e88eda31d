/*
 * fdmarks: descriptors on their way out: with which byte of an outbox they have to leave.
 *
 * They leave with the first byte of their frame, in a sendmsg() that begins there, and with no other.
 */
#ifndef BROOD_FDMARKS_H
#define BROOD_FDMARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attributes.h"

struct fds;
struct fd_mark;

/* All-zero is an empty list. */
struct fd_marks {
	struct fd_mark *first;
	struct fd_mark *last;
};

/* These leave with the byte at offset `at`, which is above all others. Refers to them. False: no memory. */
MUST_USE bool fd_marks_add(struct fd_marks *m, uint64_t at, struct fds *fds);
/* Takes the last one back. */
void fd_marks_undo(struct fd_marks *m);
/* What has to go with the byte at this offset; NULL: nothing. */
struct fds *fd_marks_at(const struct fd_marks *m, uint64_t at);
/* How many bytes from this offset on may go in one sendmsg(): up to the next ones that need their own. */
size_t fd_marks_reach(const struct fd_marks *m, uint64_t at);
/* The bytes before this offset have left, and what had to go with them. */
void fd_marks_passed(struct fd_marks *m, uint64_t to);
void fd_marks_close(struct fd_marks *m);

#endif
