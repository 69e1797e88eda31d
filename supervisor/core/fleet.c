/*
 * fleet: from an event to the instance or pool that it is about, and what follows from it for others.
 *
 * Order: everything starts in the order of the file and stops in the reverse order. A step ends when no deadline
 * is due any more.
 */
#include "fleet.h"

#include <assert.h>
#include <string.h>

#include "storage.h"

static void init_worker(struct worker *w, uint32_t index, const struct worker_spec *spec, uint16_t pool,
			uint32_t instance)
{
	w->spec = spec;
	w->index = index;
	w->pool = pool;
	w->instance = instance;
	w->deadline = INSTANT_NEVER;
	memset(w->cells, 0xff, WORKER_CELLS * sizeof(uint32_t));
}

static void init_pool(struct fleet *f, uint16_t index, uint32_t first)
{
	struct pool *p = &f->pools[index];

	*p = (struct pool){
		.spec = &f->spec->workers[index],
		.index = index,
		.first_worker = first,
		.worker_count = f->spec->workers[index].instances,
		.workers = f->workers,
		.ledger = &f->ledger,
		.queue = CALL_LIST_EMPTY,
	};
	slots_init(&p->slots, f->workers);
	for (uint32_t i = 0; i < p->worker_count; i++)
		init_worker(&f->workers[first + i], first + i, p->spec, index, i);
}

void fleet_init(struct fleet *f, const struct config_spec *spec, void *storage, uint64_t seed)
{
	uint32_t first = 0;

	*f = (struct fleet){.spec = spec, .random = seed | 1};
	storage_assign(f, storage);
	f->ledger.deadlines = &f->deadlines;
	f->entrance.spec = &spec->brood;
	for (uint32_t i = 0; i < f->entrance.endpoint_count; i++)
		f->entrance.endpoints[i] = (struct endpoint){.spec = &spec->endpoints[i]};
	for (uint32_t i = 0; i < f->pool_count; i++) {
		init_pool(f, (uint16_t)i, first);
		first += f->pools[i].worker_count;
	}
}

/* ---------------------------------------------------------------- instances */

static uint32_t next_random(struct fleet *f)
{
	f->random ^= f->random >> 12;
	f->random ^= f->random << 25;
	f->random ^= f->random >> 27;
	return (uint32_t)((f->random * 0x2545f4914f6cdd1du) >> 32);
}

static struct pool *pool_of(struct fleet *f, const struct worker *w)
{
	return &f->pools[w->pool];
}

/* One event for one worker, and what its pool makes of it. The fleet's part of the context is filled in here. */
static void apply(struct fleet *f, struct worker *w, enum worker_event event, struct worker_context context)
{
	struct pool *p = pool_of(f, w);

	context.now = f->now;
	context.out = f->out;
	context.serial = ++f->serial;
	context.random = next_random(f);
	worker_step(w, event, &context);
	deadlines_set(&f->deadlines, w->index, w->deadline);
	pool_update(p, w);
	pool_review(p);
	pool_serve(p, f->now, f->out);
}

static void apply_plain(struct fleet *f, struct worker *w, enum worker_event event)
{
	apply(f, w, event, (struct worker_context){0});
}

/* Nothing in hand and nothing to come: it may end now. */
static void end_if_drained(struct fleet *f, struct worker *w)
{
	if (pool_is_drained(w))
		apply_plain(f, w, EVENT_DRAINED);
}

static void wish(struct fleet *f, struct worker *w, enum worker_wish wanted, enum trace_cause cause)
{
	apply(f, w, worker_wishes(w, wanted), (struct worker_context){.cause = cause});
	end_if_drained(f, w);
}

/* The worker that an event is about; NULL if the event is of an older process. */
static struct worker *addressee(struct fleet *f, const struct event *e)
{
	struct worker *w = &f->workers[e->worker];

	return w->generation == e->generation && worker_has_process(w) ? w : NULL;
}

/* The first cause counts; but who breaks the protocol while it leaves has not left, it has failed. */
static void set_cause(struct worker *w, enum trace_cause cause)
{
	if (w->cause == CAUSE_NONE || (w->cause == CAUSE_LEAVING && cause == CAUSE_PROTOCOL))
		w->cause = cause;
}

/* One that only has to stay alive is ready by its deadline, whatever it says; its slots count all the same. */
static void say_ready(struct fleet *f, struct worker *w)
{
	if (w->spec->ready.kind != READY_ALIVE) {
		apply_plain(f, w, EVENT_READY);
		return;
	}
	pool_update(pool_of(f, w), w);
	pool_serve(pool_of(f, w), f->now, f->out);
}

static void take_slots(struct fleet *f, struct worker *w, uint32_t announced)
{
	uint32_t most = w->spec->slots > 0 ? w->spec->slots : BROOD_MAX_SLOTS;

	w->slots = announced < most ? announced : most;
	if (announced == 0) {
		w->is_leaving |= w->state == WORKER_UP;
		if (w->is_leaving)
			set_cause(w, CAUSE_LEAVING);
		apply_plain(f, w, EVENT_LEAVING);
		end_if_drained(f, w);
		return;
	}
	say_ready(f, w);
}

static void lose_channel(struct fleet *f, struct worker *w, bool broken)
{
	struct exit_facts facts = {.kind = EXIT_CHANNEL, .value = broken};
	enum trace_cause cause = broken ? CAUSE_PROTOCOL : CAUSE_CHANNEL_CLOSED;
	enum worker_state before = w->state;

	set_cause(w, cause);
	w->lost_calls = pool_settle(pool_of(f, w), w, &facts, f->out);
	apply(f, w, EVENT_LOST, (struct worker_context){.cause = cause, .calls = w->lost_calls});
	w->is_loss_told = w->state != before;
}

/* What became of the calls of this process and no line has told yet. */
static struct trace_calls untold_calls(const struct worker *w, struct trace_calls settled)
{
	if (w->is_loss_told)
		return settled;
	return (struct trace_calls){.crashed = settled.crashed + w->lost_calls.crashed,
				    .orphans = settled.orphans + w->lost_calls.orphans,
				    .requeued = settled.requeued + w->lost_calls.requeued};
}

/* Was there a call in its hand that it may have died of? Whether anybody still waits for it does not matter. */
static bool had_calls(const struct trace_calls *calls)
{
	return calls->crashed > 0 || calls->orphans > 0;
}

static void end_process(struct fleet *f, struct worker *w, const struct exit_facts *facts)
{
	struct pool *p = pool_of(f, w);
	bool proved = pool_has_proof(p, f->now);
	struct trace_calls settled = pool_settle(p, w, facts, f->out);
	struct worker_context context = {
		.keep_pace = proved && (had_calls(&settled) || had_calls(&w->lost_calls)),
		.calls = untold_calls(w, settled),
	};

	w->lost_calls = (struct trace_calls){0};
	w->is_loss_told = false;
	apply(f, w, worker_judge(w, facts, f->now), context);
}

static void worker_event(struct fleet *f, const struct event *e)
{
	struct worker *w = addressee(f, e);

	if (!w)
		return;
	switch ((int)e->kind) {
	case FLEET_SPAWNED:
		w->pid = (int)e->number;
		break;
	case FLEET_READY:
		say_ready(f, w);
		break;
	case FLEET_SLOTS:
		take_slots(f, w, e->number);
		break;
	case FLEET_LOST:
		lose_channel(f, w, e->number != 0);
		break;
	case FLEET_UNSENT:
		pool_unsent(pool_of(f, w), w, e->id);
		break;
	case FLEET_EXIT:
		end_process(f, w, &e->exit);
		break;
	case FLEET_REPLY:
		pool_reply(pool_of(f, w), w, e->id, e->size, f->now, f->out);
		end_if_drained(f, w);
		break;
	case FLEET_PART:
		pool_part(pool_of(f, w), w, e->id, e->size, f->now, f->out);
		break;
	default:
		assert(false && "an event about a worker");
	}
}

/* ------------------------------------------------------------------ clients */

static struct pool *pool_of_call(struct fleet *f, uint32_t index)
{
	return &f->pools[f->ledger.table.calls[index].pool];
}

static void lose_client(struct fleet *f, uint32_t number)
{
	struct caller *client = &f->ledger.callers[number];

	while (client->calls.first != NONE) {
		uint32_t index = client->calls.first;

		pool_lose(pool_of_call(f, index), index, POOL_CLIENT_GONE, f->now, f->out);
	}
	entrance_leave(&f->entrance, client, f->out);
}

static void client_event(struct fleet *f, const struct event *e)
{
	uint32_t index;

	switch ((int)e->kind) {
	case FLEET_CLIENT:
		entrance_knock(&f->entrance, &f->ledger.callers[e->client], e->client, e->endpoint, e->number,
			       f->out);
		break;
	case FLEET_CLIENT_GONE:
		lose_client(f, e->client);
		break;
	case FLEET_CALL:
		pool_call(&f->pools[e->pool],
			  &(struct pool_request){.client = e->client,
						 .id = e->id,
						 .body = e->body,
						 .size = e->size,
						 .reply_most = e->reply_most,
						 .timeout = e->timeout,
						 .idempotent = e->idempotent},
			  f->now, f->out);
		break;
	case FLEET_CANCEL:
		index = ledger_find(&f->ledger, e->client, e->id);
		if (index != NONE)
			pool_lose(pool_of_call(f, index), index,
				  e->number == REASON_UNSUPPORTED ? POOL_UNSUPPORTED : POOL_CANCELLED, f->now,
				  f->out);
		break;
	case FLEET_NOTIFY:
		pool_notify(&f->pools[e->pool], f->out);
		break;
	default:
		assert(false && "an event about a client");
	}
}

/* ----------------------------------------------------------------- commands */

static struct job *free_job(struct fleet *f)
{
	for (unsigned i = 0; i < JOBS_MOST; i++) {
		if (!f->jobs[i].is_open)
			return &f->jobs[i];
	}
	return NULL;
}

/* The workers that a command is about. */
static void target(const struct fleet *f, const struct event *e, uint32_t *first, uint32_t *count)
{
	if (e->pool == NONE) {
		*first = 0;
		*count = f->worker_count;
		return;
	}
	*first = f->pools[e->pool].first_worker + (e->instance == NONE ? 0 : e->instance);
	*count = e->instance == NONE ? f->pools[e->pool].worker_count : 1;
}

static enum worker_wish wish_of(enum command_verb verb)
{
	switch (verb) {
	case VERB_START:
		return WISH_UP;
	case VERB_STOP:
		return WISH_DOWN;
	case VERB_RESTART:
		return WISH_CYCLE;
	}
	return WISH_DOWN;
}

static void command(struct fleet *f, const struct event *e)
{
	struct job job = {.is_open = true, .number = e->job, .verb = e->verb, .since = f->serial,
			  .is_for_all = e->pool == NONE};
	struct job *slot = e->job == NONE ? NULL : free_job(f);

	target(f, e, &job.first, &job.count);
	for (uint32_t i = 0; i < job.count; i++) {
		/* stops go from the last to the first */
		uint32_t at = job.first + (e->verb == VERB_STOP ? job.count - 1 - i : i);
		struct worker *w = &f->workers[at];

		if (job_passes_over(&job, w))
			continue;
		job.changed += job_look(&job, w) != JOB_DONE;
		wish(f, w, f->is_stopping ? WISH_DOWN : wish_of(e->verb), CAUSE_COMMAND);
	}
	if (slot)
		*slot = job;
	else if (e->job != NONE)
		actions_add(f->out, &(struct action){.kind = ACTION_JOB_DONE,
						     .job = e->job,
						     .outcome = {.targets = job.count, .is_untold = true}});
}

static void end_jobs(struct fleet *f)
{
	for (unsigned i = 0; i < JOBS_MOST; i++) {
		struct job *j = &f->jobs[i];
		struct action done = {.kind = ACTION_JOB_DONE, .job = j->number};

		if (!j->is_open || !job_tally(j, f->workers, &done.outcome))
			continue;
		j->is_open = false;
		actions_add(f->out, &done);
	}
}

static void start(struct fleet *f)
{
	for (uint32_t i = 0; i < f->worker_count; i++) {
		if (f->workers[i].spec->autostart)
			wish(f, &f->workers[i], WISH_UP, CAUSE_NONE);
	}
}

/* Nothing new comes in from here on. */
static void shut(struct fleet *f)
{
	f->is_stopping = true;
	actions_add(f->out, &(struct action){.kind = ACTION_SHUT});
	for (uint32_t i = 0; i < f->pool_count; i++)
		f->pools[i].is_stopping = true;
}

static void shut_down(struct fleet *f)
{
	if (f->is_stopping)
		return;
	shut(f);
	deadlines_set(&f->deadlines, f->worker_count, instant_after(f->now, f->spec->brood.shutdown_timeout));
	for (uint32_t i = f->worker_count; i-- > 0;) {
		if (worker_has_process(&f->workers[i]))
			set_cause(&f->workers[i], CAUSE_SHUTDOWN);
		wish(f, &f->workers[i], WISH_DOWN, CAUSE_SHUTDOWN);
	}
}

static void halt(struct fleet *f)
{
	if (!f->is_stopping)
		shut(f);
	for (uint32_t i = f->worker_count; i-- > 0;) {
		struct worker *w = &f->workers[i];

		w->wish = WISH_DOWN;
		if (worker_has_process(w))
			set_cause(w, CAUSE_SHUTDOWN);
		apply(f, w, EVENT_HALT, (struct worker_context){.cause = CAUSE_SHUTDOWN});
	}
}

static void finish(struct fleet *f)
{
	if (!f->is_stopping || f->is_finished)
		return;
	for (uint32_t i = 0; i < f->worker_count; i++) {
		if (worker_has_process(&f->workers[i]))
			return;
	}
	f->is_finished = true;
	actions_add(f->out, &(struct action){.kind = ACTION_FINISHED});
}

/* --------------------------------------------------------------------- time */

static void expire_worker(struct fleet *f, struct worker *w)
{
	enum worker_event event = worker_deadline_event(w);

	if (event == EVENT_DEADLINE && w->state == WORKER_STARTING)
		set_cause(w, CAUSE_START_TIMEOUT);
	apply_plain(f, w, event);
}

static void expire_call(struct fleet *f, uint32_t index)
{
	pool_lose(pool_of_call(f, index), index, POOL_EXPIRED, f->now, f->out);
}

static void expire(struct fleet *f)
{
	uint32_t owner;

	while (deadlines_take(&f->deadlines, f->now, &owner)) {
		if (owner < f->worker_count)
			expire_worker(f, &f->workers[owner]);
		else if (owner == f->worker_count)
			halt(f);
		else
			expire_call(f, owner - f->ledger.first_owner);
	}
}

static void dispatch(struct fleet *f, const struct event *e)
{
	switch (e->kind) {
	case FLEET_START:
		start(f);
		break;
	case FLEET_TICK:
		break;
	case FLEET_SPAWNED:
	case FLEET_READY:
	case FLEET_SLOTS:
	case FLEET_LOST:
	case FLEET_UNSENT:
	case FLEET_EXIT:
	case FLEET_REPLY:
	case FLEET_PART:
		worker_event(f, e);
		break;
	case FLEET_CLIENT:
	case FLEET_CLIENT_GONE:
	case FLEET_CALL:
	case FLEET_CANCEL:
	case FLEET_NOTIFY:
		client_event(f, e);
		break;
	case FLEET_COMMAND:
		command(f, e);
		break;
	case FLEET_SHUTDOWN:
		shut_down(f);
		break;
	case FLEET_HALT:
		halt(f);
		break;
	}
}

void fleet_step(struct fleet *f, const struct event *e, struct actions *out)
{
	uint64_t before = f->serial;

	assert(!f->is_stepping);
	f->is_stepping = true;
	f->out = out;
	if (instant_is_before(f->now, e->now))
		f->now = e->now;
	dispatch(f, e);
	expire(f);
	if (f->serial != before)
		end_jobs(f);
	finish(f);
	f->is_stepping = false;
}

struct instant fleet_next(const struct fleet *f)
{
	return deadlines_next(&f->deadlines);
}

struct worker *fleet_worker(struct fleet *f, uint32_t pool, uint32_t instance)
{
	return &f->workers[f->pools[pool].first_worker + instance];
}
