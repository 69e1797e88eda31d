/*
 * sdk_no_memory: a whole session of a worker and one of a client, with each allocation refused in turn.
 *
 * Once with that one refused, once with it and all that follow. Nothing crashes, leaks or stays open; what fails says
 * so; each call that was started ends once.
 */
#include "duo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "fault.h"
#include "room.h"

enum { RUNS_MOST = 3000, STEPS_MOST = 10000, LONG = 100000 };

char *__wrap_strdup(const char *text);

/* The C library's own would not be refused. */
char *__wrap_strdup(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = malloc(size);

	return copy ? memcpy(copy, text, size) : NULL;
}

static uint8_t large[LONG];
static brood_t *b;
static int peer; /* what is said by the other side was written before; what we say is not even decoded */
static brood_request_t *kept;
static unsigned started;
static unsigned ended;
static unsigned refused; /* functions that said -ENOMEM */

static void note(int rc)
{
	refused += rc == -ENOMEM;
}

/* All that was written for a session beforehand. */
static uint8_t script[600000];
static size_t script_size;
static size_t greeting_size; /* of it */

static void write_frame(const struct frame *f)
{
	size_t size;
	uint8_t *bytes = peer_end_encode(f, &size);

	assert_in_range(size, 1, sizeof(script) - script_size);
	memcpy(script + script_size, bytes, size);
	script_size += size;
	free(bytes);
}

static void write_greeting(uint8_t type)
{
	struct hello offer = peer_end_offer();
	uint8_t payload[HELLO_MOST];

	offer.lines = "name=thumbs\ninstance=1\n";
	offer.lines_size = strlen(offer.lines);
	offer.stream_window = 20000;
	script_size = 0;
	write_frame(&(struct frame){.type = type,
				    .body = payload,
				    .body_size = (uint32_t)hello_write(payload, sizeof(payload), &offer)});
	greeting_size = script_size;
}

static void write_bare(uint8_t type, uint32_t id, uint32_t arg)
{
	write_frame(&(struct frame){.type = type, .id = id, .arg = arg});
}

static void write_message(uint8_t type, uint32_t id, unsigned flags, size_t size)
{
	uint8_t block[64];
	struct head_writer w = {.block = block, .capacity = sizeof(block)};

	assert_true(head_add_text(&w, "key", "value"));
	write_frame(&(struct frame){.type = type,
				    .flags = (uint8_t)flags,
				    .id = id,
				    .head = block,
				    .head_size = (uint32_t)w.size,
				    .body = large,
				    .body_size = (uint32_t)size});
}

static void drain(void)
{
	static uint8_t bytes[64 << 10];

	while (recv(peer, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		;
}

static void answer_kept(void)
{
	if (kept)
		note(brood_reply(kept, NULL, 0));
	kept = NULL;
}

/* Says the script in pieces that split frames, and steps; at its end the peer falls silent. */
static void play(void)
{
	size_t at = greeting_size;
	int rc = 0;

	for (int steps = 0; rc == 0; steps++) {
		size_t left = script_size - at;
		ssize_t n = 0;

		assert_in_range(steps, 0, STEPS_MOST);
		if (left > 0)
			n = send(peer, script + at, left < 3333 ? left : 3333, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n > 0)
			at += (size_t)n;
		if (at == script_size) {
			shutdown(peer, SHUT_WR);
			answer_kept();
		}
		rc = brood_process(b);
		drain();
	}
	assert_true(rc == 1 || rc == -ENOMEM);
	note(rc);
}

/* Lets a scenario meet each refusal; it must have met at least `sites` allocations. */
static void refuse_each(void (*scenario)(void), size_t sites)
{
	int fd = room_lowest_fd();

	for (int for_ever = 0; for_ever < 2; for_ever++) {
		for (size_t k = 1;; k++) {
			bool was_refused;

			started = ended = refused = 0;
			kept = NULL;
			fault_arm(k, for_ever);
			scenario();
			was_refused = fault_disarm();
			assert_int_equal(started, ended);
			assert_int_equal(room_lowest_fd(), fd);
			if (!was_refused) {
				assert_in_range(k, sites + 1, RUNS_MOST);
				break;
			}
		}
	}
}

/* The pair is made and greeted before memory becomes short. */
static int open_pair(void)
{
	int fds[2];

	assert_return_code(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), errno);
	peer = fds[0];
	return fds[1];
}

/* ------------------------------------------------------------------ a worker */

static void on_request(brood_request_t *r, void *user)
{
	const struct brood_meta meta = brood_meta_text("key", "value");
	size_t size;

	(void)user;
	assert_non_null(brood_request_method(r));
	(void)brood_request_body(r, &size);
	switch (brood_request_method_number(r) % 4) {
	case 0:
		note(brood_reply(r, large, LONG));
		break;
	case 1:
		note(brood_reply_error(r, BROOD_ABORTED, "because %d", 5));
		break;
	case 2:
		note(brood_reply_full(r, &(struct brood_reply_options){.meta = &meta, .meta_count = 1}));
		break;
	default:
		answer_kept();
		kept = r;
		break;
	}
}

static void write_worker_script(void)
{
	write_greeting(FRAME_HELLO);
	for (uint32_t i = 0; i < 8; i++)
		write_frame(&(struct frame){.type = FRAME_CALL,
					    .flags = FLAG_EOM | FLAG_EOS,
					    .id = 2 + 2 * i,
					    .arg = i,
					    .body = large,
					    .body_size = i % 2 ? 10 : 9000});
	write_message(FRAME_CALL, 40, 0, 20000);
	write_message(FRAME_CALL, 42, 0, 500);
	write_message(FRAME_DATA, 40, 0, 20000);
	write_message(FRAME_DATA, 42, FLAG_EOM | FLAG_EOS, 500);
	write_message(FRAME_DATA, 40, FLAG_EOM | FLAG_EOS, 20000);
	write_message(FRAME_CALL, 44, 0, 500);
	write_bare(FRAME_CANCEL, 44, 1);
	write_bare(FRAME_PING, 0, 1);
	write_bare(FRAME_FLUSH, 0, 2);
	write_message(FRAME_NOTIFY, 0, 0, 100);
	write_bare(FRAME_WINDOW, 2, LONG);
	write_bare(FRAME_WINDOW, 10, LONG);
	write_bare(FRAME_GOAWAY, 0, REASON_DRAINING);
}

static void work(void)
{
	const struct brood_worker_options o = {.slots = 10, .expect_user = "0"};
	int fd = open_pair();
	char channel[16];
	int rc;

	snprintf(channel, sizeof(channel), "%d", fd);
	setenv(BROOD_ENV_CHANNEL, channel, 1);
	duo_parent = getpid();
	assert_int_equal(send(peer, script, greeting_size, MSG_DONTWAIT), greeting_size);
	rc = brood_worker_open(&b, on_request, NULL, &o);
	assert_true(rc == 0 || rc == -ENOMEM);
	note(rc);
	if (rc == 0) {
		note(brood_slots(b, 9));
		note(brood_status(b, "working"));
		note(brood_notify(b, 1, large, 5000));
		(void)brood_fd(b);
		play();
		answer_kept();
		brood_close(b);
	} else {
		assert_null(b);
		if (fcntl(fd, F_GETFD) >= 0)
			close(fd); /* it had not been taken yet */
	}
	unsetenv(BROOD_ENV_CHANNEL);
	close(peer);
}

static void a_worker_without_memory_ends_cleanly(void **state)
{
	(void)state;
	write_worker_script();
	refuse_each(work, 30);
}

/* ------------------------------------------------------------------ a client */

static void on_answer(uint32_t id, const struct brood_answer *a, void *user)
{
	size_t size;

	(void)id;
	(void)user;
	ended++;
	assert_non_null(a->text);
	if (a->code == BROOD_OK)
		(void)brood_answer_find(a, "key", &size);
}

static void start(size_t size)
{
	const struct brood_meta meta = brood_meta_text("key", "value");
	const struct brood_call_options o = {.timeout = 60000, .meta = &meta, .meta_count = 1};
	int rc = brood_call_start(b, "method", large, size, &o, on_answer, NULL, NULL);

	note(rc);
	started += rc == 0;
}

static int connects;

static int connect_pair(const char *address, void *user)
{
	int fd;

	(void)address;
	(void)user;
	if (connects > 0)
		close(peer);
	fd = open_pair();
	assert_int_equal(send(peer, script, script_size, MSG_DONTWAIT), script_size);
	if (connects++ > 0)
		shutdown(peer, SHUT_WR); /* nobody has to wait for the second */
	return fd;
}

static void write_client_script(void)
{
	write_greeting(FRAME_WELCOME);
	write_message(FRAME_REPLY, 1, FLAG_EOM | FLAG_EOS, 10);
	write_message(FRAME_DATA, 3, 0, 20000);
	write_message(FRAME_DATA, 3, 0, 20000);
	write_message(FRAME_REPLY, 3, FLAG_EOM | FLAG_EOS, 20000);
	write_message(FRAME_REPLY, 5, FLAG_EOS, 0);
	write_bare(FRAME_WINDOW, 7, LONG);
	write_bare(FRAME_PING, 0, 1);
}

static void call(void)
{
	static const struct brood_client_options o = {
		.connect = connect_pair, .expect_user = "0", .timeout = 2000};
	struct brood_answer a;
	int rc;

	connects = 0;
	rc = brood_connect(&b, "pair", &o);
	assert_true(rc == 0 || rc == -ENOMEM);
	note(rc);
	if (rc == 0) {
		start(10);
		start(5000);
		start(0);
		start(LONG);
		note(brood_notify(b, 1, large, 5000));
		for (uint32_t id = 1; id < 10; id += 4)
			(void)brood_cancel(b, id);
		shutdown(peer, SHUT_WR);
		while ((rc = brood_process(b)) == 0)
			drain();
		assert_true(rc == -ECONNRESET || rc == -ENOMEM);
		note(rc);
		/* the next call connects again, and is answered by the same script */
		rc = brood_call(b, "method", large, 10, &(struct brood_call_options){.timeout = 1}, &a);
		note(rc);
		brood_answer_free(&a);
		start(10);
		brood_close(b);
	}
	if (connects > 0)
		close(peer);
}

static void a_client_without_memory_ends_cleanly(void **state)
{
	(void)state;
	write_client_script();
	refuse_each(call, 30);
}

/* ------------------------------------------------- a worker's client of another pool */

/* The answer to CONNECT, and WELCOME from whoever has the other end, which is returned. */
static int write_pool(const uint8_t *reply, size_t size)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec vector = {(void *)(uintptr_t)reply, size};
	struct msghdr m = {
		.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
	struct cmsghdr *c = (struct cmsghdr *)(void *)control;
	int fds[2];

	assert_return_code(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), errno);
	assert_int_equal(send(fds[0], script, greeting_size, MSG_DONTWAIT), greeting_size);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fds[1], sizeof(int));
	assert_int_equal(sendmsg(peer, &m, 0), size);
	close(fds[1]);
	return fds[0];
}

static uint8_t hello[600]; /* from the supervisor; in script the WELCOME of the pool */
static size_t hello_size;
static uint8_t *reply;
static size_t reply_size;

static void write_asking_script(void)
{
	struct hello offer = peer_end_offer();
	uint8_t payload[HELLO_MOST];
	size_t size;
	uint8_t *bytes;

	offer.features |= FEATURE_CALLS | FEATURE_FDS;
	size = hello_write(payload, sizeof(payload), &offer);
	bytes = peer_end_encode(&(struct frame){.type = FRAME_HELLO, .body = payload, .body_size = (uint32_t)size},
				&hello_size);
	assert_in_range(hello_size, 1, sizeof(hello));
	memcpy(hello, bytes, hello_size);
	free(bytes);
	reply = peer_end_encode(&(struct frame){.type = FRAME_REPLY, .flags = FLAG_EOM | FLAG_EOS, .id = 1, .nfds = 1},
				&reply_size);
	write_greeting(FRAME_WELCOME);
}

static void ask(void)
{
	brood_t *worker;
	char channel[16];
	int fd = open_pair();
	int rc;

	snprintf(channel, sizeof(channel), "%d", fd);
	setenv(BROOD_ENV_CHANNEL, channel, 1);
	duo_parent = getpid();
	assert_int_equal(send(peer, hello, hello_size, MSG_DONTWAIT), hello_size);
	rc = brood_worker_open(&worker, on_request, NULL, NULL);
	note(rc);
	if (rc == 0) {
		int pool = write_pool(reply, reply_size);

		rc = brood_connect_pool(&b, worker, "b", &(struct brood_client_options){.timeout = 50});
		note(rc);
		/* without memory the socket may be lost, or the channel that brings it */
		assert_true(rc == 0 || rc == -ENOMEM || rc == -EMFILE || rc == -ETIMEDOUT || rc == -ENOTCONN ||
			    rc == -ECONNRESET);
		if (rc == 0) {
			start(10);
			(void)brood_process(b);
			brood_close(b);
		} else {
			assert_null(b);
		}
		close(pool);
		brood_close(worker);
	} else if (fcntl(fd, F_GETFD) >= 0) {
		close(fd); /* it had not been taken yet */
	}
	unsetenv(BROOD_ENV_CHANNEL);
	close(peer);
}

static void a_caller_without_memory_ends_cleanly(void **state)
{
	(void)state;
	write_asking_script();
	refuse_each(ask, 14);
	free(reply);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(a_worker_without_memory_ends_cleanly),
	cmocka_unit_test(a_client_without_memory_ends_cleanly),
	cmocka_unit_test(a_caller_without_memory_ends_cleanly),
};

CHECK_MAIN(tests)
