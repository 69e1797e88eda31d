/* callee: connections of a worker to other pools: asked for on its channel, in any thread, again when they are lost. */
#include "duo.h"

#include <errno.h>
#include <pthread.h>
#include <sys/socket.h>

enum { SOON_MS = 30 };

static struct duo d;
static struct peer_end pool; /* the other end of the last connection that was given */
static brood_t *client;
static int open_before;

/* What the handler does, and what it has seen. */
static struct {
	bool connects;
	int rc;
	unsigned depth;
	unsigned deepest;
	uint32_t order[8];
	size_t count;
} seen;

static void handle(brood_request_t *request, void *user)
{
	(void)user;
	seen.deepest = ++seen.depth > seen.deepest ? seen.depth : seen.deepest;
	seen.order[seen.count++] = brood_request_method_number(request);
	if (seen.connects) {
		seen.connects = false;
		seen.rc = brood_connect_pool(&client, brood_request_worker(request), "b", NULL);
	}
	brood_reply(request, NULL, 0);
	seen.depth--;
}

static void on_notify(uint32_t topic, const void *body, size_t size, void *user)
{
	(void)topic;
	(void)body;
	(void)size;
	(void)user;
	seen.rc = brood_connect_pool(&client, d.b, "b", &(struct brood_client_options){.timeout = SOON_MS});
}

static int open_worker(void **state)
{
	struct hello offer = peer_end_offer();

	(void)state;
	memset(&seen, 0, sizeof(seen));
	client = NULL;
	open_before = check_open_fds();
	offer.features |= FEATURE_FDS | FEATURE_CALLS;
	duo_worker_with(&d, handle, NULL, &(struct brood_worker_options){.slots = 4, .on_notify = on_notify}, &offer);
	return 0;
}

static int close_worker(void **state)
{
	(void)state;
	brood_close(client);
	if (d.b)
		duo_close(&d);
	assert_int_equal(check_open_fds(), open_before);
	return 0;
}

/* REPLY to CONNECT, before it is asked, with a descriptor or none. */
static void answer(uint32_t id, uint32_t status, int fd, const char *text)
{
	uint8_t block[200];
	struct head_writer w = {.block = block, .capacity = sizeof(block)};
	struct frame f = {.type = FRAME_REPLY, .flags = FLAG_EOM | FLAG_EOS, .id = id, .arg = status, .head = block};

	assert_true(!text || head_add_text(&w, ":error", text));
	f.head_size = (uint32_t)w.size;
	f.nfds = fd >= 0 ? 1 : status == 0 ? FRAME_FDS_UNSENT : 0;
	peer_end_frame_fds(&d.peer, &f, &fd, fd >= 0);
}

/* A connection is given as soon as it is asked for, and whoever is there says WELCOME. */
static void give(uint32_t id)
{
	struct hello offer = peer_end_offer();
	int fds[2];

	duo_pair(fds);
	answer(id, 0, fds[1], NULL);
	close(fds[1]);
	peer_end_open(&pool, fds[0], fds[0]);
	peer_end_greet(&pool, FRAME_WELCOME, &offer);
}

static void expect_asked(uint32_t id, const char *name)
{
	struct message *m = peer_end_expect(&d.peer, FRAME_CONNECT);

	assert_int_equal(m->frame.id, id);
	assert_true(peer_end_has_text(m, ":pool", name));
	message_free(m);
}

static void connect_first(void)
{
	give(1);
	assert_rc(0, brood_connect_pool(&client, d.b, "b", NULL));
	expect_asked(1, "b");
	peer_end_skip(&pool, FRAME_HELLO);
}

static void close_pool(void)
{
	brood_close(client);
	client = NULL;
	peer_end_close(&pool);
}

static void ask_well(uint32_t id)
{
	struct brood_answer a;

	peer_end_reply(&pool, id, 0, "yes", 3);
	assert_rc(0, brood_call(client, "m", "body", 4, NULL, &a));
	assert_int_equal(a.code, BROOD_OK);
	assert_int_equal(a.body_size, 3);
	brood_answer_free(&a);
	peer_end_skip(&pool, FRAME_CALL);
}

static void what_is_given_is_a_client(void **state)
{
	(void)state;
	connect_first();
	ask_well(1);
	ask_well(3);
	close_pool();
}

static void a_refusal_is_told_with_its_words(void **state)
{
	static const struct {
		enum frame_reason reason;
		int rc;
	} refusals[] = {{REASON_DENIED, -EACCES},
			{REASON_NO_POOL, -ENOENT},
			{REASON_OVERLOADED, -EBUSY},
			{REASON_UNSUPPORTED, -EOPNOTSUPP},
			{REASON_INTERNAL, -ECONNRESET}};
	uint32_t id = 1;

	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++, id += 2) {
		answer(id, frame_status_of(refusals[i].reason), -1, "the sentence");
		assert_rc(refusals[i].rc, brood_connect_pool(&client, d.b, "b", NULL));
		assert_null(client);
		assert_string_equal(brood_error(), "cannot call b: the sentence");
		expect_asked(id, "b");
	}
}

static void a_socket_that_is_lost_on_the_way_is_told(void **state)
{
	(void)state;
	answer(1, 0, -1, NULL);
	assert_rc(-EMFILE, brood_connect_pool(&client, d.b, "b", NULL));
	assert_non_null(strstr(brood_error(), "did not arrive"));
	expect_asked(1, "b");
}

/* An answer that comes too late is nobody's, and what it brings is closed. */
static void nobody_waits_for_ever(void **state)
{
	(void)state;
	assert_rc(-ETIMEDOUT,
		  brood_connect_pool(&client, d.b, "b", &(struct brood_client_options){.timeout = SOON_MS}));
	expect_asked(1, "b");
	give(1);
	duo_expect_silence(&d);
	peer_end_expect_end(&pool);
	peer_end_close(&pool);
}

static void the_end_of_the_channel_ends_the_waiting(void **state)
{
	(void)state;
	peer_end_half_close(&d.peer);
	assert_rc(-ENOTCONN, brood_connect_pool(&client, d.b, "b", NULL));
	expect_asked(1, "b");
	assert_rc(-ENOTCONN, brood_connect_pool(&client, d.b, "b", NULL)); /* it is not even asked */
}

static void who_cannot_ask_is_told_so(void **state)
{
	struct duo old;
	brood_t *other;

	(void)state;
	connect_first();
	assert_rc(-EINVAL, brood_connect_pool(&other, client, "b", NULL));
	assert_null(other);
	assert_rc(-EINVAL, brood_connect_pool(&other, NULL, "b", NULL)); /* as after brood_worker_open() has failed */
	assert_rc(-EINVAL, brood_connect_pool(&other, d.b, NULL, NULL));
	assert_rc(-EINVAL, brood_connect_pool(&other, d.b, "", NULL));
	close_pool();
	duo_close(&d);
	duo_worker(&old, handle, NULL, NULL);
	assert_rc(-EOPNOTSUPP, brood_connect_pool(&client, old.b, "b", NULL));
	duo_close(&old);
}

/* In a handler: what comes meanwhile is taken; calls wait until it has returned, in order. */
static void a_handler_that_waits_is_not_entered_again(void **state)
{
	struct message *m;

	(void)state;
	seen.connects = true;
	for (uint32_t i = 1; i <= 3; i++)
		peer_end_frame(&d.peer, &(struct frame){.type = FRAME_CALL, .flags = FLAG_EOM | FLAG_EOS, .id = 2 * i,
							.arg = i});
	peer_end_say(&d.peer, FRAME_PING, 0, 77);
	give(1);
	assert_int_equal(duo_step(&d), 0);
	assert_rc(0, seen.rc);
	assert_int_equal(seen.deepest, 1);
	assert_int_equal(seen.count, 3);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(seen.order[i], i + 1);
	expect_asked(1, "b");
	m = duo_expect(&d, FRAME_PONG); /* before any answer */
	assert_int_equal(m->frame.arg, 77);
	message_free(m);
	for (int i = 0; i < 3; i++)
		duo_skip(&d, FRAME_REPLY);
	peer_end_skip(&pool, FRAME_HELLO);
	close_pool();
}

/* Between two steps: calls wait for the next one, and whoever drives the worker is told to make it. */
static void calls_wait_for_the_next_step(void **state)
{
	(void)state;
	peer_end_call(&d.peer, 2, "m", "", 0);
	connect_first();
	assert_int_equal(seen.count, 0);
	assert_int_equal(brood_timeout(d.b), 0);
	assert_int_equal(brood_process(d.b), 0);
	assert_int_equal(seen.count, 1);
	assert_int_equal(brood_timeout(d.b), -1);
	duo_skip(&d, FRAME_REPLY);
	/* waiting for an answer does the same */
	peer_end_call(&d.peer, 4, "m", "", 0);
	ask_well(1);
	ask_well(3);
	assert_int_equal(seen.count, 1);
	assert_int_equal(brood_process(d.b), 0);
	assert_int_equal(seen.count, 2);
	duo_skip(&d, FRAME_REPLY);
	close_pool();
}

/* They are its last concern where no further step is made. */
static void calls_that_wait_go_with_the_worker(void **state)
{
	(void)state;
	peer_end_call(&d.peer, 2, "m", "", 0);
	peer_end_say(&d.peer, FRAME_FLUSH, 0, 5);
	connect_first();
	duo_close(&d);
	assert_int_equal(seen.count, 0);
	close_pool();
}

static void other_callbacks_may_not_wait(void **state)
{
	(void)state;
	peer_end_frame(&d.peer, &(struct frame){.type = FRAME_NOTIFY, .arg = 1});
	assert_int_equal(duo_step(&d), 0);
	assert_rc(-EDEADLK, seen.rc);
	expect_asked(1, "b");
}

static void *connect_there(void *worker)
{
	int rc = brood_connect_pool(&client, worker, "b", NULL);

	PEER_CHECK(rc == 0);
	return NULL;
}

/* In another thread, while this one drives the worker. */
static void any_thread_may_ask(void **state)
{
	struct message *m;
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, connect_there, d.b), 0);
	m = peer_end_expect(&d.peer, FRAME_CONNECT);
	give(m->frame.id);
	message_free(m);
	while (pthread_tryjoin_np(thread, NULL) != 0)
		assert_int_equal(duo_step(&d), 0);
	peer_end_skip(&pool, FRAME_HELLO);
	ask_well(1);
	close_pool();
}

static void take(uint32_t id, const struct brood_answer *a, void *user)
{
	(void)id;
	*(unsigned *)user = a->code;
}

static void a_lost_connection_is_asked_for_again(void **state)
{
	unsigned code = 99;
	struct message *m;

	(void)state;
	connect_first();
	peer_end_close(&pool);
	give(3);
	assert_rc(0, brood_call_start(client, "m", "x", 1, NULL, take, &code, NULL));
	expect_asked(3, "b");
	peer_end_skip(&pool, FRAME_HELLO);
	m = peer_end_expect(&pool, FRAME_CALL);
	peer_end_reply(&pool, m->frame.id, 0, "yes", 3);
	message_free(m);
	assert_int_equal(brood_process(client), 0);
	assert_int_equal(code, BROOD_OK);
	close_pool();
}

/* What was open on it is told so, and whether it may have run. */
static void what_was_open_says_whether_it_may_have_run(void **state)
{
	struct brood_answer a;

	(void)state;
	connect_first();
	peer_end_half_close(&pool);
	assert_rc(-ECONNRESET, brood_call(client, "m", "x", 1, NULL, &a));
	assert_int_equal(a.code, BROOD_UNAVAILABLE);
	assert_int_equal(a.reason, BROOD_REASON_CONNECTION_LOST);
	assert_false(a.not_processed);
	assert_non_null(strstr(a.text, "the connection to b is lost"));
	assert_non_null(strstr(a.text, "this call may have run"));
	brood_answer_free(&a);
	peer_end_skip(&pool, FRAME_CALL);
	close_pool();
}

/* An instance that has the socket, and ends before it has answered, is not the last one. */
static void an_end_before_the_welcome_is_asked_for_again(void **state)
{
	pthread_t thread;
	int fds[2];

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, connect_there, d.b), 0);
	expect_asked(1, "b");
	duo_pair(fds);
	answer(1, 0, fds[1], NULL);
	close(fds[0]);
	close(fds[1]);
	assert_int_equal(duo_step(&d), 0);
	expect_asked(3, "b");
	give(3);
	while (pthread_tryjoin_np(thread, NULL) != 0)
		assert_int_equal(duo_step(&d), 0);
	peer_end_skip(&pool, FRAME_HELLO);
	ask_well(1);
	close_pool();
}

static void the_worker_may_be_closed_first(void **state)
{
	struct brood_answer a;

	(void)state;
	connect_first();
	duo_close(&d);
	ask_well(1);
	peer_end_close(&pool);
	assert_rc(-ENOTCONN, brood_call(client, "m", "x", 1, NULL, &a));
	assert_true(a.not_processed);
	brood_answer_free(&a);
	brood_close(client);
	client = NULL;
}

/* ------------------------------------------------------------- inherited deadlines */

static brood_request_t *kept;

static void keep(brood_request_t *request, void *user)
{
	(void)user;
	kept = request;
}

/* DEADLINE of a call that is made within a request that has so many ms left; 0: none was said. */
static uint32_t deadline_of(int timeout)
{
	struct brood_answer a;
	struct message *m;
	uint32_t said;

	peer_end_reply(&pool, 1, 0, "", 0);
	assert_rc(0, brood_call(client, "m", "x", 1, &(struct brood_call_options){.within = kept, .timeout = timeout},
				&a));
	brood_answer_free(&a);
	m = peer_end_expect(&pool, FRAME_CALL);
	said = m->frame.words & 1u << WORD_DEADLINE ? m->frame.deadline_ms : 0;
	message_free(m);
	return said;
}

static void a_call_has_no_more_time_than_its_request(void **state)
{
	static const struct {
		uint32_t request; /* ms; 0: no deadline */
		int call;         /* likewise */
		uint32_t most;
	} cases[] = {{5000, 0, 5000}, {5000, 9000, 5000}, {5000, 1000, 1000}, {0, 1000, 1000}, {0, 0, 0}};
	struct hello offer = peer_end_offer();

	(void)state;
	duo_close(&d);
	offer.features |= FEATURE_FDS | FEATURE_CALLS;
	duo_worker_with(&d, keep, NULL, NULL, &offer);
	for (uint32_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct frame f = {.type = FRAME_CALL, .flags = FLAG_EOM | FLAG_EOS, .id = 2 * i + 2};
		uint32_t said;

		f.words = cases[i].request ? 1u << WORD_DEADLINE : 0;
		f.deadline_ms = cases[i].request;
		peer_end_frame(&d.peer, &f);
		assert_int_equal(duo_step(&d), 0);
		give(2 * i + 1);
		assert_rc(0, brood_connect_pool(&client, d.b, "b", NULL));
		expect_asked(2 * i + 1, "b");
		peer_end_skip(&pool, FRAME_HELLO);
		said = deadline_of(cases[i].call);
		assert_in_range(said, cases[i].most > 900 ? cases[i].most - 900 : 0, cases[i].most);
		close_pool();
		brood_reply(kept, NULL, 0);
		duo_skip(&d, FRAME_REPLY);
	}
}

#define WITH_WORKER(test) cmocka_unit_test_setup_teardown(test, open_worker, close_worker)

static const struct CMUnitTest tests[] = {
	WITH_WORKER(what_is_given_is_a_client),
	WITH_WORKER(a_refusal_is_told_with_its_words),
	WITH_WORKER(a_socket_that_is_lost_on_the_way_is_told),
	WITH_WORKER(nobody_waits_for_ever),
	WITH_WORKER(the_end_of_the_channel_ends_the_waiting),
	WITH_WORKER(who_cannot_ask_is_told_so),
	WITH_WORKER(a_handler_that_waits_is_not_entered_again),
	WITH_WORKER(calls_wait_for_the_next_step),
	WITH_WORKER(calls_that_wait_go_with_the_worker),
	WITH_WORKER(other_callbacks_may_not_wait),
	WITH_WORKER(any_thread_may_ask),
	WITH_WORKER(a_lost_connection_is_asked_for_again),
	WITH_WORKER(what_was_open_says_whether_it_may_have_run),
	WITH_WORKER(an_end_before_the_welcome_is_asked_for_again),
	WITH_WORKER(the_worker_may_be_closed_first),
	WITH_WORKER(a_call_has_no_more_time_than_its_request),
};

CHECK_MAIN(tests)
