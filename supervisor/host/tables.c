/* tables: see tables.h. */
#include "tables.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include "instance.h"
#include "loop.h"
#include "storage.h"
#include "supervisor.h"

int tables_make(struct supervisor *s)
{
	uint64_t seed = 1;

	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed))
		seed = (uint64_t)loop_wall_ms();
	s->spares.most = HOST_SPARES;
	s->spares.large_most = HOST_LARGE_SPARES;
	s->requests.spares = &s->spares;
	s->storage = calloc(1, storage_needed(s->spec));
	s->clients = calloc(storage_callers(s->spec), sizeof(*s->clients));
	s->transfers = calloc(storage_callers(s->spec), sizeof(*s->transfers));
	s->copies = calloc(s->spec->worker_count + 1, sizeof(*s->copies));
	if (!s->storage || !s->clients || !s->transfers || !s->copies)
		return -ENOMEM;
	fleet_init(&s->fleet, s->spec, s->storage, seed);
	s->fleet.penalties->own_uid = (uint32_t)geteuid();
	if (getrandom(&s->secret, sizeof(s->secret), GRND_NONBLOCK) != sizeof(s->secret))
		s->secret = (struct fingerprint_secret){{seed, (uint64_t)(uintptr_t)s->storage}};
	s->instances = calloc(s->fleet.worker_count + 1, sizeof(*s->instances));
	if (!s->instances)
		return -ENOMEM;
	return 0;
}

void tables_free(struct supervisor *s)
{
	for (uint32_t i = 0; s->instances && i < s->fleet.worker_count; i++)
		instance_close(&s->instances[i]);
	request_close(&s->requests);
	spares_close(&s->spares);
	free(s->instances);
	free(s->clients);
	free(s->transfers);
	free(s->copies);
	free(s->endpoints);
	free(s->storage);
}
