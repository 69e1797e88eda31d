/*
 * query: one message while it is handled: its parameters, and the instances that it names.
 *
 * Whoever reads a parameter and gets false has nothing more to do: what is wrong is answered by then, with the
 * parameter's name.
 */
#ifndef BROOD_QUERY_H
#define BROOD_QUERY_H

#include "admin.h"

struct query {
	const struct fleet *f;
	const struct admin_world *w;
	json_t *parameters; /* borrowed; NULL if there are none */
	struct admin_result *out;
};

json_t *query_reply(json_t *parameters);
void query_fail(struct query *q, json_t *error);
void query_invalid(struct query *q, const char *parameter);

/* NULL: absent, or null. */
json_t *query_get(const struct query *q, const char *key);
/* A whole number within limits; absent is `otherwise`. False: answered. */
bool query_number(struct query *q, const char *key, int64_t least, int64_t most, int64_t otherwise, int64_t *out);
bool query_bool(struct query *q, const char *key, bool otherwise, bool *out);

/* "thumbs", "thumbs/2", "all". False: answered. */
bool query_target(struct query *q, const char *name, struct admin_target *out);
/* An array of such names, or NULL, into the result. False: answered. */
bool query_targets(struct query *q, json_t *names);

/* --- call.c, quarantine.c: methods that have a file of their own */

void method_Call(struct query *q);
void method_Quarantine(struct query *q);
void method_Release(struct query *q);

#endif
