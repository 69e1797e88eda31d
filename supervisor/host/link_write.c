/*
 * link_write: frames to bytes, and bytes out. Short writes, EINTR and EAGAIN end here.
 */
#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "fdsend.h"
#include "head.h"
#include "link.h"
#include "link_parts.h"
#include "loop.h"
#include "supervisor.h"

enum { VECTOR_MOST = 64, OWED_MOST = 1 << 20 };

static ssize_t transmit(struct link *l, struct iovec vector[VECTOR_MOST])
{
	ssize_t n;

	if (l->in == l->out)
		return fd_send(&l->outbox, l->out, vector, VECTOR_MOST);
	do {
		/* SIGPIPE is ignored in brood */
		n = writev(l->out, vector, (int)outbox_vector(&l->outbox, vector, VECTOR_MOST));
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

static void half_close(struct link *l)
{
	l->is_half_closed = true;
	if (l->in == l->out) {
		shutdown(l->out, SHUT_WR);
		return;
	}
	/* first the handle, then the descriptor: uv_close() touches the number, which may be another's by then */
	uv_close((uv_handle_t *)&l->poll_out, link_one_closed);
	close(l->out);
	l->out = -2; /* neither open nor equal to in */
}

void link_flush(struct link *l)
{
	struct iovec vector[VECTOR_MOST];

	while (l->is_open && !l->is_lost && !l->is_half_closed && outbox_bytes(&l->outbox) > 0) {
		ssize_t n = transmit(l, vector);

		if (n == -EAGAIN)
			break;
		if (n == -ENOBUFS || n == -ENOMEM) { /* not the peer's fault, and it passes */
			loop_starve(l->s, l);
			break;
		}
		if (n < 0) {
			link_cannot_write(l);
			break;
		}
		outbox_sent(&l->outbox, (size_t)n);
		flow_pump(&l->flows);
	}
	if (l->flows.broken)
		link_cannot_write(l);
	if (l->wants_half_close && !l->is_half_closed && link_waiting(l) == 0)
		half_close(l);
	link_look(l);
	if (l->owner->written && l->is_open)
		l->owner->written(l);
	if (l->owner->flushed && l->is_open && link_waiting(l) == 0)
		l->owner->flushed(l);
}

void link_turn(struct link *l)
{
	link_flush(l);
	if (l->is_lost && l->is_open && !l->is_ended && !l->is_digesting)
		link_read(l);
}

void link_send(struct link *l, const struct frame *f)
{
	if (!l->is_open || l->is_lost)
		return;
	if (!outbox_frame(&l->outbox, f))
		link_cannot_write(l);
	loop_mark(l->s, l);
}

bool link_send_owed(struct link *l, const struct frame *f)
{
	if (l->outbox.sent >= l->owed_from) {
		l->owed = 0;
		l->owed_from = l->outbox.added;
	}
	l->owed += frame_size(f);
	link_send(l, f);
	return l->owed <= OWED_MOST;
}

void link_send_message(struct link *l, const struct frame *f, void (*release)(void *), void *owner)
{
	if (!l->is_open || l->is_lost) {
		if (release)
			release(owner);
		return;
	}
	if (!flow_send(&l->flows, f, release, owner)) {
		if (release)
			release(owner);
		link_cannot_write(l);
	}
	loop_mark(l->s, l);
}

bool link_credit(struct link *l, uint32_t id, uint32_t bytes)
{
	bool fine = flow_credit(&l->flows, id, bytes);

	flow_pump(&l->flows);
	loop_mark(l->s, l);
	return fine;
}

static uint32_t write_error(uint8_t *block, size_t capacity, const char *text)
{
	struct head_writer w = {.block = block, .capacity = capacity};

	return text && head_add_text(&w, ":error", text) ? (uint32_t)w.size : 0;
}

void link_goaway(struct link *l, uint32_t reason, const char *text)
{
	uint8_t block[512];
	uint32_t size = write_error(block, sizeof(block), text);

	link_send(l, &(struct frame){.type = FRAME_GOAWAY, .arg = reason, .head = block, .head_size = size});
}

void link_answer(struct link *l, uint32_t id, uint32_t status, bool not_processed, const char *text)
{
	uint8_t block[512];
	uint32_t size = write_error(block, sizeof(block), text);

	flow_drop(&l->flows, id);
	link_send(l, &(struct frame){.type = FRAME_REPLY,
				     .flags = (uint8_t)(FLAG_EOS | (not_processed ? FLAG_NOT_PROCESSED : 0)),
				     .id = id,
				     .arg = status,
				     .head = block,
				     .head_size = size});
}

void link_half_close(struct link *l)
{
	l->wants_half_close = true;
	loop_mark(l->s, l);
}
