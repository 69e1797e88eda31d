/* writer: formats into a small buffer and hands over. Holds nothing, fails never. */
#include "writer.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

static void put_to_file(void *context, const char *bytes, size_t size)
{
	size_t put = fwrite(bytes, 1, size, context);

	(void)put; /* the stream remembers its error */
}

struct writer writer_to_file(FILE *file)
{
	return (struct writer){put_to_file, file};
}

static void ignore(void *context, const char *bytes, size_t size)
{
	(void)context;
	(void)bytes;
	(void)size;
}

struct writer writer_to_nowhere(void)
{
	return (struct writer){ignore, NULL};
}

void writer_put(const struct writer *w, const char *bytes, size_t size)
{
	if (size > 0)
		w->put(w->context, bytes, size);
}

void writer_text(const struct writer *w, const char *text)
{
	writer_put(w, text, strlen(text));
}

void writer_print(const struct writer *w, const char *format, ...)
{
	char text[WRITER_PRINT_MOST + 1];
	va_list arguments;
	int size;

	va_start(arguments, format);
	size = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	assert(size >= 0);
	writer_put(w, text, (size_t)size < sizeof(text) ? (size_t)size : sizeof(text) - 1);
}

/* Bytes of `text` that go into a line of `room` columns: up to the last blank that fits. */
static size_t line_size(const char *text, size_t room)
{
	size_t size = strlen(text);
	size_t cut = 0;

	if (size <= room)
		return size;
	for (size_t i = 0; i < size && (i <= room || cut == 0); i++) {
		if (text[i] == ' ')
			cut = i;
	}
	return cut > 0 ? cut : size;
}

void writer_wrap(const struct writer *w, const char *prefix, const char *text, size_t width)
{
	size_t room = width > strlen(prefix) ? width - strlen(prefix) : 1;

	while (text[0] != '\0') {
		size_t size = line_size(text, room);

		writer_text(w, prefix);
		writer_put(w, text, size);
		writer_put(w, "\n", 1);
		text += size;
		text += strspn(text, " ");
	}
}
