/* exchange: see exchange.h. */
#include "exchange.h"

#include <errno.h>
#include <string.h>
#include <time.h>

/* Bytes of one call that may wait here before another message is refused. */
enum { SEND_AHEAD = 256 << 10 };

void exchange_join_locked(struct exchange *x, brood_t *b, uint32_t id)
{
	x->b = b;
	x->id = id;
	x->before = NULL;
	x->next = b->exchanges;
	if (x->next)
		x->next->before = x;
	b->exchanges = x;
}

static void forget_room(struct exchange *x)
{
	x->b->senders_waiting -= x->wants_room;
	x->wants_room = false;
}

void exchange_leave_locked(struct exchange *x)
{
	brood_t *b = x->b;

	if (b) {
		forget_room(x);
		if (x->before)
			x->before->next = x->next;
		else
			b->exchanges = x->next;
		if (x->next)
			x->next->before = x->before;
		x->b = NULL;
	}
	inbox_close(&x->in);
	if (x->has_cond)
		pthread_cond_destroy(&x->changed);
	x->has_cond = false;
}

static struct exchange *find_locked(const brood_t *b, uint32_t id)
{
	struct exchange *x = b->exchanges;

	while (x && (x->id != id || x->is_over || !x->takes))
		x = x->next;
	return x;
}

bool exchange_waits(brood_t *b, uint32_t id)
{
	bool waits;

	pthread_mutex_lock(&b->lock);
	waits = find_locked(b, id) != NULL;
	pthread_mutex_unlock(&b->lock);
	return waits;
}

void exchange_touch_locked(struct exchange *x)
{
	if (x->has_cond)
		pthread_cond_broadcast(&x->changed);
	if (!x->ready || x->is_due)
		return;
	x->is_due = true;
	x->b->has_due = true;
	if (!loop_is_driver(x->b))
		channel_wake(x->b);
}

void exchange_end(struct exchange *x)
{
	brood_t *b = x->b;

	pthread_mutex_lock(&b->lock);
	x->is_over = true;
	forget_room(x);
	exchange_touch_locked(x);
	pthread_mutex_unlock(&b->lock);
}

void exchange_cut(brood_t *b)
{
	pthread_mutex_lock(&b->lock);
	for (struct exchange *x = b->exchanges; x; x = x->next) {
		if (x->in.has_ended || x->rc < 0)
			continue;
		x->rc = -ECANCELED;
		exchange_touch_locked(x);
	}
	pthread_mutex_unlock(&b->lock);
}

void exchange_orphan(brood_t *b)
{
	pthread_mutex_lock(&b->lock);
	for (struct exchange *x = b->exchanges; x; x = x->next)
		x->b = NULL;
	b->exchanges = NULL;
	pthread_mutex_unlock(&b->lock);
}

/* ----------------------------------------------------------------- waiting */

int64_t exchange_until(int timeout)
{
	return timeout < 0 ? INT64_MAX : now_ms() + timeout;
}

/* In another thread: until the thread that drives the handle has news. */
static int sleep_locked(struct exchange *x, int64_t until)
{
	struct timespec t = {.tv_sec = (time_t)(until / 1000), .tv_nsec = until % 1000 * 1000000};
	pthread_condattr_t clock;

	if (!x->has_cond) {
		pthread_condattr_init(&clock);
		pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
		pthread_cond_init(&x->changed, &clock);
		pthread_condattr_destroy(&clock);
		x->has_cond = true;
	}
	if (until == INT64_MAX)
		pthread_cond_wait(&x->changed, &x->b->lock);
	else
		(void)pthread_cond_timedwait(&x->changed, &x->b->lock, &t);
	return 0;
}

int exchange_wait_locked(struct exchange *x, int64_t until)
{
	brood_t *b = x->b;
	int rc;

	if (until > x->deadline)
		until = x->deadline;
	if (until != INT64_MAX && now_ms() >= until)
		return -EAGAIN;
	if (!loop_is_home(b))
		return sleep_locked(x, until);
	if (loop_is_busy(b) && !b->is_handling)
		return -EDEADLK;
	pthread_mutex_unlock(&b->lock);
	rc = loop_wait(b, until);
	pthread_mutex_lock(&b->lock);
	return rc;
}

/* The sentence that goes with a failure to send or to take. */
static int explain(int rc, const char *what)
{
	switch (rc) {
	case -EAGAIN:
		return fail(rc, "cannot %s yet", what);
	case -EDEADLK:
		return fail(rc, "cannot wait to %s here: inside a callback of the same connection", what);
	case -ECANCELED:
		return fail(rc, "cannot %s: the call is over", what);
	case -EMSGSIZE:
		return fail(rc, "cannot %s: a message is larger than this program's max_message", what);
	case -ENOMEM:
		return fail(rc, "cannot %s: no memory", what);
	default:
		return fail(rc, "cannot %s: %s", what, strerror(-rc));
	}
}

static bool is_past(const struct exchange *x)
{
	return x->deadline != INT64_MAX && now_ms() >= x->deadline;
}

/* ---------------------------------------------------------------- receiving */

static void give_credit_locked(struct exchange *x)
{
	uint32_t credit = inbox_credit(&x->in);

	if (credit == 0 || x->is_over)
		return;
	if (channel_send_locked(x->b, &(struct frame){.type = FRAME_WINDOW, .id = x->id, .arg = credit}) == 0)
		channel_settle_locked(x->b);
}

static int rc_of(enum assembly_result result)
{
	if (result == ASSEMBLY_TOO_LARGE)
		return -EMSGSIZE;
	return result == ASSEMBLY_NO_MEMORY ? -ENOMEM : -EPROTO;
}

static enum assembly_result add_locked(struct exchange *x, const struct frame *f)
{
	enum assembly_result result = inbox_add(&x->in, f);

	if (result != ASSEMBLY_WHOLE && result != ASSEMBLY_PART) {
		x->rc = rc_of(result);
		x->takes = false;
	}
	give_credit_locked(x);
	if (result != ASSEMBLY_PART)
		exchange_touch_locked(x);
	return result;
}

enum assembly_result exchange_add(brood_t *b, const struct frame *f)
{
	enum assembly_result result;
	struct exchange *x;

	pthread_mutex_lock(&b->lock);
	x = find_locked(b, f->id);
	result = x ? add_locked(x, f) : ASSEMBLY_UNKNOWN;
	pthread_mutex_unlock(&b->lock);
	return result;
}

/* What there is to take: see exchange_recv(). */
static int look(struct exchange *x, bool takes_after_end)
{
	if (x->is_over && !takes_after_end)
		return -ECANCELED;
	if (inbox_take(&x->in))
		return 1;
	if (x->rc < 0)
		return x->rc;
	if (x->in.has_ended)
		return 0;
	return is_past(x) ? -ECANCELED : -EAGAIN;
}

int exchange_recv(struct exchange *x, const void **body_out, size_t *size_out, int timeout)
{
	brood_t *b = x->b;
	int64_t until = exchange_until(timeout);
	int rc;

	pthread_mutex_lock(&b->lock);
	while ((rc = look(x, !b->is_worker)) == -EAGAIN && timeout != 0) {
		rc = exchange_wait_locked(x, until);
		if (rc == -EAGAIN && is_past(x))
			continue;
		if (rc < 0)
			break;
	}
	if (rc == 1) {
		*body_out = x->in.taken->frame.body;
		*size_out = x->in.taken->frame.body_size;
		give_credit_locked(x);
	}
	pthread_mutex_unlock(&b->lock);
	return rc < 0 ? explain(rc, "receive a message") : rc;
}

/* ------------------------------------------------------------------ sending */

static bool has_room(const struct exchange *x)
{
	return flow_bytes(&x->b->flows, x->id) < SEND_AHEAD;
}

/* Why nothing can be sent now; 0: it can. */
static int obstacle(struct exchange *x)
{
	if (x->is_over || is_past(x))
		return -ECANCELED;
	if (x->b->write_lost)
		return -EPIPE;
	if (has_room(x)) {
		forget_room(x);
		return 0;
	}
	x->b->senders_waiting += !x->wants_room;
	x->wants_room = true;
	return -EAGAIN;
}

int exchange_send(struct exchange *x, const struct frame *f, int timeout)
{
	brood_t *b = x->b;
	int64_t until = exchange_until(timeout);
	int rc;

	pthread_mutex_lock(&b->lock);
	while ((rc = obstacle(x)) == -EAGAIN && timeout != 0) {
		rc = exchange_wait_locked(x, until);
		if (rc == -EAGAIN && is_past(x))
			continue;
		if (rc < 0)
			break;
	}
	if (rc == 0)
		rc = channel_send_message_locked(b, f);
	if (rc == 0) {
		channel_flush_locked(b);
		if (outbox_bytes(&b->outbox) > 0)
			channel_wake(b); /* the thread that waits must also wait for room */
	}
	pthread_mutex_unlock(&b->lock);
	return rc < 0 ? explain(rc, "send a message") : rc;
}

void exchange_wake_senders_locked(brood_t *b)
{
	for (struct exchange *x = b->exchanges; x && b->senders_waiting > 0; x = x->next) {
		if (!x->wants_room || !has_room(x))
			continue;
		forget_room(x);
		exchange_touch_locked(x);
	}
}

/* ------------------------------------------------------------------ telling */

static struct exchange *next_due(brood_t *b)
{
	struct exchange *x;

	pthread_mutex_lock(&b->lock);
	for (x = b->exchanges; x && !x->is_due;)
		x = x->next;
	if (x)
		x->is_due = false;
	else
		b->has_due = false;
	pthread_mutex_unlock(&b->lock);
	return x;
}

void exchange_tell(brood_t *b)
{
	struct exchange *x;

	while (b->has_due && (x = next_due(b)))
		x->ready(x);
}
