/*
 * bodies: the bodies of requests, whether brood has their bytes or only the memory in which they lie.
 *
 * Memory is passed on as it came, and never mapped here. For a worker that cannot take it the bytes are read out of it,
 * and it is a request like all others from then on.
 */
#ifndef BROOD_BODIES_H
#define BROOD_BODIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frame.h"

struct client;
struct instance;
struct message;
struct supervisor;
struct worker_spec;

enum { BODIES_TEXT = 160 };

/* Are the workers of this pool offered to share memory? */
bool bodies_may_be_shared(const struct worker_spec *w);
/* And those who call it? Not once a worker took no memory: to read it for such a one costs everybody's time. */
bool bodies_are_offered(const struct supervisor *s, uint16_t pool);
/* Whose memory is taken: see large_bodies. */
bool bodies_may_come_from(const struct worker_spec *w, uint32_t uid);
/* It has introduced itself. */
void bodies_see_worker(struct instance *i);
/* May this call bring its body in memory, and is it there? REASON_NONE, else why not, with a sentence. */
MUST_USE enum frame_reason bodies_judge_call(const struct client *c, const struct frame *f,
					     char text[BODIES_TEXT]);
/* Bytes of the body of a CALL, wherever it lies. */
uint32_t bodies_size(const struct frame *f);
/* Some of them; false: it is shorter than it was. */
MUST_USE bool bodies_read(const struct frame *f, uint64_t offset, void *out, size_t size);
/*
 * A request that came: beyond its part of max_fds brood reads a body out and closes its memory. REASON_NONE, else why
 * it cannot be kept, with a sentence: it would take too long to read that, or to make its fingerprint.
 */
MUST_USE enum frame_reason bodies_take(struct client *c, struct message *m, char text[BODIES_TEXT]);
/* Reads it into memory of the message's own, and lets go of where it was. 0 or -errno. */
MUST_USE int bodies_fetch(struct message *m);
/* An answer that says it lies in memory: was it lent with that call of this worker, and is it all of the answer? */
MUST_USE bool bodies_check_reply(const struct instance *i, const struct frame *reply);

#endif
