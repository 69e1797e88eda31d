/* verb_control: start, stop, restart, drain, shutdown. */
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
	json_array_foreach(json_object_get(reply, "results"), i, result) {
		if (!json_is_true(json_object_get(result, "ok")) && !json_is_true(json_object_get(result, "left")))
			print_failure(c->is_quiet ? stderr : stdout, result);
		else if (strncmp(reply_text(result, "text"), "ran to its end", 14) == 0)
			printf("%s: %s\n", reply_text(result, "name"), reply_text(result, "text"));
	}
	if (c->no_wait)
		printf("asked for, job %lld\n", reply_number(reply, "job"));
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

	if (c->name_count == 0 || (c->rolling >= 0 && strcmp(verb, "restart") != 0))
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
