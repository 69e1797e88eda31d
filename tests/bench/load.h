/*
 * load: calls that are made and checked: by bare frames, or by the SDK.
 *
 * Every reply's content is compared with what was sent: small ones whole, large ones by length and parts.
 */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { LOAD_FLIGHT_MOST = 64, LOAD_CLIENTS_MOST = 64 };

struct load {
	size_t size;      /* of the body */
	unsigned flight;  /* calls at once on each connection */
	unsigned clients; /* connections, all of this process */
	double seconds;   /* how long */
	uint64_t calls;   /* or how many, where that is not 0 */
	bool copies;      /* of the SDK: all bodies through the sockets */
};

/* What was used while the calls ran: time, and processor time of the three who took part. */
struct used {
	uint64_t ns;
	uint64_t client;
	uint64_t middle;
	uint64_t end;
};

struct result {
	pid_t middle; /* set before: whose time is taken; 0: there is none */
	pid_t end;
	uint64_t calls; /* answered */
	struct used used;
};

/* Connections are there: time runs from here. */
void load_begin(struct result *r);
void load_end(struct result *r);
/* May one more call be started, after so many? */
bool load_goes_on(const struct load *l, const struct result *r, uint64_t started);

/* Fills a body; the same size gives the same bytes. */
void load_fill(uint8_t *body, size_t size);
/* Makes it differ from all others. */
void load_stamp(uint8_t *body, size_t size, uint64_t stamp);
/* Is this what was sent? Ends the program where it is not. */
void load_compare(const uint8_t *sent, const uint8_t *received, size_t size);

/* Bare frames over connected, non-blocking sockets. */
void load_bare(const int *fds, const struct load *l, struct result *r);
/* The SDK over an endpoint of brood. */
void load_sdk(const char *address, const struct load *l, struct result *r);

#endif
