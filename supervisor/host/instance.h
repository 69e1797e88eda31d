/*
 * instance: one worker's process with everything that hangs on it: pidfd, error pipe, channel, output.
 *
 * There is one for each worker of the core, used again for each generation. A death is settled in a fixed order:
 * the exit is seen, channel and output are read to their end (at most INSTANCE_GRACE_MS: a grandchild may hold
 * them), calls that were never written are told to the core, then the exit itself.
 */
#ifndef BROOD_INSTANCE_H
#define BROOD_INSTANCE_H

#include <uv.h>

#include "action.h"
#include "barrier.h"
#include "exits.h"
#include "history.h"
#include "link.h"
#include "output.h"

struct supervisor;
struct transfer;

enum { INSTANCE_GRACE_MS = 250, INSTANCE_NOTE = 200, INSTANCE_PROGRAM = 300 };

struct instance {
	struct supervisor *s;
	uint32_t index; /* the core's number of the worker */
	uint32_t number; /* which instance of its pool it was last */
	uint32_t generation;
	bool is_active; /* from the start to the last closed handle */
	bool is_ending; /* its end is being settled */
	bool has_exited;
	bool has_channel;    /* the link is open */
	bool channel_ended;  /* nothing more comes from it */
	bool is_lost_told;   /* the core knows that the channel is gone */
	bool is_introduced;  /* WELCOME has come */
	pid_t pid;
	int pidfd;
	int error_fd;
	int board; /* its page, see page.h; -1: none */
	struct exit_facts exit;
	char program[INSTANCE_PROGRAM]; /* where its name was found */
	unsigned handles; /* open libuv handles, the link counts as one */
	uv_poll_t exit_poll;
	uv_poll_t error_poll;
	uv_timer_t grace;
	struct link link;
	struct output outputs[2];
	struct history history;
	struct barrier_list barriers; /* FLUSHes that it has not answered, for clients */
	uint32_t last_flush; /* cookie of the one before its end; 0: not asked */
	bool is_told;        /* GOAWAY was said */
	struct transfer *transfers; /* connections that it was sent, or will be, and has not taken */
	bool holds_clients; /* some wait until it has read what they notified it of */
	char note[INSTANCE_NOTE + 1]; /* its last STATUS=, escaped */
};

/* Starts a process for this worker of the core. What goes wrong comes back as an exit. */
void instance_spawn(struct supervisor *s, uint32_t worker, uint32_t generation);
void instance_signal(struct instance *i, uint32_t generation, int number);
/* SIGKILL to the process and to all that is left of its group. */
void instance_kill(struct instance *i, uint32_t generation);
void instance_close(struct instance *i);

/* For channel.c: its link ended. */
void instance_channel_ended(struct instance *i, enum link_end how);
/* For output.c. */
void instance_said(struct instance *i, const struct history_line *line, const char *text);
void instance_output_ended(struct instance *i);
/* The instance of this action, if the process it means is the one that is there; else NULL. */
struct instance *instance_of(struct supervisor *s, const struct action *a);
const struct worker *instance_worker(const struct instance *i);
/* "thumbs/2" */
const char *instance_name(const struct instance *i, char *out, size_t size);

#endif
