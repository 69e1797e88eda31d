/*
 * value_list: commands, environments, lists of files and of workers.
 *
 * Here ${...} is only checked; it is replaced when a process starts (expand.h).
 */
#include "value_types.h"

#include <string.h>

#include "contract.h"
#include "expand.h"
#include "text.h"
#include "word.h"

enum { CALLEES_MOST = 64 };

static bool split(struct value_reader *r, const char *text, enum word_separator separator,
		  struct word_list *list)
{
	const char *problem;

	return word_split(r->arena, text, separator, list, &problem) ||
	       value_fail(r, "%s", problem);
}

static bool check_expansion(struct value_reader *r, const struct word_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		char problem[EXPAND_PROBLEM];

		if (!expand_check(list->words[i], problem))
			return value_fail(r, "%s", problem);
	}
	return true;
}

static void show_words(const struct writer *w, char *const *words, size_t count,
		       enum word_separator separator)
{
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			writer_text(w, separator == WORD_COMMAS ? ", " : " ");
		word_show(w, words[i], separator);
	}
}

bool value_read_command(struct value_reader *r, const char *text, void *out)
{
	struct command *command = out;
	struct word_list list;

	if (!split(r, text, WORD_BLANKS, &list) || !check_expansion(r, &list))
		return false;
	if (list.count == 0 || list.words[0][0] == '\0')
		return value_fail(r, "the program has no name");
	command->argv = list.words;
	command->argc = list.count;
	return true;
}

bool value_show_command(const struct writer *w, const void *field)
{
	const struct command *command = field;

	show_words(w, command->argv, command->argc, WORD_BLANKS);
	return command->argc > 0;
}

/* "NAME=": its size; 0 if it is not one. */
static size_t name_size(const char *entry)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
	const size_t size = strspn(entry, letters);

	if (size == 0 || entry[size] != '=' || (entry[0] >= '0' && entry[0] <= '9'))
		return 0;
	return size + 1;
}

static bool check_entry(struct value_reader *r, char *const *entries, size_t index)
{
	static const char *const own[] = {BROOD_ENV_CHANNEL "=", BROOD_ENV_WORKER "=",
					  BROOD_ENV_INSTANCE "=", BROOD_ENV_GENERATION "="};
	const char *entry = entries[index];
	const size_t size = name_size(entry);

	if (size == 0)
		return value_fail(r, "'%s' is not NAME=value", text_excerpt(entry).text);
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		if (strncmp(entry, own[i], size) == 0 && own[i][size] == '\0')
			return value_fail(r, "%.*s is set by brood itself", (int)size - 1, entry);
	}
	for (size_t i = 0; i < index; i++) {
		if (strncmp(entry, entries[i], size) == 0)
			return value_fail(r, "'%.*s' stands twice in the list",
					  size < 60 ? (int)size - 1 : 60, entry);
	}
	return true;
}

bool value_read_env(struct value_reader *r, const char *text, void *out)
{
	struct env_list *env = out;
	struct word_list list;

	if (value_is_none(text))
		return true;
	if (!split(r, text, WORD_COMMAS, &list) || !check_expansion(r, &list))
		return false;
	for (size_t i = 0; i < list.count; i++) {
		if (!check_entry(r, list.words, i))
			return false;
	}
	env->entries = list.words;
	env->count = list.count;
	return true;
}

bool value_show_env(const struct writer *w, const void *field)
{
	const struct env_list *env = field;

	show_words(w, env->entries, env->count, WORD_COMMAS);
	return env->count > 0;
}

/* Splits "NAME:direct" where it stands. */
static bool read_callee(struct value_reader *r, char *word, struct callee *out)
{
	char *colon = strchr(word, ':');

	if (colon && strcmp(colon, ":direct") != 0)
		return value_fail(r, "'%s' is neither NAME nor NAME:direct", text_excerpt(word).text);
	if (colon)
		*colon = '\0';
	*out = (struct callee){.name = word, .is_direct = colon != NULL};
	return value_check_name(r, word);
}

bool value_read_callees(struct value_reader *r, const char *text, void *out)
{
	struct callee_list *list = out;
	struct word_list words;
	struct callee *callees;

	if (value_is_none(text))
		return true;
	if (!split(r, text, WORD_COMMAS, &words))
		return false;
	if (words.count > CALLEES_MOST)
		return value_fail(r, "%zu workers, at most %d are allowed", words.count, CALLEES_MOST);
	callees = arena_array(r->arena, words.count, sizeof(*callees));
	if (!callees)
		return value_fail(r, "not enough memory");
	for (size_t i = 0; i < words.count; i++) {
		if (!read_callee(r, words.words[i], &callees[i]))
			return false;
		for (size_t n = 0; n < i; n++) {
			if (strcmp(callees[n].name, callees[i].name) == 0)
				return value_fail(r, "'%s' stands twice in the list", callees[i].name);
		}
	}
	*list = (struct callee_list){callees, words.count};
	return true;
}

bool value_show_callees(const struct writer *w, const void *field)
{
	const struct callee_list *list = field;

	for (size_t i = 0; i < list->count; i++)
		writer_print(w, "%s%s%s", i > 0 ? ", " : "", list->callees[i].name,
			     list->callees[i].is_direct ? ":direct" : "");
	return list->count > 0;
}

static bool check_pattern(struct value_reader *r, const char *pattern)
{
	const char *slash = strrchr(pattern, '/');
	const char *wildcard = strpbrk(pattern, "*?");

	if (pattern[0] == '\0' || (slash && slash[1] == '\0'))
		return value_fail(r, "'%s' does not name a file", text_excerpt(pattern).text);
	if (strlen(pattern) > VALUE_PATH_MOST)
		return value_fail(r, "path is %zu bytes, at most %d are allowed", strlen(pattern),
				  VALUE_PATH_MOST);
	if (slash && wildcard && wildcard < slash)
		return value_fail(r, "'%s': * and ? may stand in the last part of a path only",
				  text_excerpt(pattern).text);
	return true;
}

bool value_read_include(struct value_reader *r, const char *text, void *out)
{
	struct include_list *include = out;
	struct word_list list;

	if (!split(r, text, WORD_COMMAS, &list))
		return false;
	for (size_t i = 0; i < list.count; i++) {
		if (!check_pattern(r, list.words[i]))
			return false;
	}
	include->patterns = list.words;
	include->count = list.count;
	return true;
}

bool value_show_include(const struct writer *w, const void *field)
{
	const struct include_list *include = field;

	show_words(w, include->patterns, include->count, WORD_COMMAS);
	return include->count > 0;
}
