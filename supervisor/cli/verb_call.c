/* verb_call: one call from the shell. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base64.h"
#include "cli.h"

enum { BODY_MOST = 700 << 10 }; /* as base64 in JSON it must fit one message of 1 MiB */

static int read_stream(FILE *f, const char *name, char **body_out, size_t *size_out)
{
	char *body = malloc(BODY_MOST + 1);
	size_t size = body ? fread(body, 1, BODY_MOST + 1, f) : 0;

	if (!body)
		return cli_fail(CLI_FAILED, "no memory");
	if (ferror(f) || size > BODY_MOST) {
		int code = ferror(f) ? cli_fail(CLI_FAILED, "cannot read %s: %s", name, strerror(errno))
				     : cli_fail(CLI_FAILED,
						"%s is larger than %d bytes, the most that fits the admin socket; "
						"use an endpoint and the SDK",
						name, BODY_MOST);

		free(body);
		return code;
	}
	*body_out = body;
	*size_out = size;
	return 0;
}

static int read_body(const char *argument, char **body_out, size_t *size_out)
{
	FILE *f;
	int code;

	if (strcmp(argument, "-") == 0)
		return read_stream(stdin, "stdin", body_out, size_out);
	if (argument[0] != '@') {
		*body_out = strdup(argument);
		*size_out = strlen(argument);
		return *body_out ? 0 : cli_fail(CLI_FAILED, "no memory");
	}
	f = fopen(argument + 1, "re");
	if (!f)
		return cli_fail(CLI_FAILED, "cannot read %s: %s", argument + 1, strerror(errno));
	code = read_stream(f, argument + 1, body_out, size_out);
	fclose(f);
	return code;
}

int cli_meta(struct cli *c, const char *text)
{
	const char *value = strchr(text, '=');
	char *encoded;
	json_t *entry;

	if (!value || value == text)
		return cli_fail(CLI_USAGE, "-m '%s': metadata is KEY=VALUE", text);
	if (text[0] == ':')
		return cli_fail(CLI_USAGE, "-m '%s': keys that begin with ':' are brood's own", text);
	encoded = base64_encode(value + 1, strlen(value + 1));
	entry = json_pack("{s:s#, s:s}", "key", text, (int)(value - text), "value", encoded ? encoded : "");
	free(encoded);
	if (!entry)
		return cli_fail(CLI_USAGE, "-m '%s': the key is not UTF-8", text);
	if (!c->meta)
		c->meta = json_array();
	return json_array_append_new(c->meta, entry) == 0 ? 0 : cli_fail(CLI_FAILED, "no memory");
}

static int print_answer(const struct cli *c, json_t *reply)
{
	json_t *body = json_object_get(reply, "body");
	long long code = reply_number(reply, "code");
	bool has_reason = reply_number(reply, "reason") != 0;
	const char *text;
	size_t size = 0;
	char *bytes;

	if (c->json) {
		int printed = reply_print(reply, JSON_INDENT(2));

		return code == 0 ? printed : CLI_FAILED;
	}
	bytes = base64_decode(json_string_value(body) ? json_string_value(body) : "", json_string_length(body), &size);
	if (bytes)
		fwrite(bytes, 1, size, stdout);
	if (bytes && size > 0 && bytes[size - 1] != '\n' && isatty(STDOUT_FILENO))
		putchar('\n');
	free(bytes);
	if (code == 0)
		return CLI_DONE;
	text = reply_text(reply, "text");
	return cli_fail(CLI_FAILED, "%s%s%s%s%s%s", reply_text(reply, "code_name"), has_reason ? " (" : "",
			has_reason ? reply_text(reply, "reason_name") : "", has_reason ? ")" : "", text[0] ? ": " : "",
			text);
}

/* One message of an answer that has several, on lines of its own. */
static int print_message(const struct cli *c, json_t *reply)
{
	const char *body = reply_text(reply, "body");
	size_t size = 0;
	char *bytes;

	if (c->json)
		return reply_print(reply, JSON_COMPACT);
	bytes = base64_decode(body, strlen(body), &size);
	if (!bytes)
		return cli_fail(CLI_FAILED, "cannot read the answer");
	fwrite(bytes, 1, size, stdout);
	if (size == 0 || bytes[size - 1] != '\n')
		putchar('\n');
	free(bytes);
	return 0;
}

/* Asks, and prints what comes until the answer is over. Parameters are taken. */
static int converse(const struct cli *c, json_t *parameters)
{
	struct caller caller;
	bool continues = true;
	int code = caller_open(&caller, c);

	if (code != 0) {
		json_decref(parameters);
		return code;
	}
	code = caller_send(&caller, "Call", parameters, true);
	while (code == 0 && continues) {
		json_t *reply = NULL;

		code = caller_receive(&caller, -1, &reply, &continues); /* brood owns the deadline */
		if (code == 0)
			code = continues ? print_message(c, reply) : print_answer(c, reply);
		json_decref(reply);
		if (continues && fflush(stdout) != 0)
			break; /* whoever read us is gone */
	}
	caller_close(&caller);
	return code;
}

int verb_call(const struct cli *c)
{
	const char *slash;
	int pool_length;
	char *body = NULL;
	char *encoded;
	size_t size = 0;
	json_t *parameters;
	int code;

	if (c->name_count < 1 || c->name_count > 2)
		return cli_usage("call");
	slash = strchr(c->names[0], '/');
	pool_length = (int)(slash ? (size_t)(slash - c->names[0]) : strlen(c->names[0]));
	code = read_body(c->name_count > 1 ? c->names[1] : "", &body, &size);
	if (code != 0)
		return code;
	encoded = base64_encode(body, size);
	free(body);
	parameters = json_pack("{s:s#, s:s, s:s}", "pool", c->names[0], pool_length, "method", slash ? slash + 1 : "",
			       "body", encoded ? encoded : "");
	free(encoded);
	if (!parameters)
		return cli_fail(CLI_USAGE, "'%s' is not UTF-8", c->names[0]);
	if (c->meta)
		json_object_set(parameters, "meta", c->meta);
	if (c->timeout_ms > 0)
		json_object_set_new(parameters, "timeout_ms", json_integer(c->timeout_ms));
	return converse(c, parameters);
}
