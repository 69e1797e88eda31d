/* writer: where text for people goes, by a callback. */
#ifndef BROOD_WRITER_H
#define BROOD_WRITER_H

#include <stddef.h>
#include <stdio.h>

#include "attributes.h"

enum { WRITER_PRINT_MOST = 1024 }; /* bytes that one writer_print() may make */

struct writer {
	void (*put)(void *context, const char *bytes, size_t size);
	void *context;
};

/* Errors of the stream are its owner's to ask for (ferror). */
struct writer writer_to_file(FILE *file);
struct writer writer_to_nowhere(void);

void writer_put(const struct writer *w, const char *bytes, size_t size);
void writer_text(const struct writer *w, const char *text);
/* For short things; what is longer than WRITER_PRINT_MOST is cut. */
PRINTF_LIKE(2, 3) void writer_print(const struct writer *w, const char *format, ...);
/* `text` in lines of at most `width` columns, each behind `prefix`. */
void writer_wrap(const struct writer *w, const char *prefix, const char *text, size_t width);

#endif
