/*
 * assembly: messages on their way in, put together from their frames.
 *
 * One assembly serves one direction of one connection. It keeps what arrived, grows with what arrived (a body has room
 * for at most eight times that), and refuses what is over a limit; the session above it returns credit and answers.
 */
#ifndef BROOD_ASSEMBLY_H
#define BROOD_ASSEMBLY_H

#include "frame.h"
#include "spares.h"

/* A whole message in memory of its own. Freed by message_free(). */
struct message {
	struct message *next; /* for lists of the owner */
	/* of the frame that opened it (REPLY: ended it); head and body lie in memory, its descriptors are kept */
	struct frame frame;
	uint8_t *body;        /* owned where the body grew piece by piece, else NULL */
	size_t body_room;     /* bytes that body has */
	struct spares *home;  /* where its memory goes; NULL: free() */
	size_t size;          /* of this and memory */
	uint8_t memory[];
};

/* Of all but ASSEMBLY_PART: nothing of this message is kept any more. */
enum assembly_result {
	ASSEMBLY_WHOLE,     /* message_out is complete and belongs to the caller */
	ASSEMBLY_PART,      /* kept; more must come */
	ASSEMBLY_UNKNOWN,   /* continues nothing: the id was answered or refused before */
	ASSEMBLY_TOO_LARGE, /* over max_message */
	ASSEMBLY_TOO_MANY,  /* over max_held in all */
	ASSEMBLY_BROKEN,    /* EOS inside a message, a CALL without one, or opened twice: a protocol error */
	ASSEMBLY_NO_MEMORY,
};

struct assembly {
	struct partial *first;
	size_t held; /* bytes of heads and bodies of all partial messages */
	size_t max_held;
	uint32_t count; /* of partial messages; its limit is the owner's */
	uint64_t now;   /* on a clock of the owner's; what begins keeps it */
	uint32_t max_message;
	struct spares *spares; /* for messages, which they must outlive; NULL: malloc() */
	bool of_replies; /* DATA may begin a message (the reply to an open call), REPLY ends one */
};

/*
 * Adds a frame that carries (part of) a message: CALL or DATA, or DATA or REPLY where of_replies is set.
 * REPLY always ends its message, and gives head, status and flags to message_out; without EOM it carries
 * no body, and what was kept is dropped. The caller has checked that the id is one of an open call.
 */
MUST_USE enum assembly_result assembly_add(struct assembly *a, const struct frame *f,
					   struct message **message_out);
/* Is a message with this id on its way? */
bool assembly_has(const struct assembly *a, uint32_t id);
/* The partial message that began first; false: there is none. */
bool assembly_oldest(const struct assembly *a, uint32_t *id_out, uint64_t *since_out);
/* All of them begin now. */
void assembly_touch(struct assembly *a, uint64_t now);
/* Forgets the partial message with this id, if any; true if there was one. */
bool assembly_drop(struct assembly *a, uint32_t id);
void assembly_close(struct assembly *a);

/* Copies a frame with head and body. `home` may be NULL: malloc(). NULL without memory. */
struct message *message_copy(struct spares *home, const struct frame *f);
/* The memory of a body that came piece by piece, or NULL: to be freed by free(); the frame may point into it still. */
uint8_t *message_take_body(struct message *m);
/* NULL is allowed. */
void message_free(void *message);

#endif
