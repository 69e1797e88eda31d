/* job: progress of commands. */
#include "job.h"

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
	return w->state == WORKER_DOWN || w->state == WORKER_FAILED ? JOB_DONE : JOB_PENDING;
}

static enum job_progress look_restarted(const struct worker *w, uint64_t since)
{
	if (has_run_to_its_end(w, since))
		return JOB_DONE;
	if (w->up_serial > since)
		return w->state == WORKER_UP ? JOB_DONE : JOB_FAILED;
	if (w->failed_serial > since || w->wish == WISH_DOWN)
		return JOB_FAILED;
	return JOB_PENDING;
}

bool job_passes_over(const struct job *j, const struct worker *w)
{
	return j->verb == VERB_RESTART && j->is_for_all && w->wish == WISH_DOWN;
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
	case VERB_RESTART:
		return look_restarted(w, j->since);
	}
	return JOB_FAILED;
}

void job_count_calls(struct job *j, const struct worker *w, const struct trace_calls *calls)
{
	if (!w->is_asked || w->index - j->first >= j->count)
		return;
	j->lost += calls->crashed;
	j->requeued += calls->requeued;
}

bool job_tally(const struct job *j, const struct worker *workers, struct job_outcome *outcome_out)
{
	struct job_outcome o = {.targets = j->count,
				.changed = j->changed,
				.lost = j->lost,
				.requeued = j->requeued};
	bool pending = false;

	for (uint32_t i = 0; i < j->count; i++) {
		enum job_progress progress = job_look(j, &workers[j->first + i]);

		pending |= progress == JOB_PENDING;
		o.done += progress == JOB_DONE;
		o.failed += progress == JOB_FAILED;
	}
	*outcome_out = o;
	return !pending;
}
