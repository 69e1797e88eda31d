/* value_types: one read and one show function per type, for value.c; and what they share. */
#ifndef BROOD_VALUE_TYPES_H
#define BROOD_VALUE_TYPES_H

#include "value.h"

#define TYPE(name, field, form)                                                                    \
	MUST_USE bool value_read_##name(struct value_reader *r, const char *text, void *out);      \
	MUST_USE bool value_show_##name(const struct writer *w, const void *field_of_type);
#include "type.def"

/* Keeps the sentence. */
PRINTF_LIKE(2, 3) void value_set_problem(struct value_reader *r, const char *format, ...);
/* Always false, for `return value_fail(...)`; a macro, so that compilers see that it is. */
#define value_fail(...) (value_set_problem(__VA_ARGS__), false)

bool value_is_none(const char *text);
/* Base 10 digits and nothing else, no leading zero; says what else it is. */
MUST_USE bool value_read_digits(struct value_reader *r, const char *text, uint64_t *number_out);

#endif
