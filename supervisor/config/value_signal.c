/*
 * value_signal: signals, and sets of exit codes and signals.
 *
 * Names are those of core's signal.def, with or without SIG, and RTMIN to RTMAX as the kernel
 * counts them.
 */
#include "value_types.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "suggest.h"
#include "text.h"
#include "word.h"

/* The C library keeps the first two real-time signals for itself. */
enum { RT_FIRST = 34, RT_LAST = 64, RT_RESERVED = 32, CODE_MOST = 255 };

static const struct name {
	const char *text;
	int number;
} names[] = {
#define SIGNAL(name) {#name, SIG##name},
#include "signal.def"
};

enum { NAMES = sizeof(names) / sizeof(names[0]) };

/* "+3" behind RTMIN, "-3" behind RTMAX, or nothing; the offset, or -1. */
static int rt_offset(const char *text, char sign)
{
	if (text[0] == '\0')
		return 0;
	if (text[0] != sign || strlen(text) > 3 || !text_is_digits(text + 1))
		return -1;
	return text[2] == '\0' ? text[1] - '0' : (text[1] - '0') * 10 + text[2] - '0';
}

/* The number of a signal's name; 0 if it has none. */
static int find(const char *name)
{
	int offset = -1;

	if (strncmp(name, "SIG", 3) == 0)
		name += 3;
	for (size_t i = 0; i < NAMES; i++) {
		if (strcmp(name, names[i].text) == 0)
			return names[i].number;
	}
	if (strncmp(name, "RTMIN", 5) == 0)
		offset = rt_offset(name + 5, '+');
	else if (strncmp(name, "RTMAX", 5) == 0)
		offset = rt_offset(name + 5, '-');
	if (offset < 0 || offset > RT_LAST - RT_FIRST)
		return 0;
	return name[3] == 'I' ? RT_FIRST + offset : RT_LAST - offset;
}

static bool fail_name(struct value_reader *r, const char *text, const char *what)
{
	struct suggestion nearest = suggest_open(strncmp(text, "SIG", 3) == 0 ? text + 3 : text);

	for (size_t i = 0; i < NAMES; i++)
		suggest_consider(&nearest, names[i].text);
	if (!nearest.best)
		return value_fail(r, "'%s' is no %s", text_excerpt(text).text, what);
	return value_fail(r, "'%s' is no %s, did you mean '%s'?", text_excerpt(text).text, what,
			  nearest.best);
}

static void show(const struct writer *w, int number)
{
	for (size_t i = 0; i < NAMES; i++) {
		if (names[i].number == number) {
			writer_text(w, names[i].text);
			return;
		}
	}
	if (number >= RT_FIRST)
		writer_print(w, number == RT_FIRST ? "RTMIN" : "RTMIN+%d", number - RT_FIRST);
	else
		writer_print(w, "%d", number);
}

bool value_read_signal(struct value_reader *r, const char *text, void *out)
{
	uint64_t number;

	if (!text_is_digits(text)) {
		*(int *)out = find(text);
		return *(int *)out != 0 || fail_name(r, text, "signal");
	}
	if (!value_read_digits(r, text, &number))
		return false;
	if (number < 1 || number > RT_LAST || (number >= RT_RESERVED && number < RT_FIRST))
		return value_fail(r, "'%s' is no signal, they are 1 to 31 and %d to %d",
				  text_excerpt(text).text, RT_FIRST, RT_LAST);
	*(int *)out = (int)number;
	return true;
}

bool value_show_signal(const struct writer *w, const void *field)
{
	show(w, *(const int *)field);
	return true;
}

static bool add_exit(struct value_reader *r, const char *item, struct exit_set *set)
{
	uint64_t code;
	int number;

	if (!text_is_digits(item)) {
		number = find(item);
		if (number == 0)
			return fail_name(r, item, "exit code or signal name");
		set->signals |= (uint64_t)1 << (number - 1);
		return true;
	}
	if (!value_read_digits(r, item, &code))
		return false;
	if (code > CODE_MOST)
		return value_fail(r, "'%s' is above %d, the largest exit code",
				  text_excerpt(item).text, CODE_MOST);
	set->codes[code / 64] |= (uint64_t)1 << code % 64;
	return true;
}

bool value_read_exits(struct value_reader *r, const char *text, void *out)
{
	struct word_list list;
	const char *problem;

	if (value_is_none(text))
		return true;
	if (!word_split(r->arena, text, WORD_COMMAS, &list, &problem))
		return value_fail(r, "%s", problem);
	for (size_t i = 0; i < list.count; i++) {
		if (!add_exit(r, list.words[i], out))
			return false;
	}
	return true;
}

bool value_show_exits(const struct writer *w, const void *field)
{
	const struct exit_set *set = field;
	const char *between = "";

	for (unsigned code = 0; code <= CODE_MOST; code++) {
		if (set->codes[code / 64] >> code % 64 & 1) {
			writer_print(w, "%s%u", between, code);
			between = ", ";
		}
	}
	for (int number = 1; number <= RT_LAST; number++) {
		if (set->signals >> (number - 1) & 1) {
			writer_text(w, between);
			show(w, number);
			between = ", ";
		}
	}
	if (between[0] == '\0')
		writer_text(w, "none");
	return true;
}
