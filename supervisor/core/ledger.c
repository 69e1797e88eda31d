/* ledger: entries and exits, nothing else. */
#include "ledger.h"

#include <assert.h>

uint32_t ledger_enter(struct ledger *l, const struct call *call)
{
	uint32_t index = calls_new(&l->table);
	struct call *c;

	if (index == NONE)
		return NONE;
	c = &l->table.calls[index];
	c->state = CALL_QUEUED;
	c->client = call->client;
	c->id = call->id;
	c->body = call->body;
	c->size = call->size;
	c->reply_most = call->reply_most;
	c->pool = call->pool;
	c->idempotent = call->idempotent;
	c->uid = l->callers[call->client].uid;
	c->key = call->key;
	c->is_last = call->is_last;
	c->has_ended = call->has_ended;
	c->takes_streams = call->takes_streams;
	c->accepted_at = call->accepted_at;
	c->deadline = call->deadline;
	calls_join_client(&l->table, &l->callers[c->client].calls, index);
	l->callers[c->client].open_calls++;
	errands_begin(&l->errands, l->callers[c->client].caller);
	deadlines_set(l->deadlines, l->first_owner + index, c->deadline);
	return index;
}

void ledger_leave(struct ledger *l, uint32_t index)
{
	struct call *c = &l->table.calls[index];
	struct caller *client = &l->callers[c->client];

	assert(c->state == CALL_QUEUED || c->state == CALL_IN_FLIGHT);
	assert(client->open_calls > 0);
	calls_leave_client(&l->table, &client->calls, index);
	client->open_calls--;
	errands_end(&l->errands, client->caller);
	deadlines_set(l->deadlines, l->first_owner + index, INSTANT_NEVER);
	c->state = CALL_ORPHAN;
}

void ledger_await(struct ledger *l, uint32_t index, struct instant until)
{
	assert(l->table.calls[index].state == CALL_ORPHAN);
	l->table.calls[index].deadline = until;
	deadlines_set(l->deadlines, l->first_owner + index, until);
}

void ledger_forget(struct ledger *l, uint32_t index)
{
	assert(l->table.calls[index].state == CALL_ORPHAN);
	deadlines_set(l->deadlines, l->first_owner + index, INSTANT_NEVER);
	calls_free(&l->table, index);
}

uint32_t ledger_find(const struct ledger *l, uint32_t client, uint32_t id)
{
	uint32_t index = l->callers[client].calls.first;

	while (index != NONE && l->table.calls[index].id != id)
		index = l->table.calls[index].client_next;
	return index;
}
