/* base64: RFC 4648, with padding. Bodies of calls in JSON. */
#ifndef BROOD_BASE64_H
#define BROOD_BASE64_H

#include <stddef.h>

/* Text from malloc(), ended by NUL; NULL without memory. */
char *base64_encode(const void *bytes, size_t size);
/* Bytes from malloc() (at least one); NULL without memory or if the text is not base64. */
void *base64_decode(const char *text, size_t length, size_t *size_out);

#endif
