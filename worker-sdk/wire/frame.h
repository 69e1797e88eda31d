/*
 * frame: the incremental codec of brood's wire protocol (docs/protocol.md, sections 1 and 2).
 *
 * Bytes in, frames out, and frames to bytes. It never touches a descriptor. Sizes are bytes on the wire,
 * header included, unless the name says otherwise. Not thread-safe: one decoder, one thread at a time.
 */
#ifndef BROOD_FRAME_H
#define BROOD_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attributes.h"

enum frame_type {
#define TYPE(name, value, ids, doc) FRAME_##name = (value),
#include "frame.def"
};

enum frame_flag {
#define FLAG(name, bit, doc) FLAG_##name = 1 << (bit),
#include "frame.def"
	FLAGS_KNOWN = 0x7f
};

enum frame_word {
#define WORD(name, tag, words, doc) WORD_##name = (tag),
#include "frame.def"
};

enum frame_code {
#define CODE(name, value) CODE_##name = (value),
#include "frame.def"
};

enum frame_reason {
#define REASON(name, value, code, doc) REASON_##name = (value),
#include "frame.def"
	REASONS
};

enum frame_feature {
#define FEATURE(name, bit, doc) FEATURE_##name = 1 << (bit),
#include "frame.def"
};

enum {
	FRAME_HEADER = 16,
	FRAME_WORDS_MOST = 32,
	FRAME_FDS_MOST = 16,
	FRAME_COST_LEAST = 64, /* see frame_cost() */
	FRAME_NFDS_AT = 6, /* where a header says how many */
	FRAME_FDS_UNSENT = 0xff, /* nfds: the frame had descriptors, and they could not be passed */
	FRAME_NOTE = 16,       /* with MEMFD, the body's size in the frame: where it lies */
	FRAME_NOTE_LENDS = 32, /* the same of a CALL that says too where its answer may be put */
	FRAME_PREFIX_MOST = FRAME_HEADER + 8 * FRAME_WORDS_MOST, /* header and extension words */
};

/* Who opened the call, as the kernel told brood. Written by brood alone. */
struct frame_peer {
	uint32_t uid;
	uint32_t gid;
	uint32_t pid;
	uint64_t connection;
};

struct fds;

struct frame {
	uint8_t type; /* enum frame_type, or unknown: see frame_type_is_known() */
	uint8_t flags;
	uint8_t nfds;
	bool fds_lost;         /* of what nfds announces some did not come; fds is NULL then */
	bool unknown_required; /* holds an extension word that the receiver must understand, and does not */
	uint32_t id;
	uint32_t arg;
	uint32_t words; /* bit n set: word with tag n is present (META excluded) */
	uint32_t deadline_ms;
	uint32_t attempt;
	uint64_t length;
	uint64_t key;
	uint64_t order;
	struct frame_peer peer;
	uint8_t trace[24];
	uint32_t trace_flags;
	const uint8_t *head; /* head block, see head.h; checked to be well formed */
	uint32_t head_size;
	uint32_t body_size;
	const uint8_t *body;
	/* nfds descriptors, filled in by who reads or writes the socket; the codec does not touch them. Of a frame that
	 * is handed out: borrowed, fds_ref() keeps them. NULL: none, or they are not wanted. */
	struct fds *fds;
};

enum frame_result {
	FRAME_OK,        /* frame_out is filled in */
	FRAME_MORE,      /* all that was fed is consumed */
	FRAME_TOO_LARGE, /* over max_frame: only the header of frame_out is filled in, the rest is skipped */
	FRAME_NONSENSE,  /* the stream is lost; see frame_problem() and frame_offset() */
	FRAME_NO_MEMORY, /* a frame in pieces could not be kept; the stream is lost */
};

struct frame_decoder {
	uint32_t max_frame;
	const uint8_t *input; /* borrowed: what was fed and is not consumed yet */
	size_t input_size;
	uint8_t *hold; /* owned: the beginning of a frame that has not arrived whole */
	size_t held;
	size_t hold_capacity;
	size_t skip; /* bytes of an oversize frame still to be discarded */
	bool hold_is_done;
	uint64_t offset;
	const char *problem;
};

/* max_frame: largest frame that is accepted. The decoder allocates nothing until a frame comes in pieces. */
void frame_open(struct frame_decoder *d, uint32_t max_frame);
/* Frees what is held. All-zero is valid. */
void frame_close(struct frame_decoder *d);

/* Gives the next bytes. They stay borrowed until frame_next() has said FRAME_MORE; before that, feed nothing. */
void frame_feed(struct frame_decoder *d, const void *bytes, size_t size);

/*
 * Gives the next whole frame of what was fed. Head and body point into the fed bytes or into the
 * decoder: valid until the next call for this decoder. The memory kept for a frame in pieces grows with
 * the bytes that came, never with the length that was announced.
 */
MUST_USE enum frame_result frame_next(struct frame_decoder *d, struct frame *frame_out);

/* Bytes consumed since frame_open(): the offset of the frame that was nonsense. */
uint64_t frame_offset(const struct frame_decoder *d);
/* What was wrong, one short phrase; NULL if nothing was. */
const char *frame_problem(const struct frame_decoder *d);
/* Is a frame in the middle of arriving? */
bool frame_is_partial(const struct frame_decoder *d);

/*
 * Writes header and extension words of a frame (all but padded head and body) and returns their length:
 * frame_prefix_size(), at most FRAME_PREFIX_MOST. META is added where head_size is not 0.
 */
size_t frame_prefix(uint8_t *out, const struct frame *f);
size_t frame_prefix_size(const struct frame *f);
/* Length of the whole frame on the wire. */
size_t frame_size(const struct frame *f);
/*
 * Credit that this frame spends: its body, but at least FRAME_COST_LEAST, because its receiver keeps a frame and not
 * only bytes; 0 for a frame that never waits for credit. Who sends and who receives must agree.
 */
static inline uint32_t frame_cost(const struct frame *f)
{
	/* a CALL without a message yet only opens its id */
	bool opens = f->type == FRAME_CALL && (f->flags & FLAG_EOM || f->body_size == 0);

	if (opens || (f->type != FRAME_CALL && f->type != FRAME_DATA))
		return 0;
	return f->body_size > FRAME_COST_LEAST ? f->body_size : FRAME_COST_LEAST;
}
/* Head blocks are padded to 8 bytes. */
static inline uint32_t frame_padded(uint32_t size)
{
	return (size + 7u) & ~7u;
}

bool frame_type_is_known(uint8_t type);
/* May a frame of this type carry this id? A wrong one is a protocol error. */
bool frame_id_is_legal(uint8_t type, uint32_t id);
const char *frame_type_name(uint8_t type); /* "?" if unknown */
const char *frame_reason_name(uint32_t reason);
const char *frame_code_name(uint32_t code);
const char *frame_reason_text(uint32_t reason); /* one short phrase for people */

/* Status of REPLY and CANCEL: reason in the upper half, canonical code in the lower. */
static inline uint32_t frame_status(enum frame_reason reason, uint32_t code)
{
	return (uint32_t)reason << 16 | (code & 0xffffu);
}
static inline uint32_t frame_status_reason(uint32_t status)
{
	return status >> 16;
}
static inline uint32_t frame_status_code(uint32_t status)
{
	return status & 0xffffu;
}
/* The status with which brood answers for this reason. */
uint32_t frame_status_of(enum frame_reason reason);

#endif
