/*
 * admin: from a message to its reply, or to what must be done first.
 *
 * Methods take names and numbers that exist in the configuration: no command line, path, pid, environment or user
 * comes in this way. What is missing or too much in a message is answered with the parameter's name.
 */
#include "admin.h"

#include <stdlib.h>
#include <string.h>

#include "interface.h"
#include "latest.h"
#include "query.h"
#include "roster.h"
#include "scale.h"
#include "view.h"

json_t *admin_error(const char *name, json_t *parameters)
{
	return json_pack("{s:s, s:o}", "error", name, "parameters", parameters ? parameters : json_object());
}

json_t *admin_refused(const char *reason)
{
	return admin_error(INTERFACE_BROOD ".Refused", json_pack("{s:s}", "reason", reason));
}

/* ------------------------------------------------------------------- methods */

static void method_Status(struct query *q)
{
	if (!query_targets(q, query_get(q, "names")))
		return;
	q->out->reply = query_reply(view_status(q->f, q->w, q->out->targets, q->out->target_count));
}

static void command(struct query *q, enum command_verb verb)
{
	json_t *names = query_get(q, "names");

	if (!names || json_array_size(names) == 0) {
		query_invalid(q, "names");
		return;
	}
	if (!query_bool(q, "wait", true, &q->out->waits) || !query_targets(q, names))
		return;
	if (q->f->is_stopping && verb != VERB_STOP && verb != VERB_DRAIN) {
		query_fail(q, admin_refused("brood is stopping"));
		return;
	}
	q->out->kind = ADMIN_COMMAND;
	q->out->verb = verb;
}

static void method_Start(struct query *q)
{
	command(q, VERB_START);
}

static void method_Stop(struct query *q)
{
	command(q, VERB_STOP);
}

static void method_Restart(struct query *q)
{
	int64_t rolling;

	if (!query_number(q, "rolling", 0, SPEC_INSTANCES_MOST, NONE, &rolling))
		return;
	q->out->rolling = (uint32_t)rolling;
	command(q, VERB_RESTART);
}

static void method_Scale(struct query *q)
{
	json_t *name = query_get(q, "name");
	json_t *instances = query_get(q, "instances");
	struct admin_target *t = &q->out->targets[0];
	char problem[SCALE_PROBLEM];

	if (!json_is_string(name) || !json_is_string(instances)) {
		query_invalid(q, json_is_string(name) ? "instances" : "name");
		return;
	}
	if (!query_bool(q, "wait", true, &q->out->waits) || !query_target(q, json_string_value(name), t))
		return;
	if (q->f->is_stopping || t->pool == NONE || t->instance != NONE) {
		query_fail(q, admin_refused(q->f->is_stopping ? "brood is stopping"
							: "what has a number of instances is one worker, like thumbs"));
		return;
	}
	if (!scale_read(&q->f->pools[t->pool], json_string_value(instances), &q->out->least, &q->out->most, problem)) {
		query_fail(q, admin_refused(problem));
		return;
	}
	q->out->target_count = 1;
	q->out->kind = ADMIN_COMMAND;
	q->out->verb = VERB_SCALE;
}

static void method_Drain(struct query *q)
{
	command(q, VERB_DRAIN);
}

static void method_Logs(struct query *q)
{
	struct latest latest;
	int64_t count;

	if (!query_number(q, "lines", 0, ADMIN_LINES_MOST, 50, &count) || !query_targets(q, query_get(q, "names")))
		return;
	if (!latest_open(&latest, (size_t)count))
		return;
	for (uint32_t i = 0; i < q->f->worker_count; i++) {
		const struct worker *w = &q->f->workers[i];

		if (w->spec && view_is_meant(q->out->targets, q->out->target_count, w))
			latest_add(&latest, q->w, i);
	}
	q->out->reply = query_reply(json_pack("{s:o}", "lines", latest_close(&latest, q->w)));
	if (q->out->kind == ADMIN_FOLLOW)
		json_object_set_new(q->out->reply, "continues", json_true());
}

static void method_Why(struct query *q)
{
	json_t *name = query_get(q, "name");
	struct admin_target target;

	if (!json_is_string(name)) {
		query_invalid(q, "name");
		return;
	}
	if (!query_target(q, json_string_value(name), &target))
		return;
	if (target.pool != NONE && target.instance == NONE && q->f->pools[target.pool].seat_count == 1)
		target.instance = 0;
	if (target.instance == NONE) {
		query_fail(q, admin_refused("name one instance, like thumbs/0"));
		return;
	}
	q->out->reply = query_reply(view_why(q->f, q->w, roster_at(&q->f->pools[target.pool], target.instance)));
}

static void method_Shutdown(struct query *q)
{
	if (!query_bool(q, "now", false, &q->out->is_now))
		return;
	q->out->kind = ADMIN_SHUTDOWN;
	q->out->reply = query_reply(json_pack("{s:b}", "stopping", true));
}

static void service_GetInfo(struct query *q)
{
	q->out->reply = query_reply(json_pack("{s:s, s:s, s:s, s:s, s:[s, s]}", "vendor", "brood", "product", "brood",
					"version", q->w->version, "url", "", /* the interface wants the key */
					"interfaces", INTERFACE_VARLINK, INTERFACE_BROOD));
}

static void service_GetInterfaceDescription(struct query *q)
{
	json_t *name = query_get(q, "interface");
	const char *text;

	if (!json_is_string(name)) {
		query_invalid(q, "interface");
		return;
	}
	text = interface_describe(json_string_value(name));
	if (text)
		q->out->reply = query_reply(json_pack("{s:s}", "description", text));
	else
		query_fail(q, admin_error(INTERFACE_VARLINK ".InterfaceNotFound",
				    json_pack("{s:O}", "interface", name)));
}

struct method {
	const char *name;
	void (*handle)(struct query *q);
};

static const struct method methods[] = {
#define METHOD(name, parameters, result, doc) {INTERFACE_BROOD "." #name, method_##name},
#include "methods.def"
	{INTERFACE_VARLINK ".GetInfo", service_GetInfo},
	{INTERFACE_VARLINK ".GetInterfaceDescription", service_GetInterfaceDescription},
};

/* ------------------------------------------------------------------ dispatch */

static bool is_interface(const char *name, const char *interface)
{
	size_t length = strlen(interface);

	return strncmp(name, interface, length) == 0 && name[length] == '.';
}

static void dispatch(struct query *q, const char *name)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		if (strcmp(methods[i].name, name) == 0) {
			methods[i].handle(q);
			return;
		}
	}
	if (is_interface(name, INTERFACE_BROOD) || is_interface(name, INTERFACE_VARLINK))
		query_fail(q, admin_error(INTERFACE_VARLINK ".MethodNotFound", json_pack("{s:s}", "method", name)));
	else
		query_fail(q, admin_error(INTERFACE_VARLINK ".InterfaceNotFound",
				    json_pack("{s:s#}", "interface", name,
					      (int)(strrchr(name, '.') ? strrchr(name, '.') - name
								       : (long)strlen(name)))));
}

/* Whoever wants no answer gets none, not even of an error, and waits for nothing. */
static void be_silent(struct admin_result *result)
{
	json_decref(result->reply);
	result->reply = NULL;
	result->waits = false;
	if (result->kind == ADMIN_REPLY || result->kind == ADMIN_FOLLOW)
		result->kind = ADMIN_SILENCE;
}

void admin_handle(const struct fleet *f, const struct admin_world *w, const char *message, size_t size,
		  struct admin_result *result_out)
{
	json_error_t error;
	json_t *root = json_loadb(message, size, JSON_REJECT_DUPLICATES, &error);
	json_t *name = json_object_get(root, "method");
	struct query q = {f, w, NULL, result_out};

	*result_out = (struct admin_result){.kind = ADMIN_REPLY};
	if (!json_is_string(name)) {
		query_invalid(&q, root ? "method" : "the message is not JSON");
		json_decref(root);
		return;
	}
	q.parameters = json_object_get(root, "parameters");
	result_out->is_oneway = json_is_true(json_object_get(root, "oneway"));
	if (q.parameters && !json_is_object(q.parameters)) {
		query_invalid(&q, "parameters");
	} else {
		result_out->wants_more = json_is_true(json_object_get(root, "more")) && !result_out->is_oneway;
		if (json_is_true(json_object_get(root, "more")) &&
		    strcmp(json_string_value(name), INTERFACE_BROOD ".Logs") == 0)
			result_out->kind = ADMIN_FOLLOW;
		dispatch(&q, json_string_value(name));
	}
	if (result_out->is_oneway)
		be_silent(result_out);
	json_decref(root);
}

void admin_result_close(struct admin_result *result)
{
	json_decref(result->reply);
	free(result->head);
	free(result->body);
	*result = (struct admin_result){.kind = ADMIN_SILENCE};
}
