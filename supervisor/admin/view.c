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

const char *view_wish(enum worker_wish wish)
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

const char *view_role(enum worker_role role)
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

static void take_name(void *to, const char *name)
{
	json_array_append_new(to, json_string(name));
}

/* Of both generations of an instance: what it has parked belongs to neither of them alone. */
json_t *view_stored(const struct admin_world *world, const struct worker *w)
{
	json_t *names = json_array();

	if (names)
		world->stored(world->context, w->pool, w->instance, take_name, names);
	return names;
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
		      "instance", (json_int_t)w->instance, "role", view_role(w->role), "state",
		      worker_state_word(w->state), "wish", view_wish(w->wish), "generation",
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
	if (!o)
		return NULL;
	add_last_exit(o, world, w);
	json_object_set_new(o, "stored", view_stored(world, w));
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

/* ------------------------------------------------------------------ who calls whom */

static json_t *link(const struct fleet *f, const struct worker_spec *caller, const struct callee *c)
{
	const struct endpoint *e = &f->entrance.endpoints[c->entrance];

	return json_pack("{s:s, s:s, s:b, s:I, s:I}", "caller", caller->name, "pool", c->name, "direct", c->is_direct,
			 "open", (json_int_t)e->clients, "admitted", (json_int_t)e->admitted);
}

static json_t *links(const struct fleet *f)
{
	json_t *all = json_array();

	for (uint32_t i = 0; i < f->pool_count; i++) {
		const struct worker_spec *w = &f->spec->workers[i];

		for (size_t n = 0; n < w->calls.count; n++)
			json_array_append_new(all, link(f, w, &w->calls.callees[n]));
	}
	return all;
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
	for (uint32_t i = 0; count == 0 && i < f->spec->endpoint_count; i++)
		json_array_append_new(endpoints, endpoint(f, w, i));
	return json_pack("{s:i, s:s, s:i, s:I, s:s, s:o, s:o, s:b, s:I, s:o, s:o, s:o, s:o}", "schema", 1, "version",
			 w->version, "pid", w->pid, "up_ms", (json_int_t)(w->wall_ms - w->started_wall_ms),
			 "started", admin_time(w->started_wall_ms, started), "config",
			 path_text("", w->config_path), "runtime", path_text("", w->runtime_path),
			 "stopping", f->is_stopping, "turns", (json_int_t)w->turns, "pools", pools, "instances",
			 instances, "endpoints", endpoints, "links", count == 0 ? links(f) : json_array());
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
