/* cli: options, dispatch, help. */
#include "cli.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "spec.h"
#include "suggest.h"

struct verb {
	const char *name;
	int (*function)(const struct cli *c);
	const char *group;
	const char *arguments;
	const char *doc;
	const char *help;
};

static const struct verb verbs[] = {
#define VERB(name, function, group, arguments, doc, help) {name, function, group, arguments, doc, help},
#include "verbs.def"
};

enum { VERBS = sizeof(verbs) / sizeof(verbs[0]) };

int cli_fail(int code, const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fputs("brood: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return code;
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

bool cli_duration(const char *text, int64_t *ms_out)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};
	char *end;
	long long number;

	errno = 0;
	number = strtoll(text, &end, 10);
	if (end == text || errno != 0 || number < 0 || number > 1000000000)
		return false;
	for (unsigned i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(end, units[i].unit) == 0) {
			*ms_out = number * units[i].ms;
			return true;
		}
	}
	return false;
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
	if (c->name_count > 0)
		return help_verb(c->names[0]);
	help_all(stdout);
	return CLI_DONE;
}

int verb_version(const struct cli *c)
{
	(void)c;
	printf("brood %s\n", BROOD_VERSION_TEXT);
	return CLI_DONE;
}

/* ------------------------------------------------------------------ options */

enum { OPTION_JSON = 256, OPTION_PLAIN, OPTION_NO_WAIT, OPTION_TIMEOUT, OPTION_NOW, OPTION_ALL, OPTION_WHERE,
       OPTION_ROLLING, OPTION_HELP };
enum { TIMEOUT_MOST_MS = 24 * 60 * 60 * 1000 }; /* what brood takes as a call's */

static const struct option verb_options[] = {
	{"json", no_argument, NULL, OPTION_JSON},
	{"plain", no_argument, NULL, OPTION_PLAIN},
	{"no-wait", no_argument, NULL, OPTION_NO_WAIT},
	{"timeout", required_argument, NULL, OPTION_TIMEOUT},
	{"now", no_argument, NULL, OPTION_NOW},
	{"all", no_argument, NULL, OPTION_ALL},
	{"rolling", required_argument, NULL, OPTION_ROLLING},
	{"where", no_argument, NULL, OPTION_WHERE},
	{"follow", no_argument, NULL, 'f'},
	{"lines", required_argument, NULL, 'n'},
	{"meta", required_argument, NULL, 'm'},
	{"config", required_argument, NULL, 'c'},
	{"help", no_argument, NULL, OPTION_HELP},
	{NULL, 0, NULL, 0},
};

static bool read_number(const char *text, int64_t most, int64_t *out)
{
	char *end;

	*out = strtol(text, &end, 10);
	return end != text && *end == '\0' && *out >= 0 && *out <= most;
}

static int read_timeout(const char *text, int64_t *out)
{
	if (!cli_duration(text, out))
		return cli_fail(CLI_USAGE, "--timeout '%s': a time with a unit, like 30s", text);
	if (*out < 1 || *out > TIMEOUT_MOST_MS)
		return cli_fail(CLI_USAGE, "--timeout '%s': at least 1ms, at most 24h", text);
	return 0;
}

/* One option of a verb; 0 or an exit code. */
static int take_option(struct cli *c, int option, const char *verb)
{
	switch (option) {
	case OPTION_JSON:
		c->json = true;
		return 0;
	case OPTION_PLAIN:
		c->plain = true;
		return 0;
	case OPTION_NO_WAIT:
		c->no_wait = true;
		return 0;
	case OPTION_NOW:
		c->now = true;
		return 0;
	case OPTION_ALL:
		c->all = true;
		return 0;
	case OPTION_WHERE:
		c->where = true;
		return 0;
	case 'f':
		c->follow = true;
		return 0;
	case 'c':
		c->config = optarg;
		return 0;
	case 'n':
		return read_number(optarg, 10000, &c->lines)
			       ? 0
			       : cli_fail(CLI_USAGE, "-n '%s': a number of lines, 0 to 10000", optarg);
	case OPTION_ROLLING:
		return read_number(optarg, SPEC_INSTANCES_MOST, &c->rolling)
			       ? 0
			       : cli_fail(CLI_USAGE, "--rolling '%s': how many at once, 0 (all) to %d", optarg,
					  SPEC_INSTANCES_MOST);
	case 'm':
		return cli_meta(c, optarg);
	case OPTION_TIMEOUT:
		return read_timeout(optarg, &c->timeout_ms);
	default:
		return cli_usage(verb);
	}
}

/* `scale thumbs -1`: taken out of the words, where it would be read as an option. */
static int take_change(struct cli *c, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (argv[i][0] != '-' || argv[i][1] < '0' || argv[i][1] > '9')
			continue;
		c->change = argv[i];
		memmove(&argv[i], &argv[i + 1], (size_t)(argc - i) * sizeof(argv[0]));
		return argc - 1;
	}
	return argc;
}

static int run_verb(struct cli *c, const struct verb *v, int argc, char **argv)
{
	int option;

	if (v->function == verb_scale)
		argc = take_change(c, argc, argv);
	optind = 0; /* begins anew: the verb is argv[0] */
	while ((option = getopt_long(argc, argv, "fn:c:m:", verb_options, NULL)) != -1) {
		int code;

		if (option == OPTION_HELP)
			return cli_finish(help_verb(v->name));
		code = take_option(c, option, v->name);
		if (code != 0)
			return code;
	}
	c->names = argv + optind;
	c->name_count = argc - optind;
	/* what is not printed needs no thought in any verb: only the exit code tells how it went */
	if (c->is_quiet && !freopen("/dev/null", "w", stdout))
		return cli_fail(CLI_FAILED, "cannot open /dev/null: %s", strerror(errno));
	return cli_finish(v->function(c));
}

int cli_main(int argc, char **argv)
{
	static const struct option options[] = {{"help", no_argument, NULL, 'h'},
						{"version", no_argument, NULL, 'V'},
						{NULL, 0, NULL, 0}};
	struct cli c = {.timeout_ms = -1, .lines = 50, .rolling = -1};
	const struct verb *v;
	int option;
	int code;

	while ((option = getopt_long(argc, argv, "+s:i:c:qvhV", options, NULL)) != -1) {
		switch (option) {
		case 's':
			c.socket = optarg;
			break;
		case 'i':
			c.instance = optarg;
			break;
		case 'c':
			c.config = optarg;
			break;
		case 'q':
			c.is_quiet = true;
			break;
		case 'v':
			c.is_verbose = true;
			break;
		case 'h':
			help_all(stdout);
			return cli_finish(CLI_DONE);
		case 'V':
			return cli_finish(verb_version(&c));
		default:
			help_all(stderr);
			return CLI_USAGE;
		}
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
