/*
 * bench_relay: calls through brood beside the same calls through bare sockets, in turn, in one run.
 *
 *   echo   wall A: the client and an echo, one socket pair
 *   relay  wall B: a process between the two that parses frames and passes them on; the limit for any relay
 *   brood  client (SDK), brood, worker (SDK, 64 slots)
 *   copied the same with every body through the sockets: large ones go through shared memory else
 *   handed client (SDK), worker (SDK): brood has handed the connection over (dispatch = connection)
 *
 * Only the ratios mean anything: the machine may be shared.
 */
#include <stdlib.h>

#include "bare.h"
#include "common.h"
#include "figures.h"
#include "load.h"
#include "rig.h"

enum { ECHO, RELAY, BROOD, COPIED, HANDED, CONTENDERS };
enum { LARGE = 256 << 10, CALL_MOST = 16 << 20 };

static const char *const names[CONTENDERS] = {"echo  (wall A)", "relay (wall B)", "brood", "brood, copied",
					      "handed over"};

struct stage {
	struct rig rig;
	pid_t worker;
	pid_t blocking_echo;
	pid_t echo;
	pid_t relayed_echo;
	pid_t relay;
	int to_blocking;
	int to_echo[LOAD_CLIENTS_MOST];
	int to_relay[LOAD_CLIENTS_MOST];
};

/* What one contender gave in all rounds of one case. */
struct table {
	struct figures us;         /* between two answers, so a round trip where one call is open */
	struct figures calls;      /* a second */
	struct figures cpu_middle; /* µs a call: of brood, or of the relay */
	struct figures cpu_all;    /* of all processes */
};

struct bench_case {
	size_t size;
	unsigned flight;
	unsigned clients;
	struct goal speed; /* calls a second, relative to wall B */
	struct goal time;  /* round trip, relative to wall B */
	struct goal cpu;
};

#define AT_MOST(x)                \
	{                         \
		GOAL_AT_MOST, (x) \
	}
#define AT_LEAST(x)                \
	{                          \
		GOAL_AT_LEAST, (x) \
	}
#define NO_GOAL              \
	{                    \
		GOAL_NONE, 0 \
	}

static const struct bench_case cases[] = {
	{64, 1, 1, NO_GOAL, AT_MOST(1.15), NO_GOAL},
	{64, 64, 1, AT_LEAST(0.7), NO_GOAL, AT_MOST(1.5)},
	{64, 1, 64, AT_LEAST(0.8), NO_GOAL, NO_GOAL},
	{1 << 10, 1, 1, NO_GOAL, AT_MOST(1.15), NO_GOAL},
	{1 << 10, 64, 1, AT_LEAST(0.7), NO_GOAL, AT_MOST(1.5)},
	{64 << 10, 1, 1, AT_LEAST(0.85), NO_GOAL, NO_GOAL},
	{64 << 10, 64, 1, AT_LEAST(0.85), NO_GOAL, NO_GOAL},
	{1 << 20, 1, 1, AT_LEAST(0.85), NO_GOAL, NO_GOAL},
	{1 << 20, 8, 1, AT_LEAST(0.85), NO_GOAL, NO_GOAL},
	{256 << 10, 1, 1, NO_GOAL, NO_GOAL, NO_GOAL},
	{256 << 10, 8, 1, NO_GOAL, NO_GOAL, NO_GOAL},
	{4 << 20, 1, 1, NO_GOAL, NO_GOAL, NO_GOAL},
	{4 << 20, 4, 1, NO_GOAL, NO_GOAL, NO_GOAL},
	{16 << 20, 1, 1, NO_GOAL, NO_GOAL, NO_GOAL},
	{16 << 20, 2, 1, NO_GOAL, NO_GOAL, NO_GOAL},
};

static pid_t start_echo(enum bare_role role, int *ours, unsigned count)
{
	int theirs[LOAD_CLIENTS_MOST];

	for (unsigned i = 0; i < count; i++) {
		int ends[2];

		bare_pair(ends);
		ours[i] = ends[0];
		theirs[i] = ends[1];
	}
	return bare_start(role, theirs, count);
}

static void start_walls(struct stage *s)
{
	int fds[1 + LOAD_CLIENTS_MOST];
	int ends[2];

	s->blocking_echo = start_echo(BARE_BLOCKING_ECHO, &s->to_blocking, 1);
	s->echo = start_echo(BARE_ECHO, s->to_echo, LOAD_CLIENTS_MOST);
	s->relayed_echo = start_echo(BARE_ECHO, &fds[0], 1);
	for (unsigned i = 0; i < LOAD_CLIENTS_MOST; i++) {
		bare_pair(ends);
		s->to_relay[i] = ends[0];
		fds[1 + i] = ends[1];
	}
	s->relay = bare_start(BARE_RELAY, fds, 1 + LOAD_CLIENTS_MOST);
}

/* Is there anything to compare here? */
static bool takes_part(const struct options *o, const struct bench_case *c, int contender)
{
	switch (contender) {
	case ECHO:
	case RELAY:
		return !o->skips_walls && c->size <= BARE_MESSAGE_MOST;
	case COPIED:
		return c->size >= LARGE;
	default:
		return true;
	}
}

static void run(const struct stage *s, int contender, const struct load *asked, struct result *r)
{
	struct load copied = *asked;
	const struct load *l = contender == COPIED ? &copied : asked;
	bool is_blocking = l->flight == 1 && l->clients == 1;

	copied.copies = true;

	switch (contender) {
	case ECHO:
		r->end = is_blocking ? s->blocking_echo : s->echo;
		load_bare(is_blocking ? &s->to_blocking : s->to_echo, l, r);
		break;
	case RELAY:
		r->middle = s->relay;
		r->end = s->relayed_echo;
		load_bare(s->to_relay, l, r);
		break;
	default:
		r->middle = s->rig.pid;
		r->end = s->worker;
		load_sdk(contender == HANDED ? s->rig.direct : s->rig.address, l, r);
		break;
	}
}

static void note(struct table *t, const struct result *r)
{
	double calls = (double)r->calls;

	if (r->calls == 0)
		die("no call was answered");
	figures_add(&t->us, (double)r->used.ns / 1e3 / calls);
	figures_add(&t->calls, calls / ((double)r->used.ns / 1e9));
	figures_add(&t->cpu_middle, (double)r->used.middle / 1e3 / calls);
	figures_add(&t->cpu_all, (double)(r->used.client + r->used.middle + r->used.end) / 1e3 / calls);
}

static void print_table(const char *name, const struct table *t, size_t size)
{
	struct spread us = figures_spread(&t->us);
	struct spread calls = figures_spread(&t->calls);

	printf("  %-15s %9.2f %21.0f %9.1f %9.2f %9.2f   (%.2f..%.2f us)\n", name, us.median, calls.median,
	       calls.median * (double)size / 1e6, figures_spread(&t->cpu_middle).median,
	       figures_spread(&t->cpu_all).median, us.lowest, us.highest);
}

static void print_ratios(const struct bench_case *c, const struct table *tables)
{
	const struct table *a = &tables[ECHO];
	const struct table *b = &tables[RELAY];
	const struct table *x = &tables[BROOD];
	const struct table *y = &tables[COPIED];
	const struct table *h = &tables[HANDED];
	struct goal at_least = AT_LEAST(c->flight == 1 && c->clients == 1 ? 1 / 1.1 : 0.8);
	struct goal none = {GOAL_NONE, 0};

	if (y->calls.count > 0) {
		goal_print("calls/s, brood / copied", figures_ratio(&x->calls, &y->calls), none);
		goal_print("cpu of all, brood / copied", figures_ratio(&x->cpu_all, &y->cpu_all), none);
	}
	goal_print("calls/s, handed over / brood", figures_ratio(&h->calls, &x->calls), none);
	if (a->calls.count == 0)
		return;
	if (c->flight == 1 && c->clients == 1 && c->time.kind != GOAL_NONE)
		goal_print("round trip, brood / relay", figures_ratio(&x->us, &b->us), c->time);
	else
		goal_print("calls/s, brood / relay", figures_ratio(&x->calls, &b->calls), c->speed);
	goal_print("cpu of all, brood / relay", figures_ratio(&x->cpu_all, &b->cpu_all), c->cpu);
	goal_print("cpu of the middle, brood / relay", figures_ratio(&x->cpu_middle, &b->cpu_middle), none);
	goal_print("calls/s, brood / echo", figures_ratio(&x->calls, &a->calls), none);
	goal_print("calls/s, handed over / echo", figures_ratio(&h->calls, &a->calls), at_least);
}

static void measure(const struct stage *s, const struct options *o, const struct bench_case *c)
{
	struct load l = {c->size, c->flight, c->clients, o->seconds, o->calls, false};
	struct table *tables = calloc(CONTENDERS, sizeof(*tables));

	if (!tables)
		die("no memory");
	for (unsigned round = 0; round < o->rounds; round++) {
		for (int i = 0; i < CONTENDERS; i++) {
			int contender = (i + (int)round) % CONTENDERS;
			struct result r = {0};

			if (!takes_part(o, c, contender))
				continue;
			run(s, contender, &l, &r);
			note(&tables[contender], &r);
		}
	}
	printf("\n%zu B, %u in flight, %u client%s %*s us/call               calls/s      MB/s  cpu(mid)"
	       "  cpu(all)\n",
	       c->size, c->flight, c->clients, c->clients == 1 ? "" : "s", 1, "");
	for (int i = 0; i < CONTENDERS; i++) {
		if (takes_part(o, c, i))
			print_table(names[i], &tables[i], c->size);
	}
	print_ratios(c, tables);
	fflush(stdout);
	free(tables);
}

static void measure_only(const struct stage *s, const struct options *o)
{
	struct bench_case c = {.flight = 1, .clients = 1};

	if (sscanf(o->only, "%zu:%u:%u", &c.size, &c.flight, &c.clients) < 1 || c.size == 0 ||
	    c.size > CALL_MOST || c.flight == 0 || c.flight > LOAD_FLIGHT_MOST || c.clients == 0 ||
	    c.clients > LOAD_CLIENTS_MOST || (c.clients > 1 && c.flight > 1))
		die("--only SIZE:FLIGHT:CLIENTS, at most %d:%d:1 or %d:1:%d", CALL_MOST, LOAD_FLIGHT_MOST,
		    CALL_MOST, LOAD_CLIENTS_MOST);
	measure(s, o, &c);
}

int main(int argc, char **argv)
{
	const struct rig_pool pool = {1, LOAD_FLIGHT_MOST, "", 0};
	static struct stage s;
	struct options o;

	options_read(&o, argc, argv);
	print_machine(&o, "relay");
	if (!o.skips_walls)
		start_walls(&s);
	rig_start(&s.rig, &o, &pool);
	s.worker = rig_wait(&s.rig);
	if (o.only)
		measure_only(&s, &o);
	for (size_t i = 0; !o.only && i < sizeof(cases) / sizeof(cases[0]); i++)
		measure(&s, &o, &cases[i]);
	rig_stop(&s.rig);
	rig_clear(s.rig.directory);
	return EXIT_SUCCESS;
}
