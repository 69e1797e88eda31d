/*
 * request: the bytes of accepted calls, by the number under which the core knows them.
 *
 * A request is kept as long as the core wants it (until ACTION_RELEASE), and as long as a link still sends it.
 */
#ifndef BROOD_REQUEST_H
#define BROOD_REQUEST_H

#include "assembly.h"
#include "frame.h"

struct passage;

struct request {
	struct message *message; /* owned */
	struct frame_peer peer;  /* who asks */
	unsigned refs;
	uint64_t end;      /* where it was copied: offset in the outbox behind its last byte */
	bool is_lent;      /* its body was lent to the outbox: sent once the reference is back */
	struct passage *passage; /* owned; for what comes behind the first message, NULL: nothing does */
	struct spares *home;
};

struct request_table {
	struct request **entries;
	uint32_t *free; /* stack of free numbers */
	uint32_t free_count;
	uint32_t count;
	uint32_t capacity;
	struct spares *spares; /* for what is in the table; NULL: malloc() */
};

#define REQUEST_NONE UINT32_MAX

/* Takes the message over. REQUEST_NONE without memory: then it stays the caller's. */
uint32_t request_put(struct request_table *t, struct message *message, const struct frame_peer *peer);
struct request *request_at(const struct request_table *t, uint32_t number);
/* The core does not need it any more. */
void request_release(struct request_table *t, uint32_t number);
/* One reference less; the last one frees. For outboxes. */
void request_unref(void *request);
void request_close(struct request_table *t);

#endif
