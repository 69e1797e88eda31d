/*
 * trace: transitions as values, and as one line of text: the common language of log, `why` and tests.
 */
#ifndef BROOD_TRACE_H
#define BROOD_TRACE_H

#include <stdbool.h>
#include <stddef.h>

#include "exits.h"
#include "instant.h"
#include "restart.h"

enum worker_state {
#define STATE(name, word, doc) WORKER_##name,
#include "lifecycle.def"
};

enum worker_event {
#define EVENT(name, doc) EVENT_##name,
#include "lifecycle.def"
};

enum {
	WORKER_STATES = 0
#define STATE(...) +1
#include "lifecycle.def"
	,
	WORKER_EVENTS = 0
#define EVENT(...) +1
#include "lifecycle.def"
};

/* Why a process is ending, where it is not its own decision. */
enum trace_cause {
	CAUSE_NONE,
	CAUSE_COMMAND,
	CAUSE_DRAIN,
	CAUSE_LEAVING,
	CAUSE_START_TIMEOUT,
	CAUSE_CHANNEL_CLOSED,
	CAUSE_PROTOCOL,
	CAUSE_STUCK,
	CAUSE_UNFLUSHED, /* it did not say that it has handed over everything */
	CAUSE_LOAD,     /* of a start: calls wait */
	CAUSE_SIZE,     /* fewer are needed */
	CAUSE_BESIDE,   /* of a start: the old generation serves meanwhile */
	CAUSE_REPLACED, /* the new generation is up */
	CAUSE_SHUTDOWN,
};

struct trace_calls {
	uint32_t crashed;  /* answered WORKER_CRASHED */
	uint32_t orphans;  /* nobody waited for them any more */
	uint32_t requeued; /* given to a sibling or back to the queue: no handler had seen them */
	uint32_t redelivered; /* likewise, though a handler may have */
};

/* The call that an instance does not give back. */
struct trace_stuck {
	uint32_t request; /* its id, as the worker knows it; 0: none */
	struct duration held;
};

struct trace {
	struct instant at;
	uint32_t generation;
	uint32_t ended; /* generation of the process that has ended, where the next one is started at once */
	enum worker_state from;
	enum worker_state to;
	enum worker_event event;
	enum trace_cause cause; /* of the transition; of an exit: why the process was to end */
	enum restart_reason reason;
	struct exit_facts exit;
	struct duration ran;
	struct duration wait; /* until the deadline of the new state */
	uint32_t retry;
	int signal; /* that was sent */
	struct trace_calls calls;
	struct trace_stuck stuck;
};

enum { TRACE_KEPT = 16, TRACE_TEXT = 320 };

struct trace_ring {
	struct trace entries[TRACE_KEPT];
	uint32_t count; /* ever */
};

struct worker_spec;

/* "thumbs/2"; returns out. */
char *trace_name(const struct worker_spec *spec, uint32_t instance, char *out, size_t size);
/* "gen 7: UP -> BACKOFF (signal 11 SEGV, ran 3.2s), retry 3 in 1.0s" */
void trace_text(const struct trace *t, const struct worker_spec *spec, char *out, size_t size);
/* Does it tell of something that went wrong, and not of what was wished or is the usual course? */
bool trace_is_trouble(const struct trace *t);
/* "signal 11 SEGV", "exit 3", "cannot start: chdir to /srv/x: No such file or directory" */
void trace_exit(const struct exit_facts *facts, const struct worker_spec *spec, char *out, size_t size);
/* "stuck 12.3s in request 81" */
void trace_stuck(const struct trace_stuck *s, char *out, size_t size);
/* "250ms", "3.2s", "2m 10s", "3d 4h" */
void trace_duration(struct duration d, char *out, size_t size);

void trace_keep(struct trace_ring *ring, const struct trace *t);
/* The n-th newest, from 0; NULL beyond what is kept. */
const struct trace *trace_kept(const struct trace_ring *ring, uint32_t n);

#endif
