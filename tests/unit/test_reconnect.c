/* reconnect: a connection that is lost or given up is made again by the next call, where that was not forbidden. */
#include "duo.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

static struct duo d;
static unsigned answered;
static unsigned lost;

static void take(uint32_t id, const struct brood_answer *answer, void *user)
{
	(void)id;
	(void)user;
	if (answer->reason == BROOD_REASON_CONNECTION_LOST)
		lost++;
	else
		answered++;
}

static int open_client(void **state)
{
	(void)state;
	answered = lost = 0;
	duo_client_again(&d, NULL);
	return 0;
}

static int close_client(void **state)
{
	(void)state;
	duo_close(&d);
	return 0;
}

static uint32_t start(void)
{
	uint32_t id;

	assert_rc(0, brood_call_start(d.b, "m", NULL, 0, NULL, take, NULL, &id));
	return id;
}

static void lose(void)
{
	peer_end_half_close(&d.peer);
	assert_rc(-ECONNRESET, brood_process(d.b));
}

static void expect_new_connection(unsigned connects)
{
	assert_int_equal(d.connects, connects);
	duo_skip(&d, FRAME_HELLO);
	duo_skip(&d, FRAME_CALL);
}

static void answer(uint32_t id)
{
	unsigned before = answered;

	peer_end_reply(&d.peer, id, 0, NULL, 0);
	assert_rc(0, duo_step(&d));
	assert_int_equal(answered, before + 1);
}

static void the_next_call_makes_it_again(void **state)
{
	(void)state;
	for (unsigned i = 2; i < 20; i++) {
		lose();
		assert_rc(-ECONNRESET, brood_process(d.b));
		assert_int_equal(brood_calls_allowed(d.b), 1);
		answer(start());
		expect_new_connection(i);
		assert_int_equal(brood_calls_allowed(d.b), BROOD_CLIENT_SLOTS);
	}
	assert_int_equal(lost, 0);
}

static void a_blocking_call_does_so_too(void **state)
{
	struct brood_answer a;

	(void)state;
	lose();
	/* the server that comes will never answer the call */
	assert_rc(0, brood_call(d.b, "m", NULL, 0, &(struct brood_call_options){.timeout = 20}, &a));
	assert_int_equal(a.code, BROOD_DEADLINE_EXCEEDED);
	brood_answer_free(&a);
	expect_new_connection(2);
	duo_skip(&d, FRAME_CANCEL);
}

static void a_server_that_went_unnoticed_is_no_obstacle(void **state)
{
	struct brood_answer a;

	(void)state;
	peer_end_close(&d.peer); /* nobody steps the handle, so nobody sees it */
	(void)start();
	expect_new_connection(2);
	answer(1 + 2);
	peer_end_close(&d.peer);
	assert_rc(0, brood_call(d.b, "m", NULL, 0, &(struct brood_call_options){.timeout = 20}, &a));
	assert_int_equal(a.code, BROOD_DEADLINE_EXCEEDED);
	brood_answer_free(&a);
	expect_new_connection(3);
	duo_skip(&d, FRAME_CANCEL);
	assert_int_equal(lost, 0);
}

static void with_open_calls_an_unnoticed_loss_is_told_first(void **state)
{
	(void)state;
	(void)start();
	duo_skip(&d, FRAME_CALL);
	peer_end_close(&d.peer);
	(void)start(); /* cannot know yet */
	assert_int_equal(d.connects, 1);
	assert_true(brood_process(d.b) < 0);
	assert_int_equal(lost, 2);
	answer(start());
	expect_new_connection(2);
}

static void goaway_lets_open_calls_finish_and_the_next_connects(void **state)
{
	uint32_t first = start();
	uint32_t second = start();

	(void)state;
	duo_skip(&d, FRAME_CALL);
	duo_skip(&d, FRAME_CALL);
	peer_end_say(&d.peer, FRAME_GOAWAY, 0, REASON_DRAINING);
	assert_rc(0, duo_step(&d));
	assert_int_equal(brood_calls_allowed(d.b), 0);
	assert_rc(-EAGAIN, brood_call_start(d.b, "m", NULL, 0, NULL, take, NULL, NULL));
	assert_text("cannot call: the server is ending this connection", brood_error());
	answer(first);
	assert_int_equal(brood_calls_allowed(d.b), 0);
	answer(second);
	assert_int_equal(brood_calls_allowed(d.b), 1); /* by connecting again */
	answer(start());
	expect_new_connection(2);
	assert_int_equal(lost, 0);
}

static void goaway_and_the_end_lose_what_is_not_answered(void **state)
{
	(void)state;
	(void)start();
	duo_skip(&d, FRAME_CALL);
	peer_end_say(&d.peer, FRAME_GOAWAY, 0, REASON_NONE);
	peer_end_half_close(&d.peer);
	assert_rc(-ECONNRESET, duo_step(&d));
	assert_int_equal(lost, 1);
	answer(start());
	expect_new_connection(2);
}

static void start_in_handler(uint32_t id, const struct brood_answer *a, void *user)
{
	take(id, a, user);
	assert_rc(-ECONNRESET, brood_call_start(d.b, "m", NULL, 0, NULL, take, NULL, NULL));
	assert_text("cannot call: the connection is lost", brood_error());
}

static void inside_a_handler_nothing_connects(void **state)
{
	uint32_t id;

	(void)state;
	assert_rc(0, brood_call_start(d.b, "m", NULL, 0, NULL, start_in_handler, NULL, &id));
	duo_skip(&d, FRAME_CALL);
	peer_end_say(&d.peer, FRAME_GOAWAY, 0, REASON_DRAINING);
	answer(id);
	assert_int_equal(d.connects, 1);
	assert_rc(0, brood_call_start(d.b, "m", NULL, 0, NULL, start_in_handler, NULL, &id));
	expect_new_connection(2);
	lose();
	assert_int_equal(lost, 1);
	assert_int_equal(d.connects, 2);
}

static void what_prevents_the_new_connection_is_told(void **state)
{
	struct brood_answer a;

	(void)state;
	lose();
	d.connect_rc = -ECONNREFUSED;
	assert_rc(-ECONNREFUSED, brood_call_start(d.b, "m", NULL, 0, NULL, take, NULL, NULL));
	assert_text("cannot connect to again: Connection refused", brood_error());
	d.connect_rc = -EPERM;
	assert_rc(-EPERM, brood_call(d.b, "m", NULL, 0, NULL, &a));
	assert_text("cannot connect to again: Operation not permitted", a.text);
	assert_int_equal(a.not_processed, 1);
	brood_answer_free(&a);
	assert_rc(-EPERM, brood_process(d.b));
	d.connect_rc = -EAGAIN; /* not to be taken for "no slot free" */
	assert_rc(-EAGAIN, brood_call(d.b, "m", NULL, 0, NULL, &a));
	brood_answer_free(&a);
	d.connect_rc = 0;
	answer(start());
	expect_new_connection(2);
	assert_int_equal(lost, 0);
}

static void a_lost_connection_may_have_to_stay_lost(void **state)
{
	struct brood_answer a;

	(void)state;
	duo_close(&d);
	duo_client_again(&d, &(struct brood_client_options){.no_reconnect = 1});
	lose();
	assert_int_equal(brood_calls_allowed(d.b), 0);
	assert_rc(-ECONNRESET, brood_call_start(d.b, "m", NULL, 0, NULL, take, NULL, NULL));
	assert_rc(-ECONNRESET, brood_call(d.b, "m", NULL, 0, NULL, &a));
	assert_non_null(strstr(a.text, "is lost"));
	brood_answer_free(&a);
	duo_close(&d);
	duo_client_again(&d, &(struct brood_client_options){.no_reconnect = 1});
	peer_end_close(&d.peer);
	assert_rc(-ECONNRESET, brood_call_start(d.b, "m", NULL, 0, NULL, take, NULL, NULL));
	assert_rc(-ECONNRESET, brood_process(d.b));
	duo_close(&d);
	duo_client_again(&d, &(struct brood_client_options){.no_reconnect = 1});
	peer_end_say(&d.peer, FRAME_GOAWAY, 0, REASON_DRAINING);
	assert_rc(0, duo_step(&d));
	assert_int_equal(brood_calls_allowed(d.b), 0);
	assert_rc(-ECONNRESET, brood_call_start(d.b, "m", NULL, 0, NULL, take, NULL, NULL));
	assert_int_equal(d.connects, 1);
}

static void a_descriptor_cannot_be_connected_again(void **state)
{
	(void)state;
	duo_close(&d);
	duo_client(&d, NULL);
	lose();
	assert_int_equal(brood_calls_allowed(d.b), 0);
	assert_rc(-ECONNRESET, brood_call_start(d.b, "m", NULL, 0, NULL, take, NULL, NULL));
}

static void the_info_is_of_the_new_connection(void **state)
{
	(void)state;
	assert_null(brood_info(d.b, "name"));
	lose();
	answer(start());
	assert_null(brood_info(d.b, "name"));
	expect_new_connection(2);
}

static void the_ids_begin_anew_where_they_would_be_too_high(void **state)
{
	(void)state;
	d.b->next_id = 0x7ffffffd;
	lose();
	assert_int_equal(start(), 0x7fffffff);
	expect_new_connection(2);
	answer(0x7fffffff);
	assert_int_equal(start(), 0x80000001); /* within one connection they go on */
	duo_skip(&d, FRAME_CALL);
	answer(0x80000001);
	lose();
	assert_int_equal(start(), 1);
	expect_new_connection(3);
	answer(1);
}

static void the_descriptor_of_a_loop_of_ones_own_stays(void **state)
{
	struct pollfd p = {.events = POLLIN};
	int fd;

	(void)state;
	fd = p.fd = brood_fd(d.b);
	lose();
	assert_int_equal(brood_fd(d.b), fd);
	assert_int_equal(poll(&p, 1, 0), 0);
	assert_int_equal(brood_timeout(d.b), -1);
	(void)start();
	expect_new_connection(2);
	assert_int_equal(brood_fd(d.b), fd);
	assert_int_equal(poll(&p, 1, 0), 0);
	peer_end_reply(&d.peer, 1, 0, NULL, 0);
	assert_int_equal(poll(&p, 1, 0), 1); /* it hears the new connection */
	assert_rc(0, brood_process(d.b));
	assert_int_equal(answered, 1);
	assert_int_equal(poll(&p, 1, 0), 0);
}

static void a_stopped_client_ends_when_its_calls_have(void **state)
{
	uint32_t id = start();

	(void)state;
	duo_skip(&d, FRAME_CALL);
	brood_stop(d.b);
	assert_rc(0, duo_step(&d));
	assert_rc(-EAGAIN, brood_call_start(d.b, "m", NULL, 0, NULL, take, NULL, NULL));
	peer_end_reply(&d.peer, id, 0, NULL, 0);
	assert_int_equal(duo_step(&d), 1);
	assert_rc(0, brood_run(d.b));
	assert_int_equal(answered, 1);
}

static void an_idle_client_is_stopped_at_once(void **state)
{
	(void)state;
	brood_stop(d.b);
	assert_rc(0, brood_run(d.b));
	assert_int_equal(brood_process(d.b), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_client, close_client)

static const struct CMUnitTest tests[] = {
	TEST(the_next_call_makes_it_again),
	TEST(a_blocking_call_does_so_too),
	TEST(a_server_that_went_unnoticed_is_no_obstacle),
	TEST(with_open_calls_an_unnoticed_loss_is_told_first),
	TEST(goaway_lets_open_calls_finish_and_the_next_connects),
	TEST(goaway_and_the_end_lose_what_is_not_answered),
	TEST(inside_a_handler_nothing_connects),
	TEST(what_prevents_the_new_connection_is_told),
	TEST(a_lost_connection_may_have_to_stay_lost),
	TEST(a_descriptor_cannot_be_connected_again),
	TEST(the_info_is_of_the_new_connection),
	TEST(the_ids_begin_anew_where_they_would_be_too_high),
	TEST(the_descriptor_of_a_loop_of_ones_own_stays),
	TEST(a_stopped_client_ends_when_its_calls_have),
	TEST(an_idle_client_is_stopped_at_once),
};

CHECK_MAIN(tests)
