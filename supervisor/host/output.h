/*
 * output: stdout or stderr of a worker's process, a real pipe, read line by line.
 *
 * A worker is never kept waiting: what comes is read, escaped, kept in the history and given to the log.
 */
#ifndef BROOD_OUTPUT_H
#define BROOD_OUTPUT_H

#include <uv.h>

#include "history.h"

struct instance;

enum { OUTPUT_LINE = 16 << 10 };

struct output {
	struct instance *instance;
	enum history_stream stream;
	int fd; /* -1: ended */
	bool is_continued; /* the line under way is the rest of one that was too long */
	char *partial;     /* a line that has not ended yet */
	size_t partial_size;
	size_t partial_capacity;
	uv_poll_t poll;
	uv_close_cb closed;
};

/*
 * Takes the descriptor, also if it fails: then fd is -1 and nothing is open. `closed` is called once, when its
 * handle is gone; the handle's data is the output.
 */
void output_open(struct output *o, struct instance *instance, enum history_stream stream, int fd,
		 uv_close_cb closed);
/* Reads what is there, tells the last line, closes. Nothing if it has ended already. */
void output_close(struct output *o);

#endif
