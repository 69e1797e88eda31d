/* verb_config: run, check, config, explain: what begins with a configuration file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "config.h"
#include "escape.h"
#include "explain.h"
#include "outside.h"
#include "run.h"
#include "show.h"

/* Names of files may hold anything. */
static void put_safely(void *to, const char *bytes, size_t size)
{
	while (size > 0) {
		const char *newline = memchr(bytes, '\n', size);
		size_t line = newline ? (size_t)(newline - bytes) : size;

		while (line > 0) {
			char safe[1024];
			size_t used;
			size_t n = escape_text(bytes, line, safe, sizeof(safe), &used);

			fwrite(safe, 1, n, to);
			bytes += used;
			size -= used;
			line -= used;
		}
		if (newline) {
			putc('\n', to);
			bytes++;
			size--;
		}
	}
}

static struct writer writer_to_people(FILE *to)
{
	return (struct writer){put_safely, to};
}

/* Loads it as `uid` would run it; what is wrong goes to `to`. 0 or an exit code. */
static int load(const char *path, unsigned uid, FILE *to, struct config **config_out)
{
	struct world world = outside_world();
	struct writer w = writer_to_people(to);
	enum config_result result;

	world.uid = uid;
	result = config_load(path, &world, NULL, config_out);

	if (*config_out)
		problem_print(&(*config_out)->problems, &w);
	switch (result) {
	case CONFIG_OK:
		return 0;
	case CONFIG_INVALID:
		return CLI_CONFIG;
	case CONFIG_NO_MEMORY:
		break;
	}
	return cli_fail(CLI_BROKEN, "no memory for the configuration");
}

/* Who will run it: root's file is checked as root would run it, whoever looks; else it is for us. */
static unsigned runner_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && st.st_uid == 0 ? 0 : geteuid();
}

/* Where it is for those who look from elsewhere; to be freed. Not resolved: a link may be what is meant. */
static char *absolute(const char *path)
{
	char *here = path[0] == '/' ? NULL : getcwd(NULL, 0);
	char *whole;

	if (!here)
		return strdup(path);
	if (asprintf(&whole, "%s/%s", here, strncmp(path, "./", 2) == 0 ? path + 2 : path) < 0)
		whole = NULL;
	free(here);
	return whole;
}

int verb_run(const struct cli *c)
{
	struct cli_place place;
	struct config *config = NULL;
	char *config_path = NULL;
	struct run_options options = {.runtime_path = place.runtime, .is_quiet = c->is_quiet};
	int code = c->name_count > 0 ? cli_usage("run") : where_config(c, &place);

	if (code == 0)
		code = where_runtime(c, &place);
	if (code == 0)
		code = load(place.config, geteuid(), stderr, &config);
	if (code != 0 && config)
		cli_fail(code, "nothing was started: %s is not valid", place.config);
	if (code == 0)
		options.config_path = config_path = absolute(place.config);
	if (code == 0)
		code = config_path ? run_supervisor(config, &options) : cli_fail(CLI_BROKEN, "no memory");
	free(config_path);
	config_close(config);
	return code;
}

int verb_check(const struct cli *c)
{
	struct cli_place place;
	struct config *config = NULL;
	struct cli with_file = *c;
	int code;

	if (c->name_count > 1)
		return cli_usage("check");
	if (c->name_count == 1)
		with_file.config = c->names[0];
	code = where_config(&with_file, &place);
	if (code != 0)
		return code;
	code = load(place.config, runner_of(place.config), c->is_quiet ? stderr : stdout, &config);
	if (code == 0)
		cli_say("%s: %zu worker%s, %zu endpoint%s, no errors", place.config, config->spec.worker_count,
		       config->spec.worker_count == 1 ? "" : "s", config->spec.endpoint_count,
		       config->spec.endpoint_count == 1 ? "" : "s");
	config_close(config);
	return code;
}

static int show(const struct cli *c, const struct config *config)
{
	const char *name = c->name_count > 0 ? c->names[0] : NULL;
	struct writer w = writer_to_people(stdout);
	const char *near;

	if (show_config(config, name, !c->plain, &w) > 0)
		return CLI_DONE;
	near = show_nearest(config, name);
	if (near)
		return cli_fail(CLI_NO_SUCH, "no worker or endpoint '%s', did you mean '%s'?", name, near);
	return cli_fail(CLI_NO_SUCH, "no worker or endpoint '%s'", name);
}

int verb_config(const struct cli *c)
{
	struct cli_place place;
	struct config *config = NULL;
	int code;

	if (c->name_count > (c->where ? 0 : 1))
		return cli_usage("config");
	if (c->where)
		return where_explain(c);
	code = where_config(c, &place);
	if (code == 0)
		code = load(place.config, runner_of(place.config), stderr, &config);
	if (code == 0)
		code = show(c, config);
	config_close(config);
	return code;
}

int verb_explain(const struct cli *c)
{
	struct writer w = writer_to_file(stdout);
	const char *near;

	if (c->all) {
		explain_sample(&w);
		return CLI_DONE;
	}
	if (c->name_count != 1)
		return cli_usage("explain");
	if (explain_key(c->names[0], &w))
		return CLI_DONE;
	near = explain_nearest(c->names[0]);
	if (near)
		return cli_fail(CLI_NO_SUCH, "no key '%s', did you mean '%s'?", c->names[0], near);
	return cli_fail(CLI_NO_SUCH, "no key '%s' (brood explain --all lists them)", c->names[0]);
}
