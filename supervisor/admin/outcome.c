/* outcome: what a command came to, in numbers and for each instance. */
#include <stdio.h>

#include "admin.h"
#include "roster.h"

/* An heir that did not come up: who has the seat serves on. */
static void say_trial(const struct worker *w, char *out, size_t size)
{
	char end[TRACE_TEXT];
	char ran[32];

	trace_exit(&w->trial.exit, w->spec, end, sizeof(end));
	trace_duration(w->trial.ran, ran, sizeof(ran));
	snprintf(out, size, "generation %u did not come up: %s after %s; generation %u serves on",
		 w->trial.generation, end, ran, w->generation);
}

static void say_result(const struct admin_world *world, const struct worker *w, enum job_progress progress,
		       char *out, size_t size)
{
	char end[TRACE_TEXT] = "";
	char ran[32];
	char next[32];

	if (w->last_exit.kind != EXIT_NONE)
		trace_exit(&w->last_exit, w->spec, end, sizeof(end));
	trace_duration(w->last_ran, ran, sizeof(ran));
	trace_duration(duration_between(world->now, w->deadline), next, sizeof(next));
	if (w->trial.serial > w->asked_serial)
		say_trial(w, out, size);
	else if (progress == JOB_LEFT)
		snprintf(out, size, "left as it is: generation %u, %s", w->generation, worker_state_word(w->state));
	else if (progress == JOB_DONE && w->state == WORKER_DOWN && w->wish != WISH_DOWN)
		snprintf(out, size, "ran to its end: %s after %s", end, ran);
	else if (progress != JOB_FAILED)
		snprintf(out, size, "%s", worker_state_word(w->state));
	else if (w->state == WORKER_BACKOFF)
		snprintf(out, size, "not up: %s after %s; brood keeps trying, next in %s", end, ran, next);
	else if (w->wish == WISH_DOWN)
		snprintf(out, size, "%s: another command stopped it", worker_state_word(w->state));
	else
		snprintf(out, size, "%s: %s after %s", worker_state_word(w->state), end[0] ? end : "changed", ran);
}

/* Of this generation only: what an earlier one said has nothing to do with it. */
static json_t *texts_of(json_t *lines, uint32_t generation)
{
	json_t *texts = json_array();
	json_t *line;
	size_t i;

	json_array_foreach(lines, i, line) {
		if (json_integer_value(json_object_get(line, "generation")) == generation)
			json_array_append(texts, json_object_get(line, "text"));
	}
	json_decref(lines);
	return texts;
}

static json_t *result(const struct admin_world *world, const struct worker *w, enum job_progress progress)
{
	bool is_trial = w->trial.serial > w->asked_serial;
	json_t *lines = json_array();
	char text[2 * TRACE_TEXT];
	char name[SPEC_NAME_MOST + 16];

	if (progress == JOB_FAILED)
		world->lines(world->context, is_trial ? w->trial.record : w->index, 5, lines);
	say_result(world, w, progress, text, sizeof(text));
	return json_pack("{s:s, s:b, s:b, s:s, s:s, s:o}", "name", trace_name(w->spec, w->instance, name, sizeof(name)),
			 "ok", progress == JOB_DONE, "left", progress == JOB_LEFT, "state", worker_state_word(w->state),
			 "text", text, "output", texts_of(lines, is_trial ? w->trial.generation : w->generation));
}

json_t *admin_command_reply(const struct fleet *f, const struct admin_world *w, const struct admin_result *command,
			    uint32_t job, const struct job_outcome *o)
{
	json_t *results = json_array();
	json_t *reply;

	for (size_t i = 0; command->waits && i < command->target_count; i++) {
		/* it is over: what a restart has not begun, it has left alone */
		struct job probe = {.verb = command->verb, .since = command->since, .has_stopped = true,
				    .least = command->least, .most = command->most};

		job_aim(&probe, command->targets[i].pool, command->targets[i].instance, f->pool_count);
		for (struct job_place at = job_begin(&probe); job_reaches(&probe, f->pools, &at); at.seat++) {
			const struct worker *worker = roster_at(&f->pools[at.pool], at.seat);

			json_array_append_new(results, result(w, worker, job_look(&probe, worker)));
		}
	}
	reply = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "job", (json_int_t)job, "targets",
			  (json_int_t)o->targets, "done", (json_int_t)o->done, "failed", (json_int_t)o->failed, "left",
			  (json_int_t)o->left, "changed", (json_int_t)o->changed, "lost", (json_int_t)o->lost,
			  "requeued", (json_int_t)o->requeued, "results", results);
	if (command->verb == VERB_SCALE) {
		json_object_set_new(reply, "least", json_integer(command->least));
		json_object_set_new(reply, "most", json_integer(command->most));
	}
	return json_pack("{s:o}", "parameters", reply);
}
