/*
 * admin: from a message to its reply, or to what must be done first.
 *
 * Methods take names and numbers that exist in the configuration: no command line, path, pid, environment or user
 * comes in this way. What is missing or too much in a message is answered with the parameter's name.
 */
#include "admin.h"

#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "interface.h"
#include "latest.h"
#include "meta.h"
#include "roster.h"
#include "scale.h"
#include "suggest.h"
#include "view.h"

enum { METHOD_MOST = 255 };

struct request {
	const struct fleet *f;
	const struct admin_world *w;
	json_t *parameters; /* borrowed; NULL if there are none */
	struct admin_result *out;
};

json_t *admin_error(const char *name, json_t *parameters)
{
	return json_pack("{s:s, s:o}", "error", name, "parameters", parameters ? parameters : json_object());
}

json_t *admin_refused(const char *reason)
{
	return admin_error(INTERFACE_BROOD ".Refused", json_pack("{s:s}", "reason", reason));
}

static json_t *reply(json_t *parameters)
{
	return json_pack("{s:o}", "parameters", parameters);
}

static void fail(struct request *r, json_t *error)
{
	r->out->kind = ADMIN_REPLY;
	r->out->reply = error;
}

static void invalid(struct request *r, const char *parameter)
{
	fail(r, admin_error(INTERFACE_VARLINK ".InvalidParameter", json_pack("{s:s}", "parameter", parameter)));
}

/* ---------------------------------------------------------------- parameters */

static json_t *get(const struct request *r, const char *key)
{
	json_t *value = json_object_get(r->parameters, key);

	return json_is_null(value) ? NULL : value;
}

/* A whole number within limits; absent is `otherwise`. False: answered. */
static bool get_number(struct request *r, const char *key, int64_t least, int64_t most, int64_t otherwise,
		       int64_t *out)
{
	json_t *value = get(r, key);

	*out = otherwise;
	if (!value)
		return true;
	if (!json_is_integer(value) || json_integer_value(value) < least || json_integer_value(value) > most) {
		invalid(r, key);
		return false;
	}
	*out = json_integer_value(value);
	return true;
}

static bool get_bool(struct request *r, const char *key, bool otherwise, bool *out)
{
	json_t *value = get(r, key);

	*out = value ? json_is_true(value) : otherwise;
	if (value && !json_is_boolean(value)) {
		invalid(r, key);
		return false;
	}
	return true;
}

/* --------------------------------------------------------------------- names */

static void unknown(struct request *r, const char *name, size_t pool_length)
{
	char pool[SPEC_NAME_MOST + 1] = "";
	struct suggestion s;

	if (pool_length < sizeof(pool))
		memcpy(pool, name, pool_length);
	s = suggest_open(pool);
	for (uint32_t i = 0; i < r->f->pool_count; i++)
		suggest_consider(&s, r->f->pools[i].spec->name);
	fail(r, admin_error(INTERFACE_BROOD ".NoSuchWorker",
			    json_pack("{s:s, s:s?}", "name", name, "did_you_mean", s.best)));
}

/* "thumbs", "thumbs/2", "all". False: answered. */
static bool find(struct request *r, const char *name, struct admin_target *out)
{
	size_t length = strcspn(name, "/");
	const char *number = name + length + 1;
	char *end = NULL;
	unsigned long instance = 0;

	*out = (struct admin_target){NONE, NONE};
	if (strcmp(name, "all") == 0)
		return true;
	for (uint32_t i = 0; i < r->f->pool_count; i++) {
		const struct pool *p = &r->f->pools[i];

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
	    (out->instance != NONE && instance >= r->f->pools[out->pool].seat_count)) {
		unknown(r, name, length);
		return false;
	}
	return true;
}

static bool find_all(struct request *r, json_t *names)
{
	json_t *name;
	size_t i;

	if (names && (!json_is_array(names) || json_array_size(names) > ADMIN_NAMES_MOST)) {
		invalid(r, "names");
		return false;
	}
	json_array_foreach(names, i, name) {
		if (!json_is_string(name)) {
			invalid(r, "names");
			return false;
		}
		if (!find(r, json_string_value(name), &r->out->targets[i]))
			return false;
		r->out->target_count++;
	}
	return true;
}

/* ------------------------------------------------------------------- methods */

static void method_Status(struct request *r)
{
	if (!find_all(r, get(r, "names")))
		return;
	r->out->reply = reply(view_status(r->f, r->w, r->out->targets, r->out->target_count));
}

static void command(struct request *r, enum command_verb verb)
{
	json_t *names = get(r, "names");

	if (!names || json_array_size(names) == 0) {
		invalid(r, "names");
		return;
	}
	if (!get_bool(r, "wait", true, &r->out->waits) || !find_all(r, names))
		return;
	if (r->f->is_stopping && verb != VERB_STOP && verb != VERB_DRAIN) {
		fail(r, admin_refused("brood is stopping"));
		return;
	}
	r->out->kind = ADMIN_COMMAND;
	r->out->verb = verb;
}

static void method_Start(struct request *r)
{
	command(r, VERB_START);
}

static void method_Stop(struct request *r)
{
	command(r, VERB_STOP);
}

static void method_Restart(struct request *r)
{
	int64_t rolling;

	if (!get_number(r, "rolling", 0, SPEC_INSTANCES_MOST, NONE, &rolling))
		return;
	r->out->rolling = (uint32_t)rolling;
	command(r, VERB_RESTART);
}

static void method_Scale(struct request *r)
{
	json_t *name = get(r, "name");
	json_t *instances = get(r, "instances");
	struct admin_target *t = &r->out->targets[0];
	char problem[SCALE_PROBLEM];

	if (!json_is_string(name) || !json_is_string(instances)) {
		invalid(r, json_is_string(name) ? "instances" : "name");
		return;
	}
	if (!get_bool(r, "wait", true, &r->out->waits) || !find(r, json_string_value(name), t))
		return;
	if (r->f->is_stopping || t->pool == NONE || t->instance != NONE) {
		fail(r, admin_refused(r->f->is_stopping ? "brood is stopping"
							: "what has a number of instances is one worker, like thumbs"));
		return;
	}
	if (!scale_read(&r->f->pools[t->pool], json_string_value(instances), &r->out->least, &r->out->most, problem)) {
		fail(r, admin_refused(problem));
		return;
	}
	r->out->target_count = 1;
	r->out->kind = ADMIN_COMMAND;
	r->out->verb = VERB_SCALE;
}

static void method_Drain(struct request *r)
{
	command(r, VERB_DRAIN);
}

static void method_Logs(struct request *r)
{
	struct latest latest;
	int64_t count;

	if (!get_number(r, "lines", 0, ADMIN_LINES_MOST, 50, &count) || !find_all(r, get(r, "names")))
		return;
	if (!latest_open(&latest, (size_t)count))
		return;
	for (uint32_t i = 0; i < r->f->worker_count; i++) {
		const struct worker *w = &r->f->workers[i];

		if (w->spec && view_is_meant(r->out->targets, r->out->target_count, w))
			latest_add(&latest, r->w, i);
	}
	r->out->reply = reply(json_pack("{s:o}", "lines", latest_close(&latest, r->w)));
	if (r->out->kind == ADMIN_FOLLOW)
		json_object_set_new(r->out->reply, "continues", json_true());
}

static bool get_body(struct request *r)
{
	json_t *body = get(r, "body");

	if (body && !json_is_string(body)) {
		invalid(r, "body");
		return false;
	}
	r->out->body = base64_decode(body ? json_string_value(body) : "",
				     body ? json_string_length(body) : 0, &r->out->body_size);
	if (!r->out->body)
		invalid(r, "body");
	return r->out->body != NULL;
}

/* The head block: method and metadata. False: answered. */
static bool get_head(struct request *r)
{
	json_t *method = get(r, "method");
	struct head_writer w = {.capacity = BROOD_MAX_HEAD};
	enum meta_result result = META_OK;

	if (method && (!json_is_string(method) || json_string_length(method) > METHOD_MOST)) {
		invalid(r, "method");
		return false;
	}
	r->out->head = w.block = malloc(BROOD_MAX_HEAD);
	if (!w.block || (json_string_length(method) > 0 && !head_add_text(&w, ":method", json_string_value(method))))
		result = META_NO_MEMORY;
	else
		result = meta_read(get(r, "meta"), &w);
	r->out->head_size = w.size;
	switch (result) {
	case META_OK:
		return true;
	case META_MALFORMED:
		invalid(r, "meta");
		return false;
	case META_TOO_LARGE:
		fail(r, admin_refused("the metadata is larger than 16 KiB"));
		return false;
	case META_NO_MEMORY:
		break;
	}
	fail(r, admin_refused("no memory for the call"));
	return false;
}

static void method_Call(struct request *r)
{
	json_t *pool = get(r, "pool");
	struct admin_target target;

	if (!json_is_string(pool)) {
		invalid(r, "pool");
		return;
	}
	if (!get_number(r, "timeout_ms", 1, 86400000, 0, &r->out->timeout_ms) || !get_head(r) ||
	    !find(r, json_string_value(pool), &target) || !get_body(r))
		return;
	if (target.pool == NONE || target.instance != NONE) {
		fail(r, admin_refused("a call goes to a pool, not to all or to one instance"));
		return;
	}
	if (r->f->pools[target.pool].spec->channel == CHANNEL_NONE) {
		fail(r, admin_refused("this worker takes no calls: channel = none"));
		return;
	}
	r->out->pool = target.pool;
	r->out->kind = ADMIN_CALL;
}

static void method_Why(struct request *r)
{
	json_t *name = get(r, "name");
	struct admin_target target;

	if (!json_is_string(name)) {
		invalid(r, "name");
		return;
	}
	if (!find(r, json_string_value(name), &target))
		return;
	if (target.pool != NONE && target.instance == NONE && r->f->pools[target.pool].seat_count == 1)
		target.instance = 0;
	if (target.instance == NONE) {
		fail(r, admin_refused("name one instance, like thumbs/0"));
		return;
	}
	r->out->reply = reply(view_why(r->f, r->w, roster_at(&r->f->pools[target.pool], target.instance)));
}

static void method_Quarantine(struct request *r)
{
	r->out->reply = reply(json_pack("{s:o}", "suspects", view_suspects(r->f, r->w)));
}

/* A key as it is shown, or all. False: answered. */
static bool get_key(struct request *r, uint64_t *out)
{
	const char *text = json_string_value(get(r, "key"));
	char *end = NULL;

	*out = 0;
	if (text && strcmp(text, "all") == 0)
		return true;
	if (text && strlen(text) <= 16 && strspn(text, "0123456789abcdefABCDEF") == strlen(text))
		*out = strtoull(text, &end, 16);
	if (*out == 0)
		invalid(r, "key");
	return *out != 0;
}

static void method_Release(struct request *r)
{
	const struct suspects *s = r->f->suspects;
	json_int_t released = 0;

	if (!get_key(r, &r->out->key))
		return;
	for (uint32_t i = 0; i < s->count; i++)
		released += r->out->key == 0 || s->entries[i].key == r->out->key;
	r->out->kind = ADMIN_RELEASE;
	r->out->reply = reply(json_pack("{s:I}", "released", released));
}

static void method_Shutdown(struct request *r)
{
	if (!get_bool(r, "now", false, &r->out->is_now))
		return;
	r->out->kind = ADMIN_SHUTDOWN;
	r->out->reply = reply(json_pack("{s:b}", "stopping", true));
}

static void service_GetInfo(struct request *r)
{
	r->out->reply = reply(json_pack("{s:s, s:s, s:s, s:s, s:[s, s]}", "vendor", "brood", "product", "brood",
					"version", r->w->version, "url", "", /* the interface wants the key */
					"interfaces", INTERFACE_VARLINK, INTERFACE_BROOD));
}

static void service_GetInterfaceDescription(struct request *r)
{
	json_t *name = get(r, "interface");
	const char *text;

	if (!json_is_string(name)) {
		invalid(r, "interface");
		return;
	}
	text = interface_describe(json_string_value(name));
	if (text)
		r->out->reply = reply(json_pack("{s:s}", "description", text));
	else
		fail(r, admin_error(INTERFACE_VARLINK ".InterfaceNotFound",
				    json_pack("{s:O}", "interface", name)));
}

struct method {
	const char *name;
	void (*handle)(struct request *r);
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

static void dispatch(struct request *r, const char *name)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		if (strcmp(methods[i].name, name) == 0) {
			methods[i].handle(r);
			return;
		}
	}
	if (is_interface(name, INTERFACE_BROOD) || is_interface(name, INTERFACE_VARLINK))
		fail(r, admin_error(INTERFACE_VARLINK ".MethodNotFound", json_pack("{s:s}", "method", name)));
	else
		fail(r, admin_error(INTERFACE_VARLINK ".InterfaceNotFound",
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
	struct request r = {f, w, NULL, result_out};

	*result_out = (struct admin_result){.kind = ADMIN_REPLY};
	if (!json_is_string(name)) {
		invalid(&r, root ? "method" : "the message is not JSON");
		json_decref(root);
		return;
	}
	r.parameters = json_object_get(root, "parameters");
	result_out->is_oneway = json_is_true(json_object_get(root, "oneway"));
	if (r.parameters && !json_is_object(r.parameters)) {
		invalid(&r, "parameters");
	} else {
		result_out->wants_more = json_is_true(json_object_get(root, "more")) && !result_out->is_oneway;
		if (json_is_true(json_object_get(root, "more")) &&
		    strcmp(json_string_value(name), INTERFACE_BROOD ".Logs") == 0)
			result_out->kind = ADMIN_FOLLOW;
		dispatch(&r, json_string_value(name));
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
