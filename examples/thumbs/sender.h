/*
 * sender: pictures on their way to the workers, and what becomes of each.
 */
#ifndef THUMBS_SENDER_H
#define THUMBS_SENDER_H

#include <brood.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "album.h"
#include "outdir.h"

enum state { WAITS, IN_THE_AIR, DONE, FAILED };

struct sender;

/* A picture on its way. It is sent `rounds` times, one after the other. */
struct job {
	struct sender *sender;
	const struct album_entry *file;
	enum state state;
	unsigned rounds; /* that are left, the present one included */
	unsigned rounds_done;
	bool tried; /* in this round, and so on */
	unsigned crashes;
	int64_t refused_at; /* ms: when it was first refused; 0: not yet */
	int64_t not_before; /* ms: when it may be sent */
	char outcome[OUTDIR_NAME + 256];
};

struct sender {
	brood_t *client;
	bool lost; /* the connection; the next call makes a new one */
	struct outdir outdir;
	struct brood_meta box[2];
	struct job *jobs;
	size_t count;
	size_t unfinished;
	unsigned in_flight;
	unsigned in_flight_most;
	unsigned crashes_most;
	unsigned long calls; /* in all, and so on */
	unsigned long repeated;
	unsigned long crashes;
};

/* A job for each picture, to be sent `rounds` times. The album must outlive the sender. 0 or -ENOMEM; free() jobs. */
int sender_load(struct sender *s, const struct album *album, unsigned rounds);

/* Sends until each picture is done or has failed; closes the client. Without a connection, what is left has failed. */
void sender_run(struct sender *s);

/* Prints what became of each. EXIT_SUCCESS: all have thumbnails; 3: some have not; EXIT_FAILURE: nobody reads it. */
int sender_report(const struct sender *s, unsigned rounds);

#endif
