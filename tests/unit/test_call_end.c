/* call_end: a call ends exactly once: by its deadline, by cancelling, with its connection. */
#include "duo.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "call.h"

static struct duo d;

/* What the handlers got, in order. */
static struct ended {
	uint32_t id;
	unsigned code;
	unsigned reason;
	int not_processed;
	char text[200];
} ended[1000];
static size_t ended_count;

static void take(uint32_t id, const struct brood_answer *answer, void *user)
{
	struct ended *e = &ended[ended_count++];

	(void)user;
	*e = (struct ended){id, answer->code, answer->reason, answer->not_processed, ""};
	snprintf(e->text, sizeof(e->text), "%s", answer->text);
}

static int open_client(void **state)
{
	(void)state;
	ended_count = 0;
	duo_client(&d, NULL);
	return 0;
}

static int close_client(void **state)
{
	(void)state;
	duo_close(&d);
	return 0;
}

static uint32_t start(const void *body, size_t size, int timeout)
{
	const struct brood_call_options o = {.timeout = timeout};
	uint32_t id;

	assert_rc(0, brood_call_start(d.b, "m", body, size, &o, take, NULL, &id));
	return id;
}

static uint32_t start_heard(int timeout)
{
	uint32_t id = start(NULL, 0, timeout);

	duo_skip(&d, FRAME_CALL);
	return id;
}

static void assert_ended(size_t n, uint32_t id, enum frame_reason reason, int not_processed)
{
	assert_in_range(n, 0, ended_count - 1);
	assert_int_equal(ended[n].id, id);
	assert_int_equal(ended[n].reason, reason);
	assert_int_equal(ended[n].code, frame_status_code(frame_status_of(reason)));
	assert_int_equal(ended[n].not_processed, not_processed);
}

static void assert_cancel(uint32_t id, enum frame_reason reason)
{
	struct message *m = duo_expect(&d, FRAME_CANCEL);

	assert_int_equal(m->frame.id, id);
	assert_int_equal(m->frame.arg, frame_status_of(reason));
	message_free(m);
}

/* As if this much time had passed. */
static void pass_time(int64_t ms)
{
	if (d.b->next_deadline != INT64_MAX)
		d.b->next_deadline -= ms;
	for (size_t i = 0; i < CALL_CELLS; i++) {
		if (d.b->calls[i] && d.b->calls[i]->deadline != INT64_MAX)
			d.b->calls[i]->deadline -= ms;
	}
}

/* ---------------------------------------------------------------- deadlines */

static void a_server_that_never_answers_is_not_waited_for_longer(void **state)
{
	uint32_t id = start_heard(1000);

	(void)state;
	assert_in_range(brood_timeout(d.b), 1000, 1500); /* brood's own clock comes first */
	pass_time(1400);
	duo_expect_silence(&d);
	assert_int_equal(ended_count, 0);
	pass_time(200);
	assert_int_equal(brood_timeout(d.b), 0);
	assert_cancel(id, REASON_DEADLINE);
	assert_int_equal(ended_count, 1);
	assert_ended(0, id, REASON_DEADLINE, 0);
	assert_int_equal(brood_timeout(d.b), -1);
	/* the late answer is nobody's, but gives the slot back */
	assert_int_equal(brood_calls_open(d.b), 0);
	assert_int_equal(brood_calls_allowed(d.b), BROOD_CLIENT_SLOTS - 1);
	peer_end_reply(&d.peer, id, 0, "late", 4);
	duo_expect_silence(&d);
	assert_int_equal(brood_calls_allowed(d.b), BROOD_CLIENT_SLOTS);
	assert_int_equal(ended_count, 1);
}

static void a_blocking_call_ends_by_its_own_clock(void **state)
{
	struct brood_answer a;
	int64_t before = now_ms();

	(void)state;
	assert_rc(0, brood_call(d.b, "m", NULL, 0, &(struct brood_call_options){.timeout = 20}, &a));
	assert_in_range(now_ms() - before, 20, 5000);
	assert_int_equal(a.code, BROOD_DEADLINE_EXCEEDED);
	assert_int_equal(a.reason, BROOD_REASON_DEADLINE);
	assert_int_equal(a.not_processed, 0);
	brood_answer_free(&a);
	duo_skip(&d, FRAME_CALL);
	assert_cancel(1, REASON_DEADLINE);
}

static void the_timeout_of_the_pool_is_a_deadline_too(void **state)
{
	struct hello offer = peer_end_offer();

	(void)state;
	duo_close(&d);
	offer.lines = "call_timeout_ms=1000\n";
	offer.lines_size = 21;
	duo_client_with(&d, NULL, &offer);
	(void)start_heard(0);
	assert_in_range(brood_timeout(d.b), 1000, 1500);
	(void)start_heard(-1);
	(void)start_heard(500);
	assert_in_range(brood_timeout(d.b), 500, 1000);
	pass_time(3000);
	for (uint32_t id = 1; id <= 5; id += 2)
		assert_cancel(id, REASON_DEADLINE);
	assert_int_equal(ended_count, 3);
}

static void deadlines_pass_in_any_order(void **state)
{
	(void)state;
	(void)start_heard(3000);
	(void)start_heard(1000);
	(void)start_heard(0); /* none */
	(void)start_heard(2000);
	assert_in_range(brood_timeout(d.b), 1000, 1500);
	pass_time(1500);
	assert_cancel(3, REASON_DEADLINE);
	assert_in_range(brood_timeout(d.b), 500, 1000);
	peer_end_reply(&d.peer, 1, 0, NULL, 0);
	pass_time(1000);
	assert_cancel(7, REASON_DEADLINE);
	assert_int_equal(ended_count, 3);
	peer_end_reply(&d.peer, 5, 0, NULL, 0);
	duo_expect_silence(&d);
	pass_time(100000); /* and nothing is left to expire */
	duo_expect_silence(&d);
	assert_int_equal(ended_count, 4);
	assert_int_equal(brood_timeout(d.b), -1);
}

static void start_another(uint32_t id, const struct brood_answer *answer, void *user)
{
	take(id, answer, user);
	(void)start(NULL, 0, 700);
}

static void a_call_started_by_an_expired_one_has_its_own_deadline(void **state)
{
	const struct brood_call_options o = {.timeout = 1000};

	(void)state;
	/* the new one lands in a cell before those that are still to be looked at */
	d.b->next_id = 2 * CALL_CELLS - 3;
	assert_rc(0, brood_call_start(d.b, "m", NULL, 0, &o, start_another, NULL, NULL));
	(void)start(NULL, 0, 90000);
	duo_skip(&d, FRAME_CALL);
	duo_skip(&d, FRAME_CALL);
	pass_time(1500);
	assert_rc(0, duo_step(&d));
	duo_skip(&d, FRAME_CANCEL);
	duo_skip(&d, FRAME_CALL);
	assert_in_range(brood_timeout(d.b), 700, 1200);
	pass_time(1300);
	duo_skip(&d, FRAME_CANCEL);
	assert_int_equal(ended_count, 2);
}

static void an_expired_call_that_was_never_sent_is_not_heard_of(void **state)
{
	static uint8_t body[6 << 20];
	uint32_t first = start(body, sizeof(body), 0);
	uint32_t second = start(body, sizeof(body), 1000);
	uint32_t third = start(body, 4096 + (4 << 20), 0);
	struct message *m;
	size_t sent = 0;

	(void)state;
	/* window after window, the first uses up what the connection has */
	peer_end_say(&d.peer, FRAME_WINDOW, first, sizeof(body));
	(void)duo_step(&d);
	while ((m = peer_end_take(&d.peer))) {
		sent += m->frame.body_size;
		message_free(m);
	}
	assert_int_equal(sent, BROOD_CONN_WINDOW);
	pass_time(2000);
	(void)duo_step(&d);
	assert_ended(0, second, REASON_DEADLINE, ended[0].not_processed);
	(void)third;
	while ((m = peer_end_take(&d.peer))) {
		/* it was told of the call, or it was not: nothing in between */
		assert_int_equal(m->frame.type, FRAME_CANCEL);
		assert_int_equal(m->frame.id, second);
		assert_int_equal(ended[0].not_processed, 0);
		message_free(m);
	}
	assert_false(flow_has(&d.b->flows, second));
}

/* --------------------------------------------------------------- cancelling */

static void cancelling_asks_the_server_and_the_answer_is_the_servers(void **state)
{
	uint32_t id = start_heard(0);

	(void)state;
	assert_rc(0, brood_cancel(d.b, id));
	assert_cancel(id, REASON_CANCELLED);
	assert_int_equal(ended_count, 0);
	assert_int_equal(brood_calls_open(d.b), 1);
	assert_rc(0, brood_cancel(d.b, id)); /* once more does no harm */
	assert_cancel(id, REASON_CANCELLED);
	peer_end_reply(&d.peer, id, frame_status_of(REASON_CANCELLED), NULL, 0);
	duo_expect_silence(&d);
	assert_ended(0, id, REASON_CANCELLED, 0);
	assert_rc(-ENOENT, brood_cancel(d.b, id));
	assert_text("cannot cancel call 1: not open", brood_error());
}

static void the_answer_of_a_cancelled_call_may_be_a_success(void **state)
{
	uint32_t id = start_heard(0);

	(void)state;
	/* half of the answer is here, the other half on its way */
	peer_end_frame(&d.peer, &(struct frame){.type = FRAME_DATA,
						.id = id,
						.body = (const uint8_t *)"ab",
						.body_size = 2});
	duo_skip(&d, FRAME_WINDOW);
	duo_skip(&d, FRAME_WINDOW);
	assert_rc(0, brood_cancel(d.b, id));
	assert_cancel(id, REASON_CANCELLED);
	assert_true(assembly_has(&d.b->assembly, id)); /* it must stay whole */
	peer_end_reply(&d.peer, id, 0, "cd", 2);
	duo_expect_silence(&d);
	assert_int_equal(ended_count, 1);
	assert_int_equal(ended[0].code, BROOD_OK);
}

static void what_is_not_open_cannot_be_cancelled(void **state)
{
	(void)state;
	assert_rc(-ENOENT, brood_cancel(d.b, 0));
	assert_rc(-ENOENT, brood_cancel(d.b, 1));
	assert_rc(-ENOENT, brood_cancel(d.b, UINT32_MAX));
	(void)start_heard(1000);
	pass_time(2000);
	duo_skip(&d, FRAME_CANCEL);
	assert_rc(-ENOENT, brood_cancel(d.b, 1)); /* it has ended here, whatever the server says */
	assert_int_equal(ended_count, 1);
}

static void no_credit(struct hello *offer)
{
	*offer = peer_end_offer();
	offer->stream_window = offer->conn_window = 4096;
}

static uint32_t cancelled_inside;

static void look_around(uint32_t id, const struct brood_answer *answer, void *user)
{
	take(id, answer, user);
	cancelled_inside = id;
	assert_rc(-EDEADLK, brood_process(d.b));
	brood_close(d.b);
	(void)start(NULL, 0, 0);
}

static void a_call_of_which_nothing_was_sent_ends_at_once(void **state)
{
	static uint8_t body[500000];
	struct hello offer;
	uint32_t first;
	uint32_t second;

	(void)state;
	duo_close(&d);
	no_credit(&offer);
	duo_client_with(&d, NULL, &offer);
	first = start(body, sizeof(body), 0);
	assert_rc(0, brood_call_start(d.b, "m", body, sizeof(body), NULL, look_around, NULL, &second));
	assert_rc(0, brood_cancel(d.b, second));
	assert_int_equal(cancelled_inside, second);
	assert_ended(0, second, REASON_CANCELLED, 1);
	assert_text("cancelled before it was sent", ended[0].text);
	(void)peer_end_hear(&d.peer); /* without a further step: what the handler started has left */
	duo_skip(&d, FRAME_CALL);
	duo_skip(&d, FRAME_CALL);
	assert_int_equal(brood_calls_open(d.b), 2);
	assert_rc(0, brood_cancel(d.b, first));
	assert_cancel(first, REASON_CANCELLED);
	peer_end_say(&d.peer, FRAME_WINDOW, 0, 1 << 20);
	duo_expect_silence(&d); /* the rest of it stays here */
}

/* --------------------------------------------------------------------- loss */

static void every_open_call_ends_once_when_the_connection_is_lost(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++)
		(void)start_heard(i == 2 ? 1000 : 0);
	pass_time(1500); /* one of them lingers */
	duo_skip(&d, FRAME_CANCEL);
	peer_end_half_close(&d.peer);
	assert_rc(-ECONNRESET, brood_process(d.b));
	assert_int_equal(ended_count, 5);
	for (size_t i = 0; i < 5; i++)
		assert_ended(i, i == 0 ? 5 : i == 1 ? 1 : i == 2 ? 3 : (uint32_t)(2 * i + 1),
			     i == 0 ? REASON_DEADLINE : REASON_CONNECTION_LOST, 0);
	assert_text("the server closed the connection", ended[1].text);
	assert_int_equal(brood_calls_open(d.b), 0);
	assert_int_equal(d.b->calls_lingering, 0);
	assert_rc(-ECONNRESET, brood_process(d.b));
	assert_int_equal(ended_count, 5);
	assert_rc(-ENOENT, brood_cancel(d.b, 1));
}

static void only_what_never_left_is_not_processed(void **state)
{
	static uint8_t body[250000];
	int small = 1;

	(void)state;
	assert_return_code(setsockopt(d.b->out, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)), errno);
	(void)start(NULL, 0, 0);
	(void)start(NULL, 0, 0);
	(void)start(body, sizeof(body), 0); /* does not fit into the socket */
	(void)start(NULL, 0, 0);
	peer_end_close(&d.peer);
	assert_true(brood_process(d.b) < 0);
	assert_int_equal(ended_count, 4);
	assert_ended(0, 1, REASON_CONNECTION_LOST, 0);
	assert_ended(1, 3, REASON_CONNECTION_LOST, 0);
	assert_ended(2, 5, REASON_CONNECTION_LOST, 1);
	assert_ended(3, 7, REASON_CONNECTION_LOST, 1);
}

static void a_call_that_was_cut_by_the_loss_may_have_been_half_sent(void **state)
{
	static uint8_t body[3 << 20];

	(void)state;
	(void)start(body, sizeof(body), 0);
	(void)duo_step(&d);
	peer_end_close(&d.peer);
	assert_true(brood_process(d.b) < 0);
	assert_int_equal(ended_count, 1);
	assert_ended(0, 1, REASON_CONNECTION_LOST, 0); /* nobody can tell, so it is not claimed */
}

static void answers_that_came_before_the_end_are_answers(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		(void)start_heard(0);
	peer_end_reply(&d.peer, 3, 0, NULL, 0);
	peer_end_reply(&d.peer, 5, BROOD_ABORTED, NULL, 0);
	peer_end_close(&d.peer);
	while (brood_process(d.b) == 0)
		;
	assert_int_equal(ended_count, 3);
	assert_int_equal(ended[0].code, BROOD_OK);
	assert_int_equal(ended[1].code, BROOD_ABORTED);
	assert_ended(2, 1, REASON_CONNECTION_LOST, 0);
}

static void answer_and_go(uint32_t topic, const void *body, size_t size, void *user)
{
	(void)topic;
	(void)body;
	(void)size;
	(void)user;
	peer_end_reply(&d.peer, 1, 0, NULL, 0);
	peer_end_close(&d.peer);
	(void)start(NULL, 0, 0); /* finds that nobody reads any more */
}

static void answers_are_read_even_when_writing_finds_the_end_first(void **state)
{
	(void)state;
	duo_close(&d);
	duo_client(&d, &(struct brood_client_options){.on_notify = answer_and_go});
	(void)start_heard(0);
	peer_end_say(&d.peer, FRAME_NOTIFY, 0, 0);
	while (brood_process(d.b) == 0)
		;
	assert_int_equal(ended_count, 2);
	assert_int_equal(ended[0].id, 1);
	assert_int_equal(ended[0].code, BROOD_OK);
	assert_ended(1, 3, REASON_CONNECTION_LOST, 1);
}

static void nothing_can_be_started_while_the_loss_is_told(uint32_t id, const struct brood_answer *answer,
							  void *user)
{
	take(id, answer, user);
	assert_rc(-ECONNRESET, brood_call_start(d.b, "m", NULL, 0, NULL, take, NULL, NULL));
	assert_rc(-EDEADLK, brood_process(d.b));
	brood_close(d.b);
	(void)brood_cancel(d.b, 3);
	(void)brood_notify(d.b, 0, NULL, 0);
}

/*
 * A server that ends closes its ear, and then answers what it had heard by then: those answers count, although nothing
 * can be said to it any more.
 */
static void who_is_not_heard_any_more_still_hears(void **state)
{
	uint32_t first;
	uint32_t second;

	(void)state;
	first = start_heard(0);
	second = start_heard(0);
	assert_int_equal(shutdown(d.peer.in, SHUT_RD), 0);
	for (int i = 0; i < 3; i++) {
		(void)brood_notify(d.b, 1, "x", 1); /* -EPIPE from the second one on */
		assert_rc(0, brood_process(d.b));
	}
	assert_int_equal(ended_count, 0);
	peer_end_reply(&d.peer, second, 0, "b", 1);
	assert_rc(0, brood_process(d.b));
	assert_int_equal(ended_count, 1);
	assert_ended(0, second, REASON_NONE, 0);
	assert_rc(-EAGAIN, brood_call_start(d.b, "m", NULL, 0, NULL, take, NULL, NULL));
	peer_end_reply(&d.peer, first, 0, "a", 1);
	assert_true(brood_process(d.b) < 0 || brood_process(d.b) < 0); /* there is nothing more to wait for */
	assert_int_equal(ended_count, 2);
	assert_ended(1, first, REASON_NONE, 0);
}

/* What had not left by then ends at once, and may be tried again. */
static void what_was_not_sent_ends_at_once(void **state)
{
	uint32_t heard;

	(void)state;
	heard = start_heard(0);
	assert_int_equal(shutdown(d.peer.in, SHUT_RD), 0);
	assert_rc(0, brood_call_start(d.b, "m", NULL, 0, NULL, take, NULL, NULL));
	assert_rc(0, brood_process(d.b));
	assert_int_equal(ended_count, 1);
	assert_ended(0, heard + 2, REASON_CONNECTION_LOST, 1);
	peer_end_reply(&d.peer, heard, 0, NULL, 0);
	peer_end_half_close(&d.peer);
	assert_rc(-ECONNRESET, brood_process(d.b));
	assert_int_equal(ended_count, 2);
	assert_ended(1, heard, REASON_NONE, 0);
}

static void a_handler_that_hears_of_the_loss_can_do_no_harm(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		assert_rc(0, brood_call_start(d.b, "m", NULL, 0, NULL,
					      nothing_can_be_started_while_the_loss_is_told, NULL, NULL));
	for (int i = 0; i < 3; i++)
		duo_skip(&d, FRAME_CALL);
	peer_end_half_close(&d.peer);
	assert_rc(-ECONNRESET, brood_process(d.b));
	assert_text("the server closed the connection", brood_error()); /* not what the handlers met */
	assert_int_equal(ended_count, 3);
}

static void closing_the_handle_ends_all_calls(void **state)
{
	struct brood_answer a;

	(void)state;
	(void)start_heard(0);
	(void)start_heard(0);
	assert_rc(-EINVAL, brood_call(d.b, "m", NULL, 0,
				      &(struct brood_call_options){.meta = &(struct brood_meta){"", 0, "", 0},
								   .meta_count = 1},
				      &a));
	brood_answer_free(&a);
	brood_close(d.b);
	d.b = NULL;
	assert_int_equal(ended_count, 2);
	assert_ended(0, 1, REASON_CONNECTION_LOST, 0);
	assert_text("the connection was closed by this program", ended[0].text);
	assert_non_null(strstr(brood_error(), "metadata")); /* the last failure, not the closing */
	peer_end_expect_end(&d.peer);
}

static void a_blocking_call_is_told_of_the_loss(void **state)
{
	struct brood_answer a;

	(void)state;
	peer_end_half_close(&d.peer);
	assert_rc(-ECONNRESET, brood_call(d.b, "m", NULL, 0, NULL, &a));
	assert_int_equal(a.code, BROOD_UNAVAILABLE);
	assert_int_equal(a.reason, BROOD_REASON_CONNECTION_LOST);
	assert_text("the server closed the connection", a.text);
	brood_answer_free(&a);
	duo_skip(&d, FRAME_CALL);
}

static void goaway_with_a_fault_is_a_loss_with_a_sentence(void **state)
{
	(void)state;
	(void)start_heard(0);
	peer_end_say(&d.peer, FRAME_GOAWAY, 0, REASON_PROTOCOL);
	assert_rc(-EPROTO, brood_process(d.b));
	assert_ended(0, 1, REASON_CONNECTION_LOST, 0);
	assert_text("the other side ended the connection (PROTOCOL): the peer broke the protocol",
		    ended[0].text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_client, close_client)

static const struct CMUnitTest tests[] = {
	TEST(a_server_that_never_answers_is_not_waited_for_longer),
	TEST(a_blocking_call_ends_by_its_own_clock),
	TEST(the_timeout_of_the_pool_is_a_deadline_too),
	TEST(deadlines_pass_in_any_order),
	TEST(a_call_started_by_an_expired_one_has_its_own_deadline),
	TEST(an_expired_call_that_was_never_sent_is_not_heard_of),
	TEST(cancelling_asks_the_server_and_the_answer_is_the_servers),
	TEST(the_answer_of_a_cancelled_call_may_be_a_success),
	TEST(what_is_not_open_cannot_be_cancelled),
	TEST(a_call_of_which_nothing_was_sent_ends_at_once),
	TEST(every_open_call_ends_once_when_the_connection_is_lost),
	TEST(only_what_never_left_is_not_processed),
	TEST(a_call_that_was_cut_by_the_loss_may_have_been_half_sent),
	TEST(answers_that_came_before_the_end_are_answers),
	TEST(answers_are_read_even_when_writing_finds_the_end_first),
	TEST(who_is_not_heard_any_more_still_hears),
	TEST(what_was_not_sent_ends_at_once),
	TEST(a_handler_that_hears_of_the_loss_can_do_no_harm),
	TEST(closing_the_handle_ends_all_calls),
	TEST(a_blocking_call_is_told_of_the_loss),
	TEST(goaway_with_a_fault_is_a_loss_with_a_sentence),
};

CHECK_MAIN(tests)
