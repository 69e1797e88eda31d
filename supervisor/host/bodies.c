/* bodies: see bodies.h. */
#include "bodies.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "fds.h"
#include "fingerprint.h"
#include "hand.h"
#include "instance.h"
#include "memory.h"
#include "partial.h"
#include "request.h"
#include "supervisor.h"

bool bodies_may_be_shared(const struct worker_spec *w)
{
	return w->large_bodies != BODIES_COPY && w->channel == CHANNEL_SOCKETPAIR;
}

bool bodies_may_come_from(const struct worker_spec *w, uint32_t uid)
{
	return w->large_bodies == BODIES_SHARE || uid == 0 || uid == geteuid();
}

bool bodies_are_offered(const struct supervisor *s, uint16_t pool)
{
	return bodies_may_be_shared(&s->spec->workers[pool]) && !s->copies[pool];
}

void bodies_see_worker(struct instance *i)
{
	const struct worker *w = instance_worker(i);

	if (bodies_may_be_shared(w->spec) && !(i->link.agreed.features & FEATURE_MEMFD))
		i->s->copies[w->pool] = true;
}

static int number_of(const struct frame *f)
{
	size_t count;

	return fds_numbers(f->fds, &count)[0];
}

enum frame_reason bodies_judge_call(const struct client *c, const struct frame *f, char text[BODIES_TEXT])
{
	struct memory_note n = memory_note(f->body, f->body_size);
	const char *problem;

	if (!f->fds) {
		snprintf(text, BODIES_TEXT, "the memory with the request %s",
			 f->nfds == FRAME_FDS_UNSENT ? "could not be sent"
						     : "did not arrive: brood is at its limit of open files");
		return REASON_FD_LOST;
	}
	if (n.body.size > c->assembly.max_message) {
		snprintf(text, BODIES_TEXT, "request %llu > max_message %u", (unsigned long long)n.body.size,
			 c->assembly.max_message);
		return REASON_TOO_LARGE;
	}
	problem = memory_problem(number_of(f), &n);
	if (!problem)
		return REASON_NONE;
	snprintf(text, BODIES_TEXT, "the memory with the request cannot be used: %s", problem);
	return REASON_INVALID;
}

uint32_t bodies_size(const struct frame *f)
{
	return f->flags & FLAG_MEMFD ? (uint32_t)memory_note(f->body, f->body_size).body.size : f->body_size;
}

bool bodies_read(const struct frame *f, uint64_t offset, void *out, size_t size)
{
	struct memory_note n;

	if (f->flags & FLAG_MEMFD) {
		n = memory_note(f->body, f->body_size);
		return memory_read(number_of(f), (struct memory_span){n.body.offset + offset, size}, out) ==
		       0;
	}
	memcpy(out, f->body + offset, size);
	return true;
}

int bodies_fetch(struct message *m)
{
	int rc = memory_fill(m, number_of(&m->frame), memory_note(m->frame.body, m->frame.body_size).body);

	if (rc < 0)
		return rc;
	m->frame.flags &= (uint8_t)~FLAG_MEMFD;
	fds_unref(m->frame.fds);
	m->frame.fds = NULL;
	m->frame.nfds = 0;
	return 0;
}

/*
 * Does brood hold more descriptors than bodies may fill, this one's counted? Then what can be read is read, and closed.
 * The other half of max_fds is for what cannot be read: descriptors that programs pass along.
 */
static bool are_too_many(const struct supervisor *s)
{
	return s->fds_held > s->spec->brood.max_fds / 2;
}

enum frame_reason bodies_take(struct client *c, struct message *m, char text[BODIES_TEXT])
{
	struct supervisor *s = c->s;
	uint64_t cost = are_too_many(s) ? bodies_size(&m->frame) : 0;

	if (!(m->frame.flags & FLAG_MEMFD))
		return REASON_NONE;
	if (s->fleet.suspects->count > 0)
		cost += fingerprint_cost(bodies_size(&m->frame));
	if (cost > 0 && !partial_may_read(s, c->user, cost)) {
		snprintf(text, BODIES_TEXT,
			 "brood has read much of what uid %u has in memory, and others wait for it", c->peer.uid);
		return REASON_OVERLOADED;
	}
	if (!are_too_many(s) || bodies_fetch(m) == 0)
		return REASON_NONE;
	snprintf(text, BODIES_TEXT, "the memory with the request cannot be read");
	return REASON_INTERNAL;
}

bool bodies_check_reply(const struct instance *i, const struct frame *reply)
{
	const struct fleet *fleet = &i->s->fleet;
	const struct worker *w = instance_worker(i);
	struct memory_note answer = memory_note(reply->body, reply->body_size);
	struct memory_note asked;
	const struct frame *f;
	uint32_t call = hand_find(&fleet->pools[w->pool], w, reply->id);

	if (call == NONE)
		return true; /* of no call: nobody will get it */
	if (fleet->ledger.table.calls[call].is_answering)
		return false;
	f = &request_at(&i->s->requests, fleet->ledger.table.calls[call].body)->message->frame;
	if (!(f->flags & FLAG_MEMFD))
		return false;
	asked = memory_note(f->body, f->body_size);
	return answer.body.offset == asked.lent.offset && answer.body.size <= asked.lent.size;
}
