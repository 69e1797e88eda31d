/*
 * exchange: the messages of one call beyond the first, both ways: what a request of a worker and a stream of a client
 * have in common. Files: exchange.c, and its users message.c (workers) and stream.c (clients).
 *
 * Everything in it is guarded by the handle's lock. Who waits for a message or for room does so in exchange_wait(): in
 * the thread that drives the handle this drives it, any other thread sleeps until it is woken.
 */
#ifndef BROOD_EXCHANGE_H
#define BROOD_EXCHANGE_H

#include "handle.h"
#include "inbox.h"

struct exchange {
	struct exchange *next; /* of the handle's list */
	struct exchange *before;
	brood_t *b; /* NULL: the handle is closed */
	uint32_t id;
	struct inbox in;
	bool takes;       /* messages may come */
	bool is_over;     /* nobody wants them any more: cancelled, or answered */
	int rc;           /* why one could not be taken; 0: all could */
	bool wants_room;  /* a message was refused or waits until others have left */
	bool is_due;      /* its owner is to be told that there is something new */
	bool has_cond;
	pthread_cond_t changed;
	int64_t deadline; /* ms; INT64_MAX: none. Behind it nobody waits */
	void (*ready)(struct exchange *x); /* tells the owner, if it wants to hear it */
};

/* Puts it on the handle's list; the lock is held. */
void exchange_join_locked(struct exchange *x, brood_t *b, uint32_t id);
/* Takes it off, frees what came. The lock is held. */
void exchange_leave_locked(struct exchange *x);
/* Is there one with this id that waits for messages? */
bool exchange_waits(brood_t *b, uint32_t id);
/*
 * DATA for the one with this id: what inbox_add() says; credit is given back as far as it is due. One that cannot take
 * a message takes no more; its rc tells why. ASSEMBLY_UNKNOWN: there is none.
 */
MUST_USE enum assembly_result exchange_add(brood_t *b, const struct frame *f);
/* Something about it has changed: wakes who waits and marks it as due. */
void exchange_touch_locked(struct exchange *x);
/* Nobody wants it any more. */
void exchange_end(struct exchange *x);

/* Takes the next message: 1, 0 (the end), -EAGAIN, -ECANCELED, -EDEADLK, or what went wrong with it. */
int exchange_recv(struct exchange *x, const void **body_out, size_t *size_out, int timeout);
/* Sends DATA as soon as there is room. 0, -EAGAIN, -ECANCELED, -EDEADLK, -EPIPE, -ENOMEM. */
int exchange_send(struct exchange *x, const struct frame *f, int timeout);
/* Waits for news, the lock being held: 0, -EAGAIN: not until this moment (now_ms() scale), -EDEADLK. */
int exchange_wait_locked(struct exchange *x, int64_t until);
int64_t exchange_until(int timeout);

/* Messages that left may have made room. The lock is held. */
void exchange_wake_senders_locked(brood_t *b);
/* The other side sends nothing more at all: what has not ended never will. */
void exchange_cut(brood_t *b);
/* The handle is closed: what is left of them is their owners'. */
void exchange_orphan(brood_t *b);
/* Tells all whose news are due; in a step of the handle. */
void exchange_tell(brood_t *b);

#endif
