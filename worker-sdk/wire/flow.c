/* flow: cuts long messages into frames, fairly and under credit. */
#include "flow.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "fds.h"

enum {
	ROOM = 128 << 10,           /* put no more into the outbox than this at once */
	CHUNK_MOST = 64 << 10,      /* body bytes of one chunk, however large a frame may be */
	CREDIT_MOST = 0x7fffffff,   /* a receiver can never give more */
	CHUNK_LEAST = 1 << 10,      /* below this, wait for more credit instead of sending crumbs */
};

/* One message or part, kept until its last byte has left the outbox. */
struct piece {
	struct piece *next;
	struct frame frame; /* head and body point into memory, or to what was lent */
	uint32_t sent;
	bool continues; /* a message that an earlier piece began, whose length is not ours to tell */
	unsigned refs; /* one for the flow, one for each chunk in the outbox */
	void (*release)(void *owner);
	void *owner;
	struct spares *home;
	size_t size; /* of this and memory */
	uint8_t memory[];
};

struct flow {
	struct flow *next;
	uint32_t id;
	int64_t credit;
	bool has_begun; /* the receiver knows of this id, or will */
	bool is_inside; /* the last piece did not complete its message */
	bool is_ending; /* its final frame waits */
	size_t waiting; /* body bytes */
	size_t cost;    /* credit that these will spend at least */
	struct piece *first;
	struct piece *last;
};

/* Credit that what is left of a piece will spend at least. */
static size_t cost_of(const struct piece *p)
{
	uint32_t left = p->frame.body_size - p->sent;

	return left < FRAME_COST_LEAST && frame_cost(&p->frame) > 0 ? FRAME_COST_LEAST : left;
}

static void unref(void *owner)
{
	struct piece *p = owner;

	if (--p->refs > 0)
		return;
	if (p->release)
		p->release(p->owner);
	fds_unref(p->frame.fds);
	spares_give_large(p->home, p, p->size);
}

static struct piece *new_piece(struct spares *home, const struct frame *f, void (*release)(void *), void *owner)
{
	uint32_t copied = release ? 0 : f->body_size;
	size_t size = sizeof(struct piece) + f->head_size + copied;
	struct piece *p = spares_find_large(home, size, &size);

	if (!p)
		p = malloc(size);
	if (!p)
		return NULL;
	*p = (struct piece){.frame = *f, .refs = 1, .release = release, .owner = owner, .home = home, .size = size};
	fds_ref(f->fds);
	if (f->head_size > 0)
		memcpy(p->memory, f->head, f->head_size);
	p->frame.head = p->memory;
	if (copied > 0) {
		memcpy(p->memory + f->head_size, f->body, copied);
		p->frame.body = p->memory + f->head_size;
	}
	return p;
}

static struct flow *find(const struct flow_set *s, uint32_t id)
{
	struct flow *w = s->first;

	while (w && w->id != id)
		w = w->next;
	return w;
}

static struct flow *open_flow(struct flow_set *s, const struct frame *f)
{
	struct flow *w = malloc(sizeof(*w));

	if (!w)
		return NULL;
	*w = (struct flow){.id = f->id, .credit = s->stream_window, .has_begun = f->type != FRAME_CALL};
	if (s->last)
		s->last->next = w;
	else
		s->first = w;
	s->last = w;
	return w;
}

static void unlink_flow(struct flow_set *s, struct flow *w)
{
	struct flow **at = &s->first;
	struct flow *before = NULL;

	while (*at != w) {
		before = *at;
		at = &(*at)->next;
	}
	*at = w->next;
	if (s->last == w)
		s->last = before;
	w->next = NULL;
}

static void close_flow(struct flow_set *s, struct flow *w)
{
	unlink_flow(s, w);
	s->waiting -= w->waiting;
	s->ending -= w->is_ending;
	while (w->first) {
		struct piece *p = w->first;

		w->first = p->next;
		s->pieces--;
		unref(p);
	}
	free(w);
}

/* Moves a flow behind all others: they take turns. */
static void rotate(struct flow_set *s, struct flow *w)
{
	if (s->last == w)
		return;
	unlink_flow(s, w);
	s->last->next = w;
	s->last = w;
}

/* Only these may be cut: what continues them is DATA. */
static bool may_be_cut(const struct frame *f)
{
	return f->type == FRAME_CALL || f->type == FRAME_DATA || f->type == FRAME_REPLY;
}

static bool is_final(const struct frame *f)
{
	return f->type == FRAME_REPLY || f->flags & FLAG_EOS;
}

/* Body bytes that fit into one frame beside this prefix and head. */
static uint32_t room_of(const struct flow_set *s, const struct frame *f)
{
	struct frame probe = *f;

	probe.body_size = 0;
	probe.words |= 1u << WORD_LENGTH;
	return s->max_frame - (uint32_t)frame_size(&probe);
}

static bool emit(struct outbox *out, const struct frame *f, struct piece *p)
{
	if (f->body_size < OUTBOX_LEND_LEAST)
		return outbox_frame(out, f);
	if (!outbox_frame_without_body(out, f))
		return false;
	/* without memory here the stream is cut in mid-frame: the caller closes the connection */
	if (!outbox_lend(out, f->body, f->body_size, unref, p))
		return false;
	p->refs++;
	return true;
}

/* The frame for the next chunk of a piece, `size` bytes of its body. */
static struct frame chunk(const struct piece *p, uint32_t size)
{
	const struct frame *whole = &p->frame;
	bool first = p->sent == 0;
	bool last = p->sent + size == whole->body_size;
	struct frame f = {.type = FRAME_DATA, .id = whole->id};

	/* CALL opens, so it carries head and words; REPLY closes, so it does */
	if (whole->type == FRAME_REPLY ? last : first)
		f = *whole;
	if (first && !last && whole->flags & FLAG_EOM && !p->continues) {
		f.words |= 1u << WORD_LENGTH;
		f.length = whole->body_size;
	}
	if (last)
		f.flags = f.type == FRAME_DATA ? whole->flags & (FLAG_EOM | FLAG_EOS) : whole->flags;
	else
		f.flags &= (uint8_t)~(FLAG_EOM | FLAG_EOS);
	f.body = p->sent > 0 ? whole->body + p->sent : whole->body; /* NULL stays as it is */
	f.body_size = size;
	return f;
}

/* How many bytes of this piece may go now; UINT32_MAX: none. */
static uint32_t allowed(const struct flow_set *s, const struct flow *w, const struct piece *p)
{
	uint32_t left = p->frame.body_size - p->sent;
	uint32_t room = room_of(s, &p->frame);
	int64_t credit = w->credit < s->credit ? w->credit : s->credit;

	if (left <= room && p->frame.type == FRAME_REPLY)
		return left;
	if (room > CHUNK_MOST)
		room = CHUNK_MOST;
	if (left > room)
		left = room;
	if (!may_be_cut(&p->frame))
		return left;
	if (credit >= (left > FRAME_COST_LEAST ? left : FRAME_COST_LEAST))
		return left;
	return credit >= CHUNK_LEAST ? (uint32_t)credit : UINT32_MAX;
}

/* Sends one chunk of this flow. *moved tells whether credit allowed it; false: no memory. */
static bool send_chunk(struct flow_set *s, struct flow *w, bool *moved)
{
	struct piece *p = w->first;
	uint32_t size = allowed(s, w, p);
	struct frame f;

	*moved = size != UINT32_MAX;
	if (!*moved)
		return true;
	f = chunk(p, size);
	if (!emit(s->out, &f, p))
		return false;
	w->credit -= frame_cost(&f);
	s->credit -= frame_cost(&f);
	w->cost -= cost_of(p);
	p->sent += size;
	if (p->sent < p->frame.body_size)
		w->cost += cost_of(p);
	w->has_begun = true;
	s->waiting -= size;
	w->waiting -= size;
	if (p->sent == p->frame.body_size) {
		bool final = is_final(&p->frame);

		w->first = p->next;
		if (!w->first)
			w->last = NULL;
		s->pieces--;
		unref(p);
		if (final) {
			close_flow(s, w);
			return true;
		}
	}
	rotate(s, w);
	return true;
}

void flow_pump(struct flow_set *s)
{
	bool progress = !s->broken;

	while (progress) {
		struct flow *w = s->first;
		struct flow *end = s->last;

		progress = false;
		while (w && outbox_bytes(s->out) < ROOM) {
			struct flow *next = w == end ? NULL : w->next;
			bool moved = false;

			if (w->first && !send_chunk(s, w, &moved)) {
				s->broken = true;
				return;
			}
			progress |= moved;
			w = next;
		}
	}
}

static bool send_whole(struct flow_set *s, const struct frame *f, void (*release)(void *), void *owner)
{
	if (!release || f->body_size < OUTBOX_LEND_LEAST) {
		if (!outbox_frame(s->out, f))
			return false;
		if (release)
			release(owner);
		return true;
	}
	return outbox_frame_without_body(s->out, f) &&
	       outbox_lend(s->out, f->body, f->body_size, release, owner);
}

bool flow_send(struct flow_set *s, const struct frame *f, void (*release)(void *), void *owner)
{
	struct flow *w = s->first ? find(s, f->id) : NULL;
	struct piece *p;

	assert(may_be_cut(f) || frame_size(f) <= s->max_frame);
	if (!w && frame_cost(f) == 0 && frame_size(f) <= s->max_frame)
		return send_whole(s, f, release, owner);
	p = new_piece(s->out->spares, f, release, owner);
	if (!p)
		return false;
	if (!w)
		w = open_flow(s, f);
	if (!w) {
		fds_unref(p->frame.fds);
		free(p);
		return false;
	}
	if (w->last)
		w->last->next = p;
	else
		w->first = p;
	w->last = p;
	if (may_be_cut(f)) {
		p->continues = w->is_inside;
		w->is_inside = !(f->flags & FLAG_EOM);
	}
	if (is_final(f) && !w->is_ending) {
		w->is_ending = true;
		s->ending++;
	}
	s->waiting += f->body_size;
	w->waiting += f->body_size;
	w->cost += cost_of(p);
	s->pieces++;
	flow_pump(s);
	return true;
}

static bool add_credit(int64_t *credit, uint32_t bytes)
{
	*credit += bytes;
	return *credit <= CREDIT_MOST;
}

bool flow_credit(struct flow_set *s, uint32_t id, uint32_t bytes)
{
	struct flow *w;

	if (id == 0)
		return add_credit(&s->credit, bytes);
	w = find(s, id);
	return !w || add_credit(&w->credit, bytes); /* a late credit for a closed id is no error */
}

void flow_uncork(struct flow_set *s)
{
	s->credit = INT64_MAX / 2;
	s->stream_window = UINT32_MAX;
	for (struct flow *w = s->first; w; w = w->next)
		w->credit = UINT32_MAX;
	flow_pump(s);
}

bool flow_has(const struct flow_set *s, uint32_t id)
{
	return find(s, id) != NULL;
}

size_t flow_bytes(const struct flow_set *s, uint32_t id)
{
	const struct flow *w = find(s, id);

	return w ? w->cost : 0;
}

bool flow_drop(struct flow_set *s, uint32_t id)
{
	struct flow *w = find(s, id);
	bool has_begun = !w || w->has_begun;

	if (w)
		close_flow(s, w);
	return has_begun;
}

void flow_close(struct flow_set *s)
{
	while (s->first)
		close_flow(s, s->first);
}
