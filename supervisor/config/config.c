/*
 * config: reads the files, has the values built and checked, and answers where they come from.
 *
 * All problems that can be found are found: a later step runs even if an earlier one met errors.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "build.h"
#include "crosscheck.h"
#include "source.h"

/* Reads the include key of the [brood] section of the file that was read last. */
static void follow_includes(struct config *c, struct include_file *file)
{
	const struct key *key = key_find(KEY_brood, "include");
	struct section *brood = c->sections.brood;
	struct section_value *value = brood ? &brood->values[key_index(key)] : NULL;
	struct value_reader reader = {.arena = &c->arena};
	struct brood_spec spec = {0};

	if (!value || !value->text)
		return;
	if (key_read(key, &reader, value->text, &spec)) {
		include_add(&c->files, file, &spec.include, value->place);
		return;
	}
	value->is_bad = true;
	problem_add(&c->problems, PROBLEM_ERROR, value->place, "[brood] include: %s",
		    reader.problem);
}

static void read_file(struct config *c, struct include_file *file, bool is_plain_inih)
{
	const struct source_taker taker = {&c->sections, section_take_header, section_take_entry,
					   section_take_refused};
	struct world_file bytes = {0};
	struct source source = {.place = {file->path, file->order, 0}, .is_plain = is_plain_inih};

	if (!include_read(&c->files, file, &bytes))
		return;
	source.bytes = bytes.bytes;
	source.size = bytes.size;
	section_begin_file(&c->sections, source.place, !file->parent);
	if (!source_read(&source, &taker, &c->problems))
		c->arena.is_exhausted = true;
	free(bytes.bytes);
	follow_includes(c, file);
}

static void read_files(struct config *c, bool is_plain_inih)
{
	unsigned order = 0;

	for (struct include_file *file = c->files.first; file; file = file->next) {
		file->order = order++;
		read_file(c, file, is_plain_inih);
		if (c->arena.is_exhausted)
			return;
	}
}

static void load(struct config *c, const char *path, const struct world *world, bool is_plain_inih)
{
	struct build build;

	section_open(&c->sections, &c->arena, &c->problems);
	if (!include_open(&c->files, &c->arena, &c->problems, world, path))
		return;
	read_files(c, is_plain_inih);
	if (c->arena.is_exhausted || !c->files.first->is_read)
		return;
	if (build_spec(&build, c, world))
		crosscheck_spec(&build);
}

static void complain_of_memory(struct config *c)
{
	snprintf(c->memory_problem, sizeof(c->memory_problem),
		 c->arena.is_over_limit
			 ? "the configuration needs more than %zu bytes of memory"
			 : "not enough memory for the configuration, %zu bytes are taken",
		 c->arena.is_over_limit ? c->arena.limit : c->arena.taken);
	problem_add_text(&c->problems, PROBLEM_ERROR, (struct place){0}, c->memory_problem);
}

enum config_result config_load(const char *path, const struct world *world,
			       const struct config_options *options, struct config **config_out)
{
	static const struct config_options usual = {0};
	struct config *c = calloc(1, sizeof(*c));

	*config_out = c;
	if (!c)
		return CONFIG_NO_MEMORY;
	if (!options)
		options = &usual;
	arena_open(&c->arena, options->memory_most ? options->memory_most : CONFIG_MEMORY_MOST);
	c->problems.arena = &c->arena;
	load(c, path, world, options->is_plain_inih);
	if (c->arena.is_exhausted)
		complain_of_memory(c);
	problem_sort(&c->problems);
	return c->problems.count[PROBLEM_ERROR] == 0 ? CONFIG_OK : CONFIG_INVALID;
}

void config_close(struct config *config)
{
	if (!config)
		return;
	arena_close(&config->arena);
	free(config);
}

/* The section that stands for an element of the spec; NULL: there is none, it is all defaults. */
static const struct section *find_section(const struct config *c, enum key_section section,
					  size_t index)
{
	const char *name = config_section_name(c, section, index);

	switch (section) {
	case KEY_brood:
	case KEY_SECTIONS:
		break;
	case KEY_worker:
		return section_find(&c->sections, SECTION_WORKER, name);
	case KEY_endpoint:
		return section_find(&c->sections, SECTION_ENDPOINT, name);
	}
	return section_find(&c->sections, SECTION_BROOD, NULL);
}

struct place config_origin(const struct config *config, const struct key *key, size_t index)
{
	const struct section *sections[2] = {find_section(config, key->section, index), NULL};

	if (key->section == KEY_worker)
		sections[1] = section_find(&config->sections, SECTION_DEFAULTS, NULL);
	for (int i = 0; i < 2; i++) {
		if (sections[i] && sections[i]->values[key_index(key)].text)
			return sections[i]->values[key_index(key)].place;
	}
	return (struct place){0};
}

struct place config_section_place(const struct config *config, enum key_section section,
				  size_t index)
{
	const struct section *s = find_section(config, section, index);

	return s ? s->place : (struct place){0};
}

const void *config_section_spec(const struct config *config, enum key_section section, size_t index)
{
	switch (section) {
	case KEY_worker:
		return &config->spec.workers[index];
	case KEY_endpoint:
		return &config->spec.endpoints[index];
	case KEY_brood:
	case KEY_SECTIONS:
		break;
	}
	return &config->spec.brood;
}

size_t config_section_count(const struct config *config, enum key_section section)
{
	switch (section) {
	case KEY_worker:
		return config->spec.worker_count;
	case KEY_endpoint:
		return config->spec.endpoint_count;
	case KEY_brood:
	case KEY_SECTIONS:
		break;
	}
	return 1;
}

const char *config_section_name(const struct config *config, enum key_section section, size_t index)
{
	switch (section) {
	case KEY_worker:
		return config->spec.workers[index].name;
	case KEY_endpoint:
		return config->spec.endpoints[index].name;
	case KEY_brood:
	case KEY_SECTIONS:
		break;
	}
	return NULL;
}
