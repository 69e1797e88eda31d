/*
 * source: feeds inih line by line.
 *
 * inih calls the handler of a line before it asks for the next one, so the number of the line that
 * was handed over last is the number of the entry. Does not know which sections and keys there are.
 */
#include "source.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include <ini.h>

#include "text.h"
#include "word.h"

/* Where entries go that are read now. */
enum position { BEFORE_SECTIONS, IN_SECTION, IN_BAD_SECTION };

struct span {
	const char *text;
	size_t size;
};

struct reader {
	const struct source_taker *taker;
	struct problem_list *problems;
	const char *at; /* the next line */
	const char *end;
	struct place place; /* of the line handed over last */
	struct span key;    /* and what it says */
	struct span value;
	enum position position;
	bool is_plain;
};

bool source_has_settings(void)
{
#if BROOD_INIH_SETTINGS
	return true;
#else
	return false;
#endif
}

/* Either what brood needs, or what inih has where nothing can be set. */
static void set_inih(bool is_plain)
{
#if BROOD_INIH_SETTINGS
	ini_use_stack = is_plain;
	ini_allow_realloc = false;
	ini_max_line = is_plain ? SOURCE_PLAIN_LINE_MOST + 2 : SOURCE_LINE_MOST + 2;
	ini_initial_alloc = ini_max_line;
	ini_allow_multiline = is_plain;
	ini_allow_inline_comments = is_plain;
	ini_allow_no_value = false;
	ini_stop_on_first_error = false;
#else
	(void)is_plain;
#endif
}

static bool refuse(struct reader *r)
{
	if (r->position == IN_SECTION)
		r->taker->refused(r->taker->context);
	return false;
}

static bool check_text(struct reader *r, const char *line, size_t size)
{
	size_t column = 0;
	unsigned byte = 0;

	switch (text_check(line, size, &column, &byte)) {
	case TEXT_FINE:
		return true;
	case TEXT_CONTROL:
		problem_add(r->problems, PROBLEM_ERROR, r->place,
			    "control character (byte 0x%02x) in column %zu", byte, column);
		break;
	case TEXT_BOM:
		problem_add(
			r->problems, PROBLEM_ERROR, r->place,
			"byte order mark in column %zu, it may stand at the start of a file only",
			column);
		break;
	case TEXT_INVALID:
		problem_add(r->problems, PROBLEM_ERROR, r->place,
			    "byte 0x%02x in column %zu is not UTF-8, save the file as UTF-8", byte,
			    column);
		break;
	}
	return refuse(r);
}

static bool check_length(struct reader *r, size_t size, size_t room)
{
	if (size + 2 <= room) /* its end and a NUL */
		return true;
	problem_add(r->problems, PROBLEM_ERROR, r->place, "line is %zu bytes, at most %zu %s", size,
		    room - 2, r->is_plain ? "with this build of inih" : "are allowed");
	return refuse(r);
}

/* A header: tells it, and whether inih may see it. */
static bool check_header(struct reader *r, const char *line, size_t size)
{
	char name[SOURCE_SECTION_MOST + 1];
	const char *close = memchr(line, ']', size);
	size_t length = close ? (size_t)(close - line) - 1 : 0;
	const char *problem = NULL;

	r->position = IN_BAD_SECTION;
	if (!close)
		problem = "section header without ']'";
	else if (close + 1 != line + size)
		problem = "text after ']', a section header stands alone in its line";
	else if (length == 0)
		problem = "section without a name";
	if (problem) {
		problem_add(r->problems, PROBLEM_ERROR, r->place, "%s", problem);
		return false;
	}
	if (length > SOURCE_SECTION_MOST) {
		problem_add(r->problems, PROBLEM_ERROR, r->place,
			    "section name is %zu bytes, at most %d are allowed", length,
			    SOURCE_SECTION_MOST);
		return false;
	}
	memcpy(name, line + 1, length);
	name[length] = '\0';
	r->position = IN_SECTION;
	r->taker->section(r->taker->context, r->place.line, name);
	return !memchr(name, ';', length); /* inih might end the name there */
}

/* Is there a blank and a ';' behind it, where inih begins a comment? */
static bool has_inline_comment(const char *line, size_t size)
{
	for (size_t i = 1; i < size; i++) {
		if (line[i] == ';' && text_is_blank(line[i - 1]))
			return true;
	}
	return false;
}

static bool check_comment(struct reader *r, const char *line, size_t size, const char *value)
{
	char mark;

	if (r->is_plain && has_inline_comment(line, size)) {
		problem_add(r->problems, PROBLEM_ERROR, r->place,
			    "' ;' in a value: this build of inih would cut the value there");
		return refuse(r);
	}
	mark = word_find_comment(value, (size_t)(line + size - value));
	if (mark != '\0')
		problem_add(r->problems, PROBLEM_WARNING, r->place,
			    "' %c' is part of the value, comments stand in lines of their own; "
			    "quote it if it is meant",
			    mark);
	return true;
}

static struct span trim(const char *text, size_t size)
{
	while (size > 0 && text_is_blank(text[size - 1]))
		size--;
	while (size > 0 && text_is_blank(text[0])) {
		text++;
		size--;
	}
	return (struct span){text, size};
}

static bool check_entry(struct reader *r, const char *line, size_t size)
{
	size_t key = 0;

	switch (r->position) {
	case IN_BAD_SECTION:
		return false; /* its header has been reported */
	case BEFORE_SECTIONS:
		problem_add(r->problems, PROBLEM_ERROR, r->place,
			    "entry outside any section, begin with one such as [worker:NAME]");
		return false;
	case IN_SECTION:
		break;
	}
	while (key < size && line[key] != '=' && line[key] != ':')
		key++;
	if (key == size) {
		problem_add(r->problems, PROBLEM_ERROR, r->place,
			    "no '=' in this line, write KEY = VALUE");
		return refuse(r);
	}
	if (key == 0) {
		problem_add(r->problems, PROBLEM_ERROR, r->place, "no key before '%c'", line[0]);
		return refuse(r);
	}
	r->key = trim(line, key);
	r->value = trim(line + key + 1, size - key - 1);
	return check_comment(r, line, size, line + key + 1);
}

/* May inih see this line? `size` is without its end and the blanks before it. */
static bool check_line(struct reader *r, const char *line, size_t size, size_t room)
{
	size_t indent = 0;

	if (!check_text(r, line, size))
		return false;
	while (indent < size && text_is_blank(line[indent]))
		indent++;
	if (indent == size || line[indent] == '#' || line[indent] == ';')
		return false; /* nothing there for inih */
	if (!check_length(r, size, room))
		return false;
	if (indent > 0) {
		problem_add(r->problems, PROBLEM_ERROR, r->place,
			    "indented line: begin it in the first column, or join it to the line "
			    "before");
		return refuse(r);
	}
	return line[0] == '[' ? check_header(r, line, size) : check_entry(r, line, size);
}

/*
 * ini_reader: like fgets(). What inih shall not see becomes an empty line, so that lines keep their
 * numbers.
 */
static char *hand_over(char *out, int room, void *context)
{
	struct reader *r = context;
	const char *line = r->at;
	const char *newline;
	size_t size;

	assert(room > 2);
	if (line == r->end)
		return NULL;
	newline = memchr(line, '\n', (size_t)(r->end - line));
	size = (size_t)((newline ? newline : r->end) - line);
	r->at = newline ? newline + 1 : r->end;
	if (newline && size > 0 && line[size - 1] == '\r')
		size--;
	while (size > 0 && text_is_blank(line[size - 1]))
		size--;
	r->place.line++;
	if (!check_line(r, line, size, (size_t)room))
		size = 0;
	memcpy(out, line, size);
	out[size] = '\n';
	out[size + 1] = '\0';
	return out;
}

static bool is_same(const struct span *span, const char *text)
{
	return text && strlen(text) == span->size && memcmp(span->text, text, span->size) == 0;
}

/*
 * ini_handler. inih can be built in ways that nobody here has seen: what it says must be what was
 * checked.
 */
static int take(void *context, const char *section, const char *key, const char *value)
{
	struct reader *r = context;

	(void)section; /* known from the header, also where inih has cut it */
	if (!is_same(&r->key, key) || !is_same(&r->value, value)) {
		problem_add(r->problems, PROBLEM_ERROR, r->place,
			    "this build of inih reads something else here than the line says");
		(void)refuse(r);
		return 1;
	}
	r->taker->entry(r->taker->context, r->place.line, key, value);
	return 1;
}

bool source_read(const struct source *source, const struct source_taker *taker,
		 struct problem_list *problems)
{
	static const char mark[] = "\xef\xbb\xbf";
	struct reader r = {
		.taker = taker,
		.problems = problems,
		.at = source->bytes,
		.end = source->bytes + source->size,
		.place = source->place,
		.is_plain = source->is_plain || !source_has_settings(),
	};
	int rc;

	r.place.line = 0;
	if (source->size >= 3 && memcmp(source->bytes, mark, 3) == 0)
		r.at += 3;
	set_inih(r.is_plain);
	rc = ini_parse_stream(hand_over, &r, take, &r);
	if (rc > 0) {
		r.place.line = (unsigned)rc;
		problem_add(problems, PROBLEM_ERROR, r.place,
			    "this build of inih cannot read this line");
	}
	return rc >= 0;
}
