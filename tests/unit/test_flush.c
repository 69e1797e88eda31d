/* flush: SENT, READ and PROCESSED are true when they are said, for sockets and pipes; and the sign of life. */
#include "duo.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/ioctl.h>

static struct duo d;
static brood_request_t *kept;

static void keep(brood_request_t *request, void *user)
{
	(void)user;
	kept = request;
}

static void open_pipes(void)
{
	struct hello offer = peer_end_offer();
	int there[2];
	int back[2];

	assert_return_code(pipe2(there, O_CLOEXEC), errno);
	assert_return_code(pipe2(back, O_CLOEXEC), errno);
	duo_channel(there[0], back[1]);
	peer_end_open(&d.peer, back[0], there[1]);
	peer_end_greet(&d.peer, FRAME_HELLO, &offer);
	assert_rc(0, brood_worker_open(&d.b, keep, NULL, NULL));
	duo_skip(&d, FRAME_WELCOME);
	duo_skip(&d, FRAME_SLOTS);
}

static void open_socket(void)
{
	duo_worker(&d, keep, NULL, NULL);
}

static void open_client(void)
{
	duo_client(&d, NULL);
}

/* What the tests of this file do for each kind of handle. */
static void (*const kinds[])(void) = {open_socket, open_pipes, open_client};
enum { KINDS = 3, CLIENT = 2 };

/* Makes more than the kernel takes at once wait in the handle. */
static void say_much(void)
{
	static uint8_t body[200000];

	for (int i = 0; i < 5; i++)
		assert_rc(0, brood_notify(d.b, 1, body, sizeof(body)));
}

static void say_little(void)
{
	assert_rc(0, brood_notify(d.b, 1, "x", 1));
}

static void close_all(void)
{
	struct message *m;

	(void)peer_end_hear(&d.peer);
	while ((m = peer_end_take(&d.peer)))
		message_free(m);
	duo_close(&d);
}

/* A reader that sleeps until it is woken, then reads all that comes. */
struct reader {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t change;
	bool may_read;
	atomic_bool has_begun;
};

static struct reader reader = {.lock = PTHREAD_MUTEX_INITIALIZER, .change = PTHREAD_COND_INITIALIZER};

static void *read_when_woken(void *user)
{
	struct message *m;

	(void)user;
	pthread_mutex_lock(&reader.lock);
	while (!reader.may_read)
		pthread_cond_wait(&reader.change, &reader.lock);
	pthread_mutex_unlock(&reader.lock);
	atomic_store(&reader.has_begun, true);
	while ((m = peer_end_wait(&d.peer)))
		message_free(m);
	return NULL;
}

static void start_reader(void)
{
	reader.may_read = false;
	atomic_store(&reader.has_begun, false);
	assert_int_equal(pthread_create(&reader.thread, NULL, read_when_woken, NULL), 0);
}

static void wake_reader(void)
{
	pthread_mutex_lock(&reader.lock);
	reader.may_read = true;
	pthread_cond_signal(&reader.change);
	pthread_mutex_unlock(&reader.lock);
}

/* The reader ends at the end of the handle. */
static void end_reader(void)
{
	brood_close(d.b);
	pthread_join(reader.thread, NULL);
	peer_end_close(&d.peer);
}

static void nothing_to_flush_is_flushed(void **state)
{
	(void)state;
	for (size_t i = 0; i < KINDS; i++) {
		kinds[i]();
		assert_rc(0, brood_flush(d.b, BROOD_FLUSH_SENT, 0));
		assert_rc(0, brood_flush(d.b, BROOD_FLUSH_READ, 0));
		close_all();
	}
}

static void sent_means_that_nothing_waits_in_the_handle(void **state)
{
	(void)state;
	for (size_t i = 0; i < KINDS; i++) {
		kinds[i]();
		say_little();
		assert_rc(0, brood_flush(d.b, BROOD_FLUSH_SENT, 0)); /* nobody has read it */
		say_much();
		assert_rc(-ETIMEDOUT, brood_flush(d.b, BROOD_FLUSH_SENT, 0));
		assert_non_null(strstr(brood_error(), "bytes are not sent"));
		assert_rc(-ETIMEDOUT, brood_flush(d.b, BROOD_FLUSH_SENT, 20));
		start_reader();
		wake_reader();
		assert_rc(0, brood_flush(d.b, BROOD_FLUSH_SENT, -1));
		assert_int_equal(channel_waiting(d.b), 0);
		end_reader();
	}
}

static int unread(void)
{
	int bytes = -1;

	assert_return_code(ioctl(d.peer.in, FIONREAD, &bytes), errno);
	return bytes;
}

/* P13 */
static void read_means_that_the_peer_has_read_every_byte(void **state)
{
	(void)state;
	for (size_t i = 0; i < KINDS; i++) {
		kinds[i]();
		say_little();
		assert_rc(-ETIMEDOUT, brood_flush(d.b, BROOD_FLUSH_READ, 0));
		assert_non_null(strstr(brood_error(), "bytes are not read"));
		start_reader();
		assert_rc(-ETIMEDOUT, brood_flush(d.b, BROOD_FLUSH_READ, 30)); /* it sleeps */
		assert_false(atomic_load(&reader.has_begun));
		say_much();
		assert_rc(-ETIMEDOUT, brood_flush(d.b, BROOD_FLUSH_READ, 30));
		wake_reader();
		assert_rc(0, brood_flush(d.b, BROOD_FLUSH_READ, -1));
		assert_true(atomic_load(&reader.has_begun));
		assert_int_equal(unread(), 0);
		end_reader();
	}
}

static void processed_means_that_the_other_side_says_so(void **state)
{
	(void)state;
	for (size_t i = 0; i < KINDS; i++) {
		struct message *m;

		kinds[i]();
		assert_rc(-ETIMEDOUT, brood_flush(d.b, BROOD_FLUSH_PROCESSED, 20));
		m = duo_expect(&d, FRAME_FLUSH);
		peer_end_say(&d.peer, FRAME_FLUSHED, 0, m->frame.arg); /* too late */
		assert_rc(-ETIMEDOUT, brood_flush(d.b, BROOD_FLUSH_PROCESSED, 20));
		peer_end_say(&d.peer, FRAME_FLUSHED, 0, m->frame.arg + 2); /* of the next one: ahead of time */
		assert_rc(0, brood_flush(d.b, BROOD_FLUSH_PROCESSED, -1));
		message_free(m);
		close_all();
	}
}

static void the_answer_and_the_end_may_come_together(void **state)
{
	(void)state;
	for (size_t i = 0; i < KINDS; i++) {
		kinds[i]();
		peer_end_say(&d.peer, FRAME_FLUSHED, 0, 1);
		peer_end_half_close(&d.peer);
		assert_rc(0, brood_flush(d.b, BROOD_FLUSH_PROCESSED, 1000));
		close_all();
	}
}

static void ping_waits_for_the_sign_of_life(void **state)
{
	(void)state;
	for (size_t i = 0; i < KINDS; i++) {
		struct message *m;

		kinds[i]();
		assert_rc(-ETIMEDOUT, brood_ping(d.b, 20));
		m = duo_expect(&d, FRAME_PING);
		assert_int_equal(m->frame.arg, 1);
		message_free(m);
		peer_end_say(&d.peer, FRAME_PONG, 0, 2);
		assert_rc(0, brood_ping(d.b, 1000));
		close_all();
	}
}

static void a_peer_that_goes_while_we_wait_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < KINDS; i++) {
		kinds[i]();
		peer_end_half_close(&d.peer);
		assert_rc(-ECONNRESET, brood_ping(d.b, -1));
		close_all();
		kinds[i]();
		peer_end_half_close(&d.peer);
		assert_rc(-ECONNRESET, brood_flush(d.b, BROOD_FLUSH_PROCESSED, -1));
		close_all();
		kinds[i]();
		peer_end_close(&d.peer);
		assert_true(brood_ping(d.b, -1) < 0);
		assert_true(brood_flush(d.b, BROOD_FLUSH_READ, -1) < 0);
		brood_close(d.b);
	}
}

static void bytes_that_nobody_will_read_are_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < KINDS; i++) {
		kinds[i]();
		say_much();
		peer_end_close(&d.peer);
		assert_rc(-ECONNRESET, brood_flush(d.b, BROOD_FLUSH_SENT, -1));
		brood_close(d.b);
	}
}

static void on_a_lost_connection_nothing_can_be_flushed(void **state)
{
	(void)state;
	for (size_t i = 0; i < KINDS; i++) {
		kinds[i]();
		peer_end_bytes(&d.peer, "this is no frame at all", 23);
		assert_rc(-EPROTO, duo_step(&d));
		assert_rc(-EPROTO, brood_flush(d.b, BROOD_FLUSH_SENT, -1));
		assert_rc(-EPROTO, brood_ping(d.b, -1));
		close_all();
	}
}

static void an_unknown_level_is_refused(void **state)
{
	(void)state;
	kinds[0]();
	assert_rc(-EINVAL, brood_flush(d.b, (enum brood_flush_level)0, 0));
	assert_rc(-EINVAL, brood_flush(d.b, (enum brood_flush_level)4, 0));
	close_all();
}

static void calls_come_in_while_a_worker_flushes(void **state)
{
	(void)state;
	for (size_t i = 0; i < CLIENT; i++) {
		kept = NULL;
		kinds[i]();
		peer_end_call(&d.peer, 2, NULL, NULL, 0);
		peer_end_say(&d.peer, FRAME_FLUSHED, 0, 1);
		assert_rc(0, brood_flush(d.b, BROOD_FLUSH_PROCESSED, 1000));
		assert_non_null(kept);
		assert_rc(0, brood_reply(kept, NULL, 0));
		close_all();
	}
}

static void what_waits_for_credit_is_not_sent(void **state)
{
	static uint8_t body[2 << 20];

	(void)state;
	open_socket();
	peer_end_call(&d.peer, 2, NULL, NULL, 0);
	assert_int_equal(duo_step(&d), 0);
	assert_rc(0, brood_reply(kept, body, sizeof(body)));
	(void)duo_step(&d);
	assert_rc(-ETIMEDOUT, brood_flush(d.b, BROOD_FLUSH_SENT, 0));
	assert_int_equal(channel_waiting(d.b), sizeof(body) - BROOD_STREAM_WINDOW);
	peer_end_say(&d.peer, FRAME_WINDOW, 2, sizeof(body));
	start_reader();
	wake_reader();
	assert_rc(0, brood_flush(d.b, BROOD_FLUSH_SENT, -1));
	assert_rc(0, brood_flush(d.b, BROOD_FLUSH_READ, -1));
	end_reader();
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(nothing_to_flush_is_flushed),
	cmocka_unit_test(sent_means_that_nothing_waits_in_the_handle),
	cmocka_unit_test(read_means_that_the_peer_has_read_every_byte),
	cmocka_unit_test(processed_means_that_the_other_side_says_so),
	cmocka_unit_test(the_answer_and_the_end_may_come_together),
	cmocka_unit_test(ping_waits_for_the_sign_of_life),
	cmocka_unit_test(a_peer_that_goes_while_we_wait_is_told),
	cmocka_unit_test(bytes_that_nobody_will_read_are_told),
	cmocka_unit_test(on_a_lost_connection_nothing_can_be_flushed),
	cmocka_unit_test(an_unknown_level_is_refused),
	cmocka_unit_test(calls_come_in_while_a_worker_flushes),
	cmocka_unit_test(what_waits_for_credit_is_not_sent),
};

CHECK_MAIN(tests)
