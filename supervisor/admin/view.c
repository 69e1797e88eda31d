/* view: status of pools, instances and endpoints. */
#include "view.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "escape.h"
#include "roster.h"
#include "size.h"

enum { NAME = SPEC_NAME_MOST + 16 };

char *admin_time(int64_t wall_ms, char out[32])
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm parts;
	size_t n = 0;

	if (gmtime_r(&seconds, &parts))
		n = strftime(out, 24, "%Y-%m-%dT%H:%M:%S", &parts);
	snprintf(out + n, 32 - n, ".%03dZ", (int)(wall_ms % 1000));
	return out;
}

bool view_is_meant(const struct admin_target *targets, size_t count, const struct worker *w)
{
	for (size_t i = 0; i < count; i++) {
		const struct admin_target *t = &targets[i];

		if (t->pool == NONE || (t->pool == w->pool && (t->instance == NONE || t->instance == w->instance)))
			return true;
	}
	return count == 0;
}

static json_t *number_or_null(int64_t n)
{
	return n < 0 ? json_null() : json_integer(n);
}

/* Paths may hold any bytes, and JSON holds text: what is none is escaped. */
static json_t *path_text(const char *before, const char *path)
{
	size_t used = strlen(before);
	size_t room = used + ESCAPE_GROWTH * strlen(path) + 1;
	char *text = malloc(room);
	json_t *shown;

	if (!text)
		return NULL;
	memcpy(text, before, used);
	shown = json_stringn(text, used + escape_text(path, strlen(path), text + used, room - used, NULL));
	free(text);
	return shown;
}

static json_t *since(const struct admin_world *w, struct instant t)
{
	return json_integer(duration_between(t, w->now).ms);
}

/* ----------------------------------------------------------------- instances */

static const char *wish_word(enum worker_wish wish)
{
	switch (wish) {
	case WISH_DOWN:
		return "down";
	case WISH_UP:
		return "up";
	case WISH_CYCLE:
		return "cycle";
	}
	return "?";
}

static const char *role_word(enum worker_role role)
{
	switch (role) {
	case ROLE_MEMBER:
		return "present";
	case ROLE_HEIR:
		return "new";
	case ROLE_ELDER:
		return "old";
	case ROLE_SPARE:
		break;
	}
	return "?";
}

static void add_last_exit(json_t *o, const struct admin_world *world, const struct worker *w)
{
	char text[TRACE_TEXT];

	if (w->last_exit.kind == EXIT_NONE) {
		json_object_set_new(o, "last_exit", json_null());
		json_object_set_new(o, "last_exit_ms", json_null());
		return;
	}
	trace_exit(&w->last_exit, w->spec, text, sizeof(text));
	json_object_set_new(o, "last_exit", json_string(text));
	json_object_set_new(o, "last_exit_ms", since(world, w->ended_at));
}

static json_t *instance(const struct admin_world *world, const struct worker *w)
{
	bool lives = worker_has_process(w) && w->pid > 0;
	int64_t cpu = -1;
	int64_t rss = -1;
	char name[NAME];
	json_t *o;

	if (lives)
		world->usage(world->context, w->index, &cpu, &rss);
	o = json_pack("{s:s, s:s, s:I, s:s, s:s, s:s, s:I, s:o, s:o, s:I, s:I, s:I, s:o, s:s, s:o, s:o}",
		      "name", trace_name(w->spec, w->instance, name, sizeof(name)), "pool", w->spec->name,
		      "instance", (json_int_t)w->instance, "role", role_word(w->role), "state",
		      worker_state_word(w->state), "wish", wish_word(w->wish), "generation",
		      (json_int_t)w->generation, "pid",
		      lives ? json_integer(w->pid) : json_null(), "up_ms",
		      w->state == WORKER_UP ? since(world, w->up_since) : json_null(), "restarts",
		      (json_int_t)w->restarts, "busy", (json_int_t)w->in_flight, "slots",
		      (json_int_t)(w->state == WORKER_UP ? w->slots : 0), "next_ms",
		      instant_is_never(w->deadline)
			      ? json_null()
			      : json_integer(duration_between(world->now, w->deadline).ms),
		      "note", world->note(world->context, w->index), "cpu_ms", number_or_null(cpu), "rss",
		      number_or_null(rss));
	if (o)
		add_last_exit(o, world, w);
	return o;
}

/* --------------------------------------------------------------------- pools */

struct sums {
	uint32_t in_state[8];
	uint32_t instances;
	uint32_t restarts;
	uint32_t busy;
	uint32_t slots;
};

static void add_up(const struct fleet *f, const struct pool *p, struct sums *s)
{
	*s = (struct sums){.restarts = 0};
	for (uint32_t i = 0; i < p->worker_count; i++) {
		const struct worker *w = &f->workers[p->first_worker + i];

		s->busy += w->in_flight;
		if (w->role != ROLE_MEMBER)
			continue;
		s->restarts += w->restarts;
		if (!size_counts(p, w))
			continue;
		s->instances++;
		s->in_state[w->state]++;
		s->slots += w->state == WORKER_UP ? w->slots : 0;
	}
}

/* One word for all: the best that any instance is in. */
static const char *pool_state(const struct sums *s)
{
	static const enum worker_state order[] = {
		WORKER_UP,      WORKER_DRAINING, WORKER_STARTING, WORKER_STOPPING,
		WORKER_KILLING, WORKER_BACKOFF,  WORKER_FAILED,   WORKER_DOWN,
	};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (s->in_state[order[i]] > 0)
			return worker_state_word(order[i]);
	}
	return worker_state_word(WORKER_DOWN);
}

static bool set(json_t *object, const char *key, uint64_t number)
{
	return json_object_set_new(object, key, json_integer((json_int_t)number)) == 0;
}

static json_t *counters(const struct pool *p)
{
	json_t *counters = json_object();
	bool fine = counters != NULL;

#define COUNTER(name, doc) fine = fine && set(counters, #name, p->counters.name);
#include "counters.def"
	if (fine && set(counters, "queued", p->queued) && set(counters, "in_flight", p->in_flight))
		return counters;
	json_decref(counters);
	return NULL;
}

static json_t *oldest(const struct fleet *f, const struct admin_world *w, const struct pool *p)
{
	return p->queue.first == NONE ? json_null()
				      : since(w, f->ledger.table.calls[p->queue.first].accepted_at);
}

static json_t *pool(const struct fleet *f, const struct admin_world *w, const struct pool *p)
{
	struct sums s;

	add_up(f, p, &s);
	return json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:b, s:o, s:o}", "name",
			 p->spec->name, "state", pool_state(&s), "instances", (json_int_t)s.instances, "least",
			 (json_int_t)p->least, "most", (json_int_t)p->most, "up",
			 (json_int_t)s.in_state[WORKER_UP], "restarts", (json_int_t)s.restarts, "busy",
			 (json_int_t)s.busy, "slots", (json_int_t)s.slots, "queue", (json_int_t)p->queued,
			 "queue_bytes", (json_int_t)p->queued_bytes, "tight", p->is_tight, "autostart",
			 p->spec->autostart, "oldest_ms", oldest(f, w, p), "calls", counters(p));
}

/* ----------------------------------------------------------------- endpoints */

static json_t *endpoint(const struct fleet *f, const struct admin_world *w, uint32_t index)
{
	const struct endpoint *e = &f->entrance.endpoints[index];
	const char *state = f->is_stopping ? "shut" : e->is_paused || f->entrance.is_paused ? "full" : "open";

	return json_pack("{s:s, s:o, s:s, s:I, s:I, s:s, s:s, s:s, s:I, s:I, s:I}", "name", e->spec->name, "listen",
			 path_text("unix:", w->endpoint_path(w->context, index)), "state", state, "clients",
			 (json_int_t)e->clients, "max_clients", (json_int_t)e->spec->max_clients, "pool",
			 e->spec->pool_name, "framing", "brood", "dispatch",
			 e->spec->dispatch == DISPATCH_CONNECTION ? "connection" : "request", "admitted",
			 (json_int_t)e->admitted, "refused", (json_int_t)w->endpoint_refused(w->context, index),
			 "over_share", (json_int_t)e->over_share);
}

json_t *view_status(const struct fleet *f, const struct admin_world *w, const struct admin_target *targets,
		    size_t count)
{
	json_t *pools = json_array();
	json_t *instances = json_array();
	json_t *endpoints = json_array();
	char started[32];

	for (uint32_t i = 0; i < f->pool_count; i++) {
		const struct pool *p = &f->pools[i];
		bool any = false;

		for (uint32_t n = 0; n < p->seat_count; n++) {
			const struct worker *member = roster_at(p, n);
			const struct worker *other = roster_companion(p, member);

			if (!view_is_meant(targets, count, member))
				continue;
			any = true;
			if (!size_counts(p, member))
				continue;
			json_array_append_new(instances, instance(w, member));
			if (other)
				json_array_append_new(instances, instance(w, other));
		}
		if (any)
			json_array_append_new(pools, pool(f, w, p));
	}
	for (uint32_t i = 0; count == 0 && i < f->entrance.endpoint_count; i++)
		json_array_append_new(endpoints, endpoint(f, w, i));
	return json_pack("{s:i, s:s, s:i, s:I, s:s, s:o, s:o, s:b, s:I, s:o, s:o, s:o}", "schema", 1, "version",
			 w->version, "pid", w->pid, "up_ms", (json_int_t)(w->wall_ms - w->started_wall_ms),
			 "started", admin_time(w->started_wall_ms, started), "config",
			 path_text("", w->config_path), "runtime", path_text("", w->runtime_path),
			 "stopping", f->is_stopping, "turns", (json_int_t)w->turns, "pools", pools, "instances",
			 instances, "endpoints", endpoints);
}

/* -------------------------------------------------------------- explanations */

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
		if (w->is_patient)
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

static json_t *summary(const struct fleet *f, const struct admin_world *world, const struct worker *w)
{
	json_t *lines = json_array();
	char text[TRACE_TEXT + 64];
	char end[TRACE_TEXT];
	const char *reason = down_reason(w);
	const struct worker *other;

	snprintf(text, sizeof(text), "should be %s, state %s, generation %u",
		 w->wish == WISH_CYCLE ? "restarted" : wish_word(w->wish), worker_state_word(w->state), w->generation);
	json_array_append_new(lines, json_string(text));
	say_next(world, w, text, sizeof(text));
	if (text[0])
		json_array_append_new(lines, json_string(text));
	say_work(f, world, w, text, sizeof(text));
	if (text[0])
		json_array_append_new(lines, json_string(text));
	if (reason)
		json_array_append_new(lines, json_string(reason));
	other = roster_companion(&f->pools[w->pool], w);
	if (other) {
		snprintf(text, sizeof(text), "beside it the %s generation %u, state %s, %u calls in hand",
			 role_word(other->role), other->generation, worker_state_word(other->state),
			 other->in_flight);
		json_array_append_new(lines, json_string(text));
	}
	if (w->last_exit.kind != EXIT_NONE) {
		char ago[32];

		trace_exit(&w->last_exit, w->spec, end, sizeof(end));
		trace_duration(duration_between(w->ended_at, world->now), ago, sizeof(ago));
		snprintf(text, sizeof(text), "last end: %s, %s ago", end, ago);
		json_array_append_new(lines, json_string(text));
	}
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

json_t *view_why(const struct fleet *f, const struct admin_world *world, const struct worker *w)
{
	json_t *output = json_array();
	char name[NAME];

	world->lines(world->context, w->index, 20, output);
	return json_pack("{s:s, s:o, s:o, s:o}", "name", trace_name(w->spec, w->instance, name, sizeof(name)),
			 "summary", summary(f, world, w), "transitions", transitions(world, w), "output",
			 output);
}

json_t *view_suspects(const struct fleet *f, const struct admin_world *w)
{
	json_t *all = json_array();

	for (uint32_t i = 0; i < f->suspects->count; i++) {
		const struct suspect *s = &f->suspects->entries[i];
		char key[20];

		if (!instant_is_before(w->now, s->until))
			continue;
		snprintf(key, sizeof(key), "%016llx", (unsigned long long)s->key);
		json_array_append_new(all, json_pack("{s:s, s:s, s:I, s:b, s:I}", "key", key, "pool",
						     f->pools[s->pool].spec->name, "deaths", (json_int_t)s->deaths,
						     "quarantined", s->is_quarantined, "left_ms",
						     (json_int_t)duration_between(w->now, s->until).ms));
	}
	return all;
}
