/*
 * command: what an operator asks for, and the orderly end of everything.
 *
 * A command only changes wishes; a job watches what becomes of them. Everything starts in the order of the file and
 * stops in the reverse order; at the end of everything a pool stays until those that call it have ended. After a
 * shutdown has begun, commands can only stop.
 */
#include "command.h"

#include <stddef.h>

#include "crew.h"
#include "fleet.h"
#include "rollout.h"
#include "roster.h"
#include "size.h"

static struct job *free_job(struct fleet *f)
{
	for (unsigned i = 0; i < JOBS_MOST; i++) {
		if (!f->jobs[i].is_open)
			return &f->jobs[i];
	}
	return NULL;
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
	case VERB_SCALE: /* it has wishes of its own */
		return WISH_UP;
	}
	return WISH_DOWN;
}

static void tell(struct fleet *f, struct job *j, struct worker *w)
{
	bool is_drain = j->verb == VERB_DRAIN && !f->is_stopping;
	bool was_benched = w->is_benched;
	struct pool *p = &f->pools[w->pool];

	/* a start of the whole pool starts as many as it needs, load may start the rest */
	if (j->verb == VERB_START && j->seat_end == NONE && w->instance >= p->least && w->state == WORKER_DOWN) {
		size_bench(p, w, w->instance < p->most);
		j->allowed += w->is_benched != was_benched;
		return;
	}
	size_bench(p, w, false);
	j->allowed += was_benched;
	j->changed += !was_benched && job_look(j, w) != JOB_DONE;
	crew_wish(f, w, f->is_stopping ? WISH_DOWN : wish_of(j->verb), is_drain ? CAUSE_DRAIN : CAUSE_COMMAND);
	w->asked_serial = f->serial;
}

/* Stops go from the last to the first. */
static void tell_all(struct fleet *f, struct job *j)
{
	bool is_end = wish_of(j->verb) == WISH_DOWN;

	for (uint32_t n = 0; n < j->pool_count; n++) {
		const struct pool *p = &f->pools[j->pool + (is_end ? j->pool_count - 1 - n : n)];
		uint32_t end = j->seat_end < p->seat_count ? j->seat_end : p->seat_count;

		for (uint32_t seat = j->seat; seat < end; seat++)
			tell(f, j, roster_at(p, is_end ? end - 1 - (seat - j->seat) : seat));
	}
	if (j->changed == 0)
		j->changed = j->allowed;
}

static void scale(struct fleet *f, struct job *j)
{
	struct pool *p = &f->pools[j->pool];
	uint32_t before = size_now(p);
	uint32_t after;

	if (!f->is_stopping)
		size_scale(f, p, j->least, j->most);
	after = size_now(p);
	j->changed = after > before ? after - before : before - after;
}

void command_take(struct fleet *f, const struct event *e)
{
	struct job job = {.is_open = true,
			  .number = e->job,
			  .verb = e->verb,
			  .since = f->serial,
			  .rolling = e->rolling,
			  .least = e->least,
			  .most = e->most};
	struct job *slot = e->job == NONE && e->verb != VERB_RESTART ? NULL : free_job(f);
	struct action untold = {.kind = ACTION_JOB_DONE, .job = e->job};

	job_aim(&job, e->pool, e->instance, f->pool_count);
	if (e->verb == VERB_SCALE)
		scale(f, &job);
	else if (e->verb != VERB_RESTART)
		tell_all(f, &job);
	else if (slot)
		rollout_go_on(f, &job);
	if (slot) {
		*slot = job;
		f->jobs_open += job.is_open;
	} else if (e->job != NONE) {
		(void)job_tally(&job, f->pools, &untold.outcome);
		untold.outcome.is_untold = true;
		actions_add(f->out, &untold);
	}
}

void command_count_calls(struct fleet *f, const struct worker *w, const struct trace_calls *calls)
{
	bool is_any = calls->crashed + calls->requeued + calls->redelivered > 0;

	for (unsigned i = 0; is_any && f->jobs_open > 0 && i < JOBS_MOST; i++) {
		if (f->jobs[i].is_open)
			job_count_calls(&f->jobs[i], w, calls);
	}
}

static void look_at_jobs(struct fleet *f)
{
	for (unsigned i = 0; f->jobs_open > 0 && i < JOBS_MOST; i++) {
		struct job *j = &f->jobs[i];
		struct action done = {.kind = ACTION_JOB_DONE, .job = j->number};

		if (!j->is_open)
			continue;
		if (j->verb == VERB_RESTART)
			rollout_go_on(f, j);
		if (!job_tally(j, f->pools, &done.outcome))
			continue;
		j->is_open = false;
		f->jobs_open--;
		if (j->number != NONE)
			actions_add(f->out, &done);
	}
}

void command_end_jobs(struct fleet *f)
{
	uint64_t before;

	do { /* what one of them begins may be the end of another */
		before = f->serial;
		look_at_jobs(f);
	} while (f->serial != before);
}

void command_start(struct fleet *f)
{
	for (uint32_t i = 0; i < f->pool_count; i++) {
		struct pool *p = &f->pools[i];

		for (uint32_t seat = 0; p->spec->autostart && seat < p->seat_count; seat++) {
			if (seat >= p->least)
				size_bench(p, roster_at(p, seat), true);
			else
				crew_wish(f, roster_at(p, seat), WISH_UP, CAUSE_NONE);
		}
	}
}

/* All records of a pool that are in use, from the last to the first. */
static void for_pool(struct fleet *f, const struct pool *p, void (*act)(struct fleet *f, struct worker *w))
{
	for (uint32_t n = p->worker_count; n-- > 0;)
		act(f, &f->workers[p->first_worker + n]);
}

static bool may_call(const struct worker_spec *w, uint16_t pool)
{
	for (size_t i = 0; i < w->calls.count; i++) {
		if (w->calls.callees[i].pool == pool && !w->calls.callees[i].is_cycle)
			return true;
	}
	return false;
}

/* Is there a process that may call this pool? Of pools that call each other in a circle none waits for another. */
static bool is_needed(const struct fleet *f, const struct pool *p)
{
	for (uint32_t i = 0; i < f->pool_count; i++) {
		if (f->pools[i].processes > 0 && may_call(f->pools[i].spec, p->index))
			return true;
	}
	return false;
}

/* Nothing new comes in from here on. */
static void shut(struct fleet *f)
{
	f->is_stopping = true;
	f->has_new_sizes = true; /* load decides about nothing any more */
	actions_add(f->out, &(struct action){.kind = ACTION_SHUT});
	for (uint32_t i = 0; i < f->pool_count; i++)
		f->pools[i].is_stopping = true;
}

static void end(struct fleet *f, struct worker *w)
{
	if (w->role == ROLE_SPARE)
		return;
	if (worker_has_process(w))
		crew_blame(w, CAUSE_SHUTDOWN);
	crew_wish(f, w, WISH_DOWN, CAUSE_SHUTDOWN);
}

void command_shut_down(struct fleet *f)
{
	if (f->is_stopping)
		return;
	shut(f);
	deadlines_set(&f->deadlines, f->worker_count, instant_after(f->now, f->spec->brood.shutdown_timeout));
	for (uint32_t i = f->pool_count; i-- > 0;) {
		f->pools[i].is_kept = is_needed(f, &f->pools[i]);
		if (!f->pools[i].is_kept)
			for_pool(f, &f->pools[i], end);
	}
}

/* Pools whose callers have ended meanwhile. */
static void end_unneeded(struct fleet *f)
{
	for (uint32_t i = f->pool_count; i-- > 0;) {
		struct pool *p = &f->pools[i];

		if (!p->is_kept || is_needed(f, p))
			continue;
		p->is_kept = false;
		for_pool(f, p, end);
	}
}

static void end_at_once(struct fleet *f, struct worker *w)
{
	w->wish = WISH_DOWN;
	if (worker_has_process(w)) {
		crew_blame(w, CAUSE_SHUTDOWN);
		w->is_asked = true;
	}
	crew_apply(f, w, EVENT_HALT, (struct worker_context){.cause = CAUSE_SHUTDOWN});
}

void command_halt(struct fleet *f)
{
	if (!f->is_stopping)
		shut(f);
	for (uint32_t i = f->pool_count; i-- > 0;) {
		f->pools[i].is_kept = false;
		for_pool(f, &f->pools[i], end_at_once);
	}
}

void command_finish(struct fleet *f)
{
	if (!f->is_stopping || f->is_finished)
		return;
	end_unneeded(f);
	for (uint32_t i = 0; i < f->pool_count; i++) {
		if (f->pools[i].processes > 0)
			return;
	}
	f->is_finished = true;
	actions_add(f->out, &(struct action){.kind = ACTION_FINISHED});
}
