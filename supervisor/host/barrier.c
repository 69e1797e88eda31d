/* barrier: one count shared by all the workers that were asked. */
#include "barrier.h"

#include <stdlib.h>

#include "client.h"
#include "instance.h"
#include "supervisor.h"

struct barrier {
	struct supervisor *s;
	uint32_t client;     /* its number, */
	uint64_t connection; /* and that it is still the same one */
	uint32_t cookie;     /* the client's */
	bool is_broken;      /* somebody could not be asked */
	unsigned pending;
};

struct barrier_wait {
	struct barrier_wait *next;
	struct barrier *barrier;
	uint32_t cookie; /* ours, to this worker */
};

static void unref(struct barrier *b)
{
	struct client *c;

	if (--b->pending > 0)
		return;
	c = client_at(b->s, b->client);
	if (c && c->connection == b->connection) {
		c->barriers--;
		if (b->is_broken)
			client_close(c); /* a barrier that does not hold must not be told */
		else
			client_flushed(c, b->cookie);
	}
	free(b);
}

static void ask(struct instance *i, struct barrier *b)
{
	struct barrier_list *list = &i->barriers;
	struct barrier_wait *w = malloc(sizeof(*w));

	if (!w) {
		b->is_broken = true;
		return;
	}
	*w = (struct barrier_wait){.barrier = b, .cookie = ++list->next_cookie};
	if (list->last)
		list->last->next = w;
	else
		list->first = w;
	list->last = w;
	b->pending++;
	link_send(&i->link, &(struct frame){.type = FRAME_FLUSH, .arg = w->cookie});
}

void barrier_start(struct supervisor *s, struct client *c, uint32_t cookie)
{
	const struct pool *p = &s->fleet.pools[s->spec->endpoints[c->endpoint].pool];
	struct barrier *b = malloc(sizeof(*b));

	if (!b) {
		client_close(c);
		return;
	}
	*b = (struct barrier){.s = s, .client = c->number, .connection = c->connection, .cookie = cookie, .pending = 1};
	c->barriers++;
	for (uint32_t n = 0; n < p->worker_count; n++) {
		struct instance *i = &s->instances[p->first_worker + n];

		if (i->is_active && i->has_channel && i->is_introduced)
			ask(i, b);
	}
	unref(b);
}

static void drop_first(struct barrier_list *list)
{
	struct barrier_wait *w = list->first;

	list->first = w->next;
	if (!list->first)
		list->last = NULL;
	unref(w->barrier);
	free(w);
}

void barrier_passed(struct instance *i, uint32_t cookie)
{
	/* answers come in order; one that nobody waits for is ignored */
	if (i->barriers.first && i->barriers.first->cookie == cookie)
		drop_first(&i->barriers);
}

void barrier_forget(struct instance *i)
{
	while (i->barriers.first)
		drop_first(&i->barriers);
}
