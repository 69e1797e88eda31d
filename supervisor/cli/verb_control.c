/* verb_control: start, stop, restart, drain, scale, shutdown. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "scale.h"

static json_t *names_of(const struct cli *c)
{
	json_t *names = json_array();

	for (int i = 0; i < c->name_count; i++)
		json_array_append_new(names, json_string(c->names[i]));
	return names;
}

static void print_failure(FILE *to, json_t *result)
{
	json_t *line;
	size_t i;

	fprintf(to, "%s: %s\n", reply_text(result, "name"), reply_text(result, "text"));
	json_array_foreach(json_object_get(result, "output"), i, line)
		fprintf(to, "  output: %s\n", json_string_value(line));
	fprintf(to, "  try: brood why %s\n", reply_text(result, "name"));
}

static bool ends_them(const char *done)
{
	return strcmp(done, "stopped") == 0 || strcmp(done, "drained") == 0;
}

static void print_failures(const struct cli *c, json_t *reply)
{
	json_t *result;
	size_t i;

	json_array_foreach(json_object_get(reply, "results"), i, result) {
		if (!json_is_true(json_object_get(result, "ok")) && !json_is_true(json_object_get(result, "left")))
			print_failure(c->is_quiet ? stderr : stdout, result);
	}
}

/* "restarted 1 of 4, 1 failed, 2 left as they were, 0 lost, 3 requeued, 2.1s" */
static void print_numbers(const char *done, json_t *reply, double seconds)
{
	printf("%s %lld of %lld", done, reply_number(reply, "done"), reply_number(reply, "targets"));
	if (reply_number(reply, "failed") > 0)
		printf(", %lld failed", reply_number(reply, "failed"));
	if (reply_number(reply, "left") > 0)
		printf(", %lld left as they were", reply_number(reply, "left"));
	if (strcmp(done, "started") != 0)
		printf(", %lld lost, %lld requeued", reply_number(reply, "lost"), reply_number(reply, "requeued"));
	printf(", %.1fs\n", seconds);
}

static int print_outcome(const struct cli *c, const char *done, json_t *reply, double seconds)
{
	long long failed = reply_number(reply, "failed");
	json_t *result;
	size_t i;

	if (c->json) {
		int printed = reply_print(reply, JSON_INDENT(2));

		return failed > 0 ? CLI_FAILED : printed;
	}
	print_failures(c, reply);
	json_array_foreach(json_object_get(reply, "results"), i, result) {
		if (strncmp(reply_text(result, "text"), "ran to its end", 14) == 0)
			printf("%s: %s\n", reply_text(result, "name"), reply_text(result, "text"));
	}
	if (c->no_wait)
		printf("asked for, job %lld\n", reply_number(reply, "job"));
	else if (reply_number(reply, "targets") == 0)
		puts(ends_them(done) ? "none was running; load starts none until brood start"
				     : "none is needed now; load starts them");
	else if (reply_number(reply, "changed") == 0 && failed == 0)
		printf("already %s\n", ends_them(done) ? "stopped" : "running");
	else
		print_numbers(done, reply, seconds);
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
			   json_pack("{s:o, s:b, s:o*}", "names", names_of(c), "wait", !c->no_wait, "rolling",
				     c->rolling < 0 ? NULL : json_integer(c->rolling)),
			   false);
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

int verb_drain(const struct cli *c)
{
	return command(c, "Drain", "drain", "draining", "drained");
}

static int print_scaled(const struct cli *c, json_t *reply)
{
	long long least = reply_number(reply, "least");
	long long most = reply_number(reply, "most");

	if (c->json || c->no_wait)
		return print_outcome(c, "scaled", reply, 0);
	if (least == most)
		printf("%s has %lld instance%s: ", c->names[0], most, most == 1 ? "" : "s");
	else
		printf("%s has %lld to %lld instances: ", c->names[0], least, most);
	printf("%lld changed, %lld failed, %lld lost, %lld requeued\n", reply_number(reply, "changed"),
	       reply_number(reply, "failed"), reply_number(reply, "lost"), reply_number(reply, "requeued"));
	print_failures(c, reply);
	return reply_number(reply, "failed") > 0 ? CLI_FAILED : CLI_DONE;
}

int verb_scale(const struct cli *c)
{
	struct caller caller;
	json_t *reply = NULL;
	const char *instances = c->change ? c->change : c->name_count > 1 ? c->names[1] : NULL;
	char problem[SCALE_PROBLEM];
	int code;

	if (!instances || c->name_count != (c->change ? 1 : 2))
		return cli_usage("scale");
	if (!scale_is_written(instances, problem))
		return cli_fail(CLI_USAGE, "%s", problem);
	code = caller_open(&caller, c);
	if (code != 0)
		return code;
	caller.doing = "scaling";
	code = caller_send(&caller, "Scale",
			   json_pack("{s:s, s:s, s:b}", "name", c->names[0], "instances", instances, "wait",
				     !c->no_wait),
			   false);
	if (code == 0)
		code = caller_receive(&caller, c->timeout_ms, &reply, NULL);
	if (code == 0)
		code = print_scaled(c, reply);
	json_decref(reply);
	caller_close(&caller);
	return code;
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
	if (code == 0)
		puts(c->no_wait ? "shutdown asked for" : "brood has ended");
	json_decref(reply);
	caller_close(&caller);
	return code;
}
