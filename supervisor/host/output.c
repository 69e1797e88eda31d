/* output: from bytes to lines. */
#include "output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "escape.h"
#include "instance.h"
#include "loop.h"
#include "supervisor.h"

enum { READS_MOST = 4 };

/* One line, or a part of one that is too long, escaped and passed on. */
static void tell(struct output *o, const char *text, size_t size)
{
	char *escaped = o->instance->s->line;

	do {
		size_t used;
		size_t length = escape_text(text, size, escaped, OUTPUT_LINE, &used);

		instance_said(o->instance,
			      &(struct history_line){.wall_ms = loop_wall_ms(),
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

/* True at the end of the stream. */
static bool read_some(struct output *o)
{
	char *buffer = (char *)o->instance->s->buffer;

	for (int i = 0; i < READS_MOST; i++) {
		ssize_t n = read(o->fd, buffer, HOST_READ_SIZE);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return false;
		if (n <= 0)
			return true;
		take(o, buffer, (size_t)n);
	}
	return false;
}

/* First the handle, then the descriptor: uv_close() touches the number, which may be another's by then. */
static void end(struct output *o)
{
	if (o->partial_size > 0)
		end_partial(o);
	uv_close((uv_handle_t *)&o->poll, o->closed);
	close(o->fd);
	o->fd = -1;
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
	struct output *o = poll->data;

	(void)events;
	(void)status;
	if (!read_some(o))
		return;
	end(o);
	instance_output_ended(o->instance);
}

void output_open(struct output *o, struct instance *instance, enum history_stream stream, int fd,
		 uv_close_cb closed)
{
	*o = (struct output){.instance = instance, .stream = stream, .fd = fd, .closed = closed};
	if (uv_poll_init(&instance->s->uv, &o->poll, fd) < 0) {
		close(fd);
		o->fd = -1;
		return;
	}
	o->poll.data = o;
	uv_poll_start(&o->poll, UV_READABLE, on_ready);
}

void output_close(struct output *o)
{
	if (o->fd < 0)
		return;
	(void)read_some(o);
	end(o);
}
