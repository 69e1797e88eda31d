/* partial: see partial.h. One timer, for what began first; it does not run where nothing is under way. */
#include "partial.h"

#include <stdio.h>
#include <stdlib.h>

#include "client.h"
#include "loop.h"
#include "supervisor.h"

struct partial_user {
	struct partial_user *next;
	uint32_t uid;
	unsigned refs;
	size_t bytes;
	uint64_t read_at; /* the turn of the loop, by its time, in which what follows was read */
	uint64_t read;    /* bytes */
};

/* Bytes from which on no more is read in a turn. */
enum { READ_MOST = 64 << 20 };

/* -------------------------------------------------------------------- users */

struct partial_user *partial_ref(struct partial_user *u)
{
	u->refs++;
	return u;
}

struct partial_user *partial_user(struct supervisor *s, uint32_t uid)
{
	struct partial_user *u = s->partials.users;

	while (u && u->uid != uid)
		u = u->next;
	if (u)
		return partial_ref(u);
	u = malloc(sizeof(*u));
	if (!u)
		return NULL;
	*u = (struct partial_user){.next = s->partials.users, .uid = uid, .refs = 1};
	s->partials.users = u;
	return u;
}

void partial_unref(struct supervisor *s, struct partial_user *u)
{
	struct partial_user **at = &s->partials.users;

	if (--u->refs > 0)
		return;
	while (*at != u)
		at = &(*at)->next;
	*at = u->next;
	free(u);
}

void partial_add(struct supervisor *s, struct partial_user *u, size_t bytes)
{
	u->bytes += bytes;
	s->partials.bytes += bytes;
}

void partial_remove(struct supervisor *s, struct partial_user *u, size_t bytes)
{
	u->bytes -= bytes;
	s->partials.bytes -= bytes;
}

static size_t left(uint64_t most, size_t used)
{
	return most > used ? (size_t)(most - used) : 0;
}

size_t partial_room(const struct supervisor *s, const struct partial_user *u)
{
	size_t own = left(s->spec->brood.max_partial_per_uid.bytes, u->bytes);
	size_t all = left(s->spec->brood.max_partial.bytes, s->partials.bytes);

	return own < all ? own : all;
}

void partial_explain(const struct supervisor *s, const struct partial_user *u, char *out, size_t size)
{
	const struct brood_spec *spec = &s->spec->brood;
	bool is_own = left(spec->max_partial_per_uid.bytes, u->bytes) <=
		      left(spec->max_partial.bytes, s->partials.bytes);

	if (is_own)
		snprintf(out, size, "what is under way of uid %u holds %zu bytes, max_partial_per_uid is %llu", u->uid,
			 u->bytes, (unsigned long long)spec->max_partial_per_uid.bytes);
	else
		snprintf(out, size, "requests under way hold %zu bytes, max_partial is %llu", s->partials.bytes,
			 (unsigned long long)spec->max_partial.bytes);
}

bool partial_may_read(const struct supervisor *s, struct partial_user *u, uint64_t bytes)
{
	uint64_t now = uv_now(&s->uv);

	if (u->read_at != now)
		u->read = 0;
	u->read_at = now;
	if (u->read >= READ_MOST)
		return false;
	u->read += bytes;
	return true;
}

/* --------------------------------------------------------------------- time */

static uint64_t limit_of(const struct client *c)
{
	return (uint64_t)client_endpoint(c)->partial_timeout.ms;
}

/* Why it must go; the sentence for its client. */
static void say_late(const struct client *c, const char *what, char *out, size_t size)
{
	snprintf(out, size, "%s was not whole within partial_timeout, %llu ms", what, (unsigned long long)limit_of(c));
}

static void give_up_requests(struct client *c, uint64_t now)
{
	uint64_t since;
	uint32_t id;
	char text[96];

	while (!c->is_gone && assembly_oldest(&c->assembly, &id, &since) && since + limit_of(c) <= now) {
		say_late(c, "the request", text, sizeof(text));
		client_give_up(c, id, REASON_DEADLINE, text);
	}
}

static void give_up_frame(struct client *c, uint64_t now)
{
	char text[96];

	if (c->is_gone || c->frame_held == 0 || c->frame_since + limit_of(c) > now)
		return;
	say_late(c, "a frame", text, sizeof(text));
	(void)client_end(c, REASON_DEADLINE, text);
}

/* When the first thing of this client is too late; UINT64_MAX: nothing is under way. */
static uint64_t due_of(const struct client *c)
{
	uint64_t due = UINT64_MAX;
	uint64_t since;
	uint32_t id;

	if (limit_of(c) == 0 || c->stage == CLIENT_GREETING)
		return due;
	if (assembly_oldest(&c->assembly, &id, &since))
		due = since + limit_of(c);
	if (c->frame_held > 0 && c->frame_since + limit_of(c) < due)
		due = c->frame_since + limit_of(c);
	return due;
}

/* Where we are the ones who do not read, its time stands still. */
static void look_at(struct client *c, uint64_t now)
{
	if (due_of(c) > now)
		return;
	if (c->link.is_paused || c->link.is_full) {
		assembly_touch(&c->assembly, now);
		c->frame_since = now;
		return;
	}
	give_up_requests(c, now);
	give_up_frame(c, now);
}

static void on_due(uv_timer_t *timer)
{
	struct supervisor *s = timer->data;
	uint64_t now = uv_now(&s->uv);
	uint64_t next = UINT64_MAX;

	for (uint32_t i = 0; i < s->fleet.ledger.caller_count; i++) {
		if (s->clients[i])
			look_at(s->clients[i], now);
		if (s->clients[i] && due_of(s->clients[i]) < next)
			next = due_of(s->clients[i]);
	}
	if (next != UINT64_MAX)
		uv_timer_start(&s->partials.timer, on_due, next > now ? next - now : 1, 0);
}

void partial_begun(struct client *c)
{
	uv_timer_t *timer = &c->s->partials.timer;
	uint64_t due = due_of(c);
	uint64_t now = uv_now(&c->s->uv);
	uint64_t wait = due > now ? due - now : 0;

	if (due == UINT64_MAX)
		return;
	if (!uv_is_active((uv_handle_t *)timer) || uv_timer_get_due_in(timer) > wait)
		uv_timer_start(timer, on_due, wait, 0);
}

void partial_open(struct supervisor *s)
{
	uv_timer_init(&s->uv, &s->partials.timer);
	s->partials.timer.data = s;
}

void partial_close(struct supervisor *s)
{
	uv_close((uv_handle_t *)&s->partials.timer, NULL);
}
