/*
 * memory: what a peer passes as memory is looked at before it is believed, and read so that nothing it does to it can
 * hurt: P15 of the fault table. And each system call may do half of what it was asked for, or fail.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "assembly.h"
#include "check.h"
#include "memory.h"

enum { SIZE = 100000, ALL_SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE };

/* What the next calls of each kind do: one error, once, or one byte at a time. */
static int fail_with;
static bool by_bytes;

ssize_t __real_pread(int fd, void *bytes, size_t size, off_t offset);
ssize_t __wrap_pread(int fd, void *bytes, size_t size, off_t offset);
ssize_t __real_pwrite(int fd, const void *bytes, size_t size, off_t offset);
ssize_t __wrap_pwrite(int fd, const void *bytes, size_t size, off_t offset);
int __real_memfd_create(const char *name, unsigned flags);
int __wrap_memfd_create(const char *name, unsigned flags);
int __real_ftruncate(int fd, off_t size);
int __wrap_ftruncate(int fd, off_t size);

static bool fails(void)
{
	if (fail_with == 0)
		return false;
	errno = fail_with;
	fail_with = 0;
	return true;
}

ssize_t __wrap_pread(int fd, void *bytes, size_t size, off_t offset)
{
	return fails() ? -1 : __real_pread(fd, bytes, by_bytes && size > 1 ? 1 : size, offset);
}

ssize_t __wrap_pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
	return fails() ? -1 : __real_pwrite(fd, bytes, by_bytes && size > 1 ? 1 : size, offset);
}

int __wrap_memfd_create(const char *name, unsigned flags)
{
	return fails() ? -1 : __real_memfd_create(name, flags);
}

int __wrap_ftruncate(int fd, off_t size)
{
	return fails() ? -1 : __real_ftruncate(fd, size);
}

/* Memory of SIZE bytes with these seals. */
static int sealed(int seals)
{
	int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, SIZE), 0);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

static void assert_problem(const char *expected, int fd, struct memory_note note)
{
	const char *problem = memory_problem(fd, &note);

	if (problem != expected && (!problem || !expected || strcmp(problem, expected) != 0))
		fail_msg("'%s' instead of '%s'", problem ? problem : "none", expected ? expected : "none");
}

static const struct memory_note whole = {.body = {0, SIZE}};

static void any_seals_will_do(void **state)
{
	uint8_t bytes[SIZE];

	(void)state;
	for (int seals = 0; seals <= ALL_SEALS; seals++) {
		int fd = sealed(seals);

		assert_problem(NULL, fd, whole);
		assert_rc(0, memory_read(fd, whole.body, bytes));
		close(fd);
	}
}

static void what_is_no_memfd_is_not_touched(void **state)
{
	static const char *const paths[] = {"/dev/zero", "/dev/null", "/proc/self/status", "."};
	int ends[2];

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		int fd = open(paths[i], O_RDONLY | O_CLOEXEC);

		assert_true(fd >= 0);
		assert_problem("it is no memfd", fd, (struct memory_note){.body = {0, 0}});
		close(fd);
	}
	assert_int_equal(pipe(ends), 0);
	assert_problem("it is no memfd", ends[0], (struct memory_note){.body = {0, 0}});
	close(ends[0]);
	close(ends[1]);
	assert_problem("it is no memfd", -1, (struct memory_note){.body = {0, 0}});
}

static void what_cannot_be_read_is_refused(void **state)
{
	int fd = sealed(0);
	char path[40];
	int other;

	(void)state;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	other = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(other >= 0);
	assert_problem("it cannot be read", other, whole);
	close(other);
	other = open(path, O_PATH | O_CLOEXEC);
	assert_true(other >= 0);
	assert_problem("it is no memfd", other, whole);
	close(other);
	close(fd);
}

static void a_note_about_more_than_there_is_is_refused(void **state)
{
	static const char short_body[] = "it is shorter than its body";
	static const char short_loan[] = "it is shorter than what it lends";
	static const struct {
		const char *problem;
		struct memory_note note;
	} rows[] = {
		{NULL, {{0, 0}, {0, 0}}},
		{NULL, {{SIZE, 0}, {SIZE, 0}}},
		{NULL, {{SIZE - 1, 1}, {0, SIZE}}},
		{short_body, {{0, SIZE + 1}, {0, 0}}},
		{short_body, {{1, SIZE}, {0, 0}}},
		{short_body, {{SIZE + 1, 0}, {0, 0}}},
		{short_body, {{UINT64_MAX, 1}, {0, 0}}},
		{short_body, {{1, UINT64_MAX}, {0, 0}}},
		{short_body, {{UINT64_MAX, UINT64_MAX}, {0, 0}}},
		{short_body, {{INT64_MAX, INT64_MAX}, {0, 0}}},
		{short_loan, {{0, 1}, {SIZE, 1}}},
		{short_loan, {{0, 1}, {1, UINT64_MAX}}},
		{short_loan, {{0, 1}, {UINT64_MAX, 2}}},
	};
	int fd = sealed(ALL_SEALS);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_problem(rows[i].problem, fd, rows[i].note);
	close(fd);
}

static void a_note_is_read_as_it_was_written(void **state)
{
	const struct memory_note notes[] = {
		{{1, 2}, {3, 4}},
		{{0x0102030405060708, 0x1112131415161718}, {0x2122232425262728, UINT64_MAX}},
		{{5, 6}, {0, 0}},
	};
	static const uint8_t first[] = {1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0,
					3, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0};
	uint8_t bytes[FRAME_NOTE_LENDS];

	(void)state;
	for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++) {
		uint32_t size = memory_write_note(bytes, &notes[i]);
		struct memory_note read = memory_note(bytes, size);

		assert_int_equal(size, notes[i].lent.size > 0 ? FRAME_NOTE_LENDS : FRAME_NOTE);
		assert_memory_equal(&read, &notes[i], sizeof(read));
		if (i == 0)
			assert_memory_equal(bytes, first, sizeof(first));
	}
}

static void what_shrinks_meanwhile_is_told(void **state)
{
	uint8_t bytes[SIZE];
	int fd = sealed(0);

	(void)state;
	assert_int_equal(ftruncate(fd, 10), 0);
	assert_rc(-ENODATA, memory_read(fd, whole.body, bytes));
	assert_rc(0, memory_read(fd, (struct memory_span){10, 0}, bytes));
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_rc(-ENODATA, memory_read(fd, whole.body, bytes));
	close(fd);
}

static atomic_bool stops;

static void *shrink_and_grow(void *fd)
{
	while (!atomic_load(&stops)) {
		if (ftruncate(*(int *)fd, 0) < 0 || ftruncate(*(int *)fd, SIZE) < 0)
			return fd;
	}
	return NULL;
}

/* A mapping would end this process by SIGBUS. */
static void who_shrinks_it_while_it_is_read_hurts_nobody(void **state)
{
	uint8_t bytes[SIZE];
	unsigned counts[2] = {0};
	int fd = sealed(0);
	pthread_t thread;
	void *problem = NULL;

	(void)state;
	atomic_store(&stops, false);
	assert_int_equal(pthread_create(&thread, NULL, shrink_and_grow, &fd), 0);
	for (int i = 0; i < 1000000 && (i < 2000 || counts[0] == 0 || counts[1] == 0); i++) {
		int rc = memory_read(fd, whole.body, bytes);

		assert_true(rc == 0 || rc == -ENODATA);
		counts[rc < 0]++;
	}
	atomic_store(&stops, true);
	pthread_join(thread, &problem);
	assert_null(problem);
	assert_true(counts[0] > 0 && counts[1] > 0);
	close(fd);
}

static void memory_of_ours_has_no_pages_and_keeps_its_size(void **state)
{
	int fd = memory_make(UINT64_C(1) << 31);
	struct stat status;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &status), 0);
	assert_int_equal(status.st_size, INT64_C(1) << 31);
	assert_int_equal(status.st_blocks, 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(ftruncate(fd, 1), -1);
	assert_int_equal(ftruncate(fd, INT64_C(1) << 32), -1);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), -1); /* it is used again */
	close(fd);
	assert_rc(-EFBIG, memory_make(UINT64_MAX));
}

static void what_is_written_is_read(void **state)
{
	static uint8_t bytes[SIZE];
	static uint8_t read[SIZE];
	int fd = sealed(0);

	(void)state;
	for (size_t i = 0; i < SIZE; i++)
		bytes[i] = (uint8_t)(i * 7 + i / 251);
	for (int round = 0; round < 2; round++) {
		by_bytes = round > 0;
		memset(read, 0, sizeof(read));
		fail_with = EINTR;
		assert_rc(0, memory_put(fd, (struct memory_span){5, SIZE - 5}, bytes, SIZE - 10));
		fail_with = EINTR;
		assert_rc(0, memory_read(fd, (struct memory_span){5, SIZE - 10}, read));
		assert_memory_equal(bytes, read, SIZE - 10);
	}
	by_bytes = false;
	assert_rc(-EFBIG, memory_put(fd, (struct memory_span){5, 10}, bytes, 11));
	assert_rc(0, memory_put(fd, (struct memory_span){5, 10}, bytes, 10));
	assert_rc(0, memory_put(fd, (struct memory_span){5, 10}, bytes, 0));
	close(fd);
}

static void what_cannot_be_written_is_told(void **state)
{
	struct rlimit before;
	struct rlimit least;
	int fd = sealed(F_SEAL_WRITE);

	(void)state;
	assert_rc(-EPERM, memory_put(fd, (struct memory_span){0, 10}, "abc", 3));
	close(fd);
	fd = sealed(0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	least = (struct rlimit){10, before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &least), 0);
	/* SIGXFSZ would end us */
	assert_rc(-EFBIG, memory_put(fd, (struct memory_span){8, 10}, "abc", 3));
	assert_rc(0, memory_put(fd, (struct memory_span){7, 10}, "abc", 3));
	assert_rc(-EFBIG, memory_make(11));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	close(fd);
}

static void every_call_may_fail(void **state)
{
	uint8_t bytes[10];
	int before = check_open_fds();
	int fd = sealed(0);

	(void)state;
	fail_with = EMFILE;
	assert_rc(-EMFILE, memory_make(10));
	fail_with = EIO;
	assert_rc(-EIO, memory_read(fd, (struct memory_span){0, 10}, bytes));
	fail_with = ENOSPC;
	assert_rc(-ENOSPC, memory_put(fd, (struct memory_span){0, 10}, bytes, 10));
	close(fd);
	/* before Linux 6.3 one flag is not known */
	fail_with = EINVAL;
	fd = memory_make(10);
	assert_true(fd >= 0);
	assert_int_equal(fail_with, 0);
	close(fd);
	assert_int_equal(check_open_fds(), before);
}

static void a_message_is_filled_from_it(void **state)
{
	struct spares spares = {.large_most = 1 << 20};
	struct frame f = {.type = FRAME_CALL, .flags = FLAG_MEMFD};
	int fd = sealed(0);

	(void)state;
	for (int round = 0; round < 3; round++) { /* into fresh memory, and into what came back */
		struct message *m = message_copy(&spares, &f);

		assert_non_null(m);
		assert_rc(0, memory_put(fd, whole.body, "abcdefgh", 8));
		assert_rc(0, memory_fill(m, fd, (struct memory_span){3, round == 2 ? 0 : SIZE - 3}));
		assert_int_equal(m->frame.body_size, round == 2 ? 0 : SIZE - 3);
		if (round < 2)
			assert_memory_equal(m->frame.body, "defgh", 5);
		message_free(m);
		m = message_copy(&spares, &f);
		assert_non_null(m);
		assert_rc(-ENODATA, memory_fill(m, fd, (struct memory_span){3, SIZE}));
		assert_int_equal(m->frame.body_size, 0);
		message_free(m);
	}
	spares_close(&spares);
	close(fd);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(any_seals_will_do),
	cmocka_unit_test(what_is_no_memfd_is_not_touched),
	cmocka_unit_test(what_cannot_be_read_is_refused),
	cmocka_unit_test(a_note_about_more_than_there_is_is_refused),
	cmocka_unit_test(a_note_is_read_as_it_was_written),
	cmocka_unit_test(what_shrinks_meanwhile_is_told),
	cmocka_unit_test(who_shrinks_it_while_it_is_read_hurts_nobody),
	cmocka_unit_test(memory_of_ours_has_no_pages_and_keeps_its_size),
	cmocka_unit_test(what_is_written_is_read),
	cmocka_unit_test(what_cannot_be_written_is_told),
	cmocka_unit_test(every_call_may_fail),
	cmocka_unit_test(a_message_is_filled_from_it),
};

CHECK_MAIN(tests)
