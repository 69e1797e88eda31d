/*
 * roster: which process is which instance of a pool.
 *
 * A pool has a seat for each instance, and more records of workers than seats where two generations of an instance may
 * live at once. Who has the seat is the instance, for people and for commands; beside it there may be one companion:
 * its heir, which is not ready yet, or its elder, which finishes what it has in hand. See docs/decisions/0008.
 */
#ifndef BROOD_ROSTER_H
#define BROOD_ROSTER_H

#include "attributes.h"
#include "pool.h"

/* How many records of workers a pool of this worker may need. */
uint32_t roster_records_most(const struct worker_spec *spec);
/* Fills the seats of a new pool. */
void roster_open(struct pool *p);
/* One seat more, with an instance that was never started; false: there is no room. */
MUST_USE bool roster_add_seat(struct pool *p);
/* Who has this seat: below p->seat_count. */
struct worker *roster_at(const struct pool *p, uint32_t instance);
/* The other generation of this instance; NULL: there is none. */
struct worker *roster_companion(const struct pool *p, const struct worker *w);
/* A record beside the one that has the seat, as its heir; NULL: none is free now. */
MUST_USE struct worker *roster_add_heir(struct pool *p, struct worker *member);
/* The heir gets the seat, who had it becomes its elder. */
void roster_promote(struct pool *p, struct worker *heir);
/* A companion whose process has ended: its record is free for others. */
void roster_dismiss(struct pool *p, struct worker *companion);

#endif
