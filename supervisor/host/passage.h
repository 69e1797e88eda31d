/*
 * passage: what comes of a request behind its first message: from its client to the worker that has the call.
 *
 * A client's credit for the call comes back when a part has left for the worker, which gives credit itself: so a worker
 * that does not read stops its caller, and nobody else. What is on its way counts against max_partial.
 */
#ifndef BROOD_PASSAGE_H
#define BROOD_PASSAGE_H

#include "client.h"

struct instance;
struct request;
struct passage;

/* For a call of this client that goes on; NULL without memory. Belongs to its request. */
struct passage *passage_new(struct client *c, uint32_t id);
/* Its request is needed no more; NULL is allowed. */
void passage_release(struct passage *t);

/* A frame that may belong to an open call. False: the client was ended. */
bool passage_receive(struct client *c, const struct frame *f);
/* The part at hand: kept until a worker has the call, */
void passage_keep(const struct supervisor *s, struct request *r);
/* or sent to the worker, which knows the call by this id. */
void passage_send(struct instance *i, struct request *r, uint32_t wire_id);
/* All that was kept, behind the CALL. */
void passage_send_kept(struct instance *i, struct request *r, uint32_t wire_id);

#endif
