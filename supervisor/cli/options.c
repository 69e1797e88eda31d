/* options: what stands before the verb, and behind it. Each verb takes those that verbs.def says, and no others. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "spec.h"
#include "suggest.h"

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

static bool read_duration(const char *text, int64_t *ms_out)
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

static bool read_number(const char *text, int64_t most, int64_t *out)
{
	char *end;

	*out = strtol(text, &end, 10);
	return end != text && *end == '\0' && *out >= 0 && *out <= most;
}

static int read_timeout(const char *text, int64_t *out)
{
	if (!read_duration(text, out))
		return cli_fail(CLI_USAGE, "--timeout '%s': a time with a unit, like 30s", text);
	if (*out < 1 || *out > TIMEOUT_MOST_MS)
		return cli_fail(CLI_USAGE, "--timeout '%s': at least 1ms, at most 24h", text);
	return 0;
}

/* One option of a verb; 0 or an exit code. */
static int take(struct cli *c, int option)
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
	case OPTION_HELP:
		c->wants_help = true;
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
	}
	return 0;
}

/* ------------------------------------------------------------- which there are */

static const struct option *find(int option)
{
	for (const struct option *o = verb_options; o->name; o++) {
		if (o->val == option)
			return o;
	}
	return NULL;
}

/* Is the name one of the words? */
static bool is_among(const char *name, const char *words)
{
	size_t length = strlen(name);

	for (const char *at = words; (at = strstr(at, name)) != NULL; at += length) {
		if ((at == words || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
			return true;
	}
	return false;
}

/* `word`: as it was written. */
static int refuse(const char *word, const char *verb, const char *options)
{
	struct suggestion s = suggest_open(word + strspn(word, "-"));

	for (const struct option *o = verb_options; o->name && word[0] == '-' && word[1] == '-'; o++) {
		if (is_among(o->name, options))
			suggest_consider(&s, o->name);
	}
	if (s.best)
		return cli_fail(CLI_USAGE, "%s takes no option '%s', did you mean '--%s'?", verb, word, s.best);
	return cli_fail(CLI_USAGE, "%s takes no option '%s' (brood help %s)", verb, word, verb);
}

/* getopt_long() did not understand the word before optind. */
static int refuse_unknown(const char *word, const char *verb, const char *options)
{
	const struct option *o = optopt ? find(optopt) : NULL;
	char letter[] = {'-', (char)optopt, '\0'};

	if (o && word[1] == '-')
		return cli_fail(CLI_USAGE, "--%s takes no value (brood help %s)", o->name, verb);
	return refuse(optopt && word[1] != '-' ? letter : word, verb, options);
}

static int refuse_missing(const char *word, const char *verb)
{
	return cli_fail(CLI_USAGE, "%s needs a value (brood help %s)", word, verb);
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

int options_read(struct cli *c, const char *verb, const char *options, int argc, char **argv)
{
	int option;
	int code = 0;

	if (strcmp(verb, "scale") == 0)
		argc = take_change(c, argc, argv);
	optind = 0; /* begins anew: the verb is argv[0] */
	while (code == 0 && (option = getopt_long(argc, argv, ":fn:c:m:", verb_options, NULL)) != -1) {
		const struct option *o = find(option);

		if (option == '?')
			code = refuse_unknown(argv[optind - 1], verb, options);
		else if (option == ':')
			code = refuse_missing(argv[optind - 1], verb);
		else if (o && option != OPTION_HELP && !is_among(o->name, options))
			code = refuse(argv[optind - 1 - (optarg && optarg == argv[optind - 1])], verb, options);
		else
			code = take(c, option);
	}
	c->names = argv + optind;
	c->name_count = argc - optind;
	return code;
}

/* ------------------------------------------------------------ before the verb */

int options_read_common(struct cli *c, int argc, char **argv)
{
	static const struct option options[] = {{"help", no_argument, NULL, 'h'},
						{"version", no_argument, NULL, 'V'},
						{NULL, 0, NULL, 0}};
	int option;

	while ((option = getopt_long(argc, argv, "+:s:i:c:qvhV", options, NULL)) != -1) {
		switch (option) {
		case 's':
			c->socket = optarg;
			break;
		case 'i':
			c->instance = optarg;
			break;
		case 'c':
			c->config = optarg;
			break;
		case 'q':
			c->is_quiet = true;
			break;
		case 'v':
			c->is_verbose = true;
			break;
		case 'h':
			c->wants_help = true;
			return 0;
		case 'V':
			c->wants_version = true;
			return 0;
		case ':':
			return cli_fail(CLI_USAGE, "%s needs a value (brood help)", argv[optind - 1]);
		default:
			return cli_fail(CLI_USAGE, "no option '%s' before the verb (brood help)", argv[optind - 1]);
		}
	}
	return 0;
}
