/*
 * build: defaults, then [defaults], then the section itself.
 *
 * The first two are read once and copied, so a mistake in [defaults] is told once. A value that
 * cannot be read is told and marked, so that crosscheck does not speak of it again. Does not
 * compare values with each other.
 */
#include "build.h"

#include <assert.h>

/* Reads one value and reports what is wrong with it. */
static void read_value(struct build *b, struct section *section, const struct key *key, void *spec)
{
	struct config *c = b->config;
	struct section_value *value = &section->values[key_index(key)];
	struct value_reader reader = {.arena = &c->arena, .world = b->world};

	if (!value->text || value->is_bad || key_read(key, &reader, value->text, spec))
		return;
	value->is_bad = true;
	problem_add(&c->problems, PROBLEM_ERROR, value->place, "%s %s: %s",
		    section_title(section).text, key->name, reader.problem);
}

static void read_values(struct build *b, struct section *section, void *spec)
{
	const enum key_section keys = section_keys(section->kind);

	for (size_t i = 0; i < key_count(keys); i++)
		read_value(b, section, key_at(keys, i), spec);
}

static void read_presets(struct build *b, enum key_section keys, void *spec)
{
	struct value_reader reader = {.arena = &b->config->arena, .world = b->world};

	for (size_t i = 0; i < key_count(keys); i++) {
		const struct key *key = key_at(keys, i);
		bool is_read = !key->preset || key->preset[0] == '\0' ||
			       key_read(key, &reader, key->preset, spec);

		assert(is_read || b->config->arena.is_exhausted);
		(void)is_read;
	}
}

/* Reports the keys that must be given and are not. */
static void check_missing(struct build *b, struct section *section)
{
	const enum key_section keys = section_keys(section->kind);

	for (size_t i = 0; i < key_count(keys); i++) {
		const struct key *key = key_at(keys, i);
		const struct build_value value = build_find(b, section, key);

		if (value.text || key->preset || section->is_incomplete ||
		    (value.given && value.given->is_bad))
			continue;
		problem_add(&b->config->problems, PROBLEM_ERROR, section->place,
			    "%s has no %s, which must be given", section_title(section).text,
			    key->name);
	}
}

struct build_value build_find(const struct build *b, struct section *section, const struct key *key)
{
	struct section *sections[2] = {section, NULL};

	if (section->kind == SECTION_WORKER)
		sections[1] = section_find(&b->config->sections, SECTION_DEFAULTS, NULL);
	for (int i = 0; i < 2; i++) {
		struct section_value *value =
			sections[i] ? &sections[i]->values[key_index(key)] : NULL;

		if (value && (value->text || value->is_bad))
			return (struct build_value){sections[i], value, value->text};
	}
	return (struct build_value){.text = key->preset && key->preset[0] != '\0' ? key->preset
										  : NULL};
}

static bool build_workers(struct build *b)
{
	struct config *c = b->config;
	struct section *defaults = section_find(&c->sections, SECTION_DEFAULTS, NULL);
	const size_t count = c->sections.count[SECTION_WORKER];
	struct worker_spec base = {0};
	struct section *s = c->sections.first[SECTION_WORKER];

	read_presets(b, KEY_worker, &base);
	if (defaults)
		read_values(b, defaults, &base);
	c->spec.workers = arena_array(&c->arena, count, sizeof(*c->spec.workers));
	b->workers = arena_array(&c->arena, count, sizeof(*b->workers));
	if (!c->spec.workers || !b->workers)
		return false;
	c->spec.worker_count = count;
	for (size_t i = 0; i < count; i++, s = s->next) {
		c->spec.workers[i] = base;
		c->spec.workers[i].name = s->name;
		b->workers[i] = s;
		read_values(b, s, &c->spec.workers[i]);
		check_missing(b, s);
	}
	return true;
}

static bool build_endpoints(struct build *b)
{
	struct config *c = b->config;
	const size_t count = c->sections.count[SECTION_ENDPOINT];
	struct endpoint_spec base = {.pool = SPEC_NO_POOL};
	struct section *s = c->sections.first[SECTION_ENDPOINT];

	read_presets(b, KEY_endpoint, &base);
	b->inner = base;
	b->inner.max_clients = b->inner.max_clients_per_uid = UINT32_MAX;
	c->spec.endpoints = arena_array(&c->arena, count, sizeof(*c->spec.endpoints));
	b->endpoints = arena_array(&c->arena, count, sizeof(*b->endpoints));
	if (!c->spec.endpoints || !b->endpoints)
		return false;
	c->spec.endpoint_count = count;
	for (size_t i = 0; i < count; i++, s = s->next) {
		c->spec.endpoints[i] = base;
		c->spec.endpoints[i].name = s->name;
		b->endpoints[i] = s;
		read_values(b, s, &c->spec.endpoints[i]);
		check_missing(b, s);
	}
	return true;
}

bool build_spec(struct build *b, struct config *config, const struct world *world)
{
	struct section *brood = section_find(&config->sections, SECTION_BROOD, NULL);

	*b = (struct build){.config = config, .world = world};
	read_presets(b, KEY_brood, &config->spec.brood);
	if (brood)
		read_values(b, brood, &config->spec.brood);
	return build_workers(b) && build_endpoints(b) && !config->arena.is_exhausted;
}
