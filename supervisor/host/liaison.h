/*
 * liaison: workers that call other pools.
 *
 * A worker asks for a connection by CONNECT, and gets one end of a socketpair in its REPLY. At the other end stands
 * brood itself, and the worker is a client like those from outside; or, directly, an instance of the called pool, to
 * which the end is handed over like any connection (transfer). Who may call whom is configuration alone.
 */
#ifndef BROOD_LIAISON_H
#define BROOD_LIAISON_H

#include <stdbool.h>

#include "frame.h"

struct instance;

/* CONNECT. False: the channel was ended. */
bool liaison_ask(struct instance *i, const struct frame *f);
/* The process has ended, or cannot be spoken with: so are its connections. */
void liaison_end(struct instance *i);

#endif
