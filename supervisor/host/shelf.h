/*
 * shelf: descriptors that workers park with brood (STORE, FETCH), one shelf for each instance, whichever process it
 * has.
 *
 * What was parked stays open here until the worker takes it back (STORE without descriptors), or the core says that it
 * is over (ACTION_CLOSE_STORED), or brood ends. brood does not look at it: what hangs up is not dropped.
 */
#ifndef BROOD_SHELF_H
#define BROOD_SHELF_H

#include <stdbool.h>
#include <stdint.h>

#include "attributes.h"
#include "frame.h"

struct instance;
struct supervisor;
struct worker_spec;
struct shelf;

/* May the instances of this worker park any? */
bool shelf_is_possible(const struct worker_spec *w);
/* STORE and FETCH of a worker; false: it asks more than it reads, and its channel is broken off. */
MUST_USE bool shelf_receive(struct instance *i, const struct frame *f);
/* Closes what this instance of this pool has parked. */
void shelf_close(struct supervisor *s, uint32_t pool, uint32_t number);
void shelf_close_all(struct supervisor *s);
/* Gives the name of each that it has parked, in order. */
void shelf_walk(const struct supervisor *s, uint32_t pool, uint32_t number,
		void (*take)(void *to, const char *name), void *to);

#endif
