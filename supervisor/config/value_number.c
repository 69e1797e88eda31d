/*
 * value_number: counts, percentages, times, sizes and modes.
 *
 * Base 10 (modes: 8), no sign where none makes sense, no leading zeros, nothing behind the number
 * but its unit; too large is told, never wrapped. 0 and none mean off; whether that is legal is for
 * the limits of the key.
 */
#include "value_types.h"

#include <string.h>

#include "text.h"

struct unit {
	const char *name;
	uint64_t factor;
};

/* The first is shown when it divides the number. */
static const struct unit times[] = {{"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};
static const struct unit sizes[] = {{"G", 1u << 30}, {"M", 1u << 20}, {"K", 1u << 10}, {"", 1}};

enum { UNITS = 4, DIGITS_MOST = 20 };

bool value_read_digits(struct value_reader *r, const char *text, uint64_t *number_out)
{
	uint64_t number = 0;

	if (!text_is_digits(text))
		return value_fail(r, "'%s' is not a whole number", text_excerpt(text).text);
	if (text[0] == '0' && text[1] != '\0')
		return value_fail(r, "'%s' has a leading zero, write it without",
				  text_excerpt(text).text);
	for (const char *c = text; *c != '\0'; c++) {
		const uint64_t digit = (uint64_t)(*c - '0');

		if (number > ((uint64_t)INT64_MAX - digit) / 10)
			return value_fail(r, "'%s' is too large", text_excerpt(text).text);
		number = number * 10 + digit;
	}
	*number_out = number;
	return true;
}

/*
 * Digits and a unit; false without a sentence if there are no digits or the unit is not one of
 * these.
 */
static bool split_unit(const char *text, const struct unit *units, char digits[DIGITS_MOST + 1],
		       uint64_t *factor_out)
{
	const size_t size = strspn(text, "0123456789");

	if (size == 0 || size > DIGITS_MOST)
		return false;
	memcpy(digits, text, size);
	digits[size] = '\0';
	for (int i = 0; i < UNITS; i++) {
		if (strcmp(text + size, units[i].name) == 0) {
			*factor_out = units[i].factor;
			return true;
		}
	}
	return false;
}

static bool multiply(struct value_reader *r, const char *text, const char *digits, uint64_t factor,
		     uint64_t *product_out)
{
	uint64_t number;

	if (!value_read_digits(r, digits, &number))
		return false;
	if (number > (uint64_t)INT64_MAX / factor)
		return value_fail(r, "'%s' is too large", text_excerpt(text).text);
	*product_out = number * factor;
	return true;
}

static void show_unit(const struct writer *w, const struct unit *units, uint64_t number)
{
	int i = 0;

	while (number % units[i].factor != 0)
		i++;
	writer_print(w, "%llu%s", (unsigned long long)(number / units[i].factor), units[i].name);
}

bool value_read_count(struct value_reader *r, const char *text, void *out)
{
	uint64_t number;

	if (value_is_none(text))
		return true;
	if (!value_read_digits(r, text, &number))
		return false;
	if (number > UINT32_MAX)
		return value_fail(r, "'%s' is too large", text_excerpt(text).text);
	*(uint32_t *)out = (uint32_t)number;
	return true;
}

bool value_show_count(const struct writer *w, const void *field)
{
	writer_print(w, "%u", *(const uint32_t *)field);
	return true;
}

bool value_read_nice(struct value_reader *r, const char *text, void *out)
{
	const bool is_negative = text[0] == '-';
	uint64_t number;

	if (strcmp(text, "inherit") == 0) {
		*(int *)out = SPEC_NICE_INHERITED;
		return true;
	}
	if (!value_read_digits(r, text + is_negative, &number))
		return false;
	if (number > INT32_MAX)
		return value_fail(r, "'%s' is too large", text_excerpt(text).text);
	*(int *)out = is_negative ? -(int)number : (int)number;
	return true;
}

bool value_show_nice(const struct writer *w, const void *field)
{
	if (*(const int *)field == SPEC_NICE_INHERITED)
		writer_text(w, "inherit");
	else
		writer_print(w, "%d", *(const int *)field);
	return true;
}

/* One end of a range. */
static bool read_instances(struct value_reader *r, const char *text, uint32_t *out)
{
	uint64_t number;

	if (strcmp(text, "cpus") == 0) {
		*out = r->world->cpus < SPEC_INSTANCES_MOST ? r->world->cpus : SPEC_INSTANCES_MOST;
		return true;
	}
	if (!value_read_digits(r, text, &number))
		return false;
	if (number > SPEC_INSTANCES_MOST)
		return value_fail(r, "'%s' is above %d", text_excerpt(text).text, SPEC_INSTANCES_MOST);
	*out = (uint32_t)number;
	return true;
}

static const char *find_dots(const char *text)
{
	const char *dot = strchr(text, '.');

	return dot && dot[1] == '.' ? dot : NULL;
}

bool value_read_instances(struct value_reader *r, const char *text, void *out)
{
	const char *dots = find_dots(text);
	struct instance_range range;
	char first[DIGITS_MOST + 1] = "";

	if (dots && (size_t)(dots - text) >= sizeof(first))
		return value_fail(r, "'%s' is not %s", text_excerpt(text).text, value_form(VALUE_instances));
	if (dots)
		memcpy(first, text, (size_t)(dots - text));
	if (!read_instances(r, dots ? first : text, &range.least) ||
	    !read_instances(r, dots ? dots + 2 : text, &range.most))
		return false;
	if (range.most == 0)
		return value_fail(r,
				  "'%s' would mean no process at all; 0..1 starts it on the first call, autostart = no "
				  "not before `brood start`",
				  text_excerpt(text).text);
	if (range.least > range.most)
		return value_fail(r, "'%s' ends below its beginning: %u is less than %u", text_excerpt(text).text,
				  range.most, range.least);
	*(struct instance_range *)out = range;
	return true;
}

bool value_show_instances(const struct writer *w, const void *field)
{
	const struct instance_range *range = field;

	if (range->least == range->most)
		writer_print(w, "%u", range->most);
	else
		writer_print(w, "%u..%u", range->least, range->most);
	return true;
}

bool value_read_percent(struct value_reader *r, const char *text, void *out)
{
	const size_t size = strlen(text);
	char digits[DIGITS_MOST + 1];

	if (text_is_digits(text) && strcmp(text, "0") != 0)
		return value_fail(r, "'%s' has no unit, write %s%%", text_excerpt(text).text,
				  text_excerpt(text).text);
	if (size < 2 || size > sizeof(digits) || text[size - 1] != '%')
		return value_read_count(r, text, out); /* 0, none, or no number */
	memcpy(digits, text, size - 1);
	digits[size - 1] = '\0';
	return value_read_count(r, digits, out);
}

bool value_show_percent(const struct writer *w, const void *field)
{
	writer_print(w, "%u%%", *(const uint32_t *)field);
	return true;
}

bool value_read_slots(struct value_reader *r, const char *text, void *out)
{
	if (strcmp(text, "auto") == 0)
		return true;
	if (strcmp(text, "0") == 0 || value_is_none(text))
		return value_fail(r, "'%s' would mean no calls at all, write auto or a number",
				  text);
	return value_read_count(r, text, out);
}

bool value_show_slots(const struct writer *w, const void *field)
{
	if (*(const uint32_t *)field != 0)
		return value_show_count(w, field);
	writer_text(w, "auto");
	return true;
}

bool value_read_duration(struct value_reader *r, const char *text, void *out)
{
	struct duration *duration = out;
	char digits[DIGITS_MOST + 1];
	uint64_t factor;
	uint64_t ms;

	if (strcmp(text, "0") == 0 || value_is_none(text))
		return true;
	if (text_is_digits(text))
		return value_fail(r, "'%s' has no unit, write %ss", text_excerpt(text).text,
				  text_excerpt(text).text);
	if (!split_unit(text, times, digits, &factor))
		return value_fail(r, "'%s' is not a time such as 250ms, 10s, 5m or 24h",
				  text_excerpt(text).text);
	if (!multiply(r, text, digits, factor, &ms))
		return false;
	duration->ms = (int64_t)ms;
	return true;
}

bool value_show_duration(const struct writer *w, const void *field)
{
	const int64_t ms = ((const struct duration *)field)->ms;

	if (ms == 0)
		writer_text(w, "0");
	else
		show_unit(w, times, (uint64_t)ms);
	return true;
}

bool value_read_size(struct value_reader *r, const char *text, void *out)
{
	char digits[DIGITS_MOST + 1];
	uint64_t factor;

	if (value_is_none(text))
		return true;
	if (text_is_digits(text))
		return value_read_digits(r, text, &((struct size *)out)->bytes);
	if (!split_unit(text, sizes, digits, &factor))
		return value_fail(r, "'%s' is not a size such as 4096, 64K, 16M or 1G",
				  text_excerpt(text).text);
	return multiply(r, text, digits, factor, &((struct size *)out)->bytes);
}

bool value_show_size(const struct writer *w, const void *field)
{
	const uint64_t bytes = ((const struct size *)field)->bytes;

	if (bytes == 0)
		writer_text(w, "0");
	else
		show_unit(w, sizes, bytes);
	return true;
}

bool value_read_mode(struct value_reader *r, const char *text, void *out)
{
	unsigned bits = 0;

	if (strspn(text, "01234567") != strlen(text) || strlen(text) > 5)
		return value_fail(r, "'%s' is not an octal mode such as 0660",
				  text_excerpt(text).text);
	for (; *text != '\0'; text++)
		bits = bits << 3 | (unsigned)(*text - '0');
	((struct file_mode *)out)->bits = bits;
	return true;
}

bool value_show_mode(const struct writer *w, const void *field)
{
	writer_print(w, "%04o", ((const struct file_mode *)field)->bits);
	return true;
}
