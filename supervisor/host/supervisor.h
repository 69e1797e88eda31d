/*
 * supervisor: the one object of a running brood, and how the modules of host/ find each other.
 *
 * loop steps the core and flushes what is to be sent · perform turns actions into calls · instance is one worker's
 * process with its pipes, spawn and child start it, channel speaks with it · listen and client face the clients ·
 * control answers operators · output, log and sink carry text · rundir holds the runtime directory.
 * One thread. libuv handles are embedded in their owner, which is freed in the last close callback.
 */
#ifndef BROOD_SUPERVISOR_H
#define BROOD_SUPERVISOR_H

#include <uv.h>

#include "fingerprint.h"
#include "fleet.h"
#include "log.h"
#include "partial.h"
#include "request.h"
#include "rundir.h"
#include "watch.h"

struct client;
struct config;
struct control;
struct endpoint_socket;
struct event_queue;
struct instance;
struct link;
struct transfer;

enum {
	HOST_READ_SIZE = 256 << 10,
	HOST_SPARES = 256 << 10, /* bytes */
	HOST_LARGE_SPARES = 1 << 20,
};

struct supervisor {
	uv_loop_t uv;
	uv_timer_t timer;     /* the core's one deadline */
	uv_prepare_t prepare; /* before the loop sleeps: flush, arm the timer */
	struct instant armed;
	uint64_t turns;       /* of the loop, for tests and status */

	const struct config_spec *spec;
	const struct config *config; /* where spec is from */
	const char *config_path;
	struct fleet fleet;
	void *storage;
	struct event *events; /* that came while the core was at work */
	size_t event_count;
	size_t event_capacity;

	struct instance *instances; /* by the core's number of the worker */
	struct client **clients;    /* by the core's number of the client */
	struct shelf *shelves;      /* what workers have parked */
	struct transfer **transfers; /* likewise, of those that are handed over */
	uint32_t client_hint;       /* where to look for a free number first */
	uint64_t next_connection;
	struct endpoint_socket *endpoints;
	struct request_table requests;
	struct spares spares; /* of requests, and of what waits to be sent */
	struct fingerprint_secret secret;
	unsigned letters;          /* dead ones, written */
	uint64_t letters_removed;  /* because there were too many */
	struct partials partials; /* requests that have not arrived whole */
	size_t fds_held;      /* descriptors of frames that came and are not settled */
	bool *copies;         /* by pool: it has had a worker that takes no bodies in memory */

	const struct frame *at_hand;  /* what the running event is about */
	struct instance *at_hand_from;
	bool at_hand_was_taken;       /* an action has passed it on */
	bool at_hand_is_too_much;     /* or found that there was no credit for it */
	uint32_t notified;            /* the worker that an action has told of it; NONE */
	bool was_admitted;
	uint32_t refused_limit;

	struct link *dirty; /* have something to send */
	struct link *starved; /* likewise, and the system had no memory for it */
	uv_timer_t shortage;  /* then they try again */
	uint8_t *buffer;    /* one read buffer for all */
	char *line;         /* and one for a line of output, escaped */

	struct rundir rundir;
	struct watch watch;
	struct log log;
	struct control *control;
	bool has_news; /* an operator may go on with its next message */
	uv_signal_t signals[6];
	bool has_signals;
	unsigned stop_signals; /* how often an end was asked for */
	uint64_t nofile_soft;  /* as it was before brood raised it, for workers */
	uint64_t nofile_hard;
	int64_t started_wall_ms;
	bool is_ending;        /* the core has finished: only what waits to be sent is left */
	uv_timer_t farewell;   /* limits that */
	uint64_t farewell_until;
	int exit_code;
};

#endif
