/*
 * operator: one connection to the admin socket, one message at a time.
 */
#ifndef BROOD_OPERATOR_H
#define BROOD_OPERATOR_H

#include <uv.h>

#include "admin.h"
#include "assembly.h"
#include "outbox.h"
#include "peer.h"

struct supervisor;

struct operator {
	struct supervisor *s;
	struct operator *next;
	int fd;
	uid_t uid;
	gid_t gid;
	pid_t pid;
	bool is_gone;
	bool is_busy; /* with a command or a call: the next message waits */
	bool follows;
	bool input_ended; /* says nothing more; what it waits for is still sent */
	bool is_starved;  /* the system had no memory for what is to be sent */
	bool is_alone;    /* its peer is gone, and a call that wanted no answer goes on */
	uint64_t dropped; /* lines that it was too slow for */
	char *input;
	size_t input_size;
	size_t input_capacity;
	struct outbox outbox;
	uv_poll_t poll;
	struct admin_result task; /* while busy or following */
	uint32_t first_job; /* of a command: jobs first_job .. first_job + task.target_count - 1 */
	size_t jobs_pending;
	bool is_untold; /* some of them cannot be watched */
	struct job_outcome outcome;
	uint32_t client; /* of a call: the core's number; NONE */
	struct assembly answer;
	struct { /* credit of a worker whose messages wait here: it comes back when they have gone */
		uint32_t worker;
		uint32_t generation;
		uint32_t id;
		uint32_t cost;
	} owed;
};

/* A connection whose peer may operate; the descriptor is taken. */
struct operator *operator_open(struct supervisor *s, int fd, const struct peer *peer);
void operator_close(struct operator *o);
/* Sends a reply; the JSON is taken. */
void operator_send(struct operator *o, json_t *reply);
/* A call or all jobs of a command have ended: the next message may be handled, by operator_resume(). */
void operator_go_on(struct operator *o);
/* Handles messages that wait; closes where nothing more can come. */
void operator_resume(struct operator *o);
/* Sends what waits, where the system had no memory for it before. */
void operator_retry(struct operator *o);
/* A line of output; taken. */
void operator_line(struct operator *o, json_t *line);

#endif
