/*
 * output: stdout or stderr of a worker's process, a real pipe, read line by line.
 *
 * What comes is read, escaped, kept in the history and given to the log. A worker that says much is read in turns with
 * pauses between them, so that its lines cost others no time; one that says more than is read then waits for its pipe,
 * a few milliseconds at a time, and nothing is lost.
 */
#ifndef BROOD_OUTPUT_H
#define BROOD_OUTPUT_H

#include <uv.h>

#include "attributes.h"
#include "history.h"

struct instance;

enum { OUTPUT_LINE = 16 << 10 };

struct output {
	struct instance *instance;
	enum history_stream stream;
	int fd; /* -1: ended */
	bool is_continued; /* the line under way is the rest of one that was too long */
	bool is_flood;     /* the latest turn did not read all */
	unsigned handles;
	unsigned told;     /* lines, in this turn */
	unsigned turns;    /* since .. */
	uint64_t since;    /* .. this moment of the loop */
	int64_t wall_ms;   /* when the bytes at hand were read */
	char *partial;     /* a line that has not ended yet */
	size_t partial_size;
	size_t partial_capacity;
	uv_poll_t poll;
	uv_timer_t pause; /* before it is read again */
	uv_close_cb closed;
};

/*
 * Takes the descriptor, also if it fails: then fd is -1 and nothing is open. `closed` is called once, when its
 * handles are gone; the data of the one it gets is the output. 0 or -errno.
 */
MUST_USE int output_open(struct output *o, struct instance *instance, enum history_stream stream, int fd,
		 uv_close_cb closed);
/* Reads what is there, tells the last line, closes. Nothing if it has ended already. */
void output_close(struct output *o);

#endif
