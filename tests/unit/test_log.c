/* log: what comes out of every kind of stderr, and that none of them is waited for. */
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "log.h"
#include "room.h"

enum { STRANGER = 54321, MANY = 8000, LONG = 200, TEXT_MOST = 8 << 20 };

static unsigned writes;

ssize_t __real_write(int fd, const void *text, size_t size);
ssize_t __wrap_write(int fd, const void *text, size_t size);

ssize_t __wrap_write(int fd, const void *text, size_t size)
{
	writes++;
	return __real_write(fd, text, size);
}

/* A log whose stderr is `fd`. */
struct bench {
	uv_loop_t uv;
	struct log log;
	int saved;
};

static void open_bench_as(struct bench *b, int fd, uid_t user)
{
	signal(SIGPIPE, SIG_IGN);
	fflush(stderr);
	b->saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
	dup2(fd, STDERR_FILENO);
	assert_int_equal(uv_loop_init(&b->uv), 0);
	assert_int_equal(setresuid((uid_t)-1, user, (uid_t)-1), 0);
	assert_rc(0, log_open(&b->log, &b->uv));
	assert_int_equal(setresuid((uid_t)-1, getuid(), (uid_t)-1), 0);
}

static void open_bench(struct bench *b, int fd)
{
	open_bench_as(b, fd, geteuid());
}

static void close_bench(struct bench *b)
{
	log_close(&b->log);
	uv_run(&b->uv, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&b->uv), 0);
	dup2(b->saved, STDERR_FILENO);
	close(b->saved);
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Reads what comes while the loop runs, until the text holds `last`. */
static char *read_until(struct bench *b, int fd, const char *last)
{
	char *text = calloc(1, TEXT_MOST);
	int64_t deadline = now_ms() + 20000;
	size_t size = 0;

	assert_non_null(text);
	while (!strstr(text + (size > 300 ? size - 300 : 0), last)) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		ssize_t n;

		uv_run(&b->uv, UV_RUN_NOWAIT);
		if (poll(&p, 1, 10) > 0) {
			n = read(fd, text + size, size + 4096 < TEXT_MOST ? 4096 : 0);
			assert_true(n > 0);
			size += (size_t)n;
		}
		if (now_ms() > deadline)
			fail_msg("never read: %s; the end: %s", last, text + (size > 300 ? size - 300 : 0));
	}
	return text;
}

/* Lines "NAME | line N" in order and whole; which of MANY were dropped is told. */
static void check_lines(const char *text)
{
	unsigned long long dropped = 0;
	unsigned next = 0;

	for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
		const char *told = strstr(line, " | ");
		unsigned number;
		int used = 0;

		assert_non_null(strchr(line, '\n'));
		assert_true(told && told < strchr(line, '\n'));
		if (sscanf(told, " | dropped %llu lines", &dropped) == 1 || strncmp(told, " | end", 6) == 0)
			continue;
		assert_int_equal(sscanf(told, " | line %u %n", &number, &used), 1);
		assert_int_equal(strspn(told + used, "0"), LONG);
		assert_int_equal(strcspn(told + used + LONG, "\r\n"), 0);
		assert_int_equal(number, next++);
	}
	assert_true(dropped > 0);
	assert_int_equal(next + dropped, MANY);
}

static void say_many(struct bench *b)
{
	for (unsigned i = 0; i < MANY; i++)
		log_say(&b->log, "line %u %0*d", i, LONG, 0);
}

/* More lines than anybody takes at once go to `to`; what is read from `from` is whole, and all is accounted for. */
static void try_slow_reader(int to, int from, uid_t user)
{
	int flags = fcntl(to, F_GETFL);
	struct bench b;
	char *text;

	open_bench_as(&b, to, user);
	assert_int_equal(b.log.sink.carrier > 0, user == STRANGER);
	assert_int_equal(fcntl(to, F_GETFL), flags); /* it is not ours alone */
	say_many(&b);
	text = read_until(&b, from, " | dropped ");
	log_say(&b.log, "end");
	assert_int_equal(fcntl(to, F_GETFL), flags);
	check_lines(text);
	free(text);
	close_bench(&b);
	assert_true(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
	close(to);
	close(from);
}

static void a_pipe_that_is_full_is_not_waited_for(void **state)
{
	int ends[2];

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	try_slow_reader(ends[1], ends[0], geteuid());
}

static void a_socket_that_is_full_is_not_waited_for(void **state)
{
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	try_slow_reader(ends[1], ends[0], geteuid());
}

static void need_root(void)
{
	if (geteuid() != 0)
		check_skip("needs root, to become another user");
}

static void a_pipe_of_another_user_is_not_waited_for(void **state)
{
	int ends[2];

	(void)state;
	need_root();
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	try_slow_reader(ends[1], ends[0], STRANGER);
}

static void a_terminal_of_another_user_is_not_waited_for(void **state)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	int slave;

	(void)state;
	need_root();
	assert_true(master >= 0);
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(slave >= 0);
	assert_int_equal(fchmod(slave, 0600), 0);
	try_slow_reader(slave, master, STRANGER);
}

static void the_lines_of_a_turn_go_by_few_writes(void **state)
{
	struct bench b;
	int fd;

	(void)state;
	fd = open(room_at("held"), O_RDWR | O_CREAT | O_CLOEXEC | O_APPEND, 0600);
	assert_true(fd >= 0);
	open_bench(&b, fd);
	writes = 0;
	log_hold(&b.log);
	for (unsigned i = 0; i < 1000; i++)
		log_line(&b.log, 1000, "w/0", "text", 4);
	assert_int_equal(writes, 0);
	log_release(&b.log);
	assert_in_range(writes, 1, 2);
	assert_int_equal(lseek(fd, 0, SEEK_END), 1000 * strlen("2026-11-21 10:02:11.113 w/0 | text\n"));
	log_line(&b.log, 1000, "w/0", "text", 4); /* outside of a turn: at once */
	assert_in_range(writes, 2, 3);
	close_bench(&b);
	close(fd);
}

static char *read_file(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *text = calloc(1, (size_t)size + 1);

	assert_non_null(text);
	assert_int_equal(pread(fd, text, (size_t)size, 0), size);
	return text;
}

/* A file that can take no more, as on a full disk. */
static void what_could_not_be_written_is_counted_and_told(void **state)
{
	struct rlimit before;
	struct rlimit small;
	struct bench b;
	char *text;
	int fd;

	(void)state;
	fd = open(room_at("full"), O_RDWR | O_CREAT | O_CLOEXEC | O_APPEND, 0600);
	assert_true(fd >= 0);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	small = (struct rlimit){200, before.rlim_max};
	open_bench(&b, fd);
	setrlimit(RLIMIT_FSIZE, &small);
	for (unsigned i = 0; i < 100; i++)
		log_say(&b.log, "line %u xxxxxxxxxxxxxxxx", i);
	setrlimit(RLIMIT_FSIZE, &before);
	log_say(&b.log, "again");
	log_say(&b.log, "and again");
	close_bench(&b);
	text = read_file(fd);
	close(fd);
	/* three whole lines, a part of the fourth, then what was lost, before all that is newer */
	assert_non_null(strstr(text, "line 2 xxxxxxxxxxxxxxxx\n"));
	assert_null(strstr(text, "line 4"));
	assert_non_null(strstr(text, "brood | lost 97 lines: cannot write the log: File too large\n"));
	assert_int_equal(text[200], '\n');
	assert_true(strstr(text, "lost 97") < strstr(text, "| again\n"));
	assert_true(strstr(text, "| again\n") < strstr(text, "| and again\n"));
	free(text);
}

static void what_strangers_cause_is_limited(void **state)
{
	struct bench b;
	char *text;
	unsigned lines = 0;
	int fd;

	(void)state;
	fd = open(room_at("limited"), O_RDWR | O_CREAT | O_CLOEXEC | O_APPEND, 0600);
	assert_true(fd >= 0);
	open_bench(&b, fd);
	for (unsigned i = 0; i < 5000; i++)
		log_say_limited(&b.log, LOG_REFUSED, "refused uid %u", i);
	assert_false(log_may_say(&b.log, LOG_REFUSED));
	assert_true(log_may_say(&b.log, LOG_SHORTAGE));
	log_say_limited(&b.log, LOG_SHORTAGE, "another kind");
	b.log.window.timer_cb(&b.log.window); /* ten seconds later */
	log_say_limited(&b.log, LOG_REFUSED, "refused again");
	close_bench(&b);
	text = read_file(fd);
	close(fd);
	for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++)
		lines++;
	assert_int_equal(lines, LOG_LIMIT_LINES + 3);
	assert_non_null(strstr(text, "another kind\n"));
	assert_non_null(strstr(text, "brood | 4990 more lines about refused clients were left out\n"));
	assert_non_null(strstr(text, "refused again\n"));
	free(text);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(a_pipe_that_is_full_is_not_waited_for),
	cmocka_unit_test(a_socket_that_is_full_is_not_waited_for),
	cmocka_unit_test(a_pipe_of_another_user_is_not_waited_for),
	cmocka_unit_test(a_terminal_of_another_user_is_not_waited_for),
	cmocka_unit_test_setup_teardown(the_lines_of_a_turn_go_by_few_writes, room_make, room_remove),
	cmocka_unit_test_setup_teardown(what_could_not_be_written_is_counted_and_told, room_make, room_remove),
	cmocka_unit_test_setup_teardown(what_strangers_cause_is_limited, room_make, room_remove),
};

CHECK_MAIN(tests)
