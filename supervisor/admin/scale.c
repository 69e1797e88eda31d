/* scale: see scale.h. */
#include "scale.h"

#include <stdio.h>
#include <string.h>

#include "size.h"
#include "text.h"

enum { DIGITS_MOST = 6 };

/* All digits, `length` of them. */
static bool read_number(const char *text, size_t length, uint32_t *out)
{
	*out = 0;
	if (length == 0 || length > DIGITS_MOST)
		return false;
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		*out = *out * 10 + (uint32_t)(text[i] - '0');
	}
	return true;
}

static const char *find_dots(const char *text)
{
	const char *dot = strchr(text, '.');

	return dot && dot[1] == '.' ? dot : NULL;
}

/* As it is written; the order of the two is not looked at. */
static bool read_range(const char *text, uint32_t now, uint32_t *least, uint32_t *most)
{
	const char *dots = find_dots(text);

	if (dots)
		return read_number(text, (size_t)(dots - text), least) &&
		       read_number(dots + 2, strlen(dots + 2), most);
	if (*text != '+' && *text != '-') {
		*most = 0;
		if (!read_number(text, strlen(text), least))
			return false;
		*most = *least;
		return true;
	}
	if (!read_number(text + 1, strlen(text + 1), most))
		return false;
	*most = *text == '+' ? now + *most : now > *most ? now - *most : 0;
	*least = *most;
	return true;
}

static bool read(const char *text, uint32_t now, uint32_t *least, uint32_t *most, char problem[SCALE_PROBLEM])
{
	if (!read_range(text, now, least, most)) {
		snprintf(problem, SCALE_PROBLEM, "'%s' is not a number of instances: write 6, +2, -1 or 2..8",
			 text_excerpt(text).text);
		return false;
	}
	if (*least > *most) {
		snprintf(problem, SCALE_PROBLEM, "'%s' begins with the larger number: write %u..%u",
			 text_excerpt(text).text, *most, *least);
		return false;
	}
	return true;
}

bool scale_is_written(const char *text, char problem[SCALE_PROBLEM])
{
	uint32_t least;
	uint32_t most;

	return read(text, 0, &least, &most, problem);
}

bool scale_read(const struct pool *p, const char *text, uint32_t *least_out, uint32_t *most_out,
		char problem[SCALE_PROBLEM])
{
	uint32_t limit = size_seats_most(p->spec);

	if (!read(text, size_now(p), least_out, most_out, problem))
		return false;
	if (*most_out <= limit)
		return true;
	snprintf(problem, SCALE_PROBLEM, "%s may have %u instances, %u are too many; set scale_limit in [worker:%s]",
		 p->spec->name, limit, *most_out, p->spec->name);
	return false;
}
