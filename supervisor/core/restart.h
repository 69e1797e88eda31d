/*
 * restart: from how a process ended to what becomes of its instance, and how long it waits.
 *
 * Delays: the first end after a healthy run (up for `reset`) restarts at once, then delay, twice that, and so on,
 * each varied by the jitter, never above delay_max. Only the monotonic clock counts.
 */
#ifndef BROOD_RESTART_H
#define BROOD_RESTART_H

#include "attributes.h"
#include "exits.h"
#include "instant.h"
#include "spec.h"

/* What one instance remembers of its past. All-zero is a fresh one. */
struct restart_history {
	uint32_t steps;         /* doublings so far: delay = restart_delay * 2^(steps - 1); 0: at once, see fresh */
	uint32_t retries;       /* restarts since the last healthy run */
	uint32_t failed_starts; /* in a row */
	bool is_healthy;        /* the present or last process has been up for `reset` */
	uint32_t recent_count;
	struct instant recent[SPEC_RESTARTS_MOST + 1]; /* of restart_limit, oldest first */
};

enum restart_verdict { RESTART_RETRY, RESTART_REST, RESTART_GIVE_UP };

/* Why policy gave up, for people. */
enum restart_reason {
	RESTART_REASON_NONE,
	RESTART_REASON_EXCLUDED,  /* no_restart_exit */
	RESTART_REASON_POLICY,    /* restart = never, and it failed */
	RESTART_REASON_STARTS,    /* start_retries */
	RESTART_REASON_FREQUENCY, /* restart_limit */
};

struct restart_death {
	struct exit_facts facts;
	bool is_forced_failure; /* start timeout, lost channel: a failure whatever the exit code says */
	bool was_ready;         /* it had been up */
};

/* One of success_exit, and nothing that no exit code can talk away. */
bool restart_is_success(const struct restart_policy *policy, const struct restart_death *death);

/* Judges one death and remembers it. */
MUST_USE enum restart_verdict restart_judge(const struct restart_policy *policy,
					    struct restart_history *history,
					    const struct restart_death *death, struct instant now,
					    enum restart_reason *reason_out);

/*
 * The delay before the next start, and one step further. `keep_pace`: it left by itself with success, or the pool
 * has proved that it works and the death belongs to a call, so the delay does not grow. `random` is any 32 bits.
 */
struct duration restart_delay(const struct restart_policy *policy, struct restart_history *history,
			      bool keep_pace, uint32_t random);

/* It has been up for `reset`: failures are forgotten. The window of restart_limit has its own time and stays. */
void restart_forgive(struct restart_history *history);

#endif
