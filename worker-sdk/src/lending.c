/* lending: see lending.h. All memory has the same shape: a place for the request, and one behind it for the answer. */
#include "lending.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conn.h"
#include "fds.h"
#include "memory.h"

enum {
	KEPT_MOST = 64 << 20, /* bytes of memory that wait for the next call */
	COPIED_FIRST = 1,     /* new memory is paid for by being used again: so many large calls go without */
	PLACE = 2 << 20,      /* the answer's place begins at a multiple of this */
};

struct loan {
	struct loan *next;
	struct fds *fds; /* the one descriptor */
	uint64_t answer_at;
	uint64_t size;
	size_t requested; /* the largest request that was there: so much of it exists */
	size_t answered;  /* likewise */
};

static int number_of(const struct loan *l)
{
	size_t count;

	return fds_numbers(l->fds, &count)[0];
}

static size_t weight(const struct loan *l)
{
	return l->requested + l->answered;
}

static void free_loan(struct loan *l)
{
	fds_unref(l->fds);
	free(l);
}

static struct loan *new_loan(const brood_t *b)
{
	struct loan *l = malloc(sizeof(*l));
	int fd;

	if (!l)
		return NULL;
	*l = (struct loan){.answer_at = ((uint64_t)b->agreed.max_message + PLACE - 1) / PLACE * PLACE};
	l->size = l->answer_at + b->own.max_message;
	fd = memory_make(l->size);
	if (fd >= 0)
		l->fds = fds_new(&fd, 1);
	if (l->fds)
		return l;
	free(l);
	return NULL;
}

static struct loan *find_loan(brood_t *b)
{
	struct loan *l = b->loans;

	if (!l)
		return b->large_calls > COPIED_FIRST ? new_loan(b) : NULL;
	b->loans = l->next;
	b->loans_kept -= weight(l);
	return l;
}

static size_t share_from(const brood_t *b)
{
	return b->options.share_from > 0 ? b->options.share_from : BROOD_SHARE_LEAST;
}

static bool is_worth_it(const brood_t *b, const struct frame *f)
{
	if (!(b->agreed.features & FEATURE_MEMFD) || f->nfds > 0 || !(f->flags & FLAG_EOM))
		return false;
	return f->body_size >= share_from(b) || b->expects_large;
}

struct loan *lending_begin(brood_t *b, struct frame *f, uint8_t *note)
{
	struct memory_note n = {.body = {0, f->body_size}};
	struct loan *l;

	if (!is_worth_it(b, f))
		return NULL;
	b->large_calls++;
	l = find_loan(b);
	if (!l)
		return NULL;
	if (memory_put(number_of(l), n.body, f->body, f->body_size) < 0) {
		free_loan(l); /* no room in memory: what it holds is wanted elsewhere */
		return NULL;
	}
	if (f->body_size > l->requested)
		l->requested = f->body_size;
	n.lent = (struct memory_span){l->answer_at, l->size - l->answer_at};
	f->flags |= FLAG_MEMFD;
	f->body = note;
	f->body_size = memory_write_note(note, &n);
	f->nfds = 1;
	f->fds = fds_ref(l->fds);
	return l;
}

void lending_end(brood_t *b, struct loan *loan, bool was_answered, size_t size)
{
	if (was_answered)
		b->expects_large = size >= share_from(b);
	if (!loan)
		return;
	if (!was_answered || b->loans_kept + weight(loan) > KEPT_MOST) {
		free_loan(loan);
		return;
	}
	loan->next = b->loans;
	b->loans = loan;
	b->loans_kept += weight(loan);
}

void lending_stop(brood_t *b)
{
	b->agreed.features &= ~(uint64_t)FEATURE_MEMFD;
}

int lending_read(brood_t *b, struct loan *loan, const struct frame *f, struct message **out)
{
	struct memory_note n = memory_note(f->body, f->body_size);
	struct frame reply = *f;
	struct message *m;
	int rc;

	if (!loan || n.body.offset != loan->answer_at || n.body.size > loan->size - loan->answer_at)
		return -EPROTO;
	reply.body_size = 0;
	reply.flags &= (uint8_t)~FLAG_MEMFD;
	m = message_copy(&b->spares, &reply);
	if (!m)
		return -ENOMEM;
	if (n.body.size > loan->answered)
		loan->answered = (size_t)n.body.size;
	rc = memory_fill(m, number_of(loan), n.body);
	if (rc < 0)
		message_free(m);
	else
		*out = m;
	return rc;
}

void lending_close(brood_t *b)
{
	while (b->loans) {
		struct loan *l = b->loans;

		b->loans = l->next;
		free_loan(l);
	}
	b->loans_kept = 0;
	b->large_calls = 0;
}

/* ---------------------------------------------------------------- of a worker */

/*
 * Memory belongs to who touches it first: a caller of another user could let this process, and what limits it, pay for
 * as much as it likes. So it gets its answers by copying.
 */
static bool is_trusted(const struct frame *request)
{
	return request->words & 1u << WORD_PEER && (request->peer.uid == 0 || request->peer.uid == geteuid());
}

/* Nothing more is wanted of the memory: the descriptor is not kept for as long as the request lasts. */
static void let_go(struct frame *request)
{
	request->flags &= (uint8_t)~FLAG_MEMFD;
	fds_unref(request->fds);
	request->fds = NULL;
}

enum frame_reason lending_take(brood_t *b, const struct frame *f, struct message **out, const char **why_out)
{
	struct memory_note n = memory_note(f->body, f->body_size);
	uint8_t note[FRAME_NOTE_LENDS] = {0};
	struct frame request = *f;
	struct message *m;
	size_t count;
	int fd;
	int rc;

	*why_out = "not all descriptors arrived; is this process at its limit of open files?";
	if (!f->fds)
		return REASON_FD_LOST;
	fd = fds_numbers(f->fds, &count)[0];
	*why_out = memory_problem(fd, &n);
	if (*why_out)
		return REASON_INVALID;
	*why_out = "no memory for the request";
	memcpy(note, f->body, f->body_size);
	request.body = note; /* whole: lending_put() looks for it behind the head */
	request.body_size = sizeof(note);
	m = message_copy(&b->spares, &request);
	rc = m ? memory_fill(m, fd, n.body) : -ENOMEM;
	if (rc == 0) {
		m->frame.nfds = 0; /* it is not the program's */
		if (b->parent)
			conn_stamp(b, &m->frame);
		if (n.lent.size == 0 || !is_trusted(&m->frame))
			let_go(&m->frame);
		*out = m;
		return REASON_NONE;
	}
	message_free(m);
	if (rc == -ENOMEM)
		return REASON_INTERNAL;
	*why_out = "the memory with the request cannot be read";
	return REASON_INVALID;
}

void lending_put(const struct frame *request, struct frame *reply, uint8_t *note)
{
	const uint8_t *asked = request->head + request->head_size; /* where lending_take() has put it */
	struct memory_note n;
	size_t count;

	if (!(request->flags & FLAG_MEMFD) || !(reply->flags & FLAG_EOM) ||
	    reply->body_size < BROOD_SHARE_LEAST || reply->nfds > 0)
		return;
	n = memory_note(asked, FRAME_NOTE_LENDS);
	n.body = (struct memory_span){n.lent.offset, reply->body_size};
	if (memory_put(fds_numbers(request->fds, &count)[0], n.lent, reply->body, reply->body_size) < 0)
		return;
	n.lent.size = 0;
	reply->flags |= FLAG_MEMFD;
	reply->body = note;
	reply->body_size = memory_write_note(note, &n);
}
