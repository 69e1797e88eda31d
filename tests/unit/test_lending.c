/*
 * lending: when a client lends memory with a call, what it believes of an answer that lies there, and when the memory
 * serves again; what a worker takes of it and where it writes. Each system call may fail: then bodies are copied.
 */
#include "duo.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "lending.h"
#include "memory.h"

enum { LARGE = BROOD_SHARE_LEAST, MAX_MESSAGE = 1 << 20, ANSWERS_AT = 2 << 20 };

static struct duo d;
static uint8_t large[LARGE];

/* What the handler got last. */
static struct {
	unsigned count;
	unsigned code;
	unsigned reason;
	size_t size;
	uint8_t first;
} got;

static brood_request_t *kept;
static int open_before;

/* The next so many calls of a kind go through, the one behind them fails so. */
static struct failing {
	int error;
	unsigned after;
} pread_fails, pwrite_fails, memfd_fails;

ssize_t __real_pread(int fd, void *bytes, size_t size, off_t offset);
ssize_t __wrap_pread(int fd, void *bytes, size_t size, off_t offset);
ssize_t __real_pwrite(int fd, const void *bytes, size_t size, off_t offset);
ssize_t __wrap_pwrite(int fd, const void *bytes, size_t size, off_t offset);
int __real_memfd_create(const char *name, unsigned flags);
int __wrap_memfd_create(const char *name, unsigned flags);

static bool fails(struct failing *f)
{
	if (f->error == 0 || f->after-- > 0)
		return false;
	errno = f->error;
	f->error = 0;
	return true;
}

ssize_t __wrap_pread(int fd, void *bytes, size_t size, off_t offset)
{
	return fails(&pread_fails) ? -1 : __real_pread(fd, bytes, size, offset);
}

ssize_t __wrap_pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
	return fails(&pwrite_fails) ? -1 : __real_pwrite(fd, bytes, size, offset);
}

int __wrap_memfd_create(const char *name, unsigned flags)
{
	return fails(&memfd_fails) ? -1 : __real_memfd_create(name, flags);
}

/* The memory that was made first of what is there now; *count_out: how many there are. -1: none. */
static int find_memory(unsigned *count_out)
{
	int found = -1;

	*count_out = 0;
	for (int fd = 200; fd >= 3; fd--) {
		char path[40];
		char target[40] = "";

		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		if (readlink(path, target, sizeof(target) - 1) < 0 || !strstr(target, "brood-body"))
			continue;
		found = fd;
		++*count_out;
	}
	return found;
}

static unsigned memories(void)
{
	unsigned count;

	(void)find_memory(&count);
	return count;
}

static int set_up(void **state)
{
	(void)state;
	memset(&got, 0, sizeof(got));
	for (size_t i = 0; i < LARGE; i++)
		large[i] = (uint8_t)(i / 3);
	kept = NULL;
	open_before = check_open_fds();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	duo_close(&d);
	assert_int_equal(check_open_fds(), open_before);
	return 0;
}

/* -------------------------------------------------------------------- client */

static void take(uint32_t id, const struct brood_answer *answer, void *user)
{
	(void)id;
	(void)user;
	got.count++;
	got.code = answer->code;
	got.reason = answer->reason;
	got.size = answer->body_size;
	got.first = answer->body_size > 0 ? *(const uint8_t *)answer->body : 0;
}

static void open_client(size_t share_from)
{
	struct hello offer = peer_end_offer();

	offer.features |= FEATURE_MEMFD;
	offer.max_message = MAX_MESSAGE;
	duo_client_with(&d,
			&(struct brood_client_options){.max_message = MAX_MESSAGE, .share_from = share_from},
			&offer);
}

static uint32_t start(size_t size)
{
	uint32_t id = 0;

	assert_rc(0, brood_call_start(d.b, "m", large, size, NULL, take, NULL, &id));
	return id;
}

/* A call whose body comes as bytes. */
static uint32_t start_copied(size_t size)
{
	uint32_t id = start(size);
	uint8_t type = FRAME_CALL;
	size_t came = 0;

	for (;;) {
		struct message *m = duo_expect(&d, type);
		bool last = m->frame.flags & FLAG_EOM;

		assert_int_equal(m->frame.id, id);
		assert_false(m->frame.flags & FLAG_MEMFD);
		came += m->frame.body_size;
		message_free(m);
		if (last)
			break;
		type = FRAME_DATA;
	}
	assert_int_equal(came, size);
	return id;
}

/* One whose body lies in memory; which is where the answer may be put. */
static uint32_t start_lent(size_t size)
{
	uint32_t id = start(size);
	struct message *m = duo_expect(&d, FRAME_CALL);
	struct memory_note note;

	assert_true(m->frame.flags & FLAG_MEMFD);
	assert_int_equal(m->frame.id, id);
	assert_int_equal(m->frame.nfds, 1);
	note = memory_note(m->frame.body, m->frame.body_size);
	assert_int_equal(note.body.offset, 0);
	assert_int_equal(note.body.size, size);
	assert_int_equal(note.lent.offset, ANSWERS_AT);
	assert_int_equal(note.lent.size, MAX_MESSAGE);
	message_free(m);
	return id;
}

static void reply(uint32_t id, uint32_t status, size_t size)
{
	unsigned before = got.count;

	peer_end_reply(&d.peer, id, status, large, size);
	assert_int_equal(duo_step(&d), 0);
	assert_int_equal(got.count, before + 1);
}

static void say_note(uint32_t id, uint64_t offset, uint64_t size)
{
	struct memory_note n = {.body = {offset, size}};
	uint8_t note[FRAME_NOTE_LENDS];
	struct frame f = {.type = FRAME_REPLY,
			  .flags = FLAG_EOM | FLAG_EOS | FLAG_MEMFD,
			  .id = id,
			  .body = note};

	f.body_size = memory_write_note(note, &n);
	peer_end_frame(&d.peer, &f);
}

/* Up to the first call that lends: one large one is copied. */
static uint32_t start_first_lent(void)
{
	reply(start_copied(LARGE), 0, 3);
	return start_lent(LARGE);
}

static void large_ones_are_lent_from_the_second_on(void **state)
{
	unsigned count;
	uint8_t byte;
	uint32_t id;
	int fd;

	(void)state;
	open_client(0);
	reply(start_copied(LARGE), 0, 3);
	reply(start_copied(LARGE - 1), 0, 3);
	assert_int_equal(memories(), 0);
	for (int i = 0; i < 4; i++) {
		large[5] = (uint8_t)i;
		id = start_lent(LARGE);
		fd = find_memory(&count);
		assert_int_equal(count, 1); /* the same one each time */
		assert_int_equal(pread(fd, &byte, 1, 5), 1);
		assert_int_equal(byte, i);
		assert_int_equal(pwrite(fd, &byte, 1, ANSWERS_AT), 1);
		if (i % 2 == 0) {
			say_note(id, ANSWERS_AT, LARGE + (unsigned)i);
			assert_int_equal(duo_step(&d), 0);
			assert_int_equal(got.size, LARGE + i);
			assert_int_equal(got.first, i);
		} else {
			reply(id, 0, 3);
			reply(start_copied(100), 0, 3); /* as the last answer was small */
		}
	}
	say_note(start_lent(LARGE), ANSWERS_AT, LARGE);
	assert_int_equal(duo_step(&d), 0);
	reply(start_lent(100), 0, 3);
	(void)start_copied(100);
}

static void a_program_decides_from_which_size(void **state)
{
	(void)state;
	open_client(1000);
	reply(start_copied(1000), 0, 3);
	reply(start_copied(999), 0, 3);
	reply(start_lent(1000), 0, 1000);
	reply(start_lent(1), 0, 999);
	reply(start_copied(1), 0, 1);
}

static void calls_at_once_have_memory_of_their_own(void **state)
{
	uint32_t ids[4];

	(void)state;
	open_client(0);
	reply(start_copied(LARGE), 0, 3);
	for (int i = 0; i < 4; i++)
		ids[i] = start_lent(LARGE);
	assert_int_equal(memories(), 4);
	for (int i = 0; i < 4; i++)
		reply(ids[i], 0, 3);
	assert_int_equal(memories(), 4);
	for (int i = 0; i < 4; i++)
		ids[i] = start_lent(LARGE);
	assert_int_equal(memories(), 4);
}

/* Who reads it may read on. */
static void what_brood_has_answered_gives_memory_up(void **state)
{
	static const struct {
		uint32_t status;
		unsigned memories;
	} rows[] = {{0, 1},
		    {CODE_ABORTED, 1},
		    {REASON_DEADLINE << 16 | CODE_DEADLINE_EXCEEDED, 0},
		    {REASON_WORKER_CRASHED << 16 | CODE_UNAVAILABLE, 0},
		    {REASON_CANCELLED << 16 | CODE_CANCELLED, 0},
		    {REASON_INTERNAL << 16 | CODE_INTERNAL, 0}};

	(void)state;
	open_client(0);
	reply(start_copied(LARGE), 0, 3);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		reply(start_lent(LARGE), rows[i].status, 3);
		assert_int_equal(memories(), rows[i].memories);
	}
}

static void cancelled_ones_give_memory_up(void **state)
{
	uint32_t id;

	(void)state;
	open_client(0);
	id = start_first_lent();
	assert_rc(0, brood_cancel(d.b, id));
	duo_skip(&d, FRAME_CANCEL);
	assert_int_equal(memories(), 1);
	reply(id, REASON_CANCELLED << 16 | CODE_CANCELLED, 0);
	assert_int_equal(memories(), 0);
}

static void expect_broken(void)
{
	struct message *m;

	assert_int_equal(duo_step(&d), -EPROTO);
	m = duo_expect(&d, FRAME_GOAWAY);
	assert_int_equal(m->frame.arg, REASON_PROTOCOL);
	message_free(m);
	assert_non_null(strstr(brood_error(), "an answer in memory where it may not lie"));
	assert_int_equal(memories(), 0);
}

static void an_answer_may_lie_only_where_it_was_lent(void **state)
{
	static const struct memory_span spans[] = {
		{0, 1},          {ANSWERS_AT - 1, 1},     {ANSWERS_AT + 1, 1}, {ANSWERS_AT, MAX_MESSAGE + 1},
		{UINT64_MAX, 1}, {ANSWERS_AT, UINT64_MAX}};

	(void)state;
	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
		open_client(0);
		say_note(start_first_lent(), spans[i].offset, spans[i].size);
		expect_broken();
		if (i + 1 < sizeof(spans) / sizeof(spans[0]))
			duo_close(&d);
	}
}

static void an_answer_of_a_call_that_lent_nothing_is_none(void **state)
{
	(void)state;
	open_client(0);
	say_note(start_copied(LARGE), ANSWERS_AT, 1);
	expect_broken();
}

static void an_answer_is_in_memory_or_in_frames(void **state)
{
	uint32_t id;

	(void)state;
	open_client(0);
	id = start_first_lent();
	peer_end_frame(&d.peer,
		       &(struct frame){.type = FRAME_DATA, .id = id, .body = large, .body_size = 100});
	say_note(id, ANSWERS_AT, 1);
	assert_int_equal(duo_step(&d), -EPROTO);
	duo_skip(&d, FRAME_WINDOW);
	duo_skip(&d, FRAME_WINDOW);
	expect_broken();
}

static void without_memory_bodies_are_copied(void **state)
{
	uint32_t id;

	(void)state;
	open_client(0);
	reply(start_copied(LARGE), 0, 3);
	memfd_fails = (struct failing){EMFILE, 0};
	reply(start_copied(LARGE), 0, 3);
	pwrite_fails = (struct failing){ENOSPC, 0};
	reply(start_copied(LARGE), 0, 3);
	assert_int_equal(memories(), 0);
	id = start_lent(LARGE);
	pread_fails = (struct failing){EIO, 0};
	say_note(id, ANSWERS_AT, 10);
	assert_int_equal(duo_step(&d), 0);
	assert_int_equal(got.reason, BROOD_REASON_INTERNAL);
	assert_int_equal(memories(), 0);
	reply(start_lent(LARGE), 0, 3);
	assert_int_equal(memories(), 1);
}

static void a_lost_connection_leaves_none(void **state)
{
	(void)state;
	open_client(0);
	reply(start_first_lent(), 0, 3);
	(void)start_lent(LARGE);
	(void)start_lent(LARGE);
	assert_int_equal(memories(), 2);
	peer_end_half_close(&d.peer);
	assert_int_equal(duo_step(&d), -ECONNRESET);
	assert_int_equal(got.reason, BROOD_REASON_CONNECTION_LOST);
	assert_int_equal(memories(), 0);
}

/* -------------------------------------------------------------------- worker */

static void keep(brood_request_t *request, void *user)
{
	(void)user;
	assert_null(kept);
	kept = request;
}

static void open_worker(void)
{
	struct hello offer = peer_end_offer();

	offer.features |= FEATURE_MEMFD;
	duo_worker_with(&d, keep, NULL, &(struct brood_worker_options){.max_message = MAX_MESSAGE}, &offer);
}

/* CALL with a note, from a user. */
static void say_call(uint32_t id, const struct memory_note *n, int fd, uint32_t uid)
{
	uint8_t note[FRAME_NOTE_LENDS];
	struct frame f = {.type = FRAME_CALL,
			  .flags = FLAG_EOM | FLAG_EOS | FLAG_MEMFD,
			  .id = id,
			  .nfds = 1,
			  .words = 1u << WORD_PEER,
			  .peer = {.uid = uid},
			  .body = note};

	f.body_size = memory_write_note(note, n);
	peer_end_frame_fds(&d.peer, &f, &fd, 1);
	assert_int_equal(duo_step(&d), 0);
}

/* The answer to what is kept, of so many bytes; does it lie in memory? */
static bool answer(uint32_t id, size_t size)
{
	static uint8_t body[LARGE + 10];
	bool is_lent = false;
	bool has_ended = false;

	memset(body, 'a', sizeof(body));
	assert_non_null(kept);
	assert_rc(0, brood_reply(kept, body, size));
	kept = NULL;
	for (size_t came = 0; !has_ended;) {
		struct message *m;

		(void)duo_step(&d);
		m = peer_end_take(&d.peer);
		assert_non_null(m);
		assert_int_equal(m->frame.id, id);
		has_ended = m->frame.type == FRAME_REPLY;
		is_lent = m->frame.flags & FLAG_MEMFD;
		if (is_lent) {
			struct memory_note note = memory_note(m->frame.body, m->frame.body_size);

			assert_int_equal(m->frame.nfds, 0);
			assert_int_equal(note.body.offset, LARGE);
			assert_int_equal(note.body.size, size);
		} else {
			came += m->frame.body_size;
			assert_true(!has_ended || came == size);
		}
		message_free(m);
	}
	return is_lent;
}

static void a_worker_reads_and_writes_where_it_may(void **state)
{
	uid_t me = geteuid();
	const struct {
		struct memory_note note;
		uint32_t uid;
		size_t size; /* of the answer */
		bool is_lent;
	} rows[] = {
		{{{0, 5}, {LARGE, LARGE}}, me, LARGE, true},
		{{{0, 5}, {LARGE, LARGE}}, 0, LARGE, true},
		{{{0, 0}, {LARGE, LARGE}}, me, LARGE, true},
		{{{0, 5}, {LARGE, LARGE}}, me, LARGE - 1, false},
		{{{0, 5}, {LARGE, LARGE}}, me, LARGE + 1, false},
		{{{0, 5}, {LARGE, LARGE}}, me + 4711, LARGE, false},
		{{{0, 5}, {LARGE, LARGE}}, UINT32_MAX, LARGE, false},
		{{{0, 5}, {0, 0}}, me, LARGE, false},
	};
	int fd = memfd_create("theirs", MFD_CLOEXEC);
	uint8_t byte;

	(void)state;
	assert_int_equal(ftruncate(fd, 2 * LARGE), 0);
	open_worker();
	for (uint32_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t size;
		const void *body;

		assert_int_equal(pwrite(fd, "hello", 5, 0), 5);
		assert_int_equal(pwrite(fd, "-", 1, LARGE), 1);
		say_call(2 * i + 2, &rows[i].note, fd, rows[i].uid);
		assert_non_null(kept);
		body = brood_request_body(kept, &size);
		assert_int_equal(size, rows[i].note.body.size);
		assert_memory_equal(body, "hello", size);
		assert_int_equal(pwrite(fd, "HELLO", 5, 0), 5); /* it has its own copy */
		assert_memory_equal(body, "hello", size);
		assert_int_equal(brood_request_fds(kept), 0);
		assert_rc(-ENOENT, brood_request_take_fd(kept, 0));
		assert_int_equal(answer(2 * i + 2, rows[i].size), rows[i].is_lent);
		assert_int_equal(pread(fd, &byte, 1, LARGE), 1);
		assert_int_equal(byte, rows[i].is_lent ? 'a' : '-');
	}
	close(fd);
}

static void what_cannot_be_written_is_sent(void **state)
{
	const struct memory_note note = {{0, 5}, {LARGE, LARGE}};
	int fd = memfd_create("theirs", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	(void)state;
	assert_int_equal(ftruncate(fd, 2 * LARGE), 0);
	open_worker();
	say_call(2, &note, fd, geteuid());
	pwrite_fails = (struct failing){ENOSPC, 0};
	assert_false(answer(2, LARGE));
	say_call(4, &note, fd, geteuid());
	assert_true(answer(4, LARGE));
	say_call(6, &note, fd, geteuid());
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), 0);
	assert_false(answer(6, LARGE));
	close(fd);
}

static void what_cannot_be_read_is_refused(void **state)
{
	const struct memory_note note = {{0, 5}, {0, 0}};
	int fd = memfd_create("theirs", MFD_CLOEXEC);
	struct message *m;

	(void)state;
	assert_int_equal(ftruncate(fd, 5), 0);
	open_worker();
	pread_fails = (struct failing){EIO, 0};
	say_call(2, &note, fd, geteuid());
	assert_null(kept);
	m = duo_expect(&d, FRAME_REPLY);
	assert_int_equal(frame_status_reason(m->frame.arg), REASON_INVALID);
	assert_true(m->frame.flags & FLAG_NOT_PROCESSED);
	message_free(m);
	close(fd);
}

#define LENDING_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static const struct CMUnitTest tests[] = {
	LENDING_TEST(large_ones_are_lent_from_the_second_on),
	LENDING_TEST(a_program_decides_from_which_size),
	LENDING_TEST(calls_at_once_have_memory_of_their_own),
	LENDING_TEST(what_brood_has_answered_gives_memory_up),
	LENDING_TEST(cancelled_ones_give_memory_up),
	LENDING_TEST(an_answer_may_lie_only_where_it_was_lent),
	LENDING_TEST(an_answer_of_a_call_that_lent_nothing_is_none),
	LENDING_TEST(an_answer_is_in_memory_or_in_frames),
	LENDING_TEST(without_memory_bodies_are_copied),
	LENDING_TEST(a_lost_connection_leaves_none),
	LENDING_TEST(a_worker_reads_and_writes_where_it_may),
	LENDING_TEST(what_cannot_be_written_is_sent),
	LENDING_TEST(what_cannot_be_read_is_refused),
};

CHECK_MAIN(tests)
