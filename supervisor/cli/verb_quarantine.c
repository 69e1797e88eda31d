/* verb_quarantine: requests that workers have died of. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "quarantine.h"

static void print_left(long long ms)
{
	if (ms >= 60000)
		printf("%lldm %llds\n", ms / 60000, ms / 1000 % 60);
	else
		printf("%lld.%llds\n", ms / 1000, ms / 100 % 10);
}

static int list(const struct cli *c)
{
	json_t *reply;
	json_t *s;
	size_t i;
	int code = caller_ask(c, "Quarantine", json_object(), &reply);

	if (code != 0)
		return code;
	if (c->json) {
		code = reply_print(reply, JSON_INDENT(2));
		json_decref(reply);
		return code;
	}
	if (json_array_size(json_object_get(reply, "suspects")) == 0)
		puts("nothing is held against any request");
	json_array_foreach(json_object_get(reply, "suspects"), i, s) {
		if (i == 0)
			printf("%-16s  %-12s  %-8s  %6s  %s\n", "KEY", "WORKER", "STATE", "DEATHS", "LEFT");
		printf("%-16s  %-12s  %-8s  %6lld  ", reply_text(s, "key"), reply_text(s, "pool"),
		       json_is_true(json_object_get(s, "quarantined")) ? "refused" : "doubted",
		       reply_number(s, "deaths"));
		print_left(reply_number(s, "left_ms"));
	}
	json_decref(reply);
	return 0;
}

static int release(const struct cli *c, const char *key)
{
	uint64_t number;
	json_t *reply;
	long long released;
	int code;

	if (strcmp(key, "all") != 0 && !quarantine_key(key, &number))
		return cli_fail(CLI_USAGE, "'%s' is no key: 1 to 16 hexadecimal digits, as brood quarantine shows it",
				key);
	code = caller_ask(c, "Release", json_pack("{s:s}", "key", key), &reply);
	if (code != 0)
		return code;
	released = reply_number(reply, "released");
	if (c->json)
		code = reply_print(reply, JSON_INDENT(2));
	json_decref(reply);
	if (released == 0 && strcmp(key, "all") != 0)
		return cli_fail(CLI_NO_SUCH,
				"nothing is held against a request with the key %s; see brood quarantine", key);
	if (!c->json)
		printf("released %lld\n", released);
	return code;
}

int verb_quarantine(const struct cli *c)
{
	if (c->name_count == 0 || (c->name_count == 1 && strcmp(c->names[0], "list") == 0))
		return list(c);
	if (c->name_count == 2 && strcmp(c->names[0], "release") == 0)
		return release(c, c->names[1]);
	return cli_usage("quarantine");
}
