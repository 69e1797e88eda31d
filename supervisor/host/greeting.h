/* greeting: the handshake of a client. */
#ifndef BROOD_GREETING_H
#define BROOD_GREETING_H

#include "client.h"

/* From now on it has handshake_timeout to say HELLO. */
void greeting_await(struct client *c);
/* A frame before the handshake is done. False: the client was ended. */
bool greeting_frame(struct client *c, const struct frame *f);

#endif
