/* value: finds the functions of a type, by the table in type.def. */
#include "value.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "text.h"
#include "value_types.h"

struct type {
	bool (*read)(struct value_reader *r, const char *text, void *out);
	bool (*show)(const struct writer *w, const void *field);
	const char *form;
};

static const struct type types[VALUE_TYPES] = {
#define TYPE(name, field, form) [VALUE_##name] = {value_read_##name, value_show_##name, form},
#include "type.def"
};

bool value_read(struct value_reader *reader, enum value_type type, const char *text,
		void *field_out)
{
	return types[type].read(reader, text, field_out);
}

bool value_show(const struct writer *w, enum value_type type, const void *field)
{
	return types[type].show(w, field);
}

const char *value_form(enum value_type type)
{
	return types[type].form;
}

void value_set_problem(struct value_reader *r, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(r->problem, sizeof(r->problem), format, arguments);
	va_end(arguments);
}

bool value_is_none(const char *text)
{
	return strcmp(text, "none") == 0;
}

bool value_number(enum value_type type, const void *field, int64_t *number_out)
{
	if (type == VALUE_count || type == VALUE_percent || type == VALUE_slots)
		*number_out = *(const uint32_t *)field;
	else if (type == VALUE_nice)
		*number_out = *(const int *)field;
	else if (type == VALUE_duration)
		*number_out = ((const struct duration *)field)->ms;
	else if (type == VALUE_size)
		*number_out = (int64_t)((const struct size *)field)->bytes;
	else if (type == VALUE_mode)
		*number_out = ((const struct file_mode *)field)->bits;
	else
		return false;
	if (type == VALUE_nice)
		return *number_out != SPEC_NICE_INHERITED;
	return type != VALUE_slots || *number_out != 0;
}

bool value_check_name(struct value_reader *r, const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
	const size_t size = strlen(name);

	if (size == 0)
		return value_fail(r, "a name is missing");
	if (size > SPEC_NAME_MOST)
		return value_fail(r, "name is %zu bytes, at most %d are allowed", size,
				  SPEC_NAME_MOST);
	if (strspn(name, allowed) != size)
		return value_fail(r, "name '%s' may hold a-z, 0-9, _ and - only",
				  text_excerpt(name).text);
	if (name[0] == '-' || name[0] == '_')
		return value_fail(r, "name '%s' must begin with a letter or a digit", name);
	if (strcmp(name, "all") == 0)
		return value_fail(r, "name 'all' stands for all workers, choose another one");
	return true;
}
