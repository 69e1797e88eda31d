/*
 * lines: text of actions, see README.md. What an action says about a call must agree with the
 * scene's account of it: an answer to nobody, or a second one, is a broken promise and not a line.
 */
#include "lines.h"

#include <stdio.h>
#include <string.h>

#include "answer.h"
#include "overflow.h"

enum { NAME = SPEC_NAME_MOST + 16 };

static const char *name_of(const struct scene *s, uint32_t worker, char out[NAME])
{
	const struct worker *w = &s->fleet.workers[worker];

	return trace_name(w->spec, w->instance, out, NAME);
}

static const char *endpoint_name(const struct scene *s, uint32_t endpoint)
{
	return endpoint == NONE ? "all" : s->config->spec.endpoints[endpoint].name;
}

static void about_process(struct scene *s, const struct action *a)
{
	char name[NAME];
	char text[TRACE_TEXT];

	name_of(s, a->worker, name);
	switch ((int)a->kind) {
	case ACTION_TRACE:
		trace_text(a->trace, s->fleet.workers[a->worker].spec, text, sizeof(text));
		scene_say(s, "%s %s", name, text);
		break;
	case ACTION_SPAWN:
		scene_say(s, "spawn %s gen %u", name, a->generation);
		break;
	case ACTION_SIGNAL:
		scene_say(s, "signal %s %s", name, exits_signal_name((int)a->number));
		break;
	case ACTION_KILL:
		scene_say(s, "kill %s", name);
		break;
	case ACTION_SAY_GOODBYE:
		scene_say(s, "goodbye %s", name);
		break;
	case ACTION_FLUSH:
		scene_say(s, "flush %s", name);
		break;
	case ACTION_END_CHANNEL:
		scene_say(s, "end channel %s", name);
		break;
	case ACTION_NOTIFY:
		scene_say(s, "notify %s", name);
		break;
	case ACTION_CLOSE_STORED:
		scene_say(s, "close what %s has parked", name);
		break;
	default:
		break;
	}
}

/* ------------------------------------------------------------------- calls */

/*
 * What the worker is told beside the usual: that it may run twice, less time than the pool's
 * call_timeout.
 */
static void say_delivery(struct scene *s, const struct scene_call *c, const struct action *a)
{
	const struct worker_spec *spec = s->fleet.workers[a->worker].spec;
	char name[NAME];
	char left[48] = "";

	if (a->left.ms != spec->call_timeout.ms)
		snprintf(left, sizeof(left), ", %gs left", (double)a->left.ms / 1000);
	scene_say(s, "%s/%u: to %s gen %u, attempt %u%s%s", s->clients[c->client], c->id,
		  name_of(s, a->worker, name), a->generation, a->attempt,
		  a->idempotent ? ", idempotent" : "", left);
}

static void deliver(struct scene *s, const struct action *a)
{
	struct scene_call *c = &s->calls[a->body];

	if (c->is_held || c->is_released || !c->is_open)
		scene_complain(s, "%s/%u was delivered, but %s", s->clients[c->client], c->id,
			       c->is_held ? "a worker has it" : "nobody waits for it");
	c->is_held = true;
	c->worker = a->worker;
	c->generation = a->generation;
	c->wire_id = a->id;
	say_delivery(s, c, a);
}

static void cancel(struct scene *s, const struct action *a)
{
	char name[NAME];

	for (uint32_t i = 0; i < s->call_count; i++) {
		const struct scene_call *c = &s->calls[i];

		if (c->is_held && c->worker == a->worker && c->generation == a->generation &&
		    c->wire_id == a->id) {
			scene_say(s, "cancel %s %s/%u (%s)", name_of(s, a->worker, name),
				  s->clients[c->client], c->id,
				  frame_reason_name(frame_status_reason(a->number)));
			return;
		}
	}
	scene_complain(s, "a call was cancelled that %s does not have",
		       name_of(s, a->worker, name));
}

/* It goes to the worker that has the call, or is kept where none has it. */
static void say_part(struct scene *s, const struct action *a)
{
	const struct scene_call *c = &s->calls[a->body];
	bool is_kept = a->kind == ACTION_KEEP_PART;
	char name[NAME];

	if (!c->is_open || c->is_held == is_kept || (!is_kept && c->wire_id != a->id))
		scene_complain(s, "more of %s/%u was %s, which is wrong", s->clients[c->client], c->id,
			       is_kept ? "kept" : "sent");
	if (is_kept)
		scene_say(s, "%s/%u: more is kept", s->clients[c->client], c->id);
	else
		scene_say(s, "%s/%u: more to %s", s->clients[c->client], c->id, name_of(s, a->worker, name));
}

static void say_answer(struct scene *s, const struct action *a)
{
	char text[ANSWER_TEXT];

	answer_text(a->answer, &s->fleet, text, sizeof(text));
	scene_say(s, "%s/%u: answered %s (%s)%s", s->clients[a->client], a->id,
		  frame_reason_name(a->answer->reason), text,
		  a->answer->not_processed ? ", retry is safe" : "");
}

static void about_client(struct scene *s, const struct action *a)
{
	struct scene_call *c = scene_call_of(s, a->client, a->id);
	const char *client = s->clients[a->client];
	char name[NAME];

	if (!c || !c->is_open) {
		scene_complain(s, "%s/%u was answered, but does not wait", client, a->id);
		return;
	}
	if (a->kind == ACTION_FORWARD_PART) {
		scene_say(s, "%s/%u: part from %s", client, a->id, name_of(s, s->speaker, name));
		return;
	}
	c->is_open = false;
	if (a->kind == ACTION_FORWARD)
		scene_say(s, "%s/%u: answered by %s", client, a->id, name_of(s, s->speaker, name));
	else
		say_answer(s, a);
}

static void release(struct scene *s, const struct action *a)
{
	struct scene_call *c = &s->calls[a->body];

	if (c->is_released)
		scene_complain(s, "the body of %s/%u was released twice", s->clients[c->client],
			       c->id);
	c->is_released = true;
}

/* -------------------------------------------------------------------- rest */

static void say_job(struct scene *s, const struct action *a)
{
	const struct job_outcome *o = &a->outcome;
	char calls[64] = "";
	char left[32] = "";

	if (o->left > 0)
		snprintf(left, sizeof(left), ", left %u", o->left);
	if (o->lost + o->requeued > 0)
		snprintf(calls, sizeof(calls), ", %u lost, %u requeued", o->lost, o->requeued);

	if (o->is_untold)
		scene_say(s, "job %u: not watched, %u targets", a->job, o->targets);
	else
		scene_say(s, "job %u: done %u, failed %u%s of %u, changed %u%s", a->job, o->done,
			  o->failed, left, o->targets, o->changed, calls);
}

void lines_of(struct scene *s, const struct action *a)
{
	char text[OVERFLOW_TEXT];
	char name[NAME];

	switch (a->kind) {
	case ACTION_TRACE:
	case ACTION_SPAWN:
	case ACTION_SIGNAL:
	case ACTION_KILL:
	case ACTION_SAY_GOODBYE:
	case ACTION_FLUSH:
	case ACTION_END_CHANNEL:
	case ACTION_NOTIFY:
	case ACTION_CLOSE_STORED:
		about_process(s, a);
		break;
	case ACTION_DELIVER:
		deliver(s, a);
		break;
	case ACTION_CANCEL:
		cancel(s, a);
		break;
	case ACTION_SEND_PART:
	case ACTION_KEEP_PART:
		say_part(s, a);
		break;
	case ACTION_FORWARD:
	case ACTION_FORWARD_PART:
	case ACTION_ANSWER:
		about_client(s, a);
		break;
	case ACTION_BURY:
		scene_say(s, "bury %s/%u", s->clients[s->calls[a->body].client], s->calls[a->body].id);
		break;
	case ACTION_RELEASE:
		release(s, a);
		break;
	case ACTION_ADMIT:
		s->is_connected[a->client] = true;
		scene_say(s, "admit %s", s->clients[a->client]);
		break;
	case ACTION_HAND_OVER:
		scene_say(s, "%s: handed over to %s gen %u", s->clients[a->client], name_of(s, a->worker, name),
			  a->generation);
		break;
	case ACTION_DROP_CONNECTION:
		s->is_connected[a->client] = false;
		scene_say(s, "%s: over%s%s", s->clients[a->client], a->answer ? ", " : "",
			  a->answer ? frame_reason_name(a->answer->reason) : "");
		break;
	case ACTION_REFUSE:
		scene_say(s, "refuse %s (limit %u)", s->clients[a->client], a->number);
		break;
	case ACTION_SLOTS:
		scene_say(s, "slots %s %u", s->clients[a->client], a->number);
		break;
	case ACTION_PRESSURE:
		overflow_text(&s->fleet.pools[a->pool], text, sizeof(text));
		scene_say(s, "%s", text);
		break;
	case ACTION_PAUSE:
		scene_say(s, "pause %s", endpoint_name(s, a->endpoint));
		break;
	case ACTION_RESUME:
		scene_say(s, "resume %s", endpoint_name(s, a->endpoint));
		break;
	case ACTION_SHUT:
		scene_say(s, "shut");
		break;
	case ACTION_JOB_DONE:
		say_job(s, a);
		break;
	case ACTION_FINISHED:
		if (a->number != 0)
			scene_say(s, "finished, exit code %u", a->number);
		else
			scene_say(s, "finished");
		break;
	}
}

void lines_of_counters(struct scene *s, const struct pool *p)
{
	const struct pool_counters *n = &p->counters;
	const struct {
		const char *word;
		uint64_t count;
	} rows[] = {
#define COUNTER(name, doc) {#name, n->name},
#include "counters.def"
		{"queued", p->queued},
		{"in flight", p->in_flight},
	};
	char text[SCENE_LINE] = "";
	size_t used = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].count > 0 && used < sizeof(text))
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s %s %llu",
						 used > 0 ? "," : "", rows[i].word,
						 (unsigned long long)rows[i].count);
	}
	scene_say(s, "%s:%.400s", p->spec->name, used > 0 ? text : " nothing");
}
