/* why: why an instance is in the state it is in, in sentences, transitions and its last output. */
#include <stdio.h>

#include "roster.h"
#include "view.h"

/* The call that it has had in hand for longest: of those that it should have given back, if there are any. */
static const struct call *oldest_in_hand(const struct fleet *f, const struct worker *w)
{
	const struct call *oldest = NULL;

	for (uint32_t i = 0; w->in_flight > 0 && i < WORKER_CELLS; i++) {
		const struct call *c = w->cells[i] == NONE ? NULL : &f->ledger.table.calls[w->cells[i]];

		if (!c || (oldest && oldest->state == CALL_ORPHAN && c->state != CALL_ORPHAN))
			continue;
		if (!oldest || (c->state == CALL_ORPHAN && oldest->state != CALL_ORPHAN) ||
		    instant_is_before(c->given_at, oldest->given_at))
			oldest = c;
	}
	return oldest;
}

/* What it is at, and whether it ought to be. */
static void say_work(const struct fleet *f, const struct admin_world *world, const struct worker *w, char *out,
		     size_t size)
{
	const struct call *c = oldest_in_hand(f, w);
	struct trace_stuck s;
	char text[64];
	char left[32];

	out[0] = '\0';
	if (!c)
		return;
	s = (struct trace_stuck){c->wire_id, duration_between(c->given_at, world->now)};
	trace_stuck(&s, text, sizeof(text));
	trace_duration(duration_between(world->now, c->deadline), left, sizeof(left));
	if (c->state != CALL_ORPHAN)
		snprintf(out, size, "works: %s", text + sizeof("stuck ") - 1);
	else if (w->state != WORKER_UP || w->spec->cancel_grace.ms == 0)
		snprintf(out, size, "%s, for which nobody waits any more", text);
	else
		snprintf(out, size, "%s, for which nobody waits any more; is replaced in %s (cancel_grace)", text,
			 left);
}

/* What will happen next by itself, or what it waits for. */
static void say_next(const struct admin_world *world, const struct worker *w, char *out, size_t size)
{
	char text[32];

	trace_duration(duration_between(world->now, w->deadline), text, sizeof(text));
	out[0] = '\0';
	switch (w->state) {
	case WORKER_STARTING:
		if (w->spec->ready.kind == READY_ALIVE)
			snprintf(out, size, "counts as up in %s", text);
		else
			snprintf(out, size, "waits for its SLOTS or READY=1, %s left of start_timeout", text);
		break;
	case WORKER_DRAINING:
		if (w->is_flushing)
			snprintf(out, size, "has nothing in hand, and %s to say that it has handed over everything",
				 text);
		else if (w->connections > 0 && w->in_flight == 0)
			snprintf(out, size, "waits for the clients of %u connections, which were told%s%s",
				 w->connections, w->is_patient ? "" : "; left of stop_timeout: ",
				 w->is_patient ? "" : text);
		else if (w->is_patient)
			snprintf(out, size, "finishes %u calls, which may take as long as they like", w->in_flight);
		else
			snprintf(out, size, "finishes %u calls, %s left of stop_timeout", w->in_flight, text);
		break;
	case WORKER_STOPPING:
		snprintf(out, size, "was sent SIG%s, SIGKILL follows in %s",
			 exits_signal_name(w->spec->stop_signal), text);
		break;
	case WORKER_KILLING:
		snprintf(out, size, "was sent SIGKILL and has not ended yet");
		break;
	case WORKER_BACKOFF:
		snprintf(out, size, "retry %u in %s", w->history.retries, text);
		break;
	case WORKER_UP:
		if (!instant_is_never(w->deadline))
			snprintf(out, size, "its failures are forgotten in %s", text);
		break;
	case WORKER_DOWN:
	case WORKER_FAILED:
		break;
	}
}

static const char *down_reason(const struct worker *w)
{
	if (w->state == WORKER_FAILED)
		return "it is not restarted by itself any more; brood start begins anew";
	if (w->state != WORKER_DOWN)
		return NULL;
	if (w->is_benched)
		return "it is not needed now; load starts it";
	if (w->generation == 0 && !w->spec->autostart)
		return "autostart = no";
	return w->wish == WISH_DOWN ? "it was stopped on command" : "it ended and restart says that is all";
}

/* Has a newer generation than the present one failed to come up beside it? */
static bool has_newer_trial(const struct worker *w)
{
	return w->trial.serial > 0 && w->trial.generation > w->generation;
}

static void add_ends(json_t *lines, const struct admin_world *world, const struct worker *w)
{
	char text[TRACE_TEXT + 128];
	char end[TRACE_TEXT];
	char ran[32];
	char ago[32];

	if (has_newer_trial(w)) {
		trace_exit(&w->trial.exit, w->spec, end, sizeof(end));
		trace_duration(w->trial.ran, ran, sizeof(ran));
		trace_duration(duration_between(w->trial.at, world->now), ago, sizeof(ago));
		snprintf(text, sizeof(text), "generation %u, to take its place, did not come up: %s after %s, %s ago",
			 w->trial.generation, end, ran, ago);
		json_array_append_new(lines, json_string(text));
	}
	if (w->last_exit.kind == EXIT_NONE)
		return;
	trace_exit(&w->last_exit, w->spec, end, sizeof(end));
	trace_duration(duration_between(w->ended_at, world->now), ago, sizeof(ago));
	snprintf(text, sizeof(text), "last end: %s, %s ago", end, ago);
	json_array_append_new(lines, json_string(text));
}

/* "2 descriptors are parked: counter, listen" */
static void add_stored(json_t *lines, const struct admin_world *world, const struct worker *w)
{
	json_t *names = view_stored(world, w);
	char text[600];
	json_t *name;
	size_t used;
	size_t i;

	if (json_array_size(names) > 0) {
		used = (size_t)snprintf(text, sizeof(text), "%zu descriptors are parked", json_array_size(names));
		json_array_foreach(names, i, name) {
			if (used < sizeof(text))
				used += (size_t)snprintf(text + used, sizeof(text) - used, "%s %s", i > 0 ? "," : ":",
							 json_string_value(name));
		}
		json_array_append_new(lines, json_string(text));
	}
	json_decref(names);
}

static json_t *summary(const struct fleet *f, const struct admin_world *world, const struct worker *w)
{
	json_t *lines = json_array();
	char text[TRACE_TEXT + 64];
	const char *reason = down_reason(w);
	const struct worker *other;

	snprintf(text, sizeof(text), "should be %s, state %s, generation %u",
		 w->wish == WISH_CYCLE ? "restarted" : view_wish(w->wish), worker_state_word(w->state), w->generation);
	json_array_append_new(lines, json_string(text));
	say_next(world, w, text, sizeof(text));
	if (text[0])
		json_array_append_new(lines, json_string(text));
	say_work(f, world, w, text, sizeof(text));
	if (text[0])
		json_array_append_new(lines, json_string(text));
	if (w->state == WORKER_DRAINING && errands_open(&f->ledger.errands, w->index) > 0) {
		snprintf(text, sizeof(text), "waits for %u calls of its own to other pools",
			 errands_open(&f->ledger.errands, w->index));
		json_array_append_new(lines, json_string(text));
	}
	if (reason)
		json_array_append_new(lines, json_string(reason));
	other = roster_companion(&f->pools[w->pool], w);
	if (other) {
		snprintf(text, sizeof(text), "beside it the %s generation %u, state %s, %u calls in hand",
			 view_role(other->role), other->generation, worker_state_word(other->state),
			 other->in_flight);
		json_array_append_new(lines, json_string(text));
	}
	add_ends(lines, world, w);
	add_stored(lines, world, w);
	if (world->note(world->context, w->index)[0]) {
		snprintf(text, sizeof(text), "it says: %s", world->note(world->context, w->index));
		json_array_append_new(lines, json_string(text));
	}
	return lines;
}

static json_t *transitions(const struct admin_world *world, const struct worker *w)
{
	json_t *array = json_array();
	const struct trace *t;

	for (uint32_t n = 0; (t = trace_kept(&w->past, n)) != NULL; n++) {
		int64_t wall = world->wall_ms - duration_between(t->at, world->now).ms;
		char text[TRACE_TEXT];
		char time[32];

		trace_text(t, w->spec, text, sizeof(text));
		json_array_append_new(array, json_pack("{s:s, s:I, s:s}", "time", admin_time(wall, time),
						       "time_ms", (json_int_t)wall, "text", text));
	}
	return array;
}

/* The last words of one that did not come up, behind those of the present one. */
static void add_trial_output(json_t *output, const struct admin_world *world, const struct worker *w)
{
	json_t *lines = json_array();
	json_t *line;
	size_t i;

	world->lines(world->context, w->trial.record, 20, lines);
	json_array_foreach(lines, i, line) {
		if (json_integer_value(json_object_get(line, "generation")) == w->trial.generation)
			json_array_append(output, line);
	}
	json_decref(lines);
}

json_t *view_why(const struct fleet *f, const struct admin_world *world, const struct worker *w)
{
	json_t *output = json_array();
	char name[SPEC_NAME_MOST + 16];

	world->lines(world->context, w->index, 20, output);
	if (has_newer_trial(w))
		add_trial_output(output, world, w);
	return json_pack("{s:s, s:o, s:o, s:o}", "name", trace_name(w->spec, w->instance, name, sizeof(name)),
			 "summary", summary(f, world, w), "transitions", transitions(world, w), "output",
			 output);
}
