/*
 * reader: words from left to right. What is not there, or means nothing, is told once; every
 * function is then false.
 */
#include "reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "roster.h"

bool reader_wrong(struct reader *r, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(r->problem, READER_PROBLEM, format, args);
	va_end(args);
	return false;
}

/* ------------------------------------------------------------- single words */

bool reader_word(struct reader *r, const char **word_out)
{
	if (r->at == r->count)
		return reader_wrong(r, "something is missing after '%s'", r->words[r->count - 1]);
	*word_out = r->words[r->at++];
	return true;
}

/* Skips the next word if it is this one. */
bool reader_sees(struct reader *r, const char *word)
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

bool reader_number(struct reader *r, uint32_t *number_out)
{
	const char *word = "";

	if (!reader_word(r, &word))
		return false;
	return parse_number(word, number_out) || reader_wrong(r, "'%s' is not a number", word);
}

bool reader_parse_time(const char *text, struct duration *time_out)
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
			if (strlen(units[i].unit) == length &&
			    strncmp(end, units[i].unit, length) == 0)
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

bool reader_time(struct reader *r, struct duration *time_out)
{
	const char *word = "";

	if (!reader_word(r, &word))
		return false;
	return reader_parse_time(word, time_out) || reader_wrong(r, "'%s' is not a time", word);
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
	return reader_wrong(r, "there is no worker '%.*s'", (int)length, name);
}

bool reader_pool(struct reader *r, uint32_t *pool_out)
{
	const char *word = "";

	return reader_word(r, &word) && find_pool(r, word, strlen(word), pool_out);
}

/* "thumbs/0", or "thumbs" with *instance_out NONE. */
bool reader_target(struct reader *r, uint32_t *pool_out, uint32_t *instance_out)
{
	const char *word = "";
	const char *slash;

	if (!reader_word(r, &word))
		return false;
	slash = strchr(word, '/');
	*instance_out = NONE;
	if (!find_pool(r, word, slash ? (size_t)(slash - word) : strlen(word), pool_out))
		return false;
	if (!slash)
		return true;
	if (!parse_number(slash + 1, instance_out))
		return reader_wrong(r, "'%s' is not a number", slash + 1);
	return *instance_out < r->s->fleet.pools[*pool_out].seat_count ||
	       reader_wrong(r, "there is no '%s'", word);
}

bool reader_worker(struct reader *r, struct event *e)
{
	uint32_t pool;
	uint32_t instance;
	const struct worker *w;

	if (!reader_target(r, &pool, &instance))
		return false;
	if (instance == NONE)
		return reader_wrong(r, "which instance? write %s/0",
				    r->s->fleet.pools[pool].spec->name);
	w = fleet_worker(&r->s->fleet, pool, instance);
	if (reader_sees(r, "new") || reader_sees(r, "old")) {
		w = roster_companion(&r->s->fleet.pools[pool], w);
		if (!w || (w->role == ROLE_HEIR) != (strcmp(r->words[r->at - 1], "new") == 0))
			return reader_wrong(r, "there is no %s one beside it", r->words[r->at - 1]);
	}
	e->worker = w->index;
	e->generation = w->generation;
	return true;
}

/* "gen 1" at the end of an event about a worker names an older process; else it is the present. */
bool reader_generation(struct reader *r, struct event *e)
{
	if (reader_sees(r, "gen"))
		return reader_number(r, &e->generation);
	return worker_has_process(&r->s->fleet.workers[e->worker]) ||
	       reader_wrong(r, "there is no process now; an older one is named by its 'gen'");
}

/* "client/7" */
bool reader_call_name(struct reader *r, char name[SCENE_NAME], uint32_t *id_out)
{
	const char *word = "";
	const char *slash;

	if (!reader_word(r, &word))
		return false;
	slash = strchr(word, '/');
	if (!slash || slash == word || slash - word >= SCENE_NAME ||
	    !parse_number(slash + 1, id_out))
		return reader_wrong(r, "'%s' is not the name of a call, as client/7 is", word);
	memcpy(name, word, (size_t)(slash - word));
	name[slash - word] = '\0';
	return true;
}

bool reader_call(struct reader *r, struct scene_call **call_out)
{
	char name[SCENE_NAME];
	uint32_t id = 0;
	uint32_t client;

	if (!reader_call_name(r, name, &id))
		return false;
	client = scene_client(r->s, name);
	*call_out = client == NONE ? NULL : scene_call_of(r->s, client, id);
	return *call_out || reader_wrong(r, "%s/%u never called", name, id);
}

/* ------------------------------------------------------------------ the line */

bool reader_split(struct reader *r, char *text)
{
	for (char *at = text; *(at += strspn(at, " \t")) != '\0';) {
		size_t length = strcspn(at, " \t");

		if (r->count == READER_WORDS)
			return reader_wrong(r, "too many words");
		r->words[r->count++] = at;
		at += length;
		if (*at)
			*at++ = '\0';
	}
	return r->count > 0 || reader_wrong(r, "nothing happens in this step");
}
