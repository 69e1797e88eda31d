/*
 * cli: the command line. Subcommands talk to the admin socket and print; they decide nothing.
 *
 * stdout is data, stderr is messages. Exit codes are those of the manual.
 */
#ifndef BROOD_CLI_H
#define BROOD_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "attributes.h"

enum cli_exit {
	CLI_DONE = 0,
	CLI_FAILED = 1,
	CLI_USAGE = 2,
	CLI_NOT_UP = 3,
	CLI_NO_SUCH = 4,
	CLI_NO_SUPERVISOR = 69,
	CLI_BROKEN = 70,
	CLI_RUNTIME = 73,
	CLI_REFUSED = 77,
	CLI_CONFIG = 78,
	CLI_TIMEOUT = 124,
	CLI_INTERRUPTED = 130,
};

/* What stands before the verb, and a few flags that many verbs know. */
struct cli {
	const char *socket;   /* -s */
	const char *instance; /* -i */
	const char *config;   /* -c */
	bool is_quiet;
	bool is_verbose;
	bool json;
	bool plain;
	bool no_wait;
	bool now;
	bool follow;
	bool all;
	bool where;
	bool wants_help;
	bool wants_version;
	int64_t timeout_ms; /* -1: none */
	int64_t lines;
	const char *change; /* of scale: -1, which is no option; NULL: none */
	int64_t rolling; /* -1: none */
	json_t *meta; /* -m, as Call takes it; NULL: none */
	char *const *names; /* the verb's arguments */
	int name_count;
};

/* One message to stderr, "brood: ...", on one line and escaped; returns code. */
int cli_fail(int code, const char *format, ...) PRINTF_LIKE(2, 3);
/* One line to stdout, escaped. */
void cli_say(const char *format, ...) PRINTF_LIKE(1, 2);
/* How a verb is used, to stderr; returns CLI_USAGE. */
int cli_usage(const char *verb);
/* -m KEY=VALUE, appended to c->meta. 0 or an exit code. */
MUST_USE int cli_meta(struct cli *c, const char *text);
/* stdout is flushed; a reader that is gone is no error. */
int cli_finish(int code);
/* "up", in its colour if stdout is a terminal that wants colours. */
const char *cli_state(const char *state, char *out, size_t size);

/* options.c. Both: 0 or an exit code. */
/* What stands before the verb; optind is the verb's place. */
MUST_USE int options_read_common(struct cli *c, int argc, char **argv);
/* Those of the verb, argv[0], which takes these by their long names; and its arguments. */
MUST_USE int options_read(struct cli *c, const char *verb, const char *options, int argc, char **argv);

/* where.c: which configuration, which instance. */
struct cli_place {
	char runtime[512];
	char socket[512];
	char config[4096];
};
/* 0 or an exit code. */
MUST_USE int where_runtime(const struct cli *c, struct cli_place *out);
MUST_USE int where_socket(const struct cli *c, struct cli_place *out);
MUST_USE int where_config(const struct cli *c, struct cli_place *out);
/* To stdout: all of it, and what it follows from. 0 or an exit code. */
MUST_USE int where_explain(const struct cli *c);

/* caller.c: one Varlink connection. */
struct caller {
	const struct cli *cli;
	int fd;
	char *input;
	size_t used;
	size_t capacity;
	const char *doing; /* for people who wait; NULL: nothing is printed */
	bool has_told;
};
MUST_USE int caller_open(struct caller *c, const struct cli *cli);
/* Sends; parameters are taken. 0 or an exit code. */
MUST_USE int caller_send(struct caller *c, const char *method, json_t *parameters, bool more);
/* Waits for a reply; its parameters. 0 or an exit code; errors of the service are told and turned into one. */
MUST_USE int caller_receive(struct caller *c, int64_t timeout_ms, json_t **parameters_out, bool *continues_out);
/* Waits until the other side has closed. */
MUST_USE int caller_await_end(struct caller *c, int64_t timeout_ms);
void caller_close(struct caller *c);
/* Connects, asks once, closes. */
MUST_USE int caller_ask(const struct cli *cli, const char *method, json_t *parameters, json_t **parameters_out);

/* reply.c: what stands in a reply. */
/* A member of an object: "" or 0 if it is not there. */
const char *reply_text(json_t *o, const char *key);
long long reply_number(json_t *o, const char *key);
/* Prints it as a line of its own, with the flags of json_dumps(). 0 or an exit code. */
MUST_USE int reply_print(json_t *o, size_t flags);

#define VERB(name, function, group, arguments, options, doc, help) int function(const struct cli *c);
#include "verbs.def"

int cli_main(int argc, char **argv);

#endif
