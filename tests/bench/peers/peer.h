/*
 * peer: a program that makes the same calls by another library, beside brood in bench_peers.
 *
 *   peer_X serve PATH                      answers each message with itself, until it is killed
 *   peer_X load PATH SIZE FLIGHT SECONDS   makes calls, prints: calls, ns, ns of processor time
 *
 * Over a Unix socket at PATH. One file for each library gives peer_serve() and peer_load(); the rest is peer.c's.
 */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A load as it runs. Not thread-safe: a library that calls back from several threads locks around it. */
struct peer_run {
	const char *path;
	size_t size;
	unsigned flight;
	struct peer_state *state;
};

/* Answers until the process is killed. */
void peer_serve(const char *path);
/* Connects, calls peer_begin(), and keeps `flight` calls open as long as peer_start() gives bodies. */
void peer_load(struct peer_run *r);

/* The connection is there: time runs from here. */
void peer_begin(struct peer_run *r);
/* The body of the next call in this place (0..flight - 1), or NULL: no more. It stays until its answer. */
const void *peer_start(struct peer_run *r, unsigned place);
/* The answer of the call in this place has come; ends the program where it is not what was sent. */
void peer_answered(struct peer_run *r, unsigned place, const void *body, size_t size);
/* Ends the program, saying why. */
void peer_die(const char *what, const char *why);

#ifdef __cplusplus
}
#endif

#endif
