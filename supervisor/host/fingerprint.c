/* fingerprint: SipHash-2-4 (Aumasson and Bernstein, 2012), made for just this: short keys, hostile input. */
#include "fingerprint.h"

#include <assert.h>
#include <string.h>

#include "bodies.h"
#include "head.h"

enum {
	WHOLE_MOST = 1 << 20, /* a body up to this is taken whole */
	END_SIZE = 128 << 10,
	SAMPLES = 512,
	SAMPLE_SIZE = 1 << 10,
	PIECE = 4 << 10, /* of a body that is read */
};

struct hash {
	uint64_t v[4];
	uint8_t tail[8];
	size_t tail_size;
	uint64_t total;
};

static uint64_t rotate(uint64_t x, unsigned bits)
{
	return x << bits | x >> (64 - bits);
}

static void round_of(uint64_t *v)
{
	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

static void add_word(struct hash *h, const uint8_t *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof(word)); /* this number never leaves the machine */
	h->v[3] ^= word;
	round_of(h->v);
	round_of(h->v);
	h->v[0] ^= word;
}

static void add(struct hash *h, const void *bytes, size_t size)
{
	const uint8_t *at = bytes;
	size_t missing = sizeof(h->tail) - h->tail_size;

	assert(h->tail_size < sizeof(h->tail));
	if (size == 0)
		return;
	h->total += size;
	if (size < missing) {
		memcpy(h->tail + h->tail_size, at, size);
		h->tail_size += size;
		return;
	}
	memcpy(h->tail + h->tail_size, at, missing);
	add_word(h, h->tail);
	for (at += missing, size -= missing; size >= sizeof(h->tail); size -= sizeof(h->tail), at += sizeof(h->tail))
		add_word(h, at);
	assert(size < sizeof(h->tail));
	memcpy(h->tail, at, size);
	h->tail_size = size;
}

static uint64_t finish(struct hash *h)
{
	uint8_t last[8] = {0};

	memcpy(last, h->tail, h->tail_size);
	last[7] = (uint8_t)h->total;
	add_word(h, last);
	h->v[2] ^= 0xff;
	for (int i = 0; i < 4; i++)
		round_of(h->v);
	return h->v[0] ^ h->v[1] ^ h->v[2] ^ h->v[3];
}

static void begin(struct hash *h, const struct fingerprint_secret *secret)
{
	*h = (struct hash){.v = {
		secret->words[0] ^ UINT64_C(0x736f6d6570736575),
		secret->words[1] ^ UINT64_C(0x646f72616e646f6d),
		secret->words[0] ^ UINT64_C(0x6c7967656e657261),
		secret->words[1] ^ UINT64_C(0x7465646279746573),
	}};
}

/* Bytes of the body. Of one that has become shorter nothing is known; it names itself only. */
static void add_part(struct hash *h, const struct frame *request, size_t offset, size_t size)
{
	uint8_t piece[PIECE];

	if (!(request->flags & FLAG_MEMFD)) {
		add(h, request->body + offset, size);
		return;
	}
	while (size > 0) {
		size_t n = size < sizeof(piece) ? size : sizeof(piece);

		if (!bodies_read(request, offset, piece, n))
			return;
		add(h, piece, n);
		offset += n;
		size -= n;
	}
}

static void add_body(struct hash *h, const struct frame *request)
{
	size_t size = bodies_size(request);
	size_t step;

	if (size <= WHOLE_MOST) {
		add_part(h, request, 0, size);
		return;
	}
	add(h, &size, sizeof(size));
	add_part(h, request, 0, END_SIZE);
	add_part(h, request, size - END_SIZE, END_SIZE);
	step = (size - SAMPLE_SIZE) / SAMPLES;
	for (size_t i = 0; i < SAMPLES; i++)
		add_part(h, request, i * step, SAMPLE_SIZE);
}

size_t fingerprint_cost(size_t size)
{
	size_t samples = 2 * END_SIZE + SAMPLES * SAMPLE_SIZE;

	return size <= WHOLE_MOST ? size : samples;
}

uint64_t fingerprint(const struct fingerprint_secret *secret, const struct frame *request, uint32_t uid)
{
	struct head_entry method = {.value = "", .value_size = 0};
	struct hash h;
	uint64_t result;

	begin(&h, secret);
	if (request->words & 1u << WORD_DELIVERY && request->key != 0) {
		add(&h, &uid, sizeof(uid));
		add(&h, &request->key, sizeof(request->key));
	} else {
		(void)head_find(request->head, request->head_size, ":method", &method);
		add(&h, &request->arg, sizeof(request->arg));
		add(&h, &method.value_size, sizeof(method.value_size));
		add(&h, method.value, method.value_size);
		add_body(&h, request);
	}
	result = finish(&h);
	return result != 0 ? result : 1;
}
