/*
 * passing: descriptors are only let through where the configuration of the pool says how many.
 *
 * What is refused is closed by whoever read it (link_read); here it is only decided, and told. The numbers that are
 * counted are brood's own: how many it holds for all calls together is limited by max_fds.
 */
#include "passing.h"

#include <stdio.h>

#include "client.h"
#include "head.h"
#include "instance.h"
#include "supervisor.h"

bool passing_is_possible(const struct worker_spec *w)
{
	return w->channel == CHANNEL_SOCKETPAIR && (w->fds > 0 || w->reply_fds > 0);
}

static enum frame_reason judge(const struct supervisor *s, const struct frame *f, const struct worker_spec *w,
			       const char *what, const char *key, uint32_t most, char text[PASSING_TEXT])
{
	if (f->nfds == FRAME_FDS_UNSENT) {
		snprintf(text, PASSING_TEXT, "the %s's descriptors could not be sent", what);
		return REASON_FD_LOST;
	}
	if (f->nfds > most) {
		snprintf(text, PASSING_TEXT, "the %s brings %u descriptors, %s of worker %s is %u", what, f->nfds, key,
			 w->name, most);
		return REASON_FD_REFUSED;
	}
	if (f->fds_lost || !f->fds) {
		snprintf(text, PASSING_TEXT,
			 "not all descriptors of the %s arrived: brood is at its limit of open files", what);
		return REASON_FD_LOST;
	}
	if (s->fds_held > s->spec->brood.max_fds) {
		snprintf(text, PASSING_TEXT, "brood would hold %zu descriptors, max_fds is %u", s->fds_held,
			 s->spec->brood.max_fds);
		return REASON_OVERLOADED;
	}
	return REASON_NONE;
}

enum frame_reason passing_judge_call(const struct client *c, const struct frame *f, char text[PASSING_TEXT])
{
	const struct worker_spec *w = &c->s->spec->workers[client_endpoint(c)->pool];

	return judge(c->s, f, w, "call", "fds", w->fds, text);
}

void passing_check_reply(const struct instance *i, struct frame *reply, struct passing_refusal *room)
{
	const struct worker_spec *w = instance_worker(i)->spec;
	struct head_writer head = {.block = room->head, .capacity = sizeof(room->head)};
	char text[PASSING_TEXT];
	enum frame_reason reason = judge(i->s, reply, w, "answer", "reply_fds", w->reply_fds, text);
	bool fits;

	if (reason == REASON_NONE)
		return;
	fits = head_add_text(&head, ":error", text);
	*reply = (struct frame){
		.type = FRAME_REPLY,
		.flags = FLAG_EOS,
		.id = reply->id,
		.arg = frame_status_of(reason),
		.head = room->head,
		.head_size = fits ? (uint32_t)head.size : 0,
	};
}
