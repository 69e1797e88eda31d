/* slots: lists of workers by what they have in hand. */
#include "slots.h"

#include <stddef.h>

void slots_init(struct slots *s, struct worker *workers)
{
	*s = (struct slots){.workers = workers};
	for (unsigned i = 0; i <= BROOD_MAX_SLOTS; i++)
		s->lists[i] = CALL_LIST_EMPTY;
}

static void mark(struct slots *s, uint32_t busy)
{
	uint64_t bit = (uint64_t)1 << (busy % 64);

	if (s->lists[busy].first == NONE)
		s->mask[busy / 64] &= ~bit;
	else
		s->mask[busy / 64] |= bit;
}

static void leave(struct slots *s, struct worker *w)
{
	struct call_list *list = &s->lists[w->in_flight];

	w->is_available = false;
	if (w->busy_before != NONE)
		s->workers[w->busy_before].busy_next = w->busy_next;
	else
		list->first = w->busy_next;
	if (w->busy_next != NONE)
		s->workers[w->busy_next].busy_before = w->busy_before;
	else
		list->last = w->busy_before;
	mark(s, w->in_flight);
}

static void join(struct slots *s, struct worker *w)
{
	struct call_list *list = &s->lists[w->in_flight];

	w->is_available = true;
	w->busy_next = NONE;
	w->busy_before = list->last;
	if (list->last != NONE)
		s->workers[list->last].busy_next = w->index;
	else
		list->first = w->index;
	list->last = w->index;
	mark(s, w->in_flight);
}

void slots_set(struct slots *s, struct worker *w, uint32_t in_flight, bool takes_calls)
{
	if (w->is_available)
		leave(s, w);
	w->in_flight = in_flight;
	if (takes_calls && in_flight < w->slots)
		join(s, w);
}

struct worker *slots_pick(const struct slots *s)
{
	for (unsigned i = 0; i < 2; i++) {
		if (s->mask[i] != 0)
			return &s->workers[s->lists[64 * i + (unsigned)__builtin_ctzll(s->mask[i])].first];
	}
	return NULL;
}

bool slots_has_idle(const struct slots *s)
{
	return s->lists[0].first != NONE;
}
