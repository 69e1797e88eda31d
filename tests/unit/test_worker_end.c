/* worker_end: whoever ends it, what is in hand is answered first and nothing that was sent is lost. */
#include "duo.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>

static struct duo d;
static brood_request_t *kept[200];
static size_t kept_count;

static void keep(brood_request_t *request, void *user)
{
	(void)user;
	kept[kept_count++] = request;
}

static void echo(brood_request_t *request, void *user)
{
	size_t size;
	const void *body = brood_request_body(request, &size);

	(void)user;
	(void)brood_reply(request, body, size);
}

static int open_worker(void **state)
{
	(void)state;
	kept_count = 0;
	duo_worker(&d, keep, NULL, &(struct brood_worker_options){.slots = 100});
	return 0;
}

static int close_worker(void **state)
{
	(void)state;
	duo_close(&d);
	return 0;
}

static void assert_ended(void)
{
	assert_int_equal(duo_step(&d), 1);
	assert_int_equal(duo_step(&d), 1); /* and it stays so */
	assert_int_equal(brood_timeout(d.b), 0);
	assert_rc(0, brood_run(d.b));
}

static void skip_replies(size_t count)
{
	for (size_t i = 0; i < count; i++)
		duo_skip(&d, FRAME_REPLY);
}

static void send_goaway(enum frame_reason reason)
{
	peer_end_say(&d.peer, FRAME_GOAWAY, 0, reason);
}

static void goaway_ends_an_idle_worker(void **state)
{
	(void)state;
	send_goaway(REASON_DRAINING);
	assert_ended();
}

static void goaway_waits_for_what_is_in_hand(void **state)
{
	(void)state;
	for (uint32_t id = 2; id <= 6; id += 2)
		peer_end_call(&d.peer, id, NULL, NULL, 0);
	send_goaway(REASON_NONE);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(duo_step(&d), 0);
		assert_int_equal(brood_timeout(d.b), -1);
		assert_int_equal(brood_request_is_cancelled(kept[i]), 0);
		assert_rc(0, brood_reply(kept[i], NULL, 0));
	}
	assert_ended();
	skip_replies(3);
}

static void goaway_waits_for_a_call_that_has_half_arrived(void **state)
{
	(void)state;
	peer_end_frame(&d.peer, &(struct frame){.type = FRAME_CALL, .id = 2});
	send_goaway(REASON_DRAINING);
	assert_int_equal(duo_step(&d), 0);
	peer_end_frame(&d.peer,
		       &(struct frame){.type = FRAME_DATA, .id = 2, .flags = FLAG_EOM | FLAG_EOS});
	assert_int_equal(duo_step(&d), 0);
	duo_skip(&d, FRAME_WINDOW);
	assert_int_equal(kept_count, 1);
	assert_rc(0, brood_reply(kept[0], NULL, 0));
	assert_ended();
	skip_replies(1);
}

static void goaway_for_a_fault_loses_the_connection(void **state)
{
	static const struct {
		enum frame_reason reason;
		int rc;
	} ends[] = {{REASON_PROTOCOL, -EPROTO}, {REASON_VERSION, -EPROTONOSUPPORT}, {REASON_DENIED, -EACCES}};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		if (i > 0)
			open_worker(NULL);
		peer_end_call(&d.peer, 2, NULL, NULL, 0);
		send_goaway(ends[i].reason);
		assert_rc(ends[i].rc, duo_step(&d));
		assert_non_null(strstr(brood_error(), "the other side ended the connection"));
		assert_int_equal(brood_request_is_cancelled(kept[0]), 1);
		assert_rc(-EPIPE, brood_reply(kept[0], NULL, 0));
		assert_int_equal(brood_timeout(d.b), -1);
		if (i < 2)
			duo_close(&d);
	}
}

static void the_end_of_the_channel_ends_an_idle_worker(void **state)
{
	(void)state;
	peer_end_half_close(&d.peer);
	assert_ended();
}

static void calls_before_the_end_of_the_channel_are_answered(void **state)
{
	(void)state;
	for (uint32_t id = 2; id <= 80; id += 2)
		peer_end_call(&d.peer, id, NULL, NULL, 0);
	peer_end_half_close(&d.peer);
	assert_int_equal(duo_step(&d), 0);
	assert_int_equal(kept_count, 40);
	for (size_t i = 0; i < 40; i++)
		assert_rc(0, brood_reply(kept[i], NULL, 0));
	assert_ended();
	skip_replies(40);
}

static void a_call_that_has_half_arrived_dies_with_the_channel(void **state)
{
	(void)state;
	peer_end_frame(&d.peer, &(struct frame){.type = FRAME_CALL, .id = 2});
	peer_end_half_close(&d.peer);
	assert_ended();
	assert_int_equal(kept_count, 0);
}

/* A request whose answer is longer than the window. */
static void answer_long(size_t size)
{
	uint8_t *body = calloc(1, size);

	peer_end_call(&d.peer, 2, NULL, NULL, 0);
	assert_int_equal(duo_step(&d), 0);
	assert_rc(0, brood_reply(kept[0], body, size));
	free(body);
}

static size_t take_all(void)
{
	size_t came = 0;
	struct message *m;

	while ((m = peer_end_take(&d.peer))) {
		came += m->frame.body_size;
		message_free(m);
	}
	return came;
}

static void no_credit_can_come_behind_the_end_so_none_is_waited_for(void **state)
{
	(void)state;
	answer_long(3 << 20);
	assert_int_equal(duo_step(&d), 0);
	assert_int_equal(take_all(), BROOD_STREAM_WINDOW);
	peer_end_half_close(&d.peer);
	assert_ended();
	assert_int_equal(take_all(), (3 << 20) - BROOD_STREAM_WINDOW);
}

/* What waits of it is not wanted any more; the call has one end nevertheless. */
static void an_answer_that_waits_for_credit_can_be_cancelled(void **state)
{
	struct message *m;

	(void)state;
	answer_long(3 << 20);
	assert_int_equal(duo_step(&d), 0);
	assert_int_equal(take_all(), BROOD_STREAM_WINDOW);
	peer_end_say(&d.peer, FRAME_CANCEL, 2, frame_status_of(REASON_DEADLINE));
	m = duo_expect(&d, FRAME_REPLY);
	assert_int_equal(m->frame.id, 2);
	assert_int_equal(m->frame.arg, frame_status_of(REASON_CANCELLED));
	assert_int_equal(m->frame.body_size, 0);
	message_free(m);
	peer_end_say(&d.peer, FRAME_CANCEL, 2, frame_status_of(REASON_DEADLINE));
	duo_expect_silence(&d);
}

static void a_supervisor_that_died_does_not_keep_a_worker_that_waits_for_credit(void **state)
{
	(void)state;
	answer_long(3 << 20);
	assert_int_equal(duo_step(&d), 0);
	(void)take_all();
	peer_end_close(&d.peer);
	assert_rc(0, brood_run(d.b)); /* alarm() ends the test if not */
}

static void a_supervisor_that_died_is_told_to_handlers_that_are_still_at_work(void **state)
{
	(void)state;
	peer_end_call(&d.peer, 2, NULL, NULL, 0);
	peer_end_call(&d.peer, 4, NULL, NULL, 0);
	assert_int_equal(duo_step(&d), 0);
	peer_end_close(&d.peer);
	assert_int_equal(brood_process(d.b), 0);
	(void)brood_reply(kept[0], "x", 1); /* finds that nobody reads any more */
	assert_int_equal(brood_process(d.b), 0);
	assert_int_equal(brood_request_is_cancelled(kept[1]), 1);
	(void)brood_reply(kept[1], NULL, 0);
	assert_int_equal(brood_process(d.b), 1);
}

static void answer_to_nobody(brood_request_t *request, void *user)
{
	(void)user;
	peer_end_close(&d.peer);
	(void)brood_reply(request, "x", 1);
}

static void a_supervisor_that_goes_while_a_handler_runs_ends_the_worker(void **state)
{
	(void)state;
	duo_close(&d);
	duo_worker(&d, answer_to_nobody, NULL, NULL);
	peer_end_call(&d.peer, 2, NULL, NULL, 0);
	assert_rc(0, brood_run(d.b));
}

static void answers_are_written_before_the_end(void **state)
{
	int small = 1;

	(void)state;
	assert_return_code(setsockopt(d.b->out, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)), errno);
	answer_long(1 << 20);
	send_goaway(REASON_NONE);
	assert_int_equal(brood_process(d.b), 0); /* the peer has not read */
	assert_ended();
	assert_int_equal(take_all(), 1 << 20);
}

static void barrier_passes(void)
{
	struct message *m;

	m = duo_expect(&d, FRAME_SLOTS);
	assert_int_equal(m->frame.arg, 0);
	message_free(m);
	m = duo_expect(&d, FRAME_FLUSH);
	peer_end_say(&d.peer, FRAME_FLUSHED, 0, m->frame.arg);
	message_free(m);
}

static void brood_stop_asks_for_the_end_and_waits_for_the_barrier(void **state)
{
	(void)state;
	brood_stop(d.b);
	brood_stop(d.b);
	assert_int_equal(duo_step(&d), 0);
	peer_end_call(&d.peer, 2, NULL, NULL, 0); /* it was on its way */
	assert_int_equal(duo_step(&d), 0);
	peer_end_say(&d.peer, FRAME_FLUSHED, 0, 12345); /* of some other barrier */
	assert_int_equal(duo_step(&d), 0);
	barrier_passes();
	assert_int_equal(duo_step(&d), 0);
	assert_int_equal(kept_count, 1);
	assert_rc(0, brood_reply(kept[0], NULL, 0));
	assert_ended();
	skip_replies(1);
}

static void the_barrier_waits_for_a_call_that_has_half_arrived(void **state)
{
	(void)state;
	peer_end_frame(&d.peer, &(struct frame){.type = FRAME_CALL, .id = 2});
	brood_stop(d.b);
	assert_int_equal(duo_step(&d), 0);
	barrier_passes();
	assert_int_equal(duo_step(&d), 0);
	peer_end_frame(&d.peer,
		       &(struct frame){.type = FRAME_DATA, .id = 2, .flags = FLAG_EOM | FLAG_EOS});
	assert_int_equal(duo_step(&d), 0);
	duo_skip(&d, FRAME_WINDOW);
	assert_int_equal(kept_count, 1);
	assert_rc(0, brood_reply(kept[0], NULL, 0));
	assert_ended();
	skip_replies(1);
}

static void a_barrier_of_the_program_is_not_taken_for_that_of_the_end(void **state)
{
	(void)state;
	assert_rc(-ETIMEDOUT, brood_flush(d.b, BROOD_FLUSH_PROCESSED, 0));
	duo_skip(&d, FRAME_FLUSH);
	brood_stop(d.b);
	assert_int_equal(duo_step(&d), 0);
	peer_end_say(&d.peer, FRAME_FLUSHED, 0, 1); /* the late answer to the first */
	assert_int_equal(duo_step(&d), 0);
	barrier_passes();
	assert_ended();
}

static void a_stop_after_goaway_or_the_end_changes_nothing(void **state)
{
	(void)state;
	peer_end_call(&d.peer, 2, NULL, NULL, 0);
	send_goaway(REASON_DRAINING);
	assert_int_equal(duo_step(&d), 0);
	brood_stop(d.b);
	assert_int_equal(duo_step(&d), 0);
	assert_rc(0, brood_reply(kept[0], NULL, 0));
	assert_ended();
	skip_replies(1);
	brood_stop(d.b);
	assert_ended();
}

/* A supervisor in a thread: sends calls until it hears SLOTS 0, answers the barrier, counts. */
struct caller {
	struct peer_end peer;
	void (*behind_first)(void); /* once the first answer has come */
	uint32_t called;
	uint32_t answered;
	bool draining;
	bool passed;
};

static void hear_one(struct caller *c)
{
	struct message *m = peer_end_wait(&c->peer);

	PEER_CHECK(m);
	switch (m->frame.type) {
	case FRAME_REPLY:
		c->answered++;
		if (c->answered == 1)
			c->behind_first();
		break;
	case FRAME_SLOTS:
		c->draining = m->frame.arg == 0;
		break;
	case FRAME_FLUSH:
		PEER_CHECK(c->draining);
		/* what was sent before the worker's wish was heard lies before the barrier */
		peer_end_say(&c->peer, FRAME_FLUSHED, 0, m->frame.arg);
		c->passed = true;
		break;
	default:
		PEER_CHECK(false); /* no other frame is due */
	}
	message_free(m);
}

static void *call_until_drained(void *user)
{
	struct caller *c = user;

	while (!c->passed) {
		for (int i = 0; i < 10 && !c->draining; i++)
			peer_end_call(&c->peer, 2 * ++c->called, NULL, "x", 1);
		hear_one(c);
	}
	while (c->answered < c->called)
		hear_one(c);
	peer_end_expect_end(&c->peer);
	peer_end_close(&c->peer);
	return NULL;
}

static struct caller caller;
static brood_t *running;

static void stop_it(void)
{
	brood_stop(running);
}

static void brood_stop_of_another_thread_loses_no_call(void **state)
{
	struct hello offer = peer_end_offer();
	pthread_t thread;
	int fds[2];

	(void)state;
	duo_pair(fds);
	duo_channel(fds[1], fds[1]);
	caller = (struct caller){.behind_first = stop_it};
	peer_end_open(&caller.peer, fds[0], fds[0]);
	peer_end_greet(&caller.peer, FRAME_HELLO, &offer);
	assert_rc(0, brood_worker_open(&running, echo, NULL, NULL));
	peer_end_skip(&caller.peer, FRAME_WELCOME);
	assert_int_equal(pthread_create(&thread, NULL, call_until_drained, &caller), 0);
	assert_rc(0, brood_run(running));
	brood_close(running);
	pthread_join(thread, NULL);
	assert_int_equal(caller.answered, caller.called);
}

static void on_signal(int number)
{
	(void)number;
	brood_stop(running);
}

static pthread_t main_thread;

static void signal_it(void)
{
	pthread_kill(main_thread, SIGUSR1);
}

static void brood_stop_of_a_signal_handler_loses_no_call(void **state)
{
	struct sigaction action = {.sa_handler = on_signal};
	struct sigaction before;

	assert_return_code(sigaction(SIGUSR1, &action, &before), errno);
	main_thread = pthread_self();
	caller = (struct caller){.behind_first = signal_it};
	{
		struct hello offer = peer_end_offer();
		pthread_t thread;
		int fds[2];

		duo_pair(fds);
		duo_channel(fds[1], fds[1]);
		peer_end_open(&caller.peer, fds[0], fds[0]);
		peer_end_greet(&caller.peer, FRAME_HELLO, &offer);
		assert_rc(0, brood_worker_open(&running, echo, NULL, NULL));
		peer_end_skip(&caller.peer, FRAME_WELCOME);
		assert_int_equal(pthread_create(&thread, NULL, call_until_drained, &caller), 0);
		assert_rc(0, brood_run(running));
		brood_close(running);
		pthread_join(thread, NULL);
	}
	assert_int_equal(caller.answered, caller.called);
	assert_return_code(sigaction(SIGUSR1, &before, NULL), errno);
	(void)state;
}

static pid_t child;

static void terminate_child(void)
{
	PEER_CHECK(kill(child, SIGTERM) == 0);
}

/* brood_serve() in a child, which may have prepared itself. */
static int serve_until_drained(void (*prepare)(void), void (*behind_first)(void))
{
	struct hello offer = peer_end_offer();
	int fds[2];
	int status;

	duo_pair(fds);
	duo_channel(fds[1], fds[1]);
	caller = (struct caller){.behind_first = behind_first};
	peer_end_open(&caller.peer, fds[0], fds[0]);
	peer_end_greet(&caller.peer, FRAME_HELLO, &offer);
	fflush(NULL);
	child = fork();
	assert_return_code(child, errno);
	if (child == 0) {
		int rc;

		duo_parent = 0;
		close(fds[0]);
		if (prepare)
			prepare();
		rc = brood_serve(echo, NULL, NULL);
		if (!prepare) {
			struct sigaction now;

			CHECK_CHILD(sigaction(SIGTERM, NULL, &now) == 0);
			CHECK_CHILD(now.sa_handler == SIG_DFL); /* it was only borrowed */
		}
		_exit(rc);
	}
	close(fds[1]);
	peer_end_skip(&caller.peer, FRAME_WELCOME);
	(void)call_until_drained(&caller);
	assert_int_equal(caller.answered, caller.called);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void sigterm_in_brood_serve_loses_no_call(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++)
		assert_int_equal(serve_until_drained(NULL, terminate_child), 0);
}

static void ignore_term(void)
{
	signal(SIGTERM, SIG_IGN);
}

static void terminate_in_vain(void)
{
	terminate_child();
	peer_end_say(&caller.peer, FRAME_GOAWAY, 0, REASON_DRAINING);
	caller.draining = caller.passed = true;
}

static void sigterm_that_is_ignored_stays_so(void **state)
{
	(void)state;
	assert_int_equal(serve_until_drained(ignore_term, terminate_in_vain), 0);
}

static void look_at_term(brood_request_t *request, void *user)
{
	struct sigaction now;
	int flags;

	(void)user;
	assert_return_code(sigaction(SIGTERM, NULL, &now), errno);
	flags = now.sa_flags;
	assert_true(now.sa_handler != SIG_DFL);
	assert_true(flags & SA_RESTART); /* what a handler waits for is not disturbed */
	assert_rc(0, brood_reply(request, NULL, 0));
	peer_end_half_close(user);
}

static void sigterm_does_not_disturb_what_a_handler_waits_for(void **state)
{
	struct hello offer = peer_end_offer();
	struct peer_end peer;
	int fds[2];

	(void)state;
	duo_pair(fds);
	duo_channel(fds[1], fds[1]);
	peer_end_open(&peer, fds[0], fds[0]);
	peer_end_greet(&peer, FRAME_HELLO, &offer);
	peer_end_call(&peer, 2, NULL, NULL, 0);
	assert_int_equal(brood_serve(look_at_term, &peer, NULL), 0);
	peer_end_skip(&peer, FRAME_WELCOME);
	peer_end_skip(&peer, FRAME_SLOTS);
	peer_end_skip(&peer, FRAME_REPLY);
	peer_end_close(&peer);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_worker, close_worker)

static const struct CMUnitTest tests[] = {
	TEST(goaway_ends_an_idle_worker),
	TEST(goaway_waits_for_what_is_in_hand),
	TEST(goaway_waits_for_a_call_that_has_half_arrived),
	TEST(goaway_for_a_fault_loses_the_connection),
	TEST(the_end_of_the_channel_ends_an_idle_worker),
	TEST(calls_before_the_end_of_the_channel_are_answered),
	TEST(a_call_that_has_half_arrived_dies_with_the_channel),
	TEST(no_credit_can_come_behind_the_end_so_none_is_waited_for),
	TEST(an_answer_that_waits_for_credit_can_be_cancelled),
	TEST(a_supervisor_that_died_does_not_keep_a_worker_that_waits_for_credit),
	TEST(a_supervisor_that_died_is_told_to_handlers_that_are_still_at_work),
	TEST(a_supervisor_that_goes_while_a_handler_runs_ends_the_worker),
	TEST(answers_are_written_before_the_end),
	TEST(brood_stop_asks_for_the_end_and_waits_for_the_barrier),
	TEST(the_barrier_waits_for_a_call_that_has_half_arrived),
	TEST(a_barrier_of_the_program_is_not_taken_for_that_of_the_end),
	TEST(a_stop_after_goaway_or_the_end_changes_nothing),
	cmocka_unit_test(brood_stop_of_another_thread_loses_no_call),
	cmocka_unit_test(brood_stop_of_a_signal_handler_loses_no_call),
	cmocka_unit_test(sigterm_in_brood_serve_loses_no_call),
	cmocka_unit_test(sigterm_that_is_ignored_stays_so),
	cmocka_unit_test(sigterm_does_not_disturb_what_a_handler_waits_for),
};

CHECK_MAIN(tests)
