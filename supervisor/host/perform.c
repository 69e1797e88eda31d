/*
 * perform: from an action to the module that does it. Never calls the core: results come back as events.
 */
#include "perform.h"

#include "channel.h"
#include "client.h"
#include "control.h"
#include "transfer.h"
#include "delivery.h"
#include "instance.h"
#include "letter.h"
#include "listen.h"
#include "overflow.h"
#include "passage.h"
#include "run.h"
#include "shelf.h"
#include "supervisor.h"

static void tell(struct supervisor *s, const struct action *a)
{
	const struct worker *w = &s->fleet.workers[a->worker];
	char name[SPEC_NAME_MOST + 16];
	char text[TRACE_TEXT];

	if (s->log.is_quiet && !trace_is_trouble(a->trace))
		return;
	trace_text(a->trace, w->spec, text, sizeof(text));
	log_say(&s->log, "%s %s", trace_name(w->spec, w->instance, name, sizeof(name)), text);
}

static void tell_pressure(struct supervisor *s, const struct action *a)
{
	char text[OVERFLOW_TEXT];

	overflow_text(&s->fleet.pools[a->pool], text, sizeof(text));
	log_say_limited(&s->log, LOG_PRESSURE, "%s", text);
}

static void close_stored(struct supervisor *s, const struct worker *w)
{
	shelf_close(s, w->pool, w->instance);
}

static void shut(struct supervisor *s)
{
	watch_end(s);
	listen_close(s);
	/* those of workers go on: what they have in hand may need others */
	for (uint32_t i = 0; i < s->spec->brood.max_clients; i++) {
		if (s->clients[i])
			client_say_goodbye(s->clients[i]);
	}
}

static void about_worker(struct supervisor *s, const struct action *a)
{
	struct instance *i = instance_of(s, a);

	if (!i)
		return;
	switch ((int)a->kind) {
	case ACTION_SIGNAL:
		instance_signal(i, a->generation, (int)a->number);
		break;
	case ACTION_KILL:
		instance_kill(i, a->generation);
		break;
	case ACTION_SAY_GOODBYE:
		channel_say_goodbye(i);
		break;
	case ACTION_FLUSH:
		channel_ask_flushed(i);
		break;
	case ACTION_END_CHANNEL:
		channel_end(i);
		break;
	case ACTION_DELIVER:
		delivery_send(i, a);
		break;
	case ACTION_SEND_PART:
		passage_send(i, request_at(&s->requests, a->body), a->id);
		break;
	case ACTION_CANCEL:
		delivery_cancel(i, a);
		break;
	case ACTION_NOTIFY:
		channel_notify(i);
		break;
	default:
		break;
	}
}

static void about_client(struct supervisor *s, const struct action *a)
{
	struct client *c;

	if (client_is_operators(s, a->client)) {
		if (a->kind == ACTION_ANSWER)
			control_answer(s, a);
		else
			control_forward(s, a);
		return;
	}
	c = client_at(s, a->client);
	if (!c)
		return;
	switch ((int)a->kind) {
	case ACTION_ANSWER:
		client_answer(c, a->id, a->answer);
		break;
	case ACTION_FORWARD:
		client_forward(c, a->id);
		break;
	case ACTION_FORWARD_PART:
		client_forward_part(c, a->id);
		break;
	case ACTION_SLOTS:
		client_allow(c, a->number);
		break;
	default:
		break;
	}
}

void perform(void *supervisor, const struct action *a)
{
	struct supervisor *s = supervisor;

	switch (a->kind) {
	case ACTION_TRACE:
		tell(s, a);
		break;
	case ACTION_SPAWN:
		instance_spawn(s, a->worker, a->generation);
		break;
	case ACTION_SIGNAL:
	case ACTION_KILL:
	case ACTION_SAY_GOODBYE:
	case ACTION_FLUSH:
	case ACTION_END_CHANNEL:
	case ACTION_DELIVER:
	case ACTION_SEND_PART:
	case ACTION_CANCEL:
	case ACTION_NOTIFY:
		about_worker(s, a);
		break;
	case ACTION_FORWARD:
	case ACTION_FORWARD_PART:
	case ACTION_ANSWER:
	case ACTION_SLOTS:
		about_client(s, a);
		break;
	case ACTION_KEEP_PART:
		passage_keep(s, request_at(&s->requests, a->body));
		break;
	case ACTION_BURY:
		letter_write(s, a);
		break;
	case ACTION_RELEASE:
		request_release(&s->requests, a->body);
		break;
	case ACTION_ADMIT:
		s->was_admitted = true;
		break;
	case ACTION_HAND_OVER:
		transfer_send(s, a);
		break;
	case ACTION_DROP_CONNECTION:
		transfer_drop(s, a);
		break;
	case ACTION_REFUSE:
		s->refused_limit = a->number;
		break;
	case ACTION_CLOSE_STORED:
		close_stored(s, &s->fleet.workers[a->worker]);
		break;
	case ACTION_PRESSURE:
		tell_pressure(s, a);
		break;
	case ACTION_PAUSE:
	case ACTION_RESUME:
		listen_pause(s, a->endpoint, a->kind == ACTION_PAUSE);
		break;
	case ACTION_SHUT:
		shut(s);
		break;
	case ACTION_JOB_DONE:
		control_job_done(s, a);
		break;
	case ACTION_FINISHED:
		run_farewell(s, (int)a->number);
		break;
	}
}
