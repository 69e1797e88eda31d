/*
 * exchange: what a worker's handler and a client's stream may rely on: the order of calls that come while a handler
 * waits, credit that comes back with what is taken, and who may wait where.
 */
#include "duo.h"

#include <errno.h>

static struct duo d;

static struct {
	int calls;
	int inside; /* handlers that have begun and not returned */
	int took;   /* messages */
	int rc;     /* of the last that could not be taken or sent */
	bool sends;
} seen;

static struct hello offer(void)
{
	struct hello h = peer_end_offer();

	h.features = FEATURE_CANCEL | FEATURE_STREAM;
	return h;
}

static void open_worker(brood_handler handler, const struct brood_worker_options *options)
{
	struct hello h = offer();

	memset(&seen, 0, sizeof(seen));
	duo_worker_with(&d, handler, NULL, options, &h);
}

static void part(uint8_t type, uint32_t id, unsigned flags, const void *body, size_t size)
{
	peer_end_frame(&d.peer, &(struct frame){.type = type,
						.flags = (uint8_t)flags,
						.id = id,
						.body = body,
						.body_size = (uint32_t)size});
}

/* Takes all there is, waiting; a call inside another one would be a broken promise. */
static void drink(brood_request_t *request, void *user)
{
	const void *body;
	size_t size;

	(void)user;
	assert_int_equal(seen.inside++, 0);
	seen.calls++;
	while ((seen.rc = brood_recv(request, &body, &size, -1)) > 0)
		seen.took++;
	seen.inside--;
	(void)brood_reply(request, "done", 4);
}

static void expect_reply(uint32_t id)
{
	struct message *m = duo_expect(&d, FRAME_REPLY);

	assert_int_equal(m->frame.id, id);
	message_free(m);
}

static void calls_and_barriers_wait_until_a_handler_returns(void **state)
{
	const struct brood_worker_options o = {.slots = 3};

	(void)state;
	open_worker(drink, &o);
	part(FRAME_CALL, 2, 0, NULL, 0);
	peer_end_call(&d.peer, 4, "m", "x", 1);
	peer_end_say(&d.peer, FRAME_FLUSH, 0, 77);
	peer_end_call(&d.peer, 6, "m", "x", 1);
	part(FRAME_DATA, 2, FLAG_EOM, "a", 1);
	peer_end_say(&d.peer, FRAME_PING, 0, 5); /* which does not wait */
	part(FRAME_DATA, 2, FLAG_EOM | FLAG_EOS, "b", 1);
	assert_int_equal(duo_step(&d), 0);
	duo_skip(&d, FRAME_WINDOW);
	duo_skip(&d, FRAME_PONG);
	duo_skip(&d, FRAME_WINDOW);
	expect_reply(2);
	expect_reply(4);
	duo_skip(&d, FRAME_FLUSHED);
	expect_reply(6);
	assert_int_equal(seen.calls, 3);
	assert_int_equal(seen.took, 4);
	duo_close(&d);
}

/* The end comes while a handler waits: it hears of it, and so does the loop. */
static void a_handler_that_waits_hears_of_the_end(void **state)
{
	(void)state;
	open_worker(drink, NULL);
	part(FRAME_CALL, 2, FLAG_EOM, "a", 1);
	peer_end_half_close(&d.peer);
	assert_int_equal(duo_step(&d), 1);
	assert_int_equal(seen.took, 1);
	assert_int_equal(seen.rc, -ECANCELED);
	expect_reply(2);
	duo_close(&d);
	open_worker(drink, NULL);
	part(FRAME_CALL, 2, FLAG_EOM, "a", 1);
	peer_end_say(&d.peer, FRAME_CANCEL, 2, frame_status_of(REASON_CANCELLED));
	assert_int_equal(duo_step(&d), 0);
	assert_int_equal(seen.rc, -ECANCELED);
	expect_reply(2);
	part(FRAME_CALL, 4, FLAG_EOM, "a", 1);
	part(FRAME_DATA, 4, 0, "a", 1);
	part(FRAME_CALL, 4, 0xff, "nonsense", 8);
	assert_rc(-EPROTO, duo_step(&d));
	assert_int_equal(seen.rc, -ECANCELED);
	peer_end_hear(&d.peer);
	for (struct message *m; (m = peer_end_take(&d.peer)) != NULL;)
		message_free(m);
	brood_close(d.b);
	peer_end_close(&d.peer);
}

/* Keeps the request for the test. */
static brood_request_t *kept;

static void keep(brood_request_t *request, void *user)
{
	(void)user;
	kept = request;
}

static int take(size_t *size_out)
{
	const void *body;

	return brood_recv(kept, &body, size_out, 0);
}

static void credit_comes_back_when_a_message_is_taken(void **state)
{
	enum { MESSAGES = 16 };
	static uint8_t body[60000];
	struct message *m;
	size_t size;
	uint32_t came = 0;

	(void)state;
	open_worker(keep, NULL);
	part(FRAME_CALL, 2, 0, NULL, 0);
	assert_int_equal(duo_step(&d), 0);
	assert_rc(-EAGAIN, take(&size));
	for (int i = 0; i < MESSAGES; i++) {
		part(FRAME_DATA, 2, FLAG_EOM, body, sizeof(body));
		assert_int_equal(duo_step(&d), 0);
		m = duo_expect(&d, FRAME_WINDOW);
		assert_int_equal(m->frame.id, 0); /* of the connection at once, of the id not before */
		message_free(m);
	}
	duo_expect_silence(&d);
	for (uint32_t taken = sizeof(body); taken <= MESSAGES * sizeof(body); taken += sizeof(body)) {
		assert_int_equal(take(&size), 1);
		assert_int_equal(size, sizeof(body));
		peer_end_hear(&d.peer);
		while ((m = peer_end_take(&d.peer)) != NULL) {
			assert_int_equal(m->frame.type, FRAME_WINDOW);
			assert_int_equal(m->frame.id, 2);
			came += m->frame.arg;
			message_free(m);
		}
		assert_true(came <= taken && came + BROOD_STREAM_WINDOW / 4 >= taken);
	}
	assert_rc(-EAGAIN, take(&size));
	/* one that is still incomplete earns credit as it comes, as long as nothing waits before it */
	for (int i = 0; i < 2 * MESSAGES; i++) {
		part(FRAME_DATA, 2, 0, body, sizeof(body));
		assert_int_equal(duo_step(&d), 0);
	}
	while ((m = peer_end_take(&d.peer)) != NULL) {
		came += m->frame.id == 2 ? m->frame.arg : 0;
		message_free(m);
	}
	assert_true(came + BROOD_STREAM_WINDOW / 4 >= 3 * MESSAGES * sizeof(body));
	assert_rc(0, brood_reply_end(kept));
	expect_reply(2);
	duo_close(&d);
}

static void messages_have_limits(void **state)
{
	static uint8_t body[5000];
	const struct brood_worker_options o = {.max_message = 4096};
	struct brood_meta meta = brood_meta_text("k", "v");
	size_t size;

	(void)state;
	open_worker(keep, &o);
	part(FRAME_CALL, 2, FLAG_EOM, "a", 1);
	part(FRAME_DATA, 2, FLAG_EOM, body, 4096);
	part(FRAME_DATA, 2, FLAG_EOM, body, 4097);
	part(FRAME_DATA, 2, FLAG_EOM, body, 1);
	assert_int_equal(duo_step(&d), 0);
	for (int i = 0; i < 4; i++)
		duo_skip(&d, FRAME_WINDOW); /* the last also for the id: nobody waits for it */
	assert_int_equal(take(&size), 1);
	assert_int_equal(take(&size), 1);
	assert_rc(-EMSGSIZE, take(&size));
	assert_rc(-EMSGSIZE, take(&size));
	assert_rc(0, brood_send_headers(kept, &meta, 1));
	assert_rc(-EALREADY, brood_send_headers(kept, &meta, 1));
	assert_rc(0, brood_send(kept, "x", 1, 0));
	assert_rc(-EALREADY, brood_send_headers(kept, &meta, 1));
	assert_rc(-EMSGSIZE, brood_send(kept, body, (size_t)BROOD_MAX_MESSAGE + 1, 0));
	duo_skip(&d, FRAME_HEADERS);
	duo_skip(&d, FRAME_DATA);
	assert_rc(0, brood_reply_error(kept, BROOD_ABORTED, "enough"));
	expect_reply(2);
	duo_close(&d);
}

/* Room for a message more comes with credit, and is told. */
static void on_ready(brood_request_t *request, void *user)
{
	static uint8_t body[100000];

	(void)user;
	while ((seen.rc = brood_send(request, body, sizeof(body), 0)) == 0)
		seen.took++;
	seen.calls++;
}

static void a_program_that_does_not_wait_is_told(void **state)
{
	int calls;
	int before;

	(void)state;
	open_worker(keep, NULL);
	part(FRAME_CALL, 2, FLAG_EOM | FLAG_EOS, "a", 1);
	assert_int_equal(duo_step(&d), 0);
	assert_rc(0, brood_on_ready(kept, on_ready, NULL));
	assert_int_equal(duo_step(&d), 0);
	assert_int_equal(seen.rc, -EAGAIN);
	/* the window, what may wait here, and the message that goes over it */
	assert_in_range(seen.took, 13, 15);
	before = seen.took;
	calls = seen.calls;
	assert_int_equal(duo_step(&d), 0);
	assert_int_equal(seen.calls, calls); /* nothing is new */
	peer_end_say(&d.peer, FRAME_WINDOW, 2, 300000);
	assert_int_equal(duo_step(&d), 0);
	assert_true(seen.calls > calls);
	assert_in_range(seen.took - before, 2, 4);
	calls = seen.calls;
	peer_end_say(&d.peer, FRAME_CANCEL, 2, frame_status_of(REASON_CANCELLED));
	assert_int_equal(duo_step(&d), 0);
	assert_int_equal(seen.calls, calls + 1);
	assert_int_equal(seen.rc, -ECANCELED);
	assert_rc(0, brood_reply_end(kept));
	assert_int_equal(duo_step(&d), 0);
	peer_end_hear(&d.peer);
	for (struct message *m; (m = peer_end_take(&d.peer)) != NULL; message_free(m))
		assert_true(m->frame.type == FRAME_DATA || m->frame.type == FRAME_REPLY);
	duo_close(&d);
}

static void on_notify(uint32_t topic, const void *body, size_t size, void *user)
{
	const void *message;

	(void)topic;
	(void)body;
	(void)user;
	if (kept)
		seen.rc = brood_recv(kept, &message, &size, -1);
}

static void other_callbacks_may_not_wait(void **state)
{
	const struct brood_worker_options o = {.on_notify = on_notify};

	(void)state;
	kept = NULL;
	open_worker(keep, &o);
	part(FRAME_CALL, 2, 0, NULL, 0);
	peer_end_say(&d.peer, FRAME_NOTIFY, 0, 1);
	assert_int_equal(duo_step(&d), 0);
	assert_int_equal(seen.rc, -EDEADLK);
	assert_rc(0, brood_reply_end(kept));
	expect_reply(2);
	duo_close(&d);
}

/* ------------------------------------------------------------------ clients */

static brood_stream_t *stream;

static void open_client(void)
{
	struct hello h = offer();

	h.slots = 8;
	duo_client_with(&d, NULL, &h);
	assert_rc(0, brood_stream_open(d.b, "m", NULL, &stream));
	duo_skip(&d, FRAME_CALL);
}

static void a_stream_tells_what_is_known(void **state)
{
	const struct brood_meta *meta;
	const void *body;
	size_t size;

	(void)state;
	open_client();
	assert_rc(-EAGAIN, brood_stream_recv(stream, &body, &size, 0));
	assert_rc(-EAGAIN, brood_stream_headers(stream, &meta, &size, 0));
	part(FRAME_DATA, 1, FLAG_EOM, "a", 1);
	assert_int_equal(duo_step(&d), 0);
	duo_skip(&d, FRAME_WINDOW);
	assert_rc(0, brood_stream_headers(stream, &meta, &size, 0)); /* there is none */
	assert_int_equal(size, 0);
	part(FRAME_DATA, 1, 0, "half", 4);
	part(FRAME_REPLY, 1, FLAG_EOS, NULL, 0);
	assert_int_equal(duo_step(&d), 0);
	duo_skip(&d, FRAME_WINDOW);
	assert_int_equal(brood_stream_recv(stream, &body, &size, 0), 1);
	assert_int_equal(brood_stream_recv(stream, &body, &size, 0), 0); /* the half is no message */
	assert_non_null(brood_stream_answer(stream));
	assert_rc(-ECANCELED, brood_stream_send(stream, "x", 1, -1));
	assert_rc(-ENOENT, brood_stream_cancel(stream));
	brood_stream_free(stream);
	assert_int_equal(brood_calls_open(d.b), 0);
	duo_close(&d);
}

static void freeing_an_open_stream_cancels_it(void **state)
{
	(void)state;
	open_client();
	brood_stream_free(stream);
	duo_skip(&d, FRAME_CANCEL);
	assert_int_equal(brood_calls_open(d.b), 0);
	assert_int_equal(brood_calls_allowed(d.b), 7); /* until the answer */
	part(FRAME_DATA, 1, FLAG_EOM, "late", 4);
	peer_end_reply(&d.peer, 1, frame_status_of(REASON_CANCELLED), NULL, 0);
	assert_int_equal(duo_step(&d), 0);
	duo_skip(&d, FRAME_WINDOW);
	duo_skip(&d, FRAME_WINDOW);
	assert_int_equal(brood_calls_allowed(d.b), 8);
	duo_close(&d);
}

static void a_peer_without_streams_is_not_asked(void **state)
{
	struct hello h = peer_end_offer();

	(void)state;
	h.slots = 8;
	duo_client_with(&d, NULL, &h);
	assert_rc(-EOPNOTSUPP, brood_stream_open(d.b, "m", NULL, &stream));
	assert_null(stream);
	assert_rc(-EOPNOTSUPP, brood_stream_call(d.b, "m", "x", 1, NULL, &stream));
	duo_close(&d);
	duo_worker_with(&d, keep, NULL, NULL, &h);
	peer_end_call(&d.peer, 2, "m", "x", 1);
	assert_int_equal(duo_step(&d), 0);
	assert_rc(-EOPNOTSUPP, brood_send(kept, "x", 1, 0));
	assert_rc(-EOPNOTSUPP, brood_send_headers(kept, NULL, 0));
	assert_int_equal(take(&(size_t){0}), 1);
	assert_int_equal(take(&(size_t){0}), 0);
	assert_rc(0, brood_reply(kept, "x", 1));
	expect_reply(2);
	duo_close(&d);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(calls_and_barriers_wait_until_a_handler_returns),
	cmocka_unit_test(a_handler_that_waits_hears_of_the_end),
	cmocka_unit_test(credit_comes_back_when_a_message_is_taken),
	cmocka_unit_test(messages_have_limits),
	cmocka_unit_test(a_program_that_does_not_wait_is_told),
	cmocka_unit_test(other_callbacks_may_not_wait),
	cmocka_unit_test(a_stream_tells_what_is_known),
	cmocka_unit_test(freeing_an_open_stream_cancels_it),
	cmocka_unit_test(a_peer_without_streams_is_not_asked),
};

CHECK_MAIN(tests)
