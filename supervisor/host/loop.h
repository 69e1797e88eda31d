/* loop: one place from which the core is stepped, one timer, one flush a turn. */
#ifndef BROOD_LOOP_H
#define BROOD_LOOP_H

#include "attributes.h"
#include "event.h"
#include "instant.h"

struct supervisor;
struct link;

/* Makes the loop. 0 or -errno. */
MUST_USE int loop_open(struct supervisor *s);
/* Runs until nothing is left to do. */
void loop_run(struct supervisor *s);
/* Frees what loop_open() made; all handles must be closed. */
void loop_close(struct supervisor *s);

/* Gives the core an event: at once, or after the one it is working on. Its `now` is filled in. */
void loop_give(struct supervisor *s, struct event *e);
/* The moment of this turn. */
struct instant loop_now(const struct supervisor *s);
/* The wall clock, ms since 1970: for people, never for a decision. */
int64_t loop_wall_ms(void);
/* This link has something to send: it is flushed before the loop sleeps. */
void loop_mark(struct supervisor *s, struct link *l);
/*
 * The system has no memory for what is to be sent. A little later this link (NULL: none) is marked again, and operators
 * try again too.
 */
void loop_starve(struct supervisor *s, struct link *l);

#endif
