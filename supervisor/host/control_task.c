/* control_task: commands, calls, following, the end: begun, and answered when they are over. */
#include "control_task.h"

#include <string.h>

#include "answer.h"
#include "channel.h"
#include "client.h"
#include "control.h"
#include "escape.h"
#include "instance.h"
#include "loop.h"
#include "operator.h"
#include "supervisor.h"
#include "world_view.h"

/* Bytes for an operator that does not read: then the worker whose answer it asked for waits. */
enum { UNREAD_MOST = 1 << 20 };

static const char *verb_name(enum command_verb verb)
{
	switch (verb) {
	case VERB_START:
		return "start";
	case VERB_STOP:
		return "stop";
	case VERB_RESTART:
		return "restart";
	case VERB_DRAIN:
		return "drain";
	case VERB_SCALE:
		return "scale";
	}
	return "?";
}

static void say_target(const struct operator *o, const struct admin_target *t, const char *verb)
{
	const char *pool = t->pool == NONE ? "all" : o->s->spec->workers[t->pool].name;

	if (t->instance == NONE)
		log_note(&o->s->log, "admin: uid %u pid %d: %s %s", o->uid, (int)o->pid, verb, pool);
	else
		log_note(&o->s->log, "admin: uid %u pid %d: %s %s/%u", o->uid, (int)o->pid, verb, pool, t->instance);
}

/* Sends a reply to who wants one; it is taken. NULL: it could not be made, which is better told than left out. */
static void respond(struct operator *o, json_t *reply)
{
	if (o->task.is_oneway)
		json_decref(reply);
	else
		operator_send(o, reply ? reply : admin_refused("brood cannot make the reply"));
}

static void reply_to_command(struct operator *o)
{
	struct admin_world w = world_view(o->s);

	if (o->is_untold)
		respond(o, admin_refused(o->task.verb == VERB_RESTART
						 ? "too many commands are waited for; nothing is restarted"
						 : "it is asked for, but too many commands are waited for to tell how "
						   "it ends"));
	else
		respond(o, admin_command_reply(&o->s->fleet, &w, &o->task, o->first_job, &o->outcome));
	operator_go_on(o);
}

static void begin_command(struct operator *o)
{
	struct supervisor *s = o->s;
	struct admin_target targets[ADMIN_NAMES_MOST];
	size_t count = o->task.target_count;
	enum command_verb verb = o->task.verb;
	bool waits = o->task.waits;
	uint32_t rolling = o->task.rolling;
	uint32_t least = o->task.least;
	uint32_t most = o->task.most;

	memcpy(targets, o->task.targets, count * sizeof(targets[0]));
	o->is_busy = waits;
	o->first_job = s->control->next_job;
	s->control->next_job += (uint32_t)count;
	o->jobs_pending = count;
	o->is_untold = false;
	o->outcome = (struct job_outcome){0};
	o->task.since = s->fleet.serial;
	for (size_t i = 0; i < count; i++)
		say_target(o, &targets[i], verb_name(verb));
	if (!waits) {
		o->outcome.targets = (uint32_t)count;
		o->jobs_pending = 0;
	}
	for (size_t i = 0; i < count; i++)
		loop_give(s, &(struct event){.kind = FLEET_COMMAND,
					     .verb = verb,
					     .rolling = rolling,
					     .least = least,
					     .most = most,
					     .pool = targets[i].pool,
					     .instance = targets[i].instance,
					     .job = waits ? (uint32_t)(o->first_job + i) : NONE});
	if (!waits)
		reply_to_command(o);
}

void control_job_done(struct supervisor *s, const struct action *a)
{
	struct operator *o = s->control ? s->control->operators : NULL;

	for (; o; o = o->next) {
		if (o->jobs_pending == 0 || a->job - o->first_job >= o->task.target_count)
			continue;
		o->outcome.targets += a->outcome.targets;
		o->outcome.done += a->outcome.done;
		o->outcome.failed += a->outcome.failed;
		o->outcome.left += a->outcome.left;
		o->outcome.changed += a->outcome.changed;
		o->outcome.lost += a->outcome.lost;
		o->outcome.requeued += a->outcome.requeued;
		o->is_untold |= a->outcome.is_untold;
		if (--o->jobs_pending == 0)
			reply_to_command(o);
		return;
	}
}

/* ------------------------------------------------------------------- calls */

static struct message *make_call(const struct admin_result *task)
{
	struct frame f = {.type = FRAME_CALL, .flags = FLAG_EOM | FLAG_EOS, .id = 1, .head = task->head,
			  .head_size = (uint32_t)task->head_size, .body = task->body,
			  .body_size = (uint32_t)task->body_size};

	return message_copy(NULL, &f);
}

static void begin_call(struct operator *o)
{
	struct supervisor *s = o->s;
	uint32_t client = client_number(s, s->spec->brood.max_clients, FLEET_ADMIN_CLIENTS);
	struct frame_peer peer = {o->uid, o->gid, (uint32_t)o->pid, ++s->next_connection};
	struct message *m = client == NONE ? NULL : make_call(&o->task);
	uint32_t body = m ? request_put(&s->requests, m, &peer) : REQUEST_NONE;

	if (body == REQUEST_NONE) {
		message_free(m);
		respond(o, admin_refused("no memory, or too many calls of operators at once"));
		return;
	}
	o->is_busy = true;
	o->client = client;
	o->answer = (struct assembly){.of_replies = true, .max_message = BROOD_MAX_MESSAGE,
				      .max_held = BROOD_MAX_MESSAGE};
	loop_give(s, &(struct event){.kind = FLEET_CLIENT, .client = client, .endpoint = NONE, .number = o->uid});
	loop_give(s, &(struct event){.kind = FLEET_CALL,
				     .client = client,
				     .id = 1,
				     .pool = o->task.pool,
				     .body = body,
				     .size = (uint32_t)o->task.body_size,
				     .takes_streams = o->task.wants_more,
				     .key = s->fleet.suspects->count > 0
						    ? fingerprint(&s->secret, &m->frame, o->uid)
						    : 0,
				     .timeout = {o->task.timeout_ms}});
}

static struct operator *caller(struct supervisor *s, uint32_t client)
{
	struct operator *o = s->control->operators;

	while (o && o->client != client)
		o = o->next;
	return o;
}

static void end_call(struct operator *o, json_t *reply)
{
	uint32_t client = o->client;

	o->client = NONE;
	o->owed.cost = 0;
	assembly_close(&o->answer);
	respond(o, reply);
	loop_give(o->s, &(struct event){.kind = FLEET_CLIENT_GONE, .client = client});
	operator_go_on(o);
}

/* brood's own answer. */
static void end_call_by(struct operator *o, enum frame_reason reason, bool not_processed, const char *text)
{
	struct frame f = {.arg = frame_status_of(reason), .flags = not_processed ? FLAG_NOT_PROCESSED : 0};

	end_call(o, admin_call_reply(&f, text, strlen(text)));
}

void control_answer(struct supervisor *s, const struct action *a)
{
	struct operator *o = caller(s, a->client);
	char text[ANSWER_TEXT];

	if (!o)
		return;
	answer_text(a->answer, &s->fleet, text, sizeof(text));
	end_call_by(o, a->answer->reason, a->answer->not_processed, text);
}

static json_t *read_answer(const struct frame *f)
{
	struct head_entry text = {.value = "", .value_size = 0};
	char escaped[1024];
	size_t size;

	(void)head_find(f->head, f->head_size, ":error", &text);
	size = escape_text(text.value, text.value_size, escaped, sizeof(escaped), NULL);
	return admin_call_reply(f, escaped, size);
}

/* An operator that does not read stops the worker, as any client does. */
static void owe(struct operator *o, struct supervisor *s)
{
	o->owed.worker = s->at_hand_from->index;
	o->owed.generation = s->at_hand_from->generation;
	o->owed.id = s->at_hand->id;
	o->owed.cost += frame_cost(s->at_hand);
	s->at_hand_was_taken = true;
}

void control_pay(struct operator *o)
{
	struct instance *i = &o->s->instances[o->owed.worker];

	if (o->owed.cost == 0 || outbox_bytes(&o->outbox) > UNREAD_MOST)
		return;
	if (i->is_active && i->generation == o->owed.generation)
		channel_credit(i, o->owed.id, o->owed.cost);
	o->owed.cost = 0;
}

static void take_whole(struct operator *o, struct message *m)
{
	if (m->frame.type == FRAME_DATA)
		operator_send(o, admin_message_reply(&m->frame));
	else
		end_call(o, read_answer(&m->frame));
	message_free(m);
}

void control_forward(struct supervisor *s, const struct action *a)
{
	struct operator *o = caller(s, a->client);
	struct message *m = NULL;
	struct frame f = *s->at_hand;

	if (!o)
		return;
	if (f.nfds > 0) {
		end_call_by(o, REASON_FD_REFUSED, false,
			    "the answer brings descriptors, which the admin socket does not pass on");
		return;
	}
	f.id = a->id;
	if (f.type == FRAME_HEADERS)
		return; /* initial metadata: there is no place for it in a reply */
	if (f.type == FRAME_DATA) {
		f.flags &= FLAG_EOM;
		owe(o, s);
	}
	/* a part that cannot be kept ends the call: what comes after it would else be taken for the whole answer */
	switch (assembly_add(&o->answer, &f, &m)) {
	case ASSEMBLY_WHOLE:
		take_whole(o, m);
		break;
	case ASSEMBLY_PART:
		control_pay(o); /* a message that is not whole earns its credit as it comes */
		break;
	case ASSEMBLY_UNKNOWN:
		break;
	case ASSEMBLY_TOO_LARGE:
	case ASSEMBLY_TOO_MANY:
		end_call_by(o, REASON_TOO_LARGE, false,
			    "the answer is too large for the admin socket; use an endpoint");
		break;
	case ASSEMBLY_BROKEN:
		end_call_by(o, REASON_PROTOCOL, false, "the worker's answer contradicts itself");
		break;
	case ASSEMBLY_NO_MEMORY:
		end_call_by(o, REASON_INTERNAL, false, "no memory for the answer");
		break;
	}
}

/* --------------------------------------------------------------- a message */

static void begin_shutdown(struct operator *o)
{
	log_note(&o->s->log, "admin: uid %u pid %d: shutdown%s", o->uid, (int)o->pid,
		o->task.is_now ? " now" : "");
	loop_give(o->s, &(struct event){.kind = o->task.is_now ? FLEET_HALT : FLEET_SHUTDOWN});
}

static void begin_release(struct operator *o)
{
	log_note(&o->s->log, "admin: uid %u pid %d: release %016llx", o->uid, (int)o->pid,
		(unsigned long long)o->task.key);
	loop_give(o->s, &(struct event){.kind = FLEET_RELEASE, .key = o->task.key});
}

/* Is it a task for which the operator stays? Are there others enough who do? */
static bool is_one_too_many(const struct operator *o)
{
	bool stays = o->task.kind == ADMIN_CALL || o->task.kind == ADMIN_FOLLOW ||
		     (o->task.kind == ADMIN_COMMAND && o->task.waits);
	unsigned waiting = 0;

	for (const struct operator *other = o->s->control->operators; stays && other; other = other->next)
		waiting += other->is_busy || other->follows;
	return waiting >= OPERATORS_WAITING_MOST;
}

/* The reply that is there already, if there is to be one; it is not kept. */
static void send_first(struct operator *o)
{
	json_t *reply = o->task.reply;
	bool is_due = o->task.kind == ADMIN_REPLY || o->task.kind == ADMIN_FOLLOW || o->task.kind == ADMIN_SHUTDOWN ||
		      o->task.kind == ADMIN_RELEASE;

	o->task.reply = NULL;
	if (is_due)
		respond(o, reply);
}

void task_handle(struct operator *o, const char *message, size_t size)
{
	struct admin_world w = world_view(o->s);

	admin_result_close(&o->task);
	o->follows = false;
	admin_handle(&o->s->fleet, &w, message, size, &o->task);
	if (is_one_too_many(o)) {
		respond(o, admin_refused("too many operators wait for something already"));
		admin_result_close(&o->task);
		return;
	}
	send_first(o);
	switch (o->task.kind) {
	case ADMIN_REPLY:
	case ADMIN_SILENCE:
		break;
	case ADMIN_COMMAND:
		begin_command(o);
		break;
	case ADMIN_CALL:
		begin_call(o);
		break;
	case ADMIN_FOLLOW:
		o->follows = true;
		break;
	case ADMIN_RELEASE:
		begin_release(o);
		break;
	case ADMIN_SHUTDOWN:
		begin_shutdown(o);
		break;
	}
}

void task_forget(struct operator *o)
{
	if (o->client == NONE)
		return;
	loop_give(o->s, &(struct event){.kind = FLEET_CLIENT_GONE, .client = o->client});
	o->client = NONE;
}
