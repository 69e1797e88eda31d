/* text: what characters a configuration may hold, and how a piece of it is shown in a message. */
#ifndef BROOD_TEXT_H
#define BROOD_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "attributes.h"

enum text_flaw {
	TEXT_FINE,
	TEXT_CONTROL, /* C0 but TAB, DEL, C1 */
	TEXT_BOM,     /* U+FEFF */
	TEXT_INVALID, /* not UTF-8 */
};

/* What is wrong first, and where: characters before it + 1, and its first byte. */
MUST_USE enum text_flaw text_check(const char *bytes, size_t size, size_t *column_out,
				   unsigned *byte_out);

enum { TEXT_EXCERPT_MOST = 60 };

struct text_excerpt {
	char text[TEXT_EXCERPT_MOST + 4];
};

/* The beginning of checked text, cut between characters, with "..." if it was cut. */
struct text_excerpt text_excerpt(const char *text);

/* Blank as brood sees it: space and TAB. */
bool text_is_blank(char c);
bool text_is_digits(const char *text);

#endif
