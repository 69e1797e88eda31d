/* sample: frames of every shape, and their comparison. */
#include "sample.h"

#include <stdlib.h>
#include <string.h>

const uint8_t sample_types[SAMPLE_TYPES] = {
#define TYPE(name, value, ids, doc) FRAME_##name,
#include "frame.def"
};

const uint8_t sample_words[SAMPLE_WORDS] = {
	WORD_LENGTH, WORD_DEADLINE, WORD_PEER, WORD_DELIVERY, WORD_TRACE, WORD_ORDER,
};

static const uint8_t head_block[] = {7,   0,   5,   0,   ':', 'm', 'e', 't', 'h', 'o',
				     'd', 't', 'h', 'u', 'm', 'b', 1,   0,   0,   0,
				     'k', 1,   0,   2,   0,   'k', 0,   255};
static const uint8_t body_bytes[] = "a body\0of nineteen";

static void set_word(struct frame *f, uint8_t tag)
{
	f->words |= 1u << tag;
	switch (tag) {
	case WORD_LENGTH:
		f->length = 0xf1e2d3c4b5a69788u;
		break;
	case WORD_DEADLINE:
		f->deadline_ms = 0x80000001u;
		break;
	case WORD_PEER:
		f->peer = (struct frame_peer){1001, 0xfffffffeu, 4194303, 0x8899aabbccddeeffu};
		break;
	case WORD_DELIVERY:
		f->attempt = 3;
		f->key = 0x123456789abcdef0u;
		break;
	case WORD_TRACE:
		f->trace_flags = 0xff000001u;
		for (uint8_t i = 0; i < sizeof(f->trace); i++)
			f->trace[i] = (uint8_t)(i + 1);
		break;
	default:
		f->order = UINT64_MAX;
		break;
	}
}

struct frame sample_frame(uint8_t type, unsigned subset, bool head, bool body)
{
	struct frame f = {
		.type = type,
		.flags = (uint8_t)((type * 5u + subset) & (FLAGS_KNOWN & ~FLAG_MEMFD)),
		.nfds = (uint8_t)((type + subset) % (FRAME_FDS_MOST + 1)),
		.id = frame_id_is_legal(type, 0) ? 0 : 0xfffefdfcu,
		.arg = 0x01020304u + type,
	};

	for (unsigned i = 0; i < SAMPLE_WORDS; i++) {
		if (subset & 1u << i)
			set_word(&f, sample_words[i]);
	}
	if (head) {
		f.head = head_block;
		f.head_size = sizeof(head_block);
	}
	if (body) {
		f.body = body_bytes;
		f.body_size = sizeof(body_bytes);
	}
	return f;
}

size_t sample_encode(uint8_t *out, const struct frame *f)
{
	size_t size = frame_prefix(out, f);

	if (f->head_size > 0) {
		memset(out + size, 0, frame_padded(f->head_size));
		memcpy(out + size, f->head, f->head_size);
		size += frame_padded(f->head_size);
	}
	if (f->body_size > 0)
		memcpy(out + size, f->body, f->body_size);
	return size + f->body_size;
}

size_t sample_hex(uint8_t *out, size_t capacity, const char *hex)
{
	size_t size = 0;

	while (size < capacity) {
		char digits[3] = "";

		hex += strspn(hex, " ");
		if (!hex[0] || !hex[1])
			break;
		memcpy(digits, hex, 2);
		out[size++] = (uint8_t)strtoul(digits, NULL, 16);
		hex += 2;
	}
	return size;
}

static bool bytes_differ(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size)
{
	return a_size != b_size || (a_size > 0 && memcmp(a, b, a_size) != 0);
}

const char *sample_difference(const struct frame *a, const struct frame *b)
{
#define COMPARE(field)                                                                             \
	do {                                                                                       \
		if (a->field != b->field)                                                          \
			return #field;                                                             \
	} while (0)
	COMPARE(type);
	COMPARE(flags);
	COMPARE(nfds);
	COMPARE(unknown_required);
	COMPARE(id);
	COMPARE(arg);
	COMPARE(words);
	COMPARE(deadline_ms);
	COMPARE(attempt);
	COMPARE(length);
	COMPARE(key);
	COMPARE(order);
	COMPARE(peer.uid);
	COMPARE(peer.gid);
	COMPARE(peer.pid);
	COMPARE(peer.connection);
	COMPARE(trace_flags);
#undef COMPARE
	if (memcmp(a->trace, b->trace, sizeof(a->trace)) != 0)
		return "trace";
	if (bytes_differ(a->head, a->head_size, b->head, b->head_size))
		return "head";
	if (bytes_differ(a->body, a->body_size, b->body, b->body_size))
		return "body";
	return NULL;
}

static const char *hear_all(struct sample_ear *e)
{
	struct frame f;
	const char *problem;

	for (;;) {
		switch (frame_next(&e->decoder, &f)) {
		case FRAME_OK:
			if (e->heard == e->count)
				return "a frame that nobody sent";
			problem = sample_difference(&e->expected[e->heard++], &f);
			if (problem)
				return problem;
			break;
		case FRAME_MORE:
			return NULL;
		case FRAME_TOO_LARGE:
			return "too large";
		case FRAME_NONSENSE:
			return frame_problem(&e->decoder);
		case FRAME_NO_MEMORY:
			return "no memory";
		}
	}
}

const char *sample_hear(struct sample_ear *e, const uint8_t *bytes, size_t size)
{
	uint8_t *exact = malloc(size);
	const char *problem;

	if (size > 0)
		memcpy(exact, bytes, size);
	frame_feed(&e->decoder, exact, size);
	problem = hear_all(e);
	free(exact);
	return problem;
}
