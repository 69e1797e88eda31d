/* peer: what the programs of all libraries share: see peer.h. */
#include "peer.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "common.h"
#include "load.h"

struct peer_state {
	struct load load;
	struct result result;
	uint64_t started;
	uint8_t *bodies[LOAD_FLIGHT_MOST];
};

void peer_die(const char *what, const char *why)
{
	die("%s: %s", what, why);
}

void peer_begin(struct peer_run *r)
{
	load_begin(&r->state->result);
}

const void *peer_start(struct peer_run *r, unsigned place)
{
	struct peer_state *s = r->state;

	if (s->started >= r->flight && !load_goes_on(&s->load, &s->result, s->started))
		return NULL;
	load_stamp(s->bodies[place], r->size, ++s->started);
	return s->bodies[place];
}

void peer_answered(struct peer_run *r, unsigned place, const void *body, size_t size)
{
	struct peer_state *s = r->state;

	if (size != r->size)
		die("an answer of %zu bytes instead of %zu", size, r->size);
	load_compare(s->bodies[place], body, size);
	s->result.calls++;
}

static void run_load(char **words)
{
	struct peer_state s = {0};
	struct peer_run r = {.path = words[0], .state = &s};

	r.size = (size_t)strtoull(words[1], NULL, 10);
	r.flight = (unsigned)strtoul(words[2], NULL, 10);
	s.load = (struct load){.size = r.size, .flight = r.flight, .clients = 1, .seconds = strtod(words[3], NULL)};
	if (r.flight == 0 || r.flight > LOAD_FLIGHT_MOST)
		die("1 to %d calls at once", (int)LOAD_FLIGHT_MOST);
	for (unsigned i = 0; i < r.flight; i++) {
		s.bodies[i] = malloc(r.size);
		if (!s.bodies[i])
			die("no memory");
		load_fill(s.bodies[i], r.size);
	}
	peer_load(&r);
	load_end(&s.result);
	printf("%llu %llu %llu\n", (unsigned long long)s.result.calls, (unsigned long long)s.result.used.ns,
	       (unsigned long long)s.result.used.client);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (argc == 3 && strcmp(argv[1], "serve") == 0)
		peer_serve(argv[2]);
	else if (argc == 6 && strcmp(argv[1], "load") == 0)
		run_load(argv + 2);
	else
		die("serve PATH, or load PATH SIZE FLIGHT SECONDS");
	_exit(EXIT_SUCCESS); /* threads of the library may still run */
}
