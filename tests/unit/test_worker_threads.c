/*
 * worker_threads: requests answered by many threads while the loop runs; also under ThreadSanitizer.
 *
 * The peer checks that each call is answered once and with its own bytes.
 */
#include "duo.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "dice.h"

enum { THREADS = 8, CALLS = 3000, IN_FLIGHT = 100, LONG = 200000 };

/* Requests on their way to the threads. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t more;
	brood_request_t *waiting[IN_FLIGHT];
	size_t count;
	bool ended;
} queue = {.lock = PTHREAD_MUTEX_INITIALIZER, .more = PTHREAD_COND_INITIALIZER};

static void put(brood_request_t *request, void *user)
{
	(void)user;
	pthread_mutex_lock(&queue.lock);
	PEER_CHECK(queue.count < IN_FLIGHT);
	queue.waiting[queue.count++] = request;
	pthread_cond_signal(&queue.more);
	pthread_mutex_unlock(&queue.lock);
}

static brood_request_t *get(void)
{
	brood_request_t *request = NULL;

	pthread_mutex_lock(&queue.lock);
	while (queue.count == 0 && !queue.ended)
		pthread_cond_wait(&queue.more, &queue.lock);
	if (queue.count > 0)
		request = queue.waiting[--queue.count];
	pthread_mutex_unlock(&queue.lock);
	return request;
}

static void end_queue(bool ended)
{
	pthread_mutex_lock(&queue.lock);
	queue.ended = ended;
	pthread_cond_broadcast(&queue.more);
	pthread_mutex_unlock(&queue.lock);
}

/* All that may be asked of a request in any thread. */
static void look_at(brood_request_t *request)
{
	struct brood_peer peer;
	struct brood_meta meta;
	size_t size;

	PEER_CHECK(strcmp(brood_request_method(request), "m") == 0);
	PEER_CHECK(brood_request_method_number(request) == 0);
	PEER_CHECK(brood_request_meta(request, 0, &meta) == -ENOENT);
	PEER_CHECK(!brood_request_find(request, "k", &size));
	PEER_CHECK(brood_request_time_left(request) == -1);
	PEER_CHECK(brood_request_attempt(request) == 1);
	PEER_CHECK(brood_request_worker(request));
	brood_request_peer(request, &peer);
	(void)brood_request_is_cancelled(request);
}

/* A third of the answers is long, a third an error. */
static void answer(brood_request_t *request)
{
	size_t size;
	uint32_t id;

	look_at(request);
	PEER_CHECK(brood_request_body(request, &size) && size == sizeof(id));
	memcpy(&id, brood_request_body(request, &size), sizeof(id));
	if (id % 3 == 0) {
		uint32_t *body = malloc(LONG);

		for (size_t i = 0; i < LONG / sizeof(id); i++)
			body[i] = id;
		(void)brood_reply(request, body, LONG);
		free(body);
	} else if (id % 3 == 1) {
		(void)brood_reply_error(request, BROOD_ABORTED, "%u", id);
	} else {
		(void)brood_reply(request, &id, sizeof(id));
	}
}

static void *work(void *user)
{
	brood_request_t *request;

	(void)user;
	while ((request = get()))
		answer(request);
	return NULL;
}

/* The supervisor's side. */
struct caller {
	struct peer_end peer;
	struct dice dice;
	uint32_t called;
	atomic_uint answered;
	bool cancels;
	bool hangs_up;           /* in the middle */
	bool falls_silent;       /* in the middle: closes its direction, and hears the rest */
	size_t came[CALLS + 1];  /* body bytes by number of the call */
	bool is_done[CALLS + 1];
};

static struct caller caller;

static uint32_t number_of(uint32_t id)
{
	return id / 2;
}

static void check_bytes(uint32_t id, const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i + sizeof(id) <= size; i += 50 * sizeof(id))
		PEER_CHECK(memcmp(bytes + i, &id, sizeof(id)) == 0);
}

static void check_end(struct caller *c, const struct message *m)
{
	uint32_t n = number_of(m->frame.id);
	char text[16];

	PEER_CHECK(!c->is_done[n]);
	c->is_done[n] = true;
	c->answered++;
	snprintf(text, sizeof(text), "%u", m->frame.id);
	if (m->frame.id % 3 == 0)
		PEER_CHECK(m->frame.arg == 0 && c->came[n] == LONG);
	else if (m->frame.id % 3 == 1)
		PEER_CHECK(m->frame.arg == BROOD_ABORTED && peer_end_has_text(m, ":error", text));
	else
		PEER_CHECK(m->frame.arg == 0 && c->came[n] == sizeof(uint32_t));
}

static void hear_one(struct caller *c)
{
	struct message *m = peer_end_wait(&c->peer);
	uint32_t n;

	PEER_CHECK(m);
	n = number_of(m->frame.id);
	PEER_CHECK(n <= c->called);
	if (m->frame.type == FRAME_DATA || m->frame.type == FRAME_REPLY) {
		check_bytes(m->frame.id, m->frame.body, m->frame.body_size);
		c->came[n] += m->frame.body_size;
	}
	if (m->frame.type == FRAME_DATA) {
		peer_end_say(&c->peer, FRAME_WINDOW, 0, m->frame.body_size);
		peer_end_say(&c->peer, FRAME_WINDOW, m->frame.id, m->frame.body_size);
	} else if (m->frame.type == FRAME_REPLY) {
		check_end(c, m);
	}
	message_free(m);
}

static void call_one(struct caller *c)
{
	uint32_t id = 2 * ++c->called;

	peer_end_call(&c->peer, id, "m", &id, sizeof(id));
	if (c->cancels && dice_once_in(&c->dice, 4))
		peer_end_say(&c->peer, FRAME_CANCEL, 2 + 2 * (uint32_t)dice_below(&c->dice, c->called),
			     frame_status_of(REASON_CANCELLED));
}

static void *call_all(void *user)
{
	struct caller *c = user;
	uint32_t calls = c->falls_silent ? CALLS / 2 : CALLS;

	while (c->answered < calls) {
		if (c->hangs_up && c->answered > CALLS / 2) {
			peer_end_close(&c->peer);
			return NULL;
		}
		if (c->falls_silent && c->called == calls)
			peer_end_half_close(&c->peer);
		if (c->called < calls && c->called - c->answered < IN_FLIGHT &&
		    (c->called == c->answered || dice_once_in(&c->dice, 2)))
			call_one(c);
		else
			hear_one(c);
	}
	peer_end_half_close(&c->peer);
	peer_end_expect_end(&c->peer);
	peer_end_close(&c->peer);
	return NULL;
}

static brood_t *open_worker(void)
{
	struct hello offer = peer_end_offer();
	brood_t *b;
	int fds[2];

	memset(&caller.came, 0, sizeof(caller.came));
	memset(&caller.is_done, 0, sizeof(caller.is_done));
	caller.called = 0;
	atomic_store(&caller.answered, 0);
	caller.cancels = caller.hangs_up = caller.falls_silent = false;
	caller.dice = dice_open();
	duo_pair(fds);
	duo_channel(fds[1], fds[1]);
	peer_end_open(&caller.peer, fds[0], fds[0]);
	offer.conn_window = 500000; /* so that long answers wait for each other */
	offer.stream_window = 100000;
	peer_end_greet(&caller.peer, FRAME_HELLO, &offer);
	assert_rc(0, brood_worker_open(&b, put, NULL, &(struct brood_worker_options){.slots = IN_FLIGHT}));
	peer_end_skip(&caller.peer, FRAME_WELCOME);
	peer_end_skip(&caller.peer, FRAME_SLOTS);
	return b;
}

static void start_threads(pthread_t threads[THREADS + 1])
{
	end_queue(false);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, work, NULL), 0);
	assert_int_equal(pthread_create(&threads[THREADS], NULL, call_all, &caller), 0);
}

static void join_threads(pthread_t threads[THREADS + 1])
{
	pthread_join(threads[THREADS], NULL);
	end_queue(true);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

static void run_foreign(brood_t *b)
{
	struct pollfd p = {.events = POLLIN};
	int rc;

	while ((rc = brood_process(b)) == 0 && caller.answered == 0)
		; /* threads are at work before anybody asks for the descriptor */
	do {
		p.fd = brood_fd(b);
		p.events = brood_events(b);
		(void)poll(&p, 1, brood_timeout(b));
		rc = brood_process(b);
	} while (rc == 0);
	assert_int_equal(rc, 1);
}

static void answers_of_many_threads_all_arrive(void **state)
{
	pthread_t threads[THREADS + 1];
	brood_t *b = open_worker();

	(void)state;
	caller.cancels = true;
	start_threads(threads);
	assert_rc(0, brood_run(b));
	brood_close(b);
	join_threads(threads);
	assert_int_equal(caller.answered, CALLS);
}

static void answers_of_many_threads_all_arrive_in_a_loop_of_ones_own(void **state)
{
	pthread_t threads[THREADS + 1];
	int small = 1;
	brood_t *b = open_worker();

	(void)state;
	assert_return_code(setsockopt(b->out, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)), errno);
	start_threads(threads);
	run_foreign(b);
	brood_close(b);
	join_threads(threads);
	assert_int_equal(caller.answered, CALLS);
}

static void answers_that_are_under_way_when_the_supervisor_falls_silent_all_arrive(void **state)
{
	pthread_t threads[THREADS + 1];
	int small = 1;
	brood_t *b = open_worker();

	(void)state;
	caller.falls_silent = true;
	assert_return_code(setsockopt(b->out, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)), errno);
	start_threads(threads);
	run_foreign(b);
	brood_close(b);
	join_threads(threads);
	assert_int_equal(caller.answered, CALLS / 2);
}

static void threads_may_answer_after_the_supervisor_has_gone(void **state)
{
	pthread_t threads[THREADS + 1];
	brood_t *b = open_worker();

	(void)state;
	caller.hangs_up = true;
	start_threads(threads);
	(void)brood_run(b);
	brood_close(b); /* some requests are still in the queue, or in a thread */
	join_threads(threads);
	assert_int_equal(queue.count, 0);
}

/* Holds the requests back until the handle has been closed. */
static void threads_may_answer_while_the_handle_is_closed(void **state)
{
	pthread_t threads[THREADS];
	brood_t *b = open_worker();

	(void)state;
	for (int i = 0; i < IN_FLIGHT; i++)
		call_one(&caller);
	while (queue.count < IN_FLIGHT)
		assert_int_equal(brood_process(b), 0);
	end_queue(true); /* each ends when the queue is empty */
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, work, NULL), 0);
	brood_close(b);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	(void)peer_end_hear(&caller.peer);
	peer_end_close(&caller.peer);
}

static void *stop(void *user)
{
	brood_stop(user);
	return NULL;
}

/* The supervisor answers the barrier of a worker that leaves. */
static void *answer_barrier(void *user)
{
	struct caller *c = user;
	struct message *m = peer_end_wait(&c->peer);

	while (m && m->frame.type != FRAME_FLUSH) {
		message_free(m);
		m = peer_end_wait(&c->peer);
	}
	PEER_CHECK(m);
	peer_end_say(&c->peer, FRAME_FLUSHED, 0, m->frame.arg);
	message_free(m);
	return NULL;
}

static void many_threads_may_stop_at_once(void **state)
{
	pthread_t threads[THREADS + 1];
	brood_t *b = open_worker();

	(void)state;
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, stop, b), 0);
	assert_int_equal(pthread_create(&threads[THREADS], NULL, answer_barrier, &caller), 0);
	assert_rc(0, brood_run(b));
	for (size_t i = 0; i <= THREADS; i++)
		pthread_join(threads[i], NULL);
	brood_close(b);
	peer_end_close(&caller.peer);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(answers_of_many_threads_all_arrive),
	cmocka_unit_test(answers_of_many_threads_all_arrive_in_a_loop_of_ones_own),
	cmocka_unit_test(answers_that_are_under_way_when_the_supervisor_falls_silent_all_arrive),
	cmocka_unit_test(threads_may_answer_after_the_supervisor_has_gone),
	cmocka_unit_test(threads_may_answer_while_the_handle_is_closed),
	cmocka_unit_test(many_threads_may_stop_at_once),
};

CHECK_MAIN(tests)
