/*
 * board: the page on which a worker notes which calls have reached its handlers (docs/protocol.md, section 6).
 *
 * One memfd page for each process, made by the supervisor and inherited. The worker stores, the supervisor reads a copy
 * after the worker's death: so it knows which calls had begun, however the process ended. It is an untrusted hint: a
 * worker can lie about its own calls only.
 *
 * Offsets: 0 u64 magic · 8 u32 version · 12 u32 slots · 16 u64 beat, ns of CLOCK_MONOTONIC · 24 u64 served · 32 u64
 * failed · 40 zeros · 64 slots of 32 bytes: 0 u64 key · 8 u32 id · 12 u32 state · 16 u64 start, ns of
 * CLOCK_MONOTONIC · 24 u32 progress · 28 zeros. In the byte order of the machine: both sides run on it.
 */
#ifndef BROOD_BOARD_H
#define BROOD_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attributes.h"
#include "contract.h"

#define BOARD_MAGIC   UINT64_C(0x31647262646f7262) /* "brodbrd1" */
#define BOARD_VERSION 1u

enum board_state {
	BOARD_FREE,
	BOARD_RECEIVED, /* whole, and no handler has seen it */
	BOARD_STARTED,  /* with a handler */
	BOARD_REPLIED,  /* answered; the slot is free once the answer has left the process */
};

struct board_slot {
	uint64_t key;
	uint32_t id;
	uint32_t state; /* enum board_state */
	uint64_t start_ns;
	uint32_t progress;
	uint32_t reserved;
};

struct board {
	uint64_t magic;
	uint32_t version; /* BOARD_VERSION; 0: given up, all calls count as started */
	uint32_t slots;
	uint64_t beat_ns;
	uint64_t served;
	uint64_t failed;
	uint64_t reserved[3];
	struct board_slot slot[BROOD_MAX_SLOTS];
};

_Static_assert(sizeof(struct board) == 4096, "one page");

/* A fresh page. */
void board_init(struct board *b);
/* Is it one that this code can keep and read? */
bool board_is_sound(const struct board *b);

/* ---- for the supervisor, on a copy */

/* Had this call reached a handler when the copy was made? Where the page tells nothing sound: yes. */
bool board_has_started(const struct board *copy, uint32_t id);
/* When this call reached its handler, ns of CLOCK_MONOTONIC; 0: the page does not tell. */
uint64_t board_started_at(const struct board *copy, uint32_t id);

#endif
