/*
 * include: the files of a configuration: the main one, and what `include` names, each once, in the
 * order they are read. A file's includes come right behind it, the names of one pattern in sorted
 * order.
 */
#ifndef BROOD_INCLUDE_H
#define BROOD_INCLUDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "attributes.h"
#include "problem.h"
#include "spec.h"
#include "world.h"

enum {
	INCLUDE_FILES_MOST = 256,
	INCLUDE_DEPTH_MOST = 8,
	INCLUDE_BYTES_MOST = 16 * 1024 * 1024, /* of all files */
};

struct include_file {
	const char *path;   /* as people are shown it, and as it is opened */
	struct place asked; /* where it is included; of the main file: the file itself */
	const struct include_file *parent;
	unsigned order;
	unsigned depth;
	uint64_t identity[2]; /* once it is read */
	bool is_read;
	struct include_file *next;
};

struct include_queue {
	struct arena *arena;
	struct problem_list *problems;
	const struct world *world;
	struct include_file *first;
	size_t count;
	size_t bytes;
	bool is_over; /* a limit was met, and that was told */
};

/* A queue of one, the main file. False: not enough memory. */
MUST_USE bool include_open(struct include_queue *queue, struct arena *arena,
			   struct problem_list *problems, const struct world *world,
			   const char *path);

/*
 * Reads the bytes of a file of the queue; the caller frees them. False with a problem reported: it
 * cannot be read, was read before, or a limit is met.
 */
MUST_USE bool include_read(struct include_queue *queue, struct include_file *file,
			   struct world_file *bytes_out);

/* Puts what the list names behind `file`. `place` is that of the key. Problems are reported. */
void include_add(struct include_queue *queue, struct include_file *file,
		 const struct include_list *list, struct place place);

/* * is any characters, ? is one byte; a leading dot is matched by a dot only. */
bool include_matches(const char *pattern, const char *name);

#endif
