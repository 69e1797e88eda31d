/*
 * job: a command that somebody waits for.
 *
 * Whether an instance has done what was wished can be told from its state and from when it last became so: a job
 * keeps no list of its own, only the serial number of the transition before it.
 */
#ifndef BROOD_JOB_H
#define BROOD_JOB_H

#include "action.h"
#include "event.h"
#include "pool.h"

/* Each name of a command is a job of its own, and one command may name 256. */
enum { JOBS_MOST = 512 };

/* One instance. */
struct job_place {
	uint32_t pool;
	uint32_t seat;
};

struct job {
	bool is_open;
	uint32_t number; /* the host's */
	enum command_verb verb;
	uint32_t pool; /* first pool, and how many */
	uint32_t pool_count;
	uint32_t seat; /* first instance of each, and the one behind the last */
	uint32_t seat_end;
	uint32_t rolling;      /* of a restart: how many at once; 0: all, NONE: as each worker says */
	struct job_place next; /* of a restart: the first that is not begun */
	uint32_t least;        /* of a SCALE */
	uint32_t most;
	bool has_stopped;      /* a restart: goes no further */
	uint32_t changed;
	uint32_t allowed; /* of those without a process: load may start them now, or may not any more */
	uint32_t lost;     /* calls, see struct job_outcome */
	uint32_t requeued;
	bool is_for_all; /* named no pool */
	uint64_t since;  /* serial of the last transition before the command */
};

/* LEFT: the restart has stopped before it. */
enum job_progress { JOB_PENDING, JOB_DONE, JOB_FAILED, JOB_LEFT };

/* What it is about: a pool or all (NONE), an instance or all of them (NONE). */
void job_aim(struct job *j, uint32_t pool, uint32_t instance, uint32_t pool_count);
/* All places in order: for (at = job_begin(j); job_reaches(j, pools, &at); at.seat++). */
struct job_place job_begin(const struct job *j);
bool job_reaches(const struct job *j, const struct pool *pools, struct job_place *at);
bool job_is_before(const struct job_place *a, const struct job_place *b);

/*
 * `restart all` leaves alone what shall be down, and counts it as done: who restarts everything does not mean the one
 * that was stopped yesterday. Nor what load does not need now. Named by pool or instance, it is started.
 */
bool job_passes_over(const struct job *j, const struct worker *w);
/* How far one instance is. */
enum job_progress job_look(const struct job *j, const struct worker *w);
/* The calls in hand of a process that has ended: they count if it ended by command, as one of the job's. */
void job_count_calls(struct job *j, const struct worker *w, const struct trace_calls *calls);
/* How far all are; true if none is pending. */
bool job_tally(const struct job *j, const struct pool *pools, struct job_outcome *outcome_out);

#endif
