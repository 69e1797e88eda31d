/*
 * barrier: a client's FLUSH on its way through the workers.
 *
 * A client that has sent one-way messages learns by FLUSHED that they were handed to handlers: brood passes the
 * barrier to every worker that may have one of them, behind it on the same channel, and answers when all have
 * answered or are gone.
 */
#ifndef BROOD_BARRIER_H
#define BROOD_BARRIER_H

#include <stdint.h>

struct supervisor;
struct instance;
struct client;

struct barrier; /* shared by the instances it waits for */

struct barrier_wait;
struct barrier_list {
	struct barrier_wait *first;
	struct barrier_wait *last;
	uint32_t next_cookie;
};

/* Starts one for this client and its pool; answers at once if no worker has to be asked. */
void barrier_start(struct supervisor *s, struct client *c, uint32_t cookie);
/* The worker answered FLUSHED with this cookie. */
void barrier_passed(struct instance *i, uint32_t cookie);
/* The worker is gone: it keeps nobody waiting. */
void barrier_forget(struct instance *i);

#endif
