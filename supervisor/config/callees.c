/*
 * callees: from names to pools, and to the endpoints at which the connections of workers are counted.
 *
 * Circles are found as the strongly connected parts of the graph of callers (Tarjan), so that any number of workers
 * costs no more than reading them.
 */
#include "callees.h"

#include <stdio.h>
#include <string.h>

#include "complaint.h"

enum { CIRCLE_TEXT = 400 };

static struct worker_spec *worker_at(const struct build *b, size_t index)
{
	return &b->config->spec.workers[index];
}

/* ------------------------------------------------------------------- names */

static bool find_pool(const struct build *b, struct callee *c)
{
	const struct section *s = section_find(&b->config->sections, SECTION_WORKER, c->name);

	if (s)
		c->pool = (uint16_t)s->index; /* sections of one kind stand in the order of the spec */
	return s != NULL;
}

static void complain_of_name(struct build *b, size_t index, const struct build_value *calls, const char *name)
{
	const char *nearest = problem_is_wanted(&b->config->problems) ? complaint_nearest_worker(b, name) : NULL;

	if (nearest)
		complaint_add(b, PROBLEM_ERROR, b->workers[index], calls,
			      "calls: no worker is named '%s', did you mean '%s'?", name, nearest);
	else
		complaint_add(b, PROBLEM_ERROR, b->workers[index], calls,
			      "calls: no worker is named '%s', there is no section [worker:%s]", name, name);
}

/* Can the pool be called in this way? */
static void check_channel(struct build *b, size_t index, const struct build_value *calls, const struct callee *c)
{
	const enum channel_kind kind = worker_at(b, c->pool)->channel;
	const struct build_value channel = complaint_value(b, b->workers[c->pool], "channel");

	if (complaint_is_bad(&channel))
		return;
	if (kind == CHANNEL_NONE)
		complaint_add(b, PROBLEM_ERROR, b->workers[index], calls,
			      "calls: [worker:%s] takes no calls, it has channel = none%s", c->name,
			      complaint_origin(&channel).text);
	else if (kind == CHANNEL_PIPES && c->is_direct)
		complaint_add(b, PROBLEM_ERROR, b->workers[index], calls,
			      "calls: [worker:%s] cannot be handed connections (%s:direct), it has channel = pipes%s",
			      c->name, c->name, complaint_origin(&channel).text);
}

static void resolve(struct build *b, size_t index, const struct build_value *calls, struct callee *c)
{
	if (!find_pool(b, c))
		complain_of_name(b, index, calls, c->name);
	else if (c->pool == index)
		complaint_add(b, PROBLEM_ERROR, b->workers[index], calls,
			      "calls: %s cannot call itself: with all slots taken by calls that wait for it, it would "
			      "wait for itself",
			      c->name);
	else
		check_channel(b, index, calls, c);
}

/* The list may be that of [defaults]: each worker has its own in which pools are noted. */
static bool resolve_all(struct build *b, size_t index)
{
	struct worker_spec *w = worker_at(b, index);
	const struct build_value calls = complaint_value(b, b->workers[index], "calls");
	struct callee *own = arena_array(&b->config->arena, w->calls.count, sizeof(*own));

	if (!own)
		return false;
	memcpy(own, w->calls.callees, w->calls.count * sizeof(*own));
	w->calls.callees = own;
	for (size_t i = 0; i < w->calls.count; i++)
		resolve(b, index, &calls, &own[i]);
	if (w->channel != CHANNEL_SOCKETPAIR && complaint_pair_is_sound(b, b->workers[index], "calls", "channel"))
		complaint_of_pair(b, b->workers[index], "calls", "needs a socketpair, not", "channel");
	b->config->spec.inner_count += w->calls.count;
	return true;
}

/* ------------------------------------------------------------------ circles */

/* Of one worker, for Tarjan's walk. */
struct node {
	uint32_t number; /* in the order of the walk, from 1; 0: not seen yet */
	uint32_t low;    /* the least number that can be reached from here, within what is on the stack */
	uint32_t part;   /* the number of its first node; workers of one part reach each other */
	uint32_t next;   /* of its callees to be looked at */
	uint32_t parent; /* in the walk */
	uint32_t below;  /* on the stack */
	bool is_on_stack;
	bool is_told;
};

struct walk {
	struct build *b;
	struct node *nodes;
	uint32_t count;
	uint32_t top; /* of the stack; UINT32_MAX: empty */
};

static void enter(struct walk *w, uint32_t at, uint32_t parent)
{
	struct node *n = &w->nodes[at];

	n->number = n->low = ++w->count;
	n->parent = parent;
	n->below = w->top;
	n->is_on_stack = true;
	w->top = at;
}

/* All that was reached from here is known. Its part is complete if nothing leads further back. */
static void leave(struct walk *w, uint32_t at)
{
	struct node *n = &w->nodes[at];
	struct node *parent = n->parent == UINT32_MAX ? NULL : &w->nodes[n->parent];
	uint32_t taken;

	if (parent && n->low < parent->low)
		parent->low = n->low;
	if (n->low != n->number)
		return;
	do {
		taken = w->top;
		w->nodes[taken].is_on_stack = false;
		w->nodes[taken].part = n->number;
		w->top = w->nodes[taken].below;
	} while (taken != at);
}

static void walk_from(struct walk *w, uint32_t start)
{
	uint32_t at = start;

	enter(w, start, UINT32_MAX);
	while (at != UINT32_MAX) {
		struct node *n = &w->nodes[at];
		const struct callee_list *calls = &worker_at(w->b, at)->calls;
		uint32_t to = n->next < calls->count ? calls->callees[n->next].pool : UINT32_MAX;

		if (to == UINT32_MAX) {
			leave(w, at);
			at = n->parent;
			continue;
		}
		n->next++;
		if (w->nodes[to].number == 0) {
			enter(w, to, at);
			at = to;
		} else if (w->nodes[to].is_on_stack && w->nodes[to].number < n->low) {
			n->low = w->nodes[to].number;
		}
	}
}

/* "a -> b -> a": follows calls within the part until a worker comes again. */
static void write_circle(const struct walk *w, uint32_t start, char *out, size_t size)
{
	uint32_t at = start;
	size_t used = 0;

	do {
		const struct callee_list *calls = &worker_at(w->b, at)->calls;
		uint32_t i = 0;

		used += (size_t)snprintf(out + used, size - used, "%s -> ", worker_at(w->b, at)->name);
		w->nodes[at].is_told = true;
		while (!calls->callees[i].is_cycle)
			i++;
		at = calls->callees[i].pool;
	} while (!w->nodes[at].is_told && used + 2 * SPEC_NAME_MOST < size);
	snprintf(out + used, size - used, "%s", worker_at(w->b, at)->name);
}

static void tell_circle(struct walk *w, uint32_t at)
{
	struct section *s = w->b->workers[at];
	const struct build_value calls = complaint_value(w->b, s, "calls");
	char circle[CIRCLE_TEXT];

	for (size_t i = 0; i < w->b->config->spec.worker_count; i++) {
		if (w->nodes[i].part == w->nodes[at].part && w->nodes[i].is_told)
			return;
	}
	write_circle(w, at, circle, sizeof(circle));
	complaint_add(w->b, PROBLEM_WARNING, s, &calls,
		      "calls: %s is a circle: all slots can be taken by calls that wait for each other; only their "
		      "deadlines (call_timeout) end that",
		      circle);
}

static bool find_circles(struct build *b)
{
	const size_t count = b->config->spec.worker_count;
	struct walk w = {.b = b, .top = UINT32_MAX};

	w.nodes = arena_array(&b->config->arena, count, sizeof(*w.nodes));
	if (!w.nodes)
		return false;
	for (uint32_t i = 0; i < count; i++) {
		if (w.nodes[i].number == 0)
			walk_from(&w, i);
	}
	for (uint32_t i = 0; i < count; i++) {
		const struct callee_list *calls = &worker_at(b, i)->calls;

		for (size_t n = 0; n < calls->count; n++)
			calls->callees[n].is_cycle = w.nodes[i].part == w.nodes[calls->callees[n].pool].part;
	}
	for (uint32_t i = 0; i < count; i++) {
		const struct callee_list *calls = &worker_at(b, i)->calls;
		bool is_in_one = false;

		for (size_t n = 0; n < calls->count; n++)
			is_in_one |= calls->callees[n].is_cycle;
		if (is_in_one)
			tell_circle(&w, i);
	}
	return true;
}

/* --------------------------------------------------------- inner endpoints */

/* What any endpoint lets pass may be passed on. */
static uint64_t largest_message(const struct build *b)
{
	uint64_t most = b->inner.max_message.bytes;

	for (size_t i = 0; i < b->config->spec.endpoint_count; i++) {
		if (b->config->spec.endpoints[i].max_message.bytes > most)
			most = b->config->spec.endpoints[i].max_message.bytes;
	}
	return most;
}

/* "index->thumbs" */
static const char *name_of(const struct build *b, const struct worker_spec *w, const struct callee *c)
{
	char name[2 * SPEC_NAME_MOST + 4];

	snprintf(name, sizeof(name), "%s->%s", w->name, c->name);
	return arena_text(&b->config->arena, name);
}

static void add_inner(struct build *b, size_t index)
{
	struct config_spec *spec = &b->config->spec;
	const struct worker_spec *w = worker_at(b, index);

	for (size_t i = 0; i < w->calls.count; i++) {
		struct callee *c = &w->calls.callees[i];
		struct endpoint_spec *e = &spec->endpoints[spec_entrances(spec)];

		*e = b->inner;
		e->name = name_of(b, w, c);
		e->pool = c->pool;
		e->pool_name = c->name;
		e->dispatch = c->is_direct ? DISPATCH_CONNECTION : DISPATCH_REQUEST;
		e->max_message.bytes = largest_message(b);
		e->is_inner = true;
		e->caller = (uint16_t)index;
		c->entrance = (uint32_t)spec_entrances(spec);
		spec->inner_count++;
	}
}

static bool add_all_inner(struct build *b)
{
	struct config_spec *spec = &b->config->spec;
	struct endpoint_spec *all =
		arena_array(&b->config->arena, spec_entrances(spec), sizeof(*all));

	if (!all)
		return false;
	memcpy(all, spec->endpoints, spec->endpoint_count * sizeof(*all));
	spec->endpoints = all;
	spec->inner_count = 0;
	for (size_t i = 0; i < spec->worker_count; i++)
		add_inner(b, i);
	return true;
}

void callees_check(struct build *b)
{
	struct config_spec *spec = &b->config->spec;

	for (size_t i = 0; i < spec->worker_count; i++) {
		if (worker_at(b, i)->calls.count > 0 && !resolve_all(b, i))
			return;
	}
	if (spec->inner_count == 0)
		return;
	if (b->config->problems.count[PROBLEM_ERROR] > 0 || !find_circles(b) || !add_all_inner(b))
		spec->inner_count = 0; /* nothing runs of such a configuration */
}
