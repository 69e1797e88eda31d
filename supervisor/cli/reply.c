/* reply: JSON that came from brood, read and printed. */
#include <stdio.h>
#include <stdlib.h>

#include "cli.h"

const char *reply_text(json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text ? text : "";
}

long long reply_number(json_t *o, const char *key)
{
	return (long long)json_integer_value(json_object_get(o, key));
}

int reply_print(json_t *o, size_t flags)
{
	char *text = json_dumps(o, flags);

	if (!text)
		return cli_fail(CLI_FAILED, "no memory");
	puts(text);
	free(text);
	return CLI_DONE;
}
