/*
 * admin: answers operators. JSON in, JSON out: pure functions over the core's state and what the host tells.
 *
 * A message of Varlink comes in (host/control has cut it at its NUL), and either a reply goes out at once or the host
 * is told what to do first.
 */
#ifndef BROOD_ADMIN_H
#define BROOD_ADMIN_H

#include <jansson.h>

#include "fleet.h"
#include "frame.h"

enum { ADMIN_MESSAGE_MOST = 1 << 20, ADMIN_NAMES_MOST = 256, ADMIN_LINES_MOST = 10000 };

/* What the host knows and the core does not. All are asked only while a message is handled. */
struct admin_world {
	void *context;
	const char *version;
	const char *config_path;
	const char *runtime_path;
	int pid;
	struct instant now; /* the core's own is that of its last event */
	int64_t wall_ms;
	int64_t started_wall_ms;
	uint64_t turns;
	/* -1: not known */
	void (*usage)(void *context, uint32_t worker, int64_t *cpu_ms, int64_t *rss);
	const char *(*note)(void *context, uint32_t worker);
	/* Gives the name of each descriptor that this instance of this pool has parked, in order. */
	void (*stored)(void *context, uint32_t pool, uint32_t instance, void (*take)(void *to, const char *name),
		       void *to);
	const char *(*endpoint_path)(void *context, uint32_t endpoint);
	uint64_t (*endpoint_refused)(void *context, uint32_t endpoint);
	/* Gives the times of up to `count` of the newest lines, oldest first. */
	void (*times)(void *context, uint32_t worker, size_t count, void (*take)(void *to, int64_t wall_ms), void *to);
	/* Appends up to `count` of the newest lines as Line objects, oldest first. */
	void (*lines)(void *context, uint32_t worker, size_t count, json_t *array);
};

/* Instances that a name means: first and how many in the fleet. */
struct admin_target {
	uint32_t pool;     /* NONE: all */
	uint32_t instance; /* NONE: all of the pool */
};

enum admin_kind {
	ADMIN_REPLY,    /* reply is to be sent */
	ADMIN_SILENCE,  /* nothing is to be sent or done: the caller wants no answer */
	ADMIN_COMMAND,  /* verb for targets; then admin_command_reply() */
	ADMIN_CALL,     /* a call to pool; then admin_call_reply() */
	ADMIN_FOLLOW,   /* reply is to be sent, then every new line of targets by admin_line_reply() */
	ADMIN_RELEASE,  /* reply is to be sent, then key is let go; 0: all */
	ADMIN_SHUTDOWN, /* reply is to be sent, then everything ends; is_now: at once */
};

struct admin_result {
	enum admin_kind kind;
	json_t *reply; /* owned by the receiver; NULL if none */
	bool is_oneway; /* whatever comes of it, nothing is to be sent */
	bool waits;    /* of a command: reply when it is done; else at once */
	bool is_now;
	enum command_verb verb;
	uint32_t least; /* of a scale: so many instances */
	uint32_t most;
	uint32_t rolling; /* of a restart: how many at once; 0: all, NONE: as each worker says */
	uint64_t since; /* serial of the fleet before the command was given */
	struct admin_target targets[ADMIN_NAMES_MOST];
	size_t target_count;
	/* a call */
	uint32_t pool;
	void *head; /* method and metadata; it and body from malloc(), owned by the receiver */
	size_t head_size;
	void *body;
	size_t body_size;
	int64_t timeout_ms;
	bool wants_more; /* each message of the answer as it comes */
	/* of a release */
	uint64_t key;
};

/* Handles one message. Never fails: what is wrong with it is the reply. */
void admin_handle(const struct fleet *f, const struct admin_world *w, const char *message, size_t size,
		  struct admin_result *result_out);
void admin_result_close(struct admin_result *result);

/* The reply to a command that is done, or that nobody waits for. */
json_t *admin_command_reply(const struct fleet *f, const struct admin_world *w,
			    const struct admin_result *command, uint32_t job,
			    const struct job_outcome *outcome);
/* The reply to a call: its answer is the whole frame, `text` what it says of an error. */
json_t *admin_call_reply(const struct frame *answer, const char *text, size_t text_size);
/* A reply to a call whose answer goes on: one message of it. */
json_t *admin_message_reply(const struct frame *message);
json_t *admin_line_reply(json_t *line);
/* The last one to who follows. */
json_t *admin_end_reply(void);
/* One line of output as JSON. */
json_t *admin_line(const char *name, uint32_t generation, bool is_stderr, bool is_continued,
		   int64_t wall_ms, const char *text, size_t size);
/* {"error": ..., "parameters": ...}; parameters are taken, may be NULL. */
json_t *admin_error(const char *name, json_t *parameters);
json_t *admin_refused(const char *reason);

/* "2026-11-21T10:02:11.113Z" */
char *admin_time(int64_t wall_ms, char out[32]);

#endif
