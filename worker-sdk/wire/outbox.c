/* outbox: a list of segments; the last one takes small additions until it is full. */
#include "outbox.h"

#include <assert.h>
#include <string.h>

#include "fds.h"

enum { STORE = 4000 }; /* with the segment's own fields just under a page, and what spares keep */

struct outbox_segment {
	struct outbox_segment *next;
	const uint8_t *data; /* next byte to send */
	size_t size;         /* bytes left to send */
	size_t room;         /* bytes that still fit behind them; 0 for a lent one */
	size_t whole;        /* of this and store */
	void (*release)(void *owner);
	void *owner;
	uint8_t store[];
};

static void append(struct outbox *o, struct outbox_segment *s)
{
	if (o->last)
		o->last->next = s;
	else
		o->first = s;
	o->last = s;
}

static struct outbox_segment *new_segment(struct outbox *o, size_t room)
{
	size_t whole = sizeof(struct outbox_segment) + room;
	struct outbox_segment *s = spares_take(o->spares, whole);

	if (s)
		*s = (struct outbox_segment){.data = s->store, .room = room, .whole = whole};
	return s;
}

/* The place where `size` bytes can be copied to; NULL without memory. */
static uint8_t *reserve(struct outbox *o, size_t size)
{
	struct outbox_segment *s = o->last;
	uint8_t *place;

	if (!s || s->room < size) {
		s = new_segment(o, size > STORE ? size : STORE);
		if (!s)
			return NULL;
		append(o, s);
	}
	place = s->store + (size_t)(s->data - s->store) + s->size;
	s->size += size;
	s->room -= size;
	o->bytes += size;
	o->added += size;
	return place;
}

bool outbox_add(struct outbox *o, const void *bytes, size_t size)
{
	uint8_t *place;

	if (size == 0)
		return true;
	place = reserve(o, size);
	if (!place)
		return false;
	memcpy(place, bytes, size);
	return true;
}

bool outbox_lend(struct outbox *o, const void *bytes, size_t size, void (*release)(void *owner),
		 void *owner)
{
	struct outbox_segment *s;

	if (size == 0) {
		if (release)
			release(owner);
		return true;
	}
	s = new_segment(o, 0);
	if (!s)
		return false;
	s->data = bytes;
	s->size = size;
	s->release = release;
	s->owner = owner;
	append(o, s);
	o->bytes += size;
	o->added += size;
	return true;
}

static bool is_copy(const struct outbox_segment *s)
{
	return s->whole > sizeof(*s);
}

bool outbox_keep_last(struct outbox *o)
{
	struct outbox_segment **at = &o->first;
	struct outbox_segment *s = o->last;
	struct outbox_segment *copy;

	if (!s || s->release || is_copy(s))
		return true;
	copy = new_segment(o, s->size);
	if (!copy)
		return false;
	memcpy(copy->store, s->data, s->size);
	copy->size = s->size;
	copy->room = 0;
	while (*at != s)
		at = &(*at)->next;
	*at = o->last = copy;
	spares_give(o->spares, s, s->whole);
	return true;
}

static bool add_frame(struct outbox *o, const struct frame *f, uint32_t body_size)
{
	uint32_t padded = frame_padded(f->head_size);
	uint8_t *p;

	if (f->fds && !fd_marks_add(&o->marks, o->added, f->fds))
		return false;
	p = reserve(o, frame_prefix_size(f) + padded + body_size);
	if (!p) {
		if (f->fds)
			fd_marks_undo(&o->marks);
		return false;
	}
	p += frame_prefix(p, f);
	if (padded > 0) {
		memcpy(p, f->head, f->head_size);
		memset(p + f->head_size, 0, padded - f->head_size);
		p += padded;
	}
	if (body_size > 0)
		memcpy(p, f->body, body_size);
	return true;
}

bool outbox_frame(struct outbox *o, const struct frame *f)
{
	return add_frame(o, f, f->body_size);
}

bool outbox_frame_without_body(struct outbox *o, const struct frame *f)
{
	return add_frame(o, f, 0);
}

/* Cuts the vector so that it holds at most `most` bytes; returns its new number of entries. */
static size_t shorten(struct iovec *vector, size_t entries, size_t most)
{
	size_t n = 0;

	for (; n < entries && most > 0; n++) {
		if (vector[n].iov_len > most)
			vector[n].iov_len = most;
		most -= vector[n].iov_len;
	}
	return n;
}

size_t outbox_vector(const struct outbox *o, struct iovec *vector, size_t entries)
{
	const struct outbox_segment *s = o->first;
	size_t n = 0;

	for (; s && n < entries; s = s->next, n++) {
		/* iovec is not const although writev only reads */
		memcpy(&vector[n].iov_base, &s->data, sizeof(void *));
		vector[n].iov_len = s->size;
	}
	return o->marks.first ? shorten(vector, n, fd_marks_reach(&o->marks, o->sent)) : n;
}

struct fds *outbox_fds(const struct outbox *o)
{
	return fd_marks_at(&o->marks, o->sent);
}

void outbox_give_up_fds(struct outbox *o)
{
	struct outbox_segment *s = o->first;

	assert(outbox_fds(o));
	/* nothing of the frame has been sent yet, and what is before its body was copied in one piece */
	s->store[(size_t)(s->data - s->store) + FRAME_NFDS_AT] = FRAME_FDS_UNSENT;
	fd_marks_passed(&o->marks, o->sent + 1);
}

static void drop_first(struct outbox *o)
{
	struct outbox_segment *s = o->first;

	assert(s);
	o->first = s->next;
	if (!o->first)
		o->last = NULL;
	if (s->release)
		s->release(s->owner);
	spares_give(o->spares, s, s->whole);
}

void outbox_sent(struct outbox *o, size_t size)
{
	assert(size <= o->bytes);
	o->bytes -= size;
	o->sent += size;
	if (o->marks.first)
		fd_marks_passed(&o->marks, o->sent);
	while (o->first && size >= o->first->size) {
		size -= o->first->size;
		drop_first(o);
	}
	if (size > 0) {
		o->first->data += size;
		o->first->size -= size;
	}
}

void outbox_close(struct outbox *o)
{
	while (o->first)
		drop_first(o);
	fd_marks_close(&o->marks);
	o->bytes = 0;
	o->sent = o->added;
}
