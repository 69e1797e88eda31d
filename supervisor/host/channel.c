/*
 * channel: frames of one worker, to events. Its handshake is welcome's, what it is given to do is delivery's.
 *
 * A worker that breaks the protocol is killed and replaced; it can never reach a call that is not its own, because
 * ids are looked up in its own table by the core.
 */
#include "channel.h"

#include <stdio.h>
#include <string.h>

#include "bodies.h"
#include "contract.h"
#include "client.h"
#include "escape.h"
#include "head.h"
#include "instance.h"
#include "liaison.h"
#include "loop.h"
#include "passing.h"
#include "shelf.h"
#include "supervisor.h"
#include "transfer.h"
#include "welcome.h"

/* Bytes for a worker that does not read; then the clients that notify it wait. */
enum { UNREAD_MOST = 1 << 20 };

static struct instance *instance_of_link(struct link *l)
{
	return l->user;
}

static void give(struct instance *i, enum event_kind kind, uint32_t id, uint32_t number)
{
	loop_give(i->s, &(struct event){.kind = kind,
					.worker = i->index,
					.generation = i->generation,
					.id = id,
					.number = number});
}

bool channel_break_off(struct instance *i, const char *why)
{
	char text[120];

	snprintf(text, sizeof(text), "protocol error at byte %llu: %s",
		 (unsigned long long)frame_offset(&i->link.decoder), why);
	link_goaway(&i->link, REASON_PROTOCOL, text);
	link_flush(&i->link);
	link_break(&i->link, text);
	return false;
}

/* ------------------------------------------------------------------- frames */

static void say_farewell(struct instance *i, const struct frame *f)
{
	struct head_entry text = {.value = "", .value_size = 0};
	char name[64];

	(void)head_find(f->head, f->head_size, ":error", &text);
	log_say(&i->s->log, "%s gen %u ends its connection (%s): %.*s", instance_name(i, name, sizeof(name)),
		i->generation, frame_reason_name(f->arg), (int)text.value_size, text.value);
}

/* STATUS carries sd_notify's words, one a line. */
static void receive_status(struct instance *i, const struct frame *f)
{
	const char *at = (const char *)f->body;
	size_t left = f->body_size;

	while (left > 0) {
		const char *end = memchr(at, '\n', left);
		size_t length = end ? (size_t)(end - at) : left;

		if (length > 7 && memcmp(at, "STATUS=", 7) == 0)
			escape_text(at + 7, length - 7, i->note, sizeof(i->note), NULL);
		else if (length == 7 && memcmp(at, "READY=1", 7) == 0)
			give(i, FLEET_READY, 0, 0);
		else if (length == 10 && memcmp(at, "STOPPING=1", 10) == 0)
			give(i, FLEET_SLOTS, 0, 0);
		at += length + (end != NULL);
		left -= length + (end != NULL);
	}
}

static void receive_notify(struct instance *i, const struct frame *f)
{
	char text[1024];
	char name[64];

	escape_text(f->body, f->body_size, text, sizeof(text), NULL);
	log_say(&i->s->log, "%s notifies %u: %s", instance_name(i, name, sizeof(name)), f->arg, text);
}

bool channel_owe(struct instance *i, const struct frame *f)
{
	return link_send_owed(&i->link, f) || channel_break_off(i, "it asks more than it reads");
}

static bool owe_refusal(struct instance *i, uint32_t id, const char *text)
{
	uint8_t block[160];
	struct head_writer w = {.block = block, .capacity = sizeof(block)};
	bool fits = head_add_text(&w, ":error", text);

	return channel_owe(i, &(struct frame){.type = FRAME_REPLY,
					      .flags = FLAG_EOS | FLAG_NOT_PROCESSED,
					      .id = id,
					      .arg = frame_status_of(REASON_UNSUPPORTED),
					      .head = block,
					      .head_size = fits ? (uint32_t)w.size : 0});
}

/* Gives the core a frame that is for a client, while its bytes are at hand. True: an action passed it on. */
static bool pass(struct instance *i, const struct frame *f, enum event_kind kind)
{
	struct supervisor *s = i->s;
	bool taken;

	s->at_hand = f;
	s->at_hand_from = i;
	s->at_hand_was_taken = s->at_hand_is_too_much = false;
	loop_give(s, &(struct event){.kind = kind,
				     .worker = i->index,
				     .generation = i->generation,
				     .id = f->id,
				     .size = bodies_size(f),
				     .ends_message = (f->flags & FLAG_EOM) != 0});
	taken = s->at_hand_was_taken;
	s->at_hand = NULL;
	s->at_hand_from = NULL;
	return taken;
}

void channel_credit(struct instance *i, uint32_t id, uint32_t bytes)
{
	if (i->has_channel)
		link_send(&i->link, &(struct frame){.type = FRAME_WINDOW, .id = id, .arg = bytes});
}

/* A chunk of an answer. The id's credit comes back when the client has taken the chunk, or now if nobody wants it. */
static bool receive_data(struct instance *i, const struct frame *f)
{
	uint32_t bytes = frame_cost(f);
	bool taken = pass(i, f, FLEET_PART);

	if (i->s->at_hand_is_too_much)
		return channel_break_off(i, "DATA beyond its credit");
	channel_credit(i, 0, bytes);
	if (!taken && !(f->flags & FLAG_EOS))
		channel_credit(i, f->id, bytes);
	return i->has_channel;
}

/* Of a call of its own: refused. One of ours it can only answer in the words that both know. */
static bool receive_unknown(struct instance *i, const struct frame *f)
{
	if (f->flags & FLAG_IGNORABLE || f->id == 0)
		return true;
	if (f->id % 2 != 0)
		return owe_refusal(i, f->id, "this frame type is unknown");
	return channel_break_off(i, "a frame of unknown type about a call");
}

/*
 * A status as a worker may say it: a code that there is, and of brood's reasons those by which an SDK refuses a call.
 * That a worker has crashed, say, is brood's to tell.
 */
static uint32_t honest(uint32_t status)
{
	uint32_t reason = frame_status_reason(status);
	uint32_t code = frame_status_code(status);

	if (code > CODE_UNAUTHENTICATED)
		return frame_status(REASON_NONE, CODE_UNKNOWN);
	switch (reason) {
	case REASON_NONE:
	case REASON_CANCELLED:
	case REASON_DEADLINE:
	case REASON_TOO_LARGE:
	case REASON_OVERLOADED:
	case REASON_UNSUPPORTED:
	case REASON_INVALID:
	case REASON_INTERNAL:
	case REASON_FD_LOST:
	case REASON_FD_REFUSED:
	case REASON_DRAINING:
		return status;
	default:
		return frame_status(REASON_NONE, code);
	}
}

static bool receive_reply(struct instance *i, const struct frame *f)
{
	struct frame reply;
	struct passing_refusal room;

	if (f->flags & FLAG_MEMFD && !bodies_check_reply(i, f))
		return channel_break_off(i, "an answer in memory that its call has not lent, or not all of it");
	if (i->link.flows.first)
		(void)flow_drop(&i->link.flows, f->id); /* it wants no more of the request */
	if (f->nfds == 0 && honest(f->arg) == f->arg) {
		(void)pass(i, f, FLEET_REPLY);
		return i->has_channel;
	}
	reply = *f;
	reply.arg = honest(f->arg);
	if (reply.nfds > 0)
		passing_check_reply(i, &reply, &room);
	(void)pass(i, &reply, FLEET_REPLY);
	return i->has_channel;
}

/* Ids are odd, as those of all that a worker asks; whether one is used twice is its own affair. */
static bool receive_connect(struct instance *i, const struct frame *f)
{
	if (f->id % 2 == 0)
		return channel_break_off(i, "CONNECT with an even id");
	if (!(i->link.agreed.features & FEATURE_CALLS))
		return owe_refusal(i, f->id, "CALLS was not agreed on");
	return liaison_ask(i, f);
}

static bool receive(struct link *l, const struct frame *f)
{
	struct instance *i = instance_of_link(l);

	if (f->type == FRAME_GOAWAY) {
		say_farewell(i, f);
		give(i, FLEET_SLOTS, 0, 0);
		return i->has_channel;
	}
	if (!i->is_introduced)
		return welcome_receive(i, f);
	switch (f->type) {
	case FRAME_SLOTS:
		give(i, FLEET_SLOTS, 0, f->arg);
		break;
	case FRAME_WINDOW:
		if (!link_credit(l, f->id, f->arg))
			return channel_break_off(i, "more credit than can be");
		break;
	case FRAME_PING:
		return channel_owe(i, &(struct frame){.type = FRAME_PONG, .arg = f->arg});
	case FRAME_FLUSH:
		return channel_owe(i, &(struct frame){.type = FRAME_FLUSHED, .arg = f->arg});
	case FRAME_FLUSHED:
		if (i->last_flush != 0 && f->arg == i->last_flush)
			give(i, FLEET_FLUSHED, 0, 0);
		else
			barrier_passed(i, f->arg);
		break;
	case FRAME_STATUS:
		receive_status(i, f);
		break;
	case FRAME_STARTED:
		give(i, FLEET_STARTED, f->arg, 0);
		break;
	case FRAME_CONN_END:
		transfer_ended(i, f->id, f->arg);
		break;
	case FRAME_CONN:
		transfer_taken(i, f->id);
		break;
	case FRAME_NOTIFY:
		receive_notify(i, f);
		break;
	case FRAME_REPLY:
		return receive_reply(i, f);
	case FRAME_DATA:
		return receive_data(i, f);
	case FRAME_HELLO:
	case FRAME_WELCOME:
		return channel_break_off(i, "a second handshake");
	case FRAME_CALL:
		return owe_refusal(i, f->id, "calls go over a connection: ask for one by CONNECT");
	case FRAME_CONNECT:
		return receive_connect(i, f);
	case FRAME_STORE:
	case FRAME_FETCH:
		return shelf_receive(i, f) && i->has_channel;
	case FRAME_HEADERS:
		(void)pass(i, f, FLEET_HEADERS);
		break;
	case FRAME_PONG:
	case FRAME_CANCEL:
	case FRAME_AUTH:
		break; /* nothing that we asked for or agreed on */
	default:
		return receive_unknown(i, f);
	}
	return i->has_channel;
}

static bool receive_too_large(struct link *l, const struct frame *f)
{
	char text[80];

	snprintf(text, sizeof(text), "frame %llu > max_frame %u", (unsigned long long)f->length,
		 l->decoder.max_frame);
	return channel_break_off(instance_of_link(l), text);
}

static void ended(struct link *l, enum link_end how)
{
	instance_channel_ended(instance_of_link(l), how);
}

static void flushed(struct link *l)
{
	struct instance *i = instance_of_link(l);

	if (i->transfers)
		transfer_written(i);
	if (!i->holds_clients)
		return;
	i->holds_clients = false;
	client_let_go(i->s, i->index);
}

static const struct link_owner owner = {receive, receive_too_large, ended, flushed, NULL, NULL, NULL};

/* ------------------------------------------------------------------ outward */

int channel_open(struct instance *i, int in, int out)
{
	const struct worker_spec *spec = instance_worker(i)->spec;
	int rc = link_open(&i->link, i->s, &owner, i, in, out, BROOD_MAX_FRAME);

	if (rc < 0)
		return rc;
	i->link.takes_fds = in == out && (spec->reply_fds > 0 || shelf_is_possible(spec));
	welcome_offer(i);
	return 0;
}

void channel_bind(struct instance *i)
{
	if (i->link.in == i->link.out)
		i->link.only_from = i->pid;
}

void channel_notify(struct instance *i)
{
	const struct frame *f = i->s->at_hand;
	struct frame out = {.type = FRAME_NOTIFY, .arg = f->arg, .body = f->body, .body_size = f->body_size};
	char name[64];

	if (frame_size(&out) > i->link.flows.max_frame) {
		log_say(&i->s->log, "%s takes frames of at most %u bytes: a one-way message of %u is dropped",
			instance_name(i, name, sizeof(name)), i->link.flows.max_frame, f->body_size);
		return;
	}
	link_send(&i->link, &out);
	i->s->notified = i->index;
}

bool channel_holds(struct instance *i)
{
	if (!i->has_channel || link_is_cut(&i->link) || link_waiting(&i->link) <= UNREAD_MOST)
		return false;
	i->holds_clients = true;
	return true;
}

void channel_say_goodbye(struct instance *i)
{
	if (!i->has_channel || i->is_told)
		return;
	i->is_told = true;
	link_goaway(&i->link, REASON_DRAINING, "the supervisor asks this worker to end");
}

void channel_ask_flushed(struct instance *i)
{
	if (!i->has_channel)
		return; /* its end is on its way to the core */
	i->last_flush = ++i->barriers.next_cookie;
	link_send(&i->link, &(struct frame){.type = FRAME_FLUSH, .arg = i->last_flush});
}

void channel_end(struct instance *i)
{
	if (!i->has_channel)
		return;
	channel_say_goodbye(i);
	link_half_close(&i->link);
	link_flush(&i->link); /* before the signal, which follows */
}
