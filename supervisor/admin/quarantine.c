/* quarantine: the methods Quarantine and Release: requests that workers have died of. */
#include "quarantine.h"

#include <stdlib.h>
#include <string.h>

#include "query.h"
#include "view.h"

void method_Quarantine(struct query *q)
{
	q->out->reply = query_reply(json_pack("{s:o}", "suspects", view_suspects(q->f, q->w)));
}

bool quarantine_key(const char *text, uint64_t *out)
{
	size_t length = strlen(text);

	*out = 0;
	if (length <= 16 && strspn(text, "0123456789abcdefABCDEF") == length)
		*out = strtoull(text, NULL, 16);
	return *out != 0;
}

/* A key as it is shown, or all. False: answered. */
static bool get_key(struct query *q, uint64_t *out)
{
	const char *text = json_string_value(query_get(q, "key"));

	*out = 0;
	if (text && (strcmp(text, "all") == 0 || quarantine_key(text, out)))
		return true;
	query_invalid(q, "key");
	return false;
}

void method_Release(struct query *q)
{
	const struct suspects *s = q->f->suspects;
	json_int_t released = 0;

	if (!get_key(q, &q->out->key))
		return;
	for (uint32_t i = 0; i < s->count; i++)
		released += q->out->key == 0 || s->entries[i].key == q->out->key;
	q->out->kind = ADMIN_RELEASE;
	q->out->reply = query_reply(json_pack("{s:I}", "released", released));
}
