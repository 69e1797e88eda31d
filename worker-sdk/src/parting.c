/*
 * parting: how a worker that ends takes leave of the connections that it was handed.
 *
 * In order: GOAWAY and a barrier go to each client; one whose calls are answered and that has passed the barrier is
 * closed. A client that does not drive its handle cannot answer the barrier: it gets LEAVE_MS, then its direction is
 * shut, so that what it has sent by then is still served and what it sends later fails at its end.
 */
#include <sys/socket.h>

#include "conns.h"

enum { LEAVE_MS = 200 };

/* Has it nothing to say and nothing to hear any more? */
static bool is_idle(brood_t *b)
{
	bool idle;

	pthread_mutex_lock(&b->lock);
	idle = b->in_hand == 0 && (b->write_lost || outbox_bytes(&b->outbox) + b->flows.waiting == 0);
	pthread_mutex_unlock(&b->lock);
	return idle && !b->assembly.first;
}

static void say_goodbye(struct conn *c)
{
	static const char text[] = "the worker that serves this connection ends";
	uint8_t block[80];
	struct head_writer w = {.block = block, .capacity = sizeof(block)};
	brood_t *b = c->b;
	bool fits = head_add_text(&w, ":error", text);

	(void)channel_send(b, &(struct frame){.type = FRAME_GOAWAY,
					      .arg = REASON_DRAINING,
					      .head = block,
					      .head_size = fits ? (uint32_t)w.size : 0});
	b->last_flush = ++b->next_cookie;
	(void)channel_send(b, &(struct frame){.type = FRAME_FLUSH, .arg = b->last_flush});
	channel_flush(b);
}

/* What is still on its way from the client when it has to go. */
static void cut(struct conn *c)
{
	if (c->is_cut)
		return;
	c->is_cut = true;
	(void)shutdown(c->b->in, SHUT_RD);
	conn_step(c);
}

static void leave(brood_t *worker, struct conn *c, int64_t now)
{
	brood_t *b = c->b;

	if (!c->has_greeted && now < worker->conns->leave_at)
		return; /* its HELLO may be on its way: it is told, then, and comes back */
	if (!c->has_greeted || conn_is_over(c)) {
		conn_close(worker, c);
		return;
	}
	if (b->last_flush == 0)
		say_goodbye(c);
	if (b->flushed != b->last_flush && now < worker->conns->leave_at)
		return;
	if (is_idle(b))
		cut(c);
	if (conn_is_over(c) || is_idle(b))
		conn_close(worker, c);
}

void conns_leave(brood_t *worker)
{
	struct conns *all = worker->conns;
	int64_t now = now_ms();
	struct conn *next;

	if (all->leave_at == 0)
		all->leave_at = now + LEAVE_MS;
	for (struct conn *c = all->first; c; c = next) {
		next = c->next;
		leave(worker, c, now);
	}
}
