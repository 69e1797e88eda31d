/*
 * operator: JSON messages ended by NUL, in and out.
 *
 * Each message must come from the user that connected: a set-user-id program that was tricked into writing here has
 * another real uid than the one it connected with.
 */
#include "operator.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control.h"
#include "control_task.h"
#include "loop.h"
#include "supervisor.h"

enum { VECTOR_MOST = 16, PENDING_MOST = 1 << 20 };

static void on_ready(uv_poll_t *poll, int status, int events);

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void operator_close(struct operator *o)
{
	if (o->is_gone)
		return;
	o->is_gone = true;
	/* first the handle, then the descriptor: uv_close() touches the number, which may be another's by then */
	uv_close((uv_handle_t *)&o->poll, on_closed);
	close(o->fd);
	outbox_close(&o->outbox);
	assembly_close(&o->answer);
	admin_result_close(&o->task);
	free(o->input);
	control_forget(o);
	task_forget(o);
}

/* ------------------------------------------------------------------ writing */

/* Has it to wait with its next message? For an answer, or because it does not read those that it has got. */
static bool is_held(const struct operator *o)
{
	return o->is_busy || outbox_bytes(&o->outbox) > PENDING_MOST;
}

/*
 * What is not handled yet is not read either: it waits in the socket, at its sender's cost. That the peer has gone
 * is seen all the same: the kernel tells it to whoever polls, and urgent data is what no operator sends.
 */
static void look(struct operator *o)
{
	bool reads = !o->input_ended && !is_held(o);
	bool wants_room = outbox_bytes(&o->outbox) > 0 && !o->is_starved;
	int events = (reads ? UV_READABLE : UV_PRIORITIZED) | (wants_room ? UV_WRITABLE : 0);

	if (o->is_alone)
		uv_poll_stop(&o->poll);
	else
		uv_poll_start(&o->poll, events, on_ready);
}

/* Nothing sensible can be written any more: reading sees the end. */
static void cut(struct operator *o)
{
	outbox_close(&o->outbox);
	(void)shutdown(o->fd, SHUT_RDWR);
}

static void flush(struct operator *o)
{
	struct iovec vector[VECTOR_MOST];

	while (outbox_bytes(&o->outbox) > 0) {
		struct msghdr m = {.msg_iov = vector};
		ssize_t n;

		m.msg_iovlen = outbox_vector(&o->outbox, vector, VECTOR_MOST);
		n = sendmsg(o->fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == ENOBUFS || errno == ENOMEM)) {
			o->is_starved = true;
			loop_starve(o->s, NULL);
		} else if (n < 0 && errno != EAGAIN) {
			cut(o);
		}
		if (n < 0)
			break;
		outbox_sent(&o->outbox, (size_t)n);
	}
	control_pay(o);
	look(o);
}

void operator_retry(struct operator *o)
{
	if (!o->is_starved)
		return;
	o->is_starved = false;
	flush(o);
	o->s->has_news = true; /* its next message may be handled now */
}

void operator_send(struct operator *o, json_t *reply)
{
	char *text = reply ? json_dumps(reply, JSON_COMPACT) : NULL;

	json_decref(reply);
	if (!o->is_gone) {
		if (!text || !outbox_add(&o->outbox, text, strlen(text) + 1))
			cut(o);
		flush(o);
	}
	free(text);
}

void operator_line(struct operator *o, json_t *line)
{
	if (outbox_bytes(&o->outbox) > PENDING_MOST) {
		o->dropped++;
		json_decref(line);
		return;
	}
	if (o->dropped > 0) {
		char text[80];

		snprintf(text, sizeof(text), "dropped %llu lines: this reader is too slow",
			 (unsigned long long)o->dropped);
		o->dropped = 0;
		operator_send(o, admin_line_reply(admin_line("brood", 0, true, false, loop_wall_ms(), text,
							     strlen(text))));
	}
	operator_send(o, admin_line_reply(line));
}

/* ------------------------------------------------------------------ reading */

/* Reads once; the ids of the message must be those of the peer. -EACCES otherwise. */
static ssize_t receive(struct operator *o, char *to, size_t size)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(struct ucred))];
	} control;
	struct iovec vector = {to, size};
	struct msghdr m = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control.bytes,
			   .msg_controllen = sizeof(control.bytes)};
	struct ucred ids = {.uid = (uid_t)-1};
	ssize_t n;

	do {
		n = recvmsg(o->fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n < 0 ? -errno : 0;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS &&
		    c->cmsg_len == CMSG_LEN(sizeof(ids)))
			memcpy(&ids, CMSG_DATA(c), sizeof(ids));
	}
	return ids.uid == o->uid && ids.pid != 0 ? n : -EACCES;
}

static bool reserve(struct operator *o)
{
	size_t capacity = o->input_capacity ? 2 * o->input_capacity : 4096;
	char *grown;

	if (o->input_size < o->input_capacity)
		return true;
	if (o->input_size >= ADMIN_MESSAGE_MOST)
		return false;
	grown = realloc(o->input, capacity);
	if (!grown)
		return false;
	o->input = grown;
	o->input_capacity = capacity;
	return true;
}

/* Handles the messages that are there, until it is held. */
static void digest(struct operator *o)
{
	size_t used = 0;

	while (!is_held(o) && !o->is_gone) {
		char *end = memchr(o->input + used, '\0', o->input_size - used);
		size_t length;

		if (!end)
			break;
		length = (size_t)(end - (o->input + used));
		used += length + 1;
		task_handle(o, o->input + used - length - 1, length);
	}
	if (o->is_gone || used == 0)
		return;
	o->input_size -= used;
	memmove(o->input, o->input + used, o->input_size);
	if (o->input_size == 0) {
		free(o->input);
		o->input = NULL;
		o->input_capacity = 0;
	}
}

void operator_resume(struct operator *o)
{
	if (!is_held(o) && o->input_size > 0)
		digest(o);
	if (o->is_gone)
		return;
	if (o->input_ended && !o->is_busy && !o->follows && outbox_bytes(&o->outbox) == 0)
		operator_close(o);
	else
		look(o);
}

/* Has the peer closed all of the connection, not just its own direction? */
static bool is_peer_gone(const struct operator *o)
{
	struct pollfd p = {.fd = o->fd};

	return poll(&p, 1, 0) > 0 && p.revents & (POLLHUP | POLLERR);
}

/* Nobody is there any more. A call that was to be made without an answer is still made; nothing else is waited for. */
static void leave(struct operator *o)
{
	if (!o->is_busy || !o->task.is_oneway) {
		operator_close(o);
		return;
	}
	o->is_alone = true;
	o->input_ended = true;
	o->input_size = 0;
	outbox_close(&o->outbox);
	look(o);
}

static void read_some(struct operator *o)
{
	ssize_t n;

	if (!reserve(o)) {
		operator_send(o, admin_refused("the message is longer than 1 MiB"));
		operator_close(o);
		return;
	}
	n = receive(o, o->input + o->input_size, o->input_capacity - o->input_size);
	if (n == -EAGAIN)
		return;
	if (n == 0 && is_peer_gone(o)) {
		leave(o);
		return;
	}
	if (n == 0) { /* it still wants the answer to what it asked */
		o->input_ended = true;
		operator_resume(o);
		return;
	}
	if (n == -EACCES)
		log_say(&o->s->log, "admin: closed uid %u pid %d: its message came from another user", o->uid,
			(int)o->pid);
	if (n < 0) {
		operator_close(o);
		return;
	}
	o->input_size += (size_t)n;
	digest(o);
	if (!o->is_gone)
		look(o);
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
	struct operator *o = poll->data;

	if (status < 0 || (events & UV_PRIORITIZED)) {
		leave(o);
		return;
	}
	if (events & UV_WRITABLE)
		flush(o);
	if (events & UV_READABLE)
		read_some(o);
	else
		operator_resume(o);
}

void operator_go_on(struct operator *o)
{
	o->is_busy = false;
	admin_result_close(&o->task);
	o->s->has_news = true;
}

struct operator *operator_open(struct supervisor *s, int fd, const struct peer *peer)
{
	struct operator *o = calloc(1, sizeof(*o));

	if (!o) {
		close(fd);
		return NULL;
	}
	*o = (struct operator){.s = s, .fd = fd, .uid = peer->uid, .gid = peer->gid, .pid = peer->pid,
			       .client = NONE, .task = {.kind = ADMIN_SILENCE}};
	if (uv_poll_init(&s->uv, &o->poll, fd) < 0) {
		close(fd);
		free(o);
		return NULL;
	}
	o->poll.data = o;
	look(o);
	return o;
}
