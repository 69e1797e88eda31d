/* greeting: the handshake of a client. */
#ifndef BROOD_GREETING_H
#define BROOD_GREETING_H

#include "client.h"

enum { GREETING_PROBLEM = 120 };

/* Why the peer ("client", "worker") and this brood cannot speak with each other. */
void greeting_explain(char *out, size_t size, const char *who, const struct hello *peer);
/* From now on it has handshake_timeout to say HELLO. */
void greeting_await(struct client *c);
/* A frame before the handshake is done. False: the client was ended. */
bool greeting_frame(struct client *c, const struct frame *f);

#endif
