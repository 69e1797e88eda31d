/*
 * lending: memory that a client lends with a call, for a large request, and for a large answer.
 *
 * The memory is the client's, of one connection, and used again for the next call of the same connection, never for
 * anybody else's. What was lent to a call that did not end with its worker's own answer is given up: somebody may still
 * be writing there.
 */
#ifndef BROOD_LENDING_H
#define BROOD_LENDING_H

#include "handle.h"

struct loan;

/*
 * Where that is worth it, puts the body of a CALL into memory: the frame refers to it then, by a note that must live as
 * long as the frame (FRAME_NOTE_LENDS bytes), and f->fds is to be given back. NULL: the frame is as it was.
 */
struct loan *lending_begin(brood_t *b, struct frame *f, uint8_t *note);
/* The call has ended. By its worker's own answer, of so many bytes? NULL is allowed. */
void lending_end(brood_t *b, struct loan *loan, bool was_answered, size_t size);
/* What was lent did not arrive: somebody is at a limit of open files. This connection copies from now on. */
void lending_stop(brood_t *b);
/* The answer that lies there. 0, -EPROTO: not where it may lie, -ENOMEM or another -errno: it cannot be read. */
MUST_USE int lending_read(brood_t *b, struct loan *loan, const struct frame *f, struct message **out);
/* The connection is gone, and with it who knew the memory. */
void lending_close(brood_t *b);

/*
 * Of a worker: takes the request that lies in what came with this CALL. REASON_NONE, else why not, with a sentence.
 */
MUST_USE enum frame_reason lending_take(brood_t *b, const struct frame *f, struct message **out,
					const char **why_out);
/* Puts an answer where the request says that it may; then REPLY refers to it by this note. Else it stays as it is. */
void lending_put(const struct frame *request, struct frame *reply, uint8_t *note);

#endif
