/*
 * message: what a worker sends and takes of a call beyond one message each way, from any thread.
 *
 * A call gets an exchange when it first needs one, so that the usual call pays nothing for it.
 */
#include "request.h"

#include <errno.h>
#include <stdlib.h>

/* brood's own timer comes first, and with it the caller's answer; ours only helps when nothing comes at all. */
enum { DEADLINE_SLACK_MS = 500 };

static void tell(struct exchange *x);

/* What an exchange of a request is embedded in. */
struct dialogue {
	struct exchange x; /* first, so that freeing it frees all */
	brood_request_t *request;
};

struct exchange *request_exchange(brood_request_t *r)
{
	brood_t *b = r->b;
	struct dialogue *d;

	pthread_mutex_lock(&b->lock);
	d = r->x ? NULL : calloc(1, sizeof(*d));
	if (d) {
		d->request = r;
		inbox_open(&d->x.in, b->own.max_message, b->own.stream_window);
		d->x.deadline = INT64_MAX;
		d->x.in.has_ended = true; /* a request that goes on says otherwise */
		if (r->deadline != INT64_MAX)
			d->x.deadline = r->deadline + DEADLINE_SLACK_MS;
		d->x.is_over = atomic_load(&r->cancelled);
		exchange_join_locked(&d->x, b, r->id);
		r->x = &d->x;
	}
	pthread_mutex_unlock(&b->lock);
	return r->x;
}

static void tell(struct exchange *x)
{
	brood_request_t *r = ((struct dialogue *)x)->request;

	r->on_ready(r, r->ready_user);
}

int brood_recv(brood_request_t *request, const void **body_out, size_t *size_out, int timeout)
{
	*body_out = NULL;
	*size_out = 0;
	if (!request->is_taken && !request->is_empty) {
		request->is_taken = true;
		*body_out = brood_request_body(request, size_out);
		return 1;
	}
	return request->x ? exchange_recv(request->x, body_out, size_out, timeout) : 0;
}

static int refuse_streams(void)
{
	return fail(-EOPNOTSUPP, "cannot send a further message: this supervisor knows no streams");
}

int brood_send(brood_request_t *request, const void *body, size_t size, int timeout)
{
	brood_t *b = request->b;
	struct exchange *x;
	int rc;

	if (!(b->agreed.features & FEATURE_STREAM))
		return refuse_streams();
	if (size > b->agreed.max_message)
		return fail(-EMSGSIZE, "cannot send a message: %zu > max_message %u", size, b->agreed.max_message);
	x = request_exchange(request);
	if (!x)
		return fail(-ENOMEM, "cannot send a message: no memory");
	rc = exchange_send(x,
			   &(struct frame){.type = FRAME_DATA,
					   .flags = FLAG_EOM,
					   .id = request->id,
					   .body = body,
					   .body_size = (uint32_t)size},
			   timeout);
	if (rc == 0)
		request->has_answer = true;
	return rc;
}

int brood_send_headers(brood_request_t *request, const struct brood_meta *meta, size_t meta_count)
{
	struct meta_block block;
	int rc;

	if (!(request->b->agreed.features & FEATURE_STREAM))
		return refuse_streams();
	if (request->has_answer)
		return fail(-EALREADY, "cannot send initial metadata: once, before the first message");
	rc = meta_write(&block, NULL, NULL, meta, meta_count);
	if (rc < 0)
		return fail(rc, "cannot send initial metadata: %s", block.problem);
	rc = channel_send(request->b, &(struct frame){.type = FRAME_HEADERS,
						      .id = request->id,
						      .head = block.bytes,
						      .head_size = block.size});
	free(block.bytes);
	request->has_answer = true;
	return rc;
}

int brood_on_ready(brood_request_t *request, brood_handler ready, void *user)
{
	struct exchange *x = request_exchange(request);

	if (!x)
		return fail(-ENOMEM, "cannot watch a call: no memory");
	pthread_mutex_lock(&request->b->lock);
	x->ready = ready ? tell : NULL;
	request->on_ready = ready;
	request->ready_user = user;
	exchange_touch_locked(x); /* of what has come before */
	pthread_mutex_unlock(&request->b->lock);
	return 0;
}
