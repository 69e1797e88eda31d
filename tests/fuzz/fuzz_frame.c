/*
 * fuzz_frame: any bytes, in any pieces.
 *
 * Cut anywhere, a stream must give the same frames, messages, refusals and end as fed whole; what
 * was decoded must come back the same when it is written again. Input: u8 choice of max_frame, and
 * of memory · u8 n · n piece lengths, taken in turns · the stream.
 */
#include "fuzz.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "assembly.h"
#include "outbox.h"
#include "sample.h"

enum { STREAM_MOST = 1 << 20, MESSAGE_MOST = 300, HELD_MOST = 1000 };

/* All that was heard of a stream. */
struct record {
	uint64_t hash; /* of every field of every frame, and of what became of it */
	size_t frames;
	size_t refused;
	enum frame_result end;
	uint64_t offset;
	const char *problem;
	bool partial;
};

struct listener {
	struct frame_decoder decoder;
	struct assembly calls;
	struct assembly replies;
	struct record record;
};

/* Eight bytes at a time: most of the time goes into this. */
static void add_bytes(struct record *r, const void *bytes, size_t size)
{
	const uint8_t *p = bytes;
	uint64_t hash = (r->hash ^ size) * 0x9e3779b97f4a7c15u;

	for (size_t left = size; left > 0;) {
		size_t n = left < 8 ? left : 8;
		uint64_t word = 0;

		memcpy(&word, p, n);
		hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
		hash ^= hash >> 29;
		p += n;
		left -= n;
	}
	r->hash = hash;
}

#define ADD(record, value) add_bytes(record, &(value), sizeof(value))

static void add_frame(struct record *r, const struct frame *f)
{
	ADD(r, f->type);
	ADD(r, f->flags);
	ADD(r, f->nfds);
	ADD(r, f->unknown_required);
	ADD(r, f->id);
	ADD(r, f->arg);
	ADD(r, f->words);
	ADD(r, f->deadline_ms);
	ADD(r, f->attempt);
	ADD(r, f->length);
	ADD(r, f->key);
	ADD(r, f->order);
	ADD(r, f->peer.uid);
	ADD(r, f->peer.gid);
	ADD(r, f->peer.pid);
	ADD(r, f->peer.connection);
	ADD(r, f->trace);
	ADD(r, f->trace_flags);
	add_bytes(r, f->head, f->head_size);
	add_bytes(r, f->body, f->body_size);
}

static void assemble(struct listener *l, struct assembly *a, const struct frame *f)
{
	struct message *m = NULL;
	enum assembly_result result = assembly_add(a, f, &m);

	ADD(&l->record, result);
	assert((result == ASSEMBLY_WHOLE) == (m != NULL));
	assert((result == ASSEMBLY_PART) == assembly_has(a, f->id));
	assert(a->held <= a->max_held);
	if (m) {
		assert(m->frame.body_size <= a->max_message);
		add_frame(&l->record, &m->frame);
	}
	message_free(m);
}

/* Written and read again it must be the same. Words that are unknown get lost on the way. */
static void check_again(const struct frame *f)
{
	struct outbox out = {0};
	struct frame_decoder d;
	struct frame before = *f;
	struct frame after;
	struct iovec v;

	before.unknown_required = false;
	assert(outbox_frame(&out, f));
	assert(outbox_vector(&out, &v, 1) == 1);
	assert(v.iov_len == frame_size(f));
	frame_open(&d, UINT32_MAX);
	frame_feed(&d, v.iov_base, v.iov_len);
	if (frame_next(&d, &after) != FRAME_OK)
		abort();
	assert(sample_difference(&before, &after) == NULL);
	if (frame_next(&d, &after) != FRAME_MORE)
		abort();
	frame_close(&d);
	outbox_close(&out);
}

static void hear(struct listener *l, const struct frame *f, bool again)
{
	add_frame(&l->record, f);
	l->record.frames++;
	if (again)
		check_again(f);
	if (f->type == FRAME_CALL || f->type == FRAME_DATA)
		assemble(l, &l->calls, f);
	if (f->type == FRAME_DATA || f->type == FRAME_REPLY)
		assemble(l, &l->replies, f);
}

/* Takes all that a piece gives; false at the end of the stream. */
static bool feed(struct listener *l, const uint8_t *bytes, size_t size, bool again)
{
	struct frame f;

	frame_feed(&l->decoder, bytes, size);
	for (;;) {
		l->record.end = frame_next(&l->decoder, &f);
		switch (l->record.end) {
		case FRAME_OK:
			hear(l, &f, again);
			break;
		case FRAME_TOO_LARGE:
			assert(f.length > l->decoder.max_frame);
			add_frame(&l->record, &f);
			l->record.refused++;
			break;
		case FRAME_MORE:
			return true;
		case FRAME_NONSENSE:
			assert(frame_problem(&l->decoder) != NULL);
			return false;
		case FRAME_NO_MEMORY:
			abort();
		}
	}
}

static void listener_open(struct listener *l, uint32_t max_frame)
{
	*l = (struct listener){.record = {.hash = 0xcbf29ce484222325u}};
	l->calls = (struct assembly){.max_message = MESSAGE_MOST, .max_held = HELD_MOST};
	l->replies = l->calls;
	l->replies.of_replies = true;
	frame_open(&l->decoder, max_frame);
}

static struct record listener_close(struct listener *l)
{
	l->record.offset = frame_offset(&l->decoder);
	l->record.problem = frame_problem(&l->decoder);
	l->record.partial = l->record.end == FRAME_MORE && frame_is_partial(&l->decoder);
	frame_close(&l->decoder);
	assembly_close(&l->calls);
	assembly_close(&l->replies);
	assert(l->calls.held == 0 && l->replies.held == 0);
	return l->record;
}

/* How the stream is cut. */
struct cuts {
	const uint8_t *lengths;
	size_t count;
	bool exact; /* in memory of exactly their size, so that a read behind one is seen */
};

static bool feed_piece(struct listener *l, const uint8_t *bytes, size_t size, bool exact)
{
	uint8_t *copy;
	bool goes_on;

	if (!exact)
		return feed(l, bytes, size, false);
	copy = malloc(size);
	memcpy(copy, bytes, size);
	goes_on = feed(l, copy, size, false);
	free(copy);
	return goes_on;
}

static struct record hear_in_pieces(const uint8_t *stream, size_t size, uint32_t max_frame,
				    const struct cuts *cuts)
{
	struct listener l;
	const struct frame_decoder *d = &l.decoder;
	bool goes_on = true;

	listener_open(&l, max_frame);
	for (size_t at = 0, i = 0; at < size && goes_on; i++) {
		size_t wanted = cuts->count > 0 ? 1u + cuts->lengths[i % cuts->count] : 1;
		size_t piece = wanted < size - at ? wanted : size - at;

		goes_on = feed_piece(&l, stream + at, piece, cuts->exact);
		at += piece;
		assert(d->hold_capacity <= 512 || d->hold_capacity <= 2 * d->held);
	}
	return listener_close(&l);
}

static struct record hear_whole(const uint8_t *stream, size_t size, uint32_t max_frame)
{
	struct listener l;

	listener_open(&l, max_frame);
	if (size > 0)
		(void)feed(&l, stream, size, true);
	return listener_close(&l);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint32_t limits[] = {64, 200, 1024, 32 << 10};
	uint32_t max_frame;
	struct cuts cuts;
	const uint8_t *stream;
	struct record whole;
	struct record cut;

	if (size < 2 || size > STREAM_MOST || size < 2u + data[1] % 8)
		return 0;
	max_frame = limits[data[0] % 4];
	cuts = (struct cuts){data + 2, data[1] % 8, !(data[0] & 4)};
	stream = data + 2 + cuts.count;
	size -= 2 + cuts.count;
	whole = hear_whole(stream, size, max_frame);
	cut = hear_in_pieces(stream, size, max_frame, &cuts);
	assert(whole.frames == cut.frames);
	assert(whole.refused == cut.refused);
	assert(whole.hash == cut.hash);
	assert(whole.end == cut.end);
	assert(whole.offset == cut.offset);
	assert(whole.problem == cut.problem);
	assert(whole.partial == cut.partial);
	return 0;
}
