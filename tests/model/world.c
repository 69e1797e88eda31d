/* world: see world.h. Every check that fails names the seed and the number of the event, which replays it. */
#include "world.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "reading.h"
#include "roster.h"
#include "size.h"
#include "storage.h"
#include "succession.h"

#define CHECK(w, condition)                                                                           \
	do {                                                                                          \
		if (!(condition)) {                                                                   \
			fprintf(stderr, "%s:%d: %s\n  seed %" PRIu64 ", event %" PRIu64 ": run again with " \
					"--seed %" PRIu64 " --events %" PRIu64 " --verbose\n",         \
				__FILE__, __LINE__, #condition, (w)->seed, (w)->events, (w)->seed,    \
				(w)->events);                                                         \
			abort();                                                                      \
		}                                                                                     \
	} while (0)

static uint32_t roll(struct world *w, uint32_t sides)
{
	w->random ^= w->random << 13;
	w->random ^= w->random >> 7;
	w->random ^= w->random << 17;
	return (uint32_t)(w->random >> 20) % sides;
}

/* ------------------------------------------------------------ checked actions */

static struct world_process *process_of(struct world *w, const struct action *a)
{
	struct world_process *p = &w->processes[a->worker];

	CHECK(w, p->is_alive);
	CHECK(w, p->generation == a->generation);
	return p;
}

static void on_spawn(struct world *w, const struct action *a)
{
	struct world_process *p = &w->processes[a->worker];
	const struct worker *worker = &w->fleet.workers[a->worker];

	CHECK(w, !p->is_alive);
	/* of an instance, not of the record that it has now */
	CHECK(w, a->generation == ++w->newest[worker->pool][worker->instance]);
	*p = (struct world_process){.is_alive = true, .generation = a->generation};
	w->spawns++;
}

/* May this call be given to this worker now? */
static void check_attempt(struct world *w, const struct world_process *p, const struct pool *pool,
			  const struct call *c, const struct action *a)
{
	const struct worker_spec *spec = pool->spec;
	const struct world_client *client = &w->clients[c->client];
	uint32_t runs = client->runs[c->id / 2 % WORLD_CALLS];

	CHECK(w, a->attempt == runs + 1);
	CHECK(w, a->attempt <= spec->max_attempts);
	CHECK(w, runs == 0 || !client->has_part[c->id / 2 % WORLD_CALLS]);
	CHECK(w, runs == 0 || spec->redeliver == REDELIVER_ALWAYS ||
			 (spec->redeliver == REDELIVER_SAFE && a->idempotent));
	/* the last attempt is made alone */
	CHECK(w, runs == 0 || a->attempt < spec->max_attempts || p->held_count == 0);
	for (uint32_t i = 0; i < p->held_count; i++)
		CHECK(w, pool->alone_call == NONE || pool->alone != a->worker);
}

/* Nobody who waits had less in hand. */
static void check_choice(struct world *w, const struct pool *p, const struct call *c)
{
	const struct share *shares = w->fleet.ledger.turns.shares;

	for (uint32_t i = p->shares.first; i != NONE && !c->is_last && c->bond == NONE; i = shares[i].link.next)
		CHECK(w, shares[i].lanes.first == NONE || shares[i].in_hand + 1 >= shares[c->share].in_hand);
}

/* What has left for one worker is never missing at another. */
static void check_parts(struct world *w, const struct call *call)
{
	struct world_client *c = &w->clients[call->client];
	uint32_t cell = call->id / 2 % WORLD_CALLS;

	CHECK(w, !c->more_is_out[cell]);
	if (c->runs[cell] > 0)
		CHECK(w, !c->goes_on[cell] && !c->has_more[cell]);
	c->more_is_out[cell] = c->has_more[cell];
}

static void on_send_part(struct world *w, const struct action *a)
{
	const struct world_process *p = process_of(w, a);
	uint32_t i = 0;
	uint32_t cell;

	while (i < p->held_count && p->held[i].wire_id != a->id)
		i++;
	CHECK(w, i < p->held_count && !p->held[i].cancelled);
	CHECK(w, w->bodies[a->body % WORLD_BODIES]);
	cell = p->held[i].id / 2 % WORLD_CALLS;
	CHECK(w, w->clients[p->held[i].client].state[cell] == 1);
	CHECK(w, w->clients[p->held[i].client].has_more[cell]);
	w->clients[p->held[i].client].more_is_out[cell] = true;
	w->parts++;
}

static void on_forward_part(struct world *w, const struct action *a)
{
	struct world_client *c = &w->clients[a->client];
	uint32_t cell = a->id / 2 % WORLD_CALLS;

	CHECK(w, c->state[cell] == 1);
	CHECK(w, c->streams[cell] || !w->at_hand_ends);
	c->has_part[cell] = true;
}

static void on_deliver(struct world *w, const struct action *a)
{
	struct world_process *p = process_of(w, a);
	const struct worker *worker = &w->fleet.workers[a->worker];
	const struct pool *pool = &w->fleet.pools[worker->pool];
	const struct call *c = NULL;

	CHECK(w, !p->is_ended && !p->is_told && !p->is_asked);
	p->was_given = true;
	CHECK(w, p->held_count < p->slots);
	CHECK(w, worker->state == WORKER_UP || (worker->state == WORKER_DRAINING && pool->is_closing));
	CHECK(w, a->id != 0 && a->id % 2 == 0);
	CHECK(w, w->bodies[a->body % WORLD_BODIES]);
	for (uint32_t i = 0; i < p->held_count; i++)
		CHECK(w, p->held[i].wire_id != a->id);
	for (uint32_t i = 0; i < w->fleet.ledger.table.used; i++) {
		const struct call *candidate = &w->fleet.ledger.table.calls[i];

		if (candidate->state == CALL_IN_FLIGHT && candidate->worker == a->worker &&
		    candidate->wire_id == a->id)
			c = candidate;
	}
	CHECK(w, c != NULL);
	check_attempt(w, p, pool, c, a);
	check_choice(w, pool, c);
	check_parts(w, c);
	p->held[p->held_count].unsent = false;
	p->held[p->held_count].idempotent = a->idempotent;
	p->held[p->held_count].wire_id = a->id;
	p->held[p->held_count].client = c->client;
	p->held[p->held_count].visit = w->clients[c->client].visit;
	p->held[p->held_count].id = c->id;
	p->held[p->held_count].cancelled = false;
	p->held_count++;
	w->deliveries++;
}

static void on_answered(struct world *w, const struct action *a)
{
	struct world_client *c = &w->clients[a->client];
	uint8_t *state = &c->state[a->id / 2 % WORLD_CALLS];

	CHECK(w, c->is_open);
	CHECK(w, *state == 1); /* exactly one answer */
	*state = 2;
	c->waiting--;
	if (a->kind == ACTION_ANSWER) {
		char text[ANSWER_TEXT];

		w->answers++;
		CHECK(w, a->answer->reason != REASON_NONE);
		CHECK(w, a->answer->reason != REASON_QUARANTINED || !a->answer->not_processed);
		CHECK(w, !(a->answer->not_processed && a->answer->may_have_run));
		answer_text(a->answer, &w->fleet, text, sizeof(text));
		CHECK(w, text[0] != '\0');
	} else {
		w->forwards++;
	}
}

static void on_cancel(struct world *w, const struct action *a)
{
	struct world_process *p = process_of(w, a);

	for (uint32_t i = 0; i < p->held_count; i++) {
		if (p->held[i].wire_id == a->id) {
			CHECK(w, !p->held[i].cancelled);
			p->held[i].cancelled = true;
			return;
		}
	}
	CHECK(w, false && "cancelled something it has not");
}

static void on_release(struct world *w, const struct action *a)
{
	CHECK(w, w->bodies[a->body % WORLD_BODIES]);
	w->bodies[a->body % WORLD_BODIES] = false;
	w->bodies_live--;
}

static void on_job(struct world *w, const struct action *a)
{
	CHECK(w, w->jobs[a->job % WORLD_JOBS]);
	CHECK(w, a->outcome.is_untold || a->outcome.done + a->outcome.failed + a->outcome.left == a->outcome.targets);
	w->jobs[a->job % WORLD_JOBS] = false;
	w->jobs_open--;
}

static void on_trace(struct world *w, const struct action *a)
{
	char text[TRACE_TEXT];
	char name[64];
	const struct worker *worker = &w->fleet.workers[a->worker];

	trace_text(a->trace, worker->spec, text, sizeof(text));
	CHECK(w, text[0] != '\0');
	if (a->trace->event == EVENT_DRAINED) /* it could not have anything to say, or does not run */
		CHECK(w, !w->processes[a->worker].was_given || w->processes[a->worker].held_count > 0);
	if (a->trace->event == EVENT_FLUSHED)
		CHECK(w, w->processes[a->worker].has_flushed);
	if (w->is_verbose)
		printf("%9" PRIu64 " %8" PRId64 "ms   %s %s\n", w->events, w->fleet.now.ms,
		       trace_name(worker->spec, worker->instance, name, sizeof(name)), text);
}

static uint32_t connections_of(const struct world *w, uint32_t worker)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < WORLD_CLIENTS; i++)
		n += w->clients[i].is_open && w->clients[i].is_handed_over && w->clients[i].served_by == worker;
	return n;
}

/* Calls that this worker has open itself. */
static uint32_t errands_of(const struct world *w, uint32_t worker)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < WORLD_CLIENTS; i++)
		n += w->clients[i].caller == worker ? w->clients[i].waiting : 0;
	return n;
}

static void on_hand_over(struct world *w, const struct action *a)
{
	struct world_process *p = process_of(w, a);
	struct world_client *c = &w->clients[a->client];

	CHECK(w, !p->is_ended && !p->is_told && !p->is_asked);
	CHECK(w, w->fleet.workers[a->worker].state == WORKER_UP);
	CHECK(w, c->is_open && c->is_handed_over && c->served_by == NONE);
	c->served_by = a->worker;
	p->was_given = true;
}

static void on_drop(struct world *w, const struct action *a)
{
	struct world_client *c = &w->clients[a->client];

	CHECK(w, c->is_open && c->is_handed_over && c->served_by == NONE);
	c->is_open = false;
}

/* Its end, step by step: never anything behind the question, and no question while something is open. */
static void on_end(struct world *w, const struct action *a)
{
	struct world_process *p = process_of(w, a);

	if (a->kind == ACTION_SAY_GOODBYE) {
		CHECK(w, !p->is_told && connections_of(w, a->worker) > 0);
		p->is_told = true;
	}
	if (a->kind == ACTION_FLUSH) {
		CHECK(w, p->was_given && !p->is_asked && p->held_count == 0);
		CHECK(w, connections_of(w, a->worker) == 0 && errands_of(w, a->worker) == 0);
		p->is_asked = true;
	}
}

static void obey(void *user, const struct action *a)
{
	struct world *w = user;

	switch (a->kind) {
	case ACTION_TRACE:
		on_trace(w, a);
		break;
	case ACTION_SPAWN:
		on_spawn(w, a);
		break;
	case ACTION_SIGNAL:
	case ACTION_KILL:
		process_of(w, a)->was_signalled = true;
		break;
	case ACTION_END_CHANNEL:
	case ACTION_SAY_GOODBYE:
	case ACTION_FLUSH:
		on_end(w, a);
		break;
	case ACTION_NOTIFY:
		CHECK(w, !process_of(w, a)->is_told && !process_of(w, a)->is_asked);
		process_of(w, a)->was_given = true;
		break;
	case ACTION_HAND_OVER:
		on_hand_over(w, a);
		break;
	case ACTION_DROP_CONNECTION:
		on_drop(w, a);
		break;
	case ACTION_DELIVER:
		on_deliver(w, a);
		break;
	case ACTION_CANCEL:
		on_cancel(w, a);
		break;
	case ACTION_FORWARD:
	case ACTION_ANSWER:
		on_answered(w, a);
		break;
	case ACTION_FORWARD_PART:
		on_forward_part(w, a);
		break;
	case ACTION_SEND_PART:
		on_send_part(w, a);
		break;
	case ACTION_KEEP_PART:
		CHECK(w, w->bodies[a->body % WORLD_BODIES]);
		w->parts++;
		break;
	case ACTION_BURY:
		CHECK(w, w->bodies[a->body % WORLD_BODIES]);
		break;
	case ACTION_RELEASE:
		on_release(w, a);
		break;
	case ACTION_ADMIT:
		w->admitted = true;
		break;
	case ACTION_REFUSE:
		w->refused = true;
		break;
	case ACTION_JOB_DONE:
		on_job(w, a);
		break;
	case ACTION_FINISHED:
		CHECK(w, !w->is_finished);
		w->is_finished = true;
		break;
	case ACTION_SLOTS:
		CHECK(w, w->clients[a->client].is_open);
		CHECK(w, a->number > 0 && a->number == w->fleet.ledger.callers[a->client].allowed);
		break;
	case ACTION_PRESSURE:
	case ACTION_PAUSE:
	case ACTION_RESUME:
	case ACTION_SHUT:
		break;
	case ACTION_CLOSE_STORED:
		CHECK(w, w->fleet.workers[a->worker].spec->fd_store > 0);
		break;
	}
}

/* --------------------------------------------------------------- invariants */

/* What the users have in a pool, counted from their calls; and of each that waits there is a lane. */
static void check_turns(struct world *w, const struct pool *p)
{
	const struct ledger *l = &w->fleet.ledger;
	uint32_t waiting = 0;
	uint32_t in_hand = 0;
	uint32_t due = 0;

	for (uint32_t i = p->shares.first; i != NONE; i = l->turns.shares[i].link.next) {
		const struct share *s = &l->turns.shares[i];

		CHECK(w, s->calls > 0 && s->pool == p->index);
		CHECK(w, p->spec->max_calls_per_uid == 0 || s->calls <= p->spec->max_calls_per_uid);
		CHECK(w, s->waiting > 0 || s->lanes.first == NONE);
		waiting += s->waiting;
		in_hand += s->in_hand;
		for (uint32_t n = s->lanes.first; n != NONE; n = l->turns.lanes[n].link.next)
			CHECK(w, l->turns.lanes[n].share == i && l->turns.lanes[n].calls.first != NONE &&
					 due++ < p->due);
	}
	for (uint32_t i = p->queue.first; i != NONE; i = l->table.calls[i].queue_next) {
		bool reads = !reading_is_held(&l->callers[l->table.calls[i].client]);

		waiting--;
		CHECK(w, l->turns.lanes[l->table.calls[i].lane].is_held == !reads);
		CHECK(w, !reads || p->due > 0);
	}
	waiting -= p->affinity.waiting;
	for (uint32_t i = 0; i < p->worker_count; i++)
		in_hand -= w->fleet.workers[p->first_worker + i].in_flight;
	CHECK(w, waiting == 0 && in_hand == 0 && due == p->due);
}

/* Tight from 80 % on until below half; who is not slowed down may have what it is configured to. */
static void check_pressure(struct world *w, const struct pool *p)
{
	uint64_t bytes = p->spec->queue_bytes.bytes;

	CHECK(w, p->is_tight || (5 * p->queued < 4 * p->spec->queue && p->queued_bytes / 4 < bytes / 5));
	CHECK(w, !p->is_tight || 2 * p->queued >= p->spec->queue || p->queued_bytes >= bytes / 2);
	for (uint32_t i = 0; i < WORLD_CLIENTS; i++) {
		const struct caller *client = &w->fleet.ledger.callers[i];

		if (!client->is_open || client->pool != p->index)
			continue;
		CHECK(w, client->allowed <= client->max_calls);
		CHECK(w, client->allowed == client->max_calls ||
				 (p->is_tight && p->spec->on_overflow == OVERFLOW_PAUSE));
	}
}

/* Where there is a limit, no worker that is up keeps what nobody waits for any longer than that. */
static void check_grace(struct world *w, const struct worker *worker)
{
	for (uint32_t i = 0; worker->state == WORKER_UP && i < WORKER_CELLS; i++) {
		const struct call *c = worker->cells[i] == NONE ? NULL : &w->fleet.ledger.table.calls[worker->cells[i]];

		CHECK(w, !c || c->state != CALL_ORPHAN || worker->spec->cancel_grace.ms == 0 ||
				 instant_is_before(w->fleet.now, c->deadline));
	}
}

/* Nobody waits for nothing, and nobody drains who has nothing left. */
static void check_future(struct world *w, const struct pool *p)
{
	bool has_process = false;
	bool has_prospect = false;

	for (uint32_t i = 0; i < p->worker_count; i++) {
		const struct worker *worker = &w->fleet.workers[p->first_worker + i];

		has_process |= worker_has_process(worker);
		has_prospect |= worker_has_prospect(worker);
		CHECK(w, !pool_is_drained(p, worker, w->fleet.now) || worker->is_flushing ||
				 worker->connections > 0 || errands_of(w, worker->index) > 0);
		CHECK(w, errands_open(&w->fleet.ledger.errands, worker->index) == errands_of(w, worker->index));
		CHECK(w, worker->connections == connections_of(w, worker->index));
	}
	has_prospect |= size_has_reserve(p);
	CHECK(w, p->is_closing == (has_process && !has_prospect));
	CHECK(w, p->queued == 0 || has_process || has_prospect);
}

static void count_list(struct world *w, const struct call_list *list, bool is_last, uint32_t *queued,
		       uint64_t *bytes)
{
	for (uint32_t i = list->first; i != NONE; i = w->fleet.ledger.table.calls[i].queue_next) {
		const struct call *c = &w->fleet.ledger.table.calls[i];

		CHECK(w, c->state == CALL_QUEUED && c->worker == NONE && c->is_last == is_last);
		(*queued)++;
		*bytes += c->size;
	}
}

/* A worker is kept only for a call that waits or is in its hand, and one that waits has one kept if any is free. */
static void check_kept(struct world *w, const struct pool *p)
{
	const struct worker *kept = p->alone == NONE ? NULL : &w->fleet.workers[p->alone];

	CHECK(w, !kept || p->alone_call != NONE || (p->retrials.first != NONE && kept->in_flight > 0));
	CHECK(w, p->alone_call == NONE || kept);
	CHECK(w, p->alone_call == NONE || kept->in_flight == 1);
	CHECK(w, p->retrials.first == NONE || kept || !slots_pick(&p->slots));
}

/* Each seat has one holder, which has at most one companion; a record beside that has no process. */
static void check_roster(struct world *w, const struct pool *p)
{
	uint32_t companions = 0;
	uint32_t benched = 0;
	uint32_t others = 0;

	for (uint32_t n = 0; n < p->seat_count; n++) {
		const struct worker *member = roster_at(p, n);
		const struct worker *other = roster_companion(p, member);

		CHECK(w, member->role == ROLE_MEMBER && member->instance == n && member->pool == p->index);
		CHECK(w, !other || (other->instance == n && other->companion == member->index));
		CHECK(w, !other || other->role == ROLE_HEIR || other->role == ROLE_ELDER);
		CHECK(w, !other || worker_has_process(other));
		companions += other != NULL;
		benched += member->is_benched;
		CHECK(w, !member->is_benched || member->wish == WISH_DOWN || member->state == WORKER_DOWN);
	}
	CHECK(w, benched == p->benched && p->least <= p->most);
	for (uint32_t i = 0; i < p->worker_count; i++) {
		const struct worker *worker = &p->workers[p->first_worker + i];

		others += worker->role != ROLE_MEMBER && worker->role != ROLE_SPARE;
		CHECK(w, worker->role != ROLE_SPARE || (worker->state == WORKER_DOWN && worker->in_flight == 0));
	}
	CHECK(w, others == companions);
}

/* What is in hand of each key, and waits for its last attempt; all of it in one hand. */
static void count_bound(struct world *w, const struct pool *p, uint32_t in_hand[WORLD_KEYS],
			uint32_t retrying[WORLD_KEYS])
{
	for (uint32_t i = 0; i < w->fleet.ledger.table.used; i++) {
		const struct call *c = &w->fleet.ledger.table.calls[i];

		if (c->state == CALL_FREE || c->pool != p->index || c->bond == NONE)
			continue;
		CHECK(w, c->bond < p->affinity.used);
		in_hand[c->bond] += c->worker != NONE && !c->is_last;
		retrying[c->bond] += c->is_last;
		CHECK(w, c->worker == NONE || c->is_last || c->worker == p->affinity.bonds[c->bond].holder);
	}
}

/* A key waits for the instance that has calls of it, and beside no free slot of that. */
static void check_bonds(struct world *w, const struct pool *p, uint32_t *queued, uint64_t *bytes)
{
	const struct affinity *a = &p->affinity;
	const struct call *calls = w->fleet.ledger.table.calls;
	uint32_t in_hand[WORLD_KEYS] = {0};
	uint32_t retrying[WORLD_KEYS] = {0};
	uint32_t before = *queued;

	CHECK(w, a->used <= a->capacity && a->capacity <= WORLD_KEYS);
	count_bound(w, p, in_hand, retrying);
	for (uint32_t i = 0; i < a->used; i++) {
		const struct bond *b = &a->bonds[i];

		for (uint32_t c = b->calls.first; c != NONE; c = calls[c].queue_next) {
			(*queued)++;
			*bytes += calls[c].size;
		}
		CHECK(w, in_hand[i] == b->in_hand && retrying[i] == b->retrying);
		CHECK(w, (b->place == BOND_IDLE || b->place == BOND_AT_WORK) == (b->calls.first == NONE));
		CHECK(w, b->place != BOND_IDLE || in_hand[i] + retrying[i] == 0);
		CHECK(w, b->place != BOND_READY || !p->workers[b->ready_at].is_available);
		if (b->place == BOND_HELD && in_hand[i] + retrying[i] == 0)
			CHECK(w, reading_is_held(&w->fleet.ledger.callers[calls[b->calls.first].client]));
	}
	CHECK(w, *queued - before == a->waiting);
}

static void check_pool(struct world *w, const struct pool *p)
{
	const struct pool_counters *n = &p->counters;
	uint32_t queued = 0;
	uint64_t bytes = 0;

	CHECK(w, n->accepted == n->replied + n->errored + n->closed + p->queued + p->in_flight);
	count_list(w, &p->queue, false, &queued, &bytes);
	count_list(w, &p->retrials, true, &queued, &bytes);
	check_bonds(w, p, &queued, &bytes);
	CHECK(w, queued == p->queued && bytes == p->queued_bytes);
	check_turns(w, p);
	check_pressure(w, p);
	check_future(w, p);
	check_kept(w, p);
	check_roster(w, p);
	for (uint32_t i = 0; p->due > 0 && i < p->worker_count; i++) {
		const struct worker *worker = &w->fleet.workers[p->first_worker + i];

		/* nobody waits beside a free slot */
		CHECK(w, worker->state != WORKER_UP || worker->in_flight >= worker->slots ||
				 worker->index == p->alone);
	}
}

static void check_worker(struct world *w, uint32_t index)
{
	const struct worker *worker = &w->fleet.workers[index];
	const struct world_process *p = &w->processes[index];

	if (!worker->spec)
		return;
	CHECK(w, worker_has_process(worker) == p->is_alive);
	CHECK(w, worker->generation == p->generation);
	CHECK(w, worker->in_flight == p->held_count);
	check_grace(w, worker);
	CHECK(w, worker->is_available ==
			 (worker->in_flight < worker->slots && !worker->is_leaving &&
			  !worker->is_told && !worker->is_flushing &&
			  index != w->fleet.pools[worker->pool].alone &&
			  (worker->state == WORKER_UP ||
			   (worker->state == WORKER_DRAINING && w->fleet.pools[worker->pool].is_closing))));
}

static void check_deadlines(struct world *w)
{
	const struct deadlines *d = &w->fleet.deadlines;

	for (uint32_t i = 0; i < d->count; i++) {
		CHECK(w, d->places[d->heap[i].owner] == i + 1);
		CHECK(w, i == 0 || !instant_is_before(d->heap[i].at, d->heap[(i - 1) / 2].at));
	}
	for (uint32_t i = 0; i < w->fleet.worker_count; i++) {
		const struct worker *worker = &w->fleet.workers[i];

		CHECK(w, (!worker->spec || instant_is_never(worker->deadline)) == (d->places[i] == 0));
	}
}

static void check_census(struct world *w)
{
	const struct entrance *e = &w->fleet.entrance;
	uint32_t sum = 0;

	for (uint32_t i = 0; i < e->census.capacity; i++) {
		const struct census_entry *entry = &e->census.entries[i];
		uint32_t count = 0;

		for (uint32_t c = 0; entry->count > 0 && c < WORLD_CLIENTS; c++) {
			const struct caller *client = &w->fleet.ledger.callers[c];
			uint64_t endpoint = entry->key >> 32;

			count += client->is_open && client->endpoint != NONE && client->caller == NONE &&
				 client->uid == (uint32_t)entry->key &&
				 (endpoint == 0 || endpoint == client->endpoint + 1u);
		}
		CHECK(w, entry->count == count);
		CHECK(w, entry->count == 0 || census_count(&e->census, entry->key) == count);
		sum += entry->count;
	}
	CHECK(w, sum == 2 * e->clients);
}

static void check_all(struct world *w)
{
	struct instant next = fleet_next(&w->fleet);

	for (uint32_t i = 0; i < w->fleet.pool_count; i++)
		check_pool(w, &w->fleet.pools[i]);
	for (uint32_t i = 0; i < w->fleet.worker_count; i++)
		check_worker(w, i);
	check_deadlines(w);
	check_census(w);
	for (uint32_t i = 0; i < WORLD_CLIENTS; i++)
		CHECK(w, !w->clients[i].is_open ||
				 w->clients[i].waiting == w->fleet.ledger.callers[i].open_calls);
	CHECK(w, instant_is_before(w->fleet.now, next));
}

static void give(struct world *w, struct event *e)
{
	struct actions out = {obey, w};

	w->events++;
	e->now = w->fleet.now.ms > e->now.ms ? w->fleet.now : e->now;
	fleet_step(&w->fleet, e, &out);
	check_all(w);
}

/* ------------------------------------------------------------------- events */

static struct exit_facts some_exit(struct world *w)
{
	switch (roll(w, 8)) {
	case 0:
		return (struct exit_facts){.kind = EXIT_SIGNAL, .value = 11, .dumped_core = roll(w, 2) == 0};
	case 1:
		return (struct exit_facts){.kind = EXIT_SIGNAL, .value = 15};
	case 2:
		return (struct exit_facts){.kind = EXIT_CODE, .value = 78};
	case 3:
		return (struct exit_facts){.kind = EXIT_CODE, .value = 0};
	case 4:
		return (struct exit_facts){.kind = EXIT_NOT_STARTED, .value = 2, .stage = STAGE_EXEC};
	default:
		return (struct exit_facts){.kind = EXIT_CODE, .value = 1};
	}
}

/* Some of what it had in hand was never written: always the latest. */
static void tell_unsent(struct world *w, uint32_t worker)
{
	struct world_process *p = &w->processes[worker];
	uint32_t unsent = p->held_count > 0 ? roll(w, p->held_count + 1) : 0;

	for (uint32_t i = 0; i < unsent; i++) {
		p->held[p->held_count - 1 - i].unsent = true;
		give(w, &(struct event){.kind = FLEET_UNSENT,
					.worker = worker,
					.generation = p->generation,
					.id = p->held[p->held_count - 1 - i].wire_id});
	}
	for (uint32_t i = 0; i < p->held_count - unsent; i++)
		give(w, &(struct event){.kind = FLEET_SUSPECT,
					.worker = worker,
					.generation = p->generation,
					.id = p->held[i].wire_id,
					.key = 1 + p->held[i].id % 64});
}

/* Connections that it has not touched, before its end or while it drains. */
static void tell_untouched(struct world *w, uint32_t worker)
{
	for (uint32_t i = 0; i < WORLD_CLIENTS; i++) {
		struct world_client *c = &w->clients[i];

		if (!c->is_open || !c->is_handed_over || c->served_by != worker || roll(w, 2))
			continue;
		c->served_by = NONE;
		give(w, &(struct event){.kind = FLEET_CONN_UNSENT,
					.worker = worker,
					.generation = w->processes[worker].generation,
					.client = i});
	}
}

/* One of its connections ends, or one that it does not have. */
static void connection_ends(struct world *w, uint32_t worker)
{
	uint32_t i = roll(w, WORLD_CLIENTS);
	struct world_client *c = &w->clients[i];

	for (uint32_t n = 0; n < WORLD_CLIENTS && !(c->is_open && c->is_handed_over && c->served_by == worker); n++)
		c = &w->clients[i = (i + 1) % WORLD_CLIENTS];
	if (c->served_by == worker)
		c->served_by = NONE;
	give(w, &(struct event){.kind = FLEET_CONN_END,
				.worker = worker,
				.generation = w->processes[worker].generation,
				.client = i});
}

static void process_flushes(struct world *w, uint32_t worker)
{
	struct world_process *p = &w->processes[worker];

	p->has_flushed |= p->is_asked;
	give(w, &(struct event){.kind = FLEET_FLUSHED, .worker = worker, .generation = p->generation});
}

/* The connections that it has are lost with it. */
static void lose_connections(struct world *w, uint32_t worker)
{
	for (uint32_t i = 0; i < WORLD_CLIENTS; i++) {
		if (w->clients[i].is_handed_over && w->clients[i].served_by == worker)
			w->clients[i].served_by = NONE;
	}
}

/* The process is gone: handlers may have seen what was not unsent. */
static void lose_hand(struct world *w, struct world_process *p)
{
	for (uint32_t i = 0; i < p->held_count; i++) {
		struct world_client *c = &w->clients[p->held[i].client];
		uint32_t at = p->held[i].id / 2 % WORLD_CALLS;

		/* an orphan of an older connection may have the id of a call that waits now */
		if (p->held[i].visit == c->visit && (!p->held[i].unsent || c->has_part[at]))
			c->runs[at]++;
	}
	p->held_count = 0;
}

static void client_goes(struct world *w, uint32_t client);

/* Those that it has itself, to other pools. One that was handed over is the other worker's, until that sees the end. */
static void lose_own_connections(struct world *w, uint32_t worker)
{
	for (uint32_t i = 0; i < WORLD_CLIENTS; i++) {
		struct world_client *c = &w->clients[i];

		if (!c->is_open || c->caller != worker)
			continue;
		if (!c->is_handed_over)
			client_goes(w, i);
		else
			give(w, &(struct event){.kind = FLEET_CLIENT_GONE, .client = i});
		c->caller = NONE;
	}
}

static void process_exits(struct world *w, uint32_t worker)
{
	struct world_process *p = &w->processes[worker];
	struct event e = {.kind = FLEET_EXIT,
			  .worker = worker,
			  .generation = p->generation,
			  .exit = some_exit(w)};

	const struct worker *worker_now = &w->fleet.workers[worker];
	bool again;

	if (!p->is_ended) {
		tell_unsent(w, worker);
		tell_untouched(w, worker);
		lose_own_connections(w, worker);
	}
	p->is_alive = false;
	lose_connections(w, worker);
	lose_hand(w, p);
	again = worker_now->is_asked && worker_now->wish != WISH_DOWN && !succession_has_heir(&w->fleet, worker_now);
	give(w, &e);
	/* a command's restart does not wait and is not judged */
	CHECK(w, !again || worker_now->state == WORKER_STARTING);
}

static void process_loses_channel(struct world *w, uint32_t worker)
{
	struct world_process *p = &w->processes[worker];

	if (p->is_ended)
		return;
	tell_unsent(w, worker);
	tell_untouched(w, worker);
	lose_own_connections(w, worker);
	p->is_ended = true;
	lose_connections(w, worker);
	lose_hand(w, p);
	give(w, &(struct event){.kind = FLEET_LOST,
				.worker = worker,
				.generation = p->generation,
				.number = roll(w, 2)});
}

static void process_announces(struct world *w, uint32_t worker)
{
	struct world_process *p = &w->processes[worker];
	const struct worker_spec *spec = w->fleet.workers[worker].spec;
	uint32_t n = roll(w, 12) == 0 ? 0 : 1 + roll(w, 5);
	uint32_t most = spec->slots > 0 ? spec->slots : BROOD_MAX_SLOTS;

	if (p->is_ended)
		return;
	/* what is in hand may be more than it now accepts */
	if (n > 0)
		p->slots = n < most ? n : most;
	give(w, &(struct event){.kind = FLEET_SLOTS,
				.worker = worker,
				.generation = p->generation,
				.number = n});
}

static void process_replies(struct world *w, uint32_t worker)
{
	struct world_process *p = &w->processes[worker];
	struct event e = {.kind = FLEET_REPLY, .worker = worker, .generation = p->generation};
	uint32_t at;

	if (p->is_ended)
		return;
	if (roll(w, 40) == 0 || p->held_count == 0) {
		e.id = roll(w, 3) ? 2 * roll(w, 100000) : roll(w, 1000);
		for (uint32_t i = 0; i < p->held_count; i++) {
			if (p->held[i].wire_id == e.id)
				return;
		}
	} else {
		at = roll(w, p->held_count);
		e.id = p->held[at].wire_id;
		if (roll(w, 8) == 0) {
			e.kind = roll(w, 4) ? FLEET_PART : FLEET_HEADERS;
			e.size = roll(w, 100);
			e.ends_message = w->at_hand_ends = e.kind == FLEET_PART && roll(w, 2);
		} else {
			if (roll(w, 100) == 0)
				e.kind = FLEET_REFUSED;
			p->held_count--;
			memmove(&p->held[at], &p->held[at + 1], (p->held_count - at) * sizeof(p->held[0]));
		}
	}
	give(w, &e);
	w->at_hand_ends = false;
}

static void process_event(struct world *w)
{
	uint32_t worker = roll(w, w->fleet.worker_count);
	struct world_process *p;

	/* mostly of one that lives */
	for (int i = 0; i < 6 && !w->processes[worker].is_alive; i++)
		worker = roll(w, w->fleet.worker_count);
	p = &w->processes[worker];
	if (!p->is_alive || roll(w, 200) == 0) {
		/* a late word of an older process */
		struct event e = {.kind = roll(w, 2) ? FLEET_EXIT : FLEET_SLOTS,
				  .worker = worker,
				  .generation = p->generation - 1 - roll(w, 2),
				  .exit = some_exit(w),
				  .number = 1};

		give(w, &e);
		return;
	}
	if (p->was_signalled && roll(w, 3) == 0) {
		process_exits(w, worker);
		return;
	}
	if (p->slots == 0 && roll(w, 2)) {
		process_announces(w, worker);
		return;
	}
	if (!p->is_ended && ((p->is_asked && roll(w, 4) == 0) || roll(w, 500) == 0)) {
		process_flushes(w, worker);
		return;
	}
	if (!p->is_ended && connections_of(w, worker) > 0 && roll(w, p->is_told ? 4 : 60) == 0) {
		if (p->is_told && roll(w, 3) == 0)
			tell_untouched(w, worker);
		else
			connection_ends(w, worker);
		return;
	}
	switch (roll(w, 160)) {
	case 0:
	case 1:
		process_exits(w, worker);
		break;
	case 2:
		process_loses_channel(w, worker);
		break;
	case 3:
	case 4:
	case 5:
		process_announces(w, worker);
		break;
	case 6:
		give(w, &(struct event){.kind = FLEET_READY, .worker = worker, .generation = p->generation});
		break;
	default:
		process_replies(w, worker);
	}
}

/* A process of pool a, which may call others; NONE: that was none of those. */
static uint32_t some_caller(struct world *w)
{
	uint32_t worker = roll(w, w->fleet.worker_count);
	const struct worker *one = &w->fleet.workers[worker];

	return one->spec && one->pool == 0 && w->processes[worker].is_alive && !w->processes[worker].is_ended ? worker
													      : NONE;
}

static void client_comes(struct world *w, uint32_t client)
{
	uint32_t caller = roll(w, 3) == 0 ? some_caller(w) : NONE;
	uint32_t endpoint = caller != NONE     ? WORLD_ENDPOINTS + roll(w, WORLD_INNER)
			    : roll(w, 10) == 0 ? NONE
					       : roll(w, WORLD_ENDPOINTS);
	struct world_client *c = &w->clients[client];

	/* what is handed over at once, or turned away, is so while the event is given */
	*c = (struct world_client){.is_open = true,
				   .is_handed_over = endpoint != NONE &&
						     w->endpoint_specs[endpoint].dispatch == DISPATCH_CONNECTION,
				   .served_by = NONE,
				   .caller = caller,
				   .visit = c->visit + 1};
	w->admitted = w->refused = false;
	give(w, &(struct event){.kind = FLEET_CLIENT,
				.client = client,
				.endpoint = endpoint,
				.worker = caller,
				.number = 1000 + roll(w, 4)});
	CHECK(w, w->admitted != w->refused);
	CHECK(w, caller == NONE || w->admitted); /* no limit of others keeps it out */
	c->is_open &= w->admitted;
}

/* More of one of its latest calls, mostly of one that goes on. */
static void client_sends_more(struct world *w, uint32_t client)
{
	struct world_client *c = &w->clients[client];
	uint32_t cell = c->next_id / 2 % WORLD_CALLS;
	uint64_t answers = w->answers;
	uint64_t parts = w->parts;
	uint32_t back;
	struct event e = {.kind = FLEET_REQUEST, .client = client, .size = roll(w, 100)};
	bool went_on;

	for (back = 0; back < 20 && back < cell && (c->state[cell - back] != 1 || !c->goes_on[cell - back]);)
		back++;
	if (back >= cell)
		return;
	cell -= back;
	went_on = c->goes_on[cell];
	e.id = c->next_id - 2 * back;
	e.ends_message = roll(w, 3) > 0;
	e.ends_stream = roll(w, 4) == 0;
	if (c->state[cell] == 1) {
		c->has_more[cell] = true;
		c->goes_on[cell] = went_on && !e.ends_stream;
	}
	give(w, &e);
	CHECK(w, w->parts - parts <= 1); /* passed on, or kept, or answered, or of no use; never two of them */
	CHECK(w, w->answers == answers || w->parts == parts || !went_on);
	CHECK(w, went_on || w->parts == parts);
}

static void client_calls(struct world *w, uint32_t client)
{
	struct world_client *c = &w->clients[client];
	uint32_t body = w->next_body++ % WORLD_BODIES;
	uint32_t id = c->next_id = c->next_id + 2;

	if (w->bodies[body] || c->waiting > WORLD_CALLS / 2)
		return;
	c->state[id / 2 % WORLD_CALLS] = 1;
	c->runs[id / 2 % WORLD_CALLS] = 0;
	c->has_part[id / 2 % WORLD_CALLS] = false;
	c->has_more[id / 2 % WORLD_CALLS] = c->more_is_out[id / 2 % WORLD_CALLS] = false;
	c->goes_on[id / 2 % WORLD_CALLS] = roll(w, 4) == 0;
	c->streams[id / 2 % WORLD_CALLS] = roll(w, 2);
	c->waiting++;
	w->bodies[body] = true;
	w->bodies_live++;
	give(w, &(struct event){.kind = FLEET_CALL,
				.client = client,
				.id = id,
				.pool = roll(w, w->fleet.pool_count),
				.key = w->fleet.suspects->count > 0 ? 1 + id % 64 : 0,
				.body = body,
				.size = roll(w, 2000),
				.order = roll(w, 2) ? 1 + roll(w, 12) : 0,
				.idempotent = roll(w, 2) == 0,
				.goes_on = c->goes_on[id / 2 % WORLD_CALLS],
				.takes_streams = c->streams[id / 2 % WORLD_CALLS],
				.reply_most = roll(w, 4) ? 0 : 150,
				.timeout = {roll(w, 4) == 0 ? roll(w, 500) : 0}});
	while (c->goes_on[id / 2 % WORLD_CALLS] && c->is_open && roll(w, 3))
		client_sends_more(w, client);
}

/* It sends nothing more: what had not ended is answered. */
static void client_is_cut(struct world *w, uint32_t client)
{
	struct world_client *c = &w->clients[client];

	give(w, &(struct event){.kind = FLEET_CLIENT_CUT, .client = client});
	for (uint32_t i = 0; i < WORLD_CALLS; i++)
		CHECK(w, c->state[i] != 1 || !c->goes_on[i]);
}

static void client_goes(struct world *w, uint32_t client)
{
	struct world_client *c = &w->clients[client];

	for (uint32_t i = 0; i < WORLD_CALLS; i++) {
		if (c->state[i] == 1)
			c->state[i] = 2;
	}
	c->waiting = 0;
	c->is_open = false;
	give(w, &(struct event){.kind = FLEET_CLIENT_GONE, .client = client});
}

static void client_event(struct world *w)
{
	uint32_t client = roll(w, WORLD_CLIENTS);
	struct world_client *c = &w->clients[client];

	if (!c->is_open) {
		client_comes(w, client);
		return;
	}
	if (c->is_handed_over)
		return; /* brood hears nothing of it */
	switch (roll(w, 40)) {
	case 0:
		client_goes(w, client);
		break;
	case 1:
	case 2:
		give(w, &(struct event){.kind = FLEET_CANCEL,
					.client = client,
					.id = c->next_id > 20 ? c->next_id - 2 * roll(w, 10) : 2});
		break;
	case 30:
		give(w, &(struct event){.kind = FLEET_READS,
					.client = client,
					.number = roll(w, 3),
					.is_stalled = roll(w, 2) == 0});
		break;
	case 39:
		if (roll(w, 10) == 0)
			give(w, &(struct event){.kind = FLEET_RELEASE, .key = roll(w, 8)});
		break;
	case 3:
		give(w, &(struct event){.kind = FLEET_NOTIFY, .pool = roll(w, w->fleet.pool_count)});
		break;
	case 4:
		if (roll(w, 10) == 0)
			client_is_cut(w, client);
		break;
	case 5:
	case 6:
	case 7:
	case 8:
	case 9:
	case 10:
	case 11:
		client_sends_more(w, client);
		break;
	default:
		client_calls(w, client);
	}
}

static void command_event(struct world *w)
{
	uint32_t pool = roll(w, 8) == 0 ? NONE : roll(w, w->fleet.pool_count);
	struct event e = {.kind = FLEET_COMMAND, .pool = pool, .instance = NONE, .job = NONE};

	e.verb = roll(w, 8) == 0 ? VERB_STOP : roll(w, 8) == 0 ? VERB_DRAIN : roll(w, 2) ? VERB_START : VERB_RESTART;
	if (pool != NONE && roll(w, 2))
		e.instance = roll(w, w->fleet.pools[pool].seat_count);
	e.rolling = roll(w, 2) ? NONE : roll(w, 4);
	if (pool != NONE && roll(w, 6) == 0) {
		e.verb = VERB_SCALE;
		e.instance = NONE;
		e.most = roll(w, 8);
		e.least = roll(w, 2) ? e.most : roll(w, e.most + 1);
	}
	if (roll(w, 4) && !w->jobs[w->next_job % WORLD_JOBS]) {
		e.job = w->next_job++ % WORLD_JOBS;
		w->jobs[e.job] = true;
		w->jobs_open++;
	}
	give(w, &e);
}

static void time_passes(struct world *w)
{
	struct instant next = fleet_next(&w->fleet);
	int64_t ms = w->fleet.now.ms + roll(w, 20);

	if (roll(w, 3) == 0 && !instant_is_never(next))
		ms = next.ms;
	if (roll(w, 400) == 0)
		ms += 60000; /* a long gap: a stopped machine */
	give(w, &(struct event){.kind = FLEET_TICK, .now = {ms}});
}

void world_step(struct world *w)
{
	uint32_t what = roll(w, 100);

	if (what < 60)
		process_event(w);
	else if (what < 90)
		client_event(w);
	else if (what < 91 && roll(w, 4) == 0)
		command_event(w);
	else
		time_passes(w);
}

/* ---------------------------------------------------------- beginning and end */

static struct instance_range some_range(struct world *w)
{
	uint32_t most = 1 + roll(w, 6);

	return (struct instance_range){roll(w, 2) ? most : roll(w, most + 1), most};
}

static void describe(struct world *w)
{
	static const char *const names[WORLD_POOLS] = {"a", "b", "c", "d"};

	w->spec = (struct config_spec){
		.brood = {.max_clients = 16, .max_clients_per_uid = 6, .shutdown_timeout = {5000}},
		.workers = w->worker_specs,
		.worker_count = WORLD_POOLS,
		.endpoints = w->endpoint_specs,
		.endpoint_count = WORLD_ENDPOINTS,
		.inner_count = WORLD_INNER,
	};
	for (uint32_t i = 0; i < WORLD_INNER; i++)
		w->callees[i] = (struct callee){.name = names[1 + 2 * i],
						.is_direct = i == 1,
						.is_cycle = roll(w, 3) == 0,
						.pool = (uint16_t)(1 + 2 * i),
						.entrance = WORLD_ENDPOINTS + i};
	for (uint32_t i = 0; i < WORLD_POOLS; i++) {
		struct worker_spec *s = &w->worker_specs[i];

		*s = (struct worker_spec){
			.name = names[i],
			.instances = some_range(w),
			.scale_limit = 8,
			.order_keys = roll(w, 3) * roll(w, 20),
			.scale_up_after = {roll(w, 100)},
			.idle_stop = {roll(w, 3) * 200},
			.update = roll(w, 2) ? UPDATE_OVERLAP : UPDATE_REPLACE,
			.rolling = roll(w, 4),
			.autostart = roll(w, 4) != 0,
			.ready = {roll(w, 4) ? READY_CHANNEL : READY_ALIVE, {100}},
			.start_timeout = {300},
			.stop_signal = 15,
			.stop_timeout = {200},
			.slots = roll(w, 2) ? 0 : 1 + roll(w, 4),
			.queue = 1 + roll(w, 20),
			.on_overflow = (enum overflow_kind)roll(w, 2),
			.max_calls_per_uid = roll(w, 3) ? 0 : 1 + roll(w, 12),
			.queue_bytes = {16 + roll(w, 20000)},
			.call_timeout = {50 + roll(w, 3000)},
			.redeliver = (enum redeliver_kind)roll(w, 3),
			.max_attempts = 1 + roll(w, 4),
			.quarantine = {roll(w, 3) ? 0 : 1 + roll(w, 3000)},
			.crash_penalty = {roll(w, 4) ? 0 : 1 + roll(w, 200)},
			.dead_letter = roll(w, 2) ? "/letters" : NULL,
			.fd_store = roll(w, 2),
			.fd_store_keep = (enum keep_kind)roll(w, 3),
			.cancel_grace = {roll(w, 3) ? 1 + roll(w, 400) : 0},
		};
		s->restart = (struct restart_policy){
			.when = roll(w, 4) ? RESTART_ALWAYS : roll(w, 2) ? RESTART_ON_FAILURE : RESTART_NEVER,
			.delay = {roll(w, 50)},
			.delay_max = {500},
			.reset = {1000},
			.jitter = roll(w, 30),
			.start_retries = roll(w, 3) ? 0 : 4,
			.limit = {roll(w, 3) ? 0 : 1 + roll(w, 5), {500}},
			.success = {.codes = {1}, .signals = 1 << 14},
			.no_restart = {.codes = {0, (uint64_t)1 << (78 - 64)}},
		};
	}
	w->worker_specs[0].calls = (struct callee_list){w->callees, WORLD_INNER};
	for (uint32_t i = 0; i < WORLD_INNER; i++)
		w->endpoint_specs[WORLD_ENDPOINTS + i] = (struct endpoint_spec){
			.name = names[1 + 2 * i],
			.is_inner = true,
			.dispatch = i == 1 ? DISPATCH_CONNECTION : DISPATCH_REQUEST,
			.max_clients = UINT32_MAX,
			.max_clients_per_uid = UINT32_MAX,
			.max_calls = 8 + roll(w, 40),
			.pool = (uint16_t)(1 + 2 * i)};
	for (uint32_t i = 0; i < WORLD_ENDPOINTS; i++)
		w->endpoint_specs[i] = (struct endpoint_spec){
			.name = names[i],
			.dispatch = i == WORLD_ENDPOINTS - 1 ? DISPATCH_CONNECTION
				    : roll(w, 2)	     ? DISPATCH_STICKY
							     : DISPATCH_REQUEST,
			.max_clients = 9,
			.max_clients_per_uid = 4,
			.max_calls = 8 + roll(w, 40),
			.pool = (uint16_t)roll(w, 2)};
}

void world_open(struct world *w, uint64_t seed, bool is_verbose)
{
	memset(w, 0, sizeof(*w));
	for (uint32_t i = 0; i < WORLD_CLIENTS; i++)
		w->clients[i].caller = NONE;
	w->seed = seed;
	w->random = seed * 0x9e3779b97f4a7c15u | 1;
	w->is_verbose = is_verbose;
	for (int i = 0; i < 10; i++)
		roll(w, 2);
	describe(w);
	w->storage = calloc(1, storage_needed(&w->spec));
	CHECK(w, w->storage != NULL);
	fleet_init(&w->fleet, &w->spec, w->storage, seed);
	CHECK(w, w->fleet.worker_count <= WORLD_WORKERS);
	give(w, &(struct event){.kind = FLEET_START});
}

void world_close(struct world *w)
{
	/* 25 s of virtual time suffice for a shutdown_timeout of 5 s, if processes obey SIGKILL */
	give(w, &(struct event){.kind = FLEET_SHUTDOWN});
	if (roll(w, 4) == 0)
		give(w, &(struct event){.kind = FLEET_HALT});
	for (uint32_t i = 0; i < 100000 && !w->is_finished; i++) {
		uint32_t worker = roll(w, w->fleet.worker_count);

		if (w->processes[worker].is_alive && w->processes[worker].was_signalled)
			process_exits(w, worker);
		else if (w->processes[worker].is_alive && roll(w, 3))
			process_replies(w, worker);
		else if (roll(w, 4) == 0)
			client_event(w);
		else
			time_passes(w);
	}
	CHECK(w, w->is_finished);
	for (uint32_t i = 0; i < w->fleet.worker_count; i++)
		CHECK(w, !w->processes[i].is_alive);
	for (uint32_t i = 0; i < WORLD_CLIENTS; i++) {
		CHECK(w, w->clients[i].waiting == 0);
		CHECK(w, !w->clients[i].is_open || !w->clients[i].is_handed_over);
		if (w->clients[i].is_open)
			client_goes(w, i);
	}
	CHECK(w, w->bodies_live == 0);
	CHECK(w, w->jobs_open == 0);
	CHECK(w, w->fleet.entrance.clients == 0);
	CHECK(w, instant_is_never(fleet_next(&w->fleet)) || w->fleet.deadlines.count == 1);
	free(w->storage);
}
