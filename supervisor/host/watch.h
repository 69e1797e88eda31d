/*
 * watch: notices when a published name is gone (a cleaner, an `rm -rf` of the runtime directory) and publishes it
 * again. Workers and open connections do not notice. A name that somebody else has taken meanwhile stays theirs, and
 * is told.
 */
#ifndef BROOD_WATCH_H
#define BROOD_WATCH_H

#include <uv.h>

#include "attributes.h"
#include "rundir.h"

struct supervisor;

struct watch {
	int fd; /* inotify; -1: none */
	int last;      /* the highest number of a watch so far */
	bool has_ended;
	uv_poll_t poll;
	uv_timer_t retry; /* what could not be had, or was taken away too often */
	uint64_t since;   /* the while in which looks are counted */
	unsigned looks;
	char problem[RUNDIR_PROBLEM]; /* why the runtime directory could not be made again, as it was said */
};

/* After all names are published. Without inotify brood does without, and says so. */
void watch_open(struct supervisor *s);
/* Before the names are withdrawn: looks no more. */
void watch_end(struct supervisor *s);
/* Last of all, at least some ms later if that can be had. */
void watch_close(struct supervisor *s);

#endif
