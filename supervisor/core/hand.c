/* hand: a table of cells for each worker, more of them than it has slots. */
#include "hand.h"

#include <assert.h>

static struct call *call_at(const struct pool *p, uint32_t index)
{
	return &p->ledger->table.calls[index];
}

static uint32_t *cell_of(const struct worker *w, uint32_t wire_id)
{
	return &w->cells[(wire_id >> 1) % WORKER_CELLS];
}

/* Ids count up by two; one whose cell a slow call still holds is skipped. */
static uint32_t new_wire_id(struct worker *w)
{
	do {
		w->next_wire_id = w->next_wire_id + 2;
	} while (w->next_wire_id == 0 || *cell_of(w, w->next_wire_id) != NONE);
	return w->next_wire_id;
}

uint32_t hand_put(struct pool *p, struct worker *w, uint32_t call)
{
	struct call *c = call_at(p, call);

	w->was_given = true;
	c->worker = w->index;
	c->wire_id = new_wire_id(w);
	c->delivery = ++w->next_delivery;
	*cell_of(w, c->wire_id) = call;
	turns_take(p, call);
	if (c->bond != NONE)
		affinity_take(p, w, call);
	slots_set(&p->slots, w, w->in_flight + 1, pool_gives_to(p, w));
	return c->wire_id;
}

uint32_t hand_find(const struct pool *p, const struct worker *w, uint32_t wire_id)
{
	uint32_t index = *cell_of(w, wire_id);

	if (index == NONE || call_at(p, index)->wire_id != wire_id)
		return NONE;
	assert(call_at(p, index)->worker == w->index);
	return index;
}

void hand_take(struct pool *p, struct worker *w, uint32_t call)
{
	struct call *c = call_at(p, call);

	*cell_of(w, c->wire_id) = NONE;
	c->worker = NONE;
	turns_give_back(p, call);
	slots_set(&p->slots, w, w->in_flight - 1, pool_gives_to(p, w));
	if (c->bond != NONE)
		affinity_give_back(p, call);
}

uint32_t hand_list(const struct pool *p, const struct worker *w, uint32_t *calls_out)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < WORKER_CELLS && count < w->in_flight; i++) {
		uint32_t index = w->cells[i];
		uint32_t at = count;

		if (index == NONE)
			continue;
		for (; at > 0 && call_at(p, calls_out[at - 1])->delivery < call_at(p, index)->delivery; at--)
			calls_out[at] = calls_out[at - 1];
		calls_out[at] = index;
		count++;
	}
	return count;
}

bool hand_is_done(const struct pool *p, const struct worker *w, struct instant now)
{
	for (uint32_t i = 0; w->in_flight > 0 && i < WORKER_CELLS; i++) {
		const struct call *c = w->cells[i] == NONE ? NULL : call_at(p, w->cells[i]);

		if (c && (c->state != CALL_ORPHAN || instant_is_before(now, c->deadline)))
			return false;
	}
	return true;
}

void hand_reset(struct worker *w)
{
	assert(w->in_flight == 0);
	w->next_wire_id = 0;
	w->next_delivery = 0;
}
