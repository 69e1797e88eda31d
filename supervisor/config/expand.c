/*
 * expand: one reader of ${...} for the check and for the expansion, so that they cannot disagree.
 */
#include "expand.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

enum reference { WORKER, INSTANCE, DOLLAR, UNKNOWN };

struct output {
	char *out;
	size_t size;
	size_t length; /* of everything, whether it fitted or not */
};

/* ":02}" or "}": the width, 0 without one, -1 if it is neither; and behind it. */
static int read_width(const char *text, const char **end_out)
{
	if (text[0] == '}') {
		*end_out = text + 1;
		return 0;
	}
	if (text[0] != ':' || text[1] != '0' || text[2] < '1' || text[2] > '9' || text[3] != '}')
		return -1;
	*end_out = text + 4;
	return text[2] - '0';
}

/* What begins at a '$' that '$' or '{' follows. */
static enum reference read_reference(const char *text, int *width_out, const char **end_out)
{
	static const char worker[] = "${WORKER}";
	static const char instance[] = "${INSTANCE";

	if (text[1] == '$') {
		*end_out = text + 2;
		return DOLLAR;
	}
	if (strncmp(text, worker, strlen(worker)) == 0) {
		*end_out = text + strlen(worker);
		return WORKER;
	}
	if (strncmp(text, instance, strlen(instance)) == 0) {
		*width_out = read_width(text + strlen(instance), end_out);
		return *width_out >= 0 ? INSTANCE : UNKNOWN;
	}
	return UNKNOWN;
}

/* The next reference in the text; NULL if there is none. */
static const char *find(const char *text)
{
	for (text = strchr(text, '$'); text; text = strchr(text + 1, '$')) {
		if (text[1] == '$' || text[1] == '{')
			return text;
	}
	return NULL;
}

static bool fail(const char *reference, char problem[EXPAND_PROBLEM])
{
	struct text_excerpt shown = text_excerpt(reference);
	char *close = strchr(shown.text, '}');

	if (close)
		close[1] = '\0';
	snprintf(problem, EXPAND_PROBLEM,
		 "'%s' is not known, only ${WORKER}, ${INSTANCE} and ${INSTANCE:02} are; write $$ "
		 "for a $",
		 shown.text);
	return false;
}

bool expand_check(const char *text, char problem[EXPAND_PROBLEM])
{
	int width = 0;

	while ((text = find(text)) != NULL) {
		if (read_reference(text, &width, &text) == UNKNOWN)
			return fail(text, problem);
	}
	return true;
}

static void put(struct output *o, const char *bytes, size_t size)
{
	if (o->length + 1 < o->size) {
		const size_t room = o->size - 1 - o->length;

		memcpy(o->out + o->length, bytes, size < room ? size : room);
	}
	o->length += size;
}

static void put_reference(struct output *o, enum reference reference, int width, const char *worker,
			  unsigned instance)
{
	char digits[24];

	assert(reference != UNKNOWN); /* checked when the configuration was read */
	switch (reference) {
	case WORKER:
		put(o, worker, strlen(worker));
		return;
	case INSTANCE:
		snprintf(digits, sizeof(digits), "%0*u", width, instance);
		put(o, digits, strlen(digits));
		return;
	case DOLLAR:
		put(o, "$", 1);
		return;
	case UNKNOWN:
		return;
	}
}

size_t expand(const char *text, const char *worker, unsigned instance, char *out, size_t size)
{
	struct output o = {.out = out, .size = size};
	const char *dollar;

	while ((dollar = find(text)) != NULL) {
		int width = 0;
		enum reference reference;

		put(&o, text, (size_t)(dollar - text));
		reference = read_reference(dollar, &width, &text);
		put_reference(&o, reference, width, worker, instance);
	}
	put(&o, text, strlen(text));
	if (size > 0)
		out[o.length < size ? o.length : size - 1] = '\0';
	return o.length;
}
