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

static bool read_range(const struct pool *p, const char *text, uint32_t *least, uint32_t *most)
{
	const char *dots = find_dots(text);
	uint32_t now = size_now(p);

	if (dots)
		return read_number(text, (size_t)(dots - text), least) &&
		       read_number(dots + 2, strlen(dots + 2), most) && *least <= *most;
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

bool scale_read(const struct pool *p, const char *text, uint32_t *least_out, uint32_t *most_out,
		char problem[SCALE_PROBLEM])
{
	uint32_t limit = size_seats_most(p->spec);

	if (!read_range(p, text, least_out, most_out)) {
		snprintf(problem, SCALE_PROBLEM, "'%s' is not a number of instances: write 6, +2, -1 or 2..8",
			 text_excerpt(text).text);
		return false;
	}
	if (*most_out <= limit)
		return true;
	snprintf(problem, SCALE_PROBLEM, "%s may have %u instances, %u are too many; set scale_limit in [worker:%s]",
		 p->spec->name, limit, *most_out, p->spec->name);
	return false;
}
