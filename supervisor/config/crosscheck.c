/*
 * crosscheck: compares values with each other and with the world, and resolves what refers to
 * something.
 *
 * A contradiction is told at the section's own line where there is one, and names the other.
 * Programs and directories that do not exist are warnings: they may be there when the worker
 * starts. So is what only a shell would understand.
 */
#include "crosscheck.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "callees.h"
#include "complaint.h"
#include "text.h"

enum { READY_ALIVE_MS = 1000, PATH_MOST = 4096 };

/* Only root may become somebody else, or give a socket away. */
static void check_rights(struct build *b, struct section *s, const char *name, bool is_set)
{
	const struct build_value value = complaint_value(b, s, name);

	if (is_set && b->world->uid != 0 && !complaint_is_bad(&value))
		complaint_add(b, PROBLEM_ERROR, s, &value, "%s = %s: brood does not run as root", name,
			 text_excerpt(value.text).text);
}

static void check_times(struct build *b, struct section *s, const struct worker_spec *w)
{
	if (w->restart.delay.ms > w->restart.delay_max.ms &&
	    complaint_pair_is_sound(b, s, "restart_delay", "restart_delay_max"))
		complaint_of_pair(b, s, "restart_delay", "is longer than", "restart_delay_max");
	if (w->ready.kind == READY_ALIVE && w->ready.alive.ms >= w->start_timeout.ms &&
	    complaint_pair_is_sound(b, s, "ready", "start_timeout"))
		complaint_of_pair(b, s, "ready", "can never be reached within", "start_timeout");
}

static void check_size(struct build *b, struct section *s, const struct worker_spec *w)
{
	if (w->instances.least < w->instances.most && w->channel == CHANNEL_NONE &&
	    complaint_pair_is_sound(b, s, "instances", "channel"))
		complaint_of_pair(b, s, "instances", "goes by the calls that wait, and there are none with", "channel");
	if (w->scale_limit > 0 && w->scale_limit < w->instances.most &&
	    complaint_pair_is_sound(b, s, "scale_limit", "instances"))
		complaint_of_pair(b, s, "scale_limit", "is below", "instances");
}

static void resolve_ready(struct build *b, struct section *s, struct worker_spec *w)
{
	switch (w->ready.kind) {
	case READY_AUTO:
		w->ready.kind = w->channel == CHANNEL_NONE ? READY_ALIVE : READY_CHANNEL;
		w->ready.alive.ms = w->channel == CHANNEL_NONE ? READY_ALIVE_MS : 0;
		return;
	case READY_CHANNEL:
		if (w->channel == CHANNEL_NONE && complaint_pair_is_sound(b, s, "ready", "channel"))
			complaint_of_pair(b, s, "ready", "contradicts", "channel");
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
	const struct build_value user = complaint_value(b, s, "user");
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
		complaint_add(b, PROBLEM_ERROR, s, &user, "user = %s: cannot look up the groups: %s",
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
	const struct build_value user = complaint_value(b, s, "user");

	check_rights(b, s, "user", w->user.is_set);
	check_rights(b, s, "group", w->group.is_set);
	check_rights(b, s, "groups", w->groups.is_set);
	if (w->user.is_set && w->user.name && !w->groups.is_set && !complaint_is_bad(&user))
		find_groups(b, s, w, before);
	if (w->user.is_set && !w->user.name && !w->group.is_set &&
	    complaint_pair_is_sound(b, s, "group", "user"))
		complaint_add(b, PROBLEM_ERROR, s, &user,
			 "user = %s: no user has this number, so group must be given too",
			 text_excerpt(user.text).text);
}

/* The PATH that the worker will have, as far as it is known here. */
static const char *path_of(const struct build *b, const struct worker_spec *w)
{
	for (size_t i = 0; i < w->env.count; i++) {
		if (strncmp(w->env.entries[i], "PATH=", 5) == 0)
			return strchr(w->env.entries[i], '$') ? NULL : w->env.entries[i] + 5;
	}
	return b->world->path;
}

static bool is_in_path(const struct world *world, const char *path, const char *name)
{
	char candidate[PATH_MOST];

	while (*path != '\0') {
		const size_t size = strcspn(path, ":");

		snprintf(candidate, sizeof(candidate), "%.*s/%s", (int)size, path, name);
		if (path[0] == '/' && world->is_executable(world->context, candidate))
			return true;
		path += size;
		path += *path == ':';
	}
	return false;
}

static void check_program(struct build *b, struct section *s, const struct worker_spec *w)
{
	const struct build_value command = complaint_value(b, s, "command");
	const char *program = w->command.argc > 0 ? w->command.argv[0] : "";
	const char *path = path_of(b, w);

	if (program[0] == '\0' || strchr(program, '$') || complaint_is_bad(&command))
		return;
	if (!strchr(program, '/') && path && !is_in_path(b->world, path, program))
		complaint_add(b, PROBLEM_WARNING, s, &command, "command: program %s is not in PATH (%s)",
			 text_excerpt(program).text, path);
	if (program[0] != '/' || b->world->is_executable(b->world->context, program))
		return;
	if (b->world->exists(b->world->context, program, false))
		complaint_add(b, PROBLEM_WARNING, s, &command, "command: program %s is not executable",
			 program);
	else
		complaint_add(b, PROBLEM_WARNING, s, &command, "command: program %s does not exist",
			 program);
}

/* Where a shell would put in a variable: $NAME at the beginning, or behind = : and /. */
static const char *find_variable(const char *text)
{
	for (const char *at = strchr(text, '$'); at; at = strchr(at + 1, '$')) {
		if (at[1] == '$')
			at++;
		else if (((at[1] >= 'A' && at[1] <= 'Z') || at[1] == '_') &&
			 (at == text || strchr("=:/", at[-1])))
			return at;
	}
	return NULL;
}

static bool is_shell_word(const char *word)
{
	static const char *const words[] = {"|", "||", "&", "&&", ";", ">", ">>", "<", "<<", "~"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(word, words[i]) == 0)
			return true;
	}
	word += *word == '1' || *word == '2';
	return strncmp(word, "~/", 2) == 0 || strncmp(word, ">/", 2) == 0 ||
	       strncmp(word, ">&", 2) == 0 || find_variable(word);
}

static bool is_shell(const char *program)
{
	static const char *const shells[] = {"sh", "bash", "dash", "ash", "ksh", "zsh"};
	const char *slash = strrchr(program, '/');
	const char *name = slash ? slash + 1 : program;

	for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
		if (strcmp(name, shells[i]) == 0)
			return true;
	}
	return false;
}

/* Who writes for a shell gets arguments; in one of its own, these words have their meaning. */
static void check_words(struct build *b, struct section *s, const struct worker_spec *w)
{
	const struct build_value command = complaint_value(b, s, "command");
	const struct build_value env = complaint_value(b, s, "env");

	for (size_t i = 0; i < w->command.argc && !complaint_is_bad(&command) && !is_shell(w->command.argv[0]);
	     i++) {
		if (!is_shell_word(w->command.argv[i]))
			continue;
		complaint_add(b, PROBLEM_WARNING, s, &command,
			 "command: '%s' is a mere argument, there is no shell; if one is wanted, write "
			 "command = sh -c '...'",
			 text_excerpt(w->command.argv[i]).text);
		break;
	}
	for (size_t i = 0; i < w->env.count && !complaint_is_bad(&env); i++) {
		const char *variable = find_variable(w->env.entries[i]);

		if (variable)
			complaint_add(b, PROBLEM_WARNING, s, &env,
				      "env: '%s' is not replaced, write what it stands for",
				 text_excerpt(variable).text);
	}
}

static void check_cwd(struct build *b, struct section *s, const struct worker_spec *w)
{
	const struct build_value cwd = complaint_value(b, s, "cwd");

	if (w->cwd && !complaint_is_bad(&cwd) && !b->world->exists(b->world->context, w->cwd, true))
		complaint_add(b, PROBLEM_WARNING, s, &cwd, "cwd: directory %s does not exist%s", w->cwd,
			 w->cwd[0] == '/' ? "" : " here; a relative one begins where brood is started");
}

/* Where brood was started says little about where its letters should lie. */
static void check_dead_letter(struct build *b, struct section *s, const struct worker_spec *w)
{
	const struct build_value letters = complaint_value(b, s, "dead_letter");

	if (w->dead_letter && w->dead_letter[0] != '/' && !complaint_is_bad(&letters))
		complaint_add(b, PROBLEM_ERROR, s, &letters, "dead_letter: '%s' is not an absolute path",
			 text_excerpt(w->dead_letter).text);
}

static void check_surroundings(struct build *b, struct section *s, const struct worker_spec *w)
{
	if (!b->world->exists)
		return;
	check_program(b, s, w);
	check_words(b, s, w);
	check_cwd(b, s, w);
}

/* Descriptors only travel over sockets. */
static void check_fds(struct build *b, struct section *s, const struct worker_spec *w)
{
	if (w->channel == CHANNEL_SOCKETPAIR)
		return;
	if (w->fds > 0 && complaint_pair_is_sound(b, s, "fds", "channel"))
		complaint_of_pair(b, s, "fds", "needs a socketpair, not", "channel");
	if (w->reply_fds > 0 && complaint_pair_is_sound(b, s, "reply_fds", "channel"))
		complaint_of_pair(b, s, "reply_fds", "needs a socketpair, not", "channel");
	if (w->fd_store > 0 && complaint_pair_is_sound(b, s, "fd_store", "channel"))
		complaint_of_pair(b, s, "fd_store", "needs a socketpair, not", "channel");
}

static void check_workers(struct build *b)
{
	struct config_spec *spec = &b->config->spec;
	size_t processes = 0;

	for (size_t i = 0; i < spec->worker_count; i++) {
		struct worker_spec *w = &spec->workers[i];
		struct section *s = b->workers[i];
		const struct build_value instances = complaint_value(b, s, "instances");
		const bool was_fine = processes <= SPEC_PROCESSES_MOST;

		check_user(b, s, w, i > 0 ? w - 1 : NULL);
		resolve_ready(b, s, w);
		check_times(b, s, w);
		check_size(b, s, w);
		check_fds(b, s, w);
		check_dead_letter(b, s, w);
		check_surroundings(b, s, w);
		processes += w->instances.most;
		if (was_fine && processes > SPEC_PROCESSES_MOST && !complaint_is_bad(&instances))
			complaint_add(b, PROBLEM_ERROR, s, &instances,
				 "instances: with this worker there are %zu processes, at most %d "
				 "are allowed",
				 processes, SPEC_PROCESSES_MOST);
	}
}

static void complain_of_pool(struct build *b, struct section *s, const struct build_value *pool,
			     const char *name)
{
	const char *nearest =
		problem_is_wanted(&b->config->problems) ? complaint_nearest_worker(b, name) : NULL;

	if (nearest)
		complaint_add(b, PROBLEM_ERROR, s, pool,
			 "pool: no worker is named '%s', did you mean '%s'?", name, nearest);
	else
		complaint_add(b, PROBLEM_ERROR, s, pool,
			 "pool: no worker is named '%s', there is no section [worker:%s]", name,
			 name);
}

/* A connection can only be passed on over a socket. */
static void check_dispatch(struct build *b, struct section *s, const struct endpoint_spec *e)
{
	const struct build_value dispatch = complaint_value(b, s, "dispatch");
	const struct build_value channel = complaint_value(b, b->workers[e->pool], "channel");

	if (e->dispatch != DISPATCH_CONNECTION || b->config->spec.workers[e->pool].channel != CHANNEL_PIPES ||
	    complaint_is_bad(&dispatch) || complaint_is_bad(&channel))
		return;
	complaint_add(b, PROBLEM_ERROR, s, &dispatch,
		 "dispatch = connection: [worker:%s] cannot be handed a connection, it has channel = pipes%s",
		 e->pool_name, complaint_origin(&channel).text);
}

static void resolve_pool(struct build *b, struct section *s, struct endpoint_spec *e)
{
	const struct build_value pool = complaint_value(b, s, "pool");
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
	check_dispatch(b, s, e);
	if (b->config->spec.workers[i].channel == CHANNEL_NONE) {
		const struct build_value channel = complaint_value(b, b->workers[i], "channel");

		if (!complaint_is_bad(&channel))
			complaint_add(b, PROBLEM_ERROR, s, &pool,
				 "pool = %s: [worker:%s] takes no calls, it has channel = none%s",
				 e->pool_name, e->pool_name, complaint_origin(&channel).text);
	}
}

static void check_listen(struct build *b, size_t index)
{
	const struct endpoint_spec *endpoints = b->config->spec.endpoints;
	const struct build_value listen = complaint_value(b, b->endpoints[index], "listen");

	if (!endpoints[index].listen.path)
		return;
	for (size_t i = 0; i < index; i++) {
		const struct build_value other = complaint_value(b, b->endpoints[i], "listen");

		if (!endpoints[i].listen.path ||
		    strcmp(endpoints[i].listen.path, endpoints[index].listen.path) != 0)
			continue;
		complaint_add(b, PROBLEM_ERROR, b->endpoints[index], &listen,
			 "listen = %s: [endpoint:%s] listens there already%s",
			 text_excerpt(listen.text).text, endpoints[i].name, complaint_origin(&other).text);
		return;
	}
}

/* Outside of the runtime directory brood makes none, and trusts none that others may write to. */
static void check_directory(struct build *b, size_t index)
{
	const struct build_value listen = complaint_value(b, b->endpoints[index], "listen");
	const char *path = b->config->spec.endpoints[index].listen.path;
	const struct world *world = b->world;
	char directory[PATH_MOST];

	if (!path || path[0] != '/' || !world->exists || complaint_is_bad(&listen))
		return;
	snprintf(directory, sizeof(directory), "%s", path);
	*strrchr(directory, '/') = '\0';
	if (directory[0] == '\0')
		return;
	if (!world->exists(world->context, directory, true))
		complaint_add(b, PROBLEM_WARNING, b->endpoints[index], &listen,
			 "listen: directory %s does not exist, brood cannot start without it", directory);
	else if (world->is_shared(world->context, directory))
		complaint_add(b, PROBLEM_WARNING, b->endpoints[index], &listen,
			 "listen: everybody may write to %s, brood does not start with a socket there", directory);
}

static void check_endpoints(struct build *b)
{
	struct config_spec *spec = &b->config->spec;

	for (size_t i = 0; i < spec->endpoint_count; i++) {
		check_rights(b, b->endpoints[i], "user", spec->endpoints[i].user.is_set);
		resolve_pool(b, b->endpoints[i], &spec->endpoints[i]);
		check_listen(b, i);
		check_directory(b, i);
	}
}

void crosscheck_spec(struct build *b)
{
	check_workers(b);
	check_endpoints(b);
	callees_check(b);
	if (b->config->spec.worker_count == 0 && b->config->problems.count[PROBLEM_ERROR] == 0)
		problem_add(&b->config->problems, PROBLEM_WARNING, b->config->files.first->asked,
			    "there is no section [worker:NAME], so there is nothing to run");
}
