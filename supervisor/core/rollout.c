/*
 * rollout: which instances of a restart are begun, and when.
 *
 * They are begun in order. What is not begun yet when one fails is left as it is: it serves on.
 */
#include "rollout.h"

#include "crew.h"
#include "fleet.h"
#include "roster.h"
#include "size.h"
#include "succession.h"

/* False: not now. */
static bool begin(struct fleet *f, struct worker *w)
{
	bool overlaps = w->spec->update == UPDATE_OVERLAP && w->state == WORKER_UP;

	if (w->companion != NONE || (overlaps && !succession_begin(f, w)))
		return false;
	size_bench(&f->pools[w->pool], w, false);
	if (!overlaps)
		crew_wish(f, w, WISH_CYCLE, CAUSE_COMMAND);
	w->asked_serial = f->serial;
	return true;
}

/* How many are under way; notices the first failure. */
static uint32_t count_active(const struct fleet *f, struct job *j)
{
	uint32_t active = 0;

	for (struct job_place at = job_begin(j);
	     job_reaches(j, f->pools, &at) && job_is_before(&at, &j->next); at.seat++) {
		switch (job_look(j, roster_at(&f->pools[at.pool], at.seat))) {
		case JOB_PENDING:
			active++;
			break;
		case JOB_FAILED:
			j->has_stopped = true;
			break;
		case JOB_DONE:
		case JOB_LEFT:
			break;
		}
	}
	return active;
}

static uint32_t limit_of(const struct job *j, const struct worker *w)
{
	uint32_t limit = j->rolling == NONE ? w->spec->rolling : j->rolling;

	return limit == 0 ? UINT32_MAX : limit;
}

void rollout_go_on(struct fleet *f, struct job *j)
{
	uint32_t active = count_active(f, j);

	j->has_stopped |= f->is_stopping;
	for (; !j->has_stopped && job_reaches(j, f->pools, &j->next); j->next.seat++) {
		struct worker *w = roster_at(&f->pools[j->next.pool], j->next.seat);

		/* another command has been about it meanwhile: what came of that counts */
		if (job_passes_over(j, w) || w->asked_serial > j->since)
			continue;
		if (active >= limit_of(j, w) || !begin(f, w))
			return;
		j->changed++;
		active++;
	}
}
