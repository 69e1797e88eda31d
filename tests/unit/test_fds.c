/*
 * fds, fdqueue, fdmarks, fdsend: descriptors reach the frame that announces them, over a real socket, however it is
 * read and written; and none is left open. Covers P2, P3 and P4 of the fault table where they meet the kernel.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "fdqueue.h"
#include "fdsend.h"
#include "outbox.h"

enum { FILES = 20, READ = 64 << 10 };

/* Files that can be told apart by their inode. */
static int files[FILES];
static int ends[2];
static int fail_with; /* what the next sendmsg() with descriptors fails with */
static unsigned sends;

ssize_t __real_sendmsg(int fd, const struct msghdr *m, int flags);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *m, int flags);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *m, int flags)
{
	sends++;
	if (fail_with && m->msg_controllen > 0) {
		errno = fail_with;
		fail_with = 0;
		return -1;
	}
	return __real_sendmsg(fd, m, flags);
}

static ino_t inode_of(int fd)
{
	struct stat s;

	assert_int_equal(fstat(fd, &s), 0);
	return s.st_ino;
}

static int fds_before;

static int set_up(void **state)
{
	(void)state;
	fds_before = check_open_fds();
	fail_with = 0;
	sends = 0;
	for (int i = 0; i < FILES; i++) {
		files[i] = memfd_create("file", MFD_CLOEXEC);
		assert_true(files[i] >= 0);
	}
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (int i = 0; i < FILES; i++)
		close(files[i]);
	close(ends[0]);
	close(ends[1]);
	assert_int_equal(check_open_fds(), fds_before);
	return 0;
}

/* A frame with the given files; id tells it apart. */
static void add(struct outbox *o, uint32_t id, const char *body, int first, int count)
{
	struct frame f = {.type = FRAME_CALL,
			  .flags = FLAG_EOM | FLAG_EOS,
			  .id = id,
			  .nfds = (uint8_t)count,
			  .body = (const uint8_t *)body,
			  .body_size = (uint32_t)strlen(body)};

	if (count > 0)
		assert_int_equal(fds_copy(&f.fds, files + first, (size_t)count), 0);
	assert_true(outbox_frame(o, &f));
	fds_unref(f.fds);
}

static void send_some(struct outbox *o)
{
	struct iovec vector[8];

	while (outbox_bytes(o) > 0) {
		ssize_t n = fd_send(o, ends[0], vector, 8);

		if (n == -EAGAIN)
			return;
		assert_true(n > 0);
		outbox_sent(o, (size_t)n);
	}
}

struct arrival {
	uint32_t id;
	enum fd_match match;
	unsigned count;
	ino_t inodes[FRAME_FDS_MOST];
};

static struct arrival arrivals[64];
static size_t arrival_count;

static void note(const struct frame *f, struct fd_queue *q)
{
	struct arrival *a = &arrivals[arrival_count++];
	struct fds *fds = NULL;

	*a = (struct arrival){.id = f->id, .match = FD_MATCH_OK};
	if (f->nfds > 0)
		a->match = fd_queue_match(q, f->nfds, &fds);
	for (; fds && a->count < f->nfds; a->count++) {
		int fd = fds_take(fds, a->count);

		assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
		a->inodes[a->count] = inode_of(fd);
		close(fd);
	}
	if (fds)
		assert_int_equal(fds_take(fds, a->count), -1);
	fds_unref(fds);
}

/* Reads with this size until nothing is there; true if nothing is left over. */
static bool hear(struct frame_decoder *d, struct fd_queue *q, size_t size)
{
	static uint8_t buffer[READ];
	struct frame f;
	ssize_t n;

	while ((n = fd_queue_receive(q, ends[1], buffer, size, NULL)) > 0) {
		frame_feed(d, buffer, (size_t)n);
		while (frame_next(d, &f) == FRAME_OK)
			note(&f, q);
		if (fd_queue_is_overfull(q, frame_is_partial(d)))
			return false;
	}
	assert_int_equal(n, -EAGAIN);
	return !fd_queue_is_overfull(q, frame_is_partial(d));
}

static void assert_arrived(size_t at, uint32_t id, int first, int count)
{
	assert_true(at < arrival_count);
	assert_int_equal(arrivals[at].id, id);
	assert_int_equal(arrivals[at].match, FD_MATCH_OK);
	assert_int_equal(arrivals[at].count, count);
	for (int i = 0; i < count; i++)
		assert_int_equal(arrivals[at].inodes[i], inode_of(files[first + i]));
}

/* P2: whatever is read at once, each frame gets its own. */
static void descriptors_reach_their_frame(void **state)
{
	static const size_t sizes[] = {READ, 1, 2, 3, 7, 16, 17, 40};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct outbox o = {0};
		struct frame_decoder d;
		struct fd_queue q = {0};

		arrival_count = 0;
		frame_open(&d, 1 << 16);
		add(&o, 1, "plain", 0, 0);
		add(&o, 3, "", 0, 0);
		add(&o, 5, "two", 0, 2);
		add(&o, 7, "plain", 0, 0);
		add(&o, 9, "one", 2, 1);
		add(&o, 11, "sixteen", 3, 16);
		add(&o, 13, "plain", 0, 0);
		send_some(&o);
		assert_int_equal(outbox_bytes(&o), 0);
		assert_true(hear(&d, &q, sizes[i]));
		assert_int_equal(arrival_count, 7);
		assert_arrived(0, 1, 0, 0);
		assert_arrived(1, 3, 0, 0);
		assert_arrived(2, 5, 0, 2);
		assert_arrived(3, 7, 0, 0);
		assert_arrived(4, 9, 2, 1);
		assert_arrived(5, 11, 3, 16);
		assert_arrived(6, 13, 0, 0);
		assert_null(q.fd);
		frame_close(&d);
		outbox_close(&o);
	}
}

/* A full socket takes part of a frame, or nothing: descriptors leave once, with the first byte. */
static void a_partial_write_sends_them_once(void **state)
{
	static char body[30000];
	struct outbox o = {0};
	struct frame_decoder d;
	struct fd_queue q = {0};
	int least = 1;

	(void)state;
	memset(body, 'x', sizeof(body) - 1);
	assert_int_equal(setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &least, sizeof(least)), 0);
	arrival_count = 0;
	frame_open(&d, 1 << 16);
	for (uint32_t i = 0; i < 10; i++)
		add(&o, 2 * i + 1, body, (int)i, i % 2 ? 3 : 0);
	while (outbox_bytes(&o) > 0) {
		send_some(&o);
		assert_true(hear(&d, &q, READ));
	}
	assert_true(sends > 10);
	assert_int_equal(arrival_count, 10);
	for (uint32_t i = 0; i < 10; i++)
		assert_arrived(i, 2 * i + 1, (int)i, i % 2 ? 3 : 0);
	frame_close(&d);
	outbox_close(&o);
}

/* P3: at the limit of open files that frame fails, and nothing else. */
static void at_the_limit_of_files_one_frame_is_lost(void **state)
{
	struct outbox o = {0};
	struct frame_decoder d;
	struct fd_queue q = {0};
	struct rlimit before;
	struct rlimit tight;

	(void)state;
	arrival_count = 0;
	frame_open(&d, 1 << 16);
	add(&o, 1, "fits", 0, 1);
	add(&o, 3, "does not", 1, 5);
	add(&o, 5, "plain", 0, 0);
	add(&o, 7, "fits", 6, 2);
	send_some(&o);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	tight = before;
	tight.rlim_cur = (rlim_t)(files[FILES - 1] + 1 + 2 + 2); /* the socketpair, and two more */
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
	assert_true(hear(&d, &q, READ));
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(arrival_count, 4);
	assert_arrived(0, 1, 0, 1);
	assert_int_equal(arrivals[1].id, 3);
	assert_int_equal(arrivals[1].match, FD_MATCH_LOST);
	assert_int_equal(arrivals[1].count, 0);
	assert_arrived(2, 5, 0, 0);
	assert_arrived(3, 7, 6, 2);
	frame_close(&d);
	outbox_close(&o);
}

/* The same where not one of them arrived. */
static void with_no_room_at_all_that_frame_is_lost(void **state)
{
	struct outbox o = {0};
	struct frame_decoder d;
	struct fd_queue q = {0};
	struct rlimit before;
	struct rlimit tight;

	(void)state;
	arrival_count = 0;
	frame_open(&d, 1 << 16);
	add(&o, 1, "lost", 0, 3);
	add(&o, 3, "plain", 0, 0);
	send_some(&o);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	tight = before;
	tight.rlim_cur = 3;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
	assert_true(hear(&d, &q, 10));
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(arrival_count, 2);
	assert_int_equal(arrivals[0].match, FD_MATCH_LOST);
	assert_arrived(1, 3, 0, 0);
	frame_close(&d);
	outbox_close(&o);
}

/* What the kernel will not pass is lost to its frame, which says so; the others go on. */
static void what_cannot_be_sent_is_lost_to_its_frame(void **state)
{
	static const int errors[] = {ETOOMANYREFS, EPERM, EBADF};

	(void)state;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		struct outbox o = {0};
		struct frame_decoder d;
		struct fd_queue q = {0};

		arrival_count = 0;
		frame_open(&d, 1 << 16);
		add(&o, 1, "plain", 0, 0);
		add(&o, 3, "two", 0, 2);
		add(&o, 5, "three", 2, 3);
		fail_with = errors[i];
		send_some(&o);
		assert_true(hear(&d, &q, READ));
		assert_int_equal(arrival_count, 3);
		assert_arrived(0, 1, 0, 0);
		assert_int_equal(arrivals[1].id, 3);
		assert_int_equal(arrivals[1].match, FD_MATCH_LOST);
		assert_arrived(2, 5, 2, 3);
		frame_close(&d);
		outbox_close(&o);
	}
}

/* EINTR and EAGAIN say nothing about descriptors. */
static void an_interrupted_send_keeps_them(void **state)
{
	struct outbox o = {0};
	struct frame_decoder d;
	struct fd_queue q = {0};
	struct iovec vector[4];

	(void)state;
	arrival_count = 0;
	frame_open(&d, 1 << 16);
	add(&o, 1, "two", 0, 2);
	fail_with = EAGAIN;
	assert_int_equal(fd_send(&o, ends[0], vector, 4), -EAGAIN);
	fail_with = EINTR;
	send_some(&o);
	assert_true(hear(&d, &q, READ));
	assert_int_equal(arrival_count, 1);
	assert_arrived(0, 1, 0, 2);
	frame_close(&d);
	outbox_close(&o);
}

/* Sends bytes with descriptors, whatever they are. */
static void send_raw(const void *bytes, size_t size, int count)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int) * 253)] = {0};
	struct iovec vector = {(void *)(uintptr_t)bytes, size};
	struct msghdr m = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control,
			   .msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)count)};
	struct cmsghdr *c = (struct cmsghdr *)(void *)control; /* the first one */

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int) * (size_t)count);
	for (int i = 0; i < count; i++)
		memcpy(CMSG_DATA(c) + (size_t)i * sizeof(int), &files[i % FILES], sizeof(int));
	assert_int_equal(__real_sendmsg(ends[0], &m, 0), size);
}

/* P4: what no frame announces is noticed, and closed. */
static void descriptors_that_nobody_announced_are_noticed(void **state)
{
	static const int counts[] = {1, 2, 17, 253};
	uint8_t bytes[FRAME_PREFIX_MOST];
	size_t size = frame_prefix(bytes, &(struct frame){.type = FRAME_PING});

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		struct frame_decoder d;
		struct fd_queue q = {0};

		arrival_count = 0;
		frame_open(&d, 1 << 16);
		send_raw(bytes, size, counts[i]);
		assert_false(hear(&d, &q, READ));
		assert_int_equal(arrival_count, 1);
		fd_queue_close(&q);
		frame_close(&d);
	}
}

/* Part of a frame may have brought them, but no more than it can announce. */
static void a_frame_in_pieces_brings_sixteen_at_most(void **state)
{
	struct frame_decoder d;
	struct fd_queue q = {0};
	uint8_t bytes[FRAME_PREFIX_MOST];
	size_t size = frame_prefix(bytes, &(struct frame){.type = FRAME_CALL, .id = 1, .nfds = 16});

	(void)state;
	arrival_count = 0;
	frame_open(&d, 1 << 16);
	send_raw(bytes, 4, 16);
	assert_true(hear(&d, &q, READ));
	assert_int_equal(arrival_count, 0);
	send_raw(bytes + 4, 2, 2);
	assert_false(hear(&d, &q, READ));
	fd_queue_close(&q);
	assert_int_equal(size, FRAME_HEADER);
	frame_close(&d);
}

/* One that announces what never comes has broken the protocol. */
static void descriptors_that_never_come_are_noticed(void **state)
{
	struct frame_decoder d;
	struct fd_queue q = {0};
	uint8_t bytes[FRAME_PREFIX_MOST];
	size_t size = frame_prefix(bytes, &(struct frame){.type = FRAME_CALL, .id = 1, .nfds = 2});

	(void)state;
	arrival_count = 0;
	frame_open(&d, 1 << 16);
	send_raw(bytes, size, 1);
	assert_true(hear(&d, &q, READ));
	assert_int_equal(arrival_count, 1);
	assert_int_equal(arrivals[0].match, FD_MATCH_NONE);
	frame_close(&d);
}

static void a_closed_outbox_closes_what_it_still_has(void **state)
{
	struct outbox o = {0};

	(void)state;
	add(&o, 1, "a", 0, 16);
	add(&o, 3, "b", 3, 1);
	outbox_close(&o);
	assert_int_equal(check_open_fds(), fds_before + FILES + 2);
}

static void copies_that_cannot_be_made_leave_nothing(void **state)
{
	struct fds *fds = NULL;
	int wrong[3] = {files[0], -1, files[1]};
	int many[17];

	(void)state;
	for (int i = 0; i < 17; i++)
		many[i] = files[i];
	assert_rc(-EBADF, fds_copy(&fds, wrong, 3));
	assert_rc(-EINVAL, fds_copy(&fds, many, 17));
	assert_rc(-EINVAL, fds_copy(&fds, many, 0));
	assert_null(fds);
	assert_int_equal(check_open_fds(), fds_before + FILES + 2);
}

static void what_is_held_is_counted(void **state)
{
	struct fds *fds = NULL;
	size_t held = 5;

	(void)state;
	assert_rc(0, fds_copy(&fds, files, 3));
	fds_count_in(fds, &held);
	assert_int_equal(held, 8);
	fds_ref(fds);
	fds_unref(fds);
	assert_int_equal(held, 8);
	fds_unref(fds);
	assert_int_equal(held, 5);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static const struct CMUnitTest tests[] = {
	TEST(descriptors_reach_their_frame),
	TEST(a_partial_write_sends_them_once),
	TEST(at_the_limit_of_files_one_frame_is_lost),
	TEST(with_no_room_at_all_that_frame_is_lost),
	TEST(what_cannot_be_sent_is_lost_to_its_frame),
	TEST(an_interrupted_send_keeps_them),
	TEST(descriptors_that_nobody_announced_are_noticed),
	TEST(a_frame_in_pieces_brings_sixteen_at_most),
	TEST(descriptors_that_never_come_are_noticed),
	TEST(a_closed_outbox_closes_what_it_still_has),
	TEST(copies_that_cannot_be_made_leave_nothing),
	TEST(what_is_held_is_counted),
};

CHECK_MAIN(tests)
