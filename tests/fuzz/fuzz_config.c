/*
 * fuzz_config: configurations of any bytes, in up to four files.
 *
 * What is valid is shown, and what was shown reads as the same; commands and environments expand;
 * what is not valid has an error with a text. Input: a digit (1: as if inih had no run-time
 * settings, 2: not root, 3: both), then the files with 0x1e between them: brood.ini, a.ini, b.ini,
 * c.ini.
 */
#include "fuzz.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "expand.h"
#include "fake.h"
#include "source.h"

enum { FILES = 4, SEPARATOR = 0x1e, PLAIN = 1, NOT_ROOT = 2, ALICE = 1000 };

/* Cuts the bytes into files, each in memory of exactly its size. */
static size_t cut(const uint8_t *data, size_t size, struct fake_file files[FILES])
{
	static const char *const paths[FILES] = {"brood.ini", "a.ini", "b.ini", "c.ini"};
	size_t count = 0;

	while (count < FILES) {
		const uint8_t *end = size > 0 ? memchr(data, SEPARATOR, size) : NULL;
		const size_t length = end ? (size_t)(end - data) : size;
		char *bytes = length > 0 ? malloc(length) : NULL;

		if (length > 0)
			memcpy(bytes, data, length);
		files[count] =
			(struct fake_file){.path = paths[count], .bytes = bytes, .size = length};
		count++;
		if (!end)
			break;
		data = end + 1;
		size -= length + 1;
	}
	return count;
}

static void check_expansion(const char *text)
{
	char out[64];
	char problem[EXPAND_PROBLEM];
	size_t size;

	assert(expand_check(text, problem));
	size = expand(text, "worker", 7, out, sizeof(out));
	assert(strlen(out) == (size < sizeof(out) ? size : sizeof(out) - 1));
}

static void check_worker(const struct worker_spec *w)
{
	assert(w->command.argc > 0 && !w->command.argv[w->command.argc]);
	for (size_t i = 0; i < w->command.argc; i++)
		check_expansion(w->command.argv[i]);
	for (size_t i = 0; i < w->env.count; i++) {
		assert(strchr(w->env.entries[i], '='));
		check_expansion(w->env.entries[i]);
	}
	assert(w->ready.kind == READY_ALIVE || w->channel != CHANNEL_NONE);
	assert(w->ready.kind != READY_AUTO && w->restart.delay.ms <= w->restart.delay_max.ms);
	assert(w->instances.most >= 1 && w->instances.most <= SPEC_INSTANCES_MOST &&
	       w->instances.least <= w->instances.most && w->slots <= 126);
	assert(!w->user.is_set || w->user.uid != UINT32_MAX);
}

static void check_spec(const struct config_spec *spec, unsigned uid)
{
	for (size_t i = 0; i < spec->worker_count; i++) {
		check_worker(&spec->workers[i]);
		assert(uid == 0 ||
		       (!spec->workers[i].user.is_set && !spec->workers[i].group.is_set));
	}
	for (size_t i = 0; i < spec->endpoint_count; i++) {
		const struct endpoint_spec *e = &spec->endpoints[i];

		assert(e->pool < spec->worker_count && e->listen.path[0] != '\0');
		assert(strlen(e->listen.path) <= 107 && !strstr(e->listen.path, "//"));
		assert(strcmp(spec->workers[e->pool].name, e->pool_name) == 0);
		for (size_t rule = 0; rule < e->allow.count; rule++)
			assert(e->allow.rules[rule].id != 65534 &&
			       e->allow.rules[rule].id != UINT32_MAX);
	}
}

/* Behind the line that tells which files were included: those are in it already. */
static const char *behind_include(const char *shown)
{
	const char *behind = strstr(shown, "\nmax_clients");

	assert(behind);
	return behind;
}

/* Escapes may make a line longer than is allowed. */
static bool has_long_line(const char *text)
{
	for (; *text != '\0'; text += strcspn(text, "\n") + 1) {
		if (strcspn(text, "\n") > SOURCE_LINE_MOST)
			return true;
	}
	return false;
}

static void check_shown(const struct config *config, unsigned uid)
{
	char *shown = fake_show(config, NULL, false);
	char *origins = fake_show(config, NULL, true);
	struct fake_file file = {.path = "brood.ini", .bytes = shown, .size = strlen(shown)};
	struct fake fake = {.files = &file, .count = 1, .uid = uid};

	if (source_has_settings() && !has_long_line(shown)) {
		enum config_result result;
		struct config *again = fake_load(&fake, &result);
		char *shown_again;

		assert(result == CONFIG_OK);
		shown_again = fake_show(again, NULL, false);
		assert(strcmp(behind_include(shown), behind_include(shown_again)) == 0);
		free(shown_again);
		config_close(again);
	}
	free(origins);
	free(shown);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fake_file files[FILES];
	struct fake fake = {.files = files};
	enum config_result result;
	struct config *config;
	char *problems;

	if (size < 1)
		return 0;
	fake.is_plain_inih = data[0] & PLAIN;
	fake.uid = data[0] & NOT_ROOT ? ALICE : 0;
	fake.count = cut(data + 1, size - 1, files);
	config = fake_load(&fake, &result);
	assert(result != CONFIG_NO_MEMORY);
	problems = fake_problems(config);
	assert((result == CONFIG_OK) == (config->problems.count[PROBLEM_ERROR] == 0));
	assert((result == CONFIG_OK) == !strstr(problems, " error"));
	if (result == CONFIG_OK) {
		check_spec(&config->spec, fake.uid);
		check_shown(config, fake.uid);
	}
	free(problems);
	config_close(config);
	for (size_t i = 0; i < fake.count; i++)
		free((void *)(uintptr_t)files[i].bytes);
	return 0;
}
