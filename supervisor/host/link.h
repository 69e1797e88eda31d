/*
 * link: one framed connection, with a worker or a client: bytes in, frames out, and back.
 *
 * Reads as much as is there into the supervisor's one buffer and hands out every frame in it; writes what waits
 * once a turn. Its owner embeds it, is told of frames and of the end, and frees itself when link_close() says so.
 */
#ifndef BROOD_LINK_H
#define BROOD_LINK_H

#include <uv.h>

#include "assembly.h"
#include "fdqueue.h"
#include "flow.h"
#include "frame.h"
#include "head.h"
#include "hello.h"
#include "outbox.h"

struct supervisor;
struct link;

/* How a link ended. */
enum link_end {
	LINK_CLOSED,   /* the peer closed it, or is gone */
	LINK_BROKEN,   /* the peer broke the protocol; link_problem() says how */
	LINK_STRANGER, /* somebody else than the peer wrote on it */
	LINK_FAILED,   /* no memory, or the system refused */
};

struct link_owner {
	/* One frame. False: the owner has ended the link, read no further. */
	bool (*frame)(struct link *l, const struct frame *f);
	/* A frame over max_frame, of which only the header is known. False as above. */
	bool (*too_large)(struct link *l, const struct frame *f);
	/* It ended; nothing more is read. Called once. The owner calls link_close() now or later. */
	void (*ended)(struct link *l, enum link_end how);
	/* All that waited has been written, or never will be. May be NULL. */
	void (*flushed)(struct link *l);
	/* Writing was tried; something may wait nevertheless. May be NULL. */
	void (*written)(struct link *l);
	/* A peer that had closed its own direction only has closed the other one too. NULL: nobody waits for that. */
	void (*hung_up)(struct link *l);
	/* So many bytes of a frame have come that is not whole yet. May be NULL. False: the owner ended the link. */
	bool (*holds)(struct link *l, size_t bytes);
};

struct link {
	struct supervisor *s;
	const struct link_owner *owner;
	void *user; /* the owner's own object */
	int in; /* -1: closed */
	int out; /* == in for a socket */
	bool is_open;
	bool is_dirty;
	bool is_starved;     /* the system had no memory for what is to be sent */
	bool is_ended;       /* the owner was told */
	bool is_lost;        /* nothing can be written any more */
	bool is_digesting;   /* frames of one reading are being handed out */
	bool wants_half_close; /* once all is written */
	bool is_half_closed;
	bool is_paused;      /* nothing is read for now */
	bool is_full;        /* likewise, until the peer has read what waits for it */
	size_t pause_above;  /* bytes that may wait in the outbox; 0: any number */
	size_t owed;         /* bytes of link_send_owed() since all before owed_from were written */
	uint64_t owed_from;  /* an offset of the outbox */
	int events;          /* what the poll looks for */
	int events_out;      /* and poll_out */
	bool takes_fds;      /* descriptors may come; else the kernel destroys them */
	struct fd_queue arrived; /* those whose frame is not whole yet */
	pid_t only_from;     /* 0: anybody; else only this process may write, checked per message */
	pid_t stranger;      /* who wrote instead */
	struct link *next_dirty;
	struct link *next_starved;
	uv_poll_t poll;
	uv_poll_t poll_out; /* of a pipe pair only */
	unsigned handles;   /* open libuv handles */
	void (*closed)(struct link *l);
	struct frame_decoder decoder;
	struct outbox outbox;
	struct flow_set flows;
	struct hello agreed;
	char problem[160];
};

/* Starts reading. The descriptors are taken, whatever the result. 0 or -errno. */
MUST_USE int link_open(struct link *l, struct supervisor *s, const struct link_owner *owner, void *user,
		       int in, int out, uint32_t max_frame);
/* Closes the descriptors at once; closed(l) is called when its memory may be freed. */
void link_close(struct link *l, void (*closed)(struct link *l));

/* Queues one frame that needs no credit; copied. */
void link_send(struct link *l, const struct frame *f);
/*
 * The same for what the peer has asked for, and so must read. False: more than a MiB of such answers waits.
 */
MUST_USE bool link_send_owed(struct link *l, const struct frame *f);
/* Queues a message of any length; see flow_send(). release(owner) is called in any case. */
void link_send_message(struct link *l, const struct frame *f, void (*release)(void *), void *owner);
/* GOAWAY with a reason and a sentence. */
void link_goaway(struct link *l, uint32_t reason, const char *text);
/* An answer of ours to a call: status, flags, sentence. */
void link_answer(struct link *l, uint32_t id, uint32_t status, bool not_processed, const char *text);
/* The peer gave credit; false: it broke the protocol. */
bool link_credit(struct link *l, uint32_t id, uint32_t bytes);
/* The peer broke the protocol in a way that only the owner sees: ends it, the owner is told. */
void link_break(struct link *l, const char *why);
/* Takes over what the peer said in its handshake. */
void link_agree(struct link *l, const struct hello *agreed);
/* No more will be written once all is out. */
void link_half_close(struct link *l);
/* Writes what waits. */
void link_flush(struct link *l);
/* The same at the end of a turn; where nothing can be written any more, it reads what the peer said before. */
void link_turn(struct link *l);
/* Stops or goes on reading. */
void link_pause(struct link *l, bool pause);
/* Bytes that wait to be sent. */
size_t link_waiting(const struct link *l);
/* Can nothing be written any more? */
bool link_is_cut(const struct link *l);
/* The end as a sentence. */
const char *link_problem(const struct link *l);

#endif
