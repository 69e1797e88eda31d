/*
 * stream: a client's call of several messages. Like all of a client it belongs to the thread that drives the handle.
 *
 * It outlives its call, and its handle: what has come may still be taken, and how it ended be asked.
 */
#include "call.h"
#include "exchange.h"

#include <errno.h>
#include <stdlib.h>

struct brood_stream {
	struct exchange x; /* first, see stream_of() */
	bool is_sent;      /* the request has ended */
	bool has_headers;
	bool has_answer;
	struct brood_answer headers; /* of which only the metadata means anything */
	struct brood_answer answer;
	brood_stream_handler on_ready;
	void *user;
};

static brood_stream_t *stream_of(struct exchange *x)
{
	return (brood_stream_t *)x;
}

static void tell(struct exchange *x)
{
	brood_stream_t *s = stream_of(x);

	s->on_ready(s, s->user);
}

/* ------------------------------------------------------------ begin and end */

static int open_stream(brood_t *b, const char *method, const void *body, size_t size,
		       const struct brood_call_options *options, bool goes_on, brood_stream_t **stream_out)
{
	brood_stream_t *s = calloc(1, sizeof(*s));
	uint32_t id;
	int rc;

	*stream_out = NULL;
	if (!s)
		return fail(-ENOMEM, "cannot call: no memory");
	inbox_open(&s->x.in, b->own.max_message, b->own.stream_window);
	s->x.takes = true;
	s->x.deadline = INT64_MAX; /* the call's own ends it */
	s->is_sent = !goes_on;
	s->answer.text = s->headers.text = "";
	rc = outgoing_stream(b, method, body, size, options, s, goes_on, &id);
	if (rc < 0) {
		free(s);
		return rc;
	}
	pthread_mutex_lock(&b->lock);
	exchange_join_locked(&s->x, b, id);
	pthread_mutex_unlock(&b->lock);
	*stream_out = s;
	return 0;
}

int brood_stream_call(brood_t *client, const char *method, const void *body, size_t size,
		      const struct brood_call_options *options, brood_stream_t **stream_out)
{
	return open_stream(client, method, body, size, options, false, stream_out);
}

int brood_stream_open(brood_t *client, const char *method, const struct brood_call_options *options,
		      brood_stream_t **stream_out)
{
	return open_stream(client, method, NULL, 0, options, true, stream_out);
}

void brood_stream_free(brood_stream_t *stream)
{
	brood_t *b;

	if (!stream)
		return;
	b = stream->x.b;
	if (b) {
		if (!stream->has_answer)
			call_abandon(b, stream->x.id, "its stream was freed");
		pthread_mutex_lock(&b->lock);
		exchange_leave_locked(&stream->x);
		pthread_mutex_unlock(&b->lock);
		channel_flush(b);
	} else {
		exchange_leave_locked(&stream->x);
	}
	brood_answer_free(&stream->headers);
	brood_answer_free(&stream->answer);
	free(stream);
}

int brood_stream_cancel(brood_stream_t *stream)
{
	if (!stream->x.b || stream->has_answer)
		return fail(-ENOENT, "cannot cancel the call: it is over");
	return brood_cancel(stream->x.b, stream->x.id);
}

/* --------------------------------------------------------------- coming in */

void stream_headers(brood_stream_t *s, const struct frame *f)
{
	brood_t *b = s->x.b;

	if (s->has_headers || answer_of_frame(f, &s->headers) < 0)
		return;
	s->has_headers = true;
	pthread_mutex_lock(&b->lock);
	exchange_touch_locked(&s->x);
	pthread_mutex_unlock(&b->lock);
}

/* An error without a body has no message, however its REPLY is flagged. */
static bool has_message(const brood_stream_t *s, const struct frame *f)
{
	return f->flags & FLAG_EOM &&
	       (frame_status_code(f->arg) == CODE_OK || f->body_size > 0 || s->x.in.assembly.first);
}

enum assembly_result stream_receive(brood_stream_t *s, const struct frame *f)
{
	struct frame data = *f;

	if (f->type == FRAME_REPLY && !has_message(s, f))
		return f->body_size > 0 ? ASSEMBLY_BROKEN : ASSEMBLY_WHOLE;
	data.type = FRAME_DATA;
	data.nfds = 0;
	data.fds = NULL; /* those are the answer's */
	data.head_size = 0;
	data.flags &= FLAG_EOM;
	return exchange_add(s->x.b, &data);
}

void stream_finish(brood_stream_t *s, const struct brood_answer *answer)
{
	brood_t *b = s->x.b;

	s->answer = *answer;
	s->has_answer = true;
	if (!b)
		return; /* it ends inside the call that was to open it */
	pthread_mutex_lock(&b->lock);
	inbox_end(&s->x.in);
	pthread_mutex_unlock(&b->lock);
	exchange_end(&s->x);
}

int brood_stream_recv(brood_stream_t *stream, const void **body_out, size_t *size_out, int timeout)
{
	struct inbox *in = &stream->x.in;

	*body_out = NULL;
	*size_out = 0;
	if (stream->x.b)
		return exchange_recv(&stream->x, body_out, size_out, timeout);
	if (!inbox_take(in))
		return 0;
	*body_out = in->taken->frame.body;
	*size_out = in->taken->frame.body_size;
	return 1;
}

/* Is it known what initial metadata there is? */
static bool knows_headers(const brood_stream_t *s)
{
	return s->has_headers || s->has_answer || s->x.in.first || s->x.in.taken;
}

int brood_stream_headers(brood_stream_t *stream, const struct brood_meta **meta_out, size_t *count_out,
			 int timeout)
{
	brood_t *b = stream->x.b;
	int64_t until = exchange_until(timeout);
	int rc = 0;

	*meta_out = NULL;
	*count_out = 0;
	while (b && !knows_headers(stream) && rc == 0) {
		pthread_mutex_lock(&b->lock);
		rc = timeout == 0 ? -EAGAIN : exchange_wait_locked(&stream->x, until);
		pthread_mutex_unlock(&b->lock);
		if (rc == -EAGAIN)
			return fail(rc, "cannot tell the initial metadata yet");
		if (rc < 0)
			return fail(rc, "cannot wait for the initial metadata here");
	}
	*meta_out = stream->headers.meta;
	*count_out = stream->headers.meta_count;
	return 0;
}

const struct brood_answer *brood_stream_answer(const brood_stream_t *stream)
{
	return stream->has_answer ? &stream->answer : NULL;
}

/* ---------------------------------------------------------------- going out */

static int check_open(const brood_stream_t *s)
{
	if (s->has_answer || !s->x.b)
		return fail(-ECANCELED, "cannot send a message: the call is over");
	return s->is_sent ? fail(-EINVAL, "cannot send a message: the request has ended") : 0;
}

int brood_stream_send(brood_stream_t *stream, const void *body, size_t size, int timeout)
{
	struct frame f = {.type = FRAME_DATA, .flags = FLAG_EOM, .id = stream->x.id, .body = body};
	int rc = check_open(stream);

	if (rc < 0)
		return rc;
	if (size > stream->x.b->agreed.max_message)
		return fail(-EMSGSIZE, "cannot send a message: %zu > max_message %u", size,
			    stream->x.b->agreed.max_message);
	f.body_size = (uint32_t)size;
	return exchange_send(&stream->x, &f, timeout);
}

int brood_stream_end(brood_stream_t *stream)
{
	struct frame f = {.type = FRAME_DATA, .flags = FLAG_EOS, .id = stream->x.id};
	brood_t *b = stream->x.b;
	int rc;

	if (stream->is_sent)
		return 0;
	rc = check_open(stream);
	if (rc < 0)
		return rc;
	stream->is_sent = true;
	pthread_mutex_lock(&b->lock);
	rc = channel_send_message_locked(b, &f);
	if (rc == 0)
		channel_flush_locked(b);
	pthread_mutex_unlock(&b->lock);
	return rc;
}

void brood_stream_on_ready(brood_stream_t *stream, brood_stream_handler ready, void *user)
{
	brood_t *b = stream->x.b;

	stream->on_ready = ready;
	stream->user = user;
	stream->x.ready = ready ? tell : NULL;
	if (!b)
		return;
	pthread_mutex_lock(&b->lock);
	exchange_touch_locked(&stream->x); /* of what has come before */
	pthread_mutex_unlock(&b->lock);
}
