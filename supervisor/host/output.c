/* output: from bytes to lines. */
#include "output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "escape.h"
#include "instance.h"
#include "loop.h"
#include "supervisor.h"

/*
 * A turn ends after so many bytes or lines. At most QUICK_TURNS within EVERY_MS: then many lines come by one read, and
 * are written by one write. After a turn that did not read all, the pause is as long whatever came before, and longer
 * where many floods would together leave no time for anything else.
 */
enum {
	TURN_BYTES = 64 << 10,
	TURN_LINES = 512,
	QUICK_TURNS = 4,
	EVERY_MS = 10,
	FLOODS_SERVED = 4,    /* that many in EVERY_MS */
	CHUNK_LEAST = 1 << 10, /* what one read() takes: it may be as many lines */
	CHUNK_MOST = 4 << 10,
	LAST_LINES = 8192, /* of a process that has ended, what is still in its pipe */
	LAST_BYTES = 256 << 10,
};

/* What a turn has come to. */
enum heard { HEARD_ALL, HEARD_ENOUGH, HEARD_END };

static void on_ready(uv_poll_t *poll, int status, int events);

/* One line, or a part of one that is too long, escaped and passed on. */
static void tell(struct output *o, const char *text, size_t size)
{
	char *escaped = o->instance->s->line;

	o->told++;
	do {
		size_t used;
		size_t length = escape_text(text, size, escaped, OUTPUT_LINE, &used);

		instance_said(o->instance,
			      &(struct history_line){.wall_ms = o->wall_ms,
						     .generation = o->instance->generation,
						     .size = (uint16_t)length,
						     .stream = (uint8_t)o->stream,
						     .is_continued = o->is_continued},
			      escaped);
		text += used;
		size -= used;
		o->is_continued = size > 0;
	} while (size > 0);
}

static bool keep(struct output *o, const char *text, size_t size)
{
	if (o->partial_size + size > o->partial_capacity) {
		size_t capacity = o->partial_capacity ? o->partial_capacity : 256;
		char *grown;

		while (capacity < o->partial_size + size)
			capacity *= 2;
		grown = realloc(o->partial, capacity);
		if (!grown)
			return false;
		o->partial = grown;
		o->partial_capacity = capacity;
	}
	memcpy(o->partial + o->partial_size, text, size);
	o->partial_size += size;
	return true;
}

static void end_partial(struct output *o)
{
	tell(o, o->partial, o->partial_size);
	free(o->partial);
	o->partial = NULL;
	o->partial_size = o->partial_capacity = 0;
}

/* What of `text` goes behind the line that is under way; returns how much was used. */
static size_t add_to_partial(struct output *o, const char *text, size_t size)
{
	const char *newline = memchr(text, '\n', size);
	size_t part = newline ? (size_t)(newline - text) : size;
	size_t room = OUTPUT_LINE - o->partial_size;
	bool is_long = part > room;

	if (is_long)
		part = room;
	if (!keep(o, text, part) || is_long || newline) {
		end_partial(o);
		o->is_continued = is_long;
	}
	return part + (newline && !is_long);
}

static void take(struct output *o, const char *text, size_t size)
{
	while (size > 0) {
		const char *newline = memchr(text, '\n', size);
		size_t used;

		if (o->partial_size > 0 || !newline || newline - text > OUTPUT_LINE) {
			used = add_to_partial(o, text, size);
		} else {
			tell(o, text, (size_t)(newline - text));
			o->is_continued = false;
			used = (size_t)(newline - text) + 1;
		}
		text += used;
		size -= used;
	}
}

static enum heard hear(struct output *o, size_t bytes_most, unsigned lines_most)
{
	char *buffer = (char *)o->instance->s->buffer;
	size_t size = CHUNK_LEAST;
	size_t bytes = 0;

	o->told = 0;
	while (bytes < bytes_most && o->told < lines_most) {
		ssize_t n = read(o->fd, buffer, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return HEARD_ALL;
		if (n <= 0)
			return HEARD_END;
		o->wall_ms = loop_wall_ms();
		take(o, buffer, (size_t)n);
		bytes += (size_t)n;
		if (size < CHUNK_MOST)
			size *= 2;
	}
	return HEARD_ENOUGH;
}

static void set_flood(struct output *o, bool is_flood)
{
	struct log *log = &o->instance->s->log;

	if (is_flood && !o->is_flood)
		log->floods++;
	if (!is_flood && o->is_flood)
		log->floods--;
	o->is_flood = is_flood;
}

static void on_closed(uv_handle_t *handle)
{
	struct output *o = handle->data;

	if (--o->handles == 0)
		o->closed(handle);
}

/* First the handles, then the descriptor: uv_close() touches the number, which may be another's by then. */
static void end(struct output *o)
{
	if (o->partial_size > 0)
		end_partial(o);
	set_flood(o, false);
	uv_close((uv_handle_t *)&o->poll, on_closed);
	uv_close((uv_handle_t *)&o->pause, on_closed);
	close(o->fd);
	o->fd = -1;
}

static void on_pause_over(uv_timer_t *timer)
{
	struct output *o = timer->data;

	uv_poll_start(&o->poll, UV_READABLE, on_ready);
}

/* After a turn: may the next one follow at once? */
static void pace(struct output *o)
{
	const struct supervisor *s = o->instance->s;
	uint64_t now = uv_now(&s->uv);
	uint64_t pause = EVERY_MS;

	if (now - o->since >= EVERY_MS) {
		o->since = now;
		o->turns = 0;
	}
	o->turns++;
	if (o->instance->has_exited || (!o->is_flood && o->turns < QUICK_TURNS))
		return;
	if (o->is_flood && s->log.floods > FLOODS_SERVED)
		pause = EVERY_MS * s->log.floods / FLOODS_SERVED;
	uv_poll_stop(&o->poll);
	uv_timer_start(&o->pause, on_pause_over, pause, 0);
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
	struct output *o = poll->data;
	struct log *log = &o->instance->s->log;
	enum heard heard;

	(void)events;
	(void)status;
	log_hold(log);
	heard = hear(o, TURN_BYTES, TURN_LINES);
	if (heard == HEARD_END)
		end(o);
	log_release(log);
	if (heard == HEARD_END) {
		instance_output_ended(o->instance);
		return;
	}
	set_flood(o, heard == HEARD_ENOUGH);
	pace(o);
}

int output_open(struct output *o, struct instance *instance, enum history_stream stream, int fd,
		uv_close_cb closed)
{
	struct supervisor *s = instance->s;
	int rc;

	*o = (struct output){.instance = instance, .stream = stream, .fd = fd, .closed = closed};
	rc = uv_poll_init(&s->uv, &o->poll, fd);
	if (rc < 0) {
		close(fd);
		o->fd = -1;
		return rc;
	}
	uv_timer_init(&s->uv, &o->pause);
	o->poll.data = o->pause.data = o;
	o->handles = 2;
	return uv_poll_start(&o->poll, UV_READABLE, on_ready);
}

/* Says what would take too long to read at once. */
static void tell_unread(const struct output *o)
{
	char name[64];
	int left = 0;

	if (ioctl(o->fd, FIONREAD, &left) == 0 && left > 0)
		log_say(&o->instance->s->log, "%s: %d bytes of its last output were not read",
			instance_name(o->instance, name, sizeof(name)), left);
}

void output_close(struct output *o)
{
	struct log *log;

	if (o->fd < 0)
		return;
	log = &o->instance->s->log;
	log_hold(log);
	if (hear(o, LAST_BYTES, LAST_LINES) == HEARD_ENOUGH)
		tell_unread(o);
	end(o);
	log_release(log);
}
