/* complaint: see complaint.h. */
#include "complaint.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "suggest.h"
#include "text.h"

enum { SENTENCE = 896 };

struct build_value complaint_value(const struct build *b, struct section *s, const char *name)
{
	return build_find(b, s, key_find(section_keys(s->kind), name));
}

bool complaint_is_bad(const struct build_value *value)
{
	return value->given && value->given->is_bad;
}

struct origin_text complaint_origin(const struct build_value *value)
{
	struct origin_text origin;

	if (value->given)
		snprintf(origin.text, sizeof(origin.text), " (%.300s:%u)", value->given->place.file,
			 value->given->place.line);
	else
		snprintf(origin.text, sizeof(origin.text), " (default)");
	return origin;
}

void complaint_add(struct build *b, enum problem_severity severity, struct section *s,
		     const struct build_value *at, const char *format, ...)
{
	struct section *owner = at->owner ? at->owner : s;
	const struct place place = at->given ? at->given->place : s->place;
	char sentence[SENTENCE];
	va_list arguments;

	assert(!complaint_is_bad(at));
	if (at->given && owner->kind == SECTION_DEFAULTS) {
		if (at->given->is_told)
			return;
		at->given->is_told = true;
	}
	va_start(arguments, format);
	vsnprintf(sentence, sizeof(sentence), format, arguments);
	va_end(arguments);
	problem_add(&b->config->problems, severity, place, "%s %s", section_title(owner).text,
		    sentence);
}

void complaint_of_pair(struct build *b, struct section *s, const char *first_name,
			     const char *relation, const char *second_name)
{
	const struct build_value first = complaint_value(b, s, first_name);
	const struct build_value second = complaint_value(b, s, second_name);
	const bool at_second = first.owner != s && (second.owner == s || !first.given);
	const struct build_value *other = at_second ? &first : &second;

	complaint_add(b, PROBLEM_ERROR, s, at_second ? &second : &first, "%s = %s%s %s %s = %s%s",
		 first_name, text_excerpt(first.text).text, at_second ? complaint_origin(other).text : "",
		 relation, second_name, text_excerpt(second.text).text,
		 at_second ? "" : complaint_origin(other).text);
}

bool complaint_pair_is_sound(struct build *b, struct section *s, const char *first, const char *second)
{
	const struct build_value a = complaint_value(b, s, first);
	const struct build_value c = complaint_value(b, s, second);

	return !complaint_is_bad(&a) && !complaint_is_bad(&c);
}

const char *complaint_nearest_worker(const struct build *b, const char *name)
{
	struct suggestion nearest = suggest_open(name);

	for (size_t i = 0; i < b->config->spec.worker_count; i++)
		suggest_consider(&nearest, b->config->spec.workers[i].name);
	return nearest.best;
}
