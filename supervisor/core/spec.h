/*
 * spec: what a configuration says, as plain data. Made by config/, read by core/ and host/.
 *
 * All pointers belong to one configuration and are freed with it. Sizes are bytes. Field and key names are the
 * same wherever that reads well; config/keys.def ties them together and checks the types.
 */
#ifndef BROOD_SPEC_H
#define BROOD_SPEC_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "instant.h"
#include "peer.h"

#ifdef NDEBUG
#error "brood's asserts are part of it: build without NDEBUG"
#endif

/* Limits on a whole configuration. */
enum {
	SPEC_WORKERS_MOST = 4096,
	SPEC_INSTANCES_MOST = 1024, /* of one worker */
	SPEC_PROCESSES_MOST = 16384, /* of all workers together */
	SPEC_ENDPOINTS_MOST = 256,
	SPEC_NAME_MOST = 32,
	SPEC_RESTARTS_MOST = 32, /* in restart_limit */
	SPEC_NO_POOL = 0xffff,
	SPEC_NICE_INHERITED = INT_MIN, /* nice: as it is */
};

struct size {
	uint64_t bytes;
};

struct file_mode {
	unsigned bits;
};

/* Words; argv[argc] is NULL. ${WORKER}, ${INSTANCE} and $$ are still in them: see expand.h. */
struct command {
	char **argv;
	size_t argc;
};

/* "KEY=VALUE" strings, with ${...} like a command. */
struct env_list {
	char **entries;
	size_t count;
};

struct user_ref {
	bool is_set;
	unsigned uid;
	unsigned gid;      /* primary group */
	const char *name;  /* these are NULL for a number that no user has */
	const char *home;
	const char *shell;
};

struct group_ref {
	bool is_set;
	unsigned gid;
	const char *name; /* NULL for a number that no group has */
};

/* If it is not set, the gids are those of the user, where there is one. */
struct group_list {
	bool is_set;
	unsigned *gids;
	size_t count;
};

/* One resource limit; the numbers are those of <sys/resource.h>, UINT64_MAX is infinity. */
struct limit {
	int resource;
	uint64_t soft;
	uint64_t hard;
};

struct limit_list {
	struct limit *limits;
	size_t count;
};

struct allow_list {
	struct peer_rule *rules;
	size_t count;
};

/* Exit codes 0..255 and signals 1..64 as bits. */
struct exit_set {
	uint64_t codes[4];
	uint64_t signals; /* bit n - 1: signal n */
};

/* A pool that the instances of a worker may call. */
struct callee {
	const char *name;
	bool is_direct;    /* over connections to its instances, not through brood */
	bool is_cycle;     /* calls lead from it back to the caller */
	uint16_t pool;     /* index of the worker */
	uint32_t entrance; /* index of the endpoint that connections for it belong to */
};

struct callee_list {
	struct callee *callees;
	size_t count;
};

enum restart_when { RESTART_ALWAYS, RESTART_ON_FAILURE, RESTART_NEVER };
enum channel_kind { CHANNEL_SOCKETPAIR, CHANNEL_PIPES, CHANNEL_NONE };
enum ready_kind { READY_AUTO, READY_CHANNEL, READY_ALIVE };
enum update_kind { UPDATE_REPLACE, UPDATE_OVERLAP };
/* Which ends of a process what it has parked survives, beside a death that is restarted by policy. */
enum keep_kind {
	KEEP_RESTART, /* a restart by command */
	KEEP_NO,      /* none */
	KEEP_YES,     /* a stop as well */
};
enum env_base { ENV_INHERIT, ENV_CLEAN };
enum bodies_kind { BODIES_OWN, BODIES_SHARE, BODIES_COPY };
enum overflow_kind { OVERFLOW_PAUSE, OVERFLOW_REJECT };
enum redeliver_kind { REDELIVER_SAFE, REDELIVER_ALWAYS, REDELIVER_NEVER };
enum framing_kind { FRAMING_BROOD };
enum dispatch_kind { DISPATCH_REQUEST, DISPATCH_STICKY, DISPATCH_CONNECTION };

/* Between these the number goes by load. */
struct instance_range {
	uint32_t least;
	uint32_t most; /* at least 1 */
};

struct ready_rule {
	enum ready_kind kind; /* never READY_AUTO once a configuration is loaded */
	struct duration alive;
};

/* More than `count` restarts within `within` are too many. count 0: never. */
struct restart_limit {
	uint32_t count;
	struct duration within;
};

struct restart_policy {
	enum restart_when when;
	struct duration delay;
	struct duration delay_max;
	struct duration reset;
	uint32_t jitter; /* percent */
	uint32_t start_retries; /* 0: never give up */
	struct restart_limit limit;
	struct exit_set success;
	struct exit_set no_restart;
};

/* One [worker:NAME]: a pool of `instances` processes. */
struct worker_spec {
	const char *name;
	struct command command;
	const char *cwd; /* NULL: brood's own at start */
	struct file_mode umask;
	struct user_ref user;
	struct group_ref group;
	struct group_list groups;
	struct env_list env;
	enum env_base env_base;
	struct limit_list limits;
	int nice;
	struct instance_range instances;
	uint32_t order_keys; /* 0: order keys of calls mean nothing */
	uint32_t scale_limit; /* 0: as size_seats_most() says */
	struct duration scale_up_after;
	struct duration idle_stop; /* 0: never */
	enum update_kind update;
	uint32_t rolling; /* instances that a restart is about at once; 0: all */
	bool autostart;
	enum channel_kind channel;
	struct callee_list calls;
	uint32_t call_connections; /* that an instance may have to each pool that it calls */
	uint32_t fds;       /* descriptors that a call may bring */
	uint32_t reply_fds; /* and an answer */
	enum bodies_kind large_bodies;
	uint32_t fd_store;  /* that an instance may park with brood; 0: none */
	enum keep_kind fd_store_keep;
	struct ready_rule ready;
	struct duration start_timeout;
	int stop_signal;
	struct duration stop_timeout;
	struct restart_policy restart;
	uint32_t slots; /* 0: as many as the worker announces */
	uint32_t queue;
	struct size queue_bytes;
	enum overflow_kind on_overflow;
	uint32_t max_calls_per_uid; /* 0: any number */
	struct duration call_timeout;
	enum redeliver_kind redeliver;
	uint32_t max_attempts;
	struct duration quarantine;    /* 0: none */
	struct duration crash_penalty; /* 0: none */
	const char *dead_letter;       /* directory; NULL: none */
	struct size dead_letter_bytes; /* of all files in it */
	struct duration cancel_grace; /* 0: a call is waited for as long as it takes */
	bool no_new_privs;
	struct size log_buffer;
};

/* Where an endpoint listens. */
struct address {
	const char *text; /* as written */
	const char *path; /* absolute, or relative to the runtime directory */
};

/* One [endpoint:NAME]. */
struct endpoint_spec {
	const char *name;
	struct address listen;
	const char *pool_name;
	uint16_t pool; /* index of the worker */
	enum framing_kind framing;
	enum dispatch_kind dispatch;
	struct file_mode mode;
	struct user_ref user;
	struct group_ref group;
	struct allow_list allow;
	uint32_t max_clients;
	uint32_t max_clients_per_uid;
	uint32_t max_calls; /* that a connection may have open */
	struct size max_unread; /* that may wait for a connection to read it */
	struct duration read_timeout; /* 0: none */
	struct duration partial_timeout; /* likewise */
	uint32_t backlog;
	struct size max_message;
	struct size max_frame;
	struct duration handshake_timeout;
	bool is_inner;   /* nobody connects to it: brood makes connections for instances of caller */
	uint16_t caller; /* index of the worker */
};

/* Further files of the configuration, as written. Read already: for people only. */
struct include_list {
	char **patterns;
	size_t count;
};

/* [brood]: the instance as a whole. */
struct brood_spec {
	struct include_list include;
	uint32_t max_clients;
	uint32_t max_clients_per_uid;
	struct duration shutdown_timeout;
	uint32_t max_fds;        /* descriptors of calls and answers that are held */
	struct size max_partial; /* bytes of requests that have not arrived whole, of all clients */
	struct size max_partial_per_uid; /* of those of one user */
};

struct config_spec {
	struct brood_spec brood;
	struct worker_spec *workers;
	size_t worker_count;
	struct endpoint_spec *endpoints;
	size_t endpoint_count;
	size_t inner_count; /* that stand behind those: one for each pool that a worker may call */
};

static inline size_t spec_entrances(const struct config_spec *spec)
{
	return spec->endpoint_count + spec->inner_count;
}

#endif
