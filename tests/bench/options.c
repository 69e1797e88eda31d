/* options: the command line of all measuring programs, and what they say about where they run. */
#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "common.h"

static void print_help(const char *program)
{
	printf("usage: %s [options]\n"
	       "  --rounds N         measurements of each kind, in turn (7)\n"
	       "  --seconds S        length of one measurement (0.3)\n"
	       "  --calls N          calls of one measurement instead, for instruction counts\n"
	       "  --idle S           seconds for which an idle supervisor is watched (60)\n"
	       "  --workers N        workers that are started together (200)\n"
	       "  --only S:F:C       relay: payload of S bytes, F in flight, C clients\n"
	       "  --no-walls         relay: brood alone\n"
	       "  --pin              all processes on one core\n"
	       "  --smoke            a fraction of a second: does it work, are the answers right?\n"
	       "  --brood PATH       another brood\n"
	       "  --worker PATH      another worker\n"
	       "  --under WORDS      start brood by these words, a profiler for instance\n"
	       "  --worker-under WORDS\n",
	       program);
}

static void pin(void)
{
	cpu_set_t allowed;
	size_t last = 0;

	if (sched_getaffinity(0, sizeof(allowed), &allowed) < 0)
		die("cannot tell the cores: %s", strerror(errno));
	for (size_t i = 0; i < CPU_SETSIZE; i++)
		last = CPU_ISSET(i, &allowed) ? i : last;
	CPU_ZERO(&allowed);
	CPU_SET(last, &allowed);
	if (sched_setaffinity(0, sizeof(allowed), &allowed) < 0)
		die("cannot stay on core %zu: %s", last, strerror(errno));
}

static void make_smoke(struct options *o)
{
	o->is_smoke = true;
	o->rounds = 1;
	o->seconds = 0.01;
	o->idle_seconds = 0.3;
	o->workers = 5;
}

static void read_option(struct options *o, int letter, const char *program)
{
	switch (letter) {
	case 'r':
		o->rounds = (unsigned)strtoul(optarg, NULL, 10);
		break;
	case 's':
		o->seconds = strtod(optarg, NULL);
		break;
	case 'c':
		o->calls = strtoull(optarg, NULL, 10);
		break;
	case 'i':
		o->idle_seconds = strtod(optarg, NULL);
		break;
	case 'w':
		o->workers = (unsigned)strtoul(optarg, NULL, 10);
		break;
	case 'o':
		o->only = optarg;
		break;
	case 'n':
		o->skips_walls = true;
		break;
	case 'p':
		o->is_pinned = true;
		break;
	case 'k':
		make_smoke(o);
		break;
	case 'B':
		o->brood = optarg;
		break;
	case 'W':
		o->worker = optarg;
		break;
	case 'u':
		o->under = optarg;
		break;
	case 'v':
		o->worker_under = optarg;
		break;
	case 'h':
		print_help(program);
		exit(EXIT_SUCCESS);
	default:
		die("see --help");
	}
}

void options_read(struct options *o, int argc, char **argv)
{
	static const struct option words[] = {
		{"rounds", required_argument, NULL, 'r'},
		{"seconds", required_argument, NULL, 's'},
		{"calls", required_argument, NULL, 'c'},
		{"idle", required_argument, NULL, 'i'},
		{"workers", required_argument, NULL, 'w'},
		{"only", required_argument, NULL, 'o'},
		{"no-walls", no_argument, NULL, 'n'},
		{"pin", no_argument, NULL, 'p'},
		{"smoke", no_argument, NULL, 'k'},
		{"brood", required_argument, NULL, 'B'},
		{"worker", required_argument, NULL, 'W'},
		{"under", required_argument, NULL, 'u'},
		{"worker-under", required_argument, NULL, 'v'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int letter;

	*o = (struct options){
		.brood = BENCH_BROOD,
		.worker = BENCH_WORKER,
		.parent = BENCH_DIRECTORY,
		.rounds = 7,
		.seconds = 0.3,
		.idle_seconds = 60,
		.workers = 200,
	};
	while ((letter = getopt_long(argc, argv, "", words, NULL)) >= 0)
		read_option(o, letter, argv[0]);
	if (optind < argc || o->rounds == 0 || o->workers == 0)
		die("see --help");
	if (o->is_pinned)
		pin();
}

void print_machine(const struct options *o, const char *what)
{
	struct utsname u;

	if (uname(&u) < 0)
		die("uname: %s", strerror(errno));
	printf("%s: %s %.16s, %s, %ld cores, processes %s, compiler %s\n", what, u.sysname, u.release,
	       u.machine, sysconf(_SC_NPROCESSORS_ONLN), o->is_pinned ? "on one core" : "not pinned",
	       __VERSION__);
}
