/*
 * peer_end: the other end of a handle of the SDK, for its tests: it speaks the protocol through the wire layer alone.
 *
 * Sends frames or any bytes, in pieces of any size; hears frames and keeps them until they are taken. Also for threads
 * and forked children, so nothing here asserts: what must not happen ends the program with a sentence.
 */
#ifndef BROOD_PEER_END_H
#define BROOD_PEER_END_H

#include <stdio.h>
#include <stdlib.h>

#include "assembly.h"
#include "contract.h"
#include "head.h"
#include "hello.h"

#define PEER_CHECK(condition)                                                                       \
	do {                                                                                        \
		if (!(condition)) {                                                                 \
			dprintf(2, "%s:%d: at the peer: %s\n", __FILE__, __LINE__, #condition);     \
			abort();                                                                    \
		}                                                                                   \
	} while (0)

struct peer_end {
	int in;
	int out;
	size_t piece;                   /* bytes of one write; 0: all at once */
	void (*between)(void *between); /* called behind each piece */
	void *user;
	size_t came; /* bytes heard in all */
	bool ended;  /* the other side sends nothing more */
	struct frame_decoder decoder;
	struct message *first; /* heard, not taken yet */
	struct message *last;
};

/* Takes the descriptors, which may be the same. */
void peer_end_open(struct peer_end *e, int in, int out);
void peer_end_close(struct peer_end *e);
/* A listening socket at this path. */
int peer_end_listen(const char *path, int backlog);
/* Waits for the next connection. */
void peer_end_accept(struct peer_end *e, int listener);
/* Sends nothing more, but still hears. */
void peer_end_half_close(struct peer_end *e);

void peer_end_bytes(struct peer_end *e, const void *bytes, size_t size);
void peer_end_frame(struct peer_end *e, const struct frame *f);
/* The same; its first byte carries so many descriptors (at most 20). */
void peer_end_frame_fds(struct peer_end *e, const struct frame *f, const int *fds, size_t count);
/* The whole frame on the wire, in memory of exactly its size, to be freed. */
uint8_t *peer_end_encode(const struct frame *f, size_t *size_out);
/* A frame with nothing in it: PING, SLOTS, WINDOW, CANCEL, ... */
void peer_end_say(struct peer_end *e, uint8_t type, uint32_t id, uint32_t arg);
/* CALL, whole. */
void peer_end_call(struct peer_end *e, uint32_t id, const char *method, const void *body, size_t size);
/* REPLY, whole. */
void peer_end_reply(struct peer_end *e, uint32_t id, uint32_t status, const void *body, size_t size);

/* What a supervisor or a server offers, unless a test wants something else. */
struct hello peer_end_offer(void);
/* HELLO or WELCOME. */
void peer_end_greet(struct peer_end *e, uint8_t type, const struct hello *h);

/* Hears what has come by now; returns how many bytes. */
size_t peer_end_hear(struct peer_end *e);
/* Takes the next frame that has come by now, to be freed with message_free(); NULL: none. */
struct message *peer_end_take(struct peer_end *e);
/* Waits for one; NULL: the end came instead. */
struct message *peer_end_wait(struct peer_end *e);
/* Waits for one and checks its type. */
struct message *peer_end_expect(struct peer_end *e, uint8_t type);
/* The same, and throws it away. */
void peer_end_skip(struct peer_end *e, uint8_t type);
/* Waits for the end, which must be the next thing. */
void peer_end_expect_end(struct peer_end *e);

/* Is this text the frame's entry `key`? */
bool peer_end_has_text(const struct message *m, const char *key, const char *text);

#endif
