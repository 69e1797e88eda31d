/*
 * problem: a bounded list of sentences. Never fails: without memory a problem is counted and told
 * shortly.
 */
#include "problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void problem_add_text(struct problem_list *list, enum problem_severity severity, struct place place,
		      const char *text)
{
	const size_t index = list->count[severity]++;

	if (index < PROBLEM_SHOWN_MOST)
		list->kept[severity][index] = (struct problem){place, text};
}

void problem_add(struct problem_list *list, enum problem_severity severity, struct place place,
		 const char *format, ...)
{
	char text[PROBLEM_TEXT];
	const char *copy = NULL;
	va_list arguments;

	if (list->count[severity] < PROBLEM_SHOWN_MOST) {
		va_start(arguments, format);
		vsnprintf(text, sizeof(text), format, arguments);
		va_end(arguments);
		copy = arena_text(list->arena, text);
	}
	problem_add_text(list, severity, place, copy ? copy : "not enough memory");
}

bool problem_is_wanted(const struct problem_list *list)
{
	return list->count[PROBLEM_ERROR] < PROBLEM_SHOWN_MOST;
}

size_t problem_kept(const struct problem_list *list, enum problem_severity severity)
{
	size_t count = list->count[severity];

	return count < PROBLEM_SHOWN_MOST ? count : PROBLEM_SHOWN_MOST;
}

static bool is_before(const struct problem *a, const struct problem *b)
{
	if (a->place.order != b->place.order)
		return a->place.order < b->place.order;
	return a->place.line < b->place.line;
}

/* By insertion: the list is short, and problems of one place keep their order. */
static void sort(struct problem *kept, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		struct problem p = kept[i];
		size_t to = i;

		for (; to > 0 && is_before(&p, &kept[to - 1]); to--)
			kept[to] = kept[to - 1];
		kept[to] = p;
	}
}

void problem_sort(struct problem_list *list)
{
	sort(list->kept[PROBLEM_ERROR], problem_kept(list, PROBLEM_ERROR));
	sort(list->kept[PROBLEM_WARNING], problem_kept(list, PROBLEM_WARNING));
}

static void print_one(const struct problem *p, enum problem_severity severity,
		      const struct writer *w)
{
	if (p->place.file) {
		writer_text(w, p->place.file);
		if (p->place.line > 0)
			writer_print(w, ":%u", p->place.line);
		writer_text(w, ": ");
	}
	writer_text(w, severity == PROBLEM_ERROR ? "error: " : "warning: ");
	writer_text(w, p->text);
	writer_text(w, "\n");
}

/* "3 errors, 1 warning" */
static void print_counts(size_t errors, size_t warnings, const struct writer *w)
{
	if (errors > 0)
		writer_print(w, "%zu error%s", errors, errors == 1 ? "" : "s");
	if (errors > 0 && warnings > 0)
		writer_text(w, ", ");
	if (warnings > 0)
		writer_print(w, "%zu warning%s", warnings, warnings == 1 ? "" : "s");
}

void problem_print(const struct problem_list *list, const struct writer *w)
{
	const size_t errors = list->count[PROBLEM_ERROR];
	const size_t warnings = list->count[PROBLEM_WARNING];
	const size_t errors_kept = problem_kept(list, PROBLEM_ERROR);
	const size_t warnings_kept = problem_kept(list, PROBLEM_WARNING);

	for (size_t i = 0; i < errors_kept; i++)
		print_one(&list->kept[PROBLEM_ERROR][i], PROBLEM_ERROR, w);
	for (size_t i = 0; i < warnings_kept; i++)
		print_one(&list->kept[PROBLEM_WARNING][i], PROBLEM_WARNING, w);
	if (errors > errors_kept || warnings > warnings_kept) {
		writer_text(w, "not shown: ");
		print_counts(errors - errors_kept, warnings - warnings_kept, w);
		writer_text(w, "\n");
	}
	print_counts(errors, warnings, w);
	if (errors + warnings > 0)
		writer_text(w, "\n");
}
