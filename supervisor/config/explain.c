/* explain: nothing but keys.def in sentences. */
#include "explain.h"

#include <string.h>

#include "key.h"
#include "suggest.h"

enum { WIDTH = 80 };

static const char *const titles[] = {
	[KEY_brood] = "[brood]",
	[KEY_worker] = "[worker:NAME] or [defaults]",
	[KEY_endpoint] = "[endpoint:NAME]",
};

static void explain_limits(const struct key *key, const struct writer *w)
{
	if (key->least[0] != '\0' || key->most[0] != '\0')
		writer_print(w, "  limits    %s to %s\n",
			     key->least[0] != '\0' ? key->least : "any",
			     key->most[0] != '\0' ? key->most : "any");
}

static const char *preset_text(const struct key *key)
{
	if (!key->preset)
		return "none, it must be given";
	return key->preset[0] != '\0' ? key->preset : "none";
}

static void explain_row(const struct key *key, const struct writer *w)
{
	writer_print(w, "%s, in %s\n", key->name, titles[key->section]);
	writer_wrap(w, "  ", key->doc, WIDTH);
	writer_print(w, "  type      %s\n", value_form(key->type));
	writer_print(w, "  default   %s\n", preset_text(key));
	explain_limits(key, w);
	/* what key->change says is for a reload, which there is not yet */
	writer_text(w, "  a change  takes effect with the next start of brood\n");
}

bool explain_key(const char *name, const struct writer *w)
{
	size_t found = 0;

	for (int section = 0; section < KEY_SECTIONS; section++) {
		const struct key *key = key_find((enum key_section)section, name);

		if (!key)
			continue;
		if (found++ > 0)
			writer_text(w, "\n");
		explain_row(key, w);
	}
	return found > 0;
}

const char *explain_nearest(const char *name)
{
	struct suggestion nearest = suggest_open(name);

	if (suggest_for_old_key(name))
		return suggest_for_old_key(name);
	for (int section = 0; section < KEY_SECTIONS; section++) {
		for (size_t i = 0; i < key_count((enum key_section)section); i++)
			suggest_consider(&nearest, key_at((enum key_section)section, i)->name);
	}
	return nearest.best;
}

static void sample_section(enum key_section section, const char *header, const char *doc,
			   const struct writer *w)
{
	writer_text(w, "\n");
	writer_wrap(w, "# ", doc, WIDTH);
	writer_print(w, "%s\n", header);
	for (size_t i = 0; i < key_count(section); i++) {
		const struct key *key = key_at(section, i);

		writer_text(w, "\n");
		writer_wrap(w, "# ", key->doc, WIDTH);
		if (!key->preset)
			writer_text(w, "# Must be given.\n");
		writer_print(w, "#%s =%s%s\n", key->name, key->preset && key->preset[0] ? " " : "",
			     key->preset ? key->preset : "");
	}
}

void explain_sample(const struct writer *w)
{
	writer_text(w, "# brood.ini: every key with its default, commented out. `brood check` "
		       "checks this file,\n"
		       "# `brood config` shows the values that count, `brood explain KEY` tells "
		       "about one.\n"
		       "#\n"
		       "# Comments stand in lines of their own. Times need a unit (250ms 10s 5m "
		       "24h), sizes may\n"
		       "# have one (64K 16M 1G); 0 and none mean off. Lists have commas.\n");
	sample_section(KEY_brood, "[brood]", "The instance as a whole.", w);
	sample_section(KEY_worker, "#[worker:NAME]",
		       "A worker: one program, run as one or more processes. NAME is made of a-z, "
		       "0-9, _ and -. "
		       "All of these keys may also stand in a section [defaults], for all workers.",
		       w);
	sample_section(KEY_endpoint, "#[endpoint:NAME]",
		       "An endpoint: where clients connect, and the worker that answers them.", w);
}
