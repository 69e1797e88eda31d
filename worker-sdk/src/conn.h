/*
 * conn: connections of clients that brood has handed to this worker as a whole.
 *
 * Each is a handle of its own, with its own handshake, which is driven by the worker's handle and calls the worker's
 * handler. brood has checked who connected; it is told when one ends.
 */
#ifndef BROOD_CONN_H
#define BROOD_CONN_H

#include "handle.h"

struct conns; /* of one worker */
struct conn;  /* one of them */

/* CONN: a socket, or the sad news that it did not arrive. 0, or -ENOMEM and its like: the worker's own trouble. */
int conn_receive(brood_t *worker, const struct frame *f);
/* Has it been handed some, and is this no moment inside a handler, which must not meet another one? */
bool conns_are_served(const brood_t *worker);
/* Waits like channel_wait(), for all of them as well. */
int conns_wait(brood_t *worker, int timeout);
/* Looks what can be done, if conns_wait() has not. Was the worker woken by another thread? */
bool conns_look(brood_t *worker);
/* Can something be read from the worker's own channel? */
bool conns_worker_is_ready(const brood_t *worker);
/* One step of each for which there is something to do. */
void conns_step(brood_t *worker);
/* ms until something has to be done for one of them without its doing; -1: never. */
int conns_timeout(const brood_t *worker);
/* Have all ended? */
bool conns_are_over(const brood_t *worker);
/* Ends all at once. Calls in hand may still be answered, to no effect. */
void conns_close(brood_t *worker);
/* Nobody refers to the worker any more. */
void conns_free(brood_t *worker);

/*
 * A frame opens a call, or continues one: as everywhere ids are odd and count up, and nothing continues what was never
 * opened. 0, or -EPROTO: GOAWAY is on its way.
 */
int conn_open_id(brood_t *b, uint32_t id);
int conn_check_data(brood_t *b, uint32_t id);
/* Of a frame that nobody knows: is its call not in a handler's hand yet, or new, so that it is answered at once? */
bool conn_awaits(brood_t *b, uint32_t id);
/* Of a call over such a connection: who calls is what brood said, and what the client says of it is not believed. */
void conn_stamp(const brood_t *b, struct frame *f);
/* May its handler be called now? If not, it waits its turn. */
bool conn_admits(brood_t *b, brood_request_t *r);
/* One that was admitted is answered; `is_last`: the connection has none in hand now. */
void conn_done(brood_t *b, bool is_last);
/* May one more be taken? NULL, else why not: one sentence. */
const char *conn_problem(brood_t *b);

#endif
