/* quarantine: the methods Quarantine and Release: requests that workers have died of. */
#include <stdlib.h>
#include <string.h>

#include "query.h"
#include "view.h"

void method_Quarantine(struct query *q)
{
	q->out->reply = query_reply(json_pack("{s:o}", "suspects", view_suspects(q->f, q->w)));
}

/* A key as it is shown, or all. False: answered. */
static bool get_key(struct query *q, uint64_t *out)
{
	const char *text = json_string_value(query_get(q, "key"));
	char *end = NULL;

	*out = 0;
	if (text && strcmp(text, "all") == 0)
		return true;
	if (text && strlen(text) <= 16 && strspn(text, "0123456789abcdefABCDEF") == strlen(text))
		*out = strtoull(text, &end, 16);
	if (*out == 0)
		query_invalid(q, "key");
	return *out != 0;
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
