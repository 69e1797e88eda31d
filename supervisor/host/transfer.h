/*
 * transfer: connections of endpoints with dispatch = connection, from accept() to the worker that serves them; and
 * those of workers that call a pool directly.
 *
 * brood reads nothing of them. It keeps the socket until the worker says that it is about to read it (or where it does
 * not say that, until CONN has been written into its channel), and then only the number, so that the connection counts
 * until the worker says CONN_END or ends.
 */
#ifndef BROOD_TRANSFER_H
#define BROOD_TRANSFER_H

#include "action.h"
#include "peer.h"
#include "spec.h"

struct instance;
struct supervisor;
struct transfer;

/* Are connections of any endpoint handed to this pool? */
bool transfer_is_wanted(const struct config_spec *spec, uint16_t pool);
/* A connection that was accepted and whose peer was admitted; the descriptor is taken in any case. */
void transfer_open(struct supervisor *s, uint32_t endpoint, int fd, const struct peer *peer);

/* The same of a worker that may call the pool. */
void transfer_open_of_worker(struct supervisor *s, uint32_t endpoint, int fd, const struct peer *peer, uint32_t worker);
/* That worker's process has ended. */
void transfer_caller_gone(struct supervisor *s, uint32_t worker);

/* Actions about it. */
void transfer_send(struct supervisor *s, const struct action *a);
void transfer_drop(struct supervisor *s, const struct action *a);

/* The instance has been written all that waited for it. */
void transfer_written(struct instance *i);
/* The instance says that it reads this one from now on. */
void transfer_taken(struct instance *i, uint32_t id);
/* The instance says that a connection ended; how: arg of CONN_END. */
void transfer_ended(struct instance *i, uint32_t id, uint32_t how);
/* Nothing more is written to the instance: tells the core which connections it has not touched. */
void transfer_tell_unsent(struct instance *i);
/* The end of brood: what is still there. */
void transfer_close(struct supervisor *s);

#endif
