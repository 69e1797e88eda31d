/*
 * log: lines, and what becomes of those that stderr does not take.
 *
 * Every line goes through `pending`: alone, or with all others of a turn. The sink writes it in pieces of whole lines.
 */
#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "escape.h"
#include "loop.h"

enum { KEPT_MOST = 64 << 10 }; /* of an empty buffer */

/* Does the journal read our stderr? Then it adds the time itself. */
static bool is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	struct stat st;
	char own[64];

	if (fstat(STDERR_FILENO, &st) < 0)
		return false;
	snprintf(own, sizeof(own), "%llu:%llu", (unsigned long long)st.st_dev,
		 (unsigned long long)st.st_ino);
	return stream && strcmp(stream, own) == 0;
}

/* -------------------------------------------------------------- the way out */

static size_t waiting(const struct log *log)
{
	return log->pending_size - log->pending_sent;
}

static void forget_pending(struct log *log)
{
	log->pending_sent = log->pending_size = 0;
	if (log->pending_capacity <= KEPT_MOST)
		return;
	free(log->pending); /* one flood is no reason to hold so much for ever */
	log->pending = NULL;
	log->pending_capacity = 0;
}

/* What waits cannot be written: it is counted, and the next line tries anew. */
static void lose(struct log *log, int error)
{
	const char *at = log->pending + log->pending_sent;
	const char *end = log->pending + log->pending_size;

	if (log->pending_sent > 0)
		log->is_torn = at[-1] != '\n';
	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));

		log->lost++;
		at = newline ? newline + 1 : end;
	}
	log->error = error;
	forget_pending(log);
}

/* Whole lines, as many as the sink takes at once; at least one. */
static size_t next_piece(const struct log *log)
{
	const char *at = log->pending + log->pending_sent;
	size_t most = waiting(log) < log->sink.piece ? waiting(log) : log->sink.piece;
	const char *end = memrchr(at, '\n', most);

	if (!end)
		end = memchr(at, '\n', waiting(log));
	return (size_t)(end - at) + 1;
}

static size_t add_prefix(struct log *log, int64_t wall_ms, const char *name, char out[LOG_PREFIX])
{
	size_t used = 0;

	if (log->has_time) {
		if (log->second != wall_ms / 1000) {
			log->second = wall_ms / 1000;
			log_time(wall_ms, log->stamp, sizeof(log->stamp));
		}
		used = strlen(log->stamp);
		memcpy(out, log->stamp, used);
		for (size_t i = 1, ms = (size_t)(wall_ms % 1000); i <= 3 && used > 3; i++, ms /= 10)
			out[used - i] = (char)('0' + ms % 10);
		out[used++] = ' ';
	}
	return used + (size_t)snprintf(out + used, 90, "%s | ", name);
}

/* Says what was lost, before anything else is written. 0, or it still cannot be written. */
static int tell_lost(struct log *log)
{
	char line[LOG_PREFIX + 200];
	size_t size = 0;
	ssize_t n;

	if (log->is_torn)
		line[size++] = '\n';
	size += add_prefix(log, loop_wall_ms(), "brood", line + size);
	size += (size_t)snprintf(line + size, 200, "lost %llu lines: cannot write the log: %s\n",
				 (unsigned long long)log->lost, strerror(log->error));
	n = sink_write(&log->sink, line, size);
	if (n < 0)
		return (int)n;
	log->is_torn = n > 0 && line[n - 1] != '\n';
	if ((size_t)n < size)
		return -EAGAIN; /* the next attempt says all of it */
	log->lost = 0;
	return 0;
}

static int drain(struct log *log)
{
	int rc = log->lost > 0 && waiting(log) > 0 ? tell_lost(log) : 0;

	while (rc == 0 && waiting(log) > 0) {
		ssize_t n = sink_write(&log->sink, log->pending + log->pending_sent, next_piece(log));

		if (n < 0)
			rc = (int)n;
		else
			log->pending_sent += (size_t)n;
	}
	if (rc < 0 && rc != -EAGAIN)
		lose(log, -rc);
	else if (rc == 0)
		forget_pending(log);
	return rc;
}

static void flush(struct log *log)
{
	uint64_t dropped = log->dropped;

	if (drain(log) == 0 && dropped > 0) {
		log->dropped = 0;
		log_say(log, "dropped %llu lines: whoever reads this log was too slow",
			(unsigned long long)dropped);
	}
	/* looks for room only while something waits, so that an idle log wakes nobody */
	sink_await(&log->sink, waiting(log) > 0);
}

static void on_room(void *user)
{
	flush(user);
}

void log_hold(struct log *log)
{
	log->is_held = true;
}

void log_release(struct log *log)
{
	log->is_held = false;
	if (!log->sink.is_awaited)
		flush(log);
}

/* -------------------------------------------------------------------- lines */

static bool reserve(struct log *log, size_t size)
{
	size_t capacity = log->pending_capacity ? log->pending_capacity : 4096;
	char *grown;

	if (log->pending_sent > 0) {
		memmove(log->pending, log->pending + log->pending_sent, waiting(log));
		log->pending_size -= log->pending_sent;
		log->pending_sent = 0;
	}
	if (log->pending_size + size > LOG_PENDING)
		return false;
	while (capacity < log->pending_size + size)
		capacity *= 2;
	if (capacity == log->pending_capacity)
		return true;
	grown = realloc(log->pending, capacity);
	if (!grown)
		return false;
	log->pending = grown;
	log->pending_capacity = capacity;
	return true;
}

static void append(struct log *log, const char *text, size_t size)
{
	memcpy(log->pending + log->pending_size, text, size);
	log->pending_size += size;
}

void log_line(struct log *log, int64_t wall_ms, const char *name, const char *text, size_t size)
{
	char prefix[LOG_PREFIX];
	size_t used;

	if (!log->is_open)
		return;
	used = add_prefix(log, wall_ms, name, prefix);
	if (!reserve(log, used + size + 1)) {
		log->dropped++;
		return;
	}
	append(log, prefix, used);
	append(log, text, size);
	append(log, "\n", 1);
	if (!log->is_held && !log->sink.is_awaited)
		flush(log);
}

size_t log_time(int64_t wall_ms, char *out, size_t size)
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm parts;
	size_t n;

	if (!localtime_r(&seconds, &parts))
		return 0;
	n = strftime(out, size, "%Y-%m-%d %H:%M:%S", &parts);
	return n + (size_t)snprintf(out + n, size - n, ".%03d", (int)(wall_ms % 1000));
}

PRINTF_LIKE(2, 0) static void say(struct log *log, const char *format, va_list args)
{
	char raw[1024];
	char text[sizeof(raw) * ESCAPE_GROWTH];
	size_t size;

	vsnprintf(raw, sizeof(raw), format, args);
	size = escape_text(raw, strlen(raw), text, sizeof(text), NULL);
	log_line(log, loop_wall_ms(), "brood", text, size);
}

void log_say(struct log *log, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(log, format, args);
	va_end(args);
}

void log_note(struct log *log, const char *format, ...)
{
	va_list args;

	if (log->is_quiet)
		return;
	va_start(args, format);
	say(log, format, args);
	va_end(args);
}

/* ------------------------------------------------------------------- limits */

static void tell_unsaid(struct log *log)
{
	static const char *const of[LOG_KINDS] = {
#define KIND(name, what) [LOG_##name] = what,
#include "log_kind.def"
	};

	for (unsigned k = 0; k < LOG_KINDS; k++) {
		uint64_t unsaid = log->limits[k].unsaid;

		log->limits[k] = (struct log_limit){0};
		if (unsaid > 0)
			log_say(log, "%llu more lines about %s were left out", (unsigned long long)unsaid, of[k]);
	}
}

static void on_window_over(uv_timer_t *timer)
{
	tell_unsaid(timer->data);
}

bool log_may_say(const struct log *log, enum log_kind kind)
{
	return log->limits[kind].said < LOG_LIMIT_LINES;
}

void log_say_limited(struct log *log, enum log_kind kind, const char *format, ...)
{
	va_list args;

	if (!log_may_say(log, kind)) {
		log->limits[kind].unsaid++;
		return;
	}
	log->limits[kind].said++;
	if (!uv_is_active((uv_handle_t *)&log->window))
		uv_timer_start(&log->window, on_window_over, LOG_LIMIT_MS, 0);
	va_start(args, format);
	say(log, format, args);
	va_end(args);
}

/* ------------------------------------------------------------ the two ends */

int log_open(struct log *log, uv_loop_t *uv)
{
	int rc;

	*log = (struct log){.has_time = !is_journal(), .is_open = true};
	rc = sink_open(&log->sink, uv, on_room, log);
	if (rc < 0)
		return rc;
	uv_timer_init(uv, &log->window);
	uv_unref((uv_handle_t *)&log->window);
	log->window.data = log;
	return 0;
}

void log_close(struct log *log)
{
	if (!log->is_open)
		return;
	tell_unsaid(log);
	flush(log);
	log->is_open = false;
	uv_close((uv_handle_t *)&log->window, NULL);
	sink_close(&log->sink);
	free(log->pending);
	log->pending = NULL;
}
