/*
 * memory: large bodies that lie in a memfd, which travels in their place (docs/protocol.md, section 11).
 *
 * Nothing here maps what comes from somebody else: it is read and written by system calls, so that whoever made it may
 * change it, shorten it or seal it at any moment, and nobody but he has a wrong body.
 */
#ifndef BROOD_MEMORY_H
#define BROOD_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attributes.h"

struct message;

struct memory_span {
	uint64_t offset;
	uint64_t size;
};

/* What a frame with MEMFD has instead of its body. */
struct memory_note {
	struct memory_span body;
	struct memory_span lent; /* of a CALL: where its answer may be put; size 0: nowhere */
};

/* FRAME_NOTE or FRAME_NOTE_LENDS bytes, as frame_next() has checked. */
struct memory_note memory_note(const uint8_t *bytes, size_t size);
/* The first of them, or all where something is lent; returns how many. */
uint32_t memory_write_note(uint8_t *out, const struct memory_note *note);

/* Memory of so many bytes, none of which exists before it is written. A descriptor, close-on-exec, or -errno. */
MUST_USE int memory_make(uint64_t size);
/* What is wrong with what a peer has passed as memory: one short phrase; NULL: it has all that the note says. */
MUST_USE const char *memory_problem(int fd, const struct memory_note *note);
/* Reads all of it; -ENODATA: it is shorter by now. 0 or -errno. */
MUST_USE int memory_read(int fd, struct memory_span from, void *out);
/* Writes to the beginning of `to`, no more than it has: -EFBIG. 0 or -errno. Never raises SIGXFSZ. */
MUST_USE int memory_put(int fd, struct memory_span to, const void *bytes, size_t size);
/* Reads the body of a message, whose frame says FLAG_MEMFD still. 0, -ENOMEM or as memory_read(). */
MUST_USE int memory_fill(struct message *m, int fd, struct memory_span from);

#endif
