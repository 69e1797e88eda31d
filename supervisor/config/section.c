/*
 * section: takes what source gives and keeps it by section and key.
 *
 * A section that cannot be kept (twice, one too many, badly named) has its keys checked all the
 * same, so that all mistakes are found at once. Nothing is searched in a line, so 100,000 sections
 * cost no more than reading them.
 */
#include "section.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "suggest.h"
#include "text.h"

static const struct kind {
	const char *word;
	bool is_named;
	enum key_section keys;
	size_t most;
} kinds[SECTION_KINDS] = {
	[SECTION_BROOD] = {"brood", false, KEY_brood, 1},
	[SECTION_DEFAULTS] = {"defaults", false, KEY_worker, 1},
	[SECTION_WORKER] = {"worker", true, KEY_worker, SPEC_WORKERS_MOST},
	[SECTION_ENDPOINT] = {"endpoint", true, KEY_endpoint, SPEC_ENDPOINTS_MOST},
};

/* Sections of supervisord's that people bring along. */
static const struct {
	const char *old;
	enum section_kind kind;
} old_sections[] = {{"program", SECTION_WORKER},
		    {"fcgi-program", SECTION_WORKER},
		    {"supervisord", SECTION_BROOD}};

_Static_assert((int)KEY_COUNT_worker >= (int)KEY_COUNT_endpoint &&
		       (int)KEY_COUNT_worker >= (int)KEY_COUNT_brood,
	       "spare_values hold those of any section");

void section_open(struct section_table *table, struct arena *arena, struct problem_list *problems)
{
	*table = (struct section_table){.arena = arena, .problems = problems};
}

void section_begin_file(struct section_table *table, struct place file, bool is_main)
{
	table->file = file;
	table->is_main = is_main;
	table->current = NULL;
	table->brood = NULL;
}

enum key_section section_keys(enum section_kind kind)
{
	return kinds[kind].keys;
}

struct section_title section_title(const struct section *section)
{
	struct section_title title;

	snprintf(title.text, sizeof(title.text), section->name ? "[%s:%s]" : "[%s]",
		 kinds[section->kind].word, section->name);
	return title;
}

static struct place place_of(const struct section_table *table, unsigned line)
{
	struct place place = table->file;

	place.line = line;
	return place;
}

/* FNV-1a. An enemy who finds names for one bucket is stopped by the limit on sections. */
static size_t bucket_of(enum section_kind kind, const char *name)
{
	uint32_t hash = 2166136261u ^ (uint32_t)kind;

	for (; name && *name != '\0'; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619u;
	return hash % SECTION_BUCKETS;
}

struct section *section_find(const struct section_table *table, enum section_kind kind,
			     const char *name)
{
	struct section *s = table->buckets[bucket_of(kind, name)];

	while (s && (s->kind != kind || (name && strcmp(s->name, name) != 0)))
		s = s->next_in_bucket;
	return s;
}

/* A section whose entries are checked and then forgotten. */
static struct section *spare(struct section_table *table, enum section_kind kind, const char *name,
			     struct place place)
{
	memset(table->spare_values, 0, sizeof(table->spare_values));
	snprintf(table->spare_name, sizeof(table->spare_name), "%s", name ? name : "");
	table->spare = (struct section){.kind = kind,
					.name = name ? table->spare_name : NULL,
					.place = place,
					.values = table->spare_values};
	return &table->spare;
}

static struct section *make(struct section_table *table, enum section_kind kind, const char *name,
			    struct place place)
{
	struct section *s = arena_take(table->arena, sizeof(*s));

	if (!s)
		return NULL;
	*s = (struct section){.kind = kind, .place = place};
	s->values = arena_array(table->arena, key_count(kinds[kind].keys), sizeof(*s->values));
	if (name)
		s->name = arena_text(table->arena, name);
	return table->arena->is_exhausted ? NULL : s;
}

static void keep(struct section_table *table, struct section *s)
{
	const size_t bucket = bucket_of(s->kind, s->name);

	s->next_in_bucket = table->buckets[bucket];
	table->buckets[bucket] = s;
	if (table->last[s->kind])
		table->last[s->kind]->next = s;
	else
		table->first[s->kind] = s;
	table->last[s->kind] = s;
	s->index = table->count[s->kind]++;
}

/* A section of a kind that may be kept unless it is there already. */
static struct section *add(struct section_table *table, enum section_kind kind, const char *name,
			   const char *title, struct place place)
{
	const bool is_inner_brood = kind == SECTION_BROOD && !table->is_main;
	const struct section *first =
		is_inner_brood ? table->brood : section_find(table, kind, name);
	struct section *s;

	if (first) {
		problem_add(table->problems, PROBLEM_ERROR, place,
			    "duplicate section [%s], first at %s:%u", title, first->place.file,
			    first->place.line);
		return spare(table, kind, name, place);
	}
	if (!is_inner_brood && table->count[kind] >= kinds[kind].most) {
		if (!table->is_over[kind])
			problem_add(table->problems, PROBLEM_ERROR, place,
				    "more than %zu sections [%s:NAME]", kinds[kind].most,
				    kinds[kind].word);
		table->is_over[kind] = true;
		return spare(table, kind, name, place);
	}
	s = make(table, kind, name, place);
	if (!s)
		return NULL;
	if (kind == SECTION_BROOD)
		table->brood = s;
	if (!is_inner_brood)
		keep(table, s);
	return s;
}

static const char *nearest_kind(const char *word)
{
	struct suggestion nearest = suggest_open(word);

	for (size_t i = 0; i < sizeof(old_sections) / sizeof(old_sections[0]); i++) {
		if (strcmp(word, old_sections[i].old) == 0)
			return kinds[old_sections[i].kind].word;
	}
	for (int i = 0; i < SECTION_KINDS; i++)
		suggest_consider(&nearest, kinds[i].word);
	return nearest.best;
}

static void complain_of_unknown(struct section_table *table, struct place place, const char *title,
				const char *word, const char *name)
{
	const char *nearest = nearest_kind(word);

	if (!problem_is_wanted(table->problems))
		nearest = NULL;
	if (strcmp(word, "include") == 0)
		problem_add(
			table->problems, PROBLEM_ERROR, place,
			"unknown section [%s], include is a key: [brood] include = conf.d/*.ini",
			title);
	else if (!nearest)
		problem_add(
			table->problems, PROBLEM_ERROR, place,
			"unknown section [%s], there are [brood], [defaults], [worker:NAME] and "
			"[endpoint:NAME]",
			title);
	else if (strcmp(nearest, "brood") == 0 || strcmp(nearest, "defaults") == 0)
		problem_add(table->problems, PROBLEM_ERROR, place,
			    "unknown section [%s], did you mean [%s]?", title, nearest);
	else
		problem_add(table->problems, PROBLEM_ERROR, place,
			    "unknown section [%s], did you mean [%s:%s]?", title, nearest,
			    name && name[0] != '\0' ? name : "NAME");
}

/* A header of a known kind. */
static struct section *take_known(struct section_table *table, enum section_kind kind,
				  const char *title, const char *name, struct place place)
{
	struct value_reader reader = {.arena = table->arena};
	const char *word = kinds[kind].word;

	if (!kinds[kind].is_named && name) {
		problem_add(table->problems, PROBLEM_ERROR, place, "[%s] takes no name, write [%s]",
			    title, word);
		return spare(table, kind, name, place);
	}
	if (kinds[kind].is_named && (!name || name[0] == '\0')) {
		problem_add(table->problems, PROBLEM_ERROR, place,
			    "[%s] has no name, write [%s:NAME]", title, word);
		return spare(table, kind, name, place);
	}
	if (name && !value_check_name(&reader, name)) {
		problem_add(table->problems, PROBLEM_ERROR, place, "[%s] %s", title,
			    reader.problem);
		return spare(table, kind, name, place);
	}
	return add(table, kind, name, title, place);
}

void section_take_header(void *context, unsigned line, const char *title)
{
	struct section_table *table = context;
	const struct place place = place_of(table, line);
	const char *colon = strchr(title, ':');
	const char *name = colon ? colon + 1 : NULL;
	char word[SECTION_TITLE];

	snprintf(word, sizeof(word), "%.*s", (int)(colon ? (size_t)(colon - title) : strlen(title)),
		 title);
	table->current = NULL;
	for (int kind = 0; kind < SECTION_KINDS; kind++) {
		if (strcmp(word, kinds[kind].word) == 0) {
			table->current =
				take_known(table, (enum section_kind)kind, title, name, place);
			return;
		}
	}
	complain_of_unknown(table, place, title, word, name);
}

static bool has_key(enum key_section keys, const char *name)
{
	char word[32];

	snprintf(word, sizeof(word), "%.*s", (int)strcspn(name, " "), name); /* of "key = value" */
	return key_find(keys, word) != NULL;
}

static const char *find_other_section(enum key_section keys, const char *key)
{
	static const char *const titles[] = {
		[KEY_brood] = "[brood]",
		[KEY_worker] = "[worker:NAME] or [defaults]",
		[KEY_endpoint] = "[endpoint:NAME]",
	};

	for (int other = 0; other < KEY_SECTIONS; other++) {
		if ((enum key_section)other != keys && key_find((enum key_section)other, key))
			return titles[other];
	}
	return NULL;
}

static void complain_of_key(struct section_table *table, const char *key, struct place place)
{
	struct section *s = table->current;
	const enum key_section keys = section_keys(s->kind);
	const char *old = suggest_for_old_key(key);
	const char *advice = suggest_advice_for_old_key(key);
	const char *other = find_other_section(keys, key);
	const struct key *nearest =
		problem_is_wanted(table->problems) ? key_nearest(keys, key) : NULL;
	char text[256] = "";

	if (old && has_key(keys, old))
		snprintf(text, sizeof(text), ", did you mean '%s'?", old);
	else if (advice)
		snprintf(text, sizeof(text), ": %s", advice);
	else if (other)
		snprintf(text, sizeof(text), ", it belongs into %s", other);
	else if (nearest)
		snprintf(text, sizeof(text), ", did you mean '%s'?", nearest->name);
	if (nearest)
		s->values[key_index(nearest)].is_bad = true; /* not missing, only misspelt */
	problem_add(table->problems, PROBLEM_ERROR, place, "%s unknown key '%s'%s",
		    section_title(s).text, text_excerpt(key).text, text);
}

void section_take_entry(void *context, unsigned line, const char *name, const char *text)
{
	struct section_table *table = context;
	struct section *s = table->current;
	const struct place place = place_of(table, line);
	const struct key *key = s ? key_find(section_keys(s->kind), name) : NULL;
	struct section_value *value;

	if (!s)
		return;
	if (!key) {
		complain_of_key(table, name, place);
		return;
	}
	value = &s->values[key_index(key)];
	if (s->kind == SECTION_BROOD && !table->is_main && key->type != VALUE_include) {
		problem_add(table->problems, PROBLEM_ERROR, place,
			    "[brood] '%s' may stand in the main file only, not in an included one",
			    name);
		return;
	}
	if (value->text) {
		problem_add(table->problems, PROBLEM_ERROR, place,
			    "%s duplicate key '%s', first at %s:%u", section_title(s).text, name,
			    value->place.file, value->place.line);
		return;
	}
	value->text = arena_text(table->arena, text);
	value->place = place;
}

void section_take_refused(void *context)
{
	struct section_table *table = context;

	if (table->current)
		table->current->is_incomplete = true;
}
