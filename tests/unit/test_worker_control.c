/* worker_control: the frames beside calls: CANCEL, SLOTS, STATUS, NOTIFY, PING, FLUSH, and what is unknown. */
#include "duo.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>

static struct duo d;
static brood_request_t *kept[200];
static size_t kept_count;
static struct {
	unsigned count;
	uint32_t topic;
	char body[64];
	size_t size;
} notified;

static void keep(brood_request_t *request, void *user)
{
	assert_ptr_equal(user, &d);
	kept[kept_count++] = request;
}

static void hear(uint32_t topic, const void *body, size_t size, void *user)
{
	assert_ptr_equal(user, &d);
	notified.count++;
	notified.topic = topic;
	notified.size = size;
	if (size > 0 && size <= sizeof(notified.body))
		memcpy(notified.body, body, size);
}

static int open_worker(void **state)
{
	(void)state;
	kept_count = 0;
	memset(&notified, 0, sizeof(notified));
	duo_worker(&d, keep, &d, &(struct brood_worker_options){.slots = 3, .on_notify = hear});
	return 0;
}

static int close_worker(void **state)
{
	(void)state;
	for (size_t i = 0; i < kept_count; i++)
		(void)brood_reply(kept[i], NULL, 0);
	while (d.b && brood_process(d.b) == 0 && peer_end_hear(&d.peer) > 0)
		message_free(peer_end_take(&d.peer));
	for (struct message *m = peer_end_take(&d.peer); m; m = peer_end_take(&d.peer))
		message_free(m);
	duo_close(&d);
	return 0;
}

static void assert_frame(uint8_t type, uint32_t id, uint32_t arg)
{
	struct message *m = duo_expect(&d, type);

	assert_int_equal(m->frame.id, id);
	assert_int_equal(m->frame.arg, arg);
	message_free(m);
}

static void cancel_is_seen_and_an_answer_still_due(void **state)
{
	(void)state;
	peer_end_call(&d.peer, 2, NULL, NULL, 0);
	peer_end_call(&d.peer, 4, NULL, NULL, 0);
	duo_expect_silence(&d);
	assert_int_equal(brood_request_is_cancelled(kept[0]), 0);
	peer_end_say(&d.peer, FRAME_CANCEL, 2, frame_status_of(REASON_CANCELLED));
	peer_end_say(&d.peer, FRAME_CANCEL, 2, frame_status_of(REASON_CANCELLED));
	peer_end_say(&d.peer, FRAME_CANCEL, 6, frame_status_of(REASON_CANCELLED)); /* nobody's */
	duo_expect_silence(&d);
	assert_int_equal(brood_request_is_cancelled(kept[0]), 1);
	assert_int_equal(brood_request_is_cancelled(kept[1]), 0);
	assert_rc(0, brood_reply_error(kept[0], BROOD_CANCELLED, "as you like"));
	kept[0] = kept[1];
	kept_count = 1;
	assert_frame(FRAME_REPLY, 2, BROOD_CANCELLED);
	peer_end_say(&d.peer, FRAME_CANCEL, 2, frame_status_of(REASON_CANCELLED)); /* too late */
	duo_expect_silence(&d);
}

static void slots_may_change_at_any_time(void **state)
{
	static const int slots[] = {0, 126, 1, 3};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		assert_rc(0, brood_slots(d.b, slots[i]));
		assert_frame(FRAME_SLOTS, 0, (uint32_t)slots[i]);
	}
	assert_rc(-EINVAL, brood_slots(d.b, -1));
	assert_rc(-EINVAL, brood_slots(d.b, 127));
	assert_rc(-EINVAL, brood_slots(d.b, INT32_MAX));
	duo_expect_silence(&d);
}

static void assert_status(const char *text, const char *body)
{
	struct message *m;

	assert_rc(0, brood_status(d.b, text));
	m = duo_expect(&d, FRAME_STATUS);
	assert_int_equal(m->frame.body_size, strlen(body));
	assert_memory_equal(m->frame.body, body, strlen(body));
	message_free(m);
}

static void a_status_is_one_line_of_at_most_200_bytes(void **state)
{
	char text[300];
	char cut[300];

	(void)state;
	assert_status("resizing 12 pictures", "STATUS=resizing 12 pictures\n");
	assert_status("", "STATUS=\n");
	assert_status("one\nREADY=1\n", "STATUS=one\n");
	memset(text, 'x', sizeof(text));
	text[299] = '\0';
	snprintf(cut, sizeof(cut), "STATUS=%.200s\n", text);
	assert_status(text, cut);
}

static void one_way_messages_come_to_the_handler(void **state)
{
	(void)state;
	peer_end_frame(&d.peer, &(struct frame){.type = FRAME_NOTIFY,
						.arg = 0xfeedbeef,
						.body = (const uint8_t *)"hear, hear",
						.body_size = 10});
	duo_expect_silence(&d);
	assert_int_equal(notified.count, 1);
	assert_int_equal(notified.topic, 0xfeedbeef);
	assert_int_equal(notified.size, 10);
	assert_memory_equal(notified.body, "hear, hear", 10);
	peer_end_say(&d.peer, FRAME_NOTIFY, 0, 0);
	duo_expect_silence(&d);
	assert_int_equal(notified.count, 2);
	assert_int_equal(notified.size, 0);
}

static void one_way_messages_go_to_the_supervisor(void **state)
{
	static uint8_t body[BROOD_MAX_FRAME];
	struct message *m;

	(void)state;
	assert_rc(0, brood_notify(d.b, 9, "news", 4));
	m = duo_expect(&d, FRAME_NOTIFY);
	assert_int_equal(m->frame.arg, 9);
	assert_memory_equal(m->frame.body, "news", 4);
	message_free(m);
	assert_rc(0, brood_notify(d.b, 0, NULL, 0));
	duo_skip(&d, FRAME_NOTIFY);
	assert_rc(0, brood_notify(d.b, 1, body, BROOD_MAX_FRAME - FRAME_HEADER));
	m = duo_expect(&d, FRAME_NOTIFY);
	assert_int_equal(m->frame.body_size, BROOD_MAX_FRAME - FRAME_HEADER);
	message_free(m);
	assert_rc(-EMSGSIZE, brood_notify(d.b, 1, body, BROOD_MAX_FRAME - FRAME_HEADER + 1));
	assert_rc(-EMSGSIZE, brood_notify(d.b, 1, body, SIZE_MAX));
	duo_expect_silence(&d);
}

static void ping_is_answered_inside_the_step(void **state)
{
	(void)state;
	peer_end_say(&d.peer, FRAME_PING, 0, 0x12345678);
	assert_int_equal(peer_end_hear(&d.peer), 0); /* it proves that the loop runs */
	assert_rc(0, brood_process(d.b));
	assert_int_equal(peer_end_hear(&d.peer), FRAME_HEADER);
	assert_frame(FRAME_PONG, 0, 0x12345678);
}

static void flushed_comes_behind_what_the_barrier_was_behind(void **state)
{
	(void)state;
	peer_end_call(&d.peer, 2, NULL, NULL, 0);
	peer_end_say(&d.peer, FRAME_NOTIFY, 0, 7);
	peer_end_say(&d.peer, FRAME_FLUSH, 0, 99);
	assert_frame(FRAME_FLUSHED, 0, 99);
	assert_int_equal(kept_count, 1);
	assert_int_equal(notified.count, 1);
}

static void what_is_unknown_is_skipped_or_answered(void **state)
{
	struct message *m;

	(void)state;
	peer_end_frame(&d.peer, &(struct frame){.type = 0x7f, .flags = FLAG_IGNORABLE, .id = 2});
	peer_end_frame(&d.peer, &(struct frame){.type = 0x7f}); /* of the connection: an answer needs an id */
	duo_expect_silence(&d);
	peer_end_frame(&d.peer, &(struct frame){.type = 0x7f, .id = 6});
	m = duo_expect(&d, FRAME_REPLY);
	assert_int_equal(m->frame.id, 6);
	assert_int_equal(m->frame.arg, frame_status_of(REASON_UNSUPPORTED));
	assert_true(peer_end_has_text(m, ":error", "frame type 0x7f is unknown"));
	message_free(m);
}

static void frames_of_features_that_were_not_agreed_on_do_nothing(void **state)
{
	static const uint8_t zero[] = {FRAME_STATUS, FRAME_STORE, FRAME_FETCH, FRAME_AUTH, FRAME_STARTED,
				       FRAME_SLOTS,  FRAME_PONG,  FRAME_FLUSHED};
	static const uint8_t calls[] = {FRAME_HEADERS, FRAME_REPLY, FRAME_CONN, FRAME_CONN_END};

	(void)state;
	for (size_t i = 0; i < sizeof(zero); i++)
		peer_end_say(&d.peer, zero[i], 0, 1);
	for (size_t i = 0; i < sizeof(calls); i++)
		peer_end_say(&d.peer, calls[i], 2, 1);
	duo_expect_silence(&d);
	assert_int_equal(kept_count, 0);
}

static void a_message_that_contradicts_itself_ends_the_connection(void **state)
{
	static const struct frame frames[][2] = {
		{{.type = FRAME_CALL, .id = 2, .flags = FLAG_EOS}},
		{{.type = FRAME_CALL, .id = 2}, {.type = FRAME_CALL, .id = 2}},
		{{.type = FRAME_CALL, .id = 2}, {.type = FRAME_DATA, .id = 2, .flags = FLAG_EOS}},
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		if (i > 0)
			open_worker(NULL);
		for (size_t k = 0; k < 2 && frames[i][k].type; k++)
			peer_end_frame(&d.peer, &frames[i][k]);
		assert_rc(-EPROTO, duo_step(&d));
		assert_non_null(strstr(brood_error(), "a message that contradicts itself"));
		assert_frame(FRAME_GOAWAY, 0, REASON_PROTOCOL);
		assert_int_equal(kept_count, 0);
		if (i < 2)
			duo_close(&d);
	}
}

static void one_id_may_be_called_again_once_it_was_answered(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		peer_end_call(&d.peer, 2, NULL, NULL, 0);
		duo_expect_silence(&d);
		assert_int_equal(kept_count, 1);
		assert_rc(0, brood_reply(kept[0], NULL, 0));
		kept_count = 0;
		assert_frame(FRAME_REPLY, 2, 0);
	}
}

static void an_id_that_is_called_twice_at_once_is_answered_twice(void **state)
{
	(void)state;
	peer_end_call(&d.peer, 2, NULL, NULL, 0);
	peer_end_call(&d.peer, 2, NULL, NULL, 0);
	duo_expect_silence(&d);
	assert_int_equal(kept_count, 2);
	for (; kept_count > 0; kept_count--) {
		assert_rc(0, brood_reply(kept[kept_count - 1], NULL, 0));
		assert_frame(FRAME_REPLY, 2, 0);
	}
}

static void client_functions_refuse_a_worker(void **state)
{
	struct brood_answer answer;

	(void)state;
	assert_rc(-EINVAL, brood_call(d.b, "m", NULL, 0, NULL, &answer));
	assert_int_not_equal(answer.code, BROOD_OK);
	assert_int_equal(answer.not_processed, 1);
	assert_non_null(strstr(answer.text, "not a client"));
	brood_answer_free(&answer);
	assert_rc(-ENOENT, brood_cancel(d.b, 1));
	assert_int_equal(brood_calls_open(d.b), 0);
	assert_int_equal(brood_calls_allowed(d.b), 0);
	duo_expect_silence(&d);
}

/* A peer that asks without end and never reads what it gets. */
static void a_flood_of_questions_is_not_answered_without_end(void **state)
{
	enum { AT_ONCE = 4000 };
	static uint8_t pings[AT_ONCE * FRAME_HEADER];
	size_t asked = 0;
	int rc = 0;

	(void)state;
	for (size_t i = 0; i < AT_ONCE; i++) {
		pings[i * FRAME_HEADER] = FRAME_HEADER - 4;
		pings[i * FRAME_HEADER + 4] = FRAME_PING;
	}
	for (; rc == 0 && asked < 1000; asked++) {
		peer_end_bytes(&d.peer, pings, sizeof(pings));
		rc = brood_process(d.b);
	}
	assert_rc(-EPROTO, rc);
	assert_non_null(strstr(brood_error(), "asks more than it reads"));
	assert_in_range(asked * AT_ONCE * FRAME_HEADER, 1 << 20, 4 << 20);
	(void)peer_end_hear(&d.peer);
}

static const char *volatile seen_in_handler;

/* All that must not be called while a handler runs. */
static void call_what_is_forbidden(brood_t *b)
{
	struct brood_answer answer;

	assert_rc(-EDEADLK, brood_process(b));
	assert_rc(-EDEADLK, brood_run(b));
	assert_rc(-EDEADLK, brood_flush(b, BROOD_FLUSH_SENT, 1000));
	assert_rc(-EDEADLK, brood_flush(b, BROOD_FLUSH_READ, 1000));
	assert_rc(-EDEADLK, brood_flush(b, BROOD_FLUSH_PROCESSED, 1000));
	assert_rc(-EDEADLK, brood_ping(b, 1000));
	assert_rc(-EDEADLK, brood_call(b, "m", NULL, 0, NULL, &answer));
	assert_int_equal(answer.not_processed, 1);
	brood_answer_free(&answer);
	brood_close(b);
	assert_non_null(strstr(brood_error(), "inside a handler"));
	seen_in_handler = "all refused";
}

static void try_all(brood_request_t *request, void *user)
{
	brood_t *b = brood_request_worker(request);

	(void)user;
	call_what_is_forbidden(b);
	/* and what is allowed */
	assert_rc(0, brood_slots(b, 2));
	assert_rc(0, brood_status(b, "busy"));
	assert_rc(0, brood_notify(b, 1, NULL, 0));
	assert_rc(0, brood_reply(request, NULL, 0));
}

static void try_all_on_notify(uint32_t topic, const void *body, size_t size, void *user)
{
	(void)topic;
	(void)body;
	(void)size;
	(void)user;
	call_what_is_forbidden(d.b);
}

static void a_handler_that_calls_what_is_forbidden_is_told(void **state)
{
	(void)state;
	duo_close(&d);
	duo_worker(&d, try_all, NULL, &(struct brood_worker_options){.on_notify = try_all_on_notify});
	seen_in_handler = "";
	peer_end_call(&d.peer, 2, NULL, NULL, 0);
	duo_skip(&d, FRAME_SLOTS);
	duo_skip(&d, FRAME_STATUS);
	duo_skip(&d, FRAME_NOTIFY);
	duo_skip(&d, FRAME_REPLY);
	assert_text("all refused", seen_in_handler);
	seen_in_handler = "";
	peer_end_say(&d.peer, FRAME_NOTIFY, 0, 0);
	duo_expect_silence(&d);
	assert_text("all refused", seen_in_handler);
	assert_rc(0, brood_flush(d.b, BROOD_FLUSH_SENT, 1000)); /* again allowed */
}

/* Answers at once, but dies at the call with number 1. */
static void die_on_demand(brood_request_t *request, void *user)
{
	(void)user;
	if (brood_request_method_number(request) == 1)
		_exit(7);
	(void)brood_reply(request, NULL, 0);
}

static void assert_child_ends_with_7(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 7);
}

/* A worker in a child: what the peer hears is what the header promises. */
static void serve_in_child(struct peer_end *peer, pid_t *pid_out)
{
	struct hello offer = peer_end_offer();
	int fds[2];

	duo_pair(fds);
	duo_channel(fds[1], fds[1]);
	peer_end_open(peer, fds[0], fds[0]);
	peer_end_greet(peer, FRAME_HELLO, &offer);
	fflush(NULL);
	*pid_out = fork();
	assert_return_code(*pid_out, errno);
	if (*pid_out == 0) {
		duo_parent = 0;
		close(fds[0]);
		_exit(brood_serve(die_on_demand, NULL, NULL));
	}
	close(fds[1]);
	peer_end_skip(peer, FRAME_WELCOME);
	peer_end_skip(peer, FRAME_SLOTS);
}

static void an_answer_is_out_before_the_next_call_is_read(void **state)
{
	struct peer_end peer;
	pid_t pid;

	(void)state;
	serve_in_child(&peer, &pid);
	for (int i = 0; i < 100; i++) {
		peer_end_call(&peer, 2, NULL, NULL, 0);
		peer_end_skip(&peer, FRAME_REPLY);
	}
	peer_end_frame(&peer, &(struct frame){
				      .type = FRAME_CALL, .flags = FLAG_EOM | FLAG_EOS, .id = 4, .arg = 1});
	peer_end_expect_end(&peer);
	assert_child_ends_with_7(pid);
	peer_end_close(&peer);
}

static void wait_a_little(brood_request_t *request, void *user)
{
	int64_t until = now_us() + 300;

	(void)user;
	if (brood_request_method_number(request) == 1) {
		assert_true(peer_end_hear(&d.peer) > 0);
		duo_skip(&d, FRAME_REPLY);
	} else {
		while (now_us() < until)
			;
	}
	assert_rc(0, brood_reply(request, NULL, 0));
}

static void an_answer_of_a_slow_handler_does_not_wait_for_the_next(void **state)
{
	struct frame f = {.type = FRAME_CALL, .flags = FLAG_EOM | FLAG_EOS, .id = 2};
	uint8_t both[2 * FRAME_HEADER];

	(void)state;
	duo_close(&d);
	duo_worker(&d, wait_a_little, NULL, NULL);
	for (f.arg = 0; f.arg < 2; f.arg++) {
		size_t size;
		uint8_t *bytes = peer_end_encode(&f, &size);

		memcpy(both + f.arg * FRAME_HEADER, bytes, size);
		free(bytes);
	}
	peer_end_bytes(&d.peer, both, sizeof(both));
	duo_skip(&d, FRAME_REPLY);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_worker, close_worker)

static const struct CMUnitTest tests[] = {
	TEST(cancel_is_seen_and_an_answer_still_due),
	TEST(slots_may_change_at_any_time),
	TEST(a_status_is_one_line_of_at_most_200_bytes),
	TEST(one_way_messages_come_to_the_handler),
	TEST(one_way_messages_go_to_the_supervisor),
	TEST(ping_is_answered_inside_the_step),
	TEST(flushed_comes_behind_what_the_barrier_was_behind),
	TEST(what_is_unknown_is_skipped_or_answered),
	TEST(frames_of_features_that_were_not_agreed_on_do_nothing),
	TEST(a_message_that_contradicts_itself_ends_the_connection),
	TEST(one_id_may_be_called_again_once_it_was_answered),
	TEST(an_id_that_is_called_twice_at_once_is_answered_twice),
	TEST(client_functions_refuse_a_worker),
	TEST(a_flood_of_questions_is_not_answered_without_end),
	TEST(a_handler_that_calls_what_is_forbidden_is_told),
	TEST(an_answer_is_out_before_the_next_call_is_read),
	TEST(an_answer_of_a_slow_handler_does_not_wait_for_the_next),
};

CHECK_MAIN(tests)
