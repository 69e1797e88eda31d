/*
 * conn: see conn.h. One connection, from the socket that came to the word to brood that it has ended.
 *
 * Before the first byte of one is read brood is told so (CONN): until then it may give the connection to another
 * worker, whatever becomes of this one.
 */
#include "conn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "conns.h"
#include "fds.h"

enum { WAITING_MOST = 64 << 20 }; /* bytes of answers that wait for a client to give credit */

static void tell_end(brood_t *worker, uint32_t id, uint32_t how)
{
	(void)channel_send(worker, &(struct frame){.type = FRAME_CONN_END, .id = id, .arg = how});
}

static void leave_list(struct conns *all, struct conn *c)
{
	if (c->before)
		c->before->next = c->next;
	else
		all->first = c->next;
	if (c->next)
		c->next->before = c->before;
	else
		all->last = c->before;
}

static void end(brood_t *worker, struct conn *c, uint32_t how)
{
	leave_list(worker->conns, c);
	worker->conns->count--;
	worker->conns->held -= c->is_held;
	handle_retire(c->b); /* requests in hand keep it */
	tell_end(worker, c->id, how);
	free(c);
}

void conn_close(brood_t *worker, struct conn *c)
{
	end(worker, c, 0);
}

void conn_give_back(brood_t *worker, struct conn *c)
{
	end(worker, c, BROOD_CONN_UNTOUCHED);
}

static struct conns *open_conns(brood_t *worker)
{
	struct conns *all;

	if (worker->conns)
		return worker->conns;
	if (brood_fd(worker) < 0)
		return NULL;
	all = calloc(1, sizeof(*all));
	if (!all)
		return NULL;
	all->buffer = malloc(READ_SIZE);
	if (!all->buffer) {
		free(all);
		return NULL;
	}
	all->ready_count = -1;
	all->expire_at = INT64_MAX;
	worker->conns = all;
	return all;
}

static void copy_entry(const struct frame *f, const char *key, char *out, size_t size)
{
	struct head_entry e = {.value = "", .value_size = 0};

	(void)head_find(f->head, f->head_size, key, &e);
	snprintf(out, size, "%.*s", (int)e.value_size, e.value);
}

static int set_up(brood_t *worker, struct conn *c, const struct frame *f, int fd)
{
	brood_t *b = handle_new_conn(worker, worker->conns->buffer);
	int flags = fcntl(fd, F_GETFL);

	if (!b)
		return -ENOMEM;
	if (flags >= 0 && !(flags & O_NONBLOCK))
		(void)fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	*c = (struct conn){.b = b,
			   .id = f->id,
			   .peer = f->peer,
			   .call_timeout = f->arg,
			   .is_taken = !(worker->agreed.features & FEATURE_TAKEN),
			   .greet_until = now_ms() + BROOD_HANDSHAKE_MS};
	copy_entry(f, ":endpoint", c->endpoint, sizeof(c->endpoint));
	copy_entry(f, ":pool", c->pool, sizeof(c->pool));
	b->conn = c;
	b->in = b->out = fd;
	b->is_socket = true;
	b->own.max_message = worker->own.max_message;
	if (f->words & 1u << WORD_LENGTH && f->length > 0 && f->length < b->own.max_message)
		b->own.max_message = (uint32_t)f->length;
	session_own_limits(b, b->own.max_message);
	b->fds_most = worker->fds_most;
	descriptor_offer(b);
	loop_watch(b);
	return 0;
}

static void add(struct conns *all, struct conn *c)
{
	c->next = all->first;
	if (c->next)
		c->next->before = c;
	else
		all->last = c;
	all->first = c;
	all->count++;
	if (c->greet_until < all->expire_at)
		all->expire_at = c->greet_until;
}

/* One that has said HELLO moves behind those that have not. */
static void settle(struct conns *all, struct conn *c)
{
	leave_list(all, c);
	c->next = NULL;
	c->before = all->last;
	if (c->before)
		c->before->next = c;
	else
		all->first = c;
	all->last = c;
}

int conn_receive(brood_t *worker, const struct frame *f)
{
	int fd = fds_take(f->fds, 0);
	struct conn *c = fd >= 0 && worker->stage == STAGE_OPEN && open_conns(worker) ? malloc(sizeof(*c)) : NULL;

	if (!c || set_up(worker, c, f, fd) < 0) {
		free(c);
		if (fd >= 0)
			close(fd);
		tell_end(worker, f->id, 0);
		return 0;
	}
	add(worker->conns, c);
	return 0;
}

/* Its HELLO has come: WELCOME, and how much it may ask for. */
static void greet(struct conn *c)
{
	struct conns *all = c->b->parent->conns;
	char lines[256];
	char timeout[16];
	size_t size = 0;

	c->has_greeted = true;
	settle(all, c);
	snprintf(timeout, sizeof(timeout), "%u", c->call_timeout);
	if (!hello_add_line(lines, sizeof(lines), &size, "name", c->endpoint) ||
	    !hello_add_line(lines, sizeof(lines), &size, "pool", c->pool) ||
	    !hello_add_line(lines, sizeof(lines), &size, "call_timeout_ms", timeout))
		size = 0;
	if (session_offer(c->b, FRAME_WELCOME, lines, size, BROOD_CLIENT_SLOTS) == 0)
		(void)channel_send(c->b, &(struct frame){.type = FRAME_SLOTS, .arg = BROOD_CLIENT_SLOTS});
}

bool conn_is_over(const struct conn *c)
{
	return c->b->stage == STAGE_ENDED || c->b->stage == STAGE_LOST;
}

void conn_step(struct conn *c)
{
	(void)loop_step(c->b);
	while (!conn_is_over(c) && c->b->stage != STAGE_HANDSHAKE && (!c->has_greeted || channel_has_rest(c->b))) {
		if (!c->has_greeted)
			greet(c);
		(void)loop_step(c->b);
	}
}

/* ----------------------------------------------------------- whose it is from now on */

void conn_take(brood_t *worker, struct conn *c)
{
	if (c->is_taken)
		return;
	c->is_taken = true;
	(void)channel_send(worker, &(struct frame){.type = FRAME_CONN, .id = c->id});
	pthread_mutex_lock(&worker->lock);
	c->taken_end = worker->outbox.added;
	pthread_mutex_unlock(&worker->lock);
}

bool conn_is_told(brood_t *worker, const struct conn *c)
{
	bool is_told;

	pthread_mutex_lock(&worker->lock);
	is_told = worker->outbox.sent >= c->taken_end;
	pthread_mutex_unlock(&worker->lock);
	return is_told;
}

/* ------------------------------------------------------------------- its calls */

static bool is_new(const struct conn *c, uint32_t id)
{
	return id % 2 != 0 && (int32_t)(id - c->last_id) > 0;
}

int conn_open_id(brood_t *b, uint32_t id)
{
	struct conn *c = b->conn;

	if (!is_new(c, id))
		return session_protocol_error(b, "id of a call is even or not above the last");
	c->ids_went_round |= id < c->last_id;
	if (c->ids_went_round && (assembly_has(&b->assembly, id) || request_is_open(b, id)))
		return session_protocol_error(b, "id of a call is still open from the round before");
	c->last_id = id;
	return 0;
}

bool conn_awaits(brood_t *b, uint32_t id)
{
	if (is_new(b->conn, id)) {
		b->conn->last_id = id;
		return true;
	}
	return assembly_has(&b->assembly, id);
}

int conn_check_data(brood_t *b, uint32_t id)
{
	if ((int32_t)(id - b->conn->last_id) > 0)
		return session_protocol_error(b, "DATA for a call that was never opened");
	return 0;
}

void conn_stamp(const brood_t *b, struct frame *f)
{
	const struct conn *c = b->conn;

	f->words &= ~(1u << WORD_DELIVERY);
	f->words |= 1u << WORD_PEER;
	f->peer = c->peer;
	if (!(f->words & 1u << WORD_DEADLINE) && c->call_timeout > 0) {
		f->words |= 1u << WORD_DEADLINE;
		f->deadline_ms = c->call_timeout;
	}
}

const char *conn_problem(brood_t *b)
{
	const char *problem = NULL;

	pthread_mutex_lock(&b->lock);
	/* a call is open until its answer is on its way, as with brood */
	if (b->in_hand + b->flows.ending >= BROOD_CLIENT_SLOTS)
		problem = "as many calls of this connection are open as it may have";
	else if (b->flows.waiting > WAITING_MOST)
		problem = "over 64 MiB of answers wait for credit of this connection";
	pthread_mutex_unlock(&b->lock);
	return problem;
}
