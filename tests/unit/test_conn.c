/* conn: connections that brood hands to a worker: whose they are, whose turn it is, and that each end is told. */
#include "duo.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

enum { KEPT_MOST = 300 };

static struct duo d;
static struct peer_end clients[3]; /* the other ends of what was handed over */
static brood_request_t *kept[KEPT_MOST];
static size_t kept_count;
static int open_before;

static void keep(brood_request_t *request, void *user)
{
	(void)user;
	assert_in_range(kept_count, 0, KEPT_MOST - 1);
	kept[kept_count++] = request;
}

static int open_worker(void **state)
{
	struct hello offer = peer_end_offer();

	(void)state;
	kept_count = 0;
	open_before = check_open_fds();
	offer.features |= FEATURE_FDS | FEATURE_CONN;
	duo_worker_with(&d, keep, NULL, &(struct brood_worker_options){.slots = 2}, &offer);
	return 0;
}

static int close_worker(void **state)
{
	(void)state;
	duo_close(&d);
	assert_int_equal(check_open_fds(), open_before);
	return 0;
}

static const struct frame_peer alice = {1000, 100, 4711, 42};

/* CONN with the socket, or with the news that it is lost. */
static void hand_over(uint32_t id, int fd)
{
	static const struct frame conn = {.type = FRAME_CONN, .arg = 1234, .words = 1u << WORD_PEER, .nfds = 1};
	struct frame f = conn;

	f.id = id;
	f.peer = alice;
	f.nfds = fd >= 0 ? 1 : FRAME_FDS_UNSENT;
	peer_end_frame_fds(&d.peer, &f, &fd, fd >= 0);
	assert_int_equal(duo_step(&d), 0);
}

/* Client `i` is connected, and has greeted. */
static struct peer_end *connect_client(unsigned i, uint32_t id)
{
	struct hello h = peer_end_offer();
	struct peer_end *c = &clients[i];
	int fds[2];

	duo_pair(fds);
	hand_over(id, fds[1]);
	close(fds[1]);
	peer_end_open(c, fds[0], fds[0]);
	peer_end_greet(c, FRAME_HELLO, &h);
	assert_int_equal(duo_step(&d), 0);
	peer_end_skip(c, FRAME_WELCOME);
	peer_end_skip(c, FRAME_SLOTS);
	return c;
}

static void call(struct peer_end *c, uint32_t id)
{
	peer_end_call(c, id, "m", "body", 4);
	assert_int_equal(duo_step(&d), 0);
}

static void expect_reply(struct peer_end *c, uint32_t id, enum frame_reason reason)
{
	struct message *m = peer_end_expect(c, FRAME_REPLY);

	assert_int_equal(m->frame.id, id);
	assert_int_equal(frame_status_reason(m->frame.arg), reason);
	message_free(m);
}

static void expect_conn_end(uint32_t id)
{
	struct message *m = duo_expect(&d, FRAME_CONN_END);

	assert_int_equal(m->frame.id, id);
	message_free(m);
}

static void calls_come_to_the_same_handler(void **state)
{
	struct peer_end *c = connect_client(0, 7);
	struct brood_peer p;

	(void)state;
	call(c, 1);
	assert_int_equal(kept_count, 1);
	assert_ptr_equal(brood_request_worker(kept[0]), d.b);
	brood_request_peer(kept[0], &p);
	assert_int_equal(p.uid, alice.uid);
	assert_int_equal(p.connection, alice.connection);
	assert_in_range(brood_request_time_left(kept[0]), 1, 1234);
	assert_rc(0, brood_reply(kept[0], "x", 1));
	expect_reply(c, 1, REASON_NONE);
	peer_end_close(c);
	expect_conn_end(7);
}

/* What a client says of itself is not believed. */
static void a_client_cannot_say_who_it_is(void **state)
{
	struct peer_end *c = connect_client(0, 7);
	struct frame f = {.type = FRAME_CALL,
			  .flags = FLAG_EOM | FLAG_EOS,
			  .id = 1,
			  .words = 1u << WORD_PEER | 1u << WORD_DELIVERY,
			  .attempt = 9};
	struct brood_peer p;

	(void)state;
	peer_end_frame(c, &f);
	assert_int_equal(duo_step(&d), 0);
	brood_request_peer(kept[0], &p);
	assert_int_equal(p.uid, alice.uid);
	assert_int_equal(brood_request_attempt(kept[0]), 1);
	assert_rc(0, brood_reply(kept[0], NULL, 0));
	expect_reply(c, 1, REASON_NONE);
	peer_end_close(c);
	expect_conn_end(7);
}

/* All connections together have no more calls in hand than the worker has slots; the others wait in order. */
static void slots_count_over_all_connections(void **state)
{
	struct peer_end *a = connect_client(0, 1);
	struct peer_end *b = connect_client(1, 2);

	(void)state;
	call(a, 1);
	call(a, 3);
	call(b, 1);
	call(b, 3);
	assert_int_equal(kept_count, 2);
	assert_rc(0, brood_reply(kept[0], NULL, 0));
	assert_int_equal(duo_step(&d), 0);
	assert_int_equal(kept_count, 3);
	assert_rc(0, brood_reply(kept[1], NULL, 0));
	assert_rc(0, brood_reply(kept[2], NULL, 0));
	assert_int_equal(duo_step(&d), 0);
	assert_int_equal(kept_count, 4);
	assert_rc(0, brood_reply(kept[3], NULL, 0));
	expect_reply(a, 1, REASON_NONE);
	expect_reply(a, 3, REASON_NONE);
	expect_reply(b, 1, REASON_NONE);
	expect_reply(b, 3, REASON_NONE);
	peer_end_close(a);
	expect_conn_end(1);
	peer_end_close(b);
	expect_conn_end(2);
}

/* One connection may have 256 calls open; one that opens more is told so. */
static void a_connection_has_a_limit_of_calls(void **state)
{
	struct peer_end *c = connect_client(0, 1);

	(void)state;
	for (uint32_t i = 0; i < BROOD_CLIENT_SLOTS + 1; i++)
		call(c, 2 * i + 1);
	expect_reply(c, 2 * BROOD_CLIENT_SLOTS + 1, REASON_OVERLOADED);
	assert_int_equal(kept_count, 2);
	peer_end_close(c);
	expect_conn_end(1);
	for (size_t i = 0; i < kept_count; i++) {
		assert_true(brood_request_is_cancelled(kept[i]));
		assert_rc(-EPIPE, brood_reply(kept[i], NULL, 0));
		assert_int_equal(duo_step(&d), 0); /* lets the next ones run, and there are 254 of them */
	}
	assert_int_equal(kept_count, BROOD_CLIENT_SLOTS);
}

static void a_socket_that_did_not_arrive_is_told(void **state)
{
	(void)state;
	hand_over(9, -1);
	expect_conn_end(9);
}

static void nonsense_ends_that_connection_alone(void **state)
{
	struct peer_end *a = connect_client(0, 1);
	struct peer_end *b = connect_client(1, 2);

	(void)state;
	peer_end_bytes(a, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 16);
	assert_int_equal(duo_step(&d), 0);
	peer_end_skip(a, FRAME_GOAWAY);
	peer_end_expect_end(a);
	expect_conn_end(1);
	call(b, 1);
	assert_rc(0, brood_reply(kept[0], NULL, 0));
	expect_reply(b, 1, REASON_NONE);
	peer_end_close(a);
	peer_end_close(b);
	expect_conn_end(2);
}

/* On any connection: ids of calls are odd and count up, and what continues a call was opened. */
static void ids_follow_the_same_rules_as_everywhere(void **state)
{
	static const struct frame wrong[] = {
		{.type = FRAME_CALL, .flags = FLAG_EOM | FLAG_EOS, .id = 6},
		{.type = FRAME_CALL, .flags = FLAG_EOM | FLAG_EOS, .id = 5},
		{.type = FRAME_CALL, .flags = FLAG_EOM | FLAG_EOS, .id = 3},
		{.type = FRAME_DATA, .flags = FLAG_EOM | FLAG_EOS, .id = 7,
		 .body = (const uint8_t *)"x", .body_size = 1},
		{.type = FRAME_DATA, .id = 6, .body = (const uint8_t *)"x", .body_size = 1},
	};
	struct message *m;

	(void)state;
	for (uint32_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct peer_end *c = connect_client(0, i + 1);

		call(c, 5);
		peer_end_frame(c, &wrong[i]);
		assert_int_equal(duo_step(&d), 0);
		m = peer_end_expect(c, FRAME_GOAWAY);
		assert_int_equal(m->frame.arg, REASON_PROTOCOL);
		message_free(m);
		peer_end_expect_end(c);
		expect_conn_end(i + 1);
		assert_int_equal(kept_count, i + 1); /* it reached nobody */
		assert_rc(-EPIPE, brood_reply(kept[i], NULL, 0));
		peer_end_close(c);
	}
}

/* Each call has one answer, whatever comes about it. */
static void a_frame_that_nobody_knows_ends_its_call_once(void **state)
{
	struct peer_end *c = connect_client(0, 1);
	static const struct frame unknown = {.type = 0x7f, .id = 1};
	struct frame f = unknown;

	(void)state;
	call(c, 1);
	peer_end_frame(c, &f); /* a handler has it */
	assert_int_equal(duo_step(&d), 0);
	assert_int_equal(brood_request_is_cancelled(kept[0]), 1);
	f.id = 3; /* it opens a call */
	peer_end_frame(c, &f);
	assert_int_equal(duo_step(&d), 0);
	expect_reply(c, 3, REASON_UNSUPPORTED);
	assert_rc(0, brood_reply(kept[0], NULL, 0));
	expect_reply(c, 1, REASON_NONE);
	call(c, 5);
	assert_rc(0, brood_reply(kept[1], NULL, 0));
	expect_reply(c, 5, REASON_NONE);
	peer_end_close(c);
	expect_conn_end(1);
}

/* Half-closed, a client still gets what it waits for. */
static void a_half_closed_client_gets_its_answer(void **state)
{
	struct peer_end *c = connect_client(0, 1);

	(void)state;
	call(c, 1);
	peer_end_half_close(c);
	assert_int_equal(duo_step(&d), 0);
	assert_false(brood_request_is_cancelled(kept[0]));
	assert_rc(0, brood_reply(kept[0], "x", 1));
	expect_reply(c, 1, REASON_NONE);
	expect_conn_end(1);
	peer_end_expect_end(c);
	peer_end_close(c);
}

/* GOAWAY, then the barrier; what was sent before it is answered, and then both ends are over. */
static void a_worker_that_ends_tells_its_clients(void **state)
{
	struct peer_end *c = connect_client(0, 1);
	struct message *m;

	(void)state;
	call(c, 1);
	peer_end_say(&d.peer, FRAME_GOAWAY, 0, REASON_DRAINING);
	assert_int_equal(duo_step(&d), 0);
	peer_end_skip(c, FRAME_GOAWAY);
	m = peer_end_expect(c, FRAME_FLUSH);
	call(c, 3);
	peer_end_say(c, FRAME_FLUSHED, 0, m->frame.arg);
	message_free(m);
	assert_int_equal(duo_step(&d), 0);
	assert_int_equal(kept_count, 2);
	assert_rc(0, brood_reply(kept[0], NULL, 0));
	assert_rc(0, brood_reply(kept[1], NULL, 0));
	expect_reply(c, 1, REASON_NONE);
	expect_reply(c, 3, REASON_NONE);
	while (duo_step(&d) == 0)
		;
	peer_end_expect_end(c);
	peer_end_close(c);
	m = peer_end_expect(&d.peer, FRAME_CONN_END);
	assert_int_equal(m->frame.id, 1);
	message_free(m);
}

/* Closed in the middle: nothing is left, also of what waited for its turn. */
static void closing_the_worker_leaves_nothing(void **state)
{
	struct peer_end *a = connect_client(0, 1);
	struct peer_end *b = connect_client(1, 2);

	(void)state;
	for (uint32_t id = 1; id < 10; id += 2)
		call(a, id);
	brood_close(d.b);
	d.b = NULL;
	peer_end_expect_end(a);
	peer_end_expect_end(b);
	assert_int_equal(kept_count, 2);
	assert_rc(-EPIPE, brood_reply(kept[0], NULL, 0));
	assert_rc(-EPIPE, brood_reply(kept[1], NULL, 0));
	peer_end_close(a);
	peer_end_close(b);
}

static void *answer_all(void *user)
{
	(void)user;
	for (size_t i = 0; i < 2; i++)
		brood_reply(kept[i], "x", 1);
	return NULL;
}

/* Answers of other threads go out, and what waited for them runs. */
static void other_threads_may_answer(void **state)
{
	struct peer_end *c = connect_client(0, 1);
	pthread_t thread;

	(void)state;
	call(c, 1);
	call(c, 3);
	call(c, 5);
	assert_int_equal(pthread_create(&thread, NULL, answer_all, NULL), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	expect_reply(c, 1, REASON_NONE);
	expect_reply(c, 3, REASON_NONE);
	assert_int_equal(duo_step(&d), 0);
	assert_int_equal(kept_count, 3);
	assert_rc(0, brood_reply(kept[2], NULL, 0));
	expect_reply(c, 5, REASON_NONE);
	peer_end_close(c);
	expect_conn_end(1);
}

/* A supervisor that wants to know from when on a connection is read. */
static int open_telling_worker(void **state)
{
	struct hello offer = peer_end_offer();

	(void)state;
	kept_count = 0;
	open_before = check_open_fds();
	offer.features |= FEATURE_FDS | FEATURE_CONN | FEATURE_TAKEN;
	duo_worker_with(&d, keep, NULL, &(struct brood_worker_options){.slots = 2}, &offer);
	return 0;
}

static void expect_taken(uint32_t id)
{
	struct message *m = duo_expect(&d, FRAME_CONN);

	assert_int_equal(m->frame.id, id);
	assert_int_equal(m->frame.nfds, 0);
	message_free(m);
}

/* brood hears of it before the first byte is read, and once. */
static void it_is_told_before_it_is_read(void **state)
{
	struct hello h = peer_end_offer();
	struct peer_end *c = &clients[0];
	int fds[2];

	(void)state;
	duo_pair(fds);
	hand_over(7, fds[1]);
	close(fds[1]);
	duo_expect_silence(&d); /* nothing has come from the client: it may still be another's */
	peer_end_open(c, fds[0], fds[0]);
	peer_end_greet(c, FRAME_HELLO, &h);
	expect_taken(7);
	peer_end_skip(c, FRAME_WELCOME);
	peer_end_skip(c, FRAME_SLOTS);
	call(c, 1);
	duo_expect_silence(&d);
	assert_rc(0, brood_reply(kept[0], NULL, 0));
	expect_reply(c, 1, REASON_NONE);
	peer_end_close(c);
	expect_conn_end(7);
}

/* One-way messages, until the channel takes no more; how many bytes. */
static size_t fill_channel(void)
{
	size_t sent = 0;

	while (channel_waiting(d.b) == 0) {
		assert_in_range(sent += 4096, 0, 12800000);
		assert_rc(0, brood_notify(d.b, 1, (const char[4096]){0}, 4096));
	}
	return sent;
}

/* Where brood cannot be told, because it reads nothing, the connection stays as it is. */
static void what_cannot_be_told_is_not_read(void **state)
{
	struct hello h = peer_end_offer();
	struct peer_end *c = &clients[0];
	size_t sent;
	int unread = 0;
	int fds[2];

	(void)state;
	duo_pair(fds);
	hand_over(7, fds[1]);
	close(fds[1]);
	sent = fill_channel();
	peer_end_open(c, fds[0], fds[0]);
	peer_end_greet(c, FRAME_HELLO, &h);
	for (int i = 0; i < 3; i++)
		assert_rc(0, brood_process(d.b));
	assert_rc(0, ioctl(fds[0], SIOCOUTQ, &unread));
	assert_true(unread > 0);
	/* and it does not turn in circles for it */
	assert_int_equal(poll(&(struct pollfd){.fd = brood_fd(d.b), .events = POLLIN}, 1, 0), 0);
	for (size_t n = 0; n < sent; n += 4096)
		duo_skip(&d, FRAME_NOTIFY);
	expect_taken(7);
	peer_end_skip(c, FRAME_WELCOME);
	peer_end_skip(c, FRAME_SLOTS);
	peer_end_close(c);
	expect_conn_end(7);
}

/* Where brood reads again before the step is over that had to wait for it, no other event says so. */
static void what_is_told_in_the_same_step_is_read(void **state)
{
	struct hello h = peer_end_offer();
	struct peer_end *c = &clients[0];
	size_t sent;
	int fds[2];

	(void)state;
	duo_pair(fds);
	hand_over(7, fds[1]);
	close(fds[1]);
	sent = fill_channel();
	peer_end_hear(&d.peer); /* there is room now, of which nobody has made use yet */
	peer_end_open(c, fds[0], fds[0]);
	peer_end_greet(c, FRAME_HELLO, &h);
	assert_rc(0, brood_process(d.b));
	assert_int_equal(channel_waiting(d.b), 0);
	assert_int_equal(poll(&(struct pollfd){.fd = brood_fd(d.b), .events = POLLIN}, 1, 0), 1);
	assert_rc(0, brood_process(d.b));
	peer_end_skip(c, FRAME_WELCOME);
	peer_end_skip(c, FRAME_SLOTS);
	for (size_t n = 0; n < sent; n += 4096)
		duo_skip(&d, FRAME_NOTIFY);
	expect_taken(7);
	peer_end_close(c);
	expect_conn_end(7);
}

/* Another one may have what was not touched, also with bytes in it; what was is ended by this one. */
static void what_was_not_touched_is_given_back(void **state)
{
	struct hello h = peer_end_offer();
	struct peer_end *c = &clients[0];
	struct message *m;
	char byte;
	int fds[2];
	int own;

	(void)state;
	duo_pair(fds);
	own = fcntl(fds[1], F_DUPFD_CLOEXEC, 3);
	hand_over(7, fds[1]);
	close(fds[1]);
	peer_end_say(&d.peer, FRAME_GOAWAY, 0, REASON_DRAINING);
	while (duo_step(&d) == 0)
		;
	m = peer_end_expect(&d.peer, FRAME_CONN_END);
	assert_int_equal(m->frame.id, 7);
	assert_int_equal(m->frame.arg, BROOD_CONN_UNTOUCHED);
	message_free(m);
	peer_end_open(c, fds[0], fds[0]);
	peer_end_greet(c, FRAME_HELLO, &h);
	assert_int_equal(recv(own, &byte, 1, MSG_DONTWAIT), 1); /* it is still whole */
	close(own);
	peer_end_close(c);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_worker, close_worker)
#define TELLING(name) cmocka_unit_test_setup_teardown(name, open_telling_worker, close_worker)

static const struct CMUnitTest tests[] = {
	TEST(calls_come_to_the_same_handler),
	TEST(a_client_cannot_say_who_it_is),
	TEST(slots_count_over_all_connections),
	TEST(a_connection_has_a_limit_of_calls),
	TEST(a_socket_that_did_not_arrive_is_told),
	TEST(nonsense_ends_that_connection_alone),
	TEST(ids_follow_the_same_rules_as_everywhere),
	TEST(a_frame_that_nobody_knows_ends_its_call_once),
	TEST(a_half_closed_client_gets_its_answer),
	TEST(a_worker_that_ends_tells_its_clients),
	TEST(closing_the_worker_leaves_nothing),
	TEST(other_threads_may_answer),
	TELLING(it_is_told_before_it_is_read),
	TELLING(what_cannot_be_told_is_not_read),
	TELLING(what_is_told_in_the_same_step_is_read),
	TELLING(what_was_not_touched_is_given_back),
};

CHECK_MAIN(tests)
