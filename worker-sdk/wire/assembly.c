/* assembly: partial messages of one connection, in a short list. */
#include "assembly.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "fds.h"

/*
 * Room for what is to come: at most so many times what has come where its length is known (the kernel gives no page
 * before it is written, and moving a body costs more than all else), else twice.
 */
enum { AHEAD = 8, GROW_LEAST = 16 << 10 };

struct partial {
	struct partial *next;
	struct message *message;
	uint64_t announced; /* LENGTH of the first chunk; 0: not told */
	uint64_t since;     /* on the owner's clock */
};

void message_free(void *message)
{
	struct message *m = message;

	if (!m)
		return;
	fds_unref(m->frame.fds);
	if (m->body)
		spares_give_large(m->home, m->body, m->body_room);
	spares_give(m->home, m, m->size);
}

/* A message with a copy of the head, and of the body where `with_body`. */
static struct message *new_message(struct spares *home, const struct frame *f, bool with_body)
{
	uint32_t body_size = with_body ? f->body_size : 0;
	size_t size = sizeof(struct message) + f->head_size + body_size;
	struct message *m = spares_take(home, size);

	if (!m)
		return NULL;
	m->next = NULL;
	m->frame = *f;
	m->body = NULL;
	m->body_room = 0;
	m->home = home;
	m->size = size;
	fds_ref(f->fds);
	if (f->head_size > 0)
		memcpy(m->memory, f->head, f->head_size);
	m->frame.head = m->memory;
	if (body_size > 0)
		memcpy(m->memory + f->head_size, f->body, body_size);
	m->frame.body = m->memory + f->head_size;
	m->frame.body_size = body_size;
	return m;
}

uint8_t *message_take_body(struct message *m)
{
	uint8_t *body = m->body;

	m->body = NULL;
	return body;
}

struct message *message_copy(struct spares *home, const struct frame *f)
{
	return new_message(home, f, true);
}

static struct partial **find(struct assembly *a, uint32_t id)
{
	struct partial **at = &a->first;

	while (*at && (*at)->message->frame.id != id)
		at = &(*at)->next;
	return at;
}

bool assembly_has(const struct assembly *a, uint32_t id)
{
	const struct partial *p = a->first;

	while (p && p->message->frame.id != id)
		p = p->next;
	return p != NULL;
}

bool assembly_oldest(const struct assembly *a, uint32_t *id_out, uint64_t *since_out)
{
	const struct partial *oldest = a->first;

	for (const struct partial *p = a->first; p; p = p->next)
		oldest = p->since < oldest->since ? p : oldest;
	if (!oldest)
		return false;
	*id_out = oldest->message->frame.id;
	*since_out = oldest->since;
	return true;
}

void assembly_touch(struct assembly *a, uint64_t now)
{
	for (struct partial *p = a->first; p; p = p->next)
		p->since = now;
}

/* Takes a partial message out of the list and gives its message. */
static struct message *take(struct assembly *a, struct partial **at)
{
	struct partial *p = *at;
	struct message *m;

	assert(p != NULL);
	m = p->message;
	a->held -= m->frame.head_size + m->frame.body_size;
	a->count--;
	*at = p->next;
	free(p);
	return m;
}

static enum assembly_result drop(struct assembly *a, struct partial **at, enum assembly_result result)
{
	message_free(take(a, at));
	return result;
}

bool assembly_drop(struct assembly *a, uint32_t id)
{
	struct partial **at = find(a, id);

	if (!*at)
		return false;
	message_free(take(a, at));
	return true;
}

void assembly_close(struct assembly *a)
{
	while (a->first)
		message_free(take(a, &a->first));
}

/* How much room a body that has come so far gets: never beyond the announced length or the limit. */
static size_t room_for(const struct assembly *a, const struct partial *p, size_t needed)
{
	bool is_known = p->announced >= needed;
	size_t most = is_known ? (size_t)p->announced : a->max_message;
	size_t room = needed * (is_known ? AHEAD : 2);

	if (room < GROW_LEAST)
		room = GROW_LEAST;
	return room < most ? room : most;
}

/* Makes the body's memory large enough. */
static bool grow(struct assembly *a, struct partial *p, size_t needed)
{
	struct message *m = p->message;
	size_t room = room_for(a, p, needed);
	uint8_t *grown;

	/* one that is there already costs nothing: all that was announced may come into it */
	grown = m->body ? NULL : spares_find_large(m->home, p->announced >= room ? (size_t)p->announced : room, &room);
	if (!grown)
		grown = realloc(m->body, room);
	if (!grown)
		return false;
	m->body = grown;
	m->body_room = room;
	return true;
}

/* Appends the body of a frame. */
static bool append(struct assembly *a, struct partial *p, const struct frame *f)
{
	struct message *m = p->message;
	size_t size = m->frame.body_size;
	size_t needed = size + f->body_size;

	if (needed > m->body_room && !grow(a, p, needed))
		return false;
	if (f->body_size > 0)
		memcpy(m->body + size, f->body, f->body_size);
	m->frame.body = m->body;
	m->frame.body_size = (uint32_t)needed;
	a->held += f->body_size;
	return true;
}

static enum assembly_result begin(struct assembly *a, const struct frame *f)
{
	struct partial *p = malloc(sizeof(*p));
	struct message *m = p ? new_message(a->spares, f, false) : NULL;

	if (!m) {
		free(p);
		return ASSEMBLY_NO_MEMORY;
	}
	*p = (struct partial){.next = a->first, .message = m, .since = a->now};
	if (f->words & 1u << WORD_LENGTH)
		p->announced = f->length;
	a->first = p;
	a->held += f->head_size;
	a->count++;
	return ASSEMBLY_PART;
}

/* What is wrong with the limits if this frame is added to so many bytes of its message? */
static enum assembly_result check(const struct assembly *a, const struct frame *f, size_t before)
{
	if (before + f->body_size > a->max_message)
		return ASSEMBLY_TOO_LARGE;
	if (f->words & 1u << WORD_LENGTH && f->length > a->max_message)
		return ASSEMBLY_TOO_LARGE;
	if (a->held + f->body_size > a->max_held)
		return ASSEMBLY_TOO_MANY;
	return ASSEMBLY_PART;
}

static enum assembly_result whole(struct assembly *a, const struct frame *f, struct message **out)
{
	if (check(a, f, 0) == ASSEMBLY_TOO_LARGE)
		return ASSEMBLY_TOO_LARGE;
	*out = new_message(a->spares, f, true);
	return *out ? ASSEMBLY_WHOLE : ASSEMBLY_NO_MEMORY;
}

/* The final frame of a reply that came in chunks: its head, the body that was kept. */
static enum assembly_result end_reply(struct assembly *a, struct partial **at, const struct frame *f,
				      struct message **out)
{
	struct message *end = new_message(a->spares, f, false);
	struct message *kept = take(a, at);

	if (!end) {
		message_free(kept);
		return ASSEMBLY_NO_MEMORY;
	}
	end->body = kept->body;
	end->body_room = kept->body_room;
	end->frame.body = kept->frame.body;
	end->frame.body_size = kept->frame.body_size;
	kept->body = NULL;
	message_free(kept);
	*out = end;
	return ASSEMBLY_WHOLE;
}

/* May one more begin? */
static bool has_room(const struct assembly *a, const struct frame *f)
{
	return a->held + f->head_size + f->body_size <= a->max_held;
}

/* Is a message with this frame longer than was told, or complete and shorter? */
static bool contradicts(uint64_t announced, uint32_t size, const struct frame *f)
{
	return size > announced || (f->flags & FLAG_EOM && size != announced);
}

/* Adds a chunk to what was kept, or begins to keep. */
static enum assembly_result chunk(struct assembly *a, struct partial **at, const struct frame *f)
{
	enum assembly_result result = check(a, f, *at ? (*at)->message->frame.body_size : 0);
	uint64_t announced;

	if (result == ASSEMBLY_PART && !*at) {
		result = has_room(a, f) ? begin(a, f) : ASSEMBLY_TOO_MANY;
		if (result == ASSEMBLY_PART)
			at = &a->first;
	}
	if (result == ASSEMBLY_PART && !append(a, *at, f))
		result = ASSEMBLY_NO_MEMORY;
	announced = result == ASSEMBLY_PART ? (*at)->announced : 0;
	if (announced > 0 && contradicts(announced, (*at)->message->frame.body_size, f))
		result = ASSEMBLY_BROKEN;
	if (result != ASSEMBLY_PART && *at && (*at)->message->frame.id == f->id)
		return drop(a, at, result);
	return result;
}

static enum assembly_result add_reply(struct assembly *a, struct partial **at, const struct frame *f,
				      struct message **out)
{
	enum assembly_result result;

	if (!(f->flags & FLAG_EOM)) {
		if (*at)
			message_free(take(a, at));
		return f->body_size > 0 ? ASSEMBLY_BROKEN : whole(a, f, out);
	}
	if (!*at)
		return whole(a, f, out);
	result = chunk(a, at, f);
	if (result != ASSEMBLY_PART)
		return result;
	return end_reply(a, find(a, f->id), f, out);
}

/* Does it end its side of the call without completing a message? */
static bool ends_nothing(const struct frame *f)
{
	return f->flags & FLAG_EOS && !(f->flags & FLAG_EOM);
}

enum assembly_result assembly_add(struct assembly *a, const struct frame *f,
				  struct message **message_out)
{
	struct partial **at = find(a, f->id);
	enum assembly_result result;

	if (f->type == FRAME_REPLY)
		return add_reply(a, at, f, message_out);
	if (*at && (f->type == FRAME_CALL || ends_nothing(f)))
		return drop(a, at, ASSEMBLY_BROKEN);
	if (ends_nothing(f))
		return f->type == FRAME_CALL || f->body_size > 0 ? ASSEMBLY_BROKEN : ASSEMBLY_UNKNOWN;
	if (f->type == FRAME_CALL && f->flags & FLAG_EOM)
		return whole(a, f, message_out);
	if (f->type == FRAME_DATA && !*at && !a->of_replies)
		return ASSEMBLY_UNKNOWN;
	result = chunk(a, at, f);
	if (result != ASSEMBLY_PART || !(f->flags & FLAG_EOM))
		return result;
	*message_out = take(a, find(a, f->id));
	return ASSEMBLY_WHOLE;
}
