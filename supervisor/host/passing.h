/* passing: which descriptors may pass from clients to workers and back, and what is said where they may not. */
#ifndef BROOD_PASSING_H
#define BROOD_PASSING_H

#include <stdbool.h>
#include <stdint.h>

#include "frame.h"

struct client;
struct instance;
struct worker_spec;

enum { PASSING_TEXT = 160 };

/* May descriptors travel on the channel of this worker's instances, or on the connections of its clients? */
bool passing_is_possible(const struct worker_spec *w);
/* May this call bring what it brings? REASON_NONE, else why not, with a sentence. */
enum frame_reason passing_judge_call(const struct client *c, const struct frame *f, char text[PASSING_TEXT]);

/* Room for an answer that takes the place of another one. */
struct passing_refusal {
	uint8_t head[PASSING_TEXT + 16];
};

/* Where this answer may not bring what it brings, turns it into one that says so, and that needs `room`. */
void passing_check_reply(const struct instance *i, struct frame *reply, struct passing_refusal *room);

#endif
