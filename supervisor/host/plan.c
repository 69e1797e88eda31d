/* plan: from a worker's spec to a child_plan. */
#include "plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "contract.h"
#include "environment.h"
#include "expand.h"
#include "remote.h"

static int fail(char *problem, int rc, const char *what, const char *object)
{
	snprintf(problem, PLAN_PROBLEM, "%s %.300s: %s", what, object, strerror(-rc));
	return rc;
}

/* --------------------------------------------------------------- arguments */

static size_t expanded_size(const struct plan_identity *id, const char *text)
{
	return expand(text, id->spec->name, id->instance, NULL, 0) + 1;
}

/* argv and environment in one piece of memory: pointers first, then strings. */
static int make_words(struct plan *plan, const struct plan_identity *id)
{
	const struct command *command = &id->spec->command;
	struct environment env = {0};
	size_t strings = 0;
	size_t pointers;
	char **at;
	char *text;
	int rc = environment_make(&env, environ, id);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < command->argc; i++)
		strings += expanded_size(id, command->argv[i]);
	pointers = command->argc + 1 + env.count + 1;
	plan->memory = malloc(pointers * sizeof(char *) + strings + env.size);
	if (!plan->memory) {
		environment_close(&env);
		return -ENOMEM;
	}
	at = (char **)(void *)plan->memory;
	text = plan->memory + pointers * sizeof(char *);
	plan->child.argv = at;
	for (size_t i = 0; i < command->argc; i++) {
		size_t size = expanded_size(id, command->argv[i]);

		expand(command->argv[i], id->spec->name, id->instance, text, size);
		*at++ = text;
		text += size;
	}
	*at++ = NULL;
	plan->child.envp = at;
	for (size_t i = 0; i < env.count; i++) {
		size_t size = strlen(env.entries[i]) + 1;

		memcpy(text, env.entries[i], size);
		*at++ = text;
		text += size;
	}
	*at = NULL;
	environment_close(&env);
	return 0;
}

/* ----------------------------------------------------------------- program */

static const char *path_of(char *const *envp)
{
	for (; *envp; envp++) {
		if (strncmp(*envp, "PATH=", 5) == 0)
			return *envp + 5;
	}
	return "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
}

enum candidate { CANDIDATE_MISSING, CANDIDATE_NO_PROGRAM, CANDIDATE_PROGRAM };

/* Whether the worker's user may execute it, only exec knows. */
static enum candidate look(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return CANDIDATE_MISSING;
	return S_ISREG(st.st_mode) && st.st_mode & 0111 ? CANDIDATE_PROGRAM : CANDIDATE_NO_PROGRAM;
}

/* A program that somebody else may change would run with the worker's rights, or ours. */
static int check_program(const char *path, const struct worker_spec *spec, char *problem)
{
	uid_t runs_as = spec->user.is_set ? spec->user.uid : geteuid();
	struct stat st;

	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return 0; /* missing, or out of our sight: exec will tell */
	if (st.st_mode & S_IWOTH) {
		snprintf(problem, PLAN_PROBLEM, "%.300s is writable by everybody; run chmod o-w on it", path);
		return -EPERM;
	}
	if (st.st_uid != 0 && st.st_uid != geteuid() && st.st_uid != runs_as) {
		snprintf(problem, PLAN_PROBLEM, "%.300s belongs to uid %u, expected 0, %u or %u", path, st.st_uid,
			 geteuid(), runs_as);
		return -EPERM;
	}
	return 0;
}

/* Room for `count` programs and their strings, which begin at the result. */
static char *make_room(struct plan *plan, size_t count, size_t bytes)
{
	plan->programs = calloc(1, (count + 1) * sizeof(char *) + bytes);
	plan->child.programs = plan->programs;
	return plan->programs ? (char *)plan->programs + (count + 1) * sizeof(char *) : NULL;
}

static int not_found(const char *name, const char *path, const char *other, char *problem)
{
	if (other) {
		snprintf(problem, PLAN_PROBLEM, "%.300s is not a program that can be executed", other);
		return -EACCES;
	}
	snprintf(problem, PLAN_PROBLEM, "%.100s is in no directory of its PATH (%.300s)", name, path);
	return -ENOENT;
}

static size_t count_directories(const char *path)
{
	size_t count = 1;

	for (; *path; path++)
		count += *path == ':';
	return count;
}

/*
 * Where the name is found in the worker's PATH, in order: the first may be closed to its user, then exec goes on with
 * the next. Only absolute directories count: what lies in the worker's cwd is run if the command says ./NAME. Behind
 * one that is not safe nothing is looked for.
 */
static int search(struct plan *plan, const struct worker_spec *spec, char *problem)
{
	const char *name = plan->child.argv[0];
	const char *path = path_of(plan->child.envp);
	const size_t most = strlen(path) + strlen(name) + 2;
	const size_t places = count_directories(path);
	char *text = make_room(plan, places, places * most);
	const char **found = plan->programs;
	const char *other = NULL;

	if (!text)
		return -ENOMEM;
	for (const char *at = path; *at; at += *at == ':', text += most) {
		const size_t length = strcspn(at, ":");
		enum candidate is = CANDIDATE_MISSING;

		snprintf(text, most, "%.*s/%s", (int)length, at, name);
		if (*at == '/')
			is = look(text);
		at += length;
		if (is == CANDIDATE_NO_PROGRAM && !other)
			other = text;
		if (is != CANDIDATE_PROGRAM)
			continue;
		if (check_program(text, spec, problem) < 0)
			return found == plan->programs ? -EPERM : 0;
		*found++ = text;
	}
	return found == plan->programs ? not_found(name, path, other, problem) : 0;
}

/* It names the file itself, in the worker's cwd if it is relative. */
static int take(struct plan *plan, const struct worker_spec *spec, char *problem)
{
	const char *name = plan->child.argv[0];
	const size_t size = strlen(name) + 1;
	const char *cwd = name[0] != '/' && spec->cwd ? spec->cwd : NULL;
	const size_t size_in_cwd = size + (cwd ? strlen(cwd) + 1 : 0);
	char *text = make_room(plan, 1, size + size_in_cwd);
	char *in_cwd;

	if (!text)
		return -ENOMEM;
	memcpy(text, name, size);
	*(const char **)plan->programs = text;
	in_cwd = text + size;
	snprintf(in_cwd, size_in_cwd, "%s%s%s", cwd ? cwd : "", cwd ? "/" : "", name);
	return check_program(in_cwd, spec, problem);
}

/* May exec take long? Then nobody should stand still for it. */
static bool is_any_remote(const struct plan *plan, const struct worker_spec *spec)
{
	for (const char *const *program = plan->child.programs; *program; program++) {
		if (remote_has_path(*program))
			return true;
	}
	return spec->cwd && remote_has_path(spec->cwd);
}

static int find_program(struct plan *plan, const struct worker_spec *spec, char *problem)
{
	int rc;

	snprintf(problem, PLAN_PROBLEM, "%s", strerror(ENOMEM));
	if (strchr(plan->child.argv[0], '/'))
		return take(plan, spec, problem);
	rc = search(plan, spec, problem);
	if (rc == -ENOENT || rc == -EACCES)
		plan->stage = STAGE_SEARCH;
	return rc;
}

/* --------------------------------------------------------- limits and ids */

static void add_limit(struct child_plan *c, int resource, uint64_t soft, uint64_t hard)
{
	if (c->limit_count < CHILD_LIMITS_MOST)
		c->limits[c->limit_count++] = (struct child_limit){resource, {soft, hard}};
}

/* brood raises its own number of descriptors; a worker gets back what brood was given. */
static void set_limits(struct child_plan *c, const struct plan_identity *id)
{
	const struct limit_list *list = &id->spec->limits;
	bool has_nofile = false;

	for (size_t i = 0; i < list->count; i++) {
		has_nofile |= list->limits[i].resource == RLIMIT_NOFILE;
		add_limit(c, list->limits[i].resource, list->limits[i].soft, list->limits[i].hard);
	}
	if (!has_nofile)
		add_limit(c, RLIMIT_NOFILE, id->nofile_soft, id->nofile_hard);
}

static int take_groups(struct plan *plan, const struct group_list *list)
{
	plan->groups = calloc(list->count + 1, sizeof(gid_t));
	if (!plan->groups)
		return -ENOMEM;
	for (size_t i = 0; i < list->count; i++)
		plan->groups[i] = list->gids[i];
	plan->child.groups = plan->groups;
	plan->child.group_count = list->count;
	return 0;
}

/* Who stays brood's own user keeps its groups, also with another primary one. */
static int keep_groups(struct plan *plan)
{
	int count = getgroups(0, NULL);

	if (count < 0)
		return -errno;
	plan->groups = calloc((size_t)count + 1, sizeof(gid_t));
	if (!plan->groups)
		return -ENOMEM;
	count = getgroups(count, plan->groups);
	if (count < 0)
		return -errno;
	plan->child.groups = plan->groups;
	plan->child.group_count = (size_t)count;
	return 0;
}

static int set_ids(struct plan *plan, const struct worker_spec *spec)
{
	struct child_plan *c = &plan->child;

	if (!spec->user.is_set && !spec->group.is_set && !spec->groups.is_set)
		return 0;
	c->changes_user = true;
	c->uid = spec->user.is_set ? spec->user.uid : geteuid();
	c->gid = spec->group.is_set ? spec->group.gid : spec->user.is_set ? spec->user.gid : getegid();
	return spec->groups.is_set || spec->user.is_set ? take_groups(plan, &spec->groups) : keep_groups(plan);
}

int plan_make(struct plan *plan, const struct plan_identity *id, char problem[PLAN_PROBLEM])
{
	const struct worker_spec *spec = id->spec;
	int rc;

	*plan = (struct plan){.way = SPAWN_SHARED, .stage = STAGE_PREPARE};
	rc = make_words(plan, id);
	if (rc == 0)
		rc = set_ids(plan, spec);
	if (rc < 0)
		return fail(problem, rc, "cannot prepare", spec->name);
	rc = find_program(plan, spec, problem);
	if (rc < 0)
		return rc;
	plan->child.cwd = spec->cwd;
	plan->child.umask = (mode_t)spec->umask.bits;
	plan->child.sets_nice = spec->nice != SPEC_NICE_INHERITED;
	plan->child.nice = spec->nice;
	plan->child.no_new_privs = spec->no_new_privs;
	set_limits(&plan->child, id);
	if ((plan->child.changes_user && plan->child.uid != geteuid()) || is_any_remote(plan, spec))
		plan->way = SPAWN_COPIED;
	return 0;
}

void plan_describe(const struct plan *plan, char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	if (strchr(plan->child.argv[0], '/'))
		return;
	for (const char *const *program = plan->child.programs; *program && used < size; program++)
		used += (size_t)snprintf(out + used, size - used, "%s%s", used > 0 ? ", " : "", *program);
}

void plan_close(struct plan *plan)
{
	free(plan->memory);
	free(plan->groups);
	free(plan->programs);
	plan->memory = NULL;
	plan->programs = NULL;
	plan->groups = NULL;
}
