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
#include "worker.h"

/* Each name of a command is a job of its own, and one command may name 256. */
enum { JOBS_MOST = 512 };

struct job {
	bool is_open;
	uint32_t number; /* the host's */
	enum command_verb verb;
	uint32_t first; /* workers of the fleet: first, and how many */
	uint32_t count;
	uint32_t changed;
	uint32_t lost;     /* calls, see struct job_outcome */
	uint32_t requeued;
	bool is_for_all; /* named no pool */
	uint64_t since;  /* serial of the last transition before the command */
};

enum job_progress { JOB_PENDING, JOB_DONE, JOB_FAILED };

/*
 * `restart all` leaves alone what shall be down, and counts it as done: who restarts everything does not mean the one
 * that was stopped yesterday. Named by pool or instance, it is started.
 */
bool job_passes_over(const struct job *j, const struct worker *w);
/* How far one instance is. */
enum job_progress job_look(const struct job *j, const struct worker *w);
/* The calls in hand of a process that has ended: they count if it ended by command, as one of the job's. */
void job_count_calls(struct job *j, const struct worker *w, const struct trace_calls *calls);
/* How far all are; true if none is pending. */
bool job_tally(const struct job *j, const struct worker *workers, struct job_outcome *outcome_out);

#endif
