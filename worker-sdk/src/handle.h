/*
 * handle: struct brood, the one object behind a worker's channel and a client's connection.
 *
 * Files: inherit (where a worker's descriptors come from) · channel (bytes) · session (handshake, frames that
 * both roles know) · worker, request, message (calls coming in) · conn (connections that brood hands over) · client,
 * callee (of a worker, to other pools), call, outgoing, answer, stream (calls going out), lending (large bodies) ·
 * exchange, inbox (their messages beyond the first) · meta · flush · descriptor · loop · error · debug. What `lock`
 * guards is marked; all else belongs to the thread that drives the handle.
 */
#ifndef BROOD_HANDLE_H
#define BROOD_HANDLE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "brood.h"

#include "assembly.h"
#include "attributes.h"
#include "contract.h"
#include "fdqueue.h"
#include "flow.h"
#include "frame.h"
#include "head.h"
#include "hello.h"
#include "notes.h"
#include "outbox.h"
#include "peer.h"

enum {
	READ_SIZE = 128 << 10,
	CALLS_MOST = 512,         /* a client's open calls, whatever the server would allow */
	CALL_CELLS = 2 * CALLS_MOST,
	INFO_MOST = 64,
	SENTENCE = 512,           /* of brood_error() */
	SPARES_KEPT = 64 << 10,   /* bytes of each kind */
	SPARES_LARGE = 2 << 20,   /* the same, for large bodies */
};

/* Where the connection stands. */
enum stage {
	STAGE_HANDSHAKE,
	STAGE_OPEN,
	STAGE_LEAVING, /* no new calls come; what is in hand is answered */
	STAGE_ENDED,   /* in order */
	STAGE_LOST,    /* brood.rc says how */
};

struct info {
	char *key;
	char *value;
};

struct asking;    /* callee.c */
struct loan;      /* lending.c */
struct open_call; /* call.c */
struct exchange;  /* exchange.c */
struct deferral;  /* request.c */
struct parking;   /* store.c */
struct conn;      /* conn.c */
struct conns;

struct brood {
	unsigned refs; /* lock: the handle's own, and one for each request in hand */
	bool is_worker;
	bool is_socket; /* else two pipes */
	atomic_uintptr_t driver; /* the thread inside a step, as loop_enter() set it; 0: none */
	atomic_uintptr_t home;   /* the thread that made the last step */
	int in;
	int out;
	int wake;  /* eventfd: something happened in another thread or a signal handler */
	atomic_uint wakes;    /* that were written there, or are about to be */
	unsigned wakes_taken; /* of the driver: so many were read */
	int epoll; /* lock; made by the first brood_fd(), else -1 */
	int rc;    /* of STAGE_LOST */
	enum stage stage;
	atomic_bool stop;
	bool stop_seen;
	atomic_bool read_ended; /* the peer will send nothing more */
	struct peer peer;
	struct frame_decoder decoder;
	struct assembly assembly;
	unsigned fds_most;       /* descriptors that the program takes with one message */
	bool takes_fds;          /* some, over this connection; else the kernel destroys what comes */
	struct fd_queue arrived; /* those whose frame is not whole yet */
	struct spares spares; /* of messages and of calls, here or there */
	struct hello own;
	struct hello agreed; /* without lines */
	struct info info[INFO_MOST];
	size_t info_count;
	uint8_t *buffer;
	brood_notify_handler on_notify;
	void *notify_user;
	uint32_t next_cookie;
	uint32_t ponged;
	uint32_t flushed;

	pthread_mutex_t lock;
	struct outbox outbox;    /* lock */
	struct spares sent;      /* lock: segments of the outbox that have gone */
	struct flow_set flows;   /* lock */
	size_t owed;             /* lock: bytes of answers queued since all before owed_from were written */
	uint64_t owed_from;      /* lock: an offset of the outbox */
	bool write_lost;         /* lock */
	bool starved;            /* lock: it was, for lack of memory */
	bool polls_out;          /* lock: the epoll set waits for room */
	bool is_clogged;         /* lock: the last attempt to write has found no room */
	struct exchange *exchanges; /* lock: calls of several messages */
	unsigned senders_waiting;   /* lock: of those that want room */
	atomic_bool has_due;        /* some owner is to be told of news */
	int64_t heard_at;        /* µs; of the driver: when the frames at hand were read */
	int64_t batch_since;     /* µs; of the driver: since then, or since answers to some were written */
	int64_t batch_looked;    /* µs; of the driver: when it has last looked at the clock for that */
	int64_t batch_tick;      /* ms; about_now_ms() at that moment */
	unsigned batch_unlooked; /* so many more may be put there without a look */
	bool polls_in;           /* lock: and for bytes */

	/* worker */
	brood_handler handler;
	void *user;
	int slots;
	struct brood_request *requests; /* lock: in hand */
	unsigned in_hand;               /* lock */
	struct notes notes;             /* lock: the board */
	bool is_handling;               /* inside the handler of a call, which may wait */
	int inner_rc;                   /* what ended the connection while it did; 0: nothing */
	struct deferral *deferred;      /* what came meanwhile and may not overtake it */
	struct deferral *deferred_last;
	struct conns *conns; /* that were handed to it; NULL: none yet */
	brood_t *parent;     /* of a connection that was handed over: the worker that serves it, referenced */
	struct conn *conn;   /* likewise: what else is known of it */
	struct parking *parkings; /* lock: who waits for brood's word on descriptors that are parked, see store */
	struct asking *askings; /* lock: who waits for a connection to another pool, see callee */
	uint32_t last_parking;  /* lock: cookie of the latest */
	uint32_t last_asking;   /* lock: the id of the last one */
	uint32_t last_flush;            /* cookie of the barrier behind SLOTS 0, 0 if none */

	/* client */
	brood_t *asker; /* of a connection of a worker to another pool: that worker, referenced */
	char *address;  /* then: the name of the pool */
	char *expect_user;
	struct brood_client_options options;
	struct open_call *calls[CALL_CELLS];
	unsigned calls_open;
	unsigned calls_lingering; /* ended here, not yet at the server */
	uint32_t calls_allowed;
	uint32_t next_id;
	int64_t next_deadline; /* ms; no call expires before; INT64_MAX: none */
	int call_timeout;      /* of the pool, ms; 0: unknown */
	struct loan *loans;    /* memory that waits for the next call */
	size_t loans_kept;     /* bytes of it */
	unsigned large_calls;
	bool expects_large;    /* as the last answer was */
};

/* error.c */
int fail(int rc, const char *format, ...) PRINTF_LIKE(2, 3); /* keeps the sentence, returns rc */
int64_t now_ms(void);
int64_t now_us(void);
int64_t about_now_ms(void); /* up to a tick of the kernel (10 ms) behind; costs next to nothing */

/* handle.c */
MUST_USE int handle_new(bool is_worker, brood_t **out);
/* A connection that was handed to this worker, over its eventfd, its epoll set and the buffer of all. */
brood_t *handle_new_conn(brood_t *worker, uint8_t *buffer);
/* The end of one. */
void handle_retire(brood_t *b);
void handle_ref(brood_t *b);
void handle_unref(brood_t *b);
/* The same with the lock held; it is released. */
void handle_unref_unlock(brood_t *b);
/* The connection is gone: rc is kept, open calls end. */
int handle_lose(brood_t *b, int rc);
/* What the other side told about itself stays until it is told anew. */
void handle_forget_info(brood_t *b);
/* The user named by `who` (name or number; NULL: nobody in particular). 0 or -errno. */
int handle_user(const char *who, uid_t *uid_out);

/* inherit.c: finds and checks channel and board of a worker; removes BROOD_* from the environment. */
int inherit_channel(brood_t *b, uid_t trusted);

/* channel.c */
/* Reads what is there, hands every frame to session_frame(). 0, or -errno if the connection is gone. */
int channel_read(brood_t *b);
/* Does the next channel_read() begin with something that was read before? */
bool channel_has_rest(const brood_t *b);
/* Writes what waits. The lock must be held. */
void channel_flush_locked(brood_t *b);
void channel_flush(brood_t *b);
/* Queues one frame that needs no credit; copies. 0 or -EPIPE. */
int channel_send(brood_t *b, const struct frame *f);
/* The same with the lock held. */
int channel_send_locked(brood_t *b, const struct frame *f);
/*
 * The same for an answer to what the other side asks of the connection itself. It must read what it asks for: 0, or
 * -EPROTO if it does not. That the connection is gone is noticed by reading.
 */
int channel_answer(brood_t *b, const struct frame *f);
/* Queues a message of any length; what of its body is not written at once is copied. */
int channel_send_message_locked(brood_t *b, const struct frame *f);
/* Writes at once if this is not the thread that will do it at the end of its step. */
void channel_settle_locked(brood_t *b);
/* Waits until something can be read or written, or `timeout` ms (-1: none). 0 or -errno. */
int channel_wait(brood_t *b, int timeout);
/* What it waits for, CHANNEL_POLLS of them, and what follows from what poll() has found: 0 or -errno. */
enum { CHANNEL_POLLS = 3 };
struct pollfd;
void channel_polls(brood_t *b, struct pollfd *fds);
int channel_polled(brood_t *b, const struct pollfd *fds);
/* Makes a waiting thread look again. Async-signal-safe. */
void channel_wake(brood_t *b);
/* Takes what channel_wake() has left; no system call where that is nothing. 0 or -errno. */
int channel_take_wakes(brood_t *b);
size_t channel_waiting(brood_t *b);
/* Can nothing be written any more? -EPIPE or -ENOMEM with its sentence, else 0. */
int channel_cut(brood_t *b);

/* session.c */
int session_offer(brood_t *b, uint8_t type, const char *lines, size_t lines_size, uint32_t slots);
int session_agree(brood_t *b, const struct frame *f);
int session_frame(brood_t *b, const struct frame *f);
int session_too_large(brood_t *b, const struct frame *f);
int session_protocol_error(brood_t *b, const char *what);
/* Answers a call in brood's own name, with one sentence. */
int session_refuse(brood_t *b, uint32_t id, enum frame_reason reason, const char *format, ...)
	PRINTF_LIKE(4, 5);
void session_own_limits(brood_t *b, uint32_t max_message);
/* Processes until the handshake is done or `deadline` (ms, now_ms() scale; INT64_MAX: none). */
int session_await_open(brood_t *b, int64_t deadline);

/* worker.c */
int worker_frame(brood_t *b, const struct frame *f);
/* Ends the session where all is answered. */
void worker_check_end(brood_t *b);
void worker_leave(brood_t *b);

/* descriptor.c */
/* What the program asked for. 0 or -EINVAL. */
int descriptor_expect(brood_t *b, int most);
/* Where the connection can pass descriptors: to be told in the handshake. */
void descriptor_offer(brood_t *b);
/* Puts duplicates into a frame, for the caller to fds_unref(). 0; -EINVAL, -EOPNOTSUPP, -EBADF, -EMFILE, -ENOMEM. */
int descriptor_attach(const brood_t *b, struct frame *f, const int *fd, size_t count);
/* Gives a frame that came whole what it announces; to be given back with fds_unref(). 0 or -EPROTO. */
int descriptor_claim(brood_t *b, struct frame *f);
/* All frames that were whole have theirs. 0, or -EPROTO if something is left. */
int descriptor_check_rest(brood_t *b);
/* May it be handed over? REASON_NONE, else why not, with a sentence. */
enum frame_reason descriptor_judge(const brood_t *b, const struct frame *f, char *text, size_t size);

/* request.c */
struct frame *request_frame(const brood_request_t *request);
/* A call's first message is there; `goes_on`: others may follow, `is_empty`: it is not even there. */
int request_deliver(brood_t *b, struct message *m, bool goes_on, bool is_empty);
/* Hands over what came while something else was waited for. 0 or -errno. */
int request_catch_up(brood_t *b);
/* Forgets it instead: the handle is closed. */
void request_drop_deferred(brood_t *b);
/* FLUSH, answered when all calls before it have been handed over. */
int request_barrier(brood_t *b, uint32_t cookie);
/* DATA behind the first message; false: of no call that waits for it. */
bool request_data(brood_t *b, const struct frame *f);
/* Those of handed-over connections that wait for a slot of the worker. */
brood_request_t *request_next_waiting(const brood_request_t *r);
void request_wait_behind(brood_request_t *before, brood_request_t *r);
void request_run(brood_request_t *r);
/* Nobody will ever answer it. */
void request_discard(brood_request_t *r);
void request_cancel(brood_t *b, uint32_t id);
void request_cancel_all(brood_t *b);
/* Has it come whole, and is its answer not gone whole? */
bool request_is_open(brood_t *b, uint32_t id);
/* Drops what waits of the answer to this call, if it was answered: true, and then it needs an end. */
bool request_withdraw(brood_t *b, uint32_t id);

/* client.c */
/* asker: the worker by way of which it is made; NULL: none. */
int client_open(brood_t **client_out, const char *address, brood_t *asker, const struct brood_client_options *options);
/* `until` (now_ms() scale; INT64_MAX: not said) is how long a worker's connection to another pool may take. */
int client_reconnect(brood_t *b, int64_t until);
bool client_can_reconnect(const brood_t *b);

/* meta.c: a head block, to be freed; NULL if there is nothing in it. */
struct meta_block {
	uint8_t *bytes;
	uint32_t size;
	char problem[128]; /* why it cannot be made, for people; only if it cannot */
};
/* value NULL: no entry of brood's own. 0, -EINVAL: something may not be sent, -ENOMEM; both with the problem. */
int meta_write(struct meta_block *out, const char *key, const char *value, const struct brood_meta *meta,
	       size_t count);

/* call.c */
int call_frame(brood_t *b, const struct frame *f);
void call_lose_all(brood_t *b, int rc, const char *text);
/* Nothing can be written any more: those end that the other side has not heard of whole. */
void call_lose_unsent(brood_t *b, int rc, const char *text);
void call_expire(brood_t *b, int64_t now);

/* debug.c: prints a frame if BROOD_DEBUG asks for it. */
extern atomic_int debug_level; /* -1: nobody has looked yet */
void debug_print(const brood_t *b, bool outgoing, const struct frame *f);
bool debug_is_on(void);
static inline void debug_frame(const brood_t *b, bool outgoing, const struct frame *f)
{
	if (atomic_load_explicit(&debug_level, memory_order_relaxed) != 0)
		debug_print(b, outgoing, f);
}

/* loop.c */
int loop_step(brood_t *b);
/* Waits for news and takes them, until this moment at most (now_ms() scale); also inside the handler of a call. */
int loop_wait(brood_t *b, int64_t until);
/* One step of a worker in the thread that drives it, inside a handler or between steps: calls are left for later. */
void loop_attend(brood_t *worker, int64_t until);
/* Handlers run between these two: waiting functions refuse, answers of this thread are batched. */
uintptr_t loop_enter(brood_t *b);
void loop_leave(brood_t *b, uintptr_t before);
bool loop_is_driver(const brood_t *b);
/* A stable, non-zero name of the calling thread. */
uintptr_t loop_this_thread(void);
/* Is this the thread that drives it, inside a step or between two? */
bool loop_is_home(const brood_t *b);
bool loop_is_busy(const brood_t *b);
void loop_watch(brood_t *b);
void loop_unwatch_locked(brood_t *b);
void loop_want_out_locked(brood_t *b);

#endif
