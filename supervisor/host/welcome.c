/*
 * welcome: see welcome.h.
 */
#include "welcome.h"

#include <stdio.h>

#include "bodies.h"
#include "channel.h"
#include "contract.h"
#include "greeting.h"
#include "instance.h"
#include "passing.h"
#include "shelf.h"
#include "supervisor.h"
#include "transfer.h"

/* The largest message of all endpoints that lead to this worker. */
static uint32_t largest_message(const struct instance *i)
{
	const struct config_spec *spec = i->s->spec;
	uint64_t most = 0;

	for (size_t n = 0; n < spec_entrances(spec); n++) {
		if (spec->endpoints[n].pool == instance_worker(i)->pool &&
		    spec->endpoints[n].max_message.bytes > most)
			most = spec->endpoints[n].max_message.bytes;
	}
	return most > 0 ? (uint32_t)most : BROOD_MAX_MESSAGE;
}

static struct hello own_hello(const struct instance *i)
{
	const struct worker_spec *w = instance_worker(i)->spec;
	uint64_t passing = passing_is_possible(w) ? FEATURE_FDS : 0;
	bool is_handed_over = transfer_is_wanted(i->s->spec, instance_worker(i)->pool);
	uint64_t conn = is_handed_over ? FEATURE_CONN | FEATURE_FDS : 0;
	uint64_t store = shelf_is_possible(w) ? FEATURE_STORE | FEATURE_FDS : 0;
	/* who may call nobody is told so by its name */
	uint64_t calls = w->channel == CHANNEL_SOCKETPAIR ? FEATURE_CALLS | (w->calls.count > 0 ? FEATURE_FDS : 0) : 0;

	return (struct hello){
		.version_min = BROOD_VERSION_MIN,
		.version_max = BROOD_VERSION_MAX,
		.max_frame = BROOD_MAX_FRAME,
		.max_message = largest_message(i),
		.stream_window = BROOD_REPLY_WINDOW,
		.conn_window = BROOD_CONN_WINDOW,
		.features = FEATURE_CANCEL | FEATURE_STREAM | FEATURE_STARTED |
			    (i->board >= 0 ? (uint64_t)FEATURE_BOARD : 0) | passing | conn | calls | store |
			    (is_handed_over ? (uint64_t)FEATURE_TAKEN : 0) |
			    (bodies_may_be_shared(w) ? (uint64_t)FEATURE_MEMFD : 0),
		/* a call that brings some must find its way, and so must a connection */
		.required = (w->fds > 0 ? passing : 0) | conn,
	};
}

static size_t own_lines(const struct instance *i, char *lines, size_t capacity)
{
	const struct worker *w = instance_worker(i);
	char instance[16];
	char generation[16];
	size_t size = 0;

	snprintf(instance, sizeof(instance), "%u", w->instance);
	snprintf(generation, sizeof(generation), "%u", i->generation);
	if (!hello_add_line(lines, capacity, &size, "name", w->spec->name) ||
	    !hello_add_line(lines, capacity, &size, "instance", instance) ||
	    !hello_add_line(lines, capacity, &size, "generation", generation))
		return 0;
	return size;
}

/* Says so and lets it end by itself: with 78, it is not started again. */
static bool refuse_version(struct instance *i, const struct hello *peer)
{
	char text[GREETING_PROBLEM];
	char name[64];

	greeting_explain(text, sizeof(text), "worker", peer);
	log_say(&i->s->log, "%s gen %u: %s", instance_name(i, name, sizeof(name)), i->generation, text);
	link_goaway(&i->link, REASON_VERSION, text);
	link_half_close(&i->link);
	return true;
}

bool welcome_receive(struct instance *i, const struct frame *f)
{
	struct hello own = own_hello(i);
	struct hello peer;
	struct hello agreed;

	if (f->type != FRAME_WELCOME)
		return channel_break_off(i, "not a handshake");
	if (hello_read(f->body, f->body_size, &peer) != HELLO_OK)
		return channel_break_off(i, "malformed handshake");
	if (hello_agree(&own, &peer, &agreed) != HELLO_OK)
		return refuse_version(i, &peer);
	link_agree(&i->link, &agreed);
	bodies_see_worker(i);
	i->is_introduced = true;
	return true;
}

void welcome_offer(struct instance *i)
{
	struct hello h = own_hello(i);
	uint8_t payload[HELLO_MOST];
	char lines[512];
	size_t size;

	h.lines = lines;
	h.lines_size = own_lines(i, lines, sizeof(lines));
	size = hello_write(payload, sizeof(payload), &h);
	link_send(&i->link,
		  &(struct frame){.type = FRAME_HELLO, .body = payload, .body_size = (uint32_t)size});
	link_flush(&i->link);
}
