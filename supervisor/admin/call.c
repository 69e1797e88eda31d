/* call: the method Call: a call to a pool, as a client of an endpoint makes it. */
#include <stdlib.h>

#include "base64.h"
#include "meta.h"
#include "query.h"

static bool get_body(struct query *q)
{
	json_t *body = query_get(q, "body");

	if (body && !json_is_string(body)) {
		query_invalid(q, "body");
		return false;
	}
	q->out->body = base64_decode(body ? json_string_value(body) : "",
				     body ? json_string_length(body) : 0, &q->out->body_size);
	if (!q->out->body)
		query_invalid(q, "body");
	return q->out->body != NULL;
}

/* The head block: method and metadata. False: answered. */
static bool get_head(struct query *q)
{
	json_t *method = query_get(q, "method");
	struct head_writer w = {.capacity = BROOD_MAX_HEAD};
	enum meta_result result = META_OK;

	if (method && !json_is_string(method)) {
		query_invalid(q, "method");
		return false;
	}
	q->out->head = w.block = malloc(BROOD_MAX_HEAD);
	if (!w.block)
		result = META_NO_MEMORY;
	else if (json_string_length(method) > 0 && !head_add_text(&w, ":method", json_string_value(method)))
		result = META_TOO_LARGE;
	else
		result = meta_read(query_get(q, "meta"), &w);
	q->out->head_size = w.size;
	switch (result) {
	case META_OK:
		return true;
	case META_MALFORMED:
		query_invalid(q, "meta");
		return false;
	case META_TOO_LARGE:
		query_fail(q, admin_refused("method and metadata are larger than 16 KiB"));
		return false;
	case META_NO_MEMORY:
		break;
	}
	query_fail(q, admin_refused("no memory for the call"));
	return false;
}

void method_Call(struct query *q)
{
	json_t *pool = query_get(q, "pool");
	struct admin_target target;

	if (!json_is_string(pool)) {
		query_invalid(q, "pool");
		return;
	}
	if (!query_number(q, "timeout_ms", 1, 86400000, 0, &q->out->timeout_ms) || !get_head(q) ||
	    !query_target(q, json_string_value(pool), &target) || !get_body(q))
		return;
	if (target.pool == NONE || target.instance != NONE) {
		query_fail(q, admin_refused("a call goes to a pool, not to all or to one instance"));
		return;
	}
	if (q->f->pools[target.pool].spec->channel == CHANNEL_NONE) {
		query_fail(q, admin_refused("this worker takes no calls: channel = none"));
		return;
	}
	q->out->pool = target.pool;
	q->out->kind = ADMIN_CALL;
}
