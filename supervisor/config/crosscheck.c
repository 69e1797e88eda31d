/*
 * crosscheck: compares values with each other and with the world, and resolves what refers to
 * something.
 *
 * A contradiction is told at the section's own line where there is one, and names the other.
 * Programs and directories that do not exist are warnings: they may be there when the worker
 * starts.
 */
#include "crosscheck.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suggest.h"
#include "text.h"

enum { READY_ALIVE_MS = 1000, SENTENCE = 896 };

/* " (brood.ini:9)" or " (default)" */
struct origin_text {
	char text[320];
};

static struct build_value find(const struct build *b, struct section *s, const char *name)
{
	return build_find(b, s, key_find(section_keys(s->kind), name));
}

static bool is_bad(const struct build_value *value)
{
	return value->given && value->given->is_bad;
}

static struct origin_text origin(const struct build_value *value)
{
	struct origin_text origin;

	if (value->given)
		snprintf(origin.text, sizeof(origin.text), " (%.300s:%u)", value->given->place.file,
			 value->given->place.line);
	else
		snprintf(origin.text, sizeof(origin.text), " (default)");
	return origin;
}

/* Reports something at a value that counts for `s`; of [defaults], once. */
PRINTF_LIKE(5, 6)
static void complain(struct build *b, enum problem_severity severity, struct section *s,
		     const struct build_value *at, const char *format, ...)
{
	struct section *owner = at->owner ? at->owner : s;
	const struct place place = at->given ? at->given->place : s->place;
	char sentence[SENTENCE];
	va_list arguments;

	assert(!is_bad(at));
	if (at->given && owner->kind == SECTION_DEFAULTS) {
		if (at->given->is_told)
			return;
		at->given->is_told = true;
	}
	va_start(arguments, format);
	vsnprintf(sentence, sizeof(sentence), format, arguments);
	va_end(arguments);
	problem_add(&b->config->problems, severity, place, "%s %s", section_title(owner).text,
		    sentence);
}

/*
 * Reports a contradiction of two values: at the one that the section itself gives, preferably the
 * first.
 */
static void complain_of_pair(struct build *b, struct section *s, const char *first_name,
			     const char *relation, const char *second_name)
{
	const struct build_value first = find(b, s, first_name);
	const struct build_value second = find(b, s, second_name);
	const bool at_second = first.owner != s && (second.owner == s || !first.given);
	const struct build_value *other = at_second ? &first : &second;

	complain(b, PROBLEM_ERROR, s, at_second ? &second : &first, "%s = %s%s %s %s = %s%s",
		 first_name, text_excerpt(first.text).text, at_second ? origin(other).text : "",
		 relation, second_name, text_excerpt(second.text).text,
		 at_second ? "" : origin(other).text);
}

static bool is_pair_sound(struct build *b, struct section *s, const char *first, const char *second)
{
	const struct build_value a = find(b, s, first);
	const struct build_value c = find(b, s, second);

	return !is_bad(&a) && !is_bad(&c);
}

/* Only root may become somebody else, or give a socket away. */
static void check_rights(struct build *b, struct section *s, const char *name, bool is_set)
{
	const struct build_value value = find(b, s, name);

	if (is_set && b->world->uid != 0 && !is_bad(&value))
		complain(b, PROBLEM_ERROR, s, &value, "%s = %s: brood does not run as root", name,
			 text_excerpt(value.text).text);
}

static void check_times(struct build *b, struct section *s, const struct worker_spec *w)
{
	if (w->restart.delay.ms > w->restart.delay_max.ms &&
	    is_pair_sound(b, s, "restart_delay", "restart_delay_max"))
		complain_of_pair(b, s, "restart_delay", "is longer than", "restart_delay_max");
	if (w->ready.kind == READY_ALIVE && w->ready.alive.ms >= w->start_timeout.ms &&
	    is_pair_sound(b, s, "ready", "start_timeout"))
		complain_of_pair(b, s, "ready", "can never be reached within", "start_timeout");
}

static void resolve_ready(struct build *b, struct section *s, struct worker_spec *w)
{
	switch (w->ready.kind) {
	case READY_AUTO:
		w->ready.kind = w->channel == CHANNEL_NONE ? READY_ALIVE : READY_CHANNEL;
		w->ready.alive.ms = w->channel == CHANNEL_NONE ? READY_ALIVE_MS : 0;
		return;
	case READY_CHANNEL:
		if (w->channel == CHANNEL_NONE && is_pair_sound(b, s, "ready", "channel"))
			complain_of_pair(b, s, "ready", "contradicts", "channel");
		return;
	case READY_ALIVE:
		return;
	}
}

/*
 * The groups of the user, unless the file names others. `before` is another worker, perhaps of the
 * same user.
 */
static void find_groups(struct build *b, struct section *s, struct worker_spec *w,
			const struct worker_spec *before)
{
	const unsigned gid = w->group.is_set ? w->group.gid : w->user.gid;
	const struct build_value user = find(b, s, "user");
	unsigned *gids = NULL;
	size_t count = 0;
	int rc;

	if (before && before->user.name && strcmp(before->user.name, w->user.name) == 0 &&
	    (before->group.is_set ? before->group.gid : before->user.gid) == gid &&
	    !before->groups.is_set) {
		w->groups = before->groups;
		return;
	}
	rc = b->world->user_groups(b->world->context, w->user.name, gid, &gids, &count);
	if (rc < 0) {
		complain(b, PROBLEM_ERROR, s, &user, "user = %s: cannot look up the groups: %s",
			 text_excerpt(user.text).text, strerror(-rc));
		return;
	}
	w->groups.gids = arena_array(&b->config->arena, count, sizeof(*gids));
	if (w->groups.gids && count > 0)
		memcpy(w->groups.gids, gids, count * sizeof(*gids));
	w->groups.count = w->groups.gids ? count : 0;
	free(gids);
}

static void check_user(struct build *b, struct section *s, struct worker_spec *w,
		       const struct worker_spec *before)
{
	const struct build_value user = find(b, s, "user");

	check_rights(b, s, "user", w->user.is_set);
	check_rights(b, s, "group", w->group.is_set);
	check_rights(b, s, "groups", w->groups.is_set);
	if (w->user.is_set && w->user.name && !w->groups.is_set && !is_bad(&user))
		find_groups(b, s, w, before);
	if (w->user.is_set && !w->user.name && !w->group.is_set &&
	    is_pair_sound(b, s, "group", "user"))
		complain(b, PROBLEM_ERROR, s, &user,
			 "user = %s: no user has this number, so group must be given too",
			 text_excerpt(user.text).text);
}

static void check_paths(struct build *b, struct section *s, const struct worker_spec *w)
{
	const struct build_value command = find(b, s, "command");
	const struct build_value cwd = find(b, s, "cwd");
	const char *program = w->command.argc > 0 ? w->command.argv[0] : "";

	if (!b->world->exists)
		return;
	if (program[0] == '/' && !strchr(program, '$') && !is_bad(&command) &&
	    !b->world->exists(b->world->context, program, false))
		complain(b, PROBLEM_WARNING, s, &command, "command: program %s does not exist",
			 program);
	if (w->cwd && w->cwd[0] == '/' && !is_bad(&cwd) &&
	    !b->world->exists(b->world->context, w->cwd, true))
		complain(b, PROBLEM_WARNING, s, &cwd, "cwd: directory %s does not exist", w->cwd);
}

static void check_workers(struct build *b)
{
	struct config_spec *spec = &b->config->spec;
	size_t processes = 0;

	for (size_t i = 0; i < spec->worker_count; i++) {
		struct worker_spec *w = &spec->workers[i];
		struct section *s = b->workers[i];
		const struct build_value instances = find(b, s, "instances");
		const bool was_fine = processes <= SPEC_PROCESSES_MOST;

		check_user(b, s, w, i > 0 ? w - 1 : NULL);
		resolve_ready(b, s, w);
		check_times(b, s, w);
		check_paths(b, s, w);
		processes += w->instances;
		if (was_fine && processes > SPEC_PROCESSES_MOST && !is_bad(&instances))
			complain(b, PROBLEM_ERROR, s, &instances,
				 "instances: with this worker there are %zu processes, at most %d "
				 "are allowed",
				 processes, SPEC_PROCESSES_MOST);
	}
}

static const char *nearest_worker(const struct build *b, const char *name)
{
	struct suggestion nearest = suggest_open(name);

	for (size_t i = 0; i < b->config->spec.worker_count; i++)
		suggest_consider(&nearest, b->config->spec.workers[i].name);
	return nearest.best;
}

static void complain_of_pool(struct build *b, struct section *s, const struct build_value *pool,
			     const char *name)
{
	const char *nearest =
		problem_is_wanted(&b->config->problems) ? nearest_worker(b, name) : NULL;

	if (nearest)
		complain(b, PROBLEM_ERROR, s, pool,
			 "pool: no worker is named '%s', did you mean '%s'?", name, nearest);
	else
		complain(b, PROBLEM_ERROR, s, pool,
			 "pool: no worker is named '%s', there is no section [worker:%s]", name,
			 name);
}

static void resolve_pool(struct build *b, struct section *s, struct endpoint_spec *e)
{
	const struct build_value pool = find(b, s, "pool");
	size_t i = 0;

	if (!e->pool_name)
		return;
	/* all sections have been read, and those of one kind stand in the order of the spec */
	while (i < b->config->spec.worker_count && strcmp(b->workers[i]->name, e->pool_name) != 0)
		i++;
	if (i == b->config->spec.worker_count) {
		complain_of_pool(b, s, &pool, e->pool_name);
		return;
	}
	e->pool = (uint16_t)i;
	if (b->config->spec.workers[i].channel == CHANNEL_NONE) {
		const struct build_value channel = find(b, b->workers[i], "channel");

		if (!is_bad(&channel))
			complain(b, PROBLEM_ERROR, s, &pool,
				 "pool = %s: [worker:%s] takes no calls, it has channel = none%s",
				 e->pool_name, e->pool_name, origin(&channel).text);
	}
}

static void check_listen(struct build *b, size_t index)
{
	const struct endpoint_spec *endpoints = b->config->spec.endpoints;
	const struct build_value listen = find(b, b->endpoints[index], "listen");

	if (!endpoints[index].listen.path)
		return;
	for (size_t i = 0; i < index; i++) {
		const struct build_value other = find(b, b->endpoints[i], "listen");

		if (!endpoints[i].listen.path ||
		    strcmp(endpoints[i].listen.path, endpoints[index].listen.path) != 0)
			continue;
		complain(b, PROBLEM_ERROR, b->endpoints[index], &listen,
			 "listen = %s: [endpoint:%s] listens there already%s",
			 text_excerpt(listen.text).text, endpoints[i].name, origin(&other).text);
		return;
	}
}

static void check_endpoints(struct build *b)
{
	struct config_spec *spec = &b->config->spec;

	for (size_t i = 0; i < spec->endpoint_count; i++) {
		check_rights(b, b->endpoints[i], "user", spec->endpoints[i].user.is_set);
		resolve_pool(b, b->endpoints[i], &spec->endpoints[i]);
		check_listen(b, i);
	}
}

void crosscheck_spec(struct build *b)
{
	check_workers(b);
	check_endpoints(b);
	if (b->config->spec.worker_count == 0 && b->config->problems.count[PROBLEM_ERROR] == 0)
		problem_add(&b->config->problems, PROBLEM_WARNING, b->config->files.first->asked,
			    "there is no section [worker:NAME], so there is nothing to run");
}
