/*
 * duo: a handle of the SDK and the peer it talks to, in one thread: each moves only when the test says so.
 *
 * For a worker, this process takes itself for its own parent: the program is linked with --wrap=getppid.
 */
#ifndef BROOD_DUO_H
#define BROOD_DUO_H

#include "handle.h" /* before cmocka, which makes a macro of fail */

#include "check.h"
#include "peer_end.h"

struct duo {
	brood_t *b;
	struct peer_end peer; /* of the connection made last */
	unsigned connects;    /* of duo_client_again() */
	int connect_rc;       /* what the next connection fails with; 0: nothing */
};

/* What getppid() says from now on; 0: the truth. */
extern pid_t duo_parent;

/* Makes a socketpair. */
void duo_pair(int fds[2]);
/* Puts a descriptor where a worker looks for its channel, this process being the parent. */
void duo_channel(int in, int out);

/* A worker behind its handshake, which the peer has heard. Options may be NULL. */
void duo_worker(struct duo *d, brood_handler handler, void *user,
		const struct brood_worker_options *options);
/* The same with another HELLO. */
void duo_worker_with(struct duo *d, brood_handler handler, void *user,
		     const struct brood_worker_options *options, const struct hello *offer);
/* A client of fd:N behind its handshake. */
void duo_client(struct duo *d, const struct brood_client_options *options);
void duo_client_with(struct duo *d, const struct brood_client_options *options,
		     const struct hello *offer);
/* A client that can connect again: each time to a new peer. Its options' user is d. */
void duo_client_again(struct duo *d, const struct brood_client_options *options);
/* Closes both; what the peer has heard must have been taken. */
void duo_close(struct duo *d);

/* Steps the handle and hears at the peer until nothing moves any more; what brood_process() said last. */
int duo_step(struct duo *d);
/* Steps, then takes the next frame, which must be there and of this type. */
struct message *duo_expect(struct duo *d, uint8_t type);
void duo_skip(struct duo *d, uint8_t type);
/* Steps; nothing was said. */
void duo_expect_silence(struct duo *d);

#endif
