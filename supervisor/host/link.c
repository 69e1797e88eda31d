/*
 * link: a connection's beginning and end, and what its polls look for. See link.h; link_read.c and link_write.c have
 * the bytes.
 */
#include "link.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "contract.h"
#include "link_parts.h"
#include "loop.h"
#include "supervisor.h"

const char *link_problem(const struct link *l)
{
	return l->problem;
}

bool link_is_cut(const struct link *l)
{
	return !l->is_open || l->is_lost;
}

size_t link_waiting(const struct link *l)
{
	return l->is_lost ? 0 : outbox_bytes(&l->outbox) + l->flows.waiting;
}

void link_end(struct link *l, enum link_end how, const char *problem)
{
	if (l->is_ended)
		return;
	l->is_ended = true;
	snprintf(l->problem, sizeof(l->problem), "%s", problem);
	l->owner->ended(l, how);
	link_look(l);
}

/* What the peer sent before it went is still read, and then it has ended, even if it never closes: link_turn(). */
void link_cannot_write(struct link *l)
{
	if (l->is_lost)
		return;
	l->is_lost = true;
	l->is_half_closed = true;
	loop_mark(l->s, l);
}

void link_break(struct link *l, const char *why)
{
	link_end(l, LINK_BROKEN, why);
}

/* ------------------------------------------------------------------- polls */

static void on_out(uv_poll_t *poll, int status, int events)
{
	struct link *l = poll->data;

	(void)events;
	if (status < 0) {
		l->events_out = 0;
		link_cannot_write(l);
		return;
	}
	link_flush(l);
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
	struct link *l = poll->data;

	if (status < 0)
		l->events = 0; /* libuv reports an error condition so, and stops */
	if (l->is_ended && (status < 0 || events & UV_PRIORITIZED)) {
		if (l->owner->hung_up)
			l->owner->hung_up(l);
		return;
	}
	if (status < 0) {
		link_read(l); /* tells which */
		if (!l->is_ended && l->is_open)
			link_see_error(l, 0);
		return;
	}
	if (events & UV_WRITABLE)
		link_flush(l);
	if (events & UV_READABLE && l->is_open && !l->is_ended && link_may_read(l))
		link_read(l);
}

static void set(uv_poll_t *poll, int *now, int events, uv_poll_cb callback)
{
	if (*now == events)
		return;
	*now = events;
	if (events)
		uv_poll_start(poll, events, callback);
	else
		uv_poll_stop(poll);
}

/*
 * Sets what the polls look for. A hang-up is only reported to who looks for something: after a half-close that is
 * "priority" data, which is never sent here.
 */
void link_look(struct link *l)
{
	bool wants_room =
		!l->is_lost && !l->is_half_closed && !l->is_starved && outbox_bytes(&l->outbox) > 0;
	int in = 0;

	if (!l->is_open)
		return;
	if (l->is_ended)
		in = l->owner->hung_up ? UV_PRIORITIZED : 0;
	else if (link_may_read(l))
		in = UV_READABLE;
	if (l->in == l->out)
		in |= wants_room ? UV_WRITABLE : 0;
	set(&l->poll, &l->events, in, on_ready);
	if (l->in != l->out && l->out >= 0)
		set(&l->poll_out, &l->events_out, wants_room ? UV_WRITABLE : 0, on_out);
}

void link_one_closed(uv_handle_t *handle)
{
	struct link *l = handle->data;

	if (--l->handles == 0 && l->closed)
		l->closed(l);
}

void link_pause(struct link *l, bool pause)
{
	l->is_paused = pause;
	link_look(l);
}

void link_agree(struct link *l, const struct hello *agreed)
{
	l->agreed = *agreed;
	l->agreed.lines = NULL;
	l->agreed.lines_size = 0;
	l->flows.max_frame = agreed->max_frame;
	l->flows.stream_window = agreed->stream_window;
	l->flows.credit = agreed->conn_window;
}

/* ---------------------------------------------------------- beginning and end */

int link_open(struct link *l, struct supervisor *s, const struct link_owner *owner, void *user, int in,
	      int out, uint32_t max_frame)
{
	int rc;

	*l = (struct link){.s = s, .owner = owner, .user = user, .in = in, .out = out, .is_open = true};
	frame_open(&l->decoder, max_frame);
	l->outbox.spares = &s->spares;
	l->flows.out = &l->outbox;
	l->flows.max_frame = BROOD_MAX_FRAME_LEAST;
	rc = uv_poll_init(&s->uv, &l->poll, in);
	if (rc == 0)
		l->handles++;
	if (rc == 0 && in != out) {
		rc = uv_poll_init(&s->uv, &l->poll_out, out);
		l->handles += rc == 0;
	}
	l->poll.data = l->poll_out.data = l;
	if (rc == 0)
		link_look(l);
	return rc;
}

static void forget_dirty(struct link *l)
{
	struct link **at = &l->s->dirty;

	if (!l->is_dirty)
		return;
	while (*at != l)
		at = &(*at)->next_dirty;
	*at = l->next_dirty;
	l->is_dirty = false;
}

static void forget_starved(struct link *l)
{
	struct link **at = &l->s->starved;

	if (!l->is_starved)
		return;
	while (*at != l)
		at = &(*at)->next_starved;
	*at = l->next_starved;
	l->is_starved = false;
}

void link_close(struct link *l, void (*closed)(struct link *l))
{
	bool has_poll = l->handles > 0;
	bool has_poll_out = l->out >= 0 && l->out != l->in && l->handles > 1;

	if (!l->is_open)
		return;
	l->is_open = false;
	l->closed = closed;
	l->is_lost = true;
	forget_dirty(l);
	forget_starved(l);
	/* first the handles, then the descriptors: see half_close() */
	if (has_poll)
		uv_close((uv_handle_t *)&l->poll, link_one_closed);
	if (has_poll_out)
		uv_close((uv_handle_t *)&l->poll_out, link_one_closed);
	if (l->out >= 0 && l->out != l->in)
		close(l->out);
	close(l->in);
	flow_close(&l->flows);
	outbox_close(&l->outbox);
	frame_close(&l->decoder);
	fd_queue_close(&l->arrived);
	if (l->handles == 0 && closed)
		closed(l);
}
