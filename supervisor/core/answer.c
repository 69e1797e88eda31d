/* answer: text only; which answer it is was decided in pool. */
#include "answer.h"

#include <stdio.h>

#include "fleet.h"

/* The crashed or failed worker and how it ended. */
static void describe(const struct answer *a, const struct fleet *f, char *name, char *end)
{
	const struct worker *w = &f->workers[a->worker];

	trace_name(w->spec, w->instance, name, SPEC_NAME_MOST + 16);
	trace_exit(&a->exit, w->spec, end, TRACE_TEXT);
}

/* Of a call that waits for another worker because one has died that had it. */
static const char *may_have_run_text(const struct answer *a)
{
	return a->may_have_run ? "; the call may have run" : "";
}

static void no_worker_text(const struct answer *a, const struct fleet *f, char *out, size_t size)
{
	const char *pool = f->pools[a->pool].spec->name;
	char name[SPEC_NAME_MOST + 16];
	char end[TRACE_TEXT];

	if (a->worker == NONE) {
		snprintf(out, size, "%s is stopped%s", pool, may_have_run_text(a));
		return;
	}
	describe(a, f, name, end);
	snprintf(out, size, "no instance of %s can run, %s failed: %.200s%s", pool, name, end, may_have_run_text(a));
}

static void crash_text(const struct answer *a, const struct fleet *f, char *out, size_t size)
{
	const char *run = a->not_processed ? "it has not run" : "it may have run";
	char name[SPEC_NAME_MOST + 16];
	char end[TRACE_TEXT];

	describe(a, f, name, end);
	if (a->number > 0)
		snprintf(out, size,
			 "%s ended while it had this call: %.100s (given back %llu times as not begun, the most for "
			 "max_attempts = %llu, %s)",
			 name, end, (unsigned long long)a->number, (unsigned long long)a->limit, run);
	else if (a->exit.kind == EXIT_CHANNEL)
		snprintf(out, size, "%s %s while it had this call (attempt %u, %s)", name, end, a->attempt, run);
	else
		snprintf(out, size, "%s ended while it had this call: %.200s (attempt %u, %s)", name, end,
			 a->attempt, run);
}

static void deadline_text(const struct answer *a, char *out, size_t size)
{
	char waited[32];

	trace_duration(a->waited, waited, sizeof(waited));
	snprintf(out, size, "no answer within %s%s", waited,
		 !a->may_have_run    ? " (it waited in the queue)"
		 : a->worker == NONE ? " (its worker ended, it waited for another one, it may have run)"
				     : " (a worker has it, it may still run)");
}

static void overloaded_text(const struct answer *a, const char *pool, char *out, size_t size)
{
	unsigned long long number = a->number;
	unsigned long long limit = a->limit;
	const char *more = number == 1 ? "" : "s";
	const char *verb = number == 1 ? "s" : "";
	char waited[32];

	switch (a->over) {
	case LIMIT_PENALTY:
		trace_duration(a->waited, waited, sizeof(waited));
		snprintf(out, size,
			 "%s has lost %llu instance%s by calls of uid %llu: refused for another %s (crash_penalty)",
			 pool, number, more, limit, waited);
		return;
	case LIMIT_QUEUE:
		snprintf(out, size, "%s is overloaded: %llu call%s wait%s, queue = %llu", pool, number, more, verb,
			 limit);
		return;
	case LIMIT_QUEUE_BYTES:
		snprintf(out, size, "%s is overloaded: %llu bytes would wait, queue_bytes = %llu", pool, number,
			 limit);
		return;
	case LIMIT_PARTIAL:
		snprintf(out, size, "requests under way fill max_partial or max_partial_per_uid");
		return;
	case LIMIT_UNREAD:
		snprintf(out, size,
			 "there is no room for its answer: this connection does not read, max_unread = %llu", limit);
		return;
	case LIMIT_STALLED:
		snprintf(out, size, "its answer was given up: this connection does not read, and others wait for %s",
			 pool);
		return;
	case LIMIT_USER:
		snprintf(out, size,
			 "%llu call%s of this user wait%s for %s or are in its hands, max_calls_per_uid = %llu",
			 number, more, verb, pool, limit);
		return;
	case LIMIT_SHARE:
		snprintf(out, size, "%s is overloaded: %llu call%s of this user wait%s, its part of queue is %llu",
			 pool, number, more, verb, limit);
		return;
	case LIMIT_SHARE_BYTES:
		snprintf(out, size, "%s is overloaded: %llu bytes of this user wait, its part of queue_bytes is %llu",
			 pool, number, limit);
		return;
	case LIMIT_ORDER_KEYS:
		snprintf(out, size, "%s is overloaded: %llu order key%s are in use, order_keys = %llu", pool, number,
			 more, limit);
		return;
	case LIMIT_OPEN_CALLS:
		snprintf(out, size, "%llu calls of this connection are open, it may have %llu", number, limit);
		return;
	}
}

static void unsupported_text(const struct answer *a, const char *pool, char *out, size_t size)
{
	switch (a->side) {
	case SIDE_REQUEST:
		snprintf(out, size, "%s takes no requests of several messages", pool);
		return;
	case SIDE_REPLY:
		snprintf(out, size, "the answer has several messages, and this client takes one");
		return;
	case SIDE_NONE:
		snprintf(out, size, "%s", frame_reason_text(a->reason));
		return;
	}
}

static void quarantine_text(const struct answer *a, const char *pool, char *out, size_t size)
{
	char left[32];

	trace_duration(a->waited, left, sizeof(left));
	snprintf(out, size,
		 "this request has killed or hung %llu instance%s of %s: refused for another %s "
		 "(brood quarantine release %016llx)",
		 (unsigned long long)a->number, a->number == 1 ? "" : "s", pool, left, (unsigned long long)a->key);
}

void answer_text(const struct answer *a, const struct fleet *f, char *out, size_t size)
{
	const char *pool = f->pools[a->pool].spec->name;

	switch (a->reason) {
	case REASON_NO_WORKER:
		no_worker_text(a, f, out, size);
		return;
	case REASON_WORKER_CRASHED:
		crash_text(a, f, out, size);
		return;
	case REASON_QUARANTINED:
		quarantine_text(a, pool, out, size);
		return;
	case REASON_DEADLINE:
		deadline_text(a, out, size);
		return;
	case REASON_OVERLOADED:
		overloaded_text(a, pool, out, size);
		return;
	case REASON_DRAINING:
		snprintf(out, size, "%s is stopping%s", f->is_stopping ? "brood" : pool, may_have_run_text(a));
		return;
	case REASON_CANCELLED:
		snprintf(out, size, "cancelled by the caller%s", a->may_have_run ? ", it may have run" : "");
		return;
	case REASON_TOO_LARGE:
		snprintf(out, size, "%s is larger than max_message, %llu bytes",
			 a->side == SIDE_REQUEST ? "a message of the request" : "the reply",
			 (unsigned long long)a->limit);
		return;
	case REASON_UNSUPPORTED:
		unsupported_text(a, pool, out, size);
		return;
	case REASON_INVALID:
		snprintf(out, size, "the request ends inside a message, goes on behind its end, or never ends");
		return;
	case REASON_NONE:
	case REASON_NO_POOL:
	case REASON_DENIED:
	case REASON_PROTOCOL:
	case REASON_INTERNAL:
	case REASON_FD_LOST:
	case REASON_FD_REFUSED:
	case REASON_VERSION:
	case REASON_UNAUTHENTICATED:
	case REASON_CONNECTION_LOST:
	case REASONS:
		break;
	}
	snprintf(out, size, "%s", frame_reason_text(a->reason));
}
