/* verb_inspect: why, logs. */
#include <stdio.h>
#include <time.h>

#include "cli.h"

/* "10:41:02.113", local time. */
static void print_time(json_t *o)
{
	long long ms = reply_number(o, "time_ms");
	time_t seconds = (time_t)(ms / 1000);
	struct tm parts;
	char text[16] = "";

	if (localtime_r(&seconds, &parts))
		strftime(text, sizeof(text), "%H:%M:%S", &parts);
	printf("%s.%03d", text, (int)(ms % 1000));
}

static void print_line(json_t *line)
{
	print_time(line);
	printf(" %s %s %s\n", reply_text(line, "name"),
	       json_is_true(json_object_get(line, "continued")) ? "+|" : "|", reply_text(line, "text"));
}

static void print_summary(json_t *reply)
{
	json_t *entry;
	size_t i;

	json_array_foreach(json_object_get(reply, "summary"), i, entry)
		printf("%s%s%s\n", i == 0 ? reply_text(reply, "name") : "", "  ", json_string_value(entry));
}

static void print_why(json_t *reply)
{
	json_t *entry;
	size_t i;

	print_summary(reply);
	json_array_foreach(json_object_get(reply, "transitions"), i, entry) {
		printf("  ");
		print_time(entry);
		printf("  %s\n", reply_text(entry, "text"));
	}
	json_array_foreach(json_object_get(reply, "output"), i, entry) {
		if (i == 0)
			puts("last output");
		printf("  ");
		print_line(entry);
	}
}

/* Of each of them, in JSON all that is known, else only what the state is and why. */
static int tell_each(const struct cli *c, json_t *instances)
{
	json_t *all = json_array();
	json_t *instance;
	size_t i;
	int code = 0;

	json_array_foreach(instances, i, instance) {
		json_t *reply = NULL;

		if (code == 0)
			code = caller_ask(c, "Why", json_pack("{s:s}", "name", reply_text(instance, "name")), &reply);
		if (code == 0 && !c->json)
			print_summary(reply);
		json_array_append_new(all, reply);
	}
	if (code == 0 && c->json)
		code = reply_print(all, JSON_INDENT(2));
	json_decref(all);
	return code;
}

static int tell_one(const struct cli *c, const char *name)
{
	json_t *reply;
	int code = caller_ask(c, "Why", json_pack("{s:s}", "name", name), &reply);

	if (code != 0)
		return code;
	if (c->json)
		code = reply_print(reply, JSON_INDENT(2));
	else
		print_why(reply);
	json_decref(reply);
	return code;
}

/* A worker that has no instance now. */
static void tell_none(const struct cli *c, json_t *pool)
{
	long long most = reply_number(pool, "most");

	if (c->json)
		puts("[]");
	else if (most == 0)
		printf("%s  has no instances: it was scaled to 0\n", reply_text(pool, "name"));
	else
		printf("%s  has no instance now, %lld to %lld by load: one is started as soon as a call waits\n",
		       reply_text(pool, "name"), reply_number(pool, "least"), most);
}

int verb_why(const struct cli *c)
{
	json_t *status;
	json_t *instances;
	int code;

	if (c->name_count != 1)
		return cli_usage("why");
	code = caller_ask(c, "Status", json_pack("{s:[s]}", "names", c->names[0]), &status);
	if (code != 0)
		return code;
	instances = json_object_get(status, "instances");
	if (json_array_size(instances) == 0)
		tell_none(c, json_array_get(json_object_get(status, "pools"), 0));
	else if (json_array_size(instances) == 1)
		code = tell_one(c, reply_text(json_array_get(instances, 0), "name"));
	else
		code = tell_each(c, instances);
	json_decref(status);
	return code;
}

static int print_lines(const struct cli *c, json_t *reply)
{
	json_t *line;
	size_t i;
	int code = CLI_DONE;

	json_array_foreach(json_object_get(reply, "lines"), i, line) {
		if (!c->json)
			print_line(line);
		else if (code == CLI_DONE)
			code = reply_print(line, JSON_COMPACT);
	}
	return code;
}

int verb_logs(const struct cli *c)
{
	struct caller caller;
	json_t *names = json_array();
	bool continues = true;
	int code = caller_open(&caller, c);

	for (int i = 0; i < c->name_count; i++)
		json_array_append_new(names, json_string(c->names[i]));
	if (code != 0) {
		json_decref(names);
		return code;
	}
	code = caller_send(&caller, "Logs", json_pack("{s:o, s:I}", "names", names, "lines", (json_int_t)c->lines),
			   c->follow);
	while (code == 0 && continues) {
		json_t *reply;

		code = caller_receive(&caller, c->follow ? -1 : c->timeout_ms, &reply, &continues);
		if (code == 0)
			code = print_lines(c, reply);
		json_decref(reply);
		if (fflush(stdout) != 0)
			break; /* whoever read us is gone */
	}
	if (c->follow && code == 0 && !continues && !c->is_quiet)
		fputs("brood has ended\n", stderr);
	caller_close(&caller);
	return code == CLI_INTERRUPTED && c->follow ? CLI_DONE : code;
}
