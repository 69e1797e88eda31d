/* environment: rules of inheritance, in one table. */
#include "environment.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contract.h"
#include "expand.h"
#include "plan.h"

/* What belongs to brood, to whoever started it, or to the loader; a '*' ends a prefix. */
static const char *const withheld[] = {
	"LD_*",         "NOTIFY_SOCKET", "LISTEN_*",   "WATCHDOG_*",      "BROOD_*",
	"SUPERVISOR_*", "JOURNAL_STREAM", "INVOCATION_ID", "CREDENTIALS_DIRECTORY", "RUNTIME_DIRECTORY",
	"STATE_DIRECTORY", "LOGS_DIRECTORY", "CONFIGURATION_DIRECTORY", "MAINPID", "MANAGERPID",
	"SYSTEMD_EXEC_PID", "MEMORY_PRESSURE_*", "GLIBC_TUNABLES",
};

/* What a clean environment keeps. */
static const char *const kept[] = {"PATH", "LANG", "TZ", "HOME", "USER", "LOGNAME", "SHELL"};

static size_t name_length(const char *entry)
{
	return strcspn(entry, "=");
}

static bool matches(const char *entry, const char *pattern)
{
	size_t length = strlen(pattern);

	if (pattern[length - 1] == '*')
		return strncmp(entry, pattern, length - 1) == 0;
	return name_length(entry) == length && strncmp(entry, pattern, length) == 0;
}

static bool is_listed(const char *entry, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (matches(entry, list[i]))
			return true;
	}
	return false;
}

static bool is_inherited(const char *entry, enum env_base base)
{
	switch (base) {
	case ENV_INHERIT:
		return !is_listed(entry, withheld, sizeof(withheld) / sizeof(withheld[0]));
	case ENV_CLEAN:
		return is_listed(entry, kept, sizeof(kept) / sizeof(kept[0]));
	}
	return false;
}

static char **find(const struct environment *env, const char *entry)
{
	size_t length = name_length(entry);

	for (size_t i = 0; i < env->count; i++) {
		if (name_length(env->entries[i]) == length && strncmp(env->entries[i], entry, length) == 0)
			return &env->entries[i];
	}
	return NULL;
}

/* Takes the string over, also if it fails; replaces an entry of the same name. */
static int put(struct environment *env, char *entry)
{
	char **old;

	if (!entry)
		return -ENOMEM;
	old = find(env, entry);
	env->size += strlen(entry) + 1;
	if (old) {
		env->size -= strlen(*old) + 1;
		free(*old);
		*old = entry;
		return 0;
	}
	if (env->count == env->capacity) {
		size_t capacity = env->capacity ? 2 * env->capacity : 32;
		char **grown = realloc(env->entries, capacity * sizeof(char *));

		if (!grown) {
			free(entry);
			return -ENOMEM;
		}
		env->entries = grown;
		env->capacity = capacity;
	}
	env->entries[env->count++] = entry;
	return 0;
}

static int put_pair(struct environment *env, const char *name, const char *value)
{
	size_t size;
	char *entry;

	if (!value)
		return 0;
	size = strlen(name) + strlen(value) + 2;
	entry = malloc(size);
	if (entry)
		snprintf(entry, size, "%s=%s", name, value);
	return put(env, entry);
}

static int put_number(struct environment *env, const char *name, uint32_t number)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", number);
	return put_pair(env, name, text);
}

static int put_user(struct environment *env, const struct user_ref *user)
{
	int rc = 0;

	if (!user->is_set)
		return 0;
	rc = put_pair(env, "HOME", user->home);
	if (rc == 0)
		rc = put_pair(env, "USER", user->name);
	if (rc == 0)
		rc = put_pair(env, "LOGNAME", user->name);
	return rc < 0 ? rc : put_pair(env, "SHELL", user->shell);
}

static int put_configured(struct environment *env, const struct plan_identity *id)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < id->spec->env.count; i++) {
		const char *text = id->spec->env.entries[i];
		size_t size = expand(text, id->spec->name, id->instance, NULL, 0) + 1;
		char *entry = malloc(size);

		if (entry)
			expand(text, id->spec->name, id->instance, entry, size);
		rc = put(env, entry);
	}
	return rc;
}

static int put_brood(struct environment *env, const struct plan_identity *id)
{
	int rc = put_pair(env, BROOD_ENV_CHANNEL, id->channel);

	if (rc == 0)
		rc = put_pair(env, BROOD_ENV_BOARD, id->board);
	if (rc == 0)
		rc = put_pair(env, BROOD_ENV_WORKER, id->spec->name);
	if (rc == 0)
		rc = put_number(env, BROOD_ENV_INSTANCE, id->instance);
	return rc < 0 ? rc : put_number(env, BROOD_ENV_GENERATION, id->generation);
}

int environment_make(struct environment *env, char **own, const struct plan_identity *id)
{
	int rc = 0;

	for (; rc == 0 && *own; own++) {
		if (is_inherited(*own, id->spec->env_base))
			rc = put(env, strdup(*own));
	}
	if (rc == 0)
		rc = put_user(env, &id->spec->user);
	if (rc == 0)
		rc = put_configured(env, id);
	if (rc == 0)
		rc = put_brood(env, id);
	if (rc < 0)
		environment_close(env);
	return rc;
}

void environment_close(struct environment *env)
{
	for (size_t i = 0; i < env->count; i++)
		free(env->entries[i]);
	free(env->entries);
	*env = (struct environment){0};
}
