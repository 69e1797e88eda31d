/* job: progress of commands. */
#include "job.h"

#include "roster.h"
#include "size.h"

/* It came to rest by itself: with success, and was not to be restarted. That is all that a one-shot job can do. */
static bool has_run_to_its_end(const struct worker *w, uint64_t since)
{
	return w->state == WORKER_DOWN && w->wish != WISH_DOWN && w->down_serial > since;
}

static enum job_progress look_started(const struct worker *w, uint64_t since)
{
	if (has_run_to_its_end(w, since))
		return JOB_DONE;
	if (w->state == WORKER_UP || w->up_serial > since)
		return w->state == WORKER_UP ? JOB_DONE : JOB_FAILED;
	if (w->state == WORKER_FAILED || w->failed_serial > since || w->wish == WISH_DOWN)
		return JOB_FAILED;
	return JOB_PENDING;
}

static enum job_progress look_stopped(const struct worker *w)
{
	if (w->wish != WISH_DOWN)
		return JOB_FAILED; /* somebody wished otherwise meanwhile */
	if (w->companion != NONE)
		return JOB_PENDING;
	return w->state == WORKER_DOWN || w->state == WORKER_FAILED ? JOB_DONE : JOB_PENDING;
}

/* Since it was begun, by this job or by another command after it. */
static enum job_progress look_restarted(const struct worker *w)
{
	uint64_t since = w->asked_serial;

	if (has_run_to_its_end(w, since))
		return JOB_DONE;
	if (w->up_serial > since && w->state != WORKER_UP)
		return JOB_FAILED;
	if (w->failed_serial > since || w->trial.serial > since || w->wish == WISH_DOWN)
		return JOB_FAILED;
	return w->up_serial > since && w->companion == NONE ? JOB_DONE : JOB_PENDING;
}

void job_aim(struct job *j, uint32_t pool, uint32_t instance, uint32_t pool_count)
{
	bool is_one = pool != NONE && instance != NONE;

	j->is_for_all = pool == NONE;
	j->pool = pool == NONE ? 0 : pool;
	j->pool_count = pool == NONE ? pool_count : 1;
	j->seat = is_one ? instance : 0;
	j->seat_end = is_one ? instance + 1 : NONE;
	j->next = job_begin(j);
}

struct job_place job_begin(const struct job *j)
{
	return (struct job_place){j->pool, j->seat};
}

/*
 * What its pool does not need now is meant only where it is named; nor does a stop of the whole pool count seats of
 * which load had started none.
 */
static bool is_meant(const struct job *j, const struct pool *p, const struct worker *w)
{
	bool is_end = j->verb == VERB_STOP || j->verb == VERB_DRAIN;
	bool was_at_rest = !worker_has_process(w) && w->state == WORKER_DOWN && w->down_serial <= j->since;

	return size_counts(p, w) && !(is_end && w->instance >= p->least && was_at_rest);
}

bool job_reaches(const struct job *j, const struct pool *pools, struct job_place *at)
{
	for (; at->pool < j->pool + j->pool_count; *at = (struct job_place){at->pool + 1, j->seat}) {
		const struct pool *p = &pools[at->pool];

		while (j->seat_end == NONE && at->seat < p->seat_count && !is_meant(j, p, roster_at(p, at->seat)))
			at->seat++;
		if (at->seat < j->seat_end && at->seat < p->seat_count)
			return true;
	}
	return false;
}

bool job_is_before(const struct job_place *a, const struct job_place *b)
{
	return a->pool != b->pool ? a->pool < b->pool : a->seat < b->seat;
}

bool job_passes_over(const struct job *j, const struct worker *w)
{
	if (j->verb != VERB_RESTART)
		return false;
	return (j->is_for_all && w->wish == WISH_DOWN) || (w->is_benched && j->seat_end == NONE);
}

enum job_progress job_look(const struct job *j, const struct worker *w)
{
	if (job_passes_over(j, w))
		return JOB_DONE;
	switch (j->verb) {
	case VERB_START:
		return look_started(w, j->since);
	case VERB_STOP:
	case VERB_DRAIN:
		return look_stopped(w);
	case VERB_SCALE:
		if (w->instance >= j->most)
			return look_stopped(w);
		return w->instance < j->least ? look_started(w, j->since) : JOB_DONE;
	case VERB_RESTART:
		if (w->asked_serial <= j->since)
			return j->has_stopped ? JOB_LEFT : JOB_PENDING;
		return look_restarted(w);
	}
	return JOB_FAILED;
}

void job_count_calls(struct job *j, const struct worker *w, const struct trace_calls *calls)
{
	if (!w->is_asked || w->pool - j->pool >= j->pool_count || w->instance < j->seat ||
	    w->instance >= j->seat_end)
		return;
	j->lost += calls->crashed;
	j->requeued += calls->requeued + calls->redelivered;
}

bool job_tally(const struct job *j, const struct pool *pools, struct job_outcome *outcome_out)
{
	struct job_outcome o = {.changed = j->changed, .lost = j->lost, .requeued = j->requeued};
	bool pending = false;

	for (struct job_place at = job_begin(j); job_reaches(j, pools, &at); at.seat++) {
		enum job_progress progress = job_look(j, roster_at(&pools[at.pool], at.seat));

		o.targets++;
		pending |= progress == JOB_PENDING;
		o.done += progress == JOB_DONE;
		o.failed += progress == JOB_FAILED;
		o.left += progress == JOB_LEFT;
	}
	*outcome_out = o;
	return !pending;
}
