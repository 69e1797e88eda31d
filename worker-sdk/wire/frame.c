/*
 * frame: the incremental codec.
 *
 * Promises: feeding a stream in any pieces gives the same frames as feeding it whole; reserved bits,
 * bounds and the head block are checked before a frame is given out, so that a stream that has lost its
 * place is noticed at once. Does not know which frame may come when: that is the session's business.
 */
#include "frame.h"

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "head.h"

enum { SIZE_FIELD = 4, SIZE_LEAST = FRAME_HEADER - SIZE_FIELD, HOLD_LEAST = 512 };
enum { TAG_REQUIRED = 0x80 };

/* Length of each extension word, in words of 8 bytes. */
enum {
#define WORD(name, tag, words, doc) WORDS_OF_##name = (words),
#include "frame.def"
};

/* Which ids a frame of a type may carry. */
enum ids { IDS_UNKNOWN, IDS_ZERO, IDS_CALL, IDS_ANY };

static const uint8_t ids_of[256] = {
#define TYPE(name, value, ids, doc) [value] = IDS_##ids,
#include "frame.def"
};

void frame_open(struct frame_decoder *d, uint32_t max_frame)
{
	*d = (struct frame_decoder){.max_frame = max_frame};
}

void frame_close(struct frame_decoder *d)
{
	free(d->hold);
	*d = (struct frame_decoder){.max_frame = d->max_frame, .offset = d->offset};
}

void frame_feed(struct frame_decoder *d, const void *bytes, size_t size)
{
	d->input = bytes;
	d->input_size = size;
}

uint64_t frame_offset(const struct frame_decoder *d)
{
	return d->offset;
}

const char *frame_problem(const struct frame_decoder *d)
{
	return d->problem;
}

bool frame_is_partial(const struct frame_decoder *d)
{
	return d->skip > 0 || (d->held > 0 && !d->hold_is_done) || d->input_size > 0;
}

static enum frame_result nonsense(struct frame_decoder *d, const char *problem)
{
	d->problem = problem;
	return FRAME_NONSENSE;
}

/* Bytes were lost, so what comes later would be nonsense. */
static enum frame_result no_memory(struct frame_decoder *d)
{
	d->problem = "no memory for a frame";
	return FRAME_NO_MEMORY;
}

/* Checks what can be checked in the first 16 bytes; NULL if they can be a header. */
static const char *header_problem(const uint8_t *h)
{
	uint32_t size = bytes_get32(h);

	if (size & 0x80000000u)
		return "bit 31 of the size is set";
	if (size < SIZE_LEAST)
		return "size below the header's own";
	if (h[5] & ~FLAGS_KNOWN)
		return "reserved flag";
	if (h[6] > FRAME_FDS_MOST && h[6] != FRAME_FDS_UNSENT)
		return "more than 16 descriptors";
	if (h[7] > FRAME_WORDS_MOST)
		return "more than 32 extension words";
	if (size < SIZE_LEAST + 8u * h[7])
		return "extension words longer than the frame";
	if (!frame_id_is_legal(h[4], bytes_get32(h + 8)))
		return "id does not fit the type";
	return NULL;
}

static void read_header(const uint8_t *h, struct frame *f)
{
	*f = (struct frame){
		.type = h[4],
		.flags = h[5],
		.nfds = h[6],
		.id = bytes_get32(h + 8),
		.arg = bytes_get32(h + 12),
	};
}

/* 0: unknown. */
static const uint8_t words_of[256] = {
#define WORD(name, tag, words, doc) [tag] = (words),
#include "frame.def"
};

/* Reads one extension word whose length was checked. */
static void read_word(const uint8_t *p, struct frame *f, uint32_t *meta)
{
	uint32_t value = bytes_get32(p + 4);

	switch (p[0]) {
	case WORD_META:
		*meta = value;
		break;
	case WORD_LENGTH:
		f->length = bytes_get64(p + 8);
		break;
	case WORD_DEADLINE:
		f->deadline_ms = value;
		break;
	case WORD_PEER:
		f->peer.uid = value;
		f->peer.gid = bytes_get32(p + 8);
		f->peer.pid = bytes_get32(p + 12);
		f->peer.connection = bytes_get64(p + 16);
		break;
	case WORD_DELIVERY:
		f->attempt = value;
		f->key = bytes_get64(p + 8);
		break;
	case WORD_TRACE:
		f->trace_flags = value;
		memcpy(f->trace, p + 8, sizeof(f->trace));
		break;
	case WORD_ORDER:
		f->order = bytes_get64(p + 8);
		break;
	default:
		break;
	}
}

/* Reads all extension words; returns what is wrong, or NULL. */
static const char *read_words(const uint8_t *p, size_t words, struct frame *f, uint32_t *meta)
{
	uint32_t seen = 0;

	while (words > 0) {
		uint8_t tag = p[0];
		uint8_t length = p[1];
		uint8_t expected = words_of[tag];

		if (length == 0 || length > words || p[2] != 0 || p[3] != 0)
			return "malformed extension word";
		if (expected != 0) {
			if (length != expected)
				return "extension word of the wrong length";
			if ((tag == WORD_LENGTH || tag == WORD_ORDER) && bytes_get32(p + 4) != 0)
				return "reserved bytes in an extension word";
			if (seen & 1u << tag)
				return "extension word twice";
			seen |= 1u << tag;
			read_word(p, f, meta);
		} else if (tag & TAG_REQUIRED) {
			f->unknown_required = true;
		}
		p += 8u * length;
		words -= length;
	}
	f->words = seen & ~(1u << WORD_META);
	return NULL;
}

/* Can this frame tell where its body lies? One of unknown type has rules of its own. */
static bool has_note(const struct frame *f)
{
	if (!frame_type_is_known(f->type))
		return true;
	if (!(f->flags & FLAG_EOM))
		return false;
	if (f->type == FRAME_REPLY)
		return f->nfds == 0 && f->body_size == FRAME_NOTE;
	return f->type == FRAME_CALL && (f->nfds == 1 || f->nfds == FRAME_FDS_UNSENT) &&
	       (f->body_size == FRAME_NOTE || f->body_size == FRAME_NOTE_LENDS);
}

/* Reads a whole frame of `size` bytes. */
static enum frame_result read_frame(struct frame_decoder *d, const uint8_t *p, size_t size,
				    struct frame *f)
{
	size_t words = p[7];
	uint32_t meta = 0;
	size_t left = size - FRAME_HEADER - 8 * words;
	const uint8_t *payload = p + FRAME_HEADER + 8 * words;
	const char *problem;

	read_header(p, f);
	problem = read_words(p + FRAME_HEADER, words, f, &meta);
	if (problem)
		return nonsense(d, problem);
	if (meta > BROOD_MAX_HEAD)
		return nonsense(d, "head block over 16 KiB");
	if (frame_padded(meta) > left)
		return nonsense(d, "head block longer than the frame");
	for (uint32_t i = meta; i < frame_padded(meta); i++) {
		if (payload[i] != 0)
			return nonsense(d, "padding is not zero");
	}
	if (!head_is_well_formed(payload, meta))
		return nonsense(d, "malformed head block");
	f->head = payload;
	f->head_size = meta;
	f->body = payload + frame_padded(meta);
	f->body_size = (uint32_t)(left - frame_padded(meta));
	if (f->flags & FLAG_MEMFD && !has_note(f))
		return nonsense(d, "MEMFD on a frame that has no body elsewhere");
	d->offset += size;
	return FRAME_OK;
}

/* Discards bytes of an oversize frame. */
static void discard(struct frame_decoder *d)
{
	size_t n = d->skip < d->input_size ? d->skip : d->input_size;

	d->input += n;
	d->input_size -= n;
	d->skip -= n;
	d->offset += n;
}

/* Moves up to `wanted - held` bytes from the input into the hold. */
static bool keep(struct frame_decoder *d, size_t wanted)
{
	size_t n = wanted - d->held;

	if (n > d->input_size)
		n = d->input_size;
	if (d->held + n > d->hold_capacity) {
		size_t capacity = d->hold_capacity ? d->hold_capacity : HOLD_LEAST;
		uint8_t *grown;

		while (capacity < d->held + n)
			capacity *= 2;
		grown = realloc(d->hold, capacity);
		if (!grown)
			return false;
		d->hold = grown;
		d->hold_capacity = capacity;
	}
	memcpy(d->hold + d->held, d->input, n);
	d->held += n;
	d->input += n;
	d->input_size -= n;
	return true;
}

/* Forgets a frame that was given out of the hold; a large hold is given back, so idle peers cost little. */
static void drop_hold(struct frame_decoder *d)
{
	d->held = 0;
	d->hold_is_done = false;
	if (d->hold_capacity > HOLD_LEAST) {
		free(d->hold);
		d->hold = NULL;
		d->hold_capacity = 0;
	}
}

static enum frame_result oversize(struct frame_decoder *d, const uint8_t *h, size_t size,
				  struct frame *f)
{
	read_header(h, f);
	f->length = size;
	d->skip = size;
	if (d->held > 0) {
		d->skip -= d->held;
		d->offset += d->held;
		drop_hold(d);
	}
	discard(d);
	return FRAME_TOO_LARGE;
}

/* The next frame lies whole in the input: nothing is copied. */
static enum frame_result next_of_input(struct frame_decoder *d, struct frame *f)
{
	const uint8_t *p = d->input;
	const char *problem = header_problem(p);
	size_t size;

	if (problem)
		return nonsense(d, problem);
	size = (size_t)bytes_get32(p) + SIZE_FIELD;
	if (size > d->max_frame)
		return oversize(d, p, size, f);
	if (size > d->input_size) {
		if (!keep(d, size))
			return no_memory(d);
		return FRAME_MORE;
	}
	d->input += size;
	d->input_size -= size;
	return read_frame(d, p, size, f);
}

/* A frame that began in an earlier piece goes on. */
static enum frame_result next_of_hold(struct frame_decoder *d, struct frame *f)
{
	const char *problem;
	size_t size;

	if (d->held < FRAME_HEADER && !keep(d, FRAME_HEADER))
		return no_memory(d);
	if (d->held < FRAME_HEADER)
		return FRAME_MORE;
	problem = header_problem(d->hold);
	if (problem)
		return nonsense(d, problem);
	size = (size_t)bytes_get32(d->hold) + SIZE_FIELD;
	if (size > d->max_frame)
		return oversize(d, d->hold, size, f);
	if (!keep(d, size))
		return no_memory(d);
	if (d->held < size)
		return FRAME_MORE;
	d->hold_is_done = true;
	return read_frame(d, d->hold, size, f);
}

enum frame_result frame_next(struct frame_decoder *d, struct frame *frame_out)
{
	if (d->problem)
		return FRAME_NONSENSE;
	if (d->hold_is_done)
		drop_hold(d);
	if (d->skip > 0)
		discard(d);
	if (d->input_size == 0)
		return FRAME_MORE;
	if (d->held > 0 || d->input_size < FRAME_HEADER)
		return next_of_hold(d, frame_out);
	return next_of_input(d, frame_out);
}

/* The first 8 bytes of an extension word. */
#define PUT_WORD(p, name, value) \
	bytes_put64(p, WORD_##name | WORDS_OF_##name << 8 | (uint64_t)(value) << 32)

static inline uint8_t *put_words(uint8_t *p, const struct frame *f)
{
	if (f->head_size) {
		PUT_WORD(p, META, f->head_size);
		p += 8;
	}
	if (!f->words)
		return p;
	if (f->words & 1u << WORD_LENGTH) {
		PUT_WORD(p, LENGTH, 0);
		bytes_put64(p + 8, f->length);
		p += 16;
	}
	if (f->words & 1u << WORD_DEADLINE) {
		PUT_WORD(p, DEADLINE, f->deadline_ms);
		p += 8;
	}
	if (f->words & 1u << WORD_PEER) {
		PUT_WORD(p, PEER, f->peer.uid);
		bytes_put64(p + 8, f->peer.gid | (uint64_t)f->peer.pid << 32);
		bytes_put64(p + 16, f->peer.connection);
		p += 24;
	}
	if (f->words & 1u << WORD_DELIVERY) {
		PUT_WORD(p, DELIVERY, f->attempt);
		bytes_put64(p + 8, f->key);
		p += 16;
	}
	if (f->words & 1u << WORD_TRACE) {
		PUT_WORD(p, TRACE, f->trace_flags);
		memcpy(p + 8, f->trace, sizeof(f->trace));
		p += 8 + sizeof(f->trace);
	}
	if (f->words & 1u << WORD_ORDER) {
		PUT_WORD(p, ORDER, 0);
		bytes_put64(p + 8, f->order);
		p += 16;
	}
	return p;
}

size_t frame_prefix(uint8_t *out, const struct frame *f)
{
	uint8_t *end = put_words(out + FRAME_HEADER, f);
	size_t prefix = (size_t)(end - out);
	uint32_t payload = frame_padded(f->head_size) + f->body_size;

	bytes_put32(out, (uint32_t)(prefix - SIZE_FIELD) + payload);
	out[4] = f->type;
	out[5] = f->flags;
	out[6] = f->nfds;
	out[7] = (uint8_t)((prefix - FRAME_HEADER) / 8);
	bytes_put32(out + 8, f->id);
	bytes_put32(out + 12, f->arg);
	return prefix;
}

size_t frame_prefix_size(const struct frame *f)
{
	uint32_t present = f->words & ~(1u << WORD_META);
	uint32_t words = f->head_size ? WORDS_OF_META : 0;

	if (present) {
#define WORD(name, tag, length, doc) words += (present >> (tag) & 1u) * (length);
#include "frame.def"
	}
	return FRAME_HEADER + 8 * (size_t)words;
}

size_t frame_size(const struct frame *f)
{
	return frame_prefix_size(f) + frame_padded(f->head_size) + f->body_size;
}

bool frame_type_is_known(uint8_t type)
{
	return ids_of[type] != IDS_UNKNOWN;
}

bool frame_id_is_legal(uint8_t type, uint32_t id)
{
	return id == 0 ? ids_of[type] != IDS_CALL : ids_of[type] != IDS_ZERO;
}

const char *frame_type_name(uint8_t type)
{
	switch (type) {
#define TYPE(name, value, ids, doc) \
	case FRAME_##name:          \
		return #name;
#include "frame.def"
	default:
		return "?";
	}
}

const char *frame_reason_name(uint32_t reason)
{
	switch (reason) {
#define REASON(name, value, code, doc) \
	case REASON_##name:            \
		return #name;
#include "frame.def"
	default:
		return "?";
	}
}

const char *frame_reason_text(uint32_t reason)
{
	switch (reason) {
#define REASON(name, value, code, doc) \
	case REASON_##name:            \
		return doc;
#include "frame.def"
	default:
		return "unknown reason";
	}
}

const char *frame_code_name(uint32_t code)
{
	switch (code) {
#define CODE(name, value) \
	case CODE_##name: \
		return #name;
#include "frame.def"
	default:
		return "?";
	}
}

uint32_t frame_status_of(enum frame_reason reason)
{
	static const uint8_t codes[REASONS] = {
#define REASON(name, value, code, doc) [value] = CODE_##code,
#include "frame.def"
	};

	return frame_status(reason, codes[reason]);
}
