/*
 * log: lines for people, on stderr, without ever waiting for whoever reads them.
 *
 * Where stderr cannot take more at once, lines are kept (LOG_PENDING bytes at most), then dropped and counted; those
 * that it refused (a full disk, say) are counted too. The count is told as a line of its own when it takes lines
 * again. One record is one line; all text is escaped.
 */
#ifndef BROOD_LOG_H
#define BROOD_LOG_H

#include <uv.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attributes.h"
#include "sink.h"

enum { LOG_PENDING = 1 << 20, LOG_LINE = 16 << 10, LOG_PREFIX = 160 };

/* Of each kind of line that strangers can cause, so many are said in so long a time. */
enum { LOG_LIMIT_LINES = 10, LOG_LIMIT_MS = 10000 };
enum log_kind {
#define KIND(name, what) LOG_##name,
#include "log_kind.def"
	LOG_KINDS
};

struct log_limit {
	unsigned said;
	uint64_t unsaid;
};

struct log {
	struct sink sink;
	bool has_time; /* the journal writes its own */
	bool is_open;
	bool is_quiet; /* what goes as it should is left out */
	bool is_held; /* lines are collected */
	bool is_torn; /* what was written last ends in the middle of a line */
	char *pending;
	size_t pending_size;
	size_t pending_sent;
	size_t pending_capacity;
	uint64_t dropped; /* lines for which there was no room, since that was told last */
	uint64_t lost;    /* lines that could not be written, likewise */
	int error;        /* why */
	int64_t second;   /* the one that `stamp` is about */
	char stamp[40];
	struct log_limit limits[LOG_KINDS];
	uv_timer_t window; /* of the limits */
	unsigned floods;   /* outputs that say more than is read at once */
};

/* Finds out what stderr is. 0 or -errno. */
MUST_USE int log_open(struct log *log, uv_loop_t *uv);
/* Writes what can be written without waiting, then gives up. */
void log_close(struct log *log);

/* A line of brood's own: "TIME brood | text". The text is escaped. */
void log_say(struct log *log, const char *format, ...) PRINTF_LIKE(2, 3);
/* The same for what goes as it should: a start, an end that was wished. */
void log_note(struct log *log, const char *format, ...) PRINTF_LIKE(2, 3);
/* The same for what strangers can cause as often as they like: beyond a limit it is counted, and the count told. */
void log_say_limited(struct log *log, enum log_kind kind, const char *format, ...) PRINTF_LIKE(3, 4);
/* Would that be said now? */
bool log_may_say(const struct log *log, enum log_kind kind);
/* A line of a worker's: "TIME name | text"; text is escaped already. */
void log_line(struct log *log, int64_t wall_ms, const char *name, const char *text, size_t size);

/* Lines between the two are written together. */
void log_hold(struct log *log);
void log_release(struct log *log);

/* "2026-11-21 10:02:11.113", local time; returns its length. */
size_t log_time(int64_t wall_ms, char *out, size_t size);

#endif
