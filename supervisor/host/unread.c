/* unread: see unread.h. */
#include "unread.h"

#include <stdio.h>

#include "contract.h"
#include "loop.h"
#include "supervisor.h"

/* What a message or part costs beside its bytes while it waits; a frame that may yet come, with its head. */
/* Reads nothing for so long: stalled, ms. */
enum { STALLED_MS = 1000 };

enum { PIECE_COST = 256, FRAME_ROOM = BROOD_MAX_FRAME + BROOD_MAX_HEAD };

static size_t unread(const struct client *c)
{
	return link_waiting(&c->link) + c->link.flows.pieces * PIECE_COST;
}

static enum reading measure(const struct client *c)
{
	uint64_t most = client_endpoint(c)->max_unread.bytes;
	size_t bytes = unread(c);
	/* one that is full has to read a frame first; what the allocator adds is not more than a 32nd part */
	size_t room = c->reading == READING_FULL ? 2 * FRAME_ROOM : FRAME_ROOM;

	if (bytes + room + most / 32 > most)
		return READING_FULL;
	if (bytes > most / 4)
		return READING_LATE;
	return bytes < most / 8 || c->reading == READING ? READING : READING_LATE;
}

static void review(struct client *c, bool is_stalled)
{
	enum reading reading = measure(c);

	if ((reading == c->reading && is_stalled == c->is_stalled) || c->is_gone)
		return;
	c->reading = reading;
	c->is_stalled = is_stalled;
	loop_give(c->s, &(struct event){.kind = FLEET_READS,
					.client = c->number,
					.number = reading,
					.is_stalled = is_stalled});
}

static uint64_t first_step(const struct client *c)
{
	uint64_t most = (uint64_t)client_endpoint(c)->read_timeout.ms;

	return most > 0 && most < STALLED_MS ? most : STALLED_MS;
}

static void on_stalled(uv_timer_t *timer);

/* In two steps: until it is stalled, and then until there is no patience left. */
static void wait_on(struct client *c, uint64_t ms)
{
	c->written_then = c->link.outbox.sent;
	uv_timer_start(&c->patience, on_stalled, ms, 0);
}

static void close_stalled(struct client *c)
{
	char text[160];

	snprintf(text, sizeof(text), "it has read nothing for %lld ms (read_timeout) while %zu bytes wait for it",
		 (long long)client_endpoint(c)->read_timeout.ms, unread(c));
	log_say_limited(&c->s->log, LOG_BROKEN, "%s: client uid %u pid %u is closed: %s", client_endpoint(c)->name,
			c->peer.uid, c->peer.pid, text);
	link_goaway(&c->link, REASON_DEADLINE, text);
	link_flush(&c->link);
	client_close(c);
}

static void on_stalled(uv_timer_t *timer)
{
	struct client *c = timer->data;
	uint64_t most = (uint64_t)client_endpoint(c)->read_timeout.ms;

	if (link_waiting(&c->link) == 0)
		return;
	if (c->link.outbox.sent != c->written_then) {
		wait_on(c, first_step(c)); /* it has read something meanwhile */
		return;
	}
	if (most > 0 && (c->is_stalled || most <= STALLED_MS)) {
		close_stalled(c);
		return;
	}
	if (most > 0)
		wait_on(c, most - STALLED_MS);
	review(c, true);
}

void unread_grew(struct client *c)
{
	review(c, c->is_stalled);
}

void unread_written(struct client *c)
{
	if (c->is_gone || c->stage == CLIENT_GREETING)
		return;
	review(c, c->is_stalled && link_waiting(&c->link) > 0 && c->link.outbox.sent == c->written_then);
	if (link_waiting(&c->link) == 0 || uv_is_active((uv_handle_t *)&c->patience))
		return;
	if (!c->is_stalled)
		wait_on(c, first_step(c));
}
