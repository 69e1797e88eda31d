/*
 * where: which configuration is read, and which supervisor is spoken to.
 *
 * Order of authority: flag, environment, file. The system instance lives in /run/brood, a user's in
 * $XDG_RUNTIME_DIR/brood, an instance with a name in a directory of that name below; never in /tmp. $RUNTIME_DIRECTORY
 * takes the place of all of them, so a unit with RuntimeDirectory=brood/shop has given instance shop its own already.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "contract.h"

static const char *env(const char *name)
{
	const char *value = getenv(name);

	return value && value[0] ? value : NULL;
}

static bool is_name(const char *text)
{
	size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

	return length > 0 && length <= 32 && text[length] == '\0';
}

/* Of $RUNTIME_DIRECTORY systemd may give several; the first is ours. `why`: what it follows from. */
static int base(char *out, size_t size, const char **why)
{
	const char *given = env("RUNTIME_DIRECTORY");
	const char *xdg = env("XDG_RUNTIME_DIR");
	const char *state = env("XDG_STATE_HOME");
	const char *home = env("HOME");
	int n;

	*why = given ? "RUNTIME_DIRECTORY" : geteuid() == 0 ? "root's" : xdg ? "XDG_RUNTIME_DIR"
	     : state ? "XDG_STATE_HOME" : "HOME";
	if (given)
		n = snprintf(out, size, "%.*s", (int)strcspn(given, ":"), given);
	else if (geteuid() == 0)
		n = snprintf(out, size, "/run/brood");
	else if (xdg)
		n = snprintf(out, size, "%s/brood", xdg);
	else if (state)
		n = snprintf(out, size, "%s/brood/run", state);
	else if (home)
		n = snprintf(out, size, "%s/.local/state/brood/run", home);
	else
		return cli_fail(CLI_RUNTIME, "cannot tell the runtime directory: none of RUNTIME_DIRECTORY, "
					     "XDG_RUNTIME_DIR, HOME is set");
	return n < 0 || (size_t)n >= size ? cli_fail(CLI_RUNTIME, "the runtime directory's path is too long") : 0;
}

/* Is the directory called so? */
static bool is_called(const char *directory, const char *name)
{
	size_t length = strlen(directory);

	while (length > 0 && directory[length - 1] == '/')
		length--;
	return length > strlen(name) && directory[length - strlen(name) - 1] == '/' &&
	       strncmp(directory + length - strlen(name), name, strlen(name)) == 0;
}

/* An instance lies beside what the one without a name has in its directory. */
static bool is_taken(const char *instance)
{
	return strcmp(instance, "lock") == 0 || strcmp(instance, "priv") == 0;
}

static int find_runtime(const struct cli *c, struct cli_place *out, const char **why)
{
	char text[400];
	int code = base(text, sizeof(text), why);

	if (code != 0)
		return code;
	if (c->instance && !is_name(c->instance))
		return cli_fail(CLI_USAGE, "-i '%s': letters, digits, - and _, at most 32", c->instance);
	if (c->instance && is_taken(c->instance))
		return cli_fail(CLI_USAGE, "-i '%s': a file of brood's own has that name, take another", c->instance);
	if (c->instance && !(env("RUNTIME_DIRECTORY") && is_called(text, c->instance)))
		snprintf(out->runtime, sizeof(out->runtime), "%s/%s", text, c->instance);
	else
		snprintf(out->runtime, sizeof(out->runtime), "%s", text);
	return 0;
}

int where_runtime(const struct cli *c, struct cli_place *out)
{
	const char *why;

	return find_runtime(c, out, &why);
}

int where_socket(const struct cli *c, struct cli_place *out)
{
	const char *given = c->socket ? c->socket : c->instance ? NULL : env(BROOD_ENV_SOCKET);
	int code;
	int n;

	if (given && given[0] == '/') {
		n = snprintf(out->socket, sizeof(out->socket), "%s", given);
	} else if (given) {
		char here[300];

		if (!getcwd(here, sizeof(here)))
			return cli_fail(CLI_FAILED, "cannot tell the current directory: %s", strerror(errno));
		n = snprintf(out->socket, sizeof(out->socket), "%s/%s", here, given);
	} else {
		code = where_runtime(c, out);
		if (code != 0)
			return code;
		n = snprintf(out->socket, sizeof(out->socket), "%.500s/admin.sock", out->runtime);
		/* a user without an instance of their own means the system's */
		if (!c->instance && access(out->socket, F_OK) < 0 && access("/run/brood/admin.sock", F_OK) == 0)
			n = snprintf(out->socket, sizeof(out->socket), "/run/brood/admin.sock");
	}
	return n < 0 || (size_t)n >= sizeof(out->socket) ? cli_fail(CLI_USAGE, "the socket's path is too long") : 0;
}

/* The user's own file; false if there can be none. */
static bool user_config(char *out, size_t size)
{
	const char *xdg = env("XDG_CONFIG_HOME");
	const char *home = env("HOME");
	int n = -1;

	if (geteuid() == 0)
		return false;
	if (xdg)
		n = snprintf(out, size, "%s/brood/brood.ini", xdg);
	else if (home)
		n = snprintf(out, size, "%s/.config/brood/brood.ini", home);
	return n > 0 && (size_t)n < size;
}

int where_config(const struct cli *c, struct cli_place *out)
{
	const char *given = c->config ? c->config : env(BROOD_ENV_CONFIG);

	if (given) {
		if ((size_t)snprintf(out->config, sizeof(out->config), "%s", given) >= sizeof(out->config))
			return cli_fail(CLI_USAGE, "the configuration's path is too long");
		return 0;
	}
	if (user_config(out->config, sizeof(out->config)) && access(out->config, F_OK) == 0)
		return 0;
	if (access(BROOD_SYSTEM_CONFIG, F_OK) == 0) {
		snprintf(out->config, sizeof(out->config), "%s", BROOD_SYSTEM_CONFIG);
		return 0;
	}
	return cli_fail(CLI_CONFIG, "no configuration: give one with -c FILE (brood config --where shows where it "
				    "is looked for)");
}

int where_explain(const struct cli *c)
{
	struct cli_place place;
	const char *why;
	int code;

	cli_say("-c FILE                    %s", c->config ? c->config : "(not given)");
	cli_say("BROOD_CONFIG               %s", env(BROOD_ENV_CONFIG) ? env(BROOD_ENV_CONFIG) : "(not set)");
	if (user_config(place.config, sizeof(place.config)))
		cli_say("the user's                 %s%s", place.config,
		       access(place.config, F_OK) == 0 ? "" : " (not there)");
	cli_say("the system's               %s%s", BROOD_SYSTEM_CONFIG,
	       access(BROOD_SYSTEM_CONFIG, F_OK) == 0 ? "" : " (not there)");
	code = find_runtime(c, &place, &why);
	if (code == 0)
		cli_say("runtime directory          %s (%s%s)", place.runtime, why, c->instance ? " and -i" : "");
	if (code == 0)
		code = where_socket(c, &place);
	if (code == 0)
		cli_say("admin socket               %s%s", place.socket,
		       access(place.socket, F_OK) == 0 ? "" : " (not there)");
	return code;
}
