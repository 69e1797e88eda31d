/* store: what a worker asks about parked descriptors, and what it makes of the answers. */
#include "duo.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes.h"

enum { WAIT_MS = 10000 };

static struct duo d;
static int open_before;
static unsigned handled;

static int open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = -3;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static void handle(brood_request_t *request, void *user)
{
	(void)user;
	handled++;
	brood_reply(request, NULL, 0);
}

static void open_with(uint64_t features, brood_handler handler)
{
	struct hello offer = peer_end_offer();

	handled = 0;
	open_before = open_fds();
	offer.features |= features;
	duo_worker_with(&d, handler, NULL, &(struct brood_worker_options){.slots = 2}, &offer);
}

static int open_worker(void **state)
{
	(void)state;
	open_with(FEATURE_FDS | FEATURE_STORE, handle);
	return 0;
}

static int close_worker(void **state)
{
	(void)state;
	duo_close(&d);
	assert_int_equal(open_fds(), open_before);
	return 0;
}

/* The last frame of an answer. */
static void answer(uint8_t type, uint32_t cookie, uint32_t status, uint32_t count, const char *text)
{
	uint8_t block[200];
	uint8_t body[8];
	struct head_writer w = {.block = block, .capacity = sizeof(block)};

	bytes_put32(body, status);
	bytes_put32(body + 4, count);
	assert_true(!text || head_add_text(&w, ":error", text));
	peer_end_frame(&d.peer, &(struct frame){.type = type,
						.arg = cookie,
						.head = block,
						.head_size = (uint32_t)w.size,
						.body = body,
						.body_size = sizeof(body)});
}

/* One that was parked; fd -1: it was lost on the way. */
static void bring(uint32_t cookie, const char *name, int fd)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {0};
	uint8_t block[300];
	struct head_writer w = {.block = block, .capacity = sizeof(block)};
	struct frame f = {.type = FRAME_FETCH, .arg = cookie, .head = block, .nfds = fd >= 0 ? 1 : FRAME_FDS_UNSENT};
	struct iovec vector;
	struct msghdr m = {.msg_iov = &vector, .msg_iovlen = 1};
	struct cmsghdr *c = (struct cmsghdr *)(void *)control;
	size_t size;
	uint8_t *bytes;

	assert_true(head_add_text(&w, ":name", name));
	f.head_size = (uint32_t)w.size;
	bytes = peer_end_encode(&f, &size);
	vector = (struct iovec){bytes, size};
	if (fd >= 0) {
		m.msg_control = control;
		m.msg_controllen = sizeof(control);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	}
	assert_int_equal(sendmsg(d.peer.out, &m, 0), size);
	free(bytes);
}

static void expect_question(uint8_t type, uint8_t nfds, const char *name)
{
	struct message *m = duo_expect(&d, type);

	assert_int_equal(m->frame.id, 0);
	assert_int_equal(m->frame.nfds, nfds);
	if (name)
		assert_true(peer_end_has_text(m, ":name", name));
	else
		assert_int_equal(m->frame.head_size, 0);
	message_free(m);
}

static void what_is_asked_stands_on_the_wire(void **state)
{
	int fds[16];

	(void)state;
	for (int n = 0; n < 16; n++)
		fds[n] = 0;
	answer(FRAME_STORE, 1, 0, 3, NULL);
	assert_int_equal(brood_worker_store(d.b, "a name", fds, 2, WAIT_MS), 3);
	expect_question(FRAME_STORE, 2, "a name");
	answer(FRAME_STORE, 2, 0, 16, NULL);
	assert_int_equal(brood_worker_store(d.b, NULL, fds, 16, WAIT_MS), 16);
	expect_question(FRAME_STORE, 16, NULL);
	answer(FRAME_STORE, 3, 0, 5, NULL);
	assert_int_equal(brood_worker_unstore(d.b, "x", WAIT_MS), 5);
	expect_question(FRAME_STORE, 0, "x");
	answer(FRAME_FETCH, 4, 0, 0, NULL);
	assert_int_equal(brood_worker_fetch(d.b, NULL, NULL, 0, WAIT_MS), 0);
	expect_question(FRAME_FETCH, 0, NULL);
}

static void what_comes_back_is_the_callers(void **state)
{
	struct brood_stored got[3];
	struct stat st[2];

	(void)state;
	bring(1, "a", 0);
	bring(1, "b", d.peer.in);
	answer(FRAME_FETCH, 1, 0, 2, NULL);
	assert_int_equal(brood_worker_fetch(d.b, NULL, got, 3, WAIT_MS), 2);
	assert_string_equal(got[0].name, "a");
	assert_string_equal(got[1].name, "b");
	assert_int_equal(fstat(got[1].fd, &st[0]) | fstat(d.peer.in, &st[1]), 0);
	assert_int_equal(st[0].st_ino, st[1].st_ino);
	for (int n = 0; n < 2; n++) {
		assert_true(fcntl(got[n].fd, F_GETFD) & FD_CLOEXEC);
		close(got[n].fd);
	}
	duo_skip(&d, FRAME_FETCH);
	/* what there is no room for is closed, and counted */
	for (int n = 0; n < 3; n++)
		bring(2, "c", 0);
	answer(FRAME_FETCH, 2, 0, 3, NULL);
	assert_int_equal(brood_worker_fetch(d.b, "c", got, 1, WAIT_MS), 3);
	close(got[0].fd);
	duo_skip(&d, FRAME_FETCH);
}

/* One that did not arrive: none is given, so that nobody takes the rest for all. */
static void a_lost_one_loses_all(void **state)
{
	struct brood_stored got[3];

	(void)state;
	bring(1, "a", 0);
	bring(1, "b", -1);
	bring(1, "c", 0);
	answer(FRAME_FETCH, 1, 0, 3, NULL);
	assert_rc(-EMFILE, brood_worker_fetch(d.b, NULL, got, 3, WAIT_MS));
	assert_non_null(strstr(brood_error(), "limit of open files"));
	duo_skip(&d, FRAME_FETCH);
}

static void refusals_have_their_numbers_and_words(void **state)
{
	static const struct {
		enum frame_reason reason;
		int rc;
	} rows[] = {{REASON_UNSUPPORTED, -EOPNOTSUPP}, {REASON_INVALID, -EINVAL},   {REASON_OVERLOADED, -ENOSPC},
		    {REASON_FD_LOST, -EMFILE},         {REASON_INTERNAL, -ENOMEM}, {REASON_DENIED, -ENOMEM}};
	int fd = 0;

	(void)state;
	for (uint32_t n = 0; n < 6; n++) {
		answer(FRAME_STORE, n + 1, frame_status_of(rows[n].reason), 0, "the words of brood");
		assert_rc(rows[n].rc, brood_worker_store(d.b, "a", &fd, 1, WAIT_MS));
		assert_string_equal(brood_error(), "cannot park a: the words of brood");
		duo_skip(&d, FRAME_STORE);
	}
	assert_rc(-EINVAL, brood_worker_store(d.b, "a", &fd, 0, WAIT_MS));
	assert_rc(-EINVAL, brood_worker_store(d.b, "a", &fd, 17, WAIT_MS));
	fd = 999;
	assert_rc(-EBADF, brood_worker_store(d.b, "a", &fd, 1, WAIT_MS));
	duo_expect_silence(&d);
}

/* Answers that nobody waits for, that are too short, twice, or of another question, harm nobody. */
static void nonsense_is_no_answer(void **state)
{
	struct brood_stored got[1];

	(void)state;
	bring(7, "a", 0);
	answer(FRAME_FETCH, 7, 0, 1, NULL);
	answer(FRAME_STORE, 0, 0, 1, NULL);
	assert_int_equal(duo_step(&d), 0);
	peer_end_say(&d.peer, FRAME_FETCH, 0, 1);
	answer(FRAME_FETCH, 1, 0, 1, NULL);
	assert_rc(-ENOMEM, brood_worker_fetch(d.b, NULL, got, 1, WAIT_MS));
	duo_skip(&d, FRAME_FETCH);
	answer(FRAME_STORE, 2, 0, 4, NULL); /* not what was asked */
	answer(FRAME_FETCH, 2, 0, 4, NULL); /* and none came */
	assert_rc(-EMFILE, brood_worker_fetch(d.b, NULL, got, 1, WAIT_MS));
	duo_skip(&d, FRAME_FETCH);
}

static void no_answer_is_not_waited_for_longer(void **state)
{
	(void)state;
	assert_rc(-ETIMEDOUT, brood_worker_unstore(d.b, "a", 0));
	assert_rc(-ETIMEDOUT, brood_worker_unstore(d.b, "a", 20));
	duo_skip(&d, FRAME_STORE);
	duo_skip(&d, FRAME_STORE);
	answer(FRAME_STORE, 1, 0, 1, NULL); /* too late */
	assert_int_equal(duo_step(&d), 0);
	peer_end_half_close(&d.peer);
	assert_rc(-ENOTCONN, brood_worker_unstore(d.b, "a", WAIT_MS));
	duo_skip(&d, FRAME_STORE);
}

/* Calls that come meanwhile wait for the next step: nobody serves before it has what it fetched. */
static void calls_wait_meanwhile(void **state)
{
	(void)state;
	peer_end_call(&d.peer, 2, NULL, NULL, 0);
	answer(FRAME_FETCH, 1, 0, 0, NULL);
	assert_int_equal(brood_worker_fetch(d.b, NULL, NULL, 0, WAIT_MS), 0);
	assert_int_equal(handled, 0);
	assert_int_equal(duo_step(&d), 0);
	assert_int_equal(handled, 1);
	duo_skip(&d, FRAME_FETCH);
	duo_skip(&d, FRAME_REPLY);
}

static void *unstore(void *user)
{
	(void)user;
	return (void *)(intptr_t)brood_worker_unstore(d.b, "a", WAIT_MS);
}

/* In another thread it just sleeps, while somebody drives the worker. */
static void other_threads_may_ask(void **state)
{
	pthread_t thread;
	void *result;

	(void)state;
	assert_rc(0, brood_process(d.b)); /* this thread drives it */
	assert_int_equal(pthread_create(&thread, NULL, unstore, NULL), 0);
	message_free(peer_end_expect(&d.peer, FRAME_STORE));
	answer(FRAME_STORE, 1, 0, 7, NULL);
	assert_int_equal(duo_step(&d), 0);
	assert_int_equal(pthread_join(thread, &result), 0);
	assert_int_equal((intptr_t)result, 7);
}

static void without_the_feature_nothing_is_sent(void **state)
{
	int fd = 0;

	(void)state;
	open_with(FEATURE_FDS, handle);
	assert_rc(-EOPNOTSUPP, brood_worker_store(d.b, "a", &fd, 1, WAIT_MS));
	assert_non_null(strstr(brood_error(), "fd_store"));
	assert_rc(-EOPNOTSUPP, brood_worker_fetch(d.b, NULL, NULL, 0, WAIT_MS));
	assert_rc(-EOPNOTSUPP, brood_worker_unstore(d.b, "a", WAIT_MS));
	duo_expect_silence(&d);
	(void)close_worker(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_worker, close_worker)

static const struct CMUnitTest tests[] = {
	TEST(what_is_asked_stands_on_the_wire),
	TEST(what_comes_back_is_the_callers),
	TEST(a_lost_one_loses_all),
	TEST(refusals_have_their_numbers_and_words),
	TEST(nonsense_is_no_answer),
	TEST(no_answer_is_not_waited_for_longer),
	TEST(calls_wait_meanwhile),
	TEST(other_threads_may_ask),
	cmocka_unit_test(without_the_feature_nothing_is_sent),
};

CHECK_MAIN(tests)
