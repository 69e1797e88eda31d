/* callee: see callee.h. */
#include "callee.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fds.h"

/* Somebody who waits for a socket: on its stack. */
struct asking {
	struct asking *next;
	uint32_t id;
	bool is_done;
	int rc;
	int fd;
	char text[SENTENCE];
	pthread_cond_t changed;
};

static void open_asking(struct asking *a)
{
	pthread_condattr_t clock;

	*a = (struct asking){.fd = -1};
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&a->changed, &clock);
	pthread_condattr_destroy(&clock);
}

static struct asking *find_locked(const brood_t *worker, uint32_t id)
{
	struct asking *a = worker->askings;

	while (a && a->id != id)
		a = a->next;
	return a;
}

static void forget_locked(brood_t *worker, struct asking *a)
{
	struct asking **at = &worker->askings;

	while (*at && *at != a)
		at = &(*at)->next;
	if (*at)
		*at = a->next;
}

static void finish_locked(brood_t *worker, struct asking *a, int rc)
{
	forget_locked(worker, a);
	a->rc = rc;
	a->is_done = true;
	pthread_cond_signal(&a->changed);
}

/* ------------------------------------------------------------------ asking */

static int ask_locked(brood_t *worker, struct asking *a, const char *pool)
{
	uint8_t block[300];
	struct head_writer w = {.block = block, .capacity = sizeof(block)};
	int rc;

	if (worker->in != worker->out)
		return fail(-EOPNOTSUPP,
			    "cannot call %.64s: the channel of this worker is a pair of pipes, which bring no "
			    "connection; that takes channel = socketpair",
			    pool);
	if (!(worker->agreed.features & FEATURE_CALLS))
		return fail(-EOPNOTSUPP, "cannot call %.64s: this supervisor makes no connections for workers", pool);
	if (!head_add_text(&w, ":pool", pool))
		return fail(-EINVAL, "cannot call %.64s: not the name of a worker", pool);
	if (worker->write_lost || worker->read_ended)
		return fail(-ENOTCONN, "cannot call %.64s: the worker's channel is closed", pool);
	a->id = worker->last_asking += worker->last_asking == 0 ? 1 : 2;
	rc = channel_send_locked(worker, &(struct frame){.type = FRAME_CONNECT,
							  .id = a->id,
							  .head = block,
							  .head_size = (uint32_t)w.size});
	if (rc < 0)
		return rc;
	a->next = worker->askings;
	worker->askings = a;
	channel_settle_locked(worker);
	return 0;
}

static void sleep_locked(brood_t *worker, struct asking *a, int64_t until)
{
	struct timespec t = {.tv_sec = (time_t)(until / 1000), .tv_nsec = until % 1000 * 1000000};

	if (until == INT64_MAX)
		pthread_cond_wait(&a->changed, &worker->lock);
	else
		(void)pthread_cond_timedwait(&a->changed, &worker->lock, &t);
}

/* Inside of callbacks other than the handler of a call nothing more may be read. */
static bool may_drive(const brood_t *worker)
{
	return loop_is_home(worker) && (worker->is_handling || !loop_is_busy(worker));
}

static int wait_locked(brood_t *worker, struct asking *a, const char *pool, int64_t until)
{
	if (until != INT64_MAX && now_ms() >= until)
		return fail(-ETIMEDOUT, "cannot call %.64s: no connection to it came in time", pool);
	if (!loop_is_home(worker)) {
		sleep_locked(worker, a, until);
		return 0;
	}
	if (!may_drive(worker))
		return fail(-EDEADLK, "cannot connect to %.64s here: inside a callback of the worker", pool);
	pthread_mutex_unlock(&worker->lock);
	loop_attend(worker, until);
	pthread_mutex_lock(&worker->lock);
	return worker->inner_rc < 0 && !a->is_done ? fail(-ECONNRESET, "cannot call %.64s: the channel is lost", pool)
						   : 0;
}

int callee_connect(brood_t *worker, const char *pool, int64_t deadline)
{
	struct asking a;
	int rc;

	open_asking(&a);
	pthread_mutex_lock(&worker->lock);
	rc = ask_locked(worker, &a, pool);
	while (rc == 0 && !a.is_done)
		rc = wait_locked(worker, &a, pool, deadline);
	forget_locked(worker, &a);
	pthread_mutex_unlock(&worker->lock);
	pthread_cond_destroy(&a.changed);
	if (rc < 0)
		return rc;
	return a.rc < 0 ? fail(a.rc, "cannot call %.64s: %s", pool, a.text) : a.fd;
}

/* ----------------------------------------------------------------- answers */

static int rc_of(const struct frame *f)
{
	switch (frame_status_reason(f->arg)) {
	case REASON_NO_POOL:
		return -ENOENT;
	case REASON_DENIED:
		return -EACCES;
	case REASON_OVERLOADED:
		return -EBUSY;
	case REASON_UNSUPPORTED:
		return -EOPNOTSUPP;
	default:
		return -ECONNRESET;
	}
}

static void take_answer(struct asking *a, const struct frame *f)
{
	struct head_entry text = {.value = frame_reason_text(frame_status_reason(f->arg))};

	if (f->arg == 0) {
		a->fd = fds_take(f->fds, 0);
		snprintf(a->text, sizeof(a->text),
			 "the connection did not arrive; is this process at its limit of open files?");
		return;
	}
	text.value_size = (uint16_t)strlen(text.value);
	(void)head_find(f->head, f->head_size, ":error", &text);
	snprintf(a->text, sizeof(a->text), "%.*s", (int)text.value_size, text.value);
}

void callee_answered(brood_t *worker, const struct frame *f)
{
	struct asking *a;

	pthread_mutex_lock(&worker->lock);
	a = find_locked(worker, f->id);
	if (a) {
		take_answer(a, f);
		finish_locked(worker, a, a->fd >= 0 ? 0 : f->arg == 0 ? -EMFILE : rc_of(f));
	}
	pthread_mutex_unlock(&worker->lock);
}

void callee_lose_all(brood_t *worker)
{
	pthread_mutex_lock(&worker->lock);
	while (worker->askings) {
		struct asking *a = worker->askings;

		snprintf(a->text, sizeof(a->text), "the worker's channel is closed");
		finish_locked(worker, a, -ENOTCONN);
	}
	pthread_mutex_unlock(&worker->lock);
}

/* ----------------------------------------------------------------- waiting */

bool callee_attends(const brood_t *client)
{
	const brood_t *worker = client->asker;

	return worker && may_drive(worker) && worker->stage != STAGE_LOST && worker->inner_rc == 0;
}

int callee_wait(brood_t *client, int timeout)
{
	brood_t *worker = client->asker;
	struct pollfd fds[2 * CHANNEL_POLLS];
	bool has_news = channel_has_rest(worker);
	int n;

	channel_polls(client, fds);
	channel_polls(worker, fds + CHANNEL_POLLS);
	n = poll(fds, 2 * CHANNEL_POLLS, has_news ? 0 : timeout);
	if (n < 0 && errno != EINTR)
		return fail(-errno, "cannot wait for the connection: %s", strerror(errno));
	for (int i = CHANNEL_POLLS; n > 0 && i < 2 * CHANNEL_POLLS; i++)
		has_news |= fds[i].revents != 0;
	if (has_news)
		loop_attend(worker, 0);
	return n > 0 ? channel_polled(client, fds) : 0;
}

/* ----------------------------------------------------------------- the API */

int brood_connect_pool(brood_t **client_out, brood_t *worker, const char *pool,
		       const struct brood_client_options *options)
{
	*client_out = NULL;
	if (!pool || !*pool)
		return fail(-EINVAL, "cannot call another pool: its name is missing");
	if (!worker || !worker->is_worker || worker->parent)
		return fail(-EINVAL, "cannot call %.64s: not by way of a worker", pool);
	return client_open(client_out, pool, worker, options);
}
