/*
 * fuzz_channel: any bytes from workers and clients into the supervisor, in any order with deaths, half-closes, calls.
 *
 * The supervisor is the real one from the link up to the core, over real sockets; only its processes are puppets.
 * What is said to each peer must be frames; each id is answered once; a client that keeps to the protocol keeps its
 * connection and gets exactly its answers, whatever anybody else does; at the end nothing is left. (W8, C8, P1, P7,
 * P18, X16.)
 *
 * Input: u8 choices · operations: u8 kind (low half) and peer (high half), then what the operation takes.
 */
#include "fuzz.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fake.h"
#include "listen.h"
#include "loop.h"
#include "supervisor.h"
#include "tables.h"
#include "visitor.h"

enum { OPERATIONS_MOST = 500, TURNS_MOST = 400, SIZE_MOST = 16 << 10 };

enum choice {
	CHOICE_WORKERS_GREET = 1, /* new processes introduce themselves */
	CHOICE_CLIENTS_GREET = 2,
	CHOICE_STUBBORN = 4, /* processes ignore SIGTERM */
};

enum operation {
	WORKER_BYTES, /* u8 n, n bytes */
	WORKER_FRAME, /* u8 type, u8 flags, u8 id, u8 arg, u8 n, n bytes of body */
	WORKER_GREETS, /* peer & 4: asks for a connection to another pool, one of four by peer & 9 */
	WORKER_ANSWERS,
	WORKER_ANSWERS_IN_PARTS,
	WORKER_ENDS,      /* u8 exit code, or signal */
	WORKER_SCRIBBLES, /* u16 at, u8 n, n bytes */
	CLIENT_BYTES,
	CLIENT_FRAME,
	CLIENT_OPENS,
	CLIENT_CALLS,       /* u8 length of the body in units of 16 */
	CLIENT_BEGINS_CALL, /* likewise; it is finished by the next call, or at the end */
	CLIENT_CANCELS,
	CLIENT_LEAVES, /* peer & 8: closes its own direction only */
	CLIENT_DEAF,   /* reads nothing from now on, or again */
	TURNS,
	OPERATIONS
};

static struct {
	unsigned choices;
	struct supervisor *s;
} now;

/* The rest of the input. */
struct input {
	const uint8_t *at;
	size_t left;
};

static uint8_t take(struct input *in)
{
	if (in->left == 0)
		return 0;
	in->left--;
	return *in->at++;
}

static const uint8_t *take_bytes(struct input *in, size_t *size)
{
	const uint8_t *at = in->at;

	if (*size > in->left)
		*size = in->left;
	in->at += *size;
	in->left -= *size;
	return at;
}

/* ---------------------------------------------------------------- supervisor */

static const struct config *config(void)
{
	static const char text[] = "[brood]\nmax_clients = 16\n"
				   "[worker:w]\ncommand = /bin/true\ninstances = 2\nqueue = 64\nfd_store = 3\n"
				   "restart_delay = 0ms\nrestart_delay_max = 0ms\n"
				   "calls = relayed, direct:direct\ncall_connections = 2\n"
				   "[worker:relayed]\ncommand = /bin/true\nqueue = 4\n"
				   "restart_delay = 0ms\nrestart_delay_max = 0ms\n"
				   "[worker:direct]\ncommand = /bin/true\n"
				   "restart_delay = 0ms\nrestart_delay_max = 0ms\n"
				   "[endpoint:e]\nlisten = unix:/run/e.sock\npool = w\n";
	static struct config *loaded;
	enum config_result result = CONFIG_OK;

	if (!loaded)
		loaded = fake_load_text(text, sizeof(text) - 1, &result);
	assert(result == CONFIG_OK);
	return loaded;
}

static void open_supervisor(void)
{
	struct supervisor *s = calloc(1, sizeof(*s));

	now.s = s;
	s->config = config();
	s->spec = &s->config->spec;
	s->rundir = RUNDIR_INIT;
	s->watch.fd = -1;
	for (int i = 0; i < LOG_KINDS; i++)
		s->log.limits[i].said = LOG_LIMIT_LINES; /* nobody reads it, nobody counts */
	if (loop_open(s) < 0)
		abort();
	if (tables_make(s) < 0)
		abort();
	s->fleet.random = 1;
	s->endpoints = calloc(s->spec->endpoint_count, sizeof(*s->endpoints)); /* none listens */
	loop_give(s, &(struct event){.kind = FLEET_START});
}

static void turn(void)
{
	uv_run(&now.s->uv, UV_RUN_NOWAIT);
}

/* Nothing is left in it. */
int __real_uv_loop_close(uv_loop_t *uv);
int __wrap_uv_loop_close(uv_loop_t *uv);

int __wrap_uv_loop_close(uv_loop_t *uv)
{
	int rc = __real_uv_loop_close(uv);

	assert(rc == 0);
	return rc;
}

static void close_supervisor(void)
{
	struct supervisor *s = now.s;

	loop_close(s);
	tables_free(s);
	free(s);
}

/* ---------------------------------------------------------------- operations */

/* A well-formed header with anything in it. */
static size_t any_frame(struct input *in, uint32_t first_id, uint8_t *out, size_t capacity)
{
	struct frame f = {.type = take(in)};
	size_t size;

	f.flags = take(in) & 0x7f;
	f.id = take(in);
	if (f.id & 0x80)
		f.id = first_id + 2 * (f.id & 0x7f);
	f.arg = take(in);
	if (f.arg & 0x80)
		f.arg <<= 24;
	size = take(in);
	f.body = take_bytes(in, &size);
	f.body_size = (uint32_t)size;
	return puppet_encode(out, capacity, &f);
}

static void play_worker(enum operation what, unsigned peer, struct puppet *p, struct input *in)
{
	static const char *const pools[] = {"relayed", "direct", "w", "nobody"};
	uint8_t out[512];
	size_t size;
	uint16_t at;
	const uint8_t *bytes;

	switch ((int)what) {
	case WORKER_BYTES:
		size = take(in);
		bytes = take_bytes(in, &size);
		puppet_say(p, bytes, size);
		visitor_distrust(p);
		break;
	case WORKER_FRAME:
		puppet_say(p, out, any_frame(in, p->count > 0 ? p->held[0].id : 2, out, sizeof(out)));
		visitor_distrust(p);
		break;
	case WORKER_GREETS:
		if (peer & 4)
			puppet_ask(p, pools[peer / 8 * 2 + peer % 2]);
		else
			puppet_greet(p);
		break;
	case WORKER_ANSWERS:
	case WORKER_ANSWERS_IN_PARTS:
		puppet_answer(p, what == WORKER_ANSWERS_IN_PARTS);
		break;
	case WORKER_ENDS:
		puppet_end(p, take(in) & 1 ? 256 + 9 : 1);
		break;
	case WORKER_SCRIBBLES:
		at = take(in);
		at = (uint16_t)(at << 8 | take(in));
		size = take(in);
		bytes = take_bytes(in, &size);
		puppet_scribble(p, at, bytes, size);
		break;
	default:
		break;
	}
}

static void play_client(enum operation what, unsigned peer, struct visitor *v, struct input *in)
{
	uint8_t out[512];
	size_t size;
	const uint8_t *bytes;

	switch ((int)what) {
	case CLIENT_BYTES:
		size = take(in);
		bytes = take_bytes(in, &size);
		v->is_honest = false;
		visitor_say(v, bytes, size);
		break;
	case CLIENT_FRAME:
		v->is_honest = false;
		visitor_say(v, out, any_frame(in, v->last_id, out, sizeof(out)));
		break;
	case CLIENT_OPENS:
		visitor_open(v, now.s, now.choices & CHOICE_CLIENTS_GREET);
		break;
	case CLIENT_CALLS:
	case CLIENT_BEGINS_CALL:
		visitor_call(v, 16u * take(in), what == CLIENT_BEGINS_CALL);
		break;
	case CLIENT_CANCELS:
		visitor_cancel(v);
		break;
	case CLIENT_LEAVES:
		if (v->fd >= 0 && peer & 8)
			v->has_left = shutdown(v->fd, SHUT_WR) == 0;
		else
			visitor_close(v);
		break;
	case CLIENT_DEAF:
		v->is_deaf = !v->is_deaf;
		break;
	default:
		break;
	}
}

/* Everybody hears what was said; new processes do what they are chosen to do. */
static void let_hear(bool all_greet)
{
	struct puppet *p;

	for (unsigned n = 0; (p = puppet_running(n)) != NULL; n++) {
		puppet_hear(p);
		if (!p->is_honest)
			visitor_distrust(p);
		if (p->lent >= 0) {
			visitor_adopt(&visitors[VISITORS - 1], p->lent, now.choices & CHOICE_CLIENTS_GREET);
			p->lent = -1;
		}
		p->is_stubborn = now.choices & CHOICE_STUBBORN;
		if (!p->has_greeted && (all_greet || now.choices & CHOICE_WORKERS_GREET))
			puppet_greet(p);
	}
	for (unsigned i = 0; i < VISITORS; i++)
		visitor_hear(&visitors[i]);
}

static void play(struct input *in)
{
	for (int i = 0; i < OPERATIONS_MOST && in->left > 0; i++) {
		uint8_t byte = take(in);
		enum operation what = byte % OPERATIONS;
		unsigned peer = byte / OPERATIONS;
		struct puppet *p = puppet_running(peer % 4);

		if (what <= WORKER_SCRIBBLES && p)
			play_worker(what, peer, p, in);
		else if (what > WORKER_SCRIBBLES && what < TURNS)
			play_client(what, peer, &visitors[peer % VISITORS], in);
		turn();
		let_hear(false);
	}
}

/* ------------------------------------------------------------------- the end */

static bool anybody_is_owed(void)
{
	for (unsigned i = 0; i < VISITORS; i++) {
		if (visitor_is_owed(&visitors[i]))
			return true;
	}
	return false;
}

/* Honest processes take over, everybody reads: each call that was made in good faith is answered. */
static void settle(void)
{
	struct puppet *p;

	while ((p = puppet_running(0)) != NULL)
		puppet_end(p, 1);
	for (unsigned i = 0; i < VISITORS; i++) {
		visitors[i].is_deaf = false;
		visitor_finish(&visitors[i]);
	}
	for (int i = 0; i < TURNS_MOST && anybody_is_owed(); i++) {
		turn();
		let_hear(true);
		for (unsigned n = 0; (p = puppet_running(n)) != NULL; n++) {
			while (p->count > 0)
				puppet_answer(p, n == 1);
		}
	}
	assert(!anybody_is_owed());
}

static void check_books(const struct pool *p)
{
	assert(p->queued == 0 && p->queued_bytes == 0 && p->in_flight == 0);
	assert(p->counters.accepted == p->counters.replied + p->counters.errored + p->counters.closed);
}

static void leave(void)
{
	struct supervisor *s = now.s;
	struct puppet *p;

	for (unsigned i = 0; i < VISITORS; i++)
		visitor_close(&visitors[i]);
	for (int i = 0; i < 10; i++)
		turn();
	for (uint32_t i = 0; i < s->fleet.ledger.caller_count; i++)
		assert(!s->clients[i]);
	for (uint32_t i = 0; i < s->fleet.pool_count; i++)
		check_books(&s->fleet.pools[i]);
	assert(s->partials.bytes == 0);
	loop_give(s, &(struct event){.kind = FLEET_HALT});
	for (int i = 0; i < TURNS_MOST && !s->is_ending; i++) {
		turn();
		while ((p = puppet_running(0)) != NULL)
			puppet_end(p, 0);
	}
	assert(s->is_ending);
	assert(s->requests.count == 0);
	uv_run(&s->uv, UV_RUN_DEFAULT); /* the farewell */
	puppet_reset();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, size};

	if (size < 2 || size > SIZE_MOST)
		return 0;
	now.choices = take(&in);
	for (unsigned i = 0; i < VISITORS; i++)
		visitors[i].fd = -1;
	open_supervisor();
	play(&in);
	settle();
	leave();
	close_supervisor();
	return 0;
}
