/*
 * contract: what a supervisor and its workers and clients agree on beside the frames themselves.
 *
 * Every name and number here is met by both sides. Each says who sets it, when, and what its absence
 * means. Limits that a user may change are only defaults here; the value in force is announced in
 * HELLO and WELCOME.
 */
#ifndef BROOD_CONTRACT_H
#define BROOD_CONTRACT_H

/* The protocol versions that this code speaks. */
#define BROOD_VERSION_MIN 1
#define BROOD_VERSION_MAX 1

/*
 * Environment of a worker. Set by the supervisor for each spawn; the SDK removes all of them after it
 * has read them, so that programs started by the worker inherit none.
 *
 * BROOD_CHANNEL     fd number, or "in,out" for two pipes. Absent: the program runs alone (-ENOTCONN).
 * BROOD_BOARD       fd number of the page on which the worker notes what has begun (board.h). Absent: there is none.
 * BROOD_WORKER      name of the pool. Always set beside the channel, for people and logs.
 * BROOD_INSTANCE    number of the instance in its pool, from 0.
 * BROOD_GENERATION  how many processes this instance has had, from 1.
 */
#define BROOD_ENV_CHANNEL    "BROOD_CHANNEL"
#define BROOD_ENV_BOARD      "BROOD_BOARD"
#define BROOD_ENV_WORKER     "BROOD_WORKER"
#define BROOD_ENV_INSTANCE   "BROOD_INSTANCE"
#define BROOD_ENV_GENERATION "BROOD_GENERATION"

/* Read by the SDK in any process: 1 prints each frame to stderr, 2 its payload too. Absent: nothing. */
#define BROOD_ENV_DEBUG "BROOD_DEBUG"

/* Read by the command line: path of the admin socket. Absent: the instance's own directory. */
#define BROOD_ENV_SOCKET "BROOD_SOCKET"
/* Read by the command line: the configuration file. Absent: the search order of brood(1). */
#define BROOD_ENV_CONFIG "BROOD_CONFIG"

/* First descriptor after stdin, stdout and stderr: where the supervisor puts the channel. */
#define BROOD_CHANNEL_FD 3

/* One frame on the wire, header included, bytes. Never below 32 KiB, so that any head block fits. */
#define BROOD_MAX_FRAME       (256u << 10)
#define BROOD_MAX_FRAME_LEAST (32u << 10)
#define BROOD_MAX_FRAME_MOST  (16u << 20)

/* One message (the body of a call or of its reply), however many frames carry it, bytes. */
#define BROOD_MAX_MESSAGE      (64u << 20)
#define BROOD_MAX_MESSAGE_MOST (1u << 30)

/* All entries of one head block, bytes. */
#define BROOD_MAX_HEAD (16u << 10)

/*
 * Bodies from this size on go through memory, bytes. From here on a message would have to be cut into frames, and
 * each size above it was measured to be faster (docs/decisions/0013).
 */
#define BROOD_SHARE_LEAST (256u << 10)

/* Byte credit that a receiver gives before it has read anything: a message, a connection. */
#define BROOD_STREAM_WINDOW (1u << 20)
#define BROOD_CONN_WINDOW   (4u << 20)
/* The same for each call that a worker answers: so much may come for a client that has just stopped reading. */
#define BROOD_REPLY_WINDOW  (256u << 10)

/* Calls that a worker may have open at once: what it announces is cut to this. */
#define BROOD_MAX_SLOTS 126
/* Calls that one client connection may have open at once, announced by brood in SLOTS. */
#define BROOD_CLIENT_SLOTS 256

/* arg of CONN_END: the worker has not touched the connection, another one may have it. */
#define BROOD_CONN_UNTOUCHED 1u

/* Names under which descriptors are parked: bytes at most, and what an unnamed one is called. */
#define BROOD_STORED_NAME    255u
#define BROOD_STORED_UNNAMED "stored"

/* How long a peer may take for its half of the handshake, ms. */
#define BROOD_HANDSHAKE_MS 5000

/* Exit code of a worker that cannot speak with this supervisor (EX_CONFIG); never restarted. */
#define BROOD_EXIT_INCOMPATIBLE 78

#endif
