/* rig: see rig.h. */
#include "rig.h"

#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

enum { ROUND_MS = 40000, INSTANCES = 4 };

struct stage rig_stage;
struct fault_page *rig_page;
size_t rig_largest = 300000;

static char page_path[STAGE_PATH];
static const char *const instances[INSTANCES] = {"w/0", "w/1", "p/0", "m/0"};
static json_int_t generations[INSTANCES];
static const uint64_t seed = 1; /* of payloads: nothing else is left to chance */
static uint32_t connections;

const char *rig_site_name(enum fault_site site)
{
	static const char *const names[] = {
#define SITE(name) #name,
#include "faults/faults.def"
	};

	return names[site];
}

const char *rig_error_name(int error)
{
	static char text[40];

	if (error >= 0)
		return strerrorname_np(error);
	snprintf(text, sizeof(text), "%d byte(s)", -error);
	return text;
}

/* ------------------------------------------------------------------ the page */

void rig_make_page(void)
{
	int fd;

	snprintf(page_path, sizeof(page_path), "%.400s/faults.%d", home_scratch(), (int)getpid());
	(void)unlink(page_path); /* of a test that failed */
	fd = open(page_path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, sizeof(*rig_page)), 0);
	rig_page = mmap(NULL, sizeof(*rig_page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_true(rig_page != MAP_FAILED);
	close(fd);
}

void rig_preload(void)
{
	setenv("LD_PRELOAD", FAULTS_LIBRARY, 1);
	setenv(FAULTS_ENV, page_path, 1);
	setenv("ASAN_OPTIONS", "handle_segv=1:handle_abort=1:verify_asan_link_order=0", 1);
}

void rig_arm(enum fault_site site, int error, uint64_t k, uint64_t every)
{
	struct fault_entry *e = &rig_page->sites[site];

	atomic_store(&e->first, 0);
	atomic_store(&e->error, error);
	atomic_store(&e->every, every);
	atomic_store(&e->hits, 0);
	atomic_store(&e->calls, 0);
	atomic_store(&e->first, k);
}

void rig_disarm(void)
{
	for (int i = 0; i < FAULT_SITES; i++)
		atomic_store(&rig_page->sites[i].first, 0);
}

uint64_t rig_hits(enum fault_site site)
{
	return atomic_load(&rig_page->sites[site].hits);
}

/* ---------------------------------------------------------------- operators */

/* One message to the admin socket and its answer; NULL: the connection was lost. */
static json_t *operate(const char *message)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	static char text[1 << 18];
	size_t size = 0;
	json_t *answer;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", stage_address(&rig_stage, "admin.sock") + 5);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	(void)send(fd, message, strlen(message) + 1, MSG_NOSIGNAL);
	while (size == 0 || text[size - 1] != '\0') {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		ssize_t n;

		if (poll(&p, 1, ROUND_MS) != 1)
			fail_msg("the admin socket does not answer %s", message);
		n = recv(fd, text + size, sizeof(text) - size, 0);
		if (n <= 0)
			break;
		size += (size_t)n;
	}
	close(fd);
	if (size == 0 || text[size - 1] != '\0')
		return NULL;
	answer = json_loads(text, 0, NULL);
	assert_non_null(answer);
	return answer;
}

static json_t *status(void)
{
	json_t *answer = operate("{\"method\":\"io.brood.Status\"}");
	json_t *o;

	assert_non_null(answer);
	o = json_incref(json_object_get(answer, "parameters"));
	json_decref(answer);
	return o;
}

static json_int_t number(json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static bool all_are_up(json_t *o)
{
	for (int i = 0; i < INSTANCES; i++) {
		json_t *instance = stage_instance(o, instances[i]);

		if (strcmp(json_string_value(json_object_get(instance, "state")), "up") != 0)
			return false;
	}
	return true;
}

static json_t *await_all_up(void)
{
	int64_t deadline = stage_now_ms() + ROUND_MS;
	json_t *o = status();

	while (!all_are_up(o)) {
		if (stage_now_ms() > deadline) {
			fail_msg("not all workers have come up again:\n%s", rig_log());
		}
		json_decref(o);
		stage_pause();
		o = status();
	}
	return o;
}

const char *rig_log(void)
{
	(void)stage_has_log(&rig_stage, "");
	return rig_stage.log_size > 3000 ? rig_stage.log + rig_stage.log_size - 3000 : rig_stage.log;
}

/* -------------------------------------------------------------------- rounds */

__attribute__((format(printf, 2, 3))) static void lose_peer(struct rig_round *r, const char *format, ...)
{
	size_t used = strlen(r->why);
	va_list args;

	r->lost_peers++;
	va_start(args, format);
	vsnprintf(r->why + used, sizeof(r->why) - used, format, args);
	va_end(args);
}

/* How often has each been started since the last look? The last one dies twice in a round. */
static void count_starts(json_t *o, struct rig_round *r)
{
	for (int i = 0; i < INSTANCES; i++) {
		json_int_t generation = number(stage_instance(o, instances[i]), "generation");
		unsigned steps = (unsigned)(generation - generations[i]);

		generations[i] = generation;
		if (i < INSTANCES - 1 && steps > 0)
			lose_peer(r, "%s died %u times; ", instances[i], steps);
		else if (steps > 2)
			r->starts = steps - 2;
	}
}

static brood_t *join(const char *endpoint, struct rig_round *r)
{
	brood_t *b;

	for (int i = 0; i < 3; i++) {
		if (brood_connect(&b, stage_address(&rig_stage, endpoint), NULL) == 0)
			return b;
		lose_peer(r, "connecting to %s: %s; ", endpoint, brood_error());
	}
	fail_msg("cannot connect: %s", brood_error());
	return NULL;
}

static void add_up(struct rig_round *r, struct tally *t)
{
	if (!tally_await(t, ROUND_MS))
		fail_msg("%s", t->broken[0] ? t->broken : "a call was not answered in time");
	assert_int_equal(t->good + t->failed, t->started);
	r->good += t->good;
	r->failed += t->failed;
	if (t->lost > 0)
		lose_peer(r, "a conversation: %s; ", t->why);
	else if (t->failed > 0 && !r->why[0])
		memcpy(r->why, t->why, sizeof(r->why));
}

/* Calls of many sizes at once, on one connection. */
static void converse(const char *endpoint, struct rig_round *r)
{
	static const size_t sizes[] = {0, 5, 4000, 70000, 300000, 17, 1, 20000, 270000}; /* the last in memory */
	static struct tally t;
	brood_t *b = join(endpoint, r);

	tally_begin(&t, b, seed, ++connections);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		(void)tally_start(&t, sizes[i] < rig_largest ? sizes[i] : rig_largest);
	add_up(r, &t);
	brood_close(b);
}

/* A worker dies in a call; what comes behind that call waits for the next one. */
static void let_die(struct rig_round *r)
{
	static struct tally t;
	struct brood_answer a;
	brood_t *b = join("m.sock", r);
	int rc = brood_call(b, "exit", "0", 1, NULL, &a);

	assert_int_not_equal(a.code, BROOD_OK);
	if (rc < 0)
		lose_peer(r, "a call that kills: %s; ", brood_error());
	brood_answer_free(&a);
	tally_begin(&t, b, seed, ++connections);
	(void)tally_start(&t, 100);
	(void)tally_start(&t, 5000);
	add_up(r, &t);
	brood_close(b);
}

/* And is replaced in order. */
static void let_restart(struct rig_round *r)
{
	json_t *answer = operate("{\"method\":\"io.brood.Restart\",\"parameters\":{\"names\":[\"m\"]}}");

	if (answer)
		json_decref(answer);
	else
		lose_peer(r, "an operator; ");
}

struct rig_round rig_play(void)
{
	struct rig_round r = {0};
	json_t *o;

	(void)stage_has_log(&rig_stage, ""); /* its log has room */
	converse("w.sock", &r);
	converse("p.sock", &r);
	let_die(&r);
	let_restart(&r);
	rig_disarm();
	o = await_all_up();
	count_starts(o, &r);
	json_decref(o);
	return r;
}

void rig_recover(void)
{
	json_t *o = await_all_up();

	count_starts(o, &(struct rig_round){0});
	json_decref(o);
}

static bool is_at_rest(json_t *o, const char *pool)
{
	json_t *calls = json_object_get(stage_pool(o, pool), "calls");

	return number(calls, "queued") == 0 && number(calls, "in_flight") == 0 &&
	       number(calls, "accepted") ==
		       number(calls, "replied") + number(calls, "errored") + number(calls, "closed");
}

static bool rests(void)
{
	json_t *o = status();
	bool is = is_at_rest(o, "w") && is_at_rest(o, "p") && is_at_rest(o, "m");
	json_t *e;
	size_t i;

	json_array_foreach (json_object_get(o, "endpoints"), i, e)
		is = is && number(e, "clients") == 0;
	json_decref(o);
	return is;
}

static json_int_t turns(void)
{
	json_t *o = status();
	json_int_t n = number(o, "turns");

	json_decref(o);
	return n;
}

void rig_check_rest(const char *what)
{
	json_int_t before;

	stage_until(ROUND_MS, what, rests());
	stage_until(ROUND_MS, what, stage_fds_of(rig_stage.pid) <= rig_stage.fds_at_start);
	stage_until(ROUND_MS, what, stage_processes(&rig_stage) == 1 + INSTANCES);
	before = turns();
	if (turns() - before > 20)
		fail_msg("%s: the loop spins, %lld turns", what, (long long)(turns() - before));
}

/* -------------------------------------------------------------------- faults */

/* Since rig_open(): a peer that was lost at the end of a round is missed in the next one. */
static struct {
	unsigned met; /* failures */
	unsigned lost;
} so_far;

static bool is_too_much(const struct rig_round *r, enum rig_cost cost)
{
	so_far.lost += r->lost_peers + r->starts;
	switch (cost) {
	case RIG_COST_NOTHING:
		return r->failed > 0 || r->lost_peers > 0 || r->starts > 0;
	case RIG_COST_START:
		return r->failed > 0 || r->lost_peers > 0 || r->starts > 1;
	case RIG_COST_PEER:
		return so_far.lost > so_far.met;
	}
	return true;
}

uint64_t rig_next(uint64_t k)
{
	return k < 12 ? k + 1 : k + k / 4;
}

void rig_describe(const struct rig_fault *f, uint64_t k, char *out, size_t size)
{
	snprintf(out, size, "%s %llu: %s", rig_site_name(f->site), (unsigned long long)k,
		 rig_error_name(f->error));
}

void rig_fail_each(const struct rig_fault *f, enum rig_cost cost)
{
	unsigned met = 0;
	uint64_t hits = 1;

	for (uint64_t k = 1; k < RIG_CALLS_MOST && hits > 0; k = rig_next(k)) {
		struct rig_round r;
		char what[120];

		rig_describe(f, k, what, sizeof(what));
		rig_arm(f->site, f->error, k, 0);
		r = rig_play();
		hits = rig_hits(f->site);
		met += hits > 0;
		so_far.met += hits > 0;
		if (is_too_much(&r, cost))
			fail_msg("%s: %u calls failed, %u peers were lost, %u starts more: %s\n%s", what,
				 r.failed, r.lost_peers, r.starts, r.why, rig_log());
		rig_check_rest(what);
	}
	if (getenv("FAULTS_TELL"))
		printf("%-20s %-12s %u\n", rig_site_name(f->site), rig_error_name(f->error), met);
	if (met == 0)
		fail_msg("no %s was ever made: this tests nothing", rig_site_name(f->site));
}

/* --------------------------------------------------------------- the two ends */

void rig_open(enum rig_where where)
{
	static const char format[] = "[defaults]\ncommand = %s --slots 4\nrestart_delay = 1ms\n"
				     "restart_delay_max = 2ms\n%s\n"
				     "[worker:w]\ninstances = 2\n[worker:p]\nchannel = pipes\n[worker:m]\n"
				     "[endpoint:w]\nlisten = unix:w.sock\npool = w\n"
				     "[endpoint:p]\nlisten = unix:p.sock\npool = p\n"
				     "[endpoint:m]\nlisten = unix:m.sock\npool = m\n";
	char env[3 * STAGE_PATH] = "";

	rig_make_page();
	so_far.met = so_far.lost = 0;
	if (where == RIG_WORKERS)
		snprintf(env, sizeof(env),
			 "env = LD_PRELOAD=%s, %s=%s, ASAN_OPTIONS=verify_asan_link_order=0", FAULTS_LIBRARY,
			 FAULTS_ENV, page_path);
	stage_prepare(&rig_stage, format, home_badworker(), env);
	stage_start(&rig_stage, true, where == RIG_SUPERVISOR ? rig_preload : NULL);
	rig_recover();
	rig_stage.fds_at_start = stage_fds_of(rig_stage.pid);
}

void rig_drop_page(void)
{
	munmap(rig_page, sizeof(*rig_page));
	unlink(page_path);
}

void rig_close(void)
{
	rig_disarm();
	stage_close(&rig_stage);
	rig_drop_page();
}
