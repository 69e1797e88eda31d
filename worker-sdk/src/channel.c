/*
 * channel: bytes between a handle and its descriptors.
 *
 * Reads as much as is there into one buffer and handles every frame in it; writes what waits with as few
 * system calls as possible. Short reads and writes, EINTR and EAGAIN end here.
 */
#include "callee.h"
#include "conn.h"
#include "exchange.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "fds.h"
#include "fdsend.h"

enum {
	READS_MOST = 16,      /* one step reads this many buffers, then lets others work */
	VECTOR_MOST = 64,
	SHORTAGE_MS = 1,
	OWED_MOST = 1 << 20,  /* twice as many bytes of answers may wait for a peer that does not read them */
	BORROW_LEAST = 16 << 10, /* bytes of a body whose copy takes longer than a system call of its own */
	BATCH_US = 100,       /* no answer is held back for company once a step has taken so long */
	BATCH_UNLOOKED = 7,   /* quick ones that may come between two looks at the clock */
};

static ssize_t receive(brood_t *b)
{
	ssize_t n;

	do {
		if (b->takes_fds)
			n = fd_queue_receive(&b->arrived, b->in, b->buffer, READ_SIZE, NULL);
		else if (b->is_socket) /* not recvmsg: descriptors that nobody asked for are destroyed by the kernel */
			n = recv(b->in, b->buffer, READ_SIZE, MSG_DONTWAIT);
		else
			n = read(b->in, b->buffer, READ_SIZE);
		if (n < 0 && !b->takes_fds)
			n = -errno;
	} while (n == -EINTR);
	return n;
}

/* Writes to a pipe whose reader may be gone: SIGPIPE is held back and swallowed. */
static ssize_t write_pipe(int fd, const struct iovec *vector, int entries)
{
	static const struct timespec at_once;
	sigset_t pipe;
	sigset_t before;
	sigset_t pending;
	bool was_pending;
	ssize_t n;
	int saved;

	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	sigpending(&pending);
	was_pending = sigismember(&pending, SIGPIPE) == 1;
	pthread_sigmask(SIG_BLOCK, &pipe, &before);
	n = writev(fd, vector, entries);
	saved = errno;
	if (n < 0 && saved == EPIPE && !was_pending) {
		while (sigtimedwait(&pipe, NULL, &at_once) < 0 && errno == EINTR)
			;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = saved;
	return n;
}

static ssize_t transmit(brood_t *b, struct iovec vector[VECTOR_MOST])
{
	ssize_t n;

	if (b->is_socket)
		return fd_send(&b->outbox, b->out, vector, VECTOR_MOST);
	do {
		n = write_pipe(b->out, vector, (int)outbox_vector(&b->outbox, vector, VECTOR_MOST));
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

/* The system has no memory to send with. That is not the peer's fault, and it passes: a moment's rest, then again. */
static bool is_shortage(ssize_t result)
{
	if (result != -ENOBUFS && result != -ENOMEM)
		return false;
	(void)poll(NULL, 0, SHORTAGE_MS);
	return true;
}

void channel_flush_locked(brood_t *b)
{
	struct iovec vector[VECTOR_MOST];

	b->is_clogged = false;
	while (!b->write_lost && outbox_bytes(&b->outbox) > 0) {
		ssize_t n = transmit(b, vector);

		b->is_clogged = n == -EAGAIN;
		if (n == -EAGAIN || is_shortage(n))
			break;
		if (n < 0) {
			/* what the peer sent before it went is still read; the end is noticed there */
			b->write_lost = true;
			break;
		}
		outbox_sent(&b->outbox, (size_t)n);
		flow_pump(&b->flows);
	}
	if (b->flows.broken)
		b->write_lost = b->starved = true;
	if (b->senders_waiting > 0)
		exchange_wake_senders_locked(b);
	loop_want_out_locked(b);
}

void channel_flush(brood_t *b)
{
	pthread_mutex_lock(&b->lock);
	channel_flush_locked(b);
	pthread_mutex_unlock(&b->lock);
}

/*
 * Have answers been held back for long enough? To read the clock takes as long as a quarter of all else that is done
 * for a small one. So where they come quickly each eighth looks at it, and the others at the kernel's last tick, which
 * is next to free: of one that takes long all of a sudden it tells within some ms.
 */
static bool batch_is_due(brood_t *b)
{
	int64_t tick = about_now_ms();
	int64_t now;

	if (b->batch_unlooked > 0 && tick == b->batch_tick) {
		b->batch_unlooked--;
		return false;
	}
	now = now_us();
	b->batch_unlooked = now - b->batch_looked < BATCH_US / 8 ? BATCH_UNLOOKED : 0;
	b->batch_looked = now;
	b->batch_tick = tick;
	return now - b->batch_since > BATCH_US;
}

static void begin_batch(brood_t *b)
{
	b->heard_at = b->batch_since = b->batch_looked = now_us();
	b->batch_tick = about_now_ms();
	b->batch_unlooked = 0;
}

void channel_settle_locked(brood_t *b)
{
	bool is_driver = loop_is_driver(b);

	if (is_driver && b->is_clogged)
		return; /* the end of the step tries again */
	/* frames that were read with this one may bring company; without them, what is said is said now, so that a
	 * handler may answer and end the process */
	if (is_driver && b->decoder.input_size > 0) {
		if (batch_is_due(b)) {
			channel_flush_locked(b);
			b->batch_since = b->batch_looked;
		}
		return;
	}
	channel_flush_locked(b);
	if (outbox_bytes(&b->outbox) > 0 && !is_driver)
		channel_wake(b); /* the thread that waits must also wait for room */
}

/* May this body be written from where it lies? */
static bool may_borrow(const brood_t *b, const struct frame *f)
{
	return f->body_size >= BORROW_LEAST && !b->is_clogged && !b->flows.first && frame_cost(f) == 0 &&
	       frame_size(f) <= b->flows.max_frame;
}

static bool send_borrowed(brood_t *b, const struct frame *f)
{
	if (!outbox_frame_without_body(&b->outbox, f) ||
	    !outbox_lend(&b->outbox, f->body, f->body_size, NULL, NULL))
		return false;
	channel_flush_locked(b);
	return outbox_keep_last(&b->outbox);
}

int channel_send_message_locked(brood_t *b, const struct frame *f)
{
	if (b->write_lost)
		return fail(-EPIPE, "the connection is lost");
	debug_frame(b, true, f);
	if (!(may_borrow(b, f) ? send_borrowed(b, f) : flow_send(&b->flows, f, NULL, NULL))) {
		b->write_lost = b->starved = true;
		return fail(-ENOMEM, "no memory for a frame of %u bytes", f->body_size);
	}
	return 0;
}

int channel_send_locked(brood_t *b, const struct frame *f)
{
	if (b->write_lost)
		return fail(-EPIPE, "the connection is lost");
	debug_frame(b, true, f);
	if (!outbox_frame(&b->outbox, f)) {
		b->write_lost = b->starved = true;
		return fail(-ENOMEM, "no memory for a frame");
	}
	return 0;
}

int channel_send(brood_t *b, const struct frame *f)
{
	int rc;

	pthread_mutex_lock(&b->lock);
	rc = channel_send_locked(b, f);
	if (rc == 0)
		channel_settle_locked(b);
	pthread_mutex_unlock(&b->lock);
	return rc;
}

int channel_answer(brood_t *b, const struct frame *f)
{
	bool is_too_much;

	pthread_mutex_lock(&b->lock);
	if (b->outbox.sent >= b->owed_from) {
		b->owed = 0;
		b->owed_from = b->outbox.added;
	}
	b->owed += frame_size(f);
	is_too_much = b->owed > OWED_MOST;
	if (channel_send_locked(b, f) == 0)
		channel_settle_locked(b);
	pthread_mutex_unlock(&b->lock);
	return is_too_much ? session_protocol_error(b, "it asks more than it reads") : 0;
}

/* One frame, of which only the header is known where it is too large. */
static int take(brood_t *b, struct frame *f, int (*session)(brood_t *b, const struct frame *f))
{
	int rc = f->nfds > 0 ? descriptor_claim(b, f) : 0;

	if (rc == 0)
		rc = session(b, f);
	fds_unref(f->fds);
	return rc;
}

/* Handles the frames in what was read: all, or up to the handshake, which is answered before anything else. */
static int digest(brood_t *b)
{
	bool greets = b->stage == STAGE_HANDSHAKE;
	struct frame f;

	while (!greets || b->stage == STAGE_HANDSHAKE) {
		int rc = 0;

		switch (frame_next(&b->decoder, &f)) {
		case FRAME_OK:
			debug_frame(b, false, &f);
			rc = take(b, &f, session_frame);
			break;
		case FRAME_TOO_LARGE:
			rc = take(b, &f, session_too_large);
			break;
		case FRAME_MORE:
			return descriptor_check_rest(b);
		case FRAME_NONSENSE:
			return session_protocol_error(b, frame_problem(&b->decoder));
		case FRAME_NO_MEMORY:
			return fail(-ENOMEM, "no memory for a frame");
		}
		if (rc == 0)
			rc = b->inner_rc;
		if (rc < 0 || b->stage == STAGE_LOST)
			return rc;
	}
	return 0;
}

bool channel_has_rest(const brood_t *b)
{
	return b->decoder.input_size > 0;
}

int channel_read(brood_t *b)
{
	int rc = channel_has_rest(b) ? digest(b) : 0;

	for (int i = 0; i < READS_MOST && rc == 0 && !b->read_ended; i++) {
		ssize_t n = receive(b);

		if (n == -EAGAIN)
			return 0;
		if (n == 0 || n == -ECONNRESET) {
			b->read_ended = true;
			return 0;
		}
		if (n < 0)
			return fail((int)n, "cannot read from the connection: %s", strerror((int)-n));
		begin_batch(b);
		frame_feed(&b->decoder, b->buffer, (size_t)n);
		rc = digest(b);
		if (channel_has_rest(b) || (n < READ_SIZE && b->is_socket))
			return rc; /* a shorter read than asked for: nothing more is there now */
	}
	return rc;
}

size_t channel_waiting(brood_t *b)
{
	size_t n;

	pthread_mutex_lock(&b->lock);
	n = b->write_lost ? 0 : outbox_bytes(&b->outbox) + b->flows.waiting;
	pthread_mutex_unlock(&b->lock);
	return n;
}

int channel_cut(brood_t *b)
{
	bool cut;
	bool starved;

	pthread_mutex_lock(&b->lock);
	cut = b->write_lost;
	starved = b->starved;
	pthread_mutex_unlock(&b->lock);
	if (starved)
		return fail(-ENOMEM, "the connection is lost: no memory for what had to be sent");
	return cut ? fail(-EPIPE, "the connection is lost: the other side does not read any more") : 0;
}

static bool wants_out(brood_t *b)
{
	bool wants;

	pthread_mutex_lock(&b->lock);
	wants = !b->write_lost && outbox_bytes(&b->outbox) > 0;
	pthread_mutex_unlock(&b->lock);
	return wants;
}

void channel_wake(brood_t *b)
{
	static const uint64_t one = 1;
	brood_t *whose = b->parent ? b->parent : b;
	int saved = errno;

	atomic_fetch_add(&whose->wakes, 1); /* first: who finds it readable looks here */
	while (write(whose->wake, &one, sizeof(one)) < 0 && errno == EINTR)
		;
	errno = saved;
}

int channel_take_wakes(brood_t *b)
{
	uint64_t count;
	ssize_t n;

	if (atomic_load(&b->wakes) == b->wakes_taken)
		return 0;
	do
		n = read(b->wake, &count, sizeof(count));
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno != EAGAIN) /* that one is about to be written */
		return -errno;
	if (n == (ssize_t)sizeof(count))
		b->wakes_taken += (unsigned)count;
	return 0;
}

void channel_polls(brood_t *b, struct pollfd *fds)
{
	fds[0] = (struct pollfd){.fd = b->wake, .events = POLLIN};
	fds[1] = (struct pollfd){.fd = b->read_ended ? -1 : b->in, .events = POLLIN};
	fds[2] = (struct pollfd){.fd = wants_out(b) ? b->out : -1, .events = POLLOUT};
}

int channel_polled(brood_t *b, const struct pollfd *fds)
{
	int rc = fds[0].revents & POLLIN ? channel_take_wakes(b) : 0;

	return rc < 0 ? fail(rc, "cannot read from the eventfd: %s", strerror(-rc)) : 0;
}

int channel_wait(brood_t *b, int timeout)
{
	struct pollfd fds[CHANNEL_POLLS];

	if (conns_are_served(b))
		return conns_wait(b, timeout);
	if (callee_attends(b))
		return callee_wait(b, timeout);
	channel_polls(b, fds);
	if (poll(fds, CHANNEL_POLLS, timeout) < 0) {
		if (errno != EINTR)
			return fail(-errno, "cannot wait for the connection: %s", strerror(errno));
		return 0;
	}
	return channel_polled(b, fds);
}
