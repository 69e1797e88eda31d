/*
 * passage: see passage.h. A part is in one place only: kept here, or lent to the worker's link.
 */
#include "passage.h"

#include <stdlib.h>
#include <string.h>

#include "contract.h"
#include "instance.h"
#include "loop.h"
#include "supervisor.h"

struct part {
	struct part *next; /* of those that are kept */
	struct passage *passage; /* referenced */
	struct frame frame;
	uint8_t bytes[];
};

struct passage {
	struct supervisor *s;
	uint32_t client;
	uint64_t connection;
	struct partial_user *user; /* referenced */
	uint32_t id;
	unsigned refs;
	uint32_t spent; /* credit that the client has not got back */
	uint32_t due;   /* of which so much comes back with the next WINDOW */
	struct part *first;
	struct part *last;
};

struct passage *passage_new(struct client *c, uint32_t id)
{
	struct passage *t = malloc(sizeof(*t));

	if (t)
		*t = (struct passage){
			.s = c->s, .client = c->number, .connection = c->connection,
			.user = partial_ref(c->user), .id = id, .refs = 1};
	return t;
}

static void unref(struct passage *t)
{
	if (--t->refs > 0)
		return;
	partial_unref(t->s, t->user);
	free(t);
}

static size_t weight(const struct part *p)
{
	return sizeof(*p) + p->frame.body_size;
}

/* In large pieces: a window is never used up while a quarter of it is due. */
static void give_credit(struct passage *t, uint32_t cost)
{
	struct client *c = client_at(t->s, t->client);

	t->due += cost;
	if (t->due < BROOD_STREAM_WINDOW / 4)
		return;
	if (c && c->connection == t->connection)
		link_send(&c->link, &(struct frame){.type = FRAME_WINDOW, .id = t->id, .arg = t->due});
	t->spent -= t->due;
	t->due = 0;
}

/* It has gone to the worker, or nobody wants it. */
static void free_part(void *part)
{
	struct part *p = part;
	struct passage *t = p->passage;

	partial_remove(t->s, t->user, weight(p));
	give_credit(t, frame_cost(&p->frame));
	free(p);
	unref(t);
}

void passage_release(struct passage *t)
{
	if (!t)
		return;
	while (t->first) {
		struct part *p = t->first;

		t->first = p->next;
		free_part(p);
	}
	unref(t);
}

/* ------------------------------------------------------------------ a part */

static bool has_room(const struct client *c, const struct frame *f)
{
	return sizeof(struct part) + f->body_size <= partial_room(c->s, c->user);
}

bool passage_receive(struct client *c, const struct frame *f)
{
	struct supervisor *s = c->s;

	if (!has_room(c, f)) {
		loop_give(s, &(struct event){.kind = FLEET_CANCEL,
					     .client = c->number,
					     .id = f->id,
					     .number = REASON_OVERLOADED});
		return !c->is_gone;
	}
	s->at_hand = f;
	s->at_hand_is_too_much = false;
	loop_give(s, &(struct event){.kind = FLEET_REQUEST,
				     .client = c->number,
				     .id = f->id,
				     .size = f->body_size,
				     .ends_message = (f->flags & FLAG_EOM) != 0,
				     .ends_stream = (f->flags & FLAG_EOS) != 0});
	s->at_hand = NULL;
	if (s->at_hand_is_too_much)
		return client_break_off(c, "DATA beyond its credit");
	return !c->is_gone;
}

/* A copy of the part at hand; NULL if it may not be, or cannot. */
static struct part *take(const struct supervisor *s, struct passage *t)
{
	const struct frame *f = s->at_hand;
	struct part *p;

	if (t->spent + frame_cost(f) > BROOD_STREAM_WINDOW) {
		t->s->at_hand_is_too_much = true;
		return NULL;
	}
	p = malloc(sizeof(*p) + f->body_size);
	if (!p) {
		client_close(client_at(s, t->client));
		return NULL;
	}
	*p = (struct part){.passage = t,
			   .frame = {.type = FRAME_DATA,
				     .flags = f->flags & (FLAG_EOM | FLAG_EOS),
				     .words = f->words & 1u << WORD_LENGTH,
				     .length = f->length,
				     .body = p->bytes,
				     .body_size = f->body_size}};
	if (f->body_size > 0)
		memcpy(p->bytes, f->body, f->body_size);
	t->refs++;
	t->spent += frame_cost(f);
	partial_add(t->s, t->user, weight(p));
	return p;
}

void passage_keep(const struct supervisor *s, struct request *r)
{
	struct passage *t = r->passage;
	struct part *p = take(s, t);

	if (!p)
		return;
	if (t->first)
		t->last->next = p;
	else
		t->first = p;
	t->last = p;
}

static void lend(struct instance *i, struct part *p, uint32_t wire_id)
{
	p->next = NULL;
	p->frame.id = wire_id;
	link_send_message(&i->link, &p->frame, free_part, p);
}

void passage_send(struct instance *i, struct request *r, uint32_t wire_id)
{
	struct part *p = take(i->s, r->passage);

	if (p)
		lend(i, p, wire_id);
}

void passage_send_kept(struct instance *i, struct request *r, uint32_t wire_id)
{
	struct passage *t = r->passage;

	while (t->first) {
		struct part *p = t->first;

		t->first = p->next;
		lend(i, p, wire_id);
	}
}
