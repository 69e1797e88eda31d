/*
 * store: see store.h.
 *
 * Each question has a cookie and a waiter on its stack. FETCH is answered by a frame for each descriptor, and both by a
 * last frame with status and count.
 */
#include "store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bytes.h"
#include "fds.h"

_Static_assert(sizeof(((struct brood_stored *)0)->name) == BROOD_STORED_NAME + 1, "brood.h gives room for any name");

/* Somebody who waits for the answer. */
struct parking {
	struct parking *next;
	uint32_t cookie;
	uint8_t type; /* FRAME_STORE, FRAME_FETCH */
	bool is_done;
	bool is_lost;  /* some descriptor did not arrive */
	uint32_t came; /* descriptors, or the news that one is lost */
	int rc;
	struct brood_stored *out; /* of a FETCH */
	size_t most;
	size_t got;
	char text[SENTENCE];
	pthread_cond_t changed;
};

static void open_parking(struct parking *p, struct brood_stored *out, size_t most)
{
	pthread_condattr_t clock;

	*p = (struct parking){.out = out, .most = most};
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&p->changed, &clock);
	pthread_condattr_destroy(&clock);
}

static void forget_locked(brood_t *worker, const struct parking *p)
{
	struct parking **at = &worker->parkings;

	while (*at && *at != p)
		at = &(*at)->next;
	if (*at)
		*at = p->next;
}

static void finish_locked(brood_t *worker, struct parking *p, int rc)
{
	forget_locked(worker, p);
	p->rc = rc;
	p->is_done = true;
	pthread_cond_signal(&p->changed);
}

/* ------------------------------------------------------------------ asking */

static int send_locked(brood_t *worker, struct parking *p, struct frame *f)
{
	int rc;

	if (worker->write_lost || worker->read_ended)
		return fail(-ENOTCONN, "the worker's channel is closed");
	p->type = f->type;
	f->arg = p->cookie = ++worker->last_parking;
	rc = channel_send_locked(worker, f);
	if (rc < 0)
		return rc == -EPIPE ? -ENOTCONN : rc;
	p->next = worker->parkings;
	worker->parkings = p;
	channel_settle_locked(worker);
	return 0;
}

static void sleep_locked(brood_t *worker, struct parking *p, int64_t until)
{
	struct timespec t = {.tv_sec = (time_t)(until / 1000), .tv_nsec = until % 1000 * 1000000};

	if (until == INT64_MAX)
		pthread_cond_wait(&p->changed, &worker->lock);
	else
		(void)pthread_cond_timedwait(&p->changed, &worker->lock, &t);
}

static int wait_locked(brood_t *worker, struct parking *p, int64_t until)
{
	if (until != INT64_MAX && now_ms() >= until)
		return fail(-ETIMEDOUT, "no word of brood came in time");
	if (!loop_is_home(worker)) {
		sleep_locked(worker, p, until);
		return 0;
	}
	if (loop_is_busy(worker) && !worker->is_handling)
		return fail(-EDEADLK, "not here: inside a callback of the worker");
	pthread_mutex_unlock(&worker->lock);
	loop_attend(worker, until);
	pthread_mutex_lock(&worker->lock);
	return worker->inner_rc < 0 && !p->is_done ? fail(-ENOTCONN, "the worker's channel is lost") : 0;
}

static int ask(brood_t *worker, struct frame *f, const char *name, struct parking *p, int timeout)
{
	int64_t until = timeout < 0 ? INT64_MAX : now_ms() + timeout;
	uint8_t block[BROOD_STORED_NAME + 32];
	struct head_writer w = {.block = block, .capacity = sizeof(block)};
	int rc;

	if (name && !head_add_text(&w, ":name", name))
		return fail(-EINVAL, "the name has %zu bytes, 1 to %u are allowed", strlen(name), BROOD_STORED_NAME);
	f->head = block;
	f->head_size = (uint32_t)w.size;
	pthread_mutex_lock(&worker->lock);
	rc = send_locked(worker, p, f);
	while (rc == 0 && !p->is_done)
		rc = wait_locked(worker, p, until);
	forget_locked(worker, p);
	pthread_mutex_unlock(&worker->lock);
	if (rc == 0 && p->rc < 0)
		rc = fail(p->rc, "%s", p->text);
	return rc < 0 ? rc : p->rc;
}

static int explain(int rc, const char *what, const char *name)
{
	char why[SENTENCE];

	if (rc >= 0)
		return rc;
	snprintf(why, sizeof(why), "%s", brood_error());
	return fail(rc, "cannot %s %.64s: %s", what, name ? name : BROOD_STORED_UNNAMED, why);
}

static int check(const brood_t *worker)
{
	if (!worker->is_worker || worker->parent)
		return fail(-EINVAL, "not a worker");
	if (!(worker->agreed.features & FEATURE_STORE))
		return fail(-EOPNOTSUPP, "brood keeps none for this worker (fd_store is 0, channel = pipes, or an old "
					 "brood)");
	return 0;
}

/* A question, and what came of it. */
static int question(brood_t *worker, struct frame *f, const char *name, struct parking *p, int timeout)
{
	int rc = check(worker);

	if (rc == 0)
		rc = ask(worker, f, name, p, timeout);
	pthread_cond_destroy(&p->changed);
	return rc;
}

/* ----------------------------------------------------------------- answers */

static struct parking *find_locked(const brood_t *worker, uint32_t cookie)
{
	struct parking *p = worker->parkings;

	while (p && p->cookie != cookie)
		p = p->next;
	return p;
}

static int rc_of(uint32_t status)
{
	switch (frame_status_reason(status)) {
	case REASON_UNSUPPORTED:
		return -EOPNOTSUPP;
	case REASON_INVALID:
		return -EINVAL;
	case REASON_OVERLOADED:
		return -ENOSPC;
	case REASON_FD_LOST:
		return -EMFILE;
	default:
		return -ENOMEM;
	}
}

static void take_one(struct parking *p, const struct frame *f)
{
	struct head_entry name = {.value = "", .value_size = 0};
	int fd;

	(void)head_find(f->head, f->head_size, ":name", &name);
	p->came++;
	p->is_lost |= f->nfds == FRAME_FDS_UNSENT || f->fds_lost || !f->fds;
	fd = p->out && p->got < p->most ? fds_take(f->fds, 0) : -1;
	if (fd < 0)
		return; /* closed with the frame */
	p->out[p->got].fd = fd;
	snprintf(p->out[p->got].name, sizeof(p->out->name), "%.*s", (int)name.value_size, name.value);
	p->got++;
}

static int result_of(struct parking *p, const struct frame *f)
{
	struct head_entry text = {.value = "brood's answer makes no sense"};
	uint32_t status = f->body_size >= 8 ? bytes_get32(f->body) : frame_status_of(REASON_INTERNAL);
	uint32_t count = f->body_size >= 8 ? bytes_get32(f->body + 4) : 0;

	p->is_lost |= status == 0 && p->type == FRAME_FETCH && count != p->came;
	if (status == 0 && !p->is_lost)
		return count > INT32_MAX ? INT32_MAX : (int)count;
	text.value_size = (uint16_t)strlen(text.value);
	(void)head_find(f->head, f->head_size, ":error", &text);
	if (status == 0)
		snprintf(p->text, sizeof(p->text), "not all arrived; is this process at its limit of open files?");
	else
		snprintf(p->text, sizeof(p->text), "%.*s", (int)text.value_size, text.value);
	return status == 0 ? -EMFILE : rc_of(status);
}

void store_answered(brood_t *worker, const struct frame *f)
{
	struct parking *p;

	pthread_mutex_lock(&worker->lock);
	p = find_locked(worker, f->arg);
	if (p && p->type != f->type)
		p = NULL;
	if (p && f->nfds > 0 && f->type == FRAME_FETCH)
		take_one(p, f);
	else if (p)
		finish_locked(worker, p, result_of(p, f));
	pthread_mutex_unlock(&worker->lock);
}

void store_lose_all(brood_t *worker)
{
	pthread_mutex_lock(&worker->lock);
	while (worker->parkings) {
		struct parking *p = worker->parkings;

		snprintf(p->text, sizeof(p->text), "the worker's channel is closed");
		finish_locked(worker, p, -ENOTCONN);
	}
	pthread_mutex_unlock(&worker->lock);
}

/* ----------------------------------------------------------------- the API */

int brood_worker_store(brood_t *worker, const char *name, const int *fds, size_t count, int timeout)
{
	struct frame f = {.type = FRAME_STORE};
	struct parking p;
	int rc = check(worker);

	if (rc == 0 && count == 0)
		rc = fail(-EINVAL, "none was given");
	if (rc == 0)
		rc = descriptor_attach(worker, &f, fds, count);
	if (rc < 0)
		return explain(rc, "park", name);
	open_parking(&p, NULL, 0);
	rc = question(worker, &f, name, &p, timeout);
	fds_unref(f.fds);
	return explain(rc, "park", name);
}

int brood_worker_fetch(brood_t *worker, const char *name, struct brood_stored *out, size_t most, int timeout)
{
	struct parking p;
	int rc;

	open_parking(&p, out, most);
	rc = question(worker, &(struct frame){.type = FRAME_FETCH}, name, &p, timeout);
	for (size_t i = 0; rc < 0 && i < p.got; i++)
		close(out[i].fd);
	return explain(rc, "fetch", name ? name : "what is parked");
}

int brood_worker_unstore(brood_t *worker, const char *name, int timeout)
{
	struct parking p;

	open_parking(&p, NULL, 0);
	return explain(question(worker, &(struct frame){.type = FRAME_STORE}, name, &p, timeout), "forget", name);
}
