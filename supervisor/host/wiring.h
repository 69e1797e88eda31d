/*
 * wiring: the descriptors between brood and a process that is to be started: null, two logs, the channel.
 */
#ifndef BROOD_WIRING_H
#define BROOD_WIRING_H

#include "attributes.h"
#include "child.h"
#include "spec.h"

/* The ends that go to the process, and those that stay. */
struct wiring {
	int stays_in; /* channel; -1: none */
	int stays_out;
	int logs[2];
	int given[CHILD_FDS_MOST]; /* become 0, 1, 2, ... */
	int given_count;
	const char *channel; /* BROOD_CHANNEL */
	int board;           /* stays, to be read; -1: none */
	const char *board_name; /* BROOD_BOARD; NULL: none */
};

/* 0 or -errno; wiring_close() in any case. */
MUST_USE int wiring_open(struct wiring *w, enum channel_kind kind);
/* The ends of the process, once it has them. */
void wiring_close_given(struct wiring *w);
/* All that nobody has taken: what is taken is set to -1. */
void wiring_close(struct wiring *w);

#endif
