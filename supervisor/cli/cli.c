/* cli: dispatch, help. */
#include "cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "escape.h"
#include "suggest.h"

struct verb {
	const char *name;
	int (*function)(const struct cli *c);
	const char *group;
	const char *arguments;
	const char *options;
	const char *doc;
	const char *help;
};

static const struct verb verbs[] = {
#define VERB(name, function, group, arguments, options, doc, help)                                                     \
	{name, function, group, arguments, options, doc, help},
#include "verbs.def"
};

enum { VERBS = sizeof(verbs) / sizeof(verbs[0]) };

/* Names and paths come from the command line, from files and from brood: nothing of them may steer a terminal. */
PRINTF_LIKE(2, 0) static void say(FILE *to, const char *format, va_list args)
{
	char *text = NULL;
	char *safe = NULL;
	int size = vasprintf(&text, format, args);

	if (size >= 0)
		safe = malloc((size_t)size * ESCAPE_GROWTH + 1);
	if (safe)
		escape_text(text, (size_t)size, safe, (size_t)size * ESCAPE_GROWTH + 1, NULL);
	fprintf(to, "%s\n", safe ? safe : "no memory for what there is to say");
	free(safe);
	if (size >= 0)
		free(text);
}

int cli_fail(int code, const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fputs("brood: ", stderr);
	va_start(args, format);
	say(stderr, format, args);
	va_end(args);
	return code;
}

void cli_say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(stdout, format, args);
	va_end(args);
}

static const struct verb *find_verb(const char *name)
{
	for (unsigned i = 0; i < VERBS; i++) {
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	}
	return NULL;
}

int cli_usage(const char *verb)
{
	const struct verb *v = find_verb(verb);

	return cli_fail(CLI_USAGE, "usage: brood %s %s (brood help %s)", verb, v ? v->arguments : "", verb);
}

int cli_finish(int code)
{
	if (fflush(stdout) != 0 && errno != EPIPE)
		return cli_fail(CLI_FAILED, "cannot write the output: %s", strerror(errno));
	return code;
}

static bool wants_colour(void)
{
	const char *term = getenv("TERM");
	const char *no = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && term && strcmp(term, "dumb") != 0 && !(no && no[0]);
}

const char *cli_state(const char *state, char *out, size_t size)
{
	static const struct {
		const char *state;
		int colour;
	} colours[] = {
		{"up", 32},      {"open", 32},     {"starting", 33}, {"draining", 33}, {"stopping", 33},
		{"backoff", 33}, {"failed", 31},   {"killing", 31},  {"down", 2},
	};
	int width = 9;

	for (unsigned i = 0; wants_colour() && i < sizeof(colours) / sizeof(colours[0]); i++) {
		if (strncmp(colours[i].state, state, strlen(colours[i].state)) == 0) {
			snprintf(out, size, "\x1b[%dm%-*s\x1b[0m", colours[i].colour, width, state);
			return out;
		}
	}
	snprintf(out, size, "%-*s", width, state);
	return out;
}

/* --------------------------------------------------------------------- help */

static void help_all(FILE *to)
{
	const char *group = "";

	fprintf(to,
		"brood - supervisor for parent and child processes\n\n"
		"usage: brood [-s SOCKET | -i INSTANCE] [-c FILE] [-q | -v] VERB [ARGS]\n\n"
		"  brood -c brood.ini run          start it\n"
		"  brood status                    look at it, from another terminal\n"
		"  brood call echo \"hello\"         ask a worker something\n");
	for (unsigned i = 0; i < VERBS; i++) {
		if (strcmp(group, verbs[i].group) != 0) {
			group = verbs[i].group;
			fprintf(to, "\n%s\n", group);
		}
		fprintf(to, "  %-10s %-34s %s\n", verbs[i].name, verbs[i].arguments, verbs[i].doc);
	}
	fprintf(to,
		"\nOptions before the verb\n"
		"  -c FILE       configuration (BROOD_CONFIG; brood config --where shows the search order)\n"
		"  -i INSTANCE   the instance of that name: its own runtime directory\n"
		"  -s SOCKET     path of the admin socket (BROOD_SOCKET)\n"
		"  -q, -v        nothing but errors; also the messages of the admin socket\n");
}

static int unknown_verb(const char *name)
{
	struct suggestion s = suggest_open(name);

	for (unsigned i = 0; i < VERBS; i++)
		suggest_consider(&s, verbs[i].name);
	if (s.best)
		return cli_fail(CLI_USAGE, "no command '%s', did you mean '%s'?", name, s.best);
	return cli_fail(CLI_USAGE, "no command '%s' (brood help)", name);
}

static int help_verb(const char *name)
{
	const struct verb *v = find_verb(name);

	if (!v)
		return unknown_verb(name);
	printf("brood %s %s\n%s\n\n%s", v->name, v->arguments, v->doc, v->help);
	return CLI_DONE;
}

int verb_help(const struct cli *c)
{
	if (c->name_count > 1)
		return cli_usage("help");
	if (c->name_count > 0)
		return help_verb(c->names[0]);
	help_all(stdout);
	return CLI_DONE;
}

int verb_version(const struct cli *c)
{
	if (c->name_count > 0)
		return cli_usage("version");
	printf("brood %s\n", BROOD_VERSION_TEXT);
	return CLI_DONE;
}

/* ----------------------------------------------------------------- dispatch */

static int run_verb(struct cli *c, const struct verb *v, int argc, char **argv)
{
	int code = options_read(c, v->name, v->options, argc, argv);

	if (code != 0)
		return code;
	if (c->wants_help)
		return cli_finish(help_verb(v->name));
	/* what is not printed needs no thought in any verb: only the exit code tells how it went */
	if (c->is_quiet && !freopen("/dev/null", "w", stdout))
		return cli_fail(CLI_FAILED, "cannot open /dev/null: %s", strerror(errno));
	return cli_finish(v->function(c));
}

int cli_main(int argc, char **argv)
{
	struct cli c = {.timeout_ms = -1, .lines = 50, .rolling = -1};
	const struct verb *v;
	int code = options_read_common(&c, argc, argv);

	if (code != 0)
		return code;
	if (c.wants_help || c.wants_version) {
		if (c.wants_help)
			help_all(stdout);
		else
			verb_version(&c);
		return cli_finish(CLI_DONE);
	}
	if (optind >= argc) {
		help_all(stderr);
		return CLI_USAGE;
	}
	v = find_verb(argv[optind]);
	code = v ? run_verb(&c, v, argc - optind, argv + optind) : unknown_verb(argv[optind]);
	json_decref(c.meta);
	return code;
}
