/* plan: from a worker's spec to a child_plan. */
#include "plan.h"

#include <errno.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "contract.h"
#include "environment.h"
#include "expand.h"

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

static bool is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_mode & 0111;
}

/* Looks the name up in PATH; where it is not found the name itself stays, and exec says ENOENT. */
static void search(struct plan *plan, const char *name)
{
	const char *from = path_of(plan->child.envp);

	snprintf(plan->path, sizeof(plan->path), "%s", name);
	while (*from) {
		size_t length = strcspn(from, ":");
		char candidate[PATH_MAX];

		snprintf(candidate, sizeof(candidate), "%.*s/%s", (int)length, from, name);
		if (length > 0 && is_program(candidate)) {
			snprintf(plan->path, sizeof(plan->path), "%s", candidate);
			return;
		}
		from += length;
		from += *from == ':';
	}
}

/* A program that somebody else may change would run with the worker's rights, or ours. */
static int check_program(const struct plan *plan, const struct worker_spec *spec, char *problem)
{
	uid_t runs_as = spec->user.is_set ? spec->user.uid : geteuid();
	struct stat st;

	if (stat(plan->path, &st) < 0 || !S_ISREG(st.st_mode))
		return 0; /* relative to cwd, or missing: exec will tell */
	if (st.st_mode & S_IWOTH) {
		snprintf(problem, PLAN_PROBLEM, "%.300s is writable by everybody; run chmod o-w on it", plan->path);
		return -EPERM;
	}
	if (st.st_uid != 0 && st.st_uid != geteuid() && st.st_uid != runs_as) {
		snprintf(problem, PLAN_PROBLEM, "%.300s belongs to uid %u, expected 0, %u or %u", plan->path,
			 st.st_uid, geteuid(), runs_as);
		return -EPERM;
	}
	return 0;
}

/* May exec take long there? Then nobody should stand still for it. */
static bool is_slow(const char *path)
{
	struct statfs fs;

	if (statfs(path, &fs) < 0)
		return false;
	switch ((uint32_t)fs.f_type) {
	case NFS_SUPER_MAGIC:
	case SMB_SUPER_MAGIC:
	case SMB2_SUPER_MAGIC:
	case CIFS_SUPER_MAGIC:
	case AFS_SUPER_MAGIC:
	case CODA_SUPER_MAGIC:
	case AUTOFS_SUPER_MAGIC:
	case FUSE_SUPER_MAGIC:
	case V9FS_MAGIC:
		return true;
	default:
		return false;
	}
}

static int find_program(struct plan *plan, const struct worker_spec *spec, char *problem)
{
	const char *name = plan->child.argv[0];

	if (strchr(name, '/'))
		snprintf(plan->path, sizeof(plan->path), "%s", name);
	else
		search(plan, name);
	plan->child.path = plan->path;
	return check_program(plan, spec, problem);
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

static int set_ids(struct plan *plan, const struct worker_spec *spec)
{
	struct child_plan *c = &plan->child;

	if (!spec->user.is_set && !spec->group.is_set && !spec->groups.is_set)
		return 0;
	c->changes_user = true;
	c->uid = spec->user.is_set ? spec->user.uid : geteuid();
	c->gid = spec->group.is_set ? spec->group.gid : spec->user.is_set ? spec->user.gid : getegid();
	plan->groups = calloc(spec->groups.count + 1, sizeof(gid_t));
	if (!plan->groups)
		return -ENOMEM;
	for (size_t i = 0; i < spec->groups.count; i++)
		plan->groups[i] = spec->groups.gids[i];
	c->groups = plan->groups;
	c->group_count = spec->groups.count;
	return 0;
}

int plan_make(struct plan *plan, const struct plan_identity *id, char problem[PLAN_PROBLEM])
{
	const struct worker_spec *spec = id->spec;
	int rc;

	*plan = (struct plan){.way = SPAWN_SHARED};
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
	plan->child.nice = spec->nice;
	plan->child.no_new_privs = spec->no_new_privs;
	set_limits(&plan->child, id);
	if ((plan->child.changes_user && plan->child.uid != geteuid()) || is_slow(plan->path) ||
	    (spec->cwd && is_slow(spec->cwd)))
		plan->way = SPAWN_COPIED;
	return 0;
}

void plan_close(struct plan *plan)
{
	free(plan->memory);
	free(plan->groups);
	plan->memory = NULL;
	plan->groups = NULL;
}
