/* query: see query.h. */
#include "query.h"

#include <stdlib.h>
#include <string.h>

#include "interface.h"
#include "suggest.h"

json_t *query_reply(json_t *parameters)
{
	return json_pack("{s:o}", "parameters", parameters);
}

void query_fail(struct query *q, json_t *error)
{
	q->out->kind = ADMIN_REPLY;
	q->out->reply = error;
}

void query_invalid(struct query *q, const char *parameter)
{
	query_fail(q, admin_error(INTERFACE_VARLINK ".InvalidParameter", json_pack("{s:s}", "parameter", parameter)));
}

/* ---------------------------------------------------------------- parameters */

json_t *query_get(const struct query *q, const char *key)
{
	json_t *value = json_object_get(q->parameters, key);

	return json_is_null(value) ? NULL : value;
}

bool query_number(struct query *q, const char *key, int64_t least, int64_t most, int64_t otherwise,
		       int64_t *out)
{
	json_t *value = query_get(q, key);

	*out = otherwise;
	if (!value)
		return true;
	if (!json_is_integer(value) || json_integer_value(value) < least || json_integer_value(value) > most) {
		query_invalid(q, key);
		return false;
	}
	*out = json_integer_value(value);
	return true;
}

bool query_bool(struct query *q, const char *key, bool otherwise, bool *out)
{
	json_t *value = query_get(q, key);

	*out = value ? json_is_true(value) : otherwise;
	if (value && !json_is_boolean(value)) {
		query_invalid(q, key);
		return false;
	}
	return true;
}

/* --------------------------------------------------------------------- names */

static void unknown(struct query *q, const char *name, size_t pool_length)
{
	char pool[SPEC_NAME_MOST + 1] = "";
	struct suggestion s;

	if (pool_length < sizeof(pool))
		memcpy(pool, name, pool_length);
	s = suggest_open(pool);
	for (uint32_t i = 0; i < q->f->pool_count; i++)
		suggest_consider(&s, q->f->pools[i].spec->name);
	query_fail(q, admin_error(INTERFACE_BROOD ".NoSuchWorker",
			    json_pack("{s:s, s:s?}", "name", name, "did_you_mean", s.best)));
}

bool query_target(struct query *q, const char *name, struct admin_target *out)
{
	size_t length = strcspn(name, "/");
	const char *number = name + length + 1;
	char *end = NULL;
	unsigned long instance = 0;

	*out = (struct admin_target){NONE, NONE};
	if (strcmp(name, "all") == 0)
		return true;
	for (uint32_t i = 0; i < q->f->pool_count; i++) {
		const struct pool *p = &q->f->pools[i];

		if (strlen(p->spec->name) == length && strncmp(p->spec->name, name, length) == 0)
			out->pool = i;
	}
	if (name[length] == '/') {
		instance = strtoul(number, &end, 10);
		if (*number < '0' || *number > '9' || *end)
			instance = SPEC_INSTANCES_MOST;
		out->instance = (uint32_t)instance;
	}
	if (out->pool == NONE || instance >= SPEC_INSTANCES_MOST ||
	    (out->instance != NONE && instance >= q->f->pools[out->pool].seat_count)) {
		unknown(q, name, length);
		return false;
	}
	return true;
}

bool query_targets(struct query *q, json_t *names)
{
	json_t *name;
	size_t i;

	if (names && (!json_is_array(names) || json_array_size(names) > ADMIN_NAMES_MOST)) {
		query_invalid(q, "names");
		return false;
	}
	json_array_foreach(names, i, name) {
		if (!json_is_string(name)) {
			query_invalid(q, "names");
			return false;
		}
		if (!query_target(q, json_string_value(name), &q->out->targets[i]))
			return false;
		q->out->target_count++;
	}
	return true;
}
