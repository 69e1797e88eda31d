/*
 * show: walks the key table over the spec. Included files are shown as a comment: their sections
 * follow anyway.
 */
#include "show.h"

#include <string.h>

#include "suggest.h"

static void show_origin(const struct config *c, const struct key *key, size_t index,
			const struct writer *w)
{
	const struct place place = config_origin(c, key, index);

	writer_text(w, "    # ");
	if (!place.file) {
		writer_text(w, "default");
		return;
	}
	writer_text(w, place.file);
	writer_print(w, ":%u", place.line);
}

static void show_value(const struct config *c, const struct key *key, size_t index, bool has_origin,
		       const struct writer *w)
{
	const struct writer nowhere = writer_to_nowhere();
	const void *spec = config_section_spec(c, key->section, index);
	const bool is_set = key_show(key, &nowhere, spec);

	writer_text(w, is_set && key->type != VALUE_include ? "" : "# ");
	writer_text(w, key->name);
	writer_text(w, is_set ? " = " : " =");
	if (is_set && !key_show(key, w, spec))
		return;
	if (has_origin)
		show_origin(c, key, index, w);
	writer_text(w, "\n");
}

static void show_section(const struct config *c, enum key_section section, size_t index,
			 bool has_origins, const struct writer *w)
{
	static const char *const words[] = {
		[KEY_brood] = "brood", [KEY_worker] = "worker:", [KEY_endpoint] = "endpoint:"};
	const char *name = config_section_name(c, section, index);

	writer_print(w, "[%s%s]\n", words[section], name ? name : "");
	for (size_t i = 0; i < key_count(section); i++)
		show_value(c, key_at(section, i), index, has_origins, w);
}

/* Is it asked for? [brood] has no name and answers to its own. */
static bool is_wanted(const struct config *c, enum key_section section, size_t index,
		      const char *name)
{
	const char *own = config_section_name(c, section, index);

	return !name || strcmp(name, own ? own : "brood") == 0;
}

size_t show_config(const struct config *c, const char *name, bool has_origins,
		   const struct writer *w)
{
	size_t shown = 0;

	for (int i = 0; i < KEY_SECTIONS; i++) {
		const enum key_section section = (enum key_section)i;

		for (size_t index = 0; index < config_section_count(c, section); index++) {
			if (!is_wanted(c, section, index, name))
				continue;
			if (shown++ > 0)
				writer_text(w, "\n");
			show_section(c, section, index, has_origins, w);
		}
	}
	return shown;
}

const char *show_nearest(const struct config *c, const char *name)
{
	struct suggestion nearest = suggest_open(name);

	for (size_t i = 0; i < c->spec.worker_count; i++)
		suggest_consider(&nearest, c->spec.workers[i].name);
	for (size_t i = 0; i < c->spec.endpoint_count; i++)
		suggest_consider(&nearest, c->spec.endpoints[i].name);
	return nearest.best;
}
