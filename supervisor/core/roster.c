/* roster: seats and records. Which of them is used for what; when is decided by succession. */
#include "roster.h"

#include <assert.h>
#include <string.h>

#include "size.h"

uint32_t roster_records_most(const struct worker_spec *spec)
{
	uint32_t seats = size_seats_most(spec);

	return spec->update == UPDATE_OVERLAP ? 2 * seats : seats;
}

/* A record that was never in use; NULL: there is none left. */
static struct worker *new_record(struct pool *p)
{
	uint32_t index = p->first_worker + p->worker_count;
	struct worker *w;

	if (p->worker_count == p->worker_capacity)
		return NULL;
	p->worker_count++;
	w = &p->workers[index];
	w->spec = p->spec;
	w->index = index;
	w->pool = p->index;
	w->companion = NONE;
	w->ready = CALL_LIST_EMPTY;
	w->deadline = INSTANT_NEVER;
	w->cells = p->cells + (size_t)index * WORKER_CELLS;
	memset(w->cells, 0xff, WORKER_CELLS * sizeof(uint32_t));
	return w;
}

void roster_open(struct pool *p)
{
	while (p->seat_count < p->spec->instances.most) {
		bool fits = roster_add_seat(p);

		assert(fits); /* there are at least as many records as seats */
	}
}

bool roster_add_seat(struct pool *p)
{
	struct worker *w = p->seat_count < size_seats_most(p->spec) ? new_record(p) : NULL;

	if (!w)
		return false;
	w->instance = p->seat_count;
	p->seats[p->seat_count++] = w->index;
	return true;
}

struct worker *roster_at(const struct pool *p, uint32_t instance)
{
	assert(instance < p->seat_count);
	return &p->workers[p->seats[instance]];
}

struct worker *roster_companion(const struct pool *p, const struct worker *w)
{
	return w->companion == NONE ? NULL : &p->workers[w->companion];
}

/* The output of dead generations lies with the record: the one that this instance had before, where there is one. */
static struct worker *spare_for(struct pool *p, uint32_t instance)
{
	struct worker *any = NULL;

	for (uint32_t i = 0; i < p->worker_count; i++) {
		struct worker *w = &p->workers[p->first_worker + i];

		if (w->role != ROLE_SPARE)
			continue;
		if (w->instance == instance)
			return w;
		any = w;
	}
	return p->worker_count < p->worker_capacity ? new_record(p) : any;
}

struct worker *roster_add_heir(struct pool *p, struct worker *member)
{
	struct worker *w = spare_for(p, member->instance);

	assert(member->companion == NONE);
	if (!w)
		return NULL;
	assert(w->in_flight == 0 && !worker_has_process(w));
	w->role = ROLE_HEIR;
	w->instance = member->instance;
	w->companion = member->index;
	member->companion = w->index;
	w->newest = member->newest;
	w->restarts = member->restarts;
	w->history = (struct restart_history){0};
	w->last_exit = member->last_exit;
	w->last_ran = member->last_ran;
	w->ended_at = member->ended_at;
	w->asked_serial = member->asked_serial;
	w->up_serial = w->failed_serial = w->down_serial = 0;
	w->trial = (struct worker_trial){0};
	return w;
}

void roster_promote(struct pool *p, struct worker *heir)
{
	struct worker *elder = roster_companion(p, heir);

	assert(heir->role == ROLE_HEIR && elder->role == ROLE_MEMBER);
	p->seats[heir->instance] = heir->index;
	heir->role = ROLE_MEMBER;
	elder->role = ROLE_ELDER;
	heir->past = elder->past;
}

void roster_dismiss(struct pool *p, struct worker *companion)
{
	struct worker *member = roster_companion(p, companion);

	assert(companion->role == ROLE_HEIR || companion->role == ROLE_ELDER);
	if (companion->role == ROLE_ELDER) {
		member->last_exit = companion->last_exit;
		member->last_ran = companion->last_ran;
		member->ended_at = companion->ended_at;
	}
	companion->role = ROLE_SPARE;
	companion->companion = member->companion = NONE;
}
