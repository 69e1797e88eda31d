/*
 * words: from words to an event. A table of verbs; each reads what follows it, from left to right.
 */
#include "words.h"

#include <string.h>
#include <strings.h>

/* ------------------------------------------------------- about a process */

static bool read_pid(struct reader *r, struct event *e)
{
	return reader_worker(r, e) && reader_number(r, &e->number) && reader_generation(r, e);
}

static bool read_worker(struct reader *r, struct event *e)
{
	return reader_worker(r, e) && reader_generation(r, e);
}

static bool read_lost(struct reader *r, struct event *e)
{
	if (!reader_worker(r, e))
		return false;
	if (reader_sees(r, "broken"))
		e->number = 1;
	else if (!reader_sees(r, "closed"))
		return reader_wrong(r, "lost how: closed or broken?");
	return reader_generation(r, e);
}

static bool read_stage(struct reader *r, struct exit_facts *exit)
{
	static const char *const names[] = {
#define STAGE(name, doc) #name,
#include "stage.def"
	};
	const char *word;
	uint32_t error;

	if (!reader_word(r, &word))
		return false;
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcasecmp(names[i], word) != 0)
			continue;
		if (!reader_number(r, &error))
			return false;
		*exit = (struct exit_facts){.kind = EXIT_NOT_STARTED,
					    .stage = (enum start_stage)i,
					    .value = (int)error};
		return true;
	}
	return reader_wrong(r, "stage.def has no stage '%s'", word);
}

static bool read_exit(struct reader *r, struct event *e)
{
	uint32_t number = 0;

	if (!reader_worker(r, e))
		return false;
	if (reader_sees(r, "code")) {
		e->exit.kind = EXIT_CODE;
		if (!reader_number(r, &number))
			return false;
	} else if (reader_sees(r, "signal")) {
		e->exit.kind = EXIT_SIGNAL;
		if (!reader_number(r, &number))
			return false;
		e->exit.dumped_core = reader_sees(r, "core");
	} else if (reader_sees(r, "cannot")) {
		if (!read_stage(r, &e->exit))
			return false;
	} else {
		return reader_wrong(r, "exit how: code, signal or cannot?");
	}
	if (e->exit.kind != EXIT_NOT_STARTED)
		e->exit.value = (int)number;
	e->exit.was_mute = reader_sees(r, "mute");
	return reader_generation(r, e);
}

/* A frame of the worker that has the call; "late": of the one that had it. */
static bool read_frame(struct reader *r, struct event *e)
{
	struct scene_call *c;
	bool is_late;

	if (!reader_call(r, &c))
		return false;
	is_late = reader_sees(r, "late");
	if (reader_sees(r, "size") && !reader_number(r, &e->size))
		return false;
	e->ends_message = reader_sees(r, "ends");
	if (c->worker == NONE || c->is_held == is_late)
		return reader_wrong(r, c->worker == NONE ? "no worker has ever had it"
				: is_late         ? "a worker has it: it is not late"
						  : "no worker has it now; write late");
	e->worker = c->worker;
	e->generation = c->generation;
	e->id = c->wire_id;
	return true;
}

/* ------------------------------------------------------------- of clients */

/* Whose connection it is, where workers come in. */
static bool read_caller(struct reader *r, struct event *e)
{
	return reader_sees(r, "of") ? reader_worker(r, e) : reader_wrong(r, "of which worker?");
}

static bool read_connect(struct reader *r, struct event *e)
{
	const char *name;
	const char *endpoint;
	const struct config_spec *spec = &r->s->config->spec;

	if (!reader_word(r, &name))
		return false;
	e->client = scene_client(r->s, name);
	if (e->client == NONE)
		e->client = scene_new_client(r->s, name);
	if (e->client == NONE || r->s->is_connected[e->client])
		return reader_wrong(r, "%s %s", name,
			     e->client == NONE ? "is one client too many" : "is connected");
	if (!reader_sees(r, "uid") || !reader_number(r, &e->number))
		return reader_wrong(r, "with which uid?");
	e->endpoint = NONE;
	if (!reader_sees(r, "endpoint"))
		return true;
	if (!reader_word(r, &endpoint))
		return false;
	for (e->endpoint = 0; e->endpoint < spec_entrances(spec); e->endpoint++) {
		if (strcmp(spec->endpoints[e->endpoint].name, endpoint) == 0)
			return !spec->endpoints[e->endpoint].is_inner || read_caller(r, e);
	}
	return reader_wrong(r, "there is no endpoint '%s'", endpoint);
}

static bool read_gone(struct reader *r, struct event *e)
{
	const char *name;

	if (!reader_word(r, &name))
		return false;
	e->client = scene_client(r->s, name);
	return (e->client != NONE && r->s->is_connected[e->client]) ||
	       reader_wrong(r, "%s is not connected", name);
}

static bool read_reads(struct reader *r, struct event *e)
{
	if (!read_gone(r, e))
		return false;
	e->is_stalled = reader_sees(r, "stalled");
	e->number = reader_sees(r, "late") ? READING_LATE : reader_sees(r, "nothing") ? READING_FULL : READING;
	return true;
}

/* About a connection that a worker has as a whole. */
static bool read_connection(struct reader *r, struct event *e)
{
	const struct fleet *f = &r->s->fleet;
	const char *name;

	if (!reader_word(r, &name))
		return false;
	e->client = scene_client(r->s, name);
	if (e->client == NONE || f->ledger.callers[e->client].worker == NONE)
		return reader_wrong(r, "no worker has %s", name);
	e->worker = f->ledger.callers[e->client].worker;
	e->generation = f->workers[e->worker].generation;
	return true;
}

/* Who calls without having connected is an operator: no endpoint, no limits, no line. */
static bool let_operator_in(struct reader *r, const char *name, uint32_t *client_out)
{
	uint32_t lines = r->s->line_count;

	*client_out = scene_client(r->s, name);
	if (*client_out == NONE)
		*client_out = scene_new_client(r->s, name);
	if (*client_out == NONE)
		return reader_wrong(r, "%s is one client too many", name);
	if (r->s->is_connected[*client_out])
		return true;
	scene_step(r->s, &(struct event){.kind = FLEET_CLIENT,
					 .now = r->s->fleet.now,
					 .client = *client_out,
					 .endpoint = NONE});
	r->s->line_count = lines;
	return true;
}

/* "client/7 key 4711": the request itself, whoever sends it. */
static bool read_key(struct reader *r, struct event *e)
{
	uint32_t key;

	if (!reader_number(r, &key))
		return false;
	e->key = key;
	return true;
}

static bool read_order(struct reader *r, struct event *e)
{
	uint32_t key = 0;

	if (!reader_number(r, &key))
		return false;
	e->order = key;
	return true;
}

static bool read_call_words(struct reader *r, struct event *e)
{
	while (r->at < r->count) {
		bool read = reader_sees(r, "pool")      ? reader_pool(r, &e->pool)
			    : reader_sees(r, "size")    ? reader_number(r, &e->size)
			    : reader_sees(r, "answer")  ? reader_number(r, &e->reply_most)
			    : reader_sees(r, "timeout") ? reader_time(r, &e->timeout)
			    : reader_sees(r, "key")     ? read_key(r, e)
			    : reader_sees(r, "order")   ? read_order(r, e)
			    : reader_sees(r, "goes-on") ? (e->goes_on = true)
			    : reader_sees(r, "streams") ? (e->takes_streams = true)
						 : (e->idempotent = reader_sees(r, "idempotent"));

		if (!read)
			return r->problem[0] ? false : reader_wrong(r, "what is '%s'?", r->words[r->at]);
	}
	return true;
}

static bool read_call(struct reader *r, struct event *e)
{
	char name[SCENE_NAME];
	struct scene_call *c;

	if (!reader_call_name(r, name, &e->id))
		return false;
	e->pool = r->s->fleet.pool_count == 1 ? 0 : NONE;
	e->size = 100;
	if (!read_call_words(r, e))
		return false;
	if (e->pool == NONE)
		return reader_wrong(r, "which pool?");
	if (!let_operator_in(r, name, &e->client))
		return false;
	c = scene_call_of(r->s, e->client, e->id);
	if (c && c->is_open)
		return reader_wrong(r, "%s/%u waits already", name, e->id);
	c = scene_new_call(r->s, e->client, e->id);
	if (!c)
		return reader_wrong(r, "one call too many");
	e->body = (uint32_t)(c - r->s->calls);
	return true;
}

/* What comes of a request behind its first message. */
static bool read_more(struct reader *r, struct event *e)
{
	struct scene_call *c;

	if (!reader_call(r, &c) || (reader_sees(r, "size") && !reader_number(r, &e->size)))
		return false;
	e->ends_message = reader_sees(r, "ends");
	e->ends_stream = reader_sees(r, "last");
	e->client = c->client;
	e->id = c->id;
	return r->s->is_connected[c->client] || reader_wrong(r, "its client is gone");
}

static bool read_suspect(struct reader *r, struct event *e)
{
	if (!read_frame(r, e))
		return false;
	return reader_sees(r, "key") ? read_key(r, e) : reader_wrong(r, "which key?");
}

static bool read_cancel(struct reader *r, struct event *e)
{
	struct scene_call *c;

	if (!reader_call(r, &c))
		return false;
	e->client = c->client;
	e->id = c->id;
	e->number = reader_sees(r, "unsupported")  ? REASON_UNSUPPORTED
		    : reader_sees(r, "overloaded") ? REASON_OVERLOADED
						   : REASON_CANCELLED;
	return r->s->is_connected[c->client] || reader_wrong(r, "its client is gone");
}

static bool read_pool(struct reader *r, struct event *e)
{
	return reader_pool(r, &e->pool);
}

/* ----------------------------------------------------------- of operators */

/* "all", "thumbs" or "thumbs/0", then perhaps "job 3". */
static bool read_command(struct reader *r, struct event *e)
{
	e->pool = e->instance = e->job = NONE;
	if (!reader_sees(r, "all") && !reader_target(r, &e->pool, &e->instance))
		return false;
	return !reader_sees(r, "job") || reader_number(r, &e->job);
}

static bool read_start(struct reader *r, struct event *e)
{
	if (r->at == r->count)
		return true;
	e->kind = FLEET_COMMAND;
	e->verb = VERB_START;
	return read_command(r, e);
}

static bool read_stop(struct reader *r, struct event *e)
{
	e->verb = VERB_STOP;
	return read_command(r, e);
}

static bool read_restart(struct reader *r, struct event *e)
{
	e->verb = VERB_RESTART;
	e->rolling = NONE;
	return read_command(r, e) && (!reader_sees(r, "rolling") || reader_number(r, &e->rolling));
}

static bool read_drain(struct reader *r, struct event *e)
{
	e->verb = VERB_DRAIN;
	return read_command(r, e);
}

/* "scale echo 2", "scale echo 0 4" */
static bool read_scale(struct reader *r, struct event *e)
{
	e->verb = VERB_SCALE;
	e->instance = e->job = NONE;
	if (!reader_pool(r, &e->pool) || !reader_number(r, &e->least))
		return false;
	e->most = e->least;
	if (r->at < r->count && strcmp(r->words[r->at], "job") != 0 && !reader_number(r, &e->most))
		return false;
	return !reader_sees(r, "job") || reader_number(r, &e->job);
}

static bool read_nothing(struct reader *r, struct event *e)
{
	(void)r;
	(void)e;
	return true;
}

/* ------------------------------------------------------------------ the verbs */

static const struct {
	const char *word;
	enum event_kind kind;
	bool (*read)(struct reader *r, struct event *e);
} verbs[] = {
	{"start",    FLEET_START,        read_start},
	{"tick",     FLEET_TICK,         read_nothing},
	{"spawned",  FLEET_SPAWNED,      read_pid},
	{"ready",    FLEET_READY,        read_worker},
	{"slots",    FLEET_SLOTS,        read_pid},
	{"lost",     FLEET_LOST,         read_lost},
	{"flushed",  FLEET_FLUSHED,      read_worker},
	{"unsent",   FLEET_UNSENT,       read_frame},
	{"started",  FLEET_STARTED,      read_frame},
	{"suspect",  FLEET_SUSPECT,      read_suspect},
	{"release",  FLEET_RELEASE,      read_key},
	{"exit",     FLEET_EXIT,         read_exit},
	{"reply",    FLEET_REPLY,        read_frame},
	{"part",     FLEET_PART,         read_frame},
	{"headers",  FLEET_HEADERS,      read_frame},
	{"refused",  FLEET_REFUSED,      read_frame},
	{"connect",  FLEET_CLIENT,       read_connect},
	{"gone",     FLEET_CLIENT_GONE,  read_gone},
	{"reads",    FLEET_READS,        read_reads},
	{"cut",      FLEET_CLIENT_CUT,   read_gone},
	{"left",     FLEET_CONN_END,     read_connection},
	{"undone",   FLEET_CONN_UNSENT,  read_connection},
	{"call",     FLEET_CALL,         read_call},
	{"more",     FLEET_REQUEST,      read_more},
	{"cancel",   FLEET_CANCEL,       read_cancel},
	{"notify",   FLEET_NOTIFY,       read_pool},
	{"stop",     FLEET_COMMAND,      read_stop},
	{"restart",  FLEET_COMMAND,      read_restart},
	{"drain",    FLEET_COMMAND,      read_drain},
	{"scale",    FLEET_COMMAND,      read_scale},
	{"shutdown", FLEET_SHUTDOWN,     read_nothing},
	{"halt",     FLEET_HALT,         read_nothing},
	{"counters", FLEET_TICK,         read_pool}, /* only looked at */
};

static bool read_verb(struct reader *r, struct event *e)
{
	const char *word = r->words[r->at++];

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(verbs[i].word, word) == 0) {
			e->kind = verbs[i].kind;
			return verbs[i].read(r, e);
		}
	}
	return reader_wrong(r, "nothing is called '%s'", word);
}

enum words_result words_read(struct scene *s, char *text, struct event *event_out,
			     char problem[READER_PROBLEM])
{
	struct reader r = {.s = s, .problem = problem};
	struct instant now = event_out->now;

	problem[0] = '\0';
	*event_out = (struct event){.now = now, .job = NONE, .worker = NONE};
	if (!reader_split(&r, text) || !read_verb(&r, event_out))
		return WORDS_WRONG;
	if (r.at < r.count) {
		(void)reader_wrong(&r, "what is '%s'?", r.words[r.at]);
		return WORDS_WRONG;
	}
	return strcmp(r.words[0], "counters") == 0 ? WORDS_COUNTERS : WORDS_EVENT;
}
