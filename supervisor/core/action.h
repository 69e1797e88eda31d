/*
 * action: what the core wants done. Values only: ids, sizes, times. The host does it and never calls the core while
 * doing it; results come back as events.
 */
#ifndef BROOD_ACTION_H
#define BROOD_ACTION_H

#include <stdint.h>

#include "frame.h"
#include "instant.h"
#include "trace.h"

#define NONE UINT32_MAX /* no worker, no call, no client */

enum action_kind {
	ACTION_TRACE,        /* worker: a transition, in trace */
	ACTION_SPAWN,        /* worker, generation */
	ACTION_SIGNAL,       /* worker, generation, number */
	ACTION_KILL,         /* worker, generation: SIGKILL to its whole group */
	ACTION_SAY_GOODBYE,  /* worker, generation: GOAWAY; nothing more is given to it */
	ACTION_FLUSH,        /* worker, generation: FLUSH; FLEET_FLUSHED follows */
	ACTION_END_CHANNEL,  /* worker, generation: GOAWAY where it was not said yet, then half-close */
	ACTION_DELIVER,      /* worker, generation, id: body to be sent as a CALL with left, attempt */
	ACTION_SEND_PART,    /* worker, generation, id, body: the part of a request at hand */
	ACTION_KEEP_PART,    /* body: likewise, to be sent behind it when it is delivered */
	ACTION_CANCEL,       /* worker, generation, id: number is the status */
	ACTION_NOTIFY,       /* worker, generation: the one-way message at hand */
	ACTION_FORWARD,      /* client, id: the final frame at hand */
	ACTION_FORWARD_PART, /* client, id: the part of an answer at hand, or its initial metadata */
	ACTION_ANSWER,       /* client, id: brood's own answer, in answer */
	ACTION_BURY,         /* worker, body: a dead letter; its answer in answer */
	ACTION_RELEASE,      /* body is no longer needed */
	ACTION_ADMIT,        /* client */
	ACTION_HAND_OVER,    /* client, worker, generation: the connection as a whole, by CONN */
	ACTION_DROP_CONNECTION, /* client, answer (NULL: none): one to be handed over, or that was, is over */
	ACTION_REFUSE,       /* client: over its user's share; limit in number */
	ACTION_SLOTS,        /* client: may have number calls open from now on */
	ACTION_PRESSURE,     /* pool: its queue has become tight, or is not any more: overflow_text() */
	ACTION_PAUSE,        /* endpoint (NONE: all): stop accepting */
	ACTION_RESUME,       /* endpoint (NONE: all) */
	ACTION_CLOSE_STORED, /* worker: the descriptors that its instance has parked */
	ACTION_SHUT,         /* all endpoints: no new connections, GOAWAY to clients */
	ACTION_JOB_DONE,     /* job: result in outcome */
	ACTION_FINISHED,     /* nothing is left running; number: exit code */
};

/* Which limit a call went over: a key of its pool, but for the open calls of a connection. */
enum answer_limit {
	LIMIT_PENALTY,     /* crash_penalty */
	LIMIT_QUEUE,
	LIMIT_QUEUE_BYTES,
	LIMIT_OPEN_CALLS,
	LIMIT_PARTIAL,
	LIMIT_USER,        /* max_calls_per_uid */
	LIMIT_SHARE,       /* one user's part of queue, where others have calls too */
	LIMIT_SHARE_BYTES, /* of queue_bytes */
	LIMIT_UNREAD,      /* max_unread of the endpoint */
	LIMIT_STALLED,     /* it reads nothing, and others wait */
	LIMIT_ORDER_KEYS,
};

/* Which side of a call something was wrong with. */
enum answer_side { SIDE_NONE, SIDE_REQUEST, SIDE_REPLY };

/* What brood says when it answers itself; answer_text() makes the sentence. */
struct answer {
	enum frame_reason reason;
	bool not_processed;
	bool may_have_run;
	uint16_t pool;
	uint32_t worker; /* that crashed; NONE */
	uint32_t attempt;
	enum answer_side side;  /* of TOO_LARGE and UNSUPPORTED */
	enum answer_limit over; /* of OVERLOADED: which limit, */
	uint64_t number;        /* what was met, */
	uint64_t limit;         /* and the limit */
	struct duration waited; /* or, of QUARANTINED and LIMIT_PENALTY, to be waited */
	uint64_t key;           /* of QUARANTINED */
	struct exit_facts exit;
};

struct job_outcome {
	uint32_t targets;
	uint32_t done;    /* reached what was wished */
	uint32_t failed;
	uint32_t left;    /* were not begun, because others have failed */
	uint32_t changed; /* were not so before */
	uint32_t lost;     /* calls in hand of processes that ended for it, answered WORKER_CRASHED */
	uint32_t requeued; /* calls of theirs that others got, or will get */
	bool is_untold;   /* too many jobs are open: it is done, but not watched; a restart is not done */
};

struct action {
	enum action_kind kind;
	uint32_t worker;
	uint32_t generation;
	uint32_t client;
	uint32_t endpoint;
	uint32_t pool;
	uint32_t id; /* of the call, as the addressee knows it */
	uint32_t body;
	uint32_t number;
	uint32_t delivery; /* number of this delivery on this channel */
	uint32_t attempt;
	uint32_t job;
	bool idempotent;
	struct duration left; /* until the call's deadline */
	const struct answer *answer;     /* borrowed for the time of the emit */
	const struct trace *trace;       /* borrowed for the time of the emit */
	struct job_outcome outcome;
};

/* Where actions go, one by one, in order, while a step runs. */
struct actions {
	void (*emit)(void *user, const struct action *a);
	void *user;
};

static inline void actions_add(struct actions *out, const struct action *a)
{
	out->emit(out->user, a);
}

#endif
