/*
 * client: one connection, from outside (admitted by the endpoint's rules before its first byte is read) or of a worker
 * to a pool that it may call (see liaison).
 */
#ifndef BROOD_CLIENT_H
#define BROOD_CLIENT_H

#include <uv.h>

#include "action.h"
#include "assembly.h"
#include "event.h"
#include "link.h"
#include "peer.h"

enum client_stage { CLIENT_GREETING, CLIENT_OPEN, CLIENT_HALF_CLOSED };

struct client {
	struct supervisor *s;
	struct link link;
	uint32_t number;     /* the core's */
	uint32_t endpoint;
	uint32_t worker;     /* whose connection it is, to a pool that it may call; NONE: somebody's from outside */
	uint64_t connection; /* never used twice */
	struct frame_peer peer;
	enum client_stage stage;
	bool is_gone;
	bool has_notified; /* one-way messages since the last barrier */
	unsigned barriers; /* under way */
	uint32_t held_by;  /* the worker that has to read first what this client notified it of; NONE */
	struct partial_user *user;
	size_t frame_held;    /* bytes of a frame that is not whole, as counted for its user */
	uint64_t frame_since; /* when it began, ms of the loop */
	uint32_t last_id;
	bool ids_went_round;
	bool copies; /* its socket lets no memory through */
	struct assembly assembly;
	enum reading reading;  /* as the core was told */
	bool is_stalled;       /* likewise */
	uint64_t written_then; /* bytes, when patience began */
	uv_timer_t patience;   /* limits the handshake, and then how long it may read nothing */
	unsigned handles;
};

/* A connection that was accepted and whose peer was admitted; the descriptor is taken in any case. */
void client_open(struct supervisor *s, uint32_t endpoint, int fd, const struct peer *peer);
/* The same of a worker, at an inner endpoint; only that process may write. */
void client_open_of_worker(struct supervisor *s, uint32_t endpoint, int fd, const struct peer *peer, uint32_t worker);
/* The client with this number, or NULL. */
struct client *client_at(const struct supervisor *s, uint32_t number);

/* Actions about it. */
void client_forward(struct client *c, uint32_t id);
void client_forward_part(struct client *c, uint32_t id);
void client_answer(struct client *c, uint32_t id, const struct answer *a);
/* So many calls may it have open from now on. */
void client_allow(struct client *c, uint32_t calls);
/* No new calls, please. */
void client_say_goodbye(struct client *c);
/* Answers a FLUSH. */
void client_flushed(struct client *c, uint32_t cookie);
/* Reads on after this worker has read, or is gone. */
void client_let_go(struct supervisor *s, uint32_t worker);
/* Ends it now. */
void client_close(struct client *c);
/* Answers a request that has not come whole, and drops it. */
void client_give_up(struct client *c, uint32_t id, enum frame_reason reason, const char *text);
/* Ends it with a GOAWAY that says why; always false, for who reads frames. */
bool client_end(struct client *c, enum frame_reason reason, const char *text);
/* The same because it broke the protocol: names the byte. */
bool client_break_off(struct client *c, const char *why);
const struct endpoint_spec *client_endpoint(const struct client *c);

/* A free number among the core's clients; NONE if all are in use. For control too. */
uint32_t client_number(struct supervisor *s, uint32_t first, uint32_t count);
/* The same among those of workers. */
uint32_t client_inner_number(struct supervisor *s);
/* Is it that of an operator's call? */
bool client_is_operators(const struct supervisor *s, uint32_t number);

#endif
