/*
 * outbox: bytes on their way out of one connection, in order.
 *
 * Small things are copied together, large ones are lent, and the owner of the descriptor writes all of
 * it with few system calls: outbox_vector(), sendmsg or writev, outbox_sent(). Never touches a
 * descriptor. Bounded by its caller: outbox_bytes().
 */
#ifndef BROOD_OUTBOX_H
#define BROOD_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "attributes.h"
#include "fdmarks.h"
#include "frame.h"
#include "spares.h"

struct outbox_segment;

struct outbox {
	struct outbox_segment *first;
	struct outbox_segment *last;
	size_t bytes;   /* waiting to be sent */
	uint64_t added; /* since the beginning; added - sent == bytes */
	uint64_t sent;
	struct fd_marks marks; /* descriptors that leave with some of them */
	struct spares *spares; /* for segments; NULL: malloc() */
};

/* Bodies from this size on are worth lending instead of copying, bytes. */
enum { OUTBOX_LEND_LEAST = 4096 };

/* Copies. False if there was no memory: then nothing was added. */
MUST_USE bool outbox_add(struct outbox *o, const void *bytes, size_t size);
/*
 * Lends: `bytes` must stay as they are until release(owner) is called, which happens once, when they
 * have been sent or the outbox is closed (NULL: they stay for ever). False if there was no memory: then
 * release is not called.
 */
MUST_USE bool outbox_lend(struct outbox *o, const void *bytes, size_t size, void (*release)(void *owner),
			  void *owner);
/*
 * What was lent last, without a release, stays no longer as it is: the part that has not been sent is copied. False if
 * there was no memory: then the outbox must be closed.
 */
MUST_USE bool outbox_keep_last(struct outbox *o);
/* Copies a whole frame: prefix, head with padding, body. Its descriptors are referred to. */
MUST_USE bool outbox_frame(struct outbox *o, const struct frame *f);
/* The same without the body, which the caller adds. */
MUST_USE bool outbox_frame_without_body(struct outbox *o, const struct frame *f);

/*
 * Fills `vector` with what comes next, at most to where other descriptors have to leave; returns how many entries
 * are used.
 */
size_t outbox_vector(const struct outbox *o, struct iovec *vector, size_t entries);
/* The descriptors that have to leave with the first byte of it; NULL: none. */
struct fds *outbox_fds(const struct outbox *o);
/* They cannot be passed: the frame that comes next goes without them, and says so. */
void outbox_give_up_fds(struct outbox *o);
/* `size` bytes of it were written. */
void outbox_sent(struct outbox *o, size_t size);
static inline size_t outbox_bytes(const struct outbox *o)
{
	return o->bytes;
}
/* Drops everything. All-zero is a valid empty outbox. */
void outbox_close(struct outbox *o);

#endif
