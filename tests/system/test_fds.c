/*
 * Descriptors from clients to workers and back, through a real brood. What came through is told by pipes: their end of
 * file says that nobody holds a copy any more, not the client, not brood, not the worker.
 */
#include "check.h"

#include <brood.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "frame.h"
#include "head.h"
#include "raw.h"
#include "stage.h"

static struct stage s;

/* A pool that takes and gives four, one that takes and gives none, and one whose program has not asked for any. */
static void open_stage(const char *more)
{
	stage_open(&s,
		   "[worker:w]\ncommand = %s --fds 4\nfds = 4\nreply_fds = 4\nrestart_delay = 5ms\n%s\n"
		   "[worker:none]\ncommand = %s --fds 4\n"
		   "[worker:deaf]\ncommand = %s\nfds = 4\n"
		   "[endpoint:e]\nlisten = unix:e.sock\npool = w\n"
		   "[endpoint:n]\nlisten = unix:n.sock\npool = none\n"
		   "[endpoint:d]\nlisten = unix:d.sock\npool = deaf\n",
		   FDWORKER, more, FDWORKER, FDWORKER);
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "w", "none", "deaf", NULL), 0);
}

static brood_t *connect_to(const char *name, int fds)
{
	brood_t *b = NULL;

	assert_rc(0, brood_connect(&b, stage_address(&s, name), &(struct brood_client_options){.fds = fds}));
	return b;
}

/* A call with `count` copies of one descriptor; its answer is to be freed. */
static int call(brood_t *b, const char *verb, const char *body, int fd, size_t count,
		struct brood_answer *answer)
{
	int fds[20];

	for (size_t i = 0; i < count; i++)
		fds[i] = fd;
	return brood_call(b, verb, body, strlen(body),
			  &(struct brood_call_options){.fds = fds, .fd_count = count}, answer);
}

static void expect_reply(brood_t *b, const char *verb, const char *body, int fd, size_t count,
			 const char *expected)
{
	struct brood_answer answer;

	assert_rc(0, call(b, verb, body, fd, count, &answer));
	if (answer.code != BROOD_OK)
		fail_msg("%s: %s", verb, answer.text);
	assert_int_equal(answer.body_size, strlen(expected));
	assert_memory_equal(answer.body, expected, answer.body_size);
	brood_answer_free(&answer);
}

static void expect_refusal(brood_t *b, const char *verb, const char *body, int fd, size_t count,
			   unsigned reason, const char *text)
{
	struct brood_answer answer;

	assert_rc(0, call(b, verb, body, fd, count, &answer));
	if (answer.reason != reason || !strstr(answer.text, text))
		fail_msg("%s: %s (%s), expected %s", verb, brood_reason_name(answer.reason), answer.text,
			 text);
	assert_int_equal(answer.fd_count, 0);
	brood_answer_free(&answer);
}

/* All that comes out of a pipe until nobody can write into it any more. */
static void expect_end(int fd, const char *text)
{
	char buffer[64];
	size_t used = 0;

	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		ssize_t n;

		if (poll(&p, 1, STAGE_WAIT_MS) != 1)
			fail_msg("somebody keeps the pipe open");
		n = read(fd, buffer + used, sizeof(buffer) - used);
		assert_true(n >= 0);
		if (n == 0)
			break;
		used += (size_t)n;
	}
	assert_int_equal(used, strlen(text));
	assert_memory_equal(buffer, text, used);
	close(fd);
}

static void open_pipe(int ends[2])
{
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
}

static void a_pipe_reaches_the_worker(void **state)
{
	brood_t *b;
	int ends[2];

	(void)state;
	open_stage("");
	b = connect_to("e.sock", 0);
	open_pipe(ends);
	expect_reply(b, "write", "hello", ends[1], 1, "1");
	close(ends[1]);
	expect_end(ends[0], "hello");
	open_pipe(ends);
	expect_reply(b, "write", "ab", ends[1], 4, "4");
	close(ends[1]);
	expect_end(ends[0], "abababab");
	brood_close(b);
	stage_close(&s);
}

/* What the handler does not take is closed with its answer. */
static void what_nobody_takes_is_closed(void **state)
{
	brood_t *b;
	int ends[2];

	(void)state;
	open_stage("");
	b = connect_to("e.sock", 0);
	open_pipe(ends);
	expect_reply(b, "leave", "", ends[1], 3, "3");
	close(ends[1]);
	expect_end(ends[0], "");
	brood_close(b);
	stage_close(&s);
}

static void an_answer_brings_files(void **state)
{
	struct brood_answer answer;
	brood_t *b;

	(void)state;
	open_stage("");
	b = connect_to("e.sock", 4);
	assert_rc(0, call(b, "give", "3", -1, 0, &answer));
	assert_int_equal(answer.code, BROOD_OK);
	assert_int_equal(answer.fd_count, 3);
	for (size_t i = 0; i < 2; i++) {
		int fd = brood_answer_take_fd(&answer, i);
		char text[16] = "";
		char expected[16];

		snprintf(expected, sizeof(expected), "file %zu", i);
		assert_true(fd >= 0 && fcntl(fd, F_GETFD) & FD_CLOEXEC);
		assert_int_equal(pread(fd, text, sizeof(text), 0), strlen(expected));
		assert_string_equal(text, expected);
		close(fd);
		assert_rc(-ENOENT, brood_answer_take_fd(&answer, i));
	}
	assert_rc(-ENOENT, brood_answer_take_fd(&answer, 3));
	brood_answer_free(&answer);
	brood_close(b);
	stage_close(&s);
}

/* P4: by default nothing passes, in either direction, and who is refused is told. */
static void nothing_passes_unasked(void **state)
{
	struct brood_answer answer;
	brood_t *b;
	int ends[2];

	(void)state;
	open_stage("");
	open_pipe(ends);
	b = connect_to("n.sock", 4);
	assert_rc(-EOPNOTSUPP, call(b, "leave", "", ends[1], 1, &answer));
	assert_int_equal(answer.reason, BROOD_REASON_FD_REFUSED);
	brood_answer_free(&answer);
	expect_refusal(b, "give", "1", -1, 0, BROOD_REASON_FD_REFUSED, "descriptors that cannot be passed");
	brood_close(b);

	b = connect_to("d.sock", 4);
	expect_refusal(
		b, "leave", "", ends[1], 2, BROOD_REASON_FD_REFUSED,
		"it brings 2 descriptors, at most 0 are taken here (fds in the options of brood_serve())");
	expect_refusal(b, "give", "1", -1, 0, BROOD_REASON_FD_REFUSED, "reply_fds of worker deaf is 0");
	brood_close(b);

	b = connect_to("e.sock", 1);
	expect_refusal(b, "leave", "", ends[1], 5, BROOD_REASON_FD_REFUSED,
		       "the call brings 5 descriptors, fds of worker w is 4");
	expect_refusal(b, "give", "5", -1, 0, BROOD_REASON_FD_REFUSED, "reply_fds of worker w is 4");
	expect_refusal(
		b, "give", "2", -1, 0, BROOD_REASON_FD_REFUSED,
		"it brings 2 descriptors, at most 1 is taken here (fds in the options of brood_connect())");
	assert_rc(-EINVAL, call(b, "leave", "", ends[1], 17, &answer));
	brood_answer_free(&answer);
	assert_rc(-EBADF, call(b, "leave", "", -1, 1, &answer));
	brood_answer_free(&answer);
	expect_reply(b, "leave", "", ends[1], 4, "4");
	brood_close(b);

	close(ends[1]);
	expect_end(ends[0], "");
	stage_close(&s);
}

static void the_admin_socket_passes_none(void **state)
{
	char *err;

	(void)state;
	open_stage("");
	assert_int_equal(stage_cli(&s, NULL, &err, "call", "w/give", "2", NULL), 1);
	assert_non_null(strstr(err, "descriptors"));
	free(err);
	stage_close(&s);
}

/* SO_PASSRIGHTS, by its number: it may be younger than the headers here. */
static bool kernel_stops_senders(void)
{
	int off = 0;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool does = setsockopt(fd, SOL_SOCKET, 83, &off, sizeof(off)) == 0;

	close(fd);
	return does;
}

/* Sends bytes, the first of which carries a descriptor: how many, or -errno. */
static int raw_try_fd(const void *bytes, size_t size, int fd)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec vector = {(void *)(uintptr_t)bytes, size};
	struct msghdr m = {.msg_iov = &vector,
			   .msg_iovlen = 1,
			   .msg_control = control,
			   .msg_controllen = sizeof(control)};
	struct cmsghdr *c = (struct cmsghdr *)(void *)control; /* the first one */
	ssize_t n;

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	n = sendmsg(raw.fd, &m, MSG_NOSIGNAL);
	return n < 0 ? -errno : (int)n;
}

static void raw_with_fd(const void *bytes, size_t size, int fd)
{
	assert_int_equal(raw_try_fd(bytes, size, fd), size);
}

static size_t encode_call(unsigned char *out, uint32_t id, const char *verb, const char *body, uint8_t nfds)
{
	unsigned char block[64];
	struct head_writer w = {.block = block, .capacity = sizeof(block)};
	struct frame f = {.type = FRAME_CALL,
			  .flags = FLAG_EOM | FLAG_EOS,
			  .id = id,
			  .nfds = nfds,
			  .head = block,
			  .body = (const uint8_t *)body,
			  .body_size = (uint32_t)strlen(body)};

	assert_true(head_add_text(&w, ":method", verb));
	f.head_size = (uint32_t)w.size;
	return raw_encode(out, &f);
}

static void raw_expect(uint32_t id, const char *body)
{
	struct frame f;

	assert_true(raw_await(FRAME_REPLY, &f));
	assert_int_equal(f.id, id);
	if (f.arg != 0)
		fail_msg("call %u: %s", id, raw_text(&f));
	assert_int_equal(f.body_size, strlen(body));
	assert_memory_equal(f.body, body, f.body_size);
}

/* P2: behind plain frames in one write, and byte by byte, descriptors reach the right call. */
static void they_reach_the_right_call(void **state)
{
	unsigned char out[1024];
	int first[2];
	int second[2];

	(void)state;
	open_stage("slots = 1");
	for (int piecewise = 0; piecewise < 2; piecewise++) {
		size_t n = encode_call(out, 1, "leave", "", 0);
		size_t with = n;

		open_pipe(first);
		open_pipe(second);
		raw_connect(stage_address(&s, "e.sock"));
		raw_greet();
		raw_bytes(out, n);
		n = encode_call(out, 3, "write", "first", 1);
		raw_with_fd(out, piecewise ? 1 : n, first[1]);
		for (size_t i = 1; piecewise && i < n; i++)
			raw_bytes(out + i, 1);
		n = encode_call(out, 5, "leave", "", 0);
		raw_bytes(out, n);
		with = encode_call(out, 7, "write", "second", 1);
		raw_with_fd(out, piecewise ? 3 : with, second[1]);
		if (piecewise)
			raw_bytes(out + 3, with - 3);
		raw_expect(1, "0");
		raw_expect(3, "1");
		raw_expect(5, "0");
		raw_expect(7, "1");
		close(first[1]);
		close(second[1]);
		expect_end(first[0], "first");
		expect_end(second[0], "second");
		raw_close();
	}
	stage_close(&s);
}

/* P4: what nobody announced ends the connection, and is closed; also where none are taken. */
static void unannounced_ones_end_the_connection(void **state)
{
	unsigned char out[256];
	struct frame f;
	size_t n;
	int ends[2];

	(void)state;
	open_stage("");
	open_pipe(ends);
	raw_connect(stage_address(&s, "e.sock"));
	raw_greet();
	n = encode_call(out, 1, "leave", "", 0);
	raw_with_fd(out, n, ends[1]);
	assert_true(raw_await(FRAME_GOAWAY, &f));
	assert_non_null(strstr(raw_text(&f), "descriptors that no frame announces"));
	raw_close();

	raw_connect(stage_address(&s, "e.sock"));
	raw_greet();
	n = encode_call(out, 1, "leave", "", 2);
	raw_with_fd(out, n, ends[1]);
	assert_true(raw_await(FRAME_GOAWAY, &f));
	assert_non_null(strstr(raw_text(&f), "did not come with it"));
	raw_close();

	raw_connect(stage_address(&s, "e.sock"));
	raw_greet();
	n = raw_encode(out, &(struct frame){.type = FRAME_PING, .nfds = 1});
	raw_with_fd(out, n, ends[1]);
	assert_true(raw_await(FRAME_GOAWAY, &f));
	assert_non_null(strstr(raw_text(&f), "a frame that carries none"));
	raw_close();

	/* where none are wanted the kernel stops the sender, if it can */
	raw_connect(stage_address(&s, "n.sock"));
	raw_greet();
	n = encode_call(out, 1, "leave", "", 1);
	if (kernel_stops_senders())
		raw_bytes(out, n);
	else
		raw_with_fd(out, n, ends[1]);
	assert_true(raw_await(FRAME_REPLY, &f));
	assert_int_equal(frame_status_reason(f.arg), REASON_FD_REFUSED);
	n = encode_call(out, 3, "leave", "", 0);
	if (kernel_stops_senders())
		raw_bytes(out, n);
	else
		raw_with_fd(out, n, ends[1]);
	raw_expect(3, "0");
	raw_close();
	close(ends[1]);
	expect_end(ends[0], "");
	stage_close(&s);
}

/* A TCP socket with bytes that nobody reads, which waits at its end for a minute until somebody does. */
static int open_lingering(int *other_end)
{
	struct linger linger = {.l_onoff = 1, .l_linger = 60};
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(a);
	static char bytes[65536];
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(listener, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&a, &size), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	*other_end = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	assert_true(*other_end >= 0);
	while (send(fd, bytes, sizeof(bytes), MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
		;
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)), 0);
	close(listener);
	return fd;
}

/* What nobody wants cannot be sent, so nobody waits for its end: not before the handshake, nor for refused ones. */
static void a_lingering_socket_holds_up_nobody(void **state)
{
	static const char *const names[] = {"n.sock", "admin.sock"};
	unsigned char out[256];
	size_t n = encode_call(out, 1, "leave", "", 0);
	char *answer;

	(void)state;
	if (!kernel_stops_senders())
		check_skip("needs Linux 6.16 (SO_PASSRIGHTS)");
	open_stage("");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		int other_end;
		int fd = open_lingering(&other_end);

		raw_connect(stage_address(&s, names[i]));
		assert_int_equal(raw_try_fd(out, n, fd), -EPERM);
		raw_close();
		assert_int_equal(stage_cli(&s, &answer, NULL, "call", "w/leave", "", NULL), 0);
		assert_string_equal(answer, "0");
		free(answer);
		close(other_end); /* else our own close() waits */
		close(fd);
	}
	stage_close(&s);
}

/* P3: a worker at its limit of files loses that call, not its channel. */
static void a_worker_at_its_limit_loses_only_that_call(void **state)
{
	brood_t *b;
	pid_t pid;
	int ends[2];

	(void)state;
	open_stage("");
	pid = stage_pid_of(&s, "w/0");
	open_pipe(ends);
	b = connect_to("e.sock", 0);
	expect_reply(b, "tight", "", -1, 0, "");
	expect_refusal(b, "leave", "", ends[1], 2, BROOD_REASON_FD_LOST, "limit of open files");
	expect_reply(b, "leave", "", -1, 0, "0");
	assert_int_equal(stage_pid_of(&s, "w/0"), pid);
	brood_close(b);
	close(ends[1]);
	expect_end(ends[0], "");
	stage_close(&s);
}

/* P3: and so does brood. */
static void brood_at_its_limit_loses_only_that_call(void **state)
{
	struct rlimit before;
	struct rlimit tight;
	brood_t *b;
	int ends[2];

	(void)state;
	open_stage("");
	open_pipe(ends);
	b = connect_to("e.sock", 0);
	expect_reply(b, "leave", "", ends[1], 1, "1");
	assert_int_equal(prlimit(s.pid, RLIMIT_NOFILE, NULL, &before), 0);
	tight = before;
	tight.rlim_cur = 3;
	assert_int_equal(prlimit(s.pid, RLIMIT_NOFILE, &tight, NULL), 0);
	expect_refusal(b, "leave", "", ends[1], 2, BROOD_REASON_FD_LOST,
		       "brood is at its limit of open files");
	expect_reply(b, "leave", "", -1, 0, "0");
	assert_int_equal(prlimit(s.pid, RLIMIT_NOFILE, &before, NULL), 0);
	expect_reply(b, "leave", "", ends[1], 1, "1");
	brood_close(b);
	close(ends[1]);
	expect_end(ends[0], "");
	stage_close(&s);
}

static unsigned ended;
static unsigned refused;

static void on_end(uint32_t id, const struct brood_answer *answer, void *user)
{
	(void)id;
	(void)user;
	ended++;
	refused += answer->reason == BROOD_REASON_OVERLOADED;
}

static void start_call(brood_t *b, const char *verb, const void *body, size_t size, int fd,
		       brood_answer_handler handler, void *user)
{
	assert_rc(0, brood_call_start(b, verb, body, size,
				      &(struct brood_call_options){.fds = &fd, .fd_count = 1}, handler, user,
				      NULL));
}

static void run_until(brood_t *b, const unsigned *count, unsigned most)
{
	int64_t until = stage_now_ms() + STAGE_WAIT_MS;

	while (*count < most) {
		struct pollfd p = {.fd = brood_fd(b), .events = POLLIN};

		assert_true(stage_now_ms() < until);
		poll(&p, 1, 100);
		assert_true(brood_process(b) >= 0);
	}
}

/* W2: with its calls in hand a worker dies, or its client: nobody keeps their descriptors. */
static void the_dead_keep_nothing_open(void **state)
{
	brood_t *b;
	int ends[2];
	int fds;

	(void)state;
	open_stage("");
	fds = stage_fds_of(s.pid);
	b = connect_to("e.sock", 0);
	open_pipe(ends);
	ended = 0;
	for (int i = 0; i < 4; i++)
		start_call(b, "hold", "", 0, ends[1], on_end, NULL);
	assert_rc(0, brood_flush(b, BROOD_FLUSH_READ, STAGE_WAIT_MS));
	stage_until(STAGE_WAIT_MS, "calls in brood", stage_fds_of(s.pid) == fds + 1 + 4);
	stage_kill(&s, "w/0", SIGKILL);
	run_until(b, &ended, 4);
	close(ends[1]);
	expect_end(ends[0], "");

	open_pipe(ends);
	stage_await_state(&s, "w/0", "up", 2);
	for (int i = 0; i < 12; i++) /* eight in the worker's hand, the others wait */
		start_call(b, "hold", "", 0, ends[1], on_end, NULL);
	assert_rc(0, brood_flush(b, BROOD_FLUSH_READ, STAGE_WAIT_MS));
	brood_close(b);
	close(ends[1]);
	stage_kill(&s, "w/0", SIGKILL);
	expect_end(ends[0], "");
	stage_until(STAGE_WAIT_MS, "all closed", stage_fds_of(s.pid) == fds);
	stage_close(&s);
}

struct shipment {
	int ends[2];
	bool is_done;
	bool is_fine;
	char text[16];
};

static unsigned delivered;

static void on_shipped(uint32_t id, const struct brood_answer *answer, void *user)
{
	struct shipment *p = user;

	(void)id;
	p->is_done = true;
	p->is_fine = answer->code == BROOD_OK;
	delivered++;
	if (!p->is_fine && answer->reason != BROOD_REASON_WORKER_CRASHED)
		fail_msg("%s", answer->text);
}

/* Calls that a dying worker never got go to the next process, with the same descriptors. */
static void unsent_calls_take_theirs_along(void **state)
{
	enum { CALLS = 8, SIZE = 200 << 10 };
	static char body[SIZE];
	struct shipment all[CALLS];
	unsigned fine = 0;
	brood_t *b;
	pid_t pid;

	(void)state;
	open_stage("");
	memset(body, 'x', sizeof(body));
	b = connect_to("e.sock", 0);
	pid = stage_pid_of(&s, "w/0");
	kill(pid, SIGSTOP);
	delivered = 0;
	for (int i = 0; i < CALLS; i++) {
		all[i] = (struct shipment){.is_done = false};
		open_pipe(all[i].ends);
		assert_true(fcntl(all[i].ends[1], F_SETPIPE_SZ, 1 << 20) >= SIZE);
		start_call(b, "write", body, sizeof(body), all[i].ends[1], on_shipped, &all[i]);
		close(all[i].ends[1]);
	}
	/* brood reads a client always: behind this, all calls are in its hands */
	assert_rc(0, brood_ping(b, STAGE_WAIT_MS));
	kill(pid, SIGKILL);
	run_until(b, &delivered, CALLS);
	for (int i = 0; i < CALLS; i++) {
		size_t got = 0;
		ssize_t n;

		fine += all[i].is_fine;
		while ((n = read(all[i].ends[0], body, sizeof(body))) > 0)
			got += (size_t)n;
		assert_int_equal(n, 0);
		assert_int_equal(got, all[i].is_fine ? SIZE : 0);
		close(all[i].ends[0]);
	}
	assert_true(fine > 0);
	assert_true(stage_counter(&s, "w", "requeued") > 0);
	brood_close(b);
	stage_close(&s);
}

/* A flood leaves nothing open: not in brood, not in the worker, not here. */
static void a_flood_leaves_nothing_open(void **state)
{
	struct brood_answer before;
	struct brood_answer after;
	brood_t *b;
	int own = stage_fds_of(getpid());
	int ends[2];
	int fds;

	(void)state;
	open_stage("");
	b = connect_to("e.sock", 4);
	open_pipe(ends);
	assert_rc(0, call(b, "count", "", -1, 0, &before));
	fds = stage_fds_of(s.pid);
	ended = 0;
	for (unsigned round = 0; round < 20; round++) {
		for (unsigned i = 0; i < 50; i++)
			start_call(b, i % 2 ? "leave" : "give", "2", 1, ends[1], on_end, NULL);
		run_until(b, &ended, 50 * (round + 1));
	}
	assert_rc(0, call(b, "count", "", -1, 0, &after));
	assert_int_equal(after.body_size, before.body_size);
	assert_memory_equal(after.body, before.body, after.body_size);
	assert_int_equal(stage_fds_of(s.pid), fds);
	brood_answer_free(&before);
	brood_answer_free(&after);
	brood_close(b);
	close(ends[1]);
	expect_end(ends[0], "");
	stage_close(&s);
	assert_true(stage_fds_of(getpid()) <= own + 1); /* its log */
}

/* W11: a worker that floods brood with descriptors ends by it, each time; nobody keeps one. */
static void a_worker_that_floods_is_replaced(void **state)
{
	brood_t *b;
	int fds;

	(void)state;
	open_stage("max_attempts = 1\nrestart_delay_max = 5ms");
	b = connect_to("e.sock", 0);
	expect_reply(b, "leave", "", 0, 0, "0");
	fds = stage_fds_of(s.pid);
	for (int i = 1; i <= 20; i++) {
		char body[8]; /* the same request once more would be quarantined */
		int ends[2];

		snprintf(body, sizeof(body), "%d", i);
		open_pipe(ends);
		expect_refusal(b, "flood", body, ends[1], 1, BROOD_REASON_WORKER_CRASHED, "(attempt 1");
		close(ends[1]);
		expect_end(ends[0], "");
		stage_await_log(&s, "descriptors that no frame announces");
		stage_await_state(&s, "w/0", "up", i + 1);
	}
	expect_reply(b, "leave", "", 0, 0, "0");
	stage_until(STAGE_WAIT_MS, "brood keeps none", stage_fds_of(s.pid) == fds);
	brood_close(b);
	stage_check_ledger(&s, "w");
	stage_close(&s);
}

/* max_fds limits what all calls together hold. */
static void what_brood_holds_is_limited(void **state)
{
	brood_t *b;
	int ends[2];

	(void)state;
	stage_open(&s,
		   "[brood]\nmax_fds = 10\n[worker:w]\ncommand = %s --fds 4\nfds = 4\n"
		   "[endpoint:e]\nlisten = unix:e.sock\npool = w\n",
		   FDWORKER);
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "w", NULL), 0);
	b = connect_to("e.sock", 0);
	open_pipe(ends);
	ended = refused = 0;
	for (int i = 0; i < 15; i++)
		start_call(b, "hold", "", 0, ends[1], on_end, NULL);
	run_until(b, &ended, 5);
	assert_int_equal(refused, 5);
	brood_close(b);
	close(ends[1]);
	stage_kill(&s, "w/0", SIGKILL);
	expect_end(ends[0], "");
	stage_close(&s);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(a_pipe_reaches_the_worker),
	cmocka_unit_test(what_nobody_takes_is_closed),
	cmocka_unit_test(an_answer_brings_files),
	cmocka_unit_test(nothing_passes_unasked),
	cmocka_unit_test(the_admin_socket_passes_none),
	cmocka_unit_test(they_reach_the_right_call),
	cmocka_unit_test(unannounced_ones_end_the_connection),
	cmocka_unit_test(a_lingering_socket_holds_up_nobody),
	cmocka_unit_test(a_worker_at_its_limit_loses_only_that_call),
	cmocka_unit_test(brood_at_its_limit_loses_only_that_call),
	cmocka_unit_test(the_dead_keep_nothing_open),
	cmocka_unit_test(unsent_calls_take_theirs_along),
	cmocka_unit_test(a_flood_leaves_nothing_open),
	cmocka_unit_test(a_worker_that_floods_is_replaced),
	cmocka_unit_test(what_brood_holds_is_limited),
};

CHECK_MAIN(tests)
