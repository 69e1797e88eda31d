/* scene: the storage of a fleet, and the account of calls that the actions are checked against. */
#include "scene.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake.h"
#include "lines.h"
#include "storage.h"

void scene_say(struct scene *s, const char *format, ...)
{
	va_list args;

	if (s->line_count == SCENE_LINES) {
		scene_complain(s, "one step made more than %d lines", SCENE_LINES);
		return;
	}
	va_start(args, format);
	vsnprintf(s->lines[s->line_count++], SCENE_LINE, format, args);
	va_end(args);
}

void scene_complain(struct scene *s, const char *format, ...)
{
	va_list args;

	if (s->problem[0])
		return;
	va_start(args, format);
	vsnprintf(s->problem, sizeof(s->problem), format, args);
	va_end(args);
}

/* ------------------------------------------------------- beginning and end */

static bool load(struct scene *s, const char *text, size_t size)
{
	enum config_result result;
	char *problems;

	s->config = fake_load_text(text, size, &result);
	if (!s->config) {
		scene_complain(s, "no memory for the configuration");
		return false;
	}
	if (result == CONFIG_OK)
		return true;
	problems = fake_problems(s->config);
	scene_complain(s, "%.250s", problems);
	free(problems);
	return false;
}

bool scene_open(struct scene *s, const char *text, size_t size)
{
	if (!load(s, text, size))
		return false;
	s->storage = calloc(1, storage_needed(&s->config->spec));
	if (!s->storage) {
		scene_complain(s, "no memory for the fleet");
		return false;
	}
	fleet_init(&s->fleet, &s->config->spec, s->storage, 1);
	return true;
}

void scene_close(struct scene *s)
{
	free(s->storage);
	if (s->config)
		config_close(s->config);
}

/* ------------------------------------------------------- clients and calls */

uint32_t scene_client(const struct scene *s, const char *name)
{
	for (uint32_t i = 0; i < s->client_count; i++) {
		if (strcmp(s->clients[i], name) == 0)
			return i;
	}
	return NONE;
}

uint32_t scene_new_client(struct scene *s, const char *name)
{
	if (s->client_count == SCENE_CLIENTS || s->client_count == s->fleet.ledger.caller_count)
		return NONE;
	snprintf(s->clients[s->client_count], SCENE_NAME, "%s", name);
	return s->client_count++;
}

struct scene_call *scene_call_of(struct scene *s, uint32_t client, uint32_t id)
{
	for (uint32_t i = s->call_count; i-- > 0;) {
		if (s->calls[i].client == client && s->calls[i].id == id)
			return &s->calls[i];
	}
	return NULL;
}

struct scene_call *scene_new_call(struct scene *s, uint32_t client, uint32_t id)
{
	struct scene_call *c = &s->calls[s->call_count];

	if (s->call_count == SCENE_CALLS)
		return NULL;
	s->call_count++;
	*c = (struct scene_call){.client = client, .id = id, .is_open = true, .worker = NONE};
	return c;
}

/* ------------------------------------------------------------ one event */

/* What the event itself says of calls: who has one, who waits for one. */
static void take_note(struct scene *s, const struct event *e)
{
	for (uint32_t i = 0; i < s->call_count; i++) {
		struct scene_call *c = &s->calls[i];
		bool is_of_process =
			c->is_held && c->worker == e->worker && c->generation == e->generation;

		if (e->kind == FLEET_CLIENT_GONE && c->client == e->client)
			c->is_open = false;
		if (is_of_process && (e->kind == FLEET_EXIT || e->kind == FLEET_LOST ||
				      ((e->kind == FLEET_REPLY || e->kind == FLEET_REFUSED) &&
				       c->wire_id == e->id)))
			c->is_held = false;
	}
	if (e->kind == FLEET_CLIENT_GONE)
		s->is_connected[e->client] = false;
}

static void obey(void *user, const struct action *a)
{
	struct scene *s = user;

	lines_of(s, a);
}

void scene_step(struct scene *s, const struct event *e)
{
	struct actions out = {obey, s};

	s->line_count = 0;
	s->speaker = e->worker;
	take_note(s, e);
	fleet_step(&s->fleet, e, &out);
}

/* --------------------------------------------------------------- promises */

static void check_pool(struct scene *s, const struct pool *p)
{
	const struct pool_counters *n = &p->counters;

	if (n->accepted != n->replied + n->errored + n->closed + p->queued + p->in_flight)
		scene_complain(s,
			       "%s: %llu calls were accepted, but %llu replied + %llu errored + "
			       "%llu closed + %u queued + %u in flight",
			       p->spec->name, (unsigned long long)n->accepted,
			       (unsigned long long)n->replied, (unsigned long long)n->errored,
			       (unsigned long long)n->closed, p->queued, p->in_flight);
}

static bool is_in_ledger(const struct scene *s, uint32_t body)
{
	const struct call_table *t = &s->fleet.ledger.table;

	for (uint32_t i = 0; i < t->used; i++) {
		if (t->calls[i].state != CALL_FREE && t->calls[i].body == body)
			return true;
	}
	return false;
}

static void check_bodies(struct scene *s)
{
	for (uint32_t i = 0; i < s->call_count; i++) {
		const struct scene_call *c = &s->calls[i];
		const char *name = s->clients[c->client];

		if (c->is_released == is_in_ledger(s, i))
			scene_complain(s, "the body of %s/%u %s", name, c->id,
				       c->is_released ? "was released while it is needed"
						      : "was never released");
		if (c->is_released && c->is_open)
			scene_complain(s, "%s/%u was never answered", name, c->id);
	}
}

bool scene_balances(struct scene *s)
{
	for (uint32_t i = 0; i < s->fleet.pool_count; i++)
		check_pool(s, &s->fleet.pools[i]);
	check_bodies(s);
	return s->problem[0] == '\0';
}
