/* worker_hello: the first words between a worker and its supervisor, well-formed and otherwise. */
#include "duo.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>

static unsigned handled;

static void answer(brood_request_t *request, void *user)
{
	(void)user;
	handled++;
	assert_rc(0, brood_reply(request, "yes", 3));
}

static struct peer_end peer;

/* Lays a channel, and gives the peer's end. */
static void lay(void)
{
	int fds[2];

	duo_pair(fds);
	duo_channel(fds[1], fds[1]);
	peer_end_open(&peer, fds[0], fds[0]);
	handled = 0;
}

static brood_t *open_worker(const struct brood_worker_options *options)
{
	brood_t *b = NULL;

	assert_rc(0, brood_worker_open(&b, answer, NULL, options));
	assert_non_null(b);
	return b;
}

static void assert_open_fails(int rc, const char *text)
{
	brood_t *b = (brood_t *)&peer;

	assert_rc(rc, brood_worker_open(&b, answer, NULL, NULL));
	assert_null(b);
	if (!strstr(brood_error(), text))
		fail_msg("'%s' does not tell '%s'", brood_error(), text);
	assert_null(getenv(BROOD_ENV_CHANNEL));
}

/* The peer hears why, and the end. */
static void assert_goaway(enum frame_reason reason, const char *text)
{
	struct message *m = peer_end_expect(&peer, FRAME_GOAWAY);

	assert_int_equal(m->frame.arg, reason);
	if (!peer_end_has_text(m, ":error", text))
		fail_msg("expected '%s', got '%.*s'", text, (int)m->frame.head_size,
			 (const char *)m->frame.head);
	message_free(m);
	peer_end_expect_end(&peer);
	peer_end_close(&peer);
}

static bool has_line(const struct hello *h, const char *key, const char *text)
{
	const char *value;
	size_t size;

	return hello_find(h, key, &value, &size) && size == strlen(text) && memcmp(value, text, size) == 0;
}

static void welcome_tells_who_we_are_and_slots_that_we_are_ready(void **state)
{
	struct hello offer = peer_end_offer();
	struct message *m;
	struct hello h;
	char pid[16];
	brood_t *b;

	(void)state;
	lay();
	peer_end_greet(&peer, FRAME_HELLO, &offer);
	b = open_worker(&(struct brood_worker_options){.slots = 7, .max_message = 1234567});
	m = peer_end_expect(&peer, FRAME_WELCOME);
	assert_int_equal(hello_read(m->frame.body, m->frame.body_size, &h), HELLO_OK);
	assert_int_equal(h.version_min, 1);
	assert_int_equal(h.version_max, 1);
	assert_int_equal(h.max_message, 1234567);
	assert_int_equal(h.max_frame, BROOD_MAX_FRAME);
	assert_int_equal(h.slots, 7);
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	assert_true(has_line(&h, "pid", pid));
	assert_true(has_line(&h, "sdk", brood_version()));
	assert_true(has_line(&h, "language", "c"));
	message_free(m);
	m = peer_end_expect(&peer, FRAME_SLOTS);
	assert_int_equal(m->frame.arg, 7);
	message_free(m);
	brood_close(b);
	peer_end_expect_end(&peer);
	peer_end_close(&peer);
}

static void without_options_there_is_one_slot(void **state)
{
	struct hello offer = peer_end_offer();
	struct message *m;
	brood_t *b;

	(void)state;
	lay();
	peer_end_greet(&peer, FRAME_HELLO, &offer);
	b = open_worker(NULL);
	peer_end_skip(&peer, FRAME_WELCOME);
	m = peer_end_expect(&peer, FRAME_SLOTS);
	assert_int_equal(m->frame.arg, 1);
	message_free(m);
	brood_close(b);
	peer_end_close(&peer);
}

static void a_worker_without_a_handler_is_ready_by_status(void **state)
{
	struct hello offer = peer_end_offer();
	struct message *m;
	brood_t *b;

	(void)state;
	lay();
	peer_end_greet(&peer, FRAME_HELLO, &offer);
	assert_rc(0, brood_worker_open(&b, NULL, NULL, NULL));
	peer_end_skip(&peer, FRAME_WELCOME);
	m = peer_end_expect(&peer, FRAME_STATUS);
	assert_int_equal(m->frame.body_size, 8);
	assert_memory_equal(m->frame.body, "READY=1\n", 8);
	message_free(m);
	peer_end_call(&peer, 2, "any", NULL, 0);
	assert_int_equal(brood_process(b), 0);
	m = peer_end_expect(&peer, FRAME_REPLY);
	assert_int_equal(m->frame.arg, frame_status_of(REASON_UNSUPPORTED));
	assert_true(peer_end_has_text(m, ":error", "this worker takes no calls"));
	message_free(m);
	brood_close(b);
	peer_end_close(&peer);
}

static void the_lines_of_hello_are_told(void **state)
{
	static const char lines[] = "name=thumbs\ninstance=3\ngeneration=17\nsetting.a=b=c\nempty=\nname=two\n";
	struct hello offer = peer_end_offer();
	struct brood_peer other;
	brood_t *b;

	(void)state;
	offer.lines = lines;
	offer.lines_size = sizeof(lines) - 1;
	offer.max_message = 4711;
	lay();
	peer_end_greet(&peer, FRAME_HELLO, &offer);
	b = open_worker(NULL);
	assert_text("thumbs", brood_info(b, "name"));
	assert_text("3", brood_info(b, "instance"));
	assert_text("17", brood_info(b, "generation"));
	assert_text("b=c", brood_info(b, "setting.a"));
	assert_text("", brood_info(b, "empty"));
	assert_null(brood_info(b, "nam"));
	assert_null(brood_info(b, ""));
	assert_int_equal(brood_max_message(b), 4711);
	brood_peer_of(b, &other);
	assert_int_equal(other.uid, getuid());
	assert_int_equal(other.gid, getgid());
	assert_int_equal(other.pid, getpid());
	brood_close(b);
	peer_end_close(&peer);
}

static void what_was_told_stays_when_the_connection_is_lost(void **state)
{
	struct hello offer = peer_end_offer();
	const char *name;
	brood_t *b;

	(void)state;
	offer.lines = "name=thumbs\n";
	offer.lines_size = 12;
	lay();
	peer_end_greet(&peer, FRAME_HELLO, &offer);
	b = open_worker(NULL);
	name = brood_info(b, "name");
	peer_end_bytes(&peer, "nonsense nonsense nonsense", 26);
	assert_rc(-EPROTO, brood_process(b));
	assert_text("thumbs", name); /* as long as the handle lives */
	assert_ptr_equal(brood_info(b, "name"), name);
	brood_close(b);
	peer_end_close(&peer);
}

static void more_lines_than_are_kept_do_no_harm(void **state)
{
	struct hello offer = peer_end_offer();
	char lines[2000];
	size_t used = 0;
	brood_t *b;

	(void)state;
	for (int i = 0; i < 100; i++)
		used += (size_t)snprintf(lines + used, sizeof(lines) - used, "k%d=%d\n", i, i);
	offer.lines = lines;
	offer.lines_size = used;
	lay();
	peer_end_greet(&peer, FRAME_HELLO, &offer);
	b = open_worker(NULL);
	assert_text("0", brood_info(b, "k0"));
	assert_text("63", brood_info(b, "k63"));
	brood_close(b);
	peer_end_close(&peer);
}

static void another_version_is_refused_with_both_ranges(void **state)
{
	struct hello offer = peer_end_offer();

	(void)state;
	offer.version_min = 2;
	offer.version_max = 3;
	lay();
	peer_end_greet(&peer, FRAME_HELLO, &offer);
	assert_open_fails(-EPROTONOSUPPORT, "this side speaks versions 1..1, the other 2..3");
	assert_goaway(REASON_VERSION, "this side speaks versions 1..1, the other 2..3");
}

static void a_wider_range_of_versions_is_fine(void **state)
{
	struct hello offer = peer_end_offer();
	struct message *m;
	struct hello h;

	(void)state;
	offer.version_max = 9;
	lay();
	peer_end_greet(&peer, FRAME_HELLO, &offer);
	brood_close(open_worker(NULL));
	m = peer_end_expect(&peer, FRAME_WELCOME);
	assert_int_equal(hello_read(m->frame.body, m->frame.body_size, &h), HELLO_OK);
	assert_int_equal(h.version_min, 1);
	assert_int_equal(h.version_max, 1);
	message_free(m);
	peer_end_close(&peer);
}

static void a_required_feature_that_is_missing_is_refused(void **state)
{
	struct hello offer = peer_end_offer();

	(void)state;
	offer.features = offer.required = FEATURE_TRACE;
	lay();
	peer_end_greet(&peer, FRAME_HELLO, &offer);
	assert_open_fails(-EPROTONOSUPPORT, "required feature");
	assert_goaway(REASON_VERSION,
		      "a required feature is missing: this side has 0x5cf, the other requires 0x20");
}

static void brood_serve_ends_with_78_for_another_version(void **state)
{
	struct hello offer = peer_end_offer();

	(void)state;
	offer.version_min = offer.version_max = 2;
	lay();
	peer_end_greet(&peer, FRAME_HELLO, &offer);
	assert_int_equal(brood_serve(answer, NULL, NULL), 78);
	assert_goaway(REASON_VERSION, "this side speaks versions 1..1, the other 2..2");
}

static void brood_serve_ends_with_1_alone(void **state)
{
	(void)state;
	unsetenv(BROOD_ENV_CHANNEL);
	assert_int_equal(brood_serve(answer, NULL, NULL), 1);
	assert_non_null(strstr(brood_error(), "not started by brood"));
}

static void send_hello(const struct hello *h, size_t cut)
{
	uint8_t payload[HELLO_MOST];
	size_t size = hello_write(payload, sizeof(payload), h);

	peer_end_frame(&peer, &(struct frame){.type = FRAME_HELLO,
					      .body = payload,
					      .body_size = (uint32_t)(size - cut)});
}

static void a_malformed_hello_is_refused(void **state)
{
	struct hello offer = peer_end_offer();
	struct hello bad[5];

	(void)state;
	for (size_t i = 0; i < 5; i++)
		bad[i] = offer;
	bad[0].version_min = 0;
	bad[1].max_frame = BROOD_MAX_FRAME_LEAST - 1;
	bad[2].stream_window = 1;
	bad[3].required = 1; /* of what it has not */
	bad[3].features = 0;
	bad[4].lines = "no line";
	bad[4].lines_size = 7;
	for (size_t i = 0; i < 5; i++) {
		lay();
		send_hello(&bad[i], 0);
		assert_open_fails(-EPROTO, "malformed handshake");
		assert_goaway(REASON_PROTOCOL, i == 4 ? "protocol error at byte 79: malformed handshake"
						      : "protocol error at byte 72: malformed handshake");
	}
	lay();
	send_hello(&offer, 1);
	assert_open_fails(-EPROTO, "malformed handshake");
	peer_end_close(&peer);
	lay();
	send_hello(&offer, HELLO_FIXED);
	assert_open_fails(-EPROTO, "malformed handshake");
	peer_end_close(&peer);
}

static void something_else_than_a_hello_is_refused(void **state)
{
	static const uint8_t types[] = {FRAME_WELCOME, FRAME_PING, FRAME_SLOTS, 0x7f};

	(void)state;
	for (size_t i = 0; i < sizeof(types); i++) {
		lay();
		peer_end_say(&peer, types[i], 0, 0);
		assert_open_fails(-EPROTO, "not a handshake");
		peer_end_close(&peer);
	}
	lay();
	peer_end_call(&peer, 2, NULL, NULL, 0);
	assert_open_fails(-EPROTO, "not a handshake");
	assert_goaway(REASON_PROTOCOL, "protocol error at byte 16: not a handshake");
	assert_int_equal(handled, 0);
}

static void nonsense_is_refused_with_its_place(void **state)
{
	static const uint8_t far[16] = {0xff, 0xff, 0xff, 0x7f, FRAME_HELLO};

	(void)state;
	lay();
	peer_end_bytes(&peer, "GET / HTTP/1.1\r\n\r\n", 18);
	assert_open_fails(-EPROTO, "at byte 0");
	peer_end_close(&peer);
	lay();
	peer_end_bytes(&peer, far, sizeof(far));
	assert_open_fails(-EPROTO, "larger than announced");
	peer_end_close(&peer);
}

static void the_end_before_the_hello_is_told(void **state)
{
	struct hello offer = peer_end_offer();
	uint8_t *bytes;
	size_t size;

	(void)state;
	lay();
	peer_end_close(&peer);
	assert_open_fails(-ECONNRESET, "closed the channel");
	lay();
	bytes = peer_end_encode(&(struct frame){.type = FRAME_HELLO}, &size);
	peer_end_bytes(&peer, bytes, size - 1);
	peer_end_half_close(&peer);
	assert_open_fails(-ECONNRESET, "closed the channel");
	peer_end_close(&peer);
	free(bytes);
	(void)offer;
}

static void a_goaway_instead_of_a_hello_is_told(void **state)
{
	static const struct {
		enum frame_reason reason;
		int rc;
	} ends[] = {{REASON_NONE, -ECONNRESET},        {REASON_DRAINING, -ECONNRESET},
		    {REASON_VERSION, -EPROTONOSUPPORT}, {REASON_PROTOCOL, -EPROTO},
		    {REASON_DENIED, -EACCES},          {REASON_UNAUTHENTICATED, -EACCES}};
	uint8_t block[64];
	struct head_writer w = {.block = block, .capacity = sizeof(block)};

	(void)state;
	assert_true(head_add_text(&w, ":error", "because of the moon"));
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		lay();
		peer_end_frame(&peer, &(struct frame){.type = FRAME_GOAWAY,
						      .arg = ends[i].reason,
						      .head = block,
						      .head_size = (uint32_t)w.size});
		assert_open_fails(ends[i].rc, "because of the moon");
		peer_end_close(&peer);
	}
}

static void no_hello_is_waited_for_only_so_long(void **state)
{
	int64_t before = now_ms();

	(void)state;
	lay();
	assert_open_fails(-ETIMEDOUT, "in time");
	assert_in_range(now_ms() - before, BROOD_HANDSHAKE_MS, BROOD_HANDSHAKE_MS + 5000);
	peer_end_expect_end(&peer);
	peer_end_close(&peer);
}

static void *greet_slowly(void *user)
{
	struct hello offer = peer_end_offer();

	(void)user;
	peer.piece = 1;
	peer_end_greet(&peer, FRAME_HELLO, &offer);
	return NULL;
}

static void a_hello_may_come_byte_by_byte(void **state)
{
	pthread_t thread;

	(void)state;
	lay();
	assert_int_equal(pthread_create(&thread, NULL, greet_slowly, NULL), 0);
	brood_close(open_worker(NULL));
	pthread_join(thread, NULL);
	peer_end_skip(&peer, FRAME_WELCOME);
	peer_end_close(&peer);
}

/* HELLO and what a hasty supervisor writes behind it, in one write. */
static void write_hastily(void)
{
	struct hello offer = peer_end_offer();
	uint8_t payload[HELLO_MOST];
	uint8_t all[1024];
	const struct frame frames[] = {
		{.type = FRAME_HELLO,
		 .body = payload,
		 .body_size = (uint32_t)hello_write(payload, sizeof(payload), &offer)},
		{.type = FRAME_PING, .arg = 42},
		{.type = FRAME_CALL, .flags = FLAG_EOM | FLAG_EOS, .id = 2},
	};
	size_t used = 0;

	for (size_t i = 0; i < 3; i++) {
		size_t size;
		uint8_t *bytes = peer_end_encode(&frames[i], &size);

		memcpy(all + used, bytes, size);
		used += size;
		free(bytes);
	}
	peer_end_bytes(&peer, all, used);
}

static void what_comes_with_the_hello_waits_for_the_first_step(void **state)
{
	struct pollfd p = {.events = POLLIN};
	brood_t *b;

	(void)state;
	lay();
	write_hastily();
	b = open_worker(NULL);
	assert_int_equal(handled, 0);
	peer_end_skip(&peer, FRAME_WELCOME);
	peer_end_skip(&peer, FRAME_SLOTS);
	p.fd = brood_fd(b);
	/* a loop of one's own is told to come back at once */
	assert_true(brood_timeout(b) == 0 || poll(&p, 1, 0) == 1);
	assert_int_equal(brood_process(b), 0);
	assert_int_equal(handled, 1);
	peer_end_skip(&peer, FRAME_PONG);
	peer_end_skip(&peer, FRAME_REPLY);
	assert_int_equal(brood_timeout(b), -1);
	assert_int_equal(poll(&p, 1, 0), 0);
	brood_close(b);
	peer_end_close(&peer);
}

static void what_comes_with_the_hello_is_seen_by_every_way_of_waiting(void **state)
{
	brood_t *b;

	(void)state;
	lay();
	write_hastily();
	b = open_worker(NULL);
	assert_rc(0, brood_flush(b, BROOD_FLUSH_SENT, 1000));
	assert_int_equal(brood_process(b), 0);
	assert_int_equal(handled, 1);
	brood_close(b);
	peer_end_close(&peer);
	lay();
	write_hastily();
	peer_end_half_close(&peer);
	b = open_worker(NULL);
	assert_rc(0, brood_run(b)); /* ends with the end of the channel */
	assert_int_equal(handled, 1);
	brood_close(b);
	peer_end_close(&peer);
}

static void a_second_handshake_is_refused(void **state)
{
	struct hello offer = peer_end_offer();
	brood_t *b;

	(void)state;
	for (uint8_t type = FRAME_HELLO; type <= FRAME_WELCOME; type++) {
		lay();
		peer_end_greet(&peer, FRAME_HELLO, &offer);
		b = open_worker(NULL);
		peer_end_greet(&peer, type, &offer);
		assert_rc(-EPROTO, brood_process(b));
		assert_non_null(strstr(brood_error(), "a second handshake"));
		assert_rc(-EPROTO, brood_process(b)); /* and it stays so */
		peer_end_skip(&peer, FRAME_WELCOME);
		peer_end_skip(&peer, FRAME_SLOTS);
		assert_goaway(REASON_PROTOCOL, "protocol error at byte 144: a second handshake");
		brood_close(b);
	}
}

static void assert_options_fail(int rc, const struct brood_worker_options *options)
{
	brood_t *b = (brood_t *)&peer;

	assert_rc(rc, brood_worker_open(&b, answer, NULL, options));
	assert_null(b);
}

static void wrong_options_are_refused(void **state)
{
	(void)state;
	assert_options_fail(-EINVAL, &(struct brood_worker_options){.slots = -1});
	assert_options_fail(-EINVAL, &(struct brood_worker_options){.slots = 127});
	assert_options_fail(-ENOENT, &(struct brood_worker_options){.expect_user = "no such user"});
	assert_options_fail(-ENOENT, &(struct brood_worker_options){.expect_user = ""});
	assert_options_fail(-ENOENT, &(struct brood_worker_options){.expect_user = "0x0"});
	assert_options_fail(-ENOENT, &(struct brood_worker_options){.expect_user = "-1"});
	assert_options_fail(-EINVAL, &(struct brood_worker_options){.expect_user = "4294967295"});
	assert_options_fail(-EINVAL,
			    &(struct brood_worker_options){.expect_user = "99999999999999999999999"});
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(welcome_tells_who_we_are_and_slots_that_we_are_ready),
	cmocka_unit_test(without_options_there_is_one_slot),
	cmocka_unit_test(a_worker_without_a_handler_is_ready_by_status),
	cmocka_unit_test(the_lines_of_hello_are_told),
	cmocka_unit_test(what_was_told_stays_when_the_connection_is_lost),
	cmocka_unit_test(more_lines_than_are_kept_do_no_harm),
	cmocka_unit_test(another_version_is_refused_with_both_ranges),
	cmocka_unit_test(a_wider_range_of_versions_is_fine),
	cmocka_unit_test(a_required_feature_that_is_missing_is_refused),
	cmocka_unit_test(brood_serve_ends_with_78_for_another_version),
	cmocka_unit_test(brood_serve_ends_with_1_alone),
	cmocka_unit_test(a_malformed_hello_is_refused),
	cmocka_unit_test(something_else_than_a_hello_is_refused),
	cmocka_unit_test(nonsense_is_refused_with_its_place),
	cmocka_unit_test(the_end_before_the_hello_is_told),
	cmocka_unit_test(a_goaway_instead_of_a_hello_is_told),
	cmocka_unit_test(no_hello_is_waited_for_only_so_long),
	cmocka_unit_test(a_hello_may_come_byte_by_byte),
	cmocka_unit_test(what_comes_with_the_hello_waits_for_the_first_step),
	cmocka_unit_test(what_comes_with_the_hello_is_seen_by_every_way_of_waiting),
	cmocka_unit_test(a_second_handshake_is_refused),
	cmocka_unit_test(wrong_options_are_refused),
};

CHECK_MAIN(tests)
