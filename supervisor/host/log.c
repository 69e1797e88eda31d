/*
 * log: the sink.
 *
 * stderr is shared with whoever started brood, so its O_NONBLOCK is not touched: a pipe or terminal is opened
 * anew through /proc, a socket is written with MSG_DONTWAIT, a regular file never blocks.
 */
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "escape.h"
#include "loop.h"

static void on_room(uv_poll_t *poll, int status, int events);

/* Does the journal read our stderr? Then it adds the time itself. */
static bool is_journal(const struct stat *st)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char own[64];

	snprintf(own, sizeof(own), "%llu:%llu", (unsigned long long)st->st_dev,
		 (unsigned long long)st->st_ino);
	return stream && strcmp(stream, own) == 0;
}

int log_open(struct log *log, uv_loop_t *uv)
{
	struct stat st;
	int rc = 0;

	*log = (struct log){.fd = STDERR_FILENO, .way = LOG_DIRECT, .has_time = true, .is_open = true};
	if (fstat(STDERR_FILENO, &st) < 0)
		return 0;
	log->has_time = !is_journal(&st);
	if (S_ISSOCK(st.st_mode)) {
		log->way = LOG_SOCKET;
	} else if (S_ISFIFO(st.st_mode) || (S_ISCHR(st.st_mode) && isatty(STDERR_FILENO))) {
		int fd = open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

		if (fd >= 0) {
			log->fd = fd;
			log->way = LOG_POLLED;
		}
	}
	if (log->way != LOG_DIRECT) {
		rc = uv_poll_init(uv, &log->poll, log->fd);
		log->poll.data = log;
		if (rc < 0)
			log->way = LOG_DIRECT;
	}
	return rc;
}

static ssize_t write_some(const struct log *log, struct iovec *vector, int entries)
{
	struct msghdr m = {.msg_iov = vector, .msg_iovlen = (size_t)entries};
	ssize_t n;

	do {
		n = log->way == LOG_SOCKET ? sendmsg(log->fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL)
					   : writev(log->fd, vector, entries);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

/* Looks for room only while something waits, so that an idle log wakes nobody. */
static void look(struct log *log)
{
	bool waits = log->pending_size > log->pending_sent && log->way != LOG_DIRECT;

	if (waits == log->waits)
		return;
	log->waits = waits;
	if (waits)
		uv_poll_start(&log->poll, UV_WRITABLE, on_room);
	else
		uv_poll_stop(&log->poll);
}

static void drain(struct log *log)
{
	while (log->pending_sent < log->pending_size) {
		struct iovec rest = {log->pending + log->pending_sent, log->pending_size - log->pending_sent};
		ssize_t n = write_some(log, &rest, 1);

		if (n == -EAGAIN)
			return;
		if (n < 0)
			break; /* nobody will ever read it: what waits is lost, the next line tries anew */
		log->pending_sent += (size_t)n;
	}
	log->pending_sent = log->pending_size = 0;
}

static bool reserve(struct log *log, size_t size)
{
	size_t capacity = log->pending_capacity ? log->pending_capacity : 4096;
	char *grown;

	if (log->pending_sent > 0) {
		memmove(log->pending, log->pending + log->pending_sent,
			log->pending_size - log->pending_sent);
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

/* Keeps all of the line that was not written: a line is never torn. */
static bool keep_rest(struct log *log, const struct iovec *vector, int entries, size_t sent)
{
	size_t size = 0;

	for (int i = 0; i < entries; i++)
		size += vector[i].iov_len;
	if (sent == size)
		return true;
	if (!reserve(log, size - sent))
		return sent > 0; /* half a line is out and the rest does not fit: only without memory */
	for (int i = 0; i < entries; i++) {
		size_t skip = sent < vector[i].iov_len ? sent : vector[i].iov_len;

		memcpy(log->pending + log->pending_size, (char *)vector[i].iov_base + skip,
		       vector[i].iov_len - skip);
		log->pending_size += vector[i].iov_len - skip;
		sent -= skip;
	}
	return true;
}

/* One whole line in pieces, newline included. */
static void put(struct log *log, struct iovec *vector, int entries)
{
	size_t sent = 0;

	if (!log->is_open)
		return;
	if (log->pending_size == log->pending_sent) {
		ssize_t n = write_some(log, vector, entries);

		if (n < 0 && n != -EAGAIN)
			return;
		sent = n > 0 ? (size_t)n : 0;
	}
	if (!keep_rest(log, vector, entries, sent)) {
		log->dropped++;
		log->dropped_in_all++;
	}
	look(log);
}

static void tell_dropped(struct log *log)
{
	uint64_t dropped = log->dropped;

	log->dropped = 0;
	log_say(log, "dropped %llu lines: whoever reads this log was too slow", (unsigned long long)dropped);
}

static void on_room(uv_poll_t *poll, int status, int events)
{
	struct log *log = poll->data;

	(void)status;
	(void)events;
	drain(log);
	if (log->dropped > 0 && log->pending_size == 0)
		tell_dropped(log);
	look(log);
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

void log_line(struct log *log, int64_t wall_ms, const char *name, const char *text, size_t size)
{
	char prefix[160];
	char newline[] = "\n";
	size_t used = 0;
	struct iovec vector[3];

	if (log->has_time) {
		used = log_time(wall_ms, prefix, 64);
		prefix[used++] = ' ';
	}
	used += (size_t)snprintf(prefix + used, 90, "%s | ", name);
	vector[0] = (struct iovec){prefix, used};
	memcpy(&vector[1].iov_base, &text, sizeof(text)); /* iovec is not const, writev only reads */
	vector[1].iov_len = size;
	vector[2] = (struct iovec){newline, 1};
	put(log, vector, 3);
}

void log_say(struct log *log, const char *format, ...)
{
	char raw[1024];
	char text[sizeof(raw) * ESCAPE_GROWTH];
	va_list args;
	size_t size;

	va_start(args, format);
	vsnprintf(raw, sizeof(raw), format, args);
	va_end(args);
	size = escape_text(raw, strlen(raw), text, sizeof(text), NULL);
	log_line(log, loop_wall_ms(), "brood", text, size);
}

void log_close(struct log *log)
{
	if (!log->is_open)
		return;
	drain(log);
	if (log->dropped > 0)
		tell_dropped(log);
	drain(log);
	log->is_open = false;
	if (log->way != LOG_DIRECT)
		uv_close((uv_handle_t *)&log->poll, NULL);
	if (log->fd != STDERR_FILENO)
		close(log->fd);
	free(log->pending);
	log->pending = NULL;
}
