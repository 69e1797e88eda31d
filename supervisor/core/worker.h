/*
 * worker: one instance of a pool, its wish, its state, its one deadline.
 *
 * The table is lifecycle.def. What this file decides: what an exit means, how long each state may last. It knows
 * nothing of calls (pool) and of other instances (fleet).
 */
#ifndef BROOD_WORKER_H
#define BROOD_WORKER_H

#include "action.h"
#include "chain.h"
#include "exits.h"
#include "instant.h"
#include "restart.h"
#include "spec.h"
#include "trace.h"

/* More than any worker has slots, so that an id's cell is found free without looking long. */
enum { WORKER_CELLS = 256 };

/* What a record is to its instance, see roster.h. */
enum worker_role { ROLE_MEMBER, ROLE_HEIR, ROLE_ELDER, ROLE_SPARE };

enum worker_wish { WISH_DOWN, WISH_UP, WISH_CYCLE };

/* The latest heir that did not become ready. */
struct worker_trial {
	uint64_t serial; /* when that was; 0: never */
	struct instant at;
	uint32_t record; /* that it had */
	uint32_t generation;
	struct exit_facts exit;
	struct duration ran;
};

struct worker {
	const struct worker_spec *spec;
	uint32_t index;    /* in the fleet */
	uint32_t instance; /* in its pool */
	uint16_t pool;
	enum worker_role role;
	uint32_t companion; /* record of the other generation of its instance; NONE */
	enum worker_state state; /* set by worker_step() alone */
	enum worker_wish wish;
	uint32_t generation; /* of the present process; 0: there was none yet */
	uint32_t newest;     /* generation that was ever started of this instance */
	bool is_benched;     /* load may start it, see size.h */
	bool is_asked;       /* what follows the end of this process was said by a command */
	bool is_patient;     /* its calls in hand may take as long as they like */
	bool is_leaving;     /* this process told us that it leaves */
	bool was_given;      /* this process has been sent something to do */
	bool is_told;        /* it was told that it gets nothing more */
	bool is_flushing;    /* it was asked whether it has handed over everything */
	bool is_ready_seen;  /* this process was up */
	enum trace_cause cause;
	struct trace_stuck stuck; /* of this process; none until it is */
	int pid; /* 0: none */
	struct instant deadline; /* of the state; never: none */
	struct instant started_at;
	struct instant up_since;
	struct instant ended_at;
	struct exit_facts last_exit;
	bool is_orderly; /* the last process said that it leaves, and then ended with success */
	struct duration last_ran;
	enum restart_reason last_reason;
	struct restart_history history;
	uint32_t restarts; /* by brood itself, for status: those that a command asked for do not count */
	uint32_t slots;    /* what it announced, cut by the spec */
	struct trace_calls lost_calls; /* that were in its hand when its channel was lost */
	bool is_loss_told; /* in the transition that the loss made */
	/* serial numbers of the fleet's transitions, for jobs: when it last became so */
	uint64_t up_serial;
	uint64_t failed_serial;
	uint64_t down_serial;
	uint64_t asked_serial; /* a command was about it */
	struct worker_trial trial;
	/* owned by pool */
	uint32_t in_flight;
	uint32_t connections; /* that were handed to it; see handover */
	struct call_list ready; /* keys with calls that wait for it, see affinity */
	bool is_available; /* stands in its pool's list of those with a free slot */
	uint32_t busy_next;
	uint32_t busy_before;
	uint32_t next_wire_id;
	uint32_t next_delivery;
	uint32_t *cells; /* calls in hand by wire id: WORKER_CELLS of them, NONE is empty */
	/* transitions, newest last */
	struct trace_ring past;
};

/* Where effects get what they need beside the worker. */
struct worker_context {
	struct instant now;
	struct actions *out;
	uint64_t serial;  /* of this transition */
	uint32_t random;  /* for the jitter */
	bool keep_pace;   /* see restart_delay() */
	enum trace_cause cause; /* of this event; NONE: it is that of the process */
	struct trace_calls calls; /* what became of the calls in hand, for the trace */
};

/* One event for one instance. */
void worker_step(struct worker *w, enum worker_event event, const struct worker_context *context);

/* Changes the wish and gives the event that goes with it. */
enum worker_event worker_wishes(struct worker *w, enum worker_wish wish);

/* What the end of the process means: EXIT_AGAIN, _RETRY, _REST or _GIVE_UP. Remembers it. */
enum worker_event worker_judge(struct worker *w, const struct exit_facts *facts, struct instant now);

/* The event that its passed deadline means: READY for one that only has to stay alive, else DEADLINE. */
enum worker_event worker_deadline_event(const struct worker *w);

/* Is there a process? */
bool worker_has_process(const struct worker *w);
/* Will there be one without anybody's doing? */
bool worker_has_prospect(const struct worker *w);
const char *worker_state_word(enum worker_state state);

#endif
