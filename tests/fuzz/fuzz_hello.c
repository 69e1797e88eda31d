/*
 * fuzz_hello: two handshake payloads of any bytes.
 *
 * What is read comes back the same when it is written again; two that are fine agree in both
 * directions, or in none. Input: u8 length of the first in units of 8 bytes, the first, the second.
 */
#include "fuzz.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "contract.h"
#include "hello.h"

enum { UNIT = 8, RESERVED = 36 };

/* A payload in memory of exactly its size. */
struct payload {
	uint8_t *bytes;
	size_t size;
	struct hello hello;
	enum hello_result result;
};

static void check_again(const struct payload *p)
{
	uint8_t *again = malloc(p->size);
	struct hello h;

	assert(hello_write(again, p->size, &p->hello) == p->size);
	assert(hello_write(again, p->size - 1, &p->hello) == 0);
	assert(hello_write(again, p->size, &p->hello) == p->size);
	/* what a later version puts there is not kept */
	memcpy(again + RESERVED, p->bytes + RESERVED, 4);
	assert(memcmp(again, p->bytes, p->size) == 0);
	assert(hello_read(again, p->size, &h) == HELLO_OK);
	free(again);
}

/* Every line is found by its key: itself, or an earlier one with the same key. */
static void check_lines(const struct hello *h)
{
	const char *at = h->lines;
	const char *end = h->lines + h->lines_size;

	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *equals = memchr(at, '=', (size_t)(newline - at));
		char *key = strndup(at, (size_t)(equals - at));
		const char *value;
		size_t size;

		assert(hello_find(h, key, &value, &size));
		assert(value <= equals + 1 && value[size] == '\n');
		assert(memcmp(value - 1 - strlen(key), key, strlen(key)) == 0);
		free(key);
		at = newline + 1;
	}
}

/* Whatever text a line is made of, the lines stay lines. */
static void check_added(const struct payload *p, const uint8_t *text, size_t text_size)
{
	char *value = strndup((const char *)text, text_size);
	size_t capacity = p->size + strlen(value) + 16;
	char *bytes = malloc(capacity);
	struct hello h;
	size_t size = p->size - HELLO_FIXED;

	memcpy(bytes, p->bytes, p->size);
	if (hello_add_line(bytes + HELLO_FIXED, capacity - HELLO_FIXED, &size, "added", value)) {
		enum hello_result result = hello_read((uint8_t *)bytes, HELLO_FIXED + size, &h);

		assert(result == (HELLO_FIXED + size > HELLO_MOST ? HELLO_MALFORMED : HELLO_OK));
	}
	free(bytes);
	free(value);
}

static struct payload open_payload(const uint8_t *data, size_t size)
{
	struct payload p = {.bytes = malloc(size + !size), .size = size};

	if (size > 0)
		memcpy(p.bytes, data, size);
	p.result = hello_read(p.bytes, size, &p.hello);
	assert(p.result == HELLO_OK || p.result == HELLO_NOT_BROOD || p.result == HELLO_MALFORMED);
	if (p.result == HELLO_OK) {
		check_again(&p);
		check_lines(&p.hello);
	}
	return p;
}

static void check_agreement(const struct hello *a, const struct hello *b)
{
	struct hello here;
	struct hello there;
	enum hello_result result = hello_agree(a, b, &here);

	assert(result == hello_agree(b, a, &there));
	if (result != HELLO_OK)
		return;
	assert(here.version_min == here.version_max && here.version_max == there.version_max);
	assert(here.version_max >= a->version_min && here.version_max <= a->version_max);
	assert(here.features == there.features && here.max_frame == there.max_frame);
	assert((a->required & ~here.features) == 0 && (b->required & ~here.features) == 0);
	assert(here.max_frame <= a->max_frame && here.max_frame <= b->max_frame);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct payload a;
	struct payload b;
	size_t first;

	if (size < 1)
		return 0;
	first = data[0] * (size_t)UNIT < size - 1 ? data[0] * (size_t)UNIT : size - 1;
	a = open_payload(data + 1, first);
	b = open_payload(data + 1 + first, size - 1 - first);
	if (a.result == HELLO_OK) {
		check_agreement(&a.hello, &a.hello);
		check_added(&a, b.bytes, b.size);
	}
	if (a.result == HELLO_OK && b.result == HELLO_OK)
		check_agreement(&a.hello, &b.hello);
	free(a.bytes);
	free(b.bytes);
	return 0;
}
