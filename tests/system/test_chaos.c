/*
 * Workers are killed and stopped at random instants while 64 clients keep calls under way; a shared file tells which
 * calls a handler has begun (faults: W1, W2, P9). At the end:
 *
 *   every call had exactly one answer, with its own payload; the books of brood balance;
 *   no call that had not begun was answered with an error (but for those, less than one in twenty kills, whose worker
 *   died between the SDK's note and the first instruction of the handler);
 *   no call was begun twice unless its caller had called it idempotent, and none more often than max_attempts.
 *
 * BROOD_CHAOS_KILLS (200) and BROOD_CHAOS_SEED (the time) are for longer runs, and for the same schedule again.
 */
#include "check.h"

#include <brood.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>

#include "stage.h"
#include "workers/mark.h"

enum { CLIENTS = 64, OPEN_EACH = 4, INSTANCES = 4, ATTEMPTS = 3, PAYLOAD_MOST = 300 << 10 };

/* What is known of one call. */
struct record {
	uint8_t answers;
	uint8_t outcome; /* OUTCOME_* */
	bool idempotent;
};
enum { OUTCOME_NONE, OUTCOME_OK, OUTCOME_CRASHED, OUTCOME_OTHER };

static struct marks *marks;
static struct record *records;
static uint32_t started;
static uint32_t wrong;
static uint64_t random_state;
static brood_t *clients[CLIENTS];
static unsigned char payload[PAYLOAD_MOST];

static uint32_t roll(uint32_t sides)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)(random_state >> 20) % sides;
}

/* The payload of a call follows from its number, so nothing has to be kept. */
static size_t size_of(uint32_t number)
{
	uint32_t mixed = number * 2654435761u;

	return mixed % 200 == 0 ? mixed % PAYLOAD_MOST : mixed % 2000;
}

static void take(uint32_t id, const struct brood_answer *a, void *user)
{
	uint32_t number = (uint32_t)(uintptr_t)user;
	struct record *r = &records[number];
	const unsigned char *body = a->body;
	struct mark m;

	(void)id;
	if (++r->answers > 1)
		wrong++;
	if (a->code != BROOD_OK) {
		r->outcome = a->reason == BROOD_REASON_WORKER_CRASHED ? OUTCOME_CRASHED : OUTCOME_OTHER;
		if (r->outcome == OUTCOME_OTHER)
			fprintf(stderr, "call %u: %s %s: %s\n", number, brood_code_name(a->code),
				brood_reason_name(a->reason), a->text);
		return;
	}
	r->outcome = OUTCOME_OK;
	if (a->body_size != sizeof(m) + size_of(number)) {
		wrong++;
		return;
	}
	memcpy(&m, body, sizeof(m));
	wrong += m.number != number;
	for (size_t i = 0; i < size_of(number); i++) {
		if (body[sizeof(m) + i] != (unsigned char)~payload[(i + number) % 1000]) {
			wrong++;
			return;
		}
	}
}

static void start_one(brood_t *client)
{
	static unsigned char body[sizeof(struct mark) + PAYLOAD_MOST];
	struct mark m = {.number = started};
	struct brood_call_options o = {.timeout = 60000, .idempotent = (int)roll(2)};
	size_t size = size_of(started);

	if (roll(10) == 0)
		m.nap_us = roll(2000);
	memcpy(body, &m, sizeof(m));
	for (size_t i = 0; i < size; i++)
		body[sizeof(m) + i] = payload[(i + started) % 1000];
	records[started].idempotent = o.idempotent != 0;
	assert_rc(0, brood_call_start(client, "", body, sizeof(m) + size, &o, take, (void *)(uintptr_t)started, NULL));
	started++;
}

/* The parent of this process; 0: it is gone. */
static pid_t parent_of(pid_t pid)
{
	char path[64];
	char text[256] = "";
	char *end;
	int parent = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (read(fd, text, sizeof(text) - 1) > 0 && (end = strrchr(text, ')')) != NULL)
		(void)sscanf(end + 1, " %*c %d", &parent);
	close(fd);
	return parent;
}

/* Only to a child of this brood: a number may belong to somebody else by now. */
static bool send_signal(const struct stage *s, uint32_t instance, int number)
{
	pid_t pid = atomic_load(&marks->pids[instance]);
	int fd = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
	bool sent = fd >= 0 && parent_of(pid) == s->pid && syscall(SYS_pidfd_send_signal, fd, number, NULL, 0) == 0;

	if (fd >= 0)
		close(fd);
	return sent;
}

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

struct schedule {
	uint32_t kills;
	uint32_t most;
	int64_t next_us;
	int64_t go_on_us; /* 0: nobody is stopped */
	uint32_t stopped;
};

/* The instants are random on purpose: nothing is waited for. */
static void hurt_somebody(struct stage *s, struct schedule *c)
{
	int64_t now = now_us();

	if (c->go_on_us > 0 && now >= c->go_on_us) {
		(void)send_signal(s, c->stopped, SIGCONT);
		c->go_on_us = 0;
	}
	if (now < c->next_us)
		return;
	c->next_us = now + roll(4000);
	if (roll(20) == 0 && c->go_on_us == 0) {
		c->stopped = roll(INSTANCES);
		if (send_signal(s, c->stopped, SIGSTOP))
			c->go_on_us = now + roll(20000);
		return;
	}
	c->kills += send_signal(s, roll(INSTANCES), SIGKILL);
}

static int calls_open(void)
{
	int open = 0;

	for (int i = 0; i < CLIENTS; i++)
		open += brood_calls_open(clients[i]);
	return open;
}

static void drive(struct stage *s, struct schedule *c)
{
	struct pollfd fds[CLIENTS];
	bool ends = false;

	while (!ends || calls_open() > 0) {
		ends = ends || c->kills >= c->most || started > MARK_CALLS - CLIENTS * OPEN_EACH;
		for (int i = 0; i < CLIENTS; i++) {
			while (!ends && brood_calls_open(clients[i]) < OPEN_EACH &&
			       brood_calls_allowed(clients[i]) > 0)
				start_one(clients[i]);
			fds[i] = (struct pollfd){.fd = brood_fd(clients[i]), .events = POLLIN};
		}
		(void)poll(fds, CLIENTS, 1);
		for (int i = 0; i < CLIENTS; i++)
			assert_rc(0, brood_process(clients[i]));
		if (!ends || c->go_on_us > 0)
			hurt_somebody(s, c);
		(void)stage_has_log(s, "never"); /* empties the log */
	}
}

static void check_records(uint32_t kills)
{
	uint32_t outcomes[OUTCOME_OTHER + 1] = {0};
	uint32_t again = 0;
	uint32_t on_threshold = 0;

	for (uint32_t i = 0; i < started; i++) {
		const struct record *r = &records[i];
		uint32_t starts = atomic_load(&marks->starts[i]);

		outcomes[r->outcome]++;
		again += starts > 1;
		if (r->answers != 1)
			fail_msg("call %u had %u answers", i, r->answers);
		if (r->outcome == OUTCOME_OK && starts == 0)
			fail_msg("call %u was answered and never begun", i);
		on_threshold += r->outcome == OUTCOME_CRASHED && starts < (r->idempotent ? ATTEMPTS : 1);
		if (!r->idempotent && starts > 1)
			fail_msg("call %u was begun %u times", i, starts);
		if (r->idempotent && starts > ATTEMPTS)
			fail_msg("call %u was begun %u times, max_attempts is %d", i, starts, ATTEMPTS);
	}
	print_message("%u calls: %u answered, %u lost with a worker that had begun them, %u others; %u were begun "
		      "again; %u workers died on the threshold of a handler\n",
		      started, outcomes[OUTCOME_OK], outcomes[OUTCOME_CRASHED], outcomes[OUTCOME_OTHER], again,
		      on_threshold);
	assert_true(on_threshold <= kills / 20 + 1);
	assert_int_equal(outcomes[OUTCOME_OTHER], 0);
	assert_int_equal(wrong, 0);
	assert_true(outcomes[OUTCOME_CRASHED] > 0 && again > 0);
}

static void open_marks(char *path, size_t size)
{
	int fd;

	snprintf(path, size, "%.400s/marks.%d", home_scratch(), (int)getpid());
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_return_code(fd, errno);
	assert_return_code(ftruncate(fd, sizeof(*marks)), errno);
	marks = mmap(NULL, sizeof(*marks), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_true(marks != MAP_FAILED);
	close(fd);
}

static uint32_t number_of(const char *name, uint32_t otherwise)
{
	const char *text = getenv(name);

	return text ? (uint32_t)strtoul(text, NULL, 10) : otherwise;
}

static void nothing_is_lost_twice_or_mixed_up(void **state)
{
	struct schedule c = {.most = number_of("BROOD_CHAOS_KILLS", 200)};
	uint32_t seed = number_of("BROOD_CHAOS_SEED", (uint32_t)time(NULL));
	char path[STAGE_PATH];
	struct stage s;

	(void)state;
	print_message("seed %u, %u kills\n", seed, c.most);
	random_state = seed * 0x9e3779b97f4a7c15u | 1;
	for (size_t i = 0; i < 1000; i++)
		payload[i] = (unsigned char)roll(256);
	records = calloc(MARK_CALLS, sizeof(*records));
	assert_non_null(records);
	open_marks(path, sizeof(path));
	stage_open(&s,
		   "[worker:w]\ncommand = " MARKWORKER " %s 8\ninstances = %d\nrestart_delay = 0ms\n"
		   "max_attempts = %d\nqueue = 4096\n"
		   "[endpoint:w]\nlisten = unix:w.sock\npool = w\n",
		   path, INSTANCES, ATTEMPTS);
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "w", NULL), 0);
	for (int i = 0; i < CLIENTS; i++)
		assert_rc(0, brood_connect(&clients[i], stage_address(&s, "w.sock"), NULL));
	drive(&s, &c);
	check_records(c.kills);
	for (int i = 0; i < CLIENTS; i++)
		brood_close(clients[i]);
	stage_check_ledger(&s, "w");
	print_message("%u kills; %lld redelivered, %lld requeued\n", c.kills, stage_counter(&s, "w", "redelivered"),
		      stage_counter(&s, "w", "requeued"));
	assert_int_equal(stage_cli(&s, NULL, NULL, "start", "w", NULL), 0); /* all are well */
	stage_close(&s);
	munmap(marks, sizeof(*marks));
	unlink(path);
	free(records);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(nothing_is_lost_twice_or_mixed_up),
};

CHECK_MAIN(tests)
