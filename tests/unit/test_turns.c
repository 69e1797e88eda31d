/* turns: who is next, over many rounds; and that what is needed for it does not grow. */
#include "check.h"

#include "herd.h"

enum { SLOTS = 4, ROUNDS = 3000 };

static struct herd h;

/* Clients of these users come in by the endpoint; each calls pool 0. */
static void open_with(const uint32_t *uids, uint32_t count)
{
	herd_describe(&h);
	h.spec.brood.max_clients = h.endpoint.max_clients = 8;
	h.spec.brood.max_clients_per_uid = h.endpoint.max_clients_per_uid = 8;
	herd_open(&h);
	herd_start(&h, SLOTS);
	for (uint32_t i = 0; i < count; i++)
		herd_give(&h, 1, (struct event){.kind = FLEET_CLIENT, .client = i, .number = uids[i]});
}

static uint32_t next_id;

static uint32_t call(uint32_t client)
{
	next_id += 2;
	herd_call(&h, client, next_id | 1, 0);
	return next_id | 1;
}

/* The worker answers its oldest call; whom the slot goes to. */
static uint32_t serve(uint32_t wire_id)
{
	const struct action *a;

	herd_give(&h, 2, (struct event){.kind = FLEET_REPLY, .generation = 1, .id = wire_id});
	a = herd_first(&h, ACTION_DELIVER);
	return a ? a->body : NONE;
}

static uint32_t client_of(uint32_t body)
{
	for (uint32_t i = 0; i < h.fleet.ledger.table.used; i++) {
		const struct call *c = &h.fleet.ledger.table.calls[i];

		if (c->state == CALL_IN_FLIGHT && c->body == body)
			return c->client;
	}
	return NONE;
}

/* Keeps so many calls of each client waiting, and counts whom the slots go to. */
static void run(const uint32_t *depth, uint32_t clients, uint32_t *served)
{
	uint32_t wire_id = 2;

	for (uint32_t c = 0; c < clients; c++) {
		served[c] = 0;
		for (uint32_t i = 0; i < depth[c]; i++)
			call(c);
	}
	for (uint32_t i = 0; i < ROUNDS; i++, wire_id += 2) {
		uint32_t client = client_of(serve(wire_id));

		assert_in_range(client, 0, clients - 1);
		served[client]++;
		call(client);
	}
}

static void a_client_with_many_calls_has_no_more_than_its_turn(void **state)
{
	static const uint32_t uids[] = {1000, 1000, 1000};
	static const uint32_t depth[] = {200, 8, 8};
	uint32_t served[3];

	(void)state;
	open_with(uids, 3);
	run(depth, 3, served);
	for (int i = 0; i < 3; i++)
		assert_in_range(served[i], ROUNDS / 3 - SLOTS, ROUNDS / 3 + SLOTS);
	herd_close(&h);
}

static void C9_a_user_with_many_clients_has_no_more_than_half(void **state)
{
	static const uint32_t uids[] = {1000, 1000, 1000, 1001};
	static const uint32_t depth[] = {200, 200, 200, 8};
	uint32_t served[4];

	(void)state;
	open_with(uids, 4);
	run(depth, 4, served);
	assert_in_range(served[3], ROUNDS / 2 - SLOTS, ROUNDS / 2 + SLOTS);
	for (int i = 0; i < 3; i++)
		assert_in_range(served[i], ROUNDS / 6 - SLOTS, ROUNDS / 6 + SLOTS);
	herd_close(&h);
}

static void shares_and_lanes_are_used_again(void **state)
{
	static const uint32_t uids[] = {1000, 1001, 1002};
	static const uint32_t depth[] = {5, 5, 5};
	uint32_t served[3];

	(void)state;
	open_with(uids, 3);
	run(depth, 3, served);
	assert_true(h.fleet.ledger.turns.shares_used <= 3);
	assert_true(h.fleet.ledger.turns.lanes_used <= 4);
	for (uint32_t i = 0; i < 3; i++)
		herd_give(&h, 3, (struct event){.kind = FLEET_CLIENT_GONE, .client = i});
	for (uint32_t id = 2 * ROUNDS; id < 2 * ROUNDS + 4 * SLOTS; id += 2)
		serve(id);
	assert_int_equal(h.fleet.pools[0].shares.first, NONE);
	herd_close(&h);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(a_client_with_many_calls_has_no_more_than_its_turn),
	cmocka_unit_test(C9_a_user_with_many_clients_has_no_more_than_half),
	cmocka_unit_test(shares_and_lanes_are_used_again),
};

CHECK_MAIN(tests)
