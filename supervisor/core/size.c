/* size: see size.h. Whether an instance is up, and its wish, are the worker's; here is which of them are wanted. */
#include "size.h"

#include "admission.h"
#include "crew.h"
#include "fleet.h"
#include "roster.h"

enum { SEATS_LEAST = 8 };

uint32_t size_seats_most(const struct worker_spec *spec)
{
	uint32_t most = spec->instances.most;
	uint32_t limit = spec->scale_limit > 0 ? spec->scale_limit : 2 * most > SEATS_LEAST ? 2 * most : SEATS_LEAST;

	if (limit > SPEC_INSTANCES_MOST)
		limit = SPEC_INSTANCES_MOST;
	return limit > most ? limit : most;
}

void size_open(struct pool *p)
{
	p->least = p->spec->instances.least;
	p->most = p->spec->instances.most;
	p->idle_since = INSTANT_NEVER;
}

bool size_counts(const struct pool *p, const struct worker *w)
{
	return worker_has_process(w) || (!w->is_benched && w->instance < p->most);
}

uint32_t size_now(const struct pool *p)
{
	uint32_t n = 0;

	for (uint32_t seat = 0; seat < p->seat_count; seat++) {
		const struct worker *w = roster_at(p, seat);

		n += !w->is_benched && w->wish != WISH_DOWN;
	}
	return n;
}

bool size_has_reserve(const struct pool *p)
{
	return p->benched > 0 && !p->is_stopping;
}

void size_bench(struct pool *p, struct worker *w, bool is_benched)
{
	if (w->is_benched == is_benched)
		return;
	w->is_benched = is_benched;
	p->benched = is_benched ? p->benched + 1 : p->benched - 1;
}

void size_follow(struct pool *p, struct worker *w)
{
	if (w->role == ROLE_MEMBER && w->state == WORKER_DOWN && w->wish != WISH_DOWN && w->generation > 0 &&
	    p->least < p->most)
		size_bench(p, w, true);
}

void size_scale(struct fleet *f, struct pool *p, uint32_t least, uint32_t most)
{
	p->least = least;
	p->most = most;
	f->has_new_sizes = true;
	p->idle_since = INSTANT_NEVER;
	while (p->seat_count < most && roster_add_seat(p))
		;
	for (uint32_t seat = 0; seat < p->seat_count; seat++) {
		struct worker *w = roster_at(p, seat);
		bool is_between = seat >= least && seat < most;

		if (is_between && worker_has_process(w) && w->wish != WISH_DOWN)
			continue;
		size_bench(p, w, is_between);
		if (seat < least)
			crew_wish(f, w, WISH_UP, CAUSE_COMMAND);
		else
			crew_wish(f, w, WISH_DOWN, CAUSE_SIZE);
		w->asked_serial = f->serial;
	}
	pool_review(p);
}

/* -------------------------------------------------------------------- more */

/* One that is not up but will be, or tries to. */
static bool is_growing(const struct pool *p)
{
	for (uint32_t seat = 0; seat < p->seat_count; seat++) {
		const struct worker *w = roster_at(p, seat);

		if (w->state != WORKER_UP && w->state != WORKER_FAILED && !w->is_benched &&
		    worker_has_prospect(w))
			return true;
	}
	return false;
}

/* One that is up, and stays. */
static bool has_server(const struct pool *p)
{
	for (uint32_t seat = 0; seat < p->seat_count; seat++) {
		const struct worker *w = roster_at(p, seat);

		if (w->state == WORKER_UP && worker_has_prospect(w))
			return true;
	}
	return false;
}

/* When one more is due: at once where nobody serves. Never: not by what is there now. */
static struct instant growth_due(const struct fleet *f, const struct pool *p)
{
	const struct call *oldest;

	if ((p->queued == 0 && p->connections.first == NONE) || p->benched == 0 || is_growing(p))
		return INSTANT_NEVER;
	if (!has_server(p))
		return f->now;
	if (p->queue.first == NONE || slots_pick(&p->slots))
		return INSTANT_NEVER;
	oldest = &p->ledger->table.calls[p->queue.first];
	return instant_after(oldest->accepted_at, p->spec->scale_up_after);
}

/* The first on the bench; rather one without a process, because one that still ends must be waited for. */
static void grow(struct fleet *f, struct pool *p)
{
	struct worker *next = NULL;

	for (uint32_t seat = 0; seat < p->seat_count; seat++) {
		struct worker *w = roster_at(p, seat);

		if (w->is_benched && (!next || (worker_has_process(next) && !worker_has_process(w))))
			next = w;
	}
	if (!next)
		return;
	size_bench(p, next, false);
	crew_wish(f, next, WISH_UP, CAUSE_LOAD);
}

/* -------------------------------------------------------------------- less */

static void note_idleness(const struct fleet *f, struct pool *p)
{
	if (!slots_has_idle(&p->slots))
		p->idle_since = INSTANT_NEVER;
	else if (instant_is_never(p->idle_since))
		p->idle_since = f->now;
}

static struct instant shrinkage_due(const struct pool *p)
{
	if (instant_is_never(p->idle_since) || p->spec->idle_stop.ms == 0 || size_now(p) <= p->least)
		return INSTANT_NEVER;
	return instant_after(p->idle_since, p->spec->idle_stop);
}

/* The last one that has nothing in hand, no connections either. */
static void shrink(struct fleet *f, struct pool *p)
{
	p->idle_since = f->now;
	for (uint32_t seat = p->seat_count; seat-- > 0;) {
		struct worker *w = roster_at(p, seat);

		if (w->state != WORKER_UP || w->in_flight > 0 || w->connections > 0 || w->companion != NONE)
			continue;
		size_bench(p, w, true);
		crew_wish(f, w, WISH_DOWN, CAUSE_SIZE);
		return;
	}
}

static void look(struct fleet *f, struct pool *p)
{
	struct instant more;
	struct instant less;

	more = growth_due(f, p);
	if (!instant_is_before(f->now, more)) {
		grow(f, p);
		more = growth_due(f, p);
	}
	note_idleness(f, p);
	less = shrinkage_due(p);
	if (!instant_is_before(f->now, less)) {
		shrink(f, p);
		note_idleness(f, p);
		less = shrinkage_due(p);
	}
	deadlines_set(&f->deadlines, f->worker_count + 1 + p->index, instant_is_before(more, less) ? more : less);
}

static void find_elastic(struct fleet *f)
{
	f->has_new_sizes = false;
	f->elastic = NONE;
	for (uint32_t i = f->pool_count; i-- > 0;) {
		struct pool *p = &f->pools[i];

		if (p->least < p->most && !f->is_stopping) {
			p->next_elastic = f->elastic;
			f->elastic = i;
		} else {
			deadlines_set(&f->deadlines, f->worker_count + 1 + p->index, INSTANT_NEVER);
		}
	}
}

/* With each event, so it must not cost more where there are more pools. */
void size_look(struct fleet *f)
{
	if (f->has_new_sizes)
		find_elastic(f);
	for (uint32_t i = f->elastic; i != NONE; i = f->pools[i].next_elastic)
		look(f, &f->pools[i]);
}
