/*
 * Large bodies in memory, by those who mean harm: many at once, what does not fit what came before, lies at random.
 * Each costs its author alone, and brood goes on serving the others. Covers P15, C7, W14.
 */
#include "check.h"

#include <brood.h>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "frame.h"
#include "head.h"
#include "memory.h"
#include "raw.h"
#include "stage.h"

enum { MIB = 1 << 20, RIDING_MOST = 250, FRAME_MOST = 256 };

static struct stage s;

static void open_stage(const char *brood, const char *more)
{
	stage_open(&s,
		   "[brood]\n%s\n"
		   "[worker:w]\ncommand = %s --slots 8\nrestart_delay = 5ms\nrestart_delay_max = 20ms\n%s\n"
		   "[worker:f]\ncommand = %s\nfds = 1\n"
		   "[endpoint:e]\nlisten = unix:e.sock\npool = w\nmax_calls = 4096\n"
		   "[endpoint:d]\nlisten = unix:d.sock\npool = w\ndispatch = connection\n"
		   "[endpoint:f]\nlisten = unix:f.sock\npool = f\n",
		   brood, home_badworker(), more, home_badworker());
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "w", "f", NULL), 0);
}

static brood_t *connect_to(const char *name)
{
	brood_t *b = NULL;

	assert_rc(0, brood_connect(&b, stage_address(&s, name), NULL));
	return b;
}

static size_t encode(unsigned char *out, uint32_t id, const char *verb, const struct memory_note *note)
{
	unsigned char block[64];
	uint8_t body[FRAME_NOTE_LENDS];
	struct head_writer w = {.block = block, .capacity = sizeof(block)};
	struct frame f = {.type = FRAME_CALL,
			  .flags = FLAG_EOM | FLAG_EOS | FLAG_MEMFD,
			  .id = id,
			  .nfds = 1,
			  .head = block,
			  .body = body};

	assert_true(head_add_text(&w, ":method", verb));
	f.head_size = (uint32_t)w.size;
	f.body_size = memory_write_note(body, note);
	return raw_encode(out, &f);
}

/* So many calls with one system call, all with the same memory. */
static void send_many(uint32_t first, unsigned count, const char *verb, const struct memory_note *note, int fd)
{
	static unsigned char bytes[RIDING_MOST * FRAME_MOST];
	static _Alignas(struct cmsghdr) char control[CMSG_SPACE(RIDING_MOST * sizeof(int))];
	struct cmsghdr *c = (struct cmsghdr *)(void *)control;
	struct iovec vector = {bytes, 0};
	struct msghdr m = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control,
			   .msg_controllen = CMSG_SPACE(count * sizeof(int))};

	assert_true(count <= RIDING_MOST);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(count * sizeof(int));
	for (unsigned i = 0; i < count; i++) {
		memcpy(CMSG_DATA(c) + i * sizeof(int), &fd, sizeof(fd));
		vector.iov_len += encode(bytes + vector.iov_len, first + 2 * i, verb, note);
	}
	assert_int_equal(sendmsg(raw.fd, &m, MSG_NOSIGNAL), vector.iov_len);
}

static void greet(const char *name)
{
	raw.features = FEATURE_MEMFD | FEATURE_STREAM;
	raw_connect(stage_address(&s, name));
	raw_greet_with(name[0] == 'e' ? 4096 : BROOD_CLIENT_SLOTS);
}

static int make_memory(size_t size)
{
	int fd = memfd_create("by-hand", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	return fd;
}

static void expect_refusal(uint32_t id, unsigned reason, const char *text)
{
	struct frame f;

	assert_true(raw_await(FRAME_REPLY, &f));
	assert_int_equal(f.id, id);
	if (frame_status_reason(f.arg) != reason || !strstr(raw_text(&f), text))
		fail_msg("%s: '%s' instead of '%s'", frame_reason_name(frame_status_reason(f.arg)),
			 raw_text(&f), text);
}

static void expect_fine(brood_t *b, const char *bytes)
{
	struct brood_answer answer;

	assert_rc(0, brood_call(b, "echo", bytes, strlen(bytes), NULL, &answer));
	if (answer.code != BROOD_OK)
		fail_msg("%s", answer.text);
	assert_int_equal(answer.body_size, strlen(bytes));
	brood_answer_free(&answer);
}

/* ------------------------------------------------------------- of a worker */

/* DATA with four bytes and no end of message for call 2, and then a REPLY that lies in its memory at 64. */
static void an_answer_in_memory_continues_nothing(void **state)
{
	static const char *const before[] = {
		"10000000110000000200000000000000" "41424344", /* part of a message */
		"10000000110100000200000000000000" "41424344", /* all of one */
		"0c000000110000000200000000000000",            /* nothing of one */
	};
	static const char reply[] = "1c000000132300000200000000000000"
				    "40000000000000000500000000000000";

	(void)state;
	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		int fd = make_memory(400);
		char hex[200];
		int n = snprintf(hex, sizeof(hex), "%s%s", before[i], reply);

		assert_int_equal(pwrite(fd, hex, (size_t)n, 100), n);
		open_stage("", "max_attempts = 1");
		greet("e.sock");
		send_many(1, 1, "raw", &(struct memory_note){.body = {100, (uint64_t)n}, .lent = {64, 5}}, fd);
		expect_refusal(1, REASON_WORKER_CRASHED, "");
		stage_await_log(&s, "an answer in memory");
		raw_close();
		close(fd);
		stage_close(&s);
	}
}

/* ------------------------------------------------------------- of a client */

/* Large bodies can be read out, descriptors of a program's own cannot: those find room. */
static void large_bodies_leave_room_for_descriptors(void **state)
{
	int fd = make_memory(100);
	struct brood_answer answer;
	brood_t *b;

	(void)state;
	open_stage("max_fds = 8", "cancel_grace = 10ms\nstop_timeout = 10ms");
	greet("e.sock");
	send_many(1, 20, "hang", &(struct memory_note){.body = {0, 5}}, fd);
	stage_until(STAGE_WAIT_MS, "all are there", stage_counter(&s, "w", "accepted") == 20);
	b = connect_to("f.sock");
	assert_rc(0, brood_call(b, "echo", "x", 1,
				&(struct brood_call_options){.fds = &fd, .fd_count = 1}, &answer));
	assert_int_equal(answer.reason, BROOD_REASON_FD_REFUSED); /* by the worker's program: it got there */
	brood_answer_free(&answer);
	brood_close(b);
	raw_close();
	close(fd);
	stage_close(&s);
}

/* A thousand times 64 MiB, which do not exist, in four writes; somebody else is served meanwhile. */
static void send_what_is_long_to_read(const char *verb)
{
	int fd = make_memory(64 * MIB);
	int64_t since;
	brood_t *b;

	greet("e.sock");
	b = connect_to("f.sock");
	expect_fine(b, "x");
	for (uint32_t i = 0; i < 4; i++)
		send_many(1 + 500 * i, 250, verb, &(struct memory_note){.body = {0, 64 * MIB}}, fd);
	since = stage_now_ms();
	expect_fine(b, "x");
	assert_in_range(stage_now_ms() - since, 0, 15000); /* with sanitizers; else less than one */
	brood_close(b);
	close(fd);
}

static void await_busy_refusal(void)
{
	struct frame f;

	do {
		assert_true(raw_await(FRAME_REPLY, &f));
	} while (!strstr(raw_text(&f), "others wait for it"));
	assert_int_equal(frame_status_reason(f.arg), REASON_OVERLOADED);
}

static void what_does_not_exist_is_not_read_for_ever(void **state)
{
	(void)state;
	open_stage("max_fds = 0", "");
	send_what_is_long_to_read("echo");
	await_busy_refusal();
	raw_close();
	stage_close(&s);
}

/* Once a worker has died of a call, each that comes is compared with that. */
static void what_does_not_exist_is_not_compared_for_ever(void **state)
{
	(void)state;
	open_stage("", "quarantine = 1h\nmax_attempts = 1\ncrash_penalty = 0s\n"
		       "cancel_grace = 10ms\nstop_timeout = 10ms");
	greet("e.sock");
	raw_call(1, "segv", "");
	expect_refusal(1, REASON_WORKER_CRASHED, "");
	raw_close();
	send_what_is_long_to_read("hang");
	await_busy_refusal();
	raw_close();
	stage_close(&s);
}

/* Where brood or the worker can have no descriptor more, one call fails of it, and those behind it are copied. */
static void at_a_limit_of_open_files_it_is_copied(void **state)
{
	static unsigned char body[MIB];

	(void)state;
	for (int hop = 0; hop < 2; hop++) {
		struct rlimit before;
		unsigned refused = 0;
		pid_t worker;
		pid_t pid;
		brood_t *b;

		open_stage("", "");
		b = connect_to("e.sock");
		expect_fine(b, "x");
		worker = stage_pid_of(&s, "w/0");
		pid = hop == 0 ? s.pid : worker;
		assert_int_equal(prlimit(pid, RLIMIT_NOFILE, NULL, &before), 0);
		assert_int_equal(prlimit(pid, RLIMIT_NOFILE, &(struct rlimit){3, before.rlim_max}, NULL), 0);
		for (int i = 0; i < 8; i++) {
			struct brood_answer answer;

			assert_rc(0, brood_call(b, "echo", body, sizeof(body), NULL, &answer));
			assert_true(answer.reason == BROOD_REASON_NONE || answer.reason == BROOD_REASON_FD_LOST);
			refused += answer.reason == BROOD_REASON_FD_LOST;
			brood_answer_free(&answer);
		}
		assert_int_equal(prlimit(pid, RLIMIT_NOFILE, &before, NULL), 0);
		assert_int_equal(refused, 1);
		brood_close(b);
		stage_close(&s);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(an_answer_in_memory_continues_nothing),
	cmocka_unit_test(large_bodies_leave_room_for_descriptors),
	cmocka_unit_test(what_does_not_exist_is_not_read_for_ever),
	cmocka_unit_test(what_does_not_exist_is_not_compared_for_ever),
	cmocka_unit_test(at_a_limit_of_open_files_it_is_copied),
};

CHECK_MAIN(tests)
