/*
 * puppet: processes of a supervisor that are none. The program is linked with --wrap for spawn_process, waitid, kill
 * and syscall: what is started is an entry in a table, which lives and dies as a test says. Its end of the channel and
 * its board are real.
 */
#ifndef BROOD_PUPPET_H
#define BROOD_PUPPET_H

#include <stdbool.h>

#include "assembly.h"
#include "fdqueue.h"
#include "board.h"
#include "fdqueue.h"
#include "frame.h"

enum { PUPPETS_MOST = 16, PUPPET_HELD = 128 };

/* A call that it has in hand. */
struct puppet_call {
	uint32_t id;
	uint32_t size; /* of the body's beginning */
	uint8_t body[16];
};

struct puppet {
	bool is_used; /* started, and not reaped */
	bool has_ended;
	bool is_stubborn; /* ignores SIGTERM */
	bool has_greeted;
	bool is_honest; /* until somebody else says what it says */
	int status;     /* exit code; 256 + number of a signal */
	int pidfd;
	int error_end;
	int channel; /* -1: none, or closed */
	int board;   /* -1: none */
	int lent;            /* a connection to another pool that it was given; -1: none. Who takes it sets it to -1 */
	uint32_t last_asked;
	struct frame_decoder ear;
	struct fd_queue arrived;
	struct assembly assembly;
	struct puppet_call held[PUPPET_HELD];
	unsigned count;
};

extern struct puppet puppets[PUPPETS_MOST];

/* Those that run, in the order of their places; NULL if there are fewer. */
struct puppet *puppet_running(unsigned n);
/* Ends it: exit code, or 256 + signal. */
void puppet_end(struct puppet *p, int status);
/* Reads what it was told; it must be frames. Calls that came whole are in its hand then. */
void puppet_hear(struct puppet *p);
/* Bytes of any kind on its channel, as far as they fit. */
void puppet_say(struct puppet *p, const void *bytes, size_t size);
void puppet_frame(struct puppet *p, const struct frame *f);
/* WELCOME, and that it takes calls. */
void puppet_greet(struct puppet *p);
/* CONNECT. */
void puppet_ask(struct puppet *p, const char *pool);
/* Answers its oldest call with its body, in one frame or in two. */
void puppet_answer(struct puppet *p, bool in_parts);
/* Any bytes on its board. */
void puppet_scribble(struct puppet *p, uint16_t at, const void *bytes, size_t size);
/* Forgets all; none may run. */
void puppet_reset(void);

/* A frame as it stands on the wire, at most `capacity` bytes; 0: it does not fit. */
size_t puppet_encode(uint8_t *out, size_t capacity, const struct frame *f);

#endif
