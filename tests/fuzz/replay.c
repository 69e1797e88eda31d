/*
 * replay: runs a fuzz target without libFuzzer, on its corpus and on random mutations of it.
 *
 * usage: fuzz_NAME DIRECTORY [SEED [MUTATIONS]]. Prints the seed; a failure is repeated by giving
 * it. DIRECTORY may be a file: then that input alone is run, as libFuzzer leaves it after a crash.
 */
#include "fuzz.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dice.h"

#ifndef MUTATIONS_MOST
#define MUTATIONS_MOST 20000
#endif

enum { FILES_MOST = 1000, SIZE_MOST = 16 << 10, MUTATIONS = MUTATIONS_MOST, SECONDS = 110 };

struct input {
	uint8_t *bytes;
	size_t size;
};

static struct input corpus[FILES_MOST];
static size_t corpus_size;

/* In memory of exactly its size. */
static void run(const uint8_t *bytes, size_t size)
{
	uint8_t *exact = malloc(size);

	if (size > 0)
		memcpy(exact, bytes, size);
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
}

static bool read_file(const char *path)
{
	struct input *in = &corpus[corpus_size];
	FILE *file = fopen(path, "rbe");

	if (!file || corpus_size == FILES_MOST) {
		if (file)
			fclose(file);
		return false;
	}
	in->bytes = malloc(SIZE_MOST);
	in->size = in->bytes ? fread(in->bytes, 1, SIZE_MOST, file) : 0;
	fclose(file);
	corpus_size++;
	return true;
}

/* Sorted by name, so that a seed means the same everywhere. */
static void read_directory(const char *path)
{
	struct dirent **names;
	int count = scandir(path, &names, NULL, alphasort);

	for (int i = 0; i < count; i++) {
		char file[4096];
		struct stat st;

		snprintf(file, sizeof(file), "%s/%s", path, names[i]->d_name);
		if (stat(file, &st) == 0 && S_ISREG(st.st_mode))
			(void)read_file(file);
		free(names[i]);
	}
	if (count >= 0)
		free(names);
}

static void insert(struct input *in, size_t at, const uint8_t *bytes, size_t size)
{
	if (in->size + size > SIZE_MOST)
		return;
	memmove(in->bytes + at + size, in->bytes + at, in->size - at);
	memcpy(in->bytes + at, bytes, size);
	in->size += size;
}

/* One small change. */
static void mutate(struct input *in, struct dice *d)
{
	static const uint8_t numbers[] = {0,  1,    7,    8,    12,   15,   16,
					  17, 0x1f, 0x20, 0x21, 0x7f, 0x80, 0xff};
	const struct input *other = &corpus[dice_below(d, corpus_size)];
	size_t at = dice_below(d, in->size + 1);
	size_t length = 1 + dice_below(d, 24);
	uint8_t copy[24];

	if (length > in->size - at)
		length = in->size - at;
	if (length > 0)
		memcpy(copy, in->bytes + at, length);
	switch (dice_below(d, 7)) {
	case 0:
		if (length > 0)
			in->bytes[at] ^= (uint8_t)(1u << dice_below(d, 8));
		break;
	case 1:
		if (length > 0)
			in->bytes[at] = numbers[dice_below(d, sizeof(numbers))];
		break;
	case 2:
		if (length > 0)
			in->bytes[at] = (uint8_t)(in->bytes[at] + dice_below(d, 33) - 16);
		break;
	case 3:
		memmove(in->bytes + at, in->bytes + at + length, in->size - at - length);
		in->size -= length;
		break;
	case 4:
		insert(in, dice_below(d, in->size + 1), copy, length);
		break;
	case 5:
		in->size = at;
		break;
	default:
		insert(in, at, other->bytes, other->size);
		break;
	}
}

static void run_mutations(struct dice *d, size_t count)
{
	struct input in = {.bytes = malloc(SIZE_MOST)};

	for (size_t i = 0; i < count; i++) {
		const struct input *from = &corpus[dice_below(d, corpus_size)];

		memcpy(in.bytes, from->bytes, from->size);
		in.size = from->size;
		for (size_t n = 1 + dice_below(d, 6); n > 0; n--)
			mutate(&in, d);
		run(in.bytes, in.size);
	}
	free(in.bytes);
}

int main(int argc, char **argv)
{
	struct stat st;
	struct dice d;
	size_t mutations = argc > 3 ? strtoul(argv[3], NULL, 10) : MUTATIONS;

	setvbuf(stdout, NULL, _IOLBF, 0); /* the seed is there even if what follows dies */
	if (argc < 2 || stat(argv[1], &st) < 0) {
		fprintf(stderr, "usage: %s DIRECTORY [SEED [MUTATIONS]]\n", argv[0]);
		return 2;
	}
	alarm(argc > 3 ? 0 : SECONDS);
	if (S_ISDIR(st.st_mode))
		read_directory(argv[1]);
	else
		(void)read_file(argv[1]);
	if (corpus_size == 0) {
		fprintf(stderr, "%s: nothing to replay in %s\n", argv[0], argv[1]);
		return 1;
	}
	for (size_t i = 0; i < corpus_size; i++)
		run(corpus[i].bytes, corpus[i].size);
	d = argc > 2 ? dice_with(strtoull(argv[2], NULL, 10)) : dice_open();
	if (S_ISDIR(st.st_mode))
		run_mutations(&d, mutations);
	printf("%zu inputs: fine\n", corpus_size + (S_ISDIR(st.st_mode) ? mutations : 0));
	for (size_t i = 0; i < corpus_size; i++)
		free(corpus[i].bytes);
	return 0;
}
