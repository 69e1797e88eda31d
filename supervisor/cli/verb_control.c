/* verb_control: start, stop, restart, shutdown. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli.h"

static json_t *names_of(const struct cli *c)
{
	json_t *names = json_array();

	for (int i = 0; i < c->name_count; i++)
		json_array_append_new(names, json_string(c->names[i]));
	return names;
}

static const char *text_of(json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text ? text : "";
}

static json_int_t number_of(json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static void print_failure(json_t *result)
{
	json_t *line;
	size_t i;

	printf("%s: %s\n", text_of(result, "name"), text_of(result, "text"));
	json_array_foreach(json_object_get(result, "output"), i, line)
		printf("  output: %s\n", json_string_value(line));
	printf("  try: brood why %s\n", text_of(result, "name"));
}

static int print_outcome(const struct cli *c, const char *done, json_t *reply, double seconds)
{
	json_int_t targets = number_of(reply, "targets");
	json_int_t failed = number_of(reply, "failed");
	json_t *result;
	size_t i;

	if (c->json) {
		char *text = json_dumps(reply, JSON_INDENT(2));

		puts(text ? text : "");
		free(text);
		return failed > 0 ? CLI_FAILED : CLI_DONE;
	}
	json_array_foreach(json_object_get(reply, "results"), i, result) {
		if (!json_is_true(json_object_get(result, "ok")))
			print_failure(result);
	}
	if (c->no_wait)
		printf("asked for, job %lld\n", (long long)number_of(reply, "job"));
	else if (number_of(reply, "changed") == 0 && failed == 0)
		printf("already %s\n", strcmp(done, "stopped") == 0 ? "stopped" : "running");
	else
		printf("%s %lld of %lld, %.1fs\n", done, (long long)(targets - failed), (long long)targets, seconds);
	return failed > 0 ? CLI_FAILED : CLI_DONE;
}

static double seconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int command(const struct cli *c, const char *method, const char *verb, const char *doing,
		   const char *done)
{
	struct caller caller;
	json_t *reply = NULL;
	double began = seconds_now();
	int code;

	if (c->name_count == 0)
		return cli_usage(verb);
	code = caller_open(&caller, c);
	if (code != 0)
		return code;
	caller.doing = doing;
	code = caller_send(&caller, method,
			   json_pack("{s:o, s:b}", "names", names_of(c), "wait", !c->no_wait), false);
	if (code == 0)
		code = caller_receive(&caller, c->timeout_ms, &reply, NULL);
	if (code == 0)
		code = print_outcome(c, done, reply, seconds_now() - began);
	json_decref(reply);
	caller_close(&caller);
	return code;
}

int verb_start(const struct cli *c)
{
	return command(c, "Start", "start", "starting", "started");
}

int verb_stop(const struct cli *c)
{
	return command(c, "Stop", "stop", "stopping", "stopped");
}

int verb_restart(const struct cli *c)
{
	return command(c, "Restart", "restart", "restarting", "restarted");
}

int verb_shutdown(const struct cli *c)
{
	struct caller caller;
	json_t *reply = NULL;
	int code;

	if (c->name_count > 0)
		return cli_usage("shutdown");
	code = caller_open(&caller, c);
	if (code != 0)
		return code;
	caller.doing = "shutting down";
	code = caller_send(&caller, "Shutdown", json_pack("{s:b}", "now", c->now), false);
	if (code == 0)
		code = caller_receive(&caller, c->timeout_ms, &reply, NULL);
	if (code == 0 && !c->no_wait)
		code = caller_await_end(&caller, c->timeout_ms);
	if (code == 0 && !c->is_quiet)
		puts(c->no_wait ? "shutdown asked for" : "brood has ended");
	json_decref(reply);
	caller_close(&caller);
	return code;
}
