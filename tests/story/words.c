/*
 * words: from words to an event. A table of verbs; each reads what follows it, from left to right.
 */
#include "words.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reader {
	struct scene *s;
	char *words[WORDS_MOST + 1];
	int count;
	int at;
	char *problem;
	enum words_result result;
};

static bool wrong(struct reader *r, const char *format, ...) PRINTF_LIKE(2, 3);

static bool wrong(struct reader *r, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(r->problem, WORDS_PROBLEM, format, args);
	va_end(args);
	return false;
}

/* ------------------------------------------------------------- single words */

static bool take_word(struct reader *r, const char **word_out)
{
	if (r->at == r->count)
		return wrong(r, "something is missing after '%s'", r->words[r->count - 1]);
	*word_out = r->words[r->at++];
	return true;
}

/* Skips the next word if it is this one. */
static bool sees(struct reader *r, const char *word)
{
	if (r->at == r->count || strcmp(r->words[r->at], word) != 0)
		return false;
	r->at++;
	return true;
}

static bool parse_number(const char *text, uint32_t *number_out)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	*number_out = (uint32_t)n;
	return end != text && *end == '\0' && n <= UINT32_MAX;
}

static bool take_number(struct reader *r, uint32_t *number_out)
{
	const char *word;

	if (!take_word(r, &word))
		return false;
	return parse_number(word, number_out) || wrong(r, "'%s' is not a number", word);
}

bool words_time(const char *text, struct duration *time_out)
{
	static const struct {
		const char *unit;
		double ms;
	} units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
	double ms = 0;

	do {
		char *end;
		double n = strtod(text, &end);
		size_t length = strspn(end, "mshd");
		double each = 0;

		for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
			if (strlen(units[i].unit) == length && strncmp(end, units[i].unit, length) == 0)
				each = units[i].ms;
		}
		if (end == text || each == 0 || n < 0)
			return false;
		ms += n * each;
		text = end + length;
	} while (*text);
	time_out->ms = (int64_t)(ms + 0.5);
	return true;
}

static bool take_time(struct reader *r, struct duration *time_out)
{
	const char *word;

	if (!take_word(r, &word))
		return false;
	return words_time(word, time_out) || wrong(r, "'%s' is not a time", word);
}

/* ---------------------------------------------------------------- names */

static bool find_pool(struct reader *r, const char *name, size_t length, uint32_t *pool_out)
{
	const struct fleet *f = &r->s->fleet;

	for (uint32_t i = 0; i < f->pool_count; i++) {
		const char *candidate = f->pools[i].spec->name;

		if (strlen(candidate) == length && memcmp(candidate, name, length) == 0) {
			*pool_out = i;
			return true;
		}
	}
	return wrong(r, "there is no worker '%.*s'", (int)length, name);
}

static bool take_pool(struct reader *r, uint32_t *pool_out)
{
	const char *word;

	return take_word(r, &word) && find_pool(r, word, strlen(word), pool_out);
}

/* "thumbs/0", or "thumbs" with *instance_out NONE. */
static bool take_target(struct reader *r, uint32_t *pool_out, uint32_t *instance_out)
{
	const char *word;
	const char *slash;

	if (!take_word(r, &word))
		return false;
	slash = strchr(word, '/');
	*instance_out = NONE;
	if (!find_pool(r, word, slash ? (size_t)(slash - word) : strlen(word), pool_out))
		return false;
	if (!slash)
		return true;
	if (!parse_number(slash + 1, instance_out))
		return wrong(r, "'%s' is not a number", slash + 1);
	return *instance_out < r->s->fleet.pools[*pool_out].worker_count ||
	       wrong(r, "there is no '%s'", word);
}

static bool take_worker(struct reader *r, struct event *e)
{
	uint32_t pool;
	uint32_t instance;
	const struct worker *w;

	if (!take_target(r, &pool, &instance))
		return false;
	if (instance == NONE)
		return wrong(r, "which instance? write %s/0", r->s->fleet.pools[pool].spec->name);
	w = fleet_worker(&r->s->fleet, pool, instance);
	e->worker = w->index;
	e->generation = w->generation;
	return true;
}

/* The end of an event about a worker: "gen 1" names an older process, else it is the present one. */
static bool take_generation(struct reader *r, struct event *e)
{
	if (sees(r, "gen"))
		return take_number(r, &e->generation);
	return worker_has_process(&r->s->fleet.workers[e->worker]) ||
	       wrong(r, "there is no process now; an older one is named by its 'gen'");
}

/* "client/7" */
static bool take_call_name(struct reader *r, char name[SCENE_NAME], uint32_t *id_out)
{
	const char *word;
	const char *slash;

	if (!take_word(r, &word))
		return false;
	slash = strchr(word, '/');
	if (!slash || slash == word || slash - word >= SCENE_NAME || !parse_number(slash + 1, id_out))
		return wrong(r, "'%s' is not the name of a call, as client/7 is", word);
	memcpy(name, word, (size_t)(slash - word));
	name[slash - word] = '\0';
	return true;
}

static bool take_known_call(struct reader *r, struct scene_call **call_out)
{
	char name[SCENE_NAME];
	uint32_t id;
	uint32_t client;

	if (!take_call_name(r, name, &id))
		return false;
	client = scene_client(r->s, name);
	*call_out = client == NONE ? NULL : scene_call_of(r->s, client, id);
	return *call_out || wrong(r, "%s/%u never called", name, id);
}

/* ------------------------------------------------------- about a process */

static bool read_pid(struct reader *r, struct event *e)
{
	return take_worker(r, e) && take_number(r, &e->number) && take_generation(r, e);
}

static bool read_worker(struct reader *r, struct event *e)
{
	return take_worker(r, e) && take_generation(r, e);
}

static bool read_lost(struct reader *r, struct event *e)
{
	if (!take_worker(r, e))
		return false;
	if (sees(r, "broken"))
		e->number = 1;
	else if (!sees(r, "closed"))
		return wrong(r, "lost how: closed or broken?");
	return take_generation(r, e);
}

static bool read_stage(struct reader *r, struct exit_facts *exit)
{
	static const char *const names[] = {
#define STAGE(name, doc) #name,
#include "stage.def"
	};
	const char *word;
	uint32_t error;

	if (!take_word(r, &word))
		return false;
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcasecmp(names[i], word) != 0)
			continue;
		if (!take_number(r, &error))
			return false;
		*exit = (struct exit_facts){
			.kind = EXIT_NOT_STARTED, .stage = (enum start_stage)i, .value = (int)error};
		return true;
	}
	return wrong(r, "stage.def has no stage '%s'", word);
}

static bool read_exit(struct reader *r, struct event *e)
{
	uint32_t number = 0;

	if (!take_worker(r, e))
		return false;
	if (sees(r, "code")) {
		e->exit.kind = EXIT_CODE;
		if (!take_number(r, &number))
			return false;
	} else if (sees(r, "signal")) {
		e->exit.kind = EXIT_SIGNAL;
		if (!take_number(r, &number))
			return false;
		e->exit.dumped_core = sees(r, "core");
	} else if (sees(r, "cannot")) {
		if (!read_stage(r, &e->exit))
			return false;
	} else {
		return wrong(r, "exit how: code, signal or cannot?");
	}
	if (e->exit.kind != EXIT_NOT_STARTED)
		e->exit.value = (int)number;
	return take_generation(r, e);
}

/* A frame of the worker that has the call; "late": of the one that had it. */
static bool read_frame(struct reader *r, struct event *e)
{
	struct scene_call *c;
	bool is_late;

	if (!take_known_call(r, &c))
		return false;
	is_late = sees(r, "late");
	if (c->worker == NONE || c->is_held == is_late)
		return wrong(r, c->worker == NONE ? "no worker has ever had it"
			     : is_late            ? "a worker has it: it is not late"
						  : "no worker has it now; write late");
	e->worker = c->worker;
	e->generation = c->generation;
	e->id = c->wire_id;
	return true;
}

/* ------------------------------------------------------------- of clients */

static bool read_connect(struct reader *r, struct event *e)
{
	const char *name;
	const char *endpoint;
	const struct config_spec *spec = &r->s->config->spec;

	if (!take_word(r, &name))
		return false;
	e->client = scene_client(r->s, name);
	if (e->client == NONE)
		e->client = scene_new_client(r->s, name);
	if (e->client == NONE || r->s->is_connected[e->client])
		return wrong(r, "%s %s", name,
			     e->client == NONE ? "is one client too many" : "is connected");
	if (!sees(r, "uid") || !take_number(r, &e->number))
		return wrong(r, "with which uid?");
	e->endpoint = NONE;
	if (!sees(r, "endpoint"))
		return true;
	if (!take_word(r, &endpoint))
		return false;
	for (e->endpoint = 0; e->endpoint < spec->endpoint_count; e->endpoint++) {
		if (strcmp(spec->endpoints[e->endpoint].name, endpoint) == 0)
			return true;
	}
	return wrong(r, "there is no endpoint '%s'", endpoint);
}

static bool read_gone(struct reader *r, struct event *e)
{
	const char *name;

	if (!take_word(r, &name))
		return false;
	e->client = scene_client(r->s, name);
	return (e->client != NONE && r->s->is_connected[e->client]) ||
	       wrong(r, "%s is not connected", name);
}

/* Who calls without having connected is an operator: no endpoint, no limits, no line. */
static bool let_operator_in(struct reader *r, const char *name, uint32_t *client_out)
{
	uint32_t lines = r->s->line_count;

	*client_out = scene_client(r->s, name);
	if (*client_out == NONE)
		*client_out = scene_new_client(r->s, name);
	if (*client_out == NONE)
		return wrong(r, "%s is one client too many", name);
	if (r->s->is_connected[*client_out])
		return true;
	scene_step(r->s, &(struct event){.kind = FLEET_CLIENT,
					 .now = r->s->fleet.now,
					 .client = *client_out,
					 .endpoint = NONE});
	r->s->line_count = lines;
	return true;
}

static bool read_call_words(struct reader *r, struct event *e)
{
	while (r->at < r->count) {
		bool read = sees(r, "pool")      ? take_pool(r, &e->pool)
			    : sees(r, "size")    ? take_number(r, &e->size)
			    : sees(r, "timeout") ? take_time(r, &e->timeout)
						 : (e->idempotent = sees(r, "idempotent"));

		if (!read)
			return r->problem[0] ? false : wrong(r, "what is '%s'?", r->words[r->at]);
	}
	return true;
}

static bool read_call(struct reader *r, struct event *e)
{
	char name[SCENE_NAME];
	struct scene_call *c;

	if (!take_call_name(r, name, &e->id))
		return false;
	e->pool = r->s->fleet.pool_count == 1 ? 0 : NONE;
	e->size = 100;
	if (!read_call_words(r, e))
		return false;
	if (e->pool == NONE)
		return wrong(r, "which pool?");
	if (!let_operator_in(r, name, &e->client))
		return false;
	c = scene_call_of(r->s, e->client, e->id);
	if (c && c->is_open)
		return wrong(r, "%s/%u waits already", name, e->id);
	c = scene_new_call(r->s, e->client, e->id);
	if (!c)
		return wrong(r, "one call too many");
	e->body = (uint32_t)(c - r->s->calls);
	return true;
}

static bool read_cancel(struct reader *r, struct event *e)
{
	struct scene_call *c;

	if (!take_known_call(r, &c))
		return false;
	e->client = c->client;
	e->id = c->id;
	return r->s->is_connected[c->client] || wrong(r, "its client is gone");
}

static bool read_notify(struct reader *r, struct event *e)
{
	return take_pool(r, &e->pool);
}

/* ----------------------------------------------------------- of operators */

/* "all", "thumbs" or "thumbs/0", then perhaps "job 3". */
static bool read_command(struct reader *r, struct event *e)
{
	e->pool = e->instance = e->job = NONE;
	if (!sees(r, "all") && !take_target(r, &e->pool, &e->instance))
		return false;
	return !sees(r, "job") || take_number(r, &e->job);
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
	return read_command(r, e);
}

static bool read_counters(struct reader *r, struct event *e)
{
	r->result = WORDS_COUNTERS;
	return take_pool(r, &e->pool);
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
	{"start", FLEET_START, read_start},
	{"tick", FLEET_TICK, read_nothing},
	{"spawned", FLEET_SPAWNED, read_pid},
	{"ready", FLEET_READY, read_worker},
	{"slots", FLEET_SLOTS, read_pid},
	{"lost", FLEET_LOST, read_lost},
	{"unsent", FLEET_UNSENT, read_frame},
	{"exit", FLEET_EXIT, read_exit},
	{"reply", FLEET_REPLY, read_frame},
	{"part", FLEET_PART, read_frame},
	{"connect", FLEET_CLIENT, read_connect},
	{"gone", FLEET_CLIENT_GONE, read_gone},
	{"call", FLEET_CALL, read_call},
	{"cancel", FLEET_CANCEL, read_cancel},
	{"notify", FLEET_NOTIFY, read_notify},
	{"stop", FLEET_COMMAND, read_stop},
	{"restart", FLEET_COMMAND, read_restart},
	{"shutdown", FLEET_SHUTDOWN, read_nothing},
	{"halt", FLEET_HALT, read_nothing},
	{"counters", FLEET_TICK, read_counters},
};

static bool split(struct reader *r, char *text)
{
	for (char *at = text; *(at += strspn(at, " \t")) != '\0';) {
		size_t length = strcspn(at, " \t");

		if (r->count == WORDS_MOST)
			return wrong(r, "too many words");
		r->words[r->count++] = at;
		at += length;
		if (*at)
			*at++ = '\0';
	}
	return r->count > 0 || wrong(r, "nothing happens in this step");
}

static bool read_verb(struct reader *r, struct event *e)
{
	const char *word = r->words[r->at++];

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(verbs[i].word, word) == 0) {
			e->kind = verbs[i].kind;
			return verbs[i].read(r, e);
		}
	}
	return wrong(r, "nothing is called '%s'", word);
}

enum words_result words_read(struct scene *s, char *text, struct event *event_out,
			     char problem[WORDS_PROBLEM])
{
	struct reader r = {.s = s, .problem = problem, .result = WORDS_EVENT};
	struct instant now = event_out->now;

	problem[0] = '\0';
	*event_out = (struct event){.now = now, .job = NONE, .worker = NONE};
	if (!split(&r, text) || !read_verb(&r, event_out))
		return WORDS_WRONG;
	if (r.at < r.count) {
		(void)wrong(&r, "what is '%s'?", r.words[r.at]);
		return WORDS_WRONG;
	}
	return r.result;
}
