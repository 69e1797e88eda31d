/*
 * event: what the host tells the core. Values only; `now` is monotonic and never goes back.
 *
 * Events about a worker carry the generation of the process they are about; one of an older process is dropped.
 */
#ifndef BROOD_EVENT_H
#define BROOD_EVENT_H

#include "exits.h"
#include "instant.h"

/* Does a client read what is sent to it? What waits for it is measured by max_unread of its endpoint. */
enum reading {
	READING,      /* little or nothing waits */
	READING_LATE, /* more than a quarter; until it is less than an eighth again */
	READING_FULL, /* there may be no room for one more frame */
};

enum event_kind {
	FLEET_START,       /* once, first: everything with autostart begins */
	FLEET_TICK,        /* time has passed */
	FLEET_SPAWNED,     /* worker, generation, number: the pid */
	FLEET_READY,       /* worker, generation: said READY=1 */
	FLEET_SLOTS,       /* worker, generation, number: accepts so many calls at once */
	FLEET_LOST,        /* worker, generation, number: its channel was closed (0) or broke the protocol (1) */
	FLEET_UNSENT,      /* worker, generation, id: no handler has seen this call; before LOST or EXIT */
	FLEET_STARTED,     /* worker, generation, id: this call has reached a handler, says a worker without a board */
	FLEET_SUSPECT,     /* worker, generation, id, key: this call may have begun; before LOST or EXIT */
	FLEET_EXIT,        /* worker, generation, exit: ended, its channel was read to the end */
	FLEET_REPLY,       /* worker, generation, id, size: final frame, now at hand */
	FLEET_PART,        /* worker, generation, id, size, ends_message: part of an answer, now at hand */
	FLEET_HEADERS,     /* worker, generation, id: initial metadata of an answer, now at hand */
	FLEET_FLUSHED,     /* worker, generation: it has handed over all that was sent before ACTION_FLUSH */
	FLEET_REFUSED,     /* worker, generation, id, number: this call was not sent to it: it knows no streams (0),
			    * or the request cannot be read (1) */
	FLEET_CLIENT,      /* client, endpoint (NONE: the admin socket), number: uid; of an inner one: worker */
	FLEET_CLIENT_GONE, /* client; of one that was not handed over, or waits for it */
	FLEET_CLIENT_CUT,  /* client: it sends nothing more, but reads */
	FLEET_CONN_END,    /* worker, generation, client: a connection that it was handed has ended */
	FLEET_CONN_UNSENT, /* worker, generation, client: not touched by it; before LOST or EXIT, or while it drains */
	FLEET_CALL,        /* client, id, pool, body, size, timeout, idempotent, order, reply_most, goes_on,
			    * takes_streams */
	FLEET_REQUEST,     /* client, id, size, ends_message, ends_stream: further part of a request, now at hand */
	FLEET_CANCEL,      /* client, id, number: the reason; UNSUPPORTED, OVERLOADED, or any other for CANCELLED */
	FLEET_READS,       /* client, number: enum reading; is_stalled: it has read nothing for a second */
	FLEET_NOTIFY,      /* pool: one-way message, now at hand */
	FLEET_RELEASE,     /* key: this request may come again; 0: all that are in quarantine */
	FLEET_COMMAND,     /* verb, pool, instance, job, rolling, least, most */
	FLEET_SHUTDOWN,    /* ordered end of everything */
	FLEET_HALT,        /* end of everything at once */
};

/* DRAIN is a STOP that gives the calls in hand as long as they take. */
enum command_verb { VERB_START, VERB_STOP, VERB_RESTART, VERB_DRAIN, VERB_SCALE };

struct event {
	enum event_kind kind;
	struct instant now;
	uint32_t worker;
	uint32_t generation;
	uint32_t client;
	uint32_t endpoint;
	uint32_t pool;     /* NONE in a command: all */
	uint32_t instance; /* of the pool; NONE: all of it */
	uint32_t id;
	uint32_t body;
	uint32_t size; /* bytes */
	uint32_t reply_most; /* bytes of body that a message of the call may have; 0: any number */
	uint32_t number;
	uint32_t job; /* the host's name for the command; NONE: nobody waits */
	enum command_verb verb;
	uint64_t order; /* of a call: affinity key; 0: none */
	uint32_t least; /* of a SCALE: between so many instances ... */
	uint32_t most;  /* and so many */
	uint32_t rolling; /* of a RESTART: how many at once; 0: all, NONE: as the worker says */
	bool idempotent;
	uint64_t key; /* names a request, the same whoever sends it; 0: not known */
	bool is_stalled;
	bool ends_message;  /* a message is complete with this */
	bool ends_stream;   /* the request is complete with this */
	bool goes_on;       /* the request is not: messages may follow */
	bool takes_streams; /* the client takes an answer of several messages */
	struct duration timeout; /* 0: the pool's */
	struct exit_facts exit;
};

#endif
