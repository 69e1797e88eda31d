/*
 * descriptor: descriptors that a program passes along with a call or an answer, and those that it gets.
 *
 * Outward the SDK keeps duplicates until they have left. Inward nothing is kept that the program has not asked for
 * in its options, and what it does not take is closed together with what it came with.
 */
#include "handle.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fds.h"

int descriptor_expect(brood_t *b, int most)
{
	if (most < 0 || most > FRAME_FDS_MOST)
		return fail(-EINVAL, "cannot take %d descriptors with one message: 0..%d", most, FRAME_FDS_MOST);
	b->fds_most = (unsigned)most;
	return 0;
}

void descriptor_offer(brood_t *b)
{
	if (b->is_socket)
		b->own.features |= FEATURE_FDS;
	/* a worker offers its clients what brood has offered to it: the operator decides */
	if (b->is_socket && (!b->parent || b->parent->agreed.features & FEATURE_MEMFD))
		b->own.features |= FEATURE_MEMFD;
	b->takes_fds = b->is_socket && b->fds_most > 0;
}

int descriptor_attach(const brood_t *b, struct frame *f, const int *fd, size_t count)
{
	int rc;

	if (count == 0)
		return 0;
	if (!(b->agreed.features & FEATURE_FDS))
		return fail(-EOPNOTSUPP, "cannot pass descriptors: the other side takes none here");
	rc = fds_copy(&f->fds, fd, count);
	if (rc == -EINVAL)
		return fail(rc, "cannot pass %zu descriptors: at most %d travel with one message", count,
			    FRAME_FDS_MOST);
	if (rc < 0)
		return fail(rc, "cannot pass descriptors: %s", strerror(-rc));
	f->nfds = (uint8_t)count;
	return 0;
}

int descriptor_claim(brood_t *b, struct frame *f)
{
	if (!fds_may_ride(f->type))
		return session_protocol_error(b, "descriptors with a frame that carries none");
	if (!b->takes_fds)
		return 0; /* they are gone; who knows what the frame was for says so */
	switch (fd_queue_match(&b->arrived, f->nfds, &f->fds)) {
	case FD_MATCH_OK:
		return 0;
	case FD_MATCH_LOST:
	case FD_MATCH_NO_MEMORY:
		f->fds_lost = true;
		return 0;
	case FD_MATCH_NONE:
		return session_protocol_error(b, "a frame announces descriptors that did not come with it");
	}
	return 0;
}

int descriptor_check_rest(brood_t *b)
{
	if (!fd_queue_is_overfull(&b->arrived, frame_is_partial(&b->decoder)))
		return 0;
	return session_protocol_error(b, "descriptors that no frame announces");
}

enum frame_reason descriptor_judge(const brood_t *b, const struct frame *f, char *text, size_t size)
{
	text[0] = '\0';
	if (f->nfds == 0)
		return REASON_NONE;
	if (f->nfds == FRAME_FDS_UNSENT || f->fds_lost) {
		snprintf(text, size, "not all descriptors arrived; is %s at its limit of open files?",
			 f->nfds == FRAME_FDS_UNSENT ? "the sender's user" : "this process");
		return REASON_FD_LOST;
	}
	if (f->nfds <= b->fds_most && f->fds)
		return REASON_NONE;
	snprintf(text, size, "it brings %u descriptor%s, at most %u %s taken here (fds in the options of %s)", f->nfds,
		 f->nfds == 1 ? "" : "s", b->fds_most, b->fds_most == 1 ? "is" : "are",
		 b->is_worker || b->parent ? "brood_serve()" : "brood_connect()");
	return REASON_FD_REFUSED;
}

size_t brood_request_fds(const brood_request_t *request)
{
	return request_frame(request)->fds ? request_frame(request)->nfds : 0;
}

int brood_request_take_fd(brood_request_t *request, size_t index)
{
	const struct frame *f = request_frame(request);
	int fd = index < f->nfds ? fds_take(f->fds, index) : -1;

	return fd >= 0 ? fd : -ENOENT;
}

int brood_answer_take_fd(const struct brood_answer *answer, size_t index)
{
	int fd = fds_take(answer->fds, index);

	return fd >= 0 ? fd : -ENOENT;
}
