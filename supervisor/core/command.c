/*
 * command: what an operator asks for, and the orderly end of everything.
 *
 * A command only changes wishes; a job watches what becomes of them. Everything starts in the order of the file and
 * stops in the reverse order. After a shutdown has begun, commands can only stop.
 */
#include "command.h"

#include <stddef.h>

#include "crew.h"
#include "fleet.h"

static struct job *free_job(struct fleet *f)
{
	for (unsigned i = 0; i < JOBS_MOST; i++) {
		if (!f->jobs[i].is_open)
			return &f->jobs[i];
	}
	return NULL;
}

/* The workers that a command is about. */
static void target(const struct fleet *f, const struct event *e, uint32_t *first, uint32_t *count)
{
	if (e->pool == NONE) {
		*first = 0;
		*count = f->worker_count;
		return;
	}
	*first = f->pools[e->pool].first_worker + (e->instance == NONE ? 0 : e->instance);
	*count = e->instance == NONE ? f->pools[e->pool].worker_count : 1;
}

static enum worker_wish wish_of(enum command_verb verb)
{
	switch (verb) {
	case VERB_START:
		return WISH_UP;
	case VERB_STOP:
	case VERB_DRAIN:
		return WISH_DOWN;
	case VERB_RESTART:
		return WISH_CYCLE;
	}
	return WISH_DOWN;
}

void command_take(struct fleet *f, const struct event *e)
{
	struct job job = {.is_open = true,
			  .number = e->job,
			  .verb = e->verb,
			  .since = f->serial,
			  .is_for_all = e->pool == NONE};
	struct job *slot = e->job == NONE ? NULL : free_job(f);

	target(f, e, &job.first, &job.count);
	for (uint32_t i = 0; i < job.count; i++) {
		/* stops go from the last to the first */
		uint32_t at = job.first + (wish_of(e->verb) == WISH_DOWN ? job.count - 1 - i : i);
		struct worker *w = &f->workers[at];

		if (job_passes_over(&job, w))
			continue;
		job.changed += job_look(&job, w) != JOB_DONE;
		crew_wish(f, w, f->is_stopping ? WISH_DOWN : wish_of(e->verb),
			  e->verb == VERB_DRAIN && !f->is_stopping ? CAUSE_DRAIN : CAUSE_COMMAND);
	}
	if (slot)
		*slot = job;
	else if (e->job != NONE)
		actions_add(f->out, &(struct action){.kind = ACTION_JOB_DONE,
						     .job = e->job,
						     .outcome = {.targets = job.count, .is_untold = true}});
}

void command_count_calls(struct fleet *f, const struct worker *w, const struct trace_calls *calls)
{
	for (unsigned i = 0; calls->crashed + calls->requeued > 0 && i < JOBS_MOST; i++) {
		if (f->jobs[i].is_open)
			job_count_calls(&f->jobs[i], w, calls);
	}
}

void command_end_jobs(struct fleet *f)
{
	for (unsigned i = 0; i < JOBS_MOST; i++) {
		struct job *j = &f->jobs[i];
		struct action done = {.kind = ACTION_JOB_DONE, .job = j->number};

		if (!j->is_open || !job_tally(j, f->workers, &done.outcome))
			continue;
		j->is_open = false;
		actions_add(f->out, &done);
	}
}

void command_start(struct fleet *f)
{
	for (uint32_t i = 0; i < f->worker_count; i++) {
		if (f->workers[i].spec->autostart)
			crew_wish(f, &f->workers[i], WISH_UP, CAUSE_NONE);
	}
}

/* Nothing new comes in from here on. */
static void shut(struct fleet *f)
{
	f->is_stopping = true;
	actions_add(f->out, &(struct action){.kind = ACTION_SHUT});
	for (uint32_t i = 0; i < f->pool_count; i++)
		f->pools[i].is_stopping = true;
}

void command_shut_down(struct fleet *f)
{
	if (f->is_stopping)
		return;
	shut(f);
	deadlines_set(&f->deadlines, f->worker_count, instant_after(f->now, f->spec->brood.shutdown_timeout));
	for (uint32_t i = f->worker_count; i-- > 0;) {
		if (worker_has_process(&f->workers[i]))
			crew_blame(&f->workers[i], CAUSE_SHUTDOWN);
		crew_wish(f, &f->workers[i], WISH_DOWN, CAUSE_SHUTDOWN);
	}
}

void command_halt(struct fleet *f)
{
	if (!f->is_stopping)
		shut(f);
	for (uint32_t i = f->worker_count; i-- > 0;) {
		struct worker *w = &f->workers[i];

		w->wish = WISH_DOWN;
		if (worker_has_process(w))
			crew_blame(w, CAUSE_SHUTDOWN);
		crew_apply(f, w, EVENT_HALT, (struct worker_context){.cause = CAUSE_SHUTDOWN});
	}
}

void command_finish(struct fleet *f)
{
	if (!f->is_stopping || f->is_finished)
		return;
	for (uint32_t i = 0; i < f->worker_count; i++) {
		if (worker_has_process(&f->workers[i]))
			return;
	}
	f->is_finished = true;
	actions_add(f->out, &(struct action){.kind = ACTION_FINISHED});
}
