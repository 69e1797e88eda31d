/*
 * escape: text of others made safe for logs, terminals and JSON. One function for every place.
 *
 * Kept: TAB and printable UTF-8, the backslash too. All else becomes \xNN (bytes) or \u{N} (characters): control
 * characters, also C1 as UTF-8, invalid UTF-8, characters that change the direction of text, line separators,
 * and the byte order mark. What comes out is valid UTF-8 on one line.
 */
#ifndef BROOD_ESCAPE_H
#define BROOD_ESCAPE_H

#include <stddef.h>

/* One byte of input makes at most so many of output. */
enum { ESCAPE_GROWTH = 4 };

/*
 * Writes as much of the escaped text as fits, never a part of a character or escape, and ends it with NUL (size must
 * not be 0). Returns its length. *used_out (may be NULL) tells how many bytes of the input it stands for.
 */
size_t escape_text(const void *text, size_t length, char *out, size_t size, size_t *used_out);

#endif
