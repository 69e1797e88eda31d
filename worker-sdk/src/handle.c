/* handle: birth and death of struct brood. */
#include "handle.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "callee.h"
#include "conn.h"
#include "lending.h"
#include "exchange.h"
#include "store.h"

/* Bytes kept for the next call of a connection that was handed over: of the smallest sizes. */
enum { SPARES_OF_CONN = 2 << 10 };

/* All that costs nothing. */
static void init(brood_t *b, bool is_worker)
{
	b->refs = 1;
	atomic_init(&b->driver, 0);
	atomic_init(&b->home, loop_this_thread());
	b->is_worker = is_worker;
	b->in = b->out = b->epoll = -1;
	b->peer = PEER_INIT;
	b->next_deadline = INT64_MAX;
	b->flows.out = &b->outbox;
	b->outbox.spares = &b->sent;
	b->assembly.spares = &b->spares;
	b->assembly.of_replies = !is_worker;
	pthread_mutex_init(&b->lock, NULL);
	frame_open(&b->decoder, BROOD_MAX_FRAME);
}

int handle_new(bool is_worker, brood_t **out)
{
	const char *what = is_worker ? "worker" : "client";
	brood_t *b = calloc(1, sizeof(*b));
	uint8_t *buffer = malloc(READ_SIZE);
	int wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int rc = wake < 0 ? -errno : 0;

	*out = NULL;
	if (!b || !buffer)
		rc = fail(-ENOMEM, "no memory for a %s", what);
	else if (rc < 0)
		fail(rc, "cannot make an eventfd for a %s: %s", what, strerror(-rc));
	if (rc < 0) {
		if (wake >= 0)
			close(wake);
		free(buffer);
		free(b);
		return rc;
	}
	b->buffer = buffer;
	b->wake = wake;
	init(b, is_worker);
	b->spares.most = b->sent.most = SPARES_KEPT;
	b->spares.large_most = b->sent.large_most = SPARES_LARGE;
	*out = b;
	return 0;
}

brood_t *handle_new_conn(brood_t *worker, uint8_t *buffer)
{
	brood_t *b = calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	init(b, true);
	b->spares.most = b->sent.most = SPARES_OF_CONN;
	handle_ref(worker);
	b->parent = worker;
	b->buffer = buffer;
	b->wake = worker->wake;
	b->epoll = worker->epoll;
	b->handler = worker->handler;
	b->user = worker->user;
	b->on_notify = worker->on_notify;
	b->notify_user = worker->notify_user;
	return b;
}

void handle_ref(brood_t *b)
{
	pthread_mutex_lock(&b->lock);
	b->refs++;
	pthread_mutex_unlock(&b->lock);
}

void handle_unref(brood_t *b)
{
	pthread_mutex_lock(&b->lock);
	handle_unref_unlock(b);
}

void handle_unref_unlock(brood_t *b)
{
	bool is_last = --b->refs == 0;

	pthread_mutex_unlock(&b->lock);
	if (!is_last)
		return;
	pthread_mutex_destroy(&b->lock);
	notes_close(&b->notes);
	spares_close(&b->spares);
	spares_close(&b->sent);
	if (b->asker)
		handle_unref(b->asker);
	if (b->parent)
		handle_unref(b->parent);
	else if (b->wake >= 0)
		close(b->wake);
	conns_free(b);
	free(b);
}

static void close_descriptors(brood_t *b)
{
	if (b->out >= 0 && b->out != b->in)
		close(b->out);
	if (b->in >= 0)
		close(b->in);
	b->in = b->out = -1;
}

void handle_forget_info(brood_t *b)
{
	for (size_t i = 0; i < b->info_count; i++) {
		free(b->info[i].key);
		free(b->info[i].value);
	}
	b->info_count = 0;
}

/* Drops all that belongs to one connection, so that another can take its place. */
static void drop_connection(brood_t *b)
{
	pthread_mutex_lock(&b->lock);
	loop_unwatch_locked(b);
	close_descriptors(b);
	flow_close(&b->flows);
	outbox_close(&b->outbox);
	b->write_lost = true;
	pthread_mutex_unlock(&b->lock);
	frame_close(&b->decoder);
	fd_queue_close(&b->arrived);
	assembly_close(&b->assembly);
	lending_close(b);
	peer_close(&b->peer);
}

void handle_retire(brood_t *b)
{
	b->stage = STAGE_LOST;
	request_cancel_all(b);
	drop_connection(b);
	handle_forget_info(b);
	b->buffer = NULL;
	b->epoll = -1;
	b->conn = NULL;
	handle_unref(b);
}

int handle_lose(brood_t *b, int rc)
{
	char why[SENTENCE];
	uintptr_t before;

	if (b->stage == STAGE_LOST)
		return b->rc;
	snprintf(why, sizeof(why), "%s", brood_error());
	b->stage = STAGE_LOST;
	b->rc = rc;
	before = loop_enter(b);
	call_lose_all(b, rc, why);
	exchange_tell(b);
	loop_leave(b, before);
	request_cancel_all(b);
	callee_lose_all(b);
	store_lose_all(b);
	drop_connection(b);
	return fail(rc, "%s", why); /* whatever the handlers did meanwhile */
}

void brood_close(brood_t *b)
{
	char before[SENTENCE];

	if (!b)
		return;
	if (loop_is_busy(b)) {
		fail(-EDEADLK, "brood_close() inside a handler of the same connection: it stays open");
		return;
	}
	snprintf(before, sizeof(before), "%s", brood_error());
	fail(-ECONNRESET, "the connection was closed by this program");
	handle_lose(b, -ECONNRESET);
	drop_connection(b);
	request_drop_deferred(b);
	conns_close(b);
	if (b->epoll >= 0)
		close(b->epoll);
	if (!b->is_worker)
		exchange_orphan(b);
	handle_forget_info(b);
	free(b->buffer);
	free(b->address);
	free(b->expect_user);
	b->epoll = -1;
	b->buffer = NULL;
	handle_unref(b);
	fail(0, "%s", before); /* of the failure that led here */
}

int handle_user(const char *who, uid_t *uid_out)
{
	char *end;
	unsigned long number;
	struct passwd entry;
	struct passwd *found = NULL;
	char text[4096];

	*uid_out = PEER_NOBODY;
	if (!who)
		return 0;
	errno = 0;
	number = strtoul(who, &end, 10);
	if (who[0] >= '0' && who[0] <= '9' && *end == '\0') {
		if (errno != 0 || number >= UINT32_MAX)
			return fail(-EINVAL, "cannot use user %s: not a user id", who);
		*uid_out = (uid_t)number;
		return 0;
	}
	if (getpwnam_r(who, &entry, text, sizeof(text), &found) != 0 || !found)
		return fail(-ENOENT, "cannot use user %s: no such user", who);
	*uid_out = found->pw_uid;
	return 0;
}

const char *brood_info(const brood_t *b, const char *key)
{
	for (size_t i = 0; i < b->info_count; i++) {
		if (strcmp(b->info[i].key, key) == 0)
			return b->info[i].value;
	}
	return NULL;
}

uint32_t brood_max_message(const brood_t *b)
{
	return b->agreed.max_message;
}

void brood_peer_of(const brood_t *b, struct brood_peer *peer_out)
{
	*peer_out = (struct brood_peer){
		.uid = b->peer.uid,
		.gid = b->peer.gid,
		.pid = b->peer.uid == PEER_NOBODY ? 0 : (uint32_t)b->peer.pid,
	};
}
