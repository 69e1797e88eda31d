/*
 * word: splits into one buffer, word behind word, each with a NUL; the list of pointers is made at
 * the end.
 *
 * A word never takes more room than its text, so the buffer is as long as the text. Knows nothing
 * of ${...}: that is expand's.
 */
#include "word.h"

#include <string.h>

#include "text.h"

struct splitter {
	const char *in;
	char *out;
	enum word_separator separator;
	const char *problem;
};

static bool fail(struct splitter *s, const char *problem)
{
	s->problem = problem;
	return false;
}

static bool copy_single(struct splitter *s)
{
	const char *close = strchr(++s->in, '\'');
	size_t size;

	if (!close)
		return fail(s, "a ' is never closed");
	size = (size_t)(close - s->in);
	memcpy(s->out, s->in, size);
	s->out += size;
	s->in = close + 1;
	return true;
}

static bool copy_double(struct splitter *s)
{
	for (s->in++; *s->in != '"'; s->in++) {
		if (*s->in == '\\' && (s->in[1] == '"' || s->in[1] == '\\'))
			s->in++;
		if (*s->in == '\0')
			return fail(s, "a \" is never closed");
		*s->out++ = *s->in;
	}
	s->in++;
	return true;
}

static bool is_separator(const struct splitter *s, char c)
{
	switch (s->separator) {
	case WORD_BLANKS:
		return text_is_blank(c);
	case WORD_COMMAS:
		return c == ',';
	case WORD_WHOLE:
		break;
	}
	return false;
}

/* One word up to its separator, unquoted; blanks at its end are dropped unless they were quoted. */
static bool copy_word(struct splitter *s)
{
	char *keep = s->out;
	const char *start = s->in;

	while (*s->in != '\0' && !is_separator(s, *s->in)) {
		const char c = *s->in;

		if (c == '\'' || c == '"') {
			if (!(c == '"' ? copy_double(s) : copy_single(s)))
				return false;
			keep = s->out;
			continue;
		}
		if (c == '\\' && s->in[1] != '\0' && strchr(" \t'\"\\", s->in[1]))
			return fail(
				s, "a \\ before a blank, a quote or a \\ must itself be in quotes");
		*s->out++ = c;
		s->in++;
		if (!text_is_blank(c))
			keep = s->out;
	}
	if (s->in == start)
		return fail(s, "an item of the list is empty");
	s->out = keep;
	*s->out++ = '\0';
	return true;
}

static void skip_blanks(struct splitter *s)
{
	while (text_is_blank(*s->in))
		s->in++;
}

_Static_assert(WORD_COUNT_MOST == 1024, "the sentence below names the number");

/* All words into the buffer; how many. */
static bool copy_words(struct splitter *s, size_t *count_out)
{
	bool is_open = true; /* a comma promises another item */

	*count_out = 0;
	skip_blanks(s);
	while (*s->in != '\0' || (is_open && s->separator == WORD_COMMAS)) {
		if (++*count_out > WORD_COUNT_MOST)
			return fail(s, "more than 1024 words or items");
		if (!copy_word(s))
			return false;
		is_open = *s->in != '\0';
		if (is_open)
			s->in++;
		skip_blanks(s);
	}
	return true;
}

bool word_split(struct arena *arena, const char *text, enum word_separator separator,
		struct word_list *list_out, const char **problem_out)
{
	char *buffer = arena_take(arena, strlen(text) + 1);
	struct splitter s = {.in = text, .out = buffer, .separator = separator};
	size_t count = 0;

	*problem_out = "not enough memory";
	if (!buffer)
		return false;
	if (!copy_words(&s, &count)) {
		*problem_out = s.problem;
		return false;
	}
	list_out->words = arena_array(arena, count + 1, sizeof(char *));
	list_out->count = count;
	if (!list_out->words)
		return false;
	for (size_t i = 0; i < count; i++) {
		list_out->words[i] = buffer;
		buffer += strlen(buffer) + 1;
	}
	return true;
}

static void show_escaped(const struct writer *w, const char *word)
{
	writer_text(w, "\"");
	while (word[0] != '\0') {
		size_t size = strcspn(word, "\"\\");

		writer_put(w, word, size);
		word += size;
		if (word[0] == '\0')
			break;
		writer_text(w, "\\");
		writer_put(w, word++, 1);
	}
	writer_text(w, "\"");
}

void word_show(const struct writer *w, const char *word, enum word_separator separator)
{
	const bool is_plain = word[0] != '\0' && !strpbrk(word, " \t'\"\\;#,") &&
			      (separator != WORD_WHOLE || strcmp(word, "none") != 0);

	if (is_plain) {
		writer_text(w, word);
	} else if (!strpbrk(word, "\"\\")) {
		writer_text(w, "\"");
		writer_text(w, word);
		writer_text(w, "\"");
	} else if (!strchr(word, '\'')) {
		writer_text(w, "'");
		writer_text(w, word);
		writer_text(w, "'");
	} else {
		show_escaped(w, word);
	}
}

char word_find_comment(const char *text, size_t size)
{
	char quote = '\0';

	for (size_t i = 0; i < size; i++) {
		if (quote == '"' && text[i] == '\\')
			i++;
		else if (quote != '\0')
			quote = text[i] == quote ? '\0' : quote;
		else if (text[i] == '\'' || text[i] == '"')
			quote = text[i];
		else if ((text[i] == ';' || text[i] == '#') && i > 0 && text_is_blank(text[i - 1]))
			return text[i];
	}
	return '\0';
}
