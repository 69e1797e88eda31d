/*
 * notes: what a worker writes on its board (wire/board.h). Stores only: no system call, no lock of its own.
 *
 * A slot is taken when a call goes to its handler, and free again when the answer's last byte has left the process: in
 * between, a death tells the supervisor that the call had begun. Everything is called with the handle's lock held.
 */
#ifndef BROOD_NOTES_H
#define BROOD_NOTES_H

#include <stdbool.h>
#include <stdint.h>

#include "board.h"
#include "flow.h"
#include "outbox.h"

enum { NOTES_NONE = BROOD_MAX_SLOTS };

struct notes {
	struct board *board; /* mapped; NULL: there is none */
	uint32_t free[BROOD_MAX_SLOTS]; /* stack of free slots */
	uint32_t free_count;
	uint64_t ends[BROOD_MAX_SLOTS]; /* of replied ones: offset of the outbox behind the answer */
};

/* Maps the inherited page, whose descriptor is taken and closed. False: there is no board, for whatever reason. */
bool notes_open(struct notes *n, int fd);
void notes_close(struct notes *n);

/* This call goes to its handler. The slot that was taken for it; NOTES_NONE without a board. */
uint32_t notes_start(struct notes *n, uint32_t id, uint64_t key, const struct outbox *out,
		     const struct flow_set *flows);
/* Its answer is about to be queued. */
void notes_reply(struct notes *n, uint32_t slot, bool failed);
/* It has been queued: what is in the outbox now has to be sent first. */
void notes_queued(struct notes *n, uint32_t slot, const struct outbox *out, const struct flow_set *flows);
/* The loop runs. */
void notes_beat(struct notes *n);

#endif
