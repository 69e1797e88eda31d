/* flush: waiting until what was sent has gone, has been read, or has been handed over; and the sign of life. */
#include "handle.h"

#include <errno.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>

enum { LOOK_LEAST_MS = 0, LOOK_MOST_MS = 10 };

/* Bytes that the peer has not read yet, or -errno. */
static int unread(const brood_t *b)
{
	int bytes = 0;

	if (ioctl(b->out, b->is_socket ? SIOCOUTQ : FIONREAD, &bytes) < 0)
		return -errno;
	return bytes;
}

/* The queue of a socket counts kernel overhead: it tells "nothing" from "something", not how much. */
static int left_of(brood_t *b, enum brood_flush_level level)
{
	size_t own = channel_waiting(b);
	int kernel;

	if (own > 0 || level == BROOD_FLUSH_SENT)
		return own > INT32_MAX ? INT32_MAX : (int)own;
	kernel = unread(b);
	return kernel;
}

/* Waits for news, at most `most` ms and not beyond `until`, and digests them. */
static int wait_and_step(brood_t *b, int64_t until, int most)
{
	int64_t left = until == INT64_MAX ? most : until - now_ms();
	int rc;

	if (left > most)
		left = most;
	rc = channel_wait(b, left < 0 ? 0 : (int)left);
	return rc < 0 ? rc : loop_step(b);
}

static int wait_for_reader(brood_t *b, enum brood_flush_level level, int64_t until)
{
	int pause = LOOK_LEAST_MS;

	for (;;) {
		int left;
		int rc;

		channel_flush(b);
		left = b->stage == STAGE_LOST || channel_cut(b) < 0 ? -ECONNRESET : left_of(b, level);
		if (left <= 0)
			return left == 0 ? 0 : fail(left, "cannot flush: %s", strerror(-left));
		if (now_ms() >= until)
			return fail(-ETIMEDOUT, "cannot flush in time: about %d bytes are not %s", left,
				    channel_waiting(b) > 0 ? "sent" : "read");
		rc = wait_and_step(b, until, pause);
		if (rc < 0)
			return rc;
		pause = pause < LOOK_MOST_MS ? pause + 1 : pause;
	}
}

/* Sends a question with a cookie and waits for it to come back in *seen. */
static int ask(brood_t *b, uint8_t type, const uint32_t *seen, int64_t until, const char *what)
{
	uint32_t cookie = ++b->next_cookie;
	int rc = channel_send(b, &(struct frame){.type = type, .arg = cookie});

	channel_flush(b);
	while (rc == 0 && *seen != cookie) {
		if (now_ms() >= until)
			return fail(-ETIMEDOUT, "the other side did not answer %s in time", what);
		if (b->read_ended || b->stage == STAGE_LOST)
			return fail(-ECONNRESET, "the connection ended before %s was answered", what);
		rc = wait_and_step(b, until, INT32_MAX);
	}
	return rc;
}

static int check_use(const brood_t *b)
{
	if (loop_is_busy(b))
		return fail(-EDEADLK, "cannot wait inside a handler of the same connection");
	if (b->stage == STAGE_LOST)
		return fail(b->rc, "the connection is lost");
	return 0;
}

int brood_flush(brood_t *b, enum brood_flush_level level, int timeout)
{
	int64_t until = timeout < 0 ? INT64_MAX : now_ms() + timeout;
	int rc = check_use(b);

	if (rc < 0)
		return rc;
	switch (level) {
	case BROOD_FLUSH_SENT:
	case BROOD_FLUSH_READ:
		return wait_for_reader(b, level, until);
	case BROOD_FLUSH_PROCESSED:
		return ask(b, FRAME_FLUSH, &b->flushed, until, "FLUSH");
	}
	return fail(-EINVAL, "cannot flush: level %d is unknown", (int)level);
}

int brood_ping(brood_t *b, int timeout)
{
	int rc = check_use(b);

	return rc < 0 ? rc : ask(b, FRAME_PING, &b->ponged, timeout < 0 ? INT64_MAX : now_ms() + timeout, "PING");
}
