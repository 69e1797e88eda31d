/*
 * listen: endpoints. A socket appears under its name finished: listening, with its final owner and mode; who
 * connects is looked at before a byte is read.
 */
#ifndef BROOD_LISTEN_H
#define BROOD_LISTEN_H

#include <uv.h>

#include "attributes.h"
#include "publish.h"

struct supervisor;
struct acceptor;

struct endpoint_socket {
	struct supervisor *s;
	uint32_t index;
	struct published name;
	struct acceptor *acceptor; /* NULL: not open */
	bool is_paused;            /* by its own limit */
	uint64_t refused;          /* by its allow list */
	char problem[PUBLISH_PROBLEM]; /* why its lost name could not be published again, as it was said */
};

/* Opens all endpoints. 0, or -errno with a sentence. */
MUST_USE int listen_open(struct supervisor *s, char *problem, size_t size);
/* Publishes again what has lost its name. False: not all of it could be; why is said once. */
MUST_USE bool listen_renew(struct supervisor *s);
/* endpoint NONE: all. */
void listen_pause(struct supervisor *s, uint32_t endpoint, bool pause);
/* No more connections; the names go. */
void listen_close(struct supervisor *s);
/* The path clients connect to, for people. */
const char *listen_path(const struct supervisor *s, uint32_t endpoint);

#endif
