/*
 * unread: what waits for a client that does not read it.
 *
 * The core is told how well it reads, and holds its calls back; who reads nothing for read_timeout is closed.
 */
#ifndef BROOD_UNREAD_H
#define BROOD_UNREAD_H

#include "client.h"

/* Something more waits for it. */
void unread_grew(struct client *c);
/* As much was written as it takes now. */
void unread_written(struct client *c);

#endif
