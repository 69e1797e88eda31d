/* rig: a running brood in a directory of its own, with one pool of workers and two endpoints. */
#ifndef BENCH_RIG_H
#define BENCH_RIG_H

#include <brood.h>

#include "common.h"

enum { RIG_PATH = 512 };

struct rig_pool {
	unsigned instances;
	unsigned slots;
	const char *keys; /* further lines of the worker's section, or "" */
	unsigned clients; /* that may connect; 0: 1024 */
};

struct rig {
	char directory[RIG_PATH];
	char address[RIG_PATH + 16];
	char direct[RIG_PATH + 24]; /* the same pool, by connections that are handed over */
	pid_t pid;        /* of brood */
	uint64_t started; /* just before it was forked, now_ns() */
};

/* Makes a directory that only we can use. */
void rig_directory(const struct options *o, char out[RIG_PATH]);
/* Removes it with all files in it. */
void rig_clear(const char *directory);

/* Starts brood; does not wait for anything. The directory is made if it is "". */
void rig_start(struct rig *r, const struct options *o, const struct rig_pool *pool);
/* Waits until the pool answers, and gives the process that did; 0 workers: until the endpoint is there. */
pid_t rig_wait(const struct rig *r);
/* Connects, as soon as that can be done. */
brood_t *rig_connect(const struct rig *r);
/* One call with a method; the answer's bytes go to `out`. */
void rig_ask(brood_t *client, const char *method, void *out, size_t size);
/* Asks brood to end and waits for it, returns when it had, now_ns(). The directory stays. */
uint64_t rig_stop(struct rig *r);

#endif
