/*
 * bench_peers: the same calls through brood and through other libraries, in turn, in one run, over Unix sockets.
 *
 *   brood   client (SDK), brood, worker (SDK): three processes, a pool that survives its workers
 *   others  client and server, directly: two processes
 *
 * A library that is not installed is skipped, and that is said. Only the ratios mean anything.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common.h"
#include "figures.h"
#include "load.h"
#include "rig.h"

enum { CONNECT_TRIES = 500, MESSAGE_MOST = 16 << 20 };

struct contender {
	const char *name;
	const char *program; /* NULL: brood */
	const char *wanted;  /* Debian's packages */
	bool is_there;
	pid_t server;
	char path[RIG_PATH + 32];
};

static struct contender contenders[] = {
	{.name = "brood", .is_there = true},
	{.name = "ZeroMQ", .program = BENCH_PEERS "/peer_zmq", .wanted = "libzmq3-dev"},
	{.name = "nng", .program = BENCH_PEERS "/peer_nng", .wanted = "libnng-dev"},
	{.name = "gRPC C++", .program = BENCH_PEERS "/peer_grpc", .wanted = "libgrpc++-dev protobuf-compiler-grpc"},
};

enum { CONTENDERS = sizeof(contenders) / sizeof(contenders[0]) };

struct table {
	struct figures calls; /* a second */
	struct figures cpu;   /* of all processes, µs a call */
};

struct size_case {
	size_t size;
	unsigned flight;
};

static const struct size_case cases[] = {
	{64, 1}, {64, 64}, {1 << 10, 1}, {1 << 10, 64}, {64 << 10, 1}, {64 << 10, 64}, {1 << 20, 1}, {1 << 20, 8},
	{16 << 20, 1}, {16 << 20, 2},
};

struct stage {
	struct rig rig;
	pid_t worker;
};

/* ----------------------------------------------------------------- programs */

static pid_t start(char **argv, int out)
{
	pid_t parent = getpid();
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (pid > 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent || (out >= 0 && dup2(out, STDOUT_FILENO) < 0))
		_exit(EXIT_FAILURE);
	execv(argv[0], argv);
	_exit(EXIT_FAILURE);
}

static void start_server(struct contender *c, const char *directory)
{
	char program[RIG_PATH];
	char word[] = "serve";
	char *argv[] = {program, word, c->path, NULL};

	snprintf(program, sizeof(program), "%s", c->program);
	snprintf(c->path, sizeof(c->path), "%s/%s", directory, strrchr(c->program, '/') + 1);
	c->server = start(argv, -1);
	for (int i = 0; access(c->path, F_OK) < 0; i++) {
		if (i == CONNECT_TRIES || waitpid(c->server, NULL, WNOHANG) != 0)
			die("the server of %s does not start", c->name);
		sleep_ms(10);
	}
}

static void start_servers(const char *directory)
{
	for (int i = 1; i < CONTENDERS; i++) {
		struct contender *c = &contenders[i];

		c->is_there = access(c->program, X_OK) == 0;
		if (c->is_there)
			start_server(c, directory);
		else
			printf("%s: skipped, it was not there when this was built (Debian: %s)\n", c->name,
			       c->wanted);
	}
}

static void stop_servers(void)
{
	for (int i = 1; i < CONTENDERS; i++) {
		if (!contenders[i].is_there)
			continue;
		kill(contenders[i].server, SIGKILL);
		waitpid(contenders[i].server, NULL, 0);
		(void)unlink(contenders[i].path);
	}
}

/* What the client's program printed. */
static void read_figures(int fd, pid_t client, const char *name, struct result *r)
{
	FILE *f = fdopen(fd, "re");
	char line[128] = "";
	char *rest = line;
	int status = 0;

	if (!f || !fgets(line, sizeof(line), f))
		line[0] = '\0';
	if (f)
		fclose(f);
	waitpid(client, &status, 0);
	r->calls = strtoull(rest, &rest, 10);
	r->used.ns = strtoull(rest, &rest, 10);
	r->used.client = strtoull(rest, &rest, 10);
	if (status != 0 || r->calls == 0 || r->used.ns == 0)
		die("the client of %s has failed", name);
}

static void run_peer(struct contender *c, const struct load *l, struct result *r)
{
	char program[RIG_PATH];
	char words[4][32] = {"load"};
	char *argv[] = {program, words[0], c->path, words[1], words[2], words[3], NULL};
	uint64_t before = cpu_ns(c->server);
	int ends[2];
	pid_t client;

	snprintf(program, sizeof(program), "%s", c->program);
	snprintf(words[1], sizeof(words[1]), "%zu", l->size);
	snprintf(words[2], sizeof(words[2]), "%u", l->flight);
	snprintf(words[3], sizeof(words[3]), "%.3f", l->seconds);
	if (pipe(ends) < 0)
		die("pipe: %s", strerror(errno));
	client = start(argv, ends[1]);
	close(ends[1]);
	read_figures(ends[0], client, c->name, r);
	r->used.end = cpu_ns(c->server) - before;
}

/* --------------------------------------------------------------- measuring */

static void run(const struct stage *s, struct contender *c, const struct load *l, struct table *t)
{
	struct result r = {0};
	double calls;

	if (c->program) {
		run_peer(c, l, &r);
	} else {
		r.middle = s->rig.pid;
		r.end = s->worker;
		load_sdk(s->rig.address, l, &r);
	}
	calls = (double)r.calls;
	figures_add(&t->calls, calls / ((double)r.used.ns / 1e9));
	figures_add(&t->cpu, (double)(r.used.client + r.used.middle + r.used.end) / 1e3 / calls);
}

static void print_case(const struct size_case *c, const struct table *tables)
{
	printf("\n%zu B, %u in flight        us/call               calls/s      MB/s  cpu(all)   brood's calls/s"
	       "   cpu\n",
	       c->size, c->flight);
	for (int i = 0; i < CONTENDERS; i++) {
		struct spread calls = figures_spread(&tables[i].calls);

		if (!contenders[i].is_there)
			continue;
		printf("  %-15s %14.2f %21.0f %9.1f %9.2f", contenders[i].name, 1e6 / calls.median, calls.median,
		       calls.median * (double)c->size / 1e6, figures_spread(&tables[i].cpu).median);
		if (i > 0)
			printf("   %9.2f times %8.2f times", figures_ratio(&tables[0].calls, &tables[i].calls).median,
			       figures_ratio(&tables[0].cpu, &tables[i].cpu).median);
		putchar('\n');
	}
	fflush(stdout);
}

static void measure(const struct stage *s, const struct options *o, const struct size_case *c)
{
	struct load l = {c->size, c->flight, 1, o->seconds, 0, false};
	struct table *tables = calloc(CONTENDERS, sizeof(*tables));

	if (!tables)
		die("no memory");
	for (unsigned round = 0; round < o->rounds; round++) {
		for (unsigned i = 0; i < CONTENDERS; i++) {
			unsigned at = (i + round) % CONTENDERS;

			if (contenders[at].is_there)
				run(s, &contenders[at], &l, &tables[at]);
		}
	}
	print_case(c, tables);
	free(tables);
}

static void measure_only(const struct stage *s, const struct options *o)
{
	struct size_case c = {.flight = 1};

	if (sscanf(o->only, "%zu:%u", &c.size, &c.flight) < 1 || c.size == 0 || c.size > MESSAGE_MOST ||
	    c.flight == 0 || c.flight > LOAD_FLIGHT_MOST)
		die("--only SIZE:FLIGHT, at most %d:%d", MESSAGE_MOST, LOAD_FLIGHT_MOST);
	measure(s, o, &c);
}

int main(int argc, char **argv)
{
	const struct rig_pool pool = {.instances = 1, .slots = LOAD_FLIGHT_MOST, .keys = ""};
	static struct stage s;
	struct options o;

	options_read(&o, argc, argv);
	print_machine(&o, "peers");
	rig_start(&s.rig, &o, &pool);
	s.worker = rig_wait(&s.rig);
	start_servers(s.rig.directory);
	if (o.only)
		measure_only(&s, &o);
	for (size_t i = 0; !o.only && i < sizeof(cases) / sizeof(cases[0]); i++)
		measure(&s, &o, &cases[i]);
	stop_servers();
	rig_stop(&s.rig);
	rig_clear(s.rig.directory);
	return EXIT_SUCCESS;
}
