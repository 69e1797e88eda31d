/* key: expands keys.def. A row whose field has another type than the row says stops the build. */
#include "key.h"

#include <string.h>

#include "suggest.h"
#include "text.h"
#include "value_types.h"

/* A name for each type, because _Generic needs one where keys.def has only the word. */
#define TYPE(name, field, form) typedef field field_of_##name;
#include "type.def"

#define KEY(section, key, type, field, ...)                                                        \
	_Static_assert(                                                                            \
		_Generic(((struct section##_spec *)0)->field, field_of_##type : 1, default : 0),   \
		#section "." #key " is not a " #type);
#include "keys.def"

/* In keys.def the rows of a section stand together: so its first one is found by counting. */
static const struct key keys[] = {
#define KEY(section_, key_, type_, field_, preset_, least_, most_, change_, doc_)                  \
	{                                                                                          \
		.section = KEY_##section_,                                                         \
		.name = #key_,                                                                     \
		.type = VALUE_##type_,                                                             \
		.offset = offsetof(struct section_##_spec, field_),                                \
		.preset = preset_,                                                                 \
		.least = least_,                                                                   \
		.most = most_,                                                                     \
		.change = KEY_##change_,                                                           \
		.doc = doc_,                                                                       \
	},
#include "keys.def"
};

static const size_t sizes[VALUE_TYPES] = {
#define TYPE(name, field, form) [VALUE_##name] = sizeof(field),
#include "type.def"
};

static const struct {
	size_t first;
	size_t count;
} ranges[KEY_SECTIONS] = {
	[KEY_brood] = {0, KEY_COUNT_brood},
	[KEY_worker] = {KEY_COUNT_brood, KEY_COUNT_worker},
	[KEY_endpoint] = {KEY_COUNT_brood + KEY_COUNT_worker, KEY_COUNT_endpoint},
};

size_t key_count(enum key_section section)
{
	return ranges[section].count;
}

const struct key *key_at(enum key_section section, size_t index)
{
	return &keys[ranges[section].first + index];
}

size_t key_index(const struct key *key)
{
	return (size_t)(key - keys) - ranges[key->section].first;
}

const struct key *key_find(enum key_section section, const char *name)
{
	for (size_t i = 0; i < key_count(section); i++) {
		if (strcmp(key_at(section, i)->name, name) == 0)
			return key_at(section, i);
	}
	return NULL;
}

const struct key *key_nearest(enum key_section section, const char *name)
{
	struct suggestion nearest = suggest_open(name);

	for (size_t i = 0; i < key_count(section); i++)
		suggest_consider(&nearest, key_at(section, i)->name);
	return nearest.best ? key_find(section, nearest.best) : NULL;
}

/* The number that a limit in keys.def stands for; false if there is none. */
static bool read_limit(const struct key *key, const char *text, int64_t *number_out)
{
	union {
		uint64_t align;
		char bytes[16];
	} field = {0};
	struct value_reader reader = {.arena = NULL};

	return text[0] != '\0' && sizes[key->type] <= sizeof(field) &&
	       value_read(&reader, key->type, text, &field) &&
	       value_number(key->type, &field, number_out);
}

static bool check_limits(const struct key *key, struct value_reader *reader, const char *text,
			 const void *field)
{
	int64_t number;
	int64_t limit;

	if (!value_number(key->type, field, &number))
		return true;
	if (read_limit(key, key->least, &limit) && number < limit)
		return value_fail(reader, "'%s' is below %s", text_excerpt(text).text, key->least);
	if (read_limit(key, key->most, &limit) && number > limit)
		return value_fail(reader, "'%s' is above %s", text_excerpt(text).text, key->most);
	return true;
}

bool key_read(const struct key *key, struct value_reader *reader, const char *text, void *spec)
{
	void *field = (char *)spec + key->offset;

	memset(field, 0, sizes[key->type]);
	if (text[0] == '\0')
		value_set_problem(reader, "the value is missing");
	else if (value_read(reader, key->type, text, field) &&
		 check_limits(key, reader, text, field))
		return true;
	memset(field, 0, sizes[key->type]);
	return false;
}

bool key_show(const struct key *key, const struct writer *w, const void *spec)
{
	return value_show(w, key->type, (const char *)spec + key->offset);
}
