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

struct endpoint_socket {
	struct supervisor *s;
	uint32_t index;
	struct published name;
	bool is_open;
	bool is_paused; /* by its own limit */
	uv_poll_t poll;
	uv_timer_t retry; /* after EMFILE and its like */
	uint64_t refused; /* by its allow list */
};

/* Opens all endpoints. 0, or -errno with a sentence. */
MUST_USE int listen_open(struct supervisor *s, char *problem, size_t size);
/* endpoint NONE: all. */
void listen_pause(struct supervisor *s, uint32_t endpoint, bool pause);
/* No more connections; the names go. */
void listen_close(struct supervisor *s);
/* The path clients connect to, for people. */
const char *listen_path(const struct supervisor *s, uint32_t endpoint);

#endif
