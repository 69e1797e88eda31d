/*
 * generated: the files that are made from keys.def: the commented sample, and the dictionary of the
 * fuzzer.
 *
 * usage: generated sample|dictionary write|check FILE. `check` fails if FILE is not what would be
 * written, so that nobody forgets; the planted one of the lint tests shows that it does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explain.h"
#include "key.h"

static void print_sample(FILE *out)
{
	const struct writer w = writer_to_file(out);

	explain_sample(&w);
}

static void print_token(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text != '\0'; text++)
		fprintf(out, *text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
	fputs("\"\n", out);
}

/* libFuzzer and AFL read the same form: "token" a line. */
static void print_dictionary(FILE *out)
{
	static const char *const more[] = {
		"[brood]",     "[defaults]",     "[worker:", "[endpoint:", "unix:",     "none",
		"alive:",      "uid:",           "user:",    "gid:",       "group:",    "${WORKER}",
		"${INSTANCE}", "${INSTANCE:02}", "$$",       "infinity",   "self, root"};

	fputs("# Made from keys.def: cmake --build ... --target generate\n", out);
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		print_token(out, more[i]);
	for (int section = 0; section < KEY_SECTIONS; section++) {
		for (size_t i = 0; i < key_count((enum key_section)section); i++) {
			const struct key *key = key_at((enum key_section)section, i);
			char line[512];

			snprintf(line, sizeof(line), "%s = %s", key->name,
				 key->preset ? key->preset : "");
			print_token(out, line);
		}
	}
}

static char *read_all(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = calloc(1, 1 << 20);

	if (file && text)
		text[fread(text, 1, (1 << 20) - 1, file)] = '\0';
	if (file)
		fclose(file);
	return text;
}

static int check(const char *path, const char *fresh)
{
	char *text = read_all(path);
	const int stale = !text || strcmp(text, fresh) != 0;

	if (stale)
		fprintf(stderr,
			"%s is not what keys.def says, run: cmake --build DIRECTORY --target "
			"generate\n",
			path);
	free(text);
	return stale;
}

static int write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	if (!file || fputs(text, file) < 0 || fclose(file) != 0) {
		perror(path);
		return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int rc;

	if (!out || argc != 4)
		return 2;
	if (strcmp(argv[1], "sample") == 0)
		print_sample(out);
	else
		print_dictionary(out);
	if (fclose(out) != 0)
		return 2;
	rc = strcmp(argv[2], "check") == 0 ? check(argv[3], text) : write_file(argv[3], text);
	free(text);
	return rc;
}
