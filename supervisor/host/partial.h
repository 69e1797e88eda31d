/*
 * partial: requests and frames that have not arrived whole: how much of them there may be, and how long they may take.
 *
 * All clients together may have max_partial under way, those of one user max_partial_per_uid. What is not whole within
 * partial_timeout of its endpoint is given up: a request is answered, and for half a frame the connection is closed.
 * Who holds bytes here for longer than its connection lasts keeps a reference to its user.
 */
#ifndef BROOD_PARTIAL_H
#define BROOD_PARTIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "attributes.h"

struct client;
struct partial_user;
struct supervisor;

struct partials {
	struct partial_user *users; /* with connections, or bytes */
	size_t bytes;               /* of all of them */
	uv_timer_t timer;           /* for the oldest */
};

void partial_open(struct supervisor *s);
void partial_close(struct supervisor *s);

/* This user, referenced; NULL without memory. */
struct partial_user *partial_user(struct supervisor *s, uint32_t uid);
struct partial_user *partial_ref(struct partial_user *u);
void partial_unref(struct supervisor *s, struct partial_user *u);

/* So many bytes more, or less. */
void partial_add(struct supervisor *s, struct partial_user *u, size_t bytes);
void partial_remove(struct supervisor *s, struct partial_user *u, size_t bytes);
/* How many bytes more this user may have now. */
size_t partial_room(const struct supervisor *s, const struct partial_user *u);
/* Which limit leaves no room, with its numbers. */
void partial_explain(const struct supervisor *s, const struct partial_user *u, char *out, size_t size);
/*
 * May brood read so much out of memory that this user has lent? In one turn of the loop not any number of times: large
 * bodies that do not exist cost their sender nothing, and while brood reads nobody is served.
 */
MUST_USE bool partial_may_read(const struct supervisor *s, struct partial_user *u, uint64_t bytes);

/* Something of this client has begun and is not whole: its time runs. */
void partial_begun(struct client *c);

#endif
