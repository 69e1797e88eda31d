/* worker_pipes: a channel of two pipes does all that a socket does; and no channel ever raises SIGPIPE. */
#include "duo.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

static struct duo d;
static brood_request_t *kept[10];
static size_t kept_count;
static volatile sig_atomic_t raised;

static void keep(brood_request_t *request, void *user)
{
	(void)user;
	kept[kept_count++] = request;
}

static void on_pipe(int number)
{
	(void)number;
	raised++;
}

static void open_pipes(void)
{
	struct hello offer = peer_end_offer();
	int there[2];
	int back[2];

	kept_count = 0;
	assert_return_code(pipe2(there, O_CLOEXEC), errno);
	assert_return_code(pipe2(back, O_CLOEXEC), errno);
	duo_channel(there[0], back[1]);
	peer_end_open(&d.peer, back[0], there[1]);
	peer_end_greet(&d.peer, FRAME_HELLO, &offer);
	assert_rc(0, brood_worker_open(&d.b, keep, NULL, &(struct brood_worker_options){.slots = 10}));
	duo_skip(&d, FRAME_WELCOME);
	duo_skip(&d, FRAME_SLOTS);
}

static void open_socket(void)
{
	kept_count = 0;
	duo_worker(&d, keep, NULL, NULL);
}

static int begin(void **state)
{
	(void)state;
	assert_true(signal(SIGPIPE, on_pipe) != SIG_ERR);
	raised = 0;
	open_pipes();
	return 0;
}

static int end(void **state)
{
	(void)state;
	duo_close(&d);
	assert_int_equal(raised, 0);
	assert_true(signal(SIGPIPE, SIG_DFL) == on_pipe);
	return 0;
}

static void step_between(void *user)
{
	(void)user;
	assert_int_equal(brood_process(d.b), 0);
}

static void calls_and_answers_pass_through_pipes(void **state)
{
	struct message *m;

	(void)state;
	d.peer.between = step_between;
	for (size_t piece = 1; piece < 30; piece++) {
		size_t size;

		d.peer.piece = piece;
		kept_count = 0;
		peer_end_call(&d.peer, 2, "method", "body", 4);
		assert_int_equal(kept_count, 1);
		assert_text("method", brood_request_method(kept[0]));
		assert_memory_equal(brood_request_body(kept[0], &size), "body", 4);
		assert_rc(0, brood_reply(kept[0], "answer", 6));
		m = duo_expect(&d, FRAME_REPLY);
		assert_memory_equal(m->frame.body, "answer", 6);
		message_free(m);
	}
}

/* Takes a reply of this size, whatever it is cut into. */
static void assert_answer(const uint8_t *bytes, size_t size)
{
	size_t at = 0;
	bool whole = false;

	while (!whole) {
		struct message *m;

		(void)duo_step(&d);
		while ((m = peer_end_take(&d.peer))) {
			assert_memory_equal(m->frame.body, bytes + at, m->frame.body_size);
			at += m->frame.body_size;
			whole = m->frame.type == FRAME_REPLY;
			message_free(m);
		}
	}
	assert_int_equal(at, size);
}

static void an_answer_longer_than_a_pipe_goes_in_parts(void **state)
{
	static const size_t sizes[] = {1, 4095, 4096, 4097, 65535, 65536, 65537, 1000000};
	static uint8_t bytes[1000000];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i ^ i >> 8 ^ i >> 16);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		kept_count = 0;
		peer_end_call(&d.peer, 2, NULL, NULL, 0);
		assert_int_equal(duo_step(&d), 0);
		assert_rc(0, brood_reply(kept[0], bytes, sizes[i]));
		assert_answer(bytes, sizes[i]);
	}
}

static void a_loop_of_ones_own_waits_for_both_pipes(void **state)
{
	static uint8_t bytes[200000];
	struct pollfd p = {.events = POLLIN};
	struct message *m;

	(void)state;
	p.fd = brood_fd(d.b);
	assert_int_equal(poll(&p, 1, 0), 0);
	peer_end_call(&d.peer, 2, NULL, NULL, 0);
	assert_int_equal(poll(&p, 1, 0), 1);
	assert_int_equal(brood_process(d.b), 0);
	assert_int_equal(poll(&p, 1, 0), 0);
	assert_rc(0, brood_reply(kept[0], bytes, sizeof(bytes)));
	assert_int_equal(brood_process(d.b), 0); /* once woken by the answer */
	assert_int_equal(poll(&p, 1, 0), 0); /* the pipe is full */
	assert_true(peer_end_hear(&d.peer) > 0);
	assert_int_equal(poll(&p, 1, 0), 1);
	assert_int_equal(duo_step(&d), 0);
	assert_int_equal(poll(&p, 1, 0), 0);
	while ((m = peer_end_take(&d.peer)))
		message_free(m);
}

static void the_end_of_the_pipe_ends_the_worker(void **state)
{
	struct pollfd p = {.events = POLLIN};

	(void)state;
	p.fd = brood_fd(d.b);
	peer_end_call(&d.peer, 2, NULL, NULL, 0);
	peer_end_half_close(&d.peer);
	assert_int_equal(poll(&p, 1, 0), 1);
	assert_int_equal(duo_step(&d), 0);
	assert_int_equal(poll(&p, 1, 0), 0); /* a hang-up that is known does not keep the loop busy */
	assert_rc(0, brood_reply(kept[0], NULL, 0));
	assert_int_equal(duo_step(&d), 1);
	duo_skip(&d, FRAME_REPLY);
}

static void drop_reader(void)
{
	peer_end_call(&d.peer, 2, NULL, NULL, 0);
	assert_int_equal(brood_process(d.b), 0);
	close(d.peer.in);
	d.peer.in = -1;
	d.peer.ended = true;
}

static void a_pipe_whose_reader_has_gone_is_an_error_and_no_signal(void **state)
{
	(void)state;
	drop_reader();
	(void)brood_reply(kept[0], NULL, 0);
	assert_rc(-EPIPE, brood_process(d.b));
	assert_non_null(strstr(brood_error(), "does not read any more"));
	assert_int_equal(raised, 0);
}

static void a_socket_whose_peer_has_gone_is_an_end_and_no_signal(void **state)
{
	(void)state;
	duo_close(&d);
	open_socket();
	peer_end_call(&d.peer, 2, NULL, NULL, 0);
	assert_int_equal(brood_process(d.b), 0);
	peer_end_close(&d.peer);
	(void)brood_reply(kept[0], NULL, 0);
	assert_int_equal(brood_process(d.b), 1);
	assert_int_equal(raised, 0);
}

static bool is_pending(void)
{
	sigset_t set;

	assert_return_code(sigpending(&set), errno);
	return sigismember(&set, SIGPIPE) == 1;
}

static bool is_blocked(void)
{
	sigset_t set;

	assert_return_code(pthread_sigmask(SIG_BLOCK, NULL, &set), errno);
	return sigismember(&set, SIGPIPE) == 1;
}

static void block(bool on)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	assert_return_code(pthread_sigmask(on ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL), errno);
}

static void a_pending_signal_of_somebody_else_stays_pending(void **state)
{
	(void)state;
	block(true);
	assert_int_equal(raise(SIGPIPE), 0);
	drop_reader();
	(void)brood_reply(kept[0], NULL, 0);
	assert_rc(-EPIPE, brood_process(d.b));
	assert_true(is_pending());
	assert_true(is_blocked());
	assert_int_equal(raised, 0);
	block(false);
	assert_int_equal(raised, 1); /* theirs */
	raised = 0;
}

static void a_blocked_signal_stays_blocked_and_does_not_become_pending(void **state)
{
	(void)state;
	block(true);
	drop_reader();
	(void)brood_reply(kept[0], NULL, 0);
	assert_rc(-EPIPE, brood_process(d.b));
	assert_false(is_pending());
	assert_true(is_blocked());
	block(false);
	assert_int_equal(raised, 0);
}

static void an_ignored_signal_stays_ignored(void **state)
{
	(void)state;
	assert_true(signal(SIGPIPE, SIG_IGN) == on_pipe);
	drop_reader();
	(void)brood_reply(kept[0], NULL, 0);
	assert_rc(-EPIPE, brood_process(d.b));
	assert_false(is_blocked());
	assert_true(signal(SIGPIPE, on_pipe) == SIG_IGN);
}

static void *answer(void *user)
{
	(void)user;
	(void)brood_reply(kept[0], NULL, 0);
	return NULL;
}

static void an_answer_of_another_thread_that_nobody_reads_is_noticed_by_the_loop(void **state)
{
	pthread_t thread;

	(void)state;
	drop_reader();
	assert_int_equal(pthread_create(&thread, NULL, answer, NULL), 0);
	assert_rc(-EPIPE, brood_run(d.b));
	pthread_join(thread, NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

static const struct CMUnitTest tests[] = {
	TEST(calls_and_answers_pass_through_pipes),
	TEST(an_answer_longer_than_a_pipe_goes_in_parts),
	TEST(a_loop_of_ones_own_waits_for_both_pipes),
	TEST(the_end_of_the_pipe_ends_the_worker),
	TEST(a_pipe_whose_reader_has_gone_is_an_error_and_no_signal),
	TEST(a_socket_whose_peer_has_gone_is_an_end_and_no_signal),
	TEST(a_pending_signal_of_somebody_else_stays_pending),
	TEST(a_blocked_signal_stays_blocked_and_does_not_become_pending),
	TEST(an_ignored_signal_stays_ignored),
	TEST(an_answer_of_another_thread_that_nobody_reads_is_noticed_by_the_loop),
};

CHECK_MAIN(tests)
