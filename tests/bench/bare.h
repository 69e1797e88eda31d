/*
 * bare: what brood is compared with: the same frames and the same processes, without a supervisor's work.
 *
 * A frame is 16 bytes of header and a body: u32 bytes behind this field, u8 last frame of its message, 3 bytes 0,
 * u32 id of the message, u32 place for the relay's own use. A message longer than a frame takes several.
 */
#ifndef BENCH_BARE_H
#define BENCH_BARE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

enum {
	BARE_HEADER = 16,
	BARE_FRAME_MOST = 256 << 10, /* as brood's */
	BARE_PEERS_MOST = 256,
	BARE_MESSAGE_MOST = 1 << 20,
};

static inline uint32_t bare_number(const uint8_t *p)
{
	uint32_t n;

	memcpy(&n, p, sizeof(n));
	return n;
}

static inline void bare_put(uint8_t *p, uint32_t n)
{
	memcpy(p, &n, sizeof(n));
}

/* Bytes of the frame that begins here. */
static inline size_t bare_frame_size(const uint8_t *p)
{
	return (size_t)bare_number(p) + 4;
}

/* Bytes of a message with its frames' headers. */
size_t bare_message_size(size_t body);
/* Writes a message's headers; its body, in pieces between them, is the caller's to fill in. */
void bare_write_headers(uint8_t *message, size_t body, uint32_t id);

enum bare_role {
	BARE_BLOCKING_ECHO, /* one peer, blocking calls, no epoll */
	BARE_ECHO,          /* sends each whole message back */
	BARE_RELAY,         /* peer 0 is the echo, all others are clients; passes on whole frames */
};

/* Forks a process that serves these sockets (taken) until a peer is gone. */
pid_t bare_start(enum bare_role role, const int *fds, unsigned count);
/* Makes a socket pair or ends the program. */
void bare_pair(int ends[2]);

/* Serves in this process. */
_Noreturn void bare_node_run(const int *fds, unsigned count, bool is_relay);

#endif
