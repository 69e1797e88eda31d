/*
 * succession: when an heir takes over, and what becomes of both.
 *
 * The end of an heir's process is never tried again: its wish is down until it has the seat. If the one that has the
 * seat dies meanwhile, the heir takes over as it is, and is from then on an instance like any other.
 */
#include "succession.h"

#include "crew.h"
#include "fleet.h"
#include "roster.h"

static struct pool *pool_of(struct fleet *f, const struct worker *w)
{
	return &f->pools[w->pool];
}

bool succession_begin(struct fleet *f, struct worker *member)
{
	struct worker *heir;

	if (member->companion != NONE)
		return false;
	heir = roster_add_heir(pool_of(f, member), member);
	if (!heir)
		return false;
	crew_apply(f, heir, EVENT_WANT_UP, (struct worker_context){.cause = CAUSE_BESIDE});
	heir->wish = WISH_DOWN;
	member->newest = heir->newest;
	heir->asked_serial = member->asked_serial = f->serial;
	return true;
}

bool succession_has_heir(const struct fleet *f, const struct worker *w)
{
	const struct worker *other = roster_companion(&f->pools[w->pool], w);

	return w->role == ROLE_MEMBER && other && other->role == ROLE_HEIR && !other->is_asked;
}

static void promote(struct fleet *f, struct worker *heir)
{
	struct pool *p = pool_of(f, heir);
	struct worker *elder = roster_companion(p, heir);

	roster_promote(p, heir);
	heir->wish = f->is_stopping ? WISH_DOWN : WISH_UP;
	pool_update(p, heir); /* keys that nobody could have wait for the member of a seat, which it is only now */
	pool_serve(p, f->now, f->out);
	if (worker_has_process(elder))
		crew_wish(f, elder, WISH_DOWN, CAUSE_REPLACED);
	else
		roster_dismiss(p, elder);
}

/* It never became ready: people want to know why. */
static void remember_trial(struct fleet *f, const struct worker *heir)
{
	struct worker *member = roster_companion(pool_of(f, heir), heir);

	member->trial = (struct worker_trial){.serial = f->serial,
					      .at = f->now,
					      .record = heir->index,
					      .generation = heir->generation,
					      .exit = heir->last_exit,
					      .ran = heir->last_ran};
}

void succession_follow(struct fleet *f, struct worker *w)
{
	switch (w->role) {
	case ROLE_MEMBER:
		if (!worker_has_process(w) && succession_has_heir(f, w))
			promote(f, roster_companion(pool_of(f, w), w));
		return;
	case ROLE_HEIR:
		if (w->state == WORKER_UP) {
			promote(f, w);
		} else if (!worker_has_process(w)) {
			remember_trial(f, w);
			roster_dismiss(pool_of(f, w), w);
		}
		return;
	case ROLE_ELDER:
		if (!worker_has_process(w))
			roster_dismiss(pool_of(f, w), w);
		return;
	case ROLE_SPARE:
		return;
	}
}
