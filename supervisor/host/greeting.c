/*
 * greeting: a client's handshake: HELLO in, WELCOME and SLOTS out, within handshake_timeout.
 */
#include "greeting.h"

#include <stdio.h>

#include "bodies.h"
#include "contract.h"
#include "fds.h"
#include "passing.h"
#include "supervisor.h"

static struct hello own_hello(const struct client *c)
{
	const struct worker_spec *w = &c->s->spec->workers[client_endpoint(c)->pool];
	bool passes = passing_is_possible(w);
	bool shares = bodies_are_offered(c->s, client_endpoint(c)->pool) && bodies_may_come_from(w, c->peer.uid) &&
		      !c->copies;

	return (struct hello){
		.version_min = BROOD_VERSION_MIN,
		.version_max = BROOD_VERSION_MAX,
		.max_frame = (uint32_t)client_endpoint(c)->max_frame.bytes,
		.max_message = (uint32_t)client_endpoint(c)->max_message.bytes,
		.stream_window = BROOD_STREAM_WINDOW,
		.conn_window = BROOD_CONN_WINDOW,
		.slots = client_endpoint(c)->max_calls,
		.features = FEATURE_CANCEL | FEATURE_STREAM | (passes ? (uint64_t)FEATURE_FDS : 0) |
			    (shares ? (uint64_t)FEATURE_MEMFD : 0),
	};
}

static void send_welcome(struct client *c, uint16_t version)
{
	const struct endpoint_spec *e = client_endpoint(c);
	struct hello h = own_hello(c);
	uint8_t payload[HELLO_MOST];
	char lines[512];
	char timeout[24];
	size_t size = 0;

	snprintf(timeout, sizeof(timeout), "%lld",
		 (long long)c->s->spec->workers[e->pool].call_timeout.ms);
	if (!hello_add_line(lines, sizeof(lines), &size, "name", e->name) ||
	    !hello_add_line(lines, sizeof(lines), &size, "pool", e->pool_name) ||
	    !hello_add_line(lines, sizeof(lines), &size, "call_timeout_ms", timeout))
		size = 0;
	h.version_min = h.version_max = version;
	h.lines = lines;
	h.lines_size = size;
	size = hello_write(payload, sizeof(payload), &h);
	link_send(&c->link,
		  &(struct frame){.type = FRAME_WELCOME, .body = payload, .body_size = (uint32_t)size});
	link_send(&c->link, &(struct frame){.type = FRAME_SLOTS, .arg = client_endpoint(c)->max_calls});
}

void greeting_explain(char *out, size_t size, const char *who, const struct hello *peer)
{
	if (peer->version_min > BROOD_VERSION_MAX || peer->version_max < BROOD_VERSION_MIN)
		snprintf(out, size, "this brood speaks versions %u..%u, the %s %u..%u", BROOD_VERSION_MIN,
			 BROOD_VERSION_MAX, who, peer->version_min, peer->version_max);
	else
		snprintf(out, size, "the %s needs features 0x%llx, this brood has 0x%llx", who,
			 (unsigned long long)peer->required, (unsigned long long)FEATURE_CANCEL);
}

static bool refuse_version(struct client *c, const struct hello *peer)
{
	char text[GREETING_PROBLEM];

	greeting_explain(text, sizeof(text), "client", peer);
	return client_end(c, REASON_VERSION, text);
}

bool greeting_frame(struct client *c, const struct frame *f)
{
	struct hello own = own_hello(c);
	struct hello peer;
	struct hello agreed;

	if (f->type != FRAME_HELLO)
		return client_break_off(c, "not a handshake");
	switch (hello_read(f->body, f->body_size, &peer)) {
	case HELLO_OK:
		break;
	case HELLO_NOT_BROOD:
	case HELLO_MALFORMED:
	case HELLO_NO_VERSION:
	case HELLO_NO_FEATURE:
		return client_break_off(c, "malformed handshake");
	}
	if (hello_agree(&own, &peer, &agreed) != HELLO_OK)
		return refuse_version(c, &peer);
	if (agreed.features & FEATURE_MEMFD && !fds_admit(c->link.in, true)) {
		c->copies = true;
		agreed.features &= ~(uint64_t)FEATURE_MEMFD;
	}
	link_agree(&c->link, &agreed);
	if (c->link.agreed.features & FEATURE_MEMFD)
		c->link.takes_fds = true;
	uv_timer_stop(&c->patience);
	c->stage = CLIENT_OPEN;
	send_welcome(c, agreed.version_max);
	return true;
}

static void on_late(uv_timer_t *timer)
{
	struct client *c = timer->data;

	log_say_limited(&c->s->log, LOG_BROKEN, "%s: client uid %u pid %u said no HELLO within handshake_timeout",
			client_endpoint(c)->name, c->peer.uid, c->peer.pid);
	link_goaway(&c->link, REASON_DEADLINE, "no HELLO within handshake_timeout");
	link_flush(&c->link);
	client_close(c);
}

void greeting_await(struct client *c)
{
	uv_timer_start(&c->patience, on_late, (uint64_t)client_endpoint(c)->handshake_timeout.ms, 0);
}
