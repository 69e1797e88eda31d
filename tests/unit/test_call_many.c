/* call_many: many calls at once: slots, order, strangers among the answers, and ids that wrap round. */
#include "duo.h"

#include <errno.h>
#include <stdlib.h>

#include "dice.h"

enum { CALLS_OPEN_MOST = 600 };

static struct duo d;

/* How often each call was answered, by the number that was given to it. */
static unsigned answered[100000];

static void count(uint32_t id, const struct brood_answer *answer, void *user)
{
	unsigned *n = user;

	(void)id;
	(void)answer;
	(*n)++;
}

static void open_with(uint32_t slots)
{
	struct hello offer = peer_end_offer();

	memset(answered, 0, sizeof(answered));
	offer.slots = slots;
	duo_client_with(&d, NULL, &offer);
}

static int start(size_t number, uint32_t *id_out)
{
	return brood_call_start(d.b, "m", NULL, 0, NULL, count, &answered[number], id_out);
}

/* Starts one, of which the peer hears; its id. */
static uint32_t start_heard(size_t number)
{
	struct message *m;
	uint32_t id;

	assert_rc(0, start(number, &id));
	m = duo_expect(&d, FRAME_CALL);
	assert_int_equal(m->frame.id, id);
	message_free(m);
	return id;
}

static void assert_slots(int allowed, int open)
{
	(void)duo_step(&d);
	assert_int_equal(brood_calls_allowed(d.b), allowed);
	assert_int_equal(brood_calls_open(d.b), open);
}

static void as_many_calls_as_the_server_allows_may_be_open(void **state)
{
	(void)state;
	open_with(3);
	for (size_t i = 0; i < 3; i++) {
		assert_slots(3 - (int)i, (int)i);
		(void)start_heard(i);
	}
	assert_slots(0, 3);
	assert_rc(-EAGAIN, start(3, NULL));
	assert_text("cannot call m: 3 calls are open, the server allows 3", brood_error());
	peer_end_reply(&d.peer, 3, 0, NULL, 0);
	assert_slots(1, 2);
	(void)start_heard(3);
	assert_slots(0, 3);
	peer_end_say(&d.peer, FRAME_SLOTS, 0, 5);
	assert_slots(2, 3);
	peer_end_say(&d.peer, FRAME_SLOTS, 0, 1); /* fewer than are open */
	assert_slots(0, 3);
	peer_end_reply(&d.peer, 1, 0, NULL, 0);
	peer_end_reply(&d.peer, 5, 0, NULL, 0);
	assert_slots(0, 1);
	peer_end_reply(&d.peer, 7, 0, NULL, 0);
	assert_slots(1, 0);
	peer_end_say(&d.peer, FRAME_SLOTS, 0, 0);
	assert_slots(0, 0);
	assert_rc(-EAGAIN, start(9, NULL));
	duo_close(&d);
}

static void step_between(void *user)
{
	(void)user;
	assert_rc(0, brood_process(d.b));
}

static void a_server_that_allows_everything_gets_so_many_at_most(void **state)
{
	size_t n = 0;

	(void)state;
	open_with(UINT32_MAX);
	while (start(n, NULL) == 0)
		assert_in_range(++n, 1, CALLS_OPEN_MOST);
	assert_int_equal(n, CALLS_MOST);
	for (uint32_t i = 0; i < CALLS_MOST; i++)
		duo_skip(&d, FRAME_CALL);
	d.peer.between = step_between; /* a socket does not hold so many */
	for (uint32_t i = 0; i < CALLS_MOST; i++)
		peer_end_reply(&d.peer, 2 * i + 1, 0, NULL, 0);
	assert_slots(CALLS_MOST, 0);
	for (size_t i = 0; i < CALLS_MOST; i++)
		assert_int_equal(answered[i], 1);
	duo_close(&d);
}

static void answers_may_come_in_any_order_and_only_the_first_counts(void **state)
{
	uint32_t ids[5];

	(void)state;
	open_with(10);
	for (size_t i = 0; i < 5; i++)
		ids[i] = start_heard(i);
	for (size_t i = 5; i-- > 0;) {
		peer_end_reply(&d.peer, ids[i], 0, NULL, 0);
		peer_end_reply(&d.peer, ids[i], 0, NULL, 0);
		peer_end_reply(&d.peer, ids[4], 0, NULL, 0);
		(void)duo_step(&d);
		for (size_t k = 0; k < 5; k++)
			assert_int_equal(answered[k], k >= i);
	}
	assert_slots(10, 0);
	duo_close(&d);
}

static void answers_for_nobody_are_dropped(void **state)
{
	static const uint32_t strangers[] = {2, 3, 5, 1025, 2049, 0x80000001, UINT32_MAX};
	uint32_t id;

	(void)state;
	open_with(10);
	id = start_heard(0);
	assert_int_equal(id, 1);
	for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++) {
		peer_end_reply(&d.peer, strangers[i], 0, "x", 1);
		peer_end_frame(&d.peer, &(struct frame){.type = FRAME_DATA,
							.id = strangers[i],
							.body = (const uint8_t *)"x",
							.body_size = 1});
		duo_skip(&d, FRAME_WINDOW); /* credited all the same */
		duo_skip(&d, FRAME_WINDOW);
	}
	assert_int_equal(answered[0], 0);
	assert_null(d.b->assembly.first);
	peer_end_reply(&d.peer, id, 0, NULL, 0);
	assert_slots(10, 0);
	assert_int_equal(answered[0], 1);
	duo_close(&d);
}

/* P20 */
static void ids_wrap_round_and_skip_those_in_use(void **state)
{
	uint32_t ids[6];

	(void)state;
	open_with(10);
	ids[0] = start_heard(0);
	assert_int_equal(ids[0], 1);
	d.b->next_id = UINT32_MAX - 4;
	ids[1] = start_heard(1);
	ids[2] = start_heard(2);
	ids[3] = start_heard(3);
	ids[4] = start_heard(4);
	assert_int_equal(ids[1], UINT32_MAX - 2);
	assert_int_equal(ids[2], UINT32_MAX);
	assert_int_equal(ids[3], 3); /* 1 is still open, 0 is never one */
	assert_int_equal(ids[4], 5);
	d.b->next_id = 1 + 2 * CALL_CELLS - 2; /* the next falls into the same cell as 1 */
	ids[5] = start_heard(5);
	assert_int_equal(ids[5], 1 + 2 * CALL_CELLS + 6); /* 1, UINT32_MAX.., 3 and 5 hold their cells */
	for (size_t i = 0; i < 6; i++)
		peer_end_reply(&d.peer, ids[i], 0, NULL, 0);
	assert_slots(10, 0);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(answered[i], 1);
	duo_close(&d);
}

/* A call that is started from the answer of another. */
struct chain {
	unsigned left;
	unsigned done;
};

static void go_on(uint32_t id, const struct brood_answer *answer, void *user)
{
	struct chain *c = user;

	assert_int_equal(answer->code, BROOD_OK);
	c->done++;
	if (c->left-- > 0) {
		uint32_t next;

		assert_rc(0, brood_call_start(d.b, "m", NULL, 0, NULL, go_on, c, &next));
		assert_int_equal(next, id + 2);
	}
}

static void a_call_may_be_started_from_an_answer(void **state)
{
	struct chain c = {.left = 2000};

	(void)state;
	open_with(1);
	assert_rc(0, brood_call_start(d.b, "m", NULL, 0, NULL, go_on, &c, NULL));
	for (uint32_t id = 1; id <= 4001; id += 2) {
		duo_skip(&d, FRAME_CALL);
		peer_end_reply(&d.peer, id, 0, NULL, 0);
	}
	assert_slots(1, 0);
	assert_int_equal(c.done, 2001);
	duo_close(&d);
}

/* The slot of the first call comes free after a while; the answer to the second is on its way then. */
static void take_time(uint32_t id, const struct brood_answer *answer, void *user)
{
	int64_t until = now_ms() + 60;

	count(id, answer, user);
	while (now_ms() < until)
		;
	peer_end_reply(&d.peer, id + 2, 0, "second", 6);
}

static void a_blocking_call_waits_for_a_slot_and_tells_the_server_what_time_is_left(void **state)
{
	struct brood_answer a;
	struct message *m;

	(void)state;
	open_with(1);
	assert_rc(0, brood_call_start(d.b, "m", NULL, 0, NULL, take_time, &answered[0], NULL));
	duo_skip(&d, FRAME_CALL);
	peer_end_reply(&d.peer, 1, 0, NULL, 0);
	assert_rc(0, brood_call(d.b, "m", NULL, 0, &(struct brood_call_options){.timeout = 10000}, &a));
	assert_int_equal(answered[0], 1);
	assert_int_equal(a.code, BROOD_OK);
	assert_memory_equal(a.body, "second", 6);
	brood_answer_free(&a);
	m = duo_expect(&d, FRAME_CALL);
	assert_in_range(m->frame.deadline_ms, 1, 10000 - 60);
	message_free(m);
	duo_close(&d);
}

static void a_blocking_call_that_waits_for_a_slot_keeps_its_timeout(void **state)
{
	struct brood_answer a;
	int64_t before = now_ms();

	(void)state;
	open_with(1);
	(void)start_heard(0);
	assert_rc(0, brood_call(d.b, "m", NULL, 0, &(struct brood_call_options){.timeout = 50}, &a));
	assert_in_range(now_ms() - before, 50, 450); /* not the slack that an open call gets */
	assert_int_equal(a.code, BROOD_DEADLINE_EXCEEDED);
	assert_int_equal(a.reason, BROOD_REASON_DEADLINE);
	assert_int_equal(a.not_processed, 1);
	assert_text("no slot came free within the deadline", a.text);
	brood_answer_free(&a);
	duo_expect_silence(&d);
	assert_int_equal(brood_calls_open(d.b), 1);
	peer_end_reply(&d.peer, 1, 0, NULL, 0);
	assert_slots(1, 0);
	duo_close(&d);
}

/* The server of the long run: holds calls and answers them in any order, some of them in pieces. */
struct held {
	uint32_t ids[CALLS_OPEN_MOST];
	size_t count;
};

static void hold_all(struct held *h)
{
	struct message *m;

	(void)duo_step(&d);
	while ((m = peer_end_take(&d.peer))) {
		if (m->frame.type == FRAME_CALL) {
			assert_in_range(h->count, 0, CALLS_OPEN_MOST - 1);
			h->ids[h->count++] = m->frame.id;
		} else {
			assert_true(m->frame.type == FRAME_WINDOW || m->frame.type == FRAME_CANCEL);
		}
		message_free(m);
	}
}

static void answer_one(struct held *h, struct dice *dice)
{
	size_t i = dice_below(dice, h->count);
	uint32_t id = h->ids[i];
	static const uint8_t body[3000];

	h->ids[i] = h->ids[--h->count];
	for (size_t parts = dice_below(dice, 3); parts > 0; parts--)
		peer_end_frame(&d.peer, &(struct frame){.type = FRAME_DATA,
							.id = id,
							.body = body,
							.body_size = (uint32_t)dice_below(dice, 3000)});
	d.peer.piece = dice_once_in(dice, 4) ? 1 + dice_below(dice, 40) : 0;
	if (dice_once_in(dice, 8))
		peer_end_frame(&d.peer, &(struct frame){.type = FRAME_REPLY,
							.flags = FLAG_EOS,
							.id = id,
							.arg = frame_status_of(REASON_WORKER_CRASHED)});
	else
		peer_end_reply(&d.peer, id, 0, body, dice_below(dice, 3000));
}

static void every_call_of_a_long_run_is_answered_once(void **state)
{
	struct dice dice = dice_open();
	struct held held = {.count = 0};
	size_t calls = 0;
	uint32_t last = 0;

	(void)state;
	open_with(200);
	d.peer.between = step_between;
	d.b->next_id = UINT32_MAX - 2000 * 2; /* they wrap on the way */
	while (calls < 20000 || held.count > 0) {
		if (calls < 20000 && brood_calls_allowed(d.b) > 0 && dice_once_in(&dice, 2)) {
			assert_rc(0, start(calls, &last));
			calls++;
		}
		if (dice_once_in(&dice, 20) && calls < 20000)
			(void)brood_cancel(d.b, last);
		if (dice_once_in(&dice, 5) || calls == 20000)
			hold_all(&held);
		if (held.count > 0 && dice_once_in(&dice, 2))
			answer_one(&held, &dice);
	}
	assert_slots(200, 0);
	for (size_t i = 0; i < calls; i++)
		assert_int_equal(answered[i], 1);
	hold_all(&held);
	duo_close(&d);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(as_many_calls_as_the_server_allows_may_be_open),
	cmocka_unit_test(a_server_that_allows_everything_gets_so_many_at_most),
	cmocka_unit_test(answers_may_come_in_any_order_and_only_the_first_counts),
	cmocka_unit_test(answers_for_nobody_are_dropped),
	cmocka_unit_test(ids_wrap_round_and_skip_those_in_use),
	cmocka_unit_test(a_call_may_be_started_from_an_answer),
	cmocka_unit_test(a_blocking_call_waits_for_a_slot_and_tells_the_server_what_time_is_left),
	cmocka_unit_test(a_blocking_call_that_waits_for_a_slot_keeps_its_timeout),
	cmocka_unit_test(every_call_of_a_long_run_is_answered_once),
};

CHECK_MAIN(tests)
