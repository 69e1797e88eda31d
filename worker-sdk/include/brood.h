/*
 * brood.h - the brood SDK: write a worker, or a client of one.
 *
 * A worker is a program that the brood supervisor starts and hands an inherited channel. A client is any
 * program that connects to one of brood's endpoints. Both hold one handle, brood_t. This header is the
 * whole public API; it needs only libc, compiles as C99, C11 and C++, and defines brood_* and BROOD_*.
 *
 * Results      0 or more is success, below is -errno. brood_error() gives the sentence that goes with it.
 * Sizes        bytes. Times: milliseconds, int; -1 means "no limit" where a function says so.
 * Ownership    what a function takes by const pointer it copies, or no longer needs when it returns. What it
 *              returns by const pointer stays valid as long as the object that it was asked of.
 * Threads      a handle belongs to one thread at a time. Exceptions, callable from any thread at any time:
 *              brood_reply*(), brood_request_*(), brood_recv(), brood_send*() and brood_stop() (also from a
 *              signal handler).
 * Signals      none are raised: a peer that is gone is -EPIPE or -ECONNRESET, never SIGPIPE.
 * Descriptors  all that the SDK opens or inherits are close-on-exec.
 *
 * Version 0.x: the ABI may change with the minor number.
 */
#ifndef BROOD_H
#define BROOD_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BROOD_VERSION "0.1.0"

#if defined(__GNUC__)
#define BROOD_API          __attribute__((visibility("default")))
#define BROOD_MUST_USE     __attribute__((warn_unused_result))
#define BROOD_LIKE_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define BROOD_API
#define BROOD_MUST_USE
#define BROOD_LIKE_PRINTF(f, a)
#endif

/* One connection: a worker's channel, or a client's connection to an endpoint. */
typedef struct brood brood_t;
/* One call that a worker has received and not yet answered. */
typedef struct brood_request brood_request_t;

/* ------------------------------------------------------------------ answers */

/* How a call ended: the canonical status codes of gRPC. */
enum brood_code {
	BROOD_OK = 0,
	BROOD_CANCELLED = 1,
	BROOD_UNKNOWN = 2,
	BROOD_INVALID_ARGUMENT = 3,
	BROOD_DEADLINE_EXCEEDED = 4,
	BROOD_NOT_FOUND = 5,
	BROOD_ALREADY_EXISTS = 6,
	BROOD_PERMISSION_DENIED = 7,
	BROOD_RESOURCE_EXHAUSTED = 8,
	BROOD_FAILED_PRECONDITION = 9,
	BROOD_ABORTED = 10,
	BROOD_OUT_OF_RANGE = 11,
	BROOD_UNIMPLEMENTED = 12,
	BROOD_INTERNAL = 13,
	BROOD_UNAVAILABLE = 14,
	BROOD_DATA_LOSS = 15,
	BROOD_UNAUTHENTICATED = 16
};

/* Why brood itself answered instead of the worker; 0: the answer is the worker's own. */
enum brood_reason {
	BROOD_REASON_NONE = 0,
	BROOD_REASON_CANCELLED = 1,
	BROOD_REASON_DEADLINE = 2,
	BROOD_REASON_NO_POOL = 3,
	BROOD_REASON_DENIED = 4,
	BROOD_REASON_TOO_LARGE = 5,
	BROOD_REASON_OVERLOADED = 6,
	BROOD_REASON_UNSUPPORTED = 7,
	BROOD_REASON_INVALID = 8,
	BROOD_REASON_PROTOCOL = 9,
	BROOD_REASON_INTERNAL = 10,
	BROOD_REASON_QUARANTINED = 11,
	BROOD_REASON_FD_LOST = 12,
	BROOD_REASON_FD_REFUSED = 13,
	BROOD_REASON_DRAINING = 14,
	BROOD_REASON_NO_WORKER = 15,
	BROOD_REASON_WORKER_CRASHED = 16,
	BROOD_REASON_VERSION = 17,
	BROOD_REASON_UNAUTHENTICATED = 18,
	BROOD_REASON_CONNECTION_LOST = 19 /* said by the SDK itself: no answer came */
};

/* "OK", "UNAVAILABLE", ...; "?" if unknown. */
BROOD_API const char *brood_code_name(unsigned code);
/* "WORKER_CRASHED", ...; "NONE" for 0, "?" if unknown. */
BROOD_API const char *brood_reason_name(unsigned reason);

/* One entry of metadata. Keys are any bytes but must not begin with ':'; values are any bytes. */
struct brood_meta {
	const char *key;
	size_t key_size;
	const void *value;
	size_t value_size;
};

/* An entry made of two strings, which must live as long as it is used. */
static inline struct brood_meta brood_meta_text(const char *key, const char *value)
{
	struct brood_meta m;

	m.key = key;
	m.key_size = strlen(key);
	m.value = value;
	m.value_size = strlen(value);
	return m;
}

/* What a client gets for a call. Free it with brood_answer_free(). */
struct brood_answer {
	unsigned code;     /* enum brood_code */
	unsigned reason;   /* enum brood_reason */
	int not_processed; /* 1: no worker has seen the call, so repeating it is safe */
	const char *text;  /* one sentence if code is not BROOD_OK, else ""; ends with NUL */
	const void *body;
	size_t body_size;
	const struct brood_meta *meta;
	size_t meta_count;
	size_t fd_count; /* descriptors that came with it: brood_answer_take_fd() */
	void *fds;       /* the SDK's own */
	void *memory;    /* likewise */
};

/* First value with this key, NULL if there is none. */
BROOD_API const void *brood_answer_find(const struct brood_answer *answer, const char *key,
					size_t *size_out);
/*
 * Takes descriptor `index` of the answer: it is close-on-exec and yours to close. -ENOENT: there is none with this
 * number, or it was taken before. A client gets some only if it asked for them (brood_client_options.fds).
 */
BROOD_API BROOD_MUST_USE int brood_answer_take_fd(const struct brood_answer *answer, size_t index);
/* Frees what the answer holds, closes those of its descriptors that nobody took, and zeroes it. All-zero is allowed. */
BROOD_API void brood_answer_free(struct brood_answer *answer);

/* Who called, as the kernel told brood at the moment when the caller connected. */
struct brood_peer {
	uint32_t uid; /* UINT32_MAX: not known */
	uint32_t gid; /* UINT32_MAX: not known */
	uint32_t pid;        /* for people to read; never decide by it */
	uint64_t connection; /* number of the connection, never used twice by one supervisor */
};

/* ------------------------------------------------------------------- worker */

/*
 * Called for each call. It answers by one of the brood_reply functions: at once, or later, also from another thread. A
 * request that is never answered keeps its slot until brood restarts the worker. An answer is written at once. Only
 * while further calls that came together with this one wait for their handlers, and for at most 100 µs since the last
 * writing, answers are held back to be written together: a crash in a handler can take these along, and brood then
 * treats their calls as not answered. Calls of clients whose connections brood has handed to this worker (dispatch =
 * connection) come here too, no more at once than its slots; all that is said of requests and replies holds for them.
 */
typedef void (*brood_handler)(brood_request_t *request, void *user);
/* Called for each one-way message. The bytes are valid until it returns. */
typedef void (*brood_notify_handler)(uint32_t topic, const void *body, size_t size, void *user);

/* All-zero, or NULL where a function takes a pointer to it, is the default. */
struct brood_worker_options {
	int slots;                      /* calls accepted at once, 1..126; 0: 1 */
	brood_notify_handler on_notify; /* NULL: one-way messages are dropped */
	const char *expect_user;        /* name or number of a user that may supervise, beside root and own */
	uint32_t max_message;           /* largest request, bytes; 0: 64 MiB */
	int fds; /* most descriptors that a request may bring, 0..16; one with more is answered FD_REFUSED */
};

/*
 * The whole life of a worker in one call, for main(): opens the inherited channel, serves calls until brood asks the
 * worker to end (or SIGTERM comes, where its disposition is the default one), finishes what it has begun, and closes.
 * Returns the exit status for main(): 0, 78 if this SDK and the supervisor have no common version, 1 after any other
 * failure; a failure is explained on stderr. What main() does then has stop_timeout: the SIGTERM that follows brood's
 * request does not end it, a second one does.
 */
BROOD_API BROOD_MUST_USE int brood_serve(brood_handler handler, void *user,
					 const struct brood_worker_options *options);

/*
 * Opens the inherited channel and checks who made it, for use with brood_run() or in a loop of one's own.
 * handler may be NULL for a worker that takes no calls; it counts as ready at once. To be called before other
 * threads are started: it takes brood's variables out of the environment (unsetenv(3)), so that programs that
 * the worker starts do not take them for theirs.
 * -ENOTCONN: not started by brood, the program may go on alone · -EPERM: the channel is not our
 * parent's · -EPROTONOSUPPORT: no common version, exit with 78 · -ETIMEDOUT, -EPROTO, -ENOMEM, -EMFILE.
 */
BROOD_API BROOD_MUST_USE int brood_worker_open(brood_t **worker_out, brood_handler handler, void *user,
					       const struct brood_worker_options *options);

/* How many calls are accepted at once, from now on, 0..126. 0: drain; what is in hand is still answered. */
BROOD_API int brood_slots(brood_t *worker, int slots);
/* One line for people, shown by `brood status`; at most 200 bytes are kept. */
BROOD_API int brood_status(brood_t *worker, const char *text);
/* What the other side told about itself or about us: "name", "instance", "generation", ... NULL: nothing. */
BROOD_API const char *brood_info(const brood_t *b, const char *key);

/*
 * Descriptors that outlive this process: with `fd_store` in its section a worker can park open files with brood, under
 * a name. Its next process gets them back, also after kill -9: listening sockets, a memfd with its state, connections.
 * They belong to the instance (thumbs/2 gets what thumbs/2 has parked), not to the pool; with update = overlap both
 * generations share them. fd_store_keep says what they survive beside a death. brood never looks into them.
 *
 * name        ASCII without ':' and control characters, at most 255 bytes; NULL: "stored". Several may have the same.
 * timeout     ms to wait for brood's word; -1: no limit. It may be waited for in the handler of a call and between
 *             steps, where what comes for the worker is taken (calls wait for the next brood_process()), and in any
 *             other thread while somebody drives the worker.
 * -EOPNOTSUPP fd_store is 0, channel = pipes, or an old brood · -EINVAL: not a name, not a worker, not 1..16
 *             descriptors · -EMFILE: at a limit of open files, on either side · -ETIMEDOUT: no word yet, it may still
 *             come to pass · -EDEADLK: in another callback than a handler · -ENOTCONN: the channel is closed · -ENOMEM.
 */
struct brood_stored {
	int fd; /* close-on-exec, and yours to close */
	char name[256];
};
/*
 * Parks duplicates of `count` (1..16) descriptors: all or none; yours stay yours. One that is parked already (the same
 * open file, whatever its number) stays as it is. How many the instance has parked now; -ENOSPC: more than fd_store.
 */
BROOD_API BROOD_MUST_USE int brood_worker_store(brood_t *worker, const char *name, const int *fds, size_t count,
						int timeout);
/*
 * Duplicates of what is parked under the name (NULL: all), in the order in which it was parked; it stays parked. How
 * many there are: of those beyond `most` none is given.
 */
BROOD_API BROOD_MUST_USE int brood_worker_fetch(brood_t *worker, const char *name, struct brood_stored *out,
						size_t most, int timeout);
/* brood closes what is parked under the name. How many these were. */
BROOD_API int brood_worker_unstore(brood_t *worker, const char *name, int timeout);

/* Request: all callable from any thread until the request is answered. */
BROOD_API const void *brood_request_body(const brood_request_t *request, size_t *size_out);
BROOD_API const char *brood_request_method(const brood_request_t *request); /* "" if none was named */
BROOD_API uint32_t brood_request_method_number(const brood_request_t *request);
/* First value with this key, NULL if there is none. */
BROOD_API const void *brood_request_find(const brood_request_t *request, const char *key,
					 size_t *size_out);
/* Entry `index` of the metadata; 0, or -ENOENT behind the last one. */
BROOD_API BROOD_MUST_USE int brood_request_meta(const brood_request_t *request, size_t index,
						struct brood_meta *meta_out);
/* How many descriptors came with it: none, unless brood_worker_options.fds asked for them. */
BROOD_API size_t brood_request_fds(const brood_request_t *request);
/*
 * Takes descriptor `index`: it is close-on-exec and yours to close. -ENOENT: there is none with this number, or it was
 * taken before. What is not taken is closed when the request is answered. It is whatever the caller chose to pass: it
 * may be a file that shrinks under you, a FIFO that blocks, a directory, and it shares its offset and O_NONBLOCK with
 * the caller. Look (fstat, fcntl) before you trust it.
 */
BROOD_API BROOD_MUST_USE int brood_request_take_fd(brood_request_t *request, size_t index);
/* The worker that holds it: for brood_status() and its like, in the thread that drives the worker. */
BROOD_API brood_t *brood_request_worker(const brood_request_t *request);
BROOD_API void brood_request_peer(const brood_request_t *request, struct brood_peer *peer_out);
/* Time until the caller stops waiting; -1: no deadline, 0: passed. */
BROOD_API int brood_request_time_left(const brood_request_t *request);
/*
 * 1, 2, ...: which attempt this is. Above 1 (the wire says REDELIVERED) another worker died that may have begun this
 * call: only one that its caller called idempotent, unless the pool has redeliver = always.
 */
BROOD_API unsigned brood_request_attempt(const brood_request_t *request);
/* The key that the caller gave it (struct brood_call_options); 0: none. */
BROOD_API uint64_t brood_request_key(const brood_request_t *request);
/*
 * 1 once the caller has cancelled, is gone, or its deadline has passed. An answer is still due. Makes no system
 * call: that the caller has cancelled is heard by the thread that drives the worker, so a handler that works in
 * that same thread sees its deadline pass, but nothing else. Long work that wants to know belongs into another.
 */
BROOD_API int brood_request_is_cancelled(const brood_request_t *request);

/* A full answer. All-zero is an empty success. */
struct brood_reply_options {
	unsigned code;    /* enum brood_code */
	const char *text; /* what went wrong, for code other than BROOD_OK; may be NULL */
	const void *body;
	size_t body_size;
	const struct brood_meta *meta;
	size_t meta_count;
	const int *fds;   /* descriptors to pass along, at most 16: the SDK sends duplicates, these stay yours */
	size_t fd_count;
	int no_message; /* 1: no body, not even an empty one: behind brood_send(). An error without a body has none */
};

/*
 * Answer a request, exactly once, from any thread. The body may be the request's own. The request is freed in
 * every case, also on failure:
 * -EMSGSIZE: longer than the other side takes; it was answered with TOO_LARGE instead · -EINVAL: a code
 * above 16, a key that is empty or begins with ':', or over 16 KiB of text and metadata (4 bytes an entry
 * included), over 16 descriptors; answered with INTERNAL · -EOPNOTSUPP: descriptors, and this connection passes none;
 * answered with FD_REFUSED · -EBADF, -EMFILE: they cannot be duplicated; answered with INTERNAL · -EPIPE: the
 * connection is lost · -ENOMEM: answered with INTERNAL, or the connection is lost. Of the text of
 * brood_reply_error() at most 1023 bytes are kept.
 */
BROOD_API int brood_reply(brood_request_t *request, const void *body, size_t size);
BROOD_API int brood_reply_error(brood_request_t *request, unsigned code, const char *format, ...)
	BROOD_LIKE_PRINTF(3, 4);
BROOD_API int brood_reply_full(brood_request_t *request, const struct brood_reply_options *reply);

/*
 * Calls of several messages. Any request may be answered with any number of messages: brood_send() for each, and
 * a brood_reply function that ends the answer, where brood_reply() itself carries one more. And a request may bring any
 * number of messages: a handler that calls brood_recv() until it returns 0 serves them and the usual call alike.
 *
 * timeout     ms; 0: does not wait, -1: waits until the call is over. In the handler of a call, waiting drives the
 *             worker: what comes of this call is taken, other calls are handed over when the handler returns. In
 *             other threads waiting just sleeps. Inside other callbacks waiting is refused (-EDEADLK).
 * -EAGAIN     not within that time. Who does not wait hears of the next chance by brood_on_ready().
 * -ECANCELED  cancelled, caller gone, deadline passed or connection lost. An answer is still due.
 * What the caller does not take waits here: a window (1 MiB) in each process on the way, and up to 256 KiB, or one
 * larger message, here. A request must not be used by two threads at a time in these functions.
 */

/*
 * The next message, the first one (brood_request_body()) included. 1: there is one, valid until the next brood_recv()
 * of this request, or its answer. 0: there are no more. -EAGAIN, -ECANCELED, -EDEADLK: see above · -EMSGSIZE:
 * larger than max_message of this worker · -ENOMEM: it is lost; after these two nothing more comes.
 */
BROOD_API BROOD_MUST_USE int brood_recv(brood_request_t *request, const void **body_out, size_t *size_out,
					int timeout);
/*
 * One message of the answer; copied. 0 · -EAGAIN, -ECANCELED, -EDEADLK: see above, nothing was sent · -EMSGSIZE:
 * longer than the other side takes · -EPIPE: the connection is lost · -ENOMEM · -EOPNOTSUPP: this brood is too old.
 */
BROOD_API BROOD_MUST_USE int brood_send(brood_request_t *request, const void *body, size_t size, int timeout);
/* Initial metadata, ahead of all messages. Never waits. -EALREADY: twice, or too late · -EINVAL, -EPIPE, -ENOMEM,
 * -EOPNOTSUPP. What comes last goes with brood_reply_full(). */
BROOD_API int brood_send_headers(brood_request_t *request, const struct brood_meta *meta, size_t meta_count);
/* Like brood_reply(), but without one more message: the answer ends with what was sent. */
BROOD_API int brood_reply_end(brood_request_t *request);
/*
 * For handlers that return and go on later: calls `ready`, from brood_process() or brood_run(), whenever there may be
 * something to do: a message or the end came, the call is over, or there is room after -EAGAIN of brood_send(); once
 * soon after this call, too. ready NULL: not any more. The request is then to be answered in the thread that drives
 * the worker. 0 or -ENOMEM.
 */
BROOD_API int brood_on_ready(brood_request_t *request, brood_handler ready, void *user);

/* ------------------------------------------------------------------- client */

/* All-zero, or NULL where a function takes a pointer to it, is the default. */
struct brood_client_options {
	int timeout;             /* for connecting and the handshake; 0: 5000, -1: none */
	int retry;               /* keep trying so long while nobody listens yet; 0: fail at once */
	const char *expect_user; /* name or number of the user that may serve, beside root and own */
	uint32_t max_message;    /* largest reply, bytes; 0: 64 MiB */
	int no_reconnect;        /* 1: a lost connection stays lost */
	brood_notify_handler on_notify;
	/* makes the connection instead of the SDK: returns a connected descriptor (taken), or -errno */
	int (*connect)(const char *address, void *user);
	void *user; /* for on_notify and connect */
	int fds;    /* most descriptors that an answer may bring, 0..16; one with more becomes FD_REFUSED */
	/*
	 * Requests and answers of so many bytes or more go through memory that is shared with the worker, where brood
	 * and the worker can do that: up to 64 MiB of it are kept for further calls. 0: 256 KiB, SIZE_MAX: never.
	 */
	size_t share_from;
};

/*
 * Connects to an endpoint: "unix:PATH" ("/path" and "./path" need no prefix), or "fd:N" (a connected socket,
 * taken). Before a byte is sent, the server is checked: it must run as root, as our own user or as
 * expect_user, and nobody else may be able to replace its name. A lost connection is made again by the next
 * call.
 * -ENOENT, -ECONNREFUSED: nobody there · -EPERM: somebody else's server · -EPROTONOSUPPORT: no common
 * version · -EBUSY: as many connections are open as the server allows; brood_error() names the limit ·
 * -ETIMEDOUT, -EPROTO, -EACCES, -EINVAL, -ENOMEM, -EMFILE.
 */
BROOD_API BROOD_MUST_USE int brood_connect(brood_t **client_out, const char *address,
					   const struct brood_client_options *options);

/*
 * Worker to worker: a client of another pool, which this worker's section names in `calls`. It is a client like those
 * of brood_connect(), with options (but connect and expect_user, which mean nothing here), ownership and threads as
 * there, and a brood_close() of its own; the pool sees this process as its caller. With calls = NAME its calls go
 * through brood. With NAME:direct they go over a connection to one of the instances; if that ends, the next call gets
 * a connection to another one. What was open on the old one fails with BROOD_REASON_CONNECTION_LOST, and not_processed
 * says whether it may have run.
 *
 * It may be made and used in any thread, in one at a time; call_connections of the section limits how many there are.
 * In the thread that drives the worker, in a handler or between steps, waiting for the client (brood_call() and its
 * like) takes what comes for the worker, too: CANCEL is heard and PING answered, while calls wait, in order, until the
 * handler has returned, or for the next brood_process(). In other threads, making it, or making its connection again,
 * needs somebody who drives the worker meanwhile. While the worker drains its clients go on working: close them when
 * brood_run() has returned. The worker may be closed first; then a lost connection stays lost.
 *
 * Waits up to options->timeout (0: 5000) for the connection; a call that has to make it again waits up to its deadline.
 * -EACCES: not in `calls`, brood_error() names section and line · -ENOENT: no such worker · -EBUSY: call_connections is
 * reached · -ETIMEDOUT: no instance took the connection in time · -ENOTCONN: the worker's channel is closed · -EDEADLK:
 * inside another callback of the worker than a handler · -EOPNOTSUPP: an old brood, or channel = pipes · -EINVAL: not
 * the handle of a worker, or no name · -ECONNRESET: the pool is stopping or cannot run · -EPROTO, -ENOMEM, -EMFILE.
 */
BROOD_API BROOD_MUST_USE int brood_connect_pool(brood_t **client_out, brood_t *worker, const char *pool,
						const struct brood_client_options *options);

/* All-zero, or NULL where a function takes a pointer to it, is the default. */
struct brood_call_options {
	int timeout;            /* the call's deadline; 0: the pool's call_timeout, -1: the same */
	uint32_t method_number; /* instead of a name */
	int idempotent;         /* 1: running it twice does no harm, brood may try again */
	uint64_t order;         /* not 0: calls with the same go to the same instance, in order, until it goes */
	/* your own name for this request where not 0, the same when you repeat it: brood then counts by it, and not
	 * by method and body, how many workers it has killed */
	uint64_t key;
	const struct brood_meta *meta;
	size_t meta_count;
	const int *fds; /* descriptors to pass along, at most 16: the SDK sends duplicates, these stay yours */
	size_t fd_count;
	/*
	 * A request in hand, for which this call is made: its deadline is that of this call, too, where it is sooner.
	 * And where it is cancelled while brood_call() waits, the call is, too, and ends at once as BROOD_CANCELLED.
	 */
	const brood_request_t *within;
};

/*
 * One call, waiting for its answer. 0: there is an answer, look at its code. -errno: there is none; the answer's
 * code is never BROOD_OK then, and text and not_processed say what is known: -ECONNRESET the connection was lost ·
 * -EMSGSIZE longer than the server takes · -EINVAL bad metadata, over 16 descriptors · -EOPNOTSUPP descriptors, and
 * the pool takes none · -EBADF, -EMFILE they cannot be duplicated · -ENOMEM. In every case free the answer.
 * method may be NULL or "".
 */
BROOD_API BROOD_MUST_USE int brood_call(brood_t *client, const char *method, const void *body,
					size_t size, const struct brood_call_options *options,
					struct brood_answer *answer_out);

/* Called from brood_process() or brood_run() with the answer; the answer is freed when it returns. */
typedef void (*brood_answer_handler)(uint32_t id, const struct brood_answer *answer, void *user);

/*
 * The same without waiting; id_out (may be NULL) names it for brood_cancel(). The handler is called exactly
 * once for each call that was started, also when the connection is lost (BROOD_REASON_CONNECTION_LOST). Where
 * the connection has to be made again, this waits for it as brood_connect() does; inside a handler it does
 * not, and fails with -ECONNRESET.
 * -EAGAIN: as many calls are open as the server allows; go on when one has ended.
 */
BROOD_API BROOD_MUST_USE int brood_call_start(brood_t *client, const char *method, const void *body,
					      size_t size, const struct brood_call_options *options,
					      brood_answer_handler handler, void *user,
					      uint32_t *id_out);
/*
 * The caller lost interest. The handler is still called, as a rule with BROOD_CANCELLED; at once, inside this
 * function, if nothing of the call had been sent yet. -ENOENT: not open.
 */
BROOD_API int brood_cancel(brood_t *client, uint32_t id);
/* How many calls may be started now (1 where the connection is lost and would be made again), and how many are open. */
BROOD_API int brood_calls_allowed(const brood_t *client);
BROOD_API int brood_calls_open(const brood_t *client);

/*
 * A call of several messages, from the side of the caller. It counts as one open call until it is over; its
 * deadline is that of the whole. Belongs to the thread of its client. timeout, -EAGAIN and -EDEADLK as of brood_recv();
 * waiting drives the client. Once the call is over, what has come may still be received, also when the client is
 * closed.
 */
typedef struct brood_stream brood_stream_t;
/* Called from brood_process() or brood_run(); it may free the stream. */
typedef void (*brood_stream_handler)(brood_stream_t *stream, void *user);

/* A call whose request is one message, and whose answer is a stream. As brood_call_start(); -EOPNOTSUPP: old brood. */
BROOD_API BROOD_MUST_USE int brood_stream_call(brood_t *client, const char *method, const void *body, size_t size,
					       const struct brood_call_options *options,
					       brood_stream_t **stream_out);
/* A call whose request is a stream, too. It reaches a worker before its first message. */
BROOD_API BROOD_MUST_USE int brood_stream_open(brood_t *client, const char *method,
					       const struct brood_call_options *options,
					       brood_stream_t **stream_out);
/* One message of the request; copied. -ECANCELED: the call is over · -EINVAL: behind its end; else as brood_send(). */
BROOD_API BROOD_MUST_USE int brood_stream_send(brood_stream_t *stream, const void *body, size_t size, int timeout);
/* The request is complete; never waits. 0, also if it was · -ECANCELED, -EPIPE, -ENOMEM. */
BROOD_API int brood_stream_end(brood_stream_t *stream);
/*
 * The next message of the answer. 1: there is one, valid until the next brood_stream_recv() of this stream. 0: there
 * are no more, and brood_stream_answer() says how the call ended. -EAGAIN, -EDEADLK.
 */
BROOD_API BROOD_MUST_USE int brood_stream_recv(brood_stream_t *stream, const void **body_out, size_t *size_out,
					       int timeout);
/* Initial metadata, none if count is 0; valid as long as the stream. -EAGAIN: not known yet · -EDEADLK. */
BROOD_API BROOD_MUST_USE int brood_stream_headers(brood_stream_t *stream, const struct brood_meta **meta_out,
						  size_t *count_out, int timeout);
/* How the call ended, with its last metadata and no body; valid as long as the stream. NULL: it is not over. */
BROOD_API const struct brood_answer *brood_stream_answer(const brood_stream_t *stream);
/* The caller lost interest: the stream ends, as a rule with BROOD_CANCELLED. -ENOENT: it is over. */
BROOD_API int brood_stream_cancel(brood_stream_t *stream);
/* As brood_on_ready(). */
BROOD_API void brood_stream_on_ready(brood_stream_t *stream, brood_stream_handler ready, void *user);
/* Cancels it where it is not over, and frees it and what was received. NULL is allowed. */
BROOD_API void brood_stream_free(brood_stream_t *stream);

/* --------------------------------------------------------------------- both */

/*
 * One-way message. From a client: to one instance of the endpoint's pool; from a worker: to brood, which
 * logs it. Nobody answers; brood_flush(BROOD_FLUSH_PROCESSED) tells that it was handed over. A lost connection
 * is not made again for it. -EMSGSIZE: it must fit one frame (256 KiB by default) · -ECONNRESET, -EPIPE.
 */
BROOD_API int brood_notify(brood_t *b, uint32_t topic, const void *body, size_t size);

enum brood_flush_level {
	BROOD_FLUSH_SENT = 1,  /* the SDK's own queue is empty */
	BROOD_FLUSH_READ,      /* the peer has read every byte; works with any peer */
	BROOD_FLUSH_PROCESSED  /* everything sent before was handed to the application at the other end */
};
/* Waits; 0, or -ETIMEDOUT (brood_error() tells how many bytes are left), -ECONNRESET. timeout -1: none. */
BROOD_API int brood_flush(brood_t *b, enum brood_flush_level level, int timeout);
/* Asks the other side for a sign of life and waits for it; 0, -ETIMEDOUT, -ECONNRESET. */
BROOD_API int brood_ping(brood_t *b, int timeout);

/*
 * In a loop of one's own: wait until brood_fd() has brood_events() (poll's bits), or brood_timeout() ms have
 * passed (-1: none); then brood_process() once. All three may change with every call of the API.
 */
BROOD_API int brood_fd(brood_t *b);
BROOD_API short brood_events(const brood_t *b);
BROOD_API int brood_timeout(const brood_t *b);
/*
 * One step that never blocks: reads what came, calls handlers, writes what waits. 0: go on. 1: ended in
 * order (a worker that was asked to end has answered all; brood_stop()). -errno: connection lost.
 * Handlers may call anything but brood_process(), brood_run(), brood_call(), brood_flush() and brood_ping() for
 * the same handle (-EDEADLK), nor brood_close(), which does nothing there.
 */
BROOD_API int brood_process(brood_t *b);
/* The same as a loop, until the end: 0 or -errno. */
BROOD_API int brood_run(brood_t *b);
/* Makes brood_run() return as soon as what is in hand is answered. From any thread or signal handler. */
BROOD_API void brood_stop(brood_t *b);

/* Largest body that the other side takes, bytes. */
BROOD_API uint32_t brood_max_message(const brood_t *b);
/* Who is at the other end: the supervisor, or whoever serves the endpoint. uid UINT32_MAX: not known. */
BROOD_API void brood_peer_of(const brood_t *b, struct brood_peer *peer_out);
/* The sentence that goes with the last failure in this thread; "" if there was none. */
BROOD_API const char *brood_error(void);
/* "0.1.0": of the library, to compare with BROOD_VERSION. */
BROOD_API const char *brood_version(void);
/*
 * Closes and frees. Calls that are still open end with -ECONNRESET; requests in hand may still be replied to,
 * to no effect. NULL is allowed.
 */
BROOD_API void brood_close(brood_t *b);

#ifdef __cplusplus
}
#endif

#endif
