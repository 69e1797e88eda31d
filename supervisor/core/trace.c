/* trace: text of transitions, exits and durations. Nothing here decides. */
#include "trace.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "attributes.h"

/* Text that is added to; what does not fit is cut. */
struct text {
	char *out;
	size_t size;
	size_t used;
};

static void add(struct text *t, const char *format, ...) PRINTF_LIKE(2, 3);

static void add(struct text *t, const char *format, ...)
{
	va_list args;
	int n;

	if (t->used >= t->size)
		return;
	va_start(args, format);
	n = vsnprintf(t->out + t->used, t->size - t->used, format, args);
	va_end(args);
	t->used += n > 0 ? (size_t)n : 0;
}

static const char *state_name(enum worker_state state)
{
	static const char *const names[] = {
#define STATE(name, word, doc) [WORKER_##name] = #name,
#include "lifecycle.def"
	};

	return names[state];
}

char *trace_name(const struct worker_spec *spec, uint32_t instance, char *out, size_t size)
{
	snprintf(out, size, "%s/%u", spec->name, instance);
	return out;
}

void trace_duration(struct duration d, char *out, size_t size)
{
	int64_t s = d.ms / 1000;

	if (d.ms < 1000)
		snprintf(out, size, "%dms", (int)d.ms);
	else if (s < 60)
		snprintf(out, size, "%d.%ds", (int)s, (int)(d.ms % 1000 / 100));
	else if (s < 3600)
		snprintf(out, size, "%dm %ds", (int)(s / 60), (int)(s % 60));
	else if (s < 86400)
		snprintf(out, size, "%dh %dm", (int)(s / 3600), (int)(s % 3600 / 60));
	else
		snprintf(out, size, "%lldd %dh", (long long)(s / 86400), (int)(s % 86400 / 3600));
}

/* What the stage of a failed start was about. */
static void add_object(struct text *t, const struct exit_facts *facts, const struct worker_spec *spec)
{
	add(t, "%s", exits_stage_text(facts->stage));
	if (facts->stage == STAGE_CHDIR && spec->cwd)
		add(t, " to %s", spec->cwd);
	if (facts->stage == STAGE_SEARCH && spec->command.argc > 0)
		add(t, " for %s", spec->command.argv[0]);
	if (facts->stage == STAGE_EXEC && spec->command.argc > 0)
		add(t, " of %s", spec->command.argv[0]);
	if (facts->stage != STAGE_USER || !spec->user.is_set)
		return;
	if (spec->user.name)
		add(t, " to %s", spec->user.name);
	else
		add(t, " to uid %u", spec->user.uid);
}

static void add_exit(struct text *t, const struct exit_facts *facts, const struct worker_spec *spec)
{
	switch (facts->kind) {
	case EXIT_NONE:
		add(t, "has not ended");
		break;
	case EXIT_CODE:
		add(t, "exit %d", facts->value);
		break;
	case EXIT_SIGNAL:
		add(t, "signal %d %s%s", facts->value, exits_signal_name(facts->value),
		    facts->dumped_core ? ", core dumped" : "");
		break;
	case EXIT_NOT_STARTED:
		add(t, "cannot start: ");
		add_object(t, facts, spec);
		add(t, ": %s", strerror(facts->value));
		break;
	case EXIT_CHANNEL:
		add(t, facts->value ? "broke the protocol" : "closed its channel");
		break;
	}
}

/*
 * Why it was never ready, where that is known. Most programs that say nothing on their channel do not know of it; but
 * one that fails at once may have had no time to speak, and its own reason is a better one.
 */
static const char *unready_text(const struct exit_facts *facts, bool was_late)
{
	if (facts->was_mute && (was_late || (facts->kind == EXIT_CODE && facts->value == 0)))
		return "it never answered on its channel; a program without the SDK needs channel = none";
	return was_late ? "not ready within start_timeout" : NULL;
}

void trace_exit(const struct exit_facts *facts, const struct worker_spec *spec, char *out, size_t size)
{
	struct text t = {out, size, 0};
	const char *unready = unready_text(facts, facts->was_late);

	out[0] = '\0';
	add_exit(&t, facts, spec);
	if (unready)
		add(&t, " (%s)", unready);
}

static void add_duration(struct text *t, const char *before, struct duration d)
{
	char text[32];

	trace_duration(d, text, sizeof(text));
	add(t, "%s%s", before, text);
}

static const char *cause_text(enum trace_cause cause)
{
	switch (cause) {
	case CAUSE_NONE:
		return "";
	case CAUSE_COMMAND:
		return "on command";
	case CAUSE_DRAIN:
		return "drained on command";
	case CAUSE_LEAVING:
		return "it takes no more calls";
	case CAUSE_START_TIMEOUT:
		return "not ready within start_timeout";
	case CAUSE_CHANNEL_CLOSED:
		return "it closed its channel";
	case CAUSE_PROTOCOL:
		return "it broke the protocol";
	case CAUSE_STUCK:
		return "stuck in a request";
	case CAUSE_UNFLUSHED:
		return "stop_timeout passed, it did not answer FLUSH";
	case CAUSE_LOAD:
		return "start, calls wait";
	case CAUSE_SIZE:
		return "fewer are needed";
	case CAUSE_BESIDE:
		return "start, the old one serves meanwhile";
	case CAUSE_REPLACED:
		return "the new one is up";
	case CAUSE_SHUTDOWN:
		return "brood ends";
	}
	return "";
}

void trace_stuck(const struct trace_stuck *s, char *out, size_t size)
{
	char held[32];

	trace_duration(s->held, held, sizeof(held));
	snprintf(out, size, "stuck %s in request %u", held, s->request);
}

/* With its numbers where there are some. */
static void add_cause(struct text *t, const char *before, const struct trace *e)
{
	char stuck[64];

	if (e->cause == CAUSE_STUCK && e->stuck.request != 0) {
		trace_stuck(&e->stuck, stuck, sizeof(stuck));
		add(t, "%s%s", before, stuck);
		return;
	}
	add(t, "%s%s", before, e->cause == CAUSE_NONE ? "on command" : cause_text(e->cause));
}

static const char *reason_text(enum restart_reason reason)
{
	switch (reason) {
	case RESTART_REASON_NONE:
		return "";
	case RESTART_REASON_EXCLUDED:
		return ", listed in no_restart_exit";
	case RESTART_REASON_POLICY:
		return ", restart = never";
	case RESTART_REASON_STARTS:
		return ", start_retries used up";
	case RESTART_REASON_FREQUENCY:
		return ", over restart_limit";
	}
	return "";
}

static void add_calls(struct text *t, const struct trace_calls *calls)
{
	if (calls->crashed > 0)
		add(t, ", %u call%s in hand lost", calls->crashed, calls->crashed == 1 ? "" : "s");
	if (calls->redelivered > 0)
		add(t, ", %u redelivered", calls->redelivered);
	if (calls->requeued > 0)
		add(t, ", %u requeued", calls->requeued);
}

/* Has a line before told it, or do the words of the exit? */
static bool is_known(enum trace_cause cause)
{
	return cause != CAUSE_LEAVING && cause != CAUSE_CHANNEL_CLOSED && cause != CAUSE_PROTOCOL &&
	       cause != CAUSE_STUCK;
}

/* The end of a process: how, how long it ran, and why it was told to. */
static void add_end(struct text *t, const struct trace *e, const struct worker_spec *spec)
{
	const char *unready = unready_text(&e->exit, e->cause == CAUSE_START_TIMEOUT);

	add(t, " (");
	if (e->to == WORKER_STARTING) /* the line is of the next process already */
		add(t, "gen %u: ", e->ended);
	add_exit(t, &e->exit, spec);
	if (e->exit.kind != EXIT_NOT_STARTED)
		add_duration(t, ", ran ", e->ran);
	if (unready)
		add(t, ", %s", unready);
	if (!is_known(e->cause))
		add_cause(t, ", ", e);
	add(t, "%s)", reason_text(e->reason));
	add_calls(t, &e->calls);
}

static void add_why(struct text *t, const struct trace *e, const struct worker_spec *spec)
{
	switch (e->event) {
	case EVENT_EXIT_AGAIN:
	case EVENT_EXIT_RETRY:
	case EVENT_EXIT_REST:
	case EVENT_EXIT_GIVE_UP:
		add_end(t, e, spec);
		return;
	case EVENT_READY:
		add_duration(t, " (ready after ", e->ran);
		add(t, ")");
		return;
	case EVENT_WANT_UP:
		add(t, " (%s)", e->cause == CAUSE_BESIDE || e->cause == CAUSE_LOAD ? cause_text(e->cause) : "start");
		break;
	case EVENT_WANT_CYCLE:
	case EVENT_WANT_DOWN:
	case EVENT_HALT:
	case EVENT_LEAVING:
	case EVENT_LOST:
	case EVENT_STUCK:
		add_cause(t, " (", e);
		add(t, ")");
		break;
	case EVENT_EMPTY:
	case EVENT_DRAINED:
		add(t, " (nothing in hand)");
		break;
	case EVENT_FLUSHED:
		add(t, " (nothing in hand, all handed over)");
		break;
	case EVENT_DEADLINE:
		add(t, " (%s)",
		    e->from == WORKER_BACKOFF    ? "delay over"
		    : e->from == WORKER_STARTING ? cause_text(CAUSE_START_TIMEOUT)
		    : e->cause == CAUSE_UNFLUSHED ? cause_text(e->cause)
						 : "stop_timeout passed");
		break;
	}
	if (e->event == EVENT_LOST)
		add_calls(t, &e->calls);
}

void trace_text(const struct trace *t, const struct worker_spec *spec, char *out, size_t size)
{
	struct text text = {out, size, 0};

	add(&text, "gen %u: %s -> %s", t->generation, state_name(t->from), state_name(t->to));
	add_why(&text, t, spec);
	if (t->to == WORKER_BACKOFF) {
		add(&text, ", retry %u", t->retry);
		if (t->wait.ms == 0)
			add(&text, " at once");
		else
			add_duration(&text, " in ", t->wait);
	}
	if (t->signal != 0)
		add(&text, ", SIG%s sent", exits_signal_name(t->signal));
}

bool trace_is_trouble(const struct trace *t)
{
	if (t->to == WORKER_BACKOFF || t->to == WORKER_FAILED || t->to == WORKER_KILLING || t->calls.crashed > 0)
		return true;
	return t->event == EVENT_LOST || t->event == EVENT_STUCK ||
	       (t->event == EVENT_DEADLINE && t->from != WORKER_BACKOFF);
}

void trace_keep(struct trace_ring *ring, const struct trace *t)
{
	ring->entries[ring->count % TRACE_KEPT] = *t;
	ring->count++;
}

const struct trace *trace_kept(const struct trace_ring *ring, uint32_t n)
{
	uint32_t kept = ring->count < TRACE_KEPT ? ring->count : TRACE_KEPT;

	return n < kept ? &ring->entries[(ring->count - 1 - n) % TRACE_KEPT] : NULL;
}
