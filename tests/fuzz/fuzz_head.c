/*
 * fuzz_head: any bytes as a head block.
 *
 * What is well formed is walked to its very end, found by each of its keys (the first entry wins), and written again
 * as the same bytes; what is not says so and is never walked. Input: the block.
 */
#include "fuzz.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "head.h"

/* The first entry with this key, found by walking. */
static struct head_entry first_of(const uint8_t *block, size_t size, const char *key, size_t key_size)
{
	struct head_reader r = {block, size};
	struct head_entry e = {.key_size = 0};

	while (head_next(&r, &e) && (e.key_size != key_size || memcmp(e.key, key, key_size) != 0))
		;
	return e;
}

static void check_entry(const uint8_t *block, size_t size, const struct head_entry *e)
{
	char *key = malloc((size_t)e->key_size + 1);
	struct head_entry found = {.key_size = 0};
	struct head_entry first;

	assert((const uint8_t *)e->key >= block);
	assert((const uint8_t *)e->value + e->value_size <= block + size);
	assert(head_key_is_reserved(e) == (e->key[0] == ':'));
	memcpy(key, e->key, e->key_size);
	key[e->key_size] = '\0';
	first = first_of(block, size, key, strlen(key)); /* a NUL in a key ends what can be asked for */
	if (strlen(key) == e->key_size) {
		assert(head_find(block, size, key, &found));
		assert(found.value == first.value && found.value_size == first.value_size);
	}
	free(key);
}

static void check_again(const uint8_t *block, size_t size)
{
	struct head_writer w = {.block = malloc(size), .capacity = size};
	struct head_reader r = {block, size};
	struct head_entry e;
	size_t before = 0;

	while (head_next(&r, &e)) {
		check_entry(block, size, &e);
		assert(head_add(&w, e.key, e.key_size, e.value, e.value_size));
		assert(w.size == before + head_entry_size(e.key_size, e.value_size));
		before = w.size;
	}
	assert(r.left == 0 && w.size == size);
	assert(size == 0 || memcmp(w.block, block, size) == 0);
	assert(!head_add(&w, "k", 1, "", 0)); /* it is full */
	free(w.block);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > BROOD_MAX_HEAD)
		return 0;
	if (head_is_well_formed(data, size))
		check_again(data, size);
	return 0;
}
