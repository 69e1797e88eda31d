/*
 * welcome: the handshake with a worker: HELLO before it lives, and what it says to that.
 */
#ifndef BROOD_WELCOME_H
#define BROOD_WELCOME_H

#include <stdbool.h>

#include "frame.h"

struct instance;

/* Writes HELLO into the channel. */
void welcome_offer(struct instance *i);
/* The worker's first frame. False: its channel was ended. */
bool welcome_receive(struct instance *i, const struct frame *f);

#endif
