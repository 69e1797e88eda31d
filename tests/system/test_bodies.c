/*
 * Large bodies that go through memory which the caller lends, through a real brood: that they do, that nobody gets what
 * is another's or is harmed by what a caller does to it, and that no copy of a descriptor is left. Covers P15.
 */
#include "check.h"

#include <brood.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>

#include "dice.h"
#include "frame.h"
#include "head.h"
#include "memory.h"
#include "raw.h"
#include "stage.h"
#include "tally.h"

enum { MIB = 1 << 20, ALL_SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE };

static struct stage s;

/* Two pools, of which one goes through pipes, and one that is told not to; "d" hands its connections over. */
static void open_stage(const char *brood, const char *more)
{
	stage_open(&s,
		   "[brood]\n%s\n"
		   "[worker:w]\ncommand = %s --slots 8\nrestart_delay = 5ms\nrestart_delay_max = 20ms\n%s\n"
		   "[worker:copy]\ncommand = %s\nlarge_bodies = copy\n"
		   "[worker:pipes]\ncommand = %s\nchannel = pipes\n"
		   "[endpoint:e]\nlisten = unix:e.sock\npool = w\n"
		   "[endpoint:d]\nlisten = unix:d.sock\npool = w\ndispatch = connection\n"
		   "[endpoint:c]\nlisten = unix:c.sock\npool = copy\n"
		   "[endpoint:h]\nlisten = unix:h.sock\npool = copy\ndispatch = connection\n"
		   "[endpoint:p]\nlisten = unix:p.sock\npool = pipes\n",
		   brood, home_badworker(), more, home_badworker(), home_badworker());
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "w", "copy", "pipes", NULL), 0);
}

static brood_t *connect_with(const char *name, size_t share_from)
{
	brood_t *b = NULL;

	assert_rc(0, brood_connect(&b, stage_address(&s, name),
				   &(struct brood_client_options){.share_from = share_from}));
	return b;
}

/* Bodies that a process of ours keeps in memory: how many, and how many bytes of them exist. */
static unsigned loans_of(pid_t pid, uint64_t *bytes_out)
{
	char path[64];
	unsigned count = 0;
	struct dirent *e;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	d = opendir(path);
	assert_non_null(d);
	*bytes_out = 0;
	while ((e = readdir(d)) != NULL) {
		char target[64] = "";
		struct stat status;

		if (readlinkat(dirfd(d), e->d_name, target, sizeof(target) - 1) < 0 ||
		    strncmp(target, "/memfd:brood-body", 17) != 0 ||
		    fstatat(dirfd(d), e->d_name, &status, 0) < 0)
			continue;
		count++;
		*bytes_out += (uint64_t)status.st_blocks * 512;
	}
	closedir(d);
	return count;
}

static unsigned char *make_body(size_t size, unsigned seed)
{
	unsigned char *body = malloc(size + 1);

	assert_non_null(body);
	for (size_t i = 0; i < size; i++)
		body[i] = (unsigned char)(i * 31 + i / 4099 + seed);
	return body;
}

static void expect_echo(brood_t *b, size_t size, unsigned seed)
{
	unsigned char *body = make_body(size, seed);
	struct brood_answer answer;

	assert_rc(0, brood_call(b, "echo", body, size, NULL, &answer));
	if (answer.code != BROOD_OK)
		fail_msg("%zu bytes: %s", size, answer.text);
	assert_int_equal(answer.body_size, size);
	assert_memory_equal(answer.body, body, size);
	brood_answer_free(&answer);
	free(body);
}

/* From the second large call on; request and answer have each a place of their own. */
static void large_bodies_go_through_memory(void **state)
{
	static const char *const names[] = {"e.sock", "d.sock"};
	uint64_t bytes;

	(void)state;
	open_stage("", "");
	for (size_t i = 0; i < 2; i++) {
		brood_t *b = connect_with(names[i], 0);

		for (unsigned n = 0; n < 5; n++) {
			expect_echo(b, 300, n);
			assert_int_equal(loans_of(getpid(), &bytes), n > 0);
			expect_echo(b, MIB + n, n);
			assert_int_equal(loans_of(getpid(), &bytes), n > 0);
			if (n > 0)
				assert_true(bytes >= 2 * MIB && bytes < 3 * MIB);
		}
		for (size_t size = 0; size < 600000; size += 100001)
			expect_echo(b, size, 7);
		assert_int_equal(loans_of(s.pid, &bytes), 0);
		brood_close(b);
		assert_int_equal(loans_of(getpid(), &bytes), 0);
	}
	stage_close(&s);
}

static void they_do_not_where_they_may_not(void **state)
{
	static const struct {
		const char *name;
		size_t share_from;
	} rows[] = {{"e.sock", SIZE_MAX}, {"d.sock", SIZE_MAX}, {"e.sock", 2 * MIB},
		    {"c.sock", 0},        {"h.sock", 0},        {"p.sock", 0}};
	uint64_t bytes;

	(void)state;
	open_stage("", "");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		brood_t *b = connect_with(rows[i].name, rows[i].share_from);

		for (unsigned n = 0; n < 4; n++)
			expect_echo(b, MIB, n);
		assert_int_equal(loans_of(getpid(), &bytes), 0);
		brood_close(b);
	}
	stage_close(&s);
}

/* Where the last answer was large, the next one is expected to be. */
static void a_small_request_may_have_a_large_answer(void **state)
{
	uint64_t bytes;
	brood_t *b;

	(void)state;
	open_stage("", "");
	b = connect_with("e.sock", 0);
	for (unsigned n = 0; n < 4; n++) {
		struct brood_answer answer;

		assert_rc(0, brood_call(b, "big", "3145728", 7, NULL, &answer));
		assert_int_equal(answer.code, BROOD_OK);
		assert_int_equal(answer.body_size, 3 * MIB);
		for (size_t i = 0; i < answer.body_size; i += 4097)
			assert_int_equal(((const unsigned char *)answer.body)[i],
					 (unsigned char)(i * 7 + (i >> 8)));
		brood_answer_free(&answer);
		assert_int_equal(loans_of(getpid(), &bytes), n >= 2);
	}
	assert_true(bytes >= 3 * MIB && bytes < 4 * MIB);
	brood_close(b);
	stage_close(&s);
}

/* The worker's slots are fewer than the calls; each call has memory of its own. */
static void many_at_once_do_not_mix(void **state)
{
	struct tally t;
	uint64_t bytes;
	brood_t *b;

	(void)state;
	open_stage("", "instances = 2");
	b = connect_with("e.sock", 0);
	for (uint64_t round = 0; round < 4; round++) {
		tally_begin(&t, b, round, 1);
		for (int i = 0; i < 24; i++)
			assert_true(tally_start(&t, (size_t)(i % 5) * 200000));
		assert_true(tally_await(&t, STAGE_WAIT_MS));
		assert_text("", t.broken);
		assert_int_equal(t.good, 24);
	}
	assert_true(loans_of(getpid(), &bytes) > 8);
	assert_true(bytes <= 64 * MIB);
	brood_close(b);
	stage_close(&s);
}

/* -------------------------------------------------------------- by hand */

/* A CALL with a note, whose first byte carries a descriptor (-1: none). */
static void send_note(uint32_t id, const char *verb, const struct memory_note *note, int fd)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {0};
	struct cmsghdr *c = (struct cmsghdr *)(void *)control;
	unsigned char bytes[256];
	unsigned char block[64];
	uint8_t body[FRAME_NOTE_LENDS];
	struct head_writer w = {.block = block, .capacity = sizeof(block)};
	struct frame f = {.type = FRAME_CALL,
			  .flags = FLAG_EOM | FLAG_EOS | FLAG_MEMFD,
			  .id = id,
			  .nfds = fd < 0 ? FRAME_FDS_UNSENT : 1,
			  .head = block,
			  .body = body};
	struct iovec vector = {bytes, 0};
	struct msghdr m = {.msg_iov = &vector, .msg_iovlen = 1};
	ssize_t n;

	assert_true(head_add_text(&w, ":method", verb));
	f.head_size = (uint32_t)w.size;
	f.body_size = memory_write_note(body, note);
	vector.iov_len = raw_encode(bytes, &f);
	if (fd >= 0) {
		m.msg_control = control;
		m.msg_controllen = sizeof(control);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	}
	n = sendmsg(raw.fd, &m, MSG_NOSIGNAL);
	if (n < 0 && errno == EPERM) { /* none are wanted here, and the kernel knows: the bytes alone */
		m.msg_control = NULL;
		m.msg_controllen = 0;
		n = sendmsg(raw.fd, &m, MSG_NOSIGNAL);
	}
	assert_int_equal(n, vector.iov_len);
}

static void greet_by_hand(const char *name, uint64_t features)
{
	raw.features = features;
	raw_connect(stage_address(&s, name));
	raw_greet();
}

static int make_memory(size_t size, int seals)
{
	int fd = memfd_create("by-hand", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	assert_int_equal(pwrite(fd, "hello", 5, 0), 5);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
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

static void expect_bytes(uint32_t id, const char *bytes)
{
	struct frame f;

	assert_true(raw_await(FRAME_REPLY, &f));
	assert_int_equal(f.id, id);
	if (f.arg != 0)
		fail_msg("%s", raw_text(&f));
	assert_int_equal(f.body_size, strlen(bytes));
	assert_memory_equal(f.body, bytes, f.body_size);
}

/* ---------------------------------------------------------- what goes wrong */

static void at_its_limit_of_files_a_client_copies(void **state)
{
	struct rlimit before;
	struct rlimit least;
	uint64_t bytes;
	brood_t *b;

	(void)state;
	open_stage("", "");
	b = connect_with("e.sock", 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	least = (struct rlimit){3, before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &least), 0);
	for (unsigned n = 0; n < 4; n++)
		expect_echo(b, MIB, n);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(loans_of(getpid(), &bytes), 0);
	brood_close(b);
	stage_close(&s);
}

/* Beyond half of max_fds brood reads it out, and the answer comes as bytes. */
static void brood_reads_what_it_may_not_keep(void **state)
{
	uint64_t bytes;
	brood_t *b;

	(void)state;
	open_stage("max_fds = 0", "");
	b = connect_with("e.sock", 0);
	for (unsigned n = 0; n < 4; n++)
		expect_echo(b, MIB, n);
	assert_int_equal(loans_of(getpid(), &bytes), 1);
	assert_true(bytes >= MIB && bytes < 2 * MIB);
	brood_close(b);
	stage_close(&s);
}

/* Its caller has been answered, and has given the memory up; what the worker says then is nobody's. */
static void an_answer_that_comes_too_late_hurts_nobody(void **state)
{
	struct brood_answer answer;
	uint64_t bytes;
	pid_t worker;
	brood_t *b;

	(void)state;
	open_stage("", "cancel_grace = 20s");
	b = connect_with("e.sock", 0);
	expect_echo(b, MIB, 1);
	expect_echo(b, MIB, 1);
	worker = stage_pid_of(&s, "w/0");
	for (unsigned n = 0; n < 3; n++) {
		unsigned char *body = make_body(MIB, n);

		assert_int_equal(kill(worker, SIGSTOP), 0);
		assert_rc(0, brood_call(b, "echo", body, MIB, &(struct brood_call_options){.timeout = 50},
					&answer));
		assert_int_equal(answer.reason, BROOD_REASON_DEADLINE);
		brood_answer_free(&answer);
		assert_int_equal(loans_of(getpid(), &bytes), 0);
		assert_int_equal(kill(worker, SIGCONT), 0);
		for (unsigned more = 0; more < 3; more++)
			expect_echo(b, MIB, 100 + more);
		free(body);
	}
	assert_int_equal(stage_pid_of(&s, "w/0"), worker);
	assert_int_equal(loans_of(s.pid, &bytes), 0);
	brood_close(b);
	stage_close(&s);
}

/* "1", or so many times does its worker die, and a MiB that is the same in each attempt. */
static void a_call_finds_its_body_again(void **state)
{
	static char body[MIB];
	struct brood_answer answer;
	brood_t *b;

	(void)state;
	memset(body, ' ', sizeof(body));
	body[0] = '2';
	open_stage("", "max_attempts = 3");
	b = connect_with("e.sock", 0);
	for (int i = 0; i < 3; i++) {
		assert_rc(0, brood_call(b, "die-first", body, sizeof(body),
					&(struct brood_call_options){.idempotent = 1}, &answer));
		if (answer.code != BROOD_OK)
			fail_msg("%s", answer.text);
		assert_int_equal(answer.body_size, 1);
		assert_memory_equal(answer.body, "3", 1);
		brood_answer_free(&answer);
	}
	brood_close(b);
	stage_close(&s);
}

/* What was lent to a call that ended in another way than by its worker's answer serves no other call. */
static void memory_of_a_call_that_failed_is_given_up(void **state)
{
	static const struct {
		const char *verb;
		const char *body;
		int timeout;
		bool keeps;
	} rows[] = {{"hang", "", 50, false},
		    {"segv", "", 0, false},
		    {"error", "x", 0, true},
		    {"echo", "x", 0, true}};
	static char body[MIB];
	uint64_t bytes;
	brood_t *b;

	(void)state;
	open_stage("", "cancel_grace = 10ms\nstop_timeout = 10ms");
	b = connect_with("e.sock", 0);
	expect_echo(b, MIB, 1);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct brood_answer answer;

		expect_echo(b, MIB, 2);
		assert_int_equal(loans_of(getpid(), &bytes), 1);
		memset(body, ' ', sizeof(body));
		memcpy(body, rows[i].body, strlen(rows[i].body));
		assert_rc(0, brood_call(b, rows[i].verb, body, sizeof(body),
					&(struct brood_call_options){.timeout = rows[i].timeout}, &answer));
		assert_int_equal(answer.reason == BROOD_REASON_NONE, rows[i].keeps);
		brood_answer_free(&answer);
		assert_int_equal(loans_of(getpid(), &bytes), rows[i].keeps);
	}
	stage_until(STAGE_WAIT_MS, "brood closes them", loans_of(s.pid, &bytes) == 0);
	brood_close(b);
	stage_close(&s);
}

static void kill_one(struct dice *d)
{
	char name[16];
	pid_t pid;

	snprintf(name, sizeof(name), "w/%u", (unsigned)(dice_throw(d) % 4));
	pid = stage_pid_of(&s, name);
	if (pid > 0)
		(void)kill(pid, SIGKILL);
}

/* Every call has one answer, with its own bytes, and no memory and no descriptor is left of those that had none. */
static void killed_workers_lose_nothing(void **state)
{
	uint64_t seed = (uint64_t)time(NULL);
	struct dice d = {seed};
	struct tally t;
	unsigned good = 0;
	unsigned failed = 0;
	uint64_t bytes;
	int fds;
	brood_t *b;

	(void)state;
	print_message("seed %llu\n", (unsigned long long)seed);
	open_stage(
		"",
		"instances = 4\nredeliver = always\nmax_attempts = 10\nquarantine = 0s\ncrash_penalty = 0s");
	b = connect_with("e.sock", 0);
	expect_echo(b, MIB, 1);
	fds = stage_fds_of(s.pid);
	for (uint64_t round = 0; round < 40; round++) {
		tally_begin(&t, b, seed + round, 1);
		for (int i = 0; i < 12; i++)
			assert_true(tally_start(&t, 250000 + (size_t)(dice_throw(&d) % MIB)));
		kill_one(&d);
		assert_true(tally_await(&t, STAGE_WAIT_MS));
		assert_text("", t.broken);
		good += t.good;
		failed += t.failed;
		if (t.failed > 0)
			print_message("%s\n", t.why);
	}
	assert_int_equal(good + failed, 40 * 12);
	assert_int_equal(failed, 0);
	assert_int_equal(loans_of(s.pid, &bytes), 0);
	for (int i = 0; i < 4; i++) {
		char name[16];

		snprintf(name, sizeof(name), "w/%d", i);
		stage_await_state(&s, name, "up", 1);
	}
	stage_until(STAGE_WAIT_MS, "brood has as many descriptors as before", stage_fds_of(s.pid) <= fds);
	stage_check_ledger(&s, "w");
	brood_close(b);
	stage_close(&s);
}

/* Who is to blame is known by method and body, which lies in memory; so is what the dead letter holds. */
static void what_kills_is_known_again(void **state)
{
	static char body[MIB + 1];
	char more[2 * STAGE_PATH];
	char path[STAGE_PATH];
	struct brood_answer answer;
	struct dirent *e;
	unsigned letters = 0;
	brood_t *b;
	DIR *d;

	(void)state;
	snprintf(path, sizeof(path), "%s", "letters.XXXXXX");
	assert_non_null(mkdtemp(path));
	assert_non_null(realpath(path, more));
	memcpy(path, more, sizeof(path));
	snprintf(more, sizeof(more),
		 "max_attempts = 1\nquarantine = 1h\ncrash_penalty = 0s\ndead_letter = %s", path);
	memset(body, 'x', sizeof(body));
	open_stage("", more);
	b = connect_with("e.sock", 0);
	expect_echo(b, MIB, 1);
	assert_rc(0, brood_call(b, "segv", body, sizeof(body), NULL, &answer));
	assert_int_equal(answer.reason, BROOD_REASON_WORKER_CRASHED);
	brood_answer_free(&answer);
	assert_rc(0, brood_call(b, "segv", body, sizeof(body), NULL, &answer));
	assert_int_equal(answer.reason, BROOD_REASON_QUARANTINED);
	brood_answer_free(&answer);
	/* the same as bytes is the same; another is another */
	brood_close(b);
	b = connect_with("e.sock", SIZE_MAX);
	assert_rc(0, brood_call(b, "segv", body, sizeof(body), NULL, &answer));
	assert_int_equal(answer.reason, BROOD_REASON_QUARANTINED);
	brood_answer_free(&answer);
	expect_echo(b, MIB, 2);
	brood_close(b);
	d = opendir(path);
	assert_non_null(d);
	while ((e = readdir(d)) != NULL) {
		struct stat status;

		if (e->d_name[0] == '.')
			continue;
		letters++;
		assert_int_equal(fstatat(dirfd(d), e->d_name, &status, 0), 0);
		assert_true(status.st_size > MIB && status.st_size < MIB + 5000);
		assert_int_equal(unlinkat(dirfd(d), e->d_name, 0), 0);
	}
	closedir(d);
	assert_int_equal(letters, 1);
	stage_close(&s);
	assert_int_equal(rmdir(path), 0);
}

/* With brood in the way and without. */
static void what_is_no_sound_memory_is_refused(void **state)
{
	static const char *const names[] = {"e.sock", "d.sock"};
	int ends[2];

	(void)state;
	open_stage("", "");
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	for (size_t i = 0; i < 2; i++) {
		int plain = make_memory(100, 0);
		int whole = make_memory(100, ALL_SEALS);
		int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
		int directory = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		greet_by_hand(names[i], FEATURE_MEMFD);
		send_note(1, "echo", &(struct memory_note){.body = {0, 5}}, plain);
		expect_bytes(1, "hello");
		send_note(3, "echo", &(struct memory_note){.body = {1, 3}}, whole);
		expect_bytes(3, "ell");
		send_note(5, "echo", &(struct memory_note){.body = {100, 0}}, whole);
		expect_bytes(5, "");
		send_note(7, "echo", &(struct memory_note){.body = {0, 101}}, whole);
		expect_refusal(7, REASON_INVALID, "shorter");
		send_note(9, "echo", &(struct memory_note){.body = {UINT64_MAX, 2}}, whole);
		expect_refusal(9, REASON_INVALID, "shorter");
		send_note(11, "echo", &(struct memory_note){.body = {0, 1}, .lent = {50, 51}}, plain);
		expect_refusal(11, REASON_INVALID, "lends");
		send_note(13, "echo", &(struct memory_note){.body = {0, 67108865}}, plain);
		expect_refusal(13, REASON_TOO_LARGE, "67108865 > max_message 67108864");
		send_note(15, "echo", &(struct memory_note){.body = {0, UINT64_MAX}}, plain);
		expect_refusal(15, REASON_TOO_LARGE, "max_message");
		send_note(17, "echo", &(struct memory_note){.body = {0, 1}}, zero);
		expect_refusal(17, REASON_INVALID, "no memfd");
		send_note(19, "echo", &(struct memory_note){.body = {0, 1}}, directory);
		expect_refusal(19, REASON_INVALID, "no memfd");
		send_note(21, "echo", &(struct memory_note){.body = {0, 1}}, ends[0]);
		expect_refusal(21, REASON_INVALID, "no memfd");
		send_note(23, "echo", &(struct memory_note){.body = {0, 1}}, -1);
		expect_refusal(23, REASON_FD_LOST, i == 0 ? "could not be sent" : "not all descriptors");
		send_note(25, "echo", &(struct memory_note){.body = {0, 5}, .lent = {50, 50}}, plain);
		expect_bytes(25, "hello"); /* a small answer comes as bytes */
		raw_close();
		close(plain);
		close(whole);
		close(zero);
		close(directory);
	}
	close(ends[0]);
	close(ends[1]);
	stage_close(&s);
}

static void it_has_to_be_agreed_on(void **state)
{
	static const struct {
		const char *name;
		uint64_t features;
	} rows[] = {{"e.sock", 0}, {"d.sock", 0}, {"c.sock", FEATURE_MEMFD}, {"h.sock", FEATURE_MEMFD}};
	int fd = make_memory(100, 0);

	(void)state;
	open_stage("", "");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct frame f;

		greet_by_hand(rows[i].name, rows[i].features);
		send_note(1, "echo", &(struct memory_note){.body = {0, 5}}, fd);
		assert_true(raw_await(FRAME_GOAWAY, &f));
		assert_int_equal(f.arg, REASON_PROTOCOL);
		raw_close();
	}
	close(fd);
	stage_close(&s);
}

/* Does WELCOME offer a client of another user that it may pass memory? It is who it was when it connected. */
static bool offers_memory_to_stranger(const char *name)
{
	unsigned char out[HELLO_MOST + 64];
	struct hello welcome;
	struct frame f;

	raw.features = FEATURE_MEMFD;
	assert_int_equal(seteuid(54321), 0);
	raw_connect(stage_address(&s, name));
	assert_int_equal(seteuid(0), 0);
	raw_bytes(out, raw_encode_hello(out, 1, 1));
	assert_true(raw_await(FRAME_WELCOME, &f));
	assert_int_equal(hello_read(f.body, f.body_size, &welcome), HELLO_OK);
	raw_close();
	return welcome.features & FEATURE_MEMFD;
}

/* own: brood holds no descriptors of other users; share: of all who are admitted. */
static void who_may_lend_is_said(void **state)
{
	int fd;

	(void)state;
	if (geteuid() != 0)
		check_skip("needs root, to become another user");
	stage_open(
		&s,
		"[worker:own]\ncommand = %s\n[worker:share]\ncommand = %s\nlarge_bodies = share\n"
		"[endpoint:own]\nlisten = unix:own.sock\npool = own\nmode = 0666\nallow = uid:54321, root\n"
		"[endpoint:share]\nlisten = unix:share.sock\npool = share\nmode = 0666\nallow = uid:54321\n",
		home_badworker(), home_badworker());
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "all", NULL), 0);
	assert_false(offers_memory_to_stranger("own.sock"));
	assert_true(offers_memory_to_stranger("share.sock"));
	greet_by_hand("own.sock", FEATURE_MEMFD); /* root is brood's own */
	fd = make_memory(100, 0);
	send_note(1, "echo", &(struct memory_note){.body = {0, 5}}, fd);
	expect_bytes(1, "hello");
	close(fd);
	raw_close();
	stage_close(&s);
}

/* It was long enough when brood looked, and is not any more when the worker does. */
static void who_truncates_it_has_its_own_call_refused(void **state)
{
	int fd = make_memory(MIB, 0);
	pid_t worker;
	char c;

	(void)state;
	open_stage("", "");
	worker = stage_pid_of(&s, "w/0");
	greet_by_hand("e.sock", FEATURE_MEMFD);
	assert_int_equal(kill(worker, SIGSTOP), 0);
	send_note(1, "echo", &(struct memory_note){.body = {0, MIB}}, fd);
	stage_until(STAGE_WAIT_MS, "the call is with its worker", stage_counter(&s, "w", "in_flight") == 1);
	assert_int_equal(ftruncate(fd, 10), 0);
	assert_int_equal(kill(worker, SIGCONT), 0);
	expect_refusal(1, REASON_INVALID, "shorter than its body");
	/* while it is read: it may be long enough or not, but nobody is harmed */
	for (uint32_t id = 3; id < 203; id += 2) {
		assert_int_equal(ftruncate(fd, MIB), 0);
		send_note(id, "echo", &(struct memory_note){.body = {0, MIB}}, fd);
		assert_int_equal(ftruncate(fd, 0), 0);
	}
	assert_int_equal(stage_pid_of(&s, "w/0"), worker);
	/* some were answered by a MiB that waits for credit: nothing of that is of interest */
	assert_int_equal(recv(raw.fd, &c, 1, MSG_PEEK), 1);
	raw_close();
	close(fd);
	stage_until(STAGE_WAIT_MS, "nothing is left", stage_counter(&s, "w", "in_flight") == 0);
	assert_int_equal(stage_pid_of(&s, "w/0"), worker);
	stage_close(&s);
}

/* REPLY to call 2 (the first on a channel) at offset 64, five bytes, by a worker that has been lent nothing. */
static void a_worker_may_only_name_what_was_lent(void **state)
{
	static const char reply[] =
		"1c000000 13 23 00 00 02000000 00000000 4000000000000000 0500000000000000";
	char hex[100];
	size_t n = 0;
	int fd = make_memory(200, 0);

	(void)state;
	for (const char *at = reply; *at; at++) {
		if (*at != ' ')
			hex[n++] = *at;
	}
	hex[n] = '\0';
	assert_int_equal(pwrite(fd, hex, n, 100), n);
	open_stage("", "max_attempts = 1");
	greet_by_hand("e.sock", FEATURE_MEMFD);
	/* lent as it says: it is believed, whatever lies there */
	send_note(1, "raw", &(struct memory_note){.body = {100, n}, .lent = {64, 5}}, fd);
	{
		struct frame f;

		assert_true(raw_await(FRAME_REPLY, &f));
		assert_true(f.flags & FLAG_MEMFD);
		assert_int_equal(f.nfds, 0);
		assert_int_equal(memory_note(f.body, f.body_size).body.offset, 64);
		assert_int_equal(memory_note(f.body, f.body_size).body.size, 5);
	}
	raw_close();
	stage_close(&s);
	for (int i = 0; i < 3; i++) {
		const struct memory_note notes[] = {{.body = {100, n}},
						    {.body = {100, n}, .lent = {63, 100}},
						    {.body = {100, n}, .lent = {64, 4}}};

		open_stage("", "max_attempts = 1");
		greet_by_hand("e.sock", FEATURE_MEMFD);
		send_note(1, "raw", &notes[i], fd);
		expect_refusal(1, REASON_WORKER_CRASHED, "");
		stage_await_log(&s, "an answer in memory that its call has not lent");
		raw_close();
		stage_close(&s);
	}
	close(fd);
}

/* A worker from before this gets the bytes; who connects when that is known sends bytes. */
static void an_old_worker_gets_bytes(void **state)
{
	int fd = make_memory(100, 0);
	struct frame f;

	(void)state;
	stage_open(&s,
		   "[worker:old]\ncommand = %s\nautostart = no\n[endpoint:e]\nlisten = unix:e.sock\npool = "
		   "old\n",
		   OLDWORKER);
	greet_by_hand("e.sock", FEATURE_MEMFD);
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "old", NULL), 0);
	for (uint32_t id = 1; id < 9; id += 2) {
		send_note(id, "", &(struct memory_note){.body = {0, 5}, .lent = {50, 50}}, fd);
		expect_bytes(id, "old");
	}
	raw_close();
	greet_by_hand("e.sock", FEATURE_MEMFD);
	send_note(1, "", &(struct memory_note){.body = {0, 5}}, fd);
	assert_true(raw_await(FRAME_GOAWAY, &f));
	assert_non_null(strstr(raw_text(&f), "not agreed on"));
	raw_close();
	close(fd);
	assert_int_equal(stage_cli(&s, NULL, NULL, "stop", "old", NULL), 0); /* as it was in the beginning */
	stage_close(&s);
}

/* Its answers lie in its own memory, so brood keeps next to nothing for it. */
static void a_client_that_never_reads_costs_little(void **state)
{
	enum { CALLS = 100 };
	int fds[CALLS];
	uint64_t bytes;

	(void)state;
	open_stage("", "");
	greet_by_hand("e.sock", FEATURE_MEMFD);
	for (uint32_t i = 0; i < CALLS; i++) {
		fds[i] = memory_make(4 * MIB);
		assert_int_equal(pwrite(fds[i], "3145728", 7, 0), 7);
		send_note(2 * i + 1, "big", &(struct memory_note){.body = {0, 7}, .lent = {MIB, 3 * MIB}},
			  fds[i]);
	}
	stage_until(STAGE_WAIT_MS, "all are answered", stage_counter(&s, "w", "replied") == CALLS);
	assert_int_equal(loans_of(s.pid, &bytes), 0);
	for (uint32_t i = 0; i < CALLS; i++) {
		unsigned char byte;
		struct frame f;

		assert_true(raw_await(FRAME_REPLY, &f));
		assert_true(f.flags & FLAG_MEMFD);
		assert_int_equal(pread(fds[f.id / 2], &byte, 1, 2 * MIB), 1);
		assert_int_equal(byte, (unsigned char)((MIB * 7u) + (MIB >> 8)));
		close(fds[f.id / 2]);
	}
	raw_close();
	stage_close(&s);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(large_bodies_go_through_memory),
	cmocka_unit_test(they_do_not_where_they_may_not),
	cmocka_unit_test(a_small_request_may_have_a_large_answer),
	cmocka_unit_test(many_at_once_do_not_mix),
	cmocka_unit_test(at_its_limit_of_files_a_client_copies),
	cmocka_unit_test(brood_reads_what_it_may_not_keep),
	cmocka_unit_test(an_answer_that_comes_too_late_hurts_nobody),
	cmocka_unit_test(a_call_finds_its_body_again),
	cmocka_unit_test(memory_of_a_call_that_failed_is_given_up),
	cmocka_unit_test(killed_workers_lose_nothing),
	cmocka_unit_test(what_kills_is_known_again),
	cmocka_unit_test(what_is_no_sound_memory_is_refused),
	cmocka_unit_test(it_has_to_be_agreed_on),
	cmocka_unit_test(who_may_lend_is_said),
	cmocka_unit_test(who_truncates_it_has_its_own_call_refused),
	cmocka_unit_test(a_worker_may_only_name_what_was_lent),
	cmocka_unit_test(an_old_worker_gets_bytes),
	cmocka_unit_test(a_client_that_never_reads_costs_little),
};

CHECK_MAIN(tests)
