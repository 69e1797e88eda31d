/* descriptor: what a program passes along with a call or an answer, and what it takes of others. */
#include "duo.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

static struct duo d;
static brood_request_t *kept;
static int pipe_ends[2];
static int open_before;

static int set_up(void **state)
{
	(void)state;
	kept = NULL;
	open_before = check_open_fds();
	assert_int_equal(pipe2(pipe_ends, O_CLOEXEC), 0);
	return 0;
}

/* Neither the handle nor what it was passed is left open. */
static int tear_down(void **state)
{
	(void)state;
	duo_close(&d);
	close(pipe_ends[0]);
	close(pipe_ends[1]);
	assert_int_equal(check_open_fds(), open_before);
	return 0;
}

static void keep(brood_request_t *request, void *user)
{
	(void)user;
	kept = request;
}

static struct hello offer_fds(void)
{
	struct hello h = peer_end_offer();

	h.features |= FEATURE_FDS;
	return h;
}

static void open_worker(int fds)
{
	struct hello offer = offer_fds();

	duo_worker_with(&d, keep, NULL, &(struct brood_worker_options){.fds = fds}, &offer);
}

static void open_client(int fds)
{
	struct hello offer = offer_fds();

	duo_client_with(&d, &(struct brood_client_options){.fds = fds}, &offer);
}

/* A frame from the peer, whose first byte carries `count` copies of the pipe's write end. */
static void say(const struct frame *f, int count)
{
	int fds[20];

	for (int i = 0; i < count; i++)
		fds[i] = pipe_ends[1];
	peer_end_frame_fds(&d.peer, f, fds, (size_t)count);
}

static void say_call(uint32_t id, uint8_t nfds, int count)
{
	say(&(struct frame){.type = FRAME_CALL, .flags = FLAG_EOM | FLAG_EOS, .id = id, .nfds = nfds}, count);
	assert_int_equal(duo_step(&d), 0);
}

static void expect_status(uint32_t id, enum frame_reason reason)
{
	struct message *m = duo_expect(&d, FRAME_REPLY);

	assert_int_equal(m->frame.id, id);
	assert_int_equal(frame_status_reason(m->frame.arg), reason);
	message_free(m);
}

static void a_request_brings_some(void **state)
{
	int fd;

	(void)state;
	open_worker(2);
	say_call(2, 2, 2);
	assert_non_null(kept);
	assert_int_equal(brood_request_fds(kept), 2);
	fd = brood_request_take_fd(kept, 1);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "x", 1), 1);
	close(fd);
	assert_rc(-ENOENT, brood_request_take_fd(kept, 1));
	assert_rc(-ENOENT, brood_request_take_fd(kept, 2));
	assert_rc(0, brood_reply(kept, NULL, 0)); /* the other one is closed: tear_down() counts */
	expect_status(2, REASON_NONE);
}

static void a_plain_request_brings_none(void **state)
{
	(void)state;
	open_worker(2);
	say_call(2, 0, 0);
	assert_int_equal(brood_request_fds(kept), 0);
	assert_rc(-ENOENT, brood_request_take_fd(kept, 0));
	assert_rc(0, brood_reply(kept, NULL, 0));
	expect_status(2, REASON_NONE);
}

static void more_than_was_asked_for_is_refused(void **state)
{
	(void)state;
	open_worker(2);
	say_call(2, 3, 3);
	assert_null(kept);
	expect_status(2, REASON_FD_REFUSED);
	say_call(4, FRAME_FDS_UNSENT, 0);
	assert_null(kept);
	expect_status(4, REASON_FD_LOST);
	say_call(6, 2, 2);
	assert_non_null(kept);
	assert_rc(0, brood_reply(kept, NULL, 0));
	expect_status(6, REASON_NONE);
}

/* P4: without being asked for they do not even reach this process. */
static void none_are_taken_unasked(void **state)
{
	(void)state;
	open_worker(0);
	say_call(2, 1, 1);
	assert_null(kept);
	expect_status(2, REASON_FD_REFUSED);
	say_call(4, 0, 1); /* not announced either: destroyed by the kernel */
	assert_non_null(kept);
	assert_rc(0, brood_reply(kept, NULL, 0));
	expect_status(4, REASON_NONE);
}

static void unannounced_ones_break_the_protocol(void **state)
{
	(void)state;
	open_worker(2);
	say(&(struct frame){.type = FRAME_PING}, 1);
	assert_rc(-EPROTO, duo_step(&d));
	duo_skip(&d, FRAME_PONG);
	duo_skip(&d, FRAME_GOAWAY);
}

static void a_reply_passes_duplicates(void **state)
{
	int fds[2] = {pipe_ends[1], pipe_ends[0]};
	struct brood_reply_options reply = {.fds = fds, .fd_count = 2};
	struct message *m;

	(void)state;
	open_worker(0);
	say_call(2, 0, 0);
	assert_rc(0, brood_reply_full(kept, &reply));
	m = duo_expect(&d, FRAME_REPLY);
	assert_int_equal(m->frame.nfds, 2);
	message_free(m);
	assert_true(fcntl(pipe_ends[1], F_GETFD) >= 0);
}

static void a_reply_that_cannot_pass_them_tells_so(void **state)
{
	int fds[17];
	struct brood_reply_options reply = {.fds = fds, .fd_count = 1};

	(void)state;
	for (int i = 0; i < 17; i++)
		fds[i] = -1;
	open_worker(0);
	say_call(2, 0, 0);
	assert_rc(-EBADF, brood_reply_full(kept, &reply));
	expect_status(2, REASON_INTERNAL);
	say_call(4, 0, 0);
	reply.fd_count = 17;
	assert_rc(-EINVAL, brood_reply_full(kept, &reply));
	expect_status(4, REASON_INTERNAL);
}

static void a_supervisor_that_takes_none_is_sent_none(void **state)
{
	struct brood_reply_options reply = {.fds = pipe_ends, .fd_count = 2};

	(void)state;
	duo_worker(&d, keep, NULL, NULL);
	say_call(2, 0, 0);
	assert_rc(-EOPNOTSUPP, brood_reply_full(kept, &reply));
	expect_status(2, REASON_FD_REFUSED);
}

static struct {
	unsigned calls;
	unsigned reason;
	size_t count;
	int taken;
} answered;

static void on_answer(uint32_t id, const struct brood_answer *answer, void *user)
{
	(void)id;
	(void)user;
	answered.calls++;
	answered.reason = answer->reason;
	answered.count = answer->fd_count;
	answered.taken = brood_answer_take_fd(answer, 0);
	if (answered.taken >= 0)
		close(answered.taken);
}

/* Starts a call and lets the peer answer it with so many. */
static void call_and_answer(uint8_t nfds, int count)
{
	uint32_t id;

	answered.calls = 0;
	assert_rc(0, brood_call_start(d.b, "m", NULL, 0, NULL, on_answer, NULL, &id));
	duo_skip(&d, FRAME_CALL);
	say(&(struct frame){.type = FRAME_REPLY, .flags = FLAG_EOM | FLAG_EOS, .id = id, .nfds = nfds}, count);
	assert_int_equal(duo_step(&d), 0);
	assert_int_equal(answered.calls, 1);
}

static void an_answer_brings_some(void **state)
{
	(void)state;
	open_client(3);
	call_and_answer(3, 3);
	assert_int_equal(answered.reason, BROOD_REASON_NONE);
	assert_int_equal(answered.count, 3);
	assert_true(answered.taken >= 0);
	call_and_answer(0, 0);
	assert_int_equal(answered.count, 0);
	assert_rc(-ENOENT, answered.taken);
}

static void an_answer_with_too_many_is_an_error(void **state)
{
	(void)state;
	open_client(1);
	call_and_answer(2, 2);
	assert_int_equal(answered.reason, BROOD_REASON_FD_REFUSED);
	assert_rc(-ENOENT, answered.taken);
	call_and_answer(FRAME_FDS_UNSENT, 0);
	assert_int_equal(answered.reason, BROOD_REASON_FD_LOST);
	call_and_answer(1, 1);
	assert_int_equal(answered.reason, BROOD_REASON_NONE);
}

static void a_client_that_asked_for_none_gets_none(void **state)
{
	(void)state;
	open_client(0);
	call_and_answer(1, 1);
	assert_int_equal(answered.reason, BROOD_REASON_FD_REFUSED);
}

/* What has not left when the connection ends is closed with it. */
static void a_lost_connection_keeps_nothing(void **state)
{
	struct brood_call_options o = {.fds = &pipe_ends[1], .fd_count = 1};
	static char body[100000];

	(void)state;
	open_client(0);
	answered.calls = 0;
	for (int i = 0; i < 20; i++)
		assert_rc(0, brood_call_start(d.b, "m", body, sizeof(body), &o, on_answer, NULL, NULL));
	assert_true(check_open_fds() > open_before + 10);
	brood_close(d.b);
	d.b = NULL;
	assert_int_equal(answered.calls, 20);
	while (peer_end_hear(&d.peer) > 0)
		;
	for (struct message *m; (m = peer_end_take(&d.peer)) != NULL;)
		message_free(m);
}

static void wrong_options_are_refused(void **state)
{
	brood_t *b = NULL;

	(void)state;
	open_client(0);
	assert_rc(-EINVAL, brood_connect(&b, "fd:0", &(struct brood_client_options){.fds = 17}));
	assert_rc(-EINVAL, brood_connect(&b, "fd:0", &(struct brood_client_options){.fds = -1}));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static const struct CMUnitTest tests[] = {
	TEST(a_request_brings_some),
	TEST(a_plain_request_brings_none),
	TEST(more_than_was_asked_for_is_refused),
	TEST(none_are_taken_unasked),
	TEST(unannounced_ones_break_the_protocol),
	TEST(a_reply_passes_duplicates),
	TEST(a_reply_that_cannot_pass_them_tells_so),
	TEST(a_supervisor_that_takes_none_is_sent_none),
	TEST(an_answer_brings_some),
	TEST(an_answer_with_too_many_is_an_error),
	TEST(a_client_that_asked_for_none_gets_none),
	TEST(a_lost_connection_keeps_nothing),
	TEST(wrong_options_are_refused),
};

CHECK_MAIN(tests)
