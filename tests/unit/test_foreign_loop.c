/* foreign_loop: brood_fd() wakes a loop of one's own when there is something to do, and only then. */
#include "duo.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { ALWAYS = 1000 }; /* so many wake-ups in a row are a loop that spins */

static struct duo d;
static brood_request_t *kept[200];
static size_t kept_count;
static unsigned answered;

static void keep(brood_request_t *request, void *user)
{
	(void)user;
	kept[kept_count++] = request;
}

static void take(uint32_t id, const struct brood_answer *answer, void *user)
{
	(void)id;
	(void)answer;
	(void)user;
	answered++;
}

static bool is_awake(void)
{
	struct pollfd p = {.fd = brood_fd(d.b), .events = brood_events(d.b)};

	assert_return_code(p.fd, errno);
	return poll(&p, 1, 0) > 0 || brood_timeout(d.b) == 0;
}

/* Steps as long as the handle asks for it; *rc_out is what the last step said. Returns how many it took. */
static unsigned drive_to(int *rc_out)
{
	unsigned steps = 0;

	*rc_out = 0;
	while (*rc_out == 0 && is_awake()) {
		*rc_out = brood_process(d.b);
		assert_in_range(++steps, 1, ALWAYS);
	}
	return steps;
}

static unsigned drive(void)
{
	int rc;
	unsigned steps = drive_to(&rc);

	assert_rc(0, rc);
	return steps;
}

static void open_worker(void)
{
	kept_count = 0;
	duo_worker(&d, keep, NULL, &(struct brood_worker_options){.slots = 126});
	(void)drive();
}

static void open_client(void)
{
	answered = 0;
	duo_client_again(&d, NULL);
	(void)drive();
}

static void who_has_nothing_to_do_sleeps(void **state)
{
	(void)state;
	open_worker();
	assert_int_equal(drive(), 0);
	assert_int_equal(brood_timeout(d.b), -1);
	assert_int_equal(brood_fd(d.b), brood_fd(d.b));
	assert_int_equal(brood_events(d.b), POLLIN);
	duo_close(&d);
	open_client();
	assert_int_equal(drive(), 0);
	assert_int_equal(brood_timeout(d.b), -1);
	duo_close(&d);
}

static void one_call_is_one_step_for_a_worker(void **state)
{
	(void)state;
	open_worker();
	for (size_t i = 0; i < 100; i++) {
		peer_end_call(&d.peer, 2, NULL, NULL, 0);
		assert_int_equal(drive(), 1);
		assert_int_equal(kept_count, 1);
		assert_rc(0, brood_reply(kept[0], NULL, 0));
		assert_in_range(drive(), 0, 1); /* perhaps the answer looked for work */
		kept_count = 0;
		peer_end_skip(&d.peer, FRAME_REPLY);
	}
	duo_close(&d);
}

static void one_answer_is_one_step_for_a_client(void **state)
{
	(void)state;
	open_client();
	for (unsigned i = 0; i < 100; i++) {
		uint32_t id;

		assert_rc(0, brood_call_start(d.b, "m", NULL, 0, NULL, take, NULL, &id));
		peer_end_skip(&d.peer, FRAME_CALL); /* it has left without a step */
		assert_int_equal(drive(), 0);
		peer_end_reply(&d.peer, id, 0, NULL, 0);
		assert_int_equal(drive(), 1);
		assert_int_equal(answered, i + 1);
	}
	duo_close(&d);
}

static size_t hear_bytes(void)
{
	size_t n = peer_end_hear(&d.peer);
	struct message *m;

	while ((m = peer_end_take(&d.peer)))
		message_free(m);
	return n;
}

static void a_full_socket_wakes_when_there_is_room_and_not_before(void **state)
{
	static uint8_t body[900000];
	size_t came = 0;

	(void)state;
	open_worker();
	peer_end_call(&d.peer, 2, NULL, NULL, 0);
	(void)drive();
	assert_rc(0, brood_reply(kept[0], body, sizeof(body)));
	(void)drive();
	for (int i = 0; i < 50; i++)
		assert_int_equal(drive(), 0);
	while (came < sizeof(body)) {
		size_t n = hear_bytes();

		assert_true(n > 0);
		came += n;
		assert_in_range(drive(), 0, 20);
	}
	assert_int_equal(drive(), 0);
	duo_close(&d);
}

static void waiting_for_credit_is_no_work(void **state)
{
	static uint8_t body[3 << 20];
	size_t came = 0;

	(void)state;
	open_worker();
	peer_end_call(&d.peer, 2, NULL, NULL, 0);
	(void)drive();
	assert_rc(0, brood_reply(kept[0], body, sizeof(body)));
	while (came < BROOD_STREAM_WINDOW) {
		came += hear_bytes();
		(void)drive();
	}
	assert_int_equal(drive(), 0);
	peer_end_say(&d.peer, FRAME_WINDOW, 2, 1 << 20);
	assert_in_range(drive(), 1, 3);
	assert_true(hear_bytes() > 0);
	duo_close(&d);
}

static void a_hang_up_that_is_known_is_no_work(void **state)
{
	int rc;

	(void)state;
	open_worker();
	peer_end_call(&d.peer, 2, NULL, NULL, 0);
	peer_end_half_close(&d.peer);
	assert_in_range(drive(), 1, 3);
	assert_int_equal(drive(), 0);
	peer_end_close(&d.peer); /* now both directions are gone */
	assert_int_equal(drive(), 0);
	(void)brood_reply(kept[0], NULL, 0);
	assert_in_range(drive_to(&rc), 1, 2);
	assert_int_equal(rc, 1);
	brood_close(d.b);
}

static void the_last_answer_of_another_thread_wakes(void **state)
{
	int rc;

	(void)state;
	open_worker();
	peer_end_call(&d.peer, 2, NULL, NULL, 0);
	peer_end_say(&d.peer, FRAME_GOAWAY, 0, REASON_DRAINING);
	(void)drive();
	assert_false(is_awake());
	assert_rc(0, brood_reply(kept[0], NULL, 0));
	assert_true(is_awake());
	assert_in_range(drive_to(&rc), 1, 2);
	assert_int_equal(rc, 1);
	peer_end_skip(&d.peer, FRAME_REPLY);
	duo_close(&d);
}

static void brood_stop_wakes(void **state)
{
	(void)state;
	open_worker();
	brood_stop(d.b);
	assert_true(is_awake());
	assert_in_range(drive(), 1, 2);
	peer_end_skip(&d.peer, FRAME_SLOTS);
	peer_end_skip(&d.peer, FRAME_FLUSH);
	assert_int_equal(drive(), 0);
	duo_close(&d);
}

static void many_wakes_at_once_are_one_and_none_is_lost(void **state)
{
	(void)state;
	open_client();
	for (int i = 0; i < 3; i++) {
		channel_wake(d.b);
		channel_wake(d.b);
		assert_true(is_awake());
		assert_int_equal(drive(), 1);
		assert_false(is_awake());
	}
	duo_close(&d);
}

static void a_lost_client_sleeps(void **state)
{
	int rc;

	(void)state;
	open_client();
	peer_end_close(&d.peer);
	assert_in_range(drive_to(&rc), 1, 2);
	assert_rc(-ECONNRESET, rc);
	assert_int_equal(drive(), 0);
	d.connects = 0; /* the peer is closed already */
	duo_close(&d);
}

static void a_copy_of_the_descriptor_in_other_hands_does_not_keep_it_awake(void **state)
{
	int copy;
	int rc;

	(void)state;
	open_client();
	copy = fcntl(d.b->in, F_DUPFD_CLOEXEC, 0); /* as a forked child has one */
	assert_return_code(copy, errno);
	peer_end_half_close(&d.peer);
	(void)drive_to(&rc);
	assert_rc(-ECONNRESET, rc);
	assert_int_equal(drive(), 0);
	close(copy);
	duo_close(&d);
}

static void a_deadline_is_in_the_timeout(void **state)
{
	uint32_t id;

	(void)state;
	open_client();
	assert_rc(0, brood_call_start(d.b, "m", NULL, 0, &(struct brood_call_options){.timeout = 10000},
				      take, NULL, &id));
	assert_in_range(brood_timeout(d.b), 9000, 10500);
	assert_int_equal(drive(), 0);
	peer_end_reply(&d.peer, id, 0, NULL, 0);
	assert_int_equal(drive(), 1);
	d.b->next_deadline = now_ms() - 1; /* of a call that is long answered */
	assert_int_equal(drive(), 1);
	assert_int_equal(brood_timeout(d.b), -1);
	peer_end_skip(&d.peer, FRAME_CALL);
	duo_close(&d);
}

static void *call_much(void *user)
{
	static uint8_t body[200000];
	struct peer_end *peer = user;

	for (uint32_t id = 2; id <= 60; id += 2)
		peer_end_call(peer, id, NULL, body, sizeof(body));
	return NULL;
}

static void more_than_a_step_reads_wakes_again(void **state)
{
	pthread_t thread;

	(void)state;
	open_worker();
	assert_int_equal(pthread_create(&thread, NULL, call_much, &d.peer), 0);
	while (kept_count < 30)
		(void)drive();
	pthread_join(thread, NULL);
	for (size_t i = 0; i < kept_count; i++)
		assert_rc(0, brood_reply(kept[i], NULL, 0));
	(void)drive();
	(void)hear_bytes();
	duo_close(&d);
}

/* The same conversation, driven once by brood_run() and once by a loop of one's own. */
static void *converse(void *user)
{
	struct peer_end *peer = user;

	for (uint32_t id = 2; id <= 400; id += 2) {
		struct message *m;

		peer_end_call(peer, id, "m", &id, sizeof(id));
		m = peer_end_expect(peer, FRAME_REPLY);
		PEER_CHECK(m->frame.id == id && memcmp(m->frame.body, &id, sizeof(id)) == 0);
		message_free(m);
	}
	peer_end_half_close(peer);
	peer_end_expect_end(peer);
	return NULL;
}

static void echo(brood_request_t *request, void *user)
{
	size_t size;
	const void *body = brood_request_body(request, &size);

	(void)user;
	(void)brood_reply(request, body, size);
}

static unsigned run_foreign(brood_t *b)
{
	struct pollfd p = {.fd = brood_fd(b)};
	unsigned steps = 0;
	int rc;

	do {
		p.events = brood_events(b);
		(void)poll(&p, 1, brood_timeout(b));
		rc = brood_process(b);
		steps++;
	} while (rc == 0);
	assert_int_equal(rc, 1);
	return steps;
}

static void it_does_the_same_as_brood_run(void **state)
{
	(void)state;
	for (int foreign = 0; foreign < 2; foreign++) {
		pthread_t thread;

		duo_worker(&d, echo, NULL, NULL);
		assert_int_equal(pthread_create(&thread, NULL, converse, &d.peer), 0);
		if (foreign)
			assert_in_range(run_foreign(d.b), 1, 2 * 200 + 5);
		else
			assert_rc(0, brood_run(d.b));
		brood_close(d.b);
		pthread_join(thread, NULL);
		peer_end_close(&d.peer);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(who_has_nothing_to_do_sleeps),
	cmocka_unit_test(one_call_is_one_step_for_a_worker),
	cmocka_unit_test(one_answer_is_one_step_for_a_client),
	cmocka_unit_test(a_full_socket_wakes_when_there_is_room_and_not_before),
	cmocka_unit_test(waiting_for_credit_is_no_work),
	cmocka_unit_test(a_hang_up_that_is_known_is_no_work),
	cmocka_unit_test(the_last_answer_of_another_thread_wakes),
	cmocka_unit_test(brood_stop_wakes),
		cmocka_unit_test(many_wakes_at_once_are_one_and_none_is_lost),
	cmocka_unit_test(a_lost_client_sleeps),
	cmocka_unit_test(a_copy_of_the_descriptor_in_other_hands_does_not_keep_it_awake),
	cmocka_unit_test(a_deadline_is_in_the_timeout),
	cmocka_unit_test(more_than_a_step_reads_wakes_again),
	cmocka_unit_test(it_does_the_same_as_brood_run),
};

CHECK_MAIN(tests)
