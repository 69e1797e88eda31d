/*
 * plan: all that a start needs, prepared before there is a process: program, arguments, environment, descriptors,
 * limits, ids. What may allocate or fail happens here.
 */
#ifndef BROOD_PLAN_H
#define BROOD_PLAN_H

#include "attributes.h"
#include "child.h"
#include "exits.h"
#include "spawn.h"
#include "worker.h"

struct plan {
	struct child_plan child;
	enum spawn_way way;
	char *memory; /* argv, envp and their strings */
	gid_t *groups;
	void *programs;         /* child.programs and their strings */
	enum start_stage stage; /* where it failed */
};

/* What the worker is told of itself. */
struct plan_identity {
	const struct worker_spec *spec;
	uint32_t instance;
	uint32_t generation;
	const char *channel; /* "3", "3,4" or NULL */
	const char *board;   /* "4", "5" or NULL */
	uint64_t nofile_soft;
	uint64_t nofile_hard;
};

enum { PLAN_PROBLEM = 512 };

/* Fills in all but descriptors. 0, or -errno with a sentence. plan_close() in any case. */
MUST_USE int plan_make(struct plan *plan, const struct plan_identity *id, char problem[PLAN_PROBLEM]);
/* What a name was found as, "/a/x, /b/x"; "" if the command names the file itself. */
void plan_describe(const struct plan *plan, char *out, size_t size);
void plan_close(struct plan *plan);

#endif
