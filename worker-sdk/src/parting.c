/*
 * parting: how a worker that ends takes leave of the connections that it was handed.
 *
 * In order: what was not touched is given back. GOAWAY and a barrier go to each other client; one whose calls are
 * answered and that has passed the barrier is closed. A client that does not drive its handle cannot answer the
 * barrier: it gets LEAVE_MS, then its direction is shut, so that what it has sent by then is still served and what it
 * sends later fails at its end. One that waits for answers, or has some to read, drives its handle: it is behind, and
 * would lose what it starts meanwhile. It gets LEAVE_BUSY_MS since its last call was in hand.
 */
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "conns.h"

enum { LEAVE_MS = 200, LEAVE_BUSY_MS = 2000 };

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

/* Does it wait for answers, or has it not read all that it got? */
static bool is_busy(brood_t *b)
{
	int unread = 0;
	bool has;

	if (b->last_flush == 0 && ioctl(b->out, SIOCOUTQ, &unread) == 0 && unread > 0)
		return true;
	pthread_mutex_lock(&b->lock);
	has = b->in_hand > 0;
	pthread_mutex_unlock(&b->lock);
	return has;
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

	if (!c->is_taken) {
		conn_give_back(worker, c);
		return;
	}
	if (!c->has_greeted && now < worker->conns->leave_at)
		return; /* its HELLO may be on its way: it is told, then, and comes back */
	if (!c->has_greeted || conn_is_over(c)) {
		conn_close(worker, c);
		return;
	}
	if (is_busy(b))
		c->leave_until = now + LEAVE_BUSY_MS;
	if (b->last_flush == 0) {
		say_goodbye(c);
		if (c->leave_until == 0)
			c->leave_until = now + LEAVE_MS;
	}
	if (b->flushed != b->last_flush && now < c->leave_until) {
		if (c->leave_until < worker->conns->look_at)
			worker->conns->look_at = c->leave_until;
		return;
	}
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
	all->look_at = all->leave_at > now ? all->leave_at : INT64_MAX;
	for (struct conn *c = all->first; c; c = next) {
		next = c->next;
		leave(worker, c, now);
	}
}
