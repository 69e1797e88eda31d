/*
 * worker: one step of one instance.
 *
 * The table of lifecycle.def says where each event leads and what is done; the effects below are all that is done.
 * An effect sets the one deadline and counters, and adds actions. worker_step() alone changes the state.
 */
#include "worker.h"

#include <assert.h>
#include <stddef.h>

typedef void effect(struct worker *w, const struct worker_context *c);

struct rule {
	enum worker_state next;
	effect *effect;
};

static void act(const struct worker *w, const struct worker_context *c, enum action_kind kind,
		uint32_t number)
{
	actions_add(c->out, &(struct action){.kind = kind,
					     .worker = w->index,
					     .generation = w->generation,
					     .number = number});
}

static void ignore(struct worker *w, const struct worker_context *c)
{
	(void)w;
	(void)c;
}

/* A new process: everything that belonged to the last one is forgotten. */
static void spawn(struct worker *w, const struct worker_context *c)
{
	const struct ready_rule *ready = &w->spec->ready;

	w->generation = ++w->newest;
	w->wish = WISH_UP;
	w->is_asked = false;
	w->is_patient = false;
	w->is_leaving = false;
	w->was_given = w->is_told = w->is_flushing = false;
	w->is_ready_seen = false;
	w->cause = CAUSE_NONE;
	w->stuck = (struct trace_stuck){0};
	w->slots = 0;
	w->started_at = c->now;
	w->deadline = instant_after(c->now, ready->kind == READY_ALIVE ? ready->alive
								       : w->spec->start_timeout);
	act(w, c, ACTION_SPAWN, 0);
}

/* Nobody asked for its end, nor for this start. */
static void spawn_again(struct worker *w, const struct worker_context *c)
{
	w->restarts++;
	spawn(w, c);
}

static void announce(struct worker *w, const struct worker_context *c)
{
	w->is_ready_seen = true;
	w->up_since = c->now;
	w->up_serial = c->serial;
	w->history.failed_starts = 0;
	/* without anything to forget there is nothing to wake up for */
	w->deadline = w->history.steps > 0 || w->history.retries > 0
			      ? instant_after(c->now, w->spec->restart.reset)
			      : INSTANT_NEVER;
}

static void forgive(struct worker *w, const struct worker_context *c)
{
	(void)c;
	restart_forgive(&w->history);
	w->deadline = INSTANT_NEVER;
}

/* No new calls; what is in hand may take as long as a stop may, or as long as it likes. */
static void quiesce(struct worker *w, const struct worker_context *c)
{
	w->is_patient = c->cause == CAUSE_DRAIN;
	w->deadline = w->is_patient ? INSTANT_NEVER : instant_after(c->now, w->spec->stop_timeout);
}

/* It is to end anyhow, and is asked once more: only now is it in a hurry. */
static void hurry(struct worker *w, const struct worker_context *c)
{
	if (w->is_patient && c->cause != CAUSE_DRAIN)
		quiesce(w, c);
}

/*
 * Before it is asked to end it has to say that it has handed over all that it was sent: then what it wanted to say
 * about that has been read. It gets no longer for this than a stop may take.
 */
static void flush(struct worker *w, const struct worker_context *c)
{
	w->is_flushing = true;
	if (instant_is_never(w->deadline))
		w->deadline = instant_after(c->now, w->spec->stop_timeout);
	act(w, c, ACTION_FLUSH, 0);
}

static void terminate(struct worker *w, const struct worker_context *c)
{
	w->deadline = instant_after(c->now, w->spec->stop_timeout);
	act(w, c, ACTION_END_CHANNEL, 0);
	act(w, c, ACTION_SIGNAL, (uint32_t)w->spec->stop_signal);
}

static void destroy(struct worker *w, const struct worker_context *c)
{
	w->deadline = INSTANT_NEVER;
	act(w, c, ACTION_KILL, 0);
}

static void delay(struct worker *w, const struct worker_context *c)
{
	w->failed_serial = c->serial;
	w->deadline = instant_after(
		c->now, restart_delay(&w->spec->restart, &w->history, c->keep_pace || w->is_orderly, c->random));
}

/* No process and no plan for one. */
static void rest(struct worker *w, const struct worker_context *c)
{
	w->deadline = INSTANT_NEVER;
	w->down_serial = c->serial;
	w->failed_serial = c->serial;
}

static const struct rule rules[WORKER_STATES][WORKER_EVENTS] = {
#define ON(state, event, to, act) [WORKER_##state][EVENT_##event] = {WORKER_##to, act},
#define NEVER(state, event)       [WORKER_##state][EVENT_##event] = {WORKER_##state, NULL},
#include "lifecycle.def"
};

/* A pair that stands there twice stops the build by -Woverride-init; one that is missing stops it here. */
enum {
	ROWS = 0
#define ON(...)    +1
#define NEVER(...) +1
#include "lifecycle.def"
};
_Static_assert((int)ROWS == WORKER_STATES * WORKER_EVENTS, "lifecycle.def: every pair once");

/* What of this transition people will want to know. */
static void record(struct worker *w, const struct trace *before, const struct worker_context *c)
{
	struct trace t = *before;

	t.to = w->state;
	t.retry = w->history.retries;
	t.calls = c->calls;
	if (!instant_is_never(w->deadline))
		t.wait = duration_between(c->now, w->deadline);
	if (w->state == WORKER_STOPPING)
		t.signal = w->spec->stop_signal;
	trace_keep(&w->past, &t);
	actions_add(c->out, &(struct action){.kind = ACTION_TRACE,
					     .worker = w->index,
					     .generation = t.generation,
					     .trace = &w->past.entries[(w->past.count - 1) % TRACE_KEPT]});
}

void worker_step(struct worker *w, enum worker_event event, const struct worker_context *context)
{
	const struct rule *r = &rules[w->state][event];
	struct trace before = {
		.at = context->now,
		.generation = w->generation,
		.ended = w->generation,
		.from = w->state,
		.event = event,
		.cause = context->cause != CAUSE_NONE ? context->cause : w->cause,
		.reason = w->last_reason,
		.exit = w->last_exit,
		.ran = duration_between(w->started_at, context->now),
		.stuck = w->stuck,
	};

	assert(r->effect != NULL);
	w->state = r->next; /* the only assignment to it: a lint looks for others */
	r->effect(w, context);
	if (before.from == w->state)
		return;
	if (w->state == WORKER_STARTING)
		before.generation = w->generation;
	record(w, &before, context);
}

/* Its process is on its way out, by command or by itself. */
static bool is_ending(const struct worker *w)
{
	return w->state == WORKER_DRAINING || w->state == WORKER_STOPPING || w->state == WORKER_KILLING;
}

enum worker_event worker_wishes(struct worker *w, enum worker_wish wish)
{
	w->wish = wish;
	if (worker_has_process(w) && wish != WISH_UP && w->cause == CAUSE_NONE)
		w->cause = CAUSE_COMMAND;
	/* a start is one also for a process that ends by itself: what comes next is not left to policy */
	if (worker_has_process(w) && (wish != WISH_UP || is_ending(w)))
		w->is_asked = true;
	/* an operator's start always works, and begins anew */
	if (!worker_has_process(w) && wish != WISH_DOWN)
		w->history = (struct restart_history){0};
	switch (wish) {
	case WISH_UP:
		return EVENT_WANT_UP;
	case WISH_DOWN:
		return EVENT_WANT_DOWN;
	case WISH_CYCLE:
		return EVENT_WANT_CYCLE;
	}
	return EVENT_WANT_DOWN;
}

/* Failures that no exit code can talk away. */
static bool is_forced_failure(const struct worker *w)
{
	return w->cause == CAUSE_START_TIMEOUT || w->cause == CAUSE_CHANNEL_CLOSED ||
	       w->cause == CAUSE_PROTOCOL || w->cause == CAUSE_STUCK;
}

enum worker_event worker_judge(struct worker *w, const struct exit_facts *facts, struct instant now)
{
	struct restart_death death = {*facts, is_forced_failure(w), w->is_ready_seen};

	w->is_orderly = w->cause == CAUSE_LEAVING && restart_is_success(&w->spec->restart, &death);
	w->last_exit = *facts;
	w->last_exit.was_late = w->cause == CAUSE_START_TIMEOUT;
	w->last_ran = duration_between(w->started_at, now);
	w->last_reason = RESTART_REASON_NONE;
	w->ended_at = now;
	w->pid = 0;
	if (w->is_ready_seen && duration_between(w->up_since, now).ms >= w->spec->restart.reset.ms)
		restart_forgive(&w->history);
	if (w->wish == WISH_DOWN)
		return EVENT_EXIT_REST;
	if (w->is_asked) {
		/* as after any start by command: it begins anew */
		w->history = (struct restart_history){0};
		return EVENT_EXIT_AGAIN;
	}
	switch (restart_judge(&w->spec->restart, &w->history, &death, now, &w->last_reason)) {
	case RESTART_RETRY:
		return EVENT_EXIT_RETRY;
	case RESTART_REST:
		return EVENT_EXIT_REST;
	case RESTART_GIVE_UP:
		return EVENT_EXIT_GIVE_UP;
	}
	return EVENT_EXIT_GIVE_UP;
}

enum worker_event worker_deadline_event(const struct worker *w)
{
	if (w->state == WORKER_STARTING && w->spec->ready.kind == READY_ALIVE)
		return EVENT_READY;
	return EVENT_DEADLINE;
}

bool worker_has_process(const struct worker *w)
{
	switch (w->state) {
	case WORKER_STARTING:
	case WORKER_UP:
	case WORKER_DRAINING:
	case WORKER_STOPPING:
	case WORKER_KILLING:
		return true;
	case WORKER_DOWN:
	case WORKER_BACKOFF:
	case WORKER_FAILED:
		break;
	}
	return false;
}

bool worker_has_prospect(const struct worker *w)
{
	if (w->state == WORKER_BACKOFF)
		return true;
	/* an heir will have a successor of its own, once it has the seat */
	return worker_has_process(w) && (w->wish != WISH_DOWN || (w->role == ROLE_HEIR && !w->is_asked));
}

const char *worker_state_word(enum worker_state state)
{
	static const char *const words[] = {
#define STATE(name, word, doc) [WORKER_##name] = (word),
#include "lifecycle.def"
	};

	return words[state];
}
