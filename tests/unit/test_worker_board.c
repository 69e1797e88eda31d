/* worker_board: at every moment the page tells which calls have reached a handler, and no more than that. */
#include "duo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "board.h"

enum { KEPT_MOST = BROOD_MAX_SLOTS };

static struct duo d;
static int page_fd;
static brood_request_t *kept[KEPT_MOST];
static size_t kept_count;
static struct board seen[4]; /* the page, as it was inside the handler */
static size_t seen_count;

static void look(struct board *copy)
{
	assert_int_equal(pread(page_fd, copy, sizeof(*copy), 0), sizeof(*copy));
}

static bool has_started(uint32_t id)
{
	struct board copy;

	look(&copy);
	assert_true(board_is_sound(&copy));
	return board_has_started(&copy, id);
}

static void keep(brood_request_t *request, void *user)
{
	(void)user;
	if (seen_count < 4)
		look(&seen[seen_count++]);
	kept[kept_count++] = request;
}

/* A page as the supervisor makes it; `seals` less than it should have, for tests of that. */
static int new_page(int seals, size_t size)
{
	struct board empty;
	int fd = memfd_create("board", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	board_init(&empty);
	assert_return_code(fd, errno);
	assert_return_code(ftruncate(fd, (off_t)size), errno);
	assert_int_equal(pwrite(fd, &empty, size < sizeof(empty) ? size : sizeof(empty), 0),
			 size < sizeof(empty) ? size : sizeof(empty));
	assert_return_code(fcntl(fd, F_ADD_SEALS, seals), errno);
	return fd;
}

static uint64_t features;

static void open_with(int fd)
{
	struct hello offer = peer_end_offer();
	char text[32];
	struct message *m;
	struct hello h;
	int fds[2];

	snprintf(text, sizeof(text), "%d", fd);
	setenv(BROOD_ENV_BOARD, text, 1);
	offer.features |= FEATURE_BOARD;
	duo_pair(fds);
	duo_channel(fds[1], fds[1]);
	peer_end_open(&d.peer, fds[0], fds[0]);
	peer_end_greet(&d.peer, FRAME_HELLO, &offer);
	assert_rc(0, brood_worker_open(&d.b, keep, NULL, &(struct brood_worker_options){.slots = KEPT_MOST}));
	m = duo_expect(&d, FRAME_WELCOME);
	assert_int_equal(hello_read(m->frame.body, m->frame.body_size, &h), HELLO_OK);
	features = h.features;
	message_free(m);
	duo_skip(&d, FRAME_SLOTS);
	assert_null(getenv(BROOD_ENV_BOARD)); /* grandchildren do not find it */
	assert_int_equal(fcntl(fd, F_GETFD), -1);
}

static int open_worker(void **state)
{
	(void)state;
	kept_count = seen_count = 0;
	page_fd = new_page(F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL, sizeof(struct board));
	open_with(fcntl(page_fd, F_DUPFD_CLOEXEC, 3));
	return 0;
}

static int close_worker(void **state)
{
	(void)state;
	duo_close(&d);
	close(page_fd);
	return 0;
}

static void add_call(uint8_t *bytes, size_t *size, uint32_t id)
{
	struct frame f = {.type = FRAME_CALL, .flags = FLAG_EOM | FLAG_EOS, .id = id,
			  .words = 1u << WORD_DELIVERY, .attempt = 1, .key = 1000 + id};
	size_t n;
	uint8_t *frame = peer_end_encode(&f, &n);

	memcpy(bytes + *size, frame, n);
	*size += n;
	free(frame);
}

static void a_call_starts_when_its_handler_is_called(void **state)
{
	uint8_t bytes[400];
	size_t size = 0;

	(void)state;
	assert_true(features & FEATURE_BOARD);
	add_call(bytes, &size, 2);
	add_call(bytes, &size, 4);
	add_call(bytes, &size, 6);
	peer_end_bytes(&d.peer, bytes, size); /* all three arrive in one read */
	assert_int_equal(duo_step(&d), 0);
	assert_int_equal(seen_count, 3);
	for (uint32_t n = 0; n < 3; n++) {
		for (uint32_t id = 2; id <= 6; id += 2)
			assert_int_equal(board_has_started(&seen[n], id), id <= 2 * n + 2);
		assert_int_not_equal(board_started_at(&seen[n], 2 * n + 2), 0);
		assert_int_equal(seen[n].slot[n].key, 1000 + 2 * n + 2);
	}
	assert_int_not_equal(seen[0].beat_ns, 0);
	for (uint32_t n = 0; n < 3; n++) {
		assert_rc(0, brood_reply(kept[n], NULL, 0));
		duo_skip(&d, FRAME_REPLY);
	}
	look(&seen[0]);
	assert_int_equal(seen[0].served, 3);
	assert_int_equal(seen[0].failed, 0);
}

/* What was answered counts as begun as long as the answer may still be lost with the process. */
static void an_answer_that_waits_for_credit_is_not_forgotten(void **state)
{
	static const char body[BROOD_STREAM_WINDOW + BROOD_MAX_FRAME * 2];
	struct message *m;

	(void)state;
	peer_end_call(&d.peer, 2, "m", NULL, 0);
	assert_int_equal(duo_step(&d), 0);
	assert_rc(0, brood_reply(kept[0], body, sizeof(body)));
	(void)duo_step(&d);
	assert_true(has_started(2));
	/* other calls come and go, more of them than there are slots on the page */
	for (uint32_t id = 4; id < 4 + 6 * KEPT_MOST; id += 2) {
		kept_count = 0;
		peer_end_call(&d.peer, id, "m", NULL, 0);
		assert_int_equal(duo_step(&d), 0);
		assert_int_equal(kept_count, 1);
		assert_true(has_started(id));
		assert_rc(0, brood_reply(kept[0], NULL, 0));
		(void)duo_step(&d);
	}
	assert_true(has_started(2));
	peer_end_say(&d.peer, FRAME_WINDOW, 2, sizeof(body));
	peer_end_say(&d.peer, FRAME_WINDOW, 0, sizeof(body));
	(void)duo_step(&d);
	while ((m = peer_end_take(&d.peer)) != NULL)
		message_free(m);
}

static void all_slots_at_once_again_and_again(void **state)
{
	uint32_t id = 0;

	(void)state;
	for (int round = 0; round < 20; round++) {
		kept_count = 0;
		for (int i = 0; i < KEPT_MOST; i++)
			peer_end_call(&d.peer, id += 2, "m", NULL, 0);
		assert_int_equal(duo_step(&d), 0);
		assert_int_equal(kept_count, KEPT_MOST);
		for (uint32_t n = 0; n < KEPT_MOST; n++)
			assert_true(has_started(id - 2 * n));
		for (size_t i = 0; i < KEPT_MOST; i++) {
			assert_rc(0, brood_reply_error(kept[(i * 5) % KEPT_MOST], BROOD_INTERNAL, "no"));
			duo_skip(&d, FRAME_REPLY);
		}
	}
	look(&seen[0]);
	assert_int_equal(seen[0].failed, 20 * KEPT_MOST);
}

/* More calls than were granted: a page that cannot tell of all is given up. */
static void a_page_that_is_too_small_is_given_up(void **state)
{
	struct board copy;

	(void)state;
	for (uint32_t id = 2; id <= 2 * KEPT_MOST; id += 2)
		peer_end_call(&d.peer, id, "m", NULL, 0);
	assert_int_equal(duo_step(&d), 0);
	look(&copy);
	assert_true(board_is_sound(&copy));
	kept_count = KEPT_MOST - 1; /* the handler's table has room for no more: the last one is answered here */
	assert_rc(0, brood_reply(kept[KEPT_MOST - 1], NULL, 0));
	kept_count = 0;
	for (uint32_t i = 1; i <= 2; i++)
		peer_end_call(&d.peer, 2 * (KEPT_MOST + i), "m", NULL, 0);
	{
		brood_request_t *others[KEPT_MOST];

		memcpy(others, kept, sizeof(others));
		assert_int_equal(duo_step(&d), 0);
		look(&copy);
		assert_false(board_is_sound(&copy));
		assert_true(board_has_started(&copy, 4711));
		assert_int_equal(kept_count, 2);
		for (size_t i = 0; i < 2; i++)
			assert_rc(0, brood_reply(kept[i], NULL, 0));
		for (size_t i = 0; i < KEPT_MOST - 1; i++)
			assert_rc(0, brood_reply(others[i], NULL, 0));
	}
	(void)duo_step(&d);
	for (struct message *m; (m = peer_end_take(&d.peer)) != NULL;)
		message_free(m);
}

static void expect_none(int fd)
{
	kept_count = seen_count = 0;
	open_with(fd);
	assert_false(features & FEATURE_BOARD);
	peer_end_call(&d.peer, 2, "m", NULL, 0);
	seen_count = 4; /* there is no page to look at */
	assert_int_equal(duo_step(&d), 0);
	assert_rc(0, brood_reply(kept[0], NULL, 0));
	duo_skip(&d, FRAME_REPLY);
	duo_close(&d);
}

static void what_is_no_board_is_not_kept_and_calls_go_on(void **state)
{
	int pipes[2];
	int fd;

	(void)state;
	expect_none(new_page(F_SEAL_GROW, sizeof(struct board))); /* could be taken from under us: SIGBUS */
	expect_none(new_page(F_SEAL_SHRINK | F_SEAL_GROW, 64));
	fd = new_page(0, sizeof(struct board));
	assert_int_equal(pwrite(fd, "x", 1, 0), 1);
	assert_return_code(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW), errno);
	expect_none(fd);
	assert_return_code(pipe2(pipes, O_CLOEXEC), errno);
	close(pipes[1]);
	expect_none(pipes[0]);
	fd = new_page(F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE, sizeof(struct board));
	expect_none(fd);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test_setup_teardown(a_call_starts_when_its_handler_is_called, open_worker, close_worker),
	cmocka_unit_test_setup_teardown(an_answer_that_waits_for_credit_is_not_forgotten, open_worker, close_worker),
	cmocka_unit_test_setup_teardown(all_slots_at_once_again_and_again, open_worker, close_worker),
	cmocka_unit_test_setup_teardown(a_page_that_is_too_small_is_given_up, open_worker, close_worker),
	cmocka_unit_test(what_is_no_board_is_not_kept_and_calls_go_on),
};

CHECK_MAIN(tests)
