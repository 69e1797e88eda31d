/* value_limit: resource limits by name, soft and hard. */
#include "value_types.h"

#include <string.h>
#include <sys/resource.h>

#include "suggest.h"
#include "text.h"
#include "word.h"

static const struct name {
	const char *text;
	int resource;
} names[] = {
	{"as", RLIMIT_AS},
	{"core", RLIMIT_CORE},
	{"cpu", RLIMIT_CPU},
	{"data", RLIMIT_DATA},
	{"fsize", RLIMIT_FSIZE},
	{"memlock", RLIMIT_MEMLOCK},
	{"msgqueue", RLIMIT_MSGQUEUE},
	{"nice", RLIMIT_NICE},
	{"nofile", RLIMIT_NOFILE},
	{"nproc", RLIMIT_NPROC},
	{"rss", RLIMIT_RSS},
	{"rtprio", RLIMIT_RTPRIO},
	{"rttime", RLIMIT_RTTIME},
	{"sigpending", RLIMIT_SIGPENDING},
	{"stack", RLIMIT_STACK},
};

enum { NAMES = sizeof(names) / sizeof(names[0]) };

static bool find(struct value_reader *r, const char *text, int *resource_out)
{
	struct suggestion nearest = suggest_open(text);

	for (size_t i = 0; i < NAMES; i++) {
		if (strcmp(text, names[i].text) == 0) {
			*resource_out = names[i].resource;
			return true;
		}
		suggest_consider(&nearest, names[i].text);
	}
	if (!nearest.best)
		return value_fail(r, "no limit is named '%s'", text_excerpt(text).text);
	return value_fail(r, "no limit is named '%s', did you mean '%s'?", text_excerpt(text).text,
			  nearest.best);
}

static bool read_bound(struct value_reader *r, const char *text, uint64_t *bound_out)
{
	struct size size = {0};

	if (strcmp(text, "infinity") == 0) {
		*bound_out = UINT64_MAX;
		return true;
	}
	if (text[0] < '0' || text[0] > '9')
		return value_fail(r, "'%s' is neither a number nor infinity",
				  text_excerpt(text).text);
	if (!value_read_size(r, text, &size))
		return false;
	*bound_out = size.bytes;
	return true;
}

/* Takes "NAME=soft:hard" apart in place. */
static bool read_limit(struct value_reader *r, char *item, struct limit *out)
{
	char *equals = strchr(item, '=');
	char *colon = equals ? strchr(equals, ':') : NULL;

	if (!equals)
		return value_fail(r, "'%s' is not NAME=value, such as nofile=4096",
				  text_excerpt(item).text);
	*equals = '\0';
	if (colon)
		*colon = '\0';
	if (!find(r, item, &out->resource) || !read_bound(r, equals + 1, &out->soft))
		return false;
	out->hard = out->soft;
	if (colon && !read_bound(r, colon + 1, &out->hard))
		return false;
	if (out->soft > out->hard)
		return value_fail(r, "%s: the soft limit %s is above the hard limit %s", item,
				  text_excerpt(equals + 1).text, text_excerpt(colon + 1).text);
	return true;
}

static bool is_repeated(const struct limit *limits, size_t index)
{
	for (size_t i = 0; i < index; i++) {
		if (limits[i].resource == limits[index].resource)
			return true;
	}
	return false;
}

bool value_read_limits(struct value_reader *r, const char *text, void *out)
{
	struct limit_list *list = out;
	struct word_list words;
	const char *problem;

	if (value_is_none(text))
		return true;
	if (!word_split(r->arena, text, WORD_COMMAS, &words, &problem))
		return value_fail(r, "%s", problem);
	list->limits = arena_array(r->arena, words.count, sizeof(*list->limits));
	if (!list->limits)
		return value_fail(r, "not enough memory");
	for (size_t i = 0; i < words.count; i++) {
		if (!read_limit(r, words.words[i], &list->limits[i]))
			return false;
		if (is_repeated(list->limits, i))
			return value_fail(r, "'%s' stands twice in the list", words.words[i]);
	}
	list->count = words.count;
	return true;
}

static void show_bound(const struct writer *w, uint64_t bound)
{
	if (bound == UINT64_MAX)
		writer_text(w, "infinity");
	else
		writer_print(w, "%llu", (unsigned long long)bound);
}

static void show_limit(const struct writer *w, const struct limit *limit)
{
	for (size_t i = 0; i < NAMES; i++) {
		if (names[i].resource == limit->resource)
			writer_print(w, "%s=", names[i].text);
	}
	show_bound(w, limit->soft);
	if (limit->hard != limit->soft) {
		writer_text(w, ":");
		show_bound(w, limit->hard);
	}
}

bool value_show_limits(const struct writer *w, const void *field)
{
	const struct limit_list *list = field;

	for (size_t i = 0; i < list->count; i++) {
		if (i > 0)
			writer_text(w, ", ");
		show_limit(w, &list->limits[i]);
	}
	return list->count > 0;
}
